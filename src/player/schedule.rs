//! Finds the notes of a clip that begin in a stretch of time. Pure.
//!
//! The clip repeats without end in both directions; position 0, in beats, is the start of a pass.

use super::clip::{Clip, ClipNote};
use super::clock::Line;
use super::feel::{FeelTrack, MAX_EARLY_BEATS, MAX_SHIFT_BEATS};
use crate::music::time::{PPQ, TickInstant};

/// Most note-ons of one stretch.
const CAPACITY: usize = 1024;

/// How time reached the start of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// It continued from the stretch before.
    GoesOn,
    /// It begins or jumps here, or another phrase takes over here.
    Here,
}

/// A note that begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NoteOn {
    /// Sample offset.
    pub offset: u32,
    /// Index in the clip's notes.
    pub note_idx: usize,
    /// Where the note ends, in beats of the position.
    pub end: f64,
    /// MIDI velocity, `1..=127`.
    pub velocity: u8,
}

/// The notes that begin in a stretch, in order. Reuses its storage.
#[derive(Debug)]
pub struct Schedule {
    note_ons: Vec<NoteOn>,
    /// 1 if more notes began than fit.
    pub n_dropped: u32,
}

impl Schedule {
    /// An empty schedule. Allocates.
    pub fn new() -> Self {
        Self { note_ons: Vec::with_capacity(CAPACITY), n_dropped: 0 }
    }

    /// The note at `idx`, in order of sample offset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn get(&self, idx: usize) -> Option<NoteOn> {
        self.note_ons.get(idx).copied()
    }

    /// Finds the notes of `clip`, played with `feel`, from `line.reached` up to the share of sample `to`.
    ///
    /// Sample offsets are clamped to `from..to`: a note that the host's rounding made late plays at once. Where the
    /// phrase begins or jumps at the start of the stretch, a note written after that point but played before it plays
    /// at once too.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn find(&mut self, clip: &Clip, feel: &FeelTrack, line: &Line, entry: Entry, (from, to): (u32, u32)) {
        self.note_ons.clear();
        self.n_dropped = 0;
        let (begin, end) = (line.reached, line.edge(to));
        let length = clip.duration().to_beats();
        if begin >= end || length <= 0.0 || clip.notes().is_empty() {
            return;
        }
        // Notes written earlier, by up to the largest delay, may begin here, and so may notes written a little later.
        let ahead = MAX_EARLY_BEATS + TWO_TICKS;
        let mut pass = ((begin - MAX_SHIFT_BEATS) / length).floor() * length;
        while pass < end + ahead {
            let first = idx_of(clip, begin - MAX_SHIFT_BEATS - pass);
            let after = idx_of(clip, end - pass + ahead);
            for (note, note_idx) in clip.notes()[first..after.max(first)].iter().zip(first..) {
                let written = pass + note.onset.to_beats();
                let felt = feel.at(written).play(clip, note);
                let is_caught = entry == Entry::Here && written >= begin;
                let onset = if is_caught { begin.max(pass + felt.onset) } else { pass + felt.onset };
                if onset < begin || onset >= end {
                    continue;
                }
                if self.note_ons.len() == CAPACITY {
                    self.n_dropped += 1;
                    return self.sort();
                }
                let offset = line.offset_of(onset).clamp(from, to - 1);
                self.note_ons.push(NoteOn {
                    offset,
                    note_idx,
                    end: pass + felt.end,
                    velocity: felt.velocity,
                });
            }
            pass += length;
        }
        self.sort();
    }

    fn sort(&mut self) {
        self.note_ons.sort_unstable_by_key(|note_on| (note_on.offset, note_on.note_idx));
    }
}

/// Margin for rounding to ticks.
const TWO_TICKS: f64 = 2.0 / 960.0;

/// Index of the first note written at or after `beats` from the start of the clip, rounded down to ticks.
fn idx_of(clip: &Clip, beats: f64) -> usize {
    let at = to_ticks(beats * f64::from(PPQ));
    clip.notes().partition_point(|note: &ClipNote| note.onset < at)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
fn to_ticks(ticks: f64) -> TickInstant {
    TickInstant(ticks as u32)
}
