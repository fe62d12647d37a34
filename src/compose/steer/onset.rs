//! Steering of the kind slot: when the next onset comes, and whether another note joins the last one.

use super::choices::Choices;
use super::part::Voice;
use crate::music::measure::{PartControl, straightened};
use crate::token::Token;

/// What a kind leads to.
#[derive(Debug, Clone, Copy)]
struct Next {
    /// Joined step of the onset, or the end of the bar.
    step: u32,
    /// Whether it is an onset rather than the end of the cell.
    is_onset: bool,
}

/// If another note at the same onset is likelier than this, the draw says nothing about the next onset.
const CERTAIN: f64 = 0.999;

/// Nats for each beat of rest, or each unit of syncopation, beyond what is wanted in the whole phrase: both come in
/// large units, and one too many early on cannot be made up.
const WALL: f64 = 2.5;

/// Nats for each beat of overlap and each missing voice.
const OVERLAP: f64 = 25.0;
/// Most nats for a beat of overlap.
const MOST_OVERLAP: f64 = 6.0;

/// Share of the syncopation possible at a position that is expected.
const EXPECTED_SHARE: f64 = 0.5;

impl Voice {
    /// Adjusts the draw of what comes next in the bar that starts at `start`. `last` — position of the last onset in
    /// the bar.
    pub fn lean_kinds(&mut self, start: u32, bar_steps: u32, last: Option<u32>, choices: &mut Choices) {
        let now = start + last.unwrap_or(0);
        let nexts: Vec<Next> = choices
            .ids
            .iter()
            .map(|&id| match id.checked_sub(Token::NOTE_KINDS).filter(|_| id < Token::CHORD_KINDS) {
                Some(position) => Next { step: start + u32::from(position), is_onset: true },
                None => Next { step: start + bar_steps, is_onset: false },
            })
            .collect();
        if self.plays_on && last.is_none() && nexts.iter().all(|next| next.is_onset) {
            return;
        }
        if last.is_some() && self.has_no_instrument_above() {
            let same = nexts.iter().map(|next| f64::from(u8::from(next.is_onset && next.step == now)));
            choices.lean(&same.collect::<Vec<_>>(), -8.0);
        }
        let same = last.and_then(|last| nexts.iter().position(|n| n.is_onset && n.step == start + last));
        // Whether another note joins the last onset and when the next onset comes are separate decisions.
        let p_same = same.map_or(0.0, |same| choices.probabilities()[same]);
        if let Some(same) = same {
            choices.set_aside(same);
        }
        if p_same < CERTAIN {
            self.lean_overlap(&nexts, choices);
            self.lean_onsets(now, last.is_some(), &nexts, choices);
        }
        let mut odds = choices.probabilities();
        if let Some(same) = same {
            let p_same = self.lean_together(now, p_same);
            odds.iter_mut().for_each(|p| *p *= 1.0 - p_same);
            odds[same] = p_same;
        }
        choices.set_probabilities(&odds);
    }

    /// Steers towards or away from onsets while the last notes still sound, if there are too few or too many voices.
    fn lean_overlap(&self, nexts: &[Next], choices: &mut Choices) {
        let Some(aim) = self.aim(PartControl::Polyphony).filter(|_| !self.part.is_drums()) else { return };
        let sounding = f64::from(self.line.covered_until.saturating_sub(self.line.silent).max(1));
        let missing = aim - f64::from(self.line.note_steps) / sounding;
        let beat = 12.0;
        let overlaps: Vec<f64> = nexts
            .iter()
            .map(|next| {
                let overlap = self.line.covered_until.saturating_sub(next.step);
                if next.is_onset { f64::from(overlap) / beat } else { 0.0 }
            })
            .collect();
        choices.lean(&overlaps, (OVERLAP * missing).clamp(-MOST_OVERLAP, MOST_OVERLAP));
    }

    /// Steers when the next onset comes; controls that were asked are applied last.
    fn lean_onsets(&mut self, now: u32, is_after_onset: bool, nexts: &[Next], choices: &mut Choices) {
        let is_density_asked = self.is_asked(PartControl::Density);
        if !is_density_asked {
            self.lean_density(now, is_after_onset, nexts, choices);
        }
        if self.is_asked(PartControl::Rests) {
            self.lean_syncopation(now, is_after_onset, nexts, choices);
            self.lean_rests(now, nexts, choices);
        } else {
            self.lean_rests(now, nexts, choices);
            self.lean_syncopation(now, is_after_onset, nexts, choices);
        }
        if is_density_asked {
            self.lean_density(now, is_after_onset, nexts, choices);
        }
    }

    fn lean_rests(&mut self, now: u32, nexts: &[Next], choices: &mut Choices) {
        // In a calm mood, longer notes and not more of them fill the time.
        if self.sustains {
            return;
        }
        let Some(share) = self.rest_share(now) else { return };
        let beat = 12.0;
        let silence: Vec<f64> = nexts
            .iter()
            .map(|next| (self.line.silent_until(next.step) - self.line.silent_until(now)) / beat)
            .collect();
        let excess: Vec<f64> = nexts
            .iter()
            .zip(&silence)
            .map(|(next, silence)| silence - share * f64::from(next.step.saturating_sub(now)) / beat)
            .collect();
        let left = (self.aim(PartControl::Rests).unwrap_or(1.0) * self.n_steps()
            - self.line.silent_until(now))
            / beat;
        let over: Vec<f64> = silence.iter().map(|silence| (silence - left.max(0.0)).max(0.0)).collect();
        choices.lean(&over, -WALL);
        let tilt = self.rests.settle(|tilt| choices.mean(&excess, &silence, tilt));
        choices.lean(&silence, tilt);
    }

