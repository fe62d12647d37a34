//! Steers composing towards the controls: adjusts the network's logits before each draw.
//!
//! The network reads the controls in its prefix, but follows them only loosely. Here each part has running measures of
//! its notes (`running_measures`), targets in the controls' own units (`targets`), and tilts (`feedback`) that adjust
//! the draws of a slot by feedback: the odds of an onset for density, of one more note at the same onset for polyphony,
//! of positions for syncopation and rests, of durations for rests and polyphony, of pitches for register, range and
//! leaps. Constraints forbid; steering only changes probabilities, within limits. Controls that are not asked are not
//! steered: without targets all logits are unchanged.

mod choices;
mod drums;
mod duration;
mod feedback;
mod mood;
mod onset;
mod part;
mod pitch;
mod running_measures;
mod targets;

use crate::music::{Part, Pitch};
use crate::session::Task;
use crate::token::decode::to_pitch;
use crate::token::vocab::tone_of;
use crate::token::{Mask, Slot, Symbol, Token, Tone};

use super::constraint::Place;
use choices::Choices;
use mood::Colour;
use part::Voice;

pub use part::Aims;
pub use targets::{Plan, asks, free};

/// Steers one take.
#[derive(Debug, Clone)]
pub struct Steering {
    /// Indexed by `[part_idx]`; `None` if the part is not composed or has no targets.
    voices: [Option<Voice>; 5],
    colour: Colour,
    temperature: f32,
    /// Lowest and highest pitch that the rules allow, indexed by `[part_idx]`.
    held: [(f64, f64); 5],
}

impl Steering {
    /// Steers towards the targets of `plan`.
    pub fn new(plan: &Plan, task: &Task) -> Self {
        let Plan { prompt, aims, brightening } = plan;
        let voices = Part::ALL.map(|part| {
            let aims = aims[part.index()];
            let mut bars: Vec<u32> =
                prompt.compose().iter().filter(|cell| cell.part == part).map(|cell| cell.bar).collect();
            bars.sort_unstable();
            let is_steered = !bars.is_empty() && aims.iter().any(Option::is_some);
            let asked = task.controls.parts[part.index()].map(|asked| asked.is_some());
            is_steered.then(|| {
                let mut voice = Voice::new(prompt.frame(), part, &bars, aims, &asked);
                voice.plays_on = task.plays_on(part);
                let is_moved_by_mood = task.controls.arousal.is_some() && !asked.contains(&true);
                voice.sustains = voice.plays_on && is_moved_by_mood;
                voice
            })
        });
        let number = |pitch: Pitch| f64::from(pitch.number());
        let held = task.rules.ranges.map(|(low, high)| (number(low), number(high)));
        let colour = Colour::new(*brightening, prompt.frame(), prompt.given());
        Self { voices, colour, temperature: task.sampling.temperature, held }
    }

    /// Adjusts `logits` of `slot`, where `mask` says what may be drawn.
    pub fn lean(&mut self, place: &Place, slot: Slot, mask: &Mask, logits: &mut [f32]) {
        let Some(cell) = place.grammar.cell() else { return };
        let Some(voice) = &mut self.voices[cell.part.index()] else { return };
        let Some((start, run_end)) = voice.line.bar(cell.bar) else { return };
        let mut choices = Choices::new(logits, mask, self.temperature);
        let step = place.before.first().and_then(|kind| {
            kind.checked_sub(Token::NOTE_KINDS).filter(|at| *at < 96).map(|at| start + u32::from(at))
        });
        match (slot, step) {
            (Slot::Kind, _) => {
                let bar_steps = place.frame.meter.bar_steps();
                voice.lean_kinds(start, bar_steps, place.grammar.last_position(), &mut choices);
            }
            (Slot::Pitch, Some(step)) if cell.part.is_drums() => {
                let key = |&id: &u16| match tone_of(id) {
                    Some(Tone::Drum(key)) => key,
                    _ => 0,
                };
                let keys: Vec<u8> = choices.ids.iter().map(key).collect();
                voice.lean_keys(step, &keys, &mut choices);
            }
            (Slot::Pitch, Some(step)) => {
                let pitch = |&id: &u16| match tone_of(id) {
                    Some(Tone::Pitched(relative)) => {
                        to_pitch(place.frame.key, relative).map_or(0, Pitch::number)
                    }
                    _ => 0,
                };
                let pitches: Vec<u8> = choices.ids.iter().map(pitch).collect();
                let in_phrase = place.frame.bar_start(cell.bar).to_nearest_step() + step - start;
                self.colour.lean(in_phrase, &pitches, &mut choices);
                let pitches: Vec<f64> = pitches.into_iter().map(f64::from).collect();
                voice.lean_pitches(step, &pitches, self.held[cell.part.index()], &mut choices);
            }
            (Slot::Duration, Some(step)) if !cell.part.is_drums() => {
                voice.lean_lengths(step, run_end, &mut choices);
            }
            _ => return,
        }
        choices.write_to(logits);
    }

    /// Updates the measures by the token that was written at `place`.
    pub fn step(&mut self, place: &Place, token: Token) {
        let Some(cell) = place.grammar.cell() else { return };
        let Some(voice) = &mut self.voices[cell.part.index()] else { return };
        let Some(Symbol::Note { position: Some(position), tone: Some(tone), duration, .. }) =
            Symbol::from_token(token)
        else {
            return;
        };
        match tone {
            Tone::Drum(key) => voice.line.add(cell.bar, position, key, None),
            Tone::Pitched(relative) => {
                let pitch = to_pitch(place.frame.key, relative).map_or(0, Pitch::number);
                let n_steps = duration.unwrap_or(1);
                voice.line.add(cell.bar, position, pitch, Some(n_steps));
                let onset = place.frame.bar_start(cell.bar).to_nearest_step() + position;
                self.colour.add(onset, onset + n_steps, pitch);
            }
        }
    }
}
