//! Guids and links that several entries of a document have, and which of these entries are
//! articles of their own all the same.

use std::collections::{BTreeSet, HashMap, HashSet};

use events::{canonical_url, names_an_article, site_of, twin_urls};
use url::Url;

use super::{ParsedEntry, ParsedFeed};

/// Words from which on the text of an entry can stand for itself.
const FEWEST_WORDS: usize = 30;
/// Two texts are different articles where less than one pair of words in so many is in both. Two
/// reports of one event share one in six, an edited one and its original more than half.
const SHARED_PAIRS: usize = 3;
/// Words of a text that are looked at.
const MOST_WORDS: usize = 1_000;

/// Marks the guids and links that identify nothing because several entries have them, or because
/// the link is the page the feed belongs to; and the entries that the text tells apart then.
pub(super) fn mark(feed: &mut ParsedFeed, url: Option<&str>) {
    let fronts = fronts(feed.link.as_deref(), url);
    let entries = &mut feed.entries;
    // Entries that repeat each other wholly are one entry said twice: what they share is theirs.
    let mut guids: HashMap<String, HashSet<String>> = HashMap::new();
    let mut links: HashMap<&str, Vec<usize>> = HashMap::new();
    let canonical: Vec<Option<String>> =
        entries.iter().map(|entry| entry.link.as_deref().and_then(canonical_url)).collect();
    for (at, (entry, link)) in entries.iter().zip(&canonical).enumerate() {
        if let Some(guid) = &entry.guid {
            guids.entry(guid.clone()).or_default().insert(likeness(entry));
        }
        if let Some(link) = link {
            links.entry(link.as_str()).or_default().push(at);
        }
    }
    for entry in entries.iter_mut() {
        let guid = entry.guid.as_ref().and_then(|guid| guids.get(guid));
        entry.guid_is_shared = guid.is_some_and(|who| who.len() > 1);
    }
    for (link, of_link) in links {
        let is_front = fronts.contains(link);
        if of_link.len() < 2 && !is_front {
            continue;
        }
        let who = |at: &usize| entries[*at].guid.clone().unwrap_or_else(|| likeness(&entries[*at]));
        let is_shared = is_front || of_link.iter().map(who).collect::<HashSet<_>>().len() > 1;
        let are_articles = is_front || is_shared && are_several(entries, &of_link);
        for at in of_link {
            entries[at].link_is_shared = is_shared;
            entries[at].has_own_text = are_articles && OwnText::of(&entries[at]).is_some();
        }
    }
}

/// Whether the texts of a link's entries are those of several articles. All are compared with one
/// of them: a feed may have thousands of one link. Which one, the texts decide, so that the order in
/// which a feed has its entries does not matter; were it the other one, of two articles each would
/// still differ from it.
fn are_several(entries: &[ParsedEntry], of_link: &[usize]) -> bool {
    let texts = || of_link.iter().filter_map(|at| OwnText::of(&entries[*at]));
    let Some(measure) = texts().min_by_key(OwnText::fingerprint) else {
        return false;
    };
    texts().any(|text| text.is_not(&measure))
}

/// What two entries without a guid have in common when they are one.
fn likeness(entry: &ParsedEntry) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}\n{}", text(&entry.link), text(&entry.title))
}

/// The canonical addresses of the page the feed belongs to and of the front page of its site: an
/// entry that links there has no page of its own.
fn fronts(link: Option<&str>, url: Option<&str>) -> BTreeSet<String> {
    let stated = link.and_then(canonical_url).filter(|link| {
        // Some feeds state their newest article here.
        Url::parse(link).is_ok_and(|link| link.query().is_none() && !names_an_article(link.path()))
    });
    let root = link.or(url).and_then(site_of).map(|site| format!("https://{site}/"));
    let all: Vec<String> = stated.into_iter().chain(root).collect();
    let twins: Vec<String> = all.iter().flat_map(|front| twin_urls(front)).collect();
    all.into_iter().chain(twins).collect()
}

