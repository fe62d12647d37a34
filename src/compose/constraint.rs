//! Rules for composed notes: small objects that forbid ids before the softmax.
//!
//! The network does not know the rules. A constraint forbids ids at the current position of the body; if all
//! constraints together leave none, the caller falls back to the grammar alone. Some constraints also change
//! probabilities. [`Pinned`] is not a rule: it inserts given notes, whatever the rules say. Nor is [`Skeleton`], to
//! which the rules yield.

mod cadence;
mod chord_track;
mod closing;
mod fill;
mod harmonic_motion;
mod presence;
mod scale;
mod skeleton;
mod voicing;

use std::collections::BTreeMap;

use crate::music::{Cell, ChordQuality, Frame, Note, Part, Phrase, Pitch, TickDuration, TickInstant};
use crate::session::{GridRule, Rules};
use crate::token::decode::to_pitch;
use crate::token::encode::{self, Quantised, VelocityView};
use crate::token::vocab::{DURATIONS, tone_of};
use crate::token::{Grammar, Harmony, Mask, Prompt, Slot, Symbol, Token, Tone};

pub use cadence::Cadence;
pub use chord_track::ChordTrack;
pub use closing::Closing;
pub use fill::Fill;
pub use harmonic_motion::HarmonicMotion;
pub use presence::Presence;
pub use scale::Scale;
pub use skeleton::Skeleton;
pub use voicing::Voicing;

/// Position of the next token.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Meter, length and key.
    pub frame: &'a Frame,
    /// Position in the body.
    pub grammar: &'a Grammar,
    /// Ids of the token's slots before the one that is restricted.
    pub before: &'a [u16],
}

impl Place<'_> {
    /// Onset of the chord that is being written, if one is.
    fn chord_onset(&self) -> Option<TickInstant> {
        let bar = self.grammar.harmony_bar()?;
        let position = self.before.first()?.checked_sub(Token::CHORD_KINDS).filter(|at| *at < 96)?;
        Some(self.frame.bar_start(bar) + TickDuration::from_steps(u32::from(position)))
    }

    /// The note that is being written, if one is: its cell and onset.
    fn note(&self) -> Option<(Cell, TickInstant)> {
        let cell = self.grammar.cell()?;
        let position = self.before.first()?.checked_sub(Token::NOTE_KINDS).filter(|at| *at < 96)?;
        let onset = self.frame.bar_start(cell.bar).0 + TickInstant::from_steps(u32::from(position)).0;
        Some((cell, TickInstant(onset)))
    }
}

/// A rule.
pub trait Constraint {
    /// Forbids ids of `slot` in `mask`.
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask);

    /// Adds nats to ids of `slot` to make them likelier or less likely; `logits` are indexed by `[id]`.
    fn lean(&self, _place: &Place, _slot: Slot, _logits: &mut [f32]) {}

    /// Updates the state by the token that was written at `place`.
    fn step(&mut self, place: &Place, token: Token);
}

/// Inserts locked notes and given chords into the body unchanged.
#[derive(Debug, Clone)]
pub struct Pinned {
    /// Notes still to be written, in order.
    notes: BTreeMap<Cell, Vec<Token>>,
    /// Chords still to be written, by bar; `None` if the network writes its own.
    chords: Option<BTreeMap<u32, Vec<Token>>>,
}

impl Pinned {
    /// The given notes and chords in the composed cells of `prompt`.
    pub fn new(prompt: &Prompt) -> Self {
        let view = Quantised::of(prompt.given(), VelocityView::ALL);
        let to_tokens = |symbols: Vec<Symbol>| symbols.into_iter().map(Symbol::to_token).collect();
        let notes = prompt.compose().iter().map(|&cell| (cell, to_tokens(view.notes(cell)))).collect();
        let chords = match &prompt.harmony {
            Harmony::Given(progression) => {
                let bars = prompt.plan().bars.into_iter().map(|planned| planned.bar);
                let of_bar = |bar| (bar, to_tokens(encode::chords(prompt.frame(), progression, bar)));
                Some(bars.map(of_bar).collect())
            }
            _ => None,
        };
        Self { notes, chords }
    }

    /// The token to write instead when the network draws `id` for `slot`: the next pinned note, if the draw would skip
    /// it.
    pub fn instead(&self, place: &Place, slot: Slot, id: u16) -> Option<Token> {
        let pin = self.next_note(place.grammar)?;
        let passes = match slot {
            Slot::Kind => id > pin.0[0] || !(Token::NOTE_KINDS..Token::CHORD_KINDS).contains(&id),
            Slot::Pitch => place.before == &pin.0[..1] && id >= pin.0[1],
            Slot::Duration | Slot::Velocity => false,
        };
        passes.then_some(pin)
    }

