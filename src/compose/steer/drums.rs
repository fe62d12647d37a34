//! Steering of the pitch slot of drums: height, number of instruments, changes of instrument and syncopation.

use super::choices::Choices;
use super::part::Voice;
use crate::music::measure::{PartControl, drum_height, straightened};

/// Nats against one instrument more than wanted.
const WALL: f64 = 12.0;

/// Most nats for a missing instrument.
const PULL: f64 = 5.0;

impl Voice {
    /// Adjusts the draw of a drum at the joined step `step`. `keys` — General MIDI keys, indexed as the choices.
    pub fn lean_keys(&mut self, step: u32, keys: &[u8], choices: &mut Choices) {
        // What was asked is applied last.
        let is_range_asked = self.is_asked(PartControl::Range);
        if !is_range_asked {
            self.lean_instruments(step, keys, choices);
        }
        self.lean_drum_syncopation(step, keys, choices);
        self.lean_changes(step, keys, choices);
        if let Some(wanted) = self.height_ahead(step) {
            let heights: Vec<f64> = keys.iter().map(|&key| drum_height(key) - wanted).collect();
            let tilt = self.register.settle(|tilt| choices.mean(&heights, &heights, tilt));
            choices.lean(&heights, tilt);
        }
        if is_range_asked {
            self.lean_instruments(step, keys, choices);
        }
    }

    /// Whether the part has as many instruments as wanted, and none of them could join the last onset.
    pub(super) fn has_no_instrument_above(&self) -> bool {
        let is_full = self.aim(PartControl::Range).is_some_and(|wanted| wanted - self.line.n_pitches() < 0.5);
        let highest = self.line.ends().map(|(_, highest)| highest);
        self.part.is_drums()
            && is_full
            && highest.is_some_and(|highest| self.line.group.last() >= Some(&highest))
    }

    fn lean_instruments(&self, step: u32, keys: &[u8], choices: &mut Choices) {
        let Some(wanted) = self.aim(PartControl::Range) else { return };
        let missing = wanted - self.line.n_pitches();
        let urgency = ((f64::from(step) / self.n_steps() - 0.1) / 0.6).clamp(0.0, 1.0);
        let gain = if missing >= 0.5 { PULL * urgency } else { -WALL };
        let features: Vec<f64> =
            keys.iter().map(|&key| if self.line.has(key) { 0.0 } else { gain }).collect();
        choices.lean(&features, 1.0);
    }

    fn lean_drum_syncopation(&mut self, step: u32, keys: &[u8], choices: &mut Choices) {
        let Some(aim) = self.aim(PartControl::Syncopation) else { return };
        let place = straightened(step);
        let promised = 0.5 * self.line.taken_by(place, place + 25);
        let features: Vec<f64> = keys
            .iter()
            .map(|&key| {
                let closed = self.line.last_place(key).map_or(0.0, |last| {
                    self.line.taken_by(last, place) - 0.5 * self.line.taken_by(last, last + 25)
                });
                closed + promised
            })
            .collect();
        let n_closed = f64::from(self.line.n_notes) - self.line.n_pitches();
        let usual = f64::from(self.line.n_notes + 1) / f64::from(self.line.n_onsets + 1);
        let ahead =
            (self.n_onsets_ahead(step) * usual).max(0.25 * (n_closed + self.n_onsets_ahead(step) * usual));
        let wanted = aim + (aim * n_closed - f64::from(self.line.taken)) / ahead;
        let excess: Vec<f64> = features.iter().map(|feature| feature - wanted).collect();
        let tilt = self.syncopation.settle(|tilt| choices.mean(&excess, &features, tilt));
        choices.lean(&features, tilt);
    }

    fn lean_changes(&mut self, step: u32, keys: &[u8], choices: &mut Choices) {
        let Some(aim) = self.aim(PartControl::Leaps) else { return };
        let is_new = self.line.last != Some(step);
        let (before, now): (&[u8], &[u8]) =
            if is_new { (&self.line.group, &[]) } else { (&self.line.group_before, &self.line.group) };
        // An onset that differs already cannot become the same.
        let Some(same) = before.get(now.len()).copied().filter(|_| before.starts_with(now)) else { return };
        let changes: Vec<f64> = keys.iter().map(|&key| f64::from(u8::from(key != same))).collect();
        let (n_moves, n_leaps) = self.line.moves();
        let wanted = Self::share_next(aim, n_leaps, n_moves);
        let excess: Vec<f64> = changes.iter().map(|change| change - wanted).collect();
        let tilt = self.leaps.settle(|tilt| choices.mean(&excess, &changes, tilt));
        choices.lean(&changes, tilt);
    }
}
