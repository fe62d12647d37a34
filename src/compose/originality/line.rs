//! Lines of notes, and their grams: a few consecutive notes as one number, independent of key and position.
//!
//! The line of a part has the highest of the notes that begin on one grid step. A gram of `n` notes is `n - 1` moves,
//! each an interval in semitones and a distance between onsets in grid steps; durations and velocities are performance
//! and left out. The same notes at double tempo are another gram.

use crate::music::Note;

/// Largest distinct interval, in semitones; larger ones are clamped.
const LARGEST_INTERVAL: i32 = 36;

/// Longest distinct distance between onsets, in grid steps: two bars of common time.
const LONGEST_WAIT: u32 = 96;

/// A note of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineNote {
    /// The grid step nearest to its onset.
    pub step: u32,
    /// The note itself.
    pub note: Note,
}

/// The line of `notes`, which are sorted by onset.
pub fn line(notes: &[Note]) -> Vec<LineNote> {
    let mut line: Vec<LineNote> = Vec::with_capacity(notes.len());
    for &note in notes {
        let step = note.onset.to_nearest_step();
        match line.last_mut() {
            Some(last) if last.step == step => {
                if note.pitch > last.note.pitch {
                    last.note = note;
                }
            }
            _ => line.push(LineNote { step, note }),
        }
    }
    line
}

/// The grams of `n_notes` notes of `line`, in order: one for each note with enough notes after it.
///
/// `n_notes` — at least two.
pub fn grams(line: &[LineNote], n_notes: usize) -> impl Iterator<Item = u64> + '_ {
    line.windows(n_notes.max(2)).map(gram)
}

/// # Source
///
/// Fowler, Noll, Vo and others, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv: FNV-1a, 64 bits.
fn gram(notes: &[LineNote]) -> u64 {
    let moves = notes.windows(2).flat_map(|pair| {
        let number = |note: &LineNote| i32::from(note.note.pitch.number());
        let interval = (number(&pair[1]) - number(&pair[0])).clamp(-LARGEST_INTERVAL, LARGEST_INTERVAL)
            + LARGEST_INTERVAL;
        let wait = (pair[1].step - pair[0].step).min(LONGEST_WAIT);
        [interval.unsigned_abs(), wait]
    });
    moves.fold(0xcbf2_9ce4_8422_2325, |hash, value| {
        (hash ^ u64::from(value)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Pitch, TickDuration, TickInstant};

    fn notes(places: &[(u32, i32)]) -> Vec<Note> {
        let note = |&(step, pitch): &(u32, i32)| {
            Note::new(TickInstant::from_steps(step), TickDuration::from_steps(6), Pitch::clamped(pitch), 80)
        };
        places.iter().map(note).collect()
    }

    fn grams_of(places: &[(u32, i32)]) -> Vec<u64> {
        grams(&line(&notes(places)), 3).collect()
    }

    #[test]
    fn grams_know_moves_and_nothing_else() {
        let base = [(0, 60), (12, 64), (18, 62), (24, 67)];
        for (what, other, is_same) in [
            ("higher", [(0, 65), (12, 69), (18, 67), (24, 72)], true),
            ("later", [(5, 60), (17, 64), (23, 62), (29, 67)], true),
            ("another pitch", [(0, 60), (12, 65), (18, 62), (24, 67)], false),
            ("another time", [(0, 60), (12, 64), (17, 62), (24, 67)], false),
            ("backwards", [(0, 67), (6, 62), (12, 64), (24, 60)], false),
        ] {
            assert_eq!(grams_of(&base) == grams_of(&other), is_same, "{what}");
        }
        assert_eq!(grams_of(&base).len(), 2);
        assert!(grams_of(&base[..2]).is_empty());
    }

    #[test]
    fn a_line_is_the_top_of_what_begins_together() {
        let chords = [(0, 60), (0, 64), (12, 59), (12, 55), (24, 62)];
        let tops: Vec<(u32, u8)> =
            line(&notes(&chords)).iter().map(|note| (note.step, note.note.pitch.number())).collect();
        assert_eq!(tops, [(0, 64), (12, 59), (24, 62)]);
    }
}
