//! Everything heard in a text, weighed against each other.

use super::lexicon::Stance;
use super::reader::Hearing;
use super::{Level, Understood, Words};
use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::{Meter, Mode, Part, PitchClass, counted};
use crate::token::Style;

/// What words of the text do, before other words are looked at.
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
    /// Per cent of what people do.
    Performance(u8),
}

/// Which of two words that contradict each other counts; of equals the later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Said in passing: a flavour, the tempo of a dance.
    Hint,
    /// Said in a word.
    Word,
    /// Said in a number.
    Number,
}

/// An effect and the words that have it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Heard {
    /// First byte in the text.
    pub start: usize,
    /// First byte after.
    pub end: usize,
    pub effect: Effect,
    pub weight: Weight,
}

/// The wishes of what was heard in `text`.
pub(super) fn resolve(text: &str, hearing: Hearing) -> Words {
    let Hearing { heard, unknown, corrected } = hearing;
    let slice = |heard: &Heard| text.get(heard.start..heard.end).unwrap_or_default().to_owned();
    let mut words = Words { unknown, ..Words::default() };
    let mut moods: Vec<(f32, f32)> = Vec::new();
    for one in &heard {
        let winner = heard
            .iter()
            .filter(|other| other.effect.contradicts(one.effect))
            .max_by_key(|other| other.weight)
            .filter(|winner| winner.effect != one.effect);
        let mut effect = one.effect.to_string();
        for word in corrected.iter().filter(|word| one.start <= word.start && word.end <= one.end) {
            let written = text.get(word.start..word.end).unwrap_or_default();
            effect += &format!("; {written:?} read as {:?}", word.name);
        }
        match winner {
            Some(winner) => effect += &format!("; overruled by {:?}", slice(winner)),
            None => one.effect.enter(&mut words, &mut moods),
        }
        let understood = Understood { words: slice(one), effect };
        // What is said twice counts where it is said last.
        words.understood.retain(|earlier| *earlier != understood);
        words.understood.push(understood);
    }
    if let Some((valence, arousal)) = middle(moods) {
        (words.valence, words.arousal) = (Some(valence), Some(arousal));
    }
    let stance = |part: Part| {
        let stances = heard.iter().filter_map(move |heard| match heard.effect {
            Effect::Part(heard_part, stance) if heard_part == part => Some(stance),
            _ => None,
        });
        // "only" outlives a later bare mention of the part.
        stances.reduce(|earlier, later| match (earlier, later) {
            (Stance::Only, Stance::Named | Stance::With) => Stance::Only,
            (Stance::Named, Stance::With) => Stance::Named,
            _ => later,
        })
    };
    let having = |wanted: Stance| -> Vec<Part> {
        Part::ALL.into_iter().filter(|&part| stance(part) == Some(wanted)).collect()
    };
    words.without = having(Stance::Without);
    words.parts = having(Stance::Only);
    if words.parts.is_empty() {
        words.parts = having(Stance::Named);
        words.with = having(Stance::With);
    }
    words
}

impl Effect {
    /// Whether only one of the two can be.
    fn contradicts(self, other: Self) -> bool {
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

    /// Enters what nothing contradicts.
    fn enter(self, words: &mut Words, moods: &mut Vec<(f32, f32)>) {
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

/// The mean of `moods`, whatever their order; `None` if there are none.
fn middle(mut moods: Vec<(f32, f32)>) -> Option<(f32, f32)> {
    moods.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let (n, valence, arousal) = moods
        .iter()
        .fold((0.0, 0.0, 0.0), |(n, valence, arousal), mood| (n + 1.0, valence + mood.0, arousal + mood.1));
    (n > 0.0).then(|| (valence / n, arousal / n))
}
