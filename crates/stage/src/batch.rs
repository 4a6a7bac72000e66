//! Runs a batch through its tasks. Nothing here touches the log: what comes out is either all
//! the effects of the batch, or the item that cannot be processed.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bus::Record;
use events::{Timestamp, TraceContext};

use crate::compute::{panic_message, run_all};
use crate::context::{Effects, trace_of};
use crate::requests::Places;
use crate::task::Task;
use crate::{Context, Done, Fetched, Poison};

/// One thing to do.
#[derive(Clone, Debug)]
pub(crate) enum Work {
    Record(Record),
    Timer(String),
    Fetched(String, Fetched),
}

impl Work {
    /// Name of the timer or request.
    pub(crate) fn key(&self) -> Option<&str> {
        match self {
            Self::Record(_) => None,
            Self::Timer(key) | Self::Fetched(key, _) => Some(key),
        }
    }

    fn trace(&self) -> TraceContext {
        match self {
            Self::Record(record) => trace_of(record),
            Self::Timer(key) | Self::Fetched(key, _) => TraceContext::root(key),
        }
    }
}

/// One thing to do, and where.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) partition: u32,
    pub(crate) work: Work,
}

/// An item that cannot be processed. What the batch did so far must be dropped.
#[derive(Debug)]
pub(crate) struct Faulty {
    pub(crate) index: usize,
    pub(crate) poison: Poison,
}

/// What a batch did: effects with the index of their item, in the order in which they were had (a
/// key written twice must end as the stage left it), and items that were found poisoned without
/// having touched anything.
#[derive(Default)]
pub(crate) struct Ran {
    pub(crate) effects: Vec<(usize, Effects)>,
    pub(crate) refused: Vec<(usize, Poison)>,
}

/// Runs items in order, then their computations, until none is left. `places` is how many requests
/// would be sent at once.
pub(crate) fn run(
    tasks: &mut BTreeMap<u32, Task>,
    items: &[Item],
    now: Timestamp,
    mut places: Places,
    threads: usize,
) -> Result<Ran, Faulty> {
    let mut ran = Ran::default();
    for (index, item) in items.iter().enumerate() {
        let mut effects = Effects::default();
        let outcome =
            call(tasks, item, now, places, &mut effects, |stage, context| match &item.work {
                Work::Record(record) => stage.on_record(record, context),
                Work::Timer(key) => stage.on_timer(key, context),
                Work::Fetched(key, fetched) => {
                    stage.on_done(key, Done::Fetched(fetched.clone()), context)
                }
            });
        match outcome {
            Ok(()) => {}
            Err(Fault::Refused(poison))
                if !effects.used && matches!(item.work, Work::Record(_)) =>
            {
                ran.refused.push((index, poison));
            }
            Err(fault) => {
                return Err(Faulty { index, poison: fault.into_poison() });
            }
        }
        places = places.without(effects.fetches.len());
        ran.effects.push((index, effects));
    }
    run_computations(tasks, items, now, places, threads, &mut ran)?;
    Ok(ran)
}

fn run_computations(
    tasks: &mut BTreeMap<u32, Task>,
    items: &[Item],
    now: Timestamp,
    mut places: Places,
    threads: usize,
    ran: &mut Ran,
) -> Result<(), Faulty> {
    loop {
        let mut asked = Vec::new();
        let mut closures = Vec::new();
        for (index, effects) in &mut ran.effects {
            for compute in effects.computes.drain(..) {
                asked.push((*index, compute.key));
                closures.push(compute.run);
            }
        }
        if closures.is_empty() {
            return Ok(());
        }
        let results = run_all(closures, threads);
        for ((index, key), result) in asked.into_iter().zip(results) {
            let item = &items[index];
            let done = match result {
                Ok(value) => Done::Computed(value),
                Err(message) => Done::Panicked(message),
            };
            let mut effects = Effects::default();
            call(tasks, item, now, places, &mut effects, |stage, context| {
                stage.on_done(&key, done, context)
            })
            .map_err(|fault| Faulty { index, poison: fault.into_poison() })?;
            places = places.without(effects.fetches.len());
            ran.effects.push((index, effects));
        }
    }
}

enum Fault {
    Refused(Poison),
    Panicked(Poison),
}

impl Fault {
    fn into_poison(self) -> Poison {
        match self {
            Self::Refused(poison) | Self::Panicked(poison) => poison,
        }
    }
}

fn call(
    tasks: &mut BTreeMap<u32, Task>,
    item: &Item,
    now: Timestamp,
    places: Places,
    effects: &mut Effects,
    act: impl FnOnce(&mut dyn crate::Stage, &mut Context<'_>) -> Result<(), Poison>,
) -> Result<(), Fault> {
    // A partition may have stopped within this batch; its items are read again when it is mended.
    let Some(task) = tasks.get_mut(&item.partition) else {
        return Ok(());
    };
    let stage = &mut *task.stage;
    let mut context = Context::new(now, places, item.work.trace(), &mut task.state, effects);
    let outcome = catch_unwind(AssertUnwindSafe(|| act(stage, &mut context)));
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(poison)) => Err(Fault::Refused(poison)),
        Err(panic) => Err(Fault::Panicked(Poison::new("panic", panic_message(&*panic)))),
    }
}

/// Lets the stage park what belongs to a timer or request that it could not handle.
pub(crate) fn run_fault(
    tasks: &mut BTreeMap<u32, Task>,
    item: &Item,
    poison: &Poison,
    now: Timestamp,
    places: Places,
) -> Result<Ran, Poison> {
    let mut effects = Effects::default();
    let key = item.work.key().unwrap_or_default().to_owned();
    call(tasks, item, now, places, &mut effects, |stage, context| {
        stage.on_fault(&key, poison, context);
        Ok(())
    })
    .map_err(Fault::into_poison)?;
    Ok(Ran { effects: vec![(0, effects)], refused: Vec::new() })
}

/// Partitions that items belong to, in order.
pub(crate) fn partitions_of(items: &[Item]) -> BTreeSet<u32> {
    items.iter().map(|item| item.partition).collect()
}
