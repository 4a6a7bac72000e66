//! What the demo, and `up` on a terminal, show: stories as they arrive, a status line, what is wrong
//! where, a summary.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use bus::{Log, Record, Topic, TopicPartition};
use events::{Article, ArticleOutcome, EventKind, StoryEvent, Timestamp};
use fetcher::read_feed_state;
use stage::DeadLetterReason;

use crate::commands::daemon::{Service, passes};
use crate::commands::demo::is_elsewhere;
use crate::commands::tail::story_line;
use crate::failure::Failure;
use crate::open::{CHUNK, topics};
use crate::printing::{Paint, column};

/// How often the log is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// Latencies and groups remembered for the summary: a terminal can stay open for months.
const REMEMBERED: usize = 100_000;

/// Whose screen it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// The demo's, over its newsroom.
    Demo,
    /// That of `newswire up`.
    Up,
}

/// Shows what a process does.
pub(crate) struct Screen {
    show: Show,
    log: Box<dyn Log>,
    next: Vec<(TopicPartition, i64)>,
    paint: Paint,
    /// Whether the last line is the status line, to be written over.
    has_status_line: bool,
    feeds: usize,
    max: Option<u64>,
    began: Timestamp,
    first_after_ms: Option<i64>,
    stories: u64,
    published: u64,
    updates: u64,
    copies: u64,
    withdrawn: u64,
    grouped: BTreeSet<String>,
    skipped: BTreeMap<String, u64>,
    faulty_feeds: BTreeMap<String, String>,
    dead_letters: u64,
    latencies_ms: Vec<i64>,
}

impl Screen {
    pub(crate) fn new(
        service: &Service,
        show: Show,
        feeds: usize,
        max: Option<u64>,
    ) -> Result<Self, Failure> {
        let topics = topics(&service.shared.config)?;
        let mut log = service.shared.bus.log()?;
        let mut next = Vec::new();
        for topic in [Topic::Stories, Topic::Articles, Topic::FeedState, Topic::DeadLetters] {
            for partition in 0..topics.spec(topic).partitions {
                let place = TopicPartition::new(topic, partition);
                next.push((place, log.bounds(place)?.1));
            }
        }
        Ok(Self {
            show,
            log,
            next,
            paint: Paint::detect(),
            has_status_line: false,
            feeds,
            max,
            began: runtime::clock::now(),
            first_after_ms: None,
            stories: 0,
            published: 0,
            updates: 0,
            copies: 0,
            withdrawn: 0,
            grouped: BTreeSet::new(),
            skipped: BTreeMap::new(),
            faulty_feeds: BTreeMap::new(),
            dead_letters: 0,
            latencies_ms: Vec::new(),
        })
    }

