//! Which proxy a request goes through: by the environment variables that curl knows, so that an
//! operator has one place to say it for all programs.

use url::Url;

use super::settings::ClientError;

/// Proxies by the scheme of what is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    /// Hosts, domains and networks reached without one, separated by commas.
    except: String,
}

impl Proxies {
    /// Reads `http_proxy` (lower case only: in a CGI program the other one is a visitor's header),
    /// `https_proxy`, `all_proxy` and `no_proxy`, the last three also in capitals, from an
    /// environment that `variable` looks things up in.
    ///
    /// # Errors
    /// [`ClientError`] names the variable whose value is no `http:` or `https:` URL.
    pub fn from_env(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ClientError> {
        let set = |names: [&str; 2]| {
            names.into_iter().find_map(|name| {
                let value = variable(name)?.trim().to_owned();
                (!value.is_empty()).then(|| (name.to_owned(), value))
            })
        };
        let all = set(["all_proxy", "ALL_PROXY"]);
        let http = set(["http_proxy", "http_proxy"]).or_else(|| all.clone());
        let https = set(["https_proxy", "HTTPS_PROXY"]).or(all);
        let except = set(["no_proxy", "NO_PROXY"]).map(|(_, value)| value).unwrap_or_default();
        if except == "*" {
            return Ok(Self::default());
        }
        let url = |found: Option<(String, String)>| {
            found.map(|(name, value)| proxy_url(&value).ok_or(name)).transpose().map_err(|name| {
                let wanted = "a proxy is an http: or https: URL";
                ClientError(format!("the environment variable {name}: {wanted}"))
            })
        };
        Ok(Self { http: url(http)?, https: url(https)?, except })
    }

    /// Whether every request goes straight to its server.
    pub fn is_empty(&self) -> bool {
        self.http.is_none() && self.https.is_none()
    }

    /// The proxies' hosts and ports, for a log line: passwords are not among them.
    pub fn places(&self) -> Vec<String> {
        let mut places: Vec<String> = [&self.http, &self.https]
            .into_iter()
            .flatten()
            .filter_map(|url| Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?)))
            .collect();
        places.dedup();
        places
    }

    /// Names of the proxies themselves: an operator may well have them on a private address.
    pub(super) fn hosts(&self) -> Vec<String> {
        let urls = [&self.http, &self.https].into_iter().flatten();
        urls.filter_map(|url| url.host_str().map(str::to_owned)).collect()
    }

    /// For reqwest; `direct` are more networks reached without a proxy.
    pub(super) fn build(&self, direct: &[String]) -> Result<Vec<reqwest::Proxy>, ClientError> {
        let except = format!("{},{}", self.except, direct.join(","));
        let except = reqwest::NoProxy::from_string(&except);
        let mut proxies = Vec::new();
        for (url, proxy) in [
            (&self.http, reqwest::Proxy::http as fn(Url) -> reqwest::Result<reqwest::Proxy>),
            (&self.https, reqwest::Proxy::https),
        ] {
            let Some(url) = url else { continue };
            let proxy = proxy(url.clone()).map_err(|error| ClientError(error.to_string()))?;
            proxies.push(proxy.no_proxy(except.clone()));
        }
        Ok(proxies)
    }
}

/// `host:port` is enough, as for curl.
fn proxy_url(text: &str) -> Option<Url> {
    let url =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    url.ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Result<Proxies, ClientError> {
        Proxies::from_env(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read_as_curl_reads_it() {
        for (pairs, wanted) in [
            (vec![], vec![]),
            (vec![("http_proxy", "http://p.example:3128")], vec!["p.example:3128"]),
            (vec![("HTTP_PROXY", "http://p.example:3128")], vec![]),
            (vec![("HTTPS_PROXY", "p.example:3128")], vec!["p.example:3128"]),
            (vec![("ALL_PROXY", "https://u:secret@p.example")], vec!["p.example:443"]),
            (vec![("https_proxy", "http://a:1"), ("all_proxy", "http://b:2")], vec!["b:2", "a:1"]),
            (vec![("all_proxy", "http://b:2"), ("no_proxy", "*")], vec![]),
            (vec![("http_proxy", " ")], vec![]),
        ] {
            let proxies = of(&pairs).unwrap();
            assert_eq!(proxies.places(), wanted, "{pairs:?}");
            assert_eq!(proxies.is_empty(), wanted.is_empty());
        }
        for bad in ["socks5://p:1", "http://", "http://[x"] {
            let error = of(&[("https_proxy", bad)]).unwrap_err().to_string();
            assert!(error.contains("https_proxy"), "{error}");
        }
    }
}
