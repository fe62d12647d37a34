//! The ids that may be drawn for a slot, with their weights.

use crate::token::Mask;

/// Allowed ids with their log-weights at the sampler's temperature.
#[derive(Debug, Clone)]
pub struct Choices {
    /// The ids, ascending.
    pub ids: Vec<u16>,
    /// Natural logarithms of weights that need not sum to 1, indexed as `ids`.
    logs: Vec<f64>,
    temperature: f64,
}

impl Choices {
    /// The choices among `logits` that `mask` allows.
    pub fn new(logits: &[f32], mask: &Mask, temperature: f32) -> Self {
        let temperature = f64::from(temperature).max(0.05);
        let ids: Vec<u16> = mask.allowed().filter(|&id| usize::from(id) < logits.len()).collect();
        let logs = ids.iter().map(|&id| f64::from(logits[usize::from(id)]) / temperature).collect();
        Self { ids, logs, temperature }
    }

    /// The mean of `values` if each weight were multiplied by `exp(tilt × feature)`; both are indexed as the ids.
    pub fn mean(&self, values: &[f64], features: &[f64], tilt: f64) -> f64 {
        let leaned = || self.logs.iter().zip(features).map(|(log, feature)| log + tilt * feature);
        let top = leaned().fold(f64::NEG_INFINITY, f64::max);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (log, value) in leaned().zip(values) {
            let w = (log - top).exp();
            sum += w * value;
            weight += w;
        }
        if weight > 0.0 { sum / weight } else { 0.0 }
    }

    /// Multiplies each weight by `exp(tilt × feature)`.
    pub fn lean(&mut self, features: &[f64], tilt: f64) {
        for (log, feature) in self.logs.iter_mut().zip(features) {
            *log += tilt * feature;
        }
    }

    /// Excludes the choice at `idx` from all means and adjustments, until [`Self::set_probabilities`].
    pub fn set_aside(&mut self, idx: usize) {
        if let Some(log) = self.logs.get_mut(idx) {
            *log = f64::NEG_INFINITY;
        }
    }

    /// The probabilities, indexed as the ids.
    pub fn probabilities(&self) -> Vec<f64> {
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = self.logs.iter().map(|log| (log - top).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|weight| weight / total).collect()
    }

    /// Replaces the weights.
    pub fn set_probabilities(&mut self, probabilities: &[f64]) {
        for (log, probability) in self.logs.iter_mut().zip(probabilities) {
            *log = probability.max(1e-30).ln();
        }
    }

    /// Writes the weights back as logits.
    pub fn write_to(&self, logits: &mut [f32]) {
        let top = self.logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (&id, log) in self.ids.iter().zip(&self.logs) {
            logits[usize::from(id)] = to_logit((log - top) * self.temperature);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the nearest f32 is what a logit is")]
const fn to_logit(value: f64) -> f32 {
    value as f32
}
