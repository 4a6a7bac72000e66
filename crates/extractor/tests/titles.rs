//! The headline as printed, whatever a page declares, in designs and scripts of many kinds.

use extractor::{Extracted, PageInput, extract};

const PROSE: &str = "<p>The bridge over the river was closed on Monday after an inspector found cracks in two of its pillars, the town said.</p><p>Traffic is led over the old ferry road until further notice, which adds, drivers say, about half an hour to the way into the city.</p><p>An engineer from the capital is expected on Thursday; only then will it be known how long the repair takes, and what it costs.</p>";

fn title(heading: &str, document: &str, og: &str) -> String {
    let og = if og.is_empty() {
        String::new()
    } else {
        format!("<meta property=og:title content=\"{og}\">")
    };
    let page = format!(
        "<html><meta charset=utf-8><title>{document}</title>{og}<body><header><a href=/>Logo</a> <nav><a href=/1>One</a> <a href=/2>Two</a></nav></header><main><div class=story>{heading}<div class=story__body>{PROSE}</div></div></main><footer><p>© 2025</p></footer></body></html>"
    );
    let input = PageInput {
        body: page.as_bytes(),
        url: Some("https://post.example/news/bridge"),
        ..PageInput::default()
    };
    match extract(&input) {
        Extracted::Article(article) => article.title.unwrap_or_default(),
        Extracted::Skipped { reason, detail } => panic!("{reason}: {detail}\n{page}"),
    }
}