    /// Allows only the next given chord, and no chord if none is left.
    pub fn restrict_chords(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let Some((bar, chords)) = place.grammar.harmony_bar().zip(self.chords.as_ref()) else { return };
        let next = chords.get(&bar).and_then(|chords| chords.first()).copied();
        if let Some(token) = next.or_else(|| place.grammar.next_header()) {
            mask.retain(|id| id == token.0[slot.index()]);
        }
    }

    /// Updates the state by the token that was written.
    pub fn step(&mut self, grammar: &Grammar, token: Token) {
        if let (Some(bar), Some(chords)) = (grammar.harmony_bar(), &mut self.chords) {
            if let Some(chords) = chords.get_mut(&bar).filter(|chords| chords.first() == Some(&token)) {
                chords.remove(0);
            }
            return;
        }
        let Some(cell) = grammar.cell() else { return };
        if let Some(notes) = self.notes.get_mut(&cell)
            && notes.first().is_some_and(|pin| pin.0[..2] == token.0[..2])
        {
            notes.remove(0);
        }
    }

    /// Number of pinned tokens still to be written.
    pub fn n_left(&self) -> usize {
        let chords = self.chords.iter().flat_map(BTreeMap::values);
        self.notes.values().map(Vec::len).sum::<usize>() + chords.map(Vec::len).sum::<usize>()
    }

    fn next_note(&self, grammar: &Grammar) -> Option<Token> {
        self.notes.get(&grammar.cell()?)?.first().copied()
    }
}

/// Pitches stay in the part's range and in MIDI's, and leaps of a melody within their limit.
#[derive(Debug, Clone)]
pub struct Range {
    rules: Rules,
    /// The last pitch of the melody.
    last: Option<Pitch>,
}

impl Range {
    /// The ranges of `rules`.
    pub const fn new(rules: Rules) -> Self {
        Self { rules, last: None }
    }

    /// Whether `pitch` of `part` is within the widest leap of the note before.
    fn is_in_line(&self, part: Part, pitch: Pitch) -> bool {
        let reach = self.rules.widest_leap.filter(|_| part == Part::Melody).zip(self.last);
        reach.is_none_or(|(widest, last)| pitch.number().abs_diff(last.number()) <= widest)
    }
}

impl Constraint for Range {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let Some((cell, _)) = place.note().filter(|_| slot == Slot::Pitch) else { return };
        let (low, high) = self.rules.ranges[cell.part.index()];
        mask.retain(|id| match tone_of(id) {
            Some(Tone::Pitched(relative)) => to_pitch(place.frame.key, relative)
                .is_some_and(|pitch| (low..=high).contains(&pitch) && self.is_in_line(cell.part, pitch)),
            _ => true,
        });
    }

    fn step(&mut self, place: &Place, token: Token) {
        let is_melody = place.grammar.cell().is_some_and(|cell| cell.part == Part::Melody);
        if let Some(Symbol::Note { tone: Some(Tone::Pitched(relative)), .. }) =
            Symbol::from_token(token).filter(|_| is_melody)
        {
            self.last = to_pitch(place.frame.key, relative);
        }
    }
}

/// Notes begin on sixteenths or eighth triplets and last at least a thirty-second. Everything between is a player's
/// timing, which the network knows from performed music but should not write.
#[derive(Debug, Clone)]
pub struct Grid {
    rule: GridRule,
}

impl Grid {
    /// Shortest note, in grid steps.
    const SHORTEST: u16 = 2;

    /// The grid rule of `rules`.
    pub const fn new(rules: Rules) -> Self {
        Self { rule: rules.grid }
    }
}

impl Constraint for Grid {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if self.rule == GridRule::Free {
            return;
        }
        let positions = Token::NOTE_KINDS..Token::CHORD_KINDS;
        match slot {
            Slot::Kind => mask.retain(|id| {
                let position = id.saturating_sub(positions.start);
                !positions.contains(&id) || position.is_multiple_of(3) || position.is_multiple_of(4)
            }),
            Slot::Duration if place.note().is_some() => mask.retain(|id| {
                let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
                !Token::DURATION_IDS.contains(&id)
                    || DURATIONS.get(idx).is_some_and(|&steps| steps >= Self::SHORTEST)
            }),
            _ => {}
        }
    }

    fn step(&mut self, _: &Place, _: Token) {}
}

/// A pitch is not retriggered while it sounds in its part, no more notes of a part sound at a time than it has voices,
/// and none lasts beyond the phrase.
#[derive(Debug, Clone)]
pub struct Overlap {
    voices: [u8; 5],
    /// Given and composed notes, indexed by `[part_idx]`; percussion lasts a step.
    sounding: [Vec<Note>; 5],
}

