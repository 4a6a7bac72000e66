//! What stands beside names in bylines, and in their place. Tables only.

/// Words that introduce a byline; a blank behind them is enough.
#[rustfmt::skip]
pub(crate) const BY: &[&str] = &[
    "by", "articles by", "all articles by", "more by", "written by", "posted by",
    "story by", "words by", "reported by", "reporting by", "article by", "guest post by",
    "contributed by", "submitted by", "view all posts by", "all posts by",
    "artikel von", "alle artikel von", "alles von", "beitrag von", "bericht von",
    "reportage von", "essay von", "pressemitteilung von", "text von", "geschrieben von",
    "ein beitrag von", "ein artikel von", "verfasst von", "gastbeitrag von",
    "eine analyse von",
    "zeige alle beiträge von", "alle beiträge von", "interview von", "kommentar von",
    "ein kommentar von",
    "par", "article de", "propos recueillis par", "écrit par", "rédigé par",
    "soumis par", "posté par", "proposé par",
    "por", "texto de", "escrito por", "redactado por", "enviado por",
    "postado por",
    "a cura di", "scritto da", "dal nostro inviato", "dalla nostra inviata",
    "dal nostro corrispondente", "dalla nostra corrispondente", "de notre correspondant",
    "de notre correspondante", "de notre envoyé spécial", "de notre envoyée spéciale",
    "de nuestro corresponsal", "de nuestra corresponsal", "do nosso correspondente",
    "door onze redacteur", "door onze verslaggever", "van onze redacteur", "van onze verslaggever",
    "von unserem korrespondenten", "von unserer korrespondentin", "ein interview von",
    "eine analyse von", "ein kommentar von",
    "door", "geschreven door", "geplaatst door", "deur", "geskryf deur",
    "skrevet av", "skrevet af", "skriven av", "skrivet av",
    "tekst av", "text av",
    "scris de", "postat de", "escrit per",
    "oprac.", "opracował", "opracowała", "opracowali", "napisał", "napisała", "dodał", "dodała",
    "przygotował", "przygotowała",
    "napsal", "napsala", "napísal", "napísala",
    "piše", "pišu", "napisao", "napisala", "piše za nas", "пише", "пишува", "пишуват", "пишу",
    "írta", "írták", "от", "написал", "написала", "подготовил", "подготовила",
    "γράφει ο", "γράφει η", "γράφει", "γράφουν", "γράφουν οι", "από τον", "από την",
    "yazan", "oleh", "ditulis oleh", "dilaporkan oleh", "diposting oleh", "bởi", "viết bởi",
    "imeandikwa na", "na mwandishi wetu", "shkruan", "shkruar nga", "kirjoittanut", "kirjutas",
    "מאת", "بقلم", "كتب", "كتبت", "كتبه", "إعداد", "به قلم", "نوشته", "द्वारा",
    "লিখেছেন", "โดย", "เขียนโดย", "기자명",
];

/// Words that introduce an editor or a publisher, who is named for want of an author: systems that
/// publish blogs say so of the author too.
#[rustfmt::skip]
pub(crate) const BY_FOR_WANT: &[&str] = &[
    "published by", "edited by", "editing by", "created by", "veröffentlicht von",
    "eingestellt von",
    "erstellt von", "gespeichert von", "redigiert von", "bearbeitet von", "publié par",
    "édité par", "publicado por", "editado por", "pubblicato da", "modificato da",
    "gepubliceerd door", "publisert av", "publicerad av", "redigeret af", "publicat de",
    "editat de", "опубликовал", "опубликовала", "diterbitkan oleh", "disunting oleh",
    "yayınlayan", "düzenleyen",
];

