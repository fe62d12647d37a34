//! Many candidates, few takes: those that the judges have nothing against and that differ most.
//!
//! Candidate 0 is drawn first and alone, so that it streams and plays at once; the others follow in batches that share the
//! prompt. Each is judged. Of those that pass, the first is candidate 0, else the best; then always the one that is
//! furthest from all chosen so far: the smallest distance between two takes is what is made large. Where too few pass, more
//! are drawn; where that does not help, the best of the rest fill up, with what there is against them said.
//!
//! # Candidates
//!
//! Four for each take, fewer the more cells there are to compose: [`CELLS`] cells in all, which a slow core composes in
//! about two seconds, and never fewer than one and a half for each take. So 8 takes of 8 bars of five parts are chosen from
//! 32 candidates, of 16 bars from 16; where controls are asked, so that each is composed twice, from half as many.
//!
//! # Invariants
//!
//! The index of a take is that of its candidate, so [`compose`] of that index alone gives the same notes, and a receipt
//! need not know who was chosen.

use std::borrow::Cow;
use std::ops::{ControlFlow, Range};

use super::critique::Critique;
use super::decode_loop::Progress;
use super::novelty::composed_parts;
use super::steer::asks;
use super::{ComposeError, compose};
use crate::model::Network;
use crate::music::Phrase;
use crate::music::analysis::Shape;
use crate::music::quality::References;
use crate::session::{Take, Task};

/// Candidates for each take.
const PER_TAKE: u32 = 4;

/// Candidates of a batch: a step costs little more than that of one, since it reads the weights once.
const BATCH: u32 = 8;

/// Cells composed in all, unless that is too few to choose from.
const CELLS: u32 = 1280;

/// Who may object to a candidate.
pub trait Judge {
    /// What there is to say of what `task` composed of `phrase`.
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement;
}

/// What a judge says of a candidate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// How good it is, `0.0..=1.0`.
    pub score: f64,
    /// What there is against it, in words such as "frozen bass in bars 3-6"; with none it passes.
    pub objections: Vec<String>,
}

/// The critique as a judge.
#[derive(Debug, Clone)]
pub struct Critic(pub Cow<'static, References>);

impl Judge for Critic {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        let critique = Critique::of(&self.0, task, phrase);
        let number = |bar: u32| phrase.frame().bar_number(bar + task.first_bar);
        Judgement { score: critique.score, objections: critique.objections(number) }
    }
}

/// How far an audition has come.
#[derive(Debug, Clone, Copy)]
pub enum Hearing<'a> {
    /// The first candidate is composed. To break off here is to cancel.
    First(&'a Progress<'a>),
    /// The first candidate is finished, and is not judged yet. To break off here or later is to choose from what there is.
    FirstDone(&'a Take),
    /// The others are composed.
    Others {
        /// Candidates that are finished, the first included.
        n_done: u32,
        /// Candidates there will be.
        n: u32,
    },
}

/// Composes candidates and chooses at most `n_takes` of them; fewer only if candidates are equal, or broken off.
///
/// The first is the one to play: candidate 0, if nothing speaks against it. `judges` — a candidate's score is the mean of
/// theirs, and an objection of any is one too many. `progress` — called once a step.
///
/// The same network, task, seed, number of takes and judges give the same takes.
///
/// # Errors
///
/// As [`compose`].
pub fn audition(
    network: &Network,
    task: &Task,
    seed: u64,
    n_takes: u32,
    judges: &[Box<dyn Judge>],
    mut progress: impl FnMut(Hearing) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    if n_takes == 0 {
        return Ok(Vec::new());
    }
    let mut pool = Pool { task, judges, candidates: Vec::new() };
    let first = compose(network, task, seed, 0..1, |so_far| progress(Hearing::First(so_far)))?;
    let mut goes_on = first.first().is_some_and(|take| progress(Hearing::FirstDone(take)).is_continue());
    pool.judge(first);
    let n = n_candidates(task, n_takes);
    // The second round is for what failed in the first.
    for until in [n, n + n / 2] {
        while goes_on && pool.n() < until && !pool.has_enough(n_takes, n) {
            let batch: Range<u32> = pool.n()..until.min(pool.n() + BATCH);
            let n_done = pool.n();
            let composed =
                compose(network, task, seed, batch, |_| progress(Hearing::Others { n_done, n: until }));
            match composed {
                Ok(takes) => pool.judge(takes),
                Err(ComposeError::Cancelled) => goes_on = false,
                Err(error) => return Err(error),
            }
        }
    }
    Ok(pool.choose(n_takes))
}