    /// Shows what arrives until a shutdown is requested.
    pub(crate) fn run(&mut self, service: &Service) -> Result<(), Failure> {
        if self.show == Show::Demo {
            self.banner(service)?;
        }
        while !service.shared.shutdown.requested() {
            match self.look() {
                // The stages wait for a log that is away, and so do their spectators.
                Err(Failure::Failed(error)) if self.show == Show::Up && passes(&error) => {}
                outcome => outcome?,
            }
            if self.max.is_some_and(|max| self.stories >= max) {
                service.shared.shutdown.request();
                break;
            }
            self.status_line()?;
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    fn banner(&mut self, service: &Service) -> Result<(), Failure> {
        let path = &service.shared.config.embedded.path;
        let mut stderr = std::io::stderr().lock();
        writeln!(
            stderr,
            "newswire {}  demo newsroom: {} feeds on loopback, no internet used",
            env!("CARGO_PKG_VERSION"),
            self.feeds
        )?;
        if is_elsewhere(&service.shared.config) {
            writeln!(stderr, "  (the current folder cannot be written; the log is elsewhere)")?;
        }
        writeln!(
            stderr,
            "  log      {}  (SQLite; emptied at each start)\n  stories  newswire tail --demo    \
             (in another terminal)\n  status   newswire status --demo\n  Ctrl-C ends\n",
            path.display()
        )?;
        Ok(())
    }

    fn look(&mut self) -> Result<(), Failure> {
        let mut records = Vec::new();
        for (place, from) in &mut self.next {
            let more = self.log.read(*place, *from, CHUNK, Duration::ZERO)?;
            if let Some(last) = more.last() {
                *from = last.offset + 1;
            }
            records.extend(more);
        }
        records.sort_by_key(|record| (record.timestamp, record.place, record.offset));
        for record in records {
            match record.place.topic {
                Topic::Stories => self.story(&record)?,
                Topic::Articles => self.article(&record)?,
                Topic::FeedState => self.feed_state(&record)?,
                _ => self.dead_letter(&record)?,
            }
        }
        Ok(())
    }

    fn story(&mut self, record: &Record) -> Result<(), Failure> {
        let value = record.value.as_deref().unwrap_or_default();
        let Ok(event) = serde_json::from_slice::<StoryEvent>(value) else { return Ok(()) };
        let now = runtime::clock::now();
        self.stories += 1;
        self.first_after_ms.get_or_insert(now.millis_since(self.began));
        match event.event {
            EventKind::Published => self.published += 1,
            EventKind::Updated => self.updates += 1,
            EventKind::Withdrawn => self.withdrawn += 1,
        }
        if event.event == EventKind::Published && event.duplicate_of.id.is_some() {
            self.copies += 1;
        }
        if event.story_group.size > 1 && self.grouped.len() < REMEMBERED {
            self.grouped.extend(event.story_group.id.clone());
        }
        if self.latencies_ms.len() < REMEMBERED {
            self.latencies_ms.push(now.millis_since(event.fetched_at).max(0));
        }
        let line = story_line(&event, self.paint);
        self.line(&line)
    }

    /// Pages that gave no story, and why.
    fn article(&mut self, record: &Record) -> Result<(), Failure> {
        let value = record.value.as_deref().unwrap_or_default();
        let Ok(Article::Entry { entry, fetched_at, outcome }) = serde_json::from_slice(value)
        else {
            return Ok(());
        };
        let ArticleOutcome::Skipped { reason, detail } = outcome else { return Ok(()) };
        *self.skipped.entry(reason.as_str().to_owned()).or_default() += 1;
        let outlet = entry.feed.title.as_deref().unwrap_or(&entry.feed.url);
        let title = entry.title.as_deref().or(entry.link.as_deref()).unwrap_or("(no title)");
        let what = format!("{reason}: {detail}");
        let line = self.fault_line(fetched_at, outlet, title, &what);
        self.line(&line)
    }

    /// A feed that begins or ceases to fail.
    fn feed_state(&mut self, record: &Record) -> Result<(), Failure> {
        let key = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok());
        let (Some(key), Some(value)) = (key, record.value.as_deref()) else { return Ok(()) };
        let Some(state) = read_feed_state(key, value) else { return Ok(()) };
        if state.failures == 0 {
            self.faulty_feeds.remove(&state.url);
            return Ok(());
        }
        if self.faulty_feeds.insert(state.url.clone(), state.why.clone()).is_some() {
            return Ok(());
        }
        let title = state.title.as_deref().unwrap_or(&state.url);
        let line = self.fault_line(record.timestamp, title, "feed", &state.why);
        self.line(&line)
    }

    fn dead_letter(&mut self, record: &Record) -> Result<(), Failure> {
        let Some(reason) = DeadLetterReason::of(record) else { return Ok(()) };
        self.dead_letters += 1;
        let what = format!("{}: {}", reason.class, reason.message);
        let line = self.fault_line(record.timestamp, &reason.topic, "dead letter", &what);
        self.line(&line)
    }

    fn fault_line(&self, at: Timestamp, outlet: &str, what: &str, why: &str) -> String {
        let at = at.to_string();
        let clock = self.paint.dim(at.get(11..19).unwrap_or_default());
        let kind = self.paint.bad("✗   ");
        let why = column(why, 90);
        let why = self.paint.dim(why.trim_end());
        format!("{clock}  {kind}  -   {}  {}  {why}", column(outlet, 22), column(what, 60))
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        let mut stdout = std::io::stdout().lock();
        if std::mem::take(&mut self.has_status_line) {
            write!(stdout, "\r\x1b[2K")?;
        }
        writeln!(stdout, "{line}")?;
        stdout.flush()?;
        Ok(())
    }

    fn status_line(&mut self) -> Result<(), Failure> {
        if !std::io::stdout().is_terminal() {
            return Ok(());
        }
        let seconds = runtime::clock::now().millis_since(self.began) / 1000;
        let text = format!(
            "{seconds} s · {} stories ({} copies, {} new versions) · {} groups · {} feeds, {} \
             failing · {} pages without a story · {} dead letters",
            self.stories,
            self.copies,
            self.updates,
            self.grouped.len(),
            self.feeds,
            self.faulty_feeds.len(),
            self.skipped.values().sum::<u64>(),
            self.dead_letters
        );
        let mut stdout = std::io::stdout().lock();
        write!(stdout, "\r\x1b[2K{}", self.paint.dim(&text))?;
        stdout.flush()?;
        self.has_status_line = true;
        Ok(())
    }

    /// What it came to.
    pub(crate) fn summary(&mut self) -> Result<(), Failure> {
        self.look()?;
        if std::mem::take(&mut self.has_status_line) {
            write!(std::io::stdout().lock(), "\r\x1b[2K")?;
        }
        let mut stderr = std::io::stderr().lock();
        writeln!(
            stderr,
            "\n{} story events: {} published ({} of them copies), {} new versions, {} withdrawn; {} \
             groups of more than one",
            self.stories,
            self.published,
            self.copies,
            self.updates,
            self.withdrawn,
            self.grouped.len()
        )?;
        if let Some(first) = self.first_after_ms {
            self.latencies_ms.sort_unstable();
            let middle = self.latencies_ms[self.latencies_ms.len() / 2];
            let slowest = self.latencies_ms[self.latencies_ms.len() - 1];
            writeln!(
                stderr,
                "first story after {:.1} s; from page to story {:.2} s in the middle, {:.2} s at most",
                first as f64 / 1000.0,
                middle as f64 / 1000.0,
                slowest as f64 / 1000.0
            )?;
        }
        if !self.skipped.is_empty() {
            let reasons: Vec<String> =
                self.skipped.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
            writeln!(stderr, "without a story: {}", reasons.join(", "))?;
        }
        if self.show == Show::Demo {
            writeln!(stderr, "the log stays: newswire tail --demo --from-beginning")?;
        }
        Ok(())
    }
}