/// Words of a colon: in a line without a mark of its own a blank behind them is not enough.
#[rustfmt::skip]
pub(crate) const LABELS: &[&str] = &[
    "author", "authors", "author(s)", "writer", "writers", "text", "words", "interview",
    "autor", "autorin", "autoren", "autor:in", "und interview", "verfasser", "verfasserin",
    "auteur", "auteurs", "auteur(s)", "autrice", "texte", "textes", "autora", "autores", "autoras",
    "texto", "textos", "autore", "autrice", "autori", "testo", "testi", "tekst", "teksti",
    "skribent", "forfatter", "journalist", "kirjoittaja", "toimittaja", "höfundur",
    "autoři", "autorka", "autorzy", "avtor", "avtorica", "avtorji", "autorius", "autorė",
    "autors", "autore", "szerző", "szerzők", "szöveg", "text și foto", "autorul", "autoarea",
    "автор", "автори", "авторы", "авторка", "авторка", "текст", "текста", "журналист", "аўтар",
    "журналіст", "корреспондент", "кореспондент", "новинар", "аутор", "аутори",
    "συντάκτης", "συντάκτρια", "συντάκτες", "επιμέλεια", "κείμενο", "ρεπορτάζ",
    "haber", "muhabir", "yazar", "müəllif", "muallif", "penulis", "reporter", "wartawan",
    "jurnalis", "pewarta", "kontributor", "tác giả", "người viết", "mwandishi", "na mwandishi",
    "الكاتب", "الكاتبة", "كاتب", "المحرر", "تحرير", "نویسنده", "خبرنگار", "گزارشگر", "تحریر",
    "مصنف", "رپورٹ", "כותב", "כותבת", "लेखक", "लेखिका", "रिपोर्ट", "रिपोर्टर", "লেখক",
    "প্রতিবেদক", "ผู้เขียน", "เรื่อง", "நிருபர்", "எழுதியவர்", "రచన", "ავტორი", "ავტორები",
    "հեղինակ", "հեղինակներ", "ጸሐፊ", "ዘጋቢ", "autori", "autorja", "skrywer",
    "作者", "撰文", "文", "文字", "取材・文", "撮影・文", "執筆", "筆者", "글", "글쓴이", "작성자",
    "취재", "记者", "記者", "本报记者", "本報記者", "本刊记者", "新华社记者", "中新社记者",
    "通讯员", "見習記者", "见习记者", "实习记者", "特派记者", "特約記者",
];

/// Those of them that mean nothing but who wrote, alone in an element above the name too.
#[rustfmt::skip]
pub(crate) const PEOPLE_WHO_WRITE: &[&str] = &[
    "author", "authors", "author(s)", "autor", "autorin", "autoren", "verfasser", "verfasserin",
    "auteur", "auteurs", "auteur(s)", "autrice", "autora", "autores", "autoras", "autore", "autori",
    "forfatter", "skribent", "autoři", "autorka", "autorzy", "avtor", "avtorica", "avtorji",
    "szerző", "szerzők", "autorul", "autoarea", "автор", "автори", "авторы", "авторка", "аўтар",
    "συντάκτης", "συντάκτρια", "yazar", "müəllif", "penulis", "tác giả", "الكاتب", "الكاتبة",
    "نویسنده", "लेखक", "ผู้เขียน", "作者", "글쓴이", "작성자",
];

/// Those of them that need a colon or the like wherever they stand.
#[rustfmt::skip]
pub(crate) const COLON_ONLY: &[&str] = &["文", "글", "文字", "취재", "haber", "words", "کاتب"];

/// Words of somebody who is named for want of an author.
#[rustfmt::skip]
pub(crate) const EDITED: &[&str] = &[
    "editor", "redaktion", "redaktor", "redakteur", "redakteurin", "redactor", "redattore",
    "redatora", "redacción", "redacció", "redação", "redazione", "rédaction", "redacția",
    "redakcja", "redakce", "redakcia", "redakcija", "editör", "szerkesztő", "toimetaja", "edición",
    "edição", "σύνταξη", "редактор", "редакция", "редакція", "责任编辑", "責任編輯", "编辑", "編輯", "編集",
    "편집", "penyunting", "foto", "fotos", "photo", "photos",
];

/// How the naming of others begins behind the author's name.
#[rustfmt::skip]
pub(crate) const OTHERS_BY: &[&str] = &[
    "edited by", "photos by", "photo by", "photographs by", "illustration by", "illustrations by",
    "reviewed by", "medically reviewed by", "fact-checked by", "fact checked by", "translated by",
    "video by", "graphics by", "design by", "übersetzt von", "fotos von", "foto von", "photos par",
    "fotos de", "foto di",
];

