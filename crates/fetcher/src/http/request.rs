//! What is sent: URL, headers, credentials, form.

use base64::Engine as _;
use events::Auth;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use stage::{Fetch, FetchError};
use url::Url;

/// Longer URLs than any real one: 8 KiB is what servers take at most.
const MAX_URL: usize = 8 * 1024;
/// Headers that may follow a redirect to another origin; anything else may be a secret.
const SAFE_HEADERS: [&str; 3] = ["accept", "if-none-match", "if-modified-since"];

/// An http(s) URL with a host and nobody's name in it.
pub(super) fn checked_url(text: &str) -> Result<Url, FetchError> {
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
    if url.as_str().len() > MAX_URL {
        return Err(bad("it is longer than 8 KiB"));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Whether a redirect would send a form in the clear that was encrypted: a hub's holds a secret (WebSub
/// 5.1).
pub(super) fn lays_bare(fetch: &Fetch, from: &Url, to: &Url) -> bool {
    !fetch.form.is_empty() && from.scheme() == "https" && to.scheme() != "https"
}

/// The headers of a hop; those that may be secrets only to the origin that was asked first,
/// validators only to the URL that gave them.
pub(super) fn headers_of(
    fetch: &Fetch,
    hop: &Url,
    own_origin: bool,
) -> Result<HeaderMap, FetchError> {
    let of_another = |url: &String| checked_url(url).is_ok_and(|url| url != *hop);
    let has_validators = !fetch.validators_of.as_ref().is_some_and(of_another);
    let mut headers = HeaderMap::new();
    for (name, value) in &fetch.headers {
        let name = name.to_ascii_lowercase();
        if !own_origin && !SAFE_HEADERS.contains(&name.as_str()) {
            continue;
        }
        let bytes = match name.as_str() {
            "if-none-match" | "if-modified-since" if !has_validators => continue,
            "if-none-match" | "if-modified-since" => bytes_of_validator(value),
            _ => value.as_bytes().to_vec(),
        };
        // Bytes that cannot stand in a header cannot have come from one either.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(&bytes))
        {
            headers.insert(name, value);
        }
    }
    // After the subscription's own headers: what we can decode is ours to say.
    headers.insert("accept-encoding", HeaderValue::from_static("gzip, br, zstd"));
    if own_origin && let Some(value) = authorization(&fetch.auth)? {
        headers.insert("authorization", value);
    }
    Ok(headers)
}

/// The bytes that a validator came with: a character was a byte. A release before read headers as
/// UTF-8: of its records, one with a character beyond a byte is sent as UTF-8 again; one without is
/// sent as those bytes, which the server does not know, so that it sends the whole document once.
fn bytes_of_validator(value: &str) -> Vec<u8> {
    let bytes: Result<Vec<u8>, _> = value.chars().map(|c| u8::try_from(u32::from(c))).collect();
    bytes.unwrap_or_else(|_| value.as_bytes().to_vec())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_does_not_leave_https() {
        let (secure, plain) = ("https://hub.net/", "http://hub.net/");
        let url = |text: &str| Url::parse(text).unwrap();
        let mut fetch = Fetch {
            key: String::new(),
            url: secure.to_owned(),
            purpose: stage::Purpose::Other,
            headers: Vec::new(),
            validators_of: None,
            auth: Auth::default(),
            follow: stage::Follow::All,
            max_body: 0,
            form: vec![("hub.secret".to_owned(), "x".to_owned())],
        };
        assert!(lays_bare(&fetch, &url(secure), &url(plain)));
        assert!(!lays_bare(&fetch, &url(secure), &url(secure)));
        assert!(!lays_bare(&fetch, &url(plain), &url(plain)));
        fetch.form.clear();
        assert!(!lays_bare(&fetch, &url(secure), &url(plain)));
    }
}
