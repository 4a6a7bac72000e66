//! `newswire demo`: everything at once over a built-in newsroom.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use events::{Subscription, feed_id};
use runtime::config::{Config, TimeSpan};

use crate::cli;
use crate::commands::daemon::Service;
use crate::commands::feeds::subscription_record;
use crate::commands::screen::{Screen, Show};
use crate::failure::Failure;
use crate::open::{Bus, DEMO_FILE, demo_path, topics};
use crate::stages::{Role, Tuning};

/// Runs the demo until Ctrl-C.
pub(crate) fn run(command: &cli::Demo) -> Result<(), Failure> {
    if !(command.pace.is_finite() && command.pace > 0.0) {
        return Err(Failure::Usage("--pace wants a number above 0".to_owned()));
    }
    // What an operator would read in the log stands on the screen; RUST_LOG brings it back.
    let mut env = runtime::config::process_env();
    if !env.contains_key("RUST_LOG") {
        env.entry("NEWSWIRE_LOG".to_owned()).or_insert_with(|| "off".to_owned());
    }
    runtime::telemetry::start(&env).map_err(|error| anyhow::anyhow!(error))?;
    let retries = vec![Duration::from_secs(2), Duration::from_secs(5)];
    let tuning = Tuning { retries, any_port: true };
    let service = Service::new(config(command.pace)?, tuning)?;
    // Made anew at each start, in place: readers in other terminals just go on.
    if let Bus::Embedded(embedded) = &*service.shared.bus {
        embedded.reset()?;
    }
    let settings = newsroom::Settings { pace: command.pace, ..newsroom::Settings::default() };
    let clock: newsroom::Clock = Arc::new(|| runtime::clock::now().as_millis());
    let newsroom = service
        .shared
        .runtime
        .block_on(newsroom::start(settings, clock))
        .context("the built-in newsroom cannot listen on loopback")?;
    subscribe(&service, &newsroom)?;
    let handle = service.shared.runtime.clone();
    let mut screen = Screen::new(&service, Show::Demo, newsroom.feeds.len(), command.max)?;
    let outcome = service.run(&Role::ALL, &mut |service| screen.run(service));
    screen.summary()?;
    drop(newsroom);
    drop(handle);
    outcome
}

/// The demo's own configuration: quick, and allowed to visit loopback.
fn config(pace: f64) -> Result<Config, Failure> {
    let milliseconds = |ms| TimeSpan::from(Duration::from_millis(ms));
    let mut config = Config::default();
    config.embedded.path = demo_path();
    config.fetch.user_agent = format!(
        "newswire-demo/{} (+https://example.org/bot; ops@example.org)",
        env!("CARGO_PKG_VERSION")
    );
    config.fetch.allow_networks =
        vec![newsroom::NETWORK.parse().map_err(|error| anyhow::anyhow!("{error}"))?];
    config.fetch.min_interval = milliseconds(2_000);
    config.fetch.max_interval = milliseconds(4_000);
    config.fetch.site_spacing = milliseconds(250);
    config.fetch.site_burst = 6;
    // One of its pages is taken down two minutes after it came out.
    config.fetch.revisit =
        [30.0, 180.0].map(|age| TimeSpan::from(Duration::from_secs_f64(age / pace))).to_vec();
    config.run.batch_wait = milliseconds(20);
    "demo".clone_into(&mut config.run.instance);
    Ok(config)
}

fn subscribe(service: &Service, newsroom: &newsroom::Running) -> Result<(), Failure> {
    let topics = topics(&service.shared.config)?;
    let now = runtime::clock::now();
    let mut records = Vec::new();
    for feed in &newsroom.feeds {
        let subscription = Subscription {
            id: feed_id(&feed.url),
            url: feed.url.clone(),
            title: Some(feed.title.clone()),
            tags: vec!["demo".to_owned()],
            added_at: now,
            ..Subscription::default()
        };
        records.push(subscription_record(&topics, &subscription, now)?);
    }
    service.shared.bus.log()?.append(records)?;
    Ok(())
}

/// Whether the demo's log lies somewhere else than people look for it.
pub(crate) fn is_elsewhere(config: &Config) -> bool {
    config.embedded.path != std::path::Path::new(DEMO_FILE)
}
