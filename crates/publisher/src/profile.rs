//! What a comparison needs of a group: the first part of its record, which is read without the rest.

use crate::groups::VERSION;
use crate::instance::Instance;
use crate::state::{Reader, StateError, Writer};

/// Terms kept of a group, the strongest.
const WORDS: usize = 64;
const NAMES: usize = 32;
/// Instances kept of a group.
const INSTANCES: usize = 4;
/// Weights are kept as whole numbers of this fraction of a story's unit vector.
pub(crate) const UNIT: f32 = 1024.0;

/// A term with its weight, sorted by term.
pub(crate) type Weights = Vec<(u32, u32)>;

/// What is kept of a group to compare stories and groups with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Profile {
    pub(crate) is_open: bool,
    pub(crate) size: u32,
    /// Distinct words of its stories, added up.
    pub(crate) terms: u32,
    /// From the earliest to the latest event time of its stories, where any is known.
    pub(crate) span: Option<(i64, i64)>,
    /// Instances of series that its titles name.
    pub(crate) instances: Vec<Instance>,
    pub(crate) words: Weights,
    pub(crate) names: Weights,
}

impl Profile {
    /// Distinct words of a story of the group, on average.
    pub(crate) fn mean_terms(&self) -> f32 {
        self.terms as f32 / self.size.max(1) as f32
    }

    /// Whether a story, or all of another group, belongs to another instance of a series.
    pub(crate) fn is_another_instance(&self, others: &[Instance]) -> bool {
        let pairs =
            || self.instances.iter().flat_map(|own| others.iter().map(move |other| (own, other)));
        pairs().any(|(own, other)| own.is_another_of(*other))
            && !pairs().any(|(own, other)| own == other)
    }

    pub(crate) fn take_in(&mut self, other: &Self) {
        self.size += other.size;
        self.terms = self.terms.saturating_add(other.terms);
        self.span = match (self.span, other.span) {
            (Some(own), Some(other)) => Some((own.0.min(other.0), own.1.max(other.1))),
            (own, other) => own.or(other),
        };
        for instance in &other.instances {
            if self.instances.len() < INSTANCES && !self.instances.contains(instance) {
                self.instances.push(*instance);
            }
        }
        add(&mut self.words, &other.words, WORDS);
        add(&mut self.names, &other.names, NAMES);
    }

    /// One story less. Which words were its is not known: all lose their share, so that the mean
    /// stays.
    pub(crate) fn shrink(&mut self) {
        let (size, rest) = (self.size.max(1), self.size.saturating_sub(1));
        let share = |sum: u32| (u64::from(sum) * u64::from(rest) / u64::from(size)) as u32;
        self.size = rest;
        self.terms = share(self.terms);
        for weights in [&mut self.words, &mut self.names] {
            for (_, weight) in weights.iter_mut() {
                *weight = share(*weight);
            }
            weights.retain(|(_, weight)| *weight > 0);
        }
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.raw(&[u8::from(self.is_open)]);
        writer.number(u64::from(self.size));
        writer.number(u64::from(self.terms));
        writer.raw(&[u8::from(self.span.is_some())]);
        if let Some((oldest, newest)) = self.span {
            writer.time(oldest);
            writer.time(newest);
        }
        writer.number(self.instances.len() as u64);
        for instance in &self.instances {
            writer.number(u64::from(instance.series));
            writer.number(u64::from(instance.number));
        }
        for weights in [&self.words, &self.names] {
            writer.ascending(weights.iter().map(|(term, _)| *term));
            for (_, weight) in weights {
                writer.number(u64::from(*weight));
            }
        }
    }

    /// Reads the first part of a record; the reader goes on behind it.
    pub(crate) fn read<'a>(
        key: &'a str,
        value: &'a [u8],
    ) -> Result<(Self, Reader<'a>), StateError> {
        let mut reader = Reader::new(key, value, VERSION)?;
        let is_open = reader.byte()? != 0;
        let size = reader.small()?;
        let terms = reader.small()?;
        let span = match reader.byte()? {
            0 => None,
            _ => Some((reader.time()?, reader.time()?)),
        };
        let instances = (0..reader.count()?)
            .map(|_| Ok(Instance { series: reader.small()?, number: reader.small()? }))
            .collect::<Result<_, StateError>>()?;
        let words = read_weights(&mut reader)?;
        let names = read_weights(&mut reader)?;
        Ok((Self { is_open, size, terms, span, instances, words, names }, reader))
    }
}

fn read_weights(reader: &mut Reader<'_>) -> Result<Weights, StateError> {
    let terms = reader.ascending()?;
    terms.into_iter().map(|term| Ok((term, reader.small()?))).collect()
}
/// Adds weights to weights and keeps the `most` strongest; of equals the smaller term.
fn add(weights: &mut Weights, more: &Weights, most: usize) {
    let mut sum = Weights::with_capacity(weights.len() + more.len());
    let (mut own, mut others) = (weights.iter().peekable(), more.iter().peekable());
    loop {
        match (own.peek(), others.peek()) {
            (Some((term, weight)), Some((other, more))) if term == other => {
                sum.push((*term, weight.saturating_add(*more)));
                own.next();
                others.next();
            }
            (Some(one), other) if other.is_none_or(|other| one.0 < other.0) => {
                sum.push(**one);
                own.next();
            }
            (_, Some(other)) => {
                sum.push(**other);
                others.next();
            }
            (_, None) => break,
        }
    }
    if sum.len() > most {
        keep_strongest(&mut sum, most);
        sum.sort_unstable();
    }
    *weights = sum;
}

/// Keeps the strongest terms, in no order; of equals the smaller terms.
pub(crate) fn keep_strongest(weights: &mut Weights, most: usize) {
    if weights.len() > most {
        weights
            .select_nth_unstable_by_key(most, |(term, weight)| (std::cmp::Reverse(*weight), *term));
        weights.truncate(most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_strongest_terms_are_kept() {
        let mut weights: Weights = vec![(1, 5), (2, 5), (3, 9)];
        add(&mut weights, &vec![(2, 1), (7, 2)], 2);
        assert_eq!(weights, [(2, 6), (3, 9)]);
    }
}
