//! Types of everything on the topics: records, ids, canonical URLs, routing and schemas.
//!
//! Nothing here does I/O or reads a clock. Two processes that see the same input produce the
//! same bytes: ids are hashes, maps are ordered, times have one spelling.

mod article;
mod cloudevents;
mod entry;
mod fate;
mod feed;
mod group;
mod ids;
mod page;
mod push;
mod routing;
mod schema;
mod site;
mod story;
mod story_urls;
mod timestamp;
mod trace;
mod url_parameters;
mod urls;

pub use article::{
    Access, Article, ArticleContent, ArticleOutcome, Image, PublishedAtSource, Publisher, Rights,
    Withdraw,
};
pub use cloudevents::{Header, story_headers};
pub use entry::{Entry, FeedRef, REVISIT_HOPS};
pub use fate::{Fate, SkipReason};
pub use feed::{Auth, FullText, Origin, Subscription, SubscriptionFault};
pub use group::{Group, GroupState, Joined};
pub use ids::{entry_id, feed_id, hash_bytes, hash_id, sha256_hex, story_id};
pub use page::{DecodePageError, HttpAnswer, Page, PageOutcome};
pub use push::{DecodePushError, MAX_PUSH_BODY, Push, PushKind};
pub use routing::{murmur2, partition_of};
pub use schema::{PublicSchema, public_schemas};
pub use site::{host_of, site_of};
pub use story::{
    Changes, CopyKind, DuplicateOf, EventKind, ExtractionInfo, ExtractionSource, StoryEvent,
    StoryFeed, StoryGroup,
};
pub use story_urls::{names_an_article, story_url, twin_urls};
pub use timestamp::{ParseTimestampError, Timestamp};
pub use trace::TraceContext;
pub use urls::{canonical_url, former_canonical_url, is_http_url};
