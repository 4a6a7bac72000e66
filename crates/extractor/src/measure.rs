//! What is measured of single texts and elements. Knows no tree.

use html5ever::local_name;
use scraper::node::Element;

use crate::marks::{self, Marks, NamesRead};
use crate::tag::Tag;

/// Visible characters and stops of a text.
pub(crate) fn measure(text: &str) -> (u32, u32) {
    let mut chars = 0_u32;
    let mut stops = 0_u32;
    // Sums of a piece fit into a byte, so that many bytes are counted at once.
    for piece in text.as_bytes().chunks(128) {
        let (mut visible, mut wide, mut stopping) = (0_u8, 0_u8, 0_u8);
        for &byte in piece {
            // Continuation bytes are not counted; lead bytes of U+3000 to U+9FFF count threefold.
            visible += u8::from(byte > b' ' && byte & 0xc0 != 0x80);
            wide += u8::from((0xe3..=0xe9).contains(&byte));
            stopping += u8::from(matches!(byte, b',' | b'.' | b'!' | b'?' | b';'));
        }
        chars += u32::from(visible) + 2 * u32::from(wide);
        stops += u32::from(stopping);
    }
    if !text.is_ascii() {
        stops += text
            .chars()
            .filter(|c| matches!(c, '、' | '。' | '，' | '！' | '？' | '،' | '؟' | '۔' | '।' | '…'))
            .count() as u32;
    }
    (chars, stops)
}

/// Weight of a block's own text as running text.
pub(crate) fn prose(tag: Tag, chars: u32, link_chars: u32, stops: u32) -> u32 {
    let plain = chars - link_chars;
    if link_chars * 2 > chars || matches!(tag, Tag::Heading(_) | Tag::Control) {
        return 0;
    }
    if plain >= 80 || (plain >= 25 && stops >= 1) { plain } else { 0 }
}

pub(crate) fn marks_of<'a>(element: &'a Element, tag: Tag, read: &mut NamesRead<'a>) -> Marks {
    let mut marks = 0;
    for (name, value) in &element.attrs {
        match name.local {
            local_name!("class") => marks |= read.marks(value),
            // The id of a heading is made of its words.
            local_name!("id") if !matches!(tag, Tag::Heading(_)) => marks |= marks::of_id(value),
            local_name!("role") => {
                marks |= match &**value {
                    "navigation" | "menu" | "menubar" | "banner" | "search" | "toolbar" => {
                        marks::NAVIGATION
                    }
                    "complementary" => marks::SIDE,
                    "region" => marks::PANEL,
                    "contentinfo" => marks::FOOT,
                    "dialog" | "alertdialog" | "tooltip" => marks::POPUP,
                    _ => 0,
                };
            }
            local_name!("itemprop") => {
                for word in value.split_ascii_whitespace() {
                    marks |= match word {
                        "articleBody" | "reviewBody" => marks::ARTICLE_BODY,
                        "comment" => marks::COMMENTS,
                        "author" => marks::BYLINE | marks::BYLINE_NAME,
                        "datePublished" | "dateModified" => marks::DATE,
                        _ => 0,
                    };
                }
            }
            local_name!("hidden") => marks |= marks::HIDDEN,
            local_name!("aria-hidden") if &**value == "true" => marks |= marks::HIDDEN,
            local_name!("style") => {
                if hides(value) {
                    marks |= marks::HIDDEN;
                }
            }
            // Hidden until a program decides otherwise (Alpine.js): menus, answers of forms, boxes.
            _ if &*name.local == "x-cloak" => marks |= marks::HIDDEN,
            // Sites whose classes are made by a machine say so what an element is to their tools.
            _ if name.local.starts_with("data-") => {
                marks |= read.marks(value) & (marks::SIGN_UP | marks::RELATED);
            }
            _ => {}
        }
    }
    if marks & marks::PANEL != 0 {
        // A panel of an accordion: closed as long as nobody asks (WAI-ARIA Authoring Practices).
        marks &= !marks::HIDDEN;
    }
    if matches!(tag, Tag::Body | Tag::Root) {
        marks = 0;
    } else if matches!(tag, Tag::Article | Tag::Main) {
        // Systems print the post's categories and formats into the class of its element.
        marks &= marks::ARTICLE_BODY
            | marks::CONTENT
            | marks::TEXTY
            | marks::COMMENTS
            | marks::RELATED
            | marks::TEASER
            | marks::HIDDEN;
    }
    marks
}

/// Whether an inline style hides the element.
fn hides(style: &str) -> bool {
    style.split(';').any(|rule| {
        rule.split_once(':').is_some_and(|(name, value)| {
            let (name, value) = (name.trim(), value.trim());
            (name.eq_ignore_ascii_case("display") && value.to_ascii_lowercase().starts_with("none"))
                || (name.eq_ignore_ascii_case("visibility")
                    && value.to_ascii_lowercase().starts_with("hidden"))
        })
    })
}
