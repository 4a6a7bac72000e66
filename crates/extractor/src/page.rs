//! The page as a flat list: every element and text in document order with what was measured of it.
//! One walk over the tree; all later steps work on numbers into this list. Knows nothing of what
//! is an article.

use html5ever::local_name;
use scraper::Html;
use scraper::node::{Element, Node as TreeNode};

use crate::addresses::{host_of, is_path_of_home};
use crate::marks::{Marks, NamesRead};
use crate::measure::{marks_of, measure, prose};
use crate::scripts;
pub(crate) use crate::tag::Tag;

/// An element or a text.
pub(crate) struct Node<'a> {
    pub(crate) tag: Tag,
    pub(crate) parent: u32,
    /// One past the last descendant.
    pub(crate) end: u32,
    pub(crate) marks: Marks,
    pub(crate) element: Option<&'a Element>,
    pub(crate) text: &'a str,
    /// Visible characters below; those of scripts without spaces count threefold, so that a
    /// Chinese paragraph weighs what its translation would.
    pub(crate) chars: u32,
    /// Of these, inside links.
    pub(crate) link_chars: u32,
    /// Visible characters of the inline text directly in this block (or in this inline element).
    pub(crate) own_chars: u32,
    /// Of these, inside links.
    pub(crate) own_link_chars: u32,
    /// Commas, full stops and the like in the own text.
    pub(crate) own_stops: u32,
    /// Weight of the own text as running text: paragraphs weigh, menus do not.
    pub(crate) own_prose: u32,
    /// Weight of the running text below; furniture is left out once it is known.
    pub(crate) prose: u32,
    /// The same with furniture, as it was first summed.
    pub(crate) raw_prose: u32,
    /// Headings below, and those of them that are nothing but a link into the same site.
    pub(crate) headings: u16,
    pub(crate) linked_headings: u16,
    /// A text in it may hold a digit ([`scripts::may_have_digits`]).
    pub(crate) may_have_digits: bool,
    /// Not part of any article. Set by [`crate::body`].
    pub(crate) is_furniture: bool,
}

impl<'a> Node<'a> {
    /// Value of an attribute.
    pub(crate) fn attr(&self, name: &str) -> Option<&'a str> {
        self.element?
            .attrs
            .iter()
            .find(|(known, _)| &*known.local == name)
            .map(|(_, value)| &**value)
    }
}

/// The page.
pub(crate) struct Page<'a> {
    /// Elements and texts in document order; 0 is the document.
    pub(crate) nodes: Vec<Node<'a>>,
    /// The elements of interest to metadata, in order: `meta`, `link`, `title`, `base`, `html`.
    pub(crate) head: Vec<(&'a Element, Option<String>)>,
    /// Contents of JSON-LD scripts.
    pub(crate) json_ld: Vec<String>,
    /// Contents of scripts that hold a client's state.
    pub(crate) state: Vec<String>,
    /// Contents of scripts that hold mark-up for a client to set in.
    pub(crate) templates: Vec<String>,
    /// Where `<body>` is.
    pub(crate) body: usize,
    /// Host and address of the page, where known.
    host: Option<&'a str>,
    url: Option<&'a str>,
}

impl<'a> Page<'a> {
    /// Measures a parsed page.
    pub(crate) fn new(html: &'a Html, url: Option<&'a str>) -> Self {
        let mut page = Self {
            nodes: Vec::with_capacity(2048),
            head: Vec::new(),
            json_ld: Vec::new(),
            state: Vec::new(),
            templates: Vec::new(),
            body: 0,
            host: url.and_then(host_of),
            url,
        };
        page.walk(html);
        page
    }

