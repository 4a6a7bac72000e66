//! What stands beside the article and inside it is told by shape, in any language: other stories,
//! what readers wrote, pointers, and text that only looks like furniture.

mod kept;

use extractor::{Extracted, PageInput, extract};

const ONE: &str = "The bridge over the river was closed on Monday after an inspector found cracks in two of its pillars, the town said.";
const TWO: &str = "Traffic is led over the old ferry road until further notice, which adds, drivers say, about half an hour to the way into the city.";
const THREE: &str = "An engineer from the capital is expected on Thursday; only then will it be known how long the repair takes, and what it costs.";
const FOUR: &str = "The council meets on Friday, and will hear from the owners of shops on both sides of the river, who expect a poor winter.";
const OTHER: &str = "The council decided on Tuesday that the road gets a second lane, after years of talk, and that work begins in the spring.";
const ANOTHER: &str = "A thousand homes were without light on Sunday evening, the company said, most of them in the valley behind the old mill.";

fn text(body: &str) -> String {
    let page = format!(
        "<html lang=en><title>Bridge closed | The Post</title><body><nav><a href=/>Home</a> <a href=/s>Sport</a></nav>{body}</body>"
    );
    match extract(&PageInput {
        body: page.as_bytes(),
        url: Some("https://post.example/news/bridge"),
        ..PageInput::default()
    }) {
        Extracted::Article(article) => article.text,
        Extracted::Skipped { reason, detail } => panic!("{reason}: {detail}\n{page}"),
    }
}

fn all() -> String {
    format!("{ONE}\n\n{TWO}\n\n{THREE}\n\n{FOUR}")
}

fn paragraphs() -> String {
    format!("<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p><p>{FOUR}</p>")
}

/// A page with something between the second paragraph and the third.
fn in_the_middle(inside: &str) -> String {
    format!(
        "<h1>Bridge closed</h1><div><p>{ONE}</p><p>{TWO}</p>{inside}<p>{THREE}</p><p>{FOUR}</p></div>"
    )
}

