//! What furniture says, in many languages. Folded: lower case, letters and digits only, words
//! divided by one space. Knows nothing of blocks or pages.

/// Headings that open lists of other articles, forms and the like (folded).
#[rustfmt::skip]
pub(crate) const FURNITURE_HEADINGS: &[&str] = &[
    "related articles", "related posts", "related stories", "related news", "related content",
    "related topics", "related reading", "related links", "related items", "related coverage",
    "similar posts", "similar articles", "similar stories", "more like this", "read next",
    "read also", "also read", "recommended for you", "recommended reading", "recommended articles",
    "recommended posts", "you may also like", "you might also like", "you may like",
    "you might like", "you may also be interested", "you might be interested", "latest posts",
    "latest articles", "latest stories", "recent posts", "recent articles", "recent news",
    "popular articles", "editors picks", "see also", "share this post", "share this article",
    "leave a reply", "leave a comment", "post a comment", "add a comment", "join the conversation",
    "sign up for our", "sign up to our", "sign up for the", "sign up now", "sign up today",
    "sign up here", "sign up successful", "subscribe to our", "subscribe to the", "follow us on",
    "get our newsletter", "stay up to date", "about the author", "about the authors",
    "about the reviewer", "about the writer", "meet the author", "about author",
    "table of contents", "from our partners", "around the web", "what to read next", "next article",
    "previous article", "post navigation", "mehr zum thema", "lesen sie auch", "auch interessant",
    "das könnte sie auch interessieren", "das könnte dich auch interessieren",
    "das könnte ihnen auch gefallen", "das könnte dir auch gefallen", "ähnliche beiträge",
    "ähnliche artikel", "ähnliche themen", "verwandte artikel", "verwandte beiträge",
    "verwandte themen", "passend zum thema", "neueste beiträge", "neueste artikel",
    "aktuelle beiträge", "beliebte beiträge", "kommentar schreiben", "schreibe einen kommentar",
    "kommentar verfassen", "kommentar hinterlassen", "hinterlasse einen kommentar",
    "hinterlasse eine antwort", "schreiben sie einen kommentar", "teilen mit", "artikel teilen",
    "beitrag teilen", "diesen beitrag teilen", "gefällt mir wird geladen", "über den autor",
    "über die autorin", "über den verfasser", "beitragsnavigation", "beitrags navigation",
    "newsletter abonnieren", "inhaltsverzeichnis", "dieses video könnte sie auch interessieren",
    "à lire aussi", "lire aussi", "articles similaires", "sur le même sujet", "articles liés",
    "articles récents", "à voir aussi", "laisser un commentaire", "vous aimerez aussi",
    "dans la même rubrique", "artículos relacionados", "noticias relacionadas",
    "entradas relacionadas", "te puede interesar", "te recomendamos", "también te puede interesar",
    "lea también", "lee también", "deja un comentario", "deja una respuesta", "leggi anche",
    "articoli correlati", "potrebbe interessarti", "potrebbero interessarti", "lascia un commento",
    "leia também", "veja também", "notícias relacionadas", "artigos relacionados",
    "posts relacionados", "deixe um comentário", "lees ook", "gerelateerde artikelen",
    "geef een reactie", "deel dit", "czytaj także", "czytaj też", "zobacz także", "zobacz też",
    "przeczytaj także", "powiązane artykuły", "podobne artykuły", "читайте также", "читайте ещё",
    "похожие статьи", "похожие записи", "связанные материалы", "материалы по теме", "читайте також",
    "läs också", "les også", "læs også", "lue myös", "relaterade artiklar", "relaterte artikler",
    "ilgili haberler", "benzer haberler", "související články", "čtěte také",
    "mohlo by vás zajímat", "kapcsolódó cikkek", "relacionado", "relacionados", "σχετικά άρθρα",
    "διαβάστε επίσης", "関連記事", "相关阅读", "相关文章", "相关新闻", "延伸閱讀", "관련기사", "اقرأ أيضا",
    "مواضيع ذات صلة", "بیشتر بخوانید", "baca juga", "berita terkait", "artikel terkait",
    "berita berkaitan", "artikel berkaitan", "tin liên quan", "bài viết liên quan",
    "tin tức liên quan", "có thể bạn quan tâm", "xem thêm", "ข าวที เกี ยวข อง",
    "บทความที เกี ยวข อง", "อ านข าวที เกี ยวข อง", "यह भी पढ ें", "ये भी पढ ें", "संबंधित खबरें",
    "আরও পড ুন", "আরো পড ুন", "সম পর কিত খবর", "مزید پڑھیں", "یہ بھی پڑھیں", "קראו עוד", "קראו גם",
    "אולי יעניין אותך", "כתבות נוספות", "כתבות קשורות", "още по темата", "прочетете още",
    "вижте още", "свързани статии", "свързани новини", "pročitajte i", "pročitajte još",
    "pročitaj još", "povezane vesti", "povezane vijesti", "povezani članci", "slične vijesti",
    "slične vesti", "најновије вести", "прочитајте и", "поврзани вести", "preberite tudi",
    "preberite še", "sorodni članki", "sorodne novice", "morda vas zanima", "citește și",
    "citește mai mult", "citește mai multe", "articole similare", "articole recomandate",
    "știri similare", "vezi și", "pe aceeași temă", "prečítajte si aj", "prečítajte si tiež",
    "súvisiace články", "čítajte aj", "čtěte dále", "skaitykite taip pat", "taip pat skaitykite",
    "susiję straipsniai", "lasi arī", "lasi vēl", "lasiet arī", "saistītie raksti", "loe ka",
    "loe veel", "loe lisaks", "seotud lood", "seotud artiklid", "ajánlott cikkek",
    "ezt is olvassa el", "ezt is olvasd el", "olvassa el ezt is", "läs även", "mer om ämnet",
    "mer om saken", "mere om emnet", "διαβάστε ακόμα", "διαβάστε ακόμη", "δείτε επίσης",
    "δείτε ακόμα", "bunlar da ilginizi çekebilir", "ilginizi çekebilir", "bunu da okuyun",
    "oxşar xəbərlər", "həmçinin oxuyun", "関連ニュース", "関連リンク", "関連キーワード", "あわせて読みたい", "合わせて読みたい",
    "おすすめ記事", "推荐阅读", "推薦閱讀", "相關新聞", "相關文章", "相關報導", "延伸阅读", "관련 기사", "관련뉴스", "관련 뉴스", "추천 기사",
    "اقرأ المزيد", "أخبار ذات صلة", "أخبار متعلقة", "قد يهمك أيضا", "شاهد أيضا", "موضوعات متعلقة",
    "اخبار مرتبط", "مطالب مرتبط", "خبرهای مرتبط", "схожі новини", "новини за темою",
    "матеріали по темі", "habari zinazohusiana", "lexo edhe", "lexoni edhe",
    "també et pot interessar", "notícies relacionades", "llegeix també", "tengdar fréttir",
    "basahin din", "ასევე წაიკითხეთ",
];

