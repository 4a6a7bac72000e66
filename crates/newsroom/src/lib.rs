//! The demo's small web of invented outlets, also used by tests.
