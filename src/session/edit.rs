//! Changes of notes by hand: a phrase in, a phrase out.
//!
//! An edit changes the notes that it names and those that they then overlap, and nothing else: an unnamed note of the
//! same part and pitch is cut where the edited one begins, and removed if it begins inside it. A locked note that is
//! not named is never changed: an edit that would do so is refused as a whole. A [`NotesChange`] records what an edit
//! changed, so that it can be undone.
//!
//! # Invariants
//!
//! Named notes are moved together: their distances are kept, and all of them stay inside the phrase and MIDI's range.

use std::collections::{BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use crate::music::{Note, NoteColumns, Part, Phrase, PhraseError, Pitch, TickDuration, TickInstant, counted};

/// The shortest length of a note after resizing: a step of the grid.
const SHORTEST: TickDuration = TickDuration::from_steps(1);

/// Identifies a note of a phrase: no two notes of a part have the same onset and pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteName {
    /// Its part.
    pub part: Part,
    /// Its onset, in ticks from the start of the phrase.
    pub onset: TickInstant,
    /// Its pitch.
    pub pitch: Pitch,
}

impl NoteName {
    /// The name of `note` in `part`.
    pub const fn of(part: Part, note: &Note) -> Self {
        Self { part, onset: note.onset, pitch: note.pitch }
    }
}

/// A change of notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Inserts a note, trimmed to the phrase.
    Insert(Part, Note),
    /// Removes these notes.
    Remove(Vec<NoteName>),
    /// Moves these notes in time and pitch.
    Move {
        /// The notes.
        notes: Vec<NoteName>,
        /// Later, in ticks; below 0 earlier.
        ticks: i32,
        /// Up, in semitones; below 0 down. Percussion goes to another instrument.
        semitones: i32,
    },
    /// Changes the length of these notes.
    Resize {
        /// The notes.
        notes: Vec<NoteName>,
        /// Later, in ticks; below 0 earlier. No note gets shorter than a step of the grid.
        ticks: i32,
    },
    /// Changes the velocity of these notes.
    Velocity {
        /// The notes.
        notes: Vec<NoteName>,
        /// Added to their velocities, which are clamped to `1..=127`.
        louder: i32,
    },
    /// Locks these notes, so that composing leaves them as they are, or unlocks them.
    Lock {
        /// The notes.
        notes: Vec<NoteName>,
        /// Whether they are locked.
        is_locked: bool,
    },
}

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EditError {
    /// There is no phrase to edit.
    #[error("there is no phrase yet; press Generate first")]
    NoPhrase,
    /// A named note is not there.
    #[error("these notes are no longer there; select others")]
    Gone,
    /// A new note would begin after the end.
    #[error("the note would begin after the phrase ends; put it further left")]
    Outside,
    /// The result is not a phrase.
    #[error("this would leave no phrase: {0}; undo and try another way")]
    Invalid(PhraseError),
    /// A locked note lies in the way.
    #[error("a locked {part} note at {pitch} is in the way; unlock it first", part = .0.part, pitch = .0.pitch)]
    Locked(NoteName),
}

impl Edit {
    /// Applies the edit to `phrase`.
    ///
    /// # Errors
    ///
    /// [`EditError`]; `phrase` then stays as it is.
    pub fn apply(&self, phrase: &Phrase) -> Result<Phrase, EditError> {
        let mut parts = phrase.to_parts();
        let edited = match self {
            Self::Insert(part, note) => vec![(*part, trimmed(*note, phrase)?)],
            Self::Remove(names) => {
                taken(&mut parts, names)?;
                Vec::new()
            }
            Self::Move { notes, ticks, semitones } => {
                moved(taken(&mut parts, notes)?, phrase, *ticks, *semitones)
            }
            Self::Resize { notes, ticks } => {
                let resized = |note: Note| {
                    let longest = phrase.frame().end().since(note.onset);
                    let wanted = shifted(note.duration.0, *ticks);
                    Note { duration: TickDuration(wanted).max(SHORTEST).min(longest), ..note }
                };
                each(taken(&mut parts, notes)?, resized)
            }
            Self::Velocity { notes, louder } => {
                let wanted = |note: &Note| i32::from(note.velocity).saturating_add(*louder).clamp(1, 127);
                let velocity = |note: Note| u8::try_from(wanted(&note)).unwrap_or(note.velocity);
                each(taken(&mut parts, notes)?, |note| Note { velocity: velocity(note), ..note })
            }
            Self::Lock { notes, is_locked } => {
                each(taken(&mut parts, notes)?, |note| Note { locked: *is_locked, ..note })
            }
        };
        for part in Part::ALL {
            let of_part = edited.iter().filter(|(other, _)| *other == part).map(|(_, note)| *note);
            put(&mut parts[part.index()], part, of_part.collect())?;
        }
        // Edited notes that overlap each other are repaired.
        let (frame, progression) = (*phrase.frame(), phrase.progression().clone());
        Phrase::new(frame, progression, parts).map_err(EditError::Invalid)
    }

