//! Quantiles of a quality among real phrases.

use serde::{Deserialize, Serialize};

use super::ratio::real;

/// The probabilities of the quantiles of a table. The tails are finer, since flaws are found there.
const PLACES: [f64; 17] =
    [0.0, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0];

/// Fewest phrases of a table.
const FEWEST_PHRASES: usize = 60;

/// The quantiles, ascending, one for each of [`PLACES`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Quantiles([f64; PLACES.len()]);

/// The place of a value in the distribution of real phrases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Share of real phrases with as little or less, `0.0..=1.0`.
    pub at_most: f64,
    /// Share of real phrases with as much or more, `0.0..=1.0`.
    pub at_least: f64,
}

impl Place {
    /// Twice the smaller tail, `0.0..=1.0`: 1 is the median, and a value that many phrases share is never rare.
    pub fn two_sided(self) -> f64 {
        (2.0 * self.at_most.min(self.at_least)).min(1.0)
    }
}

impl Quantiles {
    /// The quantiles of `values`; `None` of too few.
    pub fn of(mut values: Vec<f64>) -> Option<Self> {
        if values.len() < FEWEST_PHRASES {
            return None;
        }
        values.sort_by(f64::total_cmp);
        Some(Self(PLACES.map(|place| rounded(quantile(&values, place)))))
    }

    pub fn place(&self, value: f64) -> Place {
        Place { at_most: self.at_most(value), at_least: 1.0 - self.below(value) }
    }

    /// Share of values up to `value`.
    fn at_most(&self, value: f64) -> f64 {
        let Some(last) = self.0.iter().rposition(|knot| *knot <= value) else { return 0.0 };
        match self.0.get(last + 1) {
            Some(next) => between(value, (self.0[last], PLACES[last]), (*next, PLACES[last + 1])),
            None => 1.0,
        }
    }

    /// Share of values below `value`.
    fn below(&self, value: f64) -> f64 {
        match self.0.iter().position(|knot| *knot >= value) {
            Some(0) => 0.0,
            Some(first) => {
                between(value, (self.0[first - 1], PLACES[first - 1]), (self.0[first], PLACES[first]))
            }
            None => 1.0,
        }
    }
}

/// Linear interpolation at `value` between a knot and a higher one.
fn between(value: f64, (low, low_place): (f64, f64), (high, high_place): (f64, f64)) -> f64 {
    low_place + (high_place - low_place) * (value - low) / (high - low)
}

/// The value at `place` of sorted `values`, which are not empty.
pub fn quantile(values: &[f64], place: f64) -> f64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list")]
    let idx = (place * real(values.len() - 1)).round() as usize;
    values[idx.min(values.len() - 1)]
}

pub fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
