//! The simulation of `--example million_feeds`, small: what it shows of a million feeds must hold
//! of some hundreds.

#![expect(unreachable_pub, dead_code, reason = "modules of an example are a crate of their own")]

#[path = "../examples/million_feeds/log.rs"]
mod log;
#[path = "../examples/million_feeds/run.rs"]
mod run;
#[path = "../examples/million_feeds/world.rs"]
mod world;

use run::{Plan, run};

#[test]
fn polls_follow_the_rate_of_each_feed_and_no_site_is_asked_too_much() {
    // Far fewer places than requests that are due at once.
    let plan = Plan { feeds: 400, days: 3, pages: true, requests: 4, step_ms: 10_000 };
    let outcome = run(plan, Box::new(|_, _| {})).unwrap();
    assert_eq!(outcome.over_budget, 0);
    // Silence that lasts is doubted, once after three days, then ever more rarely.
    assert!(outcome.unconditional * 100 < outcome.polls, "{outcome:?}");
    let polls: Vec<f64> = outcome.classes.iter().map(|class| class.polls_a_day).collect();
    assert!(polls.windows(2).all(|pair| pair[0] > pair[1]), "{polls:?}");
    let active = &outcome.classes[0];
    assert!(active.items > 100, "{active:?}");
    assert!(active.median_delay_s <= 300, "{active:?}");
    assert!(outcome.pages > 0 && outcome.not_modified * 2 > outcome.polls, "{outcome:?}");
}
