//! Steering state of one part: its targets, its measures so far, and what is still needed.

use super::feedback::Tilt;
use super::running_measures::Line;
use crate::music::measure::PartControl;
use crate::music::{Frame, Part};

/// Targets of a part in the controls' own units, indexed by `[control_idx]`; `None` is left to the network.
pub type Aims = [Option<f64>; 7];

/// One part being composed: its measures so far, its targets, and the tilts that steer it.
#[derive(Debug, Clone)]
pub struct Voice {
    /// The part.
    pub part: Part,
    /// Running measures.
    pub line: Line,
    /// Targets.
    pub aims: Aims,
    /// Which targets were asked by the user, indexed by `[control_idx]`.
    pub asked: [bool; 7],
    /// Tilt of the odds of an onset.
    pub density: Tilt,
    /// Tilt of the odds of one more note at the same onset.
    pub together: Tilt,
    /// Tilt of steps of rest before an onset.
    pub rests: Tilt,
    /// Tilt of syncopation.
    pub syncopation: Tilt,
    /// Tilt of beats of rest after a note.
    pub gap: Tilt,
    /// Tilt of octaves of duration.
    pub length: Tilt,
    /// Tilt of octaves of pitch; for drums, of height.
    pub register: Tilt,
    /// Tilt of leaps against steps.
    pub leaps: Tilt,
    /// Whether it must not be silent: then an onset that a bar needs is placed by the network.
    pub plays_on: bool,
    /// Whether its rests are steered by the length of notes alone.
    pub sustains: bool,
    /// Onsets that the start of a bar usually has beyond its share of time.
    pub bar_brings: f64,
    /// Felt beats in a step.
    felt_beats_per_step: f64,
}

/// Factor of a tilt's limits for targets that were not asked.
const UNASKED: f64 = 0.75;

impl Voice {
    /// A part without notes so far.
    pub fn new(frame: &Frame, part: Part, bars: &[u32], aims: Aims, asked: &[bool; 7]) -> Self {
        let meter = frame.meter;
        let tilt = |limit: f64, control: PartControl| {
            if asked[control.index()] { Tilt::new(limit, 0.02) } else { Tilt::new(UNASKED * limit, 0.05) }
        };
        Self {
            part,
            line: Line::new(frame, part, bars),
            aims,
            asked: *asked,
            density: Tilt::new(5.0, 0.08),
            together: tilt(14.0, PartControl::Polyphony),
            rests: tilt(6.0, PartControl::Rests),
            syncopation: tilt(8.0, PartControl::Syncopation),
            gap: tilt(16.0, PartControl::Rests),
            length: tilt(10.0, PartControl::Polyphony),
            register: tilt(8.0, PartControl::Register),
            leaps: tilt(10.0, PartControl::Leaps).with_newest(0.6),
            plays_on: false,
            sustains: false,
            bar_brings: 0.7,
            felt_beats_per_step: f64::from(meter.felt_beats()) / f64::from(meter.bar_steps()),
        }
    }

    /// The target of `control`.
    pub fn aim(&self, control: PartControl) -> Option<f64> {
        self.aims[control.index()]
    }

    /// Whether `control` was asked by the user.
    pub fn is_asked(&self, control: PartControl) -> bool {
        self.asked[control.index()]
    }

    /// Length of all composed bars, in steps.
    pub fn n_steps(&self) -> f64 {
        f64::from(self.line.n_steps).max(1.0)
    }

    /// Steps from `now` to the end, at least a quarter of all, so that errors near the end are not corrected in haste.
    fn ahead(&self, now: f64) -> f64 {
        (self.n_steps() - now).max(0.25 * self.n_steps())
    }

    /// Onsets per step over all bars: as wanted, else as so far.
    pub fn usual_rate(&self) -> f64 {
        match self.aim(PartControl::Density) {
            Some(density) => (density * self.felt_beats_per_step).max(0.5 / self.n_steps()),
            None => {
                let so_far = f64::from(self.line.last.unwrap_or(0)) + 24.0;
                (f64::from(self.line.n_onsets) + 1.0) / so_far
            }
        }
    }

    /// Wanted onsets per step from `now` on.
    pub fn rate(&self, now: u32) -> f64 {
        let usual = self.usual_rate();
        if self.aim(PartControl::Density).is_none() {
            return usual;
        }
        let now = f64::from(now);
        let begun = if self.line.last.is_some() { 0.5 } else { 0.0 };
        let due = usual * now + begun - f64::from(self.line.n_onsets);
        (usual + due / self.ahead(now)).clamp(0.25 * usual, 4.0 * usual)
    }

    /// Wanted onsets from `now` on.
    pub fn n_onsets_ahead(&self, now: u32) -> f64 {
        (self.rate(now) * (self.n_steps() - f64::from(now))).max(1.0)
    }

    /// Wanted share of rest from `now` on.
    pub fn rest_share(&self, now: u32) -> Option<f64> {
        let usual = self.aim(PartControl::Rests)?;
        let due = usual * f64::from(now) - self.line.silent_until(now);
        Some((usual + due / self.ahead(f64::from(now))).clamp(0.0, 0.98))
    }

    /// Wanted mean of a feature per onset from `now` on; `had` is its sum over the `n_had` onsets so far.
    pub fn mean_ahead(&self, usual: f64, had: f64, n_had: f64, now: u32) -> f64 {
        let n_ahead = self.n_onsets_ahead(now).max(0.25 * (n_had + self.n_onsets_ahead(now)));
        usual + (usual * n_had - had) / n_ahead
    }

    /// Wanted probability of yes for the next yes-or-no decision, so that the share stays close to `usual`: `had` of
    /// `n_had` were yes. By chance alone, a few moves would sometimes be all steps or all leaps.
    pub fn share_next(usual: f64, had: u32, n_had: u32) -> f64 {
        (usual + 0.6 * (usual * f64::from(n_had) - f64::from(had))).clamp(0.01, 0.99)
    }

    /// Wanted sum of durations per onset from `now` on, by the target of polyphony.
    pub fn note_steps_per_onset(&self, now: u32) -> Option<f64> {
        let voices = self.aim(PartControl::Polyphony)?;
        let sounding = 1.0 - self.aim(PartControl::Rests).unwrap_or(0.1);
        let usual = (voices * sounding / self.usual_rate()).max(1.0);
        let wanted =
            self.mean_ahead(usual, f64::from(self.line.note_steps), f64::from(self.line.n_onsets), now);
        Some(wanted.clamp(0.25 * usual, 4.0 * usual))
    }

    /// Wanted notes per onset from `now` on.
    pub fn notes_per_onset(&self, now: u32) -> Option<f64> {
        let n_onsets = f64::from(self.line.n_onsets);
        let n_notes = f64::from(self.line.n_notes);
        if self.part.is_drums() {
            let usual = self.aim(PartControl::Polyphony)?;
            return Some(self.mean_ahead(usual, n_notes, n_onsets, now));
        }
        let wanted = self.note_steps_per_onset(now)?;
        // A few notes of the wanted length are assumed, as a prior.
        let usual = (1.0 - self.aim(PartControl::Rests).unwrap_or(0.1)) / self.usual_rate();
        let length = (f64::from(self.line.note_steps) + 3.0 * usual) / (n_notes + 3.0);
        Some(wanted / length.max(1.0))
    }
}
