//! Records the user's steps, and undoes and redoes them.
//!
//! Undo sets parameters through the host, as the user would, and only those that the step changed, so that others may be
//! automated meanwhile. Takes are restored in the shared state, and the worker sends the current one to the player.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use nice_plug::prelude::Param;

use super::super::standalone;
use super::super::strokes::{Changes, Stroke, changes};
use super::super::words_to_params::Edits;
use super::App;
use crate::params::{ParamId, ParamVisitor};
use crate::session::{Change, Choice, HistoryStep};
use crate::worker::{Request, Stage, Travelled};

/// Time for which a parameter counts as set although the host has not applied the change yet.
const COMING: Duration = Duration::from_millis(500);

/// The most characters of a text in the name of a step.
const MAX_NAME_CHARS: usize = 40;

/// The name of the step that undo takes back while a phrase is being composed.
pub(super) const UNDER_WAY: &str = "the phrase under way";

/// The direction: undo or redo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    Forth,
}

impl Direction {
    fn end_of<T>(self, change: Change<T>) -> T {
        match self {
            Self::Back => change.from,
            Self::Forth => change.to,
        }
    }
}

impl App {
    /// The place of `id`, or its new place if the host has not applied that yet.
    pub(super) fn place(&self, id: ParamId) -> f32 {
        let coming = self.coming.get(&id).filter(|(_, since)| since.elapsed() < COMING);
        coming.map_or_else(|| self.surroundings.params.setting(id).normalized, |(place, _)| *place)
    }

    /// Ends a frame: records a stroke that is complete as a step.
    pub(super) fn record_strokes(&mut self) {
        let params = &self.surroundings.params;
        let is_switch = |id| params.setting(id).n_steps == Some(1);
        let Some(Stroke { mut changes, run }) = self.strokes.finish_frame(Instant::now(), is_switch) else {
            return;
        };
        changes.retain(|id, _| !id.is_command());
        if changes.is_empty() {
            return self.strokes.interrupt();
        }
        let alone = self.step_of(&changes);
        let run = run.map(|run| self.step_of(&run));
        let before = std::mem::take(&mut self.last_stroke);
        self.last_stroke.clone_from(&run.as_ref().unwrap_or(&alone).name);
        self.surroundings.shared.record(|project| {
            let goes_on = run.is_some_and(|run| project.record_instead(&before, run));
            if !goes_on {
                project.record(alone);
            }
        });
    }

    fn step_of(&self, changes: &Changes) -> HistoryStep {
        HistoryStep { name: self.name_of(changes), settings: self.by_name(changes), ..HistoryStep::default() }
    }

    /// Sets `edits` through the host and records them as a step called `name`, together with the other changes in `step`.
    pub(super) fn set_as_step(&mut self, edits: &Edits, name: String, step: HistoryStep) {
        let changes = changes(edits, |id| self.place(id));
        let settings = self.by_name(&changes);
        for (id, place) in edits {
            self.set_at_once(*id, *place);
        }
        self.strokes.interrupt();
        self.surroundings.shared.record(|project| project.record(HistoryStep { name, settings, ..step }));
    }

    /// Undoes the last step. A phrase that is still being composed is the last step: it is cancelled.
    pub(super) fn undo(&mut self) {
        self.travel(Direction::Back);
    }

    /// Redoes the step undone last.
    pub(super) fn redo(&mut self) {
        self.travel(Direction::Forth);
    }

