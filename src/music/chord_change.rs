//! Adapts notes to another chord.

use super::chord::Chord;
use super::phrase::Part;
use super::pitch::Pitch;
use super::scale::Key;

/// Most semitones that a pitch moves to a chord tone.
const REACH: i32 = 6;

/// The chord under a note before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChordChange {
    /// The chord under the original note.
    pub from: Chord,
    /// The chord under the repeated note.
    pub to: Chord,
}

impl ChordChange {
    /// The change between two chords; `None` if either is unknown or they are equal.
    pub fn between(from: Option<Chord>, to: Option<Chord>) -> Option<Self> {
        let (from, to) = from.zip(to)?;
        (from != to).then_some(Self { from, to })
    }

    /// `pitch` of `part` under the new chord: the bass moves with its root, chords lead to the nearest tone, a melody
    /// stays where possible.
    ///
    /// `above` — the result is above this pitch, if there is a chord tone. `is_strong` — on a beat, where a non-chord
    /// tone would sound wrong.
    pub fn adapt(self, part: Part, pitch: Pitch, key: Key, is_strong: bool, above: Option<Pitch>) -> Pitch {
        let fits = |pitch: Pitch| self.to.contains(pitch.class()) || key.contains(pitch.class());
        match part {
            Part::Drums => pitch,
            Part::Bass => {
                let up = i32::from(self.to.bass.above(self.from.bass));
                let by = if up > REACH { up - 12 } else { up };
                let moved = pitch.transposed(by).unwrap_or(pitch);
                if fits(moved) { moved } else { key.nearest(moved) }
            }
            Part::Chords => self.nearest_tone(pitch, above),
            Part::Arpeggio => self.nearest_tone(pitch, None),
            Part::Melody if self.to.contains(pitch.class()) || (!is_strong && fits(pitch)) => pitch,
            Part::Melody if is_strong => self.nearest_tone(pitch, None),
            Part::Melody => key.nearest(pitch),
        }
    }

    /// The tone of the new chord nearest to `pitch` and above `above`, downwards on a tie.
    fn nearest_tone(self, pitch: Pitch, above: Option<Pitch>) -> Pitch {
        (0..=2 * REACH)
            .flat_map(|distance| [pitch.transposed(-distance), pitch.transposed(distance)])
            .flatten()
            .find(|one| self.to.contains(one.class()) && above.is_none_or(|above| *one > above))
            .unwrap_or(pitch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: &str, to: &str) -> ChordChange {
        ChordChange { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn notes_come_to_fit_the_new_chord() {
        let key = Key::C_MAJOR;
        let pitch = Pitch::clamped;
        for (part, from, to, was, is) in [
            (Part::Bass, "C", "F", 36, 41),
            (Part::Bass, "C", "G", 36, 31),
            (Part::Bass, "C", "Am", 40, 36), // Its third becomes the third.
            (Part::Chords, "C", "F", 64, 65),
            (Part::Arpeggio, "C", "Am", 67, 69),
            (Part::Melody, "C", "F", 60, 60),
            (Part::Melody, "C", "F", 67, 65),
            (Part::Drums, "C", "F", 36, 36),
        ] {
            assert_eq!(
                change(from, to).adapt(part, pitch(was), key, true, None),
                pitch(is),
                "{part} {from} {to}"
            );
        }
        // A passing note of a melody stays in the scale.
        assert_eq!(change("C", "F").adapt(Part::Melody, pitch(62), key, false, None), pitch(62));
    }

    #[test]
    fn voices_of_a_chord_stay_apart() {
        let change = change("C", "F");
        let mut above = None;
        let mut chord = Vec::new();
        for pitch in [60, 64, 67] {
            let moved = change.adapt(Part::Chords, Pitch::clamped(pitch), Key::C_MAJOR, true, above);
            above = Some(moved);
            chord.push(moved.number());
        }
        assert_eq!(chord, [60, 65, 69]);
    }
}
