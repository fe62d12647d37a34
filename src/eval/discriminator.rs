//! What tells composed phrases from real ones: fits the [`Discriminator`] that chooses among candidates, and says what the choice
//! is worth.
//!
//! Real are whole windows of eight bars of common time from the training split; composed is what a board draws its takes from, in
//! the styles of which there are enough real ones, in keys and at tempi of the style, and parts composed anew with the others of
//! such a phrase given. Each style weighs as much real as composed.
//! Nothing that a rule rendered counts as real where rhythm, voicing or bass are looked at. Measured is on the held-out split
//! and on phrases of other seeds.

mod logistic;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::Serialize;

use super::{EvalError, HEADLINE_BARS, default_task, real};
use crate::compose::best_of::draft;
use crate::compose::discriminator::{ALL, Discriminator, Table, places, powers};
use crate::compose::{ComposeError, Draft, Model, Progress, compose, revise};
use crate::corpus::manifest::Split;
use crate::corpus::references::{RealPhrase, for_each_phrase};
use crate::music::quality::Origin;
use crate::music::traits::{Facet, Trait, Traits, traits};
use crate::music::{Meter, Part, Phrase};
use crate::session::{Receipt, Take, Task};
use crate::token::Style;

use logistic::Example;

/// Candidates of a board.
const N_CANDIDATES: u32 = 8;

/// Fewest real windows with which a style has means of its own.
const FEWEST_WINDOWS: usize = 16;

/// How many windows of all styles a style's mean and spread are mixed with.
const N_SHARED: f64 = 16.0;

/// Nats of a weight of 1.
const PENALTY: f64 = 20.0;

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DiscriminatorReport {
    /// Phrases composed to learn from.
    pub n_composed: usize,
    /// Real windows with a facet that was learned from, and how well held-out ones can be distinguished.
    pub rows: Vec<Row>,
    /// What ships.
    pub table: Discriminator,
}

/// One facet.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// Which.
    pub facet: &'static str,
    /// Real windows that were learned from.
    pub n_real: usize,
    /// Area under the curve of held-out windows against the first phrase of each board, `0.0..=1.0`; .5 is chance; `None`
    /// without such.
    pub first: Option<f64>,
    /// The same against the likeliest of each board.
    pub chosen: Option<f64>,
}

/// A phrase with the style that it is one of.
struct Sample {
    style: Style,
    traits: Traits,
}

/// Phrases of one seed and style.
type Board = Vec<Sample>;

/// Fits to the training split of the corpora in `dirs` and to `n_boards` boards of each style, and measures on the held-out split
/// and half as many boards.
///
/// `progress` — called with boards done and boards in all.
///
/// # Errors
///
/// A corpus that cannot be read, or a network that cannot compose.
pub fn fit(
    model: &Model,
    dirs: &[PathBuf],
    n_boards: usize,
    seed: u64,
    mut progress: impl FnMut(usize, usize),
) -> Result<DiscriminatorReport, EvalError> {
    let (train, held_out) = (windows(dirs, Split::Train)?, windows(dirs, Split::Valid)?);
    let n_of = |style: Style| train.iter().filter(|sample| sample.style == style).count();
    let styles: Vec<Style> =
        model.repertoire().styles().filter(|style| n_of(*style) >= FEWEST_WINDOWS).collect();
    let n_tests = n_boards.div_ceil(2);
    let (mut composed, mut tests) = (Board::new(), Vec::new());
    let n_in_all = styles.len() * (n_boards + n_tests);
    for idx in 0..n_in_all {
        progress(idx, n_in_all);
        let (style, nth) = (styles[idx % styles.len()], idx / styles.len());
        let seed = seed.wrapping_add(u64::try_from(idx).unwrap_or(0));
        let task = model.fitted(default_task(model, style, seed)?);
        let takes = candidates(model, &task, seed)?;
        let whole = takes.iter().map(|take| Sample { style, traits: traits(&take.phrase) });
        if nth >= n_boards {
            tests.push(Board::from_iter(whole));
            continue;
        }
        composed.extend(whole);
        if let Some(first) = takes.first() {
            composed.extend(revisions(model, style, first)?);
        }
    }
    let tables = Facet::ALL.into_iter().filter_map(|facet| Some((facet, table(facet, &train, &composed)?)));
    let table = Discriminator::new(tables.collect());
    let chance = |sample: &&Sample| table.log_chance(Some(sample.style.name()), &Part::ALL, &sample.traits);
    let first: Vec<&Sample> = tests.iter().filter_map(|board| board.first()).collect();
    let chosen: Vec<&Sample> = tests
        .iter()
        .filter_map(|board| board.iter().max_by(|one, other| chance(one).total_cmp(&chance(other))))
        .collect();
    let rows = Facet::ALL.into_iter().map(|facet| Row {
        facet: facet.name(),
        n_real: train.iter().filter(|sample| sample.traits[facet.index()].is_some()).count(),
        first: area(&table, facet, &held_out, &first),
        chosen: area(&table, facet, &held_out, &chosen),
    });
    Ok(DiscriminatorReport { n_composed: composed.len(), rows: rows.collect(), table: table.clone() })
}

