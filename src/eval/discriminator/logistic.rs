//! Logistic regression with a penalty on large weights.
//!
//! # Source
//!
//! D. R. Cox, "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20(2), 1958, for the model;
//! Newton's method on the penalised likelihood, which is concave.

/// Steps of Newton's method; near the solution each doubles the number of correct digits.
const N_STEPS: usize = 12;

/// A training example.
pub struct Example {
    /// The inputs; all examples have the same number.
    pub inputs: Vec<f64>,
    /// The label.
    pub is_real: bool,
    /// Weight of the example.
    pub weight: f64,
}

/// Fits the constant and the weight of each input; the log-odds that an example is real are linear in its inputs.
///
/// `penalty` — on half the sum of the squared weights, in nats.
pub fn train(examples: &[Example], penalty: f64) -> Vec<f64> {
    let n = examples.first().map_or(0, |example| example.inputs.len()) + 1;
    let mut weights = vec![0.0; n];
    for _ in 0..N_STEPS {
        let mut slope: Vec<f64> = weights.iter().map(|weight| -penalty * weight).collect();
        let mut curve = vec![vec![0.0; n]; n];
        (0..n).for_each(|idx| curve[idx][idx] = penalty);
        // The constant has no penalty but for a small one that keeps the matrix positive definite.
        (slope[0], curve[0][0]) = (0.0, 1e-6);
        for example in examples {
            let inputs: Vec<f64> = std::iter::once(1.0).chain(example.inputs.iter().copied()).collect();
            let odds: f64 = inputs.iter().zip(&weights).map(|(input, weight)| input * weight).sum();
            let chance = 1.0 / (1.0 + (-odds).exp());
            let error = example.weight * (f64::from(u8::from(example.is_real)) - chance);
            let bend = example.weight * chance * (1.0 - chance);
            for (row, input) in inputs.iter().enumerate() {
                slope[row] += error * input;
                for (cell, other) in curve[row][..=row].iter_mut().zip(&inputs) {
                    *cell += bend * input * other;
                }
            }
        }
        let step = solve(curve, slope);
        weights.iter_mut().zip(step).for_each(|(weight, by)| *weight += by);
    }
    weights
}

/// The solution of `matrix * x = right` for a symmetric positive definite matrix, of which the lower half is given (A.-L. Cholesky).
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for row in 0..n {
        for column in 0..=row {
            let dot: f64 = (0..column).map(|idx| matrix[row][idx] * matrix[column][idx]).sum();
            let rest = matrix[row][column] - dot;
            matrix[row][column] =
                if row == column { rest.max(1e-12).sqrt() } else { rest / matrix[column][column] };
        }
    }
    for row in 0..n {
        let dot: f64 = (0..row).map(|idx| matrix[row][idx] * right[idx]).sum();
        right[row] = (right[row] - dot) / matrix[row][row];
    }
    for row in (0..n).rev() {
        let dot: f64 = (row + 1..n).map(|idx| matrix[idx][row] * right[idx]).sum();
        right[row] = (right[row] - dot) / matrix[row][row];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equations_are_solved() {
        let matrix = vec![vec![4.0, 0.0, 0.0], vec![2.0, 5.0, 0.0], vec![1.0, 3.0, 6.0]];
        let found = solve(matrix, vec![11.0, 21.0, 25.0]);
        for (found, expect) in found.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expect).abs() < 1e-9, "{found} is not {expect}");
        }
    }

    #[test]
    fn odds_are_those_of_counts_and_what_says_nothing_weighs_nothing() {
        // Of those with 1 three of four are real, of those with -1 one of four; the second input is noise.
        let example =
            |input: f64, noise: f64, is_real| Example { inputs: vec![input, noise], is_real, weight: 1.0 };
        let mut examples = Vec::new();
        for noise in [-1.0, 1.0] {
            for (input, n_real) in [(1.0, 30), (-1.0, 10)] {
                examples.extend((0..40).map(|idx| example(input, noise, idx < n_real)));
            }
        }
        let free = train(&examples, 1e-6);
        assert!(
            (free[1] - 3.0_f64.ln()).abs() < 1e-3 && free[0].abs() < 1e-6 && free[2].abs() < 1e-6,
            "{free:?}"
        );
        let held = train(&examples, 20.0);
        assert!(held[1] < free[1] && held[1] > 0.3, "{held:?}");
    }
}
