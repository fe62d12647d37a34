//! Measures how well styles can be distinguished, by a classifier that is trained on training families and tested on
//! held-out ones; and whether it classifies composed phrases as the style that was asked for.
//!
//! # Classifier
//!
//! The [features](mod@features) of a window of eight bars, and a [`softmax`] regression over styles. All styles have
//! the same total weight. Half of the training windows are also used with only some of their parts, since a style must
//! be recognised by how it is played, not only by its instruments. A piece of several styles belongs to each of them
//! equally, and any of them is a right answer.

pub mod features;

pub mod report;

pub mod softmax;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::PathBuf;

use fastrand::Rng;

use self::features::portrait;
pub use self::report::{ComposedRow, StyleReport, StyleRow};
use self::softmax::{Example, Softmax};
use super::statistics::share;
use super::{EvalError, drawn_task, real};
use crate::compose::repertoire::Repertoire;
use crate::compose::{Model, compose};
use crate::corpus::manifest::Split;
use crate::corpus::references::{RealPhrase, for_each_phrase};
use crate::music::Phrase;
use crate::music::quality::Origin;
use crate::token::Style;

/// Fewest training families of a style of the classifier.
const FEWEST_FAMILIES: usize = 5;

/// Fewest held-out families of a style that can be offered.
const FEWEST_HELD_OUT: usize = 5;

/// Least recall of a style that can be offered: more often right than wrong.
const LEAST_RECALL: f64 = 0.5;

/// Least ratio, of a style that can be offered, of its recall to that of chance, and of the share of its windows that
/// are classified as this style itself to that of chance; otherwise one of two styles with the same pieces might never
/// be the answer.
const LEAST_GAIN: f64 = 3.0;

/// A classifier of styles.
#[derive(Debug, Clone)]
pub struct Classifier {
    /// The styles of its classes, in their order.
    styles: Vec<Style>,
    softmax: Softmax,
    n_examples: usize,
}

/// A window to train or test on.
#[derive(Debug, Clone)]
struct Sample {
    traits: Vec<f64>,
    styles: BTreeSet<Style>,
    family: u32,
    origin: Origin,
}

/// Trains a classifier on the training families of the corpora in `dirs`, and tests it on the held-out ones.
///
/// `progress` — called with files done and files in all, of one folder and split after another.
///
/// # Errors
///
/// A corpus that cannot be read, or one where fewer than two styles have enough families.
pub fn measure(
    dirs: &[PathBuf],
    seed: u64,
    mut progress: impl FnMut(usize, usize),
) -> Result<(Classifier, StyleReport), EvalError> {
    let mut rng = Rng::with_seed(seed);
    let train = samples(dirs, Split::Train, Some(&mut rng), &mut progress)?;
    let held_out = samples(dirs, Split::Valid, None, &mut progress)?;
    let classifier = Classifier::train(&train, seed)?;
    let report = classifier.report(&held_out);
    Ok((classifier, report))
}

/// The windows of `split`, with the limit for each family applied to each corpus separately; with a generator also
/// windows with only some of their parts.
fn samples(
    dirs: &[PathBuf],
    split: Split,
    mut partial: Option<&mut Rng>,
    progress: &mut impl FnMut(usize, usize),
) -> Result<Vec<Sample>, EvalError> {
    let mut samples = Vec::new();
    for dir in dirs {
        let add = |real: RealPhrase| {
            let origin = real.origin();
            let fewer = partial.as_deref_mut().and_then(|rng| with_fewer_parts(&real.phrase, rng));
            samples.extend([Some(real.phrase), fewer].into_iter().flatten().map(|phrase| Sample {
                traits: portrait(&phrase),
                styles: real.styles.clone(),
                family: real.family,
                origin,
            }));
        };
        for_each_phrase(std::slice::from_ref(dir), split, add, &mut *progress)?;
    }
    Ok(samples)
}

/// With probability one half, `phrase` without some of its parts, if it has several.
fn with_fewer_parts(phrase: &Phrase, rng: &mut Rng) -> Option<Phrase> {
    let mut kept: Vec<_> = phrase.parts().collect();
    if kept.len() < 2 || rng.bool() {
        return None;
    }
    rng.shuffle(&mut kept);
    kept.truncate(rng.usize(1..kept.len()));
    let mut parts = phrase.to_parts();
    for part in phrase.parts().filter(|part| !kept.contains(part)) {
        parts[part.index()].clear();
    }
    Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).ok()
}

impl Classifier {
    fn train(samples: &[Sample], seed: u64) -> Result<Self, EvalError> {
        let mut families: BTreeMap<Style, BTreeSet<u32>> = BTreeMap::new();
        for sample in samples {
            for style in &sample.styles {
                families.entry(*style).or_default().insert(sample.family);
            }
        }
        let enough =
            |(style, families): (Style, BTreeSet<u32>)| (families.len() >= FEWEST_FAMILIES).then_some(style);
        let styles: Vec<Style> = families.into_iter().filter_map(enough).collect();
        if styles.len() < 2 {
            return Err(EvalError::NoStyles);
        }
        let mut examples: Vec<Example> = samples
            .iter()
            .map(|sample| {
                let of = |style: &Style| styles.iter().position(|known| known == style);
                let classes = sample.styles.iter().filter_map(of).collect();
                Example { traits: sample.traits.clone(), classes, weight: 1.0 }
            })
            .filter(|example| !example.classes.is_empty())
            .collect();
        balance(&mut examples, styles.len());
        let softmax = Softmax::train(&examples, styles.len(), seed);
        Ok(Self { styles, softmax, n_examples: examples.len() })
    }

