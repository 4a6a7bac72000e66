//! A request for something on the web, and its answer. Who performs it is not known here.

use std::sync::Arc;

use events::{Auth, Timestamp};

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A feed document.
    Feed,
    /// An article's page.
    Page,
    /// A robots.txt.
    Robots,
    /// Anything else that is asked for rarely: hubs, discovery.
    Other,
}

/// Which redirects are followed in place. Every hop is checked like the first URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follow {
    /// Those that stay on the host, by http or https; one that leaves it is the answer.
    SameHost,
    /// Those that stay on the site; one that leaves it is the answer.
    SameSite,
    /// All of them.
    All,
}

/// A request. Performed once the transaction that asked for it is committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Names the request within its partition. A second request of the same key, while one is on
    /// its way, is the same request.
    pub key: String,
    /// Absolute http(s) URL.
    pub url: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Request headers beyond the usual ones.
    pub headers: Vec<(String, String)>,
    /// URL whose answer `If-None-Match` and `If-Modified-Since` came with, where that is known: no
    /// other hop is sent them, for its server never gave them out (RFC 9110 13.1).
    pub validators_of: Option<String>,
    /// Credentials by name of environment variable.
    pub auth: Auth,
    /// Which redirects to follow.
    pub follow: Follow,
    /// Largest decoded body in bytes.
    pub max_body: usize,
    /// Where there are fields the request is a POST of this form
    /// (`application/x-www-form-urlencoded`), else a GET. A redirect that keeps the method
    /// (307, 308) is followed with the form; any other is the answer.
    pub form: Vec<(String, String)>,
}

/// One redirect on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// URL that answered with the redirect.
    pub url: String,
    /// Its status code.
    pub status: u16,
}

/// An HTTP answer, of whatever status.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status code of the last hop.
    pub status: u16,
    /// URL that gave it.
    pub url: String,
    /// Headers, names in lower case, values byte for byte where they are UTF-8.
    pub headers: Vec<(String, String)>,
    /// Body, content-decoded.
    pub body: Vec<u8>,
    /// Redirects that led here.
    pub hops: Vec<Hop>,
}

impl Answer {
    /// The first header of that (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    /// All headers of that (lower-case) name.
    pub fn header_all(&self, name: &str) -> Vec<String> {
        self.headers
            .iter()
            .filter(|(header, _)| header == name)
            .map(|(_, value)| value.clone())
            .collect()
    }
}

/// No HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The URL is not http(s) or has no host.
    #[error("not an http or https URL: {0}")]
    BadUrl(String),
    /// The address is private, loopback or the like.
    #[error("{0}")]
    AddressBlocked(String),
    /// The name could not be resolved.
    #[error("the name does not resolve: {0}")]
    Dns(String),
    /// No connection.
    #[error("no connection: {0}")]
    Connect(String),
    /// TLS fault.
    #[error("TLS: {0}")]
    Tls(String),
    /// Too slow.
    #[error("timeout {0}")]
    Timeout(String),
    /// The answer broke off or is malformed.
    #[error("broken answer: {0}")]
    Broken(String),
    /// The body is larger than allowed.
    #[error("larger than {0} bytes")]
    TooBig(usize),
    /// Redirects in a circle, or too many.
    #[error("redirects: {0}")]
    Redirects(String),
}

impl FetchError {
    /// Its class, for metrics and status.
    pub fn class(&self) -> &'static str {
        match self {
            Self::BadUrl(_) => "bad_url",
            Self::AddressBlocked(_) => "address_blocked",
            Self::Dns(_) => "dns",
            Self::Connect(_) => "connect",
            Self::Tls(_) => "tls",
            Self::Timeout(_) => "timeout",
            Self::Broken(_) => "broken",
            Self::TooBig(_) => "too_big",
            Self::Redirects(_) => "redirects",
        }
    }
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The answer, or why there is none.
    pub result: Result<Answer, FetchError>,
    /// When the last byte came, or it was given up.
    pub at: Timestamp,
}

/// Takes the answer of one request, from any thread.
pub type Reply = Box<dyn FnOnce(Fetched) + Send>;

/// Performs requests. Returns at once; the reply comes from another thread.
pub trait Performer: Send + Sync {
    /// Performs one request.
    fn perform(&self, fetch: Fetch, reply: Reply);
}

impl<P: Performer + ?Sized> Performer for Arc<P> {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        (**self).perform(fetch, reply);
    }
}
