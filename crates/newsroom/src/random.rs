//! A small seeded generator of numbers (splitmix64): the same on every machine and for ever,
//! which a library's generator does not promise across its releases.

/// One step of splitmix64's output function: spreads neighbouring numbers over all of u64.
pub(crate) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The place of `index` in a shuffle of 0 to `size` - 1 that the seed decides: a Feistel network
/// over the next power of four, walked until it lands inside (cycle walking).
pub(crate) fn permuted(index: u64, size: u64, seed: u64) -> u64 {
    let half = (u64::BITS - size.max(2).leading_zeros()).div_ceil(2);
    let mask = (1 << half) - 1;
    let mut place = index;
    loop {
        let (mut left, mut right) = (place >> half, place & mask);
        for round in 0..4 {
            let turned = left ^ (mix(right ^ mix(seed ^ round)) & mask);
            (left, right) = (right, turned);
        }
        place = left << half | right;
        if place < size {
            return place;
        }
    }
}

/// FNV-1a over bytes: entity tags and picture colours; not meant against an adversary.
pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A sequence of draws that depends on nothing but its seed.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number from 0 to `limit` - 1; 0 where `limit` is 0.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        // The bias of the remainder is far below anything visible for lists of a few hundred.
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// One of the words, which must not be empty.
    pub(crate) fn word<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }

    /// `count` different members of `choices` in a drawn order.
    pub(crate) fn sample<'a, T>(&mut self, choices: &'a [T], count: usize) -> Vec<&'a T> {
        let mut rest: Vec<&T> = choices.iter().collect();
        let mut taken = Vec::new();
        while taken.len() < count && !rest.is_empty() {
            let at = self.below(rest.len());
            taken.push(rest.swap_remove(at));
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_draws() {
        let draws = |seed| {
            let mut dice = Dice::new(seed);
            (0..20).map(|_| dice.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
    }

    #[test]
    fn a_shuffle_visits_every_place_once_and_keeps_no_order() {
        for size in [1, 2, 7, 750, 1024] {
            let mut places: Vec<u64> = (0..size).map(|index| permuted(index, size, 5)).collect();
            let in_order = places.is_sorted();
            assert!(size < 3 || !in_order, "{size}");
            places.sort_unstable();
            assert_eq!(places, (0..size).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_sample_holds_no_member_twice_and_never_more_than_there_are() {
        let mut dice = Dice::new(1);
        let mut taken = dice.sample(&[1, 2, 3, 4, 5], 9);
        taken.sort();
        assert_eq!(taken, [&1, &2, &3, &4, &5]);
    }
}
