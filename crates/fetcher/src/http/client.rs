//! One request: its hops, its body, its faults.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use events::{Auth, site_of};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use stage::{
    Answer, Clock, Fetch, FetchError, Fetched, Follow, Hop, Meter, Performer, Purpose, Reply,
};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::address::{Network, refuse};
use super::decode::Decoder;
use super::resolve::{ResolveError, Resolver};

/// Redirects of one request; RFC 9309 2.3.1.2 asks for at least five for robots.txt.
const MAX_HOPS: usize = 8;
const MAX_ROBOTS_HOPS: usize = 5;
/// Some publishers send hundreds (research: others had to raise theirs to 1,000).
const MAX_HEADERS: usize = 1_000;
const MAX_HEADER_BYTES: u32 = 256 * 1024;
/// Hosts whose semaphores are kept before those at rest are dropped.
const KEPT_HOSTS: usize = 1_024;
/// Headers that may follow a redirect to another origin; anything else may be a secret.
const SAFE_HEADERS: [&str; 3] = ["accept", "if-none-match", "if-modified-since"];

/// How requests are made.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// `User-Agent`, as sent.
    pub user_agent: String,
    /// From the request to the last byte of the body, each hop by itself.
    pub timeout: Duration,
    /// From nothing to a connection, name resolution and TLS included.
    pub connect_timeout: Duration,
    /// Longest pause between two pieces of an answer.
    pub read_timeout: Duration,
    /// Networks exempt from the private-address block.
    pub allow_networks: Vec<Network>,
    /// Connections to one host at a time.
    pub connections_per_host: usize,
    /// Proxy for all requests. With one, only IP literals and names that resolve here as well
    /// can be checked against the private-address block.
    pub proxy: Option<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            user_agent: "newswire/0.1".to_owned(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(10),
            allow_networks: Vec::new(),
            connections_per_host: 2,
            proxy: None,
        }
    }
}

/// The client cannot be made of these settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientError(String);

/// Performs requests on a tokio runtime.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    runtime: tokio::runtime::Handle,
}

struct Inner {
    http: reqwest::Client,
    settings: HttpSettings,
    resolver: Resolver,
    hosts: Mutex<BTreeMap<String, Arc<Semaphore>>>,
    clock: Clock,
    meter: Arc<dyn Meter>,
}

impl Client {
    /// A client whose requests run on `runtime`; answers are dated by `clock`, durations go to
    /// `meter`.
    ///
    /// # Errors
    /// [`ClientError`] where the user agent or the proxy cannot be used, or TLS is not to be had.
    pub fn new(
        settings: HttpSettings,
        runtime: tokio::runtime::Handle,
        clock: Clock,
        meter: Arc<dyn Meter>,
    ) -> Result<Self, ClientError> {
        let resolver = Resolver { allowed: settings.allow_networks.clone().into() };
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(resolver.clone())
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .pool_max_idle_per_host(settings.connections_per_host)
            .pool_idle_timeout(Duration::from_secs(30))
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_BYTES);
        builder = match &settings.proxy {
            Some(proxy) => {
                let proxy = reqwest::Proxy::all(proxy);
                builder.proxy(proxy.map_err(|error| ClientError(error.to_string()))?)
            }
            // Nothing from the environment: a proxy there would get round the address check.
            None => builder.no_proxy(),
        };
        let http = builder.build().map_err(|error| ClientError(words_of(&error)))?;
        let hosts = Mutex::new(BTreeMap::new());
        let inner = Arc::new(Inner { http, settings, resolver, hosts, clock, meter });
        Ok(Self { inner, runtime })
    }
}

impl Performer for Client {
    fn perform(&self, fetch: Fetch, reply: Reply) {
        let inner = Arc::clone(&self.inner);
        self.runtime.spawn(async move {
            let clock = Arc::clone(&inner.clock);
            // In a task of its own, so that a panic in it still gets its reply.
            let task = tokio::spawn(async move { inner.perform(&fetch).await });
            let result = match task.await {
                Ok(result) => result,
                Err(error) => Err(FetchError::Broken(format!("the request was dropped: {error}"))),
            };
            reply(Fetched { result, at: clock() });
        });
    }
}

