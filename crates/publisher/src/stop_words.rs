//! Words that say nothing of what a story is about, by language. Our own short lists: the words
//! that stand in nearly every news text. The document frequencies of the stream do the rest.

/// The folded stop words of a language, sorted; empty where there is no list.
pub(crate) fn of(language: &str) -> &'static [&'static str] {
    match language {
        "ar" => AR,
        "cs" => CS,
        "da" => DA,
        "de" => DE,
        "el" => EL,
        "en" => EN,
        "es" => ES,
        "fa" => FA,
        "fi" => FI,
        "fr" => FR,
        "he" => HE,
        "hi" => HI,
        "hu" => HU,
        "id" => ID,
        "it" => IT,
        "nl" => NL,
        "nb" | "nn" | "no" => NO,
        "pl" => PL,
        "pt" => PT,
        "ro" => RO,
        "ru" => RU,
        "sv" => SV,
        "tr" => TR,
        "uk" => UK,
        "vi" => VI,
        _ => &[],
    }
}

#[rustfmt::skip]
const AR: &[&str] = &[
    "أن", "أو", "إلى", "إن", "التي", "الذي", "الى", "بعد", "بين", "حتى", "ذلك", "على", "عن", "في",
    "قال", "قد", "كان", "كانت", "لا", "لم", "ما", "مع", "من", "هذا", "هذه", "هو", "هي", "و", "ولا",
    "يوم",
];

#[rustfmt::skip]
const CS: &[&str] = &[
    "a", "aby", "ale", "ani", "až", "by", "byl", "byla", "bylo", "být", "co", "do", "i", "jak",
    "jako", "je", "jeho", "jejich", "její", "jen", "k", "když", "ke", "která", "které", "který",
    "ma", "mezi", "na", "nad", "ne", "nebo", "o", "od", "po", "pod", "podle", "pro", "před", "při",
    "s", "se", "si", "tak", "také", "to", "v", "ve", "z", "za", "že",
];

#[rustfmt::skip]
const DA: &[&str] = &[
    "af", "alle", "at", "blev", "blive", "da", "de", "dem", "den", "denne", "der", "deres", "det",
    "dette", "dog", "du", "efter", "eller", "en", "er", "et", "for", "fra", "få", "før", "ham",
    "han", "hans", "har", "havde", "hun", "hvad", "hvis", "hvor", "i", "ikke", "ind", "jeg", "kan",
    "kun", "man", "med", "meget", "men", "mere", "mod", "ned", "nu", "når", "og", "om", "op", "os",
    "over", "på", "sig", "sin", "skal", "som", "til", "to", "ud", "under", "var", "ved", "vi",
    "vil", "være",
];

#[rustfmt::skip]
const DE: &[&str] = &[
    "aber", "alle", "als", "also", "am", "an", "auch", "auf", "aus", "bei", "bin", "bis", "da",
    "damit", "dann", "das", "dass", "dem", "den", "der", "des", "die", "dies", "diese", "diesem",
    "diesen", "dieser", "dieses", "doch", "dort", "durch", "ein", "eine", "einem", "einen", "einer",
    "eines", "er", "es", "für", "gegen", "haben", "hat", "hatte", "hatten", "hier", "ich", "ihm",
    "ihn", "ihr", "ihre", "ihrem", "ihren", "ihrer", "im", "in", "ist", "ja", "jetzt", "kann",
    "kein", "keine", "können", "man", "mehr", "mit", "muss", "nach", "neue", "neuen", "nicht",
    "noch", "nun", "nur", "ob", "oder", "ohne", "sagte", "schon", "sehr", "sein", "seine", "seinem",
    "seinen", "seiner", "seit", "sich", "sie", "sind", "so", "soll", "sollen", "sollte", "um",
    "und", "uns", "unter", "vom", "von", "vor", "war", "waren", "was", "weil", "wenn", "wer",
    "werden", "wie", "wieder", "will", "wir", "wird", "wo", "wurde", "wurden", "zu", "zum", "zur",
    "zwei", "zwischen", "über",
];

#[rustfmt::skip]
const EL: &[&str] = &[
    "έχει", "ήταν", "από", "αυτό", "για", "δεν", "είναι", "ενώ", "η", "θα", "και", "κατά", "με",
    "μετά", "μια", "να", "ο", "οι", "που", "προς", "σε", "στα", "στη", "στην", "στις", "στο",
    "στον", "τα", "τη", "την", "της", "τις", "το", "του", "τους", "των", "ως", "όπως", "ότι",
];

