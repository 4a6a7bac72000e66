//! Words by which titles count: what is counted, and by which words instead of digits.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Words before (or, in some languages, behind) a number that count instances, folded. Numbers
/// beside other words are amounts, and a toll that rises is the same event.
#[rustfmt::skip]
const COUNTING: &[&str] = &[
    // day
    "day tag jour día dia giorno dag dzień dnia den dne день дня gün günü päivä nap dygn ziua",
    "ημέρα 日 天",
    // week
    "week wk woche kalenderwoche kw semaine semana settimana vecka veckan uke uge tydzień tygodnia",
    "týden неделя недели тиждень hafta haftası viikko viikon hét εβδομάδα 周 週",
    // quarter, half-year, season
    "quarter quartal trimestre kwartaal kvartal kwartał квартал çeyrek season staffel saison",
    "temporada stagione seizoen säsong sezon сезон",
    // part, chapter, episode, edition, number
    "part teil partie parte deel część часть части частина chapter kapitel chapitre capítulo capitolo",
    "episode folge épisode episodio episódio puntata aflevering avsnitt odcinek эпизод серия выпуск",
    "edition ausgabe édition edición edição edizione instalment installment entrega issue number no",
    "nr nº vol volume tome tomo act akt acte acto atto bölüm 第 期 集 話 话 回 章 月",
    // round, matchday, stage, game
    "round runde matchday spieltag journée jornada giornata rodada speelronde ronde omgång kolejka тур",
    "stage etappe étape etapa tappa session sitzung sesión séance game leg heat lauf manche ronda",
    "fecha turno fase feira 轮 輪 节 節",
];

/// Numbers in words, folded, one row for each: they count beside [`COUNTING`] only. Without those
/// that are articles as well.
const NUMBERS: &[&str] = &[
    "one first eins erste erster erstes ersten premier première primero primera primer primo prima \
     primeiro primeira eerste första første pierwszy pierwsza первый первая первое перший перша první \
     birinci ilk ensimmäinen πρώτη 一",
    "two second zwei zweite zweiter zweites zweiten deux deuxième seconde dos segundo segunda due \
     secondo seconda dois duas twee tweede två andra anden to drugi druga второй вторая второе другий \
     друга druhý druhá iki ikinci toinen δεύτερη 二",
    "three third drei dritte dritter drittes dritten trois troisième tres tercero tercera tercer tre \
     terzo terza três terceiro terceira terça drie derde tredje trzeci trzecia третий третья третье \
     третій третя třetí üç üçüncü kolmas τρίτη 三",
    "four fourth vier vierte vierter viertes vierten quatre quatrième cuatro cuarto cuarta quattro \
     quarto quarta quatro vierde fyra fjärde fire fjerde czwarty czwarta четвертый четвёртый четвертая \
     четвертий čtvrtý dört dördüncü neljäs τέταρτη 四",
    "five fifth fünf fünfte fünfter fünftes fünften cinq cinquième cinco quinto quinta cinque vijf \
     vijfde fem femte piąty piąta пятый пятая пятий pátý beş beşinci viides πέμπτη 五",
    "six sixth sechs sechste sechster sechsten sixième seis sexto sexta sei sesto sesta zes zesde sex \
     sjätte seks sjette szósty szósta шестой шестая шостий šestý altı altıncı kuudes 六",
    "seven seventh sieben siebte siebter siebten sept septième siete séptimo séptima sette settimo \
     settima sete sétimo zeven zevende sju sjunde syv siódmy седьмой седьмая sedmý yedi yedinci 七",
    "eight eighth acht achte achter achten huit huitième ocho octavo octava otto ottavo oito oitavo \
     achtste åtta åttonde otte ósmy восьмой восьмая osmý sekiz sekizinci 八",
    "nine ninth neun neunte neunter neunten neuf neuvième nueve noveno novena nove nono negen negende \
     nio nionde ni dziewiąty девятый девятая devátý dokuz dokuzuncu 九",
    "ten tenth zehn zehnte zehnter zehnten dix dixième diez décimo décima dieci decimo dez tien tiende \
     tio tionde ti dziesiąty десятый десятая desátý on onuncu 十",
    "eleven eleventh elf elfte elfter elften onze onzième undici elva одиннадцатый",
    "twelve twelfth zwölf zwölfte zwölfter zwölften douze douzième doce dodici doze twaalf tolv \
     двенадцатый",
];

