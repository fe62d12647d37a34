//! The notes of the phrase that begin in a stretch of time, by the feel that holds there.

use super::clip::Clip;
use super::clock::Line;
use super::feel::{Feel, FeelTrack};
use super::schedule::{Entry, NoteOn, Schedule};
use super::settings::Settings;

/// Where the phrase is read, and by which feel.
#[derive(Debug)]
pub struct Playback {
    schedule: Schedule,
    feel: FeelTrack,
    /// How time came to where the next stretch begins.
    entry: Entry,
    /// The phrase of the last block and its pass, counted from position 0.
    pass: Option<(u64, f64)>,
    /// Jumps of the position in the block.
    n_jumps: u32,
}

impl Playback {
    /// Nothing was read yet. Allocates.
    pub fn new() -> Self {
        Self {
            schedule: Schedule::new(),
            feel: FeelTrack::new(Feel::new(&Settings::default())),
            entry: Entry::Here,
            pass: None,
            n_jumps: 0,
        }
    }

    /// Begins a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_block(&mut self) {
        self.n_jumps = 0;
    }

    /// Jumps of the position in the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n_jumps(&self) -> u32 {
        self.n_jumps
    }

    /// Another phrase takes over, which is played by the feel that is set.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn enter(&mut self, settings: &Settings) {
        self.feel = FeelTrack::new(Feel::new(settings));
        self.entry = Entry::Here;
    }

    /// The position jumps: the phrase goes on elsewhere, by the feel that is set.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn jump(&mut self, settings: &Settings) {
        self.enter(settings);
        self.pass = None;
        self.n_jumps += 1;
    }

    /// Where a stretch has to begin for `feel` to be taken up after `reached`, both in beats; `None` if it is not put off.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, feel: Feel, reached: f64) -> Option<f64> {
        self.feel.next_change(feel, reached)
    }

    /// Finds the notes of `clip` that begin on `line` in the stretch `from..to`, for [`Self::note`]; returns how many there
    /// was no room for. `feel` is the one that is set.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn find(&mut self, clip: &Clip, feel: Feel, line: &Line, (from, to): (u32, u32)) -> u32 {
        self.feel.follow(feel, line.reached, clip);
        let entry = std::mem::replace(&mut self.entry, Entry::GoesOn);
        self.schedule.find(clip, &self.feel, line, entry, (from, to));
        self.schedule.n_dropped
    }

    /// The note at `idx` of those found last, in order of sample offset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note(&self, idx: usize) -> Option<NoteOn> {
        self.schedule.get(idx)
    }

    /// Whether `clip` began, or began again, since this was called last. `reached` — in beats of the position.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begins_pass(&mut self, clip: &Clip, reached: f64) -> bool {
        let pass = Some((clip.id(), (reached / clip.duration().to_beats()).floor()));
        std::mem::replace(&mut self.pass, pass) != pass
    }
}