/// The windows of `split`, once for each of their styles.
fn windows(dirs: &[PathBuf], split: Split) -> Result<Vec<Sample>, EvalError> {
    let mut samples = Vec::new();
    let add = |window: RealPhrase| {
        let frame = window.phrase.frame();
        let is_whole = frame.n_bars == HEADLINE_BARS && frame.meter == Meter::COMMON && !frame.has_pickup;
        if !is_whole || window.origin() != Origin::Real || window.styles.is_empty() {
            return;
        }
        let mut traits = traits(&window.phrase);
        if window.is_rendered() {
            let rendered = [Facet::Bass, Facet::Chords, Facet::Arpeggio, Facet::Ensemble];
            rendered.iter().for_each(|facet| traits[facet.index()] = None);
        }
        samples.extend(window.styles.iter().map(|style| Sample { style: *style, traits: traits.clone() }));
    };
    for_each_phrase(dirs, split, add, |_, _| {})?;
    Ok(samples)
}

/// What a board of `task` draws its takes from.
fn candidates(model: &Model, task: &Task, seed: u64) -> Result<Vec<Take>, ComposeError> {
    let judges = model.judges(task, []);
    let drafts = (0..N_CANDIDATES).map(|take| draft(task, &judges, seed, take));
    compose(model, task, seed, drafts, |_| ControlFlow::Continue(()))
}

/// Candidates of each part of `take`, composed anew with the others given: only the facets that are measured from the part. The first
/// of them stays for the next part.
fn revisions(model: &Model, style: Style, take: &Take) -> Result<Board, ComposeError> {
    let Receipt { task, seed, .. } = &take.receipt;
    let (mut draft, mut phrase) = (Draft::from(&take.receipt), (*take.phrase).clone());
    let mut board = Board::new();
    for part in revise::parts(task) {
        let mut go_on = |_: &Progress<'_>| ControlFlow::Continue(());
        let (from, takes) = ((&draft, &phrase), 0..N_CANDIDATES);
        let candidates = revise::candidates(model, task, *seed, from, part, takes, &mut go_on)?;
        board.extend(candidates.iter().map(|(_, phrase)| Sample { style, traits: of_part(phrase, part) }));
        if let Some((revision, next)) = candidates.into_iter().next() {
            draft.revisions.push(revision);
            phrase = next;
        }
    }
    Ok(board)
}

/// The facets of `phrase` that `part` makes.
fn of_part(phrase: &Phrase, part: Part) -> Traits {
    let mut traits = traits(phrase);
    for facet in Facet::ALL.iter().filter(|facet| !facet.parts().contains(&part)) {
        traits[facet.index()] = None;
    }
    traits
}

/// What tells `facet`; `None` unless both sides have enough of it.
fn table(facet: Facet, train: &[Sample], composed: &[Sample]) -> Option<Table> {
    let having = |samples: &[Sample]| -> Vec<(Style, Vec<Trait>)> {
        let samples = samples.iter();
        samples.filter_map(|sample| Some((sample.style, sample.traits[facet.index()].clone()?))).collect()
    };
    let (people, machine) = (having(train), having(composed));
    let n_of = |side: &[(Style, Vec<Trait>)], style| side.iter().filter(|(own, _)| *own == style).count();
    let names: Vec<String> = people.first()?.1.iter().map(|(name, _)| (*name).to_owned()).collect();
    let whole = moments(people.iter().map(|(_, traits)| traits), names.len(), None);
    let mut usual = BTreeMap::from([(ALL.to_owned(), whole.clone())]);
    let mut weights_of = BTreeMap::new();
    for style in Style::ALL {
        let (n_people, n_machine) = (n_of(&people, style), n_of(&machine, style));
        if n_people < FEWEST_WINDOWS || n_machine == 0 {
            continue;
        }
        let own = people.iter().filter(|(other, _)| *other == style).map(|(_, traits)| traits);
        usual.insert(style.name().to_owned(), moments(own, names.len(), Some(&whole)));
        let weight = real(n_people.min(n_machine));
        weights_of.insert(style, (weight / real(n_people), weight / real(n_machine)));
    }
    let example = |(style, traits): &(Style, Vec<Trait>), is_real: bool| {
        let (of_people, of_machine) = weights_of.get(style)?;
        let inputs = places(&usual[style.name()], traits.iter().map(|(_, value)| *value)).flat_map(powers);
        let weight = if is_real { *of_people } else { *of_machine };
        Some(Example { inputs: inputs.collect(), is_real, weight })
    };
    let mut examples: Vec<Example> = people.iter().filter_map(|sample| example(sample, true)).collect();
    examples.extend(machine.iter().filter_map(|sample| example(sample, false)));
    if examples.is_empty() {
        return None;
    }
    let mut numbers = logistic::train(&examples, PENALTY).into_iter().map(rounded);
    let constant = numbers.next()?;
    let numbers: Vec<f32> = numbers.collect();
    let (weights, _) = numbers.as_chunks::<2>();
    Some(Table { names, usual, weights: weights.to_vec(), constant })
}

