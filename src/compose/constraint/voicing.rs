//! Sounds given chords completely: a ninth that was asked for is in the chord part.
//!
//! For each given chord with a seventh or more, the first notes are missing tones of the chord. Simultaneous or held
//! notes continue upwards until no tone is missing; the root is left to the bass if there is one. A part that plays one
//! note at a time keeps its rhythm and gets the tones one by one.

use super::{Constraint, Place};
use crate::music::{Chord, ChordSpan, Part, TickDuration, TickInstant};
use crate::session::{Task, VoicingRule};
use crate::token::decode::to_pitch;
use crate::token::vocab::tone_of;
use crate::token::{Harmony, Mask, Slot, Symbol, Token, Tone};

/// Fewest tones of a chord that the rule applies to: triads are complete without it.
const FEWEST_TONES: usize = 4;

/// Largest distance between neighbouring notes of a voicing, in semitones.
const WIDEST: u8 = 9;

/// The voicing rule.
#[derive(Debug, Clone)]
pub struct Voicing {
    /// The chords that the rule applies to.
    chords: Vec<ChordSpan>,
    has_bass: bool,
    n_voices: usize,
    /// Onset of the current chord, and its missing tones in semitones above the root.
    missing: Option<(TickInstant, Vec<u8>)>,
    /// The last onset of the chord part: position, number of notes, highest note, and whether they are held.
    group: Option<Group>,
}

#[derive(Debug, Clone, Copy)]
struct Group {
    onset: TickInstant,
    n_notes: usize,
    top: u8,
    is_held: bool,
}

impl Voicing {
    /// The voicing rule of `task`.
    pub fn new(task: &Task) -> Self {
        let chords = match &task.harmony {
            Harmony::Given(given) if task.rules.voicing == VoicingRule::Whole => given.spans().to_vec(),
            _ => Vec::new(),
        };
        let is_rich =
            |span: &ChordSpan| span.chord.is_some_and(|chord| chord.quality.tones().len() >= FEWEST_TONES);
        let composes_bass = task.compose.iter().any(|cell| cell.part == Part::Bass);
        Self {
            chords: chords.into_iter().filter(is_rich).collect(),
            has_bass: composes_bass || !task.base.notes(Part::Bass).is_empty(),
            n_voices: usize::from(task.rules.voices[Part::Chords.index()]),
            missing: None,
            group: None,
        }
    }

    fn chord(&self, at: TickInstant) -> Option<(TickInstant, Chord)> {
        let span = self.chords.iter().find(|span| span.onset <= at && at < span.end())?;
        Some((span.onset, span.chord?))
    }

    /// The missing tones of the chord at `at`, in semitones above its root.
    fn missing(&self, at: TickInstant) -> Option<(Chord, Vec<u8>)> {
        let (onset, chord) = self.chord(at)?;
        let missing = match &self.missing {
            Some((of, missing)) if *of == onset => missing.clone(),
            _ => self.wanted(chord),
        };
        (!missing.is_empty()).then_some((chord, missing))
    }

    fn wanted(&self, chord: Chord) -> Vec<u8> {
        let tones = chord.quality.tones().iter().copied();
        tones.filter(|tone| *tone != 0 || !self.has_bass).collect()
    }
}

impl Constraint for Voicing {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if self.chords.is_empty() || place.grammar.cell().is_none_or(|cell| cell.part != Part::Chords) {
            return;
        }
        match slot {
            Slot::Kind => {
                let Some(group) = self.group.filter(|group| group.is_held || group.n_notes > 1) else {
                    return;
                };
                let Some(position) = place.grammar.last_position().and_then(|at| u16::try_from(at).ok())
                else {
                    return;
                };
                let same = Token::NOTE_KINDS + position;
                if group.n_notes < self.n_voices
                    && self.missing(group.onset).is_some()
                    && mask.allowed().any(|id| id == same)
                {
                    mask.retain(|id| id == same);
                }
            }
            Slot::Pitch => {
                let Some((_, onset)) = place.note() else { return };
                let Some((chord, missing)) = self.missing(onset) else { return };
                let lowest = self.group.filter(|group| group.onset == onset).map(|group| group.top);
                let helps = |id: u16| match tone_of(id) {
                    Some(Tone::Pitched(relative)) => {
                        to_pitch(place.frame.key, relative).is_some_and(|pitch| {
                            missing.contains(&pitch.class().above(chord.root))
                                && lowest.is_none_or(|lowest| pitch.number() <= lowest.saturating_add(WIDEST))
                        })
                    }
                    _ => false,
                };
                if mask.allowed().any(helps) {
                    mask.retain(helps);
                }
            }
            Slot::Duration | Slot::Velocity => {}
        }
    }

    fn step(&mut self, place: &Place, token: Token) {
        if self.chords.is_empty() {
            return;
        }
        let place = Place { before: &token.0, ..*place };
        let Some((cell, onset)) = place.note().filter(|(cell, _)| cell.part == Part::Chords) else {
            self.group = None;
            return;
        };
        let Some(Symbol::Note { tone: Some(Tone::Pitched(relative)), duration, .. }) =
            Symbol::from_token(token)
        else {
            return;
        };
        let Some(pitch) = to_pitch(place.frame.key, relative) else { return };
        let beat = place.frame.meter.felt_beat_steps();
        let n_notes = self.group.filter(|group| group.onset == onset).map_or(0, |group| group.n_notes);
        let is_held =
            duration.is_some_and(|steps| TickDuration::from_steps(steps) >= TickDuration::from_steps(beat));
        self.group = Some(Group { onset, n_notes: n_notes + 1, top: pitch.number(), is_held });
        if let Some((start, chord)) = self.chord(onset.max(place.frame.bar_start(cell.bar))) {
            let mut missing = match self.missing.take() {
                Some((of, missing)) if of == start => missing,
                _ => self.wanted(chord),
            };
            missing.retain(|tone| *tone != pitch.class().above(chord.root));
            self.missing = Some((start, missing));
        }
    }
}
