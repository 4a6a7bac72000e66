//! How articles part from the reader, in many languages: signatures, sources, invitations, what
//! nobody answers for. Folded as in [`crate::phrases`]. Knows nothing of blocks or pages.

/// How lines that send the reader off begin; at the end of an article they are its signature where
/// they hold a link (folded).
#[rustfmt::skip]
pub(crate) const INVITATIONS: &[&str] = &[
    "for more", "for the latest", "for more information", "for more news", "read more", "more",
    "visit", "follow", "follow us", "subscribe", "subscribe to", "sign up", "join", "join us",
    "click here", "like us", "download", "get the latest", "stay updated", "stay tuned",
    "check out", "also read", "see also", "related", "source", "sources", "via", "image", "images",
    "image credit", "photo", "photo by", "photo credit", "photos", "tags", "filed under",
    "posted in", "share", "quelle", "quellen", "foto", "bild", "bildquelle", "mehr",
    "mehr informationen", "weitere informationen", "folgen sie", "abonnieren", "folge uns",
    "suivez", "síguenos", "sigue", "seguici", "siga", "volg", "подписывайтесь", "следите",
    "følg oss", "abonner på", "följ oss", "prenumerera", "vill du läsa", "følg os",
    "få nyhedsbrevet", "tilmeld dig", "seuraa", "tilaa", "obserwuj", "śledź", "dziękujemy",
    "masz newsa", "polub", "suscríbete", "puedes seguir", "recibe", "apúntate", "abonnez vous",
    "inscrivez vous", "retrouvez", "rejoignez", "iscriviti", "segui", "scarica", "clique aqui",
    "acompanhe", "participe", "receba", "assine", "inscreva se", "urmărește", "abonează te",
    "abonați vă", "dacă ți a plăcut", "kövesse", "kövess", "iratkozzon", "csatlakozz", "sledujte",
    "odebírejte", "heb je een tip", "meld je aan", "abonneer", "melden sie sich", "takip edin", "abone ol", "son dakika", "подпишитесь", "читайте",
    "присоединяйтесь", "хотите быть", "підписуйтесь", "підпишіться", "долучайтесь", "приєднуйтесь",
    "стежте", "слідкуйте", "последвайте", "абонирайте", "следете", "pratite", "zapratite",
    "preuzmite", "prijavite se", "sekite", "prenumeruokite", "seko", "sekojiet", "abonē", "jälgi",
    "telli", "ακολουθήστε", "κάντε εγγραφή", "διαβάστε όλες", "μείνετε", "تابعوا", "تابعنا",
    "تابعونا", "لمتابعة", "اشترك", "اشتركوا", "للمزيد", "انضم", "עקבו", "הצטרפו", "ما را",
    "हमें फॉलो", "ताजा खबरों", "সর বশেষ খবর", "আমাদের", "ikuti", "dapatkan", "gabung", "saksikan",
    "theo dõi", "mời", "trở lại", "ติดตาม", "关注", "扫一扫", "下载", "點擊", "加入", "구독",
    "팔로우", "fuata", "ndiqni", "track", "explore more", "see a spelling", "if you have a tip",
    "do you have a story", "have a story", "got a story", "got a tip", "send us", "email us",
    "contact us",
];

/// Those of [`INVITATIONS`] that sentences of news begin with, too (folded).
#[rustfmt::skip]
pub(crate) const ORDINARY_INVITATIONS: &[&str] = &[
    "for more", "more", "visit", "follow", "subscribe", "join", "download", "related", "source",
    "sources", "via", "image", "images", "photo", "photos", "tags", "share", "quelle", "quellen",
    "foto", "bild", "mehr", "sigue", "siga", "volg", "seko", "segui", "recibe", "receba", "track",
    "pratite", "mời", "trở lại", "ما را", "আমাদের", "下载", "加入", "retrouvez", "scarica",
];

/// How sentences begin that only seem to invite (folded).
pub(crate) const NO_INVITATIONS: &[&str] = &["for more than", "more than", "mehr als"];

