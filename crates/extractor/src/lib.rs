//! Keeps the article of a page and throws the page away.
