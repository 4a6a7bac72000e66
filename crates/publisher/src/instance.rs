//! Which instance of a series a title names: "Day 2" and "Day 21" of one column, "Matchday 3",
//! "Part two", "Rome III", Monday's forecast, the morning's briefing of a date. Everything else in
//! such titles, and often most of the text, is the series' own, so that words alone would make them
//! one.

use crate::hash::{combine, hash};
use crate::series_words::{Marks, marks, roman};
use crate::words::{compatible, fold, words};

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

/// A word of a title.
struct Said {
    folded: String,
    marks: Marks,
    is_digits: bool,
    /// The value of a Roman number, and whether it is more than one letter.
    roman: Option<(u8, bool)>,
}

impl Said {
    fn of(text: &str) -> Self {
        let folded = fold(text);
        Self {
            marks: marks(&folded),
            is_digits: folded.starts_with(char::is_numeric),
            roman: roman(text).map(|value| (value, text.len() > 1)),
            folded,
        }
    }

    /// `Q3`, `KW47`, `S02E07`: letters that count, with their numbers.
    fn is_numbered(&self) -> bool {
        let letters = self.folded.find(|c: char| c.is_ascii_digit()).unwrap_or_default();
        matches!(&self.folded[..letters], "q" | "h" | "t" | "s" | "kw" | "ep")
            && self.folded.len() <= letters + 6
    }
}

/// The instance that a title names.
pub(crate) fn of(title: &str) -> Instance {
    let title = compatible(title);
    let said: Vec<Said> = words(&title).map(|word| Said::of(word.text)).collect();
    let is = |at: usize, is: &dyn Fn(&Said) -> bool| said.get(at).is_some_and(is);
    let is_digits = |word: &Said| word.is_digits;
    let counts = |word: &Said| word.marks.counts;
    let is_month = |word: &Said| word.marks.month > 0;
    let mut series = hash(b"series");
    let mut number = hash(b"number");
    let mut is_instance = false;
    for (at, word) in said.iter().enumerate() {
        let before = at.wrapping_sub(1);
        let is_counted = is(before, &counts) || is(at + 1, &counts);
        // What tells this title from others of its series, spelled in one way.
        let telling = if word.is_digits {
            let is_dated = is(before, &is_month) || is(at + 1, &is_month);
            // "21. Tag", "2-я неделя": the number may stand before the word it counts.
            let is_counted = is(before, &counts)
                || is(at + 1, &counts) && !is(at + 2, &is_digits) && word.folded.len() <= 4;
            (is_dated || is_counted || is_date(&word.folded)).then(|| word.folded.clone())
        } else if word.marks.month > 0 && (is(before, &is_digits) || is(at + 1, &is_digits)) {
            Some(word.folded.clone())
        } else if word.marks.weekday > 0 {
            Some(format!("weekday {}", word.marks.weekday))
        } else if word.marks.number > 0 && is_counted {
            Some(word.marks.number.to_string())
        } else if let Some((value, is_long)) = word.roman
            && (is_long || is(before, &counts))
        {
            Some(value.to_string())
        } else {
            word.is_numbered().then(|| word.folded.clone())
        };
        if let Some(telling) = telling {
            is_instance = true;
            number = combine(number, hash(telling.as_bytes()));
        } else if !word.is_digits {
            series = combine(series, hash(word.folded.as_bytes()));
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
            // words for numbers
            ("The fall of a bank, part two", "The fall of a bank, part three"),
            ("Der Prozess, zweiter Tag", "Der Prozess, dritter Tag"),
            ("La deuxième journée du procès", "La troisième journée du procès"),
            ("Segunda jornada del juicio", "Tercera jornada del juicio"),
            ("Третий день суда", "Четвертый день суда"),
            ("庭审第二天", "庭审第三天"),
            ("The fall of a bank, part II", "The fall of a bank, part III"),
            ("Gladiators of Rome II", "Gladiators of Rome III"),
            ("Bericht KW 47", "Bericht KW 48"),
            ("Bericht KW47", "Bericht KW48"),
            ("Semaine 47: les sorties", "Semaine 48: les sorties"),
            ("Earnings for Q3", "Earnings for Q4"),
            ("First quarter earnings", "Second quarter earnings"),
            // days of the week
            ("Forecast for Monday", "Forecast for Tuesday"),
            ("Das Wetter am Montag", "Das Wetter am Dienstag"),
            ("Le journal de lundi", "Le journal de mardi"),
            ("Previsão para segunda-feira", "Previsão para terça-feira"),
            ("Погода в среду", "Погода в четверг"),
            ("Pogoda na środę", "Pogoda na sobotę"),
        ] {
            assert!(of(one).is_another_of(of(other)), "{one} / {other}");
            assert!(!of(one).is_another_of(of(one)), "{one}");
        }
    }

    #[test]
    fn one_instance_is_the_same_in_digits_letters_and_words() {
        let part = of("The fall of a bank, part 2");
        assert_eq!(of("The fall of a bank, part II"), part);
        assert_eq!(of("The fall of a bank, Part Two"), part);
    }

    #[test]
    fn amounts_and_other_titles_tell_nothing_apart() {
        for (one, other) in [
            ("Quake kills 12", "Quake kills 15"),
            ("12 dead after ferry accident", "14 dead after ferry accident"),
            ("Strike: what we know on day 2", "Quake: what we know on day 21"),
            ("Bank raises rate to 4.25 percent", "Bank raises rate to 4.5 percent"),
            ("Ferry aground", "Ferry refloated"),
            ("Two dead after ferry accident", "Three dead after ferry accident"),
            ("Un jour de grève", "Une journée de grève"),
            ("Ferry sinks on Monday", "Ferry sinks"),
            ("Who is on first", "Who is on second"),
            ("I met the mayor", "V met the mayor"),
        ] {
            assert!(!of(one).is_another_of(of(other)), "{one} / {other}");
        }
    }
}
