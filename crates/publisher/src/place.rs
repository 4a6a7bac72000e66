//! The place of a story, known as long as its identity is: the group it was put into, and what it
//! copies. For a story that opened its group, as most do, that is a flag of its identity; else a
//! note, which is spelled as an alias is (36 bytes, in the identity's own record), so that the
//! release before reads it, too, and does not look for it.

use events::StoryEvent;

use crate::id::Id;
use crate::identity;
use crate::state::{Records, StateError};

// Flags of an identity, beside those that `identity` names. The release before writes none of
// them with a new version: the place is not known then, and said so.
/// It opened its group.
const OPENED: u8 = 16;
/// It is in the group that a note names.
const JOINED: u8 = 32;
/// It is a copy of the story that opened its group.
const COPIES_OPENER: u8 = 64;
/// It is a copy of what a note names.
const COPIES: u8 = 128;
const PLACE: u8 = OPENED | JOINED | COPIES_OPENER | COPIES;

/// What is known of a story's place when it has left the window.
#[derive(Default)]
pub(crate) struct Place {
    /// The group, as said last: the story that opened it.
    pub(crate) group: Option<Id>,
    /// The original, where it is a copy of one that stands.
    pub(crate) original: Option<Id>,
}

/// What is noted of a story beside its identity.
#[derive(Clone, Copy)]
pub(crate) enum Note {
    Group = 1,
    Original = 2,
    /// Of [`crate::address`]. Three is the mark of [`crate::entry_names`].
    Address = 4,
}

impl Note {
    /// Under which name a story has it. An id has 130 bits, so six of its last byte are free: no
    /// other story and no alias has this name, and it stands beside the story's own.
    pub(crate) fn name(self, story: Id) -> Result<Id, StateError> {
        let mut bytes = story.bytes().to_vec();
        if let Some(last) = bytes.last_mut() {
            *last |= self as u8;
        }
        Id::read("ids", &bytes)
    }
}

/// Notes the place that an event says its story has. Gives the flags for its identity.
pub(crate) fn note_place(
    id: Id,
    event: &StoryEvent,
    day: u16,
    state: &mut dyn Records,
) -> Result<u8, StateError> {
    let parsed = |id: &Option<String>| id.as_deref().and_then(|id| id.parse::<Id>().ok());
    let (group, original) = (parsed(&event.story_group.id), parsed(&event.duplicate_of.id));
    let mut flags = 0;
    if group == Some(id) {
        flags |= OPENED;
    } else if let Some(group) = group {
        flags |= JOINED;
        identity::remember_alias(state, Note::Group.name(id)?, group, day)?;
    }
    if original.is_some() && original == group {
        flags |= COPIES_OPENER;
    } else if let Some(original) = original {
        flags |= COPIES;
        identity::remember_alias(state, Note::Original.name(id)?, original, day)?;
    }
    Ok(flags)
}

/// The place of a story. What it names is known while that story's identity is.
pub(crate) fn place(id: Id, flags: u8, state: &dyn Records) -> Result<Place, StateError> {
    let noted = |note: Note| identity::find(state, note.name(id)?);
    let group = match flags & (OPENED | JOINED) {
        OPENED => Some(id),
        JOINED => noted(Note::Group)?.map(|(group, _)| group),
        _ => None,
    };
    let original = match (flags & (COPIES_OPENER | COPIES), group) {
        (COPIES_OPENER, Some(opener)) => identity::find(state, opener)?,
        (COPIES, _) => noted(Note::Original)?,
        _ => None,
    };
    // What is withdrawn is nobody's original.
    let original = original.filter(|(_, identity)| identity.stands()).map(|(original, _)| original);
    Ok(Place { group, original })
}

/// The flags of a story whose place does not change; its notes live on as its identity does.
pub(crate) fn keep_place(
    id: Id,
    flags: u8,
    day: u16,
    state: &mut dyn Records,
) -> Result<u8, StateError> {
    for (flag, note) in [(JOINED, Note::Group), (COPIES, Note::Original)] {
        let name = note.name(id)?;
        if flags & flag != 0
            && let Some((noted, _)) = identity::find(state, name)?
        {
            identity::remember_alias(state, name, noted, day)?;
        }
    }
    Ok(flags & PLACE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::Identity;
    use crate::state::MemoryState;

    fn event(group: Id, original: Option<Id>) -> StoryEvent {
        let mut event = crate::event::withdrawn(group, 1, None, None, events::Timestamp::default());
        event.story_group.id = Some(group.to_string());
        event.duplicate_of.id = original.map(|id| id.to_string());
        event
    }

    #[test]
    fn the_place_of_a_story_is_known_as_long_as_its_identity() {
        let (own, opener, other) = (Id::of("a"), Id::of("b"), Id::of("c"));
        for (group, original) in [
            (own, None),
            (opener, None),
            (opener, Some(opener)),
            (opener, Some(other)),
            (own, Some(other)),
        ] {
            let mut state = MemoryState::default();
            for (id, day) in [(opener, 200), (other, 200)] {
                identity::remember(&mut state, id, Identity { day, ..Identity::default() })
                    .unwrap();
            }
            let flags = note_place(own, &event(group, original), 100, &mut state).unwrap();
            identity::remember(
                &mut state,
                own,
                Identity { flags, day: 180, ..Identity::default() },
            )
            .unwrap();
            assert_eq!(keep_place(own, flags, 180, &mut state).unwrap(), flags);
            state.iter().for_each(|(key, value)| identity::check(key, value).unwrap());
            // The notes live on with the identity, and go with it.
            let sweep = |state: &mut MemoryState, today| {
                (0..identity::BUCKETS).for_each(|at| identity::sweep(state, at, today).unwrap());
            };
            sweep(&mut state, 260);
            let known = place(own, flags, &state).unwrap();
            assert_eq!((known.group, known.original), (Some(group), original));
            let gone = Identity { flags: identity::GONE, day: 200, ..Identity::default() };
            identity::remember(&mut state, other, gone).unwrap();
            let known = place(own, flags, &state).unwrap();
            assert_eq!(known.original, original.filter(|id| *id != other), "nobody's original");
            sweep(&mut state, 300);
            assert_eq!(state, MemoryState::default());
        }
    }

    #[test]
    fn of_an_identity_of_the_release_before_no_place_is_known() {
        let known = place(Id::of("a"), 0, &MemoryState::default()).unwrap();
        assert_eq!((known.group, known.original), (None, None));
    }
}
