//! One part of a phrase on the grid.

use crate::music::phrase::{Part, Phrase};
use crate::music::time::Meter;

/// A part with notes, on the grid of [`STEPS_PER_BEAT`](super::super::STEPS_PER_BEAT) steps.
#[derive(Debug)]
pub struct Line {
    pub part: Part,
    pub meter: Meter,
    /// Bars, the pickup included.
    pub n_bars: u32,
    /// Sorted by step then pitch; never empty.
    pub notes: Vec<GridNote>,
}

/// A note on the grid. A hit of a drum lasts one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridNote {
    pub step: u32,
    /// First step after it.
    pub end: u32,
    pub pitch: u8,
}

impl GridNote {
    /// How long it sounds, in steps.
    pub fn n_steps(&self) -> f64 {
        f64::from(self.end - self.step)
    }
}

impl Line {
    /// `None` if `part` has no note.
    pub fn new(phrase: &Phrase, part: Part) -> Option<Self> {
        let meter = phrase.frame().meter;
        let n_bars = phrase.frame().n_bars_total();
        let n_steps = n_bars * meter.bar_steps();
        let mut notes: Vec<GridNote> = phrase
            .notes(part)
            .iter()
            .map(|note| {
                let step = note.onset.to_nearest_step().min(n_steps - 1);
                let length = if part.is_drums() { 1 } else { note.duration.to_nearest_steps() };
                GridNote { step, end: (step + length).min(n_steps), pitch: note.pitch.number() }
            })
            .collect();
        notes.sort_by_key(|note| (note.step, note.pitch));
        (!notes.is_empty()).then_some(Self { part, meter, n_bars, notes })
    }

    /// The notes of each onset, in order of time.
    pub fn groups(&self) -> impl Iterator<Item = &[GridNote]> {
        self.notes.chunk_by(|earlier, later| earlier.step == later.step)
    }

    /// The steps at which something begins, ascending.
    pub fn onsets(&self) -> Vec<u32> {
        self.groups().map(|group| group[0].step).collect()
    }

    /// The notes that begin in `bar`.
    pub fn bar(&self, bar: u32) -> &[GridNote] {
        let from = self.notes.partition_point(|note| note.step < bar * self.meter.bar_steps());
        let to = self.notes.partition_point(|note| note.step < (bar + 1) * self.meter.bar_steps());
        &self.notes[from..to]
    }

    /// The different pitches that sound in each bar, held ones too, ascending.
    pub fn pitches_of_bars(&self) -> Vec<Vec<u8>> {
        let bar_steps = self.meter.bar_steps();
        let mut bars: Vec<Vec<u8>> = (0..self.n_bars).map(|_| Vec::new()).collect();
        for note in &self.notes {
            let (first, last) = (note.step / bar_steps, (note.end - 1) / bar_steps);
            for bar in (first..=last).filter_map(|bar| usize::try_from(bar).ok()) {
                if let Some(pitches) = bars.get_mut(bar) {
                    pitches.push(note.pitch);
                }
            }
        }
        for pitches in &mut bars {
            pitches.sort_unstable();
            pitches.dedup();
        }
        bars
    }

    /// Onsets of `bar` in steps from its start, ascending; of drums each key by itself, of other parts with key 0.
    pub fn rhythm(&self, bar: u32) -> Vec<(u32, u8)> {
        let start = bar * self.meter.bar_steps();
        let key = |note: &GridNote| if self.part.is_drums() { note.pitch } else { 0 };
        let mut rhythm: Vec<(u32, u8)> =
            self.bar(bar).iter().map(|note| (note.step - start, key(note))).collect();
        rhythm.dedup();
        rhythm
    }

    /// Onsets of `bar` with their pitches, in steps from its start, ascending.
    pub fn figure(&self, bar: u32) -> Vec<(u32, u8)> {
        let start = bar * self.meter.bar_steps();
        let mut figure: Vec<(u32, u8)> =
            self.bar(bar).iter().map(|note| (note.step - start, note.pitch)).collect();
        figure.dedup();
        figure
    }

    /// Step and highest pitch of each onset.
    pub fn top(&self) -> Vec<(u32, u8)> {
        self.groups().filter_map(|group| group.last()).map(|note| (note.step, note.pitch)).collect()
    }
}
