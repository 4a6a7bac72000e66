//! The promise under faults: the whole road, several instances of each daemon, a cluster and a web,
//! all in one thread and in simulated time; one seed decides everything that happens.
//!
//! [`simulate`] runs one seed and checks what must hold of its end. A seed that fails says so with
//! its number, and happens again in the same way whenever it is run. `docs/decisions/050` says what
//! is modelled and what is not.
//!
//! A process is not a thread here. A daemon that waits in the middle of a call (or is stopped
//! there) lets the others act inside that wait, on the same stack; one that dies unwinds.

pub mod golden;
mod oracle;
mod plan;
mod poison;
mod random;
mod replay;
mod road;
mod run;
mod web;
mod world;

pub use plan::{Fault, Happening, Plan, Role};
pub use random::Random;
pub use run::{Failure, Mutation, Report, mutations, simulate};
pub use web::Web;