#[rustfmt::skip]
const EN: &[&str] = &[
    "a", "about", "above", "after", "again", "against", "all", "also", "am", "an", "and", "any",
    "are", "as", "at", "be", "because", "been", "before", "being", "between", "both", "but", "by",
    "can", "could", "did", "do", "does", "doing", "down", "during", "each", "few", "for", "from",
    "further", "had", "has", "have", "having", "he", "her", "here", "hers", "him", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "just", "may", "me", "might", "more", "most", "my",
    "new", "no", "nor", "not", "now", "of", "off", "on", "once", "one", "only", "or", "other",
    "our", "out", "over", "own", "said", "same", "say", "says", "she", "should", "so", "some",
    "such", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "through", "to", "too", "two", "under", "until", "up", "upon", "us", "very", "was",
    "we", "were", "what", "when", "where", "which", "while", "who", "whom", "why", "will", "with",
    "would", "you", "your",
];

#[rustfmt::skip]
const ES: &[&str] = &[
    "a", "al", "algo", "ante", "antes", "así", "aunque", "cada", "como", "con", "contra", "cual",
    "cuando", "de", "del", "desde", "donde", "dos", "durante", "e", "el", "ella", "ellas", "ellos",
    "en", "entre", "era", "es", "esa", "ese", "eso", "esta", "este", "esto", "estos", "está",
    "están", "fue", "fueron", "ha", "han", "hasta", "hay", "la", "las", "le", "les", "lo", "los",
    "me", "mi", "mientras", "muy", "más", "ni", "no", "nos", "o", "otra", "otro", "para", "pero",
    "poco", "por", "porque", "que", "quien", "qué", "se", "según", "ser", "si", "sido", "sin",
    "sobre", "son", "su", "sus", "sí", "también", "tanto", "te", "tiene", "tras", "tu", "un", "una",
    "uno", "unos", "y", "ya", "yo",
];

#[rustfmt::skip]
const FA: &[&str] = &[
    "آن", "از", "است", "این", "با", "بر", "برای", "به", "تا", "خود", "در", "را", "شد", "شده", "می",
    "هم", "و", "که", "یک",
];

#[rustfmt::skip]
const FI: &[&str] = &[
    "ei", "eivät", "että", "ja", "joka", "jos", "kanssa", "kuin", "kun", "mutta", "myös", "ne",
    "niin", "nyt", "oli", "olivat", "olla", "on", "ovat", "se", "sekä", "sen", "siitä", "sitä",
    "tai", "tämä", "vaan", "vain",
];

#[rustfmt::skip]
const FR: &[&str] = &[
    "a", "ai", "ainsi", "alors", "après", "au", "aussi", "autre", "aux", "avant", "avec", "avoir",
    "bien", "ce", "cela", "ces", "cet", "cette", "ceux", "chez", "comme", "dans", "de", "depuis",
    "des", "deux", "dont", "du", "elle", "elles", "en", "encore", "entre", "est", "et", "eux",
    "fait", "il", "ils", "je", "la", "le", "les", "leur", "leurs", "lors", "lui", "là", "mais",
    "moins", "mon", "même", "ne", "ni", "nos", "notre", "nous", "on", "ont", "ou", "où", "par",
    "pas", "pendant", "peut", "plus", "pour", "qu", "quand", "que", "qui", "sa", "sans", "se",
    "selon", "ses", "si", "son", "sont", "sous", "sur", "ta", "tous", "tout", "toute", "toutes",
    "très", "tu", "un", "une", "vers", "vos", "votre", "vous", "y", "était", "été", "être",
];

#[rustfmt::skip]
const HE: &[&str] = &[
    "אבל", "או", "אם", "אני", "את", "גם", "הוא", "היא", "היה", "זה", "כי", "כל", "לא", "לפני", "מה",
    "על", "עם", "של",
];

#[rustfmt::skip]
const HI: &[&str] = &[
    "एक", "और", "का", "कि", "की", "के", "को", "तक", "था", "थी", "थे", "ने", "पर", "भी", "में", "यह",
    "से", "ही", "है", "हैं", "हो",
];

