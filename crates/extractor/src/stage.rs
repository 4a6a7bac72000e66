//! The stage round the extractor: records of `pages` in, records of `articles` out. Knows the
//! fates of an entry; the extraction itself runs as a computation of the harness, and the memory of
//! the site is applied when its result is handed back, in order.

use bus::{Record, Topic};
use events::{
    Article, ArticleContent, ArticleOutcome, Entry, ExtractionSource, HttpAnswer, Page,
    PageOutcome, SkipReason, Timestamp,
};
use stage::{Context, Definition, Done, Output, Poison, RestoreContext, Stage};

use crate::{Contradiction, Draft, Extracted, Hints, PageInput, SiteMemory, VERSION, extract_feed};

/// Room left in a record of `articles` for its key and headers.
const RECORD_OVERHEAD: usize = 1024;

/// What kind of stage the extractor is.
#[derive(Clone, Copy, Debug)]
pub struct Extractor {
    /// Threads for extraction; 0 runs it on the harness's own.
    pub threads: usize,
    /// Largest record of `articles` in bytes.
    pub max_record_bytes: usize,
}

impl Default for Extractor {
    fn default() -> Self {
        Self { threads: 0, max_record_bytes: Topic::Articles.default_spec().max_record_bytes }
    }
}

impl Definition for Extractor {
    fn name(&self) -> &'static str {
        "extractor"
    }

    fn inputs(&self) -> &[Topic] {
        &[Topic::Pages]
    }

    fn changelogs(&self) -> &[Topic] {
        &[Topic::SiteState]
    }

    fn stage(&self, _partition: u32) -> Box<dyn Stage> {
        Box::new(Extract { max_value_bytes: self.max_record_bytes.saturating_sub(RECORD_OVERHEAD) })
    }

    fn compute_threads(&self) -> usize {
        self.threads
    }
}

/// One partition of the extractor at work.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extract {
    /// Largest value of a record of `articles` in bytes.
    pub(crate) max_value_bytes: usize,
}

/// A finished record of `articles`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Key: the entry id.
    pub(crate) key: String,
    /// The JSON of an [`Article`].
    pub(crate) value: Vec<u8>,
    /// When the page was fetched.
    pub(crate) timestamp: Timestamp,
    /// Metric label: `article` or why not.
    pub(crate) outcome: &'static str,
}

/// What a page came to before the memory of its site is asked.
pub(crate) struct Worked {
    entry: Entry,
    fetched_at: Timestamp,
    rough: Rough,
}

enum Rough {
    /// Extracted by rules alone.
    Page { url: Option<String>, draft: Draft },
    /// Nothing that a memory has to do with.
    Settled(ArticleOutcome),
}

/// Key of a site's memory in the state.
fn memory_key(site: &str) -> String {
    format!("site/{site}")
}

impl Stage for Extract {
    fn restore(&mut self, context: &mut RestoreContext<'_>) -> Result<(), String> {
        for (key, value) in context.state().scan(Topic::SiteState, "site/") {
            SiteMemory::decode(value).map_err(|error| format!("{key}: {error}"))?;
        }
        Ok(())
    }

    fn on_record(&mut self, record: &Record, context: &mut Context<'_>) -> Result<(), Poison> {
        let value = record.value.as_deref().unwrap_or_default();
        let (page, body) = Page::decode(value).map_err(|error| Poison::new("not_a_page", error))?;
        let body = body.to_vec();
        context.compute(page.entry.id.clone(), move || work(page, &body));
        Ok(())
    }

    fn on_done(&mut self, _key: &str, done: Done, context: &mut Context<'_>) -> Result<(), Poison> {
        let computed = match done {
            Done::Computed(computed) => computed,
            Done::Panicked(message) => return Err(Poison::new("extraction_panicked", message)),
            Done::Fetched(_) => {
                return Err(Poison::new("unexpected", "the extractor asks for no pages"));
            }
        };
        let worked = computed
            .downcast::<Worked>()
            .map_err(|_| Poison::new("unexpected", "the computation returned another type"))?;
        let site = worked.site();
        let mut memory = match &site {
            Some(site) => match context.get(Topic::SiteState, &memory_key(site)) {
                Some(bytes) => SiteMemory::decode(bytes)
                    .map_err(|error| Poison::new("site_memory", format!("{site}: {error}")))?,
                None => SiteMemory::default(),
            },
            None => SiteMemory::default(),
        };
        for contradiction in worked.contradictions() {
            let field = contradiction.as_str();
            context.count("newswire_feed_contradictions_total", &[("field", field)], 1);
        }
        let before = memory.articles();
        let written = write(*worked, &mut memory, self.max_value_bytes)
            .map_err(|message| Poison::new("not_json", message))?;
        if let Some(site) = site
            && memory.articles() != before
        {
            context.put(Topic::SiteState, memory_key(&site), memory.encode());
        }
        context.count("newswire_extractions_total", &[("outcome", written.outcome)], 1);
        context.emit(Output {
            topic: Topic::Articles,
            routing: written.key.clone().into_bytes(),
            key: written.key,
            value: Some(written.value),
            timestamp: written.timestamp,
            headers: Vec::new(),
            trace: context.trace().clone(),
        });
        Ok(())
    }
}

