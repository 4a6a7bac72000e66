//! An article as the newsroom knows it: what it says in each of its versions, and what a correct
//! reader must make of it.

/// Language that an outlet writes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// English.
    English,
    /// German.
    German,
    /// Spanish.
    Spanish,
}

impl Language {
    /// The code that feeds and pages state (ISO 639-1).
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
            Self::Spanish => "es",
        }
    }
}

/// What becomes of somebody who asks for an article's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// The feed links to the page and the page is there.
    Page,
    /// The feed links to another path of the same site, which redirects to the page.
    Moved {
        /// The path that the feed links to.
        from: String,
    },
    /// The feed links to a path that redirects to an article of another outlet.
    Elsewhere {
        /// The path that the feed links to.
        from: String,
        /// The other article, as `outlet/slug`.
        target: String,
    },
    /// robots.txt does not allow the page (it is there for those who ask all the same).
    Denied,
    /// The page is 404.
    Missing,
    /// The page is 410.
    Gone,
    /// The entry has no link; its text is in the feed alone.
    NoLink,
}

/// How an article depends on another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Word for word, title included.
    Exact,
    /// Its first paragraphs under another title.
    Abridged,
}

/// What a paragraph is on the page. Each is one paragraph of the gold text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Text,
    Heading,
    Quote,
}

/// One paragraph. `marked` may hold `*emphasis*` and `[links](/path)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Paragraph {
    pub(crate) role: Role,
    marked: String,
}

impl Paragraph {
    /// Reads one paragraph: `## ` begins a heading, `> ` a quotation.
    pub(crate) fn read(source: &str) -> Self {
        let (role, marked) = if let Some(heading) = source.strip_prefix("## ") {
            (Role::Heading, heading)
        } else if let Some(quote) = source.strip_prefix("> ") {
            (Role::Quote, quote)
        } else {
            (Role::Text, source)
        };
        Self { role, marked: marked.to_owned() }
    }

    /// The words alone, as a reader sees them.
    pub(crate) fn plain(&self) -> String {
        let mut out = String::new();
        for piece in pieces(&self.marked) {
            match piece {
                Piece::Text(text) | Piece::Emphasis(text) | Piece::Link { text, .. } => {
                    out.push_str(text);
                }
            }
        }
        out
    }

    /// The words as HTML, without the element round them.
    pub(crate) fn html(&self) -> String {
        let mut out = String::new();
        for piece in pieces(&self.marked) {
            match piece {
                Piece::Text(text) => out.push_str(&escape(text)),
                Piece::Emphasis(text) => out.push_str(&format!("<em>{}</em>", escape(text))),
                Piece::Link { text, target } => {
                    let (target, text) = (escape(target), escape(text));
                    out.push_str(&format!("<a href=\"{target}\">{text}</a>"));
                }
            }
        }
        out
    }
}

enum Piece<'a> {
    Text(&'a str),
    Emphasis(&'a str),
    Link { text: &'a str, target: &'a str },
}

fn pieces(marked: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = marked;
    while let Some(at) = rest.find(['*', '[']) {
        let (before, from) = rest.split_at(at);
        let found = if let Some(inner) = from.strip_prefix('*') {
            inner.split_once('*').map(|(text, after)| (Piece::Emphasis(text), after))
        } else {
            from[1..].split_once("](").and_then(|(text, tail)| {
                let (target, after) = tail.split_once(')')?;
                Some((Piece::Link { text, target }, after))
            })
        };
        let Some((piece, after)) = found else { break };
        out.push(Piece::Text(before));
        out.push(piece);
        rest = after;
    }
    out.push(Piece::Text(rest));
    out
}

/// What an article says from one moment on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version {
    /// Newsroom time in milliseconds since the start; negative: before it.
    pub(crate) at: i64,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) paragraphs: Vec<Paragraph>,
}

/// One article of one outlet with all its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Article {
    /// Number of its outlet.
    pub(crate) outlet: usize,
    /// Unique in its outlet.
    pub(crate) slug: String,
    /// Unique in its outlet; sites of the old kind put it into the address.
    pub(crate) number: u64,
    pub(crate) author: String,
    pub(crate) section: String,
    pub(crate) tags: Vec<String>,
    /// Caption of its picture; without one there is no picture.
    pub(crate) caption: Option<String>,
    pub(crate) event: Option<String>,
    /// The article it was taken from, as `outlet/slug`.
    pub(crate) copy_of: Option<(String, CopyKind)>,
    pub(crate) reach: Reach,
    /// When its page is taken down (410), newsroom time in milliseconds.
    pub(crate) withdrawn_at: Option<i64>,
    /// Never empty, in order of time.
    pub(crate) versions: Vec<Version>,
}

impl Article {
    /// When it appears (newsroom time, milliseconds).
    pub(crate) fn at(&self) -> i64 {
        self.versions.first().map_or(0, |version| version.at)
    }

    /// Whether its page has been taken down.
    pub(crate) fn is_withdrawn(&self, elapsed: i64) -> bool {
        self.withdrawn_at.is_some_and(|at| at <= elapsed)
    }

    /// The version that is out at `elapsed`, with its place among the versions.
    pub(crate) fn version_at(&self, elapsed: i64) -> Option<(usize, &Version)> {
        self.versions.iter().enumerate().rev().find(|(_, version)| version.at <= elapsed)
    }
}

/// Escapes text for HTML and XML, element content and attribute values alike.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

/// The text of an article as a story event carries it: paragraphs divided by blank lines.
pub fn gold<S: AsRef<str>>(paragraphs: &[S]) -> String {
    let paragraphs: Vec<&str> = paragraphs.iter().map(AsRef::as_ref).collect();
    paragraphs.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_become_elements_on_the_page_and_vanish_from_the_gold_text() {
        let paragraph =
            Paragraph::read("The *Aurelia* left [the quay](/harbour) at 5 < 6 & \"7\".");
        assert_eq!(paragraph.plain(), "The Aurelia left the quay at 5 < 6 & \"7\".");
        assert_eq!(
            paragraph.html(),
            "The <em>Aurelia</em> left <a href=\"/harbour\">the quay</a> at 5 &lt; 6 &amp; \
             &quot;7&quot;."
        );
    }

    #[test]
    fn a_mark_that_does_not_end_is_text() {
        let paragraph = Paragraph::read("> rated 5* [sic] by readers");
        assert_eq!(paragraph.role, Role::Quote);
        assert_eq!(paragraph.plain(), "rated 5* [sic] by readers");
    }
}