#[rustfmt::skip]
const HU: &[&str] = &[
    "a", "az", "azt", "csak", "de", "egy", "el", "ez", "ezt", "ha", "hogy", "is", "kell", "le",
    "meg", "mert", "mint", "már", "nem", "pedig", "s", "sem", "szerint", "után", "vagy", "van",
    "volt", "és",
];

#[rustfmt::skip]
const ID: &[&str] = &[
    "ada", "adalah", "akan", "atau", "bagi", "bahwa", "dalam", "dan", "dari", "dengan", "di", "dia",
    "ia", "ini", "itu", "juga", "kami", "karena", "ke", "kepada", "mereka", "oleh", "pada", "para",
    "sebagai", "telah", "tersebut", "tidak", "untuk", "yang",
];

#[rustfmt::skip]
const IT: &[&str] = &[
    "a", "ad", "agli", "ai", "al", "alla", "alle", "anche", "ancora", "che", "chi", "ci", "come",
    "con", "contro", "cosa", "cui", "da", "dagli", "dai", "dal", "dalla", "dalle", "degli", "dei",
    "del", "della", "delle", "dello", "di", "dopo", "dove", "due", "e", "ed", "era", "essere", "fa",
    "fino", "fra", "gli", "ha", "hanno", "ho", "i", "il", "in", "io", "la", "le", "lei", "lo",
    "loro", "lui", "ma", "mentre", "mi", "molto", "ne", "nei", "nel", "nella", "nelle", "non",
    "nostro", "o", "ogni", "per", "perché", "più", "poi", "prima", "quando", "quello", "questa",
    "questo", "qui", "se", "secondo", "senza", "si", "sia", "sono", "sta", "stato", "su", "sua",
    "sue", "sul", "sulla", "suo", "tra", "tutti", "tutto", "un", "una", "uno",
];

#[rustfmt::skip]
const NL: &[&str] = &[
    "aan", "al", "alle", "als", "bij", "dan", "dat", "de", "deze", "die", "dit", "door", "dus",
    "een", "en", "er", "geen", "had", "hebben", "heeft", "het", "hij", "hoe", "hun", "ik", "in",
    "is", "je", "kan", "maar", "meer", "met", "na", "naar", "niet", "nog", "nu", "of", "om",
    "omdat", "onder", "ook", "op", "over", "te", "tegen", "tot", "twee", "uit", "van", "veel",
    "voor", "wat", "wel", "werd", "werden", "wie", "wij", "worden", "wordt", "ze", "zei", "zich",
    "zij", "zijn", "zo", "zou",
];

#[rustfmt::skip]
const NO: &[&str] = &[
    "alle", "at", "av", "ble", "bli", "da", "de", "dem", "den", "denne", "der", "det", "dette",
    "du", "eller", "en", "er", "et", "etter", "for", "fra", "få", "før", "ha", "hadde", "han",
    "hans", "har", "hun", "hva", "hvis", "hvor", "i", "ikke", "inn", "jeg", "kan", "kun", "man",
    "med", "meget", "men", "mer", "mot", "ned", "nå", "når", "og", "om", "opp", "over", "på", "sa",
    "seg", "sin", "skal", "som", "så", "til", "to", "under", "ut", "var", "ved", "vi", "vil",
    "være",
];

#[rustfmt::skip]
const PL: &[&str] = &[
    "a", "aby", "ale", "bez", "być", "był", "była", "było", "były", "co", "czy", "dla", "do", "gdy",
    "go", "i", "ich", "im", "jak", "jako", "je", "jego", "jej", "jest", "już", "kiedy", "która",
    "które", "który", "którzy", "ma", "mają", "na", "nad", "nie", "niż", "o", "od", "oraz", "po",
    "pod", "przed", "przez", "przy", "się", "są", "ta", "tak", "także", "tam", "te", "tego", "tej",
    "ten", "to", "tylko", "tym", "w", "we", "według", "wie", "wszystko", "z", "za", "ze", "że",
];

#[rustfmt::skip]
const PT: &[&str] = &[
    "a", "ao", "aos", "as", "até", "com", "como", "contra", "da", "das", "de", "dela", "dele",
    "depois", "do", "dos", "e", "ela", "elas", "ele", "eles", "em", "entre", "era", "essa", "esse",
    "esta", "este", "está", "eu", "foi", "foram", "há", "isso", "isto", "já", "lhe", "mais", "mas",
    "me", "mesmo", "muito", "na", "nas", "nem", "no", "nos", "não", "o", "onde", "os", "ou", "para",
    "pela", "pelas", "pelo", "pelos", "por", "porque", "quando", "que", "quem", "se", "segundo",
    "sem", "ser", "seu", "seus", "sobre", "sua", "suas", "também", "tem", "têm", "um", "uma", "é",
];

