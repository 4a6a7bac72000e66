//! From configuration to running stages: one thread for each role.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bus::{GroupSpec, TopicSettings};
use extractor::Extractor;
use fetcher::Fetcher;
use fetcher::http::{Client, HttpSettings, Proxies};
use publisher::Publish;
use runtime::config::{Config, Copies};
use runtime::metrics::Metrics;
use runtime::server::Health;
use runtime::shutdown::Shutdown;
use stage::{Clock, Definition, Harness, Meter, Performer, Reply, RunError, StatusHandle};

use crate::failure::Failure;
use crate::open::{Bus, topics};

/// How often deletions at the size cap are counted.
const EVICTED_COUNTED: Duration = Duration::from_secs(5);

/// A daemon's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Polls feeds, downloads pages.
    Fetcher,
    /// Keeps the articles of pages.
    Extractor,
    /// Identifies, versions, compares and publishes stories.
    Publisher,
}

impl Role {
    pub(crate) const ALL: [Self; 3] = [Self::Fetcher, Self::Extractor, Self::Publisher];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Fetcher => "fetcher",
            Self::Extractor => "extractor",
            Self::Publisher => "publisher",
        }
    }
}

/// What differs between a long-lived service and the demo, beyond configuration.
#[derive(Clone, Debug)]
pub(crate) struct Tuning {
    /// Waits before a page that could not be had is asked for again.
    pub(crate) retries: Vec<Duration>,
    /// Any free port does where the usual one is taken, by a real newswire perhaps.
    pub(crate) any_port: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self { retries: vec![minutes(1), minutes(10), minutes(60)], any_port: false }
    }
}

/// Stages at work.
pub(crate) struct Running {
    threads: Vec<(Role, JoinHandle<Result<(), RunError>>)>,
}

/// What the stages of a process share.
pub(crate) struct Shared {
    pub(crate) bus: Arc<Bus>,
    pub(crate) config: Config,
    pub(crate) tuning: Tuning,
    pub(crate) metrics: Metrics,
    pub(crate) health: Health,
    pub(crate) shutdown: Shutdown,
    pub(crate) runtime: tokio::runtime::Handle,
}

/// Starts a thread for each role. They end when a shutdown is requested, and request one when
/// one of them fails.
pub(crate) fn start(shared: &Shared, roles: &[Role]) -> Result<Running, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let waiting = shared.shutdown.clone();
    let flag = Arc::clone(&stop);
    shared.runtime.spawn(async move {
        waiting.wait().await;
        flag.store(true, Ordering::Relaxed);
    });
    shared.runtime.spawn(count_evicted(Arc::clone(&shared.bus), shared.metrics.clone()));
    let topics = topics(&shared.config)?;
    let mut threads = Vec::new();
    for role in roles {
        let thread = start_one(shared, *role, topics.clone(), Arc::clone(&stop))?;
        threads.push((*role, thread));
    }
    Ok(Running { threads })
}

/// Counts what the log deletes before its time, until the runtime ends.
async fn count_evicted(bus: Arc<Bus>, metrics: Metrics) {
    let mut counted = BTreeMap::new();
    loop {
        for (topic, total) in bus.evicted() {
            let before = counted.insert(topic, total).unwrap_or(0);
            let labels = [("topic", topic.name())];
            metrics.count("newswire_log_evicted_records_total", &labels, total - before);
        }
        tokio::time::sleep(EVICTED_COUNTED).await;
    }
}

fn start_one(
    shared: &Shared,
    role: Role,
    topics: TopicSettings,
    stop: Arc<AtomicBool>,
) -> Result<JoinHandle<Result<(), RunError>>, Failure> {
    let status = StatusHandle::default();
    let watched = status.clone();
    shared.health.watch(role.name(), move || watched.get().ready());
    let definition = definition(shared, role, &topics)?;
    let meter: Arc<dyn Meter> = Arc::new(Count(shared.metrics.clone()));
    let performer: Arc<dyn Performer> = match role {
        Role::Fetcher => {
            let runtime = shared.runtime.clone();
            Arc::new(http_client(&shared.config, runtime, Arc::clone(&meter))?)
        }
        Role::Extractor | Role::Publisher => Arc::new(NoRequests),
    };
    let settings = stage::Settings {
        batch_wait: shared.config.run.batch_wait.into(),
        ..stage::Settings::default()
    };
    let spec = GroupSpec {
        group: role.name(),
        inputs: definition.inputs().to_vec(),
        changelogs: definition.changelogs().to_vec(),
        instance: shared.config.run.instance.clone(),
    };
    let bus = Arc::clone(&shared.bus);
    let shutdown = shared.shutdown.clone();
    let clock: Clock = Arc::new(runtime::clock::now);
    let work = move || {
        // However this thread ends, a panic included, the others are not left running alone.
        let _end = RequestOnDrop(shutdown);
        let transport = match bus.transport(spec) {
            Ok(transport) => transport,
            Err(failure) => return Err(RunError::Setup(failure.to_string())),
        };
        let harness = Harness::new(
            &*definition,
            transport,
            performer,
            topics,
            settings,
            clock,
            meter,
            status,
            stop,
        );
        harness.run()
    };
    let thread = std::thread::Builder::new().name(role.name().to_owned()).spawn(work);
    Ok(thread.with_context(|| format!("cannot start the {} thread", role.name()))?)
}

