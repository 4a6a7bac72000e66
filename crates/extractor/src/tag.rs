//! Kinds of elements, as far as the rules tell them apart. Knows names of elements only.

use html5ever::local_name;
use scraper::node::Element;

/// What kind of element a node is, as far as the rules tell kinds apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    Text,
    /// Inline elements without a meaning of their own.
    Inline,
    /// Block elements without a meaning of their own: `div`, `center`, unknown custom elements.
    Block,
    Anchor,
    Emphasis,
    Strong,
    Code,
    Sub,
    Sup,
    Time,
    Break,
    Paragraph,
    Heading(u8),
    List(bool),
    Item,
    DefinitionList,
    Term,
    Quote,
    Pre,
    Table,
    Row,
    Cell,
    TablePart,
    Figure,
    Caption,
    Image,
    Article,
    Main,
    Section,
    Aside,
    Nav,
    Header,
    Footer,
    Address,
    Form,
    Control,
    Rule,
    Details,
    Body,
    Root,
    /// Never shows text: scripts, styles, media, frames.
    Mute,
}

impl Tag {
    /// The kind of an element.
    pub(crate) fn of(element: &Element) -> Self {
        match element.name.local {
            local_name!("p") => Self::Paragraph,
            local_name!("a") => Self::Anchor,
            local_name!("em") | local_name!("i") | local_name!("cite") => Self::Emphasis,
            local_name!("strong") | local_name!("b") => Self::Strong,
            local_name!("code") | local_name!("kbd") | local_name!("samp") | local_name!("tt") => {
                Self::Code
            }
            local_name!("sub") => Self::Sub,
            local_name!("sup") => Self::Sup,
            local_name!("time") => Self::Time,
            local_name!("br") => Self::Break,
            local_name!("h1") => Self::Heading(1),
            local_name!("h2") => Self::Heading(2),
            local_name!("h3") => Self::Heading(3),
            local_name!("h4") => Self::Heading(4),
            local_name!("h5") => Self::Heading(5),
            local_name!("h6") => Self::Heading(6),
            local_name!("ul") | local_name!("menu") | local_name!("dir") => Self::List(false),
            local_name!("ol") => Self::List(true),
            local_name!("li") => Self::Item,
            local_name!("dl") => Self::DefinitionList,
            local_name!("dt") | local_name!("dd") => Self::Term,
            local_name!("blockquote") => Self::Quote,
            local_name!("pre") | local_name!("listing") | local_name!("xmp") => Self::Pre,
            local_name!("table") => Self::Table,
            local_name!("tr") => Self::Row,
            local_name!("td") | local_name!("th") => Self::Cell,
            local_name!("tbody") | local_name!("thead") | local_name!("tfoot") => Self::TablePart,
            local_name!("figure") => Self::Figure,
            local_name!("figcaption") | local_name!("caption") => Self::Caption,
            local_name!("img") => Self::Image,
            local_name!("article") => Self::Article,
            local_name!("main") => Self::Main,
            local_name!("section") => Self::Section,
            local_name!("aside") => Self::Aside,
            local_name!("nav") => Self::Nav,
            local_name!("header") => Self::Header,
            local_name!("footer") => Self::Footer,
            local_name!("address") => Self::Address,
            local_name!("form") | local_name!("fieldset") => Self::Form,
            local_name!("button")
            | local_name!("input")
            | local_name!("label")
            | local_name!("legend") => Self::Control,
            local_name!("hr") => Self::Rule,
            local_name!("details") | local_name!("summary") => Self::Details,
            local_name!("body") => Self::Body,
            local_name!("html") => Self::Root,
            local_name!("head")
            | local_name!("script")
            | local_name!("style")
            | local_name!("noscript")
            | local_name!("template")
            | local_name!("svg")
            | local_name!("math")
            | local_name!("video")
            | local_name!("audio")
            | local_name!("canvas")
            | local_name!("map")
            | local_name!("object")
            | local_name!("embed")
            | local_name!("applet")
            | local_name!("iframe")
            | local_name!("frameset")
            | local_name!("noframes")
            | local_name!("noembed")
            | local_name!("dialog")
            | local_name!("title")
            | local_name!("meta")
            | local_name!("link")
            | local_name!("base")
            | local_name!("source")
            | local_name!("track")
            | local_name!("param")
            | local_name!("select")
            | local_name!("textarea")
            | local_name!("option")
            | local_name!("optgroup")
            | local_name!("datalist")
            | local_name!("progress")
            | local_name!("meter")
            | local_name!("rp")
            | local_name!("rt")
            | local_name!("rtc") => Self::Mute,
            local_name!("span")
            | local_name!("font")
            | local_name!("u")
            | local_name!("s")
            | local_name!("small")
            | local_name!("big")
            | local_name!("mark")
            | local_name!("q")
            | local_name!("abbr")
            | local_name!("acronym")
            | local_name!("strike")
            | local_name!("del")
            | local_name!("ins")
            | local_name!("var")
            | local_name!("dfn")
            | local_name!("bdi")
            | local_name!("bdo")
            | local_name!("wbr")
            | local_name!("ruby")
            | local_name!("rb")
            | local_name!("nobr")
            | local_name!("data")
            | local_name!("output")
            | local_name!("picture")
            | local_name!("blink")
            | local_name!("marquee") => Self::Inline,
            // `div` and the like. Custom elements wrap whatever their authors like; most wrap blocks.
            _ => Self::Block,
        }
    }

    /// Whether the element only runs along in its surrounding text.
    pub(crate) fn is_inline(self) -> bool {
        matches!(
            self,
            Self::Text
                | Self::Inline
                | Self::Anchor
                | Self::Emphasis
                | Self::Strong
                | Self::Code
                | Self::Sub
                | Self::Sup
                | Self::Time
                | Self::Break
                | Self::Image
                | Self::Control
        )
    }
}
