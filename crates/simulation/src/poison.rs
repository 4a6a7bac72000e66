//! Stages that panic where a record asks for it, for poison that only a re-run can find.

use bus::{Record, Topic};
use stage::{Context, Definition, Done, Gauge, Poison, RestoreContext, Stage};

/// Header of a record that makes any stage panic.
pub(crate) const PANIC: &str = "simulation-panic";

/// What a stage panics with: unwinding with a payload of our own prints nothing.
struct Asked;

/// A definition whose stages panic when they are asked to.
pub(crate) struct Touchy<D>(pub(crate) D);

impl<D: Definition> Definition for Touchy<D> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn inputs(&self) -> &[Topic] {
        self.0.inputs()
    }

    fn changelogs(&self) -> &[Topic] {
        self.0.changelogs()
    }

    fn stage(&self, partition: u32) -> Box<dyn Stage> {
        Box::new(TouchyStage(self.0.stage(partition)))
    }

    fn compute_threads(&self) -> usize {
        0
    }
}

struct TouchyStage(Box<dyn Stage>);

impl Stage for TouchyStage {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        self.0.restore(context)
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let done = self.0.on_record(record, context);
        // After the stage has done its part, so that there is something to undo.
        if record.header(PANIC).is_some() {
            std::panic::resume_unwind(Box::new(Asked));
        }
        done
    }

    fn on_timer(&mut self, key: &str, context: &mut Context<'_>) -> Result<(), Poison> {
        self.0.on_timer(key, context)
    }

    fn on_done(&mut self, key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        self.0.on_done(key, done, context)
    }

    fn on_fault(&mut self, key: &str, poison: &Poison, context: &mut Context<'_>) {
        self.0.on_fault(key, poison, context);
    }

    fn waiting_bytes(&self) -> usize {
        self.0.waiting_bytes()
    }

    fn gauges(&self) -> Vec<Gauge> {
        self.0.gauges()
    }
}
