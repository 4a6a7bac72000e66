//! `newswire up`, `fetcher`, `extractor`, `publisher`: long-lived processes.

use std::io::{IsTerminal as _, Write as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bus::BusError;
use runtime::config::{Config, Role as ConfigRole, process_env};
use runtime::metrics::Metrics;
use runtime::server::{Health, Router, Server, ServerError};
use runtime::shutdown::Shutdown;

use crate::cli::Place;
use crate::commands::feeds::{subscriptions, upsert_configured};
use crate::commands::screen::{Screen, Show};
use crate::failure::Failure;
use crate::open::{Bus, config, config_path, topics};
use crate::stages::{Role, Running, Shared, Tuning, start};
use crate::websub;

/// How long a log that is away is left alone.
pub(crate) const AWAY_WAIT: Duration = Duration::from_secs(1);

/// Runs roles until asked to stop.
pub(crate) fn run(place: &Place, roles: &[Role]) -> Result<(), Failure> {
    let config = config(place)?;
    if let [role] = roles
        && config.kafka.is_none()
    {
        return Err(Failure::Usage(format!(
            "`newswire {}` is a daemon on Kafka, and [kafka] is not configured; over the embedded \
             log one process runs all stages: `newswire up`",
            role.name()
        )));
    }
    let is_watched = roles == Role::ALL && std::io::stdout().is_terminal();
    let mut env = process_env();
    if is_watched && !env.contains_key("RUST_LOG") {
        // What goes well is seen on the screen.
        env.entry("NEWSWIRE_LOG".to_owned()).or_insert_with(|| "warn".to_owned());
    }
    runtime::telemetry::start(&env).map_err(|error| anyhow!(error))?;
    warn_of(place)?;
    let service = Service::new(config, Tuning::default())?;
    if !is_watched {
        return service.run(roles, &mut |_| Ok(()));
    }
    let mut screen = None;
    let outcome = service.run(roles, &mut |service| {
        let topics = topics(&service.shared.config)?;
        let feeds = subscriptions(&mut *service.shared.bus.log()?, &topics)?.len();
        screen.insert(Screen::new(service, Show::Up, feeds, None)?).run(service)
    });
    if let Some(mut screen) = screen {
        screen.summary()?;
    }
    outcome
}

/// What is allowed in the configuration but unwise, for the log.
fn warn_of(place: &Place) -> Result<(), Failure> {
    if place.demo {
        return Ok(());
    }
    let loaded = Config::load_explained(config_path(place).as_deref(), &process_env())?;
    for warning in loaded.warnings {
        tracing::warn!(place = warning.place, "{}", warning.message);
    }
    Ok(())
}

/// What a process that does not work yet waits for.
type WaitsFor = Mutex<Option<String>>;

fn lock(waits_for: &WaitsFor) -> MutexGuard<'_, Option<String>> {
    // It is only ever replaced whole.
    waits_for.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A process with its runtime, its log and its server.
pub(crate) struct Service {
    runtime: tokio::runtime::Runtime,
    pub(crate) shared: Shared,
}

impl Service {
    /// Opens the log; nothing runs and nothing is bound yet.
    pub(crate) fn new(config: Config, tuning: Tuning) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("cannot start the tokio runtime")?;
        let bus = Arc::new(Bus::open_for_stages(&config)?);
        let shared = Shared {
            bus,
            config,
            tuning,
            metrics: Metrics::new(),
            health: Health::new(),
            shutdown: Shutdown::new(),
            runtime: runtime.handle().clone(),
        };
        Ok(Self { runtime, shared })
    }

    /// Runs roles until a shutdown is requested; `meanwhile` is called once they have started.
    pub(crate) fn run(
        self,
        roles: &[Role],
        meanwhile: &mut dyn FnMut(&Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let shared = &self.shared;
        let role = match roles {
            [Role::Fetcher] => ConfigRole::Fetcher,
            [Role::Extractor] => ConfigRole::Extractor,
            [Role::Publisher] => ConfigRole::Publisher,
            _ => ConfigRole::Up,
        };
        let address = shared.config.server.listen_address(role);
        let extra = if roles.contains(&Role::Fetcher) { self.call_back()? } else { Router::new() };
        let bind = |address| {
            let (health, metrics) = (shared.health.clone(), shared.metrics.clone());
            self.runtime.block_on(Server::bind(address, health, metrics, extra.clone()))
        };
        let server = match bind(address) {
            Err(ServerError::PortTaken { .. }) if shared.tuning.any_port => {
                bind((Ipv4Addr::LOCALHOST, 0).into())
            }
            bound => bound,
        };
        let server = server.map_err(|error| Failure::Failed(anyhow!(error)))?;
        self.runtime
            .block_on(async { shared.shutdown.listen() })
            .context("cannot listen to signals")?;
        let listening = server.address();
        // The server outlives the stages, so that probes see the draining.
        let server_end = Shutdown::new();
        let serving = self.runtime.spawn(server.run(server_end.clone()));
        let outcome = self.work(roles, &listening.to_string(), meanwhile);
        shared.health.stopping();
        server_end.request();
        match self.runtime.block_on(serving) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the server ended badly"),
            Err(error) => tracing::warn!(%error, "the server ended badly"),
        }
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        outcome
    }

    fn work(
        &self,
        roles: &[Role],
        listening: &str,
        meanwhile: &mut dyn FnMut(&Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let shared = &self.shared;
        // Probes are told what the start waits for.
        let waits_for = Arc::new(Mutex::new(Some("starting".to_owned())));
        let told = Arc::clone(&waits_for);
        shared.health.watch("start", move || lock(&told).clone().map_or(Ok(()), Err));
        shared.health.started();
        if !self.prepare(roles, &waits_for)? {
            return Ok(());
        }
        let running: Running = start(shared, roles)?;
        *lock(&waits_for) = None;
        let names: Vec<&str> = roles.iter().map(|role| role.name()).collect();
        tracing::info!(stages = names.join(","), listening, "started");
        self.greet(listening);
        let outcome = meanwhile(self);
        if outcome.is_err() {
            shared.shutdown.request();
        }
        running.join()?;
        tracing::info!("ended");
        outcome
    }

    /// What hubs call back, where they can.
    fn call_back(&self) -> Result<Router, Failure> {
        let Some(key) = websub::key(&self.shared.config)? else { return Ok(Router::new()) };
        let bus = Arc::clone(&self.shared.bus);
        let open = move || match bus.log() {
            Ok(log) => Ok(log),
            Err(failure) => Err(BusError::Away(failure.to_string())),
        };
        let topics = topics(&self.shared.config)?;
        let metrics = self.shared.metrics.clone();
        let router = websub::router(key, topics, Box::new(open), metrics);
        Ok(router.context("cannot start the WebSub thread")?)
    }

    /// Waits for the log, checks its topics, upserts configured feeds. False: asked to stop.
    fn prepare(&self, roles: &[Role], waits_for: &WaitsFor) -> Result<bool, Failure> {
        let topics = topics(&self.shared.config)?;
        loop {
            match self.prepare_once(roles, &topics) {
                Ok(()) => return Ok(true),
                Err(Failure::Failed(error)) if passes(&error) => {
                    tracing::warn!(error = %error, "the log is away; waiting for it");
                    *lock(waits_for) = Some(format!("waiting for the log: {error:#}"));
                }
                Err(failure) => return Err(failure),
            }
            if self.shared.shutdown.requested() {
                return Ok(false);
            }
            std::thread::sleep(AWAY_WAIT);
        }
    }

    fn prepare_once(&self, roles: &[Role], topics: &bus::TopicSettings) -> Result<(), Failure> {
        let mut log = self.shared.bus.log()?;
        let mut faults = Vec::new();
        for state in log.topics()? {
            for fault in state.faults {
                faults.push(format!("{}: {fault}", topics.full_name(state.topic)));
            }
        }
        if !faults.is_empty() {
            return Err(Failure::Usage(format!(
                "the topics are not as they must be; `newswire topics` says how to mend them\n  {}",
                faults.join("\n  ")
            )));
        }
        if roles.contains(&Role::Fetcher) {
            let changed = upsert_configured(&mut *log, topics, &self.shared.config)?;
            if changed > 0 {
                tracing::info!(changed, "configured feeds written");
            }
        }
        Ok(())
    }

    /// Says where things are, to a person.
    fn greet(&self, listening: &str) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let log = match &self.shared.config.kafka {
            Some(kafka) => format!("Kafka at {}", kafka.brokers),
            None => self.shared.config.embedded.path.display().to_string(),
        };
        let mut stderr = std::io::stderr().lock();
        // A terminal that went away is no reason to stop.
        let _ = writeln!(
            stderr,
            "newswire {}\n  log      {log}\n  health   http://{listening}/readyz\n  metrics  \
             http://{listening}/metrics\n  stories  newswire tail   (in another terminal)",
            env!("CARGO_PKG_VERSION")
        );
    }
}

/// Whether an error of the log ends by itself. All that is done before the stages start may be
/// done again: a subscription that is as configured is not written twice.
pub(crate) fn passes(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(BusError::Away(_) | BusError::Broken(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_comes_back_is_waited_for_and_a_wrong_one_is_not() {
        let cases = [
            (BusError::Away("no broker answers".to_owned()), true),
            (BusError::Broken("flushing: timed out".to_owned()), true),
            (BusError::Setup("no such property".to_owned()), false),
            (BusError::Fenced("another process".to_owned()), false),
        ];
        for (error, wanted) in cases {
            assert_eq!(passes(&anyhow!(error)), wanted);
        }
    }
}
