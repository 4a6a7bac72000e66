//! Groups: stories of any outlet that report the same event. The records and the public state. How
//! a group is found is in `group_index`, how it is chosen in `ranking`.

use std::collections::BTreeSet;

use events::{Group, GroupState, Joined, StoryEvent, Timestamp};

use crate::engine::Engine;
use crate::id::Id;
use crate::instance::Instance;
use crate::profile::{Profile, Weights};
use crate::state::{Records, StateError, Writer};
use crate::story::{self, Story};

/// Version of the format of a record.
pub(crate) const VERSION: u8 = 1;
/// Story ids listed in the public state.
const LISTED: usize = 100;
/// Outlets listed in the public state.
const OUTLETS: usize = 100;
/// What is kept of a group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) profile: Profile,
    /// The story that opened it.
    pub(crate) id: Id,
    pub(crate) state: GroupState,
    /// The group it became part of.
    pub(crate) into: Option<u32>,
    pub(crate) title: Option<String>,
    pub(crate) languages: BTreeSet<String>,
    pub(crate) outlets: Vec<String>,
    pub(crate) first: Option<Timestamp>,
    pub(crate) last: Option<Timestamp>,
    /// Newest first.
    pub(crate) stories: Vec<Id>,
    pub(crate) joined: Joined,
    /// Publisher's time when the last story arrived.
    pub(crate) arrived: i64,
}
pub(crate) fn key(number: u32) -> String {
    format!("group/{number:010}")
}

/// What a story brings to a group.
pub(crate) struct Member<'a> {
    pub(crate) id: Id,
    pub(crate) title: Option<&'a str>,
    pub(crate) language: Option<&'a str>,
    pub(crate) outlet: Option<&'a str>,
    pub(crate) published_at: Option<Timestamp>,
    /// When what it reports took place, where that can be known.
    pub(crate) event_time: Option<i64>,
    pub(crate) instance: Instance,
    pub(crate) arrived: i64,
}

impl<'a> Member<'a> {
    pub(crate) fn of(
        id: Id,
        event: &'a StoryEvent,
        event_time: Option<i64>,
        instance: Instance,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            title: event.title.as_deref(),
            language: event.language.as_deref(),
            outlet: event.publisher.domain.as_deref().or(event.publisher.name.as_deref()),
            published_at: event.published_at,
            event_time,
            instance,
            arrived: now.as_millis(),
        }
    }
}

impl Record {
    pub(crate) fn open(member: &Member<'_>) -> Self {
        Self {
            profile: Profile { is_open: true, ..Profile::default() },
            id: member.id,
            state: GroupState::Open,
            into: None,
            title: member.title.map(str::to_owned),
            languages: BTreeSet::new(),
            outlets: Vec::new(),
            first: None,
            last: None,
            stories: Vec::new(),
            joined: Joined::default(),
            arrived: member.arrived,
        }
    }

    pub(crate) fn take_in(
        &mut self,
        member: &Member<'_>,
        words: &Weights,
        names: &Weights,
        terms: u32,
        joined: Joined,
    ) {
        self.languages.extend(member.language.map(str::to_owned));
        self.name_outlet(member.outlet);
        let published_at = story::believed(member.published_at, member.arrived);
        self.first = earlier(self.first, published_at);
        self.last = self.last.max(published_at);
        self.stories.insert(0, member.id);
        self.stories.truncate(LISTED);
        self.joined = joined;
        self.arrived = self.arrived.max(member.arrived);
        let instances = Some(member.instance).filter(|instance| instance.series != 0);
        self.profile.take_in(&Profile {
            is_open: true,
            size: 1,
            terms,
            span: member.event_time.map(|time| (time, time)),
            instances: instances.into_iter().collect(),
            words: words.clone(),
            names: names.clone(),
        });
    }

    fn name_outlet(&mut self, outlet: Option<&str>) {
        if let Some(outlet) = outlet
            && self.outlets.len() < OUTLETS
            && !self.outlets.iter().any(|known| known == outlet)
        {
            self.outlets.push(outlet.to_owned());
        }
    }

    /// Takes a story out that was withdrawn; whether it was there. What the record then says of
    /// the others is up to [`Self::describe`].
    pub(crate) fn take_out(&mut self, id: Id) -> bool {
        let (listed, size) = (self.stories.len(), self.profile.size);
        self.stories.retain(|story| *story != id);
        // Of a large group not all are listed.
        if self.stories.len() == listed && listed as u32 >= size {
            return false;
        }
        if self.joined.story.as_deref() == Some(id.to_string().as_str()) {
            self.joined = Joined::default();
        }
        self.profile.shrink();
        if self.profile.size == 0 {
            self.end(GroupState::Closed);
            self.profile = Profile::default();
        }
        true
    }

