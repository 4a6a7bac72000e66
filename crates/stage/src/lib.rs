//! The harness that runs every stage.
