//! Running measures of one part, updated note by note.
//!
//! The composed bars of the part are joined, as in `music::measure`: step 0 is the start of the first. All times are
//! grid steps of that joined time.

use crate::music::measure::{drum_height, straightened, weight_taken};
use crate::music::{Frame, Meter, Part, STEPS_PER_BEAT};

/// The running measures of one part.
#[derive(Debug, Clone)]
pub struct Line {
    part: Part,
    meter: Meter,
    /// Composed bars, ascending, each with its start and the end of its run of neighbouring bars.
    bars: Vec<(u32, u32, u32)>,
    /// Length of the composed bars.
    pub n_steps: u32,
    /// Number of onsets; simultaneous notes are one.
    pub n_onsets: u32,
    /// Number of notes.
    pub n_notes: u32,
    /// The last onset.
    pub last: Option<u32>,
    /// The last few distances between onsets.
    pub gaps: Vec<u32>,
    /// The first step after everything that sounds.
    pub covered_until: u32,
    /// Steps in gaps of at least a sixteenth before `covered_until`.
    pub silent: u32,
    /// Sum of the durations.
    pub note_steps: u32,
    /// Sum of pitch × duration; for drums, of height × duration.
    pub height_sum: f64,
    /// Sum of the durations.
    pub height_weight: f64,
    /// Syncopation of all onsets but the last of each line.
    pub taken: u32,
    /// Whether each pitch was played.
    played: [bool; 128],
    /// The pitches of the last onset, ascending.
    pub group: Vec<u8>,
    /// The pitches of the onset before, ascending.
    pub group_before: Vec<u8>,
    /// Moves of the top line that ended before the last onset.
    n_moves: u32,
    /// Number of leaps among them; for drums, onsets with other keys than the one before.
    n_leaps: u32,
    /// The last position of each line in straightened steps: line 0 of a pitched part, each key of drums.
    last_places: [Option<u32>; 128],
}

/// Number of remembered distances between onsets.
const N_GAPS: usize = 6;

/// Shortest gap that counts as a rest.
const SHORTEST_REST: u32 = STEPS_PER_BEAT / 4;

impl Line {
    /// Measures without notes, for the bars `bars` of `part`, which ascend.
    pub fn new(frame: &Frame, part: Part, bars: &[u32]) -> Self {
        let bar_steps = frame.meter.bar_steps();
        let mut placed = Vec::new();
        let mut start = 0;
        for run in bars.chunk_by(|earlier, later| earlier + 1 == *later) {
            let end = run.iter().fold(start, |end, _| end + bar_steps);
            for &bar in run {
                placed.push((bar, start, end));
                start += bar_steps;
            }
        }
        Self {
            part,
            meter: frame.meter,
            bars: placed,
            n_steps: start,
            n_onsets: 0,
            n_notes: 0,
            last: None,
            gaps: Vec::new(),
            covered_until: 0,
            silent: 0,
            note_steps: 0,
            height_sum: 0.0,
            height_weight: 0.0,
            taken: 0,
            played: [false; 128],
            group: Vec::new(),
            group_before: Vec::new(),
            n_moves: 0,
            n_leaps: 0,
            last_places: [None; 128],
        }
    }

    /// Start of `bar` and end of its run of neighbouring bars; `None` if it is not composed.
    pub fn bar(&self, bar: u32) -> Option<(u32, u32)> {
        self.bars.iter().find(|placed| placed.0 == bar).map(|&(_, start, end)| (start, end))
    }

    /// Adds a note. `duration` — in steps, `None` for percussion.
    pub fn add(&mut self, bar: u32, position: u32, pitch: u8, duration: Option<u32>) {
        let Some((start, run_end)) = self.bar(bar) else { return };
        let step = start + position;
        let n_steps = duration.unwrap_or_else(|| (self.meter.felt_beat_steps() / 2).max(1));
        let end = (step + n_steps).min(run_end);
        if self.last != Some(step) {
            self.begin_onset(step);
        }
        self.n_notes += 1;
        self.note_steps += end - step;
        self.covered_until = self.covered_until.max(end);
        let height = if duration.is_some() { f64::from(pitch) } else { drum_height(pitch) };
        let weight = f64::from(end - step);
        self.height_sum += height * weight;
        self.height_weight += weight;
        self.played[usize::from(pitch.min(127))] = true;
        self.group.push(pitch);
        if self.part.is_drums() {
            self.place(usize::from(pitch.min(127)), straightened(step));
        }
    }

    fn begin_onset(&mut self, step: u32) {
        let (n_moves, n_leaps) = self.closing_move();
        (self.n_moves, self.n_leaps) = (self.n_moves + n_moves, self.n_leaps + n_leaps);
        self.group_before = std::mem::take(&mut self.group);
        self.silent += rest(step.saturating_sub(self.covered_until));
        self.covered_until = self.covered_until.max(step);
        self.n_onsets += 1;
        if let Some(last) = self.last.replace(step) {
            self.gaps.push(step - last);
            self.gaps.drain(..self.gaps.len().saturating_sub(N_GAPS));
        }
        if !self.part.is_drums() {
            self.place(0, straightened(step));
        }
    }