    /// The page's address, where known.
    pub(crate) fn url(&self) -> Option<&'a str> {
        self.url
    }

    /// The name in the page's host: `post` of `www.post.example`.
    pub(crate) fn host_label(&self) -> Option<&'a str> {
        let host = self.host?;
        let mut labels = host.rsplit('.').skip(1);
        // `co.uk` and the like.
        labels.find(|label| label.len() > 3)
    }

    /// Whether an address is that of the site's first page, also in one of its languages.
    pub(crate) fn is_home(&self, href: &str) -> bool {
        let href = href.trim().split('#').next().unwrap_or_default();
        let path = match host_of(href) {
            Some(host) if self.host != Some(host) => return false,
            Some(host) => href.split_once(host).map_or("", |(_, path)| path),
            None if href.starts_with('/') => href,
            None => return false,
        };
        is_path_of_home(path)
    }

    /// Numbers of the children of a node.
    pub(crate) fn children(&self, of: usize) -> Children<'_, 'a> {
        Children { page: self, next: of + 1, end: self.nodes[of].end as usize }
    }

    /// The nodes above, nearest first.
    pub(crate) fn ancestors(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        let mut at = of;
        std::iter::from_fn(move || {
            if at == 0 {
                return None;
            }
            at = self.nodes[at].parent as usize;
            Some(at)
        })
    }

    /// All text below a node, spaces collapsed.
    pub(crate) fn text_of(&self, of: usize) -> String {
        let mut text = String::new();
        let mut at = of;
        let end = self.nodes[of].end as usize;
        // Ends of the blocks around the place.
        let mut ends: Vec<u32> = Vec::new();
        while at < end {
            let mut divided = false;
            while ends.last().is_some_and(|end| at >= *end as usize) {
                ends.pop();
                divided = true;
            }
            let node = &self.nodes[at];
            if node.tag != Tag::Text && (!node.tag.is_inline() || node.tag == Tag::Break) {
                ends.push(node.end);
                divided = true;
            }
            if divided && !text.ends_with(' ') {
                text.push(' ');
            }
            if node.tag == Tag::Text {
                push_collapsed(&mut text, node.text);
            }
            at += 1;
        }
        text.trim().to_owned()
    }

    /// The inline text directly in a block, without that of blocks in it, spaces collapsed.
    pub(crate) fn line_of(&self, of: usize) -> String {
        let mut text = String::new();
        let mut at = of + 1;
        let end = self.nodes[of].end as usize;
        while at < end {
            let node = &self.nodes[at];
            if node.tag == Tag::Text {
                push_collapsed(&mut text, node.text);
            } else if !node.tag.is_inline() || node.tag == Tag::Break {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
                at = node.end as usize;
                continue;
            }
            at += 1;
        }
        text.trim().to_owned()
    }

    fn walk(&mut self, html: &'a Html) {
        let root = html.tree.root();
        let mut open: Vec<usize> = vec![self.push(Tag::Root, 0, None, "", 0)];
        let mut links = 0_u32;
        let mut read = NamesRead::default();
        let mut cursor = root.first_child();
        while let Some(node) = cursor {
            let parent = open.last().copied().unwrap_or(0);
            let mut descend = false;
            match node.value() {
                TreeNode::Text(text) => self.add_text(parent, text, links > 0),
                TreeNode::Element(element) => {
                    let tag = Tag::of(element);
                    if tag == Tag::Mute {
                        descend = self.note_mute(element, node);
                        if descend {
                            open.push(self.push(tag, parent, Some(element), "", 0));
                        }
                    } else {
                        let marks = marks_of(element, tag, &mut read);
                        if tag == Tag::Root {
                            self.head.push((element, None));
                        }
                        let number = self.push(tag, parent, Some(element), "", marks);
                        if tag == Tag::Body {
                            self.body = number;
                        }
                        if tag == Tag::Control
                            && matches!(self.nodes[parent as usize].tag, Tag::Heading(_))
                            && self.nodes[number].attr("aria-expanded").is_some()
                        {
                            // The heading of an accordion's panel.
                            self.nodes[number].tag = Tag::Inline;
                        }
                        if tag == Tag::Anchor {
                            // Marks within the page lead nowhere else.
                            let inward = self.nodes[number]
                                .attr("href")
                                .is_none_or(|href| href.starts_with('#'));
                            if inward {
                                self.nodes[number].tag = Tag::Inline;
                            } else {
                                links += 1;
                            }
                        }
                        open.push(number);
                        descend = true;
                    }
                }
                // A `<template>`'s contents.
                _ => {}
            }
            if descend && let Some(child) = node.first_child() {
                cursor = Some(child);
                continue;
            }
            if descend {
                links = self.close(&mut open, links);
            }
            let mut at = node;
            cursor = loop {
                if let Some(next) = at.next_sibling() {
                    break Some(next);
                }
                match at.parent() {
                    Some(parent) if parent.value().is_element() => {
                        links = self.close(&mut open, links);
                        at = parent;
                    }
                    _ => break None,
                }
            };
        }
        while !open.is_empty() {
            links = self.close(&mut open, links);
        }
    }

    fn push(
        &mut self,
        tag: Tag,
        parent: usize,
        element: Option<&'a Element>,
        text: &'a str,
        marks: Marks,
    ) -> usize {
        self.nodes.push(Node {
            tag,
            parent: parent as u32,
            end: self.nodes.len() as u32 + 1,
            marks,
            element,
            text,
            chars: 0,
            link_chars: 0,
            own_chars: 0,
            own_link_chars: 0,
            own_stops: 0,
            own_prose: 0,
            prose: 0,
            raw_prose: 0,
            headings: 0,
            linked_headings: 0,
            may_have_digits: false,
            is_furniture: false,
        });
        self.nodes.len() - 1
    }

    fn add_text(&mut self, parent: usize, text: &'a str, in_link: bool) {
        let (chars, stops) = measure(text);
        let number = self.push(Tag::Text, parent, None, text, 0);
        let link_chars = if in_link { chars } else { 0 };
        self.nodes[number].chars = chars;
        let may_have_digits = chars > 0 && scripts::may_have_digits(text);
        self.nodes[number].may_have_digits = may_have_digits;
        let above = &mut self.nodes[parent];
        above.may_have_digits |= may_have_digits;
        above.own_chars += chars;
        above.own_link_chars += link_chars;
        above.own_stops += stops;
    }

    /// Closes the innermost open element: its sums go to its parent.
    fn close(&mut self, open: &mut Vec<usize>, links: u32) -> u32 {
        let Some(number) = open.pop() else {
            return links;
        };
        let end = self.nodes.len() as u32;
        let node = &mut self.nodes[number];
        node.end = end;
        let inline = node.tag.is_inline();
        node.chars += node.own_chars;
        node.link_chars += node.own_link_chars;
        if !inline {
            node.own_prose = prose(node.tag, node.own_chars, node.own_link_chars, node.own_stops);
            node.prose += node.own_prose;
        }
        node.raw_prose = node.prose;
        if inline {
            node.own_prose = 0;
        }
        let is_anchor = node.tag == Tag::Anchor;
        if matches!(node.tag, Tag::Heading(_)) && node.chars > 0 {
            node.headings = 1;
            let linked =
                node.link_chars * 10 >= node.chars * 9 && (links > 0 || self.leads_inside(number));
            self.nodes[number].linked_headings = u16::from(linked);
        }
        let node = &self.nodes[number];
        let (headings, linked_headings) = (node.headings, node.linked_headings);
        let (chars, link_chars, weight) = (node.chars, node.link_chars, node.prose);
        let own = (node.own_chars, node.own_link_chars, node.own_stops);
        let may_have_digits = node.may_have_digits;
        let parent = node.parent as usize;
        if parent != number {
            let above = &mut self.nodes[parent];
            above.prose += weight;
            above.may_have_digits |= may_have_digits;
            above.headings = above.headings.saturating_add(headings);
            above.linked_headings = above.linked_headings.saturating_add(linked_headings);
            if inline {
                above.own_chars += own.0;
                above.own_link_chars += own.1;
                above.own_stops += own.2;
                // What is not its own came from blocks inside the inline element.
                above.chars += chars - own.0;
                above.link_chars += link_chars - own.1;
            } else {
                above.chars += chars;
                above.link_chars += link_chars;
            }
        }
        links - u32::from(is_anchor)
    }

    /// Whether the first link below a node leads into the page's own site.
    pub(crate) fn leads_inside(&self, of: usize) -> bool {
        self.nodes[of..]
            .iter()
            .find(|node| node.tag == Tag::Anchor)
            .and_then(|node| node.attr("href"))
            .is_some_and(|href| {
                // Old blogs link the headline of a post to the post itself, and live blogs each
                // entry to itself: what is behind the path counts only where it names the page.
                let url = self.url.unwrap_or_default();
                let behind: &[char] = if url.contains('?') { &['#'] } else { &['#', '?'] };
                let bare = |address: &'a str| {
                    address.split(behind).next().unwrap_or_default().trim_end_matches('/')
                };
                let (path, own) = (bare(href), bare(url));
                let path = path.split_once("//").map_or(path, |(_, rest)| rest);
                if path.len() > 1 && own.ends_with(path) {
                    return false;
                }
                match host_of(href) {
                    Some(host) => self.host == Some(host),
                    None => !href.contains(':'),
                }
            })
    }

    /// Takes what a mute element has for metadata. True where its children are to be visited.
    fn note_mute(&mut self, element: &'a Element, node: ego_tree::NodeRef<'a, TreeNode>) -> bool {
        match element.name.local {
            local_name!("meta") | local_name!("link") | local_name!("base") => {
                self.head.push((element, None));
                false
            }
            local_name!("title") => {
                self.head.push((element, Some(child_text(node))));
                false
            }
            local_name!("script") => {
                let kind = element.attr("type").unwrap_or_default();
                if kind.contains("ld+json") {
                    self.json_ld.push(child_text(node));
                } else if kind.contains("json") {
                    self.state.push(child_text(node));
                } else if kind.contains("template") || kind.contains("html") {
                    self.templates.push(child_text(node));
                } else if kind.is_empty() {
                    // Some pages forget the type of their JSON-LD.
                    let bare = node
                        .first_child()
                        .and_then(|text| text.value().as_text())
                        .is_some_and(|text| {
                            let start = text.trim_start();
                            start.starts_with('{')
                                && start.get(..60).is_some_and(|start| start.contains("schema.org"))
                        });
                    if bare {
                        self.json_ld.push(child_text(node));
                    }
                }
                false
            }
            local_name!("head") => true,
            _ => false,
        }
    }
}

/// Iterator over the numbers of a node's children.
#[derive(Clone)]
pub(crate) struct Children<'p, 'a> {
    page: &'p Page<'a>,
    next: usize,
    end: usize,
}

impl Iterator for Children<'_, '_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.next >= self.end {
            return None;
        }
        let at = self.next;
        self.next = self.page.nodes[at].end as usize;
        Some(at)
    }
}

fn child_text(node: ego_tree::NodeRef<'_, TreeNode>) -> String {
    node.children().filter_map(|child| child.value().as_text()).map(|text| &**text).collect()
}

/// Appends text with every run of white space as one space.
pub(crate) fn push_collapsed(into: &mut String, text: &str) {
    let mut pending = text.starts_with(|c: char| c.is_whitespace());
    for word in text.split_whitespace() {
        if pending && !into.is_empty() && !into.ends_with([' ', '\n']) {
            into.push(' ');
        }
        into.push_str(word);
        pending = true;
    }
    if text.ends_with(|c: char| c.is_whitespace())
        && !into.is_empty()
        && !into.ends_with([' ', '\n'])
    {
        into.push(' ');
    }
}
