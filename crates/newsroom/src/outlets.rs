//! The outlets: who they are, how their pages and feeds are made. Twelve are written down, further
//! ones are derived from their number.

use crate::article::Language;
use crate::generator;

/// Design of an outlet's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Design {
    /// A newspaper's site: semantic elements, a column of teasers at the side.
    Broadsheet,
    /// Nested `div`s, teasers and share bars between the paragraphs, reader comments.
    Tabloid,
    /// A weblog's theme: categories, tags, "Leave a reply".
    Blog,
    /// A portal of 2003: tables, `font`, line breaks instead of paragraphs.
    Portal,
    /// A recent application: made-up class names, cards, boxes inside the text.
    Cards,
}

/// What a page says about itself for machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metadata {
    JsonLdAndOpenGraph,
    OpenGraph,
    Microdata,
    JsonLdGraph,
    Nothing,
}

/// Format of an outlet's feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedFormat {
    /// RSS 2.0 with summaries.
    Rss,
    /// RSS 2.0 whose items carry the full text (`content:encoded`).
    RssFullText,
    /// Atom.
    Atom,
    /// RSS 1.0 (RDF). Ill-formed or cut off at times.
    Rdf,
    /// JSON Feed 1.1.
    Json,
    /// A news sitemap.
    Sitemap,
}

/// What the answers to feed requests can be revalidated with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validators {
    Both,
    WeakTag,
    DateOnly,
}

/// One outlet.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    /// Short name; `outlet/slug` names an article.
    pub(crate) key: String,
    pub(crate) name: String,
    pub(crate) slogan: String,
    pub(crate) language: Language,
    pub(crate) design: Design,
    pub(crate) metadata: Metadata,
    pub(crate) format: FeedFormat,
    pub(crate) validators: Validators,
    /// Main colour of its pages.
    pub(crate) accent: &'static str,
    /// Offset of the times it states from UTC, in minutes.
    pub(crate) offset: i32,
    /// Charset of its pages: one still uses ISO-8859-1.
    pub(crate) latin1: bool,
    /// Its written stories; empty for a generated outlet.
    pub(crate) manuscript: &'static str,
}

impl Outlet {
    /// Path of its feed.
    pub(crate) fn feed_path(&self) -> &'static str {
        match self.format {
            FeedFormat::Rss => "/feeds/news.rss",
            FeedFormat::RssFullText => "/feed/",
            FeedFormat::Atom => "/atom.xml",
            FeedFormat::Rdf => "/export/rdf.php?rubrik=alle",
            FeedFormat::Json => "/feed.json",
            FeedFormat::Sitemap => "/sitemap-news.xml",
        }
    }
}

struct Written(
    &'static str,
    &'static str,
    &'static str,
    Language,
    Design,
    Metadata,
    FeedFormat,
    Validators,
    &'static str,
    i32,
    &'static str,
);

