//! WebSub as the owner of a feed's site sees it: hub, call-backs and deliveries are played.

use std::fmt::Write as _;
use std::time::Duration;

use bus::Topic;
use events::{Push, PushKind};
use hmac::Mac as _;

use super::HOUR;
use super::world::{World, body, status};
use crate::WebSub;
use crate::websub::Key;

const FEED: &str = "https://www.example.org/feed.xml";
const HUB: &str = "https://hub.net/";

fn document(items: &[&str]) -> String {
    let mut text = format!(
        "<rss version=\"2.0\" xmlns:a=\"http://www.w3.org/2005/Atom\"><channel><title>N</title>\
         <a:link rel=\"hub\" href=\"{HUB}\"/><a:link rel=\"self\" href=\"{FEED}\"/>"
    );
    for item in items {
        let _ = write!(
            text,
            "<item><guid>{item}</guid><title>{item}</title>\
             <link>https://www.example.org/{item}</link></item>"
        );
    }
    text + "</channel></rss>"
}

fn world() -> World {
    let mut world = World::new(|fetch, _| {
        Ok(match fetch.url.as_str() {
            FEED => body("application/rss+xml", &document(&["one"])),
            HUB => status(202, &[]),
            _ => status(404, &[]),
        })
    });
    world.settings.full_text = |_| true;
    world.settings.websub = Some(WebSub {
        public_url: "https://us.net".to_owned(),
        key: Key::new(b"a secret of ours"),
    });
    world
}

struct Hub {
    segment: String,
    secret: String,
    topic: String,
}

impl Hub {
    /// What the last request for a subscription told the hub.
    fn of(world: &World) -> Self {
        let requests = world.requests();
        let (_, asked) = requests.iter().rfind(|(_, fetch)| fetch.url == HUB).unwrap();
        let field = |name: &str| asked.form.iter().find(|(n, _)| n == name).unwrap().1.clone();
        let call_back = field("hub.callback");
        let segment = call_back.strip_prefix("https://us.net/websub/").unwrap().to_owned();
        Self { segment, secret: field("hub.secret"), topic: field("hub.topic") }
    }

    fn push(&self, world: &World, id: &str, kind: PushKind, content: &[u8]) {
        let push = Push {
            feed: id.to_owned(),
            call_back: self.segment.clone(),
            received_at: world.now(),
            kind,
        };
        world.append_bytes(Topic::Pushes, id, push.encode(content).unwrap());
    }

    fn verify(&self, world: &World, id: &str, lease_s: u64) {
        let topic = self.topic.clone();
        self.push(world, id, PushKind::Verified { topic, lease_s: Some(lease_s) }, b"");
    }

    fn deliver(&self, world: &World, id: &str, content: &str, secret: &str) {
        let mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(secret.as_bytes()).unwrap();
        let tag = mac.chain_update(content.as_bytes()).finalize().into_bytes();
        let signature = Some(format!("sha1={}", data_encoding::HEXLOWER.encode(&tag)));
        let content_type = Some("application/rss+xml".to_owned());
        let kind = PushKind::Delivered { content_type, signature, cut: false };
        self.push(world, id, kind, content.as_bytes());
    }
}

fn titles(world: &World) -> Vec<String> {
    world.entries().into_iter().filter_map(|entry| entry.title).collect()
}

#[test]
fn what_a_hub_delivers_is_there_at_once_and_only_once() {
    let world = world();
    let id = world.subscribe(FEED);
    world.run(Duration::from_secs(60));
    let hub = Hub::of(&world);
    assert_eq!(hub.topic, FEED);
    hub.verify(&world, &id, 86_400);
    world.run(Duration::from_secs(10));
    let polls = world.times("poll/").len();
    for _ in 0..3 {
        hub.deliver(&world, &id, &document(&["two"]), &hub.secret);
    }
    world.run(Duration::from_secs(5));
    assert_eq!(titles(&world), ["one", "two"]);
    assert_eq!(world.times("poll/").len(), polls);
    assert!(world.status(&id).unwrap().pushed_until.is_some());
}

#[test]
fn forged_foreign_and_late_deliveries_change_nothing() {
    let world = world();
    let id = world.subscribe(FEED);
    world.run(Duration::from_secs(60));
    let hub = Hub::of(&world);
    // Before any confirmation.
    hub.deliver(&world, &id, &document(&["early"]), &hub.secret);
    world.run(Duration::from_secs(5));
    hub.verify(&world, &id, 3_600);
    hub.deliver(&world, &id, &document(&["forged"]), "a guess");
    let foreign = Hub { segment: hub.segment[..40].to_owned(), ..Hub::of(&world) };
    foreign.deliver(&world, &id, &document(&["foreign"]), &hub.secret);
    world.run(Duration::from_secs(5));
    world.pass(HOUR * 3);
    hub.deliver(&world, &id, &document(&["late"]), &hub.secret);
    world.run(Duration::from_secs(5));
    assert_eq!(titles(&world), ["one"]);
}

#[test]
fn leases_are_renewed_also_over_restarts_and_a_denial_is_respected() {
    let mut world = world();
    world.step_ms = 1_000;
    let id = world.subscribe(FEED);
    world.run(Duration::from_secs(60));
    let hub = Hub::of(&world);
    hub.verify(&world, &id, 7_200);
    world.run(HOUR / 2);
    assert_eq!(world.times("hub/").len(), 1);
    world.run(HOUR);
    assert_eq!(world.times("hub/").len(), 2, "renewed at half its lease");
    let topic = hub.topic.clone();
    hub.push(&world, &id, PushKind::Denied { topic, reason: Some("no".to_owned()) }, b"");
    world.run(HOUR * 20);
    assert_eq!(world.times("hub/").len(), 2, "a day of peace");
    assert!(world.status(&id).unwrap().pushed_until.is_none());
    world.run(HOUR * 5);
    assert_eq!(world.times("hub/").len(), 3);
}
