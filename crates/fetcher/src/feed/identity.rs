//! What an entry is called, by which aliases it is known again, and whether a reader sees a change.

use events::{Timestamp, canonical_url, sha256_hex};

use super::ParsedEntry;

/// Letters of a hash that tell one text from another inside one feed.
const HASH_LENGTH: usize = 32;

impl ParsedEntry {
    /// What identifies the entry inside its feed: guid, else canonical link, else link and day,
    /// else title and day, else its text. A guid or link that several entries of the document
    /// share is joined with the next rung. `None` for an entry that says nothing.
    pub fn identity(&self) -> Option<String> {
        if let Some(guid) = &self.guid {
            return Some(if self.guid_is_shared {
                let more = self.link.as_deref().or(self.title.as_deref()).unwrap_or("");
                format!("{guid}\n{more}")
            } else {
                guid.clone()
            });
        }
        if !self.link_is_shared
            && let Some(link) = self.link.as_deref().and_then(canonical_url)
        {
            return Some(link);
        }
        let day = self.day();
        if let Some(link) = &self.link {
            let title = self.title.as_deref().unwrap_or("");
            return Some(format!("{link}\n{title}\n{day}"));
        }
        if let Some(title) = &self.title {
            return Some(format!("{title}\n{day}"));
        }
        let body = self.content.as_deref().or(self.summary.as_deref())?;
        Some(format!("text:{}", short_hash(body)))
    }

    /// Everything the entry may be known by later, the strongest first: guid without scheme and
    /// host, canonical URL, title and day. A hit on any of them is the same entry.
    pub fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        if let Some(guid) = self.guid.as_deref().filter(|_| !self.guid_is_shared) {
            keys.push(format!("guid:{}", without_host(guid)));
        }
        if !self.link_is_shared
            && let Some(link) = self.link.as_deref().and_then(canonical_url)
        {
            keys.push(format!("url:{link}"));
        }
        // A title without a day would join "Weather" of today with that of last year.
        if let Some(title) = &self.title
            && (self.published_at.is_some() || self.updated_at.is_some())
        {
            keys.push(format!("title:{}\n{}", title.to_lowercase(), self.day()));
        }
        if keys.is_empty() {
            keys.extend(self.identity());
        }
        keys
    }

    /// What a reader sees: title, body and link. Dates alone make no new revision.
    pub fn fingerprint(&self) -> String {
        let link =
            self.link.as_deref().map(|link| canonical_url(link).unwrap_or_else(|| link.to_owned()));
        let parts = [&self.title, &self.summary, &self.content, &link];
        let mut seen = String::new();
        for part in parts {
            let part = part.as_deref().unwrap_or("");
            for word in part.split_whitespace() {
                seen.push_str(word);
                seen.push(' ');
            }
            seen.push('\n');
        }
        short_hash(&seen)
    }

    fn day(&self) -> String {
        self.published_at
            .or(self.updated_at)
            .map(|moment: Timestamp| moment.to_string()[..10].to_owned())
            .unwrap_or_default()
    }
}

fn short_hash(text: &str) -> String {
    let mut hash = sha256_hex(text.as_bytes());
    hash.truncate(HASH_LENGTH);
    hash
}

/// The path and query of a guid that is a URL: hosts and schemes change, articles stay. A guid
/// that is nothing but a host, and any other guid, stays as it is.
fn without_host(guid: &str) -> &str {
    let Some((scheme, rest)) = guid.split_once("://") else {
        return guid;
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return guid;
    }
    match rest.split_once('/') {
        Some((_, path)) if !path.is_empty() => path,
        _ => guid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(guid: &str, link: &str, title: &str, day: &str) -> ParsedEntry {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ParsedEntry {
            guid: some(guid),
            link: some(link),
            title: some(title),
            published_at: super::super::parse_date(day),
            ..ParsedEntry::default()
        }
    }

    #[test]
    fn the_ladder_takes_the_first_rung_that_holds() {
        for (entry, wanted) in [
            (entry("g", "http://a.org/x", "t", ""), Some("g")),
            (entry("", "http://a.org/x?utm_source=rss#c", "t", ""), Some("https://a.org/x")),
            (entry("", "", "t", "2025-01-02"), Some("t\n2025-01-02")),
            (entry("", "", "", ""), None),
        ] {
            assert_eq!(entry.identity().as_deref(), wanted);
        }
        let mut bodies = [ParsedEntry::default(), ParsedEntry::default()];
        bodies[0].summary = Some("one".to_owned());
        bodies[1].summary = Some("two".to_owned());
        assert_ne!(bodies[0].identity(), bodies[1].identity());
    }

    #[test]
    fn a_guid_is_known_again_under_another_host() {
        let old = entry("http://a.org/x?p=1", "", "", "");
        let new = entry("https://www.a.org/x?p=1", "", "", "");
        assert_eq!(old.keys(), new.keys());
        assert_eq!(entry("http://a.org/", "", "", "").keys(), ["guid:http://a.org/"]);
    }

    #[test]
    fn only_what_a_reader_sees_makes_a_new_fingerprint() {
        let first = entry("g", "http://a.org/x", "t", "2025-01-02");
        let later = entry("other", "http://a.org/x", " t ", "2025-01-03");
        let retitled = entry("g", "http://a.org/x", "u", "2025-01-02");
        assert_eq!(first.fingerprint(), later.fingerprint());
        assert_ne!(first.fingerprint(), retitled.fingerprint());
    }
}
