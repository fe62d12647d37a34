//! Medians and rank correlation.

use super::real;

/// The median; `None` without values.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = values[(values.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// The share of `values` for which `is_so` is true; 0 without values.
pub fn share<T>(values: &[T], is_so: impl Fn(&T) -> bool) -> f64 {
    real(values.iter().filter(|value| is_so(value)).count()) / real(values.len().max(1))
}

/// Spearman's rank correlation; `None` if one side never varies. Equal values share their mean rank.
///
/// # Source
///
/// C. Spearman, "The proof and measurement of association between two things", American Journal of Psychology 15(1),
/// 1904.
pub fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let ranks = |of: &dyn Fn(&(f64, f64)) -> f64| ranks(&pairs.iter().map(of).collect::<Vec<_>>());
    let (a, b) = (ranks(&|pair| pair.0), ranks(&|pair| pair.1));
    let middle = (real(pairs.len()) - 1.0) / 2.0;
    let product =
        |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum::<f64>();
    let spread = (product(&a, &a) * product(&b, &b)).sqrt();
    (spread > 1e-9).then(|| product(&a, &b) / spread)
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut n_below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        for &idx in tied {
            ranks[idx] = real(n_below) + (real(tied.len()) - 1.0) / 2.0;
        }
        n_below += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_correlate_as_in_the_textbook() {
        for (pairs, expect) in [
            (vec![(0.1, 0.3), (0.5, 0.7), (0.6, 9.0)], Some(1.0)),
            (vec![(0.1, 0.7), (0.5, 0.3)], Some(-1.0)),
            (vec![(0.1, 0.2), (0.5, 0.2)], None),
            (vec![(1.0, 1.0), (2.0, 1.0), (3.0, 2.0)], Some(0.866)),
        ] {
            let found = rank_correlation(&pairs).map(|r| (r * 1e3).round() / 1e3);
            assert_eq!(found, expect, "{pairs:?}");
        }
    }

    #[test]
    fn medians_are_in_the_middle() {
        for (values, expect) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![3.0, 1.0], Some(2.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(values), expect);
        }
    }
}
