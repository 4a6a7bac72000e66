//! The list of what was repaired or dropped: never silent, never endless.

/// More than this many different problems of one document are only counted.
const MOST: usize = 20;

/// Distinct problems in the order they were met.
#[derive(Debug, Default)]
pub(super) struct Problems {
    list: Vec<String>,
    more: usize,
}

impl Problems {
    /// Takes one in, once.
    pub(super) fn add(&mut self, problem: impl Into<String> + AsRef<str>) {
        if self.list.iter().any(|known| known == problem.as_ref()) {
            return;
        }
        if self.list.len() < MOST {
            self.list.push(problem.into());
        } else {
            self.more += 1;
        }
    }

    /// The list, and how many were not listed.
    pub(super) fn into_list(mut self) -> Vec<String> {
        if self.more > 0 {
            self.list.push(format!("and {} more", self.more));
        }
        self.list
    }
}
