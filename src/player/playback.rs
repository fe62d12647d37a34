//! The notes of the phrase that begin in a stretch of time, with the feel applied.

use super::clip::Clip;
use super::clock::Line;
use super::feel::{Feel, FeelTrack};
use super::schedule::{Entry, NoteOn, Schedule};
use super::settings::Settings;

/// Reading position in the phrase, and the feel.
#[derive(Debug)]
pub struct Playback {
    schedule: Schedule,
    feel: FeelTrack,
    /// How time reached the start of the next stretch.
    entry: Entry,
    /// Id and pass of the phrase in the last block; passes are counted from position 0.
    pass: Option<(u64, f64)>,
    /// Jumps of the position in the block.
    n_jumps: u32,
}

impl Playback {
    /// Starts with nothing read. Allocates.
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

    /// Marks that another phrase takes over; the current feel applies at once.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn enter(&mut self, settings: &Settings) {
        self.feel = FeelTrack::new(Feel::new(settings));
        self.entry = Entry::Here;
    }

    /// Marks a jump of the position; the current feel applies at once.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn jump(&mut self, settings: &Settings) {
        self.enter(settings);
        self.pass = None;
        self.n_jumps += 1;
    }

    /// The position after `reached` where a stretch must begin for `feel` to be applied, both in beats; `None` if it is
    /// not postponed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, feel: Feel, reached: f64) -> Option<f64> {
        self.feel.next_change(feel, reached)
    }

    /// Finds the notes of `clip` that begin on `line` in the stretch `from..to`, for [`Self::note`]; returns how many
    /// had no room. `feel` is the current one.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn find(&mut self, clip: &Clip, feel: Feel, line: &Line, (from, to): (u32, u32)) -> u32 {
        self.feel.follow(feel, line.reached, clip);
        let entry = std::mem::replace(&mut self.entry, Entry::GoesOn);
        self.schedule.find(clip, &self.feel, line, entry, (from, to));
        self.schedule.n_dropped
    }

    /// The note at `idx` of those found by the last [`Self::find`], in order of sample offset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note(&self, idx: usize) -> Option<NoteOn> {
        self.schedule.get(idx)
    }

    /// Whether `clip` began or repeated since the last call. `reached` — in beats of the position.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn begins_pass(&mut self, clip: &Clip, reached: f64) -> bool {
        let pass = Some((clip.id(), (reached / clip.duration().to_beats()).floor()));
        std::mem::replace(&mut self.pass, pass) != pass
    }
}
