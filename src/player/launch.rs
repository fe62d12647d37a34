//! Which phrase plays: what was sent waits, what waits takes over, and the slots are at hand.
//!
//! Slots are chosen here and not by whoever sends phrases, so that a key, a program change or an automation lane has the
//! same effect in a render faster than time as on stage.

use std::sync::Arc;

use super::clip::{Cause, Clip};
use super::clock::{Line, Source};
use super::commit_horizon::Committed;
use super::feel::{Feel, FeelTrack};
use super::handoff::{Fresh, N_SLOTS};
use super::note_table::Sounding;
use super::schedule::Entry;
use super::settings::{Quantum, Settings};
use super::{Context, Player};

/// Most clips that are given back for one that comes in: that which was sent last, that which waits and that which plays, and
/// itself if it is a version of none of them.
const MAX_REPLACED: usize = 4;

impl Player {
    /// Plays what lies in the slot, `0..12`, from the next launch bound on, as was asked for at sample `offset` of the block;
    /// nothing changes if the slot is empty. What a render faster than time chooses so is forgotten at the next reset, but
    /// for the slot that was set last.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn choose_slot(&mut self, slot_idx: u8, offset: u32) {
        if !self.receiver.has_room_for(MAX_REPLACED) {
            return;
        }
        if let Some(clip) = self.slots.get(usize::from(slot_idx)).and_then(Option::clone) {
            self.chosen = Some((self.table.time_of(offset), clip.id()));
            self.await_clip(clip, Cause::Chosen);
        }
    }

    /// The slot, `0..12`, that is set from now on: it is chosen, and after each reset again, until
    /// something else is sent.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_slot(&mut self, slot_idx: Option<u8>) {
        self.slot_set = slot_idx;
        slot_idx.into_iter().for_each(|slot_idx| self.choose_slot(slot_idx, 0));
    }

    /// Goes back to what was set or sent last, or to nothing if nothing was, so that every render begins with the same.
    pub(super) fn return_to_sent(&mut self) {
        let set = self.slot_set.and_then(|slot_idx| self.slots.get(usize::from(slot_idx))?.clone());
        if !self.receiver.has_room_for(MAX_REPLACED) {
            return;
        }
        let set = set.map(|clip| (clip, Cause::Chosen));
        match set.or_else(|| self.sent.clone().map(|clip| (clip, self.sent_cause))) {
            Some((clip, cause)) => self.await_clip(clip, cause),
            None => {
                self.receiver.give_back(&mut self.pending);
                self.receiver.give_back(&mut self.playing);
            }
        }
    }

    /// Takes in what was sent. The newest wins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&mut self) {
        while let Some(fresh) = self.receiver.take(MAX_REPLACED) {
            match fresh {
                Fresh::Play(clip) if clip.cause() == Cause::Edited || self.is_overtaken(&clip) => {
                    self.renew(clip);
                }
                Fresh::Play(clip) => {
                    let set =
                        self.slot_set.and_then(|slot_idx| self.slots.get(usize::from(slot_idx))?.as_ref());
                    if set.is_none_or(|set| set.id() != clip.id()) {
                        self.slot_set = None;
                    }
                    self.receiver.give_back(&mut self.sent);
                    let cause = clip.cause();
                    (self.sent, self.sent_cause) = (Some(Arc::clone(&clip)), cause);
                    self.await_clip(clip, cause);
                }
                Fresh::Slot { slot_idx, clip } => {
                    let slot = &mut self.slots[slot_idx.min(N_SLOTS - 1)];
                    self.receiver.give_back(slot);
                    *slot = clip;
                }
            }
        }
    }

    /// Whether `clip` was sent by somebody who did not know yet that a slot was chosen: who keeps the project learns of that
    /// a little later, and then sends what was chosen.
    fn is_overtaken(&self, clip: &Clip) -> bool {
        let Some((when, id)) = self.chosen.filter(|(_, id)| *id != clip.id()) else { return false };
        let mut known = self.slots.iter().chain([&self.playing, &self.sent]).flatten();
        let age = self.table.time_of(0).saturating_sub(when);
        let is_in_slot = self.slots.iter().flatten().any(|slot| slot.id() == id);
        is_in_slot && self.clock.is_moment(age) && known.any(|known| known.id() == clip.id())
    }

    /// Puts another version of a phrase in its place, and changes nothing about which one plays or waits.
    fn renew(&mut self, clip: Arc<Clip>) {
        for place in [&mut self.playing, &mut self.pending, &mut self.sent] {
            if place.as_ref().is_some_and(|known| known.id() == clip.id()) {
                self.receiver.give_back(place);
                *place = Some(Arc::clone(&clip));
            }
        }
        self.receiver.give_back(&mut Some(clip));
    }

    /// Another version of the phrase that plays is put in its place at once, any other waits, as `cause` says. There is room to give back
    /// [`MAX_REPLACED`] clips.
    fn await_clip(&mut self, clip: Arc<Clip>, cause: Cause) {
        let awaited = self.pending.is_some().then_some(self.pending_cause);
        self.receiver.give_back(&mut self.pending);
        if self.playing.as_ref().is_some_and(|playing| playing.id() == clip.id()) {
            self.receiver.give_back(&mut self.playing);
            self.playing = Some(clip);
            return;
        }
        match cause {
            Cause::Chosen => self.committed = Committed::Nothing,
            // What waited took over beyond what was frozen then, and so does what waits instead.
            Cause::Composed if awaited == Some(Cause::Composed) => {}
            Cause::Composed => self.committed = Committed::Ahead,
            Cause::Answer | Cause::Evolved | Cause::Edited => self.committed = Committed::Nothing,
        }
        (self.pending, self.pending_cause) = (Some(clip), cause);
    }

    /// Where the pending phrase takes over, in beats.
    pub(super) fn launch_boundary(&self, context: &Context, line: &Line) -> Option<f64> {
        let (playing, _) = self.playing.as_ref().zip(self.pending.as_ref())?;
        let own_bar = playing.bar_duration().to_beats();
        let length = match self.quantum(context.settings) {
            // The next block.
            Quantum::Off => return None,
            Quantum::Sixteenth => 0.25,
            Quantum::Eighth => 0.5,
            Quantum::Beat => 1.0,
            // Lines lie on the host's bars.
            Quantum::Bar if self.clock.source() == Source::Host => context.bar_length.unwrap_or(own_bar),
            Quantum::Bar => own_bar,
            Quantum::Phrase => playing.duration().to_beats(),
        };
        Some((self.committed.end_after(line.reached) / length).ceil() * length)
    }

    /// Where the pending phrase takes over, in beats from the start of the one that plays.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn next_launch(&self, context: &Context, line: &Line) -> Option<f64> {
        let duration = self.playing.as_ref()?.duration().to_beats();
        Some(self.launch_boundary(context, line)?.rem_euclid(duration))
    }

    /// Where the pending phrase may take over.
    pub(super) fn quantum(&self, settings: &Settings) -> Quantum {
        match self.pending.as_ref().map(|_| self.pending_cause) {
            Some(Cause::Evolved) => Quantum::Phrase,
            Some(Cause::Answer) => Quantum::Off,
            _ => settings.quantum,
        }
    }

    /// Lets the first phrase there is, if any, begin: nothing goes on that it would have to wait for.
    pub(super) fn launch_first(&mut self, settings: &Settings, line: &mut Option<Line>, offset: u32) {
        // Nothing can be out of step yet: it begins at its beginning, unless it is an answer.
        let is_ours = self.clock.source() == Source::Free && settings.window().is_none();
        if self.launch(offset, settings) && is_ours {
            let from_start = self.clock.start_over(offset);
            *line = line.map(|_| from_start);
        }
    }

    /// Lets the pending phrase, if any, take over; whether it did. It does not if the other cannot be given back.
    pub(super) fn launch(&mut self, offset: u32, settings: &Settings) -> bool {
        if self.pending.is_none() || !self.receiver.give_back(&mut self.playing) {
            return false;
        }
        self.table.release_where(offset, Sounding::is_generated);
        self.playing = self.pending.take();
        self.committed = Committed::Nothing;
        self.feel = FeelTrack::new(Feel::new(settings));
        self.entry = Entry::Here;
        self.n_launches += 1;
        true
    }
}