/// The key, value and timestamp of the record of `articles` that the value of a record of `pages`
/// comes to: what the stage does, for replays, but by rules alone: a replay has no memory of sites.
///
/// # Errors
/// A value that is no page, in words.
pub fn article_of_page(value: &[u8]) -> Result<(String, Vec<u8>, Timestamp), String> {
    let (page, body) = Page::decode(value).map_err(|error| error.to_string())?;
    let limit = Extractor::default().max_record_bytes.saturating_sub(RECORD_OVERHEAD);
    let written = write(work(page, body), &mut SiteMemory::default(), limit)?;
    Ok((written.key, written.value, written.timestamp))
}

impl Worked {
    /// Where the feed and the page contradict each other.
    fn contradictions(&self) -> &[Contradiction] {
        match &self.rough {
            Rough::Page { draft, .. } => draft.contradictions(),
            Rough::Settled(_) => &[],
        }
    }

    /// The site whose memory has a say.
    fn site(&self) -> Option<String> {
        match &self.rough {
            Rough::Page { url: Some(url), draft }
                if matches!(draft.extracted(), Extracted::Article(_)) =>
            {
                events::site_of(url)
            }
            _ => None,
        }
    }
}

/// The record of `articles` that comes of a worked page.
///
/// # Errors
/// Where the article cannot be written as JSON, which does not happen with the types as they are.
pub(crate) fn write(
    worked: Worked,
    memory: &mut SiteMemory,
    max_value_bytes: usize,
) -> Result<Written, String> {
    let Worked { mut entry, fetched_at, rough } = worked;
    let mut outcome = match rough {
        Rough::Settled(outcome) => outcome,
        Rough::Page { url, draft } => settle(&entry, url, draft, memory),
    };
    entry.summary = None;
    entry.content = None;
    let key = entry.id.clone();
    let label = |outcome: &ArticleOutcome| match outcome {
        ArticleOutcome::Article { .. } => "article",
        ArticleOutcome::Skipped { reason, .. } => reason.as_str(),
        ArticleOutcome::Moved { .. } => "moved",
        ArticleOutcome::Unchanged => "unchanged",
    };
    let entry = Box::new(entry);
    let mut value = encode(&entry, fetched_at, &outcome)?;
    if value.len() > max_value_bytes {
        outcome = ArticleOutcome::Skipped {
            reason: SkipReason::TooBig,
            detail: format!(
                "the article takes {} bytes of JSON, the limit is {max_value_bytes}",
                value.len()
            ),
        };
        value = encode(&entry, fetched_at, &outcome)?;
    }
    Ok(Written { key, value, timestamp: fetched_at, outcome: label(&outcome) })
}

fn encode(
    entry: &Entry,
    fetched_at: Timestamp,
    outcome: &ArticleOutcome,
) -> Result<Vec<u8>, String> {
    let article =
        Article::Entry { entry: Box::new(entry.clone()), fetched_at, outcome: outcome.clone() };
    serde_json::to_vec(&article).map_err(|error| error.to_string())
}

/// What the page comes to by itself: the expensive part, on any thread.
pub(crate) fn work(page: Page, body: &[u8]) -> Worked {
    let Page { entry, fetched_at, outcome } = page;
    let rough = match outcome {
        PageOutcome::Html(answer) => of_page(&entry, fetched_at, &answer, body),
        PageOutcome::FeedText => Rough::Settled(match extract_feed(&entry) {
            Extracted::Article(content) => from_feed(&entry, content),
            Extracted::Skipped { reason, detail } => ArticleOutcome::Skipped { reason, detail },
        }),
        PageOutcome::Failed { reason, detail } => {
            let stub = if may_fall_back(reason) { feed_stub(&entry) } else { None };
            Rough::Settled(match stub {
                Some(content) => from_feed(&entry, content),
                None => ArticleOutcome::Skipped { reason, detail },
            })
        }
        PageOutcome::Moved { to } => Rough::Settled(ArticleOutcome::Moved { to }),
        PageOutcome::Unchanged => Rough::Settled(ArticleOutcome::Unchanged),
    };
    Worked { entry, fetched_at, rough }
}

