//! One request: its hops, its body, its time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use events::site_of;
use reqwest::header::HeaderMap;
use stage::{
    Answer, Clock, Fetch, FetchError, Fetched, Follow, Hop, Meter, Performer, Purpose, Reply,
};
use tokio::time::{Instant, timeout};
use url::{Host, Url};

use super::address::refuse;
use super::decode::Decoder;
use super::fault::{classify, of_resolving, words_of};
use super::kept::{IDLE, Kept};
use super::limits::{Bounds, Limits};
use super::request::{checked_url, headers_of, lays_bare};
use super::resolve::{Lookup, Resolver, system};
use super::settings::{ClientError, HttpSettings};

/// Redirects of one request; RFC 9309 2.3.1.2 asks for at least five for robots.txt.
const MAX_HOPS: usize = 8;
const MAX_ROBOTS_HOPS: usize = 5;
/// Some publishers send hundreds (research: others had to raise theirs to 1,000).
const MAX_HEADERS: usize = 1_000;
const MAX_HEADER_BYTES: u32 = 256 * 1024;
/// Of the body of an answer that is none: enough to tell a challenge from an error page.
const ERROR_BODY: usize = 64 * 1024;

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
    bounds: Bounds,
    kept: Kept,
    clock: Clock,
    meter: Arc<dyn Meter>,
}

impl Client {
    /// A client whose requests run on `runtime`; answers are dated by `clock`, durations go to
    /// `meter`.
    ///
    /// # Errors
    /// [`ClientError`] where the user agent or a proxy cannot be used, or TLS is not to be had.
    pub fn new(
        settings: HttpSettings,
        runtime: tokio::runtime::Handle,
        clock: Clock,
        meter: Arc<dyn Meter>,
    ) -> Result<Self, ClientError> {
        Self::with_lookup(settings, runtime, clock, meter, system())
    }

