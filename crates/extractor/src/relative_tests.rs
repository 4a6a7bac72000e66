use scraper::Html;

use super::*;
use crate::page::Node;

fn now() -> Timestamp {
    "2025-12-02T15:30:00Z".parse().unwrap()
}

fn said(line: &str, language: &str) -> Option<String> {
    in_line(line, Reading { at: now(), language }).map(|found| found.at.to_string())
}

#[test]
fn the_tables_are_sorted() {
    for names in [MINUTES_AGO, HOURS_AGO, DAYS_AGO] {
        assert!(names.is_sorted());
    }
    assert!(WEEKDAYS.is_sorted());
}

#[test]
fn stretches_of_time_count_back_from_the_fetch() {
    for (line, expected) in [
        ("Jane Doe, 3 hours ago", "2025-12-02T12:30:00.000Z"),
        ("By Jane Doe | 3 hours ago", "2025-12-02T12:30:00.000Z"),
        ("5 mins ago | 2 min read", "2025-12-02T15:25:00.000Z"),
        ("5 min read · 2 days ago", "2025-11-30T00:00:00.000Z"),
        ("Published 5 hours ago · Updated 2 hours ago", "2025-12-02T10:30:00.000Z"),
        ("3h ago", "2025-12-02T12:30:00.000Z"),
        ("vor 2 Stunden", "2025-12-02T13:30:00.000Z"),
        ("vor 2 Std.", "2025-12-02T13:30:00.000Z"),
        ("Veröffentlicht: vor 2 Stunden", "2025-12-02T13:30:00.000Z"),
        ("Publicado hace 3 horas", "2025-12-02T12:30:00.000Z"),
        ("Il y a 20 minutes", "2025-12-02T15:10:00.000Z"),
        ("há 4 horas", "2025-12-02T11:30:00.000Z"),
        ("4 horas atrás", "2025-12-02T11:30:00.000Z"),
        ("2 ore fa", "2025-12-02T13:30:00.000Z"),
        ("for 2 timer siden", "2025-12-02T13:30:00.000Z"),
        ("för 2 timmar sedan", "2025-12-02T13:30:00.000Z"),
        ("2 uur geleden", "2025-12-02T13:30:00.000Z"),
        ("2 часа назад", "2025-12-02T13:30:00.000Z"),
        ("3 години тому", "2025-12-02T12:30:00.000Z"),
        ("2 saat önce", "2025-12-02T13:30:00.000Z"),
        ("3 jam yang lalu", "2025-12-02T12:30:00.000Z"),
        ("2 小时前", "2025-12-02T13:30:00.000Z"),
        ("3時間前", "2025-12-02T12:30:00.000Z"),
        ("10분 전", "2025-12-02T15:20:00.000Z"),
        ("3 ชั่วโมงที่แล้ว", "2025-12-02T12:30:00.000Z"),
        ("منذ 3 ساعات", "2025-12-02T12:30:00.000Z"),
        ("לפני 3 שעות", "2025-12-02T12:30:00.000Z"),
        ("2 घंटे पहले", "2025-12-02T13:30:00.000Z"),
        ("vor 3 Tagen", "2025-11-29T00:00:00.000Z"),
        ("4 days ago", "2025-11-28T00:00:00.000Z"),
        ("2日前", "2025-11-30T00:00:00.000Z"),
    ] {
        assert_eq!(said(line, "").as_deref(), Some(expected), "{line}");
    }
}

