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
//! Who plays candidate 0 at once does not want it replaced: in [`best_of_beside_first`] it is the first take whatever the
//! judges say, and the others are chosen beside it.
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
//! The index of a take is that of its candidate, and its ideas are in its receipt, so [`compose`] of that draft alone gives
//! the same notes, and a receipt need not know who was chosen.

use std::ops::ControlFlow;

use super::decode_loop::Progress;
use super::error::ComposeError;
use super::judge::Judge;
use super::novelty::composed_parts;
use super::steer::asks;
use super::{Draft, Model, compose};
use crate::music::analysis::Shape;
use crate::session::{Take, Task};

/// Candidates for each take.
const PER_TAKE: u32 = 4;

/// Candidates that even one take is chosen from, where its length allows.
const FEWEST: u32 = BATCH;

/// Candidates that pass, the likeliest, of which each take is one: of all that differ most would often be what is oddest.
const OPEN_PER_TAKE: usize = 2;

/// Candidates of a batch: a step costs little more than that of one, since it reads the weights once.
const BATCH: u32 = 8;

/// Cells composed in all, unless that is too few to choose from.
const CELLS: u32 = 1280;

/// How far an audition has come.
#[derive(Debug, Clone, Copy)]
pub enum SelectionProgress<'a> {
    /// The first candidate is composed. To break off here is to cancel.
    First(&'a Progress<'a>),
    /// The first candidate is finished, with what the judges have against it. To break off here or later is to choose from
    /// what there is.
    FirstDone(&'a Take),
    /// The others are composed.
    Others {
        /// Candidates that are finished, the first included.
        n_done: u32,
    },
}

/// What candidate 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum First {
    /// One of many.
    Judged,
    /// The first take, whatever the judges say.
    Stands,
}

/// Composes candidates and chooses at most `n_takes` of them; fewer only if they are too near to each other or refused, or
/// the audition was broken off. At least one, unless `n_takes` is 0.
///
/// The first is the one to play. `judges` — a candidate's score is the mean of
/// theirs, and an objection of any is one too many. `progress` — called once a step.
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

