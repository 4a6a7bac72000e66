//! Polls feeds and downloads their pages.