/// The same of ordinary words, that other headings begin with too: they count as the whole heading,
/// or where links follow (folded).
#[rustfmt::skip]
pub(crate) const ORDINARY_HEADINGS: &[&str] = &[
    "more from", "more on this", "read more", "dont miss", "most read", "most popular",
    "keep reading", "continue reading", "up next", "share this", "subscribe to", "sign up",
    "one response", "one comment", "trending now", "follow us", "related", "recommended",
    "trending", "share", "share on", "comments", "subscribe", "newsletter", "author", "tags",
    "categories", "archives", "sponsored", "advertisement", "more in", "more news", "more stories",
    "more articles", "more posts", "latest news", "top stories", "popular posts", "further reading",
    "mehr zu", "mehr aus", "mehr von", "zum thema", "weitere artikel", "weitere beiträge",
    "weitere themen", "weitere nachrichten", "weitere meldungen", "weitere informationen",
    "weiterlesen", "meistgelesen", "kommentare", "teilen", "gefällt mir", "schlagwörter",
    "empfehlungen", "leseempfehlung", "partager", "commentaires", "más información", "más noticias",
    "más leídas", "compartir", "comentarios", "condividi", "commenti", "saiba mais", "leia mais",
    "compartilhe", "comentários", "meer over", "meer nieuws", "reacties", "komentarze",
    "udostępnij", "по теме", "комментарии", "поделиться", "другие новости", "läs mer", "læs mere",
    "lue lisää", "aiheesta lisää", "flere saker", "lesa meira", "soma zaidi", "lexo më shumë",
    "soma pia", "berita lainnya", "artikel lainnya", "další články", "още новини", "povezane teme",
    "更多新聞", "更多新闻", "en savoir plus",
];

