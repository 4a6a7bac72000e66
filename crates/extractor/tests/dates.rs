//! Which of the dates of a page is the article's, and which is that of its last change.
#![allow(clippy::unwrap_used)]

use extractor::{Extracted, PageInput, extract};

const TITLE: &str = "Council approves plan to rebuild harbour bridge after storm";

/// A page with so many paragraphs; the pieces stand in its head, in the site's head, below the
/// headline and behind the body.
fn page(language: &str, head: &str, top: &str, info: &str, behind: &str) -> String {
    let paragraph = "<p>The council voted late in the evening, after hours of debate, to rebuild the \
                     old bridge across the harbour, which the storm had damaged so badly that it \
                     was closed to all traffic, and to pay for it out of the reserve.</p>";
    let body = paragraph.repeat(8);
    format!(
        r#"<!doctype html><html lang="{language}"><head><title>{TITLE} | Post</title>{head}</head><body>
<header class="site-header"><a href="/">Post</a>{top}<nav><ul><li><a href="/1">A1</a></li>
<li><a href="/2">B2</a></li></ul></nav></header><main><div class="story"><h1>{TITLE}</h1>
<div class="story__info">{info}</div><div class="story__body">{body}</div>{behind}</div></main>
<footer><p>© 2025 Post</p></footer></body></html>"#
    )
}

/// The days of publication and of the last change.
fn days(page: &str) -> (Option<String>, Option<String>) {
    let input = PageInput {
        body: page.as_bytes(),
        url: Some("https://post.example/x/y-z"),
        ..PageInput::default()
    };
    let Extracted::Article(article) = extract(&input) else {
        return (None, None);
    };
    let day = |at: Option<events::Timestamp>| at.map(|at| at.to_string()[..10].to_owned());
    (day(article.published_at), day(article.modified_at))
}

