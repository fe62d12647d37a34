//! A phrase flattened for the audio thread.
//!
//! Places are ticks from the start of the phrase, the pickup included.
//!
//! # Threads
//!
//! A [`Clip`] is made and dropped away from the audio thread, since both allocate; the audio thread only reads it,
//! which is wait-free. Nothing in it changes after it is made.
//!
//! # Invariants
//!
//! Events are sorted by tick; at one tick note-offs stand before note-ons, so that a pitch struck again is released
//! first. Every note-on has exactly one note-off, later and inside the clip.

use crate::music::phrase::{Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::time::{TickDuration, TickInstant};

/// What happens to a pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The key is let go.
    Off,
    /// The key is struck.
    On {
        /// MIDI velocity, `1..=127`.
        velocity: u8,
    },
}

/// A note-on or note-off of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClipEvent {
    /// When, in ticks from the start of the clip.
    pub at: TickInstant,
    /// Struck or let go; offs sort first.
    pub action: Action,
    /// The part that plays.
    pub part: Part,
    /// MIDI note number; a General MIDI percussion key in the drums part.
    pub pitch: Pitch,
}

/// The events of a phrase in playing order.
#[derive(Debug, Clone, PartialEq)]
pub struct Clip {
    events: Box<[ClipEvent]>,
    duration: TickDuration,
    tempo: f32,
}

impl Clip {
    /// Flattens `phrase`. Allocates: not for the audio thread.
    pub fn new(phrase: &Phrase) -> Self {
        let mut events: Vec<ClipEvent> = phrase
            .all_notes()
            .flat_map(|(part, note)| {
                let pitch = note.pitch;
                let on = Action::On { velocity: note.velocity };
                [
                    ClipEvent { at: note.onset, action: on, part, pitch },
                    ClipEvent { at: note.end(), action: Action::Off, part, pitch },
                ]
            })
            .collect();
        events.sort_unstable();
        Self { events: events.into(), duration: phrase.frame().duration(), tempo: phrase.frame().tempo }
    }

    /// The events, sorted by tick, offs before ons.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn events(&self) -> &[ClipEvent] {
        &self.events
    }

    /// Length with the pickup.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn duration(&self) -> TickDuration {
        self.duration
    }

    /// The phrase's own tempo, in beats (quarter notes) per minute.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn tempo(&self) -> f32 {
        self.tempo
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::chord::Progression;
    use crate::music::phrase::{Frame, Note};
    use crate::music::scale::Key;
    use crate::music::time::Meter;

    proptest! {
        #[test]
        fn every_on_has_its_off_in_order(
            notes in prop::collection::vec((0_u32..9000, 1_u32..4000, 0_i32..128, 1_u8..128, 0_usize..5), 0..80),
        ) {
            let mut parts: [Vec<Note>; 5] = Default::default();
            for (onset, duration, pitch, velocity, part_idx) in notes {
                let (onset, duration) = (TickInstant(onset), TickDuration(duration));
                parts[part_idx].push(Note::new(onset, duration, Pitch::clamped(pitch), velocity));
            }
            let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0);
            let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
            let clip = Clip::new(&phrase);
            prop_assert_eq!(clip.events().len(), 2 * phrase.all_notes().count());
            let mut sounding = [[None; 128]; 5];
            let mut last = TickInstant::ZERO;
            for event in clip.events() {
                prop_assert!(event.at >= last && event.at <= TickInstant(clip.duration().0));
                last = event.at;
                let key = &mut sounding[event.part.index()][usize::from(event.pitch.number())];
                match (event.action, *key) {
                    (Action::On { .. }, None) => *key = Some(event.at),
                    (Action::Off, Some(on)) => {
                        prop_assert!(event.at > on);
                        *key = None;
                    }
                    _ => prop_assert!(false, "{event:?} while {key:?}"),
                }
            }
            prop_assert!(sounding.iter().flatten().all(Option::is_none));
        }
    }
}
