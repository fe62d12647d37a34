//! Counts as shares of each other.

/// `numerator / denominator`; `None` where there is nothing to divide by.
pub fn share(numerator: usize, denominator: usize) -> Option<f64> {
    (denominator > 0).then(|| real(numerator) / real(denominator))
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^53")]
pub fn real(n: usize) -> f64 {
    n as f64
}

/// Twice what two sorted, distinct lists have in common by what both have, `0.0..=1.0`; 1 for two empty ones.
///
/// # Source
///
/// L. R. Dice, "Measures of the amount of ecologic association between species", Ecology 26(3), 1945.
pub fn likeness<T: Ord>(one: &[T], other: &[T]) -> f64 {
    let n_common = one.iter().filter(|item| other.binary_search(item).is_ok()).count();
    share(2 * n_common, one.len() + other.len()).unwrap_or(1.0)
}
