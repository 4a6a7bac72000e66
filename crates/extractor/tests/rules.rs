//! One invented page for each rule: what is kept, what is left out, and what is said of it.

use extractor::{Contradiction, Draft, Extracted, Hints, PageInput, extract};

const ONE: &str = "The bridge over the river was closed on Monday after an inspector found cracks in two of its pillars, the town said.";
const TWO: &str = "Traffic is led over the old ferry road until further notice, which adds, drivers say, about half an hour to the way into the city.";
const THREE: &str = "An engineer from the capital is expected on Thursday; only then will it be known how long the repair takes, and what it costs.";

fn article(page: &str) -> Box<events::ArticleContent> {
    match extract(&PageInput {
        body: page.as_bytes(),
        url: Some("https://post.example/news/bridge"),
        ..PageInput::default()
    }) {
        Extracted::Article(article) => article,
        Extracted::Skipped { reason, detail } => panic!("{reason}: {detail}\n{page}"),
    }
}

fn framed(body: &str) -> String {
    format!(
        "<html lang=en><title>Bridge closed | The Post</title><body><nav><a href=/>Home</a> <a href=/s>Sport</a></nav><h1>Bridge closed</h1><div class=story>{body}</div><footer>© The Post, all of it reserved for ever and ever, as the law has it.</footer></body>"
    )
}

/// The text that any of these pages must give.
fn wanted() -> String {
    format!("{ONE}\n\n{TWO}\n\n{THREE}")
}

#[test]
fn furniture_in_many_designs_is_left_out() {
    let paragraphs = format!("<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>");
    for (name, body) in [
        ("plain", paragraphs.clone()),
        (
            "share bar",
            format!(
                "{paragraphs}<div class=share-buttons><a href=/f>Facebook</a> <a href=/t>Tweet it to everybody you know</a></div>"
            ),
        ),
        (
            "newsletter inside",
            format!(
                "<p>{ONE}</p><div class=newsletter-signup><p>Get the best of our stories every morning, in your mailbox, for nothing at all.</p></div><p>{TWO}</p><p>{THREE}</p>"
            ),
        ),
        (
            "related list below a heading",
            format!(
                "{paragraphs}<h2>Related articles</h2><ul><li><a href=/1>Ferry road to be widened, council says</a></li><li><a href=/2>Storm leaves a thousand homes dark</a></li></ul>"
            ),
        ),
        (
            "related line with a link",
            format!(
                "<p>{ONE}</p><p>Read more: <a href=/x>Ferry road to be widened</a></p><p>{TWO}</p><p>{THREE}</p>"
            ),
        ),
        (
            "cards of other articles",
            format!(
                "{paragraphs}<div><div class=c><h3><a href=/1>Ferry road to be widened</a></h3><p>The council decided on Tuesday that the road gets a second lane, after years of talk.</p></div><div class=c><h3><a href=/2>Storm leaves homes dark</a></h3><p>A thousand homes were without light on Sunday evening, the company said, most of them in the valley.</p></div></div>"
            ),
        ),
        (
            "excerpts that are cut",
            format!(
                "{paragraphs}<ul><li><a href=/1><img src=/1.jpg></a><p>The council decided on Tuesday that the road gets a second lane after years...</p></li><li><a href=/2><img></a><p>A thousand homes were without light on Sunday evening, the company said, most…</p></li><li><a href=/3><img></a><p>Nobody had expected the result of the vote that was held on Sunday in the...</p></li></ul>"
            ),
        ),
        (
            "hidden",
            format!(
                "{paragraphs}<div style='display: none'><p>This text is not shown to anybody, and nobody misses it, which is as well.</p></div>"
            ),
        ),
        (
            "comments",
            format!(
                "{paragraphs}<section id=comments><p>I have said for years that this bridge is not safe, and nobody would listen to me, ever.</p></section>"
            ),
        ),
        ("signature", format!("{paragraphs}<p>For more, visit <a href=/>the front page</a>.</p>")),
        ("printed twice", format!("{paragraphs}<div class=print-version>{paragraphs}</div>")),
        (
            "figure",
            format!(
                "<p>{ONE}</p><figure><img src=b.jpg><figcaption>The bridge in better days. Photo: J. Doe</figcaption></figure><p>{TWO}</p><p>{THREE}</p>"
            ),
        ),
        (
            "split over siblings",
            format!(
                "<div class=part-a><p>{ONE}</p></div><div class=x><a href=/buy>Buy</a></div><div class=part-b><p>{TWO}</p><p>{THREE}</p></div>"
            ),
        ),
        ("a lie in the name of a wrapper", format!("<div class=sidebar-layout>{paragraphs}</div>")),
        ("line breaks for paragraphs", format!("{ONE}<br><br>{TWO}<br><br>{THREE}")),
    ] {
        assert_eq!(article(&framed(&body)).text, wanted(), "{name}");
    }
}

