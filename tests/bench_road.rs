//! How fast the whole road is, and how late: the real binary over a newsroom on loopback, on the
//! embedded log and, where NEWSWIRE_KAFKA names a broker, on Kafka; beside bare extraction of the
//! same pages (light invented ones, and the corpora's real ones where NEWSWIRE_CORPORA has them),
//! and beside a bare librdkafka loop over the same records. All in one run, since machines are
//! noisy: the ratios are what counts.
//!
//! `cargo bench --workspace --bench road`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark prints what it measured, and fails where it cannot"
)]

mod support;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use events::Timestamp;
use extractor::PageInput;
use newsroom::{Reach, Settings};
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use runtime::server::probe;
use serde_json::Value;

use support::library::Library;
use support::process::{Daemon, newswire, run};
use support::web::{self, Web};

const OUTLETS: usize = 40;
const ARTICLES: usize = 100;
const PATIENCE: Duration = Duration::from_mins(10);

fn seconds_of_cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split(' ').collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Every page of a newsroom, as its server answers it.
fn pages(web: &Web) -> Vec<(String, String)> {
    web.expected()
        .iter()
        .filter(|article| article.reach == Reach::Page)
        .map(|article| {
            let url = article.url.clone().unwrap();
            let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
            let address: SocketAddr = host.parse().unwrap();
            let (status, body) = probe(address, &format!("/{path}"), PATIENCE).unwrap();
            assert_eq!(status, 200, "{url}");
            (url, body)
        })
        .collect()
}

/// Pages a second of extraction alone, on as many threads as there are cores.
fn bare_extraction<B: AsRef<[u8]> + Sync>(pages: &[(String, B)]) -> f64 {
    let next = AtomicUsize::new(0);
    let began = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(|| {
                while let Some((url, body)) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let body = body.as_ref();
                    let input = PageInput { body, url: Some(url), ..PageInput::default() };
                    std::hint::black_box(extractor::extract(&input));
                }
            });
        }
    });
    pages.len() as f64 / began.elapsed().as_secs_f64()
}

/// Articles that the publisher is done with: each became a story, a version, or a fate.
fn published(address: SocketAddr) -> usize {
    let (_, metrics) = probe(address, "/metrics", PATIENCE).unwrap();
    let is_it = |line: &&str| {
        line.starts_with("newswire_records_consumed_total{")
            && line.contains("stage=\"publisher\"")
            && line.contains("topic=\"articles\"")
    };
    metrics
        .lines()
        .find(is_it)
        .and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
        .unwrap_or_default() as usize
}

fn impolite(config: &Path) {
    let text = std::fs::read_to_string(config).unwrap();
    let text = text
        .replace("site_spacing = \"100ms\"", "site_spacing = \"1ms\"")
        .replace("site_burst = 3", "site_burst = 1000")
        .replace("min_interval = \"1s\"", "min_interval = \"30s\"")
        .replace("max_interval = \"1s\"", "max_interval = \"30s\"");
    assert!(text.contains("\"1ms\"") && text.contains("1000"), "{text}");
    std::fs::write(config, text).unwrap();
}

/// Articles a second from the first to the last, the web's own work taken off.
fn road(name: &str, feeds: &[String], wanted: usize, log: &str, bare: f64) {
    let folder = tempfile::tempdir().unwrap();
    let log = log.replace("{folder}", folder.path().to_str().unwrap());
    let config = web::config(folder.path(), &log, feeds);
    impolite(&config);
    let arguments = ["topics", "--create", "-c", config.to_str().unwrap()];
    if log.contains("[kafka]") {
        run(&mut newswire(arguments)).good();
    }
    let mut command = newswire(["up", "-c", config.to_str().unwrap()]);
    let mut daemon = Daemon::start("up", folder.path(), &mut command);
    let address = daemon.address();
    let mut reach = |count: usize| {
        let began = Instant::now();
        while published(address) < count {
            daemon.must_run();
            assert!(began.elapsed() < PATIENCE, "{} articles", published(address));
            std::thread::sleep(Duration::from_millis(50));
        }
        published(address)
    };
    // Joining groups and reading the feeds is over once there is an article.
    let first = reach(1);
    let (began, own) = (Instant::now(), seconds_of_cpu());
    reach(wanted);
    let wall = began.elapsed().as_secs_f64();
    let wanted = wanted - first;
    let web = seconds_of_cpu() - own;
    let (cpu, memory) = daemon.usage();
    let net = wall - web / threads() as f64;
    let rate = wanted as f64 / net;
    println!(
        "{name}: {wanted} articles in {wall:.1} s, {web:.1} s of CPU the web's own: {rate:.0} \
         a second, {:.0} % of bare extraction; newswire used {cpu:.1} s of CPU, {} MiB",
        100.0 * rate / bare,
        memory / 1024 / 1024
    );
    daemon.terminate();
}

