//! Tests of [`super`]: the lean page gives the tree that the page gives.

use proptest::prelude::*;
use scraper::{Html, Node};

use super::*;

/// The tree as the rules see it: read attributes, texts, no content of mute elements.
fn seen(html: &Html) -> String {
    let mut out = String::new();
    let mut mute = 0_usize;
    for edge in html.tree.root().traverse() {
        match edge {
            ego_tree::iter::Edge::Open(node) => match node.value() {
                Node::Element(element) => {
                    let name = element.name();
                    if mute == 0 {
                        out.push_str(&format!("\n<{name}"));
                        for (name, value) in element.attrs() {
                            let read = READ.contains(&name.as_bytes());
                            if read && (name != "style" || hides(value.as_bytes())) {
                                out.push_str(&format!(" {name}={value:?}"));
                            }
                        }
                        out.push_str(">\n");
                    }
                    mute += usize::from(is_mute(name));
                }
                Node::Text(text) if mute == 0 => {
                    let keeps_lines = node
                        .ancestors()
                        .filter_map(|above| above.value().as_element().map(|it| it.name()))
                        .any(|name| matches!(name, "pre" | "listing" | "textarea" | "xmp"));
                    if keeps_lines {
                        out.push_str(text);
                    } else {
                        out.push_str(&text.replace('\n', " "));
                    }
                }
                _ => {}
            },
            ego_tree::iter::Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    mute -= usize::from(is_mute(element.name()));
                    if mute == 0 {
                        out.push_str("\n</>\n");
                    }
                }
            }
        }
    }
    out
}

fn is_mute(name: &str) -> bool {
    name == "script" || name == "svg" || UNREAD.contains(&name.as_bytes())
}

fn check(page: &str) {
    let lean = lean(page);
    assert_eq!(
        seen(&Html::parse_document(&lean)),
        seen(&Html::parse_document(page)),
        "{page:?} became {lean:?}"
    );
}

#[test]
fn what_is_not_read_is_left_out() {
    let page = "<!doctype html><!-- x --><style>p>a{}</style><svg viewBox='0 0 1 1'><path d='M0'/></svg><p class=a data-x='1' style='color:red' onclick=\"a('>')\" id=b>One<script>if (a<b) {}</script> two</p>";
    assert_eq!(
        lean(page),
        "<!doctype html><style></style><svg></svg><p class=a id=b>One<script></script> two</p>"
    );
}

#[test]
fn the_tree_stays_the_same() {
    for page in [
        "<p>a < b <c",
        "<p a=1 class>x<p class = 'a b' =x class='c'>y</p/>",
        "<p class='a>b",
        "a<!-->b<!--->c<!----!>d<!-- -- -->e<!--f",
        "a<!x>b<?y z>c</ d>e</>f<![CDATA[g]]>h",
        "<script>a<!--<script>b</script>c--></script>d",
        "<script>a<!-- b</script>c",
        "<SCRIPT TYPE=application/LD+JSON>{}</SCRIPT ><Style>x</style/>y",
        "<title>a <b> </title x>c<textarea><p></textarea>d<textarea>e",
        "<svg/>a<svg><title>b</title><g><path/></g></svg>c<svg><p>d</svg>e<svg><style>f{}</style></svg>g",
        "a<<!-- b -->/p>c<<!x>p>d&am<!-- -->p;e&<?x>lt;f&#<!---->60;g",
        "&#0000000000000000000000000000000000000000000000000000000000000000000000<!-- -->60;p>",
        "&#0000000000000000000000000000000000000000000000000000000000000000000000<!>60;p>",
        "&Counter<!x>ClockwiseContourIntegral;&CounterClockwiseContourIntegral<!x>;",
        "<svg><td></td><a href='</svg><path d=1 />'>a</a></svg><div data-x=1>b",
        "<svg></p><textarea>a</svg><div class=x data-y='>'></textarea b>c<svg></p><title>d</svg></title>e",
        "<svg><desc><p>x</desc></svg>y<svg><svg/><svg></svg></svg>z<svg>u",
        "<math><mi>a</mi></math><!-- b -->c<plaintext>d<!-- e -->",
        "<iframe><p>x</iframe>y<noscript><img></noscript>z<xmp><p></xmp>",
        "<style>a</styles></style>b<style>c",
        "\u{0}<p\u{0} class=a\u{0}b>\r\nx",
        "<a href=x/>y</a><a href=>z</a><a href='x'title=y>u",
        "<table><input type=hidden name=x value=y><tr><td width=3 class=a>b",
    ] {
        check(page);
    }
}

#[test]
fn ends_of_lines_are_blanks_up_to_where_lines_are_kept() {
    assert_eq!(
        lean("<p>a\nb\r\n\tc\rd</p>\n<title>e\nf</title><PRE>\ng\n</PRE>\nh"),
        "<p>a b \tc\rd</p> <title>e\nf</title><PRE>\ng\n</PRE>\nh"
    );
    for page in [
        "<div>a\n</div><pre>\n\nb\n<b>c\r\nd</b></pre>\ne",
        "<svg><pre></svg>\na\n</pre>b",
        "a\r<!-- b -->\nc<pre>d\r<!-- e -->\nf",
        "<textarea>\n\na\nb</textarea>\nc",
        "<pre><!-- a -->\nb\n</pre>c",
    ] {
        check(page);
    }
}

#[test]
fn a_comment_looks_back_no_further_than_a_reference_goes() {
    // Whatever stands before the last bytes, the answer is theirs: the look-back is bounded.
    for tail in ["&amp", "a<b", "&#60", "&#x3c", "", " ", "x"] {
        let ends = |before: &str| may_end_in_reference(format!("{before} {tail}").as_bytes());
        assert_eq!(ends(""), ends(&"&".repeat(1_000)), "{tail}");
        assert_eq!(ends(""), ends(&"x".repeat(1_000)), "{tail}");
    }
    assert!(may_end_in_reference(&b"x".repeat(REFERENCE)));
    assert!(!may_end_in_reference(&b"x".repeat(REFERENCE - 1)));
    // Looking back over all letters for each comment would take 10^12 steps, and this test a day.
    let letters = "a".repeat(1_000_000);
    let comments = "<!>".repeat(1_000_000);
    assert_eq!(lean(&format!("{letters}{comments}b")), format!("{letters}<!---->b"));
}

proptest! {
    #[test]
    fn the_tree_of_any_soup_stays_the_same(parts in proptest::collection::vec(0..36_usize, 0..40)) {
        const PARTS: &[&str] = &[
            "<p>", "</p>", "<div class=x data-y='>'>", "</div>", "text ", "<", ">", "'", "\"", "<!--",
            "-->", "<!-", "<script>", "</script>", "<style>", "</style>", "<svg>", "</svg>", "<path d=1 />",
            "<title>", "</title>", "<a href=\"", "\">", " a=", "/", "<td", "=", "<textarea>", "</textarea ", "<b>",
            "\n", "\r\n", "\r", "<pre>", "</pre>", "<listing>",
        ];
        let page: String = parts.iter().map(|part| PARTS[*part]).collect();
        check(&page);
    }
}
