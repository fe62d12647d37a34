//! Faults: flaws of a phrase that a musician would name, with the bars where they are.

use serde::{Deserialize, Serialize};

use super::harmonic::rough_steps;
use super::line::Line;
use super::melodic::frozen_bars;
use super::quantiles::Place;
use super::references::Usual;
use super::structural::bars_without;
use super::{Qualities, Quality};
use crate::music::count::noun;
use crate::music::phrase::{Part, Phrase};

/// A flaw with a name. Bars are indices from 0, ascending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// A part repeats a note, or holds or rocks a pair, for longer than music of the style does.
    Frozen {
        /// The part.
        part: Part,
        /// Consecutive bars.
        bars: Vec<u32>,
    },
    /// Bars without a note.
    Empty {
        /// The part, or all parts together.
        part: Option<Part>,
        /// The bars; they need not be consecutive.
        bars: Vec<u32>,
    },
    /// Two parts rub against each other in seconds and ninths.
    Clash {
        /// The parts.
        parts: [Part; 2],
        /// The bars where it is worst.
        bars: Vec<u32>,
    },
    /// A part is outside the key for much of the time.
    OffKey {
        /// The part.
        part: Part,
    },
    /// A part never comes back to an earlier figure or bar.
    Wandering {
        /// The part.
        part: Part,
    },
    /// A part changes its rhythm with every bar.
    Unsteady {
        /// The part.
        part: Part,
    },
    /// Melody and lowest voice move in parallel fifths and octaves, unlike music of the style.
    Parallels,
    /// The melody lies below the chords.
    Buried,
    /// The bass holds a note while the chords change.
    HeldOver,
    /// The drums have no backbeat, where music of the style has one.
    NoBackbeat,
    /// The kick is not on every beat, where it is in music of the style.
    NoFourFloor,
    /// A part falls silent before the end of the phrase.
    Quits {
        /// The part.
        part: Part,
        /// Its silent bars.
        bars: Vec<u32>,
    },
}

/// Upper bounds of the share of real phrases with a value as extreme: a rarer value is a fault, if it is also audible
/// by the bounds below.
mod rare {
    pub const FROZEN: f64 = 0.08;
    pub const EMPTY: f64 = 0.05;
    pub const CLASH: f64 = 0.025;
    pub const OFF_KEY: f64 = 0.01;
    pub const WANDERING: f64 = 0.03;
    pub const DISSIMILAR: f64 = 0.15;
    pub const UNSTEADY: f64 = 0.015;
    pub const PARALLELS: f64 = 0.025;
    pub const BURIED: f64 = 0.025;
    pub const HELD_OVER: f64 = 0.025;
    pub const NO_BACKBEAT: f64 = 0.1;
    /// In one phrase of house in ten no bar has a kick on every beat: a break.
    pub const NO_FOUR_FLOOR: f64 = 0.2;
    pub const QUITS: f64 = 0.1;
}

/// Fewest bars of a frozen part.
const FROZEN_BARS: usize = 3;

/// Fewest empty bars of a part that plays elsewhere.
const EMPTY_BARS: usize = 2;

/// Least roughness that is audible as a clash: a sixteenth of the time in minor seconds.
const CLASH_ROUGHNESS: f64 = 0.06;

/// Fewest bars of a part that can wander or be unsteady.
const WANDERING_BARS: u32 = 4;

/// Least share of moves in parallels that is audible.
const PARALLEL_SHARE: f64 = 0.1;

/// Least share of a buried melody's onsets below the chords.
const BURIED_SHARE: f64 = 0.5;

/// Least share of bass notes held over two changes that is audible.
const HELD_OVER_SHARE: f64 = 0.2;

/// Greatest share of bars with a backbeat in drums without one.
const BACKBEAT_SHARE: f64 = 0.25;

/// Fewest bars of drums that can miss being four on the floor: in fewer a fill or an end is too much of them.
const FOUR_FLOOR_BARS: u32 = 8;

/// Greatest share of bars with a kick on every beat in drums that are not four on the floor: fills may leave out two bars of
/// eight.
const FOUR_FLOOR_SHARE: f64 = 0.7;

/// Greatest share of the sounding time in the key of a part that is off key.
const OFF_KEY_SHARE: f64 = 0.85;

impl Fault {
    /// Every name that [`Self::name`] gives.
    pub const NAMES: [&str; 12] = [
        "frozen",
        "empty",
        "clash",
        "off key",
        "wandering",
        "unsteady",
        "parallels",
        "buried",
        "held over",
        "no backbeat",
        "no four on the floor",
        "quits",
    ];

