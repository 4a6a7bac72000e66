//! What went wrong with a request, sorted into the classes that the stage can tell apart.

use std::error::Error as _;

use stage::FetchError;

use super::resolve::ResolveError;

/// The class of a fault, with what reqwest knows of it.
pub(super) fn classify(error: &reqwest::Error) -> FetchError {
    let words = words_of(error);
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(resolve) = inner.downcast_ref::<ResolveError>() {
            return of_resolving(resolve);
        }
        if inner.is::<native_tls::Error>() {
            return FetchError::Tls(words);
        }
        cause = inner.source();
    }
    if error.is_timeout() {
        FetchError::Timeout(words)
    } else if error.is_connect() {
        FetchError::Connect(words)
    } else if error.is_builder() {
        FetchError::BadUrl(words)
    } else {
        FetchError::Broken(words)
    }
}

pub(super) fn of_resolving(error: &ResolveError) -> FetchError {
    match error {
        ResolveError::Blocked(why) => FetchError::AddressBlocked(why.clone()),
        ResolveError::Unknown(why) => FetchError::Dns(why.clone()),
    }
}

/// An error and its causes, without the URL, which the caller knows.
pub(super) fn words_of(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if words.last() != Some(&text) {
            words.push(text);
        }
        cause = inner.source();
    }
    if words.is_empty() { error.to_string() } else { words.join(": ") }
}
