//! The HTTP client: performs the requests that stages ask for. Every hop's address checked, bodies
//! bounded while they stream in. The only part of this crate that knows tokio and the network.

mod address;
mod client;
mod decode;
mod fault;
mod kept;
mod limits;
mod proxy;
mod request;
mod resolve;
mod settings;
#[cfg(test)]
mod tests;

pub use address::{Network, ParseNetworkError};
pub use client::Client;
pub use proxy::Proxies;
pub use settings::{ClientError, HttpSettings};