    /// The kind of fault, in a word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Frozen { .. } => Self::NAMES[0],
            Self::Empty { .. } => Self::NAMES[1],
            Self::Clash { .. } => Self::NAMES[2],
            Self::OffKey { .. } => Self::NAMES[3],
            Self::Wandering { .. } => Self::NAMES[4],
            Self::Unsteady { .. } => Self::NAMES[5],
            Self::Parallels => Self::NAMES[6],
            Self::Buried => Self::NAMES[7],
            Self::HeldOver => Self::NAMES[8],
            Self::NoBackbeat => Self::NAMES[9],
            Self::NoFourFloor => Self::NAMES[10],
            Self::Quits { .. } => Self::NAMES[11],
        }
    }

    /// The fault in words such as "frozen bass in bars 3-6".
    ///
    /// `number` — maps a bar index to the number shown to the user.
    pub fn words(&self, number: impl Fn(u32) -> u32) -> String {
        match self {
            Self::Frozen { part, bars } => format!("frozen {part} in {}", bars_in_words(bars, number)),
            Self::Empty { part: Some(part), bars } => format!("no {part} in {}", bars_in_words(bars, number)),
            Self::Empty { part: None, bars } => format!("nothing in {}", bars_in_words(bars, number)),
            Self::Clash { parts: [one, other], bars } => {
                format!("{one} and {other} clash in {}", bars_in_words(bars, number))
            }
            Self::OffKey { part } => format!("{part} out of key"),
            Self::Wandering { part } => format!("{part} wandering"),
            Self::Unsteady { part } => format!("{part} without a steady rhythm"),
            Self::Parallels => "melody and bass in parallel fifths or octaves".to_owned(),
            Self::Buried => "melody below the chords".to_owned(),
            Self::HeldOver => "bass held while the chords change".to_owned(),
            Self::NoBackbeat => "drums without a backbeat".to_owned(),
            Self::NoFourFloor => "drums without a kick on every beat".to_owned(),
            Self::Quits { part, bars } => format!("{part} silent from {}", bars_in_words(bars, number)),
        }
    }

    /// Adds `n_bars` to the indices of its bars.
    pub fn move_later(&mut self, n_bars: u32) {
        match self {
            Self::Frozen { bars, .. }
            | Self::Empty { bars, .. }
            | Self::Clash { bars, .. }
            | Self::Quits { bars, .. } => bars.iter_mut().for_each(|bar| *bar += n_bars),
            Self::OffKey { .. }
            | Self::Wandering { .. }
            | Self::Unsteady { .. }
            | Self::Parallels
            | Self::Buried
            | Self::HeldOver
            | Self::NoBackbeat
            | Self::NoFourFloor => {}
        }
    }
}

/// `bars 3-6`, `bars 1, 3-4` or `bar 2`.
fn bars_in_words(bars: &[u32], number: impl Fn(u32) -> u32) -> String {
    let runs = bars.chunk_by(|earlier, later| earlier + 1 == *later).filter_map(|run| {
        let (first, last) = (number(*run.first()?), number(*run.last()?));
        Some(if first == last { first.to_string() } else { format!("{first}-{last}") })
    });
    let listed = runs.collect::<Vec<_>>().join(", ");
    format!("{} {listed}", noun(bars.len(), "bar"))
}

/// The faults of `parts` of `phrase`, which has `qualities`; gravest first.
///
/// `parts` — those that were asked for: one of them without a note, in a phrase of two bars or more, is a fault too.
pub fn faults(phrase: &Phrase, qualities: &Qualities, usual: &Usual, parts: &[Part]) -> Vec<Fault> {
    let finder = Finder { qualities, usual };
    let lines = Part::ALL.map(|part| Line::new(phrase, part));
    let n_bars = phrase.frame().n_bars_total();
    let mut faults = Vec::new();
    let all_lines = || lines.iter().flatten();
    let is_silent = |bar: &u32| all_lines().all(|line| bars_without(line).contains(bar));
    let silent: Vec<u32> = (0..n_bars).filter(is_silent).collect();
    let is_hole = !silent.is_empty() && n_bars > 1;
    faults.extend(is_hole.then_some(Fault::Empty { part: None, bars: silent }));
    for &part in parts {
        match &lines[part.index()] {
            Some(line) => finder.find(line, all_lines(), &mut faults),
            None if n_bars > 1 && !is_hole => {
                faults.push(Fault::Empty { part: Some(part), bars: (0..n_bars).collect() });
            }
            None => {}
        }
    }
    faults
}

struct Finder<'a> {
    qualities: &'a Qualities,
    usual: &'a Usual<'a>,
}

