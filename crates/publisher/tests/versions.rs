//! What makes a new version and what does not: title or text as a reader sees them, beyond white
//! space, counters and "last updated" lines.

#![allow(clippy::unwrap_used, reason = "tests")]

#[expect(dead_code, reason = "shared with the tests of the engine")]
#[path = "engine/draft.rs"]
mod draft;

use draft::{Publisher, draft};
use publisher::Settings;

const BODY: &str = "The ferry Aurelia ran aground off Skarholm on Tuesday evening.";

/// Whether the second is published as a version of the first, and what `changes` says of it.
fn version(before: (&str, &str), after: (&str, &str)) -> Option<events::Changes> {
    let mut publisher = Publisher::new(Settings::default());
    let first = draft("https://example.org/a-b-c", before.0, before.1);
    publisher.one(&first.article());
    let mut second = draft("https://example.org/a-b-c", after.0, after.1);
    (second.revision, second.hour) = (2, 1);
    let story = publisher.take(&second.article()).stories.into_iter().next()?;
    assert_eq!(story.event.version, 2);
    Some(story.event.changes)
}

/// A text in which the paragraph stands between others.
fn around(paragraph: &str) -> String {
    format!("{BODY}\n\n{paragraph}\n\nNobody was hurt.")
}

fn version_of_text(before: &str, after: &str) -> Option<events::Changes> {
    version(("Ferry aground", &around(before)), ("Ferry aground", &around(after)))
}

#[test]
fn a_correction_of_the_text_is_a_version_and_named_in_its_changes() {
    for (before, after) in [
        // numbers beside a word that counters have
        ("Shares fell 12% on Monday.", "Shares fell 21% on Monday."),
        ("Acme shares plunged 40% in New York.", "Acme shares plunged 4% in New York."),
        ("", "Shares rose 3.5% after the report."),
        ("Shares: -3.5%", "Shares: 3.5%"),
        ("", "84 min: Haaland scores!"),
        ("84 min", "85 min"),
        ("Update: 12 dead, 30 injured.", "Update: 19 dead, 45 injured."),
        ("Update: 12 die", "Update: 19 die"),
        ("The quake lasted 2 minutes.", "The quake lasted 12 minutes."),
        ("I read 12 books", "I read 120 books"),
        ("He updated 12 laws in May.", "He updated 13 laws in May."),
        ("The law, modified in 2019.", "The law, modified in 2018."),
        ("Der Dax stand bei 24.100 Punkten", "Der Dax stand bei 21.400 Punkten"),
        ("Vor 20 Jahren", "Vor 30 Jahren"),
        ("Le jour J: 6 juin 1944", "Le jour J: 6 juin 1945"),
        ("Hace 20 años", "Hace 30 años"),
        ("Обновление: 12 погибших", "Обновление: 19 погибших"),
        ("更新：12人死亡", "更新：19人死亡"),
        ("12分前に地震", "20分前に地震"),
        ("อัปเดต ตาย 12 คน", "อัปเดต ตาย 19 คน"),
        ("업데이트: 12명 사망", "업데이트: 19명 사망"),
        ("تحديث: 12 قتيلا", "تحديث: 19 قتيلا"),
        // a date alone may be the news
        ("12 May 2025", "13 May 2025"),
        // signs
        ("It cost $5 million.", "It cost €5 million."),
        ("It grew by -0.3 percent.", "It grew by 0.3 percent."),
        ("It grew by −0.3 percent.", "It grew by 0.3 percent."),
        ("It grew by 5", "It grew by 5%"),
        ("It grew by 5%", "It grew by 5‰"),
        ("It is 5 mm thick", "It is ±5 mm thick"),
        ("The loss is -€3 million", "The loss is €3 million"),
        ("نما 5٪ هذا العام", "نما 5 هذا العام"),
    ] {
        let changes = version_of_text(before, after);
        assert!(changes.is_some(), "{before} / {after}");
        let changes = changes.unwrap();
        assert!(!changes.title && changes.added == [after], "{before} / {after}: {changes:?}");
    }
}

