//! What a project stores beside its parameters: versions, and what to do with those that cannot be read.
//!
//! # Format
//!
//! JSON: `format`, `takes`, `window`, `preset`, `history`. What a later version adds is kept and written back. A state that
//! cannot be read is refused: what was there before plays on, and what was refused is kept as it is and written back until
//! something new is composed, so that nothing of the user's is lost.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::Takes;
use super::history::History;

/// What a project stores.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Project {
    /// The takes.
    pub takes: Takes,
    /// Size of the editor's window at 100 %, in logical pixels: width and height.
    pub window: Option<(f32, f32)>,
    /// The preset that was chosen last, by name.
    pub preset: Option<String>,
    /// What can be undone.
    history: History,
    /// Fields of a later version.
    others: Map<String, Value>,
    /// What was there instead of a project that can be read, and why it cannot.
    unreadable: Option<(Value, StateError)>,
}

/// Why a stored project cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateError {
    /// Written by a later version.
    #[error(
        "this project's takes were stored by a newer Descant (format {0}); install it to use them: they are kept as \
         they are until you compose here"
    )]
    Newer(u64),
    /// Not what it should be.
    #[error("this project's takes are damaged ({0}); they are kept as they are until you compose again")]
    Damaged(String),
}

/// The fields that this version knows.
#[derive(Serialize, Deserialize)]
struct Stored {
    format: u64,
    #[serde(default)]
    takes: Takes,
    #[serde(default)]
    window: Option<(f32, f32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    preset: Option<String>,
    #[serde(default, deserialize_with = "history_if_readable", skip_serializing_if = "History::is_empty")]
    history: History,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Project {
    /// The format written by this version.
    pub const FORMAT: u64 = 1;

    /// Why what was stored cannot be used, if it cannot.
    pub fn error(&self) -> Option<&StateError> {
        self.unreadable.as_ref().map(|(_, error)| error)
    }

    /// Gives up what cannot be read: from now on the takes are what is stored.
    pub fn supersede(&mut self) {
        self.unreadable = None;
    }

    /// Puts `stored` in place of this one, which is returned. One that cannot be read is only kept, to be stored again and
    /// to say why: what is here stays.
    pub fn replace(&mut self, stored: Self) -> Self {
        if stored.unreadable.is_none() {
            return std::mem::replace(self, stored);
        }
        let before = std::mem::replace(&mut self.unreadable, stored.unreadable);
        Self { unreadable: before, ..Self::default() }
    }

    /// Does `change`; what it makes of the takes' arrangement can be undone. Takes that came in passing, one after the
    /// other, are one step.
    pub fn edit<R>(&mut self, change: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.takes.moment();
        let (was_passing, next_number) = (self.takes.is_passing(), self.takes.next_number());
        let result = change(self);
        let now = self.takes.moment();
        let goes_on = was_passing && self.takes.is_passing() && now.current >= Some(next_number);
        if now != before && !goes_on {
            self.history.record(before);
        }
        result
    }

    /// What can be undone.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// Undoes the last change of the takes' arrangement; whether there was one.
    pub fn undo(&mut self) -> bool {
        let now = self.takes.moment();
        let found = self.history.undo(now, |moment| self.takes.has(moment));
        found.iter().for_each(|moment| self.takes.arrange(moment));
        found.is_some()
    }

    /// Does again what was undone last; whether there was anything.
    pub fn redo(&mut self) -> bool {
        let now = self.takes.moment();
        let found = self.history.redo(now, |moment| self.takes.has(moment));
        found.iter().for_each(|moment| self.takes.arrange(moment));
        found.is_some()
    }

    fn read(value: Value) -> Self {
        let format = value.get("format").and_then(Value::as_u64);
        let damaged = |value, why| Self { unreadable: Some((value, why)), ..Self::default() };
        match format {
            Some(newer) if newer > Self::FORMAT => damaged(value, StateError::Newer(newer)),
            Some(_)
                if ["takes", "window"].into_iter().filter_map(|name| value.get(name)).any(is_too_large) =>
            {
                damaged(value, StateError::Damaged("it holds a number that is too large".to_owned()))
            }
            Some(_) => match Stored::deserialize(&value) {
                Ok(Stored { takes, window, preset, history, others, .. }) => {
                    Self { takes, window, preset, history, others, unreadable: None }
                }
                Err(error) => damaged(value, StateError::Damaged(error.to_string())),
            },
            None => damaged(value, StateError::Damaged("it names no format".to_owned())),
        }
    }
}

/// What can be undone is not worth refusing a project for.
fn history_if_readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<History, D::Error> {
    Ok(History::deserialize(Value::deserialize(deserializer)?).unwrap_or_default())
}

/// Whether a number in `value` would become infinite, which could not be stored again.
fn is_too_large(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_f64().is_some_and(|number| number.abs() > f64::from(f32::MAX)),
        Value::Array(values) => values.iter().any(is_too_large),
        Value::Object(fields) => fields.values().any(is_too_large),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

impl Serialize for Project {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some((value, _)) = &self.unreadable {
            return value.serialize(serializer);
        }
        let Self { takes, window, preset, history, others, .. } = self.clone();
        Stored { format: Self::FORMAT, takes, window, preset, history, others }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Project {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::read(Value::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::music::{
        Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
    };
    use crate::session::{Occasion, Receipt, Take, Task, Wishes};

    fn read(text: &str) -> Project {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn unknown_fields_survive() {
        let project = read(r#"{"format":1,"colour":"amber","window":[1200.0,800.0]}"#);
        assert_eq!(project.window, Some((1200.0, 800.0)));
        let written = serde_json::to_string(&project).unwrap();
        assert!(written.contains(r#""colour":"amber""#), "{written}");
        assert_eq!(read(&written), project);
    }

    #[test]
    fn the_preset_is_remembered_by_name() {
        let mut project = read(r#"{"format":1}"#);
        assert_eq!(project.preset, None);
        project.preset = Some("Late-night keys".to_owned());
        assert_eq!(read(&serde_json::to_string(&project).unwrap()), project);
    }

    #[test]
    fn changes_of_the_takes_are_undone_and_done_again_and_stored() {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], Wishes::default()).unwrap();
        let note = Note::new(TickInstant(0), TickDuration(240), Pitch::MIDDLE_C, 90);
        let phrase = Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], vec![note]]);
        let phrase = Arc::new(phrase.unwrap());
        let take = || Take {
            phrase: Arc::clone(&phrase),
            receipt: Receipt::new("model", 1, 0, &task),
            remarks: Vec::new(),
        };
        let mut project = Project::default();
        assert!(!project.undo() && !project.redo());
        project.edit(|project| project.takes.add(Occasion::Asked, [take(), take()]));
        project.edit(|project| project.takes.select(1));
        project.edit(|project| project.takes.put_in_slot(0, 5));
        project.edit(|project| project.takes.toggle_lock(Part::Melody, note.onset, note.pitch));
        // What changes nothing of it is no step.
        project.edit(|project| project.preset = Some("Mine".to_owned()));
        let seen = |project: &Project| {
            let takes = &project.takes;
            let is_locked = takes.current().map(|entry| entry.take.phrase.notes(Part::Melody)[0].locked);
            (takes.current_idx(), takes.in_slot(5).map(|entry| entry.number), is_locked)
        };
        let all = [
            (Some(1), Some(1), Some(true)),
            (Some(1), Some(1), Some(false)),
            (Some(1), None, Some(false)),
            (Some(0), None, Some(false)),
            (None, None, None),
        ];
        assert_eq!(seen(&project), all[0]);
        let project_then = project.clone();
        for expected in &all[1..] {
            assert!(project.undo());
            assert_eq!(seen(&project), *expected);
            project = read(&serde_json::to_string(&project).unwrap());
        }
        assert!(!project.undo());
        for expected in all[..4].iter().rev() {
            assert!(project.redo());
            assert_eq!(seen(&project), *expected);
        }
        assert!(!project.redo());
        assert_eq!(project, project_then);
        // Another change, and what was undone is gone.
        assert!(project.undo());
        project.edit(|project| project.takes.select(0));
        assert!(!project.history().can_redo());
        // A damaged history is none.
        let text = serde_json::to_string(&project).unwrap();
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["history"] = "yesterday".into();
        let read = read(&value.to_string());
        assert!(read.error().is_none() && read.history().is_empty());
        assert_eq!(read.takes, project.takes);
    }

    #[test]
    fn what_came_in_passing_is_undone_in_one_step() {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], Wishes::default()).unwrap();
        let phrase = Arc::new(Phrase::empty(frame).unwrap());
        let take = || Take {
            phrase: Arc::clone(&phrase),
            receipt: Receipt::new("model", 1, 0, &task),
            remarks: Vec::new(),
        };
        let mut project = Project::default();
        project.edit(|project| project.takes.add(Occasion::Asked, [take()]));
        project.edit(|project| project.takes.put_in_slot(0, 0));
        for _ in 0..100 {
            project.edit(|project| project.takes.add(Occasion::Passing, [take()]));
        }
        // What is put into a slot is a step of its own.
        project.edit(|project| project.takes.put_in_slot(10, 1));
        let seen = |project: &Project| {
            let current = project.takes.current().map(|entry| entry.number);
            (current, project.takes.slots().iter().flatten().count())
        };
        let mut all = vec![seen(&project)];
        while project.undo() {
            all.push(seen(&project));
        }
        assert_eq!(all, [(Some(101), 2), (Some(101), 1), (Some(1), 1), (Some(1), 0), (None, 0)]);
    }

    #[test]
    fn what_cannot_be_read_leaves_what_is_there_and_is_stored_again() {
        let good = r#"{"format":1,"takes":{"n_made":7},"preset":"Nocturne"}"#;
        let mut project = read(good);
        let before = project.replace(read("[1,2]"));
        assert_eq!(before, Project::default());
        assert_eq!((project.takes.next_number(), project.preset.as_deref()), (8, Some("Nocturne")));
        assert_eq!(serde_json::to_string(&project).unwrap(), "[1,2]");
        project.supersede();
        assert_eq!(project, read(good));
        project.replace(read("[1,2]"));
        project.replace(read(r#"{"format":1}"#));
        assert_eq!(project, read(r#"{"format":1}"#));
    }

    #[test]
    fn what_cannot_be_read_is_kept_and_named() {
        for (text, words) in [
            (r#"{"format":2,"takes":{"songs":[]}}"#, "newer Descant (format 2)"),
            (r#"{"format":1,"takes":{"entries":[{"number":"seven"}]}}"#, "damaged"),
            (r#"{"takes":null}"#, "names no format"),
            ("[1,2]", "names no format"),
        ] {
            let mut project = read(text);
            let error = project.error().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains(words), "{text}: {error}");
            assert_eq!(serde_json::to_string(&project).unwrap(), text);
            project.supersede();
            assert!(serde_json::to_string(&project).unwrap().contains("\"format\":1"));
        }
    }
}
