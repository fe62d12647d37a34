//! Novelty: keeps takes different from earlier takes and from each other.

use super::judge::{Judge, Judgement};
use crate::model::DrawKey;
use crate::music::analysis::Shape;
use crate::music::measure::{PartControl, PartMeasures};
use crate::music::quality::{N_COMPARED_BARS, References, Usual};
use crate::music::{Frame, Part, Phrase};
use crate::session::{Idea, Take, TakeTargets, Task, TaskKind};

/// Fewest bars of a phrase that can differ from all others.
const FEWEST_BARS: u32 = 4;

/// Largest probability that a control of a candidate has a target; most candidates have fewer, since a part with many
/// targets loses its own figures.
const MOST_IDEAS: f64 = 0.6;

/// The controls that get targets. Register is left out, since a line moved elsewhere would get there by an unnatural
/// leap.
const SUGGESTED: [PartControl; 5] = [
    PartControl::Density,
    PartControl::Syncopation,
    PartControl::Polyphony,
    PartControl::Leaps,
    PartControl::Rests,
];

/// A judge of new takes by earlier ones. It objects to a candidate that is closer to an earlier take than one in twenty
/// pairs of real phrases of the style and parts are to each other ([`Usual::nearest`]), and keeps new takes as far
/// apart. To get such takes, it suggests to each candidate some controls of a real phrase of the style.
#[derive(Debug)]
pub struct Novelty {
    earlier: Vec<Earlier>,
    /// The least distance, by style and parts of the task; 0 where phrases may be alike.
    limit: f64,
    /// Measures of real phrases of the style, indexed by `[part_idx][phrase_idx]`; empty where phrases may be alike.
    examples: [Vec<PartMeasures>; 5],
}

#[derive(Debug)]
struct Earlier {
    /// Its number for users.
    number: u64,
    frame: Frame,
    shape: Shape,
}

impl Novelty {
    /// A judge of candidates of `task`.
    ///
    /// `earlier` — takes with their numbers. Only new phrases with the same cells are compared: one that continues or
    /// varies another is meant to share much with it.
    pub fn new<'a>(
        references: &References,
        task: &Task,
        earlier: impl IntoIterator<Item = (u64, &'a Take)>,
    ) -> Self {
        let parts = composed_parts(task);
        let is_phrase = task.kind == TaskKind::Generate && task.base.frame().n_bars >= FEWEST_BARS;
        let usual = references.usual(task.controls.style.map(|style| style.name()));
        let nearest =
            |usual: Usual<'_>| usual.nearest(parts.iter().copied()).map_or(0.0, |near| near.distance);
        let (of_style, of_all) = (nearest(usual), nearest(references.usual(None)));
        let limit = match task.base.frame().n_bars {
            _ if !is_phrase => 0.0,
            // Real phrases were compared over eight bars; shorter ones differ less.
            n_bars if n_bars < N_COMPARED_BARS => of_style.min(of_all),
            _ => of_style,
        };
        let examples = Part::ALL.map(|part| {
            let is_wanted = is_phrase && parts.contains(&part);
            if is_wanted { usual.measures(part).collect() } else { Vec::new() }
        });
        let is_comparable = |other: &Task| {
            [task.kind, other.kind] == [TaskKind::Generate; 2] && task.compose == other.compose
        };
        let is_phrase = |take: &Take| take.receipt.song.is_none() && is_comparable(&take.receipt.task);
        let comparable = earlier.into_iter().filter(|(_, take)| is_phrase(take));
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
        Judgement { score: 1.0, objections: objections.into_iter().collect(), ..Judgement::default() }
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn least_distance(&self) -> f64 {
        self.limit
    }

    /// For each part, the measures of a real phrase of the style for some controls, so that takes differ as real
    /// phrases do. If a mood is asked, density and syncopation follow from it and get no targets.
    fn suggest(&self, task: &Task, seed: u64, take: u32) -> TakeTargets {
        let asks_mood = task.controls.valence.is_some() || task.controls.arousal.is_some();
        let goes_with_mood = [PartControl::Density, PartControl::Syncopation];
        let open = SUGGESTED.into_iter().filter(|control| !(asks_mood && goes_with_mood.contains(control)));
        let open: Vec<PartControl> = open.collect();
        // No phrase has so many steps that its notes use these draws; the targets of each part are independent.
        let draw = |part: Part, slot: usize| {
            let step = u64::MAX - u64::try_from(part.index()).unwrap_or(0);
            DrawKey { seed, take, step, slot: u32::try_from(slot).unwrap_or(u32::MAX) }.uniform()
        };
        let share = MOST_IDEAS * draw(Part::Drums, BOLDNESS_SLOT).powi(2);
        let of_part = |part: Part| {
            let example = pick(&self.examples[part.index()], draw(part, EXAMPLE_SLOT));
            let has_idea = move |control: &PartControl| draw(part, control.index()) < share;
            let idea = move |control: PartControl| {
                example.map(|example| Idea { part, control, value: example.get(control) })
            };
            open.iter().copied().filter(has_idea).filter_map(idea).collect::<Vec<_>>()
        };
        Part::ALL.into_iter().flat_map(of_part).collect()
    }
}

/// Draws of a take and of a part that belong to no control.
const BOLDNESS_SLOT: usize = 100;
const EXAMPLE_SLOT: usize = 101;

/// The item at `place`, `0.0..1.0`, of `items`.
fn pick<T>(items: &[T], place: f64) -> Option<&T> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a short list"
    )]
    let idx = (place * items.len() as f64) as usize;
    items.get(idx)
}

/// The parts that `task` composes, in stream order.
pub(super) fn composed_parts(task: &Task) -> Vec<Part> {
    Part::ALL.into_iter().filter(|part| task.compose.iter().any(|cell| cell.part == *part)).collect()
}