fn of_page(entry: &Entry, fetched_at: Timestamp, answer: &HttpAnswer, body: &[u8]) -> Rough {
    let url = (!answer.final_url.is_empty())
        .then(|| answer.final_url.clone())
        .or_else(|| entry.link.clone());
    let draft = Draft::new(&PageInput {
        body,
        url: url.as_deref(),
        content_type: answer.content_type.as_deref(),
        content_language: answer.content_language.as_deref(),
        x_robots_tag: &answer.x_robots_tag,
        link: &answer.link,
        tdm_reservation: answer.tdm_reservation.as_deref(),
        fetched_at: Some(fetched_at),
        hints: Hints::from(entry),
    });
    Rough::Page { url, draft }
}

/// The outcome of a page, with what is known of its site.
fn settle(
    entry: &Entry,
    url: Option<String>,
    draft: Draft,
    memory: &mut SiteMemory,
) -> ArticleOutcome {
    let extracted = match draft.extracted() {
        Extracted::Article(content) => {
            let address = content
                .canonical
                .clone()
                .or_else(|| url.clone())
                .unwrap_or_else(|| entry.id.clone());
            memory.finish(draft, &address).0
        }
        Extracted::Skipped { .. } => draft.into_extracted(),
    };
    match extracted {
        Extracted::Article(content) => {
            // A page cut off by a paywall may show less than the feed gives away.
            if !content.complete
                && let Some(stub) = feed_stub(entry)
                && stub.words > content.words
            {
                return from_feed(entry, stub);
            }
            ArticleOutcome::Article {
                url,
                source: ExtractionSource::Page,
                extractor: VERSION.to_owned(),
                content,
            }
        }
        Extracted::Skipped { reason, detail } => match feed_stub(entry) {
            Some(content) if may_fall_back(reason) => from_feed(entry, content),
            _ => ArticleOutcome::Skipped { reason, detail },
        },
    }
}

/// The feed's own text as an article that is not the whole one.
fn feed_stub(entry: &Entry) -> Option<Box<ArticleContent>> {
    match extract_feed(entry) {
        Extracted::Article(mut content) => {
            content.complete = false;
            Some(content)
        }
        Extracted::Skipped { .. } => None,
    }
}

fn from_feed(entry: &Entry, content: Box<ArticleContent>) -> ArticleOutcome {
    ArticleOutcome::Article {
        url: entry.link.clone(),
        source: ExtractionSource::Feed,
        extractor: VERSION.to_owned(),
        content,
    }
}

