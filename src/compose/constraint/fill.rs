//! Drum fills: the end of a bar leads into what follows.
//!
//! From the middle of the bar on, or for its last beat if it has no middle, only snares and toms play, at least every
//! eighth, up to the bar line.

use super::{Constraint, Place};
use crate::session::Task;
use crate::token::vocab::tone_of;
use crate::token::{Mask, Slot, Token, Tone};

/// General MIDI keys of a fill: snares, toms.
const KEYS: [u8; 8] = [38, 40, 41, 43, 45, 47, 48, 50];

/// Longest distance between onsets, in steps: an eighth.
const LONGEST_GAP: u32 = 6;

/// The fill of a task.
#[derive(Debug, Clone)]
pub struct Fill {
    /// The bar that ends with it.
    bar: Option<u32>,
}

impl Fill {
    /// The fill of `task`, if it has one.
    pub const fn new(task: &Task) -> Self {
        Self { bar: task.fill }
    }
}

impl Constraint for Fill {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let cell = place.grammar.cell();
        if self.bar.is_none() || cell.is_none_or(|cell| !cell.part.is_drums() || Some(cell.bar) != self.bar) {
            return;
        }
        let meter = place.frame.meter;
        let bar_steps = meter.bar_steps();
        let start = bar_steps - meter.felt_beats() / 2 * meter.felt_beat_steps();
        let position_of = |id: u16| {
            (Token::NOTE_KINDS..Token::CHORD_KINDS).contains(&id).then(|| u32::from(id - Token::NOTE_KINDS))
        };
        match slot {
            Slot::Kind => {
                let latest = match place.grammar.last_position() {
                    Some(last) if last >= start => last + LONGEST_GAP,
                    _ => start,
                };
                mask.retain(|id| position_of(id).map_or(latest >= bar_steps, |position| position <= latest));
            }
            Slot::Pitch => {
                if place
                    .before
                    .first()
                    .copied()
                    .and_then(position_of)
                    .is_some_and(|position| position >= start)
                {
                    mask.retain(|id| matches!(tone_of(id), Some(Tone::Drum(key)) if KEYS.contains(&key)));
                }
            }
            Slot::Duration | Slot::Velocity => {}
        }
    }

    fn step(&mut self, _: &Place, _: Token) {}
}
