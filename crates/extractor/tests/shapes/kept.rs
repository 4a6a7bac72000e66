//! What only looks like furniture is the article's.

use extractor::{Extracted, PageInput, extract};

use super::{
    ANOTHER, FOUR, ONE, OTHER, THREE, TWO, all, in_the_middle, paragraphs, text, without_tags,
};

#[test]
fn text_that_only_looks_like_furniture_is_kept() {
    for (name, body) in [
        (
            "walled section",
            format!(
                "<div class=x><p>{ONE}</p><p>{TWO}</p></div><div class=paywall><p>{THREE}</p><p>{FOUR}</p></div>"
            ),
        ),
        (
            "walled paragraphs",
            format!(
                "<p>{ONE}</p><p>{TWO}</p><p class=paywall>{THREE}</p><p class=paywall>{FOUR}</p>"
            ),
        ),
        (
            "behind read more",
            format!(
                "<p>{ONE}</p><p>{TWO}</p><a class=more href=#>Read more</a><div style='display:none'><p>{THREE}</p><p>{FOUR}</p></div>"
            ),
        ),
        (
            "hidden label",
            format!(
                "<div class='field field--label-visually_hidden'><p>{ONE}</p></div><p>{TWO}</p><p>{THREE}</p><p>{FOUR}</p>"
            ),
        ),
        (
            "button for each paragraph",
            [ONE, TWO, THREE, FOUR]
                .map(|one| {
                    format!("<div class=p><p>{one}</p><button>Share this quote</button></div>")
                })
                .concat(),
        ),
        (
            "a gallery",
            [ONE, TWO, THREE, FOUR]
                .map(|one| {
                    format!("<figure><img src=a.jpg><figcaption>{one}</figcaption></figure>")
                })
                .concat(),
        ),
    ] {
        assert_eq!(
            text(&format!("<article><h1>Bridge closed</h1>{body}</article>")),
            all(),
            "{name}"
        );
    }
    // An offer with a button is one, whatever it is called.
    let offer = format!(
        "<article><h1>Bridge closed</h1>{}<div class=paywall><p>{OTHER}</p><p>{ANOTHER}</p><button>Buy</button></div></article>",
        paragraphs()
    );
    assert_eq!(text(&offer), all());
}

#[test]
fn tables_lists_and_days_of_the_article_are_kept() {
    let list = "<ul><li><a href=https://a.example/>Foundation of the harbour</a>, accounts open</li><li><a href=https://b.example/>Foundation of the ferry</a>, accounts open</li><li><a href=https://c.example/>Foundation of the mill</a>, accounts open</li></ul>";
    let table = "<table><tr><th>Club</th><th>Points</th></tr><tr><td><a href=/1>Ferrymen</a></td><td>30</td></tr><tr><td><a href=/2>Millers</a></td><td>29</td></tr><tr><td><a href=/3>Bakers</a></td><td>28</td></tr></table>";
    let body = format!(
        "<article><h1>Bridge closed</h1><p>{ONE}</p>{list}<p>{TWO}</p>{table}<p>{THREE}</p></article>"
    );
    assert_eq!(
        text(&body),
        format!(
            "{ONE}\n\nFoundation of the harbour, accounts open\nFoundation of the ferry, accounts open\nFoundation of the mill, accounts open\n\n{TWO}\n\nClub | Points\nFerrymen | 30\nMillers | 29\nBakers | 28\n\n{THREE}"
        )
    );
    let days = format!(
        "<article><h1>Bridge closed</h1><p>2 December 2025</p><p>{ONE}</p><p><b>12 March 2024</b></p><p>{TWO}</p><p><b>4 May 2024</b></p><p>{THREE}</p></article>"
    );
    assert_eq!(text(&days), format!("{ONE}\n\n12 March 2024\n\n{TWO}\n\n4 May 2024\n\n{THREE}"));
}