#[test]
fn counters_and_dates_of_change_are_no_version() {
    for (before, after) in [
        ("12 comments", "13 comments"),
        ("No comments", "1 comment"),
        ("1.2K shares · 4 min read", "3.4k shares · 4 min read"),
        ("Comments (12)", "Comments (14)"),
        ("2 hours ago", "3 hours ago"),
        ("Updated an hour ago", "Updated 2 hours ago"),
        ("Updated just now", "Updated a minute ago"),
        ("Last updated: 3 December 2025, 14:05 GMT", "Last updated: 4 December 2025, 9:01 GMT"),
        ("Last edited on Wed., Dec. 3rd, 2:05 p.m.", "Last edited on Thurs., Dec. 4th, 9:01 a.m."),
        ("This article was last updated on 3 December.", "This article was last updated on 4 May."),
        ("Updated 2025-12-03T14:05Z", "Updated 2025-12-04T09:01Z"),
        // German, French, Spanish, Portuguese, Italian, Catalan, Dutch
        ("Vor 2 Stunden", "Vor einem Tag"),
        ("Keine Kommentare", "1 Kommentar"),
        ("Zuletzt geändert am 3. Dezember 2025, 14:05 Uhr", "Zuletzt geändert am 4. Mai, 9 Uhr"),
        ("Stand: 03.12.2025, 14.05 Uhr", "Stand: 04.12.2025, 09.01 Uhr"),
        ("il y a 2 heures", "il y a 3 jours"),
        ("Mis à jour le 3 décembre 2025 à 14h05", "Mis à jour hier à 9h01"),
        ("Aucun commentaire", "2 commentaires"),
        ("Hace 2 horas", "Hace una hora"),
        ("Última actualización: 3 de diciembre de 2025", "Última actualización: ayer a las 9"),
        ("ACTUALIZADO 14:05 HS", "ACTUALIZADO 15:10 HS"),
        ("Sin comentarios", "3 comentarios"),
        ("Há 2 horas", "Há um minuto"),
        ("Atualizado em 3 de dezembro de 2025 às 14h05", "Atualizado em 4 de dezembro às 9h01"),
        ("Ultimo aggiornamento: 3 dicembre 2025 alle 14:05", "Ultimo aggiornamento: ieri alle 9"),
        ("2 ore fa", "3 giorni fa"),
        ("Actualitzat fa 2 hores", "Actualitzat fa 3 dies"),
        ("Laatst bijgewerkt op 3 december om 14:05 uur", "Laatst bijgewerkt op 4 mei om 9:01 uur"),
        // Swedish, Danish, Norwegian, Finnish
        ("Uppdaterad för 2 timmar sedan", "Uppdaterad igår kl. 9.01"),
        ("Senest opdateret den 3. december kl. 14:05", "Senest opdateret i går kl. 9"),
        ("Sist oppdatert 3. desember 2025 kl. 14.05", "Sist oppdatert for 2 timer siden"),
        ("Päivitetty 3. joulukuuta klo 14.05", "Päivitetty 2 tuntia sitten"),
        // Polish, Czech, Slovak, Hungarian, Romanian, Croatian, Serbian, Bulgarian
        ("Ostatnia aktualizacja: 3 grudnia 2025 r., godz. 14:05", "Aktualizacja: wczoraj"),
        ("Aktualizováno 3. prosince 2025 v 14:05", "Aktualizováno před 2 hodinami"),
        ("Žádné komentáře", "12 komentářů"),
        ("Aktualizované 3. decembra o 14:05", "Aktualizované pred 2 hodinami"),
        ("Frissítve: 2025. december 3. 14:05", "Frissítve: 2 órával ezelőtt"),
        ("Ultima actualizare: 3 decembrie 2025, ora 14:05", "Ultima actualizare: ieri, ora 9"),
        ("Zadnje ažurirano 3. prosinca u 14:05", "Zadnje ažurirano prije 2 sata"),
        ("Последње ажурирање: 3. децембар 14:05", "Последње ажурирање: јуче 9:01"),
        ("Обновена: 3 декември 2025 г.", "Обновена: вчера в 9 ч."),
        // Russian, Ukrainian, Greek, Turkish
        ("12 комментариев", "1 комментарий"),
        ("Обновлено 3 декабря 2025 года в 14:05 мск", "Обновлено 2 часа назад"),
        ("Оновлено 3 грудня о 14:05", "Оновлено 2 години тому"),
        ("Τελευταία ενημέρωση: 3 Δεκεμβρίου 2025, 14:05", "ΤΕΛΕΥΤΑΙΑ ΕΝΗΜΕΡΩΣΗ: χθες 9:01"),
        ("12 σχόλια", "1 σχόλιο"),
        ("Son güncelleme: 3 Aralık 2025 14:05", "SON GÜNCELLEME: 2 saat önce"),
        ("Henüz yorum yok", "12 yorum"),
        // Arabic, Persian, Hebrew, Hindi, Bengali
        ("آخر تحديث: 3 ديسمبر 2025 الساعة 14:05", "آخر تحديث: ٤ ديسمبر ٢٠٢٥"),
        ("12 تعليق", "3 تعليقات"),
        ("منذ ساعتين", "منذ 3 ساعات"),
        ("آخرین به‌روزرسانی: ۳ دسامبر ۲۰۲۵", "آخرین به‌روزرسانی: ۴ دسامبر ۲۰۲۵"),
        ("עודכן לאחרונה: 3 בדצמבר 2025, 14:05", "עודכן לפני 2 שעות"),
        ("अंतिम अपडेट: 3 दिसंबर 2025, 14:05 बजे", "अंतिम अपडेट: 2 घंटे पहले"),
        ("12 टिप्पणियाँ", "1 टिप्पणी"),
        ("সর্বশেষ আপডেট: ৩ ডিসেম্বর ২০২৫", "সর্বশেষ আপডেট: ৪ ডিসেম্বর ২০২৫"),
        // Indonesian, Vietnamese
        ("Terakhir diperbarui 3 Desember 2025 pukul 14.05 WIB", "Diperbarui 2 jam lalu"),
        ("Cập nhật lần cuối: 3 tháng 12 năm 2025", "Cập nhật 2 giờ trước"),
        ("12 bình luận", "Chưa có bình luận"),
        // Thai, Chinese, Japanese, Korean
        ("อัปเดตล่าสุด 3 ธ.ค. 2568 14:05 น.", "อัปเดตล่าสุด 2 ชั่วโมงที่แล้ว"),
        ("12 ความคิดเห็น", "ไม่มีความคิดเห็น"),
        ("12条评论", "13条评论"),
        ("更新时间：2025年12月3日 14:05", "更新时间：2025年12月4日 09:01"),
        ("最後更新：2025年12月3日 下午2時", "最後更新：2小時前"),
        ("最終更新 2025年12月3日（水）14時05分", "最終更新：１時間前"),
        ("コメント 12件", "コメント 13件"),
        ("최종 수정 2025-12-03 14:05", "최종 수정 2025년 12월 4일 오전 9시"),
        ("댓글 12", "댓글 13개"),
        ("2시간 전", "3일 전"),
    ] {
        let changes = version_of_text(before, after);
        assert!(changes.is_none(), "{before} / {after}: {changes:?}");
        for line in [before, after] {
            assert!(version_of_text("", line).is_none(), "{line} comes");
            assert!(version_of_text(line, "").is_none(), "{line} goes");
        }
    }
}

