//! Quality of a phrase: four percentiles among real phrases of the style, and faults in words.
//!
//! Only composed cells are judged, over the bars from the first composed one to the last, with given parts as context.
//! What the user asked for with a control is not held against a phrase: a bass that was asked to stay in one octave may
//! do so. A percentile is a gate, not a rank: a phrase is objected to if only one real phrase in forty is as odd, or as
//! plain; between the two no phrase is better than another.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::judge::{Judge, Judgement};
use super::novelty::composed_parts;
use crate::music::ending::Ending;
use crate::music::measure::PartControl;
use crate::music::quality::{Aspect, Fault, Place, Qualities, Quality, References, Usual, faults};
use crate::music::{Cells, Part, Phrase};
use crate::session::Task;
use crate::token::Controls;

/// An aspect is objected to if at most this share of real phrases is as odd, or as plain, both in the style and in all
/// music: a style known from few patterns seems narrower than it is.
const RAREST: f64 = 0.025;

/// Factor of the score for each fault.
const SCORE_OF_FAULT: f64 = 0.5;

/// The verdict on a phrase.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Critique {
    /// Share of real phrases that are at most as usual, `0.0..=1.0`; indexed by `[aspect_idx]`, `None` where an aspect
    /// does not apply, such as the harmony of drums.
    pub percentiles: [Option<f64>; 4],
    /// Aspects too odd, both in the style and in all music.
    pub unusual: Vec<Aspect>,
    /// Aspects too plain: so close to the average as hardly any real phrase is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commonplace: Vec<Aspect>,
    /// Faults, gravest first; bars counted from the start of the phrase.
    pub faults: Vec<Fault>,
    /// The mean of the percentiles, halved for each fault, `0.0..=1.0`.
    pub score: f64,
}

impl Critique {
    /// Judges the cells of `phrase` that `task` composed.
    pub fn of(references: &References, task: &Task, phrase: &Phrase) -> Self {
        let (first, n_bars) = stretch(&task.compose);
        let parts = composed_parts(task);
        let Ok(window) = phrase.window(first, n_bars) else { return Self::default() };
        Self::of_window(references, &window, &parts, &task.controls, task.ending).later(first)
    }

    /// Judges `parts` of all of `phrase`, composed with `controls`.
    pub fn of_stretch(references: &References, phrase: &Phrase, parts: &[Part], controls: &Controls) -> Self {
        Self::of_window(references, phrase, parts, controls, Ending::Any)
    }

    fn of_window(
        references: &References,
        phrase: &Phrase,
        parts: &[Part],
        controls: &Controls,
        ending: Ending,
    ) -> Self {
        let qualities = Qualities::of(phrase);
        let usual = references.usual(controls.style.map(|style| style.name()));
        let usual_anywhere = references.usual(None);
        // A last bar that comes to rest was asked for.
        let is_close = |quality| ending == Ending::Close && quality == Quality::Ending;
        let counts = |part: Part, quality: Quality| {
            parts.contains(&part) && !is_asked(controls, part, quality) && !is_close(quality)
        };
        let n_parts = qualities.parts().filter(|part| parts.contains(part)).count();
        let percentile = |usual: &Usual, aspect| {
            let typicality = usual.typicality(&qualities, aspect, counts)?;
            usual.percentile(aspect, n_parts, typicality)
        };
        let places = Aspect::ALL.map(|aspect| percentile(&usual, aspect));
        let percentiles = places.map(|place| place.map(|place| place.at_most));
        let is_outside = |aspect: &Aspect, is_so: fn(Place) -> bool| {
            places[aspect.index()].is_some_and(is_so)
                && percentile(&usual_anywhere, *aspect).is_none_or(is_so)
        };
        let odd = |aspect: &Aspect| is_outside(aspect, |place| place.at_most < RAREST);
        let plain = |aspect: &Aspect| is_outside(aspect, |place| place.at_least < RAREST);
        let unusual = Aspect::ALL.into_iter().filter(odd).collect();
        let commonplace = Aspect::ALL.into_iter().filter(plain).collect();
        let faults: Vec<Fault> = faults(phrase, &qualities, &usual, parts)
            .into_iter()
            .filter(|fault| !is_asked_fault(controls, fault))
            .collect();
        let (sum, n) =
            percentiles.iter().flatten().fold((0.0, 0.0), |(sum, n), percentile| (sum + percentile, n + 1.0));
        let mean = if n > 0.0 { sum / n } else { 0.0 };
        let score = faults.iter().fold(mean, |score, _| score * SCORE_OF_FAULT);
        Self { percentiles, unusual, commonplace, faults, score }
    }