/// Whole lines that are furniture wherever they stand (folded).
#[rustfmt::skip]
pub(crate) const FURNITURE_LINES: &[&str] = &[
    "advertisement", "advertisment", "advertisements", "ad", "ads", "sponsored",
    "sponsored content", "share", "share this", "share this article", "share this post",
    "share on facebook", "share on twitter", "tweet", "facebook", "twitter", "linkedin",
    "pinterest", "whatsapp", "email", "print", "copy link", "save", "read more", "continue reading",
    "loading", "comments", "leave a comment", "leave a reply", "no comments", "reply",
    "skip to content", "subscribe", "sign up", "log in", "login", "back to top", "next", "previous",
    "menu", "close", "like this", "like loading", "listen", "listen to this article",
    "advertisement continue reading below", "story continues below advertisement",
    "article continues below", "article continues below advertisement", "story continues below",
    "anzeige", "werbung", "teilen", "drucken", "kommentare", "weiterlesen", "merken", "mehr",
    "nach oben", "zurück", "publicité", "partager", "publicidad", "compartir", "pubblicità",
    "publicidade", "реклама", "reklama", "reklam", "annons", "advertentie", "play", "video",
    "follow us", "watch", "photo", "via", "comments are closed", "comments are off", "show caption",
    "hide caption", "toggle caption", "copied", "link copied", "annonse", "annonce", "mainos",
    "hirdetés", "inzerce", "inzercia", "oglas", "διαφήμιση", "διαφημιση", "إعلان", "اعلان",
    "اعلانات", "פרסומת", "विज ञापन", "বিজ ঞাপন", "广告", "廣告", "広告", "광고", "quảng cáo",
    "โฆษณา", "iklan", "publicitate", "reclame", "reklāma", "reklaam",
    "kindly share this story", "ajouter à vos sélections", "partager larticle", "offrir larticle",
];

/// How short lines begin that say that the text goes on, below an advertisement or a form (folded).
#[rustfmt::skip]
pub(crate) const CONTINUED: &[&str] = &[
    "article continues below", "story continues below", "continue reading below",
    "scroll to continue", "skip past newsletter promotion", "after newsletter promotion",
    "artikkelen fortsetter", "saken fortsetter", "artiklen fortsætter", "artikeln fortsätter",
    "texten fortsätter", "juttu jatkuu", "artikkeli jatkuu", "la suite après cette publicité",
    "la suite après la publicité", "continua depois da publicidade",
    "continúa después de la publicidad", "continua dopo la pubblicità", "articolul continuă după",
    "článek pokračuje pod", "text pokračuje pod", "článok pokračuje pod",
    "tekst se nastavlja ispod", "nastavak teksta ispod", "članek se nadaljuje",
    "straipsnis tęsiasi", "tekstas tęsiasi", "raksts turpinās", "lugu jätkub",
    "lees verder na de advertentie", "lees verder onder de", "tekst gaat verder onder",
    "artikel gaat verder onder", "dalszy ciąg materiału pod", "dalszy ciąg artykułu pod",
    "dalsza część artykułu pod", "haberin devamı", "a cikk a hirdetés után",
    "cikkünk a hirdetés után", "продолжение после рекламы", "продовження після реклами",
    "το άρθρο συνεχίζεται", "статията продължава", "weiter nach der anzeige",
    "artikel wird nach der anzeige",
    "suscríbete para seguir leyendo", "haberin devami", "この記事は有料会員限定", "この記事は会員限定",
];