    pub(super) fn with_lookup(
        settings: HttpSettings,
        runtime: tokio::runtime::Handle,
        clock: Clock,
        meter: Arc<dyn Meter>,
        lookup: Lookup,
    ) -> Result<Self, ClientError> {
        let proxies = settings.proxies.hosts();
        let resolver = Resolver::new(&settings.allow_networks, proxies, lookup);
        let mut builder = reqwest::Client::builder()
            .user_agent(&settings.user_agent)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .dns_resolver(resolver.clone())
            .connect_timeout(settings.connect_timeout)
            .pool_max_idle_per_host(settings.connections_per_site)
            .pool_idle_timeout(IDLE)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_BYTES)
            // Only those that are set here; reqwest would read more of the environment.
            .no_proxy();
        let direct: Vec<String> =
            settings.allow_networks.iter().map(|network| network.to_string()).collect();
        for proxy in settings.proxies.build(&direct)? {
            builder = builder.proxy(proxy);
        }
        let http = builder.build().map_err(|error| ClientError(words_of(&error)))?;
        let bounds = Bounds {
            sites: Limits::new(settings.connections_per_site),
            addresses: Limits::new(settings.connections_per_address),
        };
        let inner = Arc::new(Inner {
            http,
            settings,
            resolver,
            bounds,
            kept: Kept::new(Instant::now()),
            clock,
            meter,
        });
        Ok(Self { inner, runtime })
    }

    /// Performs one request; for commands, which have no stage to reply to.
    ///
    /// # Errors
    /// [`FetchError`] where there is no answer.
    pub async fn get(&self, fetch: &Fetch) -> Result<Answer, FetchError> {
        self.inner.perform(fetch).await
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
        let mut left = self.settings.timeout;
        let mut hops: Vec<Hop> = Vec::new();
        loop {
            let headers = headers_of(fetch, &url, url.origin() == origin)?;
            let step = self.hop_in_turn(fetch, &url, headers, &mut left).await?;
            let (to, mut answer) = match step {
                Step::Done(mut answer) => {
                    answer.hops = hops;
                    return Ok(answer);
                }
                Step::Redirect { to, answer } => (to, answer),
            };
            let leaves = match fetch.follow {
                Follow::SameHost => (to.host(), to.port()) != (url.host(), url.port()),
                Follow::SameSite => site_of(to.as_str()) != site,
                Follow::All => false,
            };
            if leaves {
                answer.hops = hops;
                return Ok(answer);
            }
            let to = checked_url(to.as_str()).map_err(|error| {
                FetchError::Redirects(format!("{} redirects to a bad URL: {error}", answer.url))
            })?;
            if lays_bare(fetch, &url, &to) {
                return Err(FetchError::Redirects(format!("a form from https to {to}")));
            }
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

    /// One hop, once its site and its address have a place for it; takes its time from `left`.
    async fn hop_in_turn(
        &self,
        fetch: &Fetch,
        url: &Url,
        headers: HeaderMap,
        left: &mut Duration,
    ) -> Result<Step, FetchError> {
        let site = site_of(url.as_str()).unwrap_or_default();
        let _at_site = self.bounds.sites.enter(site).await;
        let began = Instant::now();
        let address = self.checked_address(url).await?;
        *left = left.saturating_sub(began.elapsed());
        let _at_address = match address {
            Some(address) => self.bounds.addresses.enter(address).await,
            None => None,
        };
        let began = Instant::now();
        let step = timeout(*left, self.hop(fetch, url, headers)).await.unwrap_or_else(|_| {
            let seconds = self.settings.timeout.as_secs_f64();
            self.observe(fetch.purpose, "timeout", began);
            Err(FetchError::Timeout(format!("after {seconds} s in all")))
        });
        *left = left.saturating_sub(began.elapsed());
        step
    }

    /// The address that will be asked, where it is known and not forbidden. IP literals never
    /// reach reqwest's resolver; with a proxy no name does.
    async fn checked_address(&self, url: &Url) -> Result<Option<IpAddr>, FetchError> {
        let address: IpAddr = match url.host() {
            Some(Host::Ipv4(address)) => address.into(),
            Some(Host::Ipv6(address)) => address.into(),
            Some(Host::Domain(name)) => return self.checked_name(name).await,
            None => return Ok(None),
        };
        match refuse(address, &self.settings.allow_networks) {
            Some(why) => Err(FetchError::AddressBlocked(why)),
            None => Ok(Some(address)),
        }
    }

    async fn checked_name(&self, name: &str) -> Result<Option<IpAddr>, FetchError> {
        let limit = self.settings.connect_timeout;
        let resolved = timeout(limit, self.resolver.addresses(name)).await;
        let resolved = resolved.map_err(|_| {
            let seconds = limit.as_secs_f64();
            FetchError::Dns(format!("{name}: no answer after {seconds} s"))
        });
        let has_proxy = !self.settings.proxies.is_empty();
        match resolved? {
            // The same address whatever order they come in, so that its bound is one.
            Ok(addresses) => Ok(addresses.into_iter().min().filter(|_| !has_proxy)),
            // A name that only the proxy can resolve is the proxy's to judge.
            Err(super::resolve::ResolveError::Unknown(_)) if has_proxy => Ok(None),
            Err(error) => Err(of_resolving(&error)),
        }
    }

    /// Sends a request and waits for the head of the answer.
    async fn send(
        &self,
        fetch: &Fetch,
        url: &Url,
        headers: HeaderMap,
    ) -> Result<reqwest::Response, FetchError> {
        let limit = self.settings.headers_timeout;
        let request = if fetch.form.is_empty() {
            self.http.get(url.clone())
        } else {
            let form = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&fetch.form)
                .finish();
            let kind = "application/x-www-form-urlencoded";
            self.http.post(url.clone()).header("content-type", kind).body(form)
        };
        let sent = timeout(limit, request.headers(headers).send()).await.map_err(|_| {
            FetchError::Timeout(format!("no answer after {} s", limit.as_secs_f64()))
        })?;
        sent.map_err(|error| classify(&error))
    }

    async fn hop(&self, fetch: &Fetch, url: &Url, headers: HeaderMap) -> Result<Step, FetchError> {
        let mut began = Instant::now();
        let mut sent = self.send(fetch, url, headers.clone()).await;
        let is_form = !fetch.form.is_empty();
        if let Err(error @ FetchError::Broken(_)) = &sent
            && !is_form
            && self.kept.may_have(url, Instant::now())
        {
            self.observe(fetch.purpose, error.class(), began);
            began = Instant::now();
            sent = self.send(fetch, url, headers).await;
        }
        let response = match sent {
            Ok(response) => response,
            Err(error) => {
                self.observe(fetch.purpose, error.class(), began);
                return Err(error);
            }
        };
        let answer = head_of(&response, url);
        if !answer.header("connection").is_some_and(|says| says.eq_ignore_ascii_case("close")) {
            self.kept.note(url, Instant::now());
        }
        let class = match answer.status {
            200..=299 => "2xx",
            300..=399 => "3xx",
            400..=499 => "4xx",
            _ => "5xx",
        };
        // A form is sent again only where the redirect keeps the method (RFC 9110 15.4).
        let is_redirect = match answer.status {
            307 | 308 => true,
            301..=303 => !is_form,
            _ => false,
        };
        if let Some(location) = answer.header("location").filter(|_| is_redirect) {
            self.observe(fetch.purpose, class, began);
            let to = url.join(location).map_err(|error| {
                FetchError::Redirects(format!("{url} redirects to {location:.200}: {error}"))
            })?;
            return Ok(Step::Redirect { to, answer });
        }
        let body = self.body(response, fetch, &answer).await;
        let class = body.as_ref().map_or_else(FetchError::class, |_| class);
        self.observe(fetch.purpose, class, began);
        Ok(Step::Done(Answer { body: body?, ..answer }))
    }

    async fn body(
        &self,
        mut response: reqwest::Response,
        fetch: &Fetch,
        answer: &Answer,
    ) -> Result<Vec<u8>, FetchError> {
        let encoding = answer.header_all("content-encoding").join(",");
        let is_answer = (200..=299).contains(&answer.status);
        // RFC 9309 2.5: what is beyond the bound of a robots.txt is ignored.
        let cut = !is_answer || fetch.purpose == Purpose::Robots;
        let max = if is_answer { fetch.max_body } else { fetch.max_body.min(ERROR_BODY) };
        let declared = response.content_length().unwrap_or(0);
        if !cut && encoding.is_empty() && declared > max as u64 {
            return Err(FetchError::TooBig(max));
        }
        let read = async {
            let mut decoder = Decoder::new(&encoding, max, cut)?;
            let limit = self.settings.read_timeout;
            loop {
                let chunk = timeout(limit, response.chunk()).await.map_err(|_| {
                    FetchError::Timeout(format!("nothing more for {} s", limit.as_secs_f64()))
                })?;
                match chunk.map_err(|error| classify(&error))? {
                    Some(chunk) if decoder.push(&chunk)? => {}
                    _ => return decoder.finish(),
                }
            }
        };
        // The status says it all: an error page is not waited for to the end of the request's time.
        let result = if is_answer {
            read.await
        } else {
            timeout(self.settings.read_timeout / 2, read).await.unwrap_or(Ok(Vec::new()))
        };
        match result {
            // The status is the answer, whatever becomes of the page that explains it.
            Err(_) if !is_answer => Ok(Vec::new()),
            read => read,
        }
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

/// Status and headers.
fn head_of(response: &reqwest::Response, url: &Url) -> Answer {
    let headers = response.headers().iter().map(|(name, value)| {
        let value = if matches!(name.as_str(), "etag" | "last-modified") {
            // Sent back byte for byte, so kept so: one character a byte.
            value.as_bytes().iter().copied().map(char::from).collect()
        } else {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        (name.as_str().to_owned(), value)
    });
    Answer {
        status: response.status().as_u16(),
        url: url.clone().into(),
        headers: headers.collect(),
        body: Vec::new(),
        hops: Vec::new(),
    }
}
