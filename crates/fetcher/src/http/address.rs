//! Which addresses are not for us: everything that is not plainly public, in every spelling
//! (research: reliability, D). `allow_networks` exempts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network in CIDR notation: `127.0.0.0/8`, `fd00::/8`; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// The text is no network.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a network such as 127.0.0.0/8 or fd00::/8")]
pub struct ParseNetworkError(String);

impl FromStr for Network {
    type Err = ParseNetworkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseNetworkError(text.to_owned());
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| error())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| error())?,
            None => longest,
        };
        if prefix > longest {
            return Err(error());
        }
        Ok(Self { address, prefix })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Network {
    /// Whether the address lies in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                in_v4(address, network.octets(), self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                in_v6(address, network.segments(), self.prefix)
            }
            _ => false,
        }
    }
}

fn in_v4(address: Ipv4Addr, network: [u8; 4], prefix: u32) -> bool {
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    u32::from(address) & mask == u32::from(Ipv4Addr::from(network)) & mask
}

fn in_v6(address: Ipv6Addr, network: [u16; 8], prefix: u32) -> bool {
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    u128::from(address) & mask == u128::from(Ipv6Addr::from(network)) & mask
}

/// IANA special-purpose registry, and two addresses that clouds keep their secrets at.
const BLOCKED_V4: &[([u8; 4], u32)] = &[
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    ([169, 254, 0, 0], 16),
    ([168, 63, 129, 16], 32),
    ([172, 16, 0, 0], 12),
    ([192, 0, 0, 0], 24),
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    ([224, 0, 0, 0], 4),
    ([240, 0, 0, 0], 4),
];

/// Why an address may not be connected to; `None` where it may.
pub(super) fn refuse(address: IpAddr, allowed: &[Network]) -> Option<String> {
    let is_allowed = |address| allowed.iter().any(|network| network.contains(address));
    // The IPv4 address inside an IPv6 one must be allowed itself: a translator that was allowed
    // as such (64:ff9b::/96, RFC 6052) must not lead to what stands behind it.
    let inner_is_blocked = |inner| !is_allowed(IpAddr::V4(inner)) && is_blocked_v4(inner);
    let blocked = match address {
        IpAddr::V4(address) => inner_is_blocked(address),
        IpAddr::V6(address) => match (address.to_ipv4_mapped(), translated(address)) {
            (Some(inner), _) => inner_is_blocked(inner),
            (None, Some(inner)) => !is_allowed(address.into()) || inner_is_blocked(inner),
            (None, None) => !is_allowed(address.into()) && is_blocked_v6(address),
        },
    };
    blocked.then(|| {
        format!("{address} is not a public address; `[fetch] allow_networks` can exempt it")
    })
}

/// The IPv4 address behind one of NAT64's well-known prefix.
fn translated(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., a, b, c, d] = address.octets();
    in_v6(address, [0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96).then(|| Ipv4Addr::new(a, b, c, d))
}

fn is_blocked_v4(address: Ipv4Addr) -> bool {
    BLOCKED_V4.iter().any(|(network, prefix)| in_v4(address, *network, *prefix))
}

fn is_blocked_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is handed out to the public; within it, what embeds IPv4 or is for papers.
    !in_v6(address, [0x2000, 0, 0, 0, 0, 0, 0, 0], 3)
        // 6to4, Teredo and the other protocol assignments, ORCHID, documentation.
        || in_v6(address, [0x2002, 0, 0, 0, 0, 0, 0, 0], 16)
        || in_v6(address, [0x2001, 0, 0, 0, 0, 0, 0, 0], 23)
        || in_v6(address, [0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32)
        || in_v6(address, [0x3fff, 0, 0, 0, 0, 0, 0, 0], 20)
        || in_v6(address, [0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_refused() {
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::",
            "2002:7f00:1::",
            "2001::",
            "2001:db8::1",
            "100::1",
            "fe80::1",
            "fec0::1",
            "fc00::",
            "fd12::1",
            "ff02::1",
            "3fff::1",
            "5f00::1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert!(refuse(address, &[]).is_some(), "{text}");
        }
        for text in [
            "1.1.1.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "198.20.0.1",
            "2606:4700::1",
            "2a00:1450:4001::1",
            "::ffff:1.1.1.1",
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(refuse(address, &[]), None, "{text}");
        }
    }

    #[test]
    fn allowed_networks_are_exempt_and_only_they() {
        let allowed: Vec<Network> =
            ["127.0.0.0/8", "fd00::/8", "10.1.2.3"].map(|text| text.parse().unwrap()).to_vec();
        for (text, is_allowed) in [
            ("127.9.9.9", true),
            ("::ffff:127.9.9.9", true),
            ("fd00::1", true),
            ("10.1.2.3", true),
            ("10.1.2.4", false),
            ("fc00::1", false),
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(refuse(address, &allowed).is_none(), is_allowed, "{text}");
        }
        let translator: Vec<Network> = vec!["64:ff9b::/96".parse().unwrap()];
        for (text, is_allowed) in [("64:ff9b::101:101", true), ("64:ff9b::7f00:1", false)] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(refuse(address, &translator).is_none(), is_allowed, "{text}");
        }
        for text in ["", "10.0.0.0/33", "x/8", "10.0.0.0/", "fd00::/129"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("10.1.2.3".parse().unwrap()));
    }
}
