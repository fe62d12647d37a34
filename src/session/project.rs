//! What a project stores in addition to its parameters: formats, and how unreadable data is kept.
//!
//! # Format
//!
//! A text, of at most [`Project::MAX_BYTES`]. Format 4 is JSON: `format`, `takes`, `window`, `preset`, `words`,
//! `history`; unknown fields of a later version are kept and written back. Format 5 is format 4 compressed, and written
//! where format 4 would be long; see `packed`. Formats 1 to 3 predate note editing and are still read: 1 is plain, 2
//! and 3 are packed.
//!
//! A text that cannot be read is refused: the takes that were there play on. The refused text is kept byte for byte and
//! written back until something new is composed, so that nothing of the user's is lost.
//!
//! Longer than other files: what a project stores, and each way to read and change it, stand together.

mod error;

mod fields;

mod packed;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::takes::Occasion;
use super::task::TaskKind;
use super::undo::{History, HistoryStep, UndoState};
use super::{Edit, EditError, Mark, Takes};
use crate::music::counted;

pub use error::StateError;

use fields::{Fields, Texts};

/// What a project stores.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The takes.
    pub takes: Takes,
    /// Size of the editor's window at 100 %, in logical pixels: width and height.
    pub window: Option<(f32, f32)>,
    /// The preset that was chosen last, by name.
    pub preset: Option<String>,
    /// The words that were applied last. What they ask for beyond the parameters counts as long as they stand here.
    pub words: String,
    /// Steps to undo and redo.
    history: History,
    /// Unknown fields of a later version, unchanged.
    others: BTreeMap<String, Box<RawValue>>,
    /// The text that cannot be read, unchanged, and why.
    unreadable: Option<(Arc<str>, StateError)>,
}

impl PartialEq for Project {
    fn eq(&self, other: &Self) -> bool {
        let others = |project: &Self| -> Vec<(String, String)> {
            project.others.iter().map(|(name, text)| (name.clone(), text.get().to_owned())).collect()
        };
        (&self.takes, self.window, &self.preset, &self.words)
            == (&other.takes, other.window, &other.preset, &other.words)
            && (&self.history, &self.unreadable) == (&other.history, &other.unreadable)
            && others(self) == others(other)
    }
}

impl Project {
    /// The latest format that this version writes.
    pub const FORMAT: u64 = 5;

    /// The longest text that is read.
    pub const MAX_BYTES: usize = 16 << 20;

    /// The longest text that is stored uncompressed, in bytes.
    const MAX_PLAIN_BYTES: usize = 16 << 10;

    /// Reads what [`Self::to_text`] wrote. If `text` cannot be read, [`Self::error`] says why.
    pub fn from_text(text: &str) -> Self {
        read(text).unwrap_or_else(|error| Self { unreadable: Some((text.into(), error)), ..Self::default() })
    }

    /// The text to store.
    pub fn to_text(&self) -> String {
        if let Some((text, _)) = &self.unreadable {
            return text.to_string();
        }
        let plain = self.to_json();
        if plain.len() <= Self::MAX_PLAIN_BYTES {
            return plain;
        }
        self.packed().unwrap_or(plain)
    }

    /// JSON of format 4, whatever its length, without unreadable data.
    pub fn to_json(&self) -> String {
        // Plain data with string keys can always be serialised.
        serde_json::to_string(&self.fields(&self.takes)).unwrap_or_default()
    }

    fn fields<'a, T>(&'a self, takes: &'a T) -> Fields<'a, T> {
        let Self { window, preset, words, history, others, .. } = self;
        let (format, window, preset) = (PLAIN_FORMAT, *window, preset.as_deref());
        Fields { format, takes, window, preset, words, history, others }
    }

    fn packed(&self) -> Option<String> {
        let takes = packed::in_columns(&self.takes)?;
        let text = serde_json::to_string(&self.fields(&takes)).ok()?;
        let packed = packed::pack(&text).ok()?;
        serde_json::to_string(&Envelope { format: Self::FORMAT, packed }).ok()
    }

    /// Why the stored text cannot be used, if it cannot.
    pub fn error(&self) -> Option<&StateError> {
        self.unreadable.as_ref().map(|(_, error)| error)
    }

    /// Drops the text that cannot be read: from now on the takes are stored.
    pub fn supersede(&mut self) {
        self.unreadable = None;
    }

