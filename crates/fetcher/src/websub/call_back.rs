//! The call-back URL of a subscription: it says for which feed, site and topic it was made, and
//! carries a proof that it was made here. So whichever process a hub reaches can tell, without any
//! state, a call-back of ours from an invented one, and knows the partition it belongs to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::hash_id;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use url::{Host, Url};

use super::is_signed;

/// Bytes of the proof: 128 bits, cut from a SHA-256 (RFC 2104 5 allows half the length).
const PROOF_BYTES: usize = 16;
/// Longer segments are nobody's: a site is at most 253 letters.
const MOST_LETTERS: usize = 512;
/// Letters of the topic's hash in a call-back: 80 bits beside the proof.
const TOPIC_LETTERS: usize = 16;

/// What the claims of a call-back begin with: version 1, whose deliveries are signed, and 2, whose are
/// not.
const SECRET: &str = "1";
const NO_SECRET: &str = "2";

/// What call-backs and the secrets of subscriptions are derived from. The same in all processes of
/// an installation, and known to nobody else; it is never written to a topic.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(secret)")
    }
}

impl Key {
    /// A key from any text or bytes that are hard to guess (at least 16 random bytes, in whatever
    /// spelling).
    pub fn new(secret: &[u8]) -> Self {
        let mut key = [0; 32];
        key.copy_from_slice(&mac(b"newswire websub key 1", secret).into_bytes());
        Self(key)
    }

    /// The secret of a subscription, to be sent to its hub: 52 letters that carry 256 bits
    /// (WebSub 5.1 allows up to 200 bytes).
    pub fn secret(&self, call_back: &CallBack) -> String {
        let tag = mac(&self.0, format!("secret\n{}", call_back.claims()).as_bytes());
        data_encoding::BASE32_NOPAD.encode(&tag.into_bytes()).to_ascii_lowercase()
    }
}

struct Tag([u8; 32]);

impl Tag {
    fn into_bytes(self) -> [u8; 32] {
        self.0
    }
}

fn mac(key: &[u8], message: &[u8]) -> Tag {
    Tag(keyed(key, message).finalize().into_bytes().into())
}

fn keyed(key: &[u8], message: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104 2)")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    mac.update(message);
    mac
}

/// For what a call-back URL was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallBack {
    /// Feed id; the key of the record in `pushes`.
    pub feed: String,
    /// Site of the feed; what the partition of `pushes` is computed from.
    pub site: String,
    /// Hash of the topic's URL.
    topic: String,
    /// Whether its hub was given a secret to sign deliveries with.
    has_secret: bool,
}

impl CallBack {
    /// The call-back of a feed's subscription to a topic, at a hub that is given a secret.
    pub fn new(feed: &str, site: &str, topic: &str) -> Self {
        let topic = topic_hash(topic);
        Self { feed: feed.to_owned(), site: site.to_owned(), topic, has_secret: true }
    }

    /// The same at that hub. A secret is told where nobody listens (WebSub 5.1): over HTTPS, or to a hub
    /// on this machine.
    #[must_use]
    pub fn at_hub(&self, hub: &str) -> Self {
        let has_secret = Url::parse(hub).is_ok_and(|hub| {
            let is_here = match hub.host() {
                Some(Host::Domain(name)) => name == "localhost",
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            };
            is_here || hub.scheme() == "https"
        });
        Self { has_secret, ..self.clone() }
    }

