//! Qualities of onsets against the grid, the bars before and the other parts.

use super::line::Line;
use super::ratio::{likeness, real, share};
use crate::music::time::STEPS_PER_BEAT;

/// Fewest onsets of which a share is measured.
const FEWEST: usize = 4;

/// See [`super::Quality::OnGrid`].
pub fn on_grid(line: &Line) -> Option<f64> {
    let onsets = line.onsets();
    let on = |every: u32| onsets.iter().filter(|step| step.is_multiple_of(every)).count();
    let n_on = on(STEPS_PER_BEAT / 4).max(on(STEPS_PER_BEAT / 3));
    if onsets.len() < FEWEST { None } else { share(n_on, onsets.len()) }
}

/// See [`super::Quality::Groove`]; pairs of bars of which one is empty do not count.
pub fn groove(line: &Line) -> Option<f64> {
    let bars: Vec<Vec<(u32, u8)>> = (0..line.n_bars).map(|bar| line.rhythm(bar)).collect();
    let pairs = bars.windows(2).filter(|pair| !pair[0].is_empty() && !pair[1].is_empty());
    let likenesses: Vec<f64> = pairs.map(|pair| likeness(&pair[0], &pair[1])).collect();
    (!likenesses.is_empty()).then(|| likenesses.iter().sum::<f64>() / real(likenesses.len()))
}

/// See [`super::Quality::Agreement`]; `None` where there is no other part.
pub fn agreement<'a>(line: &Line, others: impl Iterator<Item = &'a Line>) -> Option<f64> {
    let mut other_onsets: Vec<u32> = others.flat_map(Line::onsets).collect();
    other_onsets.sort_unstable();
    let onsets = line.onsets();
    if other_onsets.is_empty() || onsets.len() < FEWEST {
        return None;
    }
    share(onsets.iter().filter(|step| other_onsets.binary_search(step).is_ok()).count(), onsets.len())
}

/// See [`super::Quality::Density`].
pub fn density(line: &Line) -> f64 {
    real(line.onsets().len()) / f64::from(line.n_bars * line.meter.felt_beats())
}

/// See [`super::Quality::FourFloor`].
pub fn four_floor(line: &Line) -> Option<f64> {
    /// Kicks of General MIDI.
    const KICKS: [u8; 2] = [35, 36];
    let beat_steps = line.meter.felt_beat_steps();
    let played = bars_played(line);
    let has_it = |hits: &&Vec<(u32, u8)>| {
        let mut beats = (0..line.meter.felt_beats()).map(|beat| beat * beat_steps);
        beats.all(|beat| KICKS.iter().any(|kick| hits.contains(&(beat, *kick))))
    };
    share(played.iter().filter(has_it).count(), played.len())
}

/// The rhythms of the bars that `line` plays in.
fn bars_played(line: &Line) -> Vec<Vec<(u32, u8)>> {
    (0..line.n_bars).map(|bar| line.rhythm(bar)).filter(|hits| !hits.is_empty()).collect()
}

/// See [`super::Quality::Backbeat`]; `None` in meters of other than an even number of felt beats.
pub fn backbeat(line: &Line) -> Option<f64> {
    /// Side stick, snares and clap of General MIDI.
    const SNARES: [u8; 4] = [37, 38, 39, 40];
    let (n_beats, beat_steps) = (line.meter.felt_beats(), line.meter.felt_beat_steps());
    if !n_beats.is_multiple_of(2) {
        return None;
    }
    let played = bars_played(line);
    let is_on_even_beat = |step: u32| step.is_multiple_of(beat_steps) && (step / beat_steps) % 2 == 1;
    let has_it = |hits: &&Vec<(u32, u8)>| {
        hits.iter().any(|(step, key)| is_on_even_beat(*step) && SNARES.contains(key))
    };
    share(played.iter().filter(has_it).count(), played.len())
}
