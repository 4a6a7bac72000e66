//! What every daemon needs around its work: config, telemetry, metrics, health server, clock and
//! shutdown. Knows nothing of feeds, Kafka or stages.

pub mod clock;
pub mod config;
pub mod metrics;
pub mod server;
pub mod shutdown;
pub mod telemetry;
