//! Changes of notes by hand: a phrase in, a phrase out.
//!
//! An edit touches the notes that it names and what these come to lie on, and nothing else: a note of the same part and
//! pitch is cut where the edited one begins, and goes if it begins inside it. A locked note that is not named stays as it
//! is, and an edit that would change it is refused as a whole. What an edit changed is a [`NotesChange`], which undo takes back.
//!
//! # Invariants
//!
//! Named notes are moved together: their distances stay, and all of them stay inside the phrase and MIDI's range.

use serde::{Deserialize, Serialize};

use super::bounded;
use crate::music::{Note, Part, Phrase, PhraseError, Pitch, TickDuration, TickInstant, counted};

/// The shortest that a note is made by hand: a step of the grid.
const SHORTEST: TickDuration = TickDuration::from_steps(1);

/// More notes than any edit changes.
const MAX_NOTES: usize = 1 << 16;

/// What names a note of a phrase: no two of a part begin together on one pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NoteName {
    /// Its part.
    pub part: Part,
    /// Where it begins, in ticks from the start of the phrase.
    pub onset: TickInstant,
    /// Its pitch.
    pub pitch: Pitch,
}

impl NoteName {
    /// That of `note` in `part`.
    pub const fn of(part: Part, note: &Note) -> Self {
        Self { part, onset: note.onset, pitch: note.pitch }
    }
}

/// A change of notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A new note; trimmed to the phrase.
    Insert(Part, Note),
    /// These go.
    Remove(Vec<NoteName>),
    /// These begin elsewhere, on other pitches.
    Move {
        /// Which.
        notes: Vec<NoteName>,
        /// Later, in ticks; below 0 earlier.
        ticks: i32,
        /// Up, in semitones; below 0 down. Percussion goes to another instrument.
        semitones: i32,
    },
    /// These end elsewhere.
    Resize {
        /// Which.
        notes: Vec<NoteName>,
        /// Later, in ticks; below 0 earlier. No note gets shorter than a step of the grid.
        ticks: i32,
    },
    /// These are louder or softer.
    Velocity {
        /// Which.
        notes: Vec<NoteName>,
        /// What is added to their velocities, which stay within `1..=127`.
        louder: i32,
    },
    /// These are locked, so that composing leaves them as they are, or may be composed anew.
    Lock {
        /// Which.
        notes: Vec<NoteName>,
        /// Whether they are from now on.
        is_locked: bool,
    },
}

/// Why an edit is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no phrase to edit.
    #[error("there is no phrase yet; press Generate first")]
    NoPhrase,
    /// None of the named notes is there.
    #[error("these notes are no longer there; select others")]
    Gone,
    /// A new note would begin after the end.
    #[error("the note would begin after the phrase ends; put it further left")]
    Outside,
    /// A locked note lies in the way.
    #[error("a locked {part} note at {pitch} is in the way; unlock it first", part = .0.part, pitch = .0.pitch)]
    Locked(NoteName),
}

impl Edit {
    /// `phrase` with the edit done.
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
        for (part, note) in edited {
            put(&mut parts[part.index()], part, note)?;
        }
        // Notes that were right and give way to each other still are; should they not be, nothing is done.
        let (frame, progression) = (*phrase.frame(), phrase.progression().clone());
        Phrase::new(frame, progression, parts).map_err(|_: PhraseError| EditError::Gone)
    }

    /// What is done, in words for undo: "move of 3 notes".
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

/// Takes the notes called `names` out of `parts`.
fn taken(parts: &mut [Vec<Note>; 5], names: &[NoteName]) -> Result<Vec<(Part, Note)>, EditError> {
    let mut taken = Vec::new();
    for part in Part::ALL {
        let is_named = |note: &Note| names.contains(&NoteName::of(part, note));
        taken.extend(parts[part.index()].extract_if(.., |note| is_named(note)).map(|note| (part, note)));
    }
    if taken.is_empty() { Err(EditError::Gone) } else { Ok(taken) }
}

fn each(notes: Vec<(Part, Note)>, change: impl Fn(Note) -> Note) -> Vec<(Part, Note)> {
    notes.into_iter().map(|(part, note)| (part, change(note))).collect()
}

/// `notes` moved together, as far as they all stay inside `phrase` and MIDI's range.
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

/// `note` as far as `phrase` goes.
fn trimmed(note: Note, phrase: &Phrase) -> Result<Note, EditError> {
    let end = phrase.frame().end();
    if note.onset >= end {
        return Err(EditError::Outside);
    }
    let duration = note.duration.max(TickDuration(1)).min(end.since(note.onset));
    Ok(Note { duration, velocity: note.velocity.clamp(1, 127), ..note })
}

/// Puts `note` among `notes` of `part`: what it comes to lie on gives way.
fn put(notes: &mut Vec<Note>, part: Part, note: Note) -> Result<(), EditError> {
    let is_met =
        |other: &Note| other.pitch == note.pitch && other.onset < note.end() && note.onset < other.end();
    if let Some(other) = notes.iter().find(|other| other.locked && is_met(other)) {
        return Err(EditError::Locked(NoteName::of(part, other)));
    }
    notes.retain(|other| !is_met(other) || other.onset < note.onset);
    for other in notes.iter_mut().filter(|other| is_met(other)) {
        other.duration = note.onset.since(other.onset);
    }
    notes.push(note);
    Ok(())
}

/// `number` and `by`, held inside `u32`.
const fn shifted(number: u32, by: i32) -> u32 {
    number.saturating_add_signed(by)
}

fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// What an edit changed in a take, so that it can be undone and done again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotesChange {
    /// Notes as they were before.
    #[serde(default, deserialize_with = "bounded::first::<MAX_NOTES, _, _>")]
    removed: Vec<(Part, Note)>,
    /// Notes as they are now.
    #[serde(default, deserialize_with = "bounded::first::<MAX_NOTES, _, _>")]
    added: Vec<(Part, Note)>,
}

impl NotesChange {
    /// What makes `before` into `after`.
    pub fn between(before: &Phrase, after: &Phrase) -> Self {
        let missing = |from: &Phrase, of: &Phrase| {
            let is_missing = |(part, note): &(Part, &Note)| !of.notes(*part).contains(note);
            from.all_notes().filter(is_missing).map(|(part, note)| (part, *note)).collect()
        };
        Self { removed: missing(before, after), added: missing(after, before) }
    }

    /// How many edits it counts as: none if it is of locks alone.
    pub(super) fn n_edits(&self) -> i32 {
        let unlocked = |notes: &[(Part, Note)]| -> Vec<(Part, Note)> {
            notes.iter().map(|(part, note)| (*part, Note { locked: false, ..*note })).collect()
        };
        i32::from(unlocked(&self.removed) != unlocked(&self.added))
    }

    /// The change that takes this one back.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { removed: self.added, added: self.removed }
    }

    /// `phrase` with the change made; `None` if it is not the phrase that the change was of.
    pub fn made(&self, phrase: &Phrase) -> Option<Phrase> {
        let mut parts = phrase.to_parts();
        for (part, note) in &self.removed {
            let idx = parts[part.index()].iter().position(|other| other == note)?;
            parts[part.index()].remove(idx);
        }
        for (part, note) in &self.added {
            parts[part.index()].push(*note);
        }
        Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).ok()
    }
}

#[cfg(test)]
mod tests;