impl Finder<'_> {
    /// Adds the faults of `line` among `lines`, of which it is one.
    fn find<'a>(&self, line: &Line, lines: impl Iterator<Item = &'a Line>, faults: &mut Vec<Fault>) {
        let part = line.part;
        let frozen: Vec<u32> = frozen_bars(line).collect();
        if frozen.len() >= FROZEN_BARS && self.is_much(part, Quality::Freeze, rare::FROZEN) {
            faults.push(Fault::Frozen { part, bars: frozen });
        }
        let empty = bars_without(line);
        let mut quits: Vec<u32> = (0..line.n_bars).rev().take_while(|bar| empty.contains(bar)).collect();
        quits.reverse();
        if empty.len() >= EMPTY_BARS && self.is_much(part, Quality::EmptyBars, rare::EMPTY) {
            faults.push(Fault::Empty { part: Some(part), bars: empty });
        } else if !quits.is_empty() && self.is_much(part, Quality::Quits, rare::QUITS) {
            faults.push(Fault::Quits { part, bars: quits });
        }
        self.find_in_role(line, faults);
        let is_rough =
            self.qualities.get(part, Quality::Roughness).is_some_and(|rough| rough >= CLASH_ROUGHNESS);
        if is_rough && self.is_much(part, Quality::Roughness, rare::CLASH) {
            faults.extend(clash(line, lines).filter(|fault| !has_clash(faults, fault)));
        }
        let in_key = self.qualities.get(part, Quality::ScaleTones);
        if in_key.is_some_and(|share| share <= OFF_KEY_SHARE)
            && self.is_little(part, Quality::ScaleTones, rare::OFF_KEY)
        {
            faults.push(Fault::OffKey { part });
        }
        if line.n_bars >= WANDERING_BARS
            && self.is_little(part, Quality::Figures, rare::WANDERING)
            && self.is_little(part, Quality::SelfSimilarity, rare::DISSIMILAR)
        {
            faults.push(Fault::Wandering { part });
        }
        if line.n_bars >= WANDERING_BARS && self.is_little(part, Quality::Groove, rare::UNSTEADY) {
            faults.push(Fault::Unsteady { part });
        }
    }

    /// Adds the faults that only one part can have.
    fn find_in_role(&self, line: &Line, faults: &mut Vec<Fault>) {
        let part = line.part;
        let has_at_least =
            |quality, share| self.qualities.get(part, quality).is_some_and(|value| value >= share);
        if has_at_least(Quality::Parallels, PARALLEL_SHARE)
            && self.is_much(part, Quality::Parallels, rare::PARALLELS)
        {
            faults.push(Fault::Parallels);
        }
        if has_at_least(Quality::Buried, BURIED_SHARE) && self.is_much(part, Quality::Buried, rare::BURIED) {
            faults.push(Fault::Buried);
        }
        if has_at_least(Quality::HeldOver, HELD_OVER_SHARE)
            && self.is_much(part, Quality::HeldOver, rare::HELD_OVER)
        {
            faults.push(Fault::HeldOver);
        }
        let lacks = |quality, most, rare| {
            self.qualities.get(part, quality).is_some_and(|share| share <= most)
                && self.is_little(part, quality, rare)
        };
        if lacks(Quality::Backbeat, BACKBEAT_SHARE, rare::NO_BACKBEAT) {
            faults.push(Fault::NoBackbeat);
        }
        let may_be_four = line.n_bars >= FOUR_FLOOR_BARS && line.meter.felt_beats() == 4;
        if may_be_four && lacks(Quality::FourFloor, FOUR_FLOOR_SHARE, rare::NO_FOUR_FLOOR) {
            faults.push(Fault::NoFourFloor);
        }
    }

    fn is_much(&self, part: Part, quality: Quality, rare: f64) -> bool {
        self.place(part, quality).is_some_and(|place| place.at_least < rare)
    }

    fn is_little(&self, part: Part, quality: Quality, rare: f64) -> bool {
        self.place(part, quality).is_some_and(|place| place.at_most < rare)
    }

    fn place(&self, part: Part, quality: Quality) -> Option<Place> {
        self.usual.place(part, quality, self.qualities.get(part, quality)?)
    }
}

/// The other line that `line` rubs against most, and the bars where it does.
fn clash<'a>(line: &Line, others: impl Iterator<Item = &'a Line>) -> Option<Fault> {
    let steps = |other: &Line| rough_steps(line, other, 0..u32::MAX).0;
    let pitched = others.filter(|other| other.part != line.part && !other.part.is_drums());
    let worst = pitched.max_by(|a, b| steps(a).total_cmp(&steps(b)))?;
    let bar_steps = line.meter.bar_steps();
    let is_rough = |bar: &u32| {
        let (rough, total) = rough_steps(line, worst, bar * bar_steps..(bar + 1) * bar_steps);
        rough >= 2.0 * CLASH_ROUGHNESS * total && rough > 0.0
    };
    let bars: Vec<u32> = (0..line.n_bars).filter(is_rough).collect();
    let mut parts = [line.part, worst.part];
    parts.sort();
    (!bars.is_empty()).then_some(Fault::Clash { parts, bars })
}

/// Whether the clash of the same two parts is named already.
fn has_clash(faults: &[Fault], fault: &Fault) -> bool {
    let parts = |fault: &Fault| match fault {
        Fault::Clash { parts, .. } => Some(*parts),
        _ => None,
    };
    faults.iter().any(|other| parts(other) == parts(fault))
}
