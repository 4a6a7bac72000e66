//! The pieces a date is written with: numbers, month names and zones in some fifty languages.

use std::borrow::Cow;

/// Month names by their beginnings, lower case and without accents; the longest that fits wins.
const MONTHS: [&str; 12] = [
    "jan gen ene sty led янв яну јан сту січ oca ιαν tammi ian sij jaan saus xan يناير جانفي ژانویه جنور ינו जन জান มกรา",
    "feb fev lut uno фев феб лют sub φεβ helmi velj veeb vasar shkurt فبراير فيفري فوریه فرور פבר फर ফেব กุมภา",
    "mar mrz maa mrt bre мар бер сак μαρ ozuj kov مارس مارچ מרץ मार মার মার্চ มีนา",
    "apr abr avr kwi dub апр кві крас nis απρ huhti trav baland prill أبريل ابريل أفريل آوریل اپریل אפר अप এপ เมษา",
    "may mai maj mag mei kve мая май мај тра μαι touko svib geg مايو ماي مئی מאי मई মে พฤษภา",
    "jun juin giu cze cerven cervn июн јун юни чер чэр haz ιουν kesa iun juun lipnj lipanj birz qersh يونيو جوان ژوئن جون יוני जून জুন มิถุนา",
    "jul juil lug lip cervenec cervenc июл јул юли лип ліп tem ιουλ heina iul juul srpnj srpanj liep korr يوليو جويلية يوليوز ژوئیه جولا יולי जुल জুল กรก",
    "aug avg ago aou sie srp авг сер жні agu αυγ elo kolov rugp gusht ogos أغسطس اغسطس أوت غشت اوت اگست אוג अग আগ สิงหา",
    "sep set szept wrz zar сен вер eyl σεπ syys ruj rugs shtat سبتمبر شتنبر سپتامبر ستمبر ספט सित সেপ กันยา",
    "oct okt out ott paz rij окт жов кас eki οκτ loka spal tetor أكتوبر اكتوبر اکتبر اکتوبر אוק अक অক ตุลา",
    "nov lis ноя ное нов лис ліс kas νοε marras noi stud lapkr nent نوفمبر نونبر نوامبر نومبر נוב नव নভ พฤศจิ",
    "dec dez dic des gru pro дек дец гру сне ara δεκ joulu det dhjet ديسمبر دجنبر دسامبر دسمبر דצמ दिस ডিস ธันวา",
];
/// Months of two words, and what they are in one.
const TWO_WORDS: [(&str, &str); 4] = [
    ("كانون الثاني", "يناير"),
    ("تشرين الأول", "أكتوبر"),
    ("تشرين الثاني", "نوفمبر"),
    ("كانون الأول", "ديسمبر"),
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
    let plain = plain(text);
    let mut rest = plain.as_ref();
    // Vietnamese numbers its months: "2 tháng 12".
    let mut month_is_next = false;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let length = rest.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(rest.len());
            // 19 digits are no number of a date; saturate so that they match nothing.
            let value = rest[..length].parse().unwrap_or(i64::MAX);
            pieces.push(match u32::try_from(value) {
                Ok(month @ 1..=12) if month_is_next => Month(month),
                _ => Number(length.min(255) as u8, value),
            });
            month_is_next = false;
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
            month_is_next = fold(&rest[..length]) == "thang";
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

/// The text with the digits of all scripts as ASCII, months in one word, and Buddhist years (Thai)
/// as common ones.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut plain: String = text.chars().map(ascii_digit).collect();
    for (words, month) in TWO_WORDS {
        plain = plain.replace(words, month);
    }
    if plain.contains(|c| matches!(c, '\u{e00}'..='\u{e7f}')) {
        for year in 2500..2650 {
            plain = plain.replace(&year.to_string(), &(year - 543).to_string());
        }
    }
    Cow::Owned(plain)
}

fn ascii_digit(c: char) -> char {
    // Arabic, Persian, Devanagari, Bengali, Thai, full width.
    ['٠', '۰', '०', '০', '๐', '０']
        .iter()
        .find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|digit| *digit < 10))
        .and_then(|digit| char::from_digit(digit, 10))
        .unwrap_or(c)
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
    // Hebrew writes "in December" in one word.
    let bare = folded.strip_prefix('ב').unwrap_or(&folded);
    (1..)
        .zip(MONTHS)
        .flat_map(|(month, names)| names.split(' ').map(move |beginning| (beginning, month)))
        .filter(|(beginning, _)| bare.starts_with(beginning))
        .max_by_key(|(beginning, _)| beginning.len())
        .map_or(Word, |(_, month)| Month(month))
}

/// Lower case without the accents of the Latin and Greek month names.
fn fold(word: &str) -> String {
    word.chars()
        .flat_map(char::to_lowercase)
        .filter(|c| !is_combining(*c))
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ă' | 'ą' | 'ā' => 'a',
            'ç' | 'č' | 'ć' => 'c',
            'é' | 'è' | 'ê' | 'ë' | 'ě' | 'ę' | 'ē' | 'ė' => 'e',
            'í' | 'ì' | 'î' | 'ï' | 'ı' | 'ī' => 'i',
            'ñ' | 'ń' => 'n',
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => 'o',
            'ř' => 'r',
            'š' | 'ş' | 'ș' | 'ś' => 's',
            'ú' | 'ù' | 'û' | 'ü' | 'ů' | 'ū' => 'u',
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
