//! Measures the benefit of the critique: compares the first of several candidates that passes with the first one drawn.
//!
//! Prompts are frames, styles and parts of held-out phrases, so that composed and real phrases can be compared. The
//! critique has its references from the training split; it is measured by statistics that it does not use.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use fastrand::Rng;
use serde::Serialize;

use super::features::Crowd;
use super::muspy::Statistics;
use super::{EvalError, real};
use crate::compose::critique::Critique;
use crate::compose::{Model, compose};
use crate::corpus::manifest::Split;
use crate::corpus::references::{RealPhrase, for_each_phrase};
use crate::music::quality::{Aspect, Fault, References};
use crate::music::{Part, Phrase};
use crate::session::{Task, TaskSettings};
use crate::token::{Controls, Style};

/// Bars of a phrase that is compared.
const N_BARS: u32 = 8;

/// The results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CritiqueReport {
    /// Prompts.
    pub n_prompts: usize,
    /// Candidates of each.
    pub n_candidates: u32,
    /// Held-out phrases, first-drawn candidates, and the first that pass.
    pub rows: [Row; 3],
}

/// Some phrases, judged and compared with held-out ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which phrases they are.
    pub name: &'static str,
    /// Phrases.
    pub n: usize,
    /// Share without a fault, `0.0..=1.0`.
    pub passing: f64,
    /// Share with each fault, in the order of [`Fault::NAMES`].
    pub faults: [f64; Fault::NAMES.len()],
    /// Mean percentile of each aspect.
    pub percentiles: [f64; 4],
    /// Mean distance to the five nearest held-out phrases of the style and part, `0.0..=1.0`; lower is more similar.
    pub distance: f64,
    /// Mean of each of [`Statistics::NAMES`].
    pub means: [f64; 3],
    /// Their standard deviations.
    pub deviations: [f64; 3],
}

/// A prompt: frame, style and parts of a held-out phrase.
struct Asked {
    style: Style,
    phrase: Phrase,
    family: u32,
}