/// How many candidates there are for `n_takes` takes of `task`, before any is drawn again.
pub fn n_candidates(task: &Task, n_takes: u32) -> u32 {
    // What is steered is composed twice.
    let n_drafts = if asks(task) { 2 } else { 1 };
    let n_cells = u32::try_from(task.compose.len()).unwrap_or(u32::MAX).saturating_mul(n_drafts).max(1);
    let most = n_takes.saturating_mul(PER_TAKE);
    (CELLS / n_cells).clamp((n_takes + n_takes / 2).min(most), most)
}

/// Candidates that are finished and judged.
struct Pool<'a> {
    task: &'a Task,
    judges: &'a [Box<dyn Judge>],
    candidates: Vec<Candidate>,
}

struct Candidate {
    take: Take,
    shape: Shape,
    score: f64,
}

impl Candidate {
    fn passes(&self) -> bool {
        self.take.remarks.is_empty()
    }
}

impl Pool<'_> {
    fn n(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// Whether no more need be drawn: of one take, one that passes; of several, as many of the first `n`.
    fn has_enough(&self, n_takes: u32, n: u32) -> bool {
        let n_passing = self.candidates.iter().filter(|candidate| candidate.passes()).count();
        let is_enough = u32::try_from(n_passing).is_ok_and(|n_passing| n_passing >= n_takes);
        is_enough && (n_takes == 1 || self.n() >= n)
    }

    fn judge(&mut self, takes: Vec<Take>) {
        let parts = composed_parts(self.task);
        for take in takes {
            let (mut score, mut n_judges) = (0.0, 0.0);
            let mut remarks = Vec::new();
            for judge in self.judges {
                let judgement = judge.judge(self.task, &take.phrase);
                score += judgement.score;
                n_judges += 1.0;
                remarks.extend(judgement.objections);
            }
            let shape = Shape::of(&take.phrase, &parts);
            let score = if n_judges > 0.0 { score / n_judges } else { 0.0 };
            self.candidates.push(Candidate { take: Take { remarks, ..take }, shape, score });
        }
    }

    /// The takes, the one to play first.
    fn choose(mut self, n_takes: u32) -> Vec<Take> {
        // What passes before what fails, and candidate 0 before all if it passes; then by score.
        let rank = |candidate: &Candidate| {
            (!candidate.passes(), candidate.passes() && candidate.take.receipt.take != 0)
        };
        self.candidates
            .sort_by(|one, other| rank(one).cmp(&rank(other)).then(other.score.total_cmp(&one.score)));
        let n_takes = usize::try_from(n_takes).unwrap_or(usize::MAX);
        let (mut passing, failing): (Vec<Candidate>, Vec<Candidate>) =
            self.candidates.into_iter().partition(Candidate::passes);
        let mut chosen: Vec<Candidate> = Vec::new();
        if !passing.is_empty() {
            chosen.push(passing.remove(0));
        }
        while chosen.len() < n_takes && !passing.is_empty() {
            let nearness: Vec<f64> =
                passing.iter().map(|candidate| distance_to(&chosen, candidate)).collect();
            let furthest = (0..passing.len())
                .max_by(|one, other| nearness[*one].total_cmp(&nearness[*other]).then(other.cmp(one)));
            let candidate = passing.swap_remove(furthest.unwrap_or(0));
            if distance_to(&chosen, &candidate) <= f64::EPSILON {
                // The furthest is a copy, and so are all others.
                break;
            }
            chosen.push(candidate);
        }
        for candidate in failing {
            if chosen.len() < n_takes
                && (chosen.is_empty() || distance_to(&chosen, &candidate) > f64::EPSILON)
            {
                chosen.push(candidate);
            }
        }
        chosen.into_iter().map(|candidate| candidate.take).collect()
    }
}

/// Distance of `candidate` to the nearest of `chosen`.
fn distance_to(chosen: &[Candidate], candidate: &Candidate) -> f64 {
    chosen.iter().map(|other| other.shape.distance(&candidate.shape)).fold(1.0, f64::min)
}