/// Parts of lines that only sign-up boxes, disclosures and legal lines hold (folded).
#[rustfmt::skip]
pub(crate) const FURNITURE_PARTS: &[&str] = &[
    "by signing up you", "by signing up i", "sign up for our", "sign up to our", "subscribe to our",
    "subscribe now to", "all rights reserved", "alle rechte vorbehalten", "externer inhalt",
    "tous droits réservés", "todos los derechos reservados", "tutti i diritti riservati",
    "todos os direitos reservados", "we earn a commission", "contains affiliate links",
    "contain affiliate links", "enthält affiliate links", "wir verwenden cookies",
    "this entry was posted in", "email address will not be published",
    "e mail adresse wird nicht veröffentlicht", "required fields are marked",
    "erforderliche felder sind", "this site uses akismet", "diese website verwendet akismet",
    "please enable javascript", "javascript is disabled", "your browser does not support",
    "ihr browser unterstützt", "we use cookies", "this website uses cookies",
    "diese website verwendet cookies", "newsletter anmelden", "newsletter abonnieren",
    "für unseren newsletter", "zum newsletter", "unseren newsletter", "abonnez vous à",
    "inscrivez vous à", "suscríbete a nuestr", "iscriviti alla newsletter", "follow us on",
    "folgen sie uns auf", "folge uns auf", "síguenos en", "suivez nous sur", "follow me on",
    "share this article", "share this post", "artikel teilen", "beitrag teilen",
    "click to share on", "klick um auf", "click to email", "opens in new window",
    "wird in neuem fenster geöffnet", "dieser beitrag wurde unter", "dieser eintrag wurde",
    "you can follow any responses", "both comments and pings",
    "youre already a subscriber", "you are already a subscriber", "veröffentlicht und wurde unter",
    "latest posts sent to your email", "we recommend the best products",
    "jetzt registrieren", "you must be logged in", "riproduzione riservata",
    "reproduction interdite", "may not be reproduced published broadcast",
    "this story has not been edited by",
];

/// Words that reserve rights at the end of a line, where words are not divided as in Europe.
pub(crate) const RIGHTS: &[&str] =
    &["無断転載", "무단전재", "무단 전재", "未经授权不得转载", "未经许可不得转载"];

/// How short lines begin that ask whether one is a reader already (folded).
pub(crate) const QUESTIONS: &[&str] = &["already a subscriber", "bereits abonnent"];

/// Words of news that tells what somebody said (folded).
pub(crate) const SAID: &[&str] = &["said", "says", "told", "added", "according"];

/// Parts of the same lines that news has too: they count where the page speaks of itself, in
/// [`OWN_VOICE`] (folded).
#[rustfmt::skip]
pub(crate) const ORDINARY_PARTS: &[&str] = &[
    "may earn a commission", "may earn commission", "earn an affiliate commission",
    "earns commissions", "earn a small commission", "may receive a commission",
    "may receive compensation", "get the latest news delivered", "delivered to your inbox",
    "straight to your inbox", "directly to your inbox", "straight to your phone",
];

/// Words of a page that speaks of itself and of what it offers (folded).
#[rustfmt::skip]
pub(crate) const OWN_VOICE: &[&str] = &[
    "we", "our", "us", "i", "my", "site", "link", "links", "affiliate", "newsletter", "newsletters",
    "subscribe", "sign", "headlines", "stories", "briefing", "bulletin",
];

/// How lines begin that offer something to the reader; they count as the page's own voice (folded).
pub(crate) const OFFERS: &[&str] = &["get", "receive", "download", "join"];

/// How lines that point elsewhere begin; they count where they hold a link (folded).
#[rustfmt::skip]
pub(crate) const POINTERS: &[&str] = &[
    "vea también", "ver también", "puedes ver", "lea además", "mira también", "voir aussi",
    "auch lesen", "posted in", "filed under", "kategorisiert in", "read more", "read also",
    "also read", "read next", "see also", "related", "more on this", "recommended", "watch",
    "must read", "dont miss", "you may also like", "click here to", "read the full",
    "continue reading", "lesen sie auch", "lesen sie mehr", "lesen sie hier", "auch interessant",
    "mehr zum thema", "mehr dazu", "siehe auch", "weiterlesen", "lire aussi", "à lire aussi",
    "lea también", "lee también", "te puede interesar", "leggi anche", "leia também", "leia mais",
    "veja também", "lees ook", "czytaj także", "czytaj też", "zobacz także", "читайте также",
    "читайте також", "läs också", "les også", "læs også", "lue myös", "baca juga", "simak juga",
    "lihat juga", "xem thêm", "đọc thêm", "tham khảo thêm", "อ านเพิ มเติม", "อ านข าว",
    "यह भी पढ ें", "ये भी पढ ें", "আরও পড ুন", "আরো পড ুন", "مزید پڑھیں", "یہ بھی پڑھیں",
    "קראו עוד", "קראו גם", "прочетете още", "вижте още", "pročitajte i", "pročitajte još",
    "pročitaj i", "pročitaj još", "прочитајте и", "preberite tudi", "preberite še", "citește și",
    "vezi și", "prečítajte si aj", "čítajte aj", "čtěte také", "čtěte i", "skaitykite taip pat",
    "taip pat skaitykite", "lasi arī", "lasi vēl", "loe ka", "loe veel", "ezt is olvassa el",
    "ezt is olvasd el", "läs även", "lue lisää", "διαβάστε επίσης", "διαβάστε ακόμα",
    "δείτε επίσης", "bunu da okuyun", "ilgili haber", "関連記事", "あわせて読みたい", "延伸閱讀", "延伸阅读", "相关阅读",
    "관련기사", "관련 기사", "اقرأ أيضا", "اقرأ المزيد", "شاهد أيضا", "بیشتر بخوانید", "soma pia",
    "lexo edhe", "també et pot interessar", "basahin din", "ასევე წაიკითხეთ",
];

