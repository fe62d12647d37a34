//! Calibration of the part controls: composes phrases with one control set each and compares set and measured values.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;
use serde::Serialize;

use super::statistics::{median, rank_correlation, share};
use super::{EvalError, USUAL_TEMPO, real};
use crate::compose::asked_and_got;
use crate::compose::repertoire::Repertoire;
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Meter, Mode, Part, Phrase};
use crate::session::{Rules, ScaleRule, Task, TaskSettings};
use crate::token::vocab::N_LEVELS;
use crate::token::{Controls, Harmony, Style};

/// The parts that are composed, in turn.
pub const PARTS: [Part; 5] = [Part::Melody, Part::Chords, Part::Bass, Part::Drums, Part::Arpeggio];

/// Number of styles of each part that are composed, those with most material.
const N_STYLES: usize = 4;

/// Bars of a phrase.
const N_BARS: u32 = 8;

/// Composes one phrase of a task from a seed.
pub type Composer<'a> = dyn Fn(&Task, u64) -> Result<Phrase, EvalError> + 'a;

/// The width of a band of a control, the resolution of the vocabulary.
pub fn band() -> f64 {
    1.0 / f64::from(N_LEVELS)
}

/// How well phrases follow one control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ControlRow {
    /// Name such as `bass density`; without a part, over all phrases.
    pub control: String,
    /// Spearman's correlation of set and measured values; absent if one of them never varies.
    pub rank_correlation: Option<f64>,
    /// Median absolute difference of set and measured values, both in `0.0..=1.0`.
    pub median_error: f64,
    /// Share of the phrases with a difference of at most a band.
    pub within_band: f64,
    /// Phrases measured.
    pub n: usize,
}

/// Set and measured values over the range of every part control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Calibration {
    /// Over all parts.
    pub controls: Vec<ControlRow>,
    /// By part.
    pub parts: Vec<ControlRow>,
    /// Share of the tones in the scale; all phrases are composed under the strict rule.
    pub in_scale: f64,
    /// Number of tones.
    pub n_tones: usize,
}

/// Draws random tasks to measure on.
pub struct Draw {
    /// Indexed as [`PARTS`].
    styles: Vec<Vec<(Style, f32)>>,
    rng: Rng,
}

impl Draw {
    /// Draws of the styles that `repertoire` has most of.
    ///
    /// # Errors
    ///
    /// A repertoire without styles for a part.
    pub fn new(repertoire: &Repertoire, seed: u64) -> Result<Self, EvalError> {
        let styles: Vec<Vec<(Style, f32)>> = PARTS
            .iter()
            .map(|&part| {
                let best = repertoire.best_supplied(part, N_STYLES).into_iter();
                best.map(|style| (style, repertoire.tempo(style).unwrap_or(USUAL_TEMPO))).collect()
            })
            .collect();
        if styles.iter().any(Vec::is_empty) {
            return Err(EvalError::NoStyles);
        }
        Ok(Self { styles, rng: Rng::with_seed(seed) })
    }

    /// A task of `parts` in a style that suits number `turn` of [`PARTS`], in C major or C minor, and a seed.
    pub fn task(&mut self, turn: usize, parts: &[Part]) -> Result<(Task, u64), EvalError> {
        let styles = &self.styles[turn % PARTS.len()];
        let (style, tempo) = styles[self.rng.usize(0..styles.len())];
        let mode = if self.rng.bool() { Mode::Major } else { Mode::Minor };
        let frame = Frame::new(Meter::COMMON, N_BARS, Key { mode, ..Key::C_MAJOR }, tempo);
        let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
        // The strict rule is measured too: see `in_scale`.
        let rules = Rules { scale: ScaleRule::Strict, ..Rules::default() };
        let settings = TaskSettings { controls, harmony: Harmony::Off, rules, ..TaskSettings::default() };
        Ok((Task::generate(frame, parts, settings)?, self.rng.u64(..)))
    }

