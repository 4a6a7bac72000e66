//! Names of places and people. Each number has a place of its own: the syllables are counted
//! through in a shuffled order before any name comes a second time.

use crate::article::Language;
use crate::random::{Dice, mix, permuted};

struct Syllables {
    first: &'static [&'static str],
    middle: &'static [&'static str],
    last: &'static [&'static str],
    /// Put before a name when all combinations are used up.
    prefixes: &'static [&'static str],
}

const ENGLISH_PLACES: Syllables = Syllables {
    first: &[
        "Ald", "Barn", "Bex", "Brad", "Cal", "Carr", "Chet", "Crum", "Dal", "Dren", "Edd", "Fal",
        "Fern", "Garth", "Gris", "Hal", "Hex", "Ing", "Kend", "Kirk", "Lang", "Leth", "Marl",
        "Mor", "Nant", "Oak", "Oss", "Pen", "Quar", "Rav", "Sed", "Skip", "Stan", "Thorn", "Ulv",
        "Wen", "Whit", "Win", "Wrex", "Yar",
    ],
    middle: &[
        "a", "an", "ar", "be", "den", "der", "e", "el", "en", "er", "i", "ing", "is", "ker", "le",
        "ling", "mer", "ne", "o", "on", "or", "sel", "ter", "u", "ven", "win", "y", "ga", "ro",
        "sa",
    ],
    last: &[
        "beck", "bourne", "bridge", "bury", "combe", "cott", "dale", "field", "ford", "gate",
        "ham", "holt", "hurst", "leigh", "low", "mere", "minster", "mouth", "shaw", "stead",
        "stow", "thorpe", "ton", "wick", "worth", "wold",
    ],
    prefixes: &["", "Upper ", "Nether ", "Great ", "Little ", "Old "],
};

const GERMAN_PLACES: Syllables = Syllables {
    first: &[
        "Alb", "Alt", "Bär", "Bin", "Bracht", "Dorn", "Drei", "Eb", "Eich", "Erl", "Fal", "Finst",
        "Fried", "Gand", "Gers", "Grün", "Has", "Heil", "Holz", "Ils", "Jung", "Kalt", "Kist",
        "Lich", "Lind", "Mah", "Mers", "Nieb", "Ober", "Ot", "Pfaff", "Quell", "Ram", "Rod",
        "Schön", "Selb", "Tann", "Ulm", "Wald", "Zell",
    ],
    middle: &[
        "a", "el", "en", "er", "in", "is", "ing", "ol", "um", "ern", "ach", "eln", "ers", "igs",
        "ens", "ar", "lin", "men", "ken", "ter", "wel", "un", "re", "go", "si", "ba", "de", "na",
        "lo", "mi",
    ],
    last: &[
        "au", "bach", "berg", "brück", "born", "burg", "dorf", "eck", "feld", "fels", "furt",
        "hagen", "hausen", "heim", "hof", "horst", "kirch", "rode", "see", "stadt", "stein", "tal",
        "thal", "wede", "werder", "witz",
    ],
    prefixes: &["", "Bad ", "Groß ", "Klein ", "Neu ", "Hohen "],
};

const SPANISH_PLACES: Syllables = Syllables {
    first: &[
        "Al", "Ar", "Bel", "Ber", "Cam", "Can", "Car", "Cas", "Cer", "Cor", "Del", "Es", "Fer",
        "Gal", "Gar", "Gua", "Hon", "Jar", "La", "Len", "Lor", "Man", "Mar", "Mel", "Mon", "Na",
        "Oli", "Or", "Pal", "Per", "Que", "Ri", "Sal", "San", "Ser", "Tor", "Tri", "Val", "Ver",
        "Za",
    ],
    middle: &[
        "a", "ba", "be", "ca", "da", "de", "di", "e", "ga", "go", "gue", "i", "ja", "la", "le",
        "li", "lo", "ma", "me", "mo", "na", "ni", "no", "o", "ra", "re", "ro", "sa", "ta", "to",
    ],
    last: &[
        "bera", "bina", "cejo", "celes", "dales", "dera", "dilla", "fuente", "gona", "guera",
        "jada", "lares", "leda", "mares", "mera", "mosa", "nares", "nilla", "nuela", "rejo",
        "rena", "rilla", "salejo", "tera", "vieja", "zuela",
    ],
    prefixes: &["", "Villa ", "Puerto ", "Nueva ", "Torre ", "Puente "],
};

const ENGLISH_SURNAMES: Syllables = Syllables {
    first: &[
        "Ash", "Bar", "Black", "Brack", "Brom", "Cald", "Clay", "Cope", "Cress", "Dun", "Ever",
        "Fair", "Far", "Gold", "Green", "Hart", "Hay", "Hol", "Kes", "Lock", "Mar", "Mer", "Nor",
        "Pem", "Pick", "Rad", "Red", "Rush", "Sher", "Stock", "Stub", "Tem", "Trev", "Tul", "Ver",
        "Wake", "War", "Well", "Wil", "Wood",
    ],
    middle: &[
        "a", "e", "en", "er", "i", "in", "ing", "is", "o", "on", "ra", "re", "ri", "se", "ve",
    ],
    last: &[
        "brook", "by", "croft", "dell", "don", "ford", "gill", "ham", "kin", "land", "ley", "man",
        "mond", "more", "nell", "ridge", "rick", "sby", "son", "stone", "ter", "tree", "wardine",
        "well", "wright",
    ],
    prefixes: &["", "Mc", "Fitz", "St John-"],
};

