//! Compares methods of making a network follow its controls.

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::EvalError;
use super::controls::{self, ControlRow};
use crate::compose::repertoire::Repertoire;
use crate::compose::{Model, asked_and_got, compose, compose_unsteered};
use crate::music::Phrase;
use crate::session::Task;

/// A method of making a network follow its controls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The controls are in the prefix.
    Prefix,
    /// The same; of this number of takes the one nearest to the controls is chosen.
    PrefixBest(u32),
    /// Steering changes the logits as well.
    Steered,
    /// The same; of this number of takes the one nearest to the controls is chosen.
    SteeredBest(u32),
}

impl Method {
    /// The methods that are compared.
    pub const ALL: [Self; 4] = [Self::Prefix, Self::PrefixBest(8), Self::Steered, Self::SteeredBest(4)];

    /// Composes a phrase of `task` by this method.
    ///
    /// # Errors
    ///
    /// A network that cannot compose.
    pub fn compose(self, model: &Model, task: &Task, seed: u64) -> Result<Phrase, EvalError> {
        let task = &model.fitted(task.clone());
        let phrases = match self {
            Self::Prefix => compose_unsteered(model, task, seed, 0..1)?,
            Self::PrefixBest(n) => compose_unsteered(model, task, seed, 0..n)?,
            Self::Steered => steered(model, task, seed, 1)?,
            Self::SteeredBest(n) => steered(model, task, seed, n)?,
        };
        let nearest = phrases.into_iter().min_by(|a, b| miss(task, a).total_cmp(&miss(task, b)));
        Ok(nearest.unwrap_or_else(|| task.base.clone()))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prefix => f.write_str("prefix alone"),
            Self::PrefixBest(n) => write!(f, "prefix, best of {n}"),
            Self::Steered => f.write_str("steering"),
            Self::SteeredBest(n) => write!(f, "steering, best of {n}"),
        }
    }
}

fn steered(model: &Model, task: &Task, seed: u64, n_takes: u32) -> Result<Vec<Phrase>, EvalError> {
    let takes = compose(model, task, seed, 0..n_takes, |_| ControlFlow::Continue(()))?;
    Ok(takes.iter().map(|take| (*take.phrase).clone()).collect())
}

/// The sum over all controls of the distance of `phrase` from what `task` sets.
fn miss(task: &Task, phrase: &Phrase) -> f32 {
    let rows = asked_and_got(task, phrase).into_iter();
    let misses: Vec<f32> = rows.filter_map(|row| Some((row.asked? - row.got).abs())).collect();
    // A phrase without notes has no measures and is chosen last.
    if misses.is_empty() { f32::MAX } else { misses.iter().sum() }
}

/// How well each method follows each control.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Methods {
    /// Each method with a row for each control.
    pub rows: Vec<(Method, Vec<ControlRow>)>,
}

/// The total number of phrases that [`measure`] composes, for `n` per control.
pub const fn n_in_all(n: usize) -> usize {
    Method::ALL.len() * 7 * n
}

/// Composes the same `n` tasks for each control by each method.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn measure(
    model: &Model,
    repertoire: &Repertoire,
    n: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Methods, EvalError> {
    let mut rows = Vec::new();
    for (idx, method) in Method::ALL.into_iter().enumerate() {
        let composer = |task: &Task, seed: u64| method.compose(model, task, seed);
        let calibration =
            controls::calibrate(&composer, repertoire, n, seed, |done| progress(7 * n * idx + done))?;
        rows.push((method, calibration.controls));
    }
    Ok(Methods { rows })
}

impl fmt::Display for Methods {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Ways to follow controls\n\nRank correlation of asked and got, and median error.\n")?;
        let names: Vec<&str> =
            self.rows.first().map_or(Vec::new(), |(_, rows)| rows.iter().map(|row| &*row.control).collect());
        writeln!(f, "| way | {} |\n| --- |{}", names.join(" | "), " --- |".repeat(names.len()))?;
        for (method, rows) in &self.rows {
            write!(f, "| {method} |")?;
            for row in rows {
                let correlation = row.rank_correlation.map_or("–".to_owned(), |r| format!("{r:.2}"));
                write!(f, " {correlation}, {:.2} |", row.median_error)?;
            }
            writeln!(f)?;
        }
        writeln!(f)
    }
}
