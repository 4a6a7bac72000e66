//! A page extracted by rules alone, with what a site memory needs to finish it.

use crate::hints::Contradiction;
use crate::sketch::Sketch;
use crate::{Extracted, PageInput, article};

/// What rules alone make of a page. Either the end ([`Draft::into_extracted`]), or the beginning
/// of what [`crate::SiteMemory::finish`] makes of it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub(crate) extracted: Extracted,
    pub(crate) sketch: Sketch,
    pub(crate) contradictions: Vec<Contradiction>,
}

impl Draft {
    /// Extracts a page and keeps what a site memory needs. Costs a little more than
    /// [`crate::extract`].
    pub fn new(page: &PageInput<'_>) -> Self {
        article::draft(page, article::For::Memory)
    }

    pub(crate) fn of(extracted: Extracted) -> Self {
        Self { extracted, sketch: Sketch::default(), contradictions: Vec::new() }
    }

    /// The outcome by rules alone.
    pub fn extracted(&self) -> &Extracted {
        &self.extracted
    }

    /// The outcome by rules alone.
    pub fn into_extracted(self) -> Extracted {
        self.extracted
    }

    /// Where the feed and the page contradict each other. Each one lowered the confidence.
    pub fn contradictions(&self) -> &[Contradiction] {
        &self.contradictions
    }
}
