//! The sketch of a text, by which others are compared with it: the smallest shingle hashes under a
//! bound that halves until they fit. What is told from two of them is in `copies`.

use crate::differences::InOrder;
use crate::hash::combine;
use crate::instance::Instance;
use crate::state::{Reader, StateError, Writer};

/// Most hashes a sketch keeps.
const SKETCH_SIZE: usize = 96;
/// Smallest hashes of a sketch by which it is found.
const INDEXED: usize = 24;
/// Words of a shingle.
pub(crate) const WIDTH: usize = 3;
/// Characters of one where a character is a word: about as much text.
const UNSPACED_WIDTH: usize = 6;

/// What is kept of a text to compare others with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sketch {
    /// Hash of the words of the text in their order.
    pub(crate) exact: u64,
    /// Hash of the words of the title; 0 where there is none.
    pub(crate) title: u64,
    /// Which instance of a series the title names.
    pub(crate) instance: Instance,
    /// Number of words of the text.
    pub(crate) words: u32,
    /// Hashes kept are those below `u32::MAX >> level`.
    pub(crate) level: u8,
    /// Shingle hashes, ascending.
    pub(crate) hashes: Vec<u32>,
    /// The text in its order, which is not kept.
    pub(crate) order: InOrder,
}
impl Sketch {
    /// The sketch of a text, from hashes of its words; `unspaced` of them are characters.
    pub(crate) fn of(
        title: u64,
        exact: u64,
        words: &[u64],
        unspaced: usize,
        instance: Instance,
    ) -> Self {
        let width = if unspaced * 2 > words.len() { UNSPACED_WIDTH } else { WIDTH };
        let in_order: Vec<u32> = words.windows(width).map(shingle).collect();
        let mut shingles = in_order.clone();
        shingles.sort_unstable();
        shingles.dedup();
        let mut level = 0u8;
        let mut kept = shingles.len();
        while kept > SKETCH_SIZE {
            level += 1;
            kept = shingles.partition_point(|hash| *hash < u32::MAX >> level);
        }
        shingles.truncate(kept);
        shingles.shrink_to_fit();
        let count = words.len() - unspaced / 2;
        let order = InOrder { words: words.to_vec(), shingles: in_order, width };
        Self { exact, title, instance, words: count as u32, level, hashes: shingles, order }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.raw(&self.exact.to_le_bytes());
        writer.raw(&self.title.to_le_bytes());
        writer.number(u64::from(self.instance.series));
        if self.instance.series != 0 {
            writer.number(u64::from(self.instance.number));
        }
        writer.number(u64::from(self.words));
        writer.number(u64::from(self.level));
        writer.ascending(self.hashes.iter().copied());
    }

    pub(crate) fn read(key: &str, reader: &mut Reader<'_>) -> Result<Self, StateError> {
        let exact = reader.word()?;
        let title = reader.word()?;
        let series = reader.small()?;
        let number = if series == 0 { 0 } else { reader.small()? };
        Ok(Self {
            exact,
            title,
            instance: Instance { series, number },
            words: reader.small()?,
            level: u8::try_from(reader.small()?)
                .ok()
                .filter(|level| *level < 32)
                .ok_or_else(|| StateError::corrupt(key, "its sketch has no such level"))?,
            hashes: reader.ascending()?,
            order: InOrder::default(),
        })
    }

    /// The hashes by which it is found.
    pub(crate) fn indexed(&self) -> impl Iterator<Item = u32> + '_ {
        self.hashes.iter().copied().take(INDEXED)
    }

    /// Whether a shingle of another text would be in this sketch, were it in this text.
    pub(crate) fn samples(&self, hash: u32) -> bool {
        self.level == 0 || hash < u32::MAX >> self.level
    }

    pub(crate) fn has(&self, hash: u32) -> bool {
        self.hashes.binary_search(&hash).is_ok()
    }
}

/// The hash of some words in their order.
pub(crate) fn shingle(words: &[u64]) -> u32 {
    (words.iter().fold(0, |state, word| combine(state, *word)) >> 32) as u32
}
