//! Whole documents through [`parse_feed`](super::parse_feed).