/// How last lines begin that ask something of the reader, or serve the page alone, link or not
/// (folded).
#[rustfmt::skip]
pub(crate) const REQUESTS: &[&str] = &[
    "нашли ошибку", "знайшли помилку", "якщо ви помітили помилку", "якщо ви знайшли помилку",
    "если вы нашли ошибку", "если вы заметили ошибку", "see a spelling or grammar error",
    "haben sie einen fehler", "fehler gefunden", "מצאתם טעות", "found a mistake",
    "spotted an error", "spotted a mistake", "report an error", "segnala un errore",
    "hai trovato un errore", "une erreur dans larticle", "has encontrado un error",
    "encontrou algum erro", "fant du en feil", "funnet en feil", "hittat fel", "har du hittat",
    "widzisz błąd", "zauważyłeś błąd", "našli jste chybu", "našli ste chybu", "hibát talált",
    "yorum yapabilmek", "yorum yapmak için", "za sudjelovanje u komentarima", "za komentiranje",
    "lespace des contributions", "kindly share this", "waiting for response", "reuse this content",
    "explore more on these topics", "følg oss på", "följ oss på", "følg os på", "har du tips",
    "har du et tips", "suscríbete para", "suscríbete a", "iscriviti al nostro", "clique aqui para",
    "inscreva se", "puedes seguir a", "подписывайтесь на", "подпишитесь на", "підписуйтесь на",
    "sledujte nás", "последвайте ни", "dziękujemy że przeczyta", "vill du läsa",
    "join our whatsapp", "join our telegram", "join our channel", "download our app",
    "download the app", "get breaking news", "theo dõi chúng tôi", "좋아요", "이 기사를",
    "구독하기", "記事を印刷", "分享到", "扫一扫", "长按", "版权声明", "انتهای پیام", "تابعونا على",
    "תקנון", "עקבו אחרינו", "मोबाइल ऐप", "continue reading with", "already have an account",
    "ta del av", "gebruik je een adblocker", "deel dit artikel", "del artikkelen", "jaa juttu",
    "поделиться", "поділитися", "abonnez vous pour", "si está interesado en licenciar",
    "send your letters", "the video above",
];

/// How lines begin that name the owner of a picture or a text (folded).
#[rustfmt::skip]
pub(crate) const CREDITS: &[&str] = &[
    "crédits photos", "crédit photo", "crédits photo", "crédit photos", "photo credit",
    "photo credits", "image credit", "image credits", "image via", "images via", "credit",
    "credits", "photo by", "photos by", "photo", "foto", "fotos", "fotoğraf", "titelbild",
    "beitragsbild", "bild", "bilder", "bildquelle", "bildquellen", "bildnachweis", "quelle",
    "quellen", "źródło", "fot", "zdjęcia", "fuente", "foto de", "fonte", "фото", "источник",
    "source", "via", "posted by", "image",
];

/// What is said of an author right after the name (folded).
#[rustfmt::skip]
pub(crate) const OF_AN_AUTHOR: &[&str] = &[
    "is a", "is an", "is the", "is one of", "has been", "has written", "has worked", "has covered",
    "was a", "was born", "writes", "covers", "reports", "joined", "holds a", "founded", "started",
    "graduated", "lives in", "works", "worked", "specializes", "specialises", "studied", "serves",
    "ist", "schreibt", "arbeitet", "war", "lebt", "studierte", "est", "couvre", "écrit",
    "travaille", "es un", "es una", "es periodista", "escribe", "è un", "è una", "scrive", "é um",
    "é uma", "é jornalista", "escreve", "is een", "schrijft", "är", "er en", "jest",
];

/// Words before the name of a house (`The Associated Press`), no first names (folded).
pub(crate) const ARTICLES: &[&str] =
    &["the", "der", "die", "das", "les", "los", "las", "gli", "het"];

/// Hosts of messengers and readers of news that a house is followed on.
pub(crate) const CHANNELS: &[&str] = &[
    "whatsapp.com",
    "chat.whatsapp.com",
    "wa.me",
    "news.google.com",
    "invite.viber.com",
    "news.yandex.ru",
    "dzen.ru",
    "zen.yandex.ru",
    "zalo.me",
    "line.me",
    "lin.ee",
];

/// Hosts where an address of one part is somebody to follow, and a longer one a single post.
pub(crate) const FOLLOWED: &[&str] = &[
    "t.me",
    "telegram.me",
    "facebook.com",
    "instagram.com",
    "twitter.com",
    "x.com",
    "youtube.com",
    "tiktok.com",
    "vk.com",
    "ok.ru",
];