/// Words for a picture before the name of its owner (folded).
#[rustfmt::skip]
pub(crate) const PICTURES: &[&str] = &[
    "photo", "photos", "photograph", "image", "images", "picture", "pictures", "pic", "credit",
    "photo credit", "image credit", "foto", "fotos", "fotograf", "fotografie", "bild", "bilder",
    "bildrechte", "bildquelle", "bildnachweis", "bildcredit", "crédit", "crédits", "crédit photo",
    "crédits photo", "imagen", "imagem", "imágenes", "fotografía", "fotografia", "immagine",
    "beeld", "fot", "zdjęcie", "zdjęcia", "fotó", "fotók", "kuva", "kuvat", "nuotr", "poza",
    "fotoğraf", "фото", "фотография", "снимка", "слика", "φωτο", "φωτό", "φωτογραφία", "gambar",
    "ảnh", "צילום", "תמונה", "صورة", "عکس", "사진", "写真", "图", "图片", "圖", "圖片", "ছবি",
    "nyitókép", "címlapkép", "borítókép",
];

/// Houses that pictures are had from (folded).
pub(crate) const PICTURE_HOUSES: &[&str] = &[
    "getty images",
    "picture alliance",
    "shutterstock",
    "shutterstock com",
    "unsplash",
    "pixabay",
    "adobe stock",
    "stock adobe com",
    "istock",
    "ap photo",
    "depositphotos",
];

/// How bylines begin (folded).
#[rustfmt::skip]
pub(crate) const BY: &[&str] = &[
    "by", "von", "par", "por", "de", "di", "da", "door", "av", "af", "autor", "автор",
];

/// Labels before the name of who looked through a text; a line of one and a name at the top is none
/// of it (folded).
pub(crate) const CHECKED_BY: &[&str] =
    &["reviewed by", "medically reviewed by", "fact checked by", "edited by"];

/// Labels before the name of who wrote or looked through a text; a line of the label alone is none
/// of it (folded).
#[rustfmt::skip]
pub(crate) const WRITTEN_BY: &[&str] = &[
    "by", "written by", "posted by", "published by", "story by", "words by", "article by",
    "edited by", "reviewed by", "medically reviewed by", "fact checked by", "updated by",
    "contributed by", "author", "authors", "von", "text von", "geschrieben von", "verfasst von",
    "par", "écrit par", "rédigé par", "publié par", "por", "escrito por", "publicado por",
    "redactado por", "di", "scritto da", "pubblicato da", "door", "geschreven door", "av", "af",
    "skriven av", "skrevet av", "skrevet af", "autor", "автор", "yazan", "oleh", "penulis",
];

/// Words before the day on which a text was published or changed (folded).
#[rustfmt::skip]
pub(crate) const DATE_LABELS: &[&str] = &[
    "updated", "last updated", "last update", "last modified", "modified", "published",
    "first published", "originally published", "posted", "posted on", "created", "date", "release date",
    "aktualisiert", "zuletzt aktualisiert", "veröffentlicht", "erstellt", "stand", "datum", "publié",
    "publié le", "mis à jour", "modifié", "actualizado", "publicado", "publicada", "última actualización",
    "fecha", "aggiornato", "pubblicato", "ultimo aggiornamento", "atualizado", "atualizada",
    "bijgewerkt", "gepubliceerd", "uppdaterad", "publicerad", "oppdatert", "publisert", "opdateret",
    "offentliggjort", "julkaistu", "päivitetty", "opublikowano", "aktualizacja", "data publikacji",
    "publikováno", "aktualizováno", "обновлено", "опубликовано", "дата публикации", "оновлено",
    "опубліковано", "güncelleme", "güncellenme", "yayınlanma", "son güncelleme", "diperbarui",
    "diterbitkan", "cập nhật", "xuất bản", "δημοσιεύθηκε", "ενημερώθηκε", "frissítve", "megjelent",
    "publicat", "actualizat", "публикувано", "обновена", "objavljeno", "ažurirano", "更新", "发布时间",
    "公開日", "更新日", "입력", "수정", "تم التحديث", "نشر في", "פורסם", "עודכן",
];