/// Reads the records of `pages` and writes them to a topic that nobody reads, 500 a transaction:
/// what librdkafka and the broker can do at best.
fn bare_loop(brokers: &str, prefix: &str, wanted: usize) {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers).set("message.max.bytes", "12582912");
    let consumer: BaseConsumer = config
        .clone()
        .set("group.id", format!("{prefix}bare"))
        .set("isolation.level", "read_committed")
        .set("enable.auto.commit", "false")
        .create()
        .unwrap();
    let producer: BaseProducer =
        config.clone().set("transactional.id", format!("{prefix}bare")).create().unwrap();
    producer.init_transactions(PATIENCE).unwrap();
    let mut places = TopicPartitionList::new();
    for partition in 0..12 {
        places
            .add_partition_offset(&format!("{prefix}pages"), partition, Offset::Beginning)
            .unwrap();
    }
    consumer.assign(&places).unwrap();
    let to = format!("{prefix}pushes");
    let (began, mut count) = (Instant::now(), 0);
    while count < wanted {
        producer.begin_transaction().unwrap();
        let mut batch = 0;
        while batch < 500 && count + batch < wanted {
            let Some(message) = consumer.poll(PATIENCE) else { continue };
            let message = message.unwrap();
            let record: BaseRecord<'_, [u8], [u8]> = BaseRecord::to(&to)
                .partition(message.partition())
                .key(message.key().unwrap_or_default())
                .payload(message.payload().unwrap_or_default());
            producer.send(record).map_err(|(error, _)| error).unwrap();
            producer.poll(Duration::ZERO);
            batch += 1;
        }
        producer.commit_transaction(PATIENCE).unwrap();
        count += batch;
    }
    println!(
        "bare librdkafka loop over the same pages: {:.0} records/s",
        wanted as f64 / began.elapsed().as_secs_f64()
    );
}

/// Ends a reader with the benchmark.
struct Reader(Child);

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// From the poll that first saw an entry to a reader that has its story, at ten stories a second.
fn latency(name: &str, log: &str, reader: impl Fn(&Path) -> Command, story: fn(Value) -> Value) {
    const WANTED: usize = 400;
    let web = Web::live(Settings {
        story: false,
        extra_outlets: 20,
        articles_per_outlet: 1000,
        extra_interval: Duration::from_secs(2),
        feed_length: 20,
        ..Settings::default()
    });
    let folder = tempfile::tempdir().unwrap();
    let log = log.replace("{folder}", folder.path().to_str().unwrap());
    let config = web.config(folder.path(), &log);
    let mut daemon =
        Daemon::start("up", folder.path(), &mut newswire(["up", "-c", config.to_str().unwrap()]));
    daemon.address();
    let mut child =
        Reader(reader(&config).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap());
    let lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut late: Vec<f64> = Vec::new();
    let mut steady = None;
    for line in lines.map_while(Result::ok) {
        let story = story(serde_json::from_str(&line).unwrap());
        let seen: Timestamp = serde_json::from_value(story["first_seen_at"].clone()).unwrap();
        late.push(runtime::clock::now().millis_since(seen) as f64 / 1000.0);
        // The beginning, when everything is new at once, is not what is asked for.
        if late.len() == WANTED / 4 {
            steady = Some((Instant::now(), daemon.usage().0));
        }
        if late.len() >= WANTED {
            break;
        }
    }
    daemon.must_run();
    let (began, before) = steady.unwrap();
    let share = (daemon.usage().0 - before) / began.elapsed().as_secs_f64();
    let mut late = late.split_off(WANTED / 4);
    late.sort_by(f64::total_cmp);
    let at = |share: f64| late[((late.len() - 1) as f64 * share) as usize];
    println!(
        "{name}: entry seen to story read, 10 stories/s: p50 {:.2} s, p99 {:.2} s, most {:.2} s; \
         newswire uses {:.0} % of a core",
        at(0.5),
        at(0.99),
        at(1.0),
        100.0 * share
    );
    daemon.terminate();
}

