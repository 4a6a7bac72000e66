//! Pages made to hurt: each ends as an article or as an outcome, bounded by counts.

use events::SkipReason;
use extractor::{Extracted, PageInput, extract};

fn run(body: &[u8]) -> Extracted {
    extract(&PageInput {
        body,
        url: Some("https://hostile.example/page"),
        content_type: Some("text/html"),
        ..PageInput::default()
    })
}

fn reason(body: &[u8]) -> Option<SkipReason> {
    match run(body) {
        Extracted::Article(_) => None,
        Extracted::Skipped { reason, .. } => Some(reason),
    }
}

#[test]
fn pages_that_cost_too_much_are_too_complex() {
    let numbers = |count: u32, write: fn(u32) -> String| (0..count).map(write).collect::<String>();
    let formatting = format!(
        "<p>{}{}",
        numbers(400, |number| format!("<b class={number}>")),
        "<p>x".repeat(20_000)
    );
    for (name, page) in [
        ("100,000 divs", "<div>".repeat(100_000)),
        ("lists in lists", "<ul><li>".repeat(32_000)),
        ("bold in italics", "<b><i>".repeat(10_000)),
        ("formatting again and again", formatting),
        ("tables in tables", "<table><tr><td>".repeat(20_000)),
        ("a million elements", "<p>a</p>".repeat(1_000_000)),
        ("25 MB", "text ".repeat(5 * 1024 * 1024)),
        ("end tags without end", "<span>".repeat(500) + &"</x>".repeat(1_000_000)),
    ] {
        assert_eq!(reason(page.as_bytes()), Some(SkipReason::TooComplex), "{name}");
    }
}

#[test]
fn odd_pages_end_without_a_panic() {
    let paragraph = "<p>The bridge was closed on Monday, the town said, and will stay closed until the pillars have been looked at by an engineer.</p>";
    let lines = paragraph.repeat(3);
    let pages: Vec<Vec<u8>> = vec![
        Vec::new(),
        b" \n\t ".to_vec(),
        vec![0; 10_000],
        vec![0xff; 10_000],
        (0..=255_u8).cycle().take(100_000).collect(),
        b"<".to_vec(),
        b"<!--".to_vec(),
        b"<script>".to_vec(),
        b"<svg><math><table><select><option>".to_vec(),
        format!("<title>T</title><article>{lines}<p>\u{202e}reversed\u{0}\u{1}\u{200b} text, and more of it, so that it is long enough to count</p></article>").into_bytes(),
        format!("<article>{lines}<img src='data:image/png;base64,{}'>", "AAAA/".repeat(60_000)).into_bytes(),
        format!("<script>{}</script>{lines}", "var a = '<div>';".repeat(100_000)).into_bytes(),
        format!("<!-- {} -->{lines}", "x".repeat(1_000_000)).into_bytes(),
        format!("<p>{}</p>", "wordwithoutend".repeat(100_000)).into_bytes(),
        format!("<p>{}</p>", "\u{fffd}\u{10ffff}".repeat(100_000)).into_bytes(),
        format!("<script type=application/ld+json>{}{}</script>{lines}", "[".repeat(100_000), "]".repeat(100_000)).into_bytes(),
        format!("<title>{}</title>{lines}", "a - ".repeat(50_000)).into_bytes(),
        format!("<div class='{}'>{lines}</div>", "share ".repeat(50_000)).into_bytes(),
        format!("<time datetime='{}'>1.1.2025</time>{lines}", "2025-".repeat(10_000)).into_bytes(),
        format!("<h1>{}</h1>{lines}", "x".repeat(100_000)).into_bytes(),
        // What made the parser or the rules slow at some time.
        format!("<div{}>{lines}", (0..100_000).fold(String::new(), |all, n| all + &format!(" a{n}=1"))).into_bytes(),
        format!("<div{}>{lines}", " class=x".repeat(200_000)).into_bytes(),
        format!("{}{}{lines}", "<div>text ".repeat(480), "<br>".repeat(240_000)).into_bytes(),
        format!("{}{lines}", "<div class=date>1.1.2025 <time>2.2.2025</time></div>".repeat(30_000)).into_bytes(),
        format!("{}{lines}", "<h2><a href=/x>Title of another article here</a></h2>".repeat(40_000)).into_bytes(),
        format!("<svg>{}</svg>{lines}", "<g><path d='M0 0'/></g>".repeat(200_000)).into_bytes(),
        format!("{}{lines}", "<svg>".repeat(100_000)).into_bytes(),
        format!("{}{lines}", "<svg><p></svg>".repeat(50_000)).into_bytes(),
        format!("{}{lines}", "<script>a<!--</script>".repeat(50_000)).into_bytes(),
        format!("{}{lines}", "<title>".repeat(100_000)).into_bytes(),
        format!("{}{lines}", "</p x='".repeat(100_000)).into_bytes(),
        format!("{lines}{}", "<!--".repeat(1_000_000)).into_bytes(),
        format!("<script>{}</script>{lines}", "x".repeat(20 * 1024 * 1024)).into_bytes(),
        lines.repeat(20 * 1024 * 1024 / lines.len()).into_bytes(),
    ];
    for page in pages {
        let _ = run(&page);
    }
}

#[test]
fn no_debris_reaches_the_text() {
    let body = "<html><title>Bridge closed</title><article><h1>Bridge closed</h1><p>The brid\u{ad}ge was clo\u{200b}sed on Monday, the town said, \u{202e}and will stay closed\u{202c} until the pillars have been looked at by an engi\u{feff}neer from the capital.</p></article>";
    let Extracted::Article(article) = run(body.as_bytes()) else {
        panic!("no article");
    };
    assert!(
        article.text.starts_with(
            "The bridge was closed on Monday, the town said, and will stay closed until"
        ),
        "{}",
        article.text
    );
    assert!(article.text.contains("an engineer"));
}