/// Parts of last paragraphs that say for what nobody answers, or where else the text stands, and
/// words of which one must stand beside them: news says the first alone, too (folded).
#[rustfmt::skip]
pub(crate) const DISCLAIMERS: &[(&[&str], &[&str])] = &[
    (
        &[
            "views expressed", "opinions expressed", "views and opinions", "opinions and views",
            "las opiniones expresadas", "les opinions exprimées", "le opinioni espresse",
            "as opiniões expressas",
        ],
        &[
            "author", "authors", "writer", "writers", "columnist", "contributor", "contributors",
            "necessarily", "solely", "own", "autor", "autores", "autora", "auteur", "auteurs",
            "autore", "autori", "exclusiva", "responsabilidad", "responsabilidade", "necesariamente",
            "nécessairement", "necessariamente",
        ],
    ),
    (
        &["do not necessarily reflect", "does not necessarily reflect"],
        &["views", "view", "opinions", "opinion", "position", "positions", "policy", "policies"],
    ),
    (
        &["nicht zwingend die meinung", "nicht unbedingt die meinung"],
        &["redaktion", "autor", "autors", "autoren", "herausgeber", "herausgebers", "verlags"],
    ),
    (
        &["не обязательно отражает", "может не совпадать с"],
        &["редакции", "автора", "авторов", "мнение", "мнением", "позицией", "точкой"],
    ),
    (
        &["for informational purposes only", "does not constitute investment advice", "is not financial advice"],
        &["this", "article", "content", "website", "site", "blog", "post", "we", "our", "here"],
    ),
];

/// How last paragraphs say where else the text stands; they count where they hold a link, or begin
/// with words of [`THE_POST`] (folded).
#[rustfmt::skip]
pub(crate) const APPEARED_FIRST: &[&str] = &[
    "appeared first on", "erschien zuerst auf", "est apparu en premier sur",
    "apareció primero en", "se publicó primero en", "proviene da", "apareceu primeiro em",
];

/// What a page calls its own text in such a line (folded).
#[rustfmt::skip]
pub(crate) const THE_POST: &[&str] = &[
    "the post", "this post", "this article", "this story", "der beitrag", "larticle", "cet article",
    "la entrada", "el artículo", "larticolo", "o post", "o artigo", "a postagem",
];

/// What stands before the colon of a last line that names an editor or a source (folded).
#[rustfmt::skip]
pub(crate) const SIGNATURES: &[&str] = &[
    "editor", "edited by", "editing by", "redaktur", "penulis", "reporter", "pewarta", "redaktor",
    "redacción", "redação", "редактор", "джерело", "источник", "źródło", "sumber", "kaynak",
    "forrás", "zdroj", "sursa", "izvor", "nguồn", "biên tập", "πηγή", "المصدر", "منبع", "स रोत",
    "telefon", "tel", "phone", "fax", "email", "e mail", "mail", "kontakt", "contact", "tags",
    "tag", "topics", "schlagwörter", "schlagworte", "stichworte", "themen", "etiquetas", "temas",
    "mots clés", "parole chiave", "теги", "метки", "ключевые слова", "tagi", "etiketler", "címkék",
    "štítky", "来源", "责任编辑", "编辑", "作者", "责编", "審稿", "核稿編輯", "責任編輯", "來源",
    "出典", "source", "sources", "lähde", "källa", "kilde", "bron", "fuente", "fonte", "quelle",
    "източник", "šaltinis", "avots", "allikas", "burimi", "источники", "témata", "témy", "témák",
    "θέματα", "ετικέτες", "الكلمات المفتاحية", "برچسب ها", "keywords", "标签", "關鍵字",
    "キーワード", "태그", "từ khóa", "emner", "ämnen", "aiheet", "onderwerpen", "ключови думи",
    "тагове", "oznake", "ključne riječi", "ključne besede", "žymės", "atslēgvārdi", "märksõnad",
    "etichete", "cuvinte cheie", "کد خبر", "لینک کوتاه", "تصویر",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phrases::assert_folded;

    #[test]
    fn the_phrases_are_folded() {
        let disclaimers = DISCLAIMERS.iter().flat_map(|(parts, words)| [*parts, *words]);
        for table in disclaimers.chain([
            INVITATIONS,
            REQUESTS,
            CREDITS,
            OF_AN_AUTHOR,
            ARTICLES,
            APPEARED_FIRST,
            THE_POST,
            SIGNATURES,
        ]) {
            assert_folded(table);
        }
    }
}
