//! Names of desks, agencies and firms that stand where people should. Tables only.

/// Words of which any makes a name one of a desk, not of a person (folded).
#[rustfmt::skip]
pub(crate) const DESKS: &[&str] = &[
    "redaktion", "webdesk", "redaktionen", "onlineredaktion", "redaktionsteam", "newsroom",
    "online-redaktion", "online-rédaction", "rédaction", "redacción", "redaccion", "redacció",
    "redação", "redacao", "redazione", "redactie", "redakcja", "redakce", "redakcia",
    "redakcija", "redacția", "redactia", "toimitus", "uutistoimitus", "verkkotoimitus",
    "toimetus", "szerkesztőség", "редакция", "редакцията", "редакція", "редакција", "редакции",
    "խմբագրություն", "რედაქცია", "συντακτική", "σύνταξης", "редакциясы", "ritstjórn",
    "redaksjonen", "redaksi", "redaksiya", "merkezi", "المحررين", "تحریریه", "نیوزڈیسک",
];

/// Whole names of desks (folded).
#[rustfmt::skip]
pub(crate) const DESK_NAMES: &[&str] = &[
    "haber merkezi", "redacción central", "web desk", "online desk", "digital desk", "staff",
    "staff reporter", "staff writer", "staff correspondent", "our correspondent",
    "special correspondent", "news staff", "editorial", "editorial team", "editorial staff",
    "news team", "web team", "web", "our staff", "ban biên tập", "tòa soạn", "tim redaksi",
    "নিজস্ব প্রতিবেদক", "নিজস্ব প্রতিনিধি", "স্টাফ রিপোর্টার", "অনলাইন ডেস্ক", "নিউজ ডেস্ক",
    "ডেস্ক রিপোর্ট", "न्यूज़ डेस्क", "वेब डेस्क", "डिजिटल डेस्क", "ऑनलाइन डेस्क",
    "กองบรรณาธิการ", "هيئة التحرير", "تحریریه", "ویب ڈیسک", "نیوز ڈیسک", "מערכת", "מערכת האתר",
    "mwandishi wetu", "na mwandishi wetu", "정치부", "사회부", "경제부", "국제부", "문화부", "편집부", "편집국",
    "온라인뉴스부", "本站", "本网", "本報", "本报", "本报讯", "小编", "编辑", "編輯", "admin",
];

/// Ends of names of desks in scripts without blanks.
#[rustfmt::skip]
pub(crate) const DESK_ENDS: &[&str] = &[
    "뉴스팀", "취재팀", "편집팀", "기획팀", "보도팀", "콘텐츠팀", "센터", "뉴스부", "보도국", "편집국", "政治部", "社会部", "経済部",
    "国際部", "文化部", "運動部", "編集部", "編集局", "取材班", "総局", "支局", "编辑部", "編輯部", "中心", "新闻部", "新聞部",
    "综合报道", "综合報導", "綜合報導",
];

/// Agencies by their whole names (folded).
#[rustfmt::skip]
pub(crate) const AGENCIES: &[&str] = &[
    "afp", "agence france-presse", "agence france presse", "ap", "associated press",
    "the associated press", "reuters", "thomson reuters", "upi", "bloomberg", "dpa", "sid",
    "kna", "epd", "apa", "sda", "keystone-sda", "ats", "efe", "agencia efe", "europa press",
    "pti", "press trust of india", "ani", "ians", "uni", "ansa", "adnkronos", "agi", "lapresse",
    "čtk", "tasr", "sita", "pap", "mti", "agerpres", "mediafax", "bta", "бта", "hina", "tanjug",
    "танјуг", "beta", "fena", "mia", "sta", "tass", "тасс", "ria", "риа новости", "интерфакс",
    "interfax", "уніан", "укрінформ", "унн", "belga", "anp", "ntb", "tt", "ritzau", "stt", "bns",
    "elta", "leta", "lusa", "agência lusa", "agência brasil", "télam", "notimex", "xinhua",
    "新华社", "新華社", "中新社", "中新网", "中央社", "yonhap", "연합뉴스", "뉴시스", "뉴스1", "kyodo", "共同通信", "共同",
    "時事通信", "時事", "anadolu ajansı", "anadolu", "aa", "dha", "iha", "antara", "bernama", "ttxvn",
    "vna", "cna", "aap", "pa", "pa media", "press association", "the canadian press",
    "canadian press", "sapa", "aps", "wam", "irna", "isna", "ایرنا", "ایسنا", "وكالات", "د ب أ",
    "رويترز", "أ ف ب", "agencies", "agencias", "agências", "agenzie", "agences", "agenturen",
    "agentschappen", "agentury", "ajanslar", "агентства", "агенции", "αμπε", "απε-μπε",
];

/// Words of which any makes a name one of a firm or a house (folded).
#[rustfmt::skip]
pub(crate) const FIRMS: &[&str] = &[
    "gmbh", "ltd", "ltd.", "inc", "inc.", "llc", "plc", "corp", "corp.", "corporation", "kg",
    "ohg", "e.v.", "s.a.", "s.l.", "s.r.l.", "srl", "s.p.a.", "spa", "a.s.", "a.ş.", "d.o.o.",
    "oy", "b.v.", "bv", "n.v.", "pty", "pvt", "company", "media", "medien", "mediagroup",
    "group", "gruppe", "grupo", "gruppo", "groupe", "verlag", "agency", "agentur", "agencia",
    "agência", "agenzia", "agence", "news", "newspaper", "magazine", "studio", "team", "bureau",
    "tv", "radio", "television", "foundation", "institute", "university", "zeitung", "haber",
    "xəbər", "agentura", "ajansı", "агентство", "агенция", "новости", "newswire", "press",
    "desk", "newsdesk", "staff", "editors", "reporters", "forum", "contributors", "partners",
    "services", "solutions", "association", "society", "college", "ard", "zdf", "ndr", "wdr", "mdr",
    "swr", "rbb", "orf", "srf", "cnn", "bbc", "cbs", "nbc", "npr", "pbs", "cbc", "rtl", "rtve", "rtp",
];

/// Places of two words that stand behind names (folded).
#[rustfmt::skip]
pub(crate) const PLACES: &[&str] = &[
    "new york", "new york city", "new delhi", "los angeles", "san francisco", "washington dc",
    "washington d.c", "hong kong", "kuala lumpur", "são paulo", "rio de janeiro", "buenos aires",
    "ciudad de méxico", "mexico city", "san josé", "san juan", "santo domingo", "la paz",
    "cape town", "tel aviv", "abu dhabi", "addis ababa", "ho chi minh city", "hà nội",
    "la habana", "belo horizonte", "porto alegre", "den haag", "baden-württemberg", "las palmas",
    "panama city", "phnom penh", "saudi arabia", "south africa", "united states",
    "united kingdom", "sri lanka", "costa rica", "el salvador", "st. petersburg",
    "санкт-петербург", "нижний новгород", "baton rouge", "las vegas", "san diego", "san antonio",
];

/// Articles before the names of desks (folded).
pub(crate) const ARTICLES: &[&str] =
    &["the", "our", "la", "die", "unsere", "da", "a", "de", "onze", "nuestra", "online"];
