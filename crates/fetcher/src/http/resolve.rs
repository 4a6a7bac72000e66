//! Name resolution that gives public addresses only, so that the address that was checked is the
//! one that is connected to, whatever the name resolves to a moment later.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{Network, refuse};

/// Why a name gives no address.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResolveError {
    #[error("{0}")]
    Blocked(String),
    #[error("{0}")]
    Unknown(String),
}

#[derive(Clone)]
pub(super) struct Resolver {
    pub(super) allowed: Arc<[Network]>,
}

impl Resolver {
    pub(super) async fn addresses(&self, name: &str) -> Result<Vec<SocketAddr>, ResolveError> {
        let found = tokio::net::lookup_host((name, 0))
            .await
            .map_err(|error| ResolveError::Unknown(format!("{name}: {error}")))?;
        let mut refused = None;
        let mut addresses = Vec::new();
        for address in found {
            match refuse(address.ip(), &self.allowed) {
                Some(why) => refused = Some(why),
                None => addresses.push(address),
            }
        }
        match (addresses.is_empty(), refused) {
            (false, _) => Ok(addresses),
            (true, Some(why)) => Err(ResolveError::Blocked(format!("{name}: {why}"))),
            (true, None) => Err(ResolveError::Unknown(format!("{name}: it has no address"))),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let addresses = resolver.addresses(name.as_str()).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}