    fn lean_syncopation(&mut self, now: u32, is_after_onset: bool, nexts: &[Next], choices: &mut Choices) {
        let Some(aim) = self.aim(PartControl::Syncopation) else { return };
        let gap = to_steps(1.0 / self.usual_rate());
        let promise = |step: u32| {
            let place = straightened(step);
            EXPECTED_SHARE * self.line.taken_by(place, place + gap + 1)
        };
        if self.part.is_drums() {
            // The instrument is drawn later; here only whether the position could be syncopated.
            let features: Vec<f64> =
                nexts.iter().map(|next| if next.is_onset { promise(next.step) } else { 0.0 }).collect();
            choices.lean(&features, 0.5 * self.syncopation.value());
            return;
        }
        let last_place = self.line.last_place(0);
        let taken = |next: u32| last_place.map_or(0.0, |place| self.line.taken_by(place, next));
        let known = taken(straightened(now)) + if is_after_onset { promise(now) } else { 0.0 };
        let features: Vec<f64> = nexts
            .iter()
            .map(|next| {
                let ahead = if next.is_onset { promise(next.step) } else { 0.0 };
                taken(straightened(next.step)) + ahead - known
            })
            .collect();
        let n_closed = f64::from(self.line.n_onsets.saturating_sub(1));
        let wanted = self.mean_ahead(aim, f64::from(self.line.taken), n_closed, now);
        let excess: Vec<f64> = nexts
            .iter()
            .zip(&features)
            .map(|(next, feature)| feature - if next.is_onset { wanted } else { 0.0 })
            .collect();
        let left = aim * (n_closed + self.n_onsets_ahead(now)) - f64::from(self.line.taken);
        let over: Vec<f64> = features.iter().map(|feature| (feature - left.max(1.0)).max(0.0)).collect();
        choices.lean(&over, -WALL);
        let tilt = self.syncopation.settle(|tilt| choices.mean(&excess, &features, tilt));
        choices.lean(&features, tilt);
    }

    /// Multiplies the odds of an onset at each position, given that none came before it, by one factor, so that the
    /// network's preferences among positions stay.
    ///
    /// The end of a cell counts as what the start of a bar usually brings, which is subtracted there: most first beats
    /// have an onset without any time of waiting.
    fn lean_density(&mut self, now: u32, is_after_onset: bool, nexts: &[Next], choices: &mut Choices) {
        if self.aim(PartControl::Density).is_none() {
            return;
        }
        let odds = choices.probabilities();
        // Odds of an onset at a position against all later ones.
        let mut later = 1.0;
        let hazards: Vec<f64> = nexts
            .iter()
            .zip(odds.iter())
            .map(|(next, &p)| {
                if !next.is_onset {
                    return 0.0;
                }
                later -= p;
                if later > 1e-12 { p / later } else { 1e12 }
            })
            .collect();
        let rescaled = |tilt: f64, out: &mut dyn FnMut(usize, f64)| {
            let factor = tilt.exp();
            let mut left = 1.0;
            for (idx, (next, odds)) in nexts.iter().zip(&hazards).enumerate() {
                if next.is_onset {
                    let raised = factor * odds;
                    let p = left * raised / (1.0 + raised);
                    out(idx, p);
                    left -= p;
                }
            }
            left.max(0.0)
        };
        let rate = self.rate(now);
        let bar_brings = self.bar_brings;
        let end = nexts.iter().find(|next| !next.is_onset).map_or(now, |next| next.step);
        let excess = |tilt: f64| {
            let mut elapsed = 0.0;
            let left = rescaled(tilt, &mut |idx, p| {
                elapsed += p * f64::from(nexts[idx].step.saturating_sub(now));
            });
            elapsed += left * f64::from(end.saturating_sub(now));
            (1.0 - left) - rate * elapsed + left * bar_brings
        };
        let due = if is_after_onset { 0.0 } else { bar_brings };
        let tilt = self.density.settle(|tilt| excess(tilt) - due);
        if !is_after_onset {
            self.bar_brings += 0.3 * (excess(tilt) - bar_brings);
        }
        let mut new = odds;
        let left = rescaled(tilt, &mut |idx, p| new[idx] = p);
        for (idx, next) in nexts.iter().enumerate() {
            if !next.is_onset {
                new[idx] = left;
            }
        }
        choices.set_probabilities(&new);
    }

    fn lean_together(&mut self, now: u32, p_same: f64) -> f64 {
        let Some(n_notes) = self.notes_per_onset(now) else { return p_same };
        let wanted = (1.0 - 1.0 / n_notes.max(1.0)).clamp(0.005, 0.92);
        let odds = (p_same.max(1e-9) / (1.0 - p_same).max(1e-9)).ln();
        let leaned = |tilt: f64| 1.0 / (1.0 + (-(odds + tilt)).exp());
        let tilt = self.together.settle(|tilt| leaned(tilt) - wanted);
        leaned(tilt)
    }
}

/// A length in steps, rounded to whole steps.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held in a small range")]
pub(super) fn to_steps(length: f64) -> u32 {
    length.clamp(1.0, 384.0).round() as u32
}
