//! The effect of turning one knob, with the same seed and other settings: its own measure should move and the others
//! should not.

use std::fmt;

use serde::Serialize;

use super::EvalError;
use super::controls::{Composer, Draw, PARTS, band};
use super::statistics::{median, share};
use crate::compose::repertoire::Repertoire;
use crate::music::measure::{PartControl, PartMeasures, measure_part};
use crate::music::{Part, Phrase};

/// The values from which and to which the knob is turned.
pub const TURN: (f32, f32) = (0.2, 0.8);

/// How the measures move when one control is turned.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KnobRow {
    /// The control that is turned.
    pub control: &'static str,
    /// Median move of its own measure.
    pub own: f64,
    /// Median absolute move of each measure, indexed by `[control_idx]`.
    pub moved: [f64; 7],
    /// Median absolute move of all other measures.
    pub others: f64,
    /// Share of the other measures that move less than a band.
    pub within_band: f64,
    /// Pairs of phrases.
    pub n: usize,
}

/// All controls, each turned by itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Knobs {
    /// A row for each control.
    pub rows: Vec<KnobRow>,
}

/// Composes `n` pairs of phrases for each control that differ in it alone.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn turn(
    compose: &Composer,
    repertoire: &Repertoire,
    n: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Knobs, EvalError> {
    let mut draw = Draw::new(repertoire, seed)?;
    let mut rows = Vec::new();
    let mut n_done = 0;
    for control in PartControl::ALL {
        let mut moves: Vec<[f64; 7]> = Vec::new();
        for turn in 0..n {
            let part = PARTS[turn % PARTS.len()];
            let (task, seed) = draw.task(turn, &[part])?;
            let at = |value: f32| {
                let mut task = task.clone();
                task.controls.set_part(part, control, Some(value));
                compose(&task, seed)
            };
            let (before, after) = (measured(&at(TURN.0)?, part), measured(&at(TURN.1)?, part));
            if let Some((before, after)) = before.zip(after) {
                let pairs = before.as_array().iter().zip(after.as_array());
                let differences: Vec<f64> = pairs.map(|(before, after)| f64::from(after - before)).collect();
                moves.extend(<[f64; 7]>::try_from(differences));
            }
            n_done += 1;
            progress(n_done);
        }
        rows.push(row(control, &moves));
    }
    Ok(Knobs { rows })
}

fn measured(phrase: &Phrase, part: Part) -> Option<PartMeasures> {
    let bars: Vec<u32> = (0..phrase.frame().n_bars_total()).collect();
    measure_part(phrase, part, &bars)
}

fn row(control: PartControl, moves: &[[f64; 7]]) -> KnobRow {
    let own = control.index();
    let column = |idx: usize| moves.iter().map(move |moves| moves[idx]);
    let others: Vec<f64> =
        (0..7).filter(|&idx| idx != own).flat_map(|idx| column(idx).map(f64::abs)).collect();
    KnobRow {
        control: control.name(),
        own: median(column(own).collect()).unwrap_or(0.0),
        moved: std::array::from_fn(|idx| median(column(idx).map(f64::abs).collect()).unwrap_or(0.0)),
        within_band: share(&others, |moved| *moved < band()),
        others: median(others).unwrap_or(0.0),
        n: moves.len(),
    }
}

impl fmt::Display for Knobs {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## One knob turned from {} to {}, same seed\n", TURN.0, TURN.1)?;
        let names = PartControl::ALL.map(PartControl::name).join(" | ");
        writeln!(f, "| turned | moves by | others, median | within a band | {names} | pairs |")?;
        writeln!(f, "| --- | --- | --- | --- | {} --- |", "--- | ".repeat(7))?;
        for row in &self.rows {
            let moved: Vec<String> = row.moved.iter().map(|moved| format!("{moved:.2}")).collect();
            let KnobRow { control, own, others, within_band, n, .. } = row;
            let percent = 100.0 * within_band;
            writeln!(
                f,
                "| {control} | {own:.2} | {others:.3} | {percent:.0} % | {} | {n} |",
                moved.join(" | ")
            )?;
        }
        writeln!(f)
    }
}
