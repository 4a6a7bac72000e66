//! Stories that are taken down: gone at their publisher, or withdrawn by command.

use events::{Entry, ExtractionSource, Joined, StoryEvent, StoryGroup, Timestamp, Withdraw};

use crate::engine::{Engine, Output};
use crate::event;
use crate::expiring::text_key;
use crate::group_index::Indexed;
use crate::groups::{Member, Record};
use crate::id::Id;
use crate::identity::{self, Identity};
use crate::names::names_of;
use crate::place;
use crate::placing::Placement;
use crate::ranking::Vectors;
use crate::reading::Reading;
use crate::state::{Records, StateError};
use crate::story::{self, Story};

impl Engine {
    pub(crate) fn withdraw_by_command(
        &mut self,
        command: &Withdraw,
        state: &mut dyn Records,
    ) -> Result<Output, StateError> {
        let mut output = Output::default();
        let named = command.id.as_deref().and_then(|id| id.parse::<Id>().ok());
        let by_url = command.url.as_deref().into_iter().flat_map(names_of);
        let wanted: Vec<Id> = named.into_iter().chain(by_url).collect();
        let mut known = None;
        for id in &wanted {
            known = identity::find(state, *id)?;
            if known.is_some() {
                break;
            }
        }
        match (known, wanted.first()) {
            (Some((_, identity)), _) if identity.flags & identity::WITHDRAWN != 0 => {}
            (Some((id, identity)), _) if identity.flags & identity::GONE != 0 => {
                // Consumers have its withdrawal already; from now on it does not return.
                identity::remember(
                    state,
                    id,
                    Identity { flags: identity.flags | identity::WITHDRAWN, ..identity },
                )?;
                if let Some(story) = story::find(state, id)? {
                    self.take_down(story, id, true, state);
                }
            }
            (Some((id, identity)), _) => {
                self.withdraw(
                    id,
                    identity,
                    identity::WITHDRAWN,
                    None,
                    command.at,
                    state,
                    &mut output,
                )?;
            }
            // Never seen, or longer ago than identities are remembered: it is kept from coming.
            (None, Some(id)) => {
                let identity = Identity {
                    day: self.today(),
                    flags: identity::WITHDRAWN,
                    ..Identity::default()
                };
                identity::remember(state, *id, identity)?;
            }
            (None, None) => {}
        }
        Ok(output)
    }

    #[expect(clippy::too_many_arguments, reason = "what, why, when and where to")]
    pub(crate) fn withdraw(
        &mut self,
        id: Id,
        identity: Identity,
        flag: u8,
        entry: Option<&Entry>,
        at: Timestamp,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<u32, StateError> {
        let version = identity.version + 1;
        let is_final = flag == identity::WITHDRAWN;
        let story = story::find(state, id)?;
        let mut event = event::withdrawn(id, version, story.as_ref(), entry, at);
        event.extraction.source = source_of(&identity);
        if is_final {
            // The headline may be what must not be said.
            event.title = None;
        }
        if let Some(story) = &story {
            event.feeds = story::feeds(state, &story.feeds)?;
        }
        event.story_group = self.leave(id, &identity, story.as_ref(), state, output)?;
        if let Some(story) = story {
            self.take_down(story, id, is_final, state);
        }
        let day = self.today();
        place::keep_place(id, identity.flags, day, state)?;
        let flags = identity.flags | flag;
        identity::remember(state, id, Identity { version, day, flags, ..identity })?;
        output.push(event);
        Ok(version)
    }

    /// Takes a story out of its group, whose record then says nothing of it. A group whose record
    /// is forgotten can only be named.
    pub(crate) fn leave(
        &mut self,
        id: Id,
        identity: &Identity,
        story: Option<&Story>,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Result<StoryGroup, StateError> {
        let place = place::place(id, identity.flags, state)?;
        let Some((number, mut record)) = self.group_placed(story, place.group, state)? else {
            let group = place.group.map(|group| group.to_string());
            return Ok(StoryGroup { id: group, ..StoryGroup::default() });
        };
        let before = Indexed::of(&record);
        if record.take_out(id) {
            let mut left = Vec::new();
            for other in &record.stories {
                left.extend(story::find(state, *other)?);
            }
            left.sort_unstable_by_key(|story| story.head.number);
            record.describe(id, story.and_then(|story| story.title.as_deref()), &left);
            self.store(number, &before, &record, state);
            output.groups.push(record.public(None));
        }
        Ok(Placement::of(number, &record).as_event())
    }

    /// Puts a story that was gone and is back into the group it was in.
    pub(crate) fn rejoin(
        &mut self,
        number: u32,
        mut record: Record,
        event: &StoryEvent,
        reading: &Reading,
        state: &mut dyn Records,
        output: &mut Output,
    ) -> Placement {
        let before = Indexed::of(&record);
        if record.profile.size == 0 {
            record.reopen(event.title.as_deref());
        }
        let (event_time, instance) = (self.event_time(event), reading.sketch.instance);
        let vectors = Vectors::of(&reading.terms, &self.frequencies, event_time, instance);
        let (words, names) = vectors.weights();
        let id = Id::of_event(event);
        let member = Member::of(id, event, event_time.at, instance, self.now());
        record.take_in(&member, &words, &names, vectors.terms as u32, Joined::default());
        self.store(number, &before, &record, state);
        output.groups.push(record.public(None));
        Placement::of(number, &record)
    }

    /// Forgets what a story said, for it is taken down. One that may come back keeps its place in
    /// the window; nothing is compared with it.
    pub(crate) fn take_down(
        &mut self,
        story: Story,
        id: Id,
        is_final: bool,
        state: &mut dyn Records,
    ) {
        let number = story.head.number;
        self.copies.remove(number, &story.head.sketch);
        if self.texts.remove(&number).is_some() {
            state.put(&text_key(id), None);
        }
        if is_final {
            self.window.remove(&number);
            state.put(&story::key(id), None);
        } else {
            let story = story.taken_down();
            self.copies.insert(number, &story.head.sketch);
            state.put(&story::key(id), Some(story.write()));
        }
    }
}

/// Where the text of a story's current version is from.
pub(crate) fn source_of(identity: &Identity) -> ExtractionSource {
    if identity.flags & identity::FROM_FEED != 0 {
        ExtractionSource::Feed
    } else {
        ExtractionSource::Page
    }
}