/// What a reader sees of a line.
fn without_tags(html: &str) -> String {
    html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

#[test]
fn a_line_over_the_text_that_says_when_and_by_whom_is_not_its_first_paragraph() {
    let page = |line: &str| {
        let paragraphs = all().replace("\n\n", "</p><p>");
        text(&format!(
            "<main><article><h1>Bridge closed</h1>{line}<div class=body><p>{paragraphs}</p></div></article></main>"
        ))
    };
    for line in [
        "<div class=autoria>Da Redação | 3 de dezembro de 2024, 08h30</div>",
        "<div class=d>12/03/2025 às 14h05 · Atualizado há 2 dias</div>",
        "<div>김민수 기자 <span>입력 2025.03.10 14:20</span> <span>수정 2025.03.11 09:00</span></div>",
        "<div>Mon, 10 Mar 2025 02:20 PM IST</div>",
        "<p>Updated: Mar. 12, 2025, 10:00 a.m.|Published: Mar. 10, 2025, 8:00 a.m.</p>",
        "<div class=szerzo>Szerző: Nagy Péter</div>",
        "<p>By Our Correspondent | Published March 10, 2025</p>",
        "<p>Publié le 10/03/2025 à 14:20, mis à jour le 11/03/2025 à 09:00</p>",
        "<p>Nagy Péter 2025.03.10. 14:20 Módosítva: 2025.03.11. 09:00</p>",
        "<div>Penulis: Budi Santoso</div><div>Senin, 10 Mar 2025 14:20 WIB</div>",
    ] {
        assert_eq!(page(line), all(), "{line}");
    }
    // What is said of a day and an hour is news, in a sentence and without one; so is what was
    // published, or created.
    for lead in [
        "The first crack was seen on 10 March 2025 at 14:20 by a driver.",
        "Funeral: 9 December 2025, 14:00, St Mary's church in Wexham",
        "Saturday 6 December 2025, 19:30, Town Hall",
        "Arsenal v Chelsea, 3 December 2025, 20:00 at the Emirates",
        "市議会は2025年3月10日14:20に開会し橋を直すと決めた",
        "Published accounts show a loss of £5m in the year to 31 March 2025",
        "Created in secret, the fund was closed on 12 March 2024 by the council",
    ] {
        assert_eq!(page(&format!("<p>{lead}</p>")), format!("{lead}\n\n{}", all()), "{lead}");
    }
}

#[test]
fn a_following_story_is_none_of_the_article() {
    let other =
        format!("<p>{OTHER}</p><p>{ANOTHER}</p><p>{OTHER} Again.</p><p>{ANOTHER} Again.</p>");
    let own = paragraphs();
    let meta = "<div class=meta><span class=author>Jo Doe</span> <time datetime=2025-12-02>2 Dec</time></div>";
    for (name, body) in [
        (
            "articles with headlines",
            format!(
                "<main><article><h1>Bridge closed</h1>{meta}{own}</article><article><h1>Road to be widened</h1>{meta}{other}{other}</article></main>"
            ),
        ),
        (
            "blocks with headlines",
            format!(
                "<main><div class=story><h1>Bridge closed</h1>{meta}{own}</div><div class=story><h1>Road to be widened</h1>{meta}{other}</div></main>"
            ),
        ),
        (
            "linked headline",
            format!(
                "<main><article class=story><h1>Bridge closed</h1>{meta}{own}</article><article class=story><h2><a href=/road>Road to be widened</a></h2>{meta}{other}</article></main>"
            ),
        ),
        (
            "teaser of the next",
            format!(
                "<main><article><h1>Bridge closed</h1>{own}</article><div class=n><span>Up next</span><h2><a href=/road>Road to be widened</a></h2><p>{OTHER}</p><p>{ANOTHER}</p><a href=/road>Continue</a></div></main>"
            ),
        ),
        (
            "wall of cards",
            format!(
                "<div><h1>Bridge closed</h1><div class=x>{own}</div><div class=y><div class=z><a href=/1><img src=1.jpg></a><a href=/1>Road to be widened</a><div>{OTHER}</div></div><div class=z><a href=/2><img src=2.jpg></a><a href=/2>Homes were dark</a><div>{ANOTHER}</div></div><div class=z><a href=/3><img src=3.jpg></a><a href=/3>Vote on Sunday, again</a><div>{OTHER}</div></div></div></div>"
            ),
        ),
        (
            "what readers wrote",
            format!(
                "<main><div class=n><h1>Bridge closed</h1>{own}</div><div class=d><h3>What people say</h3><div class=i><b>jo55</b><p>{OTHER}</p></div><div class=i><b>ann7</b><p>{ANOTHER}</p></div></div></main>"
            ),
        ),
        (
            "what readers wrote, with the time",
            format!(
                "<main><h1>Bridge closed</h1><div class=n>{own}</div><ul class=d><li class=i><b>Jo Doe</b> <span>04.12.2025 12:00</span><p>{OTHER}</p></li><li class=i><b>Ann Roe</b> <span>04.12.2025 12:01</span><p>{ANOTHER}</p></li></ul></main>"
            ),
        ),
    ] {
        assert_eq!(text(&body), all(), "{name}");
    }
}

#[test]
fn parts_with_headlines_and_answers_are_the_article() {
    let parts = format!(
        "<article><h1>Bridge closed</h1><section class=p><h2>Why</h2><p>{ONE}</p><p>{TWO}</p></section><section class=p><h2>And now</h2><p>{THREE}</p><p>{FOUR}</p></section></article>"
    );
    assert_eq!(text(&parts), format!("Why\n\n{ONE}\n\n{TWO}\n\nAnd now\n\n{THREE}\n\n{FOUR}"));
    let talk = format!(
        "<article><h1>Bridge closed</h1><p>{ONE}</p><p>{TWO}</p><div class=q><b>How long?</b><p>{THREE}</p></div><div class=q><b>And then?</b><p>{FOUR}</p></div></article>"
    );
    assert_eq!(
        text(&talk),
        format!("{ONE}\n\n{TWO}\n\nHow long?\n\n{THREE}\n\nAnd then?\n\n{FOUR}")
    );
}

#[test]
fn lines_that_lead_elsewhere_are_left_out_in_any_language() {
    let title = "<a href=/road>Road to the old ferry to be widened at last</a>";
    for (name, pointer) in [
        (
            "heading and list",
            format!("<h3>Read also</h3><ul><li>{title}</li><li>{title}</li></ul>"),
        ),
        ("heading and line", format!("<h4>Related</h4><p>{title}</p>")),
        ("label and link", format!("<p>Baca juga: {title}</p>")),
        ("strong label and link", format!("<p><strong>यह भी पढ़ें- {title}</strong></p>")),
        ("label with an upright bar", format!("<p>اقرأ أيضًا | {title}</p>")),
        ("label before links", format!("<p><strong>Pročitajte još:</strong></p><p>{title}</p>")),
        (
            "strong label before a list",
            format!(
                "<p><strong>อ่านข่าวที่เกี่ยวข้อง</strong></p><ul><li>{title}</li><li>{title}</li></ul>"
            ),
        ),
    ] {
        let body = format!(
            "<article><h1>Bridge closed</h1><div class=x><p>{ONE}</p><p>{TWO}</p>{pointer}<p>{THREE}</p><p>{FOUR}</p></div></article>"
        );
        assert_eq!(text(&body), all(), "{name}");
    }
    for (name, last) in [
        (
            "channel",
            "<p>Підписуйтесь на наш <a href=https://t.me/post>канал</a>, щоб бути в курсі</p>",
        ),
        (
            "messenger",
            "<p><em>Ikuti saluran kami: <a href=https://whatsapp.com/channel/x>klik di sini</a></em></p>",
        ),
        ("source", "<p>来源：某某日报</p><p>责任编辑：王小明</p>"),
        ("address", "<p>Kim Minsu minsu@post.example</p>"),
        ("initials", "<p>mg/lp</p>"),
    ] {
        let body = format!(
            "<article><h1>Bridge closed</h1><div class=x>{}{last}</div></article>",
            paragraphs()
        );
        assert_eq!(text(&body), all(), "{name}");
    }
}

#[test]
fn a_text_in_pieces_or_cut_on_the_page_is_read_from_its_data() {
    let pieces = format!(
        "<h1>Bridge closed</h1><script type=application/json>{{\"story\":{{\"parts\":[{{\"type\":\"text\",\"content\":\"{ONE}\"}},{{\"type\":\"image\",\"url\":\"/a.jpg\"}},{{\"type\":\"text\",\"content\":\"{TWO}\"}},{{\"type\":\"text\",\"content\":\"{THREE}\"}},{{\"type\":\"text\",\"content\":\"{FOUR}\"}}]}}}}</script>"
    );
    assert_eq!(text(&pieces), all());
    let longer = format!(
        "<script type=application/ld+json>{{\"@type\":\"NewsArticle\",\"headline\":\"Bridge closed\",\"articleBody\":\"{ONE}\\n{TWO}\\n{THREE}\\n{FOUR}\"}}</script><article><h1>Bridge closed</h1><p>{ONE}</p><p>Subscribe to read on</p></article>"
    );
    assert_eq!(text(&longer), all());
}

#[test]
fn scraps_before_and_below_the_text_are_none_of_it() {
    let body = |top: &[&str], end: &[&str]| {
        let lines = |lines: &[&str]| -> String {
            lines.iter().map(|line| format!("<p>{line}</p>")).collect()
        };
        let (top, end) = (lines(top), lines(end));
        text(&format!("<h1>Bridge closed</h1><div>{top}{}{end}</div>", paragraphs()))
    };
    for (top, end) in [
        (&["Jane Poe", "Local democracy reporter"][..], &["BNS"][..]),
        (&["Temps de Lecture 3 min."], &["Поделиться"]),
        (&[], &["Підписуйтесь на наш <a href=https://t.me/post>канал</a>", "Коментарі (5)"]),
        (&[], &["Zdroj: ČTK", "Témata: <a href=/t/1>doprava</a>", "Diskuse (12)"]),
        (&[], &["Нашли ошибку? Выделите её и нажмите Ctrl+Enter", "Поделиться"]),
        (&[], &["分享到：", "扫一扫，关注我们"]),
        (&[], &["Editor : J.P."]),
        (&["İlgili Haber: <a href=/1>Başkan nehir köprüsünü kapattı</a>"], &["Kaynak: AA"]),
        (&["প্রকাশ: ১০ মার্চ ২০২৫, ১৪:২০"], &[]),
        (&["دوشنبه ۲۰ اسفند ۱۴۰۳ - ۱۴:۲۰"], &[]),
        (&["HABERİN DEVAMI", "Artiklen fortsætter under annoncen", "Mainos"], &[]),
    ] {
        assert_eq!(body(top, end), all(), "{top:?} {end:?}");
    }
    // Half of a sentence, several lines, what a label says.
    for told in [&["Dear readers of the Post,"][..], &["What comes now:"]] {
        assert_eq!(body(told, &[]), format!("{}\n\n{}", told.join("\n\n"), all()));
    }
    for told in [
        &["O river", "O bridge", "Who will", "Cross you", "Now"][..],
        &["Where to watch: Netflix"],
        &["Gold Jane Doe", "Silver John Roe", "Bronze Ann Poe"],
        &["Without the bridge, no future"],
    ] {
        assert_eq!(body(&[], told), format!("{}\n\n{}", all(), told.join("\n\n")));
    }
}

#[test]
fn signs_and_credits_are_none_of_the_article() {
    for end in [
        "kb",
        "(jg)",
        "PM DJV/fh",
        "FMW/Bloomberg",
        "E-Mail: jane.doe@post.example",
        "Tags: Bridge, River",
        "Follow Jane Doe on X @janedoe",
        "SMS Facebook Twitter Email",
        "The views expressed are the author's own and not those of the house.",
        "The post Bridge closed appeared first on The Post.",
    ] {
        let body = format!("<h1>Bridge closed</h1><div>{}<p>{end}</p></div>", paragraphs());
        assert_eq!(text(&body), all(), "{end}");
    }
    for end in ["We walked on, and/or swam.", "Nobody knows."] {
        let body = format!("<h1>Bridge closed</h1><div>{}<p>{end}</p></div>", paragraphs());
        assert_eq!(text(&body), format!("{}\n\n{end}", all()), "{end}");
    }
    for inside in [
        "<p>The bridge on Monday. Photo: Jane Doe</p>",
        "<p>The mayor at the bridge. (AP Photo/Jane Doe)</p>",
        "<p>Image: Shutterstock</p>",
    ] {
        assert_eq!(text(&in_the_middle(inside)), all(), "{inside}");
    }
}

#[test]
fn what_is_cloaked_until_a_program_shows_it_is_hidden() {
    let box_ = format!("<div x-cloak x-show=sent><p>{OTHER}</p></div>");
    let body = format!("<h1>Bridge closed</h1><div>{}{box_}</div>", paragraphs());
    assert_eq!(text(&body), all());
    // What a button beside it opens is text, as with other panels.
    let panel =
        format!("<button aria-expanded=false>More</button><div x-cloak><p>{OTHER}</p></div>");
    let body = format!("<h1>Bridge closed</h1><div>{}{panel}</div>", paragraphs());
    assert_eq!(text(&body), format!("{}\n\n{OTHER}", all()));
}

#[test]
fn who_wrote_it_and_when_is_none_of_the_article() {
    for before in [
        "<p>Last updated on 2 December 2025 at 10:12 am</p>",
        "<p>Actualizado: 2 de diciembre de 2025 a las 10:12</p>",
        "<p>Written by</p><p>Fact checked by: Jane Doe</p>",
        "<div class='w-form-done'>Thank you! We have your address and shall write to you soon.</div>",
    ] {
        let body = format!("<h1>Bridge closed</h1><div>{before}{}</div>", paragraphs());
        assert_eq!(text(&body), all(), "{before}");
    }
    let updated = "Updated on 2 December 2025, the plan tells how traffic is led, the town said.";
    let body = format!("<h1>Bridge closed</h1><div><p>{updated}</p>{}</div>", paragraphs());
    assert_eq!(text(&body), format!("{updated}\n\n{}", all()));
}

#[test]
fn a_body_in_parts_is_whole() {
    let short = ["It is a cold day.", "The river is high.", "Nobody is about."];
    let intro = short.map(|line| format!("<p>{line}</p>")).concat();
    let intro = format!("{intro}<p>{OTHER}</p><p>{ANOTHER}</p><p>So it goes, the keeper says.</p>");
    let wanted = format!("{}\n\n{OTHER}\n\n{ANOTHER}\n\nSo it goes", short.join("\n\n"));
    let more: String =
        (1..=5).map(|at| paragraphs().replace("</p>", &format!(" It is so: {at}.</p>"))).collect();
    for (name, one, two) in [
        ("named as the text of an article", "rich-text intro entry-content", "entry-content"),
        ("of one name", "u7 wide", "u7 wide"),
    ] {
        let body = format!(
            "<h1>Bridge closed</h1><div><div class='{one}'>{intro}</div><div class='{two}'>{more}</div></div>"
        );
        let text = text(&body);
        assert!(text.starts_with(&wanted), "{name}: {text}");
        assert!(text.ends_with("It is so: 5."), "{name}: {text}");
    }
}

#[test]
fn cards_beside_a_text_do_not_take_it_with_them() {
    let card = |at: u8| {
        format!(
            "<div class=m><a href=/{at}><img src=/{at}.jpg></a><p><a href=/{at}>Another story of the river, number {at}</a></p></div>"
        )
    };
    let body = format!(
        "<h1>Bridge closed</h1><div><div class=t>{}</div>{}{}{}</div>",
        paragraphs(),
        card(1),
        card(2),
        card(3)
    );
    assert_eq!(text(&body), all());
}

#[test]
fn cards_with_a_title_and_a_long_excerpt_are_none_of_the_article() {
    let card = |at: u8, kicker: &str| {
        format!(
            "<article class=card><a href=/{at}><img></a>{kicker}<h3><a href=/{at}>Another story of the river, number {at}</a></h3><p>{OTHER} {ANOTHER} {OTHER}</p></article>"
        )
    };
    for kicker in ["", "<h5>Sponsored</h5>"] {
        let cards: String = (1..=4).map(|at| card(at, kicker)).collect();
        let body = format!("<h1>Bridge closed</h1><div>{}<div>{cards}</div></div>", paragraphs());
        assert_eq!(text(&body), all(), "{kicker}");
    }
}

#[test]
fn items_of_a_list_may_each_have_a_button() {
    let names = ["Coat hooks", "A plant stand", "A mirror frame"];
    let item = |(at, name): (usize, &&str)| {
        format!(
            "<div class='item item-{at}'><div><h3>{name}</h3><div><p>{ANOTHER} That is number {at}.</p></div><a href=/make/{at}>Make it</a></div></div>"
        )
    };
    let items: String = names.iter().enumerate().map(item).collect();
    let body = format!("<h1>Bridge closed</h1><div>{}<div>{items}</div></div>", paragraphs());
    let text = text(&body);
    for (at, name) in names.iter().enumerate() {
        assert!(text.contains(name), "{name} in {text}");
        assert!(text.contains(&format!("That is number {at}.")), "{name} in {text}");
    }
}

#[test]
fn what_is_cut_or_empty_is_none_of_the_article() {
    let teaser: String = ONE.chars().take(70).collect();
    let links = "<ul><li><a href=/1>The road to the old mill gets a second lane</a></li><li><a href=/2>A thousand homes were without light</a></li></ul>";
    for (name, body) in [
        ("a teaser of itself", format!("<div><p>{teaser}…</p>{}</div>", paragraphs())),
        (
            "a heading whose links are left out",
            format!("<div>{}<h3>Schon gelesen?</h3>{links}<p>kb</p></div>", paragraphs()),
        ),
    ] {
        assert_eq!(text(&format!("<h1>Bridge closed</h1>{body}")), all(), "{name}");
    }
}

#[test]
fn a_line_that_plays_the_text_is_none_of_it() {
    for line in ["Écouter l’article", "Ascolta l'articolo"] {
        let body = format!("<h1>Bridge closed</h1><div><p>{line}</p>{}</div>", paragraphs());
        assert_eq!(text(&body), all(), "{line}");
    }
}

#[test]
fn a_head_that_stays_in_sight_is_the_articles() {
    let column = format!("<p>{OTHER}</p><p><a href=/1>The council decides</a></p>");
    let own = format!("<div class=text>{}</div>", paragraphs());
    for (name, body) in [
        (
            "beside",
            format!(
                "<h1>Bridge closed</h1><div>{own}<div class='w-80 lg:sticky'>{column}</div></div>"
            ),
        ),
        (
            "a headline in it",
            format!("<div><div class='lg:sticky'><h1>Bridge closed</h1></div>{own}</div>"),
        ),
    ] {
        assert_eq!(text(&body), all(), "{name}");
    }
    for class in ["md:sticky", "max-md:sticky"] {
        let head = format!(
            "<div class='{class}'><h1>Bridge closed</h1><p>{OTHER}</p><p>By Jane Doe</p><time>2 Dec 2025</time></div>"
        );
        let wanted = format!("{OTHER}\n\n{}", all());
        assert_eq!(text(&format!("<div>{head}{own}</div>")), wanted, "{class}");
    }
}
