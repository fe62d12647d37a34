//! A phrase flattened for the audio thread.
//!
//! Positions are ticks from the start of the phrase, pickup included.
//!
//! # Threads
//!
//! A [`Clip`] is built and dropped off the audio thread, since both allocate; the audio thread only reads it,
//! wait-free. A clip is never changed after it is built.
//!
//! # Invariants
//!
//! Notes are sorted by onset, part and pitch, last at least a tick and end inside the clip. A note's end is stored with
//! the note, not as an event of its own, so that feel and tempo may change while it sounds.

use super::degree::Degree;
use super::settings::MAX_PERFORMANCE;
use crate::music::analysis::harmony;
use crate::music::chord::{Chord, ChordQuality};
use crate::music::performed::end_lates;
use crate::music::phrase::{Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::scale::Key;
use crate::music::time::{Meter, PPQ, TickDuration, TickInstant};

/// A note of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClipNote {
    /// Its note-on, in ticks from the start of the clip.
    pub onset: TickInstant,
    /// The part that plays.
    pub part: Part,
    /// MIDI note number; a General MIDI percussion key in the drums part.
    pub pitch: Pitch,
    /// Its note-off, in ticks from the start of the clip.
    pub end: TickInstant,
    /// MIDI velocity as written, `1..=127`.
    pub velocity: u8,
    /// Its performance: deviations from onset, end and velocity.
    pub played: Played,
}

/// Performance deviations of one note, with regard to the notes around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Played {
    /// Ticks by which its note-on is later than written.
    pub late: i16,
    /// Ticks by which its note-off is later than written.
    pub end_late: i16,
    /// What is added to the velocity.
    pub louder: i8,
}

impl Played {
    /// As written.
    pub const NONE: Self = Self { late: 0, end_late: 0, louder: 0 };
}

/// Why a clip is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The user chose it: it takes over at the next launch bound.
    Chosen,
    /// It was composed: it takes over at the first launch bound beyond the commit horizon.
    Composed,
    /// It answers a call: it takes over at the next block, which is before its turn unless it is late.
    Answer,
    /// It was composed to follow the phrase that plays, and takes over when that phrase repeats.
    Evolved,
    /// Its notes were edited by hand: it replaces earlier versions of the same take, and does not change which phrase
    /// plays or is pending.
    Edited,
}

/// The notes of a phrase in playing order.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    id: u64,
    cause: Cause,
    notes: Box<[ClipNote]>,
    /// Scale degree of each note over the chord it was written over; parallel to the notes.
    degrees: Box<[Degree]>,
    key: Key,
    duration: TickDuration,
    tempo: f32,
    meter: Meter,
    /// The largest advance of any note before its written onset, in beats.
    earliest: f64,
}

impl Clip {
    /// Flattens `phrase`. Allocates: not for the audio thread.
    ///
    /// `id` — identifies the take. Clips of one id are versions of one take, as when its bars arrive one by one: a
    /// later version replaces the earlier one without a break.
    pub fn new(id: u64, cause: Cause, phrase: &Phrase) -> Self {
        let frame = phrase.frame();
        let of_part = |part: Part| {
            let notes = phrase.notes(part);
            notes.iter().zip(end_lates(notes, frame.end())).map(move |(note, end_late)| ClipNote {
                onset: note.onset,
                part,
                pitch: note.pitch,
                end: note.end(),
                velocity: note.velocity,
                played: Played { late: note.nuance.late(), end_late, louder: note.nuance.louder() },
            })
        };
        let mut notes: Vec<ClipNote> = Part::ALL.into_iter().flat_map(of_part).collect();
        notes.sort_unstable();
        let earliest = notes.iter().map(|note| -note.played.late).max().unwrap_or(0).max(0);
        let chords = harmony(phrase);
        let mut spans = chords.spans().iter().peekable();
        let third = if frame.key.mode.is_minor() { ChordQuality::Minor } else { ChordQuality::Major };
        let mut chord = Chord::new(frame.key.tonic, third);
        let degree = |note: &ClipNote| {
            while let Some(span) = spans.next_if(|span| span.onset <= note.onset) {
                chord = span.chord.unwrap_or(chord);
            }
            Degree::of(note.pitch, chord, frame.key)
        };
        Self {
            id,
            cause,
            degrees: notes.iter().map(degree).collect(),
            notes: notes.into(),
            key: frame.key,
            duration: frame.duration(),
            tempo: frame.tempo,
            meter: frame.meter,
            earliest: MAX_PERFORMANCE * f64::from(earliest) / f64::from(PPQ),
        }
    }

    /// Identifies the take.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Why it is sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The notes, sorted by onset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn notes(&self) -> &[ClipNote] {
        &self.notes
    }

    /// The note at `note_idx` of [`Self::notes`], and its degree over its chord.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn note(&self, note_idx: usize) -> Option<(&ClipNote, Degree)> {
        self.notes.get(note_idx).zip(self.degrees.get(note_idx).copied())
    }

    /// The key of the phrase.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn key(&self) -> Key {
        self.key
    }

    /// Length, pickup included: whole bars, at least one.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn duration(&self) -> TickDuration {
        self.duration
    }

    /// The phrase's own tempo, in beats (quarter notes) per minute.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn tempo(&self) -> f32 {
        self.tempo
    }

    /// The largest advance of any note before its written onset, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) const fn earliest(&self) -> f64 {
        self.earliest
    }

    /// Metrical strength of the position in its bar, `0..=4` ([`Meter::strength`]); off the grid, that of the nearest
    /// step.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn strength(&self, at: TickInstant) -> u8 {
        self.meter.strength(at.to_nearest_step() % self.meter.bar_steps())
    }

    /// Length of a bar.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn bar_duration(&self) -> TickDuration {
        self.meter.bar_duration()
    }

    /// Length of a beat as it is felt: a quarter note in 4/4, three eighths in 6/8.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn felt_beat(&self) -> TickDuration {
        TickDuration::from_steps(self.meter.felt_beat_steps())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::phrase::{Frame, Note};
    use crate::music::progression::Progression;
    use crate::music::scale::Key;

    proptest! {
        #[test]
        fn the_notes_are_those_of_the_phrase_in_order(
            notes in prop::collection::vec((0_u32..9000, 1_u32..4000, 0_i32..128, 1_u8..128, 0_usize..5), 0..80),
        ) {
            let mut parts: [Vec<Note>; 5] = Default::default();
            for (onset, duration, pitch, velocity, part_idx) in notes {
                let (onset, duration) = (TickInstant(onset), TickDuration(duration));
                parts[part_idx].push(Note::new(onset, duration, Pitch::clamped(pitch), velocity));
            }
            let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0);
            let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
            let clip = Clip::new(7, Cause::Chosen, &phrase);
            prop_assert!(clip.notes().is_sorted());
            for note in clip.notes() {
                prop_assert!(note.onset < note.end && note.end <= TickInstant(clip.duration().0));
            }
            for (part, note) in phrase.all_notes() {
                let same = |other: &&ClipNote| {
                    (other.part, other.onset, other.end, other.pitch, other.velocity)
                        == (part, note.onset, note.end(), note.pitch, note.velocity)
                };
                prop_assert_eq!(clip.notes().iter().filter(same).count(), 1);
            }
            prop_assert_eq!(clip.notes().len(), phrase.all_notes().count());
        }
    }
}
