//! Logarithm and powers of two that give the same bits everywhere: the C library's differ between
//! systems, and a group decided by the last bit would not be replayable.

/// Base-2 logarithm of a positive number, within 0.0002.
pub(crate) fn log2(value: f32) -> f32 {
    let bits = value.to_bits();
    let exponent = ((bits >> 23) & 0xff) as f32 - 127.0;
    let mantissa = f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000) - 1.0;
    // Least squares fit of log2(1 + m) on [0, 1), exact at both ends.
    let fraction = mantissa
        * (1.442_5
            + mantissa
                * (-0.717_0 + mantissa * (0.456_0 + mantissa * (-0.268_2 + mantissa * 0.086_7))));
    exponent + fraction
}

/// Two to a power that is not positive, within 0.0002.
pub(crate) fn exp2_negative(power: f32) -> f32 {
    let power = power.max(-100.0);
    let whole = power.floor();
    let fraction = power - whole;
    let mantissa = 1.0 + fraction * (0.695_9 + fraction * (0.224_9 + fraction * 0.079_2));
    f32::from_bits(((whole as i32 + 127) as u32) << 23) * mantissa
}

/// Square root; exact by IEEE 754, so the same everywhere.
pub(crate) fn norm(squares: f32) -> f32 {
    squares.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_approximations_are_close() {
        for step in 1..4000_i16 {
            let value = f32::from(step) * 0.37;
            assert!((log2(value) - value.log2()).abs() < 0.002, "log2 {value}");
            let power = -f32::from(step) * 0.005;
            assert!((exp2_negative(power) - power.exp2()).abs() < 0.001, "exp2 {power}");
        }
    }
}