#[test]
fn a_lead_apart_from_the_body_is_kept() {
    let page = format!(
        "<title>Bridge closed</title><header><h1>Bridge closed</h1><p class=standfirst>{ONE}</p></header><div class=ad><a href=/a>ad</a></div><div class=article-body><p>{TWO}</p><p>{THREE}</p></div>"
    );
    assert_eq!(article(&page).text, wanted());
}

#[test]
fn a_lead_is_kept_whatever_its_element_is_called() {
    let lead = "Nobody was hurt, but half of the city has to find another way to work this week.";
    for (name, head) in [
        ("heading", format!("<h2 class=subheadline>{lead}</h2>")),
        ("teaser", format!("<div class=teaser-text><p>{lead}</p></div>")),
        ("excerpt", format!("<p class=article-excerpt>{lead}</p>")),
        ("list of a teaser", format!("<div class=teaser><ul><li>{lead}</li></ul></div>")),
        (
            "photographer beside",
            format!(
                "<div><figure><img src=b.jpg><figcaption>© Jo Doe</figcaption></figure><p>{lead}</p></div>"
            ),
        ),
    ] {
        let page = format!(
            "<html lang=en><title>Bridge closed</title><body><header><h1>Bridge closed</h1>{head}</header><div class=article-body><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div></body>"
        );
        assert_eq!(article(&page).text, format!("{lead}\n\n{}", wanted()), "{name}");
    }
    // Cards of other articles between headline and body are no lead, however they are called.
    let cards = "<div class=teaser><h3><a href=/1>Ferry road to be widened</a></h3><p>The council decided on Tuesday that the road gets a second lane, after years of talk.</p></div>";
    let page = format!(
        "<html lang=en><title>Bridge closed</title><body><h1>Bridge closed</h1>{cards}<div class=article-body><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div></body>"
    );
    assert_eq!(article(&page).text, wanted());
}

#[test]
fn names_that_only_look_like_furniture_are_not_believed() {
    for (name, first) in [
        (
            "what is beyond the edge is hidden",
            format!("<div class=overflow-hidden><p>{ONE}</p></div>"),
        ),
        (
            "the label is hidden",
            format!("<div class='field field-label-hidden'><p>{ONE}</p></div>"),
        ),
        ("letters of a number", format!("<div id=container-bb80b6ad2d><p>{ONE}</p></div>")),
        ("letters of a machine", format!("<p class='pk pl jd pm ad kb pn po'>{ONE}</p>")),
        (
            "words of a heading",
            format!("<div id=how-the-social-share-of-traffic-grew><p>{ONE}</p></div>"),
        ),
        ("a state", format!("<div class=sidebar-enabled--false><p>{ONE}</p></div>")),
        ("a post's category", format!("<div class='hentry category-cookies'><p>{ONE}</p></div>")),
        ("a section of the contents", format!("<div id=toc_title_1><p>{ONE}</p></div>")),
    ] {
        let page = framed(&format!("{first}<p>{TWO}</p><p>{THREE}</p>"));
        assert_eq!(article(&page).text, wanted(), "{name}");
    }
    // A heading's id is made of its words, too.
    let page = framed(&format!(
        "<p>{ONE}</p><p>{TWO}</p><h2 id=social-media>Social media</h2><p>{THREE}</p>"
    ));
    assert_eq!(article(&page).text, format!("{ONE}\n\n{TWO}\n\nSocial media\n\n{THREE}"));
}