/// The pairs of words that the text of an entry has, hashed, in order.
struct OwnText(Vec<u64>);

impl OwnText {
    /// `None` where there is too little to be an article.
    fn of(entry: &ParsedEntry) -> Option<Self> {
        entry.title.as_ref()?;
        let bodies = entry.content.iter().chain(&entry.summary);
        let words = bodies.map(|body| words(body)).max_by_key(Vec::len)?;
        if words.len() < FEWEST_WORDS {
            return None;
        }
        let hashes: Vec<u64> = words.iter().map(|word| hash(word)).collect();
        let mut pairs: Vec<u64> =
            hashes.windows(2).map(|pair| pair[0].rotate_left(7).wrapping_add(pair[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Some(Self(pairs))
    }

    /// The same for the same text, wherever it stands.
    fn fingerprint(&self) -> u64 {
        self.0.iter().fold(0, |sum, pair| sum.wrapping_add(*pair))
    }

    /// Whether the other is another article.
    fn is_not(&self, other: &Self) -> bool {
        let shared = self.0.iter().filter(|pair| other.0.binary_search(pair).is_ok()).count();
        shared * SHARED_PAIRS < self.0.len().min(other.0.len())
    }
}

/// FNV-1a: who makes two words collide in a feed of his own gains nothing.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The words of some HTML, folded; where a script has no spaces, its characters.
fn words(html: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_tag = false;
    for character in html.chars() {
        if words.len() >= MOST_WORDS {
            break;
        }
        is_tag = character == '<' || is_tag && character != '>';
        let is_unspaced = matches!(u32::from(character),
            0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x9FFF | 0xF900..=0xFAFF);
        if (is_tag || is_unspaced || !character.is_alphanumeric()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if !is_tag && character.is_alphanumeric() {
            word.extend(character.to_lowercase());
            if is_unspaced {
                words.push(std::mem::take(&mut word));
            }
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const FERRY: &str = "<p>The ferry Aurelia ran aground off Skarholm on Tuesday evening with 214 \
        people on board, the coast guard said. All passengers were brought to safety by midnight, \
        and two were treated for light injuries.</p>";
    const COURT: &str = "<p>A court in Velmora has lifted the ban on night flights that the city \
        council passed in March. The judges held that residents had not been heard before the \
        vote. The council may appeal within a month.</p>";

    fn entry(guid: &str, link: &str, title: &str, text: &str) -> ParsedEntry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ParsedEntry {
            guid: some(guid),
            link: some(link),
            title: some(title),
            summary: some(text),
            published_at: super::super::parse_date("2025-01-02"),
            ..ParsedEntry::default()
        }
    }

    fn marked(link: &str, entries: &[ParsedEntry]) -> Vec<ParsedEntry> {
        let mut feed = ParsedFeed {
            link: Some(link.to_owned()),
            entries: entries.to_vec(),
            ..ParsedFeed::default()
        };
        mark(&mut feed, Some("https://feeds.a.org/all"));
        feed.entries
    }

    #[test]
    fn what_several_entries_share_identifies_none_of_them() {
        let entries = marked(
            "https://a.org/",
            &[
                entry("", "https://a.org/live#1", "One", ""),
                entry("", "https://a.org/live#2", "Two", ""),
                entry("same", "https://a.org/3", "Three", ""),
                entry("same", "https://a.org/4", "Four", ""),
                entry("twice", "https://a.org/5", "Five", ""),
                entry("twice", "https://a.org/5", "Five", ""),
            ],
        );
        let identities: Vec<_> = entries.iter().filter_map(ParsedEntry::identity).collect();
        let distinct: HashSet<_> = identities.iter().collect();
        assert_eq!((identities.len(), distinct.len()), (6, 5));
        assert!(!entries[4].guid_is_shared && !entries[4].link_is_shared);
        assert!(entries.iter().all(|entry| !entry.has_own_text), "they have none");
    }

    #[test]
    fn entries_of_one_link_are_articles_of_their_own_by_their_texts() {
        let edited = FERRY.replace("two were", "three were").replace("Tuesday", "late Tuesday");
        let live = "https://a.org/live/the-storm-of-the-year";
        let cases = [
            // posts of a live page; an article that was put into the feed again
            ([(live, "One", FERRY), (live, "Two", COURT)], true),
            ([(live, "One", FERRY), (live, "One, updated", &edited)], false),
            // too short to be one
            ([(live, "One", "Short."), (live, "Two", "Brief.")], false),
            // one each
            ([(live, "One", FERRY), ("https://a.org/two-and-more", "Two", COURT)], false),
        ];
        for (two, expected) in cases {
            let two = two.map(|(link, title, text)| entry(title, link, title, text));
            let own: Vec<bool> =
                marked("https://a.org/", &two).iter().map(|entry| entry.has_own_text).collect();
            assert_eq!(own, [expected; 2], "{two:?}");
        }
    }

    #[test]
    fn an_entry_that_links_to_the_feeds_own_page_is_known_by_itself_from_the_first() {
        for (of_feed, link, expected) in [
            ("https://a.org/", "https://www.a.org/#1", true),
            ("https://a.org/news", "https://a.org/", true),
            ("https://a.org/news", "http://www.a.org/news/?utm_source=rss", true),
            (
                "https://a.org/news/the-newest-article",
                "https://a.org/news/the-newest-article",
                false,
            ),
            ("https://a.org/", "https://a.org/?p=7", false),
            ("https://a.org/", "https://storm.a.org/", false),
            ("https://a.org/", "https://b.org/", false),
        ] {
            let entry = &marked(of_feed, &[entry("g", link, "One", FERRY)])[0];
            assert_eq!(entry.has_own_text, expected, "{link} in the feed of {of_feed}");
            assert_eq!(entry.link_is_shared, expected, "{link} in the feed of {of_feed}");
        }
    }

    #[test]
    fn thousands_of_entries_with_one_link_are_compared_with_one() {
        let text = FERRY.repeat(5);
        let mut entries: Vec<ParsedEntry> = (0..3_000)
            .map(|number| entry(&number.to_string(), "https://a.org/live/1", "One", &text))
            .collect();
        entries.push(entry("court", "https://a.org/live/1", "Two", COURT));
        let own: Vec<bool> =
            marked("https://a.org/", &entries).iter().map(|entry| entry.has_own_text).collect();
        assert!(own.iter().all(|own| *own), "each differs from one of the others");
        entries.pop();
        assert!(marked("https://a.org/", &entries).iter().all(|entry| !entry.has_own_text));
    }

    #[test]
    fn the_order_of_entries_does_not_tell_which_are_articles_of_their_own() {
        let live = "https://a.org/live/the-storm-of-the-year";
        let versions = (0..12).map(|number| {
            let text = FERRY.replace("214", &number.to_string());
            entry(&format!("ferry {number}"), live, "Ferry aground", &text)
        });
        let mut entries: Vec<ParsedEntry> = versions.collect();
        entries.push(entry("court", live, "Night flights", COURT));
        entries.push(entry("note", live, "Note", "Too short."));
        for _ in 0..entries.len() {
            entries.rotate_left(1);
            for entry in marked("https://a.org/", &entries) {
                let is_article = entry.title.as_deref() != Some("Note");
                assert_eq!(entry.has_own_text, is_article, "{:?}", entry.guid);
            }
        }
    }

    #[test]
    fn texts_without_spaces_are_told_apart() {
        let one =
            "渡轮周二晚间在海岸搁浅船上有二百一十四人海岸警卫队说所有乘客都已在午夜前安全撤离";
        let two =
            "法院取消了市议会三月通过的夜间航班禁令法官认为表决之前没有听取居民的意见议会可以上诉";
        let live = "https://a.org/live/1234";
        let entries =
            marked("https://a.org/", &[entry("1", live, "一", one), entry("2", live, "二", two)]);
        assert!(entries.iter().all(|entry| entry.has_own_text));
    }
}
