//! Which instance of a series a title names: "Day 2" and "Day 21" of one column, "Matchday 3",
//! the morning's briefing of a date. Everything else in such titles, and often most of the text, is the
//! series' own, so that words alone would make them one.

use crate::hash::{combine, hash};
use crate::words::{compatible, fold, words};

/// Words before (or, in some languages, behind) a number that count instances, folded. Numbers
/// beside other words are amounts, and a toll that rises is the same event.
#[rustfmt::skip]
const COUNTING: &[&str] = &[
    // day
    "day", "tag", "jour", "día", "dia", "giorno", "dag", "dzień", "den", "день", "gün", "päivä",
    "nap", "dygn", "ziua", // week
    "week", "woche", "semaine", "semana", "settimana", "vecka", "uke", "uge", "tydzień", "týden",
    "неделя", "тиждень", "hafta", "viikko", // part, chapter, episode, edition, number
    "part", "teil", "partie", "parte", "deel", "część", "часть", "частина",
    "chapter", "kapitel", "chapitre", "capítulo", "capitolo", "episode", "folge", "épisode",
    "episodio", "episódio", "aflevering", "avsnitt", "odcinek", "эпизод", "edition", "ausgabe",
    "édition", "edición", "edição", "edizione", "issue", "number", "no", "nr", "nº", "vol",
    "volume", "tome", "tomo", // round, matchday, stage, game
    "round", "runde", "matchday", "spieltag", "journée", "jornada", "giornata", "rodada",
    "speelronde", "omgång", "kolejka", "тур", "stage", "etappe", "étape", "etapa", "tappa",
    "session", "sitzung", "sesión", "séance",
];

/// Names of months, folded, each with its number: a day beside one dates a title.
#[rustfmt::skip]
pub(crate) const MONTHS: &[(&str, u8)] = &[
    ("january", 1), ("jan", 1), ("januar", 1), ("jänner", 1), ("janvier", 1), ("enero", 1),
    ("janeiro", 1), ("gennaio", 1), ("januari", 1), ("stycznia", 1), ("января", 1), ("січня", 1),
    ("ocak", 1), ("tammikuuta", 1),
    ("february", 2), ("feb", 2), ("februar", 2), ("février", 2), ("febrero", 2), ("fevereiro", 2),
    ("febbraio", 2), ("februari", 2), ("lutego", 2), ("февраля", 2), ("лютого", 2), ("şubat", 2),
    ("helmikuuta", 2),
    ("march", 3), ("mar", 3), ("märz", 3), ("mars", 3), ("marzo", 3), ("março", 3), ("maart", 3),
    ("marca", 3), ("marts", 3), ("марта", 3), ("березня", 3), ("mart", 3), ("maaliskuuta", 3),
    ("april", 4), ("apr", 4), ("avril", 4), ("abril", 4), ("aprile", 4), ("kwietnia", 4),
    ("апреля", 4), ("квітня", 4), ("nisan", 4), ("huhtikuuta", 4),
    ("may", 5), ("mai", 5), ("mayo", 5), ("maio", 5), ("maggio", 5), ("mei", 5), ("maja", 5),
    ("maj", 5), ("мая", 5), ("травня", 5), ("mayıs", 5), ("toukokuuta", 5),
    ("june", 6), ("jun", 6), ("juni", 6), ("juin", 6), ("junio", 6), ("junho", 6), ("giugno", 6),
    ("czerwca", 6), ("июня", 6), ("червня", 6), ("haziran", 6), ("kesäkuuta", 6),
    ("july", 7), ("jul", 7), ("juli", 7), ("juillet", 7), ("julio", 7), ("julho", 7),
    ("luglio", 7), ("lipca", 7), ("июля", 7), ("липня", 7), ("temmuz", 7), ("heinäkuuta", 7),
    ("august", 8), ("aug", 8), ("août", 8), ("agosto", 8), ("augustus", 8), ("augusti", 8),
    ("sierpnia", 8), ("августа", 8), ("серпня", 8), ("ağustos", 8), ("elokuuta", 8),
    ("september", 9), ("sep", 9), ("sept", 9), ("septembre", 9), ("septiembre", 9),
    ("setembro", 9), ("settembre", 9), ("września", 9), ("сентября", 9), ("вересня", 9),
    ("eylül", 9), ("syyskuuta", 9),
    ("october", 10), ("oct", 10), ("oktober", 10), ("okt", 10), ("octobre", 10), ("octubre", 10),
    ("outubro", 10), ("ottobre", 10), ("października", 10), ("октября", 10), ("жовтня", 10),
    ("ekim", 10), ("lokakuuta", 10),
    ("november", 11), ("nov", 11), ("novembre", 11), ("noviembre", 11), ("novembro", 11),
    ("listopada", 11), ("ноября", 11), ("листопада", 11), ("kasım", 11), ("marraskuuta", 11),
    ("december", 12), ("dec", 12), ("dezember", 12), ("dez", 12), ("décembre", 12),
    ("diciembre", 12), ("dezembro", 12), ("dicembre", 12), ("grudnia", 12), ("декабря", 12),
    ("грудня", 12), ("aralık", 12), ("joulukuuta", 12),
];