#[test]
fn what_a_reader_can_open_is_part_of_the_article() {
    for (name, panel) in [
        (
            "a button before it",
            format!(
                "<h3><button aria-expanded=false>Who pays for it?</button></h3><div hidden aria-hidden=true><p>{TWO}</p></div>"
            ),
        ),
        (
            "a region",
            format!(
                "<h3>Who pays for it?</h3><div role=region style='display:none'><p>{TWO}</p></div>"
            ),
        ),
        (
            "a name",
            format!(
                "<h3>Who pays for it?</h3><div class='accordion-panel is-hidden'><p>{TWO}</p></div>"
            ),
        ),
        (
            "streamed by React",
            format!("<h3>Who pays for it?</h3><div hidden id=S:1><p>{TWO}</p></div>"),
        ),
    ] {
        let page = framed(&format!("<p>{ONE}</p>{panel}<p>{THREE}</p>"));
        let wanted = format!("{ONE}\n\nWho pays for it?\n\n{TWO}\n\n{THREE}");
        assert_eq!(article(&page).text, wanted, "{name}");
    }
}

#[test]
fn the_end_of_an_article_is_its_last_sentence() {
    for (name, end) in [
        ("a line that leads on", "<p>You may want to know as well:</p>"),
        ("a bold line", "<p><strong>Further topics</strong></p>"),
        (
            "the author's life",
            "<p>Jane Doe is a reporter of the Post since 2015.</p><p>She lives in the harbour.</p>",
        ),
        ("the author's life by first name", "<p>Jane writes about traffic and lives in town.</p>"),
    ] {
        let page = framed(&format!(
            "<p class=byline>By <a rel=author href=/jane>Jane Doe</a></p><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>{end}"
        ));
        assert_eq!(article(&page).text, wanted(), "{name}");
    }
    // A house has no first name.
    let report = "The reports were handed to the council on Friday, and are to be read next week.";
    let page = framed(&format!(
        "<p class=byline>By <a rel=author href=/p>The Harbour Press</a></p><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p><p>{report}</p>"
    ));
    assert!(article(&page).text.ends_with(report));
    // A story that tells of its author's namesake from the beginning is not cut.
    let story = "Jane Doe has been the keeper of the bridge for thirty years, and so was her father, who painted it green.";
    let page = framed(&format!(
        "<p class=byline>By <a rel=author href=/jane>Jane Doe</a></p><p>{story}</p><p>{ONE}</p><p>{TWO}</p><p>Jane Doe is a patient woman, those who work with her say.</p>"
    ));
    assert!(article(&page).text.ends_with("those who work with her say."));
}

#[test]
fn a_large_pop_up_is_not_the_article() {
    let legal = "<p>We and our partners store and read information on your device, such as cookies, and process personal data, such as identifiers, for the purposes below.</p>".repeat(8);
    let page = format!(
        "<title>Bridge closed</title><h1>Bridge closed</h1><div><p>{ONE}</p><p>{TWO}</p><p>{THREE}</p></div><div class=cookie-popup>{legal}</div>"
    );
    assert_eq!(article(&page).text, wanted());
}

