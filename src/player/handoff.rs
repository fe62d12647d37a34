//! Queues between the worker and the audio thread: fresh clips in, spent clips and call events out.
//!
//! # Threads
//!
//! Three wait-free queues of fixed size. [`ClipSender`] lives on the composing thread: it allocates clips and frees
//! them in [`ClipSender::collect_spent`]. [`ClipReceiver`] belongs to the [`Player`](super::Player) and so to the audio
//! thread, where no clip is allocated or freed. What is left in a half is freed when it is dropped.

use std::sync::Arc;

use rtrb::{Consumer, Producer, PushError, RingBuffer};

use super::clip::Clip;
use crate::music::pitch::Pitch;

/// Capacity of each clip queue: far more than is sent between two blocks, and enough for the slots of many projects
/// restored in a row while no block is played.
pub const CAPACITY: usize = 256;

/// Slots of the player.
pub const N_SLOTS: usize = 12;

/// A message to the player.
#[derive(Debug)]
pub(super) enum Fresh {
    /// To be played.
    Play(Arc<Clip>),
    /// To be put in a slot; `None` empties it.
    Slot {
        /// `0..N_SLOTS`.
        slot_idx: usize,
        clip: Option<Arc<Clip>>,
    },
}

/// Capacity of the queue of call events; an event that does not fit is missing from the call.
const CALL_CAPACITY: usize = 2048;

/// An event of a call: what a musician plays to be answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CallEvent {
    /// The call begins.
    Begin,
    /// A key went down.
    On {
        /// Beats since the call began.
        at: f64,
        /// The key.
        pitch: Pitch,
        /// MIDI velocity, `1..=127`.
        velocity: u8,
    },
    /// A key went up.
    Off {
        /// Beats since the call began.
        at: f64,
        /// The key.
        pitch: Pitch,
    },
    /// The call is complete.
    End {
        /// Its length, rests included.
        beats: f64,
    },
}

/// Creates the connected ends of the queues. Allocates.
pub fn clip_channel() -> (ClipSender, ClipReceiver) {
    let (fresh_in, fresh_out) = RingBuffer::new(CAPACITY);
    let (spent_in, spent_out) = RingBuffer::new(CAPACITY);
    let (calls_in, calls_out) = RingBuffer::new(CALL_CAPACITY);
    (
        ClipSender { fresh: fresh_in, spent: spent_out, calls: calls_out },
        ClipReceiver {
            clips: ClipQueue { fresh: fresh_out, spent: spent_in },
            calls: CallSender { events: calls_in },
        },
    )
}

/// The composing thread's end.
#[derive(Debug)]
pub struct ClipSender {
    fresh: Producer<Fresh>,
    spent: Consumer<Arc<Clip>>,
    calls: Consumer<CallEvent>,
}

impl ClipSender {
    /// Sends `clip` to the player and frees spent clips.
    ///
    /// # Errors
    ///
    /// Returns the clip if the queue is full, as when the host does not run the plugin: try again later.
    pub fn send(&mut self, clip: Clip) -> Result<(), Clip> {
        self.collect_spent();
        if self.fresh.is_full() {
            return Err(clip);
        }
        // Room was checked above, and nobody else sends.
        let _ = self.fresh.push(Fresh::Play(Arc::new(clip)));
        Ok(())
    }

    /// Puts `clip` into slot `slot_idx`, `0..N_SLOTS`, or empties it; returns whether there was room in the queue.
    pub fn send_to_slot(&mut self, slot_idx: usize, clip: Option<Clip>) -> bool {
        self.collect_spent();
        self.fresh.push(Fresh::Slot { slot_idx, clip: clip.map(Arc::new) }).is_ok()
    }

    /// Frees the spent clips; returns how many. Call it regularly: while the queue is full the player takes no new
    /// clips.
    pub fn collect_spent(&mut self) -> usize {
        let mut n_freed = 0;
        while self.spent.pop().is_ok() {
            n_freed += 1;
        }
        n_freed
    }

    /// The next call event, if any.
    pub fn take_call_event(&mut self) -> Option<CallEvent> {
        self.calls.pop().ok()
    }
}

/// The audio thread's end.
#[derive(Debug)]
pub struct ClipReceiver {
    clips: ClipQueue,
    calls: CallSender,
}

impl ClipReceiver {
    /// Splits the receiver into the clip queue and the sender of call events.
    pub(super) fn into_ends(self) -> (ClipQueue, CallSender) {
        (self.clips, self.calls)
    }
}

/// The receiving end of fresh clips and the sending end of spent ones.
#[derive(Debug)]
pub(super) struct ClipQueue {
    fresh: Consumer<Fresh>,
    spent: Producer<Arc<Clip>>,
}

impl ClipQueue {
    /// The next message, provided that `n_replaced` clips can be given back for it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn take(&mut self, n_replaced: usize) -> Option<Fresh> {
        if self.has_room_for(n_replaced) { self.fresh.pop().ok() } else { None }
    }

    /// Whether `n_replaced` clips can be given back.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn has_room_for(&self, n_replaced: usize) -> bool {
        self.spent.slots() >= n_replaced
    }

    /// Empties `place`: its clip, if any, is given back to be freed, unless the player keeps it in another place. If
    /// there is no room the clip stays; returns whether `place` is empty.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn give_back(&mut self, place: &mut Option<Arc<Clip>>) -> bool {
        // Only the player holds clips that were sent: with another reference here, dropping this one frees nothing.
        if let Some(clip) = place.take()
            && Arc::strong_count(&clip) == 1
            && let Err(PushError::Full(clip)) = self.spent.push(clip)
        {
            *place = Some(clip);
        }
        place.is_none()
    }
}

/// The sending end of call events.
#[derive(Debug)]
pub(super) struct CallSender {
    events: Producer<CallEvent>,
}

impl CallSender {
    /// Sends a call event, unless the queue is full.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn send(&mut self, event: CallEvent) {
        // A lost event leaves a note out of the call, or the call without an answer.
        let _ = self.events.push(event);
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