/// Parts of headings behind which the text of others stands, or a form: nothing of the article
/// comes below them (folded).
#[rustfmt::skip]
pub(crate) const OF_OTHERS: &[&str] = &[
    "comment", "kommentar", "komentar", "comentari", "comentári", "comentario", "commenti",
    "комментари", "reply", "response", "conversation", "reacti", "réaction", "author", "autor",
    "verfasser", "newsletter", "subscribe", "abonn", "sign up", "stay up to date", "follow us",
    "share", "teilen", "partager", "compart", "condividi", "udostępnij", "поделиться", "deel dit",
    "respuesta", "antwort", "gefällt mir", "advertisement", "sponsored", "partners", "tags",
    "categories", "archives", "schlagwörter", "navigation",
];

/// Names of services that a text is shared with, and words beside them on the buttons (folded).
#[rustfmt::skip]
pub(crate) const SHARE_WORDS: &[&str] = &[
    "share", "tweet", "facebook", "twitter", "x", "linkedin", "pinterest", "whatsapp", "telegram",
    "reddit", "email", "mail", "e", "sms", "messenger", "viber", "threads", "bluesky", "mastodon",
    "pocket", "flipboard", "tumblr", "xing", "vk", "print", "copy", "link", "on", "via", "it",
    "teilen", "drucken", "partager", "compartir", "condividi", "compartilhar", "udostępnij",
    "поделиться", "paylaş", "bagikan", "dela", "del", "jaa",
];

/// Parts of lines that say how long an article takes to read (folded).
#[rustfmt::skip]
pub(crate) const READING_TIMES: &[&str] = &[
    "min read", "mins read", "minute read", "minutes read", "minutes to read", "min de lecture",
    "minutes de lecture", "min lesezeit", "minuten lesezeit", "lesezeit", "min de lectura",
    "minutos de lectura", "min di lettura", "minuti di lettura", "min de leitura",
    "minutos de leitura", "min czytania", "dk okuma", "мин чтения", "минут чтения",
    "min leestijd", "min läsning", "phút đọc", "menit membaca",
    "temps de lecture",
];

/// How lines begin that play the text (folded).
pub(crate) const LISTENING: &[&str] = &[
    "listen to this article",
    "listen to the article",
    "listen to article",
    "artikel anhören",
    "écouter larticle",
    "escuchar el artículo",
    "ascolta larticolo",
    "ouvir a notícia",
    "прослушать новость",
];

/// Fails for a phrase that no folded text can hold.
#[cfg(test)]
pub(crate) fn assert_folded(table: &[&str]) {
    for phrase in table {
        assert_eq!(crate::title::fold(phrase), *phrase);
        // Folding joins "l'article": no letter that an apostrophe follows stands alone.
        let torn = |word: &str| matches!(word, "l" | "d" | "s" | "t" | "n" | "qu" | "dell");
        assert!(!phrase.split(' ').any(torn), "{phrase}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_phrases_are_folded() {
        for table in [
            FURNITURE_HEADINGS,
            ORDINARY_HEADINGS,
            FURNITURE_LINES,
            CONTINUED,
            FURNITURE_PARTS,
            ORDINARY_PARTS,
            OWN_VOICE,
            QUESTIONS,
            SAID,
            OFFERS,
            POINTERS,
            PICTURES,
            PICTURE_HOUSES,
            BY,
            CHECKED_BY,
            WRITTEN_BY,
            DATE_LABELS,
            OF_OTHERS,
            SHARE_WORDS,
            READING_TIMES,
            LISTENING,
        ] {
            assert_folded(table);
        }
    }
}
