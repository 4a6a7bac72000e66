//! The pieces a date is written with: numbers, month names and zones in some twenty languages.

/// Month names by their beginnings, lower case and without accents; the longest that fits wins.
const MONTHS: [&str; 12] = [
    "jan gen ene sty led янв січ oca ιαν tammi ian sij يناير",
    "feb fev lut uno фев лют sub φεβ helmi velj فبراير",
    "mar mrz maa mrt bre мар бер μαρ مارس",
    "apr abr avr kwi dub апр кві nis απρ huhti أبريل ابريل",
    "may mai maj mag mei kve мая май тра μαι touko مايو",
    "jun juin giu cze cerven июн чер haz ιουν kesa iun يونيو",
    "jul juil lug lip cervenec cervenc июл лип tem ιουλ heina iul يوليو",
    "aug ago aou sie srp авг сер agu αυγ elo أغسطس اغسطس",
    "sep set szept wrz zar сен вер eyl σεπ syys سبتمبر",
    "oct okt out ott paz rij окт жов eki οκτ loka أكتوبر اكتوبر",
    "nov lis ноя лис kas νοε marras noi نوفمبر",
    "dec dez dic des gru pro дек гру ara δεκ joulu ديسمبر",
];

/// Zones by name, minutes east of Greenwich. Where a name has two meanings, the one met in feeds.
const ZONES: &[(&str, i32)] = &[
    ("z ut utc gmt wet", 0),
    ("bst west cet met mez wat", 60),
    ("cest mest mesz eet sast cat", 120),
    ("eest msk eat trt", 180),
    ("msd gst", 240),
    ("pkt", 300),
    ("ist", 330),
    ("npt", 345),
    ("ict wib", 420),
    ("sgt hkt pht awst", 480),
    ("jst kst", 540),
    ("acst", 570),
    ("aest", 600),
    ("acdt", 630),
    ("aedt", 660),
    ("nzst", 720),
    ("nzdt", 780),
    ("ndt", -150),
    ("adt brt art", -180),
    ("nst", -210),
    ("edt ast clt", -240),
    ("est et cdt cot", -300),
    ("cst ct mdt", -360),
    ("mst mt pdt", -420),
    ("pst pt akdt", -480),
    ("akst", -540),
    ("hst", -600),
];

/// A piece of a date's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A number: how many digits, and its value.
    Number(u8, i64),
    Month(u32),
    Zone(i32),
    Morning,
    Afternoon,
    /// `年`, `년`: the number before it is a year; month and day likewise.
    YearMark,
    MonthMark,
    DayMark,
    HourMark,
    MinuteMark,
    /// The letter between date and time in ISO 8601.
    T,
    /// A word that says nothing: weekdays, "at", "um", "Uhr".
    Word,
    Blank,
    Symbol(char),
}

use Piece::{
    Afternoon, Blank, DayMark, HourMark, MinuteMark, Month, MonthMark, Morning, Number, Symbol, T,
    Word, YearMark, Zone,
};

/// The pieces of a text.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let length = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            // 19 digits are no number of a date; saturate so that they match nothing.
            let value = rest[..length].parse().unwrap_or(i64::MAX);
            pieces.push(Number(length.min(255) as u8, value));
            length
        } else if first.is_whitespace() {
            pieces.push(Blank);
            first.len_utf8()
        } else if first.is_alphabetic() {
            let length = rest
                .char_indices()
                .find(|(_, c)| !(c.is_alphabetic() || is_combining(*c)))
                .map_or(rest.len(), |(at, _)| at);
            pieces.push(word(&rest[..length], rest[length..].starts_with('.')));
            length
        } else {
            pieces.push(Symbol(match first {
                '\u{2212}' | '\u{2013}' | '\u{2010}' => '-',
                '：' => ':',
                other => other,
            }));
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    pieces
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

fn word(word: &str, dotted: bool) -> Piece {
    let folded = fold(word);
    match folded.as_str() {
        "t" => return T,
        "am" | "오전" | "上午" | "午前" | "πμ" => return Morning,
        "pm" | "오후" | "下午" | "午後" | "μμ" => return Afternoon,
        "年" | "년" => return YearMark,
        "月" | "월" => return MonthMark,
        "日" | "일" => return DayMark,
        "時" | "时" | "点" | "시" | "h" => return HourMark,
        "分" | "분" => return MinuteMark,
        _ => {}
    }
    // "a.m." and "p.m." in two words.
    if dotted && folded == "a" {
        return Morning;
    }
    if dotted && folded == "p" {
        return Afternoon;
    }
    if let Some((_, zone)) =
        ZONES.iter().find(|(names, _)| names.split(' ').any(|name| name == folded))
    {
        return Zone(*zone);
    }
    (1..)
        .zip(MONTHS)
        .flat_map(|(month, names)| names.split(' ').map(move |beginning| (beginning, month)))
        .filter(|(beginning, _)| folded.starts_with(beginning))
        .max_by_key(|(beginning, _)| beginning.len())
        .map_or(Word, |(_, month)| Month(month))
}

/// Lower case without the accents of the Latin and Greek month names.
fn fold(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining(*c))
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ă' | 'ą' => 'a',
            'ç' | 'č' | 'ć' => 'c',
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' => 'e',
            'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
            'ñ' | 'ń' => 'n',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
            'ř' => 'r',
            'š' | 'ş' | 'ș' | 'ś' => 's',
            'ú' | 'ù' | 'û' | 'ü' | 'ů' => 'u',
            'ž' | 'ź' | 'ż' => 'z',
            'ğ' => 'g',
            'ά' => 'α',
            'έ' => 'ε',
            'ή' => 'η',
            'ί' | 'ϊ' | 'ΐ' => 'ι',
            'ό' => 'ο',
            'ύ' | 'ϋ' => 'υ',
            'ώ' => 'ω',
            'ς' => 'σ',
            other => other,
        })
        .collect()
}
