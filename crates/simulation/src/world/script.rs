//! What the cluster and the daemons ask of the world: time, waits, steps, requests.

use std::sync::Arc;
use std::time::Duration;

use bus::simulated::{Delivery, Request, Script, Step};
use events::Timestamp;
use stage::{Fetch, Performer, Reply};

use super::{Due, START, World};
use crate::plan::Fault;

/// The world as the cluster sees it.
pub(crate) struct Decides(pub(crate) Arc<World>);

impl Script for Decides {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.time())
    }

    fn wait(&self, _: &str, wait: Duration) {
        self.0.pass(wait.as_millis() as i64);
    }

    fn idle(&self, member: &str, wait: Duration) -> bool {
        let wait = wait.as_millis() as i64;
        let Some(number) = self.0.life_of(member) else { return false };
        let ending = {
            let mut inner = self.0.inner();
            let Some(life) = inner.lives.get_mut(&number) else { return false };
            // Whatever a poll could bring wakes it; only timers are waited for to the millisecond.
            let longer = if wait >= 500 { wait * 10 } else { wait.max(2) };
            life.wake_at = self.0.time() + longer;
            life.ending
        };
        if ending {
            self.0.pass(wait.max(1));
        }
        false
    }

    fn step(&self, member: &str, step: Step) {
        let world = &self.0;
        *world.inner().steps.entry(step).or_default() += 1;
        if matches!(step, Step::Recover | Step::Barrier) {
            world.note(&format!("{member}: {step:?}"));
        }
        if std::thread::panicking() || world.is_healed() {
            return;
        }
        let doomed = world
            .life_of(member)
            .is_some_and(|number| world.inner().lives.get(&number).is_some_and(|l| l.doomed));
        if doomed {
            world.note(&format!("{member} is killed at {step:?}"));
            world.crash(member);
        }
        let plan = &world.plan;
        if plan.at.is_some_and(|at| at != step) || world.time() - START > plan.until {
            return;
        }
        // A poll comes so often that it would have all the faults.
        let rarer = if step == Step::Poll { 20 } else { 1 };
        let once_in = |n: u64| n > 0 && world.random(|random| random.one_in(n * rarer));
        if once_in(plan.crash_one_in) {
            world.note(&format!("{member} dies at {step:?}"));
            world.crash(member);
        }
        if once_in(plan.stop_one_in) {
            let most = if world.random(|random| random.one_in(3)) { 90_000 } else { 12_000 };
            let milliseconds = world.random(|random| random.between(1, most)) as i64;
            world.note(&format!("{member} is stopped at {step:?} for {milliseconds} ms"));
            world.cluster().set_stopped(member, true);
            world.pass(milliseconds);
            world.cluster().set_stopped(member, false);
        }
    }

    fn deliver(&self, member: &str, request: Request) -> Delivery {
        let world = &self.0;
        if request == Request::EndTransaction {
            // What it commits can be read soon.
            let soon = world.random(|random| random.between(2, 40)) as i64 + world.time();
            for life in world.inner().lives.values_mut() {
                life.wake_at = life.wake_at.min(soon);
            }
        }
        let plan = &world.plan;
        // As with steps: polls would have all the faults.
        let rarer = if request == Request::Fetch { 20 } else { 1 };
        let faulty = plan.request_one_in > 0
            && !world.is_healed()
            && world.time() - START < plan.until
            && world.random(|random| random.one_in(plan.request_one_in * rarer));
        if request == Request::Fetch {
            return if faulty { Delivery::Repeated } else { Delivery::Done(0) };
        }
        if !faulty {
            return Delivery::Done(world.random(|random| random.between(0, 4)));
        }
        let delivery = world.random(|random| match random.below(7) {
            0 => Delivery::Done(random.between(100, 8_000)),
            1 => Delivery::Repeated,
            2 => Delivery::DoneButFailed,
            3 => Delivery::Failed,
            4 | 5 => Delivery::Late(random.between(1, 12_000)),
            _ => Delivery::Doubled(random.between(1, 3_000)),
        });
        world.note(&format!("{member} {request:?}: {delivery:?}"));
        delivery
    }

    fn below(&self, limit: u64) -> u64 {
        self.0.random(|random| random.below(limit))
    }

    fn wake(&self, member: &str) {
        let world = &self.0;
        let Some(number) = world.life_of(member) else { return };
        let now = world.time();
        if let Some(life) = world.inner().lives.get_mut(&number) {
            life.wake_at = life.wake_at.min(now);
        }
    }
}

/// The way of one daemon to the web.
pub(super) struct Wire {
    pub(super) world: Arc<World>,
    pub(super) life: u64,
}

impl Performer for Wire {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        let world = &self.world;
        let most = {
            let mut inner = world.inner();
            let requests = match inner.lives.get_mut(&self.life) {
                Some(life) => {
                    life.requests += 1;
                    life.requests
                }
                None => 0,
            };
            inner.most_requests = inner.most_requests.max(requests);
            requests
        };
        world.note(&format!("request {} of {} ({most})", fetch.url, self.life));
        let slow = world.plan.has(Fault::Slow) && !world.is_healed();
        let milliseconds = world.random(|random| match random.below(20) {
            0 => random.between(1_000, 20_000),
            _ if slow => random.between(1_000, 30_000),
            _ => random.between(5, 300),
        });
        let at = world.time() + milliseconds as i64;
        world.later(at, Due::Answer { life: self.life, fetch, reply });
    }
}