#[test]
fn an_ordinary_section_is_kept_though_lists_of_links_begin_so_too() {
    for heading in [
        "Flere saker i retten",
        "Lue lisää ja voita",
        "Share prices fall",
        "More in store for drivers",
        "Comments on the draft law",
        "Weitere Themen des Rates",
    ] {
        let section = format!("<h2>{heading}</h2><p>{OTHER}</p><p>{ANOTHER}</p>");
        let wanted = format!("{}\n\n{heading}\n\n{OTHER}\n\n{ANOTHER}", all());
        let body = format!("<h1>Bridge closed</h1><div>{}{section}</div>", paragraphs());
        assert_eq!(text(&body), wanted, "{heading}");
        let links = "<p><a href=/1>The road to the old mill gets a second lane</a></p><p><a href=/2>A thousand homes were without light</a></p>";
        let list = format!("<h2>{heading}</h2>{links}");
        let body = format!("<h1>Bridge closed</h1><div>{}{list}</div>", paragraphs());
        assert_eq!(text(&body), all(), "{heading}");
    }
    for heading in ["Flere saker", "Lue lisää", "Comments (3)", "Advertisement: a new book"] {
        let section = format!("<h2>{heading}</h2><p>{OTHER}</p>");
        let body = format!("<h1>Bridge closed</h1><div>{}{section}</div>", paragraphs());
        assert_eq!(text(&body), all(), "{heading}");
    }
}

#[test]
fn a_place_at_the_beginning_is_kept_though_it_is_named_a_date() {
    let body = format!(
        "<h1>Bridge closed</h1><div><p><span class=dateline>KELMOUTH</span> – {ONE}</p><p>{TWO}</p><p>{THREE}</p><p>{FOUR}</p></div>"
    );
    assert_eq!(text(&body), format!("KELMOUTH – {}", all()));
}

#[test]
fn news_that_says_what_furniture_says_is_kept() {
    for told in [
        "Air passengers may receive compensation of up to 600 euros when their flight is late.",
        "In an emergency the warning goes straight to your phone, the ministry said.",
        "Members of the scheme may receive a commission of two per cent of what is sold.",
        "Forged bills were delivered to your inbox as often as real ones, the police found.",
        "Die Betriebe werden kategorisiert in drei Gruppen, sagte das Amt.",
        "Pollsters said the figures do not necessarily reflect the mood of the town.",
        "The views expressed by voters at the rally suggest that the race is open.",
        "The allegations appeared first on a local blog in 2019.",
        "The contract does not constitute investment advice, the court held.",
        "Las opiniones expresadas en la encuesta cambian con la edad.",
        "Picture: 9/10",
        "Photos: 50 megapixels",
        "Payment: cash, credit/debit card",
    ] {
        let body = format!("<h1>Bridge closed</h1><div>{}<p>{told}</p></div>", paragraphs());
        assert_eq!(text(&body), format!("{}\n\n{told}", all()), "{told}");
    }
    for offer in [
        "Get the day's news straight to your phone.",
        "We may earn a commission when you buy what we show.",
        "If you buy through links on this page, The Post may receive a commission.",
        "Opinions expressed here are the author's alone.",
        "This article does not constitute investment advice.",
        "The figures do not necessarily reflect the views of the house.",
    ] {
        let body = format!("<h1>Bridge closed</h1><div>{}<p>{offer}</p></div>", paragraphs());
        assert_eq!(text(&body), all(), "{offer}");
    }
}

