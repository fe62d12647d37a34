//! The floor, a baseline of losses: an n-gram model with interpolated back-off over the same slots of the same windows.
//!
//! The probability of a value under order `n` is `w · p(n - 1) + (1 - w) · count / total`, down to the uniform
//! distribution. The weight `w` belongs to a bucket of contexts that are about as frequent and about as varied, and is
//! fitted by expectation maximisation on a held-back tenth of the training families (Jelinek–Mercer). A value is counted
//! once for each family that has it in a context: the bars of a piece repeat each other, and plain counts would take
//! those for evidence. Which features make a context, and how many, is chosen on the held-back tenth as well; the
//! held-out split is only measured on.
//!
//! Orders are counted one after the other and thrown away again, so that only one is in memory.
//!
//! # Source
//!
//! F. Jelinek and R. L. Mercer, "Interpolated estimation of Markov source parameters from sparse data", in Pattern
//! Recognition in Practice, 1980.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::context::{Event, N_FEATURES, N_HEADLINE_SLOTS, Variant, events};
use super::{EvalError, Window, real};
use crate::model::SLOTS;
use crate::token::SLOT_SIZES;

/// One family of this number is held back for weights and choices.
const HELD_BACK: u32 = 10;

/// Families whose hash has this remainder are held back.
const HELD_BACK_REST: u32 = 3;

/// Rounds of expectation maximisation.
const N_ROUNDS: usize = 12;

/// Number of finer contexts without improvement after which no more are tried.
const PATIENCE: usize = 3;

/// The choice of features on the held-back tenth.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Choice {
    /// Set and order of features.
    pub variant: Variant,
    /// Number of features of the longest context, by slot.
    pub orders: [usize; N_HEADLINE_SLOTS],
    /// Nats per note on the held-back tenth.
    pub held_back_nats: f64,
    #[serde(skip)]
    weights: [Vec<Weights>; N_HEADLINE_SLOTS],
}

/// The floor's losses, in the form of the network's.
#[derive(Debug)]
pub struct Floor {
    /// The result of every variant on the held-back tenth, the chosen one first.
    pub choices: Vec<Choice>,
    /// Notes counted.
    pub n_train_notes: usize,
    /// Nats, indexed by `[window][token][slot]`; velocity is 0.
    pub nats: Vec<Vec<[f32; SLOTS]>>,
}

/// Counts `train` and measures `valid`.
///
/// `progress` — called with the steps done and the steps in all.
///
/// # Errors
///
/// No training windows, or too few to hold some back.
pub fn floor(
    mut train: Vec<Window>,
    valid: &[Window],
    mut progress: impl FnMut(usize, usize),
) -> Result<Floor, EvalError> {
    // Counting once per family needs the windows of a family to be consecutive.
    train.sort_by_key(|window| window.record.family);
    let is_back = |window: &Window| window.record.family % HELD_BACK == HELD_BACK_REST;
    let n_train_notes = n_notes(&train);
    let (back, rest): (Vec<Window>, Vec<Window>) = train.iter().cloned().partition(is_back);
    if back.is_empty() || rest.is_empty() {
        return Err(EvalError::NoWindows("training"));
    }
    let n_steps = 3 * N_HEADLINE_SLOTS;
    let mut n_done = 0;
    let mut choices = Vec::new();
    for variant in [Variant::Stream, Variant::Factored] {
        let mut choice = Choice {
            variant,
            orders: [0; N_HEADLINE_SLOTS],
            held_back_nats: 0.0,
            weights: [const { Vec::new() }; N_HEADLINE_SLOTS],
        };
        for slot in 0..N_HEADLINE_SLOTS {
            progress(n_done, n_steps);
            n_done += 1;
            let fitted = fit(slot, &events(&rest, slot, variant), &events(&back, slot, variant));
            choice.orders[slot] = fitted.weights.len() - 1;
            choice.held_back_nats += fitted.nats / real(n_notes(&back));
            choice.weights[slot] = fitted.weights;
        }
        choices.push(choice);
    }
    drop((back, rest));
    choices.sort_by(|a, b| a.held_back_nats.total_cmp(&b.held_back_nats));
    let best = &choices[0];
    let mut nats: Vec<Vec<[f32; SLOTS]>> =
        valid.iter().map(|window| vec![[0.0; SLOTS]; window.tokens.len()]).collect();
    for (slot, weights) in best.weights.iter().enumerate() {
        progress(n_done, n_steps);
        n_done += 1;
        let asked = events(valid, slot, best.variant);
        let probabilities = predict(slot, &events(&train, slot, best.variant), &asked, weights);
        for (event, probability) in asked.iter().zip(probabilities) {
            nats[index(event.window)][index(event.token)][slot] = narrow(-probability.ln());
        }
    }
    progress(n_steps, n_steps);
    Ok(Floor { choices, n_train_notes, nats })
}

