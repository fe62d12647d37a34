//! Degrees: the scale step of a tone over the chord it was written over, and its pitch under another chord.
//!
//! Each tone of a phrase has a step in the seven-tone scale of the chord that it was written over. Under another chord
//! it takes the same step of that chord's scale, transposed with the root by the nearer way. So contours, voicings and
//! passing notes are kept, and chord tones stay chord tones.

use crate::music::chord::Chord;
use crate::music::pitch::{Pitch, PitchClass};
use crate::music::scale::Key;

/// A scale step over a chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Degree {
    root: PitchClass,
    /// Step of the scale over the root, `0..7`.
    step: u8,
    /// Semitones above that step.
    raised: u8,
    is_chord_tone: bool,
}

impl Degree {
    /// The degree of `pitch` over `chord` in `key`.
    pub fn of(pitch: Pitch, chord: Chord, key: Key) -> Self {
        let interval = pitch.class().above(chord.root);
        let scale = ChordScale::of(chord, key);
        let step = (0..7).rev().find(|step| scale.0[usize::from(*step)] <= interval).unwrap_or(0);
        Self {
            root: chord.root,
            step,
            raised: interval - scale.0[usize::from(step)].min(interval),
            is_chord_tone: chord.contains(pitch.class()),
        }
    }

    /// The pitch of this degree under `chord` in `key`, for a tone written at `pitch`; `None` if it is out of range.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn under(self, chord: Chord, pitch: Pitch, key: Key) -> Option<Pitch> {
        let scale = ChordScale::of(chord, key);
        let interval = scale.0[usize::from(self.step)] + self.raised;
        let up = i32::from(chord.root.above(self.root));
        let root_moves = if up > 6 { up - 12 } else { up };
        let written = i32::from(pitch.class().above(self.root));
        let moved = pitch.transposed(root_moves - written + i32::from(interval))?;
        if self.is_chord_tone { nearest_tone(chord, moved) } else { Some(moved) }
    }
}

/// The seven steps of a chord's scale, ascending, in semitones above the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ChordScale([u8; 7]);

impl ChordScale {
    /// The chord's tones, filled up with tones of `key`, or of the major scale with a minor seventh where the key has
    /// none.
    fn of(chord: Chord, key: Key) -> Self {
        /// By step, the usual one first.
        const PLACES: [&[u8]; 7] = [&[0], &[2, 1], &[4, 3], &[5, 6], &[7, 6, 8], &[9, 8], &[10, 11]];
        let tones = chord.quality.tones();
        let mut below = None;
        Self(PLACES.map(|places| {
            let ascends = |interval: &&u8| below.is_none_or(|below| **interval > below);
            let is_in_key = |interval: &&u8| key.contains(chord.root.up(**interval));
            let of_chord = places.iter().filter(ascends).find(|interval| tones.contains(interval));
            let of_key = || places.iter().filter(ascends).find(is_in_key);
            let interval = of_chord.or_else(of_key).or_else(|| places.iter().find(ascends));
            let interval = interval.copied().unwrap_or(places[0]);
            below = Some(interval);
            interval
        }))
    }
}

/// A written pitch and its degree.
#[derive(Debug, Clone, Copy)]
pub struct Tone {
    pub pitch: Pitch,
    pub degree: Degree,
}

/// The tone of `chord` nearest to `pitch`, downwards on a tie.
fn nearest_tone(chord: Chord, pitch: Pitch) -> Option<Pitch> {
    let is_tone = |pitch: &Pitch| chord.quality.tones().contains(&pitch.class().above(chord.root));
    (0..12)
        .flat_map(|distance| [pitch.transposed(-distance), pitch.transposed(distance)])
        .flatten()
        .find(is_tone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::chord::ChordQuality;

    fn followed(written: &str, target: &str, pitches: &[i32], key: Key) -> Vec<i32> {
        let (written, target): (Chord, Chord) = (written.parse().unwrap(), target.parse().unwrap());
        let there = |pitch: &i32| {
            let pitch = Pitch::clamped(*pitch);
            i32::from(Degree::of(pitch, written, key).under(target, pitch, key).unwrap().number())
        };
        pitches.iter().map(there).collect()
    }

    #[test]
    fn tones_stand_on_the_same_step_of_the_other_chord() {
        let key = Key::C_MAJOR;
        assert_eq!(followed("C", "C", &[60, 61, 62, 66, 71], key), [60, 61, 62, 66, 71]);
        // A fourth down: root, third, fifth and the passing notes between.
        assert_eq!(followed("C", "G", &[60, 62, 64, 65, 67], key), [55, 57, 59, 60, 62]);
        assert_eq!(followed("C", "Am", &[48, 60, 64, 67], key), [45, 57, 60, 64]);
        assert_eq!(followed("C", "Fm", &[60, 64, 67], key), [65, 68, 72]);
        // The seventh has no place in a triad.
        assert_eq!(followed("G7", "C", &[55, 59, 62, 65], key), [60, 64, 67, 72]);
        // G sharp, not G, is the tone between.
        assert_eq!(followed("C", "E7", &[60, 62, 64, 65, 67], key), [64, 65, 68, 69, 71]);
    }

    #[test]
    fn every_tone_over_every_chord_stays_in_reach() {
        for &from in ChordQuality::ALL {
            for &to in ChordQuality::ALL {
                for root in 0..12 {
                    let other = Chord::new(PitchClass::new(root), to);
                    for number in 40..80 {
                        let pitch = Pitch::clamped(number);
                        let degree = Degree::of(pitch, Chord::new(PitchClass::C, from), Key::C_MAJOR);
                        let there = degree.under(other, pitch, Key::C_MAJOR).unwrap();
                        let moved = i32::from(there.number()) - number;
                        assert!(moved.abs() <= 11, "{from:?} {to:?} {root} {number}: {moved}");
                    }
                }
            }
        }
    }
}
