//! Restores kept rhythms and kept pitches exactly.
//!
//! Unlike rules, this constraint is never dropped: where they conflict, the rules yield. In a cell with a skeleton the
//! network writes nothing else.

use std::collections::{BTreeMap, VecDeque};

use super::Place;
use crate::music::{Cell, Note, Part, Phrase, Pitch};
use crate::session::skeleton::KeptNote;
use crate::session::{self, Keep};
use crate::token::decode::to_pitch;
use crate::token::encode::to_tone;
use crate::token::vocab::{nearest_duration, tone_id, tone_of};
use crate::token::{Grammar, Mask, Slot, Symbol, Token, Tone};

/// The kept notes still to be written.
#[derive(Debug, Clone)]
pub struct Skeleton {
    keep: Keep,
    left: BTreeMap<Cell, VecDeque<KeptNote>>,
    /// Given notes, and those written so far in a kept rhythm, in ticks; indexed by `[part_idx]`.
    sounding: [Vec<Note>; 5],
    /// Cell, position and pitch-slot id of the last written note.
    last: Option<(Cell, u32, u16)>,
}

impl Skeleton {
    /// Starts with all notes of `skeleton` and the notes of `given`.
    pub fn new(skeleton: &session::Skeleton, given: &Phrase) -> Self {
        let left = skeleton.cells().iter().map(|(&cell, kept)| (cell, kept.iter().cloned().collect()));
        Self { keep: skeleton.keep(), left: left.collect(), sounding: given.to_parts(), last: None }
    }

    /// Allows only what the next kept note allows, and the end of the cell if none is left; returns false in cells
    /// without a skeleton.
    pub fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) -> bool {
        let Some((cell, left)) = self.cell(place.grammar) else { return false };
        let Some(next) = left.front() else {
            let header = place.grammar.next_header().map(|header| header.0[0]);
            if slot == Slot::Kind {
                mask.retain(|id| Some(id) == header);
            }
            return true;
        };
        let tone = |note: &Note| tone_id(to_tone(place.frame.key, cell.part, note.pitch));
        match (slot, self.keep) {
            (Slot::Kind, keep) => mask.retain(|id| {
                let Some(position) = id.checked_sub(Token::NOTE_KINDS).map(u32::from) else { return false };
                // At the position of the note before, only a higher one can be written.
                let is_taken = self
                    .last
                    .is_some_and(|last| last.0 == cell && last >= (cell, position, tone(&next.note)));
                next.positions.contains(&position) && (keep == Keep::Rhythm || !is_taken)
            }),
            (Slot::Pitch, Keep::Pitches) => mask.retain(|id| id == tone(&next.note)),
            (Slot::Pitch, _) => {
                mask.retain(|id| self.is_free(place, cell.part, &next.note, id));
                self.leave_room(place, slot, mask);
            }
            (Slot::Duration, Keep::Rhythm) if !cell.part.is_drums() => {
                let steps = nearest_duration(next.note.duration.to_nearest_steps());
                let written =
                    Symbol::Note { position: None, tone: None, duration: Some(steps), velocity: None };
                let id = written.to_token().0[Slot::Duration.index()];
                mask.retain(|other| other == id);
            }
            _ => {}
        }
        true
    }

    /// Forbids pitches so high that later notes of the same chord would have none above.
    pub fn leave_room(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if (slot, self.keep) != (Slot::Pitch, Keep::Rhythm) {
            return;
        }
        let Some((cell, left)) = self.cell(place.grammar) else { return };
        let Some(next) = left.front() else { return };
        let chord: Vec<&KeptNote> = left.iter().take_while(|kept| kept.positions == next.positions).collect();
        let n_above = chord.len() - 1;
        if n_above == 0 {
            return;
        }
        let is_free = |id: &u16| chord.iter().all(|kept| self.is_free(place, cell.part, &kept.note, *id));
        let free: Vec<u16> = mask.allowed().filter(is_free).collect();
        let limit = free.len().checked_sub(n_above).map_or(0, |idx| free[idx]);
        mask.retain(|id| id < limit);
    }

    /// Updates the state by the token that was written at `place`: a kept note unless it is pinned.
    pub fn step(&mut self, place: &Place, token: Token, is_pinned: bool) {
        let Some(cell) = place.grammar.cell() else { return };
        let Some(Symbol::Note { position: Some(position), tone: Some(tone), .. }) = Symbol::from_token(token)
        else {
            return;
        };
        self.last = Some((cell, position, tone_id(tone)));
        if is_pinned {
            return;
        }
        let Some(kept) = self.left.get_mut(&cell).and_then(VecDeque::pop_front) else { return };
        if let Some(pitch) = sounding_pitch(place, tone) {
            self.sounding[cell.part.index()].push(Note { pitch, ..kept.note });
        }
    }

    /// Number of notes still to be written.
    pub fn n_left(&self) -> usize {
        self.left.values().map(VecDeque::len).sum()
    }

    /// The cell whose notes are being written and its remaining notes, if it has a skeleton.
    fn cell(&self, grammar: &Grammar) -> Option<(Cell, &VecDeque<KeptNote>)> {
        let cell = grammar.cell()?;
        Some((cell, self.left.get(&cell)?))
    }

    /// Whether `note` can have the pitch of `id`: no note of its part overlaps it or equals it on the grid.
    fn is_free(&self, place: &Place, part: Part, note: &Note, id: u16) -> bool {
        let Some(pitch) = tone_of(id).and_then(|tone| sounding_pitch(place, tone)) else { return false };
        let step = note.onset.to_nearest_step();
        self.sounding[part.index()].iter().all(|other| {
            let overlaps = other.pitch == pitch && other.onset < note.end() && note.onset < other.end();
            let is_same = other.onset.to_nearest_step() == step
                && tone_id(to_tone(place.frame.key, part, other.pitch)) == id;
            !overlaps && !is_same
        })
    }
}

/// The sounding pitch of `tone` in the key; `None` out of range.
fn sounding_pitch(place: &Place, tone: Tone) -> Option<Pitch> {
    match tone {
        Tone::Pitched(relative) => to_pitch(place.frame.key, relative),
        Tone::Drum(key) => Pitch::new(key),
    }
}
