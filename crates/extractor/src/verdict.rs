//! Whether what was found is an article, how sure that is, and whether all of it is there.

use events::{Access, SkipReason};

use crate::PageInput;
use crate::linked::Linked;
use crate::marks;
use crate::page::Page;
use crate::structured::Meta;
use crate::title::fold;

/// Fewest words of an article.
const MIN_WORDS: u32 = 25;
/// Fewest words where the page says itself that it is an article.
const MIN_DECLARED_WORDS: u32 = 10;
/// Up to how many words a page may be a notice instead of an article.
const MAX_NOTICE_WORDS: u32 = 150;

/// Up to how many words a page may be a wall that asks for consent.
const MAX_CONSENT_WORDS: u32 = 500;
/// Up to how many words a page with a video may be about the video only.
const MAX_VIDEO_WORDS: u32 = 40;

/// What the verdict is about.
pub(crate) struct Found<'a> {
    pub(crate) title: Option<&'a str>,
    pub(crate) headline: Option<usize>,
    pub(crate) container: usize,
    pub(crate) text: &'a str,
    pub(crate) words: u32,
    /// Bytes of the text inside links.
    pub(crate) link_chars: usize,
}

/// Why the page is no article, if it is none.
pub(crate) fn refuse(
    page: &Page<'_>,
    input: &PageInput<'_>,
    meta: &Meta,
    linked: &Linked,
    found: &Found<'_>,
) -> Option<(SkipReason, String)> {
    let declared = is_declared(meta, linked);
    let title = found.title.or(meta.document_title.as_deref()).unwrap_or_default();
    if found.words <= MAX_NOTICE_WORDS {
        let folded = fold(title);
        let start: String = found.text.chars().take(200).collect();
        let start = fold(&start);
        if BOT_WALLS.iter().any(|phrase| folded.starts_with(phrase) || start.contains(phrase)) {
            return Some((SkipReason::BotWall, format!("the page is titled `{title}`")));
        }
        if NOTICES.iter().any(|phrase| folded.starts_with(phrase)) {
            return Some((SkipReason::NotAnArticle, format!("the page is titled `{title}`")));
        }
        if !declared && is_root(input.url) {
            return Some((
                SkipReason::NotAnArticle,
                "a front page with little running text".to_owned(),
            ));
        }
    }
    if found.words <= MAX_CONSENT_WORDS && !declared {
        let start: String = found.text.chars().take(400).collect();
        let start = fold(&start);
        if let Some(phrase) = CONSENT.iter().find(|phrase| start.contains(*phrase)) {
            return Some((SkipReason::NotAnArticle, format!("a consent wall: `{phrase}`")));
        }
    }
    if !declared && is_list_of_articles(page, input, found) {
        return Some((SkipReason::NotAnArticle, "a list of other articles".to_owned()));
    }
    if found.words < MAX_VIDEO_WORDS && !linked.is_article() && is_video(meta, linked) {
        return Some((SkipReason::NotAnArticle, "a video page".to_owned()));
    }
    if found.words == 0 {
        return Some((SkipReason::Empty, "the page has no running text".to_owned()));
    }
    (found.words < least_words(meta, linked)).then(|| {
        let reason = if has_paywall(page) { SkipReason::Paywall } else { SkipReason::NotAnArticle };
        (reason, format!("{} words of running text", found.words))
    })
}

/// Fewest words of an article on a page like this.
pub(crate) fn least_words(meta: &Meta, linked: &Linked) -> u32 {
    if is_declared(meta, linked) { MIN_DECLARED_WORDS } else { MIN_WORDS }
}

fn is_root(url: Option<&str>) -> bool {
    url.and_then(|url| url::Url::parse(url).ok())
        .is_some_and(|url| url.path() == "/" && url.query().is_none())
}

/// A section page: cards of other articles below each other and no headline of its own, or at an
/// address that is a section's.
fn is_list_of_articles(page: &Page<'_>, input: &PageInput<'_>, found: &Found<'_>) -> bool {
    let container = &page.nodes[found.container];
    let linked = u32::from(container.linked_headings);
    let cards = linked >= 5
        && linked * 4 >= u32::from(container.headings) * 3
        && container.chars <= 450 * linked;
    let links = found.link_chars * 2 > found.text.len() && found.words >= 20;
    let at_section = is_shallow(input.url);
    cards && (found.headline.is_none() || at_section) || links && at_section
}

/// Whether an address is one of a section: `/`, `/sport`, `/news/local/`, not `/2025/a-long-slug`.
fn is_shallow(url: Option<&str>) -> bool {
    url.and_then(|url| url::Url::parse(url).ok()).is_some_and(|url| {
        let mut segments = url.path().split('/').filter(|segment| !segment.is_empty());
        url.query().is_none()
            && segments.clone().count() <= 2
            && segments.all(|segment| {
                segment.len() <= 24
                    && !segment.contains('.')
                    && segment.matches('-').count() <= 1
                    && !segment.bytes().any(|byte| byte.is_ascii_digit())
            })
    })
}

