//! The kinds of meaning that a word may have.

use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Mode, Part};
use crate::token::Style;

/// One meaning of a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::words) enum Sense {
    /// A style.
    Style(Style),
    /// An implied style, which any [`Self::Style`] overrules.
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
    /// Amount of human velocity and micro-timing, in per cent.
    Performance(u8),
    /// How the phrase ends.
    Ending(Ending),
    /// Parts, with the stance that holds unless the text before gives another.
    Parts(Stance, &'static [Part]),
    /// A level of a control, `0.0..=1.0`.
    Level(PartControl, f32),
    /// The name of a control; its value comes from the word before it or the number after it.
    Dial(PartControl),
    /// Scales the distance from the middle of the next word that can be scaled.
    Degree(f32),
    /// Negates the next word; its factor applies where that word can be scaled.
    Not(f32),
    /// The stance of the parts that follow in the clause.
    Stance(Stance),
}

/// How the text mentions a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::words) enum Stance {
    /// By name: only the named parts are composed.
    Named,
    /// In addition to the parts that are composed anyway.
    With,
    /// As one to leave out.
    Without,
    /// As the only one, whatever other parts are named.
    Only,
}

/// Names separated by `|`, and what they mean.
pub(super) type Row = (&'static str, &'static [Sense]);