#[test]
fn a_last_sentence_is_kept_whatever_ends_it_and_whatever_it_begins_with() {
    for last in [
        "‘We have nothing left.’",
        "'We have nothing left.'",
        "「もう何も残っていない」",
        "»Vi har intet«",
        "‚Wir haben nichts.‘",
        "Τι θα γίνει τώρα;",
        "اب کچھ باقی نہیں رہا۔",
        "ဘာမှမကျန်တော့ဘူး။",
        "Credit card debt rose again in the third quarter.",
        "Image is everything in this business, she added.",
        "Via text message, she said goodbye to him.",
        "Bild hatte zuerst über den Fall berichtet.",
        "Fonte di guai è soprattutto la ruggine.",
        "The mark © covers all of it.",
        "More than 200 people signed <a href=https://post.example/2>the letter</a> on Monday.",
    ] {
        let body = format!("<h1>Bridge closed</h1><div>{}<p>{last}</p></div>", paragraphs());
        assert_eq!(text(&body), format!("{}\n\n{}", all(), without_tags(last)));
    }
    // Sentences that no mark ends.
    let thai = "ประชาชนในเมืองต้องใช้เส้นทางอื่นเป็นเวลาหลายสัปดาห์เพราะสะพานถูกปิดเพื่อซ่อมแซมหลังจากพบรอยร้าว";
    let body = format!(
        "<h1>สะพานปิด</h1><div><p>{thai} ก</p><p>{thai} ข</p><p>{thai} ค</p><p>ตอนนี้ไม่เหลืออะไรแล้ว</p></div>"
    );
    assert!(text(&body).ends_with("ตอนนี้ไม่เหลืออะไรแล้ว"));
}

#[test]
fn a_paragraph_in_the_middle_is_kept_though_it_says_a_word_of_furniture() {
    for told in [
        "More than 200 people signed the open letter on <a href=https://facebook.com/savethebridge>Facebook</a> before noon.",
        "Track champion <a href=https://instagram.com/jane>Jane Doe</a> posted a picture of the gap on Sunday.",
        "Share prices fell at once, <a href=https://x.com/anna>an analyst</a> said, and rose again before noon.",
        "Mehr als 200 Menschen zeichneten den Brief auf <a href=https://facebook.com/b>Facebook</a> am Montag.",
        "Der Beitrag wurde am Montag im Rat beschlossen, und er gilt vom neuen Jahr an für alle.",
        "Bereits Abonnent der Zeitung war damals jeder zweite Haushalt der Stadt am Fluss.",
        "The paper had already a subscriber in every street of the town by the river.",
        "Das Schild „Folgen Sie uns auf dem Umweg“ steht seit Montag vor der Brücke.",
        "La Cour a jugé que la mention « reproduction interdite » ne suffit pas à elle seule.",
        "该报称他们未经授权不得转载，双方因此在法院争论了三年。",
        "The phishing link is delivered to your inbox within the hour, the police said.",
        "“They put the alerts straight to your phone and we pay for it,” said Jane Doe.",
        "Haberin devamı gelmedi, belediye sustu.",
        "<span>© Jane Doe</span> The council voted on Monday evening after long talks in the hall.",
    ] {
        let wanted = without_tags(told);
        let text = text(&in_the_middle(&format!("<p>{told}</p>")));
        assert_eq!(text, format!("{ONE}\n\n{TWO}\n\n{wanted}\n\n{THREE}\n\n{FOUR}"));
    }
    // Only whose the words are is cut off.
    for (told, owner) in [
        (
            "The council voted on Monday evening after long talks. The mayor was away.",
            "<br>© The Post",
        ),
        ("理事会は月曜日の夜に橋を閉じることを決めた。市長は欠席していたという。", "© 河州新聞"),
    ] {
        let text = text(&in_the_middle(&format!("<p>{told}{owner}</p>")));
        assert_eq!(text, format!("{ONE}\n\n{TWO}\n\n{told}\n\n{THREE}\n\n{FOUR}"));
    }
    for offer in [
        "Follow us on <a href=https://facebook.com/thepost>Facebook</a>.",
        "Already a subscriber? <a href=/login>Log in</a>.",
        "本文版权归河州新闻所有，未经授权不得转载。",
        "Download <a href=https://t.me/thepost>our channel's app</a> and never miss a story.",
    ] {
        assert_eq!(text(&in_the_middle(&format!("<p>{offer}</p>"))), all(), "{offer}");
    }
}

