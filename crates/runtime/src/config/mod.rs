//! The config: one TOML file and the environment, read into typed values. Every key has its
//! default here; what is wrong is told with its place and what is wanted instead.
//!
//! Nothing is derived by `serde`: each key is asked for by name, so that errors, unknown keys and
//! the table of `newswire check-config` (which value, from where) come from the same few lines.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

mod check;
mod error;
mod kafka;
mod lists;
mod reader;
mod setting;
mod topics;
mod units;

#[cfg(test)]
mod tests;

pub use error::{ConfigError, Problem, Problems};
pub use kafka::{Kafka, Property};
pub use lists::{FeedConfig, SiteConfig};
pub use reader::{EffectiveValue, ValueOrigin};
pub use topics::{TopicConfig, known_topics};
pub use units::{ByteSize, Network, ParseUnitError, TimeSpan};

use reader::{Reader, Section, Source};
use setting::{Choice, Fault, Setting, Value};

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// `[kafka]`: the cluster; `None` (absent) is the embedded log.
    pub kafka: Option<Kafka>,
    /// `[embedded]`: the log in one file.
    pub embedded: Embedded,
    /// `[fetch]`: outgoing requests.
    pub fetch: Fetch,
    /// `[publish]`: what becomes a story.
    pub publish: Publish,
    /// `[run]`: the process.
    pub run: Run,
    /// `[server]`: health, metrics, WebSub call-back.
    pub server: Server,
    /// `[topics.NAME]` by short name: what differs from the design's topics.
    pub topics: BTreeMap<String, TopicConfig>,
    /// `[[feeds]]`: subscriptions of the file, in its order.
    pub feeds: Vec<FeedConfig>,
    /// `[[sites]]`: what differs for a site, in the file's order.
    pub sites: Vec<SiteConfig>,
}

/// `[embedded]`: the log in one SQLite file, used where `[kafka]` is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedded {
    /// The file; relative to the working directory. Default `newswire.db`.
    pub path: PathBuf,
    /// Bytes; at this size the oldest consumed records go, then the stages pause. At least 64 MiB.
    /// Default `20GiB`.
    pub max_size: ByteSize,
}

impl Default for Embedded {
    fn default() -> Self {
        Self { path: PathBuf::from("newswire.db"), max_size: ByteSize::from_gib(20) }
    }
}

/// `[fetch]`: outgoing requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Sent with each request; names the operator's address, so that a publisher can complain.
    pub user_agent: String,
    /// Networks exempt from the private-address block. Default: none.
    pub allow_networks: Vec<Network>,
    /// Shortest time between two polls of a feed. Default `5m`.
    pub min_interval: TimeSpan,
    /// Longest time between two polls of a feed. Default `24h`.
    pub max_interval: TimeSpan,
    /// Time between two requests to a site. Default `5s`.
    pub site_spacing: TimeSpan,
    /// Requests to a site that may follow each other at once. Default 2.
    pub site_burst: u32,
    /// For one request, from connecting to the last byte. Default `30s`.
    pub timeout: TimeSpan,
    /// Bytes of a body after decompression; at most 8 MiB. Default `5MiB`.
    pub max_body: ByteSize,
    /// Whether robots.txt is honoured. Default true.
    pub robots: bool,
    /// Entries of a document of which none was known (a new feed, one that was renumbered) and
    /// pages of sitemaps that are older are marked `backfill`. Default `24h`.
    pub backfill: TimeSpan,
    /// Ages at which an article is fetched again. Default `1h`, `24h`, `7d`; empty: never.
    pub revisit: Vec<TimeSpan>,
}

impl Default for Fetch {
    fn default() -> Self {
        Self {
            user_agent: "newswire/0.1 (+https://example.org/bot; ops@example.org)".to_owned(),
            allow_networks: Vec::new(),
            min_interval: TimeSpan::from_secs(5 * 60),
            max_interval: TimeSpan::from_hours(24),
            site_spacing: TimeSpan::from_secs(5),
            site_burst: 2,
            timeout: TimeSpan::from_secs(30),
            max_body: ByteSize::from_mib(5),
            robots: true,
            backfill: TimeSpan::from_hours(24),
            revisit: vec![
                TimeSpan::from_hours(1),
                TimeSpan::from_hours(24),
                TimeSpan::from_days(7),
            ],
        }
    }
}

/// What happens to copies of a story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// Published, marked by `duplicate_of`.
    #[default]
    Mark,
    /// Not published; the fate is `copy_dropped`.
    Drop,
}

impl Choice for Copies {
    const WANTED: &'static str = "\"mark\" or \"drop\"";
    const CHOICES: &'static [(&'static str, Self)] = &[("mark", Self::Mark), ("drop", Self::Drop)];

    fn is(self, other: Self) -> bool {
        self == other
    }
}

/// A form of the article that a story event carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Include {
    /// Plain text; always there.
    Text,
    /// Cleaned HTML.
    Html,
}