    /// Whether there are no objections.
    pub fn passes(&self) -> bool {
        self.faults.is_empty() && self.unusual.is_empty() && self.commonplace.is_empty()
    }

    /// The objections, in words: "frozen bass in bars 3-6".
    ///
    /// `number` — maps a bar index of the phrase to the bar's number for users.
    pub fn objections(&self, number: impl Fn(u32) -> u32) -> Vec<String> {
        let faults = self.faults.iter().map(|fault| fault.words(&number));
        let unusual = self.unusual.iter().map(|aspect| format!("unusual {}", aspect.name()));
        let commonplace = self.commonplace.iter().map(|aspect| format!("commonplace {}", aspect.name()));
        faults.chain(unusual).chain(commonplace).collect()
    }

    /// Moves the bars of faults by `n_bars`, for a phrase that begins that much earlier.
    fn later(mut self, n_bars: u32) -> Self {
        for fault in &mut self.faults {
            fault.move_later(n_bars);
        }
        self
    }
}

/// The critique as a judge.
#[derive(Debug, Clone)]
pub struct Critic(pub Cow<'static, References>);

impl Judge for Critic {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        let critique = Critique::of(&self.0, task, phrase);
        let number = |bar: u32| phrase.frame().bar_number(bar + task.first_bar);
        Judgement { score: critique.score, objections: critique.objections(number), ..Judgement::default() }
    }
}

/// First bar of `cells`, and the number of bars from there to the last.
pub(super) fn stretch(cells: &Cells) -> (u32, u32) {
    let bars = || cells.iter().map(|cell| cell.bar);
    let first = bars().min().unwrap_or(0);
    (first, bars().max().map_or(0, |last| last + 1 - first))
}

/// Whether a control asks for what `quality` measures.
fn is_asked(controls: &Controls, part: Part, quality: Quality) -> bool {
    let asks = |control| controls.part(part, control).is_some();
    match quality {
        Quality::Span => asks(PartControl::Range),
        Quality::Freeze | Quality::Repeats => asks(PartControl::Range) || asks(PartControl::Leaps),
        Quality::LeapsRecovered => asks(PartControl::Leaps),
        Quality::EmptyBars | Quality::Quits | Quality::Ending => {
            asks(PartControl::Rests) || asks(PartControl::Density)
        }
        Quality::OnGrid | Quality::Agreement | Quality::Groove | Quality::Backbeat | Quality::FourFloor => {
            asks(PartControl::Syncopation)
        }
        Quality::Density => asks(PartControl::Density) || asks(PartControl::Rests),
        Quality::Voices => asks(PartControl::Polyphony),
        _ => false,
    }
}

/// Whether a control asks for what `fault` names: bars may be empty where rests were asked for.
fn is_asked_fault(controls: &Controls, fault: &Fault) -> bool {
    let wants_little = |part: Part| {
        controls.part(part, PartControl::Rests).is_some_and(|rests| rests > 0.5)
            || controls.part(part, PartControl::Density).is_some_and(|density| density < 0.3)
    };
    match fault {
        Fault::Empty { part: Some(part), .. } | Fault::Quits { part, .. } => wants_little(*part),
        Fault::NoBackbeat => controls.part(Part::Drums, PartControl::Syncopation).is_some(),
        // Little syncopation is what a kick on every beat has.
        Fault::NoFourFloor => {
            controls.part(Part::Drums, PartControl::Syncopation).is_some_and(|asked| asked > 0.5)
        }
        Fault::Buried => controls.part(Part::Melody, PartControl::Register).is_some(),
        Fault::Empty { part: None, .. } => Part::ALL.into_iter().any(wants_little),
        Fault::Frozen { part, .. } => {
            controls.part(*part, PartControl::Range).is_some_and(|range| range < 0.25)
        }
        _ => false,
    }
}
