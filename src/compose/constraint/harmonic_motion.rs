//! Harmonic motion: chord changes as in music of the style, and a bass that supports them.
//!
//! The network knows which chords suit a phrase, but counts know better which chord follows which. A gain is added to
//! each root and third by how much likelier it is after the chord before than elsewhere. For half a beat from the start
//! of a chord or a bar, a gain is added to the bass notes on the chord's root, or on the bass that is written. With the
//! strict and the free scale rule nothing is added.

use std::sync::Arc;

use super::chord_track::ChordTrack;
use super::{Constraint, Place, lean_by, quality_of, root_of};
use crate::compose::harmonist::{Harmonist, State, Third, Transitions};
use crate::music::{Mode, Part, TickDuration};
use crate::session::{ScaleRule, Task};
use crate::token::decode::to_pitch;
use crate::token::vocab::tone_of;
use crate::token::{Harmony, Mask, Prompt, Slot, Token, Tone};

/// Factor of the gain of chord changes.
///
/// # Source
///
/// Set so that dominants resolve as often as in real music: .36 of them did without it, real .56 (twelve styles, twenty seeds).
const OF_TRANSITIONS: f64 = 0.7;

/// Gain of the chord's bass note where the chord begins, in nats.
///
/// # Source
///
/// Set so that chords sound in inversion as often as in real music: .38 of them without it, real .24 (twelve styles,
/// twenty seeds).
const LEAN_OF_BASS: f32 = 0.8;

/// Adds gains to chords and the bass.
#[derive(Debug, Clone)]
pub struct HarmonicMotion {
    /// `None` if no gain is added to chord changes.
    transitions: Option<Arc<Transitions>>,
    /// Whether a gain is added to the bass.
    leads_bass: bool,
    chords: ChordTrack,
}

impl HarmonicMotion {
    /// The motion in the style of `task`; `prompt` is the task's. In modes other than major and minor chord changes
    /// have no gain, since few were counted.
    pub fn new(task: &Task, prompt: &Prompt, harmonist: &Harmonist) -> Self {
        let mode = prompt.frame().key.mode;
        let has_style = task.rules.scale == ScaleRule::Style;
        let is_counted = matches!(mode, Mode::Major | Mode::Minor | Mode::HarmonicMinor);
        let is_composed = prompt.harmony == Harmony::Composed;
        let transitions = (has_style && is_counted && is_composed)
            .then(|| Arc::clone(harmonist.transitions(task.controls.style, mode.is_minor())));
        let leads_bass = has_style && prompt.harmony != Harmony::Off;
        Self { transitions, leads_bass, chords: ChordTrack::new(prompt) }
    }

    fn lean_chord(&self, place: &Place, slot: Slot, logits: &mut [f32]) {
        let Some((transitions, at)) = self.transitions.as_ref().zip(place.chord_onset()) else { return };
        let Some(before) = self.chords.before(at) else { return };
        let from = State::of(before, place.frame.key);
        let is_change = |root: u8| from.root().number() != root;
        let written = place.before.get(1).copied().and_then(root_of);
        let gain = |id: u16| match slot {
            Slot::Pitch => {
                root_of(id).filter(|root| is_change(*root)).map(|root| transitions.gain_of_root(from, root))
            }
            Slot::Velocity => written
                .filter(|root| is_change(*root))
                .zip(quality_of(id))
                .map(|(root, quality)| transitions.gain(from, State::new(root, Third::of_quality(quality)))),
            Slot::Kind | Slot::Duration => None,
        };
        #[expect(clippy::cast_possible_truncation, reason = "a few nats")]
        lean_by(logits, |id| gain(id).map(|gain| (OF_TRANSITIONS * gain) as f32));
    }

    fn lean_bass(&self, place: &Place, logits: &mut [f32]) {
        let Some((cell, onset)) = place.note().filter(|(cell, _)| cell.part == Part::Bass) else { return };
        let Some((chord, span)) = self.chords.at(onset).filter(|_| self.leads_bass) else { return };
        let begins = span.onset.max(place.frame.bar_start(cell.bar));
        let half_beat = TickDuration::from_steps(place.frame.meter.felt_beat_steps() / 2);
        if onset.since(begins) >= half_beat {
            return;
        }
        lean_by(logits, |id| {
            let Some(Tone::Pitched(relative)) = tone_of(id) else { return None };
            let pitch = to_pitch(place.frame.key, relative)?;
            (pitch.class() == chord.bass).then_some(LEAN_OF_BASS)
        });
    }
}