#[test]
fn the_day_is_read_as_it_is_printed_in_many_languages() {
    for (language, line) in [
        ("sr", "02.12.2025. 15:04"),
        ("hr", "Objavljeno: 02.12.2025. u 15:04"),
        ("hu", "2025. dec. 2., 15:04"),
        ("lv", "2025. gada 2. decembris, 15:04"),
        ("uz", "2025-yil 2-dekabr"),
        ("kk", "2025 жылғы 2 желтоқсан"),
        ("ar", "2\u{200f}/12\u{200f}/2025"),
        ("ar", "٢\u{200f}/١٢\u{200f}/٢٠٢٥، ٣:٠٤:٠٠ م"),
        ("fil", "12/02/2025, 3:04 PM"),
        ("vi", "2 thg 12, 2025"),
        ("vi", "15:04 2 thg 12, 2025"),
        ("ar", "2 كانون الأول 2025"),
        ("ar", "نُشر: 14:20-2 ديسمبر 2025 م"),
        ("ar", "2 ديسمبر/ كانون الأول 2025"),
        ("fa", "سه‌شنبه ۱۱ آذر ۱۴۰۴ - ۱۵:۰۴"),
        ("fa", "1404/09/11 - 15:04"),
        ("hi", "मंगलवार, 02 दिस॰ 2025"),
        ("gu", "2 ડિસેમ્બર 2025"),
        ("pa", "2 ਦਸੰਬਰ 2025"),
        ("ta", "டிச. 2, 2025"),
        ("kn", "2 ಡಿಸೆಂಬರ್ 2025"),
        ("ml", "ഡിസംബർ 02, 2025"),
        ("si", "2025 දෙසැම්බර් 02"),
        ("th", "2 ธ.ค. 68 | 15:04 น."),
        ("km", "ថ្ងៃទី២ ខែធ្នូ ឆ្នាំ២០២៥"),
        ("my", "၂ ဒီဇင်ဘာ ၂၀၂၅"),
        ("lo", "2 ທັນວາ 2025"),
        ("ja", "2025年（令和7年）12月2日"),
        ("zh", "二〇二五年十二月二日"),
        ("zh-TW", "民國114年12月2日"),
        ("am", "ኅዳር 23 ቀን 2018 ዓ.ም"),
        ("ka", "2 დეკ 2025"),
        ("hy", "02 դեկտեմբեր 2025"),
        ("zu", "2 Disemba 2025"),
        ("en", r#"<span class="ts" data-timestamp="1764687840">just now</span>"#),
        ("en", r#"<time datetime="1764687840000">just now</time>"#),
    ] {
        let page = page(language, "", "", &format!(r#"<span class="when">{line}</span>"#), "");
        assert_eq!(days(&page).0.as_deref(), Some("2025-12-02"), "{line}");
    }
}

#[test]
fn what_is_no_day_of_the_article_is_not_taken() {
    let meta =
        |value: &str| format!(r#"<meta property="article:published_time" content="{value}">"#);
    let linked = r#"<script type="application/ld+json">{"@context":"https://schema.org",
        "@type":"NewsArticle","datePublished":"0001-01-01T00:00:00Z"}</script>"#;
    for (head, top, info) in [
        (String::new(), "", "<p>2 dec 15:04</p>"),
        (String::new(), "", "<p>12 Dec 14:30</p>"),
        (String::new(), "", "<p>Posted 2 December, 20:25</p>"),
        (meta("0001-01-01T00:00:00Z"), "", ""),
        (meta("-0001-11-30T00:00:00+00:00"), "", ""),
        (meta("1970-01-01T00:00:00"), "", ""),
        (linked.to_owned(), "", ""),
        (String::new(), r#"<div class="today">Sunday, 7 December 2025</div>"#, ""),
        (String::new(), r#"<div class="date">7 December 2025</div>"#, ""),
    ] {
        let page = page("en", &head, top, info, "");
        assert_eq!(days(&page).0, None, "{head}{top}{info}");
    }
}

#[test]
fn the_day_at_the_head_beats_those_behind_the_body() {
    let comments = |date: &str| {
        format!(
            r#"<div class="discussion"><h3>What people say</h3><div><b>Tom</b>{date}<p>Well done,
            at last.</p></div></div>"#
        )
    };
    for (info, date) in [
        (
            "<p>By Jane Doe, Local Democracy Reporter | Harbour and Region | 2 December 2025, 15:04 \
             | 3 minutes to read</p>",
            "<p>4 December 2025</p>",
        ),
        (
            "<p>By Jane Doe, senior correspondent for the harbour and the region, 2 December 2025</p>",
            "<p>4 December 2025</p>",
        ),
        ("<p>2 December 2025</p>", r#"<span class="date">4 December 2025</span>"#),
        (
            "<p>By Jane Doe | Harbour and Region | 2 December 2025, 15:04 | 3 minutes to read</p>",
            r#"<time datetime="2025-12-04T10:00:00Z">4 December 2025</time>"#,
        ),
    ] {
        let page = page("en", "", "", info, &comments(date));
        assert_eq!(days(&page).0.as_deref(), Some("2025-12-02"), "{info}{date}");
    }
}

#[test]
fn a_day_right_in_the_element_around_the_headline_is_its_own() {
    let story = |title: &str, day: &str, more: &str| {
        let prose = "The council voted late in the evening, after hours of debate, to rebuild the \
                     old bridge across the harbour, and to pay for it out of the reserve";
        let paragraphs: String = ["one", "two", "three", "four"]
            .map(|at| format!("<p>{prose} {more} {at}.</p>"))
            .concat();
        format!("<article><h1>{title}</h1><span>{day} 2025</span><div>{paragraphs}</div></article>")
    };
    let first = story(TITLE, "2 December", "of the town, in part");
    let next = story("Storm leaves a thousand homes dark", "1 December", "of the county, in step");
    let html = format!(
        "<html lang=en><title>{TITLE} | Post</title><body><div>{first}{next}</div></body></html>"
    );
    assert_eq!(days(&html).0.as_deref(), Some("2025-12-02"));
}

#[test]
fn labels_tell_the_day_of_publication_from_that_of_a_change_in_many_languages() {
    for (language, published, changed) in [
        ("en", "Posted", "Last modified"),
        ("de", "Veröffentlicht", "Zuletzt überarbeitet"),
        ("fr", "Publié le", "Mis à jour le"),
        ("es", "Publicado", "Última actualización"),
        ("pl", "Dodano", "Zmodyfikowano"),
        ("cs", "Vydáno", "Změněno"),
        ("da", "Udgivet", "Senest opdateret"),
        ("hu", "Megjelent", "Módosítva"),
        ("hr", "Objavljeno", "Zadnja izmjena"),
        ("sr", "Објављено", "Измењено"),
        ("mk", "Објавено на", "Последна измена"),
        ("bg", "Публикувано", "Последна редакция"),
        ("ru", "Размещено", "Отредактировано"),
        ("mn", "Нийтэлсэн", "Шинэчилсэн"),
        ("el", "Δημοσίευση", "Ανανέωση"),
        ("sq", "Publikuar", "Ndryshuar"),
        ("eu", "Argitaratua", "Eguneratua"),
        ("hy", "Հրապարակվել է", "Թարմացվել է"),
        ("ar", "تاريخ النشر", "آخر تحديث"),
        ("ur", "شائع", "تازہ کاری"),
        ("ta", "வெளியிடப்பட்டது", "அப்டேட்"),
        ("te", "ప్రచురణ", "నవీకరణ"),
        ("si", "ප්‍රකාශිත", "යාවත්කාලීන"),
        ("km", "ចេញផ្សាយ", "ធ្វើបច្ចុប្បន្នភាព"),
        ("my", "ထုတ်ဝေ", "ပြင်ဆင်"),
        ("am", "የታተመው", "የዘመነ"),
        ("so", "La daabacay", "La cusbooneysiiyay"),
        ("id", "Diterbitkan", "Pembaruan terakhir"),
        ("vi", "Đăng ngày", "Chỉnh sửa"),
        ("zh-Hant", "發佈", "最後編輯"),
    ] {
        let info = format!("<p>{changed}: 27.05.2024</p><p>{published}: 23.05.2024</p>");
        let (first, last) = days(&page(language, "", "", &info, ""));
        assert_eq!(first.as_deref(), Some("2024-05-23"), "{language}");
        assert_eq!(last.as_deref(), Some("2024-05-27"), "{language}");
    }
}

#[test]
fn the_day_of_a_change_is_read_from_the_page_too() {
    for (language, info, behind) in [
        (
            "en",
            r#"<time itemprop="datePublished" datetime="2025-12-02T10:00:00Z">2 Dec 2025</time>
               <time itemprop="dateModified" datetime="2025-12-03T11:00:00Z">3 Dec 2025</time>"#,
            "",
        ),
        (
            "en",
            r#"<time class="entry-date published" datetime="2025-12-02T10:00:00+00:00">2 December
               2025</time><time class="updated" datetime="2025-12-03T11:00:00+00:00">3 December
               2025</time>"#,
            "",
        ),
        ("en", "<p>Published 2 December 2025, 10:00. Updated 3 December 2025, 11:00</p>", ""),
        ("en", "<p>Updated 3 December 2025, 11:00 | Published 2 December 2025, 10:00</p>", ""),
        ("en", "<p>2 December 2025</p>", "<p>Last updated: 3 December 2025</p>"),
        ("de", "<p>2. Dezember 2025, aktualisiert am 3. Dezember 2025</p>", ""),
        ("fr", "<p>Publié le 2 décembre 2025, mis à jour le 3 décembre 2025</p>", ""),
        ("es", "<p>2 de diciembre de 2025. Actualizado 3 de diciembre de 2025</p>", ""),
        ("pt", "<p>02/12/2025 às 15:04 - Atualizado em 03/12/2025 às 09:00</p>", ""),
        ("ru", "<p>2 декабря 2025, обновлено 3 декабря 2025</p>", ""),
        ("hr", "<p>02.12.2025. 15:04, ažurirano 03.12.2025. 16:00</p>", ""),
        ("he", "<p>פורסם: 02.12.25, 15:04 עודכן: 03.12.25, 16:00</p>", ""),
        ("ja", "<p>公開 2025年12月2日 更新 2025年12月3日</p>", ""),
        ("ko", "<p>기사입력 2025-12-02 15:04 | 최종수정 2025-12-03 09:00</p>", ""),
        ("hi", "<p>प्रकाशित: 02 दिसंबर 2025 अपडेट: 03 दिसंबर 2025</p>", ""),
    ] {
        let page = page(language, "", "", info, behind);
        let (published, modified) = days(&page);
        assert_eq!(published.as_deref(), Some("2025-12-02"), "{info}{behind}");
        assert_eq!(modified.as_deref(), Some("2025-12-03"), "{info}{behind}");
    }
}

/// Where a page says when only as seen from the moment of reading, that is the fetch.
#[test]
fn what_only_the_fetch_completes_is_the_last_resort() {
    const FETCHED: &str = "2025-12-02T15:30:00.000Z";
    let published = |page: &str, fetched_at: Option<&str>, hint: Option<&str>| {
        let input = PageInput {
            body: page.as_bytes(),
            url: Some("https://post.example/x/y-z"),
            fetched_at: fetched_at.map(|at| at.parse().unwrap()),
            hints: extractor::Hints {
                published_at: hint.map(|at| at.parse().unwrap()),
                ..extractor::Hints::default()
            },
            ..PageInput::default()
        };
        match extract(&input) {
            Extracted::Article(article) => article.published_at.map(|at| at.to_string()),
            Extracted::Skipped { detail, .. } => panic!("{detail}"),
        }
    };
    for (language, info, expected) in [
        ("en", "<span>By Jane Doe</span> <time>3 hours ago</time>", Some("2025-12-02T12:30")),
        ("de", "<p>Von Jana Berg | vor 2 Tagen</p>", Some("2025-11-30T00:00")),
        ("es", "<div>hace 3 horas</div>", Some("2025-12-02T12:30")),
        ("zh", "<p>2 小时前</p>", Some("2025-12-02T13:30")),
        ("en", "<p>Mon, 3 Nov</p>", Some("2025-11-03T00:00")),
        ("de", "<p>12. Dezember</p>", None),
        ("ja", "<p>12月2日 午前10時</p>", None),
        ("en", "<p>Updated <time>3 hours ago</time></p>", None),
        ("en", "<p>Updated 3 hours ago</p>", None),
        ("en", "<p>5 min read</p>", None),
        // A date of the page is surer.
        ("en", "<p>3 hours ago</p><p>1 December 2025</p>", Some("2025-12-01T00:00")),
    ] {
        let page = page(language, "", "", info, "");
        let found = published(&page, Some(FETCHED), None);
        assert_eq!(found.map(|at| at[..16].to_owned()).as_deref(), expected, "{info}");
        if !info.contains("2025") {
            // No clock is asked, and the feed knows better.
            assert_eq!(published(&page, None, None), None, "{info}");
            let hint = "2025-11-28T10:00:00.000Z";
            let found = published(&page, Some(FETCHED), Some(hint));
            assert_eq!(found.as_deref(), Some(hint), "{info}");
        }
    }
    // What the page declares of its last change is surer.
    let declared = r#"<meta property="article:modified_time" content="2025-12-01T09:00:00Z">"#;
    let of_change =
        published(&page("en", declared, "", "<p>3 hours ago</p>", ""), Some(FETCHED), None);
    assert_eq!(of_change.as_deref(), Some("2025-12-01T09:00:00.000Z"));
    // Those of other articles and of comments behind the body.
    let behind = "<p>Comments</p><p>3 hours ago</p>";
    assert_eq!(published(&page("en", "", "", "", behind), Some(FETCHED), None), None);
}
