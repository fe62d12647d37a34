//! Whether a candidate is another idea than those that were shown before.

use super::audition::{Judge, Judgement};
use crate::music::analysis::Shape;
use crate::music::quality::References;
use crate::music::{Frame, Part, Phrase};
use crate::session::{Take, Task, TaskKind};

/// Fewest bars of a phrase that can be told from all others.
const FEWEST_BARS: u32 = 4;

/// The takes there are, as a judge of new ones: it objects to what is nearer to one of them than one in twenty pairs of
/// real phrases of the style and parts are to each other ([`Usual::apart`](crate::music::quality::Usual::apart)), and keeps
/// the new ones as far apart.
#[derive(Debug)]
pub struct Novelty {
    earlier: Vec<Earlier>,
    /// By style and parts of the task; 0 where phrases may be alike.
    limit: f64,
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
        let limit = if is_phrase { usual.apart(parts.iter().copied()) } else { 0.0 };
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
        Self { earlier, limit }
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
}

/// The parts that `task` composes, in stream order.
pub(super) fn composed_parts(task: &Task) -> Vec<Part> {
    Part::ALL.into_iter().filter(|part| task.compose.iter().any(|cell| cell.part == *part)).collect()
}
