//! `X-Hub-Signature`: whether a delivery was signed with the subscription's secret.

use hmac::digest::KeyInit;
use hmac::{Hmac, Mac};

/// Whether `header` (`method=hex`, WebSub 8) is the HMAC of exactly these bytes. Compared in
/// constant time; a missing header or an unknown method is no signature.
pub(crate) fn is_signed(header: Option<&str>, secret: &str, body: &[u8]) -> bool {
    let Some((method, hex)) = header.and_then(|header| header.trim().split_once('=')) else {
        return false;
    };
    let Ok(tag) = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.trim().as_bytes()) else {
        return false;
    };
    let secret = secret.as_bytes();
    match method.trim().to_ascii_lowercase().as_str() {
        "sha1" => verify::<Hmac<sha1::Sha1>>(secret, body, &tag),
        "sha256" => verify::<Hmac<sha2::Sha256>>(secret, body, &tag),
        "sha384" => verify::<Hmac<sha2::Sha384>>(secret, body, &tag),
        "sha512" => verify::<Hmac<sha2::Sha512>>(secret, body, &tag),
        _ => false,
    }
}

fn verify<M: Mac + KeyInit>(secret: &[u8], body: &[u8], tag: &[u8]) -> bool {
    let Ok(mac) = <M as Mac>::new_from_slice(secret) else { return false };
    mac.chain_update(body).verify_slice(tag).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 2202 test case 2 and RFC 4231 test case 2.
    const SECRET: &str = "Jefe";
    const BODY: &[u8] = b"what do ya want for nothing?";

    #[test]
    fn the_four_methods_agree_with_the_rfcs_vectors() {
        for header in [
            "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            "SHA256=5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843",
            "sha384=af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e\
             8e2240ca5e69e2c78b3239ecfab21649",
            "sha512=164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
             9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ] {
            assert!(is_signed(Some(header), SECRET, BODY), "{header}");
            assert!(!is_signed(Some(header), SECRET, b"something else"), "{header}");
            assert!(!is_signed(Some(header), "other", BODY), "{header}");
            let cut = &header[..header.len() - 2];
            assert!(!is_signed(Some(cut), SECRET, BODY), "{cut}");
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        for header in [None, Some(""), Some("sha1="), Some("md5=00"), Some("sha256=zz")] {
            assert!(!is_signed(header, SECRET, BODY), "{header:?}");
        }
    }
}
