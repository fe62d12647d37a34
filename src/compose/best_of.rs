//! Many candidates, few takes: those that the judges have nothing against and that differ most.
//!
//! Candidate 0 is drawn first and alone, so that it streams and plays at once; the others follow in batches, each with its
//! own ideas. Each is judged. Of those that pass the likeliest to be of people comes first, by what judges know of how composed
//! phrases differ from real ones; none is ranked by how usual it is, which would end with the most usual of all. Then always the
//! one of the likeliest that is furthest from all chosen so far: the smallest distance between two takes is what is made large.
//! Where too few pass, more are drawn; where that does not help, the best of the rest fill up, with what there is against them
//! said, unless a strict judge said it. Takes too near to each other are never taken together: better six ideas than eight of
//! which two are one.
//!
//! Where a judge ranks, the takes that are chosen are then made better part by part: each part is composed anew several times with
//! the others given, and the likeliest version stays. The first choice is by the sum over all parts, this one by each.
//!
//! Who plays candidate 0 at once does not want it replaced: in [`best_of_after_first`] it is the first take whatever the
//! judges say, and the others are chosen in addition.
//!
//! # Candidates
//!
//! Four for each take, or eight for one, fewer the more cells there are to compose: `CELLS` cells in all, which a slow core
//! composes in about two seconds and half as many again where too few pass, and never fewer than one and a half for each take.
//! So 8 takes of 8 bars of five parts are chosen from 32 candidates, of 16 bars from 16; where controls are asked, so that each
//! is composed twice, from half as many.
//!
//! All but candidate 0 may have ideas of their own: what a judge suggests that they aim at ([`Judge::suggest`]), steered in
//! the free pass. What the user asks then takes its place in the second pass, with the rest held: so a knob that is turned
//! leaves the ideas of a take as they were.
//!
//! # Invariants
//!
//! The index of a take is that of its candidate, and its ideas and revisions are in its receipt, so [`compose`] of that draft
//! alone gives the same notes, and a receipt need not know who else was there.

mod candidate;

mod improve;

mod pool;

mod progress;

use std::ops::ControlFlow;

use super::error::ComposeError;
use super::judge::Judge;
use super::steer::asks;
use super::{Draft, Model, compose};
use crate::session::{Take, Task};

pub use progress::SelectionProgress;

use improve::improve;
use pool::{First, Pool};

/// Candidates for each take.
const PER_TAKE: u32 = 4;

/// Candidates that even one take is chosen from, where its length allows.
const FEWEST: u32 = BATCH;

/// Candidates of a batch: a step costs little more than that of one, since it reads the weights once.
const BATCH: u32 = 8;

/// Cells composed in all, unless that is too few to choose from.
const CELLS: u32 = 1280;

/// Composes candidates and chooses at most `n_takes` of them; fewer only if they are too near to each other or refused, or
/// the selection was broken off. At least one, unless `n_takes` is 0.
///
/// The first is the one to play. `judges` — a candidate's score is the mean of theirs, and an objection of any is one too many.
/// `progress` — called once a step.
///
/// The same model, task, seed, number of takes and judges give the same takes.
///
/// # Errors
///
/// As [`compose`].
pub fn best_of(
    model: &Model,
    task: &Task,
    seed: u64,
    n_takes: u32,
    judges: &[Box<dyn Judge>],
    progress: impl FnMut(SelectionProgress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    let task = &model.fitted(task.clone());
    hold(model, task, seed, n_takes, Pool::new(task, judges, First::Judged), progress)
}

/// As [`best_of`], but candidate 0 is the first take whatever the judges say: it plays already. The others follow it,
/// furthest from all before them first.
///
/// # Errors
///
/// As [`compose`].
pub fn best_of_after_first(
    model: &Model,
    task: &Task,
    seed: u64,
    n_takes: u32,
    judges: &[Box<dyn Judge>],
    progress: impl FnMut(SelectionProgress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    let task = &model.fitted(task.clone());
    hold(model, task, seed, n_takes, Pool::new(task, judges, First::Stands), progress)
}

fn hold(
    model: &Model,
    task: &Task,
    seed: u64,
    n_takes: u32,
    mut pool: Pool<'_>,
    mut progress: impl FnMut(SelectionProgress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    if n_takes == 0 {
        return Ok(Vec::new());
    }
    let first = compose(model, task, seed, 0..1, |so_far| progress(SelectionProgress::First(so_far)))?;
    pool.judge(first);
    let first = pool.candidates.first();
    let mut goes_on =
        first.is_some_and(|first| progress(SelectionProgress::FirstDone(&first.take)).is_continue());
    let n = n_candidates(task, n_takes);
    // The second round is for what failed in the first.
    'rounds: for until in [n, n + n / 2] {
        while goes_on && pool.n() < until && !pool.has_enough(n_takes, n) {
            let batch = pool.n()..until.min(pool.n() + BATCH);
            let drafts = batch.map(|take| draft(task, pool.judges, seed, take));
            let n_done = pool.n();
            let composed =
                compose(model, task, seed, drafts, |_| progress(SelectionProgress::Others { n_done }));
            match composed {
                Ok(takes) => pool.judge(takes),
                // What an idea adds to a prompt may be too much where the first had just enough room.
                Err(ComposeError::NoRoom { .. }) => break 'rounds,
                Err(ComposeError::Cancelled) => goes_on = false,
                Err(error) => return Err(error),
            }
        }
    }
    let mut chosen = pool.choose(n_takes);
    if goes_on && pool.ranks() {
        improve(model, seed, &pool, &mut chosen, &mut progress)?;
    }
    Ok(chosen.into_iter().map(|candidate| candidate.take).collect())
}

/// Candidate `take` of `seed`, with what the first of `judges` that suggests anything has it aim at.
pub fn draft(task: &Task, judges: &[Box<dyn Judge>], seed: u64, take: u32) -> Draft {
    let suggestions = judges.iter().map(|judge| judge.suggest(task, seed, take));
    let ideas = suggestions.into_iter().find(|ideas| !ideas.is_empty()).unwrap_or_default();
    Draft { ideas, ..Draft::from(take) }
}

/// How many candidates there are for `n_takes` takes of `task`, before any is drawn again.
pub fn n_candidates(task: &Task, n_takes: u32) -> u32 {
    // What is steered is composed twice.
    let n_drafts = if asks(task) { 2 } else { 1 };
    let n_cells = u32::try_from(task.compose.len()).unwrap_or(u32::MAX).saturating_mul(n_drafts).max(1);
    let most = n_takes.saturating_mul(PER_TAKE).max(FEWEST);
    (CELLS / n_cells).clamp((n_takes + n_takes / 2).min(most), most)
}
