//! Random numbers that depend only on seed, take and keys.

/// A source of random numbers for one take.
#[derive(Debug, Clone, Copy)]
pub struct Chance(u64);

impl Chance {
    /// The source of take `take` of `seed`.
    pub fn new(seed: u64, take: u32) -> Self {
        Self(mixed(seed ^ mixed(u64::from(take).wrapping_add(0x50_65_72_66))))
    }

    /// A number with mean 0 and standard deviation 1, within ±2.5: the sum of four uniform ones, clamped. The same
    /// `keys` give the same number.
    pub fn normal(&self, keys: &[u32]) -> f64 {
        let bits =
            keys.iter().fold(self.0, |bits, key| mixed(bits ^ u64::from(*key).wrapping_add(0x9e37_79b9)));
        let quarter = |shift: u32| f64::from(u16::try_from(bits >> shift & 0xffff).unwrap_or(0)) / 65_536.0;
        // Four uniform numbers have a variance of a third.
        let sum = quarter(0) + quarter(16) + quarter(32) + quarter(48) - 2.0;
        (sum * 3.0_f64.sqrt()).clamp(-2.5, 2.5)
    }
}

/// # Source
///
/// The finaliser of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
const fn mixed(bits: u64) -> u64 {
    let mut bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_deviation_that_they_promise_and_follow_from_their_keys() {
        let chance = Chance::new(7, 0);
        let drawn: Vec<f64> = (0..4000).map(|idx| chance.normal(&[1, idx])).collect();
        let mean = drawn.iter().sum::<f64>() / 4000.0;
        let sd = (drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 4000.0).sqrt();
        assert!(mean.abs() < 0.05 && (sd - 1.0).abs() < 0.05, "{mean} {sd}");
        assert_eq!(chance.normal(&[1, 5]), drawn[5]);
        assert_ne!(chance.normal(&[5, 1]), chance.normal(&[1, 5]));
        assert_ne!(Chance::new(7, 1).normal(&[1, 5]), drawn[5]);
        assert_ne!(Chance::new(8, 0).normal(&[1, 5]), drawn[5]);
    }
}