    /// All its styles, ordered by their probability for `phrase`, the likeliest first.
    pub fn rank(&self, phrase: &Phrase) -> Vec<Style> {
        self.rank_traits(&portrait(phrase))
    }

    fn rank_traits(&self, traits: &[f64]) -> Vec<Style> {
        self.softmax.rank(traits).into_iter().filter_map(|class| self.styles.get(class).copied()).collect()
    }

    /// Classifies the windows of `held_out` and reports the results.
    fn report(&self, held_out: &[Sample]) -> StyleReport {
        let is_known = |sample: &&Sample| sample.styles.iter().any(|style| self.styles.contains(style));
        let asked = held_out.iter().filter(is_known);
        let windows: Vec<Ranked> =
            asked.map(|sample| Ranked { ranked: self.rank_traits(&sample.traits), sample }).collect();
        let rows: Vec<StyleRow> = self.styles.iter().map(|style| self.row(*style, &windows)).collect();
        StyleReport {
            n_examples: self.n_examples,
            n_held_out: windows.len(),
            right: share(&windows, |window| window.is_right_among(1)),
            among_three: share(&windows, |window| window.is_right_among(3)),
            told_apart: rows.iter().filter(|row| row.is_told_apart).map(|row| row.style).collect(),
            styles: rows,
            composed: Vec::new(),
        }
    }

    fn row(&self, style: Style, windows: &[Ranked]) -> StyleRow {
        let windows: Vec<&Ranked> =
            windows.iter().filter(|window| window.sample.styles.contains(&style)).collect();
        let families: BTreeSet<u32> = windows.iter().map(|window| window.sample.family).collect();
        let recall_of = |origin: Origin| {
            let some: Vec<&&Ranked> =
                windows.iter().filter(|window| window.sample.origin == origin).collect();
            (!some.is_empty()).then(|| share(&some, |window| window.is_right_among(1)))
        };
        let mut taken_for: BTreeMap<Style, usize> = BTreeMap::new();
        for first in windows.iter().filter_map(|window| window.ranked.first()) {
            *taken_for.entry(*first).or_default() += 1;
        }
        let n_known = |window: &&Ranked| {
            window.sample.styles.iter().filter(|style| self.styles.contains(style)).count()
        };
        let n_rights: usize = windows.iter().map(n_known).sum();
        let chance = real(n_rights) / real(windows.len().max(1)) / real(self.styles.len());
        let recall = share(&windows, |window| window.is_right_among(1));
        let as_itself = share(&windows, |window| window.ranked.first() == Some(&style));
        StyleRow {
            style,
            n_families: families.len(),
            n_windows: windows.len(),
            recall,
            recall_real: recall_of(Origin::Real),
            recall_textures: recall_of(Origin::Made),
            among_three: share(&windows, |window| window.is_right_among(3)),
            as_itself,
            chance,
            is_told_apart: families.len() >= FEWEST_HELD_OUT
                && recall >= LEAST_RECALL
                && recall >= LEAST_GAIN * chance
                && as_itself >= LEAST_GAIN / real(self.styles.len()),
            taken_for,
        }
    }
}

/// A held-out window and the answer of the classifier.
struct Ranked<'a> {
    sample: &'a Sample,
    /// The styles, the likeliest first.
    ranked: Vec<Style>,
}

impl Ranked<'_> {
    /// Whether one of its own styles is among the `n` likeliest.
    fn is_right_among(&self, n: usize) -> bool {
        self.ranked.iter().take(n).any(|style| self.sample.styles.contains(style))
    }
}

/// Sets the weights of the examples so that all classes have the same total weight and the mean weight is 1.
fn balance(examples: &mut [Example], n_classes: usize) {
    let mut sizes = vec![0.0; n_classes];
    for example in examples.iter() {
        for class in &example.classes {
            sizes[*class] += 1.0 / real(example.classes.len());
        }
    }
    let even = real(examples.len()) / real(n_classes.max(1));
    for example in examples {
        let sum: f64 = example.classes.iter().map(|class| even / sizes[*class]).sum();
        example.weight = sum / real(example.classes.len());
    }
}

/// Composes `n_each` phrases of eight bars in every style that both `repertoire` and `classifier` know, each with the
/// usual parts of the style, and classifies them.
///
/// `progress` — called with phrases done and phrases in all.
///
/// # Errors
///
/// A network that cannot compose.
pub fn ask_of_composed(
    classifier: &Classifier,
    model: &Model,
    repertoire: &Repertoire,
    n_each: usize,
    seed: u64,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<ComposedRow>, EvalError> {
    if n_each == 0 {
        return Ok(Vec::new());
    }
    let styles: Vec<Style> = repertoire.styles().filter(|style| classifier.styles.contains(style)).collect();
    let mut rng = Rng::with_seed(seed);
    let mut rows = Vec::new();
    for (idx, &style) in styles.iter().enumerate() {
        let mut row = ComposedRow {
            style,
            n_phrases: n_each,
            n_right: 0,
            n_among_three: 0,
            taken_for: BTreeMap::new(),
        };
        for n_done in 0..n_each {
            progress(idx * n_each + n_done, styles.len() * n_each);
            let task = model.fitted(drawn_task(repertoire, style, &mut rng)?);
            for take in compose(model, &task, rng.u64(..), 0..1, |_| ControlFlow::Continue(()))? {
                let ranked = classifier.rank(&take.phrase);
                row.n_right += usize::from(ranked.first() == Some(&style));
                row.n_among_three += usize::from(ranked.iter().take(3).any(|likely| *likely == style));
                if let Some(first) = ranked.first() {
                    *row.taken_for.entry(*first).or_default() += 1;
                }
            }
        }
        rows.push(row);
    }
    Ok(rows)
}
