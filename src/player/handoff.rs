//! Fresh clips to the audio thread, spent ones back, and the calls that come in there.
//!
//! # Threads
//!
//! Three wait-free queues of a fixed size. [`ClipSender`] lives on the thread that composes: it allocates clips and, with
//! [`ClipSender::collect_spent`], frees them. [`ClipReceiver`] belongs to the [`Player`](super::Player) and so to the
//! audio thread, where a clip is neither made nor freed. Whatever is left in either half is freed by whoever drops it.

use std::sync::Arc;

use rtrb::{Consumer, Producer, PushError, RingBuffer};

use super::clip::Clip;
use crate::music::pitch::Pitch;

/// Clips that fit into each queue: far more than are sent between two blocks, and the slots of many projects that are
/// restored one after the other while no block is played.
pub const CAPACITY: usize = 256;

/// Slots that the player has at hand.
pub const N_SLOTS: usize = 12;

/// What comes to the player.
#[derive(Debug)]
pub(super) enum Fresh {
    /// To be played.
    Play(Arc<Clip>),
    /// To be put in a slot, or nothing.
    Slot {
        /// `0..N_SLOTS`.
        slot_idx: usize,
        clip: Option<Arc<Clip>>,
    },
}

/// Events that fit into the queue of calls; what does not fit is left out of the call.
const HEARD_CAPACITY: usize = 2048;

/// What a musician plays that an answer is wanted to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Heard {
    /// From here on.
    Begin,
    /// A key went down.
    On {
        /// Beats since the beginning.
        at: f64,
        /// Which key.
        pitch: Pitch,
        /// MIDI velocity, `1..=127`.
        velocity: u8,
    },
    /// A key went up.
    Off {
        /// Beats since the beginning.
        at: f64,
        /// Which key.
        pitch: Pitch,
    },
    /// That was the call.
    End {
        /// Its length, rests included.
        beats: f64,
    },
}

/// A way for clips to the audio thread and back. Allocates.
pub fn clip_channel() -> (ClipSender, ClipReceiver) {
    let (fresh_in, fresh_out) = RingBuffer::new(CAPACITY);
    let (spent_in, spent_out) = RingBuffer::new(CAPACITY);
    let (heard_in, heard_out) = RingBuffer::new(HEARD_CAPACITY);
    (
        ClipSender { fresh: fresh_in, spent: spent_out, heard: heard_out },
        ClipReceiver {
            clips: ClipQueue { fresh: fresh_out, spent: spent_in },
            calls: CallSender { heard: heard_in },
        },
    )
}

/// The end of the thread that composes.
#[derive(Debug)]
pub struct ClipSender {
    fresh: Producer<Fresh>,
    spent: Consumer<Arc<Clip>>,
    heard: Consumer<Heard>,
}

impl ClipSender {
    /// Sends `clip` to the player and frees those that came back.
    ///
    /// # Errors
    ///
    /// The clip itself if the queue is full, as when the host does not call the plugin: try again later.
    pub fn send(&mut self, clip: Clip) -> Result<(), Clip> {
        self.collect_spent();
        if self.fresh.is_full() {
            return Err(clip);
        }
        // There is room, and nobody else sends.
        let _ = self.fresh.push(Fresh::Play(Arc::new(clip)));
        Ok(())
    }

    /// Puts `clip`, or nothing, into the slot `slot_idx`, `0..N_SLOTS`; whether there was room in the queue.
    pub fn send_to_slot(&mut self, slot_idx: usize, clip: Option<Clip>) -> bool {
        self.collect_spent();
        self.fresh.push(Fresh::Slot { slot_idx, clip: clip.map(Arc::new) }).is_ok()
    }

    /// Frees the clips that came back; returns how many. To be called now and then: if nobody does, the player keeps
    /// what it has.
    pub fn collect_spent(&mut self) -> usize {
        let mut n_freed = 0;
        while self.spent.pop().is_ok() {
            n_freed += 1;
        }
        n_freed
    }

    /// The next event of a call.
    pub fn take_heard(&mut self) -> Option<Heard> {
        self.heard.pop().ok()
    }
}

