//! Output events besides the player's notes (controllers passed through, programs, pedals) and their order among the
//! notes.

use nice_plug::prelude::NoteEvent;

use super::midi_input::{PEDAL, RealTime};
use crate::player::{Action, PlayerEvent};

/// An output event besides the player's notes.
#[derive(Debug, Clone, Copy)]
pub struct SideEvent {
    pub event: NoteEvent<RealTime>,
    /// Whether a note-off came in before it at the same sample: a pedal that goes down after a note-off does not hold
    /// the note.
    pub is_after_offs: bool,
}

impl SideEvent {
    /// Sample offset.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn timing(&self) -> u32 {
        self.event.timing()
    }

    /// Whether the sustain pedal is down after it; `None` if it is another event.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn as_pedal(&self) -> Option<bool> {
        match self.event {
            NoteEvent::MidiCC { cc: PEDAL, value, .. } => Some(value >= 0.5),
            _ => None,
        }
    }

    /// Whether it is sent before the player's `event`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn precedes(&self, event: &PlayerEvent) -> bool {
        let is_off = matches!(event.action, Action::Off);
        self.timing() < event.offset || self.timing() == event.offset && !(self.is_after_offs && is_off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Pitch;

    #[test]
    fn a_controller_keeps_its_place_among_note_offs_and_leaves_before_note_ons() {
        let on = Action::On { velocity: 90 };
        for (timing, is_after_offs, offset, action, expected) in [
            (4, false, 5, Action::Off, true),
            (5, false, 5, Action::Off, true),
            (5, false, 5, on, true),
            (5, true, 5, Action::Off, false),
            (5, true, 5, on, true),
            (4, true, 5, Action::Off, true),
            (6, false, 5, on, false),
        ] {
            let event = NoteEvent::MidiCC { timing, channel: 0, cc: PEDAL, value: 1.0 };
            let (pitch, part) = (Pitch::MIDDLE_C, None);
            let played = PlayerEvent { offset, action, part, pitch, channel: 0, note_id: 1, is_test: false };
            let side = SideEvent { event, is_after_offs };
            assert_eq!(side.precedes(&played), expected, "{side:?} {played:?}");
        }
    }
}
