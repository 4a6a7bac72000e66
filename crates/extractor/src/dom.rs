//! The bounded parse: html5ever into scraper's tree, stopped when a page costs too much.
//!
//! html5ever is quadratic in the depth of open elements, amplifies unclosed formatting elements
//! and looks for duplicates among a tag's attributes one by one. All of that is bounded here by
//! counts, never by a clock, so that a replay ends the same way.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};

use ego_tree::{NodeId, Tree};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};
use memchr::memchr_iter;
use scraper::{Html, HtmlTreeSink};

use crate::lean::lean;

/// Largest page, decoded.
const MAX_BYTES: usize = 24 * 1024 * 1024;
/// Most nodes; ordinary pages have 1,500, the largest seen in the corpora 40,000.
const MAX_NODES: u32 = 250_000;
/// Deepest nesting: the bound of Blink, WebKit and Gecko (whatwg/html#3732).
const MAX_DEPTH: u16 = 512;
/// Most looks at open elements. An ordinary page needs ten a node.
const MAX_WORK: u64 = 60_000_000;
/// Bytes handed to the parser at once; limits are looked at in between. Small, since four bytes can
/// make as many nodes as the page is deep.
const PIECE: usize = 2 * 1024;
/// Most attributes (an upper bound by their separators) in one tag longer than a piece.
const MAX_SEPARATORS: usize = 40_000;

/// Which bound a page broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TooComplex {
    Bytes,
    Nodes,
    Depth,
    Work,
    Attributes,
}

impl TooComplex {
    pub(crate) fn describe(self) -> String {
        match self {
            Self::Bytes => format!("more than {MAX_BYTES} bytes of text"),
            Self::Nodes => format!("more than {MAX_NODES} nodes"),
            Self::Depth => format!("nested deeper than {MAX_DEPTH} elements"),
            Self::Work => "takes too much work to parse".to_owned(),
            Self::Attributes => format!("a tag with more than {MAX_SEPARATORS} attributes"),
        }
    }
}

/// Parses a page, or says which bound it broke.
pub(crate) fn parse(text: &str) -> Result<Html, TooComplex> {
    if text.len() > MAX_BYTES {
        return Err(TooComplex::Bytes);
    }
    let lean = lean(text);
    let text = lean.as_str();
    // Every tag makes an element or ends one and lets a text begin.
    let sink = Bounded::new(memchr_iter(b'<', text.as_bytes()).count());
    let mut parser = parse_document(sink, ParseOpts::default());
    let whole = StrTendril::from_slice(text);
    let mut start = 0;
    let mut stalled = 0;
    while start < text.len() {
        let mut end = (start + PIECE).min(text.len());
        while !text.is_char_boundary(end) {
            end += 1;
        }
        let before = parser.tokenizer.sink.sink.work.get();
        parser.process(whole.subtendril(start as u32, (end - start) as u32));
        let sink = &parser.tokenizer.sink.sink;
        if let Some(broken) = sink.broken.get() {
            return Err(broken);
        }
        if sink.work.get() == before {
            // No token ended in this piece: a comment, or one huge tag.
            stalled += separators(&text.as_bytes()[start..end]);
            if stalled > MAX_SEPARATORS {
                return Err(TooComplex::Attributes);
            }
        } else {
            stalled = 0;
        }
        start = end;
    }
    // Elements still open cost at most their depth to close.
    Ok(parser.finish())
}

fn separators(bytes: &[u8]) -> usize {
    bytes
        .iter()
        .filter(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r' | b'/' | b'"' | b'\''))
        .count()
}

/// A node as html5ever holds it: scraper's id, and our own number, by which its depth is known.
#[derive(Clone, Copy)]
struct Handle {
    id: NodeId,
    number: u32,
}

/// Scraper's tree sink, counting.
struct Bounded {
    inner: HtmlTreeSink,
    depths: RefCell<Vec<u16>>,
    work: Cell<u64>,
    broken: Cell<Option<TooComplex>>,
}

impl Bounded {
    fn new(likely_nodes: usize) -> Self {
        let likely_nodes = likely_nodes.min(MAX_NODES as usize) + 16;
        let mut html = Html::new_document();
        html.tree = Tree::with_capacity(html.tree.root().value().clone(), likely_nodes);
        let mut depths = Vec::with_capacity(likely_nodes);
        depths.push(0);
        Self {
            inner: HtmlTreeSink::new(html),
            depths: RefCell::new(depths),
            work: Cell::new(0),
            broken: Cell::new(None),
        }
    }

    fn register(&self, id: NodeId, depth: u16) -> Handle {
        let mut depths = self.depths.borrow_mut();
        let number = depths.len() as u32;
        depths.push(depth);
        if number > MAX_NODES {
            self.broken.set(Some(TooComplex::Nodes));
        }
        self.count(1);
        Handle { id, number }
    }

    fn count(&self, work: u64) {
        let total = self.work.get() + work;
        self.work.set(total);
        if total > MAX_WORK {
            self.broken.set(Some(TooComplex::Work));
        }
    }

    fn depth(&self, handle: Handle) -> u16 {
        let depths = self.depths.borrow();
        depths.get(handle.number as usize).copied().unwrap_or(0)
    }

    fn place(&self, child: &NodeOrText<Handle>, depth: u16) {
        if let NodeOrText::AppendNode(handle) = child {
            if let Some(known) = self.depths.borrow_mut().get_mut(handle.number as usize) {
                *known = depth;
            }
            if depth > MAX_DEPTH {
                self.broken.set(Some(TooComplex::Depth));
            }
        }
    }
}

fn inner_child(child: NodeOrText<Handle>) -> NodeOrText<NodeId> {
    match child {
        NodeOrText::AppendNode(handle) => NodeOrText::AppendNode(handle.id),
        NodeOrText::AppendText(text) => NodeOrText::AppendText(text),
    }
}

impl TreeSink for Bounded {
    type Output = Html;
    type Handle = Handle;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Html {
        self.inner.finish()
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn get_document(&self) -> Handle {
        Handle { id: self.inner.get_document(), number: 0 }
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        x.id == y.id
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> Ref<'a, QualName> {
        self.count(1);
        self.inner.elem_name(&target.id)
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Handle {
        self.register(self.inner.create_element(name, attrs, flags), 0)
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        self.register(self.inner.create_comment(text), 0)
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Handle {
        self.register(self.inner.create_pi(target, data), 0)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.count(1);
        self.place(&child, self.depth(*parent).saturating_add(1));
        self.inner.append(&parent.id, inner_child(child));
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        self.count(1);
        self.place(&child, self.depth(*sibling));
        self.inner.append_before_sibling(&sibling.id, inner_child(child));
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        previous: &Handle,
        child: NodeOrText<Handle>,
    ) {
        self.count(1);
        self.place(&child, self.depth(*previous).saturating_add(1));
        self.inner.append_based_on_parent_node(&element.id, &previous.id, inner_child(child));
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.inner.append_doctype_to_document(name, public, system);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.inner.remove_from_parent(&target.id);
    }

    fn reparent_children(&self, node: &Handle, new_parent: &Handle) {
        self.inner.reparent_children(&node.id, &new_parent.id);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attrs: Vec<Attribute>) {
        self.inner.add_attrs_if_missing(&target.id, attrs);
    }

    fn get_template_contents(&self, target: &Handle) -> Handle {
        let id = self.inner.get_template_contents(&target.id);
        self.register(id, self.depth(*target).saturating_add(1))
    }
}
