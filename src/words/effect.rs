//! The effect of single words on the settings, and which of two effects overrules the other.

use super::lexicon::Stance;
use super::settings::{Level, Words};
use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Meter, Mode, Part, PitchClass, counted};
use crate::token::Style;

/// What a run of words sets, whatever other words of the text say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Effect {
    Style(Style),
    /// Valence and arousal.
    Mood(f32, f32),
    Tonic(PitchClass),
    Mode(Mode),
    /// Beats per minute.
    Tempo(f32),
    Meter(Meter),
    Bars(u32),
    Ending(Ending),
    Part(Part, Stance),
    Level(Option<Part>, PartControl, f32),
    /// Amount of human velocity and micro-timing, in per cent.
    Performance(u8),
}

/// The rank of an effect: of two that contradict each other the higher rank counts, of equal ranks the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Implied: a flavour, the tempo of a dance.
    Hint,
    /// Given as a word.
    Word,
    /// Given as a number.
    Number,
}

/// An effect and the place in the text of the words that have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Finding {
    /// First byte in the text.
    pub start: usize,
    /// First byte after them.
    pub end: usize,
    pub effect: Effect,
    pub weight: Weight,
}

impl Effect {
    /// Whether both set the same value, so that only one of them can count.
    pub(super) fn contradicts(self, other: Self) -> bool {
        use Effect::{Bars, Ending, Level, Meter, Mode, Performance, Style, Tempo, Tonic};
        match (self, other) {
            (Level(part, control, _), Level(other_part, other_control, _)) => {
                (part, control) == (other_part, other_control)
            }
            (Style(_), Style(_))
            | (Tonic(_), Tonic(_))
            | (Mode(_), Mode(_))
            | (Tempo(_), Tempo(_))
            | (Meter(_), Meter(_))
            | (Bars(_), Bars(_))
            | (Ending(_), Ending(_))
            | (Performance(_), Performance(_)) => true,
            _ => false,
        }
    }

    /// Writes an effect that is not overruled into `words`, or into `moods`, which are averaged later.
    pub(super) fn enter(self, words: &mut Words, moods: &mut Vec<(f32, f32)>) {
        match self {
            Self::Style(style) => words.style = Some(style),
            Self::Mood(valence, arousal) => {
                // A word said twice does not weigh twice.
                if !moods.contains(&(valence, arousal)) {
                    moods.push((valence, arousal));
                }
            }
            Self::Tonic(tonic) => words.tonic = Some(tonic),
            Self::Mode(mode) => words.mode = Some(mode),
            Self::Tempo(tempo) => words.tempo = Some(tempo),
            Self::Meter(meter) => words.meter = Some(meter),
            Self::Bars(n_bars) => words.n_bars = Some(n_bars),
            Self::Performance(percent) => words.performance = Some(percent),
            Self::Ending(ending) => words.ending = Some(ending),
            Self::Part(..) => {}
            Self::Level(part, control, value) => {
                let level = Level { part, control, value };
                if !words.levels.contains(&level) {
                    words.levels.push(level);
                }
            }
        }
    }
}

impl std::fmt::Display for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Style(style) => write!(f, "style {style}"),
            Self::Mood(valence, arousal) => write!(f, "valence {valence:.2}, arousal {arousal:.2}"),
            Self::Tonic(tonic) => write!(f, "tonic {tonic}"),
            Self::Mode(mode) => write!(f, "mode {}", mode.name()),
            Self::Tempo(tempo) => write!(f, "tempo {tempo}"),
            Self::Meter(meter) => write!(f, "meter {meter}"),
            Self::Performance(percent) => write!(f, "performance {percent} %"),
            Self::Bars(n_bars) => f.write_str(&counted(n_bars, "bar")),
            Self::Ending(ending) => write!(f, "ending {ending}"),
            Self::Part(part, stance) => match stance {
                Stance::Named => write!(f, "part {part}"),
                Stance::With => write!(f, "with {part}"),
                Stance::Without => write!(f, "no {part}"),
                Stance::Only => write!(f, "only {part}"),
            },
            Self::Level(part, control, value) => {
                write!(f, "{} {value:.2}", control.name())?;
                part.map_or(Ok(()), |part| write!(f, " of {part}"))
            }
        }
    }
}
