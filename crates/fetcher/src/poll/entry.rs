//! From an entry of a document to a record of the topic `entries`.

use events::Entry;

use crate::feed::ParsedEntry;

/// Entries larger than this as JSON lose their content: below the topic's 1 MiB with key and
/// headers.
pub(crate) const MAX_ENTRY_BYTES: usize = 1024 * 1024 - 4096;

/// What a document brought.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Entries that were known and are unchanged.
    pub(crate) seen: usize,
    pub(crate) new: usize,
    pub(crate) changed: usize,
    /// New and changed ones.
    pub(crate) entries: Vec<Entry>,
    /// Not one entry was known: some were missed.
    pub(crate) is_gap: bool,
    /// Where the feed has moved for good.
    pub(crate) moves_to: Option<String>,
}

pub(super) fn entry_of(parsed: ParsedEntry) -> Entry {
    Entry {
        guid: parsed.guid,
        link: parsed.link,
        shares_link: parsed.has_own_text,
        title: parsed.title,
        summary: parsed.summary,
        content: parsed.content,
        authors: parsed.authors,
        tags: parsed.tags,
        image: parsed.image,
        language: parsed.language,
        copyright: parsed.copyright,
        published_at: parsed.published_at,
        updated_at: parsed.updated_at,
        ..Entry::default()
    }
}

/// The entry as JSON within the topic's limit: content goes first, then the summary, then
/// everything that has no bound of its own. Returns what was dropped.
pub(crate) fn fit(entry: &mut Entry) -> (Vec<u8>, Option<&'static str>) {
    let mut dropped = None;
    for step in 0.. {
        let value = serde_json::to_vec(entry).unwrap_or_default();
        if value.len() <= MAX_ENTRY_BYTES {
            return (value, dropped);
        }
        dropped = Some(match step {
            0 => {
                entry.content = None;
                "content"
            }
            1 => {
                entry.summary = None;
                "summary"
            }
            2 => {
                entry.authors.clear();
                entry.tags.clear();
                entry.image = None;
                entry.copyright = None;
                entry.via.clear();
                "lists"
            }
            _ => {
                let cut = |text: &mut Option<String>| {
                    if let Some(text) = text {
                        *text = text.chars().take(2048).collect();
                    }
                };
                cut(&mut entry.title);
                cut(&mut entry.guid);
                cut(&mut entry.language);
                cut(&mut entry.feed.title);
                cut(&mut entry.feed.language);
                entry.feed.tags.truncate(32);
                // A link cannot be cut; one of this length is none.
                if entry.link.as_ref().is_some_and(|link| link.len() > 8192) {
                    entry.link = None;
                }
                "all but the beginnings"
            }
        });
        if step > 4 {
            break;
        }
    }
    (Vec::new(), dropped)
}
