//! Reports that are made from one template: the weather of two towns, the results of two matches, the
//! close of two markets. They share most of their words, and are of one day. What tells them from
//! two reports of one event: the words that differ stand single all over, and each title has a name
//! that the other report has nowhere.

use crate::engine::Engine;
use crate::groups;
use crate::profile::{Profile, Weights};
use crate::reading::{Reading, TitleName, names_of_title};
use crate::state::{Records, StateError};
use crate::story;
use crate::terms::{Counts, Terms};

/// Stories of a group that are looked at, the newest.
const LOOKED_AT: usize = 4;

/// Languages that write every noun with a capital, so that a name is known by standing nowhere else.
const CAPITAL_NOUNS: [&str; 2] = ["de", "lb"];

impl Engine {
    /// Whether a group is that of another report of the same template.
    pub(crate) fn is_of_another(
        &mut self,
        group: u32,
        title: Option<&str>,
        reading: &Reading,
        state: &dyn Records,
    ) -> Result<bool, StateError> {
        let terms = &reading.terms;
        let own = names_of_title(&mut self.lexicon, title, &terms.language);
        if own.is_empty() {
            return Ok(false);
        }
        let Some(record) = groups::load(state, group)? else {
            return Ok(false);
        };
        let profile = &record.profile;
        let has_nouns = CAPITAL_NOUNS.contains(&terms.language.as_str());
        let is_own = |name: &TitleName| {
            (has_nouns || counts(&terms.names, name.name)) && !is_mentioned(name, profile)
        };
        if !own.iter().any(is_own) {
            return Ok(false);
        }
        let is_others = |name: &TitleName| {
            (has_nouns || weighs(&profile.names, name.name)) && !is_said(name, terms)
        };
        for id in record.stories.iter().take(LOOKED_AT) {
            let Some(other) = story::find(state, *id)? else {
                continue;
            };
            if !reading.sketch.is_of_template_with(&other.head.sketch) {
                continue;
            }
            let title = other.title.as_deref();
            if names_of_title(&mut self.lexicon, title, &terms.language).iter().any(is_others) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn is_mentioned(name: &TitleName, profile: &Profile) -> bool {
    weighs(&profile.names, name.name) || weighs(&profile.words, name.stem)
}

fn is_said(name: &TitleName, terms: &Terms) -> bool {
    counts(&terms.names, name.name) || counts(&terms.words, name.stem)
}

fn weighs(weights: &Weights, term: u32) -> bool {
    weights.binary_search_by_key(&term, |(term, _)| *term).is_ok()
}

fn counts(counts: &Counts, term: u32) -> bool {
    counts.binary_search_by_key(&term, |(term, _)| *term).is_ok()
}
