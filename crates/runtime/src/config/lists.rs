//! `[[feeds]]` and `[[sites]]`: lists of tables. In the environment `NEWSWIRE_FEEDS` and
//! `NEWSWIRE_SITES` hold the whole list as TOML, `[{url = "https://…"}]`, and replace the file's.

use std::collections::{BTreeMap, BTreeSet};

use events::{Auth, FullText, Origin, Subscription, Timestamp};
use toml::de::{DeTable, DeValue};

use super::reader::{EffectiveValue, Reader, Section, Source};
use super::setting::{Choice, Value, describe, quote};
use super::units::TimeSpan;

/// `[[feeds]]`: a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedConfig {
    /// The URL to poll.
    pub url: String,
    /// Shortest time between two polls; default: `fetch.min_interval`.
    pub min_interval: Option<TimeSpan>,
    /// Whether the article is taken from the feed or the page. Default `auto`.
    pub full_text: FullText,
    /// Extra request headers; no secrets. Default: none.
    pub headers: BTreeMap<String, String>,
    /// Names of environment variables with credentials. Default: none.
    pub auth: Auth,
    /// Carried into the story events. Default: none.
    pub tags: Vec<String>,
    /// Kept but not polled. Default false.
    pub paused: bool,
    /// Whether its pages are asked for again at the ages of `fetch.revisit`. Default true.
    pub revisit: bool,
}

impl Default for FeedConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            min_interval: None,
            full_text: FullText::default(),
            headers: BTreeMap::new(),
            auth: Auth::default(),
            tags: Vec::new(),
            paused: false,
            revisit: true,
        }
    }
}

impl FeedConfig {
    /// As the record of the topic `feeds`.
    pub fn subscription(&self, added_at: Timestamp) -> Subscription {
        Subscription {
            id: events::feed_id(&self.url),
            url: self.url.clone(),
            tags: self.tags.clone(),
            origin: Origin::Config,
            min_interval_s: self.min_interval.map(|span| span.duration().as_secs()),
            full_text: self.full_text,
            headers: self.headers.clone(),
            auth: self.auth.clone(),
            paused: self.paused,
            no_revisits: !self.revisit,
            added_at,
            ..Subscription::default()
        }
    }
}

/// `[[sites]]`: what differs for a site.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteConfig {
    /// Registrable domain, or a host that has none (an address, a single label).
    pub domain: String,
    /// Time between two requests; default: `fetch.site_spacing`.
    pub spacing: Option<TimeSpan>,
    /// Whether robots.txt is honoured; default: `fetch.robots`.
    pub robots: Option<bool>,
}

impl Choice for FullText {
    const WANTED: &'static str = "\"auto\", \"feed\" or \"page\"";
    const CHOICES: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("feed", Self::Feed), ("page", Self::Page)];

    fn is(self, other: Self) -> bool {
        self == other
    }
}

pub(super) fn read_feeds(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
) -> Vec<FeedConfig> {
    let feeds = read_list(reader, root, "feeds", read_feed);
    let mut seen = BTreeSet::new();
    for (place, feed) in &feeds {
        if !seen.insert(feed.url.as_str()) {
            reader.problem(place.clone(), format!("the feed {} is listed twice", feed.url));
        }
    }
    feeds.into_iter().map(|(_, feed)| feed).collect()
}

pub(super) fn read_sites(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
) -> Vec<SiteConfig> {
    let sites = read_list(reader, root, "sites", read_site);
    let mut seen = BTreeSet::new();
    for (place, site) in &sites {
        if !seen.insert(site.domain.as_str()) {
            reader.problem(place.clone(), format!("the site {} is listed twice", site.domain));
        }
    }
    sites.into_iter().map(|(_, site)| site).collect()
}