impl Running {
    /// Waits until all have ended.
    pub(crate) fn join(self) -> Result<(), Failure> {
        let mut first = Ok(());
        for (role, thread) in self.threads {
            let ended = match thread.join() {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(anyhow!("{}: {error}", role.name())),
                Err(_) => Err(anyhow!("{}: panicked; this is a fault of newswire", role.name())),
            };
            if first.is_ok() {
                first = ended;
            }
        }
        Ok(first?)
    }
}

struct RequestOnDrop(Shutdown);

impl Drop for RequestOnDrop {
    fn drop(&mut self) {
        self.0.request();
    }
}

fn definition(
    shared: &Shared,
    role: Role,
    topics: &TopicSettings,
) -> Result<Box<dyn Definition>, Failure> {
    let config = &shared.config;
    Ok(match role {
        Role::Fetcher => {
            let public_url = config.server.public_url.clone();
            let key = crate::websub::key(config)?;
            let settings = fetcher::Settings {
                partitions: topics.spec(bus::Topic::Feeds).partitions,
                websub: key.map(|key| fetcher::WebSub { public_url, key }),
                ..fetcher_settings(config, &shared.tuning)
            };
            Box::new(Fetcher::new(settings))
        }
        Role::Extractor => Box::new(Extractor { threads: cores(), ..Extractor::default() }),
        Role::Publisher => Box::new(Publish::new(publisher_settings(config))),
    })
}

/// The publisher as configured.
pub(crate) fn publisher_settings(config: &Config) -> publisher::Settings {
    let milliseconds = |span| Duration::from(span).as_millis() as i64;
    publisher::Settings {
        window_ms: milliseconds(config.publish.window),
        max_stories: config.publish.max_stories as usize,
        max_age_ms: config.publish.max_age.map(milliseconds),
        copies: match config.publish.copies {
            Copies::Mark => publisher::Copies::Mark,
            Copies::Drop => publisher::Copies::Drop,
        },
        include_html: config.publish.include_html(),
        ..publisher::Settings::default()
    }
}

/// Threads for extraction.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

pub(crate) fn fetcher_settings(config: &Config, tuning: &Tuning) -> fetcher::Settings {
    let fetch = &config.fetch;
    fetcher::Settings {
        user_agent: fetch.user_agent.clone(),
        min_interval: fetch.min_interval.into(),
        max_interval: fetch.max_interval.into(),
        site_spacing: fetch.site_spacing.into(),
        site_burst: fetch.site_burst,
        max_body: fetch.max_body.bytes() as usize,
        robots: fetch.robots,
        backfill: fetch.backfill.into(),
        revisit: fetch.revisit.iter().map(|age| (*age).into()).collect(),
        retries: tuning.retries.clone(),
        sites: config
            .sites
            .iter()
            .map(|site| {
                let spacing = site.spacing.map(Duration::from);
                (site.domain.clone(), fetcher::SiteSettings { spacing, robots: site.robots })
            })
            .collect(),
        full_text: extractor::carries_full_text,
        ..fetcher::Settings::default()
    }
}

/// The web client of the fetcher, also of commands that ask the web.
pub(crate) fn http_client(
    config: &Config,
    runtime: tokio::runtime::Handle,
    meter: Arc<dyn Meter>,
) -> Result<Client, Failure> {
    let fetch = &config.fetch;
    let mut allow_networks = Vec::new();
    for network in &fetch.allow_networks {
        // The configuration knows networks by a type of its own; their spelling is the same.
        let network = network.to_string().parse().map_err(|error| anyhow!("{error}"))?;
        allow_networks.push(network);
    }
    let proxies = Proxies::from_env(|name| std::env::var(name).ok())
        .map_err(|error| Failure::Usage(error.to_string()))?;
    if !proxies.is_empty() {
        tracing::warn!(
            proxies = proxies.places().join(","),
            "requests go through a proxy: names that do not resolve here cannot be checked \
             against the private-address block"
        );
    }
    let settings = HttpSettings {
        user_agent: fetch.user_agent.clone(),
        allow_networks,
        proxies,
        ..HttpSettings::within(fetch.timeout.into())
    };
    let clock: Clock = Arc::new(runtime::clock::now);
    Client::new(settings, runtime, clock, meter).map_err(|error| Failure::Failed(anyhow!(error)))
}

/// For stages that ask for nothing on the web.
struct NoRequests;

impl Performer for NoRequests {
    fn perform(&self, fetch: stage::Fetch, _: Reply) {
        tracing::error!(url = fetch.url, "a stage without web access asked for a page");
    }
}

struct Count(Metrics);

impl Meter for Count {
    fn count(&self, name: &'static str, labels: &[(&'static str, &str)], by: u64) {
        self.0.count(name, labels, by);
    }

    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.0.set(name, labels, value);
    }

    fn observe(&self, name: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.0.observe(name, labels, value);
    }
}
