//! What a document is asked for by: `ETag` and `Last-Modified`, byte for byte as the server sent
//! them, and what to do about a server whose "not modified" is not true.

use events::Timestamp;
use serde::{Deserialize, Serialize};
use stage::Answer;

use super::record::is_default;

const HOUR_MS: i64 = 3600 * 1000;
/// A feed is silent for longer than usual when it is for so many of its gaps …
const SILENT_GAPS: i64 = 12;
/// … and for so long at least.
const SILENT_MS: i64 = 72 * HOUR_MS;
/// Polls in a row that were answered "not modified" before that is doubted.
const DOUBTED_AFTER: u32 = 10;

/// What the next request asks by. Both come from one answer (RFC 9110 13; never parsed, never
/// invented).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Validators {
    #[serde(rename = "e", skip_serializing_if = "is_default")]
    pub(crate) etag: Option<String>,
    #[serde(rename = "m", skip_serializing_if = "is_default")]
    pub(crate) last_modified: Option<String>,
    /// URL whose answer they came with, where it is not the one that is asked for.
    #[serde(rename = "u", skip_serializing_if = "is_default")]
    pub(crate) url: Option<String>,
    /// Hash of the last body that was read.
    #[serde(rename = "h", skip_serializing_if = "is_default")]
    pub(crate) body: Option<String>,
}

/// What is sent of the validators, and what is doubted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Check {
    /// The entity tag was found to stay while the document changes.
    #[serde(rename = "be", skip_serializing_if = "is_default")]
    pub(crate) bad_etag: bool,
    /// The same of the date.
    #[serde(rename = "bm", skip_serializing_if = "is_default")]
    pub(crate) bad_date: bool,
    /// "Not modified" in a row.
    #[serde(rename = "n", skip_serializing_if = "is_default")]
    pub(crate) unmodified: u32,
    /// What the next request leaves out in order to find out.
    #[serde(rename = "d", skip_serializing_if = "is_default")]
    pub(crate) doubt: Option<Doubt>,
    /// Doubts so far since something new was found: each waits twice as long as the last.
    #[serde(rename = "c", skip_serializing_if = "is_default")]
    pub(crate) doubts: u32,
}

/// What a request leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Doubt {
    /// The date: only the entity tag is sent.
    Date,
    /// The entity tag: only the date is sent.
    Etag,
    /// Both: the one kind of request that asks for the whole document although a validator is
    /// known. At most once after three days of unusual silence, then after six, and so on.
    Both,
}

/// Bytes of a validator that is kept: those of an index and its children are in one state record.
const LONGEST_VALIDATOR: usize = 2_048;

impl Validators {
    /// Whether a request can be answered "not modified".
    pub(crate) fn is_conditional(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }

    /// The headers of the next request.
    pub(crate) fn conditions(&self, check: Check) -> Vec<(String, String)> {
        let no_etag = matches!(check.doubt, Some(Doubt::Etag | Doubt::Both)) || check.bad_etag;
        let no_date = matches!(check.doubt, Some(Doubt::Date | Doubt::Both)) || check.bad_date;
        let etag = self.etag.as_ref().filter(|_| !no_etag);
        let date = self.last_modified.as_ref().filter(|_| !no_date);
        [("if-none-match", etag), ("if-modified-since", date)]
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.clone())))
            .collect()
    }

    /// Takes in an answer that was read, or was "not modified". Validators come from one answer,
    /// together; a 304 renews only those it names (RFC 9111 4.3.4). One that comes from elsewhere
    /// than they do is not to be trusted with them.
    pub(crate) fn keep(&mut self, answer: &Answer, asked: &str) {
        let header = |name| {
            let value = answer.header(name).map(str::to_owned);
            value.filter(|value| !value.is_empty() && value.len() <= LONGEST_VALIDATOR)
        };
        let url = (answer.url != asked).then(|| answer.url.clone());
        if answer.status == 304 {
            if self.url != url {
                *self = Self::default();
                return;
            }
            self.etag = header("etag").or(self.etag.take());
            self.last_modified = header("last-modified").or(self.last_modified.take());
            return;
        }
        // A part that nobody asked for is read; it is not what these validators stand for.
        let is_whole = answer.status != 206;
        self.etag = header("etag").filter(|_| is_whole);
        self.last_modified = header("last-modified").filter(|_| is_whole);
        self.url = url.filter(|_| self.is_conditional());
    }
}

impl Check {
    /// Takes in a poll that found nothing new: after long silence the next one leaves something
    /// out. `quiet_ms`: since the last new entry.
    pub(crate) fn not_modified(
        &mut self,
        validators: &Validators,
        gap_ms: Option<i64>,
        quiet_ms: Option<i64>,
    ) {
        self.unmodified = self.unmodified.saturating_add(1);
        if self.doubt.take().is_some() {
            return;
        }
        let (Some(gap), Some(quiet)) = (gap_ms, quiet_ms) else { return };
        let silent = SILENT_MS.max(gap.saturating_mul(SILENT_GAPS));
        let patience = silent.saturating_mul(1_i64 << self.doubts.min(12));
        if self.unmodified < DOUBTED_AFTER || quiet < patience {
            return;
        }
        let etag = validators.etag.is_some() && !self.bad_etag;
        let date = validators.last_modified.is_some() && !self.bad_date;
        self.doubt = match (etag, date, self.doubts % 3) {
            (true, true, 0) => Some(Doubt::Date),
            (true, true, 1) => Some(Doubt::Etag),
            (false, false, _) => None,
            _ => Some(Doubt::Both),
        };
        self.doubts = self.doubts.saturating_add(1);
    }

