//! Groups the user's changes of parameters into undoable steps: one drag is one step, and so is a run of nudges of the same
//! control.
//!
//! A stroke is all changes from the moment a parameter is held to the moment none is. The module works on places in a
//! range, `0.0..=1.0`, and does not access the parameters.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::params::ParamId;
use crate::session::Change;

/// Nudges that follow each other faster than this are one step.
const RUN: Duration = Duration::from_millis(700);

/// Two places in a range that lie closer are the same.
const SAME_PLACE: f32 = 1e-4;

/// The parameters that a step changed, with their places before and after.
pub type Changes = BTreeMap<ParamId, Change<f32>>;

/// A complete stroke.
#[derive(Debug, Clone, PartialEq)]
pub struct Stroke {
    /// Its changes.
    pub changes: Changes,
    /// If it continues the previous stroke, the changes of both together: empty if they cancel out. The step of the
    /// previous stroke is then replaced.
    pub run: Option<Changes>,
}

/// Collects the strokes of the user.
#[derive(Debug, Default)]
pub struct Strokes {
    held: BTreeSet<ParamId>,
    /// The changes since no parameter was held.
    open: Changes,
    /// Whether `open` began before this frame.
    is_long: bool,
    /// The last stroke, if it began and ended in one frame, and when it ended.
    nudged: Option<(Changes, Instant)>,
}

impl Strokes {
    /// Begins a change of `id`, which is at `place`.
    pub fn begin(&mut self, id: ParamId, place: f32) {
        self.held.insert(id);
        self.open.entry(id).or_insert(Change { from: place, to: place });
    }

    /// Moves `id`, whose change has begun, to `place`.
    pub fn move_to(&mut self, id: ParamId, place: f32) {
        if let Some(change) = self.open.get_mut(&id) {
            change.to = place;
        }
    }

    /// Ends the change of `id`.
    pub fn end(&mut self, id: ParamId) {
        self.held.remove(&id);
    }

    /// Discards every stroke, finished or not; returns the parameters that were held.
    pub fn drop_all(&mut self) -> BTreeSet<ParamId> {
        std::mem::take(self).held
    }

    /// Notes that another step was done, so that the next nudge does not continue the last one.
    pub fn interrupt(&mut self) {
        self.nudged = None;
    }

    /// Ends a frame: returns the stroke that is complete, if one is. A stroke of a parameter for which `is_switch` holds
    /// never continues another.
    pub fn finish_frame(&mut self, now: Instant, is_switch: impl Fn(ParamId) -> bool) -> Option<Stroke> {
        if !self.held.is_empty() {
            self.is_long = true;
            return None;
        }
        let was_long = std::mem::take(&mut self.is_long);
        let mut changes = std::mem::take(&mut self.open);
        changes.retain(|_, change| (change.from - change.to).abs() > SAME_PLACE);
        if changes.is_empty() {
            return None;
        }
        let nudged = self.nudged.take().filter(|(before, at)| {
            !was_long && now.duration_since(*at) < RUN && before.keys().eq(changes.keys())
        });
        let mut run = nudged.map(|(before, _)| {
            let both = |(id, change): (&ParamId, &Change<f32>)| {
                (*id, Change { from: before.get(id).map_or(change.from, |before| before.from), ..*change })
            };
            changes.iter().map(both).collect::<Changes>()
        });
        if !was_long && !changes.keys().any(|id| is_switch(*id)) {
            self.nudged = Some((run.clone().unwrap_or_else(|| changes.clone()), now));
        }
        if let Some(run) = &mut run {
            run.retain(|_, change| (change.from - change.to).abs() > SAME_PLACE);
        }
        Some(Stroke { changes, run })
    }
}

