//! Steering of the duration slot, towards the rests and polyphony wanted per onset.

use super::choices::Choices;
use super::part::Voice;
use super::running_measures::rest;
use crate::token::Token;
use crate::token::vocab::DURATIONS;

impl Voice {
    /// Adjusts the draw of the duration of a note at the joined step `step`, in a run of bars that ends at `run_end`.
    pub fn lean_lengths(&mut self, step: u32, run_end: u32, choices: &mut Choices) {
        let longest = run_end.saturating_sub(step).max(1);
        let steps: Vec<u32> = choices
            .ids
            .iter()
            .map(|&id| {
                let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
                DURATIONS.get(idx).map_or(1, |&steps| u32::from(steps)).min(longest)
            })
            .collect();
        self.lean_gap(step, longest, &steps, choices);
        self.lean_sum(step, f64::from(longest), &steps, choices);
    }

    /// Steers towards the rest wanted before the next onset, which is expected at the distance of the last ones.
    fn lean_gap(&mut self, step: u32, longest: u32, steps: &[u32], choices: &mut Choices) {
        let Some(share) = self.rest_share(step) else { return };
        let usual = super::onset::to_steps(1.0 / self.rate(step));
        let gaps = || self.line.gaps.iter().copied().chain([usual, usual]).map(|gap| gap.min(longest));
        let mean = |of: &dyn Fn(u32) -> f64| {
            let (sum, n) = gaps().fold((0.0, 0.0), |(sum, n), gap| (sum + of(gap), n + 1.0));
            sum / n
        };
        let sounding = self.line.covered_until.saturating_sub(step);
        let beat = 12.0;
        let silences: Vec<f64> = steps
            .iter()
            .map(|&steps| mean(&|gap| f64::from(rest(gap.saturating_sub(steps.max(sounding))))) / beat)
            .collect();
        let due = share * mean(&|gap| f64::from(gap)) / beat;
        let excess: Vec<f64> = silences.iter().map(|silence| silence - due).collect();
        let tilt = self.gap.settle(|tilt| choices.mean(&excess, &silences, tilt));
        choices.lean(&silences, tilt);
    }

    /// Steers towards the sum of durations that polyphony needs, beyond what the number of notes contributes.
    fn lean_sum(&mut self, step: u32, longest: f64, steps: &[u32], choices: &mut Choices) {
        let Some(note_steps) = self.note_steps_per_onset(step) else { return };
        let covered = (1.0 - self.rest_share(step).unwrap_or(0.1)) / self.rate(step);
        let n_notes = (f64::from(self.line.n_notes) + 3.0) / (f64::from(self.line.n_onsets) + 3.0);
        let fitting = note_steps / n_notes;
        let wanted = covered * (fitting / covered).clamp(0.5, 3.0).powf(LENGTH_SHARE);
        let wanted = wanted.clamp(1.0, longest);
        let features: Vec<f64> = steps.iter().map(|&steps| f64::from(steps).log2()).collect();
        let excess: Vec<f64> = steps.iter().map(|&steps| f64::from(steps) / wanted - 1.0).collect();
        let tilt = self.length.settle(|tilt| choices.mean(&excess, &features, tilt));
        choices.lean(&features, tilt);
    }
}

/// Share of the lacking polyphony that durations make up; the number of notes makes up the rest.
const LENGTH_SHARE: f64 = 0.5;