    /// Number of moves, and of leaps among them, up to the onset before the current one.
    pub fn moves(&self) -> (u32, u32) {
        (self.n_moves, self.n_leaps)
    }

    /// Moves and leaps from the onset before to the last one.
    fn closing_move(&self) -> (u32, u32) {
        let Some((before, now)) = self.group_before.last().zip(self.group.last()) else { return (0, 0) };
        if self.part.is_drums() {
            return (1, u32::from(self.group != self.group_before));
        }
        let semitones = before.abs_diff(*now);
        (u32::from(semitones > 0), u32::from(semitones > 2))
    }

    fn place(&mut self, line: usize, place: u32) {
        let Some(last) = self.last_places[line].replace(place) else { return };
        self.taken += u32::from(weight_taken(self.meter, last, place));
    }

    /// The last position of a line: 0 of a pitched part, the key of drums.
    pub fn last_place(&self, line: u8) -> Option<u32> {
        self.last_places[usize::from(line.min(127))]
    }

    /// Syncopation of an onset at `place` whose line continues at `next`.
    pub fn taken_by(&self, place: u32, next: u32) -> f64 {
        f64::from(weight_taken(self.meter, place, next))
    }

    /// Steps of rest up to `step`, if nothing more sounds.
    pub fn silent_until(&self, step: u32) -> f64 {
        f64::from(self.silent + rest(step.saturating_sub(self.covered_until)))
    }

    /// Whether `pitch` was played.
    pub fn has(&self, pitch: u8) -> bool {
        self.played[usize::from(pitch.min(127))]
    }

    /// Number of different pitches.
    pub fn n_pitches(&self) -> f64 {
        self.played.iter().filter(|&&is_played| is_played).map(|_| 1.0).sum()
    }

    /// Lowest and highest pitch.
    pub fn ends(&self) -> Option<(u8, u8)> {
        let numbered =
            || (0u8..128).zip(&self.played).filter(|(_, is_played)| **is_played).map(|(pitch, _)| pitch);
        numbered().next().zip(numbered().next_back())
    }
}

/// `gap` if it counts as a rest.
pub const fn rest(gap: u32) -> u32 {
    if gap >= SHORTEST_REST { gap } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::measure::{PartControl, calibrated, measure_part};
    use crate::music::{Key, Note, Phrase, Pitch, Progression, TickDuration, TickInstant};

    proptest! {
        /// Note by note it comes to what the whole measures, joined bars, cut notes and all.
        #[test]
        fn a_line_has_what_is_measured(
            notes in prop::collection::vec((0u32..64, 1u32..60, 40u8..80), 1..40),
            is_drums: bool,
        ) {
            let part = if is_drums { Part::Drums } else { Part::Melody };
            let bars = [0, 1, 3];
            let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 120.0);
            let note = |&(place, n_steps, pitch): &(u32, u32, u8)| {
                let (onset, duration) = (TickInstant::from_steps(3 * place), TickDuration::from_steps(n_steps));
                Note::new(onset, duration, Pitch::clamped(pitch.into()), 80)
            };
            let mut parts: [Vec<Note>; 5] = Default::default();
            parts[part.index()] = notes.iter().map(note).collect();
            let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
            let mut line = Line::new(&frame, part, &bars);
            for note in phrase.notes(part) {
                let bar = frame.bar_of(note.onset);
                let position = note.onset.to_nearest_step() - 48 * bar;
                let duration = (!is_drums).then(|| note.duration.to_nearest_steps());
                line.add(bar, position, note.pitch.number(), duration);
            }
            let Some(measures) = measure_part(&phrase, part, &bars) else { return Ok(()) };
            let (n_moves, n_leaps) = line.moves();
            let (last_move, last_leap) = line.closing_move();
            let moves = f64::from(n_moves + last_move);
            let open: u32 = (0..128)
                .filter_map(|key| line.last_places[key])
                .map(|place| u32::from(weight_taken(frame.meter, place, line.n_steps)))
                .sum();
            let n_places = if is_drums { line.n_notes } else { line.n_onsets };
            let range = line.ends().map_or(0.0, |(low, high)| f64::from(high - low));
            let raw = |control| match control {
                PartControl::Density => f64::from(line.n_onsets) / 12.0,
                PartControl::Rests => line.silent_until(line.n_steps) / f64::from(line.n_steps),
                PartControl::Register => line.height_sum / line.height_weight,
                PartControl::Range => if is_drums { line.n_pitches() } else { range },
                PartControl::Leaps => f64::from(n_leaps + last_leap) / moves.max(1.0),
                PartControl::Syncopation => f64::from(line.taken + open) / f64::from(n_places),
                PartControl::Polyphony => f64::from(line.n_notes) / f64::from(line.n_onsets),
            };
            for control in PartControl::ALL {
                // Of tones it is the mean over the time in which any sounds, in which short gaps count.
                if control == PartControl::Polyphony && !is_drums {
                    continue;
                }
                let found = calibrated(part, control, raw(control));
                let expected = f64::from(measures.get(control));
                prop_assert!((found - expected).abs() < 1e-4, "{:?}: {} {}", control, found, expected);
            }
        }
    }
}