#[test]
fn the_headline_is_the_one_that_is_printed() {
    const EN: &str = "Council approves plan to rebuild harbour bridge after storm";
    const DE: &str = "Rat stimmt dem Wiederaufbau der Hafenbrücke zu";
    const JA: &str = "市議会が港湾大橋の再建計画を承認、来春に着工へ";
    const ZH: &str = "市议会批准重建港口大桥计划";
    let h1 = |text: &str| format!("<h1>{text}</h1>");
    let pipe = "Precio del dólar hoy en México | Cotización del 2 de diciembre";
    let cup = "Germany wins the cup after extra time";
    let quote = "« Nous allons reconstruire le pont », promet le maire";
    for (heading, document, og, wanted) in [
        // Declared in other words for search engines.
        (h1(EN), "Crossing: what it means | Post", "What the vote on the crossing means", EN),
        (h1(JA), "市議会が橋の計画 - 某新聞", "橋の計画、市議会で", JA),
        // Kickers, badges and subtitles inside the heading.
        (
            h1(&format!("<span class=kicker>Hamburg</span><span>{DE}</span>")),
            &format!("{DE} | Post"),
            DE,
            DE,
        ),
        (
            h1(&format!(
                "<span class=headline__kicker>Nach dem langen Sturm</span> <span>{DE}</span>"
            )),
            "Hafenbrücke | Post",
            "Hafenbrücke: Rat stimmt zu",
            DE,
        ),
        (
            h1(&format!("{EN}<span class=visually-hidden> - opens a window</span>")),
            "x | Post",
            "Plan approved",
            EN,
        ),
        (
            h1(&format!("<span class=articleoverline>Harbour and town in autumn</span>{EN}")),
            EN,
            EN,
            EN,
        ),
        (
            h1(&format!(
                "<span class=pre>Crossing of the river</span> <span class=art-headline>{EN}</span>"
            )),
            "Crossing | Post",
            "Crossing of the river: what is planned",
            EN,
        ),
        // The first level is the site's name, which leads to its first page.
        (
            format!("<h1><a href=/>The Harbour Post of the Town</a></h1><h2>{EN}</h2>"),
            &format!("{EN} | The Harbour Post of the Town"),
            "",
            EN,
        ),
        // … or in one of its languages.
        (
            format!(
                "<h1><a href=/en/index.html>The Harbour Post of the Town</a></h1><h2>{EN}</h2>"
            ),
            &format!("{EN} | The Harbour Post of the Town"),
            "",
            EN,
        ),
        // A headline that leads there, by what is declared of the article.
        (format!("<h1><a href=/>{EN}</a></h1><h2>What the vote means</h2>"), "Post", EN, EN),
        // Names that only begin or end as that of the headline does.
        (
            h1(&format!("{EN} <span class=sub-headline>Work to begin in spring</span>")),
            &format!("{EN} | Post"),
            EN,
            EN,
        ),
        (
            h1(&format!("<span class=pre-headline>Crossing of the river</span> <b>{EN}</b>")),
            &format!("{EN} | Post"),
            EN,
            EN,
        ),
        (
            h1(&DE.replace(
                "dem Wiederaufbau der",
                "<em class=headline-em>dem Wiederaufbau der</em>",
            )),
            "Hafenbrücke | Post",
            DE,
            DE,
        ),
        // What is declared stands in the heading beside an element of its own.
        (
            h1(&format!("<span class=css-1x2>Release of the council of the town:</span>{EN}")),
            &format!("{EN} | Post"),
            "",
            EN,
        ),
        (
            h1("<span class=sub-heading>Brücken am Fluss: </span>Warum geschlossen?"),
            "Warum geschlossen? - Hafenpost",
            "Warum geschlossen? - Hafenpost",
            "Warum geschlossen?",
        ),
        // Lines by style only.
        (
            h1(&format!("<span class=one>Hafen am Fluss</span><span class=two>{DE}</span>")),
            "Brücke | Post",
            "Was wird?",
            &format!("Hafen am Fluss {DE}"),
        ),
        (
            h1(&format!("Brücken<span class=visually-hidden>: </span><span>{DE}</span>")),
            &format!("Brücken: {DE} | Post"),
            "",
            &format!("Brücken: {DE}"),
        ),
        (
            h1(&format!(
                "<b class=kicker>Brücken</b><i class=visually-hidden>: </i><span>{DE}</span>"
            )),
            "Was wird? | Post",
            "",
            DE,
        ),
        // What only screen readers get, beside a headline for all.
        (
            format!("<h1 class=sr-only>{EN} | Harbour | The Town Post</h1><h2>{EN}</h2>"),
            &format!("{EN} | Harbour | The Town Post"),
            "",
            EN,
        ),
        // A logo.
        (
            format!("<h1 class=topbar__logo>港口日报 PORT</h1><h2>{ZH}(2)</h2>"),
            &format!("{ZH}(2) :: 港口日报 PORT"),
            "",
            &format!("{ZH}(2)"),
        ),
        // No heading, and the site's name beside the headline.
        (
            format!("<p class=crumb>{EN} | Harbour Town Tires</p>"),
            &format!("{EN} | Harbour Town Tires"),
            "",
            EN,
        ),
        (h1(&format!("{EN} <small>Work to begin in spring, mayor says</small>")), EN, EN, EN),
        // Declared as a whole, whatever its parts are called.
        (
            h1(&EN.replace("approves plan", "<span class=overflow-hidden>approves plan</span>")),
            &format!("{EN} | Post"),
            EN,
            EN,
        ),
        (h1("<i class=flag>Germany</i> wins the cup after extra time"), "Cup | Post", cup, cup),
        (h1("<small>Germany</small> wins the cup after extra time"), cup, "", cup),
        (
            h1("The new i<span>Phone</span> costs more"),
            "The new iPhone costs more",
            "",
            "The new iPhone costs more",
        ),
        // … but for a label before it.
        (
            h1(&format!("<span class=label>Patch notes</span> {EN}")),
            &format!("Patch notes {EN} | Post"),
            "",
            EN,
        ),
        // A bar, or quotes, that belong to the headline.
        (h1(pipe), pipe, pipe, pipe),
        (h1(quote), &format!("{quote} - Le Port"), quote, quote),
        // No heading at all.
        (format!("<div class=news-title>{EN}</div>"), &format!("{EN} - The Harbour Post"), "", EN),
        (
            format!("<div class=headline-x>{EN}</div>"),
            &format!("The Harbour Post » News » {EN}"),
            "",
            EN,
        ),
        (format!("<p class=title>{ZH}</p>"), &format!("{ZH}-新华网"), "", ZH),
        (format!("<p class=title>{JA}</p>"), &format!("{JA}｜某新聞"), "", JA),
        (String::new(), &format!("{ZH}_新闻中心_某某网"), "", ZH),
    ] {
        assert_eq!(title(&heading, document, og), wanted, "{heading} {document} {og}");
    }
}
