//! The newsroom itself: which articles are out at a moment, where they stand, and what a correct
//! reader must make of them. Pure: the same settings, addresses and moment give the same answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::article::{Article, CopyKind, Language, Paragraph, Reach, Version};
use crate::generator::{self, Slot};
use crate::manuscript::{self, ManuscriptError};
use crate::outlets::{self, Design, FeedFormat, Outlet};
use crate::settings::Settings;
use crate::{dates, pages, schedule};

/// Numbers of generated articles from here on belong to further outlets. Here the lists of names
/// begin anew, so that places and people do not all carry the prefix of a later round.
const EXTRA_NUMBERS: u64 = 42 * 31_200;

/// A small invented web.
#[derive(Debug)]
pub struct Newsroom {
    pub(crate) settings: Settings,
    pub(crate) outlets: Vec<Outlet>,
    origins: Vec<String>,
    /// Unix time in milliseconds.
    start: i64,
    /// Written articles of each outlet, oldest first.
    written: Vec<Vec<Arc<Article>>>,
    /// What stands at a path of an outlet, written stories only.
    paths: BTreeMap<(usize, String), Place>,
}

/// What stands at a path.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Article(Arc<Article>),
    /// A redirect to this address, from the time the article is out.
    Redirect {
        at: i64,
        to: String,
    },
}

/// An article in the version that is out.
#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) article: Arc<Article>,
    /// Index of the version.
    pub(crate) index: usize,
}

impl View {
    pub(crate) fn version(&self) -> &Version {
        &self.article.versions[self.index]
    }
}

/// A feed of the newsroom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedInfo {
    /// Where it is.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Number of its outlet.
    pub outlet: usize,
    /// Language of its entries.
    pub language: Language,
    /// Its format.
    pub format: FeedFormat,
}

/// What every feed shows at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// One for each outlet, in the order of the outlets.
    pub outlets: Vec<OutletState>,
}

/// What an outlet's feed shows at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutletState {
    /// Name of the outlet.
    pub name: String,
    /// Entries of the feed, newest first.
    pub entries: Vec<EntryState>,
}

/// One entry of a feed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryState {
    /// The link, if the entry has one.
    pub url: Option<String>,
    /// The title.
    pub title: String,
    /// 1 for the first version.
    pub version: usize,
    /// Unix milliseconds.
    pub published_at: i64,
    /// Unix milliseconds; only from the second version on.
    pub modified_at: Option<i64>,
}

/// What a correct reader must make of one article (ground truth for tests).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Number of the outlet.
    pub outlet: usize,
    /// Name of the outlet.
    pub outlet_name: String,
    /// Language of the text.
    pub language: Language,
    /// The link in the feed, if there is one.
    pub url: Option<String>,
    /// Where the page is in the end, after redirects.
    pub final_url: Option<String>,
    /// What becomes of somebody who asks for the page.
    pub reach: Reach,
    /// The feed carries the full text.
    pub in_feed: bool,
    /// Title of the newest version that is out.
    pub title: String,
    /// What the feed says of it.
    pub summary: String,
    /// Paragraphs of the newest version that is out; empty where no page is to be had.
    pub paragraphs: Vec<String>,
    /// All versions that are out, oldest first.
    pub versions: Vec<ExpectedVersion>,
    /// Who wrote it.
    pub author: String,
    /// Unix milliseconds.
    pub published_at: i64,
    /// Final address of the article that it was taken from.
    pub copy_of: Option<(String, CopyKind)>,
    /// Name of the event it reports; articles with the same name belong together.
    pub event: Option<String>,
    /// Phrases that stand on the page or near it and must never be in the text.
    pub never: Vec<String>,
    /// Its page has been taken down since.
    pub withdrawn: bool,
}

impl Expected {
    /// The newest text as a story event carries it.
    pub fn gold(&self) -> String {
        crate::gold(&self.paragraphs)
    }
}

/// One version of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedVersion {
    /// When it came out; Unix milliseconds.
    pub from: i64,
    /// Its title.
    pub title: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
}

