//! Shares and Dice coefficients of counts.

/// `numerator / denominator`; `None` where the denominator is 0.
pub fn share(numerator: usize, denominator: usize) -> Option<f64> {
    (denominator > 0).then(|| real(numerator) / real(denominator))
}

/// A count as `f64`.
#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^53")]
pub fn real(n: usize) -> f64 {
    n as f64
}

/// The Dice coefficient of two sorted lists without doubles, `0.0..=1.0`: twice the number of common items divided by
/// the sum of both lengths; 1 for two empty ones.
///
/// # Source
///
/// L. R. Dice, "Measures of the amount of ecologic association between species", Ecology 26(3), 1945.
pub fn likeness<T: Ord>(one: &[T], other: &[T]) -> f64 {
    let n_common = one.iter().filter(|item| other.binary_search(item).is_ok()).count();
    share(2 * n_common, one.len() + other.len()).unwrap_or(1.0)
}