#[test]
fn lists_tables_quotes_and_code_keep_their_form() {
    let body = format!(
        "<p>{ONE}</p><ul><li>two pillars</li><li>one road</li></ul><blockquote>{TWO}</blockquote><table><tr><th>Year</th><th>Cost</th></tr><tr><td>2020</td><td>12</td></tr></table><pre>a = 1\n  b = 2</pre><p>{THREE}</p>"
    );
    let article = article(&framed(&body));
    assert_eq!(
        article.text,
        format!(
            "{ONE}\n\ntwo pillars\none road\n\n{TWO}\n\nYear | Cost\n2020 | 12\n\na = 1\n  b = 2\n\n{THREE}"
        )
    );
    let html = article.html.unwrap();
    for part in [
        "<ul><li>two pillars</li><li>one road</li></ul>",
        "<blockquote><p>",
        "<td>2020</td>",
        "<pre>a = 1\n  b = 2</pre>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn links_are_absolute_and_only_of_the_web() {
    let body = format!(
        "<p>{ONE} <a href='/more'>More</a> <a href='javascript:alert(1)'>now</a> <a href='//cdn.example/x'>x</a> &lt;script&gt;</p><p>{TWO}</p>"
    );
    let html = article(&framed(&body)).html.unwrap();
    assert!(html.contains("<a href=\"https://post.example/more\" rel=\"noopener noreferrer\">More</a> now <a href=\"https://cdn.example/x\""), "{html}");
    assert!(html.contains("&lt;script&gt;") && !html.contains("javascript"), "{html}");
}

#[test]
fn the_data_of_the_page_stands_in_where_the_page_shows_nothing() {
    let body = wanted().replace("\n\n", "\\n\\n");
    let page = format!(
        "<title>Bridge closed</title><script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Bridge closed\",\"articleBody\":\"{body}\"}}</script><div id=app></div>"
    );
    assert_eq!(article(&page).text, wanted());
    let state = format!(
        "<title>Bridge closed</title><h1>Bridge closed</h1><script id=__NEXT_DATA__ type=application/json>{{\"props\":{{\"body\":\"<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>\"}}}}</script>"
    );
    assert_eq!(article(&state).text, wanted());
}

#[test]
fn what_the_page_says_of_itself_is_found() {
    let page = format!(
        "<html lang=en-GB><head><title>Bridge closed | The Post</title><meta property=og:site_name content='The Post'><meta property=og:image content=/b.jpg><link rel=canonical href=/news/bridge><meta property=article:section content=Local><meta name=keywords content='bridge, river'>\
        <script type=application/ld+json>{{\"@graph\":[{{\"@type\":\"NewsArticle\",\"headline\":\"Bridge closed\",\"author\":[{{\"@id\":\"#a\"}}],\"datePublished\":\"2025-12-02T10:00:00+01:00\",\"dateModified\":\"2025-12-02T12:00:00Z\",\"isAccessibleForFree\":false}},{{\"@type\":\"Person\",\"@id\":\"#a\",\"name\":\"By Jane Doe\"}}]}}</script></head>\
        <body><h1>Bridge closed</h1><div class=entry-content><p>{ONE}</p><p>{TWO}</p></div>"
    );
    let article = article(&page);
    assert_eq!(article.title.as_deref(), Some("Bridge closed"));
    assert_eq!(article.authors, ["Jane Doe"]);
    assert_eq!(article.published_at.unwrap().to_string(), "2025-12-02T09:00:00.000Z");
    assert_eq!(article.modified_at.unwrap().to_string(), "2025-12-02T12:00:00.000Z");
    assert_eq!(article.publisher.name.as_deref(), Some("The Post"));
    assert_eq!(article.publisher.domain.as_deref(), Some("post.example"));
    assert_eq!(article.image.url.as_deref(), Some("https://post.example/b.jpg"));
    assert_eq!(article.canonical.as_deref(), Some("https://post.example/news/bridge"));
    assert_eq!(article.language.as_deref(), Some("en-GB"));
    assert_eq!(article.section.as_deref(), Some("Local"));
    assert_eq!(article.tags, ["bridge", "river"]);
    assert_eq!(article.access, events::Access::Subscription);
    assert!(!article.complete);
}

#[test]
fn a_label_introduces_the_name_in_the_next_element() {
    for (byline, expected) in [
        ("<div><span>By</span><span>Jane Doe</span></div>", vec!["Jane Doe"]),
        ("<div><p>Written by</p><p>Jane Doe</p></div>", vec!["Jane Doe"]),
        (
            "<div><h6>Author(s)</h6><ul><li>Jane Doe</li><li>John Roe</li></ul></div>",
            vec!["Jane Doe", "John Roe"],
        ),
        ("<div><span>|&nbsp;By </span><span>Jane Doe</span></div>", vec!["Jane Doe"]),
        ("<dl><dt>Texte :</dt><dd>Jane Doe</dd></dl>", vec!["Jane Doe"]),
        // A kicker, a list of offers, and one who is named in running text.
        ("<div><p>Interview</p><p>Jane Doe</p></div>", vec![]),
        ("<div><p>By</p><p>ferry or by train</p></div>", vec![]),
        (
            "<p><span>2025.03.10.</span> <a href=/o>기사원문</a> <em>김민수 기자</em></p>",
            vec!["김민수"],
        ),
        ("<p><span>By Jane Doe</span><time>Mar 10, 2025</time></p>", vec!["Jane Doe"]),
        // Without a word for it, but beside a date.
        ("<p>Jane Doe</p><p>10 March 2025, 14:20</p>", vec!["Jane Doe"]),
        ("<p>10 March 2025</p><p>Jane Doe</p>", vec!["Jane Doe"]),
        ("<p>Jane Doe</p><p>Sport</p><p>Town</p>", vec![]),
        ("<p><a href=/t/hs>Harbour Storm</a></p><p>10 March 2025</p>", vec![]),
        ("<p>Harbour Storm River</p><p>10 March 2025</p>", vec![]),
        (
            "<p>The plan of the bridge that was shown to the council on Friday was drawn many years ago by <a href=/j>Jane Doe</a></p>",
            vec![],
        ),
    ] {
        let page = framed(&format!("{byline}<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>"));
        assert_eq!(article(&page).authors, expected, "{byline}");
    }
}

#[test]
fn a_first_name_in_the_data_is_completed_by_the_byline() {
    for (declared, printed, expected) in [
        ("Jane", "Jane Doe", "Jane Doe"),
        ("Jane", "John Roe", "Jane"),
        ("Jane Doe", "Jane Doe-Roe", "Jane Doe"),
    ] {
        let page = framed(&format!("<p class=byline>By {printed}</p><p>{ONE}</p><p>{TWO}</p>"))
            .replace("<body>", &format!("<meta name=author content='{declared}'><body>"));
        assert_eq!(article(&page).authors, [expected], "{declared} {printed}");
    }
    let page = framed(&format!("<p>{ONE}</p><p>{TWO}</p>")).replace(
        "<body>",
        "<meta name=twitter:label1 content='Time to read'><meta name=twitter:data1 content='7 minutes'><meta name=twitter:label2 content='Written by'><meta name=twitter:data2 content='Jane Doe'><body>",
    );
    assert_eq!(article(&page).authors, ["Jane Doe"]);
}

#[test]
fn an_editor_is_the_author_only_where_nobody_else_is_named() {
    for (lines, expected) in [
        ("<p>Edited by</p><p>John Roe</p><p>By Jane Doe</p>", "Jane Doe"),
        ("<p>Published by John Roe</p><p>Written by Jane Doe</p>", "Jane Doe"),
        ("<p class=byline>Edited by John Roe</p><p class=byline>By Jane Doe</p>", "Jane Doe"),
        ("<p class=byline>Edited by John Roe</p><p>By Jane Doe</p>", "Jane Doe"),
        ("<p>Veröffentlicht von Jan Roth</p><p>Von Anna Berg</p>", "Anna Berg"),
        ("<p>Publicado por Juan Gil</p><p>Texto: Ana Paz</p>", "Ana Paz"),
        ("<p>责任编辑：李大明</p><p>作者：王小明</p>", "王小明"),
        (
            "<div><span>记者 王小明</span> <time datetime=2024-05-23>2024-05-23</time></div>",
            "王小明",
        ),
        ("<p>Toimittaja Matti Virtanen</p>", "Matti Virtanen"),
        ("<p>Journalist Kari Nordmann</p>", "Kari Nordmann"),
        ("<p>Published by</p><p>John Roe</p>", "John Roe"),
        ("<p>Veröffentlicht von Jan Roth</p>", "Jan Roth"),
    ] {
        let page = framed(&format!("{lines}<p>{ONE}</p><p>{TWO}</p>"));
        assert_eq!(article(&page).authors, [expected], "{lines}");
    }
}

#[test]
fn a_house_named_as_author_gives_way_to_the_person_printed() {
    let page = framed(&format!("<p class=byline>By Jane Doe</p><p>{ONE}</p><p>{TWO}</p>")).replace("<body>", "<meta property=og:site_name content='The Post'><meta name=author content='The Post'><body>");
    let article = article(&page);
    assert_eq!(article.authors, ["Jane Doe"]);
    assert!(!article.text.contains("Jane"));
}

#[test]
fn the_feeds_time_fills_in_and_a_contradicting_title_lowers_confidence() {
    let page = framed(&format!("<p>{ONE}</p><p>{TWO}</p>"));
    let run = |title: &str| {
        let input = PageInput {
            body: page.as_bytes(),
            hints: Hints {
                title: Some(title),
                published_at: Some("2025-12-02T09:00:00Z".parse().unwrap()),
                ..Hints::default()
            },
            ..PageInput::default()
        };
        match extract(&input) {
            Extracted::Article(article) => article,
            Extracted::Skipped { detail, .. } => panic!("{detail}"),
        }
    };
    let (same, other) = (run("Bridge closed"), run("Council elects a new mayor"));
    assert_eq!(same.published_at_source, events::PublishedAtSource::Feed);
    assert_eq!(same.published_at.unwrap().to_string(), "2025-12-02T09:00:00.000Z");
    assert!(same.confidence > other.confidence);
}

#[test]
fn each_contradiction_with_the_feed_is_reported_and_lowers_confidence() {
    let page = framed(&format!(
        "<p>By Jane Doe</p><time datetime=2025-12-02T09:00:00Z>2 December</time><p>{ONE}</p><p>{TWO}</p>"
    ));
    let others = ["Ada Holm".to_owned()];
    let fits = Hints { title: Some("Bridge closed"), ..Hints::default() };
    let run = |hints: Hints<'_>| {
        let input = PageInput { body: page.as_bytes(), hints, ..PageInput::default() };
        let draft = Draft::new(&input);
        let reported = draft.contradictions().to_vec();
        match draft.into_extracted() {
            Extracted::Article(article) => (article.confidence, reported),
            Extracted::Skipped { detail, .. } => panic!("{detail}"),
        }
    };
    let (sure, none) = run(fits);
    assert_eq!(none, []);
    let foreign = "Voters elected another mayor yesterday, whose council promises cheaper swimming lessons, evening concerts and market stalls.";
    for (hints, expected) in [
        (Hints { title: Some("Council elects another mayor"), ..fits }, Contradiction::Title),
        (Hints { summary: Some(foreign), ..fits }, Contradiction::Summary),
        (Hints { authors: &others, ..fits }, Contradiction::Authors),
        (
            Hints { published_at: Some("2025-11-02T09:00:00Z".parse().unwrap()), ..fits },
            Contradiction::PublishedAt,
        ),
    ] {
        let (confidence, reported) = run(hints);
        assert_eq!(reported, [expected]);
        assert!(confidence < sure - 0.05, "{expected:?}: {confidence} beside {sure}");
    }
}

