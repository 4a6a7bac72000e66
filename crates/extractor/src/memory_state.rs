//! A site memory as bytes, for the state of the stage: one byte of version, then numbers, small
//! ones in few bytes (LEB128). A memory of an unknown version or a broken one is an error: the
//! stage stops rather than forget.

use thiserror::Error;

use crate::memory::{
    Line, MAX_LINES, MAX_PLACES, MAX_RECENT, MAX_SPOTS, PlaceRecord, SiteMemory, Spot,
};

/// Version of the form below.
const FORM: u8 = 1;

/// Why bytes are no memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MemoryError {
    /// Written by a newer release.
    #[error("a site memory of form {0}; this release reads form {FORM}")]
    Newer(u8),
    /// Not what [`SiteMemory::encode`] writes.
    #[error("a broken site memory")]
    Broken,
}

impl SiteMemory {
    /// The memory as bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 + self.lines.len() * 8 + self.places.len() * 9);
        out.push(FORM);
        put(&mut out, self.articles);
        put(&mut out, self.lines.len() as u32);
        for (hash, line) in &self.lines {
            out.extend(hash.to_le_bytes());
            put(&mut out, line.count);
            put(&mut out, self.articles.saturating_sub(line.first));
            put(&mut out, self.articles.saturating_sub(line.last));
        }
        put(&mut out, self.places.len() as u32);
        for (hash, place) in &self.places {
            out.extend(hash.to_le_bytes());
            put(&mut out, place.articles);
            put(&mut out, place.blocks);
            put(&mut out, place.furniture);
            put(&mut out, self.articles.saturating_sub(place.last));
        }
        put(&mut out, self.spots.len() as u32);
        for ((role, hash), spot) in &self.spots {
            out.push(*role);
            out.extend(hash.to_le_bytes());
            put(&mut out, spot.hits);
            put(&mut out, spot.misses);
            put(&mut out, self.articles.saturating_sub(spot.last));
        }
        for list in [&self.addresses, &self.titles] {
            put(&mut out, list.len() as u32);
            for hash in list {
                out.extend(hash.to_le_bytes());
            }
        }
        out
    }

    /// Reads what [`SiteMemory::encode`] wrote.
    ///
    /// # Errors
    /// [`MemoryError`] where it did not.
    pub fn decode(bytes: &[u8]) -> Result<Self, MemoryError> {
        match bytes.first() {
            Some(&FORM) => {}
            Some(other) if *other > FORM => return Err(MemoryError::Newer(*other)),
            _ => return Err(MemoryError::Broken),
        }
        let mut rest = Reader(&bytes[1..]);
        let articles = rest.number()?;
        let mut memory = Self { articles, ..Self::default() };
        let ago = |rest: &mut Reader<'_>| {
            rest.number().and_then(|ago| articles.checked_sub(ago).ok_or(MemoryError::Broken))
        };
        for _ in 0..rest.count(MAX_LINES)? {
            let hash = rest.hash()?;
            let count = rest.number()?;
            let line = Line { count, first: ago(&mut rest)?, last: ago(&mut rest)? };
            memory.lines.insert(hash, line);
        }
        for _ in 0..rest.count(MAX_PLACES)? {
            let hash = rest.hash()?;
            let (articles, blocks, furniture) = (rest.number()?, rest.number()?, rest.number()?);
            let place = PlaceRecord { articles, blocks, furniture, last: ago(&mut rest)? };
            memory.places.insert(hash, place);
        }
        for _ in 0..rest.count(MAX_SPOTS)? {
            let role = rest.byte()?;
            let hash = rest.hash()?;
            let (hits, misses) = (rest.number()?, rest.number()?);
            memory.spots.insert((role, hash), Spot { hits, misses, last: ago(&mut rest)? });
        }
        for list in [&mut memory.addresses, &mut memory.titles] {
            for _ in 0..rest.count(MAX_RECENT)? {
                list.push(rest.hash()?);
            }
        }
        if rest.0.is_empty() { Ok(memory) } else { Err(MemoryError::Broken) }
    }
}

fn put(out: &mut Vec<u8>, mut number: u32) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, MemoryError> {
        let (first, rest) = self.0.split_first().ok_or(MemoryError::Broken)?;
        self.0 = rest;
        Ok(*first)
    }

    fn number(&mut self) -> Result<u32, MemoryError> {
        let mut number = 0_u32;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(MemoryError::Broken)
    }

    /// A number of items, not beyond the bound that is kept when writing.
    fn count(&mut self, most: usize) -> Result<u32, MemoryError> {
        self.number().and_then(|count| {
            if count as usize <= most { Ok(count) } else { Err(MemoryError::Broken) }
        })
    }

    fn hash(&mut self) -> Result<u32, MemoryError> {
        let (four, rest) = self.0.split_first_chunk::<4>().ok_or(MemoryError::Broken)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*four))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            articles in 0..5_000_u32,
            lines in proptest::collection::btree_map(any::<u32>(), (0..500_u32, 0..5_000_u32, 0..5_000_u32), 0..40),
            spots in proptest::collection::btree_map((0..3_u8, any::<u32>()), (0..99_u32, 0..99_u32), 0..9),
            titles in proptest::collection::vec(any::<u32>(), 0..9),
        ) {
            let memory = SiteMemory {
                articles,
                lines: lines.into_iter().map(|(hash, (count, first, last))| {
                    (hash, Line { count, first: first.min(articles), last: last.min(articles) })
                }).collect(),
                spots: spots.into_iter().map(|(key, (hits, misses))| (key, Spot { hits, misses, last: articles })).collect(),
                titles,
                ..SiteMemory::default()
            };
            prop_assert_eq!(SiteMemory::decode(&memory.encode()), Ok(memory));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = SiteMemory::decode(&bytes);
            let mut formed = vec![FORM];
            formed.extend(bytes);
            let _ = SiteMemory::decode(&formed);
        }
    }

    #[test]
    fn a_newer_form_is_told_from_a_broken_one() {
        assert_eq!(SiteMemory::decode(&[9]), Err(MemoryError::Newer(9)));
        assert_eq!(SiteMemory::decode(&[]), Err(MemoryError::Broken));
        assert_eq!(SiteMemory::decode(&[FORM]), Err(MemoryError::Broken));
    }
}
