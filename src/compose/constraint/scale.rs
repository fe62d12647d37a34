//! Pitches stay in the key and the sounding chord, and composed chords in the key. Under the style rule both may also
//! use what the style has outside the key.
//!
//! The style's chords and blue notes outside the key are allowed anywhere. Any other note outside is passing: melody
//! and bass may have one off the beat, if they continue by step to an allowed note. A mode is recognised by the degree
//! that no plainer scale has (♯4 of lydian, ♭2 of phrygian); chords and notes with it get a gain, since a network
//! trained on little music of the mode avoids them. So do the style's chords outside the key, since a network given a
//! key keeps to it more than people do.

use std::collections::BTreeSet;

use super::chord_track::ChordTrack;
use super::{Constraint, Place, lean_by, quality_of, root_of};
use crate::music::{
    Cell, Chord, ChordName, ChordQuality, Key, Mode, Part, Pitch, PitchClass, TickDuration, TickInstant,
    Vocabulary,
};
use crate::session::{ScaleRule, Task};
use crate::token::decode::to_pitch;
use crate::token::vocab::tone_of;
use crate::token::{Mask, Prompt, Slot, Symbol, Token, Tone};

/// Gain of chords with the characteristic degree of the mode, in nats.
const LEAN_OF_CHORDS: f32 = 1.2;

/// Gain of notes on that degree, in nats.
const LEAN_OF_NOTES: f32 = 0.9;

/// Gain of the style's chords on roots outside the key, in nats.
const LEAN_OF_OUTSIDE: f32 = 0.6;

/// Gain of the style's chords on a degree of the key with a quality that is not the key's, in nats: I7 of a blues, a
/// secondary dominant.
const LEAN_OF_QUALITIES: f32 = 0.9;

/// The widest step, in semitones.
const STEP: u8 = 2;

/// The scale rule.
#[derive(Debug, Clone)]
pub struct Scale {
    chords: ChordTrack,
    rule: ScaleRule,
    /// Roots, in semitones above the tonic, and qualities of the style's chords outside the key.
    of_style: Vec<(u8, ChordQuality)>,
    /// Notes allowed anywhere, in semitones above the tonic.
    blue_notes: BTreeSet<u8>,
    /// The passing note that is to continue by step, indexed by `[part_idx]`.
    passing: [Option<Pitch>; 5],
}

impl Scale {
    /// The scale rule of `task`; chords are read from `prompt`.
    pub fn new(task: &Task, prompt: &Prompt) -> Self {
        let vocabulary = match task.rules.scale {
            ScaleRule::Style => task.vocabulary.clone(),
            ScaleRule::Free | ScaleRule::Strict => Vocabulary::default(),
        };
        Self {
            chords: ChordTrack::new(prompt),
            rule: task.rules.scale,
            of_style: vocabulary.chords.iter().filter_map(seen_from_c).collect(),
            blue_notes: vocabulary.notes,
            passing: [None; 5],
        }
    }

    /// `chord` as the rule reads it: under the strict rule without an inversion or other bass.
    fn simplified(&self, chord: Chord) -> Chord {
        if self.rule == ScaleRule::Strict { Chord::new(chord.root, chord.quality) } else { chord }
    }

    /// Whether `class` is allowed anywhere at `at`.
    fn fits(&self, key: Key, at: TickInstant, class: PitchClass) -> bool {
        key.contains(class)
            || self.chords.at(at).is_some_and(|(chord, _)| self.simplified(chord).contains(class))
            || self.blue_notes.contains(&class.above(key.tonic))
    }

    /// Whether a note at `onset` of `cell` may be a passing note.
    fn may_pass(&self, place: &Place, cell: Cell, onset: TickInstant) -> bool {
        let beat = TickDuration::from_steps(place.frame.meter.felt_beat_steps()).0;
        self.rule == ScaleRule::Style
            && matches!(cell.part, Part::Melody | Part::Bass)
            && !onset.since(place.frame.bar_start(cell.bar)).0.is_multiple_of(beat)
            && onset.0 + beat < place.frame.end().0
    }

    /// Forbids roots and qualities that belong neither to the key nor to the vocabulary.
    fn restrict_chords(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        let mode = place.frame.key.mode;
        let is_known = |root, quality| {
            is_of_key(self.rule, mode, root, quality) || self.of_style.contains(&(root, quality))
        };
        match slot {
            Slot::Pitch => mask.retain(|id| match root_of(id) {
                Some(root) => {
                    mode.degrees().contains(&root) || self.of_style.iter().any(|(other, _)| *other == root)
                }
                None => true,
            }),
            Slot::Velocity => {
                let Some(root) = place.before.get(1).copied().and_then(root_of) else { return };
                mask.retain(|id| quality_of(id).is_none_or(|quality| is_known(root, quality)));
            }
            _ => {}
        }
    }
}

