//! Addresses as pages write them: whose host one has, and whether it is that of a first page.

/// The host in an absolute or protocol-relative address.
pub(crate) fn host_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("//")?;
    let host = rest.split(['/', '?', '#', ':']).next()?;
    Some(host.strip_prefix("www.").unwrap_or(host))
}

/// `/`, `/index.html`, `/en/`, `/pt-br`, `/en/home`, with a port before it or not.
pub(crate) fn is_path_of_home(path: &str) -> bool {
    let path = path.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
    let is_language = |part: &str| {
        let letters = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_alphabetic());
        letters(part) || part.split_once(['-', '_']).is_some_and(|(a, b)| letters(a) && letters(b))
    };
    let is_first = |part: &str| {
        let name = part.to_ascii_lowercase();
        name == "home"
            || name.split('.').next().is_some_and(|name| matches!(name, "index" | "default"))
                // Old sites keep every article at `/index.php?id=…`.
                && !name.contains('?')
    };
    let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
    parts.next_if(|part| is_language(part));
    parts.next_if(|part| is_first(part));
    parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_of_a_site_is_known_in_each_of_its_languages() {
        for (path, expected) in [
            ("", true),
            ("/", true),
            (":8080/", true),
            ("/en/", true),
            ("/pt-br", true),
            ("/index.html", true),
            ("/Default.aspx", true),
            ("/fr/home", true),
            ("/news", false),
            ("/en/2025/bridge", false),
            ("/2025/", false),
            ("/bridge.html", false),
            ("/?p=17", false),
            ("/index.php?id=17", false),
        ] {
            assert_eq!(is_path_of_home(path), expected, "{path}");
        }
    }
}