    /// A random value of a control, uniform in the range of a knob.
    pub fn value(&mut self) -> f32 {
        0.05 + 0.9 * self.rng.f32()
    }
}

/// Composes `n` phrases of one part each for every part control, which is set at random over its range; the others are
/// auto.
///
/// `progress` — called with the phrases done.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn calibrate(
    compose: &Composer,
    repertoire: &Repertoire,
    n: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Calibration, EvalError> {
    let mut draw = Draw::new(repertoire, seed)?;
    // Set and measured values, by control, and by control and part.
    let mut pairs: BTreeMap<_, Vec<(f64, f64)>> = BTreeMap::new();
    let (mut n_tones, mut n_in_scale) = (0, 0);
    let mut n_done = 0;
    for control in PartControl::ALL {
        for turn in 0..n {
            let part = PARTS[turn % PARTS.len()];
            let (mut task, seed) = draw.task(turn, &[part])?;
            let asked = draw.value();
            task.controls.set_part(part, control, Some(asked));
            let phrase = compose(&task, seed)?;
            let key = phrase.frame().key;
            let tones = phrase.all_notes().filter(|(part, _)| !part.is_drums());
            for (_, note) in tones {
                n_tones += 1;
                n_in_scale += usize::from(key.contains(note.pitch.class()));
            }
            for row in asked_and_got(&task, &phrase).into_iter().filter(|row| row.asked.is_some()) {
                let pair = (f64::from(asked), f64::from(row.got));
                pairs.entry((control.index(), None)).or_default().push(pair);
                pairs.entry((control.index(), Some(part.index()))).or_default().push(pair);
            }
            n_done += 1;
            progress(n_done);
        }
    }
    let name = |control: usize, part: Option<usize>| match part {
        Some(part) => format!("{} {}", Part::ALL[part], PartControl::ALL[control].name()),
        None => PartControl::ALL[control].name().to_owned(),
    };
    let rows = |of_parts: bool| {
        let chosen = pairs.iter().filter(|((_, part), _)| part.is_some() == of_parts);
        chosen.map(|(&(control, part), pairs)| compare(name(control, part), pairs)).collect()
    };
    Ok(Calibration {
        controls: rows(false),
        parts: rows(true),
        in_scale: real(n_in_scale) / real(n_tones.max(1)),
        n_tones,
    })
}

fn compare(control: String, pairs: &[(f64, f64)]) -> ControlRow {
    let errors: Vec<f64> = pairs.iter().map(|(asked, got)| (asked - got).abs()).collect();
    ControlRow {
        control,
        rank_correlation: rank_correlation(pairs),
        within_band: share(&errors, |error| *error <= band()),
        median_error: median(errors).unwrap_or(0.0),
        n: pairs.len(),
    }
}

impl fmt::Display for Calibration {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Controls: asked and got\n")?;
        for rows in [&self.controls, &self.parts] {
            writeln!(
                f,
                "| control | rank correlation | median error | in bands | within a band | phrases |"
            )?;
            writeln!(f, "| --- | --- | --- | --- | --- | --- |")?;
            for row in rows {
                let ControlRow { control, median_error: error, within_band, n, .. } = row;
                let correlation = row.rank_correlation.map_or("–".to_owned(), |r| format!("{r:.2}"));
                let (bands, percent) = (error / band(), 100.0 * within_band);
                writeln!(
                    f,
                    "| {control} | {correlation} | {error:.3} | {bands:.1} | {percent:.0} % | {n} |"
                )?;
            }
            writeln!(f)?;
        }
        writeln!(f, "In the scale: {:.2} % of {} tones.\n", 100.0 * self.in_scale, self.n_tones)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compares_set_and_measured_values() {
        let row = compare("density".to_owned(), &[(0.1, 0.2), (0.5, 0.6), (0.9, 0.5)]);
        assert_eq!(row.rank_correlation, Some(0.5));
        assert!((row.median_error - 0.1).abs() < 1e-9 && (row.within_band - 2.0 / 3.0).abs() < 1e-9);
    }
}