impl Overlap {
    /// Starts with all given notes.
    pub fn new(rules: Rules, given: &Phrase) -> Self {
        let mut sounding = given.to_parts();
        for hit in &mut sounding[Part::Drums.index()] {
            hit.duration = TickDuration::from_steps(1);
        }
        Self { voices: rules.voices, sounding }
    }

    /// Forbids positions at which all voices of the part sound already.
    fn restrict_positions(&self, place: &Place, mask: &mut Mask) {
        let Some(cell) = place.grammar.cell() else { return };
        let bar = place.frame.bar_start(cell.bar);
        let still: Vec<&Note> =
            self.sounding[cell.part.index()].iter().filter(|note| note.end() > bar).collect();
        let n_voices = usize::from(self.voices[cell.part.index()]);
        mask.retain(|id| {
            if !(Token::NOTE_KINDS..Token::CHORD_KINDS).contains(&id) {
                return true;
            }
            let at = bar + TickDuration::from_steps(u32::from(id - Token::NOTE_KINDS));
            still.iter().filter(|note| note.onset <= at && at < note.end()).count() < n_voices
        });
    }
}

impl Constraint for Overlap {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if slot == Slot::Kind {
            self.restrict_positions(place, mask);
        }
        let Some((cell, onset)) = place.note() else { return };
        let notes = &self.sounding[cell.part.index()];
        match slot {
            Slot::Pitch => {
                for note in notes.iter().filter(|note| note.onset <= onset && onset < note.end()) {
                    // A pinned note is among the given ones and does not overlap itself.
                    if note.onset.to_nearest_step() != onset.to_nearest_step() {
                        mask.forbid(tone_id_of(place.frame, cell.part, *note));
                    }
                }
            }
            Slot::Duration if !cell.part.is_drums() => {
                let pitch = place.before.get(1).copied();
                let next = notes
                    .iter()
                    .filter(|note| {
                        note.onset > onset && Some(tone_id_of(place.frame, cell.part, **note)) == pitch
                    })
                    .map(|note| note.onset)
                    .min()
                    .unwrap_or(TickInstant(u32::MAX))
                    .min(place.frame.end());
                let longest = next.since(onset).0 / TickInstant::from_steps(1).0;
                mask.retain(|id| {
                    let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
                    DURATIONS.get(idx).is_some_and(|&steps| u32::from(steps) <= longest.max(1))
                });
            }
            _ => {}
        }
    }

    fn step(&mut self, place: &Place, token: Token) {
        if let Some((cell, note)) = written(place, token) {
            self.sounding[cell.part.index()].push(note);
        }
    }
}

/// The note that `token` writes at `place`, with its cell, if it writes one; percussion lasts a step.
fn written(place: &Place, token: Token) -> Option<(Cell, Note)> {
    let place = Place { before: &token.0, ..*place };
    let (cell, onset) = place.note()?;
    let Symbol::Note { tone: Some(tone), duration, .. } = Symbol::from_token(token)? else { return None };
    let (pitch, steps) = match tone {
        Tone::Pitched(relative) => (to_pitch(place.frame.key, relative)?, duration?),
        Tone::Drum(key) => (Pitch::new(key)?, 1),
    };
    Some((cell, Note::new(onset, TickDuration::from_steps(steps), pitch, 1)))
}

/// The root in `id` of a chord's pitch slot, in semitones above the tonic; `None` for no chord.
fn root_of(id: u16) -> Option<u8> {
    let is_root = Token::ROOT_IDS.contains(&id) && id != Token::NO_CHORD_ID;
    is_root.then(|| u8::try_from(id - Token::ROOT_IDS.start).ok()).flatten()
}

/// The quality in `id` of a chord's velocity slot.
fn quality_of(id: u16) -> Option<ChordQuality> {
    let is_quality = Token::QUALITY_IDS.contains(&id);
    is_quality.then(|| ChordQuality::ALL.get(usize::from(id - Token::QUALITY_IDS.start)).copied()).flatten()
}

/// Adds to each of `logits` the nats that `gain` has for its id.
fn lean_by(logits: &mut [f32], gain: impl Fn(u16) -> Option<f32>) {
    for (id, logit) in (0u16..).zip(logits) {
        *logit += gain(id).unwrap_or(0.0);
    }
}

fn tone_id_of(frame: &Frame, part: Part, note: Note) -> u16 {
    crate::token::vocab::tone_id(encode::to_tone(frame.key, part, note.pitch))
}