    /// Replaces this project by `stored` and returns the old one. If `stored` cannot be read, only its text and error
    /// are kept, and the takes stay.
    pub fn replace(&mut self, stored: Self) -> Self {
        if stored.unreadable.is_none() {
            return std::mem::replace(self, stored);
        }
        let before = std::mem::replace(&mut self.unreadable, stored.unreadable);
        Self { unreadable: before, ..Self::default() }
    }

    /// Applies `change`; if it changes how takes are arranged, it is a step that can be undone. Takes that were
    /// composed automatically, one after the other, are one step.
    pub fn edit<R>(&mut self, change: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.takes.undo_state();
        let (was_automatic, next_number) = (self.takes.is_automatic(), self.takes.next_number());
        let result = change(self);
        let now = self.takes.undo_state();
        let goes_on = was_automatic && self.takes.is_automatic() && now.current >= Some(next_number);
        if now != before && !goes_on {
            let name = self.step_name(&before, &now, next_number);
            self.history.record(HistoryStep { name, takes: Some(before), ..HistoryStep::default() });
        }
        result
    }

    /// Applies `edit` to the notes of the chosen take, whose number must be `take`, as a step that can be undone. An
    /// edit without effect is no step.
    ///
    /// # Errors
    ///
    /// The edit is refused, and the project unchanged. [`EditError::Gone`] if another take was chosen since the user
    /// saw `take`.
    pub fn edit_notes(&mut self, take: u64, edit: &Edit) -> Result<(), EditError> {
        if self.takes.current().is_some_and(|entry| entry.number != take) {
            return Err(EditError::Gone);
        }
        let before = self.takes.undo_state();
        if let Some(change) = self.takes.edit_notes(edit)? {
            let (name, notes, takes) = (edit.name(), Some(change), Some(before));
            self.history.record(HistoryStep { name, notes, takes, ..HistoryStep::default() });
        }
        Ok(())
    }

    /// Remembers `step`, a change of parameters, words or the preset, so that it can be undone.
    pub fn record(&mut self, step: HistoryStep) {
        if !step.is_empty() {
            self.history.record(step);
        }
    }

    /// As [`Self::record`], but replaces the last step, which must be called `name`: `step` contains it and what followed.
    /// Returns whether it did; if the last step has another name, nothing changes.
    pub fn record_instead(&mut self, name: &str, step: HistoryStep) -> bool {
        let is_last = self.history.reopen(name);
        if is_last {
            self.record(step);
        }
        is_last
    }

    /// Steps to undo and redo.
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// The step that [`Self::undo`] would undo.
    pub fn next_undo(&self) -> Option<&HistoryStep> {
        self.history.next_undo(|step| self.takes.has(step))
    }

    /// The step that [`Self::redo`] would redo.
    pub fn next_redo(&self) -> Option<&HistoryStep> {
        self.history.next_redo(|step| self.takes.has(step))
    }

    /// The steps that [`Self::undo`] would undo one after the other.
    pub fn done(&self) -> impl Iterator<Item = &HistoryStep> {
        self.history.done().filter(|step| self.takes.has(step))
    }

    /// The steps that [`Self::redo`] would redo one after the other.
    pub fn undone(&self) -> impl Iterator<Item = &HistoryStep> {
        self.history.undone().filter(|step| self.takes.has(step))
    }

    /// Undoes the last step for takes, words and the preset's name, and returns it: the caller restores the parameters.
    pub fn undo(&mut self) -> Option<HistoryStep> {
        let now = self.takes.undo_state();
        let step = self.history.undo(now, |step| self.takes.has(step))?;
        step.notes.iter().for_each(|change| self.takes.undo_notes(change));
        step.takes.iter().for_each(|state| self.takes.arrange(state));
        step.preset.iter().for_each(|change| self.preset.clone_from(&change.from));
        step.words.iter().for_each(|change| self.words.clone_from(&change.from));
        Some(step)
    }

    /// Redoes the step undone last; see [`Self::undo`].
    pub fn redo(&mut self) -> Option<HistoryStep> {
        let now = self.takes.undo_state();
        let step = self.history.redo(now, |step| self.takes.has(step))?;
        step.notes.iter().for_each(|change| self.takes.redo_notes(change));
        step.takes.iter().for_each(|state| self.takes.arrange(state));
        step.preset.iter().for_each(|change| self.preset.clone_from(&change.to));
        step.words.iter().for_each(|change| self.words.clone_from(&change.to));
        Some(step)
    }

