//! Launching: which phrase plays, which is pending and when it takes over; also the slots.
//!
//! Slots are chosen here and not by the sender of clips, so that a key, a program change or an automation lane has the
//! same effect in an offline render as live.

use std::sync::Arc;

use super::clip::{Cause, Clip};
use super::commit_horizon::Committed;
use super::handoff::{ClipQueue, Fresh, N_SLOTS};
use super::settings::{Quantum, Settings};

/// Most clips given back for one that comes in: the last sent, the pending and the playing one, and the new one itself
/// if it is a version of none of them.
const MAX_REPLACED: usize = 4;

/// The clips: playing, pending, last sent and in slots.
#[derive(Debug)]
pub struct Launcher {
    queue: ClipQueue,
    playing: Option<Arc<Clip>>,
    pending: Option<Arc<Clip>>,
    /// Cause of the pending phrase's first version.
    pending_cause: Cause,
    /// The clip that was sent last.
    sent: Option<Arc<Clip>>,
    /// Cause of that clip's first version.
    sent_cause: Cause,
    slots: [Option<Arc<Clip>>; N_SLOTS],
    /// The slot that is set, until another phrase is sent.
    slot_set: Option<u8>,
    /// The slot that a message asked for last, not yet reported.
    slot_asked: Option<u8>,
    /// When a slot was last chosen, in samples since the beginning, and the id of the phrase in it.
    chosen: Option<(u64, u64)>,
    /// Position up to which the pending phrase must not take over, in beats.
    committed: Committed,
    /// Phrases that took over in the block.
    n_launches: u32,
}

impl Launcher {
    /// Starts without a phrase; clips arrive through `queue`.
    pub const fn new(queue: ClipQueue) -> Self {
        Self {
            queue,
            playing: None,
            pending: None,
            pending_cause: Cause::Chosen,
            sent: None,
            sent_cause: Cause::Chosen,
            slots: [const { None }; N_SLOTS],
            slot_set: None,
            slot_asked: None,
            chosen: None,
            committed: Committed::Nothing,
            n_launches: 0,
        }
    }