/// As [`best_of`], but candidate 0 is the first take whatever the judges say: it is heard already. The others follow it,
/// furthest from all before them first.
///
/// # Errors
///
/// As [`compose`].
pub fn best_of_beside_first(
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
    for until in [n, n + n / 2] {
        while goes_on && pool.n() < until && !pool.has_enough(n_takes, n) {
            let batch = pool.n()..until.min(pool.n() + BATCH);
            let drafts = batch.map(|take| draft(task, pool.judges, seed, take));
            let n_done = pool.n();
            let composed =
                compose(model, task, seed, drafts, |_| progress(SelectionProgress::Others { n_done }));
            match composed {
                Ok(takes) => pool.judge(takes),
                // What an idea adds to a prompt may be too much where the first had just enough room.
                Err(ComposeError::Cancelled | ComposeError::NoRoom { .. }) => goes_on = false,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(pool.choose(n_takes))
}

/// Candidate `take` of `seed`, with what the first of `judges` that suggests anything has it aim at.
pub fn draft(task: &Task, judges: &[Box<dyn Judge>], seed: u64, take: u32) -> Draft {
    let suggestions = judges.iter().map(|judge| judge.suggest(task, seed, take));
    Draft { take, ideas: suggestions.into_iter().find(|ideas| !ideas.is_empty()).unwrap_or_default() }
}

/// How many candidates there are for `n_takes` takes of `task`, before any is drawn again.
pub fn n_candidates(task: &Task, n_takes: u32) -> u32 {
    // What is steered is composed twice.
    let n_drafts = if asks(task) { 2 } else { 1 };
    let n_cells = u32::try_from(task.compose.len()).unwrap_or(u32::MAX).saturating_mul(n_drafts).max(1);
    let most = n_takes.saturating_mul(PER_TAKE).max(FEWEST);
    (CELLS / n_cells).clamp((n_takes + n_takes / 2).min(most), most)
}

/// Candidates that are finished and judged.
struct Pool<'a> {
    task: &'a Task,
    judges: &'a [Box<dyn Judge>],
    first: First,
    candidates: Vec<Candidate>,
    /// Two takes lie further apart than this.
    least_distance: f64,
}

struct Candidate {
    take: Take,
    shape: Shape,
    score: f64,
    /// Logarithm of the chance that people made it.
    log_chance: f64,
    /// Whether a strict judge objects.
    is_refused: bool,
}

impl Candidate {
    fn passes(&self) -> bool {
        self.take.remarks.is_empty()
    }
}

impl<'a> Pool<'a> {
    fn new(task: &'a Task, judges: &'a [Box<dyn Judge>], first: First) -> Self {
        // Not even copies of each other.
        let least_distance = judges.iter().map(|judge| judge.least_distance()).fold(f64::EPSILON, f64::max);
        Self { task, judges, first, candidates: Vec::new(), least_distance }
    }

    fn n(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// Whether no more need be drawn: of one take, unless those that pass are ranked, one that passes; else as many that pass and
    /// differ of the first `n`.
    fn has_enough(&self, n_takes: u32, n: u32) -> bool {
        let n_wanted = usize::try_from(n_takes).unwrap_or(usize::MAX);
        let is_ranked = self.first == First::Judged && self.judges.iter().any(|judge| judge.ranks());
        let is_settled = n_takes == 1 && !is_ranked;
        (is_settled || self.n() >= n) && self.different(n_wanted).len() >= n_wanted
    }

    fn judge(&mut self, takes: Vec<Take>) {
        let parts = composed_parts(self.task);
        for take in takes {
            let (mut score, mut n_judges, mut log_chance, mut is_refused) = (0.0, 0.0, 0.0, false);
            let mut remarks = Vec::new();
            for judge in self.judges {
                let judgement = judge.judge(self.task, &take.phrase);
                score += judgement.score;
                log_chance += judgement.log_chance;
                n_judges += 1.0;
                is_refused |= judge.is_strict() && !judgement.objections.is_empty();
                remarks.extend(judgement.objections);
            }
            let shape = Shape::of(&take.phrase, &parts);
            let score = if n_judges > 0.0 { score / n_judges } else { 0.0 };
            self.candidates.push(Candidate {
                take: Take { remarks, ..take },
                shape,
                score,
                log_chance,
                is_refused,
            });
        }
    }

    /// Whether it is a take whatever the judges say.
    fn stands(&self, candidate: &Candidate) -> bool {
        self.first == First::Stands && candidate.take.receipt.take == 0
    }

    /// The takes, the one to play first.
    fn choose(self, n_takes: u32) -> Vec<Take> {
        let n_takes = usize::try_from(n_takes).unwrap_or(usize::MAX);
        let mut chosen = self.different(n_takes);
        let may_fill = |candidate: &&Candidate| !candidate.passes() && !self.stands(candidate);
        let mut failing: Vec<&Candidate> = self.candidates.iter().filter(may_fill).collect();
        failing.sort_by(|one, other| {
            one.is_refused.cmp(&other.is_refused).then(other.score.total_cmp(&one.score))
        });
        for candidate in failing {
            let is_better_than_nothing = chosen.is_empty();
            let is_another = !candidate.is_refused && distance_to(&chosen, candidate) > self.least_distance;
            if chosen.len() < n_takes && (is_better_than_nothing || is_another) {
                chosen.push(candidate);
            }
        }
        chosen.into_iter().map(|candidate| candidate.take.clone()).collect()
    }

    /// Of the candidates that pass or stand, at most `n_most` that differ: the one that stands or the likeliest, then always the
    /// one that is furthest from all before, of the [`OPEN_PER_TAKE`] likeliest for each; where these are too near, of the next.
    fn different(&self, n_most: usize) -> Vec<&Candidate> {
        let may_be = |candidate: &&Candidate| candidate.passes() || self.stands(candidate);
        let mut ranked: Vec<&Candidate> = self.candidates.iter().filter(may_be).collect();
        ranked.sort_by(|one, other| {
            self.stands(other).cmp(&self.stands(one)).then(other.log_chance.total_cmp(&one.log_chance))
        });
        let mut ranked = ranked.into_iter();
        let mut chosen: Vec<&Candidate> = ranked.next().into_iter().collect();
        // With the distance to the nearest of those chosen; none is further from itself than 0.
        let mut open: Vec<(f64, &Candidate)> = ranked
            .by_ref()
            .take(n_most.saturating_mul(OPEN_PER_TAKE))
            .map(|candidate| (distance_to(&chosen, candidate), candidate))
            .collect();
        while chosen.len() < n_most {
            let furthest = open.iter().max_by(|one, other| one.0.total_cmp(&other.0)).copied();
            if let Some((_, next)) = furthest.filter(|(distance, _)| *distance > self.least_distance) {
                chosen.push(next);
                for (distance, candidate) in &mut open {
                    *distance = distance.min(next.shape.distance(&candidate.shape));
                }
            } else if let Some(candidate) = ranked.next() {
                open.push((distance_to(&chosen, candidate), candidate));
            } else {
                break;
            }
        }
        chosen
    }
}

/// Distance of `candidate` to the nearest of `chosen`.
fn distance_to(chosen: &[&Candidate], candidate: &Candidate) -> f64 {
    chosen.iter().map(|other| other.shape.distance(&candidate.shape)).fold(1.0, f64::min)
}