/// Words before the name of somebody who did not write.
#[rustfmt::skip]
pub(crate) const OTHERS: &[&str] = &[
    "foto", "fotos", "photo", "photos", "photography", "photographs", "fotografie", "fotograf",
    "fotó", "fotky", "zdjęcia", "fot", "kuva", "kuvat", "bild", "bilder", "foto e video",
    "fotografía", "fotografías", "imagen", "imágenes", "imagens", "immagini", "illustration",
    "illustrationen", "illustratie", "ilustración", "grafik", "video", "camera", "source",
    "sources", "quelle", "quellen", "fuente", "fuentes", "fonte", "fonti", "bron", "kilde",
    "källa", "sursa", "zdroj", "źródło", "izvor", "forrás", "kaynak", "sumber", "nguồn", "фото",
    "източник", "источник", "джерело", "извор", "πηγή", "φωτογραφία", "φωτογραφίες", "fotoğraf",
    "kamera", "תצלום", "צילום", "تصوير", "المصدر", "منبع", "عکس", "写真", "撮影", "絵", "イラスト",
    "来源", "來源", "摄影", "攝影", "图", "圖", "사진", "영상", "출처", "그래픽", "ภาพ",
];

/// By-words that begin names as well, and the languages in which they mean "by" ("" is all).
/// Names that data declare keep them.
#[rustfmt::skip]
pub(crate) const PARTICLES: &[(&str, &[&str])] = &[
    ("von", &[]), ("vom", &[]), ("di", &[]), ("af", &[]), ("av", &[]), ("od", &[]),
    ("da", &["it"]), ("de", &["ro"]), ("per", &["ca"]), ("na", &["sw"]), ("nga", &["sq"]),
    ("του", &["el"]), ("της", &["el"]),
];

/// Texts in the place of names that are none.
pub(crate) const NOT_NAMES: &[&str] = &[
    "no author",
    "unknown author",
    "follow author",
    "sign in",
    "log in",
    "username",
    "datum",
    "quelle",
    "agencies",
    "by",
    "von",
    "uncategorized",
    "in uncategorized",
    "comments",
    "leave a comment",
    "hinterlasse einen kommentar",
    "gesponserte inhalte",
    "sponsored content",
    // Degrees behind a name.
    "phd",
    "ph.d",
    "ph.d.",
    "md",
    "m.d",
    "m.d.",
    "ma",
    "mba",
    "msc",
    "bsc",
    "mph",
    "rd",
    "rdn",
    "rn",
    "jd",
    "j.d",
    "j.d.",
    "dds",
    "cfa",
    "cfp",
    "cpa",
    "esq",
    "esq.",
    "admin",
    "administrator",
    "editor",
    "author",
    "autor",
    "redaktion",
    "redaction",
    "staff",
    "webmaster",
    "anonymous",
    "unknown",
    "guest",
    "news",
    "home",
    "read more",
    "view all posts",
    "follow",
    "share",
    "more",
    "n/a",
    "meet",
    "learn",
    "edition",
    "written",
    "ago",
    "size",
    "uhr",
    "none",
    "null",
    "undefined",
    "the author",
    "posted",
    "published",
    "updated",
    "user",
    "root",
    "wordpress",
    "facebook",
    "twitter",
    "linkedin",
    "instagram",
    "email",
    "e-mail",
    "google",
    "about",
    "kontakt",
    "contact",
    "no comments",
    "comments",
    "reply",
    "super user",
    "siteadmin",
    "wpadmin",
    "sponsored",
];

/// Words that never are part of a name: what stands beside bylines.
#[rustfmt::skip]
pub(crate) const REFUSED: &[&str] = &[
    "posted", "published", "updated", "comments", "comment", "kommentare", "minutes",
    "views", "subscribe", "newsletter", "articles", "posts", "follow", "reviewed",
    "fact-checked", "desember", "about",
];

/// The same of several words; each alone may be part of a name.
#[rustfmt::skip]
pub(crate) const REFUSED_PHRASES: &[&str] = &[
    "meet the", "meet our", "meet your", "learn more", "learn how", "learn about", "written by",
    "written for", "written in", "written on", "story written",
    "edition of",
    "day ago", "days ago", "hour ago", "hours ago", "weeks ago", "months ago", "long ago",
    "text size", "font size",
];

/// Words of days and of times to read. Most are names of people too, so they count only alone or
/// beside a digit.
#[rustfmt::skip]
pub(crate) const OF_TIME: &[&str] = &[
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "januar", "februar", "märz", "mai", "juni", "juli",
    "oktober", "dezember", "min", "mins", "read", "jan", "feb", "mar", "apr", "jun", "jul", "aug",
    "sep", "sept", "oct", "okt", "nov", "dec", "dez",
];

