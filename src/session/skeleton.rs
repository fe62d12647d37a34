//! What is kept of notes that are composed anew: their rhythm, or their pitches in order.
//!
//! Kept notes are the unlocked notes in the cells to compose. Where something is kept, a cell gets as many composed
//! notes as it had, in the same order, and each has the onset and length, or the pitch, of the original, to the last
//! tick. So rhythm and order hold for the whole part, locked notes included.
//!
//! Tokens only express the grid. Where notes off the grid are so close that no order of tokens expresses theirs, the
//! cell is *frozen*: its notes stay as they are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::music::{Cell, Cells, Frame, Note, Part, Phrase, TickDuration, TickInstant};
use crate::token::SkeletonNote;
use crate::token::encode::to_tone;
use crate::token::vocab::tone_id;

/// What is kept of the notes that are composed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Nothing: as many notes, wherever.
    #[default]
    Nothing,
    /// Every onset and length.
    Rhythm,
    /// Every pitch, in order.
    Pitches,
}

impl Keep {
    /// Whether it is [`Self::Nothing`].
    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// A note of which something is kept, and its possible positions in its bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptNote {
    /// The original note.
    pub note: Note,
    /// Steps from the start of the bar, ascending, at least one. If notes are written in order, every choice leaves one
    /// for the next.
    pub positions: Vec<u32>,
}

/// The kept notes of a task, by cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Skeleton {
    keep: Keep,
    cells: BTreeMap<Cell, Vec<KeptNote>>,
    frozen: BTreeSet<Cell>,
}

/// Most notes sounding around one onset for which each can still get a pitch of its own: percussion has 61 keys.
const MOST_AT_ONCE: usize = 40;

impl Skeleton {
    /// The skeleton that `keep` takes from the unlocked notes in the cells `compose` of `base`.
    pub fn of(base: &Phrase, compose: &Cells, keep: Keep) -> Self {
        let mut skeleton = Self { keep, ..Self::default() };
        if keep == Keep::Nothing {
            return skeleton;
        }
        // A frozen cell is given to all others, which may have to be frozen in turn.
        loop {
            let n_frozen = skeleton.frozen.len();
            for &cell in compose {
                skeleton.pose(base, compose, cell);
            }
            if skeleton.frozen.len() == n_frozen {
                return skeleton;
            }
        }
    }

    fn pose(&mut self, base: &Phrase, compose: &Cells, cell: Cell) {
        if self.is_frozen(cell) {
            return;
        }
        let is_given = |cell: &Cell| !compose.contains(cell) || self.is_frozen(*cell);
        let notes: Vec<Note> = base.cell(cell).iter().filter(|note| !note.locked).copied().collect();
        let kept = match self.keep {
            Keep::Rhythm => in_rhythm(base, cell, &notes),
            _ => in_order(base, is_given, cell, &notes),
        };
        if kept.is_none() {
            self.frozen.insert(cell);
        }
        self.cells.insert(cell, kept.unwrap_or_default());
    }

    /// What is kept.
    pub const fn keep(&self) -> Keep {
        self.keep
    }

    /// The kept notes of each cell, in the order they are written.
    pub const fn cells(&self) -> &BTreeMap<Cell, Vec<KeptNote>> {
        &self.cells
    }

    /// Whether the notes of `cell` stay as they are.
    pub fn is_frozen(&self, cell: Cell) -> bool {
        self.frozen.contains(&cell)
    }

    /// `base` with the notes of frozen cells locked.
    pub fn frozen(&self, base: &Phrase) -> Phrase {
        if self.frozen.is_empty() {
            return base.clone();
        }
        let frame = *base.frame();
        let mut parts = base.to_parts();
        for part in Part::ALL {
            for note in &mut parts[part.index()] {
                note.locked |= self.is_frozen(Cell { bar: frame.bar_of(note.onset), part });
            }
        }
        Phrase::new(frame, base.progression().clone(), parts).unwrap_or_else(|_| base.clone())
    }