    /// Whether another one is for the same subscription, at whatever hub.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Self { has_secret: other.has_secret, ..self.clone() } == *other
    }

    /// Whether its deliveries are signed. What others say is a reason to poll, no more.
    pub fn has_secret(&self) -> bool {
        self.has_secret
    }

    /// Whether `signature`, a header `X-Hub-Signature`, is that of a delivery's bytes.
    pub fn is_signed(&self, key: &Key, signature: Option<&str>, body: &[u8]) -> bool {
        self.has_secret && is_signed(signature, &key.secret(self), body)
    }

    /// The last segment of its URL's path: claims and proof, letters that need no escape.
    pub fn segment(&self, key: &Key) -> String {
        let claims = self.claims();
        let proof = mac(&key.0, format!("call-back\n{claims}").as_bytes()).into_bytes();
        let encoded = URL_SAFE_NO_PAD.encode(claims.as_bytes());
        format!("{encoded}.{}", URL_SAFE_NO_PAD.encode(&proof[..PROOF_BYTES]))
    }

    /// Its URL below the address at which hubs reach this installation.
    pub fn url(&self, public_url: &str, key: &Key) -> String {
        format!("{}/websub/{}", public_url.trim_end_matches('/'), self.segment(key))
    }

    /// Reads a segment; `None` where it was not made with this key. The proof is compared in
    /// constant time.
    pub fn open(segment: &str, key: &Key) -> Option<Self> {
        if segment.len() > MOST_LETTERS {
            return None;
        }
        let (claims, proof) = segment.split_once('.')?;
        let claims = String::from_utf8(URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let proof =
            URL_SAFE_NO_PAD.decode(proof).ok().filter(|proof| proof.len() == PROOF_BYTES)?;
        let mac = keyed(&key.0, format!("call-back\n{claims}").as_bytes());
        mac.verify_truncated_left(&proof).ok()?;
        let mut parts = claims.split('\n');
        let (version, feed, site, topic) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let has_secret = version == SECRET;
        (has_secret || version == NO_SECRET).then_some(())?;
        parts.next().is_none().then(|| Self {
            feed: feed.to_owned(),
            site: site.to_owned(),
            topic: topic.to_owned(),
            has_secret,
        })
    }

    /// Whether the call-back was made for that topic: what a hub's verification must name.
    pub fn is_for(&self, topic: &str) -> bool {
        self.topic == topic_hash(topic)
    }

    fn claims(&self) -> String {
        let version = if self.has_secret { SECRET } else { NO_SECRET };
        format!("{version}\n{}\n{}\n{}", self.feed, self.site, self.topic)
    }
}

fn topic_hash(topic: &str) -> String {
    let mut hash = hash_id(topic);
    hash.truncate(TOPIC_LETTERS);
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "https://example.org/feed.xml";

    fn call_back() -> CallBack {
        CallBack::new("abc", "example.org", TOPIC)
    }

    #[test]
    fn a_call_back_is_read_by_whoever_has_the_key_and_by_nobody_else() {
        let key = Key::new(b"a secret");
        let segment = call_back().segment(&key);
        let opened = CallBack::open(&segment, &key).unwrap();
        assert_eq!(opened, call_back());
        assert!(opened.is_for(TOPIC) && !opened.is_for("https://example.org/other.xml"));
        assert_eq!(CallBack::open(&segment, &Key::new(b"another")), None);
    }

    #[test]
    fn a_call_back_that_was_tampered_with_is_none() {
        let key = Key::new(b"a secret");
        let segment = call_back().segment(&key);
        for at in 0..segment.len() {
            let mut bytes = segment.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(bytes).unwrap();
            assert_eq!(CallBack::open(&forged, &key), None, "{forged}");
        }
        let (claims, _) = segment.split_once('.').unwrap();
        for forged in ["", ".", claims, &format!("{claims}."), &"a".repeat(5000)] {
            assert_eq!(CallBack::open(forged, &key), None, "{forged:.40}");
        }
    }

    #[test]
    fn a_hub_without_https_has_a_call_back_of_its_own_and_no_secret() {
        let key = Key::new(b"a secret");
        let (plain, secure) =
            (call_back().at_hub("http://hub.net/"), call_back().at_hub("https://hub.net/"));
        assert_eq!((secure.has_secret(), plain.has_secret()), (true, false));
        assert!(call_back().at_hub("http://127.0.0.1:99/hub").has_secret());
        assert_eq!(CallBack::open(&plain.segment(&key), &key), Some(plain.clone()));
        assert!(plain.is_same(&secure) && plain != secure);
        assert!(!plain.is_same(&CallBack::new("abc", "example.org", "https://example.org/x")));
    }

    #[test]
    fn the_url_is_a_plain_path_below_the_public_address() {
        let key = Key::new(b"a secret");
        let url = call_back().url("https://news.example.net/x/", &key);
        assert!(url.starts_with("https://news.example.net/x/websub/"), "{url}");
        assert!(url.len() < 200, "{url}");
        assert_eq!(url::Url::parse(&url).unwrap().as_str(), url);
    }

    #[test]
    fn each_subscription_has_a_secret_of_its_own() {
        let key = Key::new(b"a secret");
        let other = CallBack::new("abc", "example.org", "https://example.org/other.xml");
        let secret = key.secret(&call_back());
        assert_ne!(secret, key.secret(&other));
        assert_eq!((secret.len(), key.secret(&call_back())), (52, secret.clone()));
        assert_eq!(format!("{key:?}"), "Key(secret)");
    }
}
