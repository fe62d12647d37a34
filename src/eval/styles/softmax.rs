//! Multinomial logistic regression: classifies vectors.
//!
//! # Source
//!
//! J. A. Anderson, "Separate sample logistic discrimination", Biometrika 59(1), 1972, for the model; stochastic gradient
//! descent with a rate that falls as one over time and a penalty on large weights.

use fastrand::Rng;

use super::super::real;

/// Passes over the examples.
const N_PASSES: usize = 20;

/// Examples of a step.
const BATCH: usize = 32;

/// The learning rate at the start.
const RATE: f64 = 0.1;

/// Share of the passes after which the rate is half of the first.
const HALVED_AFTER: f64 = 0.2;

/// Penalty on half the sum of squared weights, in nats per example.
const PENALTY: f64 = 1e-3;

/// Largest distance from the mean that counts, in standard deviations.
const FARTHEST: f64 = 5.0;

/// Smallest standard deviation of a trait that is used.
const SMALLEST_SPREAD: f64 = 1e-6;

/// A training example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its features.
    pub traits: Vec<f64>,
    /// Its classes; the target probability is divided among them equally.
    pub classes: Vec<usize>,
    /// Weight of the example.
    pub weight: f64,
}

/// A trained regression.
#[derive(Debug, Clone)]
pub struct Softmax {
    /// Indexed by `[trait_idx]`: mean and standard deviation.
    scale: Vec<(f64, f64)>,
    /// Indexed by `[class_idx][trait_idx]`, the last of each being the constant.
    weights: Vec<Vec<f64>>,
}

impl Softmax {
    /// Trains on `examples`, all with the same number of traits, to distinguish `n_classes` classes.
    pub fn train(examples: &[Example], n_classes: usize, seed: u64) -> Self {
        let scale = scale(examples);
        let mut model = Self { weights: vec![vec![0.0; scale.len() + 1]; n_classes], scale };
        let inputs: Vec<Vec<f64>> = examples.iter().map(|example| model.input(&example.traits)).collect();
        let mut rng = Rng::with_seed(seed);
        let mut order: Vec<usize> = (0..examples.len()).collect();
        for pass in 0..N_PASSES {
            rng.shuffle(&mut order);
            let rate = RATE / (1.0 + real(pass) / (HALVED_AFTER * real(N_PASSES)));
            for batch in order.chunks(BATCH) {
                let errors: Vec<Vec<f64>> =
                    batch.iter().map(|&idx| model.error(&inputs[idx], &examples[idx])).collect();
                let step = rate / real(batch.len());
                for (class, weights) in model.weights.iter_mut().enumerate() {
                    weights.iter_mut().for_each(|weight| *weight *= 1.0 - rate * PENALTY);
                    for (&idx, error) in batch.iter().zip(&errors) {
                        let scaled = step * error[class];
                        for (weight, value) in weights.iter_mut().zip(&inputs[idx]) {
                            *weight += scaled * value;
                        }
                    }
                }
            }
        }
        model
    }

    /// All classes, ordered by their probability for `traits`, the likeliest first.
    pub fn rank(&self, traits: &[f64]) -> Vec<usize> {
        let logits = self.logits(&self.input(traits));
        let mut classes: Vec<usize> = (0..logits.len()).collect();
        classes.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        classes
    }

    /// Target minus predicted probability of each class.
    fn error(&self, input: &[f64], example: &Example) -> Vec<f64> {
        let logits = self.logits(input);
        let highest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let odds: Vec<f64> = logits.iter().map(|logit| (logit - highest).exp()).collect();
        let sum: f64 = odds.iter().sum();
        let share = 1.0 / real(example.classes.len().max(1));
        let wanted = |class| if example.classes.contains(&class) { share } else { 0.0 };
        odds.iter().enumerate().map(|(class, odds)| example.weight * (wanted(class) - odds / sum)).collect()
    }

    fn logits(&self, input: &[f64]) -> Vec<f64> {
        let product =
            |weights: &Vec<f64>| weights.iter().zip(input).map(|(weight, value)| weight * value).sum();
        self.weights.iter().map(product).collect()
    }

    /// Traits in standard deviations from the mean, and a one for the constant.
    fn input(&self, traits: &[f64]) -> Vec<f64> {
        let scaled = traits.iter().zip(&self.scale);
        let scaled =
            scaled.map(|(value, (mean, spread))| ((value - mean) / spread).clamp(-FARTHEST, FARTHEST));
        scaled.chain([1.0]).collect()
    }
}

/// Mean and standard deviation of each trait; that of a trait that never varies is infinite, so that it has no effect.
fn scale(examples: &[Example]) -> Vec<(f64, f64)> {
    let n_traits = examples.first().map_or(0, |example| example.traits.len());
    let n = real(examples.len().max(1));
    let mean_of = |of: &dyn Fn(&Example) -> f64| examples.iter().map(of).sum::<f64>() / n;
    let of_trait = |idx: usize| {
        let mean = mean_of(&|example| example.traits[idx]);
        let spread = mean_of(&|example| (example.traits[idx] - mean).powi(2)).sqrt();
        (mean, if spread > SMALLEST_SPREAD { spread } else { f64::INFINITY })
    };
    (0..n_traits).map(of_trait).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points around three corners; the third trait never varies.
    fn points(n: usize, seed: u64) -> Vec<Example> {
        let mut rng = Rng::with_seed(seed);
        let corners = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]];
        let point = |idx: usize| {
            let corner = corners[idx % 3];
            let mut near = |value: f64| value + 0.2 * (rng.f64() - 0.5);
            Example {
                traits: vec![near(corner[0]), near(corner[1]), 7.0],
                classes: vec![idx % 3],
                weight: 1.0,
            }
        };
        (0..n).map(point).collect()
    }

    #[test]
    fn corners_are_distinguished() {
        let model = Softmax::train(&points(90, 1), 3, 1);
        for example in points(90, 2) {
            assert_eq!(model.rank(&example.traits)[0], example.classes[0], "{example:?}");
        }
    }

    #[test]
    fn what_is_two_things_is_ranked_as_both() {
        let both = |example: Example| match example.classes[0] {
            0 => Example { classes: vec![0, 1], ..example },
            _ => Example { classes: vec![2], ..example },
        };
        let model = Softmax::train(&points(90, 3).into_iter().map(both).collect::<Vec<_>>(), 3, 1);
        assert_eq!(model.rank(&[0.0, 0.0, 7.0])[2], 2);
        assert_eq!(model.rank(&[1.0, 0.0, 7.0])[0], 2);
    }

    #[test]
    fn weights_count() {
        // The same point is mostly of the class that is rare but counts.
        let same = |class: usize, weight: f64| Example { traits: vec![1.0], classes: vec![class], weight };
        let examples: Vec<Example> =
            (0..90).map(|idx| if idx % 9 == 0 { same(1, 5.0) } else { same(0, 0.1) }).collect();
        assert_eq!(Softmax::train(&examples, 2, 1).rank(&[1.0]), [1, 0]);
    }
}
