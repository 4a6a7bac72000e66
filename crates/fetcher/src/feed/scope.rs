//! Which namespaces and which base address are in force at a place of a document.

use url::Url;

use super::namespaces::{self, Vocabulary};
use super::problems::Problems;
use super::scan::{Tag, split_name};

/// Namespace declarations in force at once.
const MOST_BINDINGS: usize = 256;

/// The declarations of all open elements, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    bindings: Vec<(&'a str, Vocabulary)>,
    bases: Vec<Url>,
}

/// How much was declared before an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    bindings: usize,
    bases: usize,
}

impl<'a> Scope<'a> {
    /// With the address of the document as the outermost base.
    pub(super) fn new(url: Option<&str>) -> Self {
        Self {
            bindings: Vec::new(),
            bases: url.and_then(|url| Url::parse(url).ok()).into_iter().collect(),
        }
    }

    /// What is declared now.
    pub(super) fn mark(&self) -> Mark {
        Mark { bindings: self.bindings.len(), bases: self.bases.len() }
    }

    /// Forgets what was declared since.
    pub(super) fn release(&mut self, mark: Mark) {
        self.bindings.truncate(mark.bindings);
        self.bases.truncate(mark.bases);
    }

    /// The base address in force.
    pub(super) fn base(&self) -> Option<&Url> {
        self.bases.last()
    }

    /// Takes in what a tag declares.
    pub(super) fn declare(&mut self, tag: &Tag<'a>, is_root: bool, problems: &mut Problems) {
        if tag.attributes.contains("xmlns") {
            for (name, value) in tag.attributes() {
                let prefix = match split_name(name) {
                    ("xmlns", prefix) => prefix,
                    ("", "xmlns") => "",
                    _ => continue,
                };
                let vocabulary = match namespaces::of_name(&value) {
                    // A known prefix with a misspelt name still means what it always does.
                    Vocabulary::Unknown if !prefix.is_empty() => namespaces::of_prefix(prefix),
                    vocabulary => vocabulary,
                };
                if self.bindings.len() < MOST_BINDINGS {
                    self.bindings.push((prefix, vocabulary));
                }
            }
        }
        let prefix = split_name(tag.name).0;
        if is_root && self.vocabulary(prefix) == Vocabulary::Unknown {
            // The namespace of the root, however odd, is the feed's language.
            self.bindings.push((prefix, Vocabulary::Core));
        }
        if !tag.attributes.contains("base") && !tag.attributes.contains("BASE") {
            return;
        }
        // The channel of the old Channel Definition Format has a base without a prefix.
        let base = tag.attribute("xml:base").or_else(|| tag.attribute("base").filter(|_| is_root));
        if let Some(base) = base {
            let base = base.trim();
            let url = match self.bases.last() {
                Some(outer) => outer.join(base),
                None => Url::parse(base),
            };
            match url {
                // A base of another scheme would make links that lead nowhere.
                Ok(url) if matches!(url.scheme(), "http" | "https") => self.bases.push(url),
                _ => problems.add(format!("xml:base is no address: {base:.80}")),
            }
        }
    }

    /// The vocabulary of an element's prefix.
    pub(super) fn vocabulary(&self, prefix: &str) -> Vocabulary {
        self.bindings
            .iter()
            .rev()
            .find(|(known, _)| *known == prefix)
            .map_or_else(|| namespaces::of_prefix(prefix), |(_, vocabulary)| *vocabulary)
    }
}