impl Newsroom {
    /// The outlets that these settings ask for.
    pub(crate) fn outlets(settings: &Settings) -> Vec<Outlet> {
        let mut all = if settings.story { outlets::written() } else { Vec::new() };
        all.extend((0..settings.extra_outlets).map(|index| outlets::extra(index, settings.seed)));
        all
    }

    /// How many outlets these settings ask for.
    pub fn outlet_count(settings: &Settings) -> usize {
        Self::outlets(settings).len()
    }

    /// A newsroom whose outlets stand at `origins` (`http://127.77.0.1:8080`, without a slash at
    /// the end) and whose day begins at `start` (Unix milliseconds).
    pub fn new(
        settings: &Settings,
        origins: Vec<String>,
        start: i64,
    ) -> Result<Self, ManuscriptError> {
        let outlets = Self::outlets(settings);
        let mut written = vec![Vec::new(); outlets.len()];
        for article in manuscript::read_all(&outlets)? {
            let list: &mut Vec<Arc<Article>> = &mut written[article.outlet];
            list.push(Arc::new(article));
        }
        for list in &mut written {
            list.sort_by_key(|article| article.at());
        }
        let mut room = Self {
            settings: settings.clone(),
            outlets,
            origins,
            start,
            written,
            paths: BTreeMap::new(),
        };
        room.paths = room.places();
        Ok(room)
    }

    fn places(&self) -> BTreeMap<(usize, String), Place> {
        let mut places = BTreeMap::new();
        for article in self.written.iter().flatten() {
            let path = self.path(article);
            let redirect = |to: String| Place::Redirect { at: article.at(), to };
            match &article.reach {
                Reach::Moved { from } => {
                    places.insert((article.outlet, from.clone()), redirect(path.clone()));
                }
                Reach::Elsewhere { from, .. } => {
                    if let Some(to) = self.final_url(article) {
                        places.insert((article.outlet, from.clone()), redirect(to));
                    }
                    continue;
                }
                _ => {}
            }
            places.insert((article.outlet, path), Place::Article(Arc::clone(article)));
        }
        places
    }

    /// Where an outlet stands.
    pub(crate) fn origin(&self, outlet: usize) -> &str {
        self.origins.get(outlet).map_or("", String::as_str)
    }

    /// The feeds to subscribe to.
    pub fn feeds(&self) -> Vec<FeedInfo> {
        let feed = |(number, outlet): (usize, &Outlet)| FeedInfo {
            url: format!("{}{}", self.origin(number), outlet.feed_path()),
            title: outlet.name.clone(),
            outlet: number,
            language: outlet.language,
            format: outlet.format,
        };
        self.outlets.iter().enumerate().map(feed).collect()
    }

    /// What every feed shows after `elapsed`.
    pub fn state_at(&self, elapsed: Duration) -> State {
        let time = self.time(elapsed);
        let entry = |view: View| EntryState {
            url: self.feed_url(&view.article),
            title: view.version().title.clone(),
            version: view.index + 1,
            published_at: self.published(&view.article),
            modified_at: self.modified(&view),
        };
        let outlets = self.outlets.iter().enumerate().map(|(number, outlet)| {
            let entries = self.latest(number, time, self.settings.feed_length);
            OutletState {
                name: outlet.name.clone(),
                entries: entries.into_iter().map(entry).collect(),
            }
        });
        State { outlets: outlets.collect() }
    }

    /// The ground truth: every article that is out after `elapsed`, by outlet, oldest first.
    pub fn expected(&self, elapsed: Duration) -> Vec<Expected> {
        let time = self.time(elapsed);
        let mut all = Vec::new();
        for outlet in 0..self.outlets.len() {
            let mut views = self.latest(outlet, time, usize::MAX);
            views.reverse();
            all.extend(views.iter().map(|view| self.expect(view, time)));
        }
        all
    }

