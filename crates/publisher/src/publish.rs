//! The stage round the engine: records of `articles` in, records of the public topics out.

use std::time::Duration;

use bus::{Record, Topic};
use events::{Article, EventKind, StoryEvent, Timestamp, TraceContext, story_headers};
use stage::{Context, Definition, Gauge, Output, Poison, RestoreContext, Stage};

use crate::engine::{Engine, Published};
use crate::settings::Settings;
use crate::state::Records;

/// Languages that have a label of their own in the metrics; all others are `other`.
const LABELLED_LANGUAGES: [&str; 20] = [
    "ar", "cs", "de", "el", "en", "es", "fi", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ro",
    "ru", "sv", "tr", "zh",
];

/// What kind of stage the publisher is.
#[derive(Clone, Debug, Default)]
pub struct Publish {
    settings: Settings,
}

impl Publish {
    /// A publisher with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Definition for Publish {
    fn name(&self) -> &'static str {
        "publisher"
    }

    fn inputs(&self) -> &[Topic] {
        &[Topic::Articles]
    }

    fn changelogs(&self) -> &[Topic] {
        &[Topic::PublisherState]
    }

    fn stage(&self, _: u32) -> Box<dyn Stage> {
        Box::new(Publishing { engine: Engine::new(self.settings.clone()) })
    }
}

/// The publisher at work.
struct Publishing {
    engine: Engine,
}

impl Stage for Publishing {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        // The harness's own records begin with `@`; no kind of ours does.
        let records = context.state().scan(Topic::PublisherState, "");
        let ours = records.filter(|(key, _)| !key.starts_with('@'));
        self.engine = Engine::restore(self.engine.settings.clone(), ours)
            .map_err(|error| error.to_string())?;
        Ok(())
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let value = record.value.as_deref().ok_or_else(|| Poison::new("empty", "no value"))?;
        let article: Article =
            serde_json::from_slice(value).map_err(|error| Poison::new("not_json", error))?;
        let evicted_before = self.engine.pushed_out();
        let output = self
            .engine
            .take(&article, &mut Changelog(context))
            .map_err(|error| Poison::new("state", error))?;
        let evicted = self.engine.pushed_out() - evicted_before;
        if evicted > 0 {
            context.count("newswire_stories_evicted_total", &[], evicted);
        }
        for published in &output.stories {
            count(&published.event, first_seen(&article), context);
        }
        let outputs = outputs(&output, self.engine.now(), context.trace())
            .map_err(|error| Poison::new("group", error))?;
        for output in outputs {
            context.emit(output);
        }
        Ok(())
    }

    fn gauges(&self) -> Vec<Gauge> {
        let open = f64::from(self.engine.groups.open());
        vec![Gauge { name: "newswire_groups_open", labels: Vec::new(), value: open }]
    }
}

fn first_seen(article: &Article) -> Option<Timestamp> {
    match article {
        Article::Entry { entry, .. } => Some(entry.seen_at),
        Article::Withdraw(_) => None,
    }
}

/// The records of the public topics that an article comes to, in order.
pub(crate) fn outputs(
    output: &crate::engine::Output,
    now: Timestamp,
    trace: &TraceContext,
) -> Result<Vec<Output>, serde_json::Error> {
    let trace = trace.child("publish");
    let record = |topic, key: &str, value, timestamp, headers| Output {
        topic,
        routing: key.as_bytes().to_vec(),
        key: key.to_owned(),
        value,
        timestamp,
        headers,
        trace: trace.clone(),
    };
    let mut outputs = Vec::new();
    for Published { event, value } in &output.stories {
        let headers = story_headers(event, &trace);
        let value = Some(value.clone());
        let latest = value.clone().filter(|_| event.event != EventKind::Withdrawn);
        let at = event.fetched_at;
        outputs.push(record(Topic::Stories, &event.id, value, at, headers.clone()));
        outputs.push(record(Topic::StoriesLatest, &event.id, latest, at, headers));
    }
    for group in &output.groups {
        let value = Some(serde_json::to_vec(group)?);
        outputs.push(record(Topic::Groups, &group.id, value, now, Vec::new()));
    }
    Ok(outputs)
}

fn count(event: &StoryEvent, seen: Option<Timestamp>, context: &mut Context<'_>) {
    let language = event.language.as_deref().unwrap_or("other");
    let language = language.split('-').next().unwrap_or(language);
    let language =
        LABELLED_LANGUAGES.iter().find(|known| **known == language).copied().unwrap_or("other");
    let labels = [("type", event.event.as_str()), ("language", language)];
    context.count("newswire_stories_total", &labels, 1);
    if let Some(kind) = event.duplicate_of.kind {
        let kind = match kind {
            events::CopyKind::Exact => "exact",
            events::CopyKind::Near => "near",
            events::CopyKind::Syndicated => "syndicated",
        };
        context.count("newswire_duplicates_total", &[("kind", kind)], 1);
    }
    let now = context.now();
    let since = |then: Timestamp| {
        Duration::from_millis(now.millis_since(then).max(0).cast_unsigned()).as_secs_f64()
    };
    if let Some(seen) = seen
        && event.event == EventKind::Published
    {
        context.observe("newswire_story_latency_seconds", &[], since(seen));
    }
    if let Some(published_at) = event.published_at
        && event.event == EventKind::Published
        && published_at <= now
    {
        context.observe("newswire_story_freshness_seconds", &[], since(published_at));
    }
}

/// The harness's state as the engine sees it.
struct Changelog<'c, 'h>(&'c mut Context<'h>);

impl Records for Changelog<'_, '_> {
    fn get(&self, key: &str) -> Option<&[u8]> {
        self.0.get(Topic::PublisherState, key)
    }

    fn put(&mut self, key: &str, value: Option<Vec<u8>>) {
        match value {
            Some(value) => self.0.put(Topic::PublisherState, key, value),
            None => self.0.delete(Topic::PublisherState, key),
        }
    }
}
