//! Judges: who may object to composed phrases, and their judgements.

use crate::music::Phrase;
use crate::session::{TakeTargets, Task};

/// Judges candidates.
pub trait Judge {
    /// Judges what `task` composed of `phrase`.
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement;

    /// Whether its objections are final: a candidate it objects to is never a take, even if too few others are left.
    fn is_strict(&self) -> bool {
        false
    }

    /// Whether it ranks the candidates that pass, by [`Judgement::log_chance`].
    fn ranks(&self) -> bool {
        false
    }

    /// The least distance ([`Shape::distance`](crate::music::analysis::Shape::distance)) between any two takes,
    /// `0.0..=1.0`.
    fn least_distance(&self) -> f64 {
        0.0
    }

    /// Targets for candidate `take` of `seed`, in addition to what `task` asks.
    fn suggest(&self, _task: &Task, _seed: u64, _take: u32) -> TakeTargets {
        TakeTargets::default()
    }
}

/// The judgement of a candidate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// Quality relative to other candidates with objections, `0.0..=1.0`.
    pub score: f64,
    /// Objections, in words such as "frozen bass in bars 3-6"; a candidate without any passes.
    pub objections: Vec<String>,
    /// Log-probability that the phrase is by people, if known: of those that pass, the candidate with the highest sum
    /// over judges is first.
    pub log_chance: f64,
}