/// The audio thread's end.
#[derive(Debug)]
pub struct ClipReceiver {
    clips: ClipQueue,
    calls: CallSender,
}

impl ClipReceiver {
    /// The ends of the two ways, each for who uses it.
    pub(super) fn into_ends(self) -> (ClipQueue, CallSender) {
        (self.clips, self.calls)
    }
}

/// Clips as they come, and those that are given back.
#[derive(Debug)]
pub(super) struct ClipQueue {
    fresh: Consumer<Fresh>,
    spent: Producer<Arc<Clip>>,
}

impl ClipQueue {
    /// What comes next, provided that there is room to give back `n_replaced` clips for it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn take(&mut self, n_replaced: usize) -> Option<Fresh> {
        if self.has_room_for(n_replaced) { self.fresh.pop().ok() } else { None }
    }

    /// Whether there is room to give back `n_replaced` clips.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn has_room_for(&self, n_replaced: usize) -> bool {
        self.spent.slots() >= n_replaced
    }

    /// Empties `place`: the clip in it, if any, goes back to be freed, unless the player keeps it in another place. If
    /// there is no room it stays, and the answer is false.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn give_back(&mut self, place: &mut Option<Arc<Clip>>) -> bool {
        // Only the player holds clips that were sent: one more of them is here, and dropping this one frees nothing.
        if let Some(clip) = place.take()
            && Arc::strong_count(&clip) == 1
            && let Err(PushError::Full(clip)) = self.spent.push(clip)
        {
            *place = Some(clip);
        }
        place.is_none()
    }
}

/// Calls on their way to the thread that composes.
#[derive(Debug)]
pub(super) struct CallSender {
    heard: Producer<Heard>,
}

impl CallSender {
    /// Sends an event of a call, unless there is no room.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn send(&mut self, heard: Heard) {
        // What is lost leaves a note out of the call, or the call without an answer.
        let _ = self.heard.push(heard);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::phrase::{Frame, Phrase};
    use crate::music::scale::Key;
    use crate::music::time::Meter;
    use crate::player::clip::Cause;

    fn clip(id: u64) -> Clip {
        Clip::new(
            id,
            Cause::Chosen,
            &Phrase::empty(Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0)).unwrap(),
        )
    }

    #[test]
    fn a_full_queue_gives_the_clip_back() {
        let (mut sender, _receiver) = clip_channel();
        for id in 0..CAPACITY as u64 {
            assert_eq!(sender.send(clip(id)), Ok(()));
        }
        assert_eq!(sender.send(clip(99)), Err(clip(99)));
        assert!(!sender.send_to_slot(0, None));
    }

    #[test]
    fn without_room_to_give_back_nothing_is_taken_or_lost() {
        let (mut sender, receiver) = clip_channel();
        let (mut receiver, _) = receiver.into_ends();
        for id in 0..CAPACITY as u64 {
            receiver.spent.push(Arc::new(clip(id))).unwrap();
        }
        sender.fresh.push(Fresh::Play(Arc::new(clip(50)))).unwrap();
        let mut place = Some(Arc::new(clip(49)));
        assert!(receiver.take(1).is_none());
        assert!(!receiver.give_back(&mut place));
        assert_eq!(place.as_ref().map(|clip| clip.id()), Some(49));
        assert_eq!(sender.collect_spent(), CAPACITY);
        assert!(receiver.give_back(&mut place));
        assert!(matches!(receiver.take(1), Some(Fresh::Play(clip)) if clip.id() == 50));
    }

    #[test]
    fn only_the_last_of_a_clip_goes_back() {
        let (mut sender, receiver) = clip_channel();
        let (mut receiver, _) = receiver.into_ends();
        let mut playing = Some(Arc::new(clip(1)));
        let mut kept = playing.clone();
        assert!(receiver.give_back(&mut playing) && playing.is_none());
        assert_eq!(sender.collect_spent(), 0);
        assert!(receiver.give_back(&mut kept) && kept.is_none());
        assert_eq!(sender.collect_spent(), 1);
    }
}