impl Choice for Include {
    const WANTED: &'static str = "\"text\" or \"html\"";
    const CHOICES: &'static [(&'static str, Self)] = &[("text", Self::Text), ("html", Self::Html)];

    fn is(self, other: Self) -> bool {
        self == other
    }
}

/// `[publish]`: what becomes a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publish {
    /// How far back a story is compared for copies and groups. Default `7d`.
    pub window: TimeSpan,
    /// Stories in the comparison window; beyond it the oldest leave. Default 500000.
    pub max_stories: u32,
    /// Older articles are skipped; `None` (`"0"`): none is. Default `90d`.
    pub max_age: Option<TimeSpan>,
    /// What happens to copies. Default `mark`.
    pub copies: Copies,
    /// Forms of the article in an event; `Text` is always one. Default `["text"]`.
    pub include: Vec<Include>,
}

impl Publish {
    /// Whether story events carry `html`.
    pub fn include_html(&self) -> bool {
        self.include.contains(&Include::Html)
    }
}

impl Default for Publish {
    fn default() -> Self {
        Self {
            window: TimeSpan::from_days(7),
            max_stories: 500_000,
            max_age: Some(TimeSpan::from_days(90)),
            copies: Copies::Mark,
            include: vec![Include::Text],
        }
    }
}

/// `[run]`: the process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Tells apart processes of one kind (in `transactional.id`). Default: the host name.
    pub instance: String,
    /// How long a batch may wait for more records; at most 5 s. Default `50ms`.
    pub batch_wait: TimeSpan,
    /// Time to finish or park after SIGTERM. Default `25s`.
    pub grace: TimeSpan,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            instance: host_name(),
            batch_wait: TimeSpan::from_millis(50),
            grace: TimeSpan::from_secs(25),
        }
    }
}

/// The kind of a daemon: decides its default port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// All stages.
    Up,
    /// Poll and download.
    Fetcher,
    /// Extract.
    Extractor,
    /// Publish.
    Publisher,
}

/// `[server]`: health, metrics, WebSub call-back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Address and port; `None`: the default of the role, see [`Server::listen_address`].
    pub listen: Option<SocketAddr>,
    /// `http(s)://…` by which WebSub hubs reach this process. Default: empty, no WebSub.
    pub public_url: String,
}

impl Server {
    /// Where the daemon listens: as configured, else loopback and port 9640 (`up`, fetcher), 9641
    /// (extractor) or 9642 (publisher), so that the three share a machine.
    pub fn listen_address(&self, role: Role) -> SocketAddr {
        let default_port = match role {
            Role::Up | Role::Fetcher => 9640,
            Role::Extractor => 9641,
            Role::Publisher => 9642,
        };
        self.listen.unwrap_or_else(|| (Ipv4Addr::LOCALHOST, default_port).into())
    }
}

/// `max_age`: a duration of which none is `None`.
struct MaxAge(Option<TimeSpan>);

impl Setting for MaxAge {
    const WANTED: &'static str = "a duration in quotes, such as \"90d\", or \"0\" for no limit";

    fn from_value(value: &Value<'_>) -> Result<Self, Fault> {
        // The design writes "0"; a bare 0 can mean nothing else.
        if value.get_ref().as_integer().is_some_and(|number| number.as_str() == "0") {
            return Ok(Self(None));
        }
        TimeSpan::from_value(value).map(|span| Self(Some(span).filter(|span| !span.is_zero())))
    }

    fn from_text(text: &str) -> Result<Self, String> {
        TimeSpan::from_text(text).map(|span| Self(Some(span).filter(|span| !span.is_zero())))
    }

    fn show(&self) -> String {
        self.0.map_or_else(|| "\"0\"".to_owned(), |span| Setting::show(&span))
    }
}

/// A config with how it came about.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What counts.
    pub config: Config,
    /// Every key with its value and where that came from, secrets hidden, in the design's order:
    /// the table of `newswire check-config`.
    pub effective: Vec<EffectiveValue>,
    /// What is allowed but unwise, for the log.
    pub warnings: Vec<Problem>,
}

impl Config {
    /// The config of a file (`None`: no file) under an environment (see [`process_env`]).
    pub fn load(path: Option<&Path>, env: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::load_explained(path, env).map(|loaded| loaded.config)
    }