/// Weights of each order, up to the last that improved, and the resulting nats.
struct Fitted {
    weights: Vec<Weights>,
    nats: f64,
}

/// Counts `train` and fits weights on `back`.
fn fit(slot: usize, train: &[Event], back: &[Event]) -> Fitted {
    let mut guesses = Guesses::new(slot, back);
    let mut keys = vec![0; train.len()];
    let mut weights = Vec::new();
    let mut best = Fitted { weights: Vec::new(), nats: f64::INFINITY };
    for order in 0..=N_FEATURES {
        deepen(&mut keys, train, order);
        let level = Level::count(&keys, train);
        let fitted = guesses.fit(&level, back, order);
        guesses.refine(&level, &fitted, back);
        weights.push(fitted);
        if guesses.nats() < best.nats {
            best = Fitted { weights: weights.clone(), nats: guesses.nats() };
        } else if weights.len() >= best.weights.len() + PATIENCE {
            break;
        }
    }
    best
}

/// The probability of each of `asked` after counting `train`, with an order for each of `weights`.
fn predict(slot: usize, train: &[Event], asked: &[Event], weights: &[Weights]) -> Vec<f64> {
    let mut guesses = Guesses::new(slot, asked);
    let mut keys = vec![0; train.len()];
    for (order, weights) in weights.iter().enumerate() {
        deepen(&mut keys, train, order);
        let level = Level::count(&keys, train);
        deepen(&mut guesses.keys, asked, order);
        guesses.refine(&level, weights, asked);
    }
    guesses.probabilities
}

/// Turns the hashes of contexts of `order - 1` features into those of `order` features.
fn deepen(keys: &mut [u64], events: &[Event], order: usize) {
    if let Some(feature) = order.checked_sub(1) {
        for (key, event) in keys.iter_mut().zip(events) {
            *key = mix(*key, event.features[feature]);
        }
    }
}

