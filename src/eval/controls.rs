//! What controls ask and what the phrases have: composed with one wish each, measured, compared.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde::Serialize;

use super::{EvalError, real};
use crate::compose::shipped::Repertoire;
use crate::compose::{AskedGot, asked_and_got, compose};
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

/// Composes `n_phrases` of one part each, one control of each asked at random and the others auto, and compares.
///
/// `repertoire` — which styles are well supplied, and their tempi. `progress` — called with the phrases done.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn measure(
    network: &Network,
    repertoire: &Repertoire,
    n_phrases: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Vec<ControlRow>, EvalError> {
    let mut rng = Rng::with_seed(seed);
    let supplied = PARTS.map(|part| repertoire.best_supplied(part, N_STYLES));
    if supplied.iter().any(Vec::is_empty) {
        return Err(EvalError::NoStyles);
    }
    let mut pairs: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (phrase, turn) in (0..n_phrases).zip((0..PARTS.len()).cycle()) {
        progress(phrase);
        let styles = &supplied[turn];
        let style = styles[rng.usize(0..styles.len())];
        let tempo = repertoire.tempo(style).unwrap_or(USUAL_TEMPO);
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

fn draw(part: Part, style: Style, tempo: f32, rng: &mut Rng) -> Result<Task, EvalError> {
    let level = Some(LEVELS[rng.usize(0..LEVELS.len())]);
    let mut controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    match rng.usize(0..PartControl::ALL.len() + 2) {
        7 => controls.valence = level,
        8 => controls.arousal = level,
        idx => controls.set_part(part, PartControl::ALL[idx], level),
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
}
