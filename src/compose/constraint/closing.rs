//! Closes an answer: in the second half of its last bar all pitches are chord tones, and the bass has the root.

use super::{Constraint, Place};
use crate::music::{Chord, Part};
use crate::session::{Task, TaskKind};
use crate::token::decode::to_pitch;
use crate::token::vocab::tone_of;
use crate::token::{Harmony, Mask, Slot, Token, Tone};

/// The close of an answer.
#[derive(Debug, Clone)]
pub struct Closing {
    /// Index of the last bar and its last chord; `None` for other tasks.
    close: Option<(u32, Chord)>,
}

impl Closing {
    /// The close of `task`, if it is an answer under given chords.
    pub fn new(task: &Task) -> Self {
        let last_chord = match &task.harmony {
            Harmony::Given(chords) if task.kind == TaskKind::Respond => chords.spans().last(),
            _ => None,
        };
        let last_bar = task.base.frame().n_bars_total() - 1;
        Self { close: last_chord.and_then(|span| Some((last_bar, span.chord?))) }
    }
}

impl Constraint for Closing {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let Some((last_bar, chord)) = self.close else { return };
        let Some((cell, onset)) = place.note().filter(|_| slot == Slot::Pitch) else { return };
        let in_bar = onset.since(place.frame.bar_start(cell.bar));
        if cell.bar != last_bar || in_bar.0 * 2 < place.frame.meter.bar_duration().0 {
            return;
        }
        mask.retain(|id| match tone_of(id) {
            Some(Tone::Pitched(relative)) => to_pitch(place.frame.key, relative).is_none_or(|pitch| {
                if cell.part == Part::Bass {
                    pitch.class() == chord.root
                } else {
                    chord.contains(pitch.class())
                }
            }),
            _ => true,
        });
    }

    fn step(&mut self, _: &Place, _: Token) {}
}
