//! Auditioned notes: one that the editor lets sound for a moment, whether time moves or not.
//!
//! It goes out on its part's channel like a note of the phrase, and a new one ends the one before.
//!
//! # Threads
//!
//! [`Audition`] belongs to the audio thread. [`AuditionSwitch`] is shared: the main thread asks, and the audio thread plays
//! what was asked last at its next block.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::note_table::{NoteTable, Origin};
use super::settings::Settings;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// Seconds that a note sounds.
const SOUND_SECONDS: f64 = 0.35;

/// Asks for notes.
#[derive(Debug, Default)]
pub(super) struct AuditionSwitch {
    /// The number of notes asked for, wrapping, in the upper half; part, pitch and velocity of the last in the lower.
    asked: AtomicU64,
}

impl AuditionSwitch {
    /// Asks for a note of `part` at `velocity`, `1..=127`, in place of one that was asked for and has not begun.
    pub fn ask(&self, part: Part, pitch: Pitch, velocity: u8) {
        let part_idx = u8::try_from(part.index()).unwrap_or(0);
        let note = u64::from(u32::from_le_bytes([part_idx, pitch.number(), velocity, 0]));
        let n_asked = self.asked.load(Relaxed) >> 32;
        self.asked.store(n_asked.wrapping_add(1) << 32 | note, Relaxed);
    }
}

/// Plays the notes that are asked for.
#[derive(Debug)]
pub struct Audition {
    /// Hertz.
    sample_rate: f64,
    /// The value of the switch that was played last.
    seen: u64,
    /// The end of the note that sounds, in samples since the beginning.
    end: Option<u64>,
}

impl Audition {
    pub const fn new() -> Self {
        Self { sample_rate: 48_000.0, seen: 0, end: None }
    }

    /// Sets the sample rate in hertz.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.sample_rate = if sample_rate.is_nan() { 48_000.0 } else { sample_rate.clamp(1e3, 1e6) };
    }

    /// Begins a block: plays the note that was asked for since the last. Bypassed, offline or of a silent part it is left
    /// out.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, switch: &AuditionSwitch, settings: &Settings, table: &mut NoteTable) {
        let asked = switch.asked.load(Relaxed);
        if std::mem::replace(&mut self.seen, asked) == asked {
            return;
        }
        self.finish(0, table);
        let [part_idx, key, velocity, ..] = asked.to_le_bytes();
        let part = Part::ALL.get(usize::from(part_idx)).copied();
        let is_heard =
            |part: &Part| settings.is_audible(*part) && !settings.is_bypassed && !settings.is_offline;
        if let Some((part, pitch)) = part.filter(is_heard).zip(Pitch::new(key)) {
            table.extra_note_on(0, Origin::Audition, part, (settings.channel(part), pitch, velocity));
            self.end = Some(table.time_of(0) + self.duration());
        }
    }

    /// Ends the note if it is due by sample `at` of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&mut self, at: u32, table: &mut NoteTable) {
        if self.end.is_some_and(|end| end <= table.time_of(at)) {
            self.finish(at, table);
        }
    }

    /// The sample offset where the note ends, after [`Self::play`].
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, table: &NoteTable) -> u32 {
        let since = self.end.map(|end| end.saturating_sub(table.time_of(0)));
        since.and_then(|since| u32::try_from(since).ok()).unwrap_or(u32::MAX)
    }

    fn finish(&mut self, at: u32, table: &mut NoteTable) {
        if self.end.take().is_some() {
            table.release_where(at, |note| note.origin == Origin::Audition);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    fn duration(&self) -> u64 {
        (SOUND_SECONDS * self.sample_rate) as u64
    }
}
