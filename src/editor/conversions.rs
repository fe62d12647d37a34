//! Conversions between counts, places in a range and points on the screen.

use crate::music::time::PPQ;

/// A count or index as a float; counts larger than any screen are clamped.
pub fn from_count(count: usize) -> f32 {
    u16::try_from(count).map_or(f32::from(u16::MAX), f32::from)
}

/// The place of step `idx` of `n_steps` in the range `0.0..=1.0`.
pub fn place_of_step(idx: usize, n_steps: usize) -> f32 {
    if n_steps == 0 { 0.0 } else { from_count(idx.min(n_steps)) / from_count(n_steps) }
}

/// The step nearest to `place`, in `0..=n_steps`.
pub fn step_at(place: f32, n_steps: usize) -> usize {
    to_index(place.clamp(0.0, 1.0) * from_count(n_steps)).min(n_steps)
}

/// The whole number nearest to `value`; 0 for negative values.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float too large or not a number saturates"
)]
pub fn to_index(value: f32) -> usize {
    value.round() as usize
}

/// A number of beats in single precision, for drawing.
#[expect(clippy::cast_possible_truncation, reason = "seven digits are finer than any screen")]
pub fn narrow(value: f64) -> f32 {
    value as f32
}

/// Beats as ticks; 0 for what is no length.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float too large or not a number saturates"
)]
pub fn ticks_of_beats(beats: f64) -> u32 {
    (beats * f64::from(PPQ)).round() as u32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_step_is_found_again(n_steps in 1_usize..2000, idx in 0_usize..2000) {
            let idx = idx.min(n_steps);
            prop_assert_eq!(step_at(place_of_step(idx, n_steps), n_steps), idx);
        }

        #[test]
        fn any_place_has_a_step(place in any::<f32>(), n_steps in 0_usize..2000) {
            prop_assert!(step_at(place, n_steps) <= n_steps);
        }
    }
}
