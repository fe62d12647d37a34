//! Traits of onsets and durations.

use super::sample::{Trait, deviation, entropy, mean, n_different, share_of};
use crate::music::STEPS_PER_BEAT;
use crate::music::quality::{Line, real};

/// Steps of an eighth.
const EIGHTH: u32 = STEPS_PER_BEAT / 2;

/// Steps of a sixteenth.
const SIXTEENTH: u32 = STEPS_PER_BEAT / 4;

/// Factor of the median distance between onsets from which a distance ends a breath.
const BREATH: f64 = 1.9;

pub fn traits(line: &Line) -> Vec<Trait> {
    let onsets = line.onsets();
    let distances: Vec<u32> = onsets.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (bar_steps, beat) = (line.meter.bar_steps(), line.meter.felt_beat_steps());
    let n_steps = line.n_bars * bar_steps;
    let of_bars: Vec<f64> = (0..line.n_bars).map(|bar| real(line.bar(bar).len())).collect();
    let mean_of_bars = mean(of_bars.iter().copied()).unwrap_or(0.0);
    let last_of_bars = of_bars.last().copied().unwrap_or(0.0);
    let is_tied = |step: u32, end: u32| !step.is_multiple_of(beat) && end > step.next_multiple_of(beat);
    let mut traits = vec![
        ("density", Some(real(onsets.len()) * f64::from(STEPS_PER_BEAT) / f64::from(n_steps))),
        ("offbeat", share_of(&onsets, |step| !step.is_multiple_of(beat))),
        ("finer_than_eighths", share_of(&onsets, |step| !step.is_multiple_of(EIGHTH))),
        ("triplets", share_of(&onsets, |step| !step.is_multiple_of(SIXTEENTH))),
        ("downbeats", share_of(0..line.n_bars, |bar| onsets.binary_search(&(bar * bar_steps)).is_ok())),
        ("distance_entropy", entropy(&distances)),
        ("different_distances", Some(real(n_different(&distances)))),
        ("bar_density_spread", deviation(&of_bars).map(|spread| spread / mean_of_bars.max(1.0))),
        ("last_bar_density", (mean_of_bars > 0.0).then(|| last_of_bars / mean_of_bars)),
    ];
    if !line.part.is_drums() {
        let breaths = breaths(line, &onsets, &distances);
        let starts = breaths.iter().map(|(start, _)| start % bar_steps);
        let n_silent = n_steps - sounding(line);
        traits.extend([
            ("silence", Some(f64::from(n_silent) / f64::from(n_steps))),
            ("ties", share_of(&line.notes, |note| is_tied(note.step, note.end))),
            ("length", mean(line.notes.iter().map(|note| note.n_steps().ln()))),
            ("short", share_of(&line.notes, |note| note.n_steps() <= 0.3 * f64::from(beat))),
            ("notes_of_a_breath", mean(breaths.iter().map(|(_, n)| real(*n)))),
            ("breath_on_the_downbeat", share_of(starts.clone(), |place| place == 0)),
            ("breath_before_the_bar", share_of(starts, |place| 5 * place >= 3 * bar_steps)),
            ("last_is_long", last_length(line)),
        ]);
    }
    traits
}

/// Steps at which something sounds.
fn sounding(line: &Line) -> u32 {
    let (mut n, mut until) = (0, 0);
    for note in &line.notes {
        n += note.end.saturating_sub(until.max(note.step));
        until = until.max(note.end);
    }
    n
}

/// First onset and number of onsets of each breath: a stretch between long distances.
fn breaths(line: &Line, onsets: &[u32], distances: &[u32]) -> Vec<(u32, usize)> {
    let mut sorted = distances.to_vec();
    sorted.sort_unstable();
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    let beat = f64::from(line.meter.felt_beat_steps());
    let least = (BREATH * f64::from(median)).max(1.5 * beat);
    let mut breaths: Vec<(u32, usize)> = vec![(onsets[0], 1)];
    for (onset, distance) in onsets[1..].iter().zip(distances) {
        match breaths.last_mut() {
            Some((_, n)) if f64::from(*distance) < least => *n += 1,
            _ => breaths.push((*onset, 1)),
        }
    }
    breaths
}

/// Logarithm of the length of the last note divided by the median length.
fn last_length(line: &Line) -> Option<f64> {
    let mut lengths: Vec<f64> = line.notes.iter().map(|note| note.n_steps().ln()).collect();
    let last = *lengths.last()?;
    lengths.sort_by(f64::total_cmp);
    Some(last - lengths[lengths.len() / 2])
}
