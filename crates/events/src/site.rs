//! Site: the unit of politeness and routing.

use url::{Host, Url};

/// The host of an absolute URL, lower case, without a trailing dot; `None` where there is none.
pub fn host_of(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// The site of a URL: its registrable domain by the public suffix list; the host itself for IP
/// literals, single-label hosts and hosts that are a public suffix. The port plays no part.
pub fn site_of(url: &str) -> Option<String> {
    let parsed = Url::parse(url).ok()?;
    let host = host_of(url)?;
    let is_name = matches!(parsed.host(), Some(Host::Domain(_))) && host.contains('.');
    if !is_name {
        return Some(host);
    }
    let domain = psl::domain_str(&host).map(str::to_owned);
    Some(domain.unwrap_or(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_the_registrable_domain() {
        for (url, site) in [
            ("https://www.example.co.uk/a?b", "example.co.uk"),
            ("https://EXAMPLE.org./", "example.org"),
            ("http://news.blog.example.com:8080/x", "example.com"),
            ("http://127.0.0.3:8080/x", "127.0.0.3"),
            ("http://[::1]:80/x", "[::1]"),
            ("http://localhost/x", "localhost"),
            ("https://someone.github.io/post", "someone.github.io"),
            ("https://github.io/", "github.io"),
        ] {
            assert_eq!(site_of(url).as_deref(), Some(site), "{url}");
        }
        assert_eq!(site_of("mailto:someone@example.org"), None);
        assert_eq!(site_of("not a url"), None);
    }
}