    /// The gold text of the page at `url` after `elapsed`, if an article is to be had there.
    pub fn gold(&self, url: &str, elapsed: Duration) -> Option<String> {
        let (outlet, path) = self.origins.iter().enumerate().find_map(|(outlet, origin)| {
            let path = url.strip_prefix(origin.as_str())?;
            path.starts_with('/').then_some((outlet, path))
        })?;
        let Place::Article(article) = self.find(outlet, path)? else {
            return None;
        };
        let is_withdrawn = article.is_withdrawn(self.time(elapsed));
        if is_withdrawn || matches!(article.reach, Reach::Missing | Reach::Gone) {
            return None;
        }
        let (_, version) = article.version_at(self.time(elapsed))?;
        Some(crate::gold(&plain(&version.paragraphs)))
    }

    fn expect(&self, view: &View, time: i64) -> Expected {
        let article = &view.article;
        let outlet = &self.outlets[article.outlet];
        let source = match &article.reach {
            Reach::Elsewhere { target, .. } => self.named(target).unwrap_or(article),
            _ => article,
        };
        let lost = matches!(article.reach, Reach::Missing | Reach::Gone);
        let versions: Vec<ExpectedVersion> = source
            .versions
            .iter()
            .filter(|version| version.at <= time && !lost)
            .map(|version| ExpectedVersion {
                from: self.wall(version.at),
                title: version.title.clone(),
                paragraphs: plain(&version.paragraphs),
            })
            .collect();
        let mut never = pages::never(outlet, &article.author);
        let neighbours = self.written[article.outlet].iter();
        never.extend(
            neighbours
                .filter(|other| other.slug != article.slug)
                .flat_map(|other| other.versions.iter().map(|version| version.title.clone())),
        );
        let copy_of = article.copy_of.as_ref().and_then(|(target, kind)| {
            let original = self.named(target)?;
            Some((self.final_url(original)?, *kind))
        });
        let newest = versions.last();
        Expected {
            outlet: article.outlet,
            outlet_name: outlet.name.clone(),
            language: outlet.language,
            url: self.feed_url(article),
            final_url: self.final_url(article),
            reach: article.reach.clone(),
            in_feed: outlet.format == FeedFormat::RssFullText || article.reach == Reach::NoLink,
            title: newest.map_or_else(|| view.version().title.clone(), |last| last.title.clone()),
            summary: view.version().summary.clone(),
            paragraphs: newest.map(|last| last.paragraphs.clone()).unwrap_or_default(),
            author: source.author.clone(),
            published_at: self.published(source),
            copy_of,
            event: article.event.clone(),
            never,
            withdrawn: article.is_withdrawn(time),
            versions,
        }
    }

    /// The written article with the name `outlet/slug`.
    fn named(&self, name: &str) -> Option<&Arc<Article>> {
        let (key, slug) = name.split_once('/')?;
        let outlet = self.outlets.iter().position(|outlet| outlet.key == key)?;
        self.written[outlet].iter().find(|article| article.slug == slug)
    }

    /// Newsroom time: it runs `pace` times as fast as the clock.
    pub(crate) fn time(&self, elapsed: Duration) -> i64 {
        (elapsed.as_millis() as f64 * self.settings.pace) as i64
    }

    /// Unix milliseconds of a newsroom time. What was there at the start has its age in real time.
    pub(crate) fn wall(&self, time: i64) -> i64 {
        if time < 0 {
            return self.start + time;
        }
        self.start + (time as f64 / self.settings.pace) as i64
    }

    pub(crate) fn start(&self) -> i64 {
        self.start
    }

    pub(crate) fn published(&self, article: &Article) -> i64 {
        self.wall(article.at())
    }

    pub(crate) fn modified(&self, view: &View) -> Option<i64> {
        (view.index > 0).then(|| self.wall(view.version().at))
    }

    /// How many generated articles of an outlet are out.
    fn generated_count(&self, outlet: usize, time: i64) -> u64 {
        match self.extra_index(outlet) {
            Some(index) => schedule::extra_count(&self.settings, index, time),
            None => schedule::endless_share(outlet, schedule::endless_count(&self.settings, time)),
        }
    }

    /// The number of an outlet among the further ones.
    fn extra_index(&self, outlet: usize) -> Option<usize> {
        outlet.checked_sub(self.outlets.len() - self.settings.extra_outlets)
    }

