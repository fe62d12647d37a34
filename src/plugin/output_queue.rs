//! Handles events that the host refuses for lack of room: note-offs are kept and sent again; a refused note-on gets no
//! note-off.

use crate::player::{Action, PlayerEvent};

/// The largest number of kept events: one for each key of each channel, since a key is retriggered only after its
/// note-off.
const CAPACITY: usize = 16 * 128;

/// Sends notes to a host that may refuse any event.
///
/// # Invariants
///
/// Every note-on that the host took gets exactly one note-off, and a refused one gets none. A key is not retriggered
/// before its note-off.
#[derive(Debug)]
pub struct Outbox {
    /// Refused note-offs, to be sent again in order.
    offs: Vec<PlayerEvent>,
    /// Ids of refused note-ons whose note-off has not come yet.
    unknown: Vec<i32>,
}

impl Outbox {
    /// An empty queue. Allocates.
    pub fn new() -> Self {
        Self { offs: Vec::with_capacity(CAPACITY), unknown: Vec::with_capacity(CAPACITY) }
    }

    /// Sends the kept note-offs at the start of a block. `send` returns whether the host took the event.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn send_kept(&mut self, mut send: impl FnMut(&PlayerEvent) -> bool) {
        self.offs.retain(|off| !send(off));
    }

    /// Sends an event of the block; to be called in order. `send` returns whether the host took it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn send(&mut self, event: &PlayerEvent, send: impl FnOnce(&PlayerEvent) -> bool) {
        if event.action == Action::Off {
            if let Some(idx) = self.unknown.iter().position(|id| *id == event.note_id) {
                self.unknown.swap_remove(idx);
            } else if !send(event) && self.offs.len() < CAPACITY {
                self.offs.push(PlayerEvent { offset: 0, ..*event });
            }
            return;
        }
        let is_of_key = |off: &PlayerEvent| (off.channel, off.pitch) == (event.channel, event.pitch);
        let is_taken = !self.offs.iter().any(is_of_key) && send(event);
        if !is_taken && self.unknown.len() < CAPACITY {
            self.unknown.push(event.note_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Pitch;

    fn event(note_id: i32, key: u8, action: Action) -> PlayerEvent {
        let pitch = Pitch::new(key).unwrap();
        PlayerEvent { offset: 9, action, part: None, pitch, channel: 0, note_id, is_test: false }
    }

    fn on(note_id: i32, key: u8) -> PlayerEvent {
        event(note_id, key, Action::On { velocity: 90 })
    }

    fn off(note_id: i32, key: u8) -> PlayerEvent {
        event(note_id, key, Action::Off)
    }

    /// The events of a block that a host with `room` for so many events gets.
    fn taken(outbox: &mut Outbox, mut room: usize, events: &[PlayerEvent]) -> Vec<(u32, i32, bool)> {
        let mut taken = Vec::new();
        let mut send = |event: &PlayerEvent| {
            let Some(left) = usize::checked_sub(room, 1) else { return false };
            room = left;
            taken.push((event.offset, event.note_id, event.action != Action::Off));
            true
        };
        outbox.send_kept(&mut send);
        events.iter().for_each(|event| outbox.send(event, &mut send));
        taken
    }

    #[test]
    fn a_note_off_is_sent_until_it_is_taken() {
        let mut outbox = Outbox::new();
        assert_eq!(taken(&mut outbox, 2, &[on(1, 60), on(2, 64)]), [(9, 1, true), (9, 2, true)]);
        assert_eq!(taken(&mut outbox, 0, &[off(1, 60), off(2, 64)]), []);
        assert_eq!(taken(&mut outbox, 1, &[]), [(0, 1, false)]);
        assert_eq!(taken(&mut outbox, 9, &[]), [(0, 2, false)]);
        assert_eq!(taken(&mut outbox, 9, &[]), []);
    }

    #[test]
    fn a_note_that_the_host_refused_has_no_note_off() {
        let mut outbox = Outbox::new();
        assert_eq!(taken(&mut outbox, 1, &[on(1, 60), on(2, 64)]), [(9, 1, true)]);
        assert_eq!(
            taken(&mut outbox, 9, &[off(2, 64), off(1, 60), on(3, 64)]),
            [(9, 1, false), (9, 3, true)]
        );
        assert_eq!(taken(&mut outbox, 9, &[off(3, 64)]), [(9, 3, false)]);
    }

    #[test]
    fn a_key_gets_no_note_on_while_its_note_off_waits() {
        let mut outbox = Outbox::new();
        taken(&mut outbox, 1, &[on(1, 60)]);
        assert_eq!(taken(&mut outbox, 0, &[off(1, 60)]), []);
        // A host that finds room in the middle of a block.
        let mut n_tries = 0;
        let mut late = |_: &PlayerEvent| {
            n_tries += 1;
            n_tries > 1
        };
        outbox.send_kept(&mut late);
        outbox.send(&on(2, 60), &mut late);
        assert_eq!(n_tries, 1, "it waits with the note-off");
        assert_eq!(taken(&mut outbox, 9, &[off(2, 60)]), [(0, 1, false)]);
    }
}
