//! The tilt: one number that adjusts the draws of a slot, found by feedback.

/// Multiplies the odds of choices by `exp(tilt × feature)`: of all ways to move a mean, the one that changes the
/// network's distribution least. The tilt is set so that the running mean of the *excess* is 0, where the excess is
/// what a draw is expected to contribute above what is wanted of it. The mean runs over several draws, so that one tilt
/// serves unlike positions: if each position were moved to the wanted mean by itself, a dotted rhythm would become an
/// even one.
#[derive(Debug, Clone)]
pub struct Tilt {
    /// Largest tilt either way.
    limit: f64,
    /// Resistance to changes of the tilt, as a slope of the excess: where the network is certain, the excess hardly
    /// depends on the tilt, which would then jump from one limit to the other.
    hold: f64,
    /// Least weight of the newest draw in the running means.
    newest: f64,
    value: f64,
    /// Draws so far.
    n_draws: f64,
    /// Running mean of the excess.
    mean: f64,
    /// Running mean of the slope of the excess by the tilt.
    slope: f64,
}

impl Tilt {
    /// Weight of the prior, in draws.
    const PRIOR_DRAWS: f64 = 1.0;

    /// Slope before anything is known.
    const PRIOR_SLOPE: f64 = 0.1;

    /// Number of bisections when the tilt is solved for.
    const N_HALVINGS: usize = 14;

    /// A tilt of 0, limited to `limit` either way, with the resistance `hold`, a slope of the excess.
    pub const fn new(limit: f64, hold: f64) -> Self {
        Self { limit, hold, newest: 0.2, value: 0.0, n_draws: 0.0, mean: 0.0, slope: Self::PRIOR_SLOPE }
    }

    /// The tilt with `newest` as the least weight of the newest draw: larger for draws that may be corrected one by
    /// one.
    pub const fn with_newest(self, newest: f64) -> Self {
        Self { newest, ..self }
    }

    /// The current tilt.
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Sets the tilt for a draw and returns it. `excess` is the draw's expected excess under a tilt and must not
    /// decrease.
    pub fn settle(&mut self, excess: impl Fn(f64) -> f64) -> f64 {
        let share = (1.0 / (self.n_draws + 1.0 + Self::PRIOR_DRAWS)).max(self.newest);
        let mean_at = |tilt: f64| {
            let carried = self.mean + self.slope * (tilt - self.value);
            (1.0 - share) * carried + share * excess(tilt)
        };
        let held_at = |tilt: f64| mean_at(tilt) + self.hold * (tilt - self.value);
        let (mut low, mut high) = (-self.limit, self.limit);
        for _ in 0..Self::N_HALVINGS {
            let middle = 0.5 * (low + high);
            if held_at(middle) < 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        let tilt = 0.5 * (low + high);
        let slope = (excess(tilt + 0.25) - excess(tilt - 0.25)) / 0.5;
        self.mean = mean_at(tilt);
        self.slope = (1.0 - share) * self.slope + share * slope.max(0.0);
        self.value = tilt;
        self.n_draws += 1.0;
        tilt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_many_draws_becomes_what_is_wanted() {
        // Heads with a probability that differs from draw to draw; another share of heads is wanted.
        for wanted in [0.1, 0.3, 0.5, 0.8] {
            let mut tilt = Tilt::new(6.0, 0.05);
            let mut sum = 0.0;
            for logit in [-2.0_f64, 1.0, 0.0, -1.0].into_iter().cycle().take(200) {
                let heads = |tilt: f64| 1.0 / (1.0 + (-(logit + tilt)).exp());
                let value = tilt.settle(|tilt| heads(tilt) - wanted);
                sum += heads(value);
            }
            assert!((sum / 200.0 - wanted).abs() < 0.03, "{wanted}: {}", sum / 200.0);
        }
    }

    #[test]
    fn what_cannot_be_reached_stops_at_the_limit() {
        let mut tilt = Tilt::new(2.0, 0.05);
        for _ in 0..20 {
            tilt.settle(|_| -0.5);
        }
        assert!((tilt.value() - 2.0).abs() < 1e-3);
        for _ in 0..40 {
            tilt.settle(|_| 0.5);
        }
        assert!((tilt.value() + 2.0).abs() < 1e-3);
    }
}