    /// Names a step that changed `before` to `now`; takes from number `next_number` on are new.
    fn step_name(&self, before: &UndoState, now: &UndoState, next_number: u64) -> String {
        if now.current != before.current && now.marks == before.marks {
            let Some(entry) = self.takes.current() else { return "choice of no take".to_owned() };
            if entry.number < next_number {
                return format!("choice of take {}", entry.number);
            }
            let kind = entry.take.receipt.task.kind;
            return match (entry.occasion, kind) {
                (Occasion::Automatic, TaskKind::Respond) => "Answer",
                (Occasion::Automatic, _) => "Evolve",
                (Occasion::Requested, TaskKind::Generate) => "Generate",
                (Occasion::Requested, TaskKind::AddParts | TaskKind::Accompany) => "Accompany",
                (Occasion::Requested, TaskKind::Continue) => "Continue",
                (Occasion::Requested, TaskKind::Recompose) => "Recompose",
                (Occasion::Requested, TaskKind::Vary) => "Vary",
                (Occasion::Requested, TaskKind::Respond) => "Respond",
                (Occasion::Requested, TaskKind::Import) => "import of a file",
            }
            .to_owned();
        }
        if now.marks != before.marks {
            let changed = now.marks.iter().find(|mark| !before.marks.contains(mark));
            let unmarked = || before.marks.iter().find(|mark| !now.marks.contains(mark));
            return match (changed, unmarked()) {
                (Some((number, Mark::Favourite)), _) => format!("take {number} a favourite"),
                (Some((number, _)), _) => format!("take {number} discarded"),
                (None, Some((number, _))) => format!("take {number} no favourite"),
                (None, None) => "marks of takes".to_owned(),
            };
        }
        if now.slots != before.slots {
            let slots = now.slots.iter().zip(&before.slots).enumerate();
            let filled = slots.clone().find(|(_, (now, before))| now.is_some() && now != before);
            let emptied = slots.clone().find(|(_, (now, before))| now != before);
            return match (filled, emptied) {
                (Some((slot_idx, (Some(number), _))), _) => format!("take {number} in slot {}", slot_idx + 1),
                (_, Some((slot_idx, _))) => format!("slot {} emptied", slot_idx + 1),
                _ => "slots".to_owned(),
            };
        }
        let (n_now, n_before) = (now.locks.len(), before.locks.len());
        match (n_now > n_before, n_now.abs_diff(n_before)) {
            (true, 1) => "lock of a note".to_owned(),
            (false, 1) => "unlocking of a note".to_owned(),
            _ => "locks of notes".to_owned(),
        }
    }
}

/// The format of a project that is not packed.
const PLAIN_FORMAT: u64 = 4;

/// The longest text of a history that is read, in bytes.
const MAX_HISTORY_BYTES: usize = 4 << 20;

/// A compressed project.
#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u64,
    packed: String,
}

fn read(text: &str) -> Result<Project, StateError> {
    if text.len() > Project::MAX_BYTES {
        return Err(StateError::Damaged(format!("it has more than {}", counted(Project::MAX_BYTES, "byte"))));
    }
    let mut texts = Texts::read(text)?;
    match texts.take_format()? {
        format @ (..=1 | PLAIN_FORMAT) if texts.get("packed").is_some() => {
            Err(StateError::Damaged(format!("it is packed, which format {format} is not")))
        }
        ..=1 | PLAIN_FORMAT => read_fields(texts),
        2 => read_packed(&packed::inflate(&take_packed(texts)?)?),
        3 | Project::FORMAT => read_packed(&packed::unpack(&take_packed(texts)?)?),
        newer => Err(StateError::Newer(newer)),
    }
}

fn take_packed(mut texts: Texts<'_>) -> Result<String, StateError> {
    let packed = texts.take_as("packed")?;
    if !texts.is_empty() {
        return Err(StateError::Damaged("something stands next to its packed form".to_owned()));
    }
    Ok(packed)
}

fn read_packed(text: &str) -> Result<Project, StateError> {
    let mut texts = Texts::read(text)?;
    match texts.take_format()? {
        ..=1 | PLAIN_FORMAT => read_fields(texts),
        format => Err(StateError::Damaged(format!("its packed form has format {format}"))),
    }
}

