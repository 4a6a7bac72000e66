//! Adds up numbers by small keys: the scores of groups while candidates are looked for. A table
//! that is never cleared (a round number says what is of today) and never grows.

/// Places, a power of two; more than the look-ups of one story can fill.
const PLACES: usize = 1 << 15;

#[derive(Clone, Copy, Default)]
struct Place {
    key: u32,
    round: u32,
    sum: f32,
}

/// The table.
pub(crate) struct Tally {
    places: Vec<Place>,
    filled: Vec<u16>,
    round: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self { places: vec![Place::default(); PLACES], filled: Vec::new(), round: 0 }
    }
}

impl Tally {
    /// Forgets all sums.
    pub(crate) fn begin(&mut self) {
        self.filled.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.places.fill(Place::default());
            self.round = 1;
        }
    }

    /// Adds to the sum of a key. Beyond three quarters of the places new keys are not taken.
    pub(crate) fn add(&mut self, key: u32, value: f32) {
        // Multiplicative hashing (Knuth, TAOCP 3, 6.4).
        let mut at = (key.wrapping_mul(0x9e37_79b1) >> 17) as usize;
        loop {
            let place = &mut self.places[at];
            if place.round != self.round {
                if self.filled.len() < PLACES / 4 * 3 {
                    *place = Place { key, round: self.round, sum: value };
                    self.filled.push(at as u16);
                }
                return;
            }
            if place.key == key {
                place.sum += value;
                return;
            }
            at = (at + 1) & (PLACES - 1);
        }
    }

    /// The keys with the `most` largest sums, largest first; of equals the smaller key.
    pub(crate) fn largest(&self, most: usize) -> Vec<u32> {
        let mut best: Vec<(f32, u32)> = Vec::with_capacity(most + 1);
        for at in &self.filled {
            let place = self.places[usize::from(*at)];
            let one = (place.sum, place.key);
            if best.len() == most && best.last().is_some_and(|last| !is_before(one, *last)) {
                continue;
            }
            let position = best.partition_point(|other| is_before(*other, one));
            best.insert(position, one);
            best.truncate(most);
        }
        best.into_iter().map(|(_, key)| key).collect()
    }
}

fn is_before(one: (f32, u32), other: (f32, u32)) -> bool {
    other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)).is_lt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sums_are_found_in_any_order_of_adding() {
        let mut tally = Tally::default();
        for round in 0..3u32 {
            tally.begin();
            for key in 0..5000u32 {
                tally.add(key * 7 + round, 1.0);
                if key % 1000 == 999 {
                    tally.add(key * 7 + round, (key / 1000) as f32);
                }
            }
            let expected: Vec<u32> = [4999, 3999, 2999, 1999].map(|key| key * 7 + round).to_vec();
            assert_eq!(tally.largest(4), expected);
        }
        tally.begin();
        assert!(tally.largest(4).is_empty());
    }

    #[test]
    fn a_full_table_takes_no_more_and_answers() {
        let mut tally = Tally::default();
        tally.begin();
        (0..100_000).for_each(|key| tally.add(key, 1.0));
        tally.add(5, 1.0);
        assert_eq!(tally.largest(1), [5]);
    }
}
