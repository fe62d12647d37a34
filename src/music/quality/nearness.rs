//! How near real phrases come to each other: the least distance that two takes should have.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::quantiles::quantile;
use crate::music::analysis::Shape;
use crate::music::phrase::{Part, Phrase};
use crate::music::time::Meter;

/// Bars of the real phrases that are compared with each other; others are left out.
pub const N_BARS: u32 = 8;

/// Fewest families of phrases with a set of parts.
const FEWEST_FAMILIES: usize = 12;

/// Fewest families of real phrases for made ones to be left out: one in twenty of their pairs is then some forty.
const FEWEST_REAL_FAMILIES: usize = 40;

/// About how many pairs are compared.
const N_PAIRS: usize = 4000;

/// The share of pairs of real phrases that are nearer to each other.
const NEAREST_SHARE: f64 = 0.05;

/// The parts of a phrase: a bit each, by part index.
pub(super) type PartSet = u8;

pub(super) fn part_set(parts: impl IntoIterator<Item = Part>) -> PartSet {
    parts.into_iter().fold(0, |set, part| set | 1 << part.index())
}

/// Whether a phrase was written by people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// People played or wrote it.
    Real,
    /// A rule made it from what people wrote.
    Made,
}

/// How near phrases with the same parts come to each other.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Nearest {
    /// The fifth percentile of the distances of phrases of different families, `0.0..=1.0`.
    pub distance: f64,
    /// [`Origin::Real`]: only real phrases were compared. [`Origin::Made`]: there were too few, and made ones are among
    /// them.
    pub of: Origin,
}

/// A phrase prepared for comparison with others.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub family: u32,
    origin: Origin,
    parts: PartSet,
    shape: Shape,
}

impl Neighbour {
    /// `None` if `phrase` is not eight bars of 4/4.
    pub fn new(family: u32, origin: Origin, phrase: &Phrase) -> Option<Self> {
        let frame = phrase.frame();
        let is_comparable = frame.meter == Meter::COMMON && frame.n_bars_total() == N_BARS;
        is_comparable.then(|| Self {
            family,
            origin,
            parts: part_set(phrase.parts()),
            shape: Shape::of(phrase, &Part::ALL),
        })
    }
}

/// For each set of parts that enough of `neighbours` have, how near they come to each other: only real ones if there are
/// enough of them. Pairs are taken evenly from all.
pub(super) fn nearest(neighbours: &[&Neighbour]) -> BTreeMap<PartSet, Nearest> {
    let sets: BTreeSet<PartSet> = neighbours.iter().map(|neighbour| neighbour.parts).collect();
    let of_set = |set: PartSet| {
        let with_set = || neighbours.iter().copied().filter(move |neighbour| neighbour.parts == set);
        let real: Vec<&Neighbour> = with_set().filter(|neighbour| neighbour.origin == Origin::Real).collect();
        let all: Vec<&Neighbour> = with_set().collect();
        let of_real = fifth_percentile(&real, FEWEST_REAL_FAMILIES)
            .map(|distance| Nearest { distance, of: Origin::Real });
        let of = if real.len() == all.len() { Origin::Real } else { Origin::Made };
        of_real.or_else(|| fifth_percentile(&all, FEWEST_FAMILIES).map(|distance| Nearest { distance, of }))
    };
    sets.into_iter().filter_map(|set| Some((set, of_set(set)?))).collect()
}

/// The fifth percentile of the distances; `None` of fewer families than `fewest`.
fn fifth_percentile(same: &[&Neighbour], fewest: usize) -> Option<f64> {
    let families: BTreeSet<u32> = same.iter().map(|neighbour| neighbour.family).collect();
    if families.len() < fewest {
        return None;
    }
    let mut distances = distances(same);
    distances.sort_by(f64::total_cmp);
    Some(quantile(&distances, NEAREST_SHARE))
}

/// The nearest distances for an unknown style: for each set of parts the mean over the styles that have it, of real
/// phrases if any style has them, else of made ones; `pooled` where no style has it. Pooled distances would be too
/// large, since phrases of two styles lie further apart than takes of one.
pub(super) fn of_any_style<'a>(
    styles: impl Iterator<Item = &'a BTreeMap<PartSet, Nearest>>,
    mut pooled: BTreeMap<PartSet, Nearest>,
) -> BTreeMap<PartSet, Nearest> {
    let mut of_styles: BTreeMap<PartSet, Vec<Nearest>> = BTreeMap::new();
    for (set, nearest) in styles.flatten() {
        of_styles.entry(*set).or_default().push(*nearest);
    }
    let mean = |nearest: &[Nearest], of: Origin| {
        let (sum, n) = nearest
            .iter()
            .filter(|nearest| nearest.of == of)
            .fold((0.0, 0.0), |(sum, n), nearest| (sum + nearest.distance, n + 1.0));
        (n > 0.0).then(|| Nearest { distance: sum / n, of })
    };
    pooled.extend(of_styles.into_iter().filter_map(|(set, nearest)| {
        Some((set, mean(&nearest, Origin::Real).or_else(|| mean(&nearest, Origin::Made))?))
    }));
    pooled
}

/// Distances of about [`N_PAIRS`] pairs of different families, each phrase in as many as any other.
fn distances(neighbours: &[&Neighbour]) -> Vec<f64> {
    let n = neighbours.len();
    let n_shifts = (N_PAIRS / n).clamp(1, n - 1);
    let shifts = (1..=n_shifts).map(|idx| (idx * n / (n_shifts + 1)).max(1));
    let pairs = shifts.flat_map(|shift| (0..n).map(move |idx| (idx, (idx + shift) % n)));
    pairs
        .map(|(one, other)| (neighbours[one], neighbours[other]))
        .filter(|(one, other)| one.family != other.family)
        .map(|(one, other)| one.shape.distance(&other.shape))
        .collect()
}
