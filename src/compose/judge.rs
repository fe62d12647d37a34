//! Who may object to what was composed, and what is said of it.

use crate::music::Phrase;
use crate::session::{TakeTargets, Task};

/// Who may object to a candidate.
pub trait Judge {
    /// What there is to say of what `task` composed of `phrase`.
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement;

    /// Whether its word is the last: what it objects to is no take, even if there are too few others.
    fn is_strict(&self) -> bool {
        false
    }

    /// Whether it says of those that pass which comes first ([`Judgement::log_chance`]).
    fn ranks(&self) -> bool {
        false
    }

    /// The distance ([`Shape::distance`](crate::music::analysis::Shape::distance)) that any two takes must lie apart, `0.0..=1.0`.
    fn least_distance(&self) -> f64 {
        0.0
    }

    /// What candidate `take` of `seed` may aim at beside what `task` asks.
    fn suggest(&self, _task: &Task, _seed: u64, _take: u32) -> TakeTargets {
        TakeTargets::default()
    }
}

/// What a judge says of a candidate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Judgement {
    /// How good it is beside others that are objected to as well, `0.0..=1.0`.
    pub score: f64,
    /// What there is against it, in words such as "frozen bass in bars 3-6"; with none it passes.
    pub objections: Vec<String>,
    /// Logarithm of the chance that people made it, as far as is known: of those that pass the one with the highest sum comes
    /// first.
    pub log_chance: f64,
}
