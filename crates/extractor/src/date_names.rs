//! Under which names and after which words pages keep their dates. Tables only.

/// Names of meta elements that hold the time of publication, the surest first.
pub(crate) const PUBLISHED: &[&str] = &[
    "article:published_time",
    "og:article:published_time",
    "article:published",
    "datepublished",
    "og:published_time",
    "publish-date",
    "publish_date",
    "publishdate",
    "published_time",
    "pubdate",
    "dc.date.issued",
    "dcterms.issued",
    "dc.issued",
    "dcterms.created",
    "dc.date.created",
    "dc.created",
    "sailthru.date",
    "parsely-pub-date",
    "cxenseparse:recs:publishtime",
    "article_date_original",
    "article.published",
    "publication_date",
    "originalpublicationdate",
    "pdate",
    "og:pubdate",
    "article:post_date",
    "citation_publication_date",
    "citation_date",
    "rnews:datepublished",
    "analyticsattributes.articledate",
    "pub_date",
    "date_published",
    "bt:pubdate",
    "iso-8601-publish-date",
    "published",
    "publishing_date",
    "w-published-date",
    "published-date",
    "article-published",
    "posted_on",
    "shareaholic:article_published_time",
    "release_date",
    "displaydate",
];

/// Names of meta elements that hold the time of the last change.
pub(crate) const MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "dc.date.modified",
    "lastmod",
    "last-modified",
    "modified",
    "updated_time",
    "article:updated_time",
    "revised",
    "dc.modified",
    "lastmodified",
    "shareaholic:article_modified_time",
    "update_date",
];

/// Names of meta elements that hold a date of some kind.
pub(crate) const DATED: &[&str] =
    &["datecreated", "created", "cre_date", "dc.date", "dcterms.date", "date", "uploaddate"];

/// Keys under which clients keep the time of publication.
pub(crate) const STATE_KEYS: &[&str] = &[
    "datePublished",
    "publishedAt",
    "published_at",
    "publishedDate",
    "publishDate",
    "publish_date",
    "publicationDate",
    "published_date",
    "firstPublished",
    "datePosted",
    "postedAt",
    "pubDate",
    "w-published-date",
];

/// Parts of words that introduce the day of a change.
#[rustfmt::skip]
pub(crate) const CHANGE: &[&str] = &[
    "updat", "Updat", "modif", "edited", "revised", "reviewed", "aktualis", "geändert",
    "änderung", "mis à jour", "mise à jour", "actualiz", "aggiorna", "atualiz", "bijgewerkt",
    "gewijzigd", "zaktualiz", "aktualiz", "обновл", "оновл", "güncel", "uppdat", "ändrad",
    "oppdat", "opdat", "päivit", "frissít", "更新", "修改", "수정", "تحديث", "ενημέρωση", "cập nhật",
    "diperbarui", "diubah", "dikemas kini", "dikemaskini", "actualis", "actualitz", "alterad",
    "modificat", "ažurir", "izmenj", "izmijenj", "posodobl", "upraven", "módosít", "muokattu",
    "uuendat", "muudet", "atjaunin", "atnaujint", "uppfært", "endret", "ændret", "përditës",
    "yenilən", "yangilan", "değiştir", "изменен", "змінен", "абноўл", "ажурир", "обновен",
    "актуализ", "жаңарт", "ενημερώ", "τροποποι", "עודכן", "עדכון", "تعديل", "محدث", "به‌روز",
    "بروزرسانی", "بروز رسانی", "ویرایش", "اپ ڈیٹ", "اپڈیٹ", "अपडेट", "अद्यतन", "संशोधित",
    "আপডেট", "হালনাগাদ", "અપડેટ", "ਅੱਪਡੇਟ", "புதுப்பிக்க", "అప్‌డేట్", "ನವೀಕರಿಸ", "അപ്ഡേറ്റ്",
    "อัปเดต", "อัพเดท", "แก้ไข", "ปรับปรุง", "업데이트", "갱신", "改訂", "修訂", "განახლ", "թարմաց",
    "imesasishwa", "zmodyfik", "izmjen", "spremenjen", "redaguot", "editováno", "změněno",
    "отредактир", "редактиран", "измењен", "последна измена", "последња измена",
    "последна редакция", "променен", "ανανέωση", "ndryshuar", "تازہ کاری", "ترمیم", "அப்டேட்",
    "నవీకర", "eguneratu", "cusbooney", "የዘመነ", "යාවත්කාලීන", "បច្ចុប្បន្នភាព", "ပြင်ဆင်",
    "шинэчил", "chỉnh sửa", "pembaruan", "pemutakhiran", "überarbeitet", "最后编辑", "最後編輯",
];

/// Parts of words that introduce the day of publication.
#[rustfmt::skip]
pub(crate) const PUBLICATION: &[&str] = &[
    "publi", "pubbli", "posted", "erschienen", "veröffentlicht", "erstellt", "geschrieben",
    "wurde am", "eingestellt", "gepubliceerd", "geplaatst", "опублик", "дата публ", "yayın",
    "julkaistu", "közzé", "발행", "입력", "發布", "发布", "発行", "公開", "نشر", "δημοσ", "đăng",
    "diterbitkan", "tayang", "objavl", "zveřejn", "zverejn", "paskelbt", "avaldatud", "birt ",
    "објавл", "публик", "გამოქვეყ", "פורסם", "انتشار", "प्रकाशित", "প্রকাশ", "เผยแพร่", "首发",
    "dodano", "udgivet", "megjelen", "vydáno", "размещен", "شائع", "اشاعت", "வெளியி", "பதிவு",
    "ప్రచుర", "argitarat", "daabac", "የታተመ", "ප්‍රකාශ", "ផ្សាយ", "ထုတ်ဝေ", "нийтэл", "հրապարակ",
    "жариялан", "dərc", "imechapish", "inilathala", "發佈", "chop et",
];
