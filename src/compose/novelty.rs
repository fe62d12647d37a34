//! Whether a candidate is another idea than those that were shown before, and what makes it another.

use super::audition::{Judge, Judgement};
use crate::model::DrawKey;
use crate::music::analysis::Shape;
use crate::music::measure::{PartControl, PartMeasures};
use crate::music::quality::References;
use crate::music::{Frame, Part, Phrase};
use crate::session::{Idea, Ideas, Take, Task, TaskKind};

/// Fewest bars of a phrase that can be told from all others.
const FEWEST_BARS: u32 = 4;

/// Share of the controls that the candidate with most ideas has one of; most have few, since a part of which much is
/// asked loses its own figures.
const MOST_IDEAS: f64 = 0.6;

/// The takes there are, as a judge of new ones: it objects to what is nearer to one of them than one in twenty pairs of
/// real phrases of the style and parts are to each other ([`Usual::nearest`](crate::music::quality::Usual::nearest)), and
/// keeps the new ones as far apart. So that there are such, it suggests to each candidate some of what a real phrase of the
/// style has.
#[derive(Debug)]
pub struct Novelty {
    earlier: Vec<Earlier>,
    /// By style and parts of the task; 0 where phrases may be alike.
    limit: f64,
    /// What real phrases of the style have of each control, indexed by `[part_idx][phrase_idx]`; nothing where phrases may
    /// be alike.
    examples: [Vec<PartMeasures>; 5],
}

#[derive(Debug)]
struct Earlier {
    /// What people call it.
    number: u64,
    frame: Frame,
    shape: Shape,
}

impl Novelty {
    /// For candidates of `task`.
    ///
    /// `earlier` — takes with their numbers. Only phrases from nothing are compared, in the same cells: who adds bars to a
    /// phrase or varies it hears much of it again, and wants to.
    pub fn new<'a>(
        references: &References,
        task: &Task,
        earlier: impl IntoIterator<Item = (u64, &'a Take)>,
    ) -> Self {
        let parts = composed_parts(task);
        let is_phrase = task.kind == TaskKind::Generate && task.base.frame().n_bars >= FEWEST_BARS;
        let usual = references.usual(task.controls.style.map(|style| style.name()));
        let limit = if is_phrase { usual.nearest(parts.iter().copied()) } else { 0.0 };
        let examples = Part::ALL.map(|part| {
            let is_wanted = is_phrase && parts.contains(&part);
            if is_wanted { usual.measures(part).collect() } else { Vec::new() }
        });
        let is_comparable = |other: &Task| {
            [task.kind, other.kind] == [TaskKind::Generate; 2] && task.compose == other.compose
        };
        let comparable = earlier.into_iter().filter(|(_, take)| is_comparable(&take.receipt.task));
        let earlier = comparable
            .map(|(number, take)| Earlier {
                number,
                frame: *take.receipt.task.base.frame(),
                shape: Shape::of(&take.phrase, &parts),
            })
            .collect();
        Self { earlier, limit, examples }
    }
}

impl Judge for Novelty {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        let shape = Shape::of(phrase, &composed_parts(task));
        let same_meter = self.earlier.iter().filter(|earlier| earlier.frame.meter == phrase.frame().meter);
        let nearest = same_meter
            .map(|earlier| (earlier.number, earlier.shape.distance(&shape)))
            .min_by(|one, other| one.1.total_cmp(&other.1));
        let is_near = |(number, distance): (u64, f64)| (distance < self.limit).then_some(number);
        let objections = nearest.and_then(is_near).map(|number| format!("much like take {number}"));
        Judgement { score: 1.0, objections: objections.into_iter().collect() }
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn least_distance(&self) -> f64 {
        self.limit
    }

    /// Of each part what a real phrase of the style has of some controls, so that takes differ as real phrases do.
    fn suggest(&self, _task: &Task, seed: u64, take: u32) -> Ideas {
        let mut dice = Dice { seed, take, n_thrown: 0 };
        let mut ideas = Vec::new();
        let share = MOST_IDEAS * dice.throw().powi(2);
        for part in Part::ALL {
            let Some(measures) = dice.pick(&self.examples[part.index()]) else { continue };
            for control in PartControl::ALL {
                if dice.throw() < share {
                    ideas.push(Idea { part, control, value: measures.get(control) });
                }
            }
        }
        ideas.into_iter().collect()
    }
}

/// Random numbers of a candidate that its notes do not hang on.
struct Dice {
    seed: u64,
    take: u32,
    n_thrown: u64,
}

impl Dice {
    /// `0.0..1.0`.
    fn throw(&mut self) -> f64 {
        self.n_thrown += 1;
        // No phrase has so many steps that its draws come here.
        let step = u64::MAX - self.n_thrown;
        DrawKey { seed: self.seed, take: self.take, step, slot: 0 }.uniform()
    }

    fn pick<'a, T>(&mut self, some: &'a [T]) -> Option<&'a T> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a place in a short list"
        )]
        let idx = (self.throw() * some.len() as f64) as usize;
        some.get(idx)
    }
}

/// The parts that `task` composes, in stream order.
pub(super) fn composed_parts(task: &Task) -> Vec<Part> {
    Part::ALL.into_iter().filter(|part| task.compose.iter().any(|cell| cell.part == *part)).collect()
}
