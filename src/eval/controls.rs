//! What controls ask and what the phrases have: composed with random wishes, measured, compared.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde::Serialize;

use super::{EvalError, real};
use crate::compose::{AskedGot, asked_and_got, compose};
use crate::corpus::stats::{Stats, StyleStats};
use crate::model::Network;
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Meter, Part};
use crate::session::{Task, Wishes};
use crate::token::{Controls, Harmony, Style};

/// What is asked of each control.
const LEVELS: [f32; 3] = [0.15, 0.5, 0.85];

/// The parts that are composed, in turn.
const PARTS: [Part; 4] = [Part::Melody, Part::Chords, Part::Bass, Part::Drums];

/// The best supplied styles of a part that are asked for.
const N_STYLES: usize = 4;

/// Bars of a phrase.
const N_BARS: u32 = 8;

/// The tempo of a style that has none, in beats per minute.
const USUAL_TEMPO: f32 = 120.0;

/// How well one control is followed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlRow {
    /// `bass density`; without a part, over all phrases.
    pub control: String,
    /// Pearson's correlation of asked and got; absent if one of them never varies.
    pub correlation: Option<f64>,
    /// Mean absolute difference of asked and got, both in `0.0..=1.0`.
    pub error: f64,
    /// Phrases measured.
    pub n: usize,
}

/// Composes `n_phrases` of one part each with every control asked at random, and compares.
///
/// `stats` — which styles are well supplied, and their tempi. `progress` — called with the phrases done.
///
/// # Errors
///
/// Statistics without styles, or a network that cannot compose.
pub fn measure(
    network: &Network,
    stats: &Stats,
    n_phrases: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Vec<ControlRow>, EvalError> {
    let mut rng = Rng::with_seed(seed);
    let supplied = PARTS.map(|part| well_supplied(stats, part));
    if supplied.iter().any(Vec::is_empty) {
        return Err(EvalError::NoStyles);
    }
    let mut pairs: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (phrase, turn) in (0..n_phrases).zip((0..PARTS.len()).cycle()) {
        progress(phrase);
        let styles = &supplied[turn];
        let (style, tempo) = styles[rng.usize(0..styles.len())];
        let task = draw(PARTS[turn], style, tempo, &mut rng)?;
        let takes = compose(network, &task, rng.u64(..), 0..1, |_| std::ops::ControlFlow::Continue(()))?;
        for row in takes.iter().flat_map(|take| asked_and_got(&task, &take.phrase)) {
            let AskedGot { control, asked: Some(asked), got } = row else { continue };
            let pair = (f64::from(asked), f64::from(got));
            // Without the part as well: `bass density` counts as density.
            if let Some((_, name)) = control.split_once(' ') {
                pairs.entry(name.to_owned()).or_default().push(pair);
            }
            pairs.entry(control).or_default().push(pair);
        }
    }
    let mut rows: Vec<ControlRow> =
        pairs.into_iter().map(|(control, pairs)| compare(control, &pairs)).collect();
    rows.sort_by_key(|row| row.control.contains(' '));
    Ok(rows)
}

/// The styles with the most families of `part`, with their middling tempo.
fn well_supplied(stats: &Stats, part: Part) -> Vec<(Style, f32)> {
    let n_families = |style: &StyleStats| style.parts.get(part.name()).map_or(0, |part| part.n_families);
    let mut styles: Vec<(usize, Style, f32)> = stats
        .styles
        .iter()
        .filter(|(_, style)| n_families(style) > 0)
        .filter_map(|(name, style)| Some((n_families(style), name.parse().ok()?, tempo_of(style))))
        .collect();
    styles.sort_by_key(|(n_families, style, _)| (std::cmp::Reverse(*n_families), *style));
    styles.into_iter().take(N_STYLES).map(|(_, style, tempo)| (style, tempo)).collect()
}

/// The median tempo in beats per minute.
fn tempo_of(style: &StyleStats) -> f32 {
    let half = style.tempi.values().sum::<u64>() / 2;
    let mut n_slower = 0;
    let median = style.tempi.iter().find(|(_, n)| {
        n_slower += **n;
        n_slower > half
    });
    let tens = median.and_then(|(tens, _)| u8::try_from(*tens).ok());
    tens.map_or(USUAL_TEMPO, |tens| f32::from(tens) * 10.0 + 5.0)
}

fn draw(part: Part, style: Style, tempo: f32, rng: &mut Rng) -> Result<Task, EvalError> {
    let mut level = || Some(LEVELS[rng.usize(0..LEVELS.len())]);
    let mut controls = Controls {
        style: Some(style),
        valence: level(),
        arousal: level(),
        tells_frame: true,
        ..Controls::default()
    };
    for control in PartControl::ALL {
        controls.set_part(part, control, level());
    }
    let frame = Frame::new(Meter::COMMON, N_BARS, Key::C_MAJOR, tempo);
    let wishes = Wishes { controls, harmony: Harmony::Off, ..Wishes::default() };
    Ok(Task::generate(frame, &[part], wishes)?)
}

fn compare(control: String, pairs: &[(f64, f64)]) -> ControlRow {
    let n = real(pairs.len());
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (asked, got) = (mean(&|pair| pair.0), mean(&|pair| pair.1));
    let together = mean(&|pair| (pair.0 - asked) * (pair.1 - got));
    let spread = (mean(&|pair| (pair.0 - asked).powi(2)) * mean(&|pair| (pair.1 - got).powi(2))).sqrt();
    ControlRow {
        control,
        correlation: (spread > 1e-9).then(|| together / spread),
        error: mean(&|pair| (pair.0 - pair.1).abs()),
        n: pairs.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_asked_and_got() {
        for (pairs, correlation, error) in [
            (vec![(0.1, 0.3), (0.5, 0.7)], Some(1.0), 0.2),
            (vec![(0.1, 0.7), (0.5, 0.3)], Some(-1.0), 0.4),
            (vec![(0.1, 0.2), (0.5, 0.2)], None, 0.2),
        ] {
            let row = compare("density".to_owned(), &pairs);
            assert_eq!(row.correlation.map(|r| (r * 1e6).round() / 1e6), correlation, "{pairs:?}");
            assert!((row.error - error).abs() < 1e-9 && row.n == 2, "{row:?}");
        }
    }

    #[test]
    fn the_tempo_is_the_median() {
        let style = |tempi: &[(u32, u64)]| StyleStats {
            tempi: tempi.iter().copied().collect(),
            ..StyleStats::default()
        };
        assert_eq!(tempo_of(&style(&[(9, 2), (12, 5), (14, 1)])), 125.0);
        assert_eq!(tempo_of(&style(&[])), USUAL_TEMPO);
    }
}
