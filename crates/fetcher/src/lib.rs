//! Polls feeds and downloads their pages.

pub mod feed;