#[test]
fn other_numbers_are_no_stretch_of_time() {
    for line in [
        "5 min read",
        "3 hours of music",
        "for 3 hours",
        "Lesezeit: 4 Minuten",
        "seit 3 Tagen",
        "400 days ago",
        "2 years ago",
        "2 года назад",
        "преди 2 години",
        "2 minggu lalu",
        "12 comments",
        "24 Stunden Rennen",
        // "A.m." and "p.m." are written with the sign of "before".
        "12月2日 午前10時",
        "12월 2일 오전 10시",
        "12月2日前",
        "12월 2일 전",
        "5 min read 2 days ago",
        "1 hour, 20 minutes ago",
        "4D sedan",
        "Golf 4D sedan",
        "2 ministers resigned a year ago",
        "5 minuter läsning",
        // Sentences and captions.
        "She vanished 3 days ago.",
        "She vanished 3 days ago",
        "He said so, 3 days ago",
        "O navio partiu há 3 dias",
        "Il y a 3 jours de grève",
        "Hace 3 horas que espera",
        "3 hours ago | 5 hours ago",
        "Updated 3 hours ago",
        "Jane Doe | aktualisiert vor 3 Stunden",
    ] {
        assert_eq!(said(line, "en"), None, "{line}");
    }
}

#[test]
fn a_day_without_a_year_is_one_of_the_last_weeks() {
    for (line, language, expected) in [
        ("Mon, 3 Nov", "en", Some("2025-11-03T00:00:00.000Z")),
        ("Posted on Mon, 3 Nov", "en-GB", Some("2025-11-03T00:00:00.000Z")),
        ("Jane Doe, 3 November", "en", Some("2025-11-03T00:00:00.000Z")),
        ("Montag, 3. November, 15.04 Uhr", "de", Some("2025-11-03T00:00:00.000Z")),
        ("December 2", "en", Some("2025-12-02T00:00:00.000Z")),
        ("2 de diciembre", "es", Some("2025-12-02T00:00:00.000Z")),
        ("12月1日", "ja", Some("2025-12-01T00:00:00.000Z")),
        ("12월 1일 09:30", "ko", Some("2025-12-01T00:00:00.000Z")),
        ("Dec. 1, 9:30 a.m.", "en", Some("2025-12-01T00:00:00.000Z")),
        ("25 окт", "ru", Some("2025-10-25T00:00:00.000Z")),
        ("3 December", "en", Some("2025-12-03T00:00:00.000Z")),
        // Another day of the week: of another year.
        ("Tue, 3 Nov", "en", None),
        // Days to come, and such as may be of any year.
        ("12. Dezember", "de", None),
        ("August 2", "en", None),
        ("2 December 2023", "en", None),
        // Words of one language, months of another.
        ("2 out", "en", None),
        ("Set 2", "en", None),
        ("2 nov", "", None),
        // More than a day.
        ("Concert on December 2", "en", None),
        ("December 2 in pictures", "en", None),
        ("2 November Street", "en", None),
        ("Room 12", "en", None),
        ("29. Februar", "de", None),
        ("3.5 Stunden", "de", None),
    ] {
        assert_eq!(said(line, language).as_deref(), expected, "{line}");
    }
}

#[test]
fn only_lines_below_the_headline_are_read() {
    for (lines, expected) in [
        ("<p>By Jane Doe | 3 hours ago</p>", true),
        ("<div><span>Jane Doe</span><time>3 hours ago</time></div>", true),
        ("<p>Updated <time>3 hours ago</time></p>", false),
        ("<div><span>Updated</span></div><div><time>3 hours ago</time></div>", false),
        ("<p class='last-updated'>3 hours ago</p>", false),
        ("<p><time itemprop='dateModified'>3 hours ago</time></p>", false),
        ("<p>She vanished <time>3 days ago</time>.</p>", false),
        ("<h2>3 days ago</h2>", false),
        ("<figure><figcaption>3 days ago</figcaption></figure>", false),
        ("<a href='/b'>Another story of another day</a><p>3 hours ago</p>", false),
    ] {
        let source = format!("<html><body><h1>Bridge reopens today</h1>{lines}</body></html>");
        let html = Html::parse_document(&source);
        let page = Page::new(&html, None);
        let is_heading = |node: &Node<'_>| matches!(node.tag, Tag::Heading(1));
        let headline = page.nodes.iter().position(is_heading).unwrap();
        let found = below(&page, headline, Reading { at: now(), language: "en" });
        assert_eq!(found.is_some(), expected, "{lines}");
    }
}
