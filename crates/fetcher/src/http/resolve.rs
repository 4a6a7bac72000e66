//! Name resolution that gives public addresses only, so that the address that was checked is the
//! one that is connected to, whatever the name resolves to a moment later.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::time::Instant;

use super::address::{Network, refuse};

/// How long an answer is used again. Shorter than any time to live that publishers rely on when
/// they move, longer than a request with its redirects.
const KEPT_FOR: Duration = Duration::from_secs(60);
/// Names kept before the old ones are dropped.
const KEPT: usize = 8_192;

/// Asks the system, or a test's table.
pub(super) type Lookup = Arc<dyn Fn(String) -> Looking + Send + Sync>;
/// The addresses of a name, some time soon.
pub(super) type Looking = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Why a name gives no address.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("{0}")]
    Blocked(String),
    #[error("{0}")]
    Unknown(String),
}

#[derive(Clone)]
pub(super) struct Resolver {
    allowed: Arc<[Network]>,
    /// The proxies' own names.
    proxies: Arc<[String]>,
    lookup: Lookup,
    known: Arc<Mutex<BTreeMap<String, (Instant, Vec<IpAddr>)>>>,
}

/// The system's resolver.
pub(super) fn system() -> Lookup {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

impl Resolver {
    pub(super) fn new(allowed: &[Network], proxies: Vec<String>, lookup: Lookup) -> Self {
        let known = Arc::default();
        Self { allowed: allowed.into(), proxies: proxies.into(), lookup, known }
    }

    /// The public addresses of a name.
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        if let Some(known) = self.recall(name) {
            return Ok(known);
        }
        let mut refused = None;
        let mut addresses = Vec::new();
        for address in self.look_up(name).await? {
            match refuse(address, &self.allowed) {
                Some(why) => refused = Some(why),
                None if addresses.contains(&address) => {}
                None => addresses.push(address),
            }
        }
        match (addresses.is_empty(), refused) {
            (false, _) => {
                self.remember(name, &addresses);
                Ok(addresses)
            }
            (true, Some(why)) => Err(ResolveError::Blocked(format!("{name}: {why}"))),
            (true, None) => Err(ResolveError::Unknown(format!("{name}: it has no address"))),
        }
    }

    async fn look_up(&self, name: &str) -> Result<Vec<IpAddr>, ResolveError> {
        (self.lookup)(name.to_owned())
            .await
            .map_err(|error| ResolveError::Unknown(format!("{name}: {error}")))
    }

    fn recall(&self, name: &str) -> Option<Vec<IpAddr>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, addresses) = known.get(name)?;
        (at.elapsed() < KEPT_FOR).then(|| addresses.clone())
    }

    fn remember(&self, name: &str, addresses: &[IpAddr]) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= KEPT {
            known.retain(|_, (at, _)| at.elapsed() < KEPT_FOR);
        }
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(name.to_owned(), (Instant::now(), addresses.to_vec()));
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let name = name.as_str();
            // A request for the proxy's own name has been refused before it comes here.
            let addresses = if resolver.proxies.iter().any(|proxy| proxy == name) {
                resolver.look_up(name).await?
            } else {
                resolver.addresses(name).await?
            };
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}
