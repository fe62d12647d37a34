//! Qualities of bars in relation to the other bars of a part.

use super::line::Line;
use super::ratio::{likeness, real};

/// See [`super::Quality::SelfSimilarity`]; empty bars do not count, and `None` with fewer than two others.
pub fn self_similarity(line: &Line) -> Option<f64> {
    let bars: Vec<_> = (0..line.n_bars)
        .map(|bar| (line.rhythm(bar), line.figure(bar)))
        .filter(|(rhythm, _)| !rhythm.is_empty())
        .collect();
    if bars.len() < 2 {
        return None;
    }
    let best = |idx: usize| {
        let (rhythm, figure) = &bars[idx];
        let others = bars[..idx].iter();
        let likenesses = others.map(|(other_rhythm, other_figure)| {
            0.5 * (likeness(rhythm, other_rhythm) + likeness(figure, other_figure))
        });
        likenesses.fold(0.0, f64::max)
    };
    Some((1..bars.len()).map(best).sum::<f64>() / real(bars.len() - 1))
}

/// See [`super::Quality::EmptyBars`]; `None` for a single bar.
pub fn empty_bars(line: &Line) -> Option<f64> {
    (line.n_bars > 1).then(|| real(bars_without(line).len()) / f64::from(line.n_bars))
}

/// The bars in which nothing sounds.
pub fn bars_without(line: &Line) -> Vec<u32> {
    let bars = (0..).zip(line.pitches_of_bars());
    bars.filter(|(_, pitches)| pitches.is_empty()).map(|(bar, _)| bar).collect()
}

/// See [`super::Quality::Quits`]; `None` for a single bar.
pub fn quits(line: &Line) -> Option<f64> {
    let last = line.notes.iter().map(|note| note.end).max()?;
    let n_silent = line.n_bars - last.div_ceil(line.meter.bar_steps());
    (line.n_bars > 1).then(|| f64::from(n_silent) / f64::from(line.n_bars))
}

/// See [`super::Quality::Ending`]; `None` for a single bar.
pub fn ending(line: &Line) -> Option<f64> {
    let onsets = line.onsets();
    let last = (line.n_bars - 1) * line.meter.bar_steps();
    let n_last = onsets.iter().filter(|step| **step >= last).count();
    let mean = real(onsets.len()) / f64::from(line.n_bars);
    (line.n_bars > 1).then(|| (real(n_last) / mean).min(2.0))
}