    /// The edit in words for undo: "move of 3 notes".
    pub fn name(&self) -> String {
        let of = |what: &str, names: &[NoteName]| match names.len() {
            1 => format!("{what} of a note"),
            n => format!("{what} of {}", counted(n, "note")),
        };
        match self {
            Self::Insert(..) => "new note".to_owned(),
            Self::Remove(names) => of("removal", names),
            Self::Move { notes, .. } => of("move", notes),
            Self::Resize { notes, .. } => of("length", notes),
            Self::Velocity { notes, .. } => of("loudness", notes),
            Self::Lock { notes, is_locked: true } => of("lock", notes),
            Self::Lock { notes, is_locked: false } => of("unlocking", notes),
        }
    }
}

/// Removes the notes called `names` from `parts` and returns them.
fn taken(parts: &mut [Vec<Note>; 5], names: &[NoteName]) -> Result<Vec<(Part, Note)>, EditError> {
    let names: BTreeSet<NoteName> = names.iter().copied().collect();
    let mut taken = Vec::new();
    for part in Part::ALL {
        let is_named = |note: &mut Note| names.contains(&NoteName::of(part, note));
        taken.extend(parts[part.index()].extract_if(.., is_named).map(|note| (part, note)));
    }
    if taken.is_empty() { Err(EditError::Gone) } else { Ok(taken) }
}

fn each(notes: Vec<(Part, Note)>, change: impl Fn(Note) -> Note) -> Vec<(Part, Note)> {
    notes.into_iter().map(|(part, note)| (part, change(note))).collect()
}

/// `notes` moved together, as far as all of them stay inside `phrase` and MIDI's range.
fn moved(notes: Vec<(Part, Note)>, phrase: &Phrase, ticks: i32, semitones: i32) -> Vec<(Part, Note)> {
    let all = || notes.iter().map(|(_, note)| note);
    let first = all().map(|note| note.onset.0).min().unwrap_or(0);
    let last = all().map(|note| note.end().0).max().unwrap_or(0);
    let ticks = ticks.max(-signed(first)).min(signed(phrase.frame().end().0.saturating_sub(last)));
    let lowest = all().map(|note| note.pitch.number()).min().unwrap_or(0);
    let highest = all().map(|note| note.pitch.number()).max().unwrap_or(127);
    let semitones = semitones.clamp(-i32::from(lowest), i32::from(127 - highest));
    each(notes, |note| Note {
        onset: TickInstant(shifted(note.onset.0, ticks)),
        pitch: Pitch::clamped(i32::from(note.pitch.number()) + semitones),
        ..note
    })
}

/// `note`, trimmed to the length of `phrase`.
fn trimmed(note: Note, phrase: &Phrase) -> Result<Note, EditError> {
    let end = phrase.frame().end();
    if note.onset >= end {
        return Err(EditError::Outside);
    }
    let duration = note.duration.max(TickDuration(1)).min(end.since(note.onset));
    Ok(Note { duration, velocity: note.velocity.clamp(1, 127), ..note })
}

/// Inserts `edited` into `notes` of `part`. Unnamed notes give way to them, and of the edited notes the earlier to the
/// later.
fn put(notes: &mut Vec<Note>, part: Part, mut edited: Vec<Note>) -> Result<(), EditError> {
    edited.sort_by_key(|note| (note.pitch, note.onset));
    for idx in 1..edited.len() {
        let later = edited[idx];
        let earlier = &mut edited[idx - 1];
        if earlier.pitch == later.pitch && earlier.end() > later.onset && earlier.onset < later.onset {
            earlier.duration = later.onset.since(earlier.onset);
        }
    }
    for note in &edited {
        let is_met =
            |other: &Note| other.pitch == note.pitch && other.onset < note.end() && note.onset < other.end();
        if let Some(other) = notes.iter().find(|other| other.locked && is_met(other)) {
            return Err(EditError::Locked(NoteName::of(part, other)));
        }
        notes.retain(|other| !is_met(other) || other.onset < note.onset);
        for other in notes.iter_mut().filter(|other| is_met(other)) {
            other.duration = note.onset.since(other.onset);
        }
    }
    notes.extend(edited);
    Ok(())
}

/// `number` plus `by`, saturating.
const fn shifted(number: u32, by: i32) -> u32 {
    number.saturating_add_signed(by)
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The difference that edits made to a take's notes, for undo and redo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotesChange {
    /// Number of the take.
    pub(super) take: u64,
    /// The changed notes before the edit.
    removed: PartNotes,
    /// The changed notes after the edit.
    added: PartNotes,
}

/// Notes of each part, indexed by `[part_idx]`, sorted.
type PartNotes = [NoteColumns; 5];

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
        Self { take, removed: missing(before, after), added: missing(after, before) }
    }

    /// How many notes are stored, before and after together.
    pub(super) fn n_notes(&self) -> usize {
        self.removed.iter().chain(&self.added).map(NoteColumns::len).sum()
    }

    /// How many edits this counts as: 0 if only locks changed.
    pub(super) fn n_edits(&self) -> i32 {
        let unlocked = |notes: &PartNotes| -> Vec<Note> {
            let notes = notes.iter().flat_map(|notes| notes.notes().unwrap_or_default());
            notes.map(|note| Note { locked: false, ..note }).collect()
        };
        i32::from(unlocked(&self.removed) != unlocked(&self.added))
    }

    /// The inverse change.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { take: self.take, removed: self.added, added: self.removed }
    }

    /// Applies the change to `phrase`; `None` if `phrase` does not have the notes that the change removes.
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
        Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).ok()
    }
}

#[cfg(test)]
mod tests;