fn read_fields(mut texts: Texts<'_>) -> Result<Project, StateError> {
    // An unreadable history is no reason to refuse a project; its text is kept until there is a new step.
    let text = texts.get("history").filter(|text| text.get().len() <= MAX_HISTORY_BYTES);
    let history: Option<History> = text.and_then(|text| serde_json::from_str(text.get()).ok());
    if history.is_some() {
        texts.take("history");
    }
    Ok(Project {
        takes: texts.take_as("takes")?,
        window: texts.take_as("window")?,
        preset: texts.take_as("preset")?,
        words: texts.take_as("words")?,
        history: history.unwrap_or_default(),
        others: texts.into_others(),
        unreadable: None,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::music::{
        Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
    };
    use crate::session::Alteration;
    use crate::session::{Change, NoteName, Occasion, Receipt, Take, Task, TaskSettings};

    fn read(text: &str) -> Project {
        Project::from_text(text)
    }

    #[test]
    fn unknown_fields_survive() {
        let project = read(r#"{"format":1,"colour":"amber","window":[1200.0,800.0]}"#);
        assert_eq!(project.window, Some((1200.0, 800.0)));
        let written = project.to_text();
        assert!(written.contains(r#""colour":"amber""#), "{written}");
        assert_eq!(read(&written), project);
    }

    #[test]
    fn the_preset_is_remembered_by_name_and_the_words_as_they_were_typed() {
        let mut project = read(r#"{"format":1}"#);
        assert_eq!((&project.preset, project.words.as_str()), (&None, ""));
        assert!(!project.to_text().contains("words"));
        project.preset = Some("Late-night keys".to_owned());
        project.words = "sparse, a high melody".to_owned();
        assert_eq!(read(&project.to_text()), project);
    }

    #[test]
    fn words_are_undone_and_done_again() {
        let mut project = Project { words: "dark".to_owned(), ..Project::default() };
        let words = Some(Change { from: String::new(), to: "dark".to_owned() });
        project.record(HistoryStep { words, ..HistoryStep::default() });
        assert!(project.undo().is_some() && project.words.is_empty());
        assert!(project.redo().is_some() && project.words == "dark");
    }

    #[test]
    fn changes_of_the_takes_are_undone_and_done_again_and_stored() {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
        let note = Note::new(TickInstant(0), TickDuration(240), Pitch::MIDDLE_C, 90);
        let phrase = Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], vec![note]]);
        let phrase = Arc::new(phrase.unwrap());
        let take = || Take {
            phrase: Arc::clone(&phrase),
            receipt: Receipt::new("model", 1, 0, &task),
            remarks: Vec::new(),
        };
        let mut project = Project::default();
        assert!(project.undo().is_none() && project.redo().is_none());
        project.edit(|project| project.takes.add(Occasion::Requested, None, [take(), take()]));
        project.edit(|project| project.takes.select(1));
        project.edit(|project| project.takes.put_in_slot(0, 5));
        let notes = vec![NoteName::of(Part::Melody, &note)];
        project.edit_notes(2, &Edit::Alter(notes, Alteration::Lock(true))).unwrap();
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
            assert!(project.undo().is_some());
            assert_eq!(seen(&project), *expected);
            project = read(&project.to_text());
        }
        assert!(project.undo().is_none());
        for expected in all[..4].iter().rev() {
            assert!(project.redo().is_some());
            assert_eq!(seen(&project), *expected);
        }
        assert!(project.redo().is_none());
        assert_eq!(project, project_then);
        // Another change, and what was undone is gone.
        assert!(project.undo().is_some());
        project.edit(|project| project.takes.select(0));
        assert!(project.next_redo().is_none());
        // A damaged history is none.
        let text = project.to_text();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        value["history"] = "yesterday".into();
        let read = read(&value.to_string());
        assert!(read.error().is_none() && read.history().is_empty());
        assert_eq!(read.takes, project.takes);
    }

    #[test]
    fn what_came_in_passing_is_undone_in_one_step() {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
        let phrase = Arc::new(Phrase::empty(frame).unwrap());
        let take = || Take {
            phrase: Arc::clone(&phrase),
            receipt: Receipt::new("model", 1, 0, &task),
            remarks: Vec::new(),
        };
        let mut project = Project::default();
        project.edit(|project| project.takes.add(Occasion::Requested, None, [take()]));
        project.edit(|project| project.takes.put_in_slot(0, 0));
        for _ in 0..100 {
            project.edit(|project| project.takes.add(Occasion::Automatic, None, [take()]));
        }
        // What is put into a slot is a step of its own.
        project.edit(|project| project.takes.put_in_slot(10, 1));
        let seen = |project: &Project| {
            let current = project.takes.current().map(|entry| entry.number);
            (current, project.takes.slots().iter().flatten().count())
        };
        let mut all = vec![seen(&project)];
        while project.undo().is_some() {
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
        assert_eq!(project.to_text(), "[1,2]");
        project.supersede();
        assert_eq!(project, read(good));
        project.replace(read("[1,2]"));
        project.replace(read(r#"{"format":1}"#));
        assert_eq!(project, read(r#"{"format":1}"#));
    }

    #[test]
    fn what_cannot_be_read_is_kept_and_named() {
        for (text, words) in [
            (r#"{"format":6,"takes":{"songs":[]}}"#, "newer Descant (format 6)"),
            (r#"{"format":1,"takes":{"entries":[{"number":"seven"}]}}"#, "damaged"),
            (r#"{"takes":null}"#, "names no format"),
            ("[1,2]", "names no format"),
            ("", "damaged"),
            ("no JSON", "damaged"),
            (r#"{"format":1,"takes":{"n_made":1e400}}"#, "damaged"),
            (r#"{"format":1,"preset":"\ud800"}"#, "damaged"),
            (
                r#"{"format":1,"takes":{"n_made":1,"colour":[7]}}"#,
                "takes.colour, which this version does not",
            ),
            (r#"{"format":1,"colour":1,"colour":2}"#, "has the field \"colour\" twice"),
            (r#"{"format":2,"packed":"eJw="}"#, "its packed form"),
            (r#"{"format":2,"packed":"?"}"#, "its packed form"),
            (r#"{"format":2}"#, "its packed form"),
            (r#"{"format":3,"packed":"QlpoOQ=="}"#, "its packed form"),
            (r#"{"format":3,"packed":"eJw="}"#, "its packed form"),
            (r#"{"format":3}"#, "its packed form"),
            (r#"{"format":4,"packed":"QlpoOQ=="}"#, "it is packed, which format 4 is not"),
            (r#"{"format":3,"packed":"","colour":1}"#, "next to its packed form"),
        ] {
            let mut project = read(text);
            let error = project.error().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains(words), "{text}: {error}");
            assert_eq!(project.to_text(), text);
            project.supersede();
            assert!(project.to_text().contains("\"format\":4"));
        }
    }

    /// What no reader of JSON values would give back is kept to the byte where this version need not know it.
    #[test]
    fn odd_fields_of_a_later_version_survive_to_the_byte() {
        let deep = format!("{}{}", "[".repeat(4000), "]".repeat(4000));
        for odd in ["1e400", r#""\ud800""#, &deep, "0.10", "{ \"a\" : 1 }"] {
            let project = read(&format!(r#"{{"format":1,"colour":{odd}}}"#));
            assert_eq!(project.error(), None, "{odd}");
            assert!(project.to_text().contains(&format!("\"colour\":{odd}")), "{odd}");
        }
    }

    #[test]
    fn a_text_beyond_the_limits_is_kept_and_read_no_further() {
        let entry = r#"{"number":1,"take":{}}"#;
        let large = format!(r#"{{"format":1,"colour":"{}"}}"#, "x".repeat(65 << 20));
        let packed = packed::pack(&large).unwrap();
        let deflated = packed::tests::deflate(&large);
        for (text, words) in [
            (format!(r#"{{"format":1,"a":[{}0]}}"#, "0,".repeat(25_000_000)), "more than 16777216 bytes"),
            (format!(r#"{{"format":1,"takes":{{"entries":[{}]}}}}"#, [entry; 65].join(",")), "damaged"),
            (format!(r#"{{"format":2,"packed":"{deflated}"}}"#), "too large"),
            (format!(r#"{{"format":3,"packed":"{packed}"}}"#), "too large"),
            (
                format!("{{\"format\":1{}}}", (0..300).map(|n| format!(",\"{n}\":0")).collect::<String>()),
                "many",
            ),
        ] {
            let project = read(&text);
            let error = project.error().map(ToString::to_string).unwrap_or_default();
            assert!(error.contains(words), "{error}");
            assert!(project.to_text() == text, "it is not as it was");
        }
    }
}