const GERMAN_SURNAMES: Syllables = Syllables {
    first: &[
        "Acker", "Bahr", "Beren", "Bier", "Brand", "Dett", "Ebel", "Ehr", "Feld", "Fink", "Gabel",
        "Geb", "Hahn", "Harm", "Hell", "Huber", "Jans", "Kalk", "Kessel", "Kram", "Lamp", "Leh",
        "Lutz", "Mang", "Meis", "Moos", "Nied", "Ost", "Pohl", "Raben", "Reich", "Rosen", "Sand",
        "Schil", "Seiden", "Stein", "Tiede", "Vogel", "Wein", "Zim",
    ],
    middle: &["a", "e", "el", "en", "er", "i", "in", "ke", "le", "ne", "o", "ol", "re", "se", "te"],
    last: &[
        "bach", "beck", "berger", "brecht", "dorfer", "feldt", "graf", "hagen", "hofer", "kamp",
        "kow", "linger", "mann", "meier", "meister", "müller", "ner", "rath", "reuter", "sen",
        "ski", "stetter", "thaler", "wald", "wig",
    ],
    prefixes: &["", "von ", "Groß-", "Klein-"],
};

const SPANISH_SURNAMES: Syllables = Syllables {
    first: &[
        "Abas", "Agui", "Alma", "Are", "Barre", "Beni", "Bus", "Cabre", "Cala", "Carra", "Ceba",
        "Cor", "Deza", "Eche", "Esca", "Esto", "Galin", "Gamba", "Gara", "Gurru", "Ibar", "Iri",
        "Jime", "Larra", "Leza", "Lopa", "Mada", "Manri", "Mele", "Mora", "Nava", "Olaza", "Pala",
        "Peral", "Queve", "Roble", "Saave", "Tama", "Urru", "Zaba",
    ],
    middle: &[
        "ba", "be", "chi", "da", "de", "gue", "la", "le", "lo", "ma", "na", "ra", "ri", "sa", "te",
    ],
    last: &[
        "bal", "bre", "cha", "dena", "dero", "dez", "do", "drano", "ga", "gaña", "goitia", "ldo",
        "llo", "lva", "mendi", "nar", "no", "ña", "ra", "res", "rra", "rte", "sco", "tegui", "zo",
    ],
    prefixes: &["", "de ", "del ", "San "],
};

const ENGLISH_FIRST: &[&str] = &[
    "Ada", "Amos", "Beatrix", "Cedric", "Clemence", "Dilys", "Edmund", "Elspeth", "Farah",
    "Gareth", "Hester", "Idris", "Imogen", "Jasper", "Kezia", "Lionel", "Mabel", "Nadia",
    "Orlando", "Philippa", "Quentin", "Rosalind", "Silas", "Tamsin", "Ursula", "Vikram",
    "Winifred", "Xanthe", "Yusuf", "Zelda",
];
const GERMAN_FIRST: &[&str] = &[
    "Adele", "Anselm", "Berit", "Carsten", "Dagmar", "Detlef", "Edda", "Erwin", "Frauke", "Gero",
    "Heidrun", "Holger", "Ilka", "Ingo", "Janina", "Konrad", "Liane", "Lorenz", "Mareike",
    "Nikolas", "Ottilie", "Philipp", "Reinhild", "Rüdiger", "Sigrid", "Torsten", "Ulrike",
    "Volker", "Wenke", "Yasemin",
];
const SPANISH_FIRST: &[&str] = &[
    "Adela",
    "Amparo",
    "Baltasar",
    "Begoña",
    "Cipriano",
    "Dolores",
    "Elvira",
    "Esteban",
    "Fermín",
    "Gloria",
    "Gonzalo",
    "Hortensia",
    "Ignacio",
    "Inés",
    "Jacinto",
    "Leandro",
    "Leonor",
    "Maite",
    "Matías",
    "Nieves",
    "Óscar",
    "Paloma",
    "Quintín",
    "Raquel",
    "Rubén",
    "Silvia",
    "Teresa",
    "Ulises",
    "Valentín",
    "Ximena",
];

/// The place of a number.
pub(crate) fn town(language: Language, seed: u64, number: u64) -> String {
    let syllables = match language {
        Language::English => &ENGLISH_PLACES,
        Language::German => &GERMAN_PLACES,
        Language::Spanish => &SPANISH_PLACES,
    };
    syllables.name(mix(seed ^ 0x70_77), number)
}

/// A person: full name and surname. The surname belongs to the number, the first name is drawn.
pub(crate) fn person(
    language: Language,
    seed: u64,
    number: u64,
    dice: &mut Dice,
) -> (String, String) {
    let (first, surnames) = match language {
        Language::English => (ENGLISH_FIRST, &ENGLISH_SURNAMES),
        Language::German => (GERMAN_FIRST, &GERMAN_SURNAMES),
        Language::Spanish => (SPANISH_FIRST, &SPANISH_SURNAMES),
    };
    let last = surnames.name(mix(seed ^ 0x6c_61), number);
    (format!("{} {last}", dice.word(first)), last)
}

impl Syllables {
    fn name(&self, shift: u64, number: u64) -> String {
        let (first, middle) = (self.first.len() as u64, self.middle.len() as u64);
        let all = first * middle * self.last.len() as u64;
        let place = permuted(number % all, all, shift);
        let round = (number / all) as usize;
        let prefix = self.prefixes[round % self.prefixes.len()];
        let stem = format!(
            "{}{}{}",
            self.first[(place % first) as usize],
            self.middle[(place / first % middle) as usize],
            self.last[(place / first / middle) as usize],
        );
        format!("{prefix}{stem}")
    }
}