    /// Takes in a whole document with so many new entries, of which the oldest that came after the
    /// last known one is of that time. Returns whether a validator was caught.
    pub(crate) fn read(&mut self, new: usize, oldest: Option<Timestamp>, now: Timestamp) -> bool {
        let doubt = self.doubt.take();
        self.unmodified = 0;
        if new > 0 {
            self.doubts = 0;
        }
        // One that came within the last day may as well have come just now; a feed that shows no
        // more than a day has several that came over some hours.
        let kept_back = match oldest.map(|oldest| now.millis_since(oldest)) {
            Some(age) => age > 24 * HOUR_MS || new >= 3 && age > 6 * HOUR_MS,
            None => new >= 3,
        };
        let caught = doubt.is_some() && new > 0 && kept_back;
        match doubt.filter(|_| caught) {
            Some(Doubt::Date) => self.bad_date = true,
            Some(Doubt::Etag) => self.bad_etag = true,
            Some(Doubt::Both) => (self.bad_etag, self.bad_date) = (true, true),
            None => {}
        }
        caught
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);
    const DAY: i64 = 24 * HOUR_MS;

    fn both() -> Validators {
        Validators {
            etag: Some("W/\"1\"".to_owned()),
            last_modified: Some("yesterday".to_owned()),
            ..Validators::default()
        }
    }

    #[test]
    fn silence_is_doubted_ever_more_rarely_and_first_with_a_condition() {
        let mut check = Check::default();
        let mut asked = Vec::new();
        for day in 0..100 {
            for _ in 0..10 {
                check.not_modified(&both(), Some(HOUR_MS), Some(day * DAY));
                if let Some(doubt) = check.doubt {
                    let conditions = both().conditions(check);
                    asked.push((day, doubt, conditions.len()));
                }
            }
        }
        let wanted = [
            (3, Doubt::Date, 1),
            (6, Doubt::Etag, 1),
            (12, Doubt::Both, 0),
            (24, Doubt::Date, 1),
            (48, Doubt::Etag, 1),
            (96, Doubt::Both, 0),
        ];
        assert_eq!(asked, wanted);
    }

    #[test]
    fn a_validator_longer_than_any_is_not_kept() {
        let of = |length| Answer {
            status: 200,
            headers: vec![("etag".into(), "x".repeat(length))],
            ..Answer::default()
        };
        let mut kept = Validators::default();
        kept.keep(&of(LONGEST_VALIDATOR), "https://example.org/");
        assert!(kept.etag.is_some());
        kept.keep(&of(LONGEST_VALIDATOR + 1), "https://example.org/");
        assert_eq!(kept.etag, None);
    }

    #[test]
    fn a_part_of_a_document_leaves_nothing_to_ask_by() {
        let of = |status| Answer {
            status,
            url: "https://a.org/feed".to_owned(),
            headers: vec![("etag".to_owned(), "\"1\"".to_owned())],
            ..Answer::default()
        };
        for (status, conditional) in [(200, true), (206, false)] {
            let mut validators = both();
            validators.keep(&of(status), "https://a.org/feed");
            assert_eq!(validators.is_conditional(), conditional, "{status}");
        }
    }

    #[test]
    fn a_validator_that_stays_while_the_document_changes_is_not_sent_again() {
        let mut check = Check { doubt: Some(Doubt::Etag), ..Check::default() };
        assert!(check.read(5, Some(NOW.plus_millis(-2 * DAY)), NOW));
        assert_eq!(both().conditions(check), [("if-modified-since".into(), "yesterday".into())]);
        let mut fresh = Check { doubt: Some(Doubt::Etag), ..Check::default() };
        assert!(!fresh.read(1, Some(NOW), NOW), "it may have come just now");
        assert_eq!(both().conditions(fresh).len(), 2);
        // A quick feed never shows an item of yesterday.
        let hours_ago = |hours: i64| Some(NOW.plus_millis(-hours * HOUR_MS));
        let doubting = || Check { doubt: Some(Doubt::Etag), ..Check::default() };
        assert!(doubting().read(15, hours_ago(15), NOW));
        assert!(!doubting().read(2, hours_ago(15), NOW));
        assert!(!doubting().read(15, hours_ago(1), NOW));
    }

    #[test]
    fn a_304_renews_what_it_names_and_one_from_elsewhere_is_not_trusted() {
        let mut validators = both();
        let mut answer = Answer { status: 304, url: "u".to_owned(), ..Answer::default() };
        answer.headers.push(("etag".to_owned(), "\"2\"".to_owned()));
        validators.keep(&answer, "u");
        assert_eq!(validators.etag.as_deref(), Some("\"2\""));
        assert_eq!(validators.last_modified.as_deref(), Some("yesterday"));
        answer.url = "elsewhere".to_owned();
        validators.keep(&answer, "u");
        assert!(!validators.is_conditional());
    }
}