/// The number of a month's name, folded.
pub(crate) fn month(folded: &str) -> Option<u8> {
    MONTHS.iter().find(|(name, _)| *name == folded).map(|(_, number)| *number)
}

/// What a title says of the series it belongs to and of its place in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Instance {
    /// Hash of the title without what tells instances apart; 0 where nothing does.
    pub(crate) series: u32,
    /// Hash of what does.
    pub(crate) number: u32,
}

impl Instance {
    /// Whether both are of one series, and not the same instance of it.
    pub(crate) fn is_another_of(self, other: Self) -> bool {
        self.series != 0 && self.series == other.series && self.number != other.number
    }
}

/// The instance that a title names.
pub(crate) fn of(title: &str) -> Instance {
    if !title.chars().any(char::is_numeric) {
        return Instance::default();
    }
    let title = compatible(title);
    let folded: Vec<String> = words(&title).map(|word| fold(word.text)).collect();
    let is_number =
        |at: usize| folded.get(at).is_some_and(|word: &String| word.starts_with(char::is_numeric));
    let names =
        |at: usize, is: &dyn Fn(&str) -> bool| folded.get(at).is_some_and(|word: &String| is(word));
    let counts = |word: &str| COUNTING.contains(&word);
    let is_month = |word: &str| month(word).is_some();
    let mut series = hash(b"series");
    let mut number = hash(b"number");
    let mut is_instance = false;
    for (at, word) in folded.iter().enumerate() {
        let before = at.wrapping_sub(1);
        let is_dated = names(before, &is_month) || names(at + 1, &is_month);
        // "21. Tag", "2-я неделя": the number may stand before the word it counts.
        let is_counted = names(before, &counts)
            || (names(at + 1, &counts) && !is_number(at + 2) && word.len() <= 4);
        let tells_apart = if is_number(at) {
            is_dated || is_counted || is_date(word)
        } else {
            is_month(word) && (is_number(before) || is_number(at + 1))
        };
        if tells_apart {
            is_instance = true;
            number = combine(number, hash(word.as_bytes()));
        } else if !is_number(at) {
            series = combine(series, hash(word.as_bytes()));
        }
    }
    if !is_instance {
        return Instance::default();
    }
    Instance { series: ((series >> 32) as u32).max(1), number: (number >> 32) as u32 }
}

/// Whether a word of digits is a date by its form: 3.12.2025.
fn is_date(word: &str) -> bool {
    let mut parts = 0;
    for part in word.split(['.', ',']) {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        parts += 1;
    }
    parts == 3 && !word.contains(',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instances_of_one_series_are_told_apart() {
        for (one, other) in [
            ("Strike: what we know on day 2", "Strike: what we know on day 21"),
            ("Morning briefing: 3 December", "Morning briefing: 12 December"),
            ("Morning briefing: December 3", "Morning briefing: January 3"),
            ("Wetter am 3.12.2025", "Wetter am 4.12.2025"),
            ("3. Spieltag: alle Ergebnisse", "4. Spieltag: alle Ergebnisse"),
            ("Jour 2 de la grève", "Jour 3 de la grève"),
        ] {
            assert!(of(one).is_another_of(of(other)), "{one} / {other}");
            assert!(!of(one).is_another_of(of(one)), "{one}");
        }
    }

    #[test]
    fn amounts_and_other_titles_tell_nothing_apart() {
        for (one, other) in [
            ("Quake kills 12", "Quake kills 15"),
            ("12 dead after ferry accident", "14 dead after ferry accident"),
            ("Strike: what we know on day 2", "Quake: what we know on day 21"),
            ("Bank raises rate to 4.25 percent", "Bank raises rate to 4.5 percent"),
            ("Ferry aground", "Ferry refloated"),
        ] {
            assert!(!of(one).is_another_of(of(other)), "{one} / {other}");
        }
    }
}
