//! One stable 64-bit hash for words, shingles and terms.
//!
//! Signatures live in state records and are compared after upgrades, so the function is ours and
//! never changes: FNV-1a (Fowler, Noll, Vo; 64 bit) over the bytes, then the finaliser of
//! SplitMix64 (Steele, Lea, Flood 2014), because FNV alone mixes its high bits badly.

/// The hash of some bytes.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        state = (state ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    finish(state)
}

/// The hash of a value that follows others: order counts.
pub(crate) fn combine(state: u64, next: u64) -> u64 {
    finish(state.rotate_left(23) ^ next)
}

fn finish(mut value: u64) -> u64 {
    value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_a_word_never_changes() {
        // Computed by another implementation of the two papers.
        assert_eq!(hash(b""), 0xc381_7c01_6ba4_ff30);
        assert_eq!(hash(b"newswire"), 0x9985_de14_fb31_dcf2);
        assert_ne!(combine(hash(b"a"), hash(b"b")), combine(hash(b"b"), hash(b"a")));
    }
}