    fn travel(&mut self, direction: Direction) {
        let shared = &self.surroundings.shared;
        let stage = shared.status().stage;
        if direction == Direction::Back && is_under_way(stage) {
            self.awaited = None;
            self.surroundings.requests.send(Request::Cancel);
            return self.tell(Ok(format!("undone: {UNDER_WAY}")));
        }
        let travelled = match direction {
            Direction::Back => shared.undo(),
            Direction::Forth => shared.redo(),
        };
        let Some(Travelled { step, is_other_chosen }) = travelled else { return };
        self.strokes.interrupt();
        self.tempo_asked = None;
        let by_id = self.surroundings.params.by_id();
        for (name, change) in &step.settings {
            if let Some(id) = by_id.get(name) {
                self.set_at_once(*id, direction.end_of(*change));
            }
        }
        if is_other_chosen {
            self.surroundings.requests.send(Request::Select(Choice::Chosen));
        } else if direction == Direction::Back
            && !step.moves_takes()
            && step.words.is_some()
            && step.preset.is_none()
            && (stage != Stage::Idle || self.awaited.is_some())
        {
            // The phrase that the words ask for is not wanted any more either.
            self.awaited = None;
            self.surroundings.requests.send(Request::Cancel);
        }
        let name = step_name(&step);
        self.tell(Ok(match direction {
            Direction::Back => format!("undone: {name}"),
            Direction::Forth => format!("done again: {name}"),
        }));
    }

    /// `changes` by the parameters' ids in the host.
    fn by_name(&self, changes: &Changes) -> BTreeMap<String, Change<f32>> {
        let by_id = self.surroundings.params.by_id();
        by_id.into_iter().filter_map(|(name, id)| Some((name, *changes.get(&id)?))).collect()
    }

    /// `changes` in words.
    fn name_of(&self, changes: &Changes) -> String {
        let is_mood = changes.len() == 2 && changes.contains_key(&ParamId::Valence);
        if is_mood && changes.contains_key(&ParamId::Arousal) {
            return "mood".to_owned();
        }
        let is_standalone = self.surroundings.is_standalone();
        let texts = changes.iter().map(|(id, change)| {
            self.surroundings.params.visit(*id, ChangeText { id: *id, change: *change, is_standalone })
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}

/// The name of a step.
pub(super) fn step_name(step: &HistoryStep) -> String {
    if step.name.is_empty() { "a change of the takes".to_owned() } else { step.name.clone() }
}

/// The name of the step of applying the words `text`.
pub(super) fn name_of_words(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(MAX_NAME_CHARS).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("words “{short}”")
}

/// Whether a phrase was asked for and is not finished yet.
pub(super) const fn is_under_way(stage: Stage) -> bool {
    matches!(stage, Stage::Composing { .. } | Stage::Waiting)
}

/// Visitor that puts a change into words: "Density 38 % → 22 %", for a switch "Drums mute: On".
struct ChangeText {
    id: ParamId,
    change: Change<f32>,
    is_standalone: bool,
}

impl ParamVisitor for ChangeText {
    type Output = String;

    fn visit<P: Param>(self, param: &P) -> String {
        let text = |place| {
            let mut text = param.normalized_value_to_string(place, true);
            if self.is_standalone {
                standalone::name_jack(std::iter::once((self.id, &mut text)));
            }
            text
        };
        let Change { from, to } = self.change;
        match param.step_count() {
            Some(1) => format!("{}: {}", param.name(), text(to)),
            _ => format!("{} {} → {}", param.name(), text(from), text(to)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::params::{DescantParams, PartParam};

    #[test]
    fn a_step_is_named_by_what_it_changed() {
        let params = DescantParams::new(Arc::default());
        let part = |id| ParamId::Part(crate::music::Part::Drums, id);
        for (id, from, to, expected) in [
            (ParamId::Density, 39.0 / 101.0, 23.0 / 101.0, "Density 38 % → 22 %"),
            (ParamId::Density, 0.0, 23.0 / 101.0, "Density Auto → 22 %"),
            (ParamId::Bars, 7.0 / 15.0, 0.0, "Bars 8 bars → 1 bar"),
            (part(PartParam::Mute), 0.0, 1.0, "Drums mute: On"),
            (ParamId::PlayMode, 0.0, 1.0, "Play mode Host → Free"),
        ] {
            let change = Change { from, to };
            assert_eq!(params.visit(id, ChangeText { id, change, is_standalone: false }), expected);
            let in_standalone = params.visit(id, ChangeText { id, change, is_standalone: true });
            assert_eq!(in_standalone, expected.replace("Host", "JACK"));
        }
        assert_eq!(name_of_words(" dark lo-fi "), "words “dark lo-fi”");
        assert!(name_of_words(&"ä".repeat(90)).chars().count() < 50);
    }
}
