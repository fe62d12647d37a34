//! Moves repeated notes along the scale.

use crate::music::{Key, Pitch};

/// `pitch` moved by `n_steps` steps of the scale of `key`; a pitch between two degrees stays as far above the lower.
pub fn by_steps(pitch: Pitch, n_steps: i32, key: Key) -> Option<Pitch> {
    let above = i32::from(pitch.class().above(key.tonic));
    let degrees = key.mode.degrees().map(i32::from);
    let degree = i32::try_from(degrees.iter().rposition(|degree| *degree <= above)?).ok()?;
    let height = |degree: i32| {
        let idx = usize::try_from(degree.rem_euclid(7)).unwrap_or(0);
        degrees[idx] + 12 * degree.div_euclid(7)
    };
    pitch.transposed(height(degree + n_steps) - height(degree))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_keep_to_the_scale_and_there_is_a_way_back() {
        let key: Key = "D dorian".parse().unwrap();
        for number in 20..100 {
            let pitch = Pitch::clamped(number);
            for n_steps in -9..=9 {
                let moved = by_steps(pitch, n_steps, key).unwrap();
                if key.contains(pitch.class()) {
                    assert!(key.contains(moved.class()));
                    assert_eq!(by_steps(moved, -n_steps, key), Some(pitch));
                    assert_eq!(moved.cmp(&pitch), n_steps.cmp(&0));
                }
            }
        }
        assert_eq!(by_steps(Pitch::clamped(127), 9, key), None);
    }
}
