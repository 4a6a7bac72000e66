//! The client that performs requests: redirects by hand, every hop's address checked, bodies
//! bounded while they stream in. The only part of this crate that knows tokio and the network.

mod address;
mod client;
mod decode;
mod resolve;
#[cfg(test)]
mod tests;

pub use address::{Network, ParseNetworkError};
pub use client::{Client, ClientError, HttpSettings};
