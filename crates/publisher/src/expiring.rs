//! What is kept beside identities, and when it is forgotten: stories that leave the comparison
//! window, their texts and terms, fates. A little in each call, so that no call takes long.

use crate::engine::{DAY, Engine};
use crate::fates;
use crate::frequencies::{self, Counted};
use crate::id::Id;
use crate::identity;
use crate::state::{Records, StateError};
use crate::story;
use crate::terms::Terms;

/// How long the text of a story is kept to say what an update removed.
const TEXT_KEPT: i64 = 2 * DAY;
/// Texts kept at most, as a share of the window: they are its largest part.
const TEXT_SHARE: usize = 8;
/// Records that expire in one call at most.
const EXPIRED_AT_ONCE: usize = 64;

impl Engine {
    pub(crate) fn keep_text(&mut self, number: u32, id: Id, text: &str, state: &mut dyn Records) {
        state.put(&text_key(id), Some(self.packer.pack(number, text)));
        self.texts.insert(number, id);
        let most = self.settings.max_stories / TEXT_SHARE + 1;
        while self.texts.len() > most
            && let Some((_, oldest)) = self.texts.pop_first()
        {
            state.put(&text_key(oldest), None);
        }
    }

    pub(crate) fn expire(&mut self, state: &mut dyn Records) -> Result<(), StateError> {
        let now = self.meta.now;
        for _ in 0..EXPIRED_AT_ONCE {
            let Some((number, id)) =
                self.window.first_key_value().map(|(number, id)| (*number, *id))
            else {
                break;
            };
            let head = story::find_head(state, id)?;
            let is_old =
                head.as_ref().is_none_or(|head| head.arrived < now - self.settings.window_ms);
            if !is_old {
                if self.window.len() < self.settings.max_stories.max(1) {
                    break;
                }
                self.pushed_out += 1;
            }
            if let Some(head) = head {
                self.copies.remove(number, &head.sketch);
            }
            self.window.remove(&number);
            state.put(&story::key(id), None);
            if self.texts.remove(&number).is_some() {
                state.put(&text_key(id), None);
            }
        }
        for _ in 0..EXPIRED_AT_ONCE {
            let Some((number, id)) =
                self.texts.first_key_value().map(|(number, id)| (*number, *id))
            else {
                break;
            };
            let head = story::find_head(state, id)?;
            if head.is_some_and(|head| head.arrived >= now - TEXT_KEPT) {
                break;
            }
            self.texts.remove(&number);
            state.put(&text_key(id), None);
        }
        let first_day = self.today().saturating_sub((self.settings.window_ms / DAY) as u16);
        for _ in 0..EXPIRED_AT_ONCE {
            let Some(number) = self.counted.first().copied() else {
                break;
            };
            let key = frequencies::key(number);
            if let Some(value) = state.get(&key) {
                let counted = Counted::read(&key, value)?;
                if counted.day >= first_day {
                    break;
                }
                self.frequencies.subtract(&counted);
            }
            self.counted.remove(&number);
            state.put(&key, None);
        }
        for _ in 0..EXPIRED_AT_ONCE {
            if self.fates.first().is_none_or(|(at, _)| *at >= now - fates::KEPT) {
                break;
            }
            if let Some((_, key)) = self.fates.pop_first() {
                state.put(&key.key(), None);
            }
        }
        self.meta.sweep = (self.meta.sweep + 1) % identity::BUCKETS;
        identity::sweep(state, self.meta.sweep, self.today())
    }

    pub(crate) fn count_terms(&mut self, number: u32, terms: &Terms, state: &mut dyn Records) {
        if self.frequencies.wants(number, &terms.language) {
            let counted = Counted::of(self.today(), terms);
            state.put(&frequencies::key(number), Some(counted.write()));
            self.counted.insert(number);
            self.frequencies.add(&counted);
        }
    }
}

/// The key of a story's text.
pub(crate) fn text_key(id: Id) -> String {
    format!("text/{id}")
}
