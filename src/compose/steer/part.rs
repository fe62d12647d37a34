//! The aims of one part, what it has, and what is still needed.

use super::feedback::Tilt;
use super::running_measures::Line;
use crate::music::measure::PartControl;
use crate::music::{Frame, Part};

/// What is wanted of a part in the controls' own units, indexed by `[control_idx]`; `None` is left to the network.
pub type Aims = [Option<f64>; 7];

/// One part under way: what it has, what it should have, and the tilts that bring it there.
#[derive(Debug, Clone)]
pub struct Voice {
    /// The part.
    pub part: Part,
    /// What it has.
    pub line: Line,
    /// What it should have.
    pub aims: Aims,
    /// Which of the aims were asked, indexed by `[control_idx]`.
    pub asked: [bool; 7],
    /// Of the odds of an onset.
    pub density: Tilt,
    /// Of the odds of one more note at the same onset.
    pub together: Tilt,
    /// Of steps of rest before an onset.
    pub rests: Tilt,
    /// Of weight taken.
    pub syncopation: Tilt,
    /// Of beats of rest after a note.
    pub gap: Tilt,
    /// Of octaves of duration.
    pub length: Tilt,
    /// Of octaves of pitch; of a drum's height.
    pub register: Tilt,
    /// Of a leap against a step.
    pub leaps: Tilt,
    /// Whether it may not fall silent: then the onset that a bar cannot do without comes where the network has it.
    pub plays_on: bool,
    /// Whether its rests are aimed at by the length of notes alone.
    pub sustains: bool,
    /// Onsets that the start of a bar usually brings above those its time is due.
    pub bar_brings: f64,
    /// Felt beats in a step.
    felt_beats_per_step: f64,
}

/// The share of its limits that a tilt has where nothing was asked.
const UNASKED: f64 = 0.75;

impl Voice {
    /// A part of which nothing is written.
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

    /// What is wanted of `control`.
    pub fn aim(&self, control: PartControl) -> Option<f64> {
        self.aims[control.index()]
    }

    /// Whether `control` was asked.
    pub fn is_asked(&self, control: PartControl) -> bool {
        self.asked[control.index()]
    }

    /// Length of all composed bars, in steps.
    pub fn n_steps(&self) -> f64 {
        f64::from(self.line.n_steps).max(1.0)
    }

    /// Steps from `now` to the end, and at least a quarter of all: so near the end no miss is made good in haste.
    fn ahead(&self, now: f64) -> f64 {
        (self.n_steps() - now).max(0.25 * self.n_steps())
    }

    /// Onsets a step over all bars: what is wanted, else what there has been.
    pub fn usual_rate(&self) -> f64 {
        match self.aim(PartControl::Density) {
            Some(density) => (density * self.felt_beats_per_step).max(0.5 / self.n_steps()),
            None => {
                let so_far = f64::from(self.line.last.unwrap_or(0)) + 24.0;
                (f64::from(self.line.n_onsets) + 1.0) / so_far
            }
        }
    }

    /// Onsets a step that are wanted from `now` on.
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

    /// Onsets still to come.
    pub fn n_onsets_ahead(&self, now: u32) -> f64 {
        (self.rate(now) * (self.n_steps() - f64::from(now))).max(1.0)
    }

    /// Share of rest that is wanted from `now` on.
    pub fn rest_share(&self, now: u32) -> Option<f64> {
        let usual = self.aim(PartControl::Rests)?;
        let due = usual * f64::from(now) - self.line.silent_until(now);
        Some((usual + due / self.ahead(f64::from(now))).clamp(0.0, 0.98))
    }

    /// The mean of a feature an onset that is wanted of those to come, `had` being its sum so far over `n_had` onsets.
    pub fn mean_ahead(&self, usual: f64, had: f64, n_had: f64, now: u32) -> f64 {
        let n_ahead = self.n_onsets_ahead(now).max(0.25 * (n_had + self.n_onsets_ahead(now)));
        usual + (usual * n_had - had) / n_ahead
    }

    /// The mean of a yes or no that is wanted of the next one, so that the sum stays near what is due: `had` of `n_had`
    /// were yes. Left to chance, a few moves would be all steps or all leaps now and then.
    pub fn share_next(usual: f64, had: u32, n_had: u32) -> f64 {
        (usual + 0.6 * (usual * f64::from(n_had) - f64::from(had))).clamp(0.01, 0.99)
    }

    /// Sum of durations that each onset to come should bring, from what is wanted of polyphony.
    pub fn note_steps_per_onset(&self, now: u32) -> Option<f64> {
        let voices = self.aim(PartControl::Polyphony)?;
        let sounding = 1.0 - self.aim(PartControl::Rests).unwrap_or(0.1);
        let usual = (voices * sounding / self.usual_rate()).max(1.0);
        let wanted =
            self.mean_ahead(usual, f64::from(self.line.note_steps), f64::from(self.line.n_onsets), now);
        Some(wanted.clamp(0.25 * usual, 4.0 * usual))
    }

    /// Notes that each onset to come should have.
    pub fn notes_per_onset(&self, now: u32) -> Option<f64> {
        let n_onsets = f64::from(self.line.n_onsets);
        let n_notes = f64::from(self.line.n_notes);
        if self.part.is_drums() {
            let usual = self.aim(PartControl::Polyphony)?;
            return Some(self.mean_ahead(usual, n_notes, n_onsets, now));
        }
        let wanted = self.note_steps_per_onset(now)?;
        // A few notes of the wanted length are taken for granted.
        let usual = (1.0 - self.aim(PartControl::Rests).unwrap_or(0.1)) / self.usual_rate();
        let length = (f64::from(self.line.note_steps) + 3.0 * usual) / (n_notes + 3.0);
        Some(wanted / length.max(1.0))
    }
}
