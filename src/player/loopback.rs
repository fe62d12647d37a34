//! Detects the player's own notes when the host sends them back to it.
//!
//! If the output is routed to the input by mistake, the phrase would play itself, and notes would pass through again
//! and again. An incoming note matches a sent one if key and velocity are equal and it arrives soon after. A musician
//! may play such a note by chance, but not three in a row with the same delay to the millisecond, as a host does. From
//! then on matching notes are ignored, until none has come back for a while.
//!
//! Channels are not compared, since hosts change them. A host whose delay varies, as with blocks of changing length, is
//! not detected.

use super::event::{Action, PlayerEvent};

/// Most sent notes that are remembered.
const CAPACITY: usize = 256;

/// The longest delay of a returned note, in seconds: more than the longest block.
const WINDOW_SECONDS: f64 = 0.25;

/// Notes in a row with the same delay before any is ignored.
const MIN_STREAK: u32 = 3;

/// Delays that differ by less than this are equal, in seconds.
const TOLERANCE_SECONDS: f64 = 0.001;

/// Time without a returned note after which the detection ends, in seconds.
const MEMORY_SECONDS: f64 = 4.0;

/// A sent note-on or note-off.
#[derive(Debug, Clone, Copy)]
struct Sent {
    /// Samples since the beginning.
    at: u64,
    key: u8,
    action: Action,
    /// Whether it was passed through. A musician may repeat a key: such a note counts only if it comes back with the
    /// delay of a note of the phrase.
    is_passed: bool,
    /// Whether it has come back.
    is_back: bool,
}

/// Tells returned notes from played ones.
#[derive(Debug)]
pub struct Echo {
    /// Hertz.
    sample_rate: f64,
    sent: Vec<Sent>,
    /// Index in `sent` of the next one to overwrite.
    oldest: usize,
    /// Delay of the last returned note, in samples.
    delay: u64,
    /// Returned notes in a row with that delay.
    streak: u32,
    /// Time of the last returned note, in samples since the beginning.
    last: u64,
    /// Ignored note-ons of each key whose note-off is still to come.
    n_down: [u8; 128],
    /// Events of the block that are remembered.
    n_remembered: usize,
    /// Events of the block that were ignored.
    n_ignored: u32,
}

impl Echo {
    /// Starts with no sent notes. Allocates.
    pub fn new() -> Self {
        Self {
            sample_rate: 48_000.0,
            sent: Vec::with_capacity(CAPACITY),
            oldest: 0,
            delay: 0,
            streak: 0,
            last: 0,
            n_down: [0; 128],
            n_remembered: 0,
            n_ignored: 0,
        }
    }

    /// Sets the sample rate in hertz and forgets the sent notes.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sample_rate(&mut self, sample_rate: f64) {
        self.sample_rate = if sample_rate.is_nan() { 48_000.0 } else { sample_rate };
        self.forget();
    }

    /// Forgets the sent notes.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn forget(&mut self) {
        self.sent.clear();
        (self.oldest, self.streak, self.n_down) = (0, 0, [0; 128]);
    }

    /// Begins a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_block(&mut self) {
        (self.n_remembered, self.n_ignored) = (0, 0);
    }

    /// Events of the block that came back and were ignored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n_ignored(&self) -> u32 {
        self.n_ignored
    }

    /// Remembers those of `events` that were sent since the last call. `events` are all events so far of a block that
    /// began `block_start` samples after the beginning.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn remember(&mut self, events: &[PlayerEvent], block_start: u64) {
        let first = std::mem::replace(&mut self.n_remembered, events.len());
        for event in events.iter().skip(first) {
            let at = block_start + u64::from(event.offset);
            let (key, is_passed) = (event.pitch.number(), event.part.is_none());
            let sent = Sent { at, key, action: event.action, is_passed, is_back: false };
            if self.sent.len() < CAPACITY {
                self.sent.push(sent);
            } else {
                self.sent[self.oldest] = sent;
                self.oldest = (self.oldest + 1) % CAPACITY;
            }
        }
    }

    /// Whether the note is to be ignored, as in [`Self::is_own`]; counts it if so.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn ignores(&mut self, at: u64, key: u8, action: Action) -> bool {
        let is_own = self.is_own(at, key, action);
        self.n_ignored += u32::from(is_own);
        is_own
    }

    /// Whether a note that comes in `at` this many samples since the beginning is a sent one to be ignored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_own(&mut self, at: u64, key: u8, action: Action) -> bool {
        if at.saturating_sub(self.last) > self.samples(MEMORY_SECONDS) {
            self.streak = 0;
        }
        let is_looping = self.streak >= MIN_STREAK;
        let (window, tolerance) = (self.samples(WINDOW_SECONDS), self.samples(TOLERANCE_SECONDS));
        let is_steady = |sent: &Sent| (at - sent.at).abs_diff(self.delay) <= tolerance;
        let is_same = |sent: &Sent| {
            let is_recent = !sent.is_back && sent.at < at && at - sent.at <= window;
            let is_alike = sent.key == key && sent.action == action;
            is_recent && is_alike && (!sent.is_passed || self.streak > 0 && is_steady(sent))
        };
        let same = (0..self.sent.len()).filter(|idx| is_same(&self.sent[*idx]));
        let Some(place) = same.min_by_key(|idx| self.sent[*idx].at) else { return false };
        let is_steady = is_steady(&self.sent[place]);
        let n_down = &mut self.n_down[usize::from(key.min(127))];
        if action == Action::Off {
            // The note-off follows its note-on: ignored if that was.
            let is_own = *n_down > 0;
            self.sent[place].is_back |= is_own;
            *n_down = n_down.saturating_sub(1);
            return is_own;
        }
        if is_looping {
            *n_down = n_down.saturating_add(1);
        }
        self.sent[place].is_back = true;
        self.streak = match (is_steady, is_looping) {
            (true, _) => self.streak.saturating_add(1),
            (false, true) => self.streak,
            (false, false) => 1,
        };
        (self.delay, self.last) = (at - self.sent[place].at, at);
        is_looping
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a float cast saturates")]
    fn samples(&self, seconds: f64) -> u64 {
        (seconds * self.sample_rate) as u64
    }
}