/// What one hop came to.
enum Step {
    Done(Answer),
    Redirect { to: Url, answer: Answer },
}

impl Inner {
    async fn perform(&self, fetch: &Fetch) -> Result<Answer, FetchError> {
        let mut url = checked_url(&fetch.url)?;
        let site = site_of(&fetch.url);
        let origin = url.origin();
        let most = if fetch.purpose == Purpose::Robots { MAX_ROBOTS_HOPS } else { MAX_HOPS };
        let mut hops: Vec<Hop> = Vec::new();
        loop {
            self.check_host(&url).await?;
            let own = url.origin() == origin;
            let headers = headers_of(fetch, own)?;
            let permit = self.host_permit(&url);
            let _permit = permit.acquire_owned().await;
            let hop = self.hop(fetch, &url, headers);
            let limit = self.settings.timeout;
            let step = timeout(limit, hop).await.unwrap_or_else(|_| {
                Err(FetchError::Timeout(format!("after {} s", limit.as_secs_f64())))
            })?;
            let (to, mut answer) = match step {
                Step::Done(mut answer) => {
                    answer.hops = hops;
                    return Ok(answer);
                }
                Step::Redirect { to, answer } => (to, answer),
            };
            if fetch.follow == Follow::SameSite && site_of(to.as_str()) != site {
                answer.hops = hops;
                return Ok(answer);
            }
            let to = checked_url(to.as_str()).map_err(|error| {
                FetchError::Redirects(format!("{} redirects to a bad URL: {error}", answer.url))
            })?;
            hops.push(Hop { url: url.clone().into(), status: answer.status });
            if hops.iter().any(|hop| hop.url == to.as_str()) {
                return Err(FetchError::Redirects(format!("in a circle at {to}")));
            }
            if hops.len() > most {
                return Err(FetchError::Redirects(format!("more than {most}")));
            }
            url = to;
        }
    }

    async fn hop(&self, fetch: &Fetch, url: &Url, headers: HeaderMap) -> Result<Step, FetchError> {
        let began = Instant::now();
        let sent = self.http.get(url.clone()).headers(headers).send().await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                let error = classify(&error);
                self.observe(fetch.purpose, error.class(), began);
                return Err(error);
            }
        };
        let status = response.status().as_u16();
        let answer = Answer {
            status,
            url: url.clone().into(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                    (name.as_str().to_owned(), value)
                })
                .collect(),
            body: Vec::new(),
            hops: Vec::new(),
        };
        let class = match status {
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        let is_redirect = matches!(status, 301 | 302 | 303 | 307 | 308);
        if let Some(location) = answer.header("location").filter(|_| is_redirect) {
            self.observe(fetch.purpose, class, began);
            let to = url.join(location).map_err(|error| {
                FetchError::Redirects(format!("{url} redirects to {location:.200}: {error}"))
            })?;
            return Ok(Step::Redirect { to, answer });
        }
        let body = read_body(response, fetch, &answer).await;
        let class = body.as_ref().map_or_else(FetchError::class, |_| class);
        self.observe(fetch.purpose, class, began);
        Ok(Step::Done(Answer { body: body?, ..answer }))
    }

    /// IP literals never reach the resolver; with a proxy no name does.
    async fn check_host(&self, url: &Url) -> Result<(), FetchError> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(name)) if self.settings.proxy.is_some() => {
                // A name that only the proxy can resolve is the proxy's to judge.
                return match self.resolver.addresses(name).await {
                    Err(ResolveError::Blocked(why)) => Err(FetchError::AddressBlocked(why)),
                    _ => Ok(()),
                };
            }
            _ => return Ok(()),
        };
        match refuse(address, &self.settings.allow_networks) {
            Some(why) => Err(FetchError::AddressBlocked(why)),
            None => Ok(()),
        }
    }

    fn host_permit(&self, url: &Url) -> Arc<Semaphore> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= KEPT_HOSTS {
            hosts.retain(|_, semaphore| Arc::strong_count(semaphore) > 1);
        }
        let bound = self.settings.connections_per_host.max(1);
        Arc::clone(hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(bound))))
    }

    fn observe(&self, purpose: Purpose, class: &str, began: Instant) {
        let kind = match purpose {
            Purpose::Feed => "poll",
            Purpose::Page => "page",
            Purpose::Robots => "robots",
            Purpose::Other => "other",
        };
        let labels = [("kind", kind), ("status_class", class)];
        let seconds = began.elapsed().as_secs_f64();
        self.meter.observe("newswire_http_request_duration_seconds", &labels, seconds);
    }
}