/// Whether the feed's text may stand in where the page is not to be had for this reason: the
/// article exists, only its page is refused, out of reach or no use. What is gone stays gone.
fn may_fall_back(reason: SkipReason) -> bool {
    match reason {
        SkipReason::Robots
        | SkipReason::Paywall
        | SkipReason::BotWall
        | SkipReason::Refused
        | SkipReason::TooBig
        | SkipReason::NotHtml
        | SkipReason::Network
        | SkipReason::NotFound
        | SkipReason::ServerError
        | SkipReason::SiteBusy
        | SkipReason::NotAnArticle
        | SkipReason::Empty
        | SkipReason::TooComplex => true,
        SkipReason::NoLink
        | SkipReason::BadLink
        | SkipReason::AddressBlocked
        | SkipReason::Gone
        | SkipReason::Redirects
        | SkipReason::TooOld
        | SkipReason::Withdrawn => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FEED_TEXT: &str = "The bridge over the river was closed on Monday after an inspector found cracks in two of its pillars, the town said, and it will stay closed until the summer.";

    fn entry(summary: &str) -> Entry {
        Entry {
            id: "e1".to_owned(),
            title: Some("Bridge closed".to_owned()),
            link: Some("https://post.example/bridge".to_owned()),
            summary: Some(summary.to_owned()),
            content: Some("<p>kept by nobody</p>".to_owned()),
            ..Entry::default()
        }
    }

    fn fed(outcome: PageOutcome, summary: &str, body: &[u8]) -> (Entry, ArticleOutcome) {
        let page = Page {
            entry: entry(summary),
            fetched_at: Timestamp::from_secs(1_764_680_700),
            outcome,
        };
        let mut memory = SiteMemory::default();
        let written = write(work(page, body), &mut memory, 1_500_000).unwrap();
        assert_eq!(written.key, "e1");
        match serde_json::from_slice(&written.value).unwrap() {
            Article::Entry { entry, outcome, .. } => (*entry, outcome),
            Article::Withdraw(_) => panic!("no command was given"),
        }
    }

    fn html() -> PageOutcome {
        PageOutcome::Html(HttpAnswer {
            final_url: "https://post.example/bridge?x=1".to_owned(),
            status: 200,
            ..HttpAnswer::default()
        })
    }

    #[test]
    fn a_page_becomes_an_article_and_the_feeds_texts_are_dropped() {
        let body = format!(
            "<title>Bridge closed</title><article><h1>Bridge closed</h1><p>{FEED_TEXT}</p><p>{FEED_TEXT} Again.</p></article>"
        );
        let (entry, outcome) = fed(html(), "short", body.as_bytes());
        assert_eq!((entry.summary, entry.content), (None, None));
        let ArticleOutcome::Article { url, source, content, .. } = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(url.as_deref(), Some("https://post.example/bridge?x=1"));
        assert_eq!(source, ExtractionSource::Page);
        assert!(content.text.starts_with("The bridge over"));
    }

    #[test]
    fn the_feed_stands_in_where_the_page_is_refused_but_not_where_it_is_gone() {
        for (reason, falls_back) in [
            (SkipReason::Robots, true),
            (SkipReason::Paywall, true),
            (SkipReason::BotWall, true),
            (SkipReason::Refused, true),
            (SkipReason::TooBig, true),
            (SkipReason::NotHtml, true),
            (SkipReason::Network, true),
            (SkipReason::NotFound, true),
            (SkipReason::ServerError, true),
            (SkipReason::Gone, false),
            (SkipReason::BadLink, false),
        ] {
            let failed = PageOutcome::Failed { reason, detail: "as told".to_owned() };
            match fed(failed.clone(), FEED_TEXT, b"").1 {
                ArticleOutcome::Article { source, content, .. } => {
                    assert!(falls_back, "{reason}");
                    assert_eq!(source, ExtractionSource::Feed);
                    assert!(!content.complete);
                }
                ArticleOutcome::Skipped { reason: got, detail } => {
                    assert!(!falls_back, "{reason}");
                    assert_eq!((got, detail.as_str()), (reason, "as told"));
                }
                other => panic!("{other:?}"),
            }
            let short = fed(failed, "too short", b"").1;
            assert!(matches!(short, ArticleOutcome::Skipped { reason: got, .. } if got == reason));
        }
    }

    #[test]
    fn a_page_that_is_no_article_falls_back_on_the_feed() {
        let body = b"<title>Video</title><p>Watch the storm.</p>";
        assert!(matches!(
            fed(html(), FEED_TEXT, body).1,
            ArticleOutcome::Article { source: ExtractionSource::Feed, .. }
        ));
        assert!(matches!(
            fed(html(), "short", body).1,
            ArticleOutcome::Skipped { reason: SkipReason::NotAnArticle, .. }
        ));
    }

    #[test]
    fn moved_and_unchanged_pass_through() {
        let moved = PageOutcome::Moved { to: "https://other.example/".to_owned() };
        assert!(
            matches!(fed(moved, "", b"").1, ArticleOutcome::Moved { to } if to == "https://other.example/")
        );
        assert_eq!(fed(PageOutcome::Unchanged, "", b"").1, ArticleOutcome::Unchanged);
    }

    #[test]
    fn an_article_too_large_for_its_topic_is_an_outcome() {
        let body = format!(
            "<title>Bridge closed</title><article><h1>Bridge closed</h1>{}</article>",
            (0..200).fold(String::new(), |all, n| format!("{all}<p>{n} {FEED_TEXT}</p>"))
        );
        let page = Page { entry: entry(""), fetched_at: Timestamp::default(), outcome: html() };
        let mut memory = SiteMemory::default();
        let written = write(work(page, body.as_bytes()), &mut memory, 10_000).unwrap();
        assert_eq!(written.outcome, "too_big");
        assert!(written.value.len() <= 10_000);
    }
}
