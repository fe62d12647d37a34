//! Leaning the duration slot, towards what rests and polyphony leave to each onset.

use super::choices::Choices;
use super::voice::Voice;
use crate::music::measure::PartControl;
use crate::token::Token;
use crate::token::vocab::DURATIONS;

impl Voice {
    /// Leans the draw of the duration of a note at the joined step `step`, in a run of bars that ends at `run_end`.
    pub fn lean_lengths(&mut self, step: u32, run_end: u32, choices: &mut Choices) {
        if self.aim(PartControl::Rests).is_none() && self.aim(PartControl::Polyphony).is_none() {
            return;
        }
        let rest = self.rest_share(step).unwrap_or(0.1);
        let covered = (1.0 - rest) / self.rate(step);
        let wanted = match self.note_steps_per_onset(step) {
            // What the number of notes does not bring, their length does, in part.
            Some(note_steps) => {
                let n_notes = (f64::from(self.line.n_notes) + 3.0) / (f64::from(self.line.n_onsets) + 3.0);
                let fitting = note_steps / n_notes;
                covered * (fitting / covered).clamp(0.5, 3.0).powf(LENGTH_SHARE)
            }
            None => covered,
        };
        let longest = f64::from(run_end.saturating_sub(step)).max(1.0);
        let wanted = wanted.clamp(1.0, longest);
        let steps = |id: u16| {
            let idx = usize::from(id.saturating_sub(Token::DURATION_IDS.start));
            DURATIONS.get(idx).map_or(1.0, |&steps| f64::from(steps))
        };
        let features: Vec<f64> = choices.ids.iter().map(|&id| steps(id).log2()).collect();
        let excess: Vec<f64> = choices.ids.iter().map(|&id| steps(id).min(longest) / wanted - 1.0).collect();
        let tilt = self.length.settle(|tilt| choices.mean(&excess, &features, tilt));
        choices.lean(&features, tilt);
    }
}

/// The part of what polyphony lacks that durations make good; the number of notes makes good the rest.
const LENGTH_SHARE: f64 = 0.5;
