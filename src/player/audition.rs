//! Auditioned notes: one, or a chord, that the editor lets sound for a moment, whether time moves or not.
//!
//! They go out on their part's channel like notes of the phrase, and new ones end those before.
//!
//! # Threads
//!
//! [`Audition`] belongs to the audio thread. [`AuditionSwitch`] is shared: the main thread asks, and the audio thread plays
//! what was asked last at its next block.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::note_table::{NoteTable, Origin};
use super::settings::Settings;
use super::test_notes::usable_rate;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// Seconds that a note sounds.
const SOUND_SECONDS: f64 = 0.35;

/// The most notes that sound together.
pub(super) const MAX_NOTES: usize = 5;

/// Asks for notes.
#[derive(Debug, Default)]
pub(super) struct AuditionSwitch {
    /// In bytes from the lowest: part and number of requests, velocity, and the keys plus one, 0 for none. The number of
    /// requests, modulo 16, stands above the part's four bits, so that the same notes can be asked for again.
    asked: AtomicU64,
}

impl AuditionSwitch {
    /// Asks for notes of `part` at `velocity`, `1..=127`, the first [`MAX_NOTES`] of `pitches`, in place of those that were
    /// asked for and have not begun.
    pub fn ask(&self, part: Part, pitches: &[Pitch], velocity: u8) {
        let [before, ..] = self.asked.load(Relaxed).to_le_bytes();
        let part_idx = u8::try_from(part.index()).unwrap_or(0);
        let mut bytes = [0; 8];
        bytes[0] = (before & 0xf0).wrapping_add(0x10) | part_idx;
        bytes[1] = velocity;
        for (byte, pitch) in bytes[2..2 + MAX_NOTES].iter_mut().zip(pitches) {
            *byte = pitch.number() + 1;
        }
        self.asked.store(u64::from_le_bytes(bytes), Relaxed);
    }
}

/// Plays the notes that are asked for.
#[derive(Debug)]
pub struct Audition {
    /// Hertz.
    sample_rate: f64,
    /// The value of the switch that was played last.
    seen: u64,
    /// The end of the notes that sound, in samples since the beginning.
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
        self.sample_rate = usable_rate(sample_rate);
    }

    /// Begins a block: plays the notes that were asked for since the last. Bypassed, offline or of a silent part they are
    /// left out.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, switch: &AuditionSwitch, settings: &Settings, table: &mut NoteTable) {
        let asked = switch.asked.load(Relaxed);
        if std::mem::replace(&mut self.seen, asked) == asked {
            return;
        }
        self.finish(0, table);
        let [part, velocity, keys @ ..] = asked.to_le_bytes();
        let part = Part::ALL.get(usize::from(part & 0x0f)).copied();
        let is_heard =
            |part: &Part| settings.is_audible(*part) && !settings.is_bypassed && !settings.is_offline;
        let Some(part) = part.filter(is_heard) else { return };
        for pitch in keys.into_iter().filter_map(|key| Pitch::new(key.checked_sub(1)?)) {
            table.extra_note_on(0, Origin::Audition, part, (settings.channel(part), pitch, velocity));
            self.end = Some(table.time_of(0) + self.duration());
        }
    }

    /// Ends the notes if they are due by sample `at` of the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&mut self, at: u32, table: &mut NoteTable) {
        if self.end.is_some_and(|end| end <= table.time_of(at)) {
            self.finish(at, table);
        }
    }

    /// The sample offset where the notes end, after [`Self::play`].
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