/// An http(s) URL with a host and nobody's name in it.
fn checked_url(text: &str) -> Result<Url, FetchError> {
    let bad = |why: &str| FetchError::BadUrl(format!("{why}: {text:.200}"));
    let mut url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("the scheme is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("there is a user name in it"));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(bad("there is no host in it"));
    }
    url.set_fragment(None);
    Ok(url)
}

fn headers_of(fetch: &Fetch, own_origin: bool) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    headers.insert("accept-encoding", HeaderValue::from_static("gzip, br, zstd"));
    for (name, value) in &fetch.headers {
        let name = name.to_ascii_lowercase();
        if !own_origin && !SAFE_HEADERS.contains(&name.as_str()) {
            continue;
        }
        // Bytes that cannot stand in a header cannot have come from one either.
        if let (Ok(name), Ok(value)) =
            (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.insert(name, value);
        }
    }
    if own_origin && let Some(value) = authorization(&fetch.auth)? {
        headers.insert("authorization", value);
    }
    Ok(headers)
}

fn authorization(auth: &Auth) -> Result<Option<HeaderValue>, FetchError> {
    let secret = |name: &str| {
        std::env::var(name).map_err(|_| {
            FetchError::Broken(format!("the environment variable {name} for this feed is not set"))
        })
    };
    let text = match (&auth.basic_env, &auth.bearer_env) {
        (Some(name), _) => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(secret(name)?);
            format!("Basic {encoded}")
        }
        (None, Some(name)) => format!("Bearer {}", secret(name)?),
        (None, None) => return Ok(None),
    };
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| FetchError::Broken("the feed's secret cannot stand in a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

async fn read_body(
    mut response: reqwest::Response,
    fetch: &Fetch,
    answer: &Answer,
) -> Result<Vec<u8>, FetchError> {
    let encoding = answer.header_all("content-encoding").join(",");
    // RFC 9309 2.5: what is beyond the bound of a robots.txt is ignored.
    let cut = fetch.purpose == Purpose::Robots;
    let declared = response.content_length().unwrap_or(0);
    if !cut && encoding.is_empty() && declared > fetch.max_body as u64 {
        return Err(FetchError::TooBig(fetch.max_body));
    }
    let mut decoder = Decoder::new(&encoding, fetch.max_body, cut)?;
    while let Some(chunk) = response.chunk().await.map_err(|error| classify(&error))? {
        if !decoder.push(&chunk)? {
            break;
        }
    }
    decoder.finish()
}

/// Sorts what went wrong into the classes that the stage can tell apart.
fn classify(error: &reqwest::Error) -> FetchError {
    let words = words_of(error);
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(resolve) = inner.downcast_ref::<ResolveError>() {
            return match resolve {
                ResolveError::Blocked(why) => FetchError::AddressBlocked(why.clone()),
                ResolveError::Unknown(why) => FetchError::Dns(why.clone()),
            };
        }
        if inner.is::<native_tls::Error>() {
            return FetchError::Tls(words);
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        FetchError::Timeout(words)
    } else if error.is_connect() {
        FetchError::Connect(words)
    } else if error.is_builder() {
        FetchError::BadUrl(words)
    } else {
        FetchError::Broken(words)
    }
}

/// An error and its causes, without the URL, which the caller knows.
fn words_of(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
        cause = inner.source();
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}