    /// Says what the stories that are left say, after `withdrawn` was taken out. `left` are those
    /// of them that are still in the window, in order of arrival. Where others are left, what
    /// they brought is not known any more: languages, outlets and times stay as they are.
    pub(crate) fn describe(&mut self, withdrawn: Id, its_title: Option<&str>, left: &[Story]) {
        // The opener's title is the group's. Any other may be one that was withdrawn.
        let is_openers = self.id != withdrawn && self.stories.contains(&self.id);
        if !is_openers || self.title.as_deref() == its_title {
            self.title = left.iter().find_map(|story| story.title.clone());
        }
        if left.len() as u32 != self.profile.size {
            return;
        }
        self.languages = left.iter().filter_map(|story| story.language.clone()).collect();
        self.outlets.clear();
        for story in left {
            self.name_outlet(story.outlet());
        }
        let times = || left.iter().filter_map(|story| story.head.published_at());
        (self.first, self.last) = (times().min(), times().max());
    }

    /// Takes stories again, after the only one was withdrawn and came back.
    pub(crate) fn reopen(&mut self, title: Option<&str>) {
        self.state = GroupState::Open;
        self.profile.is_open = true;
        self.title = title.map(str::to_owned);
    }

    /// Takes in another group, whose record then only points here.
    pub(crate) fn merge(&mut self, own: u32, other: &mut Self) {
        self.languages.extend(std::mem::take(&mut other.languages));
        for outlet in std::mem::take(&mut other.outlets) {
            if self.outlets.len() < OUTLETS && !self.outlets.contains(&outlet) {
                self.outlets.push(outlet);
            }
        }
        self.first = earlier(self.first, other.first);
        self.last = self.last.max(other.last);
        self.stories.append(&mut other.stories);
        self.stories.truncate(LISTED);
        self.arrived = self.arrived.max(other.arrived);
        self.profile.take_in(&other.profile);
        other.end(GroupState::Merged);
        other.into = Some(own);
    }

    /// It takes no more stories.
    pub(crate) fn end(&mut self, state: GroupState) {
        self.state = state;
        self.profile.is_open = false;
        self.profile.words = Weights::new();
        self.profile.names = Weights::new();
    }

    pub(crate) fn public(&self, into: Option<Id>) -> Group {
        Group {
            id: self.id.to_string(),
            state: self.state,
            merged_into: into.map(|id| id.to_string()),
            title: self.title.clone(),
            languages: self.languages.iter().cloned().collect(),
            size: self.profile.size,
            outlets: self.outlets.clone(),
            first_published_at: self.first,
            last_published_at: self.last,
            stories: self.stories.iter().map(ToString::to_string).collect(),
            joined: self.joined.clone(),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new(VERSION);
        self.profile.write(&mut writer);
        writer.raw(self.id.bytes());
        writer.raw(&[match self.state {
            GroupState::Open => 0,
            GroupState::Closed => 1,
            GroupState::Merged => 2,
        }]);
        // A group only ever joins an older one, so its number is not the largest.
        writer.number(self.into.map_or(0, |into| u64::from(into) + 1));
        writer.text(self.title.as_deref());
        writer.number(self.languages.len() as u64);
        self.languages.iter().for_each(|language| writer.text(Some(language)));
        writer.number(self.outlets.len() as u64);
        self.outlets.iter().for_each(|outlet| writer.text(Some(outlet)));
        for time in [self.first, self.last] {
            writer.raw(&[u8::from(time.is_some())]);
            writer.time(time.unwrap_or_default().as_millis());
        }
        writer.number(self.stories.len() as u64);
        self.stories.iter().for_each(|story| writer.raw(story.bytes()));
        writer.text(self.joined.story.as_deref());
        writer.number(self.joined.scores.len() as u64);
        for (name, score) in &self.joined.scores {
            writer.text(Some(name));
            writer.raw(&score.to_le_bytes());
        }
        writer.time(self.arrived);
        writer.finish()
    }

    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        let (profile, mut reader) = Profile::read(key, value)?;
        let reader = &mut reader;
        let corrupt = |message| StateError::corrupt(key, message);
        let some = |text: Option<&str>| {
            text.map(str::to_owned).ok_or_else(|| corrupt("a name is missing"))
        };
        let id = Id::read(key, reader.raw(17)?)?;
        let state = match reader.byte()? {
            0 => GroupState::Open,
            1 => GroupState::Closed,
            2 => GroupState::Merged,
            _ => return Err(corrupt("it has no such state")),
        };
        let into = reader.small()?.checked_sub(1);
        let title = reader.text()?.map(str::to_owned);
        let languages =
            (0..reader.count()?).map(|_| some(reader.text()?)).collect::<Result<_, _>>()?;
        let outlets =
            (0..reader.count()?).map(|_| some(reader.text()?)).collect::<Result<_, _>>()?;
        let mut times = [None; 2];
        for time in &mut times {
            let is_known = reader.byte()? != 0;
            let millis = reader.time()?;
            *time = is_known.then(|| Timestamp::from_millis(millis));
        }
        let stories = (0..reader.count()?)
            .map(|_| Id::read(key, reader.raw(17)?))
            .collect::<Result<_, _>>()?;
        let mut joined = Joined { story: reader.text()?.map(str::to_owned), ..Joined::default() };
        for _ in 0..reader.count()? {
            let name = some(reader.text()?)?;
            joined.scores.insert(name, f64::from_bits(reader.word()?));
        }
        let arrived = reader.time()?;
        reader.end()?;
        let [first, last] = times;
        Ok(Self {
            profile,
            id,
            state,
            into,
            title,
            languages,
            outlets,
            first,
            last,
            stories,
            joined,
            arrived,
        })
    }
}
fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
/// The record of a group.
pub(crate) fn load(state: &dyn Records, number: u32) -> Result<Option<Record>, StateError> {
    let key = key(number);
    state.get(&key).map(|value| Record::read(&key, value)).transpose()
}

