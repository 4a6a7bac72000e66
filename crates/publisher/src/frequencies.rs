//! In how many stories of the window a term stands: what makes a shared word mean something.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use crate::math::log2;
use crate::state::{Reader, StateError, Writer};
use crate::terms::Terms;

const VERSION: u8 = 1;
/// From so many stories of a language on one in [`SAMPLE`] is counted: a frequency is a ratio,
/// and the record of a story's terms is as large as the rest of it.
const ALL_UNTIL: u32 = 4000;
const SAMPLE: u32 = 8;

/// A word is a name where it stands as one, beyond doubt, in one of so many stories that have it: most
/// of those have it in a headline alone, or first in a sentence.
const MOSTLY: u32 = 8;

/// The terms that one story adds, as a state record keeps them until their day is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) day: u16,
    pub(crate) language: String,
    /// Ascending.
    pub(crate) words: Vec<u32>,
    /// Ascending.
    pub(crate) names: Vec<u32>,
}

pub(crate) fn key(number: u32) -> String {
    format!("terms/{number:010}")
}

impl Counted {
    pub(crate) fn of(day: u16, terms: &Terms) -> Self {
        let all = |counts: &[(u32, u16)]| counts.iter().map(|(term, _)| *term).collect();
        Self {
            day,
            language: terms.language.clone(),
            words: all(&terms.words),
            names: all(&terms.names),
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut writer = Writer::new(VERSION);
        writer.number(u64::from(self.day));
        writer.bytes(self.language.as_bytes());
        writer.ascending(self.words.iter().copied());
        writer.ascending(self.names.iter().copied());
        writer.finish()
    }

    pub(crate) fn read(key: &str, value: &[u8]) -> Result<Self, StateError> {
        let mut reader = Reader::new(key, value, VERSION)?;
        let day = u16::try_from(reader.small()?)
            .map_err(|_| StateError::corrupt(key, "its day is too large"))?;
        let language = std::str::from_utf8(reader.bytes()?)
            .map_err(|error| StateError::corrupt(key, error))?
            .to_owned();
        let counted =
            Self { day, language, words: reader.ascending()?, names: reader.ascending()? };
        reader.end()?;
        Ok(counted)
    }
}

/// Terms are hashes already: their bits are only spread over 64.
#[derive(Default)]
struct TermHasher(u64);

impl Hasher for TermHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, term: u32) {
        self.0 = (self.0 ^ u64::from(term)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type Tally = HashMap<u32, u32, BuildHasherDefault<TermHasher>>;

fn subtract(tally: &mut Tally, terms: &[u32]) {
    for term in terms {
        if let Some(count) = tally.get_mut(term) {
            *count -= 1;
            if *count == 0 {
                tally.remove(term);
            }
        }
    }
}

/// Document frequencies of the window. A story's terms are taken away again when its record is.
#[derive(Default)]
pub(crate) struct Frequencies {
    words: Tally,
    names: Tally,
    /// Stories by language.
    stories: BTreeMap<String, u32>,
}

impl Frequencies {
    /// Whether a story is to be counted.
    pub(crate) fn wants(&self, number: u32, language: &str) -> bool {
        self.stories(language) < ALL_UNTIL || number.is_multiple_of(SAMPLE)
    }

    pub(crate) fn add(&mut self, counted: &Counted) {
        for (terms, tally) in [(&counted.words, &mut self.words), (&counted.names, &mut self.names)]
        {
            for term in terms {
                *tally.entry(*term).or_default() += 1;
            }
        }
        *self.stories.entry(counted.language.clone()).or_default() += 1;
    }

    /// Takes away what was added.
    pub(crate) fn subtract(&mut self, counted: &Counted) {
        subtract(&mut self.words, &counted.words);
        subtract(&mut self.names, &counted.names);
        if let Some(count) = self.stories.get_mut(&counted.language) {
            *count = count.saturating_sub(1);
        }
    }

    fn stories(&self, language: &str) -> u32 {
        self.stories.get(language).copied().unwrap_or_default()
    }

    /// How much a word of a language says, in bits.
    pub(crate) fn word_weight(&self, language: &str, word: u32) -> f32 {
        weight(self.stories(language), self.words.get(&word).copied())
    }

    /// Whether the stories of the window have a word as a name often enough, of all that have it.
    pub(crate) fn is_name(&self, name: u32, stem: u32) -> bool {
        let times = |tally: &Tally, term| tally.get(&term).copied().unwrap_or_default();
        let as_name = times(&self.names, name);
        as_name > 0 && as_name.saturating_mul(MOSTLY) >= times(&self.words, stem)
    }

    /// How much a name says, in bits. Names are shared by languages.
    pub(crate) fn name_weight(&self, language: &str, name: u32) -> f32 {
        weight(self.stories(language), self.names.get(&name).copied())
    }
}

fn weight(stories: u32, with_term: Option<u32>) -> f32 {
    let ratio = (stories as f32 + 2.0) / (with_term.unwrap_or_default() as f32 + 1.0);
    // Names are counted over all languages and can be more than the stories of one.
    log2(ratio.max(1.0)) + 0.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terms::tests::terms;

    fn counted(day: u16, text: &str) -> Counted {
        Counted::of(day, &terms(None, text, "en"))
    }

    #[test]
    fn a_day_that_is_over_leaves_no_trace() {
        let mut all = Frequencies::default();
        let mut second = Frequencies::default();
        for text in ["ferry Oslo", "market Oslo"] {
            all.add(&counted(2, text));
            second.add(&counted(2, text));
        }
        for text in ["harbour ferry", "ferry captain"] {
            all.add(&counted(1, text));
            all.subtract(&counted(1, text));
        }
        assert_eq!((all.words, all.names), (second.words, second.names));
        assert_eq!(all.stories, second.stories);
    }

    #[test]
    fn rare_words_say_more() {
        let mut frequencies = Frequencies::default();
        let both = terms(None, "harbour ferry", "en");
        for text in ["harbour ferry", "ferry captain", "ferry dock"] {
            frequencies.add(&counted(1, text));
        }
        let weights: Vec<f32> =
            both.words.iter().map(|(word, _)| frequencies.word_weight("en", *word)).collect();
        assert!((weights[0] - weights[1]).abs() > 0.5);
    }

    #[test]
    fn counted_terms_survive_their_record() {
        let counted = counted(20_000, "Then Steve Witkoff left the harbour at 12");
        assert_eq!(Counted::read("k", &counted.write()).unwrap(), counted);
    }
}
