//! Pages made to hurt, each with what is to become of it. Shared by the test (outcomes) and the
//! example `hostile` (time and memory).

use events::SkipReason;

/// What is to become of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// An article, whatever else stood on the page.
    Article,
    /// Too much of something.
    TooComplex,
    /// Any other end.
    NoArticle,
}

impl Outcome {
    pub(crate) fn of(skipped: Option<SkipReason>) -> Self {
        match skipped {
            None => Self::Article,
            Some(SkipReason::TooComplex) => Self::TooComplex,
            Some(_) => Self::NoArticle,
        }
    }
}

/// A page, made when it is needed: all together they would not be small.
pub(crate) struct Hostile {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) make: fn() -> Vec<u8>,
}

const LINES: &str = "<p>The bridge was closed on Monday, the town said, and will stay closed until the pillars have been looked at by an engineer.</p>\
<p>Drivers are led over the old ferry road until then, which adds, they say, about half an hour to the way into the city.</p>\
<p>The engineer comes from the capital on Thursday; only after that will it be known how long the repair takes, and what it costs.</p>";

fn lines() -> String {
    LINES.to_owned()
}

fn before(what: &str, times: usize) -> Vec<u8> {
    format!("{}{}", what.repeat(times), lines()).into_bytes()
}

fn after(what: &str, times: usize) -> Vec<u8> {
    format!("<article>{}{}", lines(), what.repeat(times)).into_bytes()
}

fn counted(count: usize, write: impl Fn(usize) -> String) -> String {
    let mut all = String::new();
    for number in 0..count {
        all.push_str(&write(number));
    }
    all
}

fn data(json: &str) -> Vec<u8> {
    format!("<script type=application/ld+json>{json}</script><article>{}", lines()).into_bytes()
}

const fn page(name: &'static str, outcome: Outcome, make: fn() -> Vec<u8>) -> Hostile {
    Hostile { name, outcome, make }
}

