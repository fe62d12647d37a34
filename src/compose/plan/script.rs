//! The notes of a cell that repeats another.

use std::collections::VecDeque;

use super::adapt::by_steps;
use crate::music::analysis::Act;
use crate::music::{Chord, ChordChange, Frame, Part, Pitch, TickDuration, TickInstant};
use crate::token::decode::to_pitch;
use crate::token::encode::to_tone;
use crate::token::vocab::{tone_id, tone_of};
use crate::token::{Token, Tone};

/// A note to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// This note.
    Note(Token),
    /// A note with the position and duration of this one, and any pitch.
    Rhythm(Token),
}

impl Item {
    /// The token; for [`Self::Rhythm`] its pitch is ignored.
    pub const fn token(self) -> Token {
        match self {
            Self::Note(token) | Self::Rhythm(token) => token,
        }
    }
}

/// What follows after the last note of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The cell is complete.
    End,
    /// Anything from this step of the bar on.
    FreeFrom(u16),
}

/// The notes of a cell that repeats another, in writing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Notes still to be written.
    pub items: VecDeque<Item>,
    /// What follows them.
    pub then: Then,
    /// Number of notes written.
    pub n_written: usize,
}

/// A bar to repeat, and where.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// Meter and key.
    pub frame: &'a Frame,
    /// The part.
    pub part: Part,
    /// Index of the repeated bar.
    pub source: u32,
    /// Index of the bar that repeats it.
    pub target: u32,
    /// The notes of the repeated bar.
    pub notes: &'a [Token],
}

impl Taken<'_> {
    /// The script of `act`, under the chords of `chord_at`; `None` if the cell is free.
    pub fn script(&self, act: Act, chord_at: impl Fn(TickInstant) -> Option<Chord>) -> Option<Script> {
        let half = u16::try_from(self.frame.meter.bar_steps() / 2).unwrap_or(0);
        let head = self.notes.partition_point(|token| step_of(*token) < half);
        let (items, then) = match act {
            Act::New => return None,
            Act::Same(_) => (self.adapted(self.notes, &chord_at), Then::End),
            Act::Head(_) => (self.adapted(&self.notes[..head], &chord_at), Then::FreeFrom(half)),
            Act::Moved(_) => (self.moved(&chord_at).unwrap_or_else(|| self.rhythm()), Then::End),
            Act::Rhythm(_) => (self.rhythm(), Then::End),
        };
        let mut items = items;
        // The body has notes by position, then pitch.
        items.sort_by_key(|item| (item.token().0[0], item.token().0[1]));
        items.dedup_by(|one, other| matches!((one, other), (Item::Note(one), Item::Note(other)) if one.0[..2] == other.0[..2]));
        (!items.is_empty()).then(|| Script { items: items.into(), then, n_written: 0 })
    }

    fn rhythm(&self) -> Vec<Item> {
        self.notes.iter().map(|token| Item::Rhythm(*token)).collect()
    }

    /// `notes`, each moved to the chord at its new position.
    fn adapted(&self, notes: &[Token], chord_at: &impl Fn(TickInstant) -> Option<Chord>) -> Vec<Item> {
        let mut last: Option<(u16, Pitch)> = None;
        let mut items = Vec::with_capacity(notes.len());
        for &token in notes {
            let (from, to) = (self.at(self.source, token), self.at(self.target, token));
            let change = ChordChange::between(chord_at(from), chord_at(to));
            let pitch = self.pitch(token);
            let Some((change, pitch)) = change.zip(pitch) else {
                last = pitch.map(|pitch| (token.0[0], pitch));
                items.push(Item::Note(token));
                continue;
            };
            let above = last.filter(|last| last.0 == token.0[0]).map(|last| last.1);
            let moved = change.adapt(self.part, pitch, self.frame.key, self.is_strong(token), above);
            last = Some((token.0[0], moved));
            items.push(Item::Note(self.with_pitch(token, moved)));
        }
        items
    }

    /// The notes moved as a whole to where they fit the chord best; `None` if that is where they were.
    fn moved(&self, chord_at: &impl Fn(TickInstant) -> Option<Chord>) -> Option<Vec<Item>> {
        // An accompanying figure moves with its chord only.
        if matches!(self.part, Part::Bass | Part::Chords) {
            return Some(self.adapted(self.notes, chord_at));
        }
        let fit = |n_steps: i32| {
            let mut fit = -n_steps.abs();
            for &token in self.notes.iter().filter(|token| self.is_strong(**token)) {
                let pitch = by_steps(self.pitch(token)?, n_steps, self.frame.key)?;
                let chord = chord_at(self.at(self.target, token))?;
                fit += if chord.contains(pitch.class()) { 4 } else { -4 };
            }
            Some(fit)
        };
        // Upwards on a tie.
        let steps = [1, -1, 2, -2, 3, -3, 4, -4].into_iter();
        let (_, n_steps) = steps
            .filter_map(|n_steps| Some((fit(n_steps)?, n_steps)))
            .reduce(|best, next| if next.0 > best.0 { next } else { best })?;
        let moved = |token: &Token| {
            let pitch = by_steps(self.pitch(*token)?, n_steps, self.frame.key)?;
            Some(Item::Note(self.with_pitch(*token, pitch)))
        };
        self.notes.iter().map(moved).collect()
    }

    /// The onset of `token` in bar `bar`.
    fn at(&self, bar: u32, token: Token) -> TickInstant {
        self.frame.bar_start(bar) + TickDuration::from_steps(u32::from(step_of(token)))
    }

    fn is_strong(&self, token: Token) -> bool {
        u32::from(step_of(token)).is_multiple_of(self.frame.meter.felt_beat_steps().max(1))
    }

    fn pitch(&self, token: Token) -> Option<Pitch> {
        match tone_of(token.0[1])? {
            Tone::Pitched(relative) => to_pitch(self.frame.key, relative),
            Tone::Drum(key) => Pitch::new(key),
        }
    }

    fn with_pitch(&self, mut token: Token, pitch: Pitch) -> Token {
        token.0[1] = tone_id(to_tone(self.frame.key, self.part, pitch));
        token
    }
}

/// The step of the bar at which a note begins.
pub fn step_of(note: Token) -> u16 {
    note.0[0].saturating_sub(Token::NOTE_KINDS)
}
