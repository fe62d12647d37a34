//! Measures the distances of takes from each other, within one board and over many boards.
//!
//! They are compared with real music: the fifth percentile of the distances of phrases of different families with the
//! same style and parts; textures count where a style has too few ([`References`]). Distances are those of [`Shape`].

use std::fmt;
use std::ops::ControlFlow;

use serde::Serialize;

use super::{EvalError, real, usual_task};
use crate::compose::novelty::Novelty;
use crate::compose::repertoire::Repertoire;
use crate::compose::{Critic, Judge, Model, best_of, compose};
use crate::music::analysis::Shape;
use crate::music::quality::{Nearest, Origin, References};
use crate::music::{Key, Part, Phrase};
use crate::session::Take;
use crate::token::Style;

/// Number of takes of a board.
const N_TAKES: u32 = 8;

/// The results.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TakesReport {
    /// Boards of each style, each with another seed.
    pub n_generates: u32,
    /// By style.
    pub rows: Vec<TakesRow>,
}

/// The takes of one style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TakesRow {
    /// The style.
    pub style: Style,
    /// The parts composed.
    pub parts: Vec<Part>,
    /// The fifth percentile of real phrases; absent where too few phrases were compared.
    pub real: Option<Nearest>,
    /// Smallest distance between the first eight candidates of a board, the mean over boards.
    pub drawn: f64,
    /// Smallest distance between the takes of a board, the mean over boards.
    pub board: f64,
    /// The same, the smallest over boards.
    pub board_least: f64,
    /// Smallest distance between takes of all boards.
    pub across: f64,
    /// Pairs of takes of all boards that are nearer than `real`.
    pub n_near: usize,
    /// Pairs of takes of all boards.
    pub n_pairs: usize,
    /// Takes of all boards; fewer than eight a board where not as many candidates were new.
    pub n_takes: usize,
    /// Takes with a fault.
    pub n_remarked: usize,
}

/// Composes `n_generates` boards of each of `styles`, each with those before in its project.
///
/// `progress` — called with the boards done.
///
/// # Errors
///
/// A network that cannot compose.
pub fn measure(
    model: &Model,
    references: &References,
    repertoire: &Repertoire,
    styles: &[Style],
    n_generates: u32,
    mut progress: impl FnMut(usize),
) -> Result<TakesReport, EvalError> {
    let mut rows = Vec::new();
    let mut n_done = 0;
    for &style in styles {
        let parts = repertoire.usual_parts(Some(style));
        let task = model.fitted(usual_task(repertoire, style, Key::C_MAJOR)?);
        let mut takes: Vec<Take> = Vec::new();
        let (mut drawn, mut boards) = (Vec::new(), Vec::new());
        for seed in 0..u64::from(n_generates) {
            progress(n_done);
            n_done += 1;
            let novelty = Novelty::new(references, &task, (1..).zip(&takes));
            let critic = Critic(std::borrow::Cow::Owned(references.clone()));
            let judges: Vec<Box<dyn Judge>> = vec![Box::new(critic), Box::new(novelty)];
            let first = compose(model, &task, seed, 0..N_TAKES, |_| ControlFlow::Continue(()))?;
            drawn.push(least(&shapes(&first)));
            let board = best_of(model, &task, seed, N_TAKES, &judges, |_| ControlFlow::Continue(()))?;
            boards.push(least(&shapes(&board)));
            takes.extend(board);
        }
        let nearest = references.usual(Some(style.name())).nearest(parts.clone());
        let limit = nearest.map_or(0.0, |near| near.distance);
        let distances = distances(&shapes(&takes));
        rows.push(TakesRow {
            style,
            parts,
            real: nearest,
            drawn: drawn.iter().sum::<f64>() / real(drawn.len()),
            board: boards.iter().sum::<f64>() / real(boards.len()),
            board_least: boards.iter().copied().fold(1.0, f64::min),
            across: distances.iter().copied().fold(1.0, f64::min),
            n_near: distances.iter().filter(|distance| **distance < limit).count(),
            n_pairs: distances.len(),
            n_takes: takes.len(),
            n_remarked: takes.iter().filter(|take| !take.remarks.is_empty()).count(),
        });
    }
    Ok(TakesReport { n_generates, rows })
}

fn shapes(takes: &[Take]) -> Vec<Shape> {
    let shape = |phrase: &Phrase| Shape::of(phrase, &Part::ALL);
    takes.iter().map(|take| shape(&take.phrase)).collect()
}

/// The distance of every pair.
fn distances(shapes: &[Shape]) -> Vec<f64> {
    let pairs = (0..shapes.len()).flat_map(|one| (0..one).map(move |other| (one, other)));
    pairs.map(|(one, other)| shapes[one].distance(&shapes[other])).collect()
}

fn least(shapes: &[Shape]) -> f64 {
    distances(shapes).into_iter().fold(1.0, f64::min)
}

impl fmt::Display for TakesReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "## Takes: smallest distances, {} boards of {N_TAKES} of each style\n",
            self.n_generates
        )?;
        writeln!(
            f,
            "| style and parts | real phrases (*: and textures), 5th percentile | first {N_TAKES} drawn, mean | a board, mean | \
             a board, least | all boards, least | pairs nearer than real | takes | with a remark |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for row in &self.rows {
            let parts = row.parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let mark = |of: Origin| if of == Origin::Made { "*" } else { "" };
            let real = row
                .real
                .map_or_else(|| "–".to_owned(), |near| format!("{:.3}{}", near.distance, mark(near.of)));
            writeln!(
                f,
                "| {}: {parts} | {real} | {:.3} | {:.3} | {:.3} | {:.3} | {} of {} | {} | {} |",
                row.style,
                row.drawn,
                row.board,
                row.board_least,
                row.across,
                row.n_near,
                row.n_pairs,
                row.n_takes,
                row.n_remarked
            )?;
        }
        Ok(())
    }
}
