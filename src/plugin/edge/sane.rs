//! Limits of what a host may set up.

use std::ops::RangeInclusive;

/// The highest sample rate, in hertz. The synth's delay lines grow with it, and no converter has a higher one.
const RATES: RangeInclusive<f64> = 100.0..=3_100_000.0;

/// The longest block, in samples.
const MAX_BLOCK: u32 = 1 << 24;

/// The largest window of an editor, in pixels of either side: what X11 can express.
const MAX_WINDOW: u32 = 32_767;

/// Whether `rate` (hertz) and `max_block` (samples) are valid for processing.
pub fn is_setup(rate: f64, max_block: u32) -> bool {
    // False for NaN.
    RATES.contains(&rate) && (1..=MAX_BLOCK).contains(&max_block)
}

/// Whether a window can have this size in pixels.
pub fn is_window(width: u32, height: u32) -> bool {
    (1..=MAX_WINDOW).contains(&width) && (1..=MAX_WINDOW).contains(&height)
}

/// Whether `scale` is a valid scale factor of a window.
pub fn is_scale(scale: f64) -> bool {
    (0.1..=16.0).contains(&scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_host_means_is_no_setup() {
        for rate in [0.0, -48_000.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e-3, 1e12] {
            assert!(!is_setup(rate, 512), "{rate}");
        }
        for (max_block, expected) in [(0, false), (1, true), (8192, true), (u32::MAX, false)] {
            assert_eq!(is_setup(48_000.0, max_block), expected, "{max_block}");
        }
        for rate in [1000.0, 44_100.0, 1_234.567_8, 768_000.0] {
            assert!(is_setup(rate, 512), "{rate}");
        }
    }
}
