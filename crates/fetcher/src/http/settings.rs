//! What can be set about requests; plain values.

use std::time::Duration;

use super::address::Network;
use super::proxy::Proxies;

/// How requests are made.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// `User-Agent`, as sent.
    pub user_agent: String,
    /// From the request to the last byte of the last hop's body, all hops together; waiting for
    /// a place among the connections to a site is not counted.
    pub timeout: Duration,
    /// For resolving a name, and again from there to a connection with its TLS.
    pub connect_timeout: Duration,
    /// From the request to the end of the answer's headers, connecting included.
    pub headers_timeout: Duration,
    /// Longest pause between two pieces of a body.
    pub read_timeout: Duration,
    /// Networks exempt from the private-address block. Literal addresses in them are also
    /// reached without the proxy.
    pub allow_networks: Vec<Network>,
    /// Requests on their way to one site (registrable domain) at a time.
    pub connections_per_site: usize,
    /// Requests on their way to one address at a time: many sites share a hoster's.
    pub connections_per_address: usize,
    /// Proxies. With one, only IP literals and names that resolve here as well can be checked
    /// against the private-address block.
    pub proxies: Proxies,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            user_agent: "newswire/0.1".to_owned(),
            timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
            headers_timeout: Duration::from_secs(20),
            read_timeout: Duration::from_secs(10),
            allow_networks: Vec::new(),
            connections_per_site: 2,
            connections_per_address: 16,
            proxies: Proxies::default(),
        }
    }
}

impl HttpSettings {
    /// The usual settings with this much time for a whole request: no step may take longer.
    pub fn within(timeout: Duration) -> Self {
        let usual = Self::default();
        Self {
            timeout,
            connect_timeout: usual.connect_timeout.min(timeout),
            headers_timeout: usual.headers_timeout.min(timeout),
            read_timeout: usual.read_timeout.min(timeout),
            ..usual
        }
    }
}

/// The client cannot be made of these settings.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up: {0}")]
pub struct ClientError(pub(super) String);
