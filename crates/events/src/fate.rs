//! Fate: what became of an (entry id, revision, hop).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Why an entry became no story: a closed list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// The entry has no link and too little text of its own.
    NoLink,
    /// The link is neither http nor https, or no URL.
    BadLink,
    /// The address is private, loopback or otherwise not for us.
    AddressBlocked,
    /// robots.txt denies the page.
    Robots,
    /// The site asks for money or a login.
    Paywall,
    /// The site challenges or refuses programs.
    BotWall,
    /// 401, 403, 451 and other refusals.
    Refused,
    /// The page or the article is larger than the limit.
    TooBig,
    /// The answer is not HTML.
    NotHtml,
    /// 404 after the retry schedule.
    NotFound,
    /// 410.
    Gone,
    /// 5xx or 429 after the retry schedule.
    ServerError,
    /// More pages of the site wait than it can be asked for in time.
    SiteBusy,
    /// No connection, TLS fault, timeout or broken body after the retry schedule.
    Network,
    /// Redirects in a circle or too many of them.
    Redirects,
    /// A section page, video page, consent wall, error page or the like.
    NotAnArticle,
    /// The page has no text.
    Empty,
    /// The page is beyond the limits of nodes, depth or work.
    TooComplex,
    /// Published longer ago than `[publish] max_age`.
    TooOld,
    /// The story was withdrawn by command and does not return.
    Withdrawn,
}

impl SkipReason {
    /// The reason as it is spelled in JSON and in metric labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoLink => "no_link",
            Self::BadLink => "bad_link",
            Self::AddressBlocked => "address_blocked",
            Self::Robots => "robots",
            Self::Paywall => "paywall",
            Self::BotWall => "bot_wall",
            Self::Refused => "refused",
            Self::TooBig => "too_big",
            Self::NotHtml => "not_html",
            Self::NotFound => "not_found",
            Self::Gone => "gone",
            Self::ServerError => "server_error",
            Self::SiteBusy => "site_busy",
            Self::Network => "network",
            Self::Redirects => "redirects",
            Self::NotAnArticle => "not_an_article",
            Self::Empty => "empty",
            Self::TooComplex => "too_complex",
            Self::TooOld => "too_old",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl std::fmt::Display for SkipReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of an (entry id, revision, hop). Each has exactly one, kept for 7 days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It became a story event.
    Story {
        /// Story id.
        story: String,
        /// Version published.
        version: u32,
        /// Whether the text came from the page or from the feed.
        source: crate::ExtractionSource,
    },
    /// A further sighting, or nothing changed.
    Known {
        /// The story it is a sighting of; null where the entry itself became none.
        story: Option<String>,
    },
    /// Sent on under another site.
    Moved {
        /// The redirect's target.
        to: String,
    },
    /// A copy, and `[publish] copies = "drop"`.
    CopyDropped {
        /// The story it copies.
        story: String,
    },
    /// It became nothing.
    Skipped {
        /// Why.
        reason: SkipReason,
    },
}
