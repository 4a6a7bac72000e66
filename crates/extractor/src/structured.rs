//! What the page's head says of it to machines: meta elements and links.

use crate::page::Page;

/// Meta elements and links of a page, by lower-case name.
pub(crate) struct Meta {
    pairs: Vec<(String, String)>,
    links: Vec<(String, String)>,
    pub(crate) document_title: Option<String>,
    pub(crate) base: Option<String>,
    pub(crate) language: Option<String>,
}

impl Meta {
    pub(crate) fn new(page: &Page<'_>) -> Self {
        let mut meta = Self {
            pairs: Vec::new(),
            links: Vec::new(),
            document_title: None,
            base: None,
            language: None,
        };
        for (element, text) in &page.head {
            match &*element.name.local {
                "meta" => {
                    let Some(content) = element.attr("content") else {
                        continue;
                    };
                    let content = clean(content);
                    if content.is_empty() {
                        continue;
                    }
                    for key in ["property", "name", "itemprop", "http-equiv"] {
                        if let Some(names) = element.attr(key) {
                            for name in names.split_ascii_whitespace() {
                                meta.pairs.push((name.to_ascii_lowercase(), content.clone()));
                            }
                        }
                    }
                }
                "link" => {
                    if let (Some(rel), Some(href)) = (element.attr("rel"), element.attr("href")) {
                        meta.links.push((rel.to_ascii_lowercase(), href.trim().to_owned()));
                    }
                }
                "title" if meta.document_title.is_none() => {
                    meta.document_title =
                        text.as_deref().map(clean).filter(|title| !title.is_empty());
                }
                "base" => meta.base = element.attr("href").map(str::to_owned),
                "html" => {
                    meta.language = element
                        .attr("lang")
                        .or_else(|| {
                            element
                                .attrs
                                .iter()
                                .find(|(name, _)| name.local.ends_with("lang"))
                                .map(|(_, value)| &**value)
                        })
                        .map(str::to_owned);
                }
                _ => {}
            }
        }
        meta
    }

    /// First value of the first of these names that has one.
    pub(crate) fn first<'m>(&'m self, names: &[&str]) -> Option<&'m str> {
        names.iter().find_map(|name| self.all(name).next())
    }

    /// All values of a name.
    pub(crate) fn all<'m, 'n>(
        &'m self,
        name: &'n str,
    ) -> impl Iterator<Item = &'m str> + use<'m, 'n> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Values of names that say in any spelling that they hold the time of publication.
    pub(crate) fn dates_of_publication(&self) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(|(name, _)| {
                let name: String = name.chars().filter(char::is_ascii_alphabetic).collect();
                (name.contains("publi") || name.contains("pub"))
                    && (name.contains("date") || name.contains("time"))
                    && !["modif", "updat", "publisher", "expire", "event"]
                        .iter()
                        .any(|other| name.contains(other))
            })
            .map(|(_, value)| value.as_str())
    }

    /// First link of a relation.
    pub(crate) fn link(&self, relation: &str) -> Option<&str> {
        self.links
            .iter()
            .find(|(rel, _)| rel.split_ascii_whitespace().any(|word| word == relation))
            .map(|(_, href)| href.as_str())
    }
}

/// A text with spaces collapsed and without character references that were escaped twice.
pub(crate) fn clean(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    crate::page::push_collapsed(&mut clean, text);
    let trimmed = clean.trim();
    if trimmed.contains('&') {
        unescape(trimmed)
    } else {
        trimmed.chars().filter(|c| !crate::render::is_debris(*c)).collect()
    }
}

/// The references that systems escape twice in titles.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 9);
        let decoded = end.and_then(|end| {
            let name = &rest[1..end];
            Some(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" | "rsquo" => '\u{2019}',
                "lsquo" => '‘',
                "ldquo" => '“',
                "rdquo" => '”',
                "ndash" => '–',
                "mdash" => '—',
                "hellip" => '…',
                "nbsp" => ' ',
                _ => {
                    let number = name.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            })
        });
        if let (Some(c), Some(end)) = (decoded, end) {
            out.push(c);
            rest = &rest[end + 1..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}
