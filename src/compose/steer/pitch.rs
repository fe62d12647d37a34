//! Steering of the pitch slot of tones: register, range and leaps.

use super::choices::Choices;
use super::part::Voice;
use crate::music::Part;
use crate::music::measure::PartControl;

/// Nats for each semitone outside of the wanted range.
const WALL: f64 = 2.0;

/// Semitones beyond the pitches so far that a line may be moved at once, in single-voice parts and in others.
const REACH: (f64, f64) = (5.0, 12.0);

/// Factor of the nats for a range that was asked.
const ASKED: f64 = 1.6;

/// Nats for moving where a share of leaps was asked and the line stays on its pitch.
const MOVE: f64 = 3.0;

/// Most nats for reaching the end of the wanted range.
const PULL: f64 = 10.0;

impl Voice {
    /// Adjusts the draw of a pitch at the joined step `step`. `pitches` — MIDI note numbers, indexed as the choices.
    /// `held` — lowest and highest pitch that the rules allow.
    pub fn lean_pitches(&mut self, step: u32, pitches: &[f64], held: (f64, f64), choices: &mut Choices) {
        // What was asked is applied last.
        let is_range_asked = self.is_asked(PartControl::Range);
        if !is_range_asked {
            self.lean_range(step, pitches, held, choices);
        }
        self.lean_leaps(step, pitches, choices);
        self.lean_register(step, pitches, choices);
        if is_range_asked {
            self.lean_range(step, pitches, held, choices);
        }
    }

    fn lean_range(&self, step: u32, pitches: &[f64], held: (f64, f64), choices: &mut Choices) {
        let Some(width) = self.aim(PartControl::Range) else { return };
        let centre = self.aim(PartControl::Register);
        let half = 0.5 * width + 0.25 * width;
        let centre = centre.map(|centre| {
            centre.clamp(held.0 + 0.5 * width, (held.1 - 0.5 * width).max(held.0 + 0.5 * width))
        });
        let (mut low, mut high) = centre.map_or(held, |centre| (centre - half, centre + half));
        let ends = self.line.ends().map(|(low, high)| (f64::from(low), f64::from(high)));
        if let Some((lowest, highest)) = ends {
            (low, high) = (low.max(highest - width).min(lowest), high.min(lowest + width).max(highest));
        }
        let gain = if self.is_asked(PartControl::Range) { ASKED } else { 1.0 };
        let progress = f64::from(step) / self.n_steps();
        let urgency = ((progress - 0.1) / 0.5).clamp(0.0, 1.5);
        let features: Vec<f64> = pitches
            .iter()
            .map(|&pitch| {
                let outside = (low - pitch).max(pitch - high).max(0.0);
                let pull = ends.map_or(0.0, |(lowest, highest)| {
                    let missing = width - (highest - lowest);
                    let gained = (lowest - pitch).max(pitch - highest).clamp(0.0, missing.max(0.0));
                    if missing > 0.5 { PULL * urgency * gained / missing } else { 0.0 }
                });
                pull - WALL * outside
            })
            .collect();
        choices.lean(&features, gain);
    }

    fn lean_leaps(&mut self, step: u32, pitches: &[f64], choices: &mut Choices) {
        let Some(aim) = self.aim(PartControl::Leaps) else { return };
        let is_new = self.line.last != Some(step);
        let (before, n_before) =
            if is_new { (&self.line.group, 0) } else { (&self.line.group_before, self.line.group.len()) };
        let Some(top) = before.last().copied().map(f64::from) else { return };
        // Only the top of an onset counts; a lower note predicts it if the onset is spread like the one before.
        let above = top - before.get(n_before).map_or(top, |&below| f64::from(below));
        let is_leap = |pitch: f64| (pitch + above - top).abs() > 2.0;
        let leaps: Vec<f64> = pitches.iter().map(|&pitch| f64::from(u8::from(is_leap(pitch)))).collect();
        if above > 0.0 {
            choices.lean(&leaps, 0.5 * self.leaps.value());
            return;
        }
        let (n_moves, n_leaps) = self.line.moves();
        let wanted = Self::share_next(aim, n_leaps, n_moves);
        if self.is_asked(PartControl::Leaps) && 2 * n_moves < self.line.n_onsets {
            let moves: Vec<f64> =
                pitches.iter().map(|&pitch| f64::from(u8::from((pitch - top).abs() > 0.5))).collect();
            choices.lean(&moves, MOVE);
        }
        let excess: Vec<f64> = pitches
            .iter()
            .zip(&leaps)
            .map(|(&pitch, leap)| if (pitch - top).abs() > 0.5 { leap - wanted } else { 0.0 })
            .collect();
        let tilt = self.leaps.settle(|tilt| choices.mean(&excess, &leaps, tilt));
        choices.lean(&leaps, tilt);
    }

    fn lean_register(&mut self, step: u32, pitches: &[f64], choices: &mut Choices) {
        let Some(wanted) = self.height_ahead(step) else { return };
        // The tilt grows with distance without bound: unless it is limited, a far octave that is improbable for the
        // network outweighs all near ones.
        let reach = if matches!(self.part, Part::Melody | Part::Bass) { REACH.0 } else { REACH.1 };
        let (low, high) = self.line.ends().map_or((wanted, wanted), |(low, high)| {
            (f64::from(low).min(wanted), f64::from(high).max(wanted))
        });
        let outside = |pitch: &f64| (low - reach - pitch).max(pitch - high - reach).max(0.0);
        let walls: Vec<f64> = pitches.iter().map(|pitch| -WALL * outside(pitch)).collect();
        choices.lean(&walls, 1.0);
        let octaves: Vec<f64> = pitches.iter().map(|pitch| (pitch - wanted) / 12.0).collect();
        let tilt = self.register.settle(|tilt| choices.mean(&octaves, &octaves, tilt));
        choices.lean(&octaves, tilt);
    }

    /// The wanted mean height of notes from `step` on.
    pub(super) fn height_ahead(&self, step: u32) -> Option<f64> {
        let aim = self.aim(PartControl::Register)?;
        let had = self.line.height_weight;
        let progress = (f64::from(step) / self.n_steps()).max(0.05);
        let ahead = (had * (1.0 - progress) / progress).max(0.33 * had);
        if had <= 0.0 || ahead <= 0.0 {
            return Some(aim);
        }
        // A register that was asked is reached; a mood does not tear a line apart to make up for an error.
        let most = match (self.part.is_drums(), self.is_asked(PartControl::Register)) {
            (true, _) => 0.5,
            (false, true) => 12.0,
            (false, false) => 2.0,
        };
        Some(aim + ((aim * had - self.line.height_sum) / ahead).clamp(-most, most))
    }
}
