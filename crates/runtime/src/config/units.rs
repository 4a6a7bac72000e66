//! Values with a unit: durations, sizes, networks. Knows no file and no key.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

/// A duration as a person writes it: `50ms`, `30s`, `5m`, `24h`, `7d`; parts may be joined
/// (`1h30m`); `0` needs no unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeSpan(Duration);

/// A number of bytes as a person writes it: `512KiB`, `5MiB`, `20GiB`, also `kB`, `MB`, `GB`
/// (powers of 1000) and `B`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize(u64);

/// An IP network in CIDR notation; a bare address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The text has no such unit or number; says what is wanted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseUnitError(String);

const TIME_UNITS: [(&str, u64); 5] =
    [("ms", 1), ("s", 1000), ("m", 60 * 1000), ("h", 60 * 60 * 1000), ("d", 24 * 60 * 60 * 1000)];

/// Ten thousand days: longer than any use, short enough that sums of moments never overflow.
const LONGEST_MILLIS: u64 = 10_000 * 24 * 60 * 60 * 1000;

const SIZE_UNITS: [(&str, u64); 9] = [
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

impl TimeSpan {
    /// From whole milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    /// From whole seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// From whole hours.
    pub const fn from_hours(hours: u64) -> Self {
        Self::from_secs(hours * 60 * 60)
    }

    /// From whole days.
    pub const fn from_days(days: u64) -> Self {
        Self::from_hours(days * 24)
    }

    /// As the standard type.
    pub const fn duration(self) -> Duration {
        self.0
    }

    /// Whole milliseconds, as `events::Timestamp` counts them.
    pub const fn millis(self) -> i64 {
        self.0.as_millis() as i64
    }

    /// Whether it is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

impl From<Duration> for TimeSpan {
    /// Whole milliseconds of it.
    fn from(duration: Duration) -> Self {
        Self::from_millis(duration.as_millis() as u64)
    }
}

impl From<TimeSpan> for Duration {
    fn from(span: TimeSpan) -> Self {
        span.0
    }
}

impl fmt::Display for TimeSpan {
    /// The largest unit that divides it: `90d`, `36h`, `1500ms`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis() as u64;
        if millis == 0 {
            return f.write_str("0s");
        }
        for (unit, size) in TIME_UNITS.into_iter().rev() {
            // `1d` would be right for 24h, but `24h` is how people say it; from two days on, days.
            let plural_day = unit != "d" || millis >= 2 * size;
            if millis.is_multiple_of(size) && plural_day {
                return write!(f, "{}{unit}", millis / size);
            }
        }
        write!(f, "{millis}ms")
    }
}

impl FromStr for TimeSpan {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        if trimmed == "0" {
            return Ok(Self::default());
        }
        let mut rest = trimmed;
        let mut total: u64 = 0;
        let mut last_unit = u64::MAX;
        while !rest.is_empty() {
            let (number, unit, after) = split_part(rest).ok_or_else(|| span_error(text))?;
            let Some((_, size)) = TIME_UNITS.into_iter().find(|(name, _)| *name == unit) else {
                return Err(if unit.is_empty() {
                    ParseUnitError(format!(
                        "`{text}` has no unit: write for example \"{number}s\", \"{number}m\", \
                         \"{number}h\" or \"{number}d\""
                    ))
                } else {
                    ParseUnitError(format!(
                        "`{unit}` is no unit of time; there are ms, s, m, h and d"
                    ))
                });
            };
            if size >= last_unit {
                return Err(span_error(text));
            }
            last_unit = size;
            total = number
                .parse::<u64>()
                .ok()
                .and_then(|count| count.checked_mul(size))
                .and_then(|millis| millis.checked_add(total))
                .filter(|sum| *sum <= LONGEST_MILLIS)
                .ok_or_else(|| ParseUnitError(format!("`{text}` is longer than 10000d")))?;
            rest = after;
        }
        if last_unit == u64::MAX {
            return Err(span_error(text));
        }
        Ok(Self::from_millis(total))
    }
}

fn span_error(text: &str) -> ParseUnitError {
    ParseUnitError(format!(
        "`{text}` is not a duration such as \"50ms\", \"30s\", \"5m\", \"24h\" or \"7d\""
    ))
}

/// Splits digits, letters and what follows off the front.
fn split_part(text: &str) -> Option<(&str, &str, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return None;
    }
    let (number, rest) = text.split_at(digits);
    let letters = rest.find(|letter: char| letter.is_ascii_digit()).unwrap_or(rest.len());
    let (unit, after) = rest.split_at(letters);
    Some((number, unit.trim(), after))
}

impl ByteSize {
    /// From bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// From mebibytes.
    pub const fn from_mib(mebibytes: u64) -> Self {
        Self(mebibytes << 20)
    }

    /// From gibibytes.
    pub const fn from_gib(gibibytes: u64) -> Self {
        Self(gibibytes << 30)
    }

