//! How near real phrases come to each other: what two takes must not fall below.

use std::collections::{BTreeMap, BTreeSet};

use crate::music::analysis::Shape;
use crate::music::phrase::{Part, Phrase};
use crate::music::time::Meter;

/// Bars of the real phrases that are compared with each other; fewer or more are other music.
pub const N_BARS: u32 = 8;

/// Fewest families of a set of parts.
const FEWEST_FAMILIES: usize = 12;

/// About how many pairs are compared.
const N_PAIRS: usize = 4000;

/// The share of pairs of real phrases that are nearer to each other.
const NEAREST_SHARE: f64 = 0.05;

/// Which parts a phrase has: a bit each, by part index.
pub(super) type PartSet = u8;

pub(super) fn part_set(parts: impl IntoIterator<Item = Part>) -> PartSet {
    parts.into_iter().fold(0, |set, part| set | 1 << part.index())
}

/// A phrase that is compared with others.
#[derive(Debug)]
pub(super) struct Neighbour {
    pub family: u32,
    parts: PartSet,
    shape: Shape,
}

impl Neighbour {
    /// `None` if `phrase` is not eight bars of 4/4.
    pub fn new(family: u32, phrase: &Phrase) -> Option<Self> {
        let frame = phrase.frame();
        let is_comparable = frame.meter == Meter::COMMON && frame.n_bars_total() == N_BARS;
        is_comparable.then(|| Self {
            family,
            parts: part_set(phrase.parts()),
            shape: Shape::of(phrase, &Part::ALL),
        })
    }
}

/// For each set of parts that enough of `neighbours` have, the distance that one in twenty pairs of different families
/// falls below. Pairs are taken evenly from all.
pub(super) fn nearest(neighbours: &[&Neighbour]) -> BTreeMap<PartSet, f64> {
    let mut nearest = BTreeMap::new();
    let sets: BTreeSet<PartSet> = neighbours.iter().map(|neighbour| neighbour.parts).collect();
    for set in sets {
        let same: Vec<&Neighbour> =
            neighbours.iter().copied().filter(|neighbour| neighbour.parts == set).collect();
        let families: BTreeSet<u32> = same.iter().map(|neighbour| neighbour.family).collect();
        if families.len() < FEWEST_FAMILIES {
            continue;
        }
        let mut distances = distances(&same);
        distances.sort_by(f64::total_cmp);
        nearest.insert(set, super::references::quantile(&distances, NEAREST_SHARE));
    }
    nearest
}

/// What is near where a style is not known: for each set of parts the mean over the styles that have it, since phrases of
/// two styles lie further apart than takes of one; `pooled` where no style has it.
pub(super) fn of_any_style<'a>(
    styles: impl Iterator<Item = &'a BTreeMap<PartSet, f64>>,
    mut pooled: BTreeMap<PartSet, f64>,
) -> BTreeMap<PartSet, f64> {
    let mut sums: BTreeMap<PartSet, (f64, f64)> = BTreeMap::new();
    for (set, distance) in styles.flatten() {
        let (sum, n) = sums.entry(*set).or_default();
        (*sum, *n) = (*sum + distance, *n + 1.0);
    }
    pooled.extend(sums.into_iter().map(|(set, (sum, n))| (set, sum / n)));
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