/// Days of the week, folded, from Monday on. Short forms are too often other words.
const WEEKDAYS: &[&str] = &[
    "monday montag montags lundi lunes lunedì maandag måndag mandag poniedziałek pondělí понедельник \
     понеділок pazartesi maanantai maanantaina hétfő luni δευτέρα الاثنين senin",
    "tuesday dienstag dienstags mardi martes martedì dinsdag tisdag tirsdag wtorek úterý вторник \
     вівторок salı tiistai tiistaina kedd marți الثلاثاء selasa",
    "wednesday mittwoch mittwochs mercredi miércoles mercoledì woensdag onsdag środa środę středa среда \
     среду середа середу çarşamba keskiviikko keskiviikkona szerda miercuri τετάρτη الأربعاء rabu",
    "thursday donnerstag donnerstags jeudi jueves giovedì donderdag torsdag czwartek čtvrtek четверг \
     четвер perşembe torstai torstaina csütörtök joi الخميس kamis",
    "friday freitag freitags vendredi viernes venerdì vrijdag fredag piątek pátek пятница пятницу \
     пятниця cuma perjantai perjantaina péntek vineri παρασκευή الجمعة jumat",
    "saturday samstag samstags sonnabend samedi sábado sabato zaterdag lördag lørdag sobota sobotę \
     суббота субботу субота суботу cumartesi lauantai lauantaina szombat sâmbătă σάββατο السبت sabtu",
    "sunday sonntag sonntags dimanche domingo domenica zondag söndag søndag niedziela niedzielę neděle \
     воскресенье неділя неділю pazar sunnuntai sunnuntaina vasárnap duminică κυριακή الأحد minggu",
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

/// What a word may be in a title that counts; 0: no such thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// It says what is counted.
    pub(crate) counts: bool,
    pub(crate) month: u8,
    pub(crate) weekday: u8,
    pub(crate) number: u8,
}

static MARKS: LazyLock<BTreeMap<&'static str, Marks>> = LazyLock::new(|| {
    let mut marks: BTreeMap<&'static str, Marks> = BTreeMap::new();
    for word in COUNTING.iter().flat_map(|row| row.split_whitespace()) {
        marks.entry(word).or_default().counts = true;
    }
    for (word, month) in MONTHS {
        marks.entry(*word).or_default().month = *month;
    }
    for (number, row) in (1..).zip(NUMBERS) {
        for word in row.split_whitespace() {
            marks.entry(word).or_default().number = number;
        }
    }
    for (weekday, row) in (1..).zip(WEEKDAYS) {
        for word in row.split_whitespace() {
            marks.entry(word).or_default().weekday = weekday;
        }
    }
    marks
});

/// What a folded word may be in a title that counts.
pub(crate) fn marks(folded: &str) -> Marks {
    MARKS.get(folded).copied().unwrap_or_default()
}

/// The number of a month's name, folded.
pub(crate) fn month(folded: &str) -> Option<u8> {
    Some(marks(folded).month).filter(|month| *month > 0)
}

/// The value of a Roman number below 90 in capital letters. Greater ones are words more often.
pub(crate) fn roman(word: &str) -> Option<u8> {
    const TENS: [&str; 9] = ["", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX"];
    const ONES: [&str; 10] = ["", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX"];
    if word.is_empty() || !word.bytes().all(|byte| b"IVXL".contains(&byte)) {
        return None;
    }
    for (ten, tens) in (0..).zip(TENS) {
        for (one, ones) in (0..).zip(ONES) {
            if word.strip_prefix(tens) == Some(ones) {
                return Some(10 * ten + one);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roman_numbers_are_read_where_they_are_some() {
        for (word, value) in
            [("II", 2), ("IX", 9), ("XIV", 14), ("XL", 40), ("LIX", 59), ("LXXXIX", 89)]
        {
            assert_eq!(roman(word), Some(value));
        }
        for word in ["", "IIII", "VX", "IL", "XXL", "MIX", "ii", "LILI"] {
            assert_eq!(roman(word), None, "{word}");
        }
    }

    #[test]
    fn words_are_spelled_as_titles_are_folded() {
        for word in MARKS.keys() {
            assert_eq!(crate::words::fold(word), *word);
        }
    }
}
