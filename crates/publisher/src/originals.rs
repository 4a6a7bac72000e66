//! Which earlier story a text copies, and which of its family of copies is the original.
//!
//! The original is the earliest published of those known. A story that arrives late with an
//! earlier time of publication cannot change what was said of others: it is marked as their copy,
//! so that a family never has two originals, and copies that arrive after it name it. Who gathers
//! a family (all that `duplicate_of` connects) finds its original as the earliest published.

use events::CopyKind;

use crate::engine::Engine;
use crate::id::Id;
use crate::identity;
use crate::sketch::Sketch;
use crate::state::{Records, StateError};
use crate::story;

/// What a story copies.
pub(crate) struct Copied {
    pub(crate) original: Id,
    precedence: (i64, u32),
    kind: CopyKind,
    similarity: f64,
    pub(crate) group: u32,
}

impl Copied {
    fn or(self, other: Self) -> Self {
        let (original, precedence) =
            (self.original, self.precedence).min_by_precedence((other.original, other.precedence));
        let is_other_closer = other.similarity > self.similarity;
        let closer = if is_other_closer { other } else { self };
        Self { original, precedence, ..closer }
    }

    pub(crate) fn as_event(&self) -> events::DuplicateOf {
        events::DuplicateOf {
            id: Some(self.original.to_string()),
            kind: Some(self.kind),
            similarity: Some((self.similarity * 1000.0).round() / 1000.0),
        }
    }
}

trait MinByPrecedence {
    fn min_by_precedence(self, other: Self) -> Self;
}

impl MinByPrecedence for (Id, (i64, u32)) {
    fn min_by_precedence(self, other: Self) -> Self {
        if (other.1, other.0) < (self.1, self.0) { other } else { self }
    }
}

impl Engine {
    /// The story that a text copies.
    pub(crate) fn find_original(
        &self,
        number: u32,
        id: Id,
        sketch: &Sketch,
        state: &dyn Records,
    ) -> Result<Option<Copied>, StateError> {
        let mut best: Option<Copied> = None;
        for other in self.copies.candidates(sketch) {
            // A later story may be a copy of this one, whose newer version is looked at.
            let Some(other_id) = self.window.get(&other).filter(|_| other < number) else {
                continue;
            };
            let Some(head) = story::find_head(state, *other_id)? else {
                continue;
            };
            let Some((kind, similarity)) = sketch.copy_of(&head.sketch) else {
                continue;
            };
            // The best match decides how it is a copy, the earliest published of the family of what.
            let family = [Some(*other_id), head.original];
            let Some((precedence, original)) = self.earliest(&family, state)? else {
                continue;
            };
            let found = Copied { original, precedence, kind, similarity, group: head.group };
            best = Some(match best {
                None => found,
                Some(best) => best.or(found),
            });
        }
        Ok(best.filter(|best| best.original != id))
    }

    /// The earliest published of some stories, of those that are in the window and stand.
    fn earliest(
        &self,
        family: &[Option<Id>],
        state: &dyn Records,
    ) -> Result<Option<((i64, u32), Id)>, StateError> {
        let mut earliest = None;
        for id in family.iter().flatten() {
            // What is withdrawn is nobody's original, not even where its words are still known: a
            // release before left them, and a past from events does.
            let stands = identity::find(state, *id)?.is_some_and(|(_, one)| one.stands());
            let Some(story) = story::find(state, *id)?.filter(|_| stands) else {
                continue;
            };
            let precedence = (story.precedence(self.settings.window_ms), *id);
            earliest = Some(earliest.map_or(precedence, |other| precedence.min(other)));
        }
        Ok(earliest)
    }
}
