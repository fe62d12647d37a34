//! A task on a phrase as one training sequence: tokens, each with the slots that count in the loss.

use crate::music::{Part, Phrase};
use crate::token::encode::{Quantised, VelocityView};
use crate::token::{Prompt, Slot, Symbol, Token, Tone};

/// The group to which a token's loss is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Notes of a part, and the end of its cells.
    Part(Part),
    /// Chord symbols.
    Harmony,
    /// Everything else.
    Structure,
}

impl Group {
    /// The names of all groups, parts first; the place is the group's index.
    pub const NAMES: [&str; 7] = ["drums", "bass", "chords", "arpeggio", "melody", "harmony", "structure"];

    /// The place in [`Self::NAMES`].
    pub const fn index(self) -> u8 {
        match self {
            Self::Part(part) => match part {
                Part::Drums => 0,
                Part::Bass => 1,
                Part::Chords => 2,
                Part::Arpeggio => 3,
                Part::Melody => 4,
            },
            Self::Harmony => 5,
            Self::Structure => 6,
        }
    }
}

/// One training sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// Prompt and body.
    pub tokens: Vec<Token>,
    /// For each token: the slots that count when it is predicted (low half, bit = slot index), and the index of its
    /// group (high half).
    pub loss: Vec<u8>,
    /// Note tokens whose loss counts.
    pub n_notes: u32,
}

const KIND: u8 = 1 << Slot::Kind.index();
const PITCH: u8 = 1 << Slot::Pitch.index();
const DURATION: u8 = 1 << Slot::Duration.index();
const VELOCITY: u8 = 1 << Slot::Velocity.index();

/// The sequence of `prompt` and `phrase` as its answer. Given notes count in the loss as well, since they are music to
/// learn from; the known notes of masked cells do not, since they come again in the body.
pub fn example(prompt: &Prompt, phrase: &Phrase) -> Example {
    let (mut symbols, _) = prompt.to_symbols(usize::MAX);
    let n_prompt = symbols.len();
    symbols.extend(Quantised::of(phrase, VelocityView::of(phrase)).body(&prompt.plan()));
    let mut group = Group::Structure;
    let mut is_masked = false;
    let mut loss = Vec::with_capacity(symbols.len());
    let mut n_notes = 0;
    for (place, symbol) in symbols.iter().enumerate() {
        let in_body = place >= n_prompt;
        // A header ends the cell before it, so it counts in the group of that cell.
        let ended = group;
        let bits = match *symbol {
            Symbol::Cell { part, .. } => {
                (group, is_masked) = (Group::Part(part), false);
                if in_body { KIND } else { 0 }
            }
            Symbol::Mask { part, .. } => {
                (group, is_masked) = (Group::Part(part), true);
                0
            }
            Symbol::Bar { .. } | Symbol::Open { .. } => {
                group = if prompt.plan().has_harmony { Group::Harmony } else { Group::Structure };
                if in_body { KIND } else { 0 }
            }
            Symbol::End => KIND,
            Symbol::Note { .. } if is_masked => 0,
            Symbol::Note { tone, velocity, .. } => {
                n_notes += 1;
                let duration = if matches!(tone, Some(Tone::Drum(_))) { 0 } else { DURATION };
                KIND | PITCH | duration | if velocity.is_some() { VELOCITY } else { 0 }
            }
            Symbol::Chord { chord, .. } if in_body => {
                KIND | PITCH | DURATION | if chord.is_some() { VELOCITY } else { 0 }
            }
            Symbol::Slash(_) if in_body => KIND | PITCH,
            _ => 0,
        };
        let counted = match symbol {
            Symbol::Note { .. } => group,
            Symbol::Chord { .. } | Symbol::Slash(_) => Group::Harmony,
            _ => ended,
        };
        loss.push(bits | counted.index() << 4);
    }
    Example { tokens: symbols.into_iter().map(Symbol::to_token).collect(), loss, n_notes }
}
