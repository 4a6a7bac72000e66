//! The article's language: what is declared and what is detected, and who wins.

use whatlang::Lang;

/// How much of the text the detector sees.
const SAMPLE: usize = 2_000;

/// Decides. Declarations in order of belief; a confident detection over enough text overrules
/// them, since templates are copied with the wrong `lang` far more often than detection over a
/// thousand letters errs.
pub(crate) fn find(text: &str, declared: &[Option<&str>]) -> Option<String> {
    let declared: Vec<String> =
        declared.iter().flatten().filter_map(|tag| normalise(tag)).collect();
    // Most pages are in the language they say: that is seen at once, and detection costs as much as
    // a third of the parsing.
    if let Some(first) = declared.first()
        && sounds_like(text, primary(first))
    {
        return Some(first.clone());
    }
    let detected = detect(text);
    match (detected, declared.first()) {
        (Some((code, sure)), Some(first)) => {
            if let Some(agreeing) = declared.iter().find(|tag| primary(tag) == code) {
                return Some(agreeing.clone());
            }
            // What the detector does not know it takes for the nearest that it does.
            let could_tell = Lang::all().iter().any(|lang| self::code(*lang) == primary(first));
            if sure && could_tell && !is_close(code, primary(first)) {
                Some(code.to_owned())
            } else {
                Some(first.clone())
            }
        }
        (Some((code, _)), None) => Some(code.to_owned()),
        (None, Some(first)) => Some(first.clone()),
        (None, None) => None,
    }
}

/// Whether a text is full of the commonest words of a language, for the commonest languages.
fn sounds_like(text: &str, language: &str) -> bool {
    let Some((_, common)) = COMMON.iter().find(|(code, _)| *code == language) else {
        return false;
    };
    let mut seen = 0_u32;
    let mut hits = 0;
    let mut words = 0;
    for word in text.split_whitespace().take(150) {
        words += 1;
        if let Some(index) = common.iter().position(|known| word.eq_ignore_ascii_case(known)) {
            hits += 1;
            seen |= 1 << index;
        }
    }
    words >= 60 && hits * 8 >= words && seen.count_ones() >= 6
}

/// Common words, few of which any other of these languages has.
const COMMON: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "the", "of", "and", "to", "is", "that", "for", "was", "with", "are", "this", "have",
            "it", "as", "from",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "und", "das", "den", "ist", "nicht", "ein", "eine", "mit", "von", "zu",
            "auf", "dem", "des",
        ],
    ),
    (
        "fr",
        &[
            "les", "des", "et", "est", "une", "dans", "pour", "qui", "du", "sur", "pas", "au",
            "par", "ce", "le",
        ],
    ),
    (
        "es",
        &[
            "los", "las", "el", "y", "que", "del", "por", "con", "una", "su", "para", "como", "se",
            "más", "al",
        ],
    ),
    (
        "it",
        &[
            "il", "che", "di", "della", "per", "non", "sono", "con", "gli", "nel", "dei", "alla",
            "è", "si", "ha",
        ],
    ),
    (
        "pt",
        &[
            "os", "do", "da", "que", "não", "uma", "em", "para", "com", "dos", "no", "na", "as",
            "ao", "mais",
        ],
    ),
    (
        "nl",
        &[
            "het", "een", "van", "en", "dat", "niet", "zijn", "op", "voor", "met", "aan", "ook",
            "maar", "bij", "er",
        ],
    ),
    (
        "pl",
        &[
            "się", "nie", "jest", "na", "że", "do", "to", "oraz", "przez", "jak", "dla", "po",
            "ale", "od", "za",
        ],
    ),
];

fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

/// Languages that a detector by letter groups mixes up.
fn is_close(one: &str, two: &str) -> bool {
    const CLOSE: &[&[&str]] = &[
        &["no", "nb", "nn", "da", "sv"],
        &["hr", "sr", "bs", "sh", "sl"],
        &["cs", "sk"],
        &["es", "gl", "ca", "pt"],
        &["id", "ms", "jv"],
        &["ru", "uk", "be", "bg", "mk"],
        &["hi", "mr", "ne"],
        &["fa", "ar", "ur", "ps"],
        &["nl", "af"],
        &["tr", "az", "tk"],
        &["zu", "xh", "sn"],
    ];
    CLOSE.iter().any(|group| group.contains(&one) && group.contains(&two))
}

/// A BCP 47 tag in its usual spelling; nothing for nonsense.
pub(crate) fn normalise(tag: &str) -> Option<String> {
    let tag = tag.split([',', ';']).next()?.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let language = parts.next()?.to_ascii_lowercase();
    if !(2..=3).contains(&language.len())
        || !language.bytes().all(|byte| byte.is_ascii_alphabetic())
        || language == "und"
    {
        return None;
    }
    let mut normal = match language.as_str() {
        "iw" => "he".to_owned(),
        "in" => "id".to_owned(),
        "ji" => "yi".to_owned(),
        _ => language,
    };
    for part in parts.take(2) {
        if !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        normal.push('-');
        match part.len() {
            2 => normal.push_str(&part.to_ascii_uppercase()),
            4 => {
                normal.push_str(&part[..1].to_ascii_uppercase());
                normal.push_str(&part[1..].to_ascii_lowercase());
            }
            3 => normal.push_str(part),
            _ => {
                normal.pop();
                break;
            }
        }
    }
    Some(normal)
}

fn detect(text: &str) -> Option<(&'static str, bool)> {
    let mut end = SAMPLE.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let sample = &text[..end];
    let info = whatlang::detect(sample)?;
    let letters = sample.chars().filter(|c| c.is_alphabetic()).count();
    let sure = info.is_reliable() && letters >= 200;
    Some((code(info.lang()), sure))
}

/// The two-letter code (ISO 639-1) of each language the detector knows.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_spelled_the_usual_way() {
        for (tag, expected) in [
            ("en_us", Some("en-US")),
            ("DE", Some("de")),
            ("zh-hans-cn", Some("zh-Hans-CN")),
            ("english", None),
            ("", None),
            ("iw", Some("he")),
        ] {
            assert_eq!(normalise(tag).as_deref(), expected, "{tag}");
        }
    }

    #[test]
    fn a_confident_detection_overrules_a_wrong_template() {
        let german = "Der Minister sagte am Dienstag, dass die Verhandlungen mit den Vertretern der Länder noch in dieser Woche abgeschlossen werden sollen. Die Opposition im Bundestag kritisierte das Vorhaben scharf und verlangte eine öffentliche Anhörung.";
        assert_eq!(find(german, &[Some("en-US")]).as_deref(), Some("de"));
        assert_eq!(find(german, &[Some("de-AT")]).as_deref(), Some("de-AT"));
        assert_eq!(find("Kurz", &[Some("da")]).as_deref(), Some("da"));
    }
}
