//! The knobs of composing: the user's settings of a phrase, and their conversion to the settings of a task.
//!
//! Words, presets and the flags of the command line set knobs, and the plugin shows them as parameters. Plugin and
//! command line both make their tasks from [`Knobs`], so the same words give the same task. `src/params/table.rs`
//! describes how to add a knob.
//!
//! Shares are `0.0..=1.0`. `None` leaves the choice to the model or to the statistics of the style.
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

/// The settings of a phrase to compose.
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
    /// Boldness of sampling, a share: 0 safe, 0.5 as calibrated, 1 bold.
    pub surprise: f32,
    /// The song form, `None` for a phrase.
    pub form: Option<Form>,
    /// The ending of the phrase.
    pub ending: Option<Ending>,
    /// The amount of performance.
    pub performance: Performance,
    /// Indexed by `[part_idx]`.
    pub parts: [PartKnobs; 5],
    /// Shares of one control in one part, which no knob can show; they override the dials. Indexed by
    /// `[part_idx][control_idx]`.
    pub details: [[Option<f32>; PartControl::ALL.len()]; 5],
}

/// The knobs of one part.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartKnobs {
    /// Whether it is composed.
    pub is_on: bool,
    /// Offset of the part's density from [`Dial::Density`], `-0.5..=0.5`.
    pub density: f32,
}

impl Default for Knobs {
    /// All dials on auto; all parts on but the arpeggio.
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

    /// The share of `dial`, `None` for auto.
    pub const fn dial(&self, dial: Dial) -> Option<f32> {
        self.dials[dial.index()]
    }

    /// Sets `dial` to a share, or to auto with `None`.
    pub const fn turn(&mut self, dial: Dial, share: Option<f32>) {
        self.dials[dial.index()] = share;
    }

    /// Resets syncopation, leaps and polyphony to auto, so that [`Dial::Complexity`] sets them.
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

    /// Switches `parts` on and all others off.
    pub fn choose_parts(&mut self, parts: &[Part]) {
        for part in Part::ALL {
            self.parts[part.index()].is_on = parts.contains(&part);
        }
    }
}
