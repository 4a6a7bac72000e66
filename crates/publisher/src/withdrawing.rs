//! Stories that are taken down: gone at their publisher, or withdrawn by command.

use events::{Entry, ExtractionSource, Timestamp, Withdraw, canonical_url, twin_urls};

use crate::engine::{Engine, Output, Published};
use crate::event;
use crate::groups;
use crate::id::Id;
use crate::identity::{self, Identity};
use crate::state::{Records, StateError};
use crate::story;

impl Engine {
    pub(crate) fn withdraw_by_command(
        &mut self,
        command: &Withdraw,
        state: &mut dyn Records,
    ) -> Result<Output, StateError> {
        let mut output = Output::default();
        let named = command.id.as_deref().and_then(|id| id.parse::<Id>().ok());
        let by_url = command
            .url
            .as_deref()
            .and_then(canonical_url)
            .map(|url| (Id::of(&url), twin_urls(&url)));
        let mut wanted: Vec<Id> = named.into_iter().collect();
        if let Some((id, twins)) = by_url {
            wanted.push(id);
            wanted.extend(twins.iter().map(|twin| Id::of(twin)));
        }
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
        let story = story::find(state, id)?;
        let mut event = event::withdrawn(id, version, story.as_ref(), entry, at);
        event.extraction.source = source_of(&identity);
        if let Some(story) = &story {
            event.feeds = story::feeds(state, &story.feeds)?;
            if let Some((_, record)) = groups::resolve(state, story.head.group)? {
                event.story_group = events::StoryGroup {
                    id: Some(record.id.to_string()),
                    size: record.profile.size,
                    opened: false,
                };
            }
        }
        identity::remember(
            state,
            id,
            Identity { version, day: self.today(), flags: identity.flags | flag, ..identity },
        )?;
        let value = event::value(&event);
        output.stories.push(Published { event, value });
        Ok(version)
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