/// The changes that `edits` make, where `place` gives the current place of a parameter.
pub fn changes(edits: &[(ParamId, f32)], place: impl Fn(ParamId) -> f32) -> Changes {
    let changes = edits.iter().map(|(id, to)| (*id, Change { from: place(*id), to: *to }));
    changes.filter(|(_, change)| (change.from - change.to).abs() > SAME_PLACE).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DENSITY: ParamId = ParamId::Density;
    const SWING: ParamId = ParamId::Swing;

    fn nudge(strokes: &mut Strokes, id: ParamId, from: f32, to: f32, at: Instant) -> Option<Stroke> {
        strokes.begin(id, from);
        strokes.move_to(id, to);
        strokes.end(id);
        strokes.finish_frame(at, |id| id == ParamId::Follow)
    }

    fn stroke(id: ParamId, from: f32, to: f32) -> Option<Stroke> {
        Some(Stroke { changes: [(id, Change { from, to })].into(), run: None })
    }

    /// One that goes on from a stroke that began at `first`.
    fn on(id: ParamId, first: f32, from: f32, to: f32) -> Option<Stroke> {
        let run = Some([(id, Change { from: first, to })].into());
        Some(Stroke { changes: [(id, Change { from, to })].into(), run })
    }

    #[test]
    fn a_drag_over_many_frames_is_one_stroke() {
        let (mut strokes, now) = (Strokes::default(), Instant::now());
        strokes.begin(DENSITY, 0.38);
        for place in [0.36, 0.3, 0.22] {
            assert_eq!(strokes.finish_frame(now, |_| false), None);
            strokes.move_to(DENSITY, place);
        }
        strokes.end(DENSITY);
        assert_eq!(strokes.finish_frame(now, |_| false), stroke(DENSITY, 0.38, 0.22));
        assert_eq!(strokes.finish_frame(now, |_| false), None);
        // There and back again is nothing.
        strokes.begin(DENSITY, 0.22);
        strokes.move_to(DENSITY, 0.9);
        assert_eq!(strokes.finish_frame(now, |_| false), None);
        strokes.move_to(DENSITY, 0.22);
        strokes.end(DENSITY);
        assert_eq!(strokes.finish_frame(now, |_| false), None);
    }

    #[test]
    fn two_directions_are_one_stroke() {
        let mut strokes = Strokes::default();
        for (id, from, to) in [(ParamId::Valence, 0.0, 0.5), (ParamId::Arousal, 0.2, 0.7)] {
            strokes.begin(id, from);
            strokes.move_to(id, to);
            strokes.end(id);
        }
        let stroke = strokes.finish_frame(Instant::now(), |_| false).unwrap();
        assert_eq!(stroke.changes.len(), 2);
    }

    #[test]
    fn nudges_in_a_run_are_one_step_and_others_are_not() {
        let (mut strokes, now) = (Strokes::default(), Instant::now());
        let late = now + RUN / 2;
        assert_eq!(nudge(&mut strokes, DENSITY, 0.1, 0.2, now), stroke(DENSITY, 0.1, 0.2));
        assert_eq!(nudge(&mut strokes, DENSITY, 0.2, 0.3, late), on(DENSITY, 0.1, 0.2, 0.3));
        assert_eq!(nudge(&mut strokes, SWING, 0.2, 0.3, late), stroke(SWING, 0.2, 0.3));
        assert_eq!(nudge(&mut strokes, DENSITY, 0.3, 0.4, late), stroke(DENSITY, 0.3, 0.4));
        assert_eq!(nudge(&mut strokes, DENSITY, 0.4, 0.5, late + RUN), stroke(DENSITY, 0.4, 0.5));
        strokes.interrupt();
        assert_eq!(nudge(&mut strokes, DENSITY, 0.5, 0.6, late + RUN), stroke(DENSITY, 0.5, 0.6));
        // A run that leads back is nothing, in place of what it was.
        let back = nudge(&mut strokes, DENSITY, 0.6, 0.5, late + RUN).unwrap();
        assert_eq!(back.run, Some(Changes::new()));
        // Each press of a switch is a step.
        for (from, to) in [(0.0, 1.0), (1.0, 0.0)] {
            assert_eq!(
                nudge(&mut strokes, ParamId::Follow, from, to, now),
                stroke(ParamId::Follow, from, to)
            );
        }
    }

    #[test]
    fn what_was_held_when_the_window_closed_holds_up_nothing() {
        let (mut strokes, now) = (Strokes::default(), Instant::now());
        strokes.begin(DENSITY, 0.4);
        strokes.move_to(DENSITY, 0.6);
        assert_eq!(strokes.finish_frame(now, |_| false), None);
        assert_eq!(strokes.drop_all(), BTreeSet::from([DENSITY]));
        assert_eq!(strokes.finish_frame(now, |_| false), None);
        assert_eq!(nudge(&mut strokes, SWING, 0.2, 0.3, now), stroke(SWING, 0.2, 0.3));
        assert_eq!(strokes.drop_all(), BTreeSet::new());
    }

    proptest! {
        /// Whatever a hand does, the steps lead from where each parameter was to where it is.
        #[test]
        fn strokes_lead_from_first_to_last(
            moves in prop::collection::vec((0_u8..3, 0_u8..10, 0_u8..4, 0_u64..900), 1..80),
        ) {
            let ids = [DENSITY, SWING, ParamId::Follow];
            let (mut strokes, mut now) = (Strokes::default(), Instant::now());
            let mut places = BTreeMap::from(ids.map(|id| (id, 0.0_f32)));
            let first = places.clone();
            let mut steps: Vec<Changes> = Vec::new();
            for (which, place, kind, millis) in moves {
                let (id, place) = (ids[usize::from(which)], f32::from(place) / 9.0);
                strokes.begin(id, places[&id]);
                strokes.move_to(id, place);
                places.insert(id, place);
                if kind != 0 {
                    ids.into_iter().for_each(|id| strokes.end(id));
                }
                now += Duration::from_millis(millis);
                if let Some(stroke) = strokes.finish_frame(now, |id| id == ParamId::Follow) {
                    if stroke.run.is_some() {
                        steps.pop();
                    }
                    steps.push(stroke.run.unwrap_or(stroke.changes));
                }
            }
            ids.into_iter().for_each(|id| strokes.end(id));
            steps.extend(strokes.finish_frame(now + RUN, |_| false).map(|stroke| stroke.changes));
            let mut undone = places.clone();
            for (id, change) in steps.iter().rev().flatten() {
                prop_assert!((undone[id] - change.to).abs() <= SAME_PLACE);
                undone.insert(*id, change.from);
            }
            for id in ids {
                prop_assert!((undone[&id] - first[&id]).abs() <= SAME_PLACE, "{id:?}");
            }
        }
    }
}
