//! Counts of the lengths of shared runs.

use serde::{Deserialize, Serialize};

/// Number of windows by the length of their longest shared run, in notes; windows that share nothing count as 0.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunCounts(Vec<u32>);

impl RunCounts {
    /// The longest distinct run, in notes; longer ones count as this.
    const LONGEST: usize = 255;

    /// Counts a window whose longest run has `n_notes`.
    pub fn add(&mut self, n_notes: u32) {
        let n_notes = usize::try_from(n_notes).map_or(Self::LONGEST, |n| n.min(Self::LONGEST));
        if self.0.len() <= n_notes {
            self.0.resize(n_notes + 1, 0);
        }
        self.0[n_notes] += 1;
    }

    /// Windows counted.
    pub fn n_windows(&self) -> u64 {
        self.0.iter().map(|n| u64::from(*n)).sum()
    }

    /// The shortest length that is not exceeded in at least the share `quantile` of the windows; `None` without
    /// windows.
    pub fn quantile(&self, quantile: f64) -> Option<u32> {
        let n_windows: f64 = self.0.iter().map(|n| f64::from(*n)).sum();
        let mut n_seen = 0.0;
        let run = self.0.iter().position(|n| {
            n_seen += f64::from(*n);
            n_seen >= quantile * n_windows
        })?;
        u32::try_from(run).ok()
    }

    /// Share of the windows with a run longer than `limit`, `0.0..=1.0`.
    pub fn share_over(&self, limit: u32) -> f64 {
        let n_windows: f64 = self.0.iter().map(|n| f64::from(*n)).sum();
        let over = (0..).zip(&self.0).filter(|(run, _)| *run > limit);
        // Folded, since the sum of no numbers is a negative zero, which prints as one.
        let n_over = over.fold(0.0, |sum, (_, n)| sum + f64::from(*n));
        n_over / n_windows.max(1.0)
    }
}