/// All of them.
pub(crate) fn pages() -> Vec<Hostile> {
    use Outcome::{Article, NoArticle, TooComplex};
    vec![
        // More of something than is parsed.
        page("100,000 divs in each other", TooComplex, || "<div>".repeat(100_000).into()),
        page("lists in lists", TooComplex, || "<ul><li>".repeat(32_000).into()),
        page("bold in italics", TooComplex, || "<b><i>".repeat(10_000).into()),
        page("formatting again and again", TooComplex, || {
            let open = counted(400, |number| format!("<b class={number}>"));
            format!("<p>{open}{}", "<p>x".repeat(20_000)).into()
        }),
        page("tables in tables", TooComplex, || "<table><tr><td>".repeat(20_000).into()),
        page("a million elements", TooComplex, || "<p>a</p>".repeat(1_000_000).into()),
        page("25 MB of text", TooComplex, || "text ".repeat(5 * 1024 * 1024).into()),
        page("a million end tags without a start", TooComplex, || {
            ("<span>".repeat(500) + &"</x>".repeat(1_000_000)).into()
        }),
        page("500 deep, then 240,000 breaks", Article, || {
            (("<div>text ".repeat(480)) + &"<br>".repeat(240_000) + &lines()).into()
        }),
        page("500 boxes of contents in each other round 200,000 breaks", Article, || {
            let boxes = "<div id=toc>".repeat(480);
            format!("{boxes}{}{}", "<br>".repeat(200_000), lines()).into()
        }),
        page("500 teasers in each other between headline and text", Article, || {
            let boxes = "<div class=teaser>".repeat(480);
            let lead = "A lead of about as many letters as a lead has, and then some more of them.";
            let ends = "</div>".repeat(480);
            format!("<h1>T</h1>{boxes}{lead}{}{ends}{}", "<br>".repeat(200_000), lines()).into()
        }),
        page("30,000 buttons with hidden panels", Article, || {
            let one = "<h3><button aria-expanded=false>A</button></h3><div hidden>B</div>";
            format!("{}{}", one.repeat(30_000), lines()).into()
        }),
        page("100,000 attributes", Article, || {
            format!("<div{}>{}", counted(100_000, |n| format!(" a{n}=1")), lines()).into()
        }),
        page("200,000 times the same attribute", Article, || {
            format!("<div{}>{}", " class=x".repeat(200_000), lines()).into()
        }),
        // Nothing there.
        page("nothing", NoArticle, Vec::new),
        page("blanks", NoArticle, || b" \n\t ".to_vec()),
        page("zeros", NoArticle, || vec![0; 10_000]),
        page("bytes of no encoding", NoArticle, || vec![0xff; 10_000]),
        page("all bytes", NoArticle, || (0..=255_u8).cycle().take(100_000).collect()),
        page("a bracket", NoArticle, || b"<".to_vec()),
        page("a comment without an end", NoArticle, || b"<!--".to_vec()),
        page("a script without an end", NoArticle, || b"<script>".to_vec()),
        page("foreign content", NoArticle, || b"<svg><math><table><select><option>".to_vec()),
        page("100,000 title tags", NoArticle, || before("<title>", 100_000)),
        page("100,000 broken end tags", Article, || before("</p x='", 100_000)),
        page("100,000 drawings", TooComplex, || before("<svg>", 100_000)),
        // Articles with something terrible beside them.
        page("marks that turn the text round", Article, || {
            format!("<title>T</title><article>{}<p>\u{202e}reversed\u{0}\u{1}\u{200b} text, and more of it, so that it is long enough to count</p></article>", lines()).into()
        }),
        page("a picture in an address", Article, || {
            format!(
                "<article>{}<img src='data:image/png;base64,{}'>",
                lines(),
                "AAAA/".repeat(60_000)
            )
            .into()
        }),
        page("a program of 1.5 MB", Article, || {
            format!("<script>{}</script>{}", "var a = '<div>';".repeat(100_000), lines()).into()
        }),
        page("a program of 20 MB", Article, || {
            format!("<script>{}</script>{}", "x".repeat(20 * 1024 * 1024), lines()).into()
        }),
        page("a comment of 1 MB", Article, || {
            format!("<!-- {} -->{}", "x".repeat(1_000_000), lines()).into()
        }),
        page("a word of 1.4 MB", NoArticle, || {
            format!("<p>{}</p>", "wordwithoutend".repeat(100_000)).into()
        }),
        page("signs of no meaning", NoArticle, || {
            format!("<p>{}</p>", "\u{fffd}\u{10ffff}".repeat(100_000)).into()
        }),
        page("20 MB of the same article", Article, || {
            LINES.repeat(20 * 1024 * 1024 / LINES.len()).into()
        }),
        page("10 MB of an article in 30,000 paragraphs", Article, || {
            counted(30_000, |n| {
                format!("<p>{n} {}</p>", "The bridge was closed, the town said. ".repeat(8))
            })
            .into()
        }),
        page("data nested 100,000 deep", Article, || {
            data(&("[".repeat(100_000) + &"]".repeat(100_000)))
        }),
        page("data of 100,000 authors", Article, || {
            let all = counted(100_000, |n| {
                format!("{{\"name\":\"Jane Doe{}\"}},", (b'a' + (n % 26) as u8) as char)
            });
            data(&format!("{{\"@type\":\"NewsArticle\",\"author\":[{all}{{}}]}}"))
        }),
        page("data of 100,000 keywords", Article, || {
            let all = counted(100_000, |n| format!("\"word {n}\","));
            data(&format!("{{\"@type\":\"NewsArticle\",\"keywords\":[{all}\"\"]}}"))
        }),
        page("data that refers to itself 50,000 times", Article, || {
            let all = counted(50_000, |n| {
                format!(
                    "{{\"@type\":\"NewsArticle\",\"@id\":\"{n}\",\"author\":{{\"@id\":\"{}\"}}}},",
                    n + 1
                )
            });
            data(&format!("{{\"@graph\":[{all}{{}}]}}"))
        }),
        page("5,000 pieces of data", Article, || {
            let one = "<script type=application/ld+json>{\"@type\":\"NewsArticle\",\"headline\":\"Bridge\"}</script>";
            before(one, 5_000)
        }),
        page("a title of 50,000 parts", Article, || {
            format!("<title>{}</title>{}", "a - ".repeat(50_000), lines()).into()
        }),
        page("50,000 class names", TooComplex, || {
            format!("<div class='{}'>{}</div>", "share ".repeat(50_000), lines()).into()
        }),
        page("a date of 50,000 bytes", Article, || {
            format!("<time datetime='{}'>1.1.2025</time>{}", "2025-".repeat(10_000), lines()).into()
        }),
        page("a headline of 100,000 letters", Article, || {
            format!("<h1>{}</h1>{}", "x".repeat(100_000), lines()).into()
        }),
        page("30,000 dates", Article, || {
            before("<div class=date>1.1.2025 <time>2.2.2025</time></div>", 30_000)
        }),
        page("120,000 dates without a day", Article, || before("<time></time>", 120_000)),
        page("a paragraph of 400,000 dates", Article, || {
            format!("<article>{}<p>{}</p>", lines(), "1.1.2025 ".repeat(400_000)).into()
        }),
        page("100,000 numbers in one line of a byline", Article, || {
            format!("<div class=byline>{}</div>{}", "1 2 ".repeat(50_000), lines()).into()
        }),
        page("40,000 bylines of different people", NoArticle, || {
            let all = counted(40_000, |n| {
                let letter = |at: usize| (b'a' + (n / 26_usize.pow(at as u32) % 26) as u8) as char;
                format!(
                    "<span class=author>Jane Do{}{}{}{}</span>",
                    letter(0),
                    letter(1),
                    letter(2),
                    letter(3)
                )
            });
            format!("<h1>Bridge</h1><div>{all}</div>{}", lines()).into()
        }),
        page("40,000 keywords in the head", Article, || {
            let all =
                counted(40_000, |n| format!("<meta property=article:tag content='word {n}'>"));
            format!("{all}<article>{}", lines()).into()
        }),
        page("1 MB of keywords", TooComplex, || {
            let all = counted(120_000, |n| format!("word {n},"));
            format!("<meta name=keywords content='{all}'><article>{}", lines()).into()
        }),
        page("40,000 addresses of the page", Article, || {
            format!("{}<article>{}", "<link rel=canonical href=/a>".repeat(40_000), lines()).into()
        }),
        page("40,000 linked headings", NoArticle, || {
            before("<h2><a href=/x>Title of another article here</a></h2>", 40_000)
        }),
        page("40,000 different headings", Article, || {
            format!(
                "<article>{}{}",
                lines(),
                counted(40_000, |n| format!("<h{}>Part {n}</h{}>", 2 + n % 5, 2 + n % 5))
            )
            .into()
        }),
        page("a row of 60,000 cells", Article, || {
            format!("<article>{}<table><tr>{}</table>", lines(), "<td>a".repeat(60_000)).into()
        }),
        page("60,000 rows", Article, || {
            format!("<article>{}<table>{}</table>", lines(), "<tr><td>a<td>b".repeat(40_000)).into()
        }),
        page("a list of 80,000 items", Article, || {
            format!("<article>{}<ul>{}</ul>", lines(), "<li>An item".repeat(80_000)).into()
        }),
        page("80,000 links", Article, || after("<a href=/x>y</a> ", 80_000)),
        page("60,000 footnotes", Article, || after("text<sup>1</sup> ", 60_000)),
        page("quotes in quotes", Article, || after("<blockquote>text, and more of it. ", 400)),
        page("links in links", TooComplex, || after("<a href=/x>text <b>", 5_000)),
        page("a drawing of 200,000 parts", Article, || {
            format!("<svg>{}</svg>{}", "<g><path d='M0 0'/></g>".repeat(200_000), lines()).into()
        }),
        page("50,000 drawings that break out", Article, || before("<svg><p></svg>", 50_000)),
        page("50,000 programs with a comment", Article, || {
            before("<script>a<!--</script>", 50_000)
        }),
        page("30,000 boxes that each lead on", Article, || {
            after(
                "<div class=a><div><p>text, and more of it, and some more.</p><a href=/x>Read it</a></div></div>",
                30_000,
            )
        }),
        page("500 boxes round 5,000 cards with titles", NoArticle, || {
            let card = "<div class=a><h3><a href=/x>The title of a card</a></h3><p>text, and more of it, and some more.</p></div>";
            format!("<article>{}{}{}", lines(), "<div>".repeat(400), card.repeat(5_000)).into()
        }),
        page("a million letters and a million comments", Article, || {
            before(&format!("{}{}", "a".repeat(1_000_000), "<!>".repeat(1_000_000)), 1)
        }),
        page("a million comments that begin", Article, || {
            format!("{}{}", lines(), "<!--".repeat(1_000_000)).into()
        }),
        page("a state of 4 MB", Article, || {
            let all = counted(100_000, |n| format!("\"key{n}\":{{\"text\":\"<p>a\"}},"));
            format!("<script id=__NEXT_DATA__ type=application/json>{{{all}\"z\":0}}</script><article>{}", lines()).into()
        }),
        page("a link that 40,000 blocks stand in", Article, || {
            let link = format!("<p><a href=https://a.example/{}>x", "y".repeat(2_000));
            format!("<article>{}{link}{}", lines(), "<br><br>a bc".repeat(40_000)).into()
        }),
        page("20,000 templates", Article, || {
            before("<script type=text/template><p>a</p></script>", 20_000)
        }),
        page("text of a script without spaces, 6 MB", Article, || {
            format!("<article><p>{}</p>", "橋は月曜日に閉鎖された。".repeat(170_000)).into()
        }),
    ]
}