/// The twelve outlets with written stories, in the order of their addresses.
pub(crate) fn written() -> Vec<Outlet> {
    use Language::{English, German, Spanish};
    let table = [
        Written(
            "courier",
            "The Kelmouth Courier",
            "News from the estuary since 1871",
            English,
            Design::Broadsheet,
            Metadata::JsonLdAndOpenGraph,
            FeedFormat::Rss,
            Validators::Both,
            "#14375e",
            0,
            include_str!("../stories/courier.txt"),
        ),
        Written(
            "post",
            "Vessing Post",
            "First with what matters",
            English,
            Design::Tabloid,
            Metadata::OpenGraph,
            FeedFormat::Atom,
            Validators::Both,
            "#b3121d",
            0,
            include_str!("../stories/post.txt"),
        ),
        Written(
            "wire",
            "Northfold Wire",
            "The agency of the northern coast",
            English,
            Design::Cards,
            Metadata::JsonLdGraph,
            FeedFormat::Json,
            Validators::WeakTag,
            "#0a6b5d",
            0,
            include_str!("../stories/wire.txt"),
        ),
        Written(
            "gazette",
            "Tarn Valley Gazette",
            "Written in the valley, read in the valley",
            English,
            Design::Blog,
            Metadata::Microdata,
            FeedFormat::RssFullText,
            Validators::Both,
            "#3c6e1f",
            0,
            include_str!("../stories/gazette.txt"),
        ),
        Written(
            "anzeiger",
            "Lohnauer Anzeiger",
            "Unabhängige Zeitung für Lohnau und das Mertal",
            German,
            Design::Broadsheet,
            Metadata::JsonLdAndOpenGraph,
            FeedFormat::Rss,
            Validators::DateOnly,
            "#5a2a6e",
            60,
            include_str!("../stories/anzeiger.txt"),
        ),
        Written(
            "kurier",
            "Sundhafener Kurier",
            "Das Portal für Hafen, Stadt und Inseln",
            German,
            Design::Portal,
            Metadata::Nothing,
            FeedFormat::Rdf,
            Validators::Both,
            "#003f8a",
            60,
            include_str!("../stories/kurier.txt"),
        ),
        Written(
            "morgenblatt",
            "Morgenblatt Hellenau",
            "Was heute wichtig ist",
            German,
            Design::Cards,
            Metadata::JsonLdGraph,
            FeedFormat::Atom,
            Validators::Both,
            "#c2571a",
            60,
            include_str!("../stories/morgenblatt.txt"),
        ),
        Written(
            "ledger",
            "Harbour Ledger",
            "Trade, shipping, money",
            English,
            Design::Portal,
            Metadata::Nothing,
            FeedFormat::Sitemap,
            Validators::Both,
            "#444444",
            0,
            include_str!("../stories/ledger.txt"),
        ),
        Written(
            "faro",
            "El Faro de Bravía",
            "Diario independiente de la costa",
            Spanish,
            Design::Blog,
            Metadata::Microdata,
            FeedFormat::Rss,
            Validators::WeakTag,
            "#0b7fab",
            60,
            include_str!("../stories/faro.txt"),
        ),
        Written(
            "nordkueste",
            "Nordküste Heute",
            "Schnell. Nah. Klar.",
            German,
            Design::Tabloid,
            Metadata::OpenGraph,
            FeedFormat::Json,
            Validators::Both,
            "#d98200",
            60,
            include_str!("../stories/nordkueste.txt"),
        ),
        Written(
            "islander",
            "The Stour Islander",
            "Four islands, one paper",
            English,
            Design::Cards,
            Metadata::JsonLdGraph,
            FeedFormat::Rss,
            Validators::WeakTag,
            "#2b4a3f",
            0,
            include_str!("../stories/islander.txt"),
        ),
        Written(
            "gaceta",
            "La Gaceta de Puerto Lomas",
            "Toda la costa, cada mañana",
            Spanish,
            Design::Tabloid,
            Metadata::OpenGraph,
            FeedFormat::Atom,
            Validators::Both,
            "#7a1f4d",
            60,
            include_str!("../stories/gaceta.txt"),
        ),
    ];
    table
        .into_iter()
        .map(|row| Outlet {
            key: row.0.to_owned(),
            name: row.1.to_owned(),
            slogan: row.2.to_owned(),
            language: row.3,
            design: row.4,
            metadata: row.5,
            format: row.6,
            validators: row.7,
            accent: row.8,
            offset: row.9,
            latin1: matches!(row.6, FeedFormat::Rdf),
            manuscript: row.10,
        })
        .collect()
}

/// Further outlet number `index`: designs, formats and languages take turns, so that the first
/// few already differ in all of them.
pub(crate) fn extra(index: usize, seed: u64) -> Outlet {
    let language = [Language::English, Language::German, Language::Spanish][index % 3];
    let (design, metadata) = [
        (Design::Broadsheet, Metadata::JsonLdAndOpenGraph),
        (Design::Tabloid, Metadata::OpenGraph),
        (Design::Blog, Metadata::Microdata),
        (Design::Cards, Metadata::JsonLdGraph),
        (Design::Portal, Metadata::Nothing),
    ][index % 5];
    // RDF is left out: its outages belong to the story, a load test wants every entry.
    let format =
        [FeedFormat::Rss, FeedFormat::Atom, FeedFormat::Json, FeedFormat::Sitemap][index % 4];
    let validators = [Validators::Both, Validators::WeakTag, Validators::DateOnly][index / 4 % 3];
    let place = generator::town(language, seed, 1_000_003 + index as u64);
    let (name, slogan) = match language {
        Language::English => (format!("{place} Herald"), "All that is new in the parish"),
        Language::German => (format!("{place}er Rundschau"), "Nachrichten aus der Nähe"),
        Language::Spanish => (format!("La Voz de {place}"), "Noticias de la comarca"),
    };
    Outlet {
        key: format!("extra{index}"),
        name,
        slogan: slogan.to_owned(),
        language,
        design,
        metadata,
        format,
        validators,
        accent: ["#31506b", "#6b3131", "#316b45", "#6b5a31"][index % 4],
        offset: if language == Language::English { 0 } else { 60 },
        latin1: false,
        manuscript: "",
    }
}
