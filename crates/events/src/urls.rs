//! Canonical URLs: the same article has one URL, by pure rules.

use url::Url;

/// Query parameters that say how a reader came, not what is read. Exact names, and prefixes with `*`.
const TRACKING: &[&str] = &[
    "utm_*",
    "fbclid",
    "gclid",
    "dclid",
    "msclkid",
    "yclid",
    "igshid",
    "mc_cid",
    "mc_eid",
    "wt_*",
    "at_*",
    "_ga",
    "_gl",
    "cmpid",
    "cmp",
    "ncid",
    "ns_*",
    "ocid",
    "smid",
    "partner",
    "xtor",
    "ref_src",
    "ref_url",
    "gbraid",
    "wbraid",
    "mkt_tok",
    "spm",
    "s_kwcid",
    "phpsessid",
    "jsessionid",
    "sessionid",
    "sid",
    "mbid",
    "cid_source",
];

/// Whether the text is an absolute http or https URL.
pub fn is_http_url(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The canonical form of an http(s) URL: https, lower-case host without `www.`-less guessing, no
/// default port, no fragment, no user info, no tracking parameters, parameters in order of name.
/// `None` where it is no http(s) URL.
pub fn canonical_url(text: &str) -> Option<String> {
    let mut url = Url::parse(text.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    // A port that is not a default one belongs to a server whose https is elsewhere.
    if url.scheme() == "http" && url.port().is_none() {
        url.set_scheme("https").ok()?;
    }
    url.set_fragment(None);
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    if let Some(host) = url.host_str() {
        let bare = host.trim_end_matches('.').to_owned();
        if bare != host {
            url.set_host(Some(&bare)).ok()?;
        }
    }
    let mut pairs: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !is_tracking(name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    pairs.sort();
    if pairs.is_empty() {
        url.set_query(None);
    } else {
        url.query_pairs_mut().clear().extend_pairs(pairs);
    }
    Some(url.into())
}

fn is_tracking(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TRACKING
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *pattern,
        })
}
