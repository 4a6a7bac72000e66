//! The article's HTML is a small safe subset: a sanitiser finds nothing to change in it.

mod invented;

use extractor::{Extracted, PageInput, extract};
use proptest::prelude::*;

fn html_of(page: &str) -> Option<String> {
    let input = PageInput {
        body: page.as_bytes(),
        url: Some("https://post.example/news/bridge"),
        ..PageInput::default()
    };
    match extract(&input) {
        Extracted::Article(article) => article.html,
        Extracted::Skipped { .. } => None,
    }
}

fn check(page: &str) {
    if let Some(html) = html_of(page) {
        assert_eq!(ammonia::clean(&html), html, "{page}");
    }
}

#[test]
fn a_sanitiser_changes_nothing_on_pages_of_many_designs() {
    let mut seen = 0;
    for design in 0..invented::DESIGNS {
        let articles = invented::articles(design, 3);
        for number in 0..3 {
            check(&invented::page(design, design, &articles[number], &articles[..number]));
            seen += 1;
        }
    }
    let golden = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(golden).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "html") {
            check(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
            seen += 1;
        }
    }
    assert!(seen > 60);
}

#[test]
fn a_huge_address_is_not_written_in_every_block_of_its_link() {
    let prose = "The bridge was closed on Monday, the town said, and stays so, until the pillars have been looked at.";
    let before = format!("<p>{}</p>", prose.repeat(8));
    let page = format!(
        "<title>Bridge closed</title><article><h1>Bridge closed</h1>{before}<p>{prose} <a href='https://x.example/{}'>x{}</a></p></article>",
        "a".repeat(100_000),
        "<br><br>It is open".repeat(60)
    );
    let input = PageInput { body: page.as_bytes(), ..PageInput::default() };
    let extractor::Extracted::Article(article) = extract(&input) else { panic!("an article") };
    let html = article.html.unwrap();
    assert!(html.len() < 2 * page.len() && !html.contains("aaaa"), "{}", html.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_sanitiser_changes_nothing_on_any_soup(parts in proptest::collection::vec(0..46_usize, 0..60)) {
        const PARTS: &[&str] = &[
            "<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<a href='/x?a=1&b=\"2\"'>", "</a>", "<a href='javascript:x'>",
            "<a href=mailto:a@b.example>", "<ul>", "<li>", "</li>", "</ul>", "<ol>", "</ol>", "<table>", "<tr>",
            "<td>", "</td>", "</tr>", "</table>", "<blockquote>", "</blockquote>", "<pre>", "</pre>", "<code>",
            "</code>", "<br>", "<h2>", "</h2>", "<div>", "</div>", "<sup>", "</sup>", "<img src=x onerror=y>",
            "<script>alert(1)</script>", "<style>p{}</style>", "\u{a0}", "&lt;script&gt;", "\u{ad}\u{202e}x",
            "The town said on Monday that it, too, will stay closed until the summer, and longer. ",
            "An engineer is expected, at last, on Thursday; only then will it be known what it costs. ",
            " & ", "word ", "<span hidden>",
        ];
        let soup: String = parts.iter().map(|part| PARTS[*part]).collect();
        let lines = "<p>The bridge was closed on Monday, the town said, and will stay closed until the pillars have been looked at.</p>".repeat(2);
        check(&format!("<title>Bridge closed</title><article><h1>Bridge closed</h1>{lines}{soup}</article>"));
    }
}
