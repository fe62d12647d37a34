//! Means, drifts and rounding of measured values.

use crate::music::performance::Drift;

/// Mean and standard deviation of `values`; `None` if there are none.
pub fn mean_and_sd(values: &[f64]) -> Option<(f64, f64)> {
    let n = real(values.len());
    if values.is_empty() {
        return None;
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    Some((mean, variance.sqrt()))
}

/// `value` to a tenth.
pub fn rounded(value: f64) -> f64 {
    // No negative zero.
    (value * 10.0).round() / 10.0 + 0.0
}

/// `value` to a hundredth.
pub fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}

#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^53")]
pub fn real(n: usize) -> f64 {
    n as f64
}

/// Fits a drift to successive values, a list for each take, by their correlations over one step and over two.
pub fn drift(takes: &[Vec<f64>]) -> Drift {
    let correlation = |lag: usize| {
        let pairs = takes.iter().flat_map(|values| values.iter().zip(values.iter().skip(lag)));
        let products: Vec<f64> = pairs.map(|(before, after)| before * after).collect();
        mean_and_sd(&products).map_or(0.0, |(mean, _)| mean.max(0.0))
    };
    let (one, two) = (correlation(1), correlation(2));
    // White noise has no part in these correlations; that of the drift over two steps is `hold` times that over one.
    let hold = if one > 0.0 { (two / one).clamp(0.1, 0.95) } else { 0.0 };
    let variance = if hold > 0.0 { one / hold } else { 0.0 };
    Drift { sd: rounded(variance.sqrt()), hold: hundredths(hold) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drift_is_distinguished_from_noise() {
        // Values that hold for ten steps each, and such that change at every step.
        let slow: Vec<f64> = (0..2000).map(|idx| if (idx / 10) % 2 == 0 { 5.0 } else { -5.0 }).collect();
        let fast: Vec<f64> = (0..2000).map(|idx| if idx % 2 == 0 { 5.0 } else { -5.0 }).collect();
        let held = drift(&[slow]);
        assert!(held.hold > 0.7 && (4.0..6.5).contains(&held.sd), "{held:?}");
        assert_eq!(drift(&[fast]), Drift::default());
    }
}