/// Composes `n_candidates` for each of `n_prompts` prompts from the held-out phrases of the corpora in `dirs`.
///
/// `progress` — called with the prompts done.
///
/// # Errors
///
/// A corpus that cannot be read or has no held-out phrases, or a network that cannot compose.
pub fn measure(
    model: &Model,
    references: &References,
    dirs: &[PathBuf],
    (n_prompts, n_candidates): (usize, u32),
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<CritiqueReport, EvalError> {
    let (asked, crowds) = held_out(dirs, n_prompts, &mut Rng::with_seed(seed))?;
    let mut gathered = [Gathered::default(), Gathered::default(), Gathered::default()];
    for (idx, asked) in asked.iter().enumerate() {
        progress(idx);
        let controls = Controls { style: Some(asked.style), tells_frame: true, ..Controls::default() };
        let parts: Vec<Part> = asked.phrase.parts().collect();
        let judge = |phrase: &Phrase| Critique::of_stretch(references, phrase, &parts, &controls);
        let settings = TaskSettings { controls: controls.clone(), ..TaskSettings::default() };
        let task = model.fitted(Task::generate(*asked.phrase.frame(), &parts, settings)?);
        let candidates = compose(model, &task, seed ^ u64::from(asked.family), 0..n_candidates, |_| {
            ControlFlow::Continue(())
        })?;
        let crowd = &crowds[&asked.style];
        let mut add = |row: usize, phrase: &Phrase, critique: &Critique, family| {
            gathered[row].add(phrase, critique, crowd.distance(phrase, family));
        };
        add(0, &asked.phrase, &judge(&asked.phrase), Some(asked.family));
        let judged: Vec<(&Phrase, Critique)> =
            candidates.iter().map(|take| (&*take.phrase, judge(&take.phrase))).collect();
        let passing = judged.iter().find(|(_, critique)| critique.passes()).or(judged.first());
        for (row, (phrase, critique)) in
            [(1, judged.first()), (2, passing)].into_iter().filter_map(|(row, found)| Some((row, found?)))
        {
            add(row, phrase, critique, None);
        }
    }
    let [held_out, first, passing] = gathered;
    Ok(CritiqueReport {
        n_prompts: asked.len(),
        n_candidates,
        rows: [held_out.finish("held-out"), first.finish("first drawn"), passing.finish("first that passes")],
    })
}

/// `n` held-out phrases of all styles in turn, and all held-out phrases as a crowd for each style.
fn held_out(
    dirs: &[PathBuf],
    n: usize,
    rng: &mut Rng,
) -> Result<(Vec<Asked>, BTreeMap<Style, Crowd>), EvalError> {
    let mut crowds: BTreeMap<Style, Crowd> = BTreeMap::new();
    let mut phrases: BTreeMap<Style, Vec<RealPhrase>> = BTreeMap::new();
    let add = |real: RealPhrase| {
        let is_whole = real.phrase.frame().n_bars == N_BARS && !real.phrase.frame().has_pickup;
        for style in real.styles.iter().copied() {
            crowds.entry(style).or_default().add(real.family, &real.phrase);
            if is_whole {
                phrases.entry(style).or_default().push(real.clone());
            }
        }
    };
    for_each_phrase(dirs, Split::Valid, add, |_, _| {})?;
    for phrases in phrases.values_mut() {
        rng.shuffle(phrases);
    }
    let mut asked = Vec::new();
    while asked.len() < n && phrases.values().any(|phrases| !phrases.is_empty()) {
        let turns = phrases.iter_mut().filter_map(|(style, phrases)| Some((*style, phrases.pop()?)));
        asked.extend(turns.map(|(style, real)| Asked { style, phrase: real.phrase, family: real.family }));
    }
    asked.truncate(n);
    if asked.is_empty() { Err(EvalError::NoWindows("held-out")) } else { Ok((asked, crowds)) }
}

/// Sums over phrases, before they are divided by their number.
#[derive(Debug, Default)]
struct Gathered {
    n: usize,
    n_passing: usize,
    n_faults: [usize; Fault::NAMES.len()],
    /// Indexed by `[aspect_idx]`.
    percentiles: [Vec<f64>; 4],
    distances: Vec<f64>,
    statistics: [Vec<f64>; 3],
}

impl Gathered {
    fn add(&mut self, phrase: &Phrase, critique: &Critique, distance: Option<f64>) {
        self.n += 1;
        self.n_passing += usize::from(critique.passes());
        let names: BTreeSet<&str> = critique.faults.iter().map(Fault::name).collect();
        for (n, name) in self.n_faults.iter_mut().zip(Fault::NAMES) {
            *n += usize::from(names.contains(name));
        }
        for (values, percentile) in self.percentiles.iter_mut().zip(critique.percentiles) {
            values.extend(percentile);
        }
        self.distances.extend(distance);
        for (idx, values) in self.statistics.iter_mut().enumerate() {
            values.extend(Statistics::of(phrase).map(|statistics| statistics.as_array()[idx]));
        }
    }

    fn finish(self, name: &'static str) -> Row {
        let share = |n: usize| real(n) / real(self.n.max(1));
        Row {
            name,
            n: self.n,
            passing: share(self.n_passing),
            faults: self.n_faults.map(share),
            percentiles: self.percentiles.each_ref().map(|values| mean(values)),
            distance: mean(&self.distances),
            means: self.statistics.each_ref().map(|values| mean(values)),
            deviations: self.statistics.each_ref().map(|values| deviation(values)),
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / real(values.len().max(1))
}

fn deviation(values: &[f64]) -> f64 {
    let middle = mean(values);
    mean(&values.iter().map(|value| (value - middle).powi(2)).collect::<Vec<_>>()).sqrt()
}

impl fmt::Display for CritiqueReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [truth, ..] = &self.rows;
        writeln!(
            f,
            "## Critique: the best of {} against the first, {} prompts\n",
            self.n_candidates, self.n_prompts
        )?;
        write!(f, "| | {} |", self.rows.each_ref().map(|row| row.name).join(" | "))?;
        write!(f, "\n| --- | --- | --- | --- |")?;
        let mut line = |name: &str, values: [String; 3]| write!(f, "\n| {name} | {} |", values.join(" | "));
        let per_cent =
            |of: &dyn Fn(&Row) -> f64| self.rows.each_ref().map(|row| format!("{:.1} %", 100.0 * of(row)));
        line("nothing to object to", per_cent(&|row| row.passing))?;
        for (idx, name) in Fault::NAMES.iter().enumerate() {
            line(name, per_cent(&|row| row.faults[idx]))?;
        }
        for aspect in Aspect::ALL {
            let values = self.rows.each_ref().map(|row| format!("{:.2}", row.percentiles[aspect.index()]));
            line(&format!("mean percentile of {}", aspect.name()), values)?;
        }
        line(
            "distance to the nearest held-out phrases",
            self.rows.each_ref().map(|row| format!("{:.3}", row.distance)),
        )?;
        for (idx, name) in Statistics::NAMES.iter().enumerate() {
            let values = self.rows.each_ref().map(|row| {
                let off = (row.means[idx] - truth.means[idx]).abs();
                format!("{:.3} ± {:.3} (off by {off:.3})", row.means[idx], row.deviations[idx])
            });
            line(name, values)?;
        }
        f.write_str("\n")
    }
}