    /// The number of bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    /// The largest binary unit that divides it: `20GiB`, `1536KiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, size) in SIZE_UNITS[1..5].iter().rev() {
            if self.0 != 0 && self.0.is_multiple_of(*size) {
                return write!(f, "{}{unit}", self.0 / size);
            }
        }
        write!(f, "{}B", self.0)
    }
}

impl FromStr for ByteSize {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || {
            ParseUnitError(format!(
                "`{text}` is not a size such as \"512KiB\", \"5MiB\" or \"20GiB\""
            ))
        };
        let (number, unit, after) = split_part(text.trim()).ok_or_else(wanted)?;
        if unit.is_empty() && after.is_empty() {
            return Err(ParseUnitError(format!(
                "`{text}` has no unit: write for example \"{number}MiB\" or \"{number}GiB\""
            )));
        }
        let Some((_, size)) = SIZE_UNITS.into_iter().find(|(name, _)| *name == unit) else {
            return Err(wanted());
        };
        if !after.is_empty() {
            return Err(wanted());
        }
        number
            .parse::<u64>()
            .ok()
            .and_then(|count| count.checked_mul(size))
            .map(Self)
            .ok_or_else(|| ParseUnitError(format!("`{text}` is more than a computer can count")))
    }
}

impl Network {
    /// Whether the address lies in this network. An IPv4 address inside IPv6
    /// (`::ffff:10.0.0.1`) counts as the IPv4 address.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix);
                (u64::from(network.to_bits()) >> shift) == (u64::from(address.to_bits()) >> shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or(0);
                network.to_bits() & mask == address.to_bits() & mask
            }
            _ => false,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for Network {
    type Err = ParseUnitError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wanted = || {
            ParseUnitError(format!(
                "`{text}` is not a network such as \"10.1.0.0/16\" or \"fd00::/8\""
            ))
        };
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wanted())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse::<u8>().map_err(|_| wanted())?,
            None => longest,
        };
        if prefix > longest {
            return Err(wanted());
        }
        Ok(Self { address, prefix })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_read_and_written_as_people_do() {
        for (text, millis, written) in [
            ("50ms", 50, "50ms"),
            ("30s", 30_000, "30s"),
            ("5m", 300_000, "5m"),
            ("24h", 86_400_000, "24h"),
            ("90d", 7_776_000_000, "90d"),
            ("1h30m", 5_400_000, "90m"),
            ("0", 0, "0s"),
            ("0s", 0, "0s"),
            ("1500ms", 1_500, "1500ms"),
        ] {
            let span: TimeSpan = text.parse().unwrap();
            assert_eq!(span.millis(), millis, "{text}");
            assert_eq!(span.to_string(), written, "{text}");
        }
    }

    #[test]
    fn a_duration_without_sense_is_refused_with_a_hint() {
        for (text, hint) in [
            ("5", "\"5s\""),
            ("", "not a duration"),
            ("m", "not a duration"),
            ("5 minutes", "`minutes` is no unit"),
            ("5M", "`M` is no unit"),
            ("-5s", "not a duration"),
            ("1m1h", "not a duration"),
            ("1.5h", "is no unit"),
            ("99999999999999999999d", "longer than 10000d"),
            ("10001d", "longer than 10000d"),
        ] {
            let error = text.parse::<TimeSpan>().unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn a_size_is_read_and_written_as_people_do() {
        for (text, bytes, written) in [
            ("20GiB", 20 << 30, "20GiB"),
            ("5MiB", 5 << 20, "5MiB"),
            ("5 MiB", 5 << 20, "5MiB"),
            ("1536KiB", 1536 << 10, "1536KiB"),
            ("10MB", 10_000_000, "10000000B"),
            ("0B", 0, "0B"),
        ] {
            let size: ByteSize = text.parse().unwrap();
            assert_eq!(size.bytes(), bytes, "{text}");
            assert_eq!(size.to_string(), written, "{text}");
        }
        for text in ["", "5", "5m", "5GiB1", "GiB", "-1B", "99999999999999TiB", "1.5GiB"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_others() {
        for (network, address, inside) in [
            ("10.1.0.0/16", "10.1.255.3", true),
            ("10.1.0.0/16", "10.2.0.0", false),
            ("10.1.0.0/16", "::ffff:10.1.2.3", true),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("127.0.0.2", "127.0.0.2", true),
            ("127.0.0.2", "127.0.0.3", false),
            ("fd00::/8", "fd12::1", true),
            ("fd00::/8", "fe80::1", false),
            ("::/0", "2001:db8::1", true),
            ("::1", "::1", true),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert_eq!(parsed.contains(address.parse().unwrap()), inside, "{network} {address}");
        }
        for text in ["10.0.0.0/33", "::/129", "example.org", "10.0.0.0/", "10.0.0/8", ""] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
