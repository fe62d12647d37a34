//! The knobs of composing: what a user sets about a phrase, and the one way from there to the settings of a task.
//!
//! Words and presets turn knobs. The plugin shows them as parameters, the command line's flags turn them too, and both make
//! their tasks from [`Knobs`]: so the same sentence asks for the same music in both. `src/params/table.rs` says how to add one.
//!
//! Shares are `0.0..=1.0`. What is `None` is left to the model, or to what the style has.
//!
//! # Example
//!
//! ```
//! use descant::knobs::{Dial, Knobs};
//! use descant::words;
//!
//! let mut knobs = Knobs::default();
//! knobs.say(&words::read("sparse folk, a high melody"));
//! assert_eq!(knobs.dial(Dial::Density), Some(0.2));
//! assert!(knobs.settings().controls.style.is_some());
//! ```

mod dial;

mod from_words;

mod from_preset;

mod to_task;

use std::ops::RangeInclusive;

use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Meter, Mode, Part, PitchClass};
use crate::session::{Form, Performance, ScaleRule};
use crate::token::Style;

pub use dial::Dial;

/// What a user sets about a phrase to compose.
#[derive(Debug, Clone, PartialEq)]
pub struct Knobs {
    /// Style.
    pub style: Option<Style>,
    /// Shares, indexed by `[dial_idx]`.
    pub dials: [Option<f32>; Dial::ALL.len()],
    /// Tonic of the key.
    pub tonic: Option<PitchClass>,
    /// Mode of the key.
    pub mode: Option<Mode>,
    /// Which pitches may be composed.
    pub scale: ScaleRule,
    /// Time signature.
    pub meter: Meter,
    /// Length in bars.
    pub n_bars: Option<u32>,
    /// Beats per minute.
    pub tempo: Option<f32>,
    /// How boldly notes are drawn: a share, in the middle as calibrated.
    pub surprise: f32,
    /// The song form, `None` for a phrase.
    pub form: Option<Form>,
    /// How it ends.
    pub ending: Option<Ending>,
    /// How it is played.
    pub performance: Performance,
    /// Indexed by `[part_idx]`.
    pub parts: [PartKnobs; 5],
    /// Shares that no knob holds, of one control in one part: they overrule the dials. Indexed by `[part_idx][control_idx]`.
    pub details: [[Option<f32>; PartControl::ALL.len()]; 5],
}

/// The knobs of one part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartKnobs {
    /// Whether it is composed.
    pub is_on: bool,
    /// How much denser it is than [`Dial::Density`] says, `-0.5..=0.5`.
    pub density: f32,
}

impl Default for Knobs {
    /// Everything left to the model; all parts but the arpeggio.
    fn default() -> Self {
        Self {
            style: None,
            dials: Default::default(),
            tonic: None,
            mode: None,
            scale: ScaleRule::default(),
            meter: Meter::COMMON,
            n_bars: None,
            tempo: None,
            surprise: 0.5,
            form: None,
            ending: None,
            performance: Performance::PLAYED,
            parts: Part::ALL.map(|part| PartKnobs { is_on: part != Part::Arpeggio, density: 0.0 }),
            details: Default::default(),
        }
    }
}

impl Knobs {
    /// Lengths in bars.
    pub const BARS: RangeInclusive<u32> = 1..=16;

    /// The length in bars where none is set.
    pub const USUAL_BARS: u32 = 8;

    /// Tempos in beats per minute.
    pub const TEMPI: RangeInclusive<f32> = 30.0..=300.0;

    /// The share that `dial` asks for.
    pub const fn dial(&self, dial: Dial) -> Option<f32> {
        self.dials[dial.index()]
    }

    /// Turns `dial`.
    pub const fn turn(&mut self, dial: Dial, share: Option<f32>) {
        self.dials[dial.index()] = share;
    }

    /// Takes back syncopation, leaps and polyphony: what [`Dial::Complexity`] sets where they are not set.
    pub fn leave_to_complexity(&mut self) {
        self.turn(Dial::Syncopation, None);
        self.turn(Dial::Leaps, None);
        for details in &mut self.details {
            for control in [PartControl::Syncopation, PartControl::Polyphony, PartControl::Leaps] {
                details[control.index()] = None;
            }
        }
    }

    /// The parts that are on, in stream order.
    pub fn parts_on(&self) -> Vec<Part> {
        Part::ALL.into_iter().filter(|part| self.parts[part.index()].is_on).collect()
    }

    /// Has `parts` composed and no other.
    pub fn choose_parts(&mut self, parts: &[Part]) {
        for part in Part::ALL {
            self.parts[part.index()].is_on = parts.contains(&part);
        }
    }
}