    /// The skeleton for the prompt, in stream order.
    pub fn to_prompt(&self) -> Vec<SkeletonNote> {
        let keeps_rhythm = self.keep == Keep::Rhythm;
        let shown = |cell: Cell, note: &Note| SkeletonNote {
            cell,
            onset: keeps_rhythm.then_some(note.onset),
            pitch: (!keeps_rhythm).then_some(note.pitch),
            duration: (keeps_rhythm && !cell.part.is_drums()).then_some(note.duration),
        };
        let cells = self.cells.iter();
        cells.flat_map(|(&cell, kept)| kept.iter().map(move |kept| shown(cell, &kept.note))).collect()
    }
}

/// Puts each note on the grid step of its onset; `None` if too many notes sound around one of them.
fn in_rhythm(base: &Phrase, cell: Cell, notes: &[Note]) -> Option<Vec<KeptNote>> {
    let mut kept: Vec<KeptNote> = notes
        .iter()
        .map(|note| KeptNote { note: *note, positions: vec![step_in_bar(base.frame(), cell.bar, note)] })
        .collect();
    kept.sort_by(|a, b| (&a.positions, a.note.pitch).cmp(&(&b.positions, b.note.pitch)));
    let is_crowded = kept.chunk_by(|a, b| a.positions == b.positions).any(|chord| {
        let start = chord.iter().map(|kept| kept.note.onset).min();
        let end = chord.iter().map(|kept| kept.note.end()).max();
        let Some((start, end)) = start.zip(end) else { return false };
        let step = TickDuration::from_steps(1);
        let is_near = |note: &&Note| note.onset < end + step && start < note.end() + step;
        base.notes(cell.part).iter().filter(is_near).count() > MOST_AT_ONCE
    });
    (!is_crowded).then_some(kept)
}

/// For each note the positions that keep its order among the others and among given notes; `None` if there are none.
fn in_order(
    base: &Phrase,
    is_given: impl Fn(&Cell) -> bool,
    cell: Cell,
    notes: &[Note],
) -> Option<Vec<KeptNote>> {
    let frame = base.frame();
    let tone = |note: &Note| tone_id(to_tone(frame.key, cell.part, note.pitch));
    let is_given =
        |note: &&Note| note.locked || is_given(&Cell { bar: frame.bar_of(note.onset), part: cell.part });
    let given: Vec<&Note> = base.notes(cell.part).iter().filter(is_given).collect();
    let bar_start = frame.bar_start(cell.bar);
    let fits = |note: &Note, position: u32| {
        let onset = bar_start + TickDuration::from_steps(position);
        given.iter().all(|other| {
            let exact = (onset, note.pitch).cmp(&(other.onset, other.pitch));
            // The same order on the grid, by which tokens are sorted.
            let image =
                (onset.to_nearest_step(), tone(note)).cmp(&(other.onset.to_nearest_step(), tone(other)));
            let before = (note.onset, note.pitch).cmp(&(other.onset, other.pitch));
            let sounds = other.pitch == note.pitch && other.onset <= onset && onset < other.end();
            exact == before && image == before && !sounds
        })
    };
    let mut kept: Vec<KeptNote> = Vec::with_capacity(notes.len());
    let mut next: Option<(u32, u16)> = None;
    for note in notes.iter().rev() {
        let precedes = |position: u32| next.is_none_or(|next| (position, tone(note)) < next);
        let positions: Vec<u32> = (0..frame.meter.bar_steps())
            .filter(|&position| precedes(position) && fits(note, position))
            .collect();
        next = Some((*positions.last()?, tone(note)));
        kept.push(KeptNote { note: *note, positions });
    }
    kept.reverse();
    Some(kept)
}

/// The grid step of `note` in bar `bar`, where it begins; the bar's last step if the onset rounds to the next bar.
fn step_in_bar(frame: &Frame, bar: u32, note: &Note) -> u32 {
    let in_bar = TickInstant(note.onset.since(frame.bar_start(bar)).0);
    in_bar.to_nearest_step().min(frame.meter.bar_steps() - 1)
}