/// The items of a list with their places, those that could be read.
fn read_list<T>(
    reader: &mut Reader<'_>,
    root: Option<(&DeTable<'_>, Source<'_>)>,
    list: &str,
    read: fn(&mut Reader<'_>, &Section<'_, '_>, &str) -> Option<T>,
) -> Vec<(String, T)> {
    // Read once on nothing, so that the keys are known for hints even where the list is absent.
    let unread = reader.effective.len();
    let nothing = DeTable::new();
    let nowhere = Source { name: list, text: "", is_file: true };
    let template = Section::item(list, 0, &nothing, nowhere);
    let problems = reader.problems.len();
    read(reader, &template, list);
    reader.effective.truncate(unread);
    reader.problems.truncate(problems);

    let variable = format!("NEWSWIRE_{}", list.to_uppercase());
    if let Some(text) = reader.take_env(&variable) {
        let source = Source { name: &variable, text, is_file: false };
        return match DeValue::parse(text) {
            Ok(value) => read_items(reader, &value, source, list, read),
            Err(error) => {
                reader.problem(
                    variable.clone(),
                    format!("this is not a TOML list: {}", error.message()),
                );
                Vec::new()
            }
        };
    }
    let Some((table, source)) = root else {
        return Vec::new();
    };
    let Some((_, value)) = super::reader::find(table, list) else {
        return Vec::new();
    };
    read_items(reader, value, source, list, read)
}

fn read_items<T>(
    reader: &mut Reader<'_>,
    value: &Value<'_>,
    source: Source<'_>,
    list: &str,
    read: fn(&mut Reader<'_>, &Section<'_, '_>, &str) -> Option<T>,
) -> Vec<(String, T)> {
    let DeValue::Array(items) = value.get_ref() else {
        reader.problem(
            source.place(&value.span()),
            format!("{list} is a list: write [[{list}]] with two brackets, once for each"),
        );
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let place = source.place(&item.span());
        let DeValue::Table(table) = item.get_ref() else {
            reader.problem(
                place,
                format!("{list}[{index}] wants a table, not {}", describe(item.get_ref())),
            );
            continue;
        };
        let section = Section::item(list, index, table, source);
        let read = read(reader, &section, &place);
        section.finish(reader);
        found.extend(read.map(|item| (place, item)));
    }
    found
}

fn read_feed(
    reader: &mut Reader<'_>,
    section: &Section<'_, '_>,
    place: &str,
) -> Option<FeedConfig> {
    let path = &section.path;
    let url: Option<String> = section.get_optional(reader, "url");
    let feed = FeedConfig {
        url: url.clone().unwrap_or_default(),
        min_interval: section.get_optional(reader, "min_interval"),
        full_text: section.get_optional(reader, "full_text").unwrap_or_default(),
        headers: read_words(reader, section, "headers"),
        auth: read_auth(reader, section),
        tags: section.get_optional(reader, "tags").unwrap_or_default(),
        paused: section.get_optional(reader, "paused").unwrap_or_default(),
        revisit: section.get_optional(reader, "revisit").unwrap_or(true),
    };
    if url.is_none() {
        if section.raw("url").is_none() {
            reader.problem(place, format!("{path} has no url: add url = \"https://…\""));
        }
        return None;
    }
    for fault in feed.subscription(events::Timestamp::default()).faults() {
        let key = format!("{path}.{}", fault.field);
        reader.problem(reader.place_of(&key), format!("{key} {}", fault.says));
        // What is wrong may be that the value is a secret.
        if let Some(shown) = reader.effective.iter_mut().find(|value| value.key == key) {
            "(not shown)".clone_into(&mut shown.value);
        }
    }
    Some(feed)
}

/// A table of strings.
fn read_words(
    reader: &mut Reader<'_>,
    section: &Section<'_, '_>,
    key: &str,
) -> BTreeMap<String, String> {
    section.know(reader, key);
    let mut words = BTreeMap::new();
    let Some((value, source)) = section.raw(key) else {
        return words;
    };
    let path = format!("{}.{key}", section.path);
    let DeValue::Table(table) = value.get_ref() else {
        reader.problem(
            source.place(&value.span()),
            format!(
                "{path} wants a table such as {{Accept = \"text/xml\"}}, not {}",
                describe(value.get_ref())
            ),
        );
        return words;
    };
    for (name, word) in table {
        if let Some(word) = word.get_ref().as_str() {
            words.insert(name.get_ref().to_string(), word.to_owned());
        } else {
            reader.problem(
                source.place(&word.span()),
                format!("{path}.{} wants a string in quotes", name.get_ref()),
            );
        }
    }
    let shown: Vec<String> =
        words.iter().map(|(name, word)| format!("{} = {}", quote(name), quote(word))).collect();
    reader.effective.push(EffectiveValue {
        key: path,
        value: format!("{{{}}}", shown.join(", ")),
        origin: source.origin(&value.span()),
    });
    words
}

fn read_auth(reader: &mut Reader<'_>, section: &Section<'_, '_>) -> Auth {
    let words = read_words(reader, section, "auth");
    let Some((value, source)) = section.raw("auth") else {
        return Auth::default();
    };
    let place = source.place(&value.span());
    let path = format!("{}.auth", section.path);
    for key in words.keys() {
        if key != "basic_env" && key != "bearer_env" {
            reader.problem(
                place.clone(),
                format!("unknown key {path}.{key}; there are basic_env and bearer_env"),
            );
        }
    }
    Auth {
        basic_env: words.get("basic_env").cloned(),
        bearer_env: words.get("bearer_env").cloned(),
    }
}

fn read_site(
    reader: &mut Reader<'_>,
    section: &Section<'_, '_>,
    place: &str,
) -> Option<SiteConfig> {
    let path = &section.path;
    let domain: Option<String> = section.get_optional(reader, "domain");
    // Written like an address by some; host names have no case.
    let written = domain.clone().unwrap_or_default();
    let host = events::is_http_url(&written).then(|| events::site_of(&written)).flatten();
    let site = SiteConfig {
        domain: host.unwrap_or_else(|| written.to_ascii_lowercase()),
        spacing: section.get_optional(reader, "spacing"),
        robots: section.get_optional(reader, "robots"),
    };
    if domain.is_none() {
        if section.raw("domain").is_none() {
            reader.problem(place, format!("{path} has no domain: add domain = \"example.org\""));
        }
        return None;
    }
    match events::site_of(&format!("https://{}/", site.domain)) {
        Some(right) if right == site.domain => {}
        Some(right) => reader.problem(
            reader.place_of(&format!("{path}.domain")),
            format!("{path}.domain: `{}` belongs to the site \"{right}\"; write that", site.domain),
        ),
        None => reader.problem(
            reader.place_of(&format!("{path}.domain")),
            format!("{path}.domain wants a domain such as \"example.org\""),
        ),
    }
    if site.spacing.is_some_and(TimeSpan::is_zero) {
        reader.problem(
            reader.place_of(&format!("{path}.spacing")),
            format!("{path}.spacing wants more than 0: it keeps newswire welcome"),
        );
    }
    Some(site)
}
