//! What an operator can set.

use crate::ranking::GroupRules;

/// What happens with a copy of a story.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Copies {
    /// It is published, marked with `duplicate_of`.
    #[default]
    Mark,
    /// It is not published; its fate is `copy_dropped`.
    Drop,
}

/// Settings of the publisher: `[publish]` of the configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// How long stories are compared with new ones, in milliseconds.
    pub window_ms: i64,
    /// Stories compared at most; beyond, the oldest leave the comparison window.
    pub max_stories: usize,
    /// Articles published longer ago are skipped, in milliseconds; `None`: none is.
    pub max_age_ms: Option<i64>,
    /// What happens with copies.
    pub copies: Copies,
    /// Whether events carry `html`.
    pub include_html: bool,
    /// Largest value of a story event in bytes.
    pub max_value: usize,
    /// How stories are grouped.
    pub groups: GroupRules,
}

const DAY: i64 = 24 * 3_600_000;

impl Default for Settings {
    fn default() -> Self {
        Self {
            window_ms: 7 * DAY,
            max_stories: 500_000,
            max_age_ms: Some(90 * DAY),
            copies: Copies::Mark,
            include_html: false,
            max_value: 2 << 20,
            groups: GroupRules::default(),
        }
    }
}
