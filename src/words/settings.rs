//! The result of reading a text: the settings it asks for, what was understood and what was not.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Meter, Mode, Part, PitchClass};
use crate::token::Style;

/// The settings that a text asks for; `None` or empty where it says nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Words {
    /// Style of the phrase.
    pub style: Option<Style>,
    /// Dark (0.0) to bright (1.0).
    pub valence: Option<f32>,
    /// Calm (0.0) to energetic (1.0).
    pub arousal: Option<f32>,
    /// Tonic of the key.
    pub tonic: Option<PitchClass>,
    /// Mode of the key.
    pub mode: Option<Mode>,
    /// Beats per minute, `20.0..=400.0`.
    pub tempo: Option<f32>,
    /// Time signature.
    pub meter: Option<Meter>,
    /// Length in bars, `1..=`[`Words::MAX_BARS`].
    pub n_bars: Option<u32>,
    /// Amount of human velocity and micro-timing, in per cent, `0..=150`; 0 is straight on the grid.
    pub performance: Option<u8>,
    /// How the phrase ends.
    pub ending: Option<Ending>,
    /// The parts asked for, in stream order; empty where the text leaves the choice open.
    pub parts: Vec<Part>,
    /// Parts to compose in addition to those that are composed anyway, in stream order.
    pub with: Vec<Part>,
    /// Parts to leave out, in stream order.
    pub without: Vec<Part>,
    /// Levels of the parts' controls, in the order of the text.
    pub levels: Vec<Level>,
    /// What was understood and its effect, in the order of the text. A text of these words alone asks for the same.
    pub understood: Vec<Understood>,
    /// What was not understood, in the order of the text.
    pub unknown: Vec<Unknown>,
}

/// The value of one control, of one part or of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The part; `None` for all parts that the control applies to.
    pub part: Option<Part>,
    /// The control.
    pub control: PartControl,
    /// `0.0..=1.0`, as `music::measure` defines it.
    pub value: f32,
}

/// Words of the text that were understood, and their effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Understood {
    /// As they stand in the text.
    pub words: String,
    /// The effect, for people to read: "density 0.20 of bass".
    pub effect: String,
}

/// Words of the text that are not in the lexicon, or that ask for a value out of range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// As they stand in the text.
    pub words: String,
    /// The nearest words that would be understood, if there are any.
    pub nearest: Option<String>,
}

/// A sentence for the user, with the nearest words or with what can be said.
impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.nearest {
            Some(nearest) => write!(f, "{:?} is not understood; did you mean {nearest:?}?", self.words),
            None => write!(
                f,
                "{:?} is not understood; say a style, mood, tempo, key, meter, length, part or how its notes should be",
                self.words
            ),
        }
    }
}

impl Words {
    /// Most bars of one phrase.
    pub const MAX_BARS: u32 = 16;

    /// Slowest and fastest tempo, in beats per minute.
    pub const TEMPI: (f32, f32) = (20.0, 400.0);

    /// The parts to compose, in stream order; `otherwise` are those composed where the text names none. May be empty.
    pub fn parts(&self, otherwise: &[Part]) -> Vec<Part> {
        let asked = if self.parts.is_empty() { otherwise } else { &self.parts };
        let wanted = |part: &Part| asked.contains(part) || self.with.contains(part);
        Part::ALL.into_iter().filter(|part| wanted(part) && !self.without.contains(part)).collect()
    }
}

impl Level {
    /// The parts whose control it sets. A control about pitch leaves the drums out unless they are named.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        use PartControl::{Leaps, Polyphony, Range, Register};
        let Self { part: named, control, .. } = *self;
        let spares_drums = matches!(control, Polyphony | Register | Range | Leaps);
        Part::ALL.into_iter().filter(move |&part| match named {
            Some(named) => part == named,
            None => !(part.is_drums() && spares_drums),
        })
    }
}