#[rustfmt::skip]
const RO: &[&str] = &[
    "a", "această", "acest", "ai", "al", "ale", "am", "ar", "are", "au", "ca", "care", "ce", "cei",
    "cel", "cu", "că", "da", "de", "din", "după", "ei", "el", "este", "eu", "fi", "fost", "la",
    "lui", "mai", "nu", "o", "pe", "pentru", "prin", "sa", "sau", "se", "si", "sunt", "să", "un",
    "unei", "unui", "va", "îi", "îl", "în", "și",
];

#[rustfmt::skip]
const RU: &[&str] = &[
    "а", "без", "был", "была", "были", "было", "быть", "в", "вам", "вас", "весь", "во", "вот",
    "все", "всего", "вы", "где", "да", "для", "до", "его", "ее", "ей", "ему", "если", "есть", "еще",
    "ещё", "же", "за", "и", "из", "или", "им", "их", "к", "как", "ко", "когда", "кто", "ли", "либо",
    "мне", "может", "мы", "на", "над", "надо", "наш", "не", "него", "нее", "нет", "ни", "них", "но",
    "о", "об", "од", "однако", "он", "она", "они", "оно", "от", "очень", "по", "под", "после",
    "при", "про", "с", "сказал", "со", "так", "также", "такой", "там", "те", "тем", "то", "того",
    "тоже", "той", "только", "том", "ты", "у", "уже", "что", "чтобы", "эта", "эти", "это", "этого",
    "этой", "этом", "этот", "я",
];

#[rustfmt::skip]
const SV: &[&str] = &[
    "alla", "att", "av", "bara", "blev", "bli", "de", "dem", "den", "denna", "det", "detta", "du",
    "där", "efter", "ej", "eller", "en", "ett", "från", "för", "ha", "hade", "han", "hans", "har",
    "hon", "i", "in", "inte", "jag", "kan", "kommer", "man", "med", "men", "mer", "mot", "mycket",
    "ned", "nu", "när", "och", "om", "på", "sa", "samt", "sedan", "sig", "sin", "sina", "ska",
    "skulle", "som", "så", "till", "två", "under", "upp", "ut", "var", "vara", "vi", "vid", "är",
    "även", "över",
];

#[rustfmt::skip]
const TR: &[&str] = &[
    "acaba", "ama", "ancak", "bir", "biri", "biz", "bu", "bunu", "da", "daha", "de", "diye", "en",
    "gibi", "göre", "hem", "her", "ile", "ise", "için", "kadar", "ki", "mi", "mu", "mü", "mı", "ne",
    "o", "olan", "olarak", "oldu", "olduğunu", "onu", "sonra", "ve", "veya", "ya", "çok", "şu",
];

#[rustfmt::skip]
const UK: &[&str] = &[
    "а", "або", "але", "без", "би", "був", "була", "були", "було", "в", "вже", "вона", "вони",
    "все", "від", "він", "для", "до", "з", "за", "й", "його", "йому", "коли", "ми", "на", "над",
    "не", "ні", "о", "при", "про", "під", "після", "та", "так", "також", "те", "то", "того", "тому",
    "у", "це", "цей", "ця", "чи", "що", "щоб", "як", "яка", "який", "які", "і", "із", "її",
];

#[rustfmt::skip]
const VI: &[&str] = &[
    "bị", "bởi", "cho", "các", "có", "cũng", "của", "khi", "không", "là", "một", "nhưng", "những",
    "này", "ra", "sẽ", "theo", "thì", "trong", "trên", "tại", "từ", "và", "về", "với", "đang", "đã",
    "đó", "được", "đến", "để", "ở",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_and_folded_so_that_they_can_be_searched() {
        for language in [
            "ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id",
            "it", "nb", "nl", "pl", "pt", "ro", "ru", "sv", "tr", "uk", "vi",
        ] {
            assert!(of(language).is_sorted() && !of(language).is_empty(), "{language}");
            for word in of(language) {
                assert_eq!(crate::words::fold(word), *word);
            }
        }
        assert!(of("xx").is_empty());
    }
}
