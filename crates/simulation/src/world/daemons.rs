//! The lives of daemons: how they begin, are disturbed, and end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use events::Timestamp;
use stage::{Clock, Harness, NoMeter, Status, StatusHandle};

use super::script::Wire;
use super::{Daemon, Due, IDLE, Life, World, lock};
use crate::plan::Role;
use crate::road;

impl World {
    /// Starts a daemon under an instance name.
    pub(crate) fn start(self: &Arc<Self>, role: Role, instance: &str) {
        let number = self.number();
        let name = format!("{}.{instance}#{number}", role.name());
        self.note(&format!("start {name}"));
        let skew = Arc::new(AtomicI64::new(0));
        let (world, of) = (Arc::clone(self), Arc::clone(&skew));
        let clock: Clock =
            Arc::new(move || Timestamp::from_millis(world.time() + of.load(Ordering::Relaxed)));
        let status = StatusHandle::default();
        let shutdown = Arc::new(AtomicBool::new(false));
        let harness = Harness::new(
            road::definition(role),
            Box::new(self.cluster().transport(&name, road::spec(role, instance))),
            Arc::new(Wire { world: Arc::clone(self), life: number }),
            road::topics(),
            road::settings(),
            clock,
            Arc::new(NoMeter),
            status.clone(),
            Arc::clone(&shutdown),
        );
        let life = Life {
            name: name.clone(),
            role,
            instance: instance.to_owned(),
            wake_at: self.time(),
            stopped_until: 0,
            skew,
            doomed: false,
            term: false,
            ending: false,
            requests: 0,
        };
        self.inner().lives.insert(number, life);
        let harness = Some(Box::new(harness));
        let instance = instance.to_owned();
        let daemon = Daemon { name, role, instance, harness, status, shutdown };
        IDLE.with_borrow_mut(|idle| idle.insert(number, daemon));
    }

    /// Numbers of the daemons that live, in order.
    fn living(&self) -> Vec<u64> {
        self.inner().lives.keys().copied().collect()
    }

    /// One of those that live.
    pub(crate) fn choose(&self, number: u64) -> Option<u64> {
        let living = self.living();
        (!living.is_empty()).then(|| living[(number % living.len() as u64) as usize])
    }

    pub(crate) fn count(&self, role: Role) -> usize {
        self.inner().lives.values().filter(|life| life.role == role && !life.term).count()
    }

    pub(crate) fn role_of(&self, life: u64) -> Option<Role> {
        self.inner().lives.get(&life).map(|life| life.role)
    }

    pub(crate) fn of_role(&self, role: Role) -> Vec<u64> {
        let inner = self.inner();
        inner.lives.iter().filter(|(_, life)| life.role == role).map(|(n, _)| *n).collect()
    }

    /// The process dies, now or at the next thing it does; another is started in its place.
    pub(crate) fn kill(self: &Arc<Self>, life: u64, restart_after: i64) {
        let found = IDLE.with_borrow_mut(|idle| idle.remove(&life));
        match found {
            Some(daemon) => {
                self.saw("killed between steps");
                self.bury(life, restart_after);
                self.cluster().kill(&daemon.name);
                drop(daemon);
            }
            None => {
                if let Some(life) = self.inner().lives.get_mut(&life) {
                    life.doomed = true;
                }
            }
        }
    }

    pub(super) fn bury(&self, life: u64, restart_after: i64) {
        let Some(gone) = self.inner().lives.remove(&life) else { return };
        self.note(&format!("dead: {}", gone.name));
        if restart_after >= 0 {
            let restart = Due::Restart { role: gone.role, instance: gone.instance };
            self.later(self.time() + restart_after, restart);
        }
    }

    /// The process is asked to end.
    pub(crate) fn term(&self, life: u64) {
        if let Some(life) = self.inner().lives.get_mut(&life) {
            life.term = true;
            life.wake_at = 0;
        }
    }

    pub(crate) fn skew(&self, life: u64, by: i64) {
        if let Some(life) = self.inner().lives.get(&life) {
            life.skew.fetch_add(by, Ordering::Relaxed);
        }
    }

    /// The process is stopped between two steps, for so long.
    pub(crate) fn stop(&self, life: u64, milliseconds: i64) -> Option<(Role, String)> {
        let until = self.time() + milliseconds;
        let (name, role, instance) = {
            let mut inner = self.inner();
            let life = inner.lives.get_mut(&life)?;
            life.stopped_until = life.stopped_until.max(until);
            (life.name.clone(), life.role, life.instance.clone())
        };
        self.cluster().set_stopped(&name, true);
        self.later(until, Due::EndOfStop { name });
        Some((role, instance))
    }

    pub(crate) fn cut(&self, life: u64, milliseconds: i64) {
        let Some(name) = self.inner().lives.get(&life).map(|life| life.name.clone()) else {
            return;
        };
        self.cluster().set_cut(&name, true);
        self.later(self.time() + milliseconds, Due::EndOfCut { name });
    }

    pub(crate) fn away(&self, milliseconds: i64) {
        self.cluster().set_away(true);
        self.later(self.time() + milliseconds, Due::EndOfAway);
    }

    /// From now on nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.note("healed");
        self.inner().healed = true;
        for name in self.inner().lives.values().map(|life| life.name.clone()).collect::<Vec<_>>() {
            self.cluster().set_cut(&name, false);
        }
        self.cluster().set_away(false);
        lock(&self.web).heal();
    }

    /// What the daemons hold and say, while none of them acts.
    pub(crate) fn look<R>(
        &self,
        mut at: impl FnMut(&Daemon, &Harness<'static>, &Status) -> R,
    ) -> Vec<R> {
        IDLE.with_borrow(|idle| {
            let daemons = idle.values();
            daemons
                .filter_map(|daemon| {
                    let harness = daemon.harness.as_ref()?;
                    Some(at(daemon, harness, &daemon.status.get()))
                })
                .collect()
        })
    }

    /// All processes end at once, and the world lets go of its cluster.
    pub(crate) fn clear(&self) {
        let all = IDLE.with_borrow_mut(std::mem::take);
        for daemon in all.values() {
            self.cluster().kill(&daemon.name);
        }
        drop(all);
        let mut inner = self.inner();
        inner.due.clear();
        inner.lives.clear();
        drop(inner);
        *lock(&self.simulated) = None;
    }
}
