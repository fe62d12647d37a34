//! What a word may mean.

use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Mode, Part};
use crate::token::Style;

/// One meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::words) enum Sense {
    /// A style.
    Style(Style),
    /// A style in passing, which any [`Self::Style`] overrules.
    Flavour(Style),
    /// Valence and arousal, each `0.0..=1.0`.
    Mood(f32, f32),
    /// A mode.
    Mode(Mode),
    /// A tempo word: slowest and fastest, in beats per minute.
    Pace(f32, f32),
    /// A meter: numerator and denominator.
    Meter(u8, u8),
    /// A length in bars.
    Bars(u32),
    /// How much notes are played as people play, in per cent.
    Performance(u8),
    /// How it ends.
    Ending(Ending),
    /// Parts, with a stance for where the text before gives none.
    Parts(Stance, &'static [Part]),
    /// A level of a control, `0.0..=1.0`.
    Level(PartControl, f32),
    /// The name of a control; a word or number beside it says how much.
    Dial(PartControl),
    /// Scales the distance from the middle of the next word that has one.
    Degree(f32),
    /// Takes away the next word; a degree where that is a matter of degree.
    Not(f32),
    /// How the parts that follow in the clause are meant.
    Stance(Stance),
}

/// How a part is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::words) enum Stance {
    /// It is what is asked for.
    Named,
    /// It is wanted beside others.
    With,
    /// It is not wanted.
    Without,
    /// Nothing else is wanted.
    Only,
}

/// Names separated by `|`, and what they mean.
pub(super) type Row = (&'static str, &'static [Sense]);
