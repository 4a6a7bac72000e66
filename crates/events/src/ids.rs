//! Deterministic ids: the first 26 characters of the lower-case base32 (RFC 4648) of a SHA-256.

use data_encoding::{HEXLOWER, Specification};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// 26 characters of base32 carry 130 bits, so that no two articles of the world meet by chance.
const ID_LENGTH: usize = 26;

static BASE32_LOWER: LazyLock<data_encoding::Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    #[expect(clippy::expect_used, reason = "32 distinct ASCII symbols are a valid specification")]
    specification.encoding().expect("base32 alphabet")
});

/// The id of a text: 26 characters of `a-z2-7`.
pub fn hash_id(text: &str) -> String {
    // Whole groups of five bytes become eight characters each; four hold an id.
    let mut id = BASE32_LOWER.encode(&hash_bytes(text)[..20]);
    id.truncate(ID_LENGTH);
    id
}

/// SHA-256 of a text. Its first bits are those that the text's [`hash_id`] spells.
pub fn hash_bytes(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// SHA-256 of some bytes as 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The id of a feed, from the URL it was subscribed with.
pub fn feed_id(url: &str) -> String {
    hash_id(url)
}

/// The id of an entry: the feed, and what identifies the entry inside it.
pub fn entry_id(feed_id: &str, identity: &str) -> String {
    hash_id(&format!("{feed_id}\n{identity}"))
}

/// The id of a story, from its canonical URL.
pub fn story_id(canonical_url: &str) -> String {
    hash_id(canonical_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_url_never_changes() {
        assert_eq!(story_id("https://example.org/news/1"), "qcpfyvyaeivtvfww4qup6bvrlh");
    }
}
