//! Looks for any of many phrases in one pass over a text. Knows no phrases.

/// Bytes that a phrase has at least: its head, by which it is looked for.
const HEAD: usize = 4;
/// Bits of the filter; a prime number of several times as many as there are heads.
const FILTER_BITS: u32 = 4093;

/// Phrases to look for.
pub(crate) struct AnyOf {
    /// A bit for each head that some phrase has, and for few others.
    filter: [u64; FILTER_BITS.div_ceil(64) as usize],
    /// The phrases by their heads, sorted.
    phrases: Vec<(u32, &'static str)>,
}

impl AnyOf {
    /// Of phrases of four bytes and more; shorter ones are never found.
    pub(crate) fn new(phrases: &[&'static str]) -> Self {
        let mut phrases: Vec<(u32, &'static str)> = phrases
            .iter()
            .filter_map(|phrase| Some((head_of(*phrase.as_bytes().first_chunk()?), *phrase)))
            .collect();
        phrases.sort_unstable();
        let mut filter = [0; FILTER_BITS.div_ceil(64) as usize];
        for (head, _) in &phrases {
            let (word, bit) = place_of(*head);
            filter[word] |= bit;
        }
        Self { filter, phrases }
    }

    /// Whether a text has one of them anywhere.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let bytes = text.as_bytes();
        bytes.windows(HEAD).enumerate().any(|(at, window)| {
            let head = window.first_chunk().copied().map(head_of).unwrap_or_default();
            let (word, bit) = place_of(head);
            self.filter[word] & bit != 0 && self.begins(head, &bytes[at..])
        })
    }

    fn begins(&self, head: u32, rest: &[u8]) -> bool {
        let first = self.phrases.partition_point(|(known, _)| *known < head);
        self.phrases[first..]
            .iter()
            .take_while(|(known, _)| *known == head)
            .any(|(_, phrase)| rest.starts_with(phrase.as_bytes()))
    }
}

fn head_of(bytes: [u8; HEAD]) -> u32 {
    u32::from_le_bytes(bytes)
}

fn place_of(head: u32) -> (usize, u64) {
    let bit = head % FILTER_BITS;
    ((bit / 64) as usize, 1 << (bit % 64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::date_names::{CHANGE, PUBLICATION};
    use crate::phrases::FURNITURE_PARTS;

    #[test]
    fn all_phrases_that_are_looked_for_are_long_enough() {
        for phrase in [FURNITURE_PARTS, CHANGE, PUBLICATION].into_iter().flatten() {
            assert!(phrase.len() >= HEAD, "{phrase}");
        }
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_one_search_after_the_other_finds(text in "[abcdeñ更]{0,12}") {
            let phrases = &["abcd", "abce", "更新", "dabc", "bcde", "eñaa"];
            let wanted = phrases.iter().any(|phrase| text.contains(phrase));
            prop_assert_eq!(AnyOf::new(phrases).is_in(&text), wanted);
        }
    }
}