/// A page round a video: its data describes the video and no article.
fn is_video(meta: &Meta, linked: &Linked) -> bool {
    linked.types.iter().any(|kind| kind == "VideoObject")
        || meta.first(&["og:type"]).is_some_and(|kind| kind.starts_with("video"))
}

fn has_paywall(page: &Page<'_>) -> bool {
    page.nodes.iter().any(|node| {
        node.marks & marks::PAYWALL != 0
            && node.marks & marks::HIDDEN == 0
            && node.chars > 0
            && node.is_furniture
    })
}

/// Whether the page says itself that it is an article.
fn is_declared(meta: &Meta, linked: &Linked) -> bool {
    linked.is_article()
        || meta.first(&["og:type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("article"))
}

/// Who may read the article, by what the page says.
pub(crate) fn access(page: &Page<'_>, meta: &Meta, linked: &Linked) -> Access {
    match linked.free {
        Some(true) => return Access::Free,
        Some(false) => return Access::Subscription,
        None => {}
    }
    match meta.first(&["article:content_tier", "og:article:content_tier", "content_tier"]) {
        Some("free") => Access::Free,
        Some("metered") => Access::Metered,
        Some("locked" | "premium" | "paid") => Access::Subscription,
        _ if has_paywall(page) => Access::Subscription,
        _ => Access::Unknown,
    }
}

/// Whether all of the article is there: a paid article of few words, or one before an offer to
/// subscribe, is its beginning only.
pub(crate) fn is_complete(page: &Page<'_>, access: Access, found: &Found<'_>) -> bool {
    let paid = matches!(access, Access::Subscription | Access::Metered);
    let cut = found.text.trim_end().ends_with('…') || found.text.trim_end().ends_with("...");
    !(paid && (found.words < 200 || cut) || has_paywall(page) && found.words < 150)
}

/// Titles and first words of pages that keep programs out (folded).
const BOT_WALLS: &[&str] = &[
    "just a moment",
    "attention required",
    "access denied",
    "are you a robot",
    "are you human",
    "robot check",
    "pardon our interruption",
    "security check",
    "checking your browser",
    "verify you are human",
    "please verify you are a human",
    "verifying you are human",
    "human verification",
    "bot verification",
    "ddos protection",
    "one more step",
    "please complete the security check",
    "captcha",
];

/// First words of walls that ask for consent before anything is shown (folded).
const CONSENT: &[&str] = &[
    "we value your privacy",
    "we and our partners",
    "we use cookies and similar",
    "before you continue to",
    "your privacy choices",
    "accept all cookies",
    "wir benötigen ihre zustimmung",
    "wir und unsere partner",
    "mit werbung weiterlesen",
    "bevor sie fortfahren",
    "nous et nos partenaires",
    "nous respectons votre vie privée",
    "nosotros y nuestros socios",
    "valoramos su privacidad",
    "noi e i nostri partner",
    "nós e os nossos parceiros",
    "wij en onze partners",
    "my i nasi partnerzy",
    "vi och våra partner",
    "vi og våre partnere",
    "vi og vores partnere",
    "me ja kumppanimme",
];

/// Titles of pages that are notices (folded).
const NOTICES: &[&str] = &[
    "404",
    "page not found",
    "not found",
    "error 404",
    "seite nicht gefunden",
    "page introuvable",
    "página no encontrada",
    "pagina non trovata",
    "página não encontrada",
    "pagina niet gevonden",
    "403",
    "forbidden",
    "500",
    "502",
    "503",
    "internal server error",
    "service unavailable",
    "bad gateway",
    "before you continue",
    "bevor sie fortfahren",
    "avant d accéder",
    "cookie consent",
    "privacy settings",
    "privacy gate",
    "consent",
    "domain for sale",
    "account suspended",
    "under construction",
    "site maintenance",
    "log in",
    "login",
    "sign in",
    "anmelden",
    "einloggen",
];

#[cfg(test)]
mod tests {
    use crate::{Extracted, PageInput, extract};
    use events::SkipReason;

    #[test]
    fn what_is_no_article_is_said_to_be_none() {
        for (page, expected) in [
            (
                "<title>Just a moment...</title><p>Checking your browser before you go on to the site. This takes a few seconds and happens once, then you are sent on.</p>",
                SkipReason::BotWall,
            ),
            (
                "<title>Page not found | Post</title><h1>Page not found</h1><p>The page you were looking for does not exist any more, or it was moved to another place. Try the search, or go to the front page and look there.</p>",
                SkipReason::NotAnArticle,
            ),
            ("<title>Video: storm</title><p>Watch the storm.</p>", SkipReason::NotAnArticle),
            ("<title>Menu</title><nav><a href=/>Home</a></nav>", SkipReason::Empty),
            ("", SkipReason::Empty),
        ] {
            match extract(&PageInput { body: page.as_bytes(), ..PageInput::default() }) {
                Extracted::Skipped { reason, .. } => assert_eq!(reason, expected, "{page}"),
                Extracted::Article(article) => panic!("{page} became {}", article.text),
            }
        }
    }
}