    fn generated(&self, outlet: usize, serial: u64) -> Arc<Article> {
        let (global, at) = if let Some(index) = self.extra_index(outlet) {
            let global = EXTRA_NUMBERS + index as u64 + serial * self.settings.extra_outlets as u64;
            (global, schedule::extra_time(&self.settings, index, serial))
        } else {
            let number = schedule::endless_number(outlet, serial);
            (number, schedule::endless_time(&self.settings, number))
        };
        let slot = Slot { outlet, serial, global, at };
        let language = self.outlets[outlet].language;
        Arc::new(generator::write(language, self.settings.seed, slot))
    }

    /// The newest articles of an outlet, newest first.
    pub(crate) fn latest(&self, outlet: usize, time: i64, limit: usize) -> Vec<View> {
        let generated = self.generated_count(outlet, time);
        let oldest = generated.saturating_sub(limit as u64);
        let mut views: Vec<View> = (oldest..generated)
            .map(|serial| self.generated(outlet, serial))
            .chain(self.written[outlet].iter().cloned())
            .filter_map(|article| view_at(article, time))
            .collect();
        views.sort_by(|one, two| {
            let order = |view: &View| (view.article.at(), view.article.number);
            order(two).cmp(&order(one))
        });
        views.truncate(limit);
        views
    }

    /// What stands at a path with its query.
    pub(crate) fn find(&self, outlet: usize, path: &str) -> Option<Place> {
        if let Some(place) = self.paths.get(&(outlet, path.to_owned())) {
            return Some(place.clone());
        }
        let serial: u64 = if self.outlets[outlet].design == Design::Portal {
            let number: u64 = path.split_once("id=")?.1.parse().ok()?;
            number.checked_sub(generator::FIRST_NUMBER)?
        } else {
            let slug = path.trim_end_matches('/').trim_end_matches(".html");
            slug.rsplit_once('-')?.1.parse().ok()?
        };
        // The largest count that any moment can have, so that nonsense makes no article.
        if serial >= self.generated_count(outlet, i64::MAX / 4) {
            return None;
        }
        let article = self.generated(outlet, serial);
        (self.path(&article) == path).then_some(Place::Article(article))
    }

    /// The path of an article's page.
    pub(crate) fn path(&self, article: &Article) -> String {
        let slug = &article.slug;
        if article.reach == Reach::Denied {
            return format!("/intern/{slug}.html");
        }
        let outlet = &self.outlets[article.outlet];
        let section = generator::slug(&article.section);
        let day = dates::path(self.published(article), outlet.offset);
        match outlet.design {
            Design::Broadsheet => format!("/news/{day}/{slug}"),
            Design::Tabloid => format!("/{section}/{slug}.html"),
            Design::Blog => format!("/{day}/{slug}/"),
            Design::Portal => format!("/artikel.php?id={}", article.number),
            Design::Cards => format!("/{section}/{slug}"),
        }
    }

    /// The link that the feed has for an article.
    pub(crate) fn feed_url(&self, article: &Article) -> Option<String> {
        let path = match &article.reach {
            Reach::NoLink => return None,
            Reach::Moved { from } | Reach::Elsewhere { from, .. } => from.clone(),
            _ => self.path(article),
        };
        Some(format!("{}{path}", self.origin(article.outlet)))
    }

    /// The address at which the page stands in the end.
    pub(crate) fn final_url(&self, article: &Article) -> Option<String> {
        match &article.reach {
            Reach::NoLink => None,
            Reach::Elsewhere { target, .. } => self.final_url(self.named(target)?),
            _ => Some(format!("{}{}", self.origin(article.outlet), self.path(article))),
        }
    }
}

pub(crate) fn view_at(article: Arc<Article>, time: i64) -> Option<View> {
    let (index, _) = article.version_at(time)?;
    Some(View { article, index })
}

fn plain(paragraphs: &[Paragraph]) -> Vec<String> {
    paragraphs.iter().map(Paragraph::plain).collect()
}
