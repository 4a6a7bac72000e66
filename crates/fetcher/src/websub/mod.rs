//! WebSub, the subscriber's side (W3C Recommendation of 2018-01-23): what does not depend on
//! sockets, clocks or Kafka. docs/decisions/030-websub.md says who does what.

mod call_back;
mod lease;
mod link_header;
mod signature;

pub use call_back::{CallBack, Key};
pub(crate) use lease::{Lease, Refusal, Stand};
pub(crate) use link_header::links;
pub(crate) use signature::is_signed;