/// Mean and standard deviation of each of `n` traits, mixed with those of `shared`.
fn moments<'a>(
    samples: impl Iterator<Item = &'a Vec<Trait>> + Clone,
    n: usize,
    shared: Option<&Vec<[f32; 2]>>,
) -> Vec<[f32; 2]> {
    let of_trait = |idx: usize| {
        let values: Vec<f64> = samples.clone().filter_map(|traits| traits[idx].1).collect();
        let of = |of: &dyn Fn(f64) -> f64| values.iter().map(|value| of(*value)).sum::<f64>();
        let (prior, n_shared) = match shared {
            Some(shared) => (shared[idx].map(f64::from), N_SHARED),
            None => ([0.0, 1.0], 1e-9),
        };
        let n = real(values.len()) + n_shared;
        let mean = (of(&|value| value) + n_shared * prior[0]) / n;
        let variance = (of(&|value| (value - mean).powi(2)) + n_shared * prior[1].powi(2)) / n;
        [rounded(mean), rounded(variance.sqrt().max(1e-3))]
    };
    (0..n).map(of_trait).collect()
}

/// As it is stored: to four significant digits.
fn rounded(number: f64) -> f32 {
    format!("{number:.3e}").parse().unwrap_or(0.0)
}

/// Area under the curve of `facet` over all pairs of a real and a composed sample, each style weighing as much on both sides;
/// `None` without such pairs.
fn area(table: &Discriminator, facet: Facet, people: &[Sample], machine: &[&Sample]) -> Option<f64> {
    let odds = |sample: &Sample| {
        let traits = sample.traits[facet.index()].as_ref()?;
        Some((sample.style, table.log_odds(Some(sample.style.name()), facet, traits)?))
    };
    let people: Vec<(Style, f64)> = people.iter().filter_map(odds).collect();
    let machine: Vec<(Style, f64)> = machine.iter().filter_map(|sample| odds(sample)).collect();
    let n_of = |side: &[(Style, f64)], style| real(side.iter().filter(|(own, _)| *own == style).count());
    let weights: BTreeMap<Style, (f64, f64)> = Style::ALL
        .into_iter()
        .map(|style| (style, (n_of(&people, style), n_of(&machine, style))))
        .filter(|(_, (one, other))| *one > 0.0 && *other > 0.0)
        .map(|(style, (one, other))| (style, (one.min(other) / one, one.min(other) / other)))
        .collect();
    let (mut right, mut all) = (0.0, 0.0);
    for (style, odds) in &people {
        for (other_style, other) in &machine {
            let (Some((weight, _)), Some((_, other_weight))) = (weights.get(style), weights.get(other_style))
            else {
                continue;
            };
            let weight = weight * other_weight;
            all += weight;
            right += weight
                * if odds > other {
                    1.0
                } else if odds < other {
                    0.0
                } else {
                    0.5
                };
        }
    }
    (all > 0.0).then(|| right / all)
}

impl fmt::Display for DiscriminatorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "### Composed from real, learned from {} composed phrases\n", self.n_composed)?;
        writeln!(f, "| facet | real windows | AUC, first drawn | AUC, likeliest of {N_CANDIDATES} |")?;
        writeln!(f, "|---|---|---|---|")?;
        for row in &self.rows {
            let Row { facet, n_real, first, chosen } = row;
            let shown = |area: &Option<f64>| area.map_or_else(|| "–".to_owned(), |area| format!("{area:.2}"));
            writeln!(f, "| {facet} | {n_real} | {} | {} |", shown(first), shown(chosen))?;
        }
        Ok(())
    }
}
