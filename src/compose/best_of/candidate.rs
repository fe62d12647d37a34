//! One candidate, judged.

use crate::compose::judge::Judge;
use crate::compose::novelty::composed_parts;
use crate::music::analysis::Shape;
use crate::session::{Take, Task};

/// A take and what the judges say of it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub take: Take,
    pub shape: Shape,
    /// The mean of the judges' scores.
    pub score: f64,
    /// Logarithm of the chance that people made it.
    pub log_chance: f64,
    /// Whether a strict judge objects.
    pub is_refused: bool,
}

impl Candidate {
    /// Judges `take` of `task`; its remarks become what `judges` object to.
    pub fn judged(task: &Task, judges: &[Box<dyn Judge>], take: Take) -> Self {
        let (mut score, mut n_judges, mut log_chance, mut is_refused) = (0.0, 0.0, 0.0, false);
        let mut remarks = Vec::new();
        for judge in judges {
            let judgement = judge.judge(task, &take.phrase);
            score += judgement.score;
            log_chance += judgement.log_chance;
            n_judges += 1.0;
            is_refused |= judge.is_strict() && !judgement.objections.is_empty();
            remarks.extend(judgement.objections);
        }
        let shape = Shape::of(&take.phrase, &composed_parts(task));
        let score = if n_judges > 0.0 { score / n_judges } else { 0.0 };
        Self { take: Take { remarks, ..take }, shape, score, log_chance, is_refused }
    }

    pub fn passes(&self) -> bool {
        self.take.remarks.is_empty()
    }

    /// Distance to the nearest of `others`, `1.0` if there are none.
    pub fn distance_to<'a>(&self, others: impl IntoIterator<Item = &'a Self>) -> f64 {
        others.into_iter().map(|other| other.shape.distance(&self.shape)).fold(1.0, f64::min)
    }
}