#[test]
fn a_section_beside_the_date_is_no_author() {
    let authors = |head: &str, below: &str| {
        let page = format!(
            "<html lang=en><title>Bridge closed | The Post</title><body><nav><a href=/r>Real Estate</a> <a href=/s>Sport</a></nav><h1>Bridge closed</h1>{head}<div>{}{below}</div></body>",
            paragraphs()
        );
        match extract(&PageInput { body: page.as_bytes(), ..PageInput::default() }) {
            Extracted::Article(article) => (article.authors, article.text),
            Extracted::Skipped { reason, detail } => panic!("{reason}: {detail}"),
        }
    };
    assert_eq!(authors("<div>Jane Doe | 10 March 2025</div>", "").0, ["Jane Doe"]);
    assert_eq!(authors("<div>Real Estate | 10 March 2025</div>", "").0, [""; 0]);
    // Not linked, but the text has the words in small letters.
    let told = "<p>The cost of climate protection has to change, said the mayor of the town.</p>";
    assert_eq!(authors("<div>Climate Change | 10 March 2025</div>", told).0, [""; 0]);
    let told = "John Roe is the second president to visit the town, and will see the bridge on Friday, his office said on Monday.";
    let (found, text) = authors("<div>John Roe | 10 March 2025</div>", &format!("<p>{told}</p>"));
    assert_eq!(found, [""; 0]);
    assert!(text.ends_with(told));
}

#[test]
fn numbers_at_the_end_are_told_where_the_line_before_them_is_no_sentence() {
    for told in [
        &["The results:", "3-1", "2-0"][..],
        &["The numbers of the draw", "31/12"],
        &["Whoever saw the car is asked to call:", "Tel: 0123 456789"],
    ] {
        let lines: String = told.iter().map(|line| format!("<p>{line}</p>")).collect();
        let body = format!("<h1>Bridge closed</h1><div>{}{lines}</div>", paragraphs());
        assert_eq!(text(&body), format!("{}\n\n{}", all(), told.join("\n\n")));
    }
    let body = format!("<h1>Bridge closed</h1><div>{}<p>12</p></div>", paragraphs());
    assert_eq!(text(&body), all());
}

#[test]
fn an_ordinary_heading_keeps_its_section() {
    for heading in [
        "Most popular baby names",
        "Sign up deadline moved to May",
        "More from the budget speech",
        "Don't miss the market hall",
        "Read more books, says minister",
        "Keep reading to children",
        "One comment that changed the vote",
        "Up next: Brazil",
    ] {
        let section = format!("<h2>{heading}</h2><p>{OTHER}</p><p>{ANOTHER}</p>");
        let wanted = format!("{}\n\n{heading}\n\n{OTHER}\n\n{ANOTHER}", all());
        let body = format!("<h1>Bridge closed</h1><div>{}{section}</div>", paragraphs());
        assert_eq!(text(&body), wanted, "{heading}");
    }
    let table =
        "<table><tr><td>2020</td><td>41 %</td></tr><tr><td>2025</td><td>48 %</td></tr></table>";
    let list = "<ul><li>Heat: 900 euros</li><li>Power: 400 euros</li></ul>";
    for (heading, data, last) in
        [("Share of renters by year", table, "48 %"), ("Related costs", list, "Power: 400 euros")]
    {
        let body =
            format!("<h1>Bridge closed</h1><div>{}<h2>{heading}</h2>{data}</div>", paragraphs());
        let text = text(&body);
        assert!(text.contains(heading) && text.ends_with(last), "{heading}: {text}");
    }
    // Alone, or over links, the same words open a list of others.
    for (heading, below) in [
        ("Most read", "<p>The road to the old mill gets a second lane</p>"),
        (
            "Most popular in sport",
            "<p><a href=/1>The road to the old mill gets a second lane</a></p>",
        ),
    ] {
        let body =
            format!("<h1>Bridge closed</h1><div>{}<h2>{heading}</h2>{below}</div>", paragraphs());
        assert_eq!(text(&body), all(), "{heading}");
    }
}