/// What a comparison needs of a group.
pub(crate) fn profile(state: &dyn Records, number: u32) -> Result<Option<Profile>, StateError> {
    let key = key(number);
    let Some(value) = state.get(&key) else {
        return Ok(None);
    };
    Profile::read(&key, value).map(|(profile, _)| Some(profile))
}

/// The open or closed group that a number stands for after all joining.
pub(crate) fn resolve(
    state: &dyn Records,
    number: u32,
) -> Result<Option<(u32, Record)>, StateError> {
    let mut number = number;
    loop {
        let Some(record) = load(state, number)? else {
            return Ok(None);
        };
        match record.into {
            // A group only ever joins an older one, so this ends.
            Some(into) if into < number => number = into,
            _ => return Ok(Some((number, record))),
        }
    }
}

impl Engine {
    /// Notes which group a story opened. One id has one group; of states that an older release
    /// left with two, the newer counts.
    pub(crate) fn note_opener(&mut self, number: u32, id: Id) {
        let known = self.openers.entry(id).or_insert(number);
        *known = number.max(*known);
    }

    pub(crate) fn forget_opener(&mut self, number: u32, id: Id) {
        if self.openers.get(&id) == Some(&number) {
            self.openers.remove(&id);
        }
    }

    /// The group of a story that was placed before, if it has a record still: by its number, or
    /// by its id where the story has left the window.
    pub(crate) fn group_placed(
        &self,
        before: Option<&Story>,
        id: Option<Id>,
        state: &dyn Records,
    ) -> Result<Option<(u32, Record)>, StateError> {
        if let Some(before) = before {
            return resolve(state, before.head.group);
        }
        match id.and_then(|id| self.openers.get(&id)) {
            Some(number) => resolve(state, *number),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn member(text: &str) -> Member<'_> {
        Member {
            id: Id::of(text),
            title: Some(text),
            language: Some("en"),
            outlet: Some("example.org"),
            published_at: Some(Timestamp::from_secs(5)),
            event_time: Some(5000),
            instance: Instance { series: 3, number: 4 },
            arrived: 6000,
        }
    }

    #[test]
    fn a_record_survives() {
        let mut record = Record::open(&member("a"));
        record.take_in(&member("a"), &vec![(1, 5), (9, 700)], &vec![(4, 4)], 4, Joined::default());
        assert_eq!(Record::read("k", &record.write()).unwrap(), record);
    }

    #[test]
    fn a_merged_group_points_to_the_one_it_joined() {
        let (mut one, mut two) = (Record::open(&member("a")), Record::open(&member("b")));
        one.take_in(&member("a"), &vec![(1, 5)], &Vec::new(), 4, Joined::default());
        two.take_in(&member("b"), &vec![(1, 6)], &Vec::new(), 4, Joined::default());
        one.merge(1, &mut two);
        assert_eq!((one.profile.size, two.into), (2, Some(1)));
        assert_eq!(one.profile.words, [(1, 11)]);
        let mut state = crate::state::MemoryState::default();
        state.put(&key(1), Some(one.write()));
        state.put(&key(2), Some(two.write()));
        assert_eq!(resolve(&state, 2).unwrap().map(|(number, _)| number), Some(1));
    }
}
