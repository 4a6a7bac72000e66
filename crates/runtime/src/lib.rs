//! Config, telemetry, clock and shutdown of a daemon.
