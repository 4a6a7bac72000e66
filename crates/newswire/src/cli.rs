//! The command line: every command, option and help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use events::Timestamp;

/// Feeds in, clean story events out, continuously.
///
/// Watches news feeds, downloads each article politely, keeps the article and throws the page
/// away, and publishes each story as one well-described event: on Kafka, or in one SQLite file.
#[derive(Debug, Parser)]
#[command(name = "newswire", version, arg_required_else_help = true)]
#[command(after_help = "First minutes: `newswire demo`, and `newswire tail --demo` in another \
                        terminal.\nExit codes: 0 done, 1 failed, 2 wrong usage or config.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which configuration, and so which log.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Configuration file [default: newswire.toml in the current folder, if there is one]
    #[arg(short = 'c', long = "config", value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Use the log of the demo that runs (or ran) in the current folder
    #[arg(long, global = true, conflicts_with = "config")]
    pub(crate) demo: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything at once over a built-in newsroom: no internet, no Kafka; its log is
    /// newswire-demo.db in the current folder, emptied at each start
    Demo(Demo),
    /// All stages in one process; over the embedded log unless [kafka] is configured
    Up,
    /// One daemon on Kafka: polls feeds, downloads pages
    Fetcher,
    /// One daemon on Kafka: keeps the articles of pages
    Extractor,
    /// One daemon on Kafka: identifies, versions, compares and publishes stories
    Publisher,
    /// Subscriptions
    #[command(subcommand)]
    Feeds(Feeds),
    /// Follow a topic
    Tail(Tail),
    /// Records that could not be processed
    #[command(subcommand)]
    DeadLetters(DeadLetters),
    /// The publisher again over stored articles, into topics of another prefix
    #[command(long_about = "Runs the publisher again over the stored articles of a time range, \
        into the topics stories, stories-latest and groups of another prefix. What was published \
        before the range is learnt from `stories`. The same range gives the same bytes; from the \
        beginning of `articles` it gives those of the original. Read them with `newswire tail \
        --prefix`.")]
    Replay(Replay),
    /// Take a story down for good: a withdrawn event, and no return
    Withdraw {
        /// Story id, or its URL
        #[arg(value_name = "ID|URL")]
        story: String,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Topics as they are, and what is wrong with them
    Topics {
        /// Create those that are missing
        #[arg(long)]
        create: bool,
    },
    /// JSON Schema of the public records
    Schema {
        /// stories, stories-latest (the same records) or groups [default: stories and groups]
        topic: Option<String>,
    },
    /// Check the configuration and show every value with where it comes from
    CheckConfig,
    /// Feeds, lag, fates and faults, read from the log
    Status {
        /// One JSON object
        #[arg(long)]
        json: bool,
        /// Only ask the process on this machine whether it is ready; exit 1 if not
        #[arg(long, conflicts_with = "json")]
        ready: bool,
    },
    /// State of the stages
    #[command(subcommand)]
    State(State),
    /// What a feed document says: one JSON line a file
    ParseFeed(ParseFeed),
    /// The article of a page as JSON
    Extract(Extract),
    /// Groups and copies among JSON lines on standard input
    #[command(long_about = "Groups and copies among JSON lines {\"id\",\"title\",\"text\",\
        \"published_at\",\"language\",\"publisher\",\"url\"} on standard input, in order of \
        arrival: the publisher's own code, run offline. Writes one line \
        {\"id\",\"group\",\"duplicate_of\"} for each, in the same order.")]
    Group {
        /// What each story's event said when it was published, without groups joined later
        #[arg(long)]
        as_published: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Ends after this many stories
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u64>,
    /// Speed of the newsroom's day
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0)]
    pub(crate) pace: f64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Feeds {
    /// Subscribe, or change a subscription
    Add(AddFeeds),
    /// Unsubscribe
    Remove {
        /// URLs or feed ids
        #[arg(required = true)]
        feeds: Vec<String>,
    },
    /// All subscriptions, with how they fare
    List {
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Everything known of a feed, or the feeds of a page; asks the web once
    Check(CheckFeed),
    /// Make the subscriptions that come from the configuration file those that are in it now
    Sync {
        /// Only say what would change
        #[arg(long)]
        dry_run: bool,
    },
    /// Subscribe the feeds of OPML files; folders and categories become tags
    Import {
        /// OPML files; `-` is standard input
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Tag for all of them, carried into events; may be repeated
        #[arg(long = "tag", value_name = "TAG")]
        tags: Vec<String>,
        /// Take the names of the environment variables with credentials that a list gives; only of
        /// your own lists, for each value is sent to the server of its feed
        #[arg(long)]
        with_auth: bool,
    },
    /// Write all subscriptions as OPML 2.0; importing it gives the same subscriptions again (where
    /// some have credentials, with --with-auth)
    Export {
        /// File to write [default: standard output]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct CheckFeed {
    /// URL of a feed or of any page of a site; or the id of a subscribed feed
    pub(crate) feed: String,
    /// Only what the log knows: nothing is asked on the web
    #[arg(long)]
    pub(crate) offline: bool,
    /// Latest entries shown
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub(crate) entries: usize,
    /// One JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct AddFeeds {
    /// Feed URLs
    #[arg(required = true)]
    pub(crate) urls: Vec<String>,
    /// Title, where the feed's own is not wanted
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// Tag carried into events; may be repeated
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// Where the text comes from
    #[arg(long, value_enum, default_value_t = FullTextChoice::Auto)]
    pub(crate) full_text: FullTextChoice,
    /// Never poll more often than this, such as 15m
    #[arg(long, value_name = "DURATION")]
    pub(crate) min_interval: Option<String>,
    /// Request header such as 'X-Client: newswire', no secret; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    /// Environment variable with user:password for HTTP basic authentication
    #[arg(long, value_name = "VARIABLE", conflicts_with = "bearer_env")]
    pub(crate) basic_env: Option<String>,
    /// Environment variable with a bearer token
    #[arg(long, value_name = "VARIABLE")]
    pub(crate) bearer_env: Option<String>,
    /// Keep the subscription but do not poll it
    #[arg(long)]
    pub(crate) paused: bool,
    /// Do not ask for its pages again to see whether they changed or are gone
    #[arg(long)]
    pub(crate) no_revisits: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FullTextChoice {
    /// Decided by evidence
    Auto,
    /// The feed carries the whole text
    Feed,
    /// Always fetch the page
    Page,
}

#[derive(Debug, Args)]
pub(crate) struct Tail {
    /// Short name of the topic
    #[arg(long, value_name = "NAME", default_value = "stories")]
    pub(crate) topic: String,
    /// Everything that is there, then what comes
    #[arg(long)]
    pub(crate) from_beginning: bool,
    /// End after this many records
    #[arg(long, value_name = "N")]
    pub(crate) max: Option<u64>,
    /// Prefix of the topic, where it is not the configured one: output of a replay
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// End when there is nothing more to read
    #[arg(short = 'e', long)]
    pub(crate) exit_at_end: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// From the first article that is not older, such as 2025-12-02T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Timestamp,
    /// Up to the first article that is not older [default: all there are]
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<Timestamp>,
    /// Put before the names of the topics written, such as `replay1.`
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: String,
    /// Make the articles anew from the stored pages
    #[arg(long)]
    pub(crate) from_pages: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// One line each; replayed ones are left out
    List {
        #[command(flatten)]
        which: WhichLetters,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// One of them, whole, as JSON
    Show {
        /// Its offset
        offset: i64,
    },
    /// Put them back where they came from, once
    Replay {
        #[command(flatten)]
        which: WhichLetters,
        /// Offsets [default: all that fit --topic and --reason]
        offsets: Vec<i64>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum State {
    /// Drop state records that cannot be read, after copying them to the dead letters
    #[command(
        long_about = "Drops the records that make a stage stop a partition: corrupt ones, and \
        those of a newer release. Each is copied to the dead letters first, in the same \
        transaction, and can be put back from there. What is forgotten by that may be published a \
        second time: where a newer release wrote the record, going back to that release is better. \
        Stages take the partition up again when they are started anew."
    )]
    Repair {
        /// Only show what would be dropped; exit 1 if there is anything
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhichLetters {
    /// Only those from this topic (short name)
    #[arg(long, value_name = "NAME")]
    pub(crate) topic: Option<String>,
    /// Only those with this reason
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
}

/// An address that a page or feed can come from.
fn absolute_url(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text.to_owned()),
        Ok(_) | Err(_) => {
            Err("no absolute URL of http or https, such as https://example.org/a".to_owned())
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ParseFeed {
    /// Where the documents came from: relative links are resolved against it
    #[arg(long, value_name = "URL", value_parser = absolute_url)]
    pub(crate) url: Option<String>,
    /// HTTP header that belongs to the documents, such as 'Content-Type: …'; may be repeated
    #[arg(long = "header", value_name = "HEADER")]
    pub(crate) headers: Vec<String>,
    /// Feed documents, plain or gzip; - is standard input
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Extract {
    /// Where the page came from
    #[arg(long, value_name = "URL", value_parser = absolute_url)]
    pub(crate) url: Option<String>,
    /// Read lines {"id","url","path"} on standard input, write lines {"id", …article} in order
    #[arg(long, conflicts_with_all = ["url", "file"])]
    pub(crate) batch: bool,
    /// A page, plain or gzip; - is standard input
    #[arg(required_unless_present = "batch")]
    pub(crate) file: Option<PathBuf>,
}
