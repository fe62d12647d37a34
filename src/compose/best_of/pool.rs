//! Candidates that are finished, and which of them become takes.

use super::candidate::Candidate;
use crate::compose::judge::Judge;
use crate::session::{Take, Task};

/// Candidates that pass, the likeliest, of which each take is one: of all that differ most would often be what is oddest.
const OPEN_PER_TAKE: usize = 2;

/// What candidate 0 is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    /// One of many.
    Judged,
    /// The first take, whatever the judges say.
    Stands,
}

/// Candidates that are finished and judged.
pub struct Pool<'a> {
    pub task: &'a Task,
    pub judges: &'a [Box<dyn Judge>],
    first: First,
    pub candidates: Vec<Candidate>,
    /// Two takes lie further apart than this.
    pub least_distance: f64,
}

impl<'a> Pool<'a> {
    pub fn new(task: &'a Task, judges: &'a [Box<dyn Judge>], first: First) -> Self {
        // Not even copies of each other.
        let least_distance = judges.iter().map(|judge| judge.least_distance()).fold(f64::EPSILON, f64::max);
        Self { task, judges, first, candidates: Vec::new(), least_distance }
    }

    pub fn n(&self) -> u32 {
        u32::try_from(self.candidates.len()).unwrap_or(u32::MAX)
    }

    /// Whether no more need be drawn: of one take, unless those that pass are ranked, one that passes; else as many that pass and
    /// differ of the first `n`.
    pub fn has_enough(&self, n_takes: u32, n: u32) -> bool {
        let n_wanted = usize::try_from(n_takes).unwrap_or(usize::MAX);
        let is_ranked = self.first == First::Judged && self.ranks();
        let is_settled = n_takes == 1 && !is_ranked;
        (is_settled || self.n() >= n) && self.different(n_wanted).len() >= n_wanted
    }

    pub fn judge(&mut self, takes: Vec<Take>) {
        let judged = takes.into_iter().map(|take| Candidate::judged(self.task, self.judges, take));
        self.candidates.extend(judged);
    }

    /// Whether any judge says which of those that pass comes first.
    pub fn ranks(&self) -> bool {
        self.judges.iter().any(|judge| judge.ranks())
    }

    /// Whether it is a take whatever the judges say.
    pub fn stands(&self, candidate: &Candidate) -> bool {
        self.first == First::Stands && candidate.take.receipt.take == 0
    }

    /// The takes, the one to play first.
    pub fn choose(&self, n_takes: u32) -> Vec<Candidate> {
        let n_takes = usize::try_from(n_takes).unwrap_or(usize::MAX);
        let mut chosen = self.different(n_takes);
        let may_fill = |candidate: &&Candidate| !candidate.passes() && !self.stands(candidate);
        let mut failing: Vec<&Candidate> = self.candidates.iter().filter(may_fill).collect();
        failing.sort_by(|one, other| {
            one.is_refused.cmp(&other.is_refused).then(other.score.total_cmp(&one.score))
        });
        for candidate in failing {
            let is_better_than_nothing = chosen.is_empty();
            let is_another =
                !candidate.is_refused && candidate.distance_to(chosen.iter().copied()) > self.least_distance;
            if chosen.len() < n_takes && (is_better_than_nothing || is_another) {
                chosen.push(candidate);
            }
        }
        chosen.into_iter().cloned().collect()
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
            .map(|candidate| (candidate.distance_to(chosen.iter().copied()), candidate))
            .collect();
        while chosen.len() < n_most {
            let furthest = open.iter().max_by(|one, other| one.0.total_cmp(&other.0)).copied();
            if let Some((_, next)) = furthest.filter(|(distance, _)| *distance > self.least_distance) {
                chosen.push(next);
                for (distance, candidate) in &mut open {
                    *distance = distance.min(next.shape.distance(&candidate.shape));
                }
            } else if let Some(candidate) = ranked.next() {
                open.push((candidate.distance_to(chosen.iter().copied()), candidate));
            } else {
                break;
            }
        }
        chosen
    }
}