/// A hash of `key` and `value`. Among a few million contexts the probability of a collision is about one in a million.
fn mix(key: u64, value: u16) -> u64 {
    let mixed = (key ^ (u64::from(value) + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93) ^ (mixed >> 29)
}

/// Counts of one order.
#[derive(Debug, Default)]
struct Level {
    contexts: HashMap<u64, Context, BuildHasherDefault<AsItIs>>,
    pairs: HashMap<u64, Pair, BuildHasherDefault<AsItIs>>,
}

/// Counts of the values that follow a context.
#[derive(Debug, Clone, Copy, Default)]
struct Context {
    /// Sum of the counts of its values.
    total: u32,
    /// Number of different values.
    n_values: u32,
}

/// A context with a value.
#[derive(Debug, Clone, Copy)]
struct Pair {
    n_families: u32,
    last_family: u32,
}

impl Level {
    /// `events` — those of a family are consecutive.
    fn count(keys: &[u64], events: &[Event]) -> Self {
        let mut level = Self::default();
        for (&key, event) in keys.iter().zip(events) {
            let context = level.contexts.entry(key).or_default();
            let pair = level
                .pairs
                .entry(mix(key, event.value))
                .or_insert(Pair { n_families: 0, last_family: !event.family });
            if pair.last_family != event.family {
                context.n_values += u32::from(pair.n_families == 0);
                context.total += 1;
                pair.n_families += 1;
                pair.last_family = event.family;
            }
        }
        level
    }

    /// The bucket of a context and the share of `value` in it; `None` for a context never seen.
    fn look_up(&self, key: u64, value: u16) -> Option<(usize, f64)> {
        let context = self.contexts.get(&key)?;
        let count = self.pairs.get(&mix(key, value)).map_or(0, |pair| pair.n_families);
        Some((Weights::bucket(*context), f64::from(count) / f64::from(context.total)))
    }
}

/// Weights of the coarser order, indexed by bucket.
#[derive(Debug, Clone)]
struct Weights(Vec<f64>);

impl Weights {
    /// Powers of two of the total that have buckets of their own.
    const N_TOTALS: usize = 13;
    /// Powers of the square root of two of the occurrences of a value.
    const N_VARIETIES: usize = 16;

    fn even() -> Self {
        Self(vec![0.5; Self::N_TOTALS * Self::N_VARIETIES])
    }

    fn bucket(context: Context) -> usize {
        let total = index(context.total.max(1).ilog2()).min(Self::N_TOTALS - 1);
        let square = |n: u32| u64::from(n.max(1)).pow(2);
        let repeats = (square(context.total) / square(context.n_values)).max(1);
        total * Self::N_VARIETIES + index(repeats.ilog2()).min(Self::N_VARIETIES - 1)
    }
}

/// The probabilities of some events, refined order by order.
#[derive(Debug)]
struct Guesses {
    keys: Vec<u64>,
    probabilities: Vec<f64>,
}

impl Guesses {
    /// Uniform over the ids of `slot`.
    fn new(slot: usize, asked: &[Event]) -> Self {
        let uniform = 1.0 / f64::from(SLOT_SIZES[slot]);
        Self { keys: vec![0; asked.len()], probabilities: vec![uniform; asked.len()] }
    }

    /// Fits the weights with which `asked` is most probable under `level`; a bucket with few events stays near a half.
    fn fit(&mut self, level: &Level, asked: &[Event], order: usize) -> Weights {
        deepen(&mut self.keys, asked, order);
        let found: Vec<(usize, f64, f64)> = self
            .keys
            .iter()
            .zip(asked)
            .zip(&self.probabilities)
            .filter_map(|((&key, event), &coarse)| {
                level.look_up(key, event.value).map(|(bucket, share)| (bucket, coarse, share))
            })
            .collect();
        let mut weights = Weights::even();
        for _ in 0..N_ROUNDS {
            let mut sums = vec![(1.0, 2.0); weights.0.len()];
            for &(bucket, coarse, share) in &found {
                let weight = weights.0[bucket];
                let by_coarse = weight * coarse;
                sums[bucket].0 += by_coarse / (by_coarse + (1.0 - weight) * share);
                sums[bucket].1 += 1.0;
            }
            weights.0 = sums.into_iter().map(|(by_coarse, n)| by_coarse / n).collect();
        }
        weights
    }

    /// Refines the probabilities by an order; `self.keys` are those of `level`.
    fn refine(&mut self, level: &Level, weights: &Weights, asked: &[Event]) {
        for ((&key, event), probability) in self.keys.iter().zip(asked).zip(&mut self.probabilities) {
            if let Some((bucket, share)) = level.look_up(key, event.value) {
                let weight = weights.0[bucket];
                *probability = weight * *probability + (1.0 - weight) * share;
            }
        }
    }

    fn nats(&self) -> f64 {
        self.probabilities.iter().map(|probability| -probability.ln()).sum()
    }
}

/// A hasher for keys that are hashes: the identity.
#[derive(Debug, Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

fn n_notes(windows: &[Window]) -> usize {
    windows.iter().map(|window| index(window.record.n_notes)).sum()
}

fn index(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

#[expect(clippy::cast_possible_truncation, reason = "a loss is reported in single precision")]
fn narrow(x: f64) -> f32 {
    x as f32
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(value: u16, family: u32, features: &[u16]) -> Event {
        let mut all = [7; N_FEATURES];
        all[..features.len()].copy_from_slice(features);
        Event { window: 0, token: 0, value, family, features: all }
    }

    fn arb_events(n: usize) -> impl Strategy<Value = Vec<Event>> {
        let one = (0u16..9, 0u32..4, prop::array::uniform3(0u16..3));
        prop::collection::vec(one, 1..n).prop_map(|mut all| {
            all.sort_by_key(|(_, family, _)| *family);
            all.into_iter().map(|(value, family, features)| event(value, family, &features)).collect()
        })
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(
            train in arb_events(60),
            back in arb_events(20),
            features in prop::array::uniform3(0u16..5),
            slot in 0usize..N_HEADLINE_SLOTS,
        ) {
            let fitted = fit(slot, &train, &back);
            let every: Vec<Event> = (0..SLOT_SIZES[slot]).map(|value| event(value, 9, &features)).collect();
            let probabilities = predict(slot, &train, &every, &fitted.weights);
            prop_assert!(probabilities.iter().all(|probability| *probability > 0.0));
            prop_assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }

        #[test]
        fn fitting_is_no_worse_than_uniform(train in arb_events(60)) {
            let fitted = fit(1, &train, &train);
            let uniform = f64::from(SLOT_SIZES[1]).ln() * real(train.len());
            prop_assert!(fitted.nats < uniform);
        }
    }

    #[test]
    fn a_family_counts_once() {
        let many: Vec<Event> = [vec![event(1, 5, &[0]); 100], vec![event(2, 6, &[0])]].concat();
        let level = Level::count(&vec![0; many.len()], &many);
        assert_eq!(level.look_up(0, 1).unwrap().1, 0.5);
        assert_eq!(level.look_up(0, 2).unwrap().1, 0.5);
        assert_eq!(level.look_up(0, 3).unwrap().1, 0.0);
        assert!(level.look_up(1, 1).is_none());
    }

    #[test]
    fn a_context_that_decides_is_learnt() {
        let music = |first: u32| -> Vec<Event> {
            (first..first + 40)
                .flat_map(|family| (0u16..8).map(move |at| event(at + 20, family, &[at])))
                .collect()
        };
        let fitted = fit(0, &music(0), &music(100));
        assert!(fitted.nats / 320.0 < 0.1, "{}", fitted.nats);
        assert!(fitted.weights.len() >= 2);
    }
}
