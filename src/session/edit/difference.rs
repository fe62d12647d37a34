//! The difference that edits made, for undo and redo.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::music::{Note, NoteColumns, Part, Phrase, Progression};

/// The difference that edits made to a take's notes, for undo and redo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotesChange {
    /// Number of the take.
    pub(in crate::session) take: u64,
    /// The changed notes before the edit.
    removed: PartColumns,
    /// The changed notes after the edit.
    added: PartColumns,
    /// The chords before and after it, if they changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    chords: Option<Box<(Progression, Progression)>>,
}

/// Notes of each part, indexed by `[part_idx]`, sorted.
type PartColumns = [NoteColumns; 5];

impl NotesChange {
    /// The difference between `before` and `after`, versions of take number `take`.
    pub fn between(take: u64, before: &Phrase, after: &Phrase) -> Self {
        let missing = |from: &Phrase, of: &Phrase| {
            Part::ALL.map(|part| {
                let others: HashSet<&Note> = of.notes(part).iter().collect();
                let missing = from.notes(part).iter().filter(|note| !others.contains(note));
                NoteColumns::new(&missing.copied().collect::<Vec<_>>())
            })
        };
        let (from, to) = (before.progression(), after.progression());
        let chords = (from != to).then(|| Box::new((from.clone(), to.clone())));
        Self { take, removed: missing(before, after), added: missing(after, before), chords }
    }

    /// How many notes are stored, before and after together.
    pub(in crate::session) fn n_notes(&self) -> usize {
        self.removed.iter().chain(&self.added).map(NoteColumns::len).sum()
    }

    /// How many edits this counts as: 0 if only locks changed.
    pub(in crate::session) fn n_edits(&self) -> i32 {
        let unlocked = |notes: &PartColumns| -> Vec<Note> {
            let notes = notes.iter().flat_map(|notes| notes.notes().unwrap_or_default());
            notes.map(|note| Note { locked: false, ..note }).collect()
        };
        i32::from(self.chords.is_some() || unlocked(&self.removed) != unlocked(&self.added))
    }

    /// The inverse change.
    #[must_use]
    pub fn reversed(self) -> Self {
        let chords = self.chords.map(|chords| Box::new((chords.1, chords.0)));
        Self { take: self.take, removed: self.added, added: self.removed, chords }
    }

    /// Applies the change to `phrase`; `None` if `phrase` does not have the notes or chords that the change removes.
    pub fn made(&self, phrase: &Phrase) -> Option<Phrase> {
        let mut parts = phrase.to_parts();
        for (notes, (removed, added)) in parts.iter_mut().zip(self.removed.iter().zip(&self.added)) {
            let removed: HashSet<Note> = removed.notes()?.into_iter().collect();
            let n_before = notes.len();
            notes.retain(|note| !removed.contains(note));
            if n_before - notes.len() != removed.len() {
                return None;
            }
            notes.extend(added.notes()?);
        }
        let progression = match &self.chords {
            Some(chords) if chords.0 == *phrase.progression() => chords.1.clone(),
            Some(_) => return None,
            None => phrase.progression().clone(),
        };
        Phrase::new(*phrase.frame(), progression, parts).ok()
    }
}