#[test]
fn the_dated_end_of_a_paragraph_and_typography_are_no_version() {
    for (before, after) in [
        ("It sank. Last updated 14:05.", "It sank. Last updated 15:10."),
        ("It sank.", "It sank. Last updated 15:10."),
        ("By Jane Doe | Updated Dec 3, 2025", "By Jane Doe | Updated Dec 4, 2025"),
        ("渡轮沉没。更新于12月3日", "渡轮沉没。更新于12月4日"),
        ("It grew by 5%", "It grew by 5 %"),
        ("It fell to -0.3", "It fell to −0.3"),
        ("An F-16 in 2020-21", "An F–16 in 2020–21"),
        ("“It’s over”, she said", "\"It's  over,\" she said"),
    ] {
        let changes = version_of_text(before, after);
        assert!(changes.is_none(), "{before} / {after}: {changes:?}");
    }
}

#[test]
fn a_title_that_says_something_else_is_a_version() {
    for (before, after, is_version) in [
        ("Minister resigns?", "Minister resigns", true),
        ("Παραιτείται ο υπουργός;", "Παραιτείται ο υπουργός", true),
        ("部长辞职？", "部长辞职", true),
        ("Deal for $5 million", "Deal for €5 million", true),
        ("Economy shrinks by 0.3", "Economy shrinks by 0.3%", true),
        ("Minus -5 degrees", "Minus 5 degrees", true),
        ("Minister resigns", "“Minister  resigns”", false),
        ("Minister resigns?", "Minister resigns??", false),
        ("Minister resigns – why", "Minister resigns - why", false),
        ("Minister resigns!", "Minister resigns", false),
    ] {
        let changes = version((before, BODY), (after, BODY));
        assert_eq!(changes.is_some(), is_version, "{before} / {after}");
        assert!(changes.is_none_or(|changes| changes.title), "{before} / {after}");
    }
}

#[test]
fn a_question_mark_in_the_text_is_punctuation() {
    assert!(version_of_text("Who knows?", "Who knows").is_none());
}

#[test]
fn what_kind_of_change_it_was_is_said_when_the_text_before_is_forgotten() {
    for (title, text, days) in [
        ("Ferry aground", "Nobody was hurt.", 0),
        ("Ferry aground", "Nobody was hurt.", 3),
        ("Ferry refloated", "Nobody was hurt.", 9),
        ("Ferry refloated", "", 9),
    ] {
        let mut publisher = Publisher::new(Settings::default());
        publisher.one(&draft("https://example.org/a-b-c", "Ferry aground", &around("")).article());
        for day in 0..days {
            // Time goes on by what else is published; a little is forgotten each time.
            let mut other = draft(&format!("https://b.org/other-one-{day}"), "Night flights", "x");
            other.hour = 24 * (day + 1);
            publisher.take(&other.article());
        }
        let mut second = draft("https://example.org/a-b-c", title, &around(text));
        (second.revision, second.hour) = (2, 24 * days + 1);
        let changes = publisher.one(&second.article()).changes;
        let expected = (title != "Ferry aground", !text.is_empty());
        assert_eq!((changes.title, changes.text), expected, "{days} days later");
        assert_eq!(changes.added.is_empty(), days > 2 || text.is_empty(), "{days} days later");
    }
}