    /// As [`Config::load`], with where each value came from and what is unwise.
    pub fn load_explained(
        path: Option<&Path>,
        env: &BTreeMap<String, String>,
    ) -> Result<Loaded, ConfigError> {
        let Some(path) = path else {
            return Self::read(None, env);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse_explained(&path.to_string_lossy(), &text, env)
    }

    /// The config of a text; `name` stands for the file in errors.
    pub fn parse(
        name: &str,
        text: &str,
        env: &BTreeMap<String, String>,
    ) -> Result<Self, ConfigError> {
        Self::parse_explained(name, text, env).map(|loaded| loaded.config)
    }

    /// As [`Config::parse`], with where each value came from and what is unwise.
    pub fn parse_explained(
        name: &str,
        text: &str,
        env: &BTreeMap<String, String>,
    ) -> Result<Loaded, ConfigError> {
        let source = Source { name, text, is_file: true };
        let document = DeTable::parse(text).map_err(|error| {
            // Only the message: the parser's own display repeats the line, secrets included.
            ConfigError::Invalid(Problems(vec![Problem {
                place: source.place(&error.span().unwrap_or(0..0)),
                message: format!("this is not TOML: {}", error.message()),
            }]))
        })?;
        Self::read(Some((document.get_ref(), source)), env)
    }

    /// Name before each topic and consumer group.
    pub fn topic_prefix(&self) -> &str {
        self.kafka.as_ref().map_or("newswire.", |kafka| kafka.topic_prefix.as_str())
    }

    fn read(
        root: Option<(&DeTable<'_>, Source<'_>)>,
        env: &BTreeMap<String, String>,
    ) -> Result<Loaded, ConfigError> {
        let mut reader = Reader::new(env);
        let config = Self {
            kafka: kafka::read(&mut reader, root),
            embedded: read_section(&mut reader, root, "embedded", read_embedded),
            fetch: read_section(&mut reader, root, "fetch", read_fetch),
            publish: read_section(&mut reader, root, "publish", read_publish),
            run: read_section(&mut reader, root, "run", read_run),
            server: read_section(&mut reader, root, "server", read_server),
            topics: topics::read(&mut reader, root),
            feeds: lists::read_feeds(&mut reader, root),
            sites: lists::read_sites(&mut reader, root),
        };
        if let Some((table, source)) = root {
            let sections = [
                "kafka", "embedded", "fetch", "publish", "run", "server", "topics", "feeds",
                "sites",
            ];
            reader::finish_root(&mut reader, table, source, &sections);
        }
        reader.report_unknown();
        let warnings = check::check(&mut reader, &config, env);
        if reader.problems.is_empty() {
            Ok(Loaded { config, effective: reader.effective, warnings })
        } else {
            Err(ConfigError::Invalid(Problems::in_order(reader.problems)))
        }
    }
}

/// The variables of this process. Bytes that are no UTF-8 are told where a value is ours.
pub fn process_env() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        })
        .collect()
}

fn read_section<T>(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
    name: &str,
    read: fn(&mut Reader<'_>, &Section<'_, '_>) -> T,
) -> T {
    let section = reader.section(name, root, name);
    let value = read(reader, &section);
    section.finish(reader);
    value
}

fn read_embedded(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Embedded {
    let default = Embedded::default();
    Embedded {
        path: section.get(reader, "path", default.path),
        max_size: section.get(reader, "max_size", default.max_size),
    }
}

fn read_fetch(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Fetch {
    let default = Fetch::default();
    Fetch {
        user_agent: section.get(reader, "user_agent", default.user_agent),
        allow_networks: section.get(reader, "allow_networks", default.allow_networks),
        min_interval: section.get(reader, "min_interval", default.min_interval),
        max_interval: section.get(reader, "max_interval", default.max_interval),
        site_spacing: section.get(reader, "site_spacing", default.site_spacing),
        site_burst: section.get(reader, "site_burst", default.site_burst),
        timeout: section.get(reader, "timeout", default.timeout),
        max_body: section.get(reader, "max_body", default.max_body),
        robots: section.get(reader, "robots", default.robots),
        backfill: section.get(reader, "backfill", default.backfill),
        revisit: section.get(reader, "revisit", default.revisit),
    }
}

fn read_publish(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Publish {
    let default = Publish::default();
    Publish {
        window: section.get(reader, "window", default.window),
        max_stories: section.get(reader, "max_stories", default.max_stories),
        max_age: section.get(reader, "max_age", MaxAge(default.max_age)).0,
        copies: section.get(reader, "copies", default.copies),
        include: section.get(reader, "include", default.include),
    }
}

fn read_run(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Run {
    let default = Run::default();
    let instance = section.get(reader, "instance", String::new());
    if instance.is_empty() {
        reader.show_last(format!("{} (the host name)", Setting::show(&default.instance)));
    }
    Run {
        // As the design has it, empty means the host name.
        instance: if instance.is_empty() { default.instance } else { instance },
        batch_wait: section.get(reader, "batch_wait", default.batch_wait),
        grace: section.get(reader, "grace", default.grace),
    }
}

fn read_server(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Server {
    let listen = section.get_optional(reader, "listen");
    if listen.is_none() {
        reader.show_last("\"127.0.0.1:9640\" (extractor 9641, publisher 9642)".to_owned());
    }
    Server { listen, public_url: section.get(reader, "public_url", String::new()) }
}

fn host_name() -> String {
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    if name.is_empty() { "localhost".to_owned() } else { name }
}
