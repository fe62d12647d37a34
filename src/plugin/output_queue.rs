//! What a host has no room for: note-offs are kept and sent again, and of notes that it did not take nothing more is sent.

use crate::player::{Action, PlayerEvent};

/// Most events that are kept: one for each key of each channel, since a key is played again only once its note-off is sent.
const CAPACITY: usize = 16 * 128;

/// Sends notes to a host that may refuse any event.
///
/// # Invariants
///
/// Every note-on that the host took is followed by exactly one note-off, and by none that it did not take. A note is not
/// begun before the last one of its key is off.
#[derive(Debug)]
pub struct Outbox {
    /// Note-offs that are to be sent again, in order.
    offs: Vec<PlayerEvent>,
    /// Ids of notes that the host knows nothing of and whose note-off is yet to come.
    unknown: Vec<i32>,
}

impl Outbox {
    /// Nothing was refused yet. Allocates.
    pub fn new() -> Self {
        Self { offs: Vec::with_capacity(CAPACITY), unknown: Vec::with_capacity(CAPACITY) }
    }

    /// Sends what was kept, at the start of a block: `send` says whether the host took it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn send_kept(&mut self, mut send: impl FnMut(&PlayerEvent) -> bool) {
        self.offs.retain(|off| !send(off));
    }

    /// Sends an event of the block, in order: `send` says whether the host took it.
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

    /// What a host with `room` for so many events gets of a block.
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
    fn nothing_is_heard_of_a_note_that_was_not_taken() {
        let mut outbox = Outbox::new();
        assert_eq!(taken(&mut outbox, 1, &[on(1, 60), on(2, 64)]), [(9, 1, true)]);
        assert_eq!(
            taken(&mut outbox, 9, &[off(2, 64), off(1, 60), on(3, 64)]),
            [(9, 1, false), (9, 3, true)]
        );
        assert_eq!(taken(&mut outbox, 9, &[off(3, 64)]), [(9, 3, false)]);
    }

    #[test]
    fn a_key_is_not_struck_while_its_note_off_waits() {
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