/// Extraction alone, then the road over the same pages.
fn beside<B: AsRef<[u8]> + Sync>(
    what: &str,
    feeds: &[String],
    pages: &[(String, B)],
    brokers: Option<&str>,
) {
    let bare = bare_extraction(pages);
    println!(
        "bare extraction of {} {what} ({} KiB each) on {} threads: {bare:.0} pages/s",
        pages.len(),
        pages.iter().map(|(_, body)| body.as_ref().len()).sum::<usize>() / pages.len() / 1024,
        threads()
    );
    road("whole road, embedded", feeds, pages.len(), EMBEDDED, bare);
    let prefix = format!("bench-{}.", runtime::clock::now().as_millis());
    if let Some(brokers) = brokers {
        road("whole road, Kafka", feeds, pages.len(), &on_kafka(brokers, &prefix), bare);
        bare_loop(brokers, &prefix, pages.len());
    }
}

const EMBEDDED: &str = "[embedded]\npath = \"{folder}/log.db\"";

fn on_kafka(brokers: &str, prefix: &str) -> String {
    format!("[kafka]\nbrokers = \"{brokers}\"\ntopic_prefix = \"{prefix}\"")
}

fn main() {
    let brokers = std::env::var("NEWSWIRE_KAFKA").ok();
    if brokers.is_none() {
        println!("no figures on Kafka: NEWSWIRE_KAFKA names no broker (`just kafka` starts one)");
    }
    {
        let web = Web::still(Settings {
            story: false,
            extra_outlets: OUTLETS,
            articles_per_outlet: ARTICLES,
            extra_interval: Duration::ZERO,
            feed_length: ARTICLES,
            request_log: 0,
            ..Settings::default()
        });
        beside("invented pages", &web.feeds(), &pages(&web), brokers.as_deref());
    }
    match Library::open(OUTLETS) {
        Some(library) => {
            beside("real pages", &library.feeds, &library.pages, brokers.as_deref());
        }
        None => println!("SKIPPED: real pages; NEWSWIRE_CORPORA names no corpora"),
    }
    latency(
        "embedded",
        EMBEDDED,
        |config| newswire(["tail", "--json", "-c", config.to_str().unwrap()]),
        |line| line["value"].clone(),
    );
    let Some(brokers) = brokers else { return };
    let prefix = format!("late-{}.", runtime::clock::now().as_millis());
    let topics = BTreeMap::from([("NEWSWIRE_KAFKA__TOPIC_PREFIX", &prefix)]);
    let mut create = newswire(["topics", "--create"]);
    create.env("NEWSWIRE_KAFKA__BROKERS", &brokers).envs(topics);
    run(&mut create).good();
    latency(
        "Kafka",
        &on_kafka(&brokers, &prefix),
        |_| {
            let mut kcat = Command::new("kcat");
            kcat.args(["-C", "-q", "-u", "-b", &brokers, "-o", "end", "-f", "%s\n"]);
            kcat.args(["-X", "isolation.level=read_committed", "-t", &format!("{prefix}stories")]);
            kcat
        },
        |story| story,
    );
}
