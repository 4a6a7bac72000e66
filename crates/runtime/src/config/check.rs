//! What must fit together: bounds, sums and orders over several keys.

use std::collections::BTreeMap;

use super::error::Problem;
use super::reader::Reader;
use super::units::{ByteSize, TimeSpan};
use super::{Config, Include};

/// A page record holds the body, the entry (at most 1 MiB) and headers; the largest is 10 MiB.
const LARGEST_BODY: ByteSize = ByteSize::from_mib(8);
/// Less would be full before the first retention could free anything.
const SMALLEST_LOG: ByteSize = ByteSize::from_mib(64);
/// Half of the transactions' time-out (10 s), so that a batch that waits can still commit.
const LONGEST_BATCH_WAIT: TimeSpan = TimeSpan::from_secs(5);

/// Adds what does not fit to the reader's problems; returns what is allowed but unwise.
pub(super) fn check(
    reader: &mut Reader<'_>,
    config: &Config,
    env: &BTreeMap<String, String>,
) -> Vec<Problem> {
    check_fetch(reader, config);
    check_rest(reader, config);
    warnings(reader, config, env)
}

fn check_fetch(reader: &mut Reader<'_>, config: &Config) {
    let fetch = &config.fetch;
    let mut refuse = |key: &str, bad: bool, message: String| {
        if bad {
            let key = format!("fetch.{key}");
            reader.problem(reader.place_of(&key), format!("{key} {message}"));
        }
    };
    let agent = &fetch.user_agent;
    refuse(
        "user_agent",
        agent.trim().is_empty() || !agent.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "wants plain ASCII text that names you, such as \
         \"newswire/0.1 (+https://example.org/bot; ops@example.org)\""
            .to_owned(),
    );
    for (key, span) in [("min_interval", fetch.min_interval), ("max_interval", fetch.max_interval)]
    {
        refuse(key, span < TimeSpan::from_secs(1), "wants at least \"1s\"".to_owned());
    }
    refuse(
        "min_interval",
        fetch.min_interval > fetch.max_interval,
        format!(
            "is {}, longer than fetch.max_interval, {}",
            fetch.min_interval, fetch.max_interval
        ),
    );
    refuse(
        "site_spacing",
        fetch.site_spacing.is_zero(),
        "wants more than 0: it keeps newswire welcome".to_owned(),
    );
    refuse(
        "site_burst",
        fetch.site_burst == 0 || fetch.site_burst > 1000,
        "wants a number from 1 to 1000".to_owned(),
    );
    refuse(
        "timeout",
        fetch.timeout < TimeSpan::from_millis(100) || fetch.timeout > TimeSpan::from_secs(600),
        "wants \"100ms\" to \"10m\"".to_owned(),
    );
    refuse(
        "max_body",
        fetch.max_body.bytes() < 1024 || fetch.max_body > LARGEST_BODY,
        format!(
            "is {}, but wants \"1KiB\" to \"{LARGEST_BODY}\": with its entry and headers it must \
             fit into a record of the topic pages (10MiB)",
            fetch.max_body
        ),
    );
    refuse(
        "revisit",
        fetch.revisit.iter().any(|span| span.is_zero())
            || fetch.revisit.windows(2).any(|pair| pair[0] >= pair[1]),
        "wants rising ages above 0, such as [\"1h\", \"24h\", \"7d\"]".to_owned(),
    );
    let max_interval = fetch.max_interval;
    for (index, feed) in config.feeds.iter().enumerate() {
        if feed.min_interval.is_some_and(|span| span > max_interval) {
            let key = format!("feeds[{index}].min_interval");
            reader.problem(
                reader.place_of(&key),
                format!("{key} is longer than fetch.max_interval, {max_interval}"),
            );
        }
    }
}

fn check_rest(reader: &mut Reader<'_>, config: &Config) {
    let mut refuse = |key: &str, bad: bool, message: &str| {
        if bad {
            reader.problem(reader.place_of(key), format!("{key} {message}"));
        }
    };
    refuse(
        "embedded.max_size",
        config.embedded.max_size < SMALLEST_LOG,
        "wants at least \"64MiB\"",
    );
    let publish = &config.publish;
    refuse(
        "publish.window",
        publish.window < TimeSpan::from_secs(60) || publish.window > TimeSpan::from_days(90),
        "wants \"1m\" to \"90d\" (aliases of a story are remembered for 90d)",
    );
    refuse("publish.max_stories", publish.max_stories == 0, "wants at least 1");
    refuse(
        "publish.include",
        !publish.include.contains(&Include::Text),
        "must contain \"text\": it is always published; add \"html\" for both",
    );
    let run = &config.run;
    let instance_valid = run
        .instance
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'));
    refuse(
        "run.instance",
        !instance_valid || run.instance.len() > 200,
        "wants at most 200 letters, digits, '.', '_' or '-' (it becomes part of transactional.id)",
    );
    refuse(
        "run.batch_wait",
        run.batch_wait > LONGEST_BATCH_WAIT,
        "wants at most \"5s\": a transaction must end within 10 s",
    );
    refuse(
        "run.grace",
        run.grace < TimeSpan::from_secs(1) || run.grace > TimeSpan::from_secs(3600),
        "wants \"1s\" to \"1h\"",
    );
    let public_url = &config.server.public_url;
    refuse(
        "server.public_url",
        !public_url.is_empty() && !events::is_http_url(public_url),
        "wants an address that begins with https:// or http://, or nothing",
    );
}

fn warnings(reader: &Reader<'_>, config: &Config, env: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut warnings = Vec::new();
    let mut warn = |key: &str, message: String| {
        warnings.push(Problem { place: reader.place_of(key), message });
    };
    if config.fetch.user_agent.contains("example.org") {
        warn(
            "fetch.user_agent",
            "fetch.user_agent still names example.org: put an address there at which publishers \
             can reach you"
                .to_owned(),
        );
    }
    if !config.fetch.robots {
        warn("fetch.robots", "fetch.robots is off: robots.txt is not honoured".to_owned());
    }
    for (index, feed) in config.feeds.iter().enumerate() {
        for name in [&feed.auth.basic_env, &feed.auth.bearer_env].into_iter().flatten() {
            if !env.contains_key(name) {
                warn(
                    &format!("feeds[{index}].auth"),
                    format!("the environment has no variable {name}, which a feed's auth names"),
                );
            }
        }
    }
    warnings
}