/// What people are. Behind a name the word ends it, and alone it is none.
#[rustfmt::skip]
pub(crate) const ROLES: &[&str] = &[
    "correspondent", "reporter", "editor", "editor-in-chief", "journalist",
    "freelance", "freelancer", "contributor", "writer", "photographer", "columnist", "analyst",
    "producer", "anchor", "blogger", "coordinator", "manager", "director", "founder", "co-founder",
    "ceo", "cto", "cmo", "coo", "president", "specialist", "strategist", "consultant",
    "reviewer", "dietitian", "physician", "executive", "officer",
    "redakteur", "redakteurin", "redaktor", "redaktorin", "chefredakteur", "chefredakteurin",
    "korrespondent", "korrespondentin", "journalistin", "reporterin", "volontär", "volontärin",
    "ressortleiter", "ressortleiterin", "freie", "freier",
    "journaliste", "rédacteur", "rédactrice", "correspondant", "correspondante", "envoyé",
    "envoyée", "chroniqueur", "chroniqueuse", "pigiste",
    "periodista", "redactor", "redactora", "corresponsal", "enviado", "enviada", "reportero",
    "reportera", "columnista", "fotógrafo", "fotógrafa", "jornalista", "repórter", "redator",
    "redatora", "correspondente", "colunista", "estagiário", "estagiária",
    "giornalista", "inviato", "inviata", "corrispondente", "redattore", "redattrice",
    "redacteur", "verslaggever", "verslaggeefster", "correspondente", "columniste",
    "journalistpraktikant", "redaktør", "redaktör", "korrespondent", "fotograf", "toimittaja",
    "uutistoimittaja", "blaðamaður", "fréttamaður",
    "dziennikarz", "dziennikarka", "redaktorka", "reporterka", "redaktorka", "novinar",
    "novinarka", "novinář", "novinářka", "újságíró", "szerkesztő", "ziarist", "jurnalist",
    "jurnalistă", "muhabir", "muhabiri", "wartawan", "jurnalis",
    "корреспондент", "корреспондентка", "журналист", "журналистка", "редактор", "обозреватель",
    "кореспондент", "кореспондентка", "журналіст", "журналістка", "обозревател", "новинар",
    "новинарка", "δημοσιογράφος", "συντάκτης", "συντάκτρια", "ανταποκριτής", "ανταποκρίτρια",
    "صحفي", "صحفية", "مراسل", "مراسلة", "محرر", "محررة", "خبرنگار", "نامہ‌نگار", "संवाददाता",
    "पत्रकार", "প্রতিবেদক", "প্রতিনিধি",
];

/// What stands before the words of [`ROLES`].
#[rustfmt::skip]
pub(crate) const BEFORE_ROLES: &[&str] = &[
    "senior", "junior", "chief", "lead", "political", "politics", "staff", "deputy", "managing",
    "executive", "associate", "assistant", "special", "foreign", "sports", "sport", "business",
    "science", "health", "environment", "environmental", "education", "crime", "court",
    "economics", "economic", "economy", "financial", "finance", "culture", "arts", "technology",
    "tech", "national", "international", "local", "city", "regional", "investigative", "digital",
    "multimedia", "diplomatic", "defence", "defense", "security", "freelance", "contributing",
    "former", "features", "news", "online", "legal", "affairs", "home", "world", "climate",
    "medical", "marketing", "content", "research", "product", "account", "travel", "food", "opinion", "guest", "web", "general", "assignment", "the", "our",
    "our", "europe", "africa", "asia", "politischer", "leitende", "leitender", "freier", "freie",
    "stellvertretende", "stellvertretender", "grand", "grande", "nuestro", "nuestra", "nostro",
    "nostra", "специальный", "собственный", "наш", "спеціальний", "власний",
];

/// What is written right behind a name without a blank, or as its last word.
#[rustfmt::skip]
pub(crate) const ROLES_AT_THE_END: &[&str] = &[
    "기자", "인턴기자", "선임기자", "전문기자", "대기자", "객원기자", "통신원", "특파원", "논설위원",
    "앵커", "記者", "记者", "特派員", "編集委員", "論説委員", "支局長", "氏", "skrifar", "skrifa",
    "yazdı", "द्वारा", "की रिपोर्ट", "報導", "报道", "報道",
];