impl Constraint for HarmonicMotion {
    fn restrict(&self, _place: &Place, _slot: Slot, _mask: &mut Mask) {}

    fn lean(&self, place: &Place, slot: Slot, logits: &mut [f32]) {
        match place.grammar.harmony_bar() {
            Some(_) => self.lean_chord(place, slot, logits),
            None if slot == Slot::Pitch => self.lean_bass(place, logits),
            None => {}
        }
    }

    fn step(&mut self, place: &Place, token: Token) {
        self.chords.step(place, token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::library;
    use crate::music::{ChordQuality, Frame, Key, Meter, PitchClass};
    use crate::session::{Rules, TaskSettings};
    use crate::token::vocab::SLOT_SIZES;
    use crate::token::{Grammar, Symbol};

    /// The gain of each id after `before` in bar 1 of a phrase in C under `scale`, whose bar 0 has G7.
    fn leaned(scale: ScaleRule, before: &[u16], slot: Slot) -> Vec<f32> {
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        let settings = TaskSettings { rules: Rules { scale, ..Rules::default() }, ..TaskSettings::default() };
        let task = Task::generate(frame, &[Part::Bass], settings).unwrap();
        let prompt = task.prompt().unwrap();
        let mut motion = HarmonicMotion::new(&task, &prompt, library::shipped::harmonist());
        let mut grammar = Grammar::new(&prompt.plan());
        let write = |token: Token, grammar: &mut Grammar, motion: &mut HarmonicMotion| {
            motion.step(&Place { frame: &frame, grammar, before: &[] }, token);
            grammar.advance(token);
        };
        let chord = |root: u8| Symbol::Chord {
            position: 0,
            chord: Some((PitchClass::new(root), ChordQuality::Seventh)),
            duration: Some(48),
        };
        let is_chord = before.first().is_none_or(|kind| *kind >= Token::CHORD_KINDS);
        while let Some(header) = grammar.next_header() {
            let bar = grammar.harmony_bar();
            if is_chord && bar == Some(1) || !is_chord && grammar.cell().is_some_and(|cell| cell.bar == 0) {
                break;
            }
            let is_open = bar == Some(0) && grammar.last_position().is_none();
            write(if is_open { chord(7).to_token() } else { header }, &mut grammar, &mut motion);
        }
        let mut logits = vec![0.0; usize::from(SLOT_SIZES[slot.index()])];
        motion.lean(&Place { frame: &frame, grammar: &grammar, before }, slot, &mut logits);
        logits
    }

    #[test]
    fn a_dominant_leads_on_where_the_style_has_the_word() {
        let roots = leaned(ScaleRule::Style, &[Token::CHORD_KINDS], Slot::Pitch);
        let of = |root: u16| roots[usize::from(Token::ROOT_IDS.start + root)];
        assert!(of(0) > 0.1 && of(0) > of(2), "{} and {}", of(0), of(2));
        assert!(of(7).abs() < f32::EPSILON, "a chord that stays");
        let before = [Token::CHORD_KINDS, Token::ROOT_IDS.start];
        let qualities = leaned(ScaleRule::Style, &before, Slot::Velocity);
        let of = |quality: ChordQuality| qualities[usize::from(Token::QUALITY_IDS.start) + quality.index()];
        assert!(of(ChordQuality::Major) > of(ChordQuality::Diminished));
        let basses = leaned(ScaleRule::Style, &[Token::SLASH_KIND], Slot::Pitch);
        assert!(basses.iter().all(|lean| *lean == 0.0), "a bass is no root");
        for rule in [ScaleRule::Strict, ScaleRule::Free] {
            let roots = leaned(rule, &[Token::CHORD_KINDS], Slot::Pitch);
            assert!(roots.iter().all(|lean| *lean == 0.0));
        }
    }

    #[test]
    fn the_bass_begins_on_what_the_chord_stands_on() {
        let pitches = |step: u16| leaned(ScaleRule::Style, &[Token::NOTE_KINDS + step], Slot::Pitch);
        let classes = |leans: Vec<f32>| -> Vec<u8> {
            let gains = (0u16..).zip(leans).filter(|(_, lean)| *lean > 0.0);
            let mut classes: Vec<u8> = gains
                .filter_map(|(id, _)| match tone_of(id) {
                    Some(Tone::Pitched(relative)) => u8::try_from(relative.rem_euclid(12)).ok(),
                    _ => None,
                })
                .collect();
            classes.sort_unstable();
            classes.dedup();
            classes
        };
        assert_eq!(classes(pitches(0)), [7]);
        assert!(classes(pitches(12)).is_empty(), "the second beat is free");
    }
}
