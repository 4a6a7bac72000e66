//! Whether what was found is an article, how sure that is, and whether all of it is there.

use events::{Access, SkipReason};

use crate::marks;
use crate::page::{Page, Tag};
use crate::structured::{Linked, Meta};
use crate::title::fold;
use crate::{Hints, PageInput};

/// Fewest words of an article.
const MIN_WORDS: u32 = 25;
/// Fewest words where the page says itself that it is an article.
const MIN_DECLARED_WORDS: u32 = 10;
/// Up to how many words a page may be a notice instead of an article.
const MAX_NOTICE_WORDS: u32 = 150;

/// What the verdict is about.
pub(crate) struct Found<'a> {
    pub(crate) title: Option<&'a str>,
    pub(crate) headline: Option<usize>,
    pub(crate) container: usize,
    pub(crate) text: &'a str,
    pub(crate) words: u32,
}

/// Why the page is no article, if it is none.
pub(crate) fn refuse(
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
        let at_root = input
            .url
            .and_then(|url| url::Url::parse(url).ok())
            .is_some_and(|url| url.path() == "/" && url.query().is_none());
        if at_root && !declared {
            return Some((
                SkipReason::NotAnArticle,
                "a front page with little running text".to_owned(),
            ));
        }
    }
    if found.words == 0 {
        return Some((SkipReason::Empty, "the page has no running text".to_owned()));
    }
    let least = if declared { MIN_DECLARED_WORDS } else { MIN_WORDS };
    (found.words < least)
        .then(|| (SkipReason::NotAnArticle, format!("{} words of running text", found.words)))
}

/// Whether the page says itself that it is an article.
fn is_declared(meta: &Meta, linked: &Linked) -> bool {
    linked.is_article()
        || meta.first(&["og:type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("article"))
}

/// How sure it is that the text is the article, 0 to 1: signs for and against, weighted by what
/// they turned out to be worth on pages with known text.
pub(crate) fn confidence(
    page: &Page<'_>,
    meta: &Meta,
    linked: &Linked,
    hints: &Hints<'_>,
    found: &Found<'_>,
) -> f64 {
    let container = &page.nodes[found.container];
    let share = f64::from(container.prose) / f64::from(page.nodes[page.body].prose.max(1));
    let mut confidence: f64 = 0.45;
    if found.words >= 100 {
        confidence += 0.15;
    }
    if share >= 0.6 {
        confidence += 0.12;
    }
    if container.marks & (marks::ARTICLE_BODY | marks::CONTENT) != 0
        || container.tag == Tag::Article
    {
        confidence += 0.1;
    }
    if found.headline.is_some() {
        confidence += 0.05;
    }
    if is_declared(meta, linked) {
        confidence += 0.05;
    }
    let dense = f64::from(container.link_chars) / f64::from(container.chars.max(1));
    if dense > 0.3 {
        confidence -= 0.15;
    }
    if let (Some(hint), Some(title)) = (hints.title, found.title) {
        confidence += if same_title(hint, title) { 0.05 } else { -0.15 };
    }
    if let Some(summary) = hints.summary {
        let start: String = fold(&crate::feed::plain(summary)).chars().take(60).collect();
        if start.chars().count() >= 40 && fold(found.text).contains(&start) {
            confidence += 0.05;
        }
    }
    (confidence.clamp(0.05, 0.99) * 100.0).round() / 100.0
}

/// Whether two titles share half of their words.
fn same_title(one: &str, two: &str) -> bool {
    let (one, two) = (fold(one), fold(two));
    if one.contains(&two) || two.contains(&one) {
        return true;
    }
    let words: Vec<&str> = one.split(' ').collect();
    let common = two.split(' ').filter(|word| words.contains(word)).count();
    common * 2 >= words.len()
}

/// Who may read the article, by what the page says.
pub(crate) fn access(meta: &Meta, linked: &Linked) -> Access {
    match linked.free {
        Some(true) => Access::Free,
        Some(false) => Access::Subscription,
        None => match meta.first(&["article:content_tier", "og:article:content_tier"]) {
            Some("free") => Access::Free,
            Some("metered") => Access::Metered,
            Some("locked") => Access::Subscription,
            _ => Access::Unknown,
        },
    }
}

/// Whether all of the article is there: a paid article of few words, or one before an offer to
/// subscribe, is its beginning only.
pub(crate) fn is_complete(page: &Page<'_>, access: Access, found: &Found<'_>) -> bool {
    let has_paywall = page.nodes.iter().any(|node| {
        node.marks & marks::PAYWALL != 0
            && node.marks & marks::HIDDEN == 0
            && node.chars > 0
            && node.is_furniture
    });
    let paid = matches!(access, Access::Subscription | Access::Metered);
    let cut = found.text.trim_end().ends_with('…') || found.text.trim_end().ends_with("...");
    !(paid && (found.words < 200 || cut) || has_paywall && found.words < 150)
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