/// Words between two people. Those marked stand inside names too, or mean something else: both
/// sides must have two words then.
#[rustfmt::skip]
pub(crate) const AND: &[(&str, bool)] = &[
    (" and ", false), (" und ", false), (" et ", false), (" & ", false), (" og ", false),
    (" och ", false), (" en ", true), (" y ", true), (" e ", true), (" i ", true), (" a ", true),
    (" és ", false), (" și ", false), (" şi ", false), (" ve ", false), (" və ", false),
    (" и ", false), (" та ", false), (" і ", false), (" й ", false), (" και ", false),
    (" ja ", false), (" dan ", false), (" và ", false), (" و ", false), (" اور ", false),
    (" with ", false), (" avec ", false), (" mit ", false), (" con ", false), (" com ", false),
    (" met ", true), (" ir ", false), (" un ", true), (" dhe ", false),
    (" und ", false), (" და ", false), (" և ", false), (" और ", false), (" ও ", false),
    (" και ", false), (" ile ", false), (" med ", true), (" with additional reporting by ", false),
    (" in collaboration with ", false), (" na ", true), (" və ", false), (" plus ", false),
];

/// Words between a name and the place somebody writes from.
pub(crate) const AT_PLACES: &[&str] = &[
    " in ",
    " en ",
    " à ",
    " em ",
    " aus ",
    " from ",
    " desde ",
    " depuis ",
    " reports ",
    " for ",
    " of the ",
];

/// Given names that begin with the Arabic letter that means "and" before any word.
#[rustfmt::skip]
pub(crate) const WITH_WAW: &[&str] = &[
    "وليد", "وائل", "وسام", "وفاء", "ورد", "وديع", "وجدي", "وحيد", "وجيه", "وسيم", "ولاء", "وداد",
    "وهيب", "وهبة", "وهبه", "وصفي", "وضاح", "وعد", "وئام", "وردة", "وليم", "ونيس", "ودود", "والي",
];

/// Words small in names.
#[rustfmt::skip]
pub(crate) const SMALL: &[&str] = &[
    "von", "van", "der", "den", "de", "la", "le", "las", "los", "da", "das", "do", "dos", "di",
    "del", "della", "du", "des", "bin", "bint", "ibn", "al", "el", "y", "e", "i", "ten", "ter",
    "zu", "zur", "zum", "af", "av", "het", "op", "vom", "san", "d'", "und", "af", "ap", "ben",
];

/// What ends a name: another occupation, a day, a place.
pub(crate) const BEHIND: &[&str] = &[
    " am ",
    " on ",
    " edited by ",
    " editado por ",
    " édité par ",
    " bearbeitet von ",
    " redigiert von ",
    " illustration",
    " fotos",
    " foto ",
    " photos by ",
    " photo by ",
];

/// Words in class names that say whose name an element holds, beside those of [`crate::marks`].
#[rustfmt::skip]
pub(crate) const CLASS_WORDS: &[&str] = &[
    "contributor", "contributors", "columnist", "reporter", "reporters", "journalist",
    "journalists", "szerzo", "szerzok", "muhabir", "yazarlar", "autoren", "autorin", "autora",
    "autori", "autorzy", "autorka", "autorius", "avtor", "avtorji", "redakteur", "forfatter",
    "skribent", "kirjoittaja", "toimittaja", "wartawan", "jurnalis", "redactor", "periodista",
    "giornalista", "giornalisti", "firma", "firmante", "signature", "schrijver", "tacgia",
    "muellif", "byliner", "byname", "creator", "writers", "gija", "kisha", "zuozhe", "createdby",
];

/// Parts of the addresses of people's own pages.
pub(crate) const PAGES_OF_PEOPLE: &[&str] = &[
    "/author/",
    "/authors/",
    "/autor/",
    "/autoren/",
    "/autores/",
    "/autore/",
    "/autori/",
    "/auteur/",
    "/auteurs/",
    "/newsteam/",
    "/staff/",
    "/journalist/",
    "/journalists/",
    "/reporter/",
    "/writer/",
    "/writers/",
    "/reporters/",
    "/columnist/",
    "/columnists/",
    "/contributor/",
    "/contributors/",
    "/redakteur/",
    "/redakteure/",
    "/redactores/",
    "/by/",
    "/profil/",
    "/team/",
];

/// Words that name a person inside a line that begins with the day.
pub(crate) const BETWEEN: &[&str] = &[" by ", " By ", " BY ", " von ", " Von ", " par ", " por "];