#[test]
fn a_house_with_an_and_in_its_name_is_one() {
    let declared = "<meta property=og:site_name content='Wood &amp; Water'><meta name=author content='Wood &amp; Water'><body>";
    for (byline, expected) in
        [("", "Wood & Water"), ("<p class=byline>By Jane Doe</p>", "Jane Doe")]
    {
        let page = framed(&format!("{byline}<p>{ONE}</p><p>{TWO}</p>")).replace("<body>", declared);
        assert_eq!(article(&page).authors, [expected]);
    }
}

#[test]
fn what_leads_to_other_articles_is_left_out_in_many_languages() {
    let paragraphs = format!("<p>{ONE}</p><p>{TWO}</p>");
    for (heading, pointer) in [
        ("Berita Terkait", "Baca juga"),
        ("Tin liên quan", "Xem thêm"),
        ("ข่าวที่เกี่ยวข้อง", "อ่านเพิ่มเติม"),
        ("यह भी पढ़ें", "ये भी पढ़ें"),
        ("Още по темата", "Прочетете още"),
        ("Articole similare", "Citește și"),
        ("Související články", "Čtěte také"),
        ("Seotud lood", "Loe ka"),
        ("Διαβάστε ακόμα", "Δείτε επίσης"),
        ("関連ニュース", "関連記事"),
        ("관련 뉴스", "관련기사"),
        ("أخبار ذات صلة", "اقرأ أيضًا"),
        ("כתבות נוספות", "קראו עוד"),
    ] {
        let page = framed(&format!(
            "{paragraphs}<p>{pointer}: <a href=/x>Ferry road to be widened</a></p><p>{THREE}</p><h3>{heading}</h3><ul><li><a href=/1>Ferry road to be widened, council says</a></li><li><a href=/2>Storm leaves a thousand homes dark</a></li></ul>"
        ));
        assert_eq!(article(&page).text, wanted(), "{heading} {pointer}");
    }
}

#[test]
fn preformatted_text_keeps_its_lines_and_tabs_and_holds_nothing_invisible() {
    let page = framed(&format!(
        "<p>{ONE}</p><pre>let\u{ad} a = 1;\n\tlet b\u{200b} = \u{202e}2;</pre><p>{TWO}</p><p>{THREE}</p>"
    ));
    let code = "let a = 1;\n\tlet b = 2;";
    let found = article(&page);
    assert_eq!(found.text, format!("{ONE}\n\n{code}\n\n{TWO}\n\n{THREE}"));
    assert!(found.html.unwrap().contains(&format!("<pre>{code}</pre>")));
}
