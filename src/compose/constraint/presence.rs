//! Keeps a part that plays from being silent for a bar or longer.
//!
//! A silence lasts from the end of the last sounding note to the next onset; percussion sounds only at its onset. In a
//! bar that begins in silence, the cell must have an onset, at most a bar after the last sound. So a line may pause
//! across a bar line, but no bar is empty.

use super::{Constraint, Place, written};
use crate::music::{Note, Part, Phrase, TickDuration};
use crate::session::Task;
use crate::token::{Mask, Slot, Token};

/// Keeps parts from being silent.
#[derive(Debug, Clone)]
pub struct Presence {
    /// Indexed by `[part_idx]`; false where silence is allowed.
    plays: [bool; 5],
    /// First and last sounding step of given and composed notes, indexed by `[part_idx]`.
    sounding: [Vec<(u32, u32)>; 5],
}

impl Presence {
    /// The rule of `task`, starting with the notes of `given`.
    pub fn new(task: &Task, given: &Phrase) -> Self {
        let mut presence =
            Self { plays: Part::ALL.map(|part| task.plays_on(part)), sounding: Default::default() };
        for part in Part::ALL {
            for note in given.notes(part) {
                presence.add(part, *note);
            }
        }
        presence
    }

    fn add(&mut self, part: Part, mut note: Note) {
        if part.is_drums() {
            note.duration = TickDuration::from_steps(1);
        }
        self.sounding[part.index()].push((note.onset.to_nearest_step(), note.end().to_nearest_step()));
    }
}

impl Constraint for Presence {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let Some(cell) = place.grammar.cell().filter(|cell| self.plays[cell.part.index()]) else { return };
        if slot != Slot::Kind || (place.frame.has_pickup && cell.bar == 0) {
            return;
        }
        let start = place.frame.bar_start(cell.bar).to_nearest_step();
        let bar_steps = place.frame.meter.bar_steps();
        let before_end = |(onset, end): &(u32, u32)| (*onset < start + bar_steps).then_some(*end);
        let sounding_until =
            self.sounding[cell.part.index()].iter().filter_map(before_end).max().unwrap_or(0);
        if sounding_until > start {
            return;
        }
        // A silence that began before an empty given bar counts from this bar.
        let silent_since = if sounding_until + bar_steps > start { sounding_until } else { start };
        let latest = (silent_since + bar_steps - start).saturating_sub(1);
        mask.retain(|id| {
            id.checked_sub(Token::NOTE_KINDS)
                .is_some_and(|position| id < Token::CHORD_KINDS && u32::from(position) <= latest)
        });
    }

    fn step(&mut self, place: &Place, token: Token) {
        if let Some((cell, note)) = written(place, token) {
            self.add(cell.part, note);
        }
    }
}