    /// The phrase that plays, or would play if time moved.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn playing(&self) -> Option<&Clip> {
        self.playing.as_deref()
    }

    /// The phrase that waits to take over.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn pending(&self) -> Option<&Clip> {
        self.pending.as_deref()
    }

    /// Phrases that took over in the block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n_launches(&self) -> u32 {
        self.n_launches
    }

    /// Begins a block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn begin_block(&mut self) {
        self.n_launches = 0;
    }

    /// The slot, `0..12`, that a message asked for since the last call.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn take_slot_asked(&mut self) -> Option<u8> {
        self.slot_asked.take()
    }

    /// Chooses the slot, `0..12`, by a message at sample `now` since the beginning, and keeps it for
    /// [`Self::take_slot_asked`].
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn ask_for_slot(&mut self, slot_idx: u8, now: u64) {
        self.slot_asked = Some(slot_idx);
        self.choose_slot(slot_idx, now);
    }

    /// Sets the slot, `0..12`: its take is chosen at sample `now` and after each reset, until another phrase is sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_slot(&mut self, slot_idx: Option<u8>, now: u64) {
        self.slot_set = slot_idx;
        slot_idx.into_iter().for_each(|slot_idx| self.choose_slot(slot_idx, now));
    }

    /// Plays the take in the slot, `0..12`, from the next launch bound after sample `now` since the beginning; an empty
    /// slot changes nothing. In an offline render the choice lasts until the next reset, unless the slot was set.
    fn choose_slot(&mut self, slot_idx: u8, now: u64) {
        if !self.queue.has_room_for(MAX_REPLACED) {
            return;
        }
        if let Some(clip) = self.slots.get(usize::from(slot_idx)).and_then(Option::clone) {
            self.chosen = Some((now, clip.id()));
            self.await_clip(clip, Cause::Chosen);
        }
    }

    /// Returns to the phrase that was set or sent last, or to silence if there was none, so that every render begins
    /// the same.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn return_to_sent(&mut self) {
        let set = self.clip_set().cloned();
        if !self.queue.has_room_for(MAX_REPLACED) {
            return;
        }
        let set = set.map(|clip| (clip, Cause::Chosen));
        match set.or_else(|| self.sent.clone().map(|clip| (clip, self.sent_cause))) {
            Some((clip, cause)) => self.await_clip(clip, cause),
            None => {
                self.queue.give_back(&mut self.pending);
                self.queue.give_back(&mut self.playing);
            }
        }
    }

    /// Takes in the clips sent by sample `now` since the beginning. The newest wins, except one sent within `moment`
    /// samples after a slot was chosen by a worker that did not know of the choice.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&mut self, now: u64, moment: u64) {
        while let Some(fresh) = self.queue.take(MAX_REPLACED) {
            match fresh {
                Fresh::Play(clip)
                    if clip.cause() == Cause::Edited || self.is_overtaken(&clip, now, moment) =>
                {
                    self.renew(clip);
                }
                Fresh::Play(clip) => {
                    if self.clip_set().is_none_or(|set| set.id() != clip.id()) {
                        self.slot_set = None;
                    }
                    self.queue.give_back(&mut self.sent);
                    let cause = clip.cause();
                    (self.sent, self.sent_cause) = (Some(Arc::clone(&clip)), cause);
                    self.await_clip(clip, cause);
                }
                Fresh::Slot { slot_idx, clip } => {
                    let slot = &mut self.slots[slot_idx.min(N_SLOTS - 1)];
                    self.queue.give_back(slot);
                    *slot = clip;
                }
            }
        }
    }

    /// The take in the slot that is set.
    fn clip_set(&self) -> Option<&Arc<Clip>> {
        self.slots.get(usize::from(self.slot_set?))?.as_ref()
    }

    /// Whether the worker sent `clip` before it knew that a slot was chosen. The worker keeps the project, learns of
    /// the choice a little later, and then sends the chosen take.
    fn is_overtaken(&self, clip: &Clip, now: u64, moment: u64) -> bool {
        let Some((when, id)) = self.chosen.filter(|(_, id)| *id != clip.id()) else { return false };
        let mut known = self.slots.iter().chain([&self.playing, &self.sent]).flatten();
        let is_in_slot = self.slots.iter().flatten().any(|slot| slot.id() == id);
        is_in_slot && now.saturating_sub(when) < moment && known.any(|known| known.id() == clip.id())
    }

    /// Replaces earlier versions of the phrase, without changing which one plays or is pending.
    fn renew(&mut self, clip: Arc<Clip>) {
        for place in [&mut self.playing, &mut self.pending, &mut self.sent] {
            if place.as_ref().is_some_and(|known| known.id() == clip.id()) {
                self.queue.give_back(place);
                *place = Some(Arc::clone(&clip));
            }
        }
        self.queue.give_back(&mut Some(clip));
    }

    /// Replaces the playing phrase at once if `clip` is a version of it; else makes `clip` pending as `cause` says.
    /// There must be room to give back [`MAX_REPLACED`] clips.
    fn await_clip(&mut self, clip: Arc<Clip>, cause: Cause) {
        let awaited = self.pending.is_some().then_some(self.pending_cause);
        self.queue.give_back(&mut self.pending);
        if self.playing.as_ref().is_some_and(|playing| playing.id() == clip.id()) {
            self.queue.give_back(&mut self.playing);
            self.playing = Some(clip);
            return;
        }
        match cause {
            Cause::Chosen => self.committed = Committed::Nothing,
            // The earlier pending phrase took over beyond the horizon fixed then, and so does its replacement.
            Cause::Composed if awaited == Some(Cause::Composed) => {}
            Cause::Composed => self.committed = Committed::Ahead,
            Cause::Answer | Cause::Evolved | Cause::Edited => self.committed = Committed::Nothing,
        }
        (self.pending, self.pending_cause) = (Some(clip), cause);
    }

    /// Lets the pending phrase take over; returns whether it did. It waits if the clips it replaces cannot be given
    /// back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_over(&mut self) -> bool {
        if self.pending.is_none() || !self.queue.give_back(&mut self.playing) {
            return false;
        }
        self.playing = self.pending.take();
        self.committed = Committed::Nothing;
        self.n_launches += 1;
        true
    }

    /// Fixes what lies within `horizon` ahead of `reached`, both in beats, if a phrase was composed since the last
    /// block.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn commit(&mut self, reached: f64, horizon: f64) {
        if self.committed == Committed::Ahead {
            self.committed = Committed::UpTo(reached + horizon);
        }
    }

    /// Whether anything beyond `position`, in beats, is fixed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_committed_beyond(&self, position: f64) -> bool {
        self.committed.reaches_beyond(position)
    }

    /// Moves the position back by this many beats, round a loop; what is fixed stays so.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn move_back(&mut self, beats: f64) {
        self.committed = self.committed.moved(-beats);
    }

    /// Marks a jump of the position: nothing is fixed any more.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn jump(&mut self) {
        self.committed = Committed::Nothing;
    }

    /// Position at or after `reached` where the pending phrase takes over, in beats; `None` if none is pending or it
    /// takes over in the next block. `host_bar` — length of the host's bars in beats, if positions are the host's.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn boundary(&self, settings: &Settings, host_bar: Option<f64>, reached: f64) -> Option<f64> {
        let (playing, _) = self.playing.as_ref().zip(self.pending.as_ref())?;
        let length = match self.quantum(settings) {
            Quantum::Off => return None,
            Quantum::Sixteenth => 0.25,
            Quantum::Eighth => 0.5,
            Quantum::Beat => 1.0,
            Quantum::Bar => host_bar.unwrap_or(playing.bar_duration().to_beats()),
            Quantum::Phrase => playing.duration().to_beats(),
        };
        Some((self.committed.end_after(reached) / length).ceil() * length)
    }

    /// Whether the pending phrase takes over in the next block, wherever that begins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_launch_off(&self, settings: &Settings) -> bool {
        self.quantum(settings) == Quantum::Off
    }

    /// The quantization that applies to the pending phrase.
    fn quantum(&self, settings: &Settings) -> Quantum {
        match self.pending.as_ref().map(|_| self.pending_cause) {
            Some(Cause::Evolved) => Quantum::Phrase,
            Some(Cause::Answer) => Quantum::Off,
            _ => settings.quantum,
        }
    }
}