impl Constraint for Scale {
    fn restrict(&self, place: &Place, slot: Slot, mask: &mut Mask) {
        if self.rule == ScaleRule::Free {
            return;
        }
        if place.grammar.harmony_bar().is_some() {
            self.restrict_chords(place, slot, mask);
            return;
        }
        let Some((cell, onset)) = place.note().filter(|_| slot == Slot::Pitch) else { return };
        let key = place.frame.key;
        let pitch_of = |id: u16| match tone_of(id) {
            Some(Tone::Pitched(relative)) => to_pitch(key, relative),
            _ => None,
        };
        let passing = self.passing[cell.part.index()];
        let resolves = |pitch: Pitch| {
            passing.is_some_and(|passing| (1..=STEP).contains(&pitch.number().abs_diff(passing.number())))
                && self.fits(key, onset, pitch.class())
        };
        if mask.allowed().filter_map(pitch_of).any(resolves) {
            mask.retain(|id| pitch_of(id).is_none_or(resolves));
        } else if passing.is_some() || !self.may_pass(place, cell, onset) {
            mask.retain(|id| pitch_of(id).is_none_or(|pitch| self.fits(key, onset, pitch.class())));
        }
    }

    fn lean(&self, place: &Place, slot: Slot, logits: &mut [f32]) {
        let key = place.frame.key;
        if place.grammar.harmony_bar().is_some() && !self.of_style.is_empty() {
            let root = place.before.get(1).copied().and_then(root_of);
            let is_outside = |root: u8, quality| !is_of_key(self.rule, key.mode, root, quality);
            let gains = |id: u16| match slot {
                Slot::Pitch => root_of(id).is_some_and(|root| !key.mode.degrees().contains(&root)),
                Slot::Velocity => root.zip(quality_of(id)).is_some_and(|(root, quality)| {
                    key.mode.degrees().contains(&root) && is_outside(root, quality)
                }),
                _ => false,
            };
            let nats = if slot == Slot::Pitch { LEAN_OF_OUTSIDE } else { LEAN_OF_QUALITIES };
            lean_by(logits, |id| gains(id).then_some(nats));
        }
        let Some(degree) = own_degree(key.mode).filter(|_| self.rule == ScaleRule::Style) else { return };
        if place.grammar.harmony_bar().is_some() {
            let root = place.before.get(1).copied().and_then(root_of);
            let has_degree = |root: u8, quality: ChordQuality| {
                is_of_key(self.rule, key.mode, root, quality)
                    && quality.tones().iter().any(|tone| (root + tone) % 12 == degree)
            };
            let triads = [ChordQuality::Major, ChordQuality::Minor];
            let gains = |id: u16| match slot {
                Slot::Pitch => {
                    root_of(id).is_some_and(|root| triads.iter().any(|triad| has_degree(root, *triad)))
                }
                Slot::Velocity => {
                    root.zip(quality_of(id)).is_some_and(|(root, quality)| has_degree(root, quality))
                }
                _ => false,
            };
            lean_by(logits, |id| gains(id).then_some(LEAN_OF_CHORDS));
        } else if slot == Slot::Pitch && place.note().is_some() {
            let gains = |id: u16| match tone_of(id) {
                Some(Tone::Pitched(relative)) => {
                    to_pitch(key, relative).is_some_and(|pitch| pitch.class().above(key.tonic) == degree)
                }
                _ => false,
            };
            lean_by(logits, |id| gains(id).then_some(LEAN_OF_NOTES));
        }
    }

    fn step(&mut self, place: &Place, token: Token) {
        self.chords.step(place, token);
        if let Some(Symbol::Note { tone: Some(Tone::Pitched(relative)), .. }) = Symbol::from_token(token)
            && self.rule == ScaleRule::Style
        {
            let place = Place { before: &token.0, ..*place };
            let Some((cell, onset)) = place.note() else { return };
            let key = place.frame.key;
            let is_passing = |pitch: &Pitch| !self.fits(key, onset, pitch.class());
            self.passing[cell.part.index()] = to_pitch(key, relative).filter(is_passing);
        }
    }
}

/// Root and quality of a chord of a vocabulary, whose roots are relative to C.
fn seen_from_c(name: &ChordName) -> Option<(u8, ChordQuality)> {
    name.chord().map(|chord| (chord.root.number(), chord.quality))
}

/// The degree, in semitones above the tonic, that distinguishes a mode from major or minor.
const fn own_degree(mode: Mode) -> Option<u8> {
    match mode {
        Mode::Phrygian => Some(1),
        Mode::Lydian | Mode::Locrian => Some(6),
        Mode::Dorian => Some(9),
        Mode::Mixolydian => Some(10),
        Mode::Major | Mode::Minor | Mode::HarmonicMinor => None,
    }
}

/// Whether a chord belongs to the key. The major dominant belongs to minor; under the strict rule to every mode with a
/// minor third, as in earlier versions.
fn is_of_key(rule: ScaleRule, mode: Mode, root: u8, quality: ChordQuality) -> bool {
    // Ids are relative to the tonic, so the scale on C is used.
    let has = |semitones: u8| mode.degrees().contains(&(semitones % 12));
    let has_dominant = match rule {
        ScaleRule::Style => matches!(mode, Mode::Minor | Mode::HarmonicMinor),
        ScaleRule::Strict | ScaleRule::Free => mode.is_minor(),
    };
    let is_dominant = root == 7 && matches!(quality, ChordQuality::Major | ChordQuality::Seventh);
    (has_dominant && is_dominant) || quality.tones().iter().all(|&tone| has(root + tone))
}
