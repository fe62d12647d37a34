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

mod chords;

mod difference;

mod transforms;

use std::collections::{BTreeMap, BTreeSet};

use crate::music::{Chord, Note, Part, Phrase, PhraseError, Pitch, TickDuration, TickInstant, counted};

pub use difference::NotesChange;
use transforms::PartNotes;

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

    /// The note of this name in `phrase`; `None` if there is none.
    pub fn find(self, phrase: &Phrase) -> Option<&Note> {
        let notes = phrase.notes(self.part);
        let idx =
            notes.binary_search_by_key(&(self.onset, self.pitch), |note| (note.onset, note.pitch)).ok()?;
        notes.get(idx)
    }
}

/// A change of notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// Inserts a note, trimmed to the phrase.
    Insert(Part, Note),
    /// Inserts copies of these notes, unlocked; those after the end of the phrase are left out.
    Paste {
        /// The notes, with their parts.
        notes: Vec<(Part, Note)>,
        /// Later, in ticks; below 0 earlier.
        ticks: i32,
    },
    /// Alters these notes, all in the same way.
    Alter(Vec<NoteName>, Alteration),
    /// Gives each of these notes the velocity that it is played with, `1..=127`.
    Velocities(Vec<(NoteName, u8)>),
    /// Gives each of these notes the ticks that it is played after its written onset, as [`Note::nuance`] has them.
    Timing(Vec<(NoteName, i16)>),
    /// Sets the chord that sounds at a tick, for as long as the one before sounds, or in a bar without chords for that bar;
    /// chords, bass and arpeggio follow, but for locked notes. `None` is no chord.
    Chord(TickInstant, Option<Chord>),
}

/// What is done to notes, the same to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alteration {
    /// Removes the notes.
    Remove,
    /// Moves the notes in time and pitch.
    Move {
        /// Later, in ticks; below 0 earlier.
        ticks: i32,
        /// Up, in semitones; below 0 down. Percussion goes to another instrument.
        semitones: i32,
    },
    /// Adds copies of the notes, unlocked; those after the end of the phrase are left out.
    Copy {
        /// Later, in ticks; below 0 earlier.
        ticks: i32,
        /// Up, in semitones; below 0 down.
        semitones: i32,
    },
    /// Makes the notes longer by so many ticks; below 0 shorter. No note gets shorter than a step of the grid.
    Resize(i32),
    /// Adds to the velocities, which are clamped to `1..=127`.
    Louder(i32),
    /// Locks the notes, so that composing leaves them as they are, or unlocks them.
    Lock(bool),
    /// Moves onsets to the nearest line of a grid of this pitch, from the start of the phrase, and plays them there.
    Quantise(TickDuration),
    /// Holds each note until the next one of its part among them.
    Legato,
    /// Joins the notes of a part and pitch into one, from the first onset to the last end.
    Join,
    /// Cuts the notes that sound at this tick in two.
    Split(TickInstant),
    /// Plays the notes a little louder or softer, sooner or later, other for each seed.
    Humanise(u64),
}

/// What an edit made.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// The phrase after it.
    pub phrase: Phrase,
    /// What the edited notes are called now, without those removed.
    pub notes: BTreeSet<NoteName>,
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
    pub fn apply(&self, phrase: &Phrase) -> Result<Edited, EditError> {
        let frame = phrase.frame();
        let mut parts = phrase.to_parts();
        let mut progression = phrase.progression().clone();
        let edited = match self {
            Self::Insert(part, note) => vec![(*part, trimmed(*note, phrase)?)],
            Self::Paste { notes, ticks } => pasted(notes.clone(), phrase, *ticks, 0)?,
            Self::Alter(names, alteration) => {
                let named = taken(&mut parts, names)?;
                alteration.apply(named, &mut parts, phrase)?
            }
            Self::Velocities(wanted) => each_to(&mut parts, wanted, transforms::at_velocity)?,
            Self::Timing(wanted) => each_to(&mut parts, wanted, transforms::at_lateness)?,
            Self::Chord(at, chord) => {
                let span = chords::span_at(phrase, *at).ok_or(EditError::Outside)?;
                progression = chords::with(phrase, span, *chord);
                chords::followed(&mut parts, phrase, span, *chord)
            }
        };
        for part in Part::ALL {
            let of_part = edited.iter().filter(|(other, _)| *other == part).map(|(_, note)| *note);
            put(&mut parts[part.index()], part, of_part.collect())?;
        }
        // Edited notes that overlap each other are repaired.
        let phrase = Phrase::new(*frame, progression, parts).map_err(EditError::Invalid)?;
        let names = edited.iter().map(|(part, note)| NoteName::of(*part, note));
        let notes = names.filter(|name| name.find(&phrase).is_some()).collect();
        Ok(Edited { phrase, notes })
    }

    /// The edit in words for undo: "move of 3 notes".
    pub fn name(&self) -> String {
        let (what, n) = match self {
            Self::Insert(..) => return "new note".to_owned(),
            Self::Paste { notes, .. } => ("paste", notes.len()),
            Self::Alter(names, alteration) => (alteration.name(), names.len()),
            Self::Velocities(wanted) => ("loudness", wanted.len()),
            Self::Timing(wanted) => ("timing", wanted.len()),
            Self::Chord(_, Some(chord)) => return format!("chord {chord}"),
            Self::Chord(_, None) => return "no chord".to_owned(),
        };
        if n == 1 { format!("{what} of a note") } else { format!("{what} of {}", counted(n, "note")) }
    }
}

impl Alteration {
    /// The changed `notes`, which were taken out of `parts` of `phrase`; a copy puts its originals back.
    fn apply(
        self,
        notes: PartNotes,
        parts: &mut [Vec<Note>; 5],
        phrase: &Phrase,
    ) -> Result<PartNotes, EditError> {
        let frame = phrase.frame();
        Ok(match self {
            Self::Remove => Vec::new(),
            Self::Move { ticks, semitones } => transforms::moved(notes, frame, ticks, semitones),
            Self::Copy { ticks, semitones } => {
                for (part, note) in &notes {
                    parts[part.index()].push(*note);
                }
                pasted(notes, phrase, ticks, semitones)?
            }
            Self::Resize(ticks) => transforms::each(notes, |note| transforms::resized(note, frame, ticks)),
            Self::Louder(by) => transforms::each(notes, |note| {
                let wanted = i32::from(note.velocity).saturating_add(by).clamp(1, 127);
                Note { velocity: u8::try_from(wanted).unwrap_or(note.velocity), ..note }
            }),
            Self::Lock(is_locked) => transforms::each(notes, |note| Note { locked: is_locked, ..note }),
            Self::Quantise(grid) => transforms::each(notes, |note| transforms::quantised(note, frame, grid)),
            Self::Legato => transforms::legato(notes),
            Self::Join => transforms::joined(notes),
            Self::Split(at) => transforms::split(notes, at),
            Self::Humanise(seed) => notes
                .into_iter()
                .map(|(part, note)| (part, transforms::humanised(part, note, seed)))
                .collect(),
        })
    }

    /// The alteration as a noun.
    const fn name(self) -> &'static str {
        match self {
            Self::Remove => "removal",
            Self::Move { .. } => "move",
            Self::Copy { .. } => "copy",
            Self::Resize(_) => "length",
            Self::Louder(_) => "loudness",
            Self::Lock(true) => "lock",
            Self::Lock(false) => "unlocking",
            Self::Quantise(_) => "quantising",
            Self::Legato => "legato",
            Self::Join => "join",
            Self::Split(_) => "split",
            Self::Humanise(_) => "humanising",
        }
    }
}

/// Removes the notes called `names` from `parts` and returns them.
fn taken(parts: &mut [Vec<Note>; 5], names: &[NoteName]) -> Result<PartNotes, EditError> {
    let names: BTreeSet<NoteName> = names.iter().copied().collect();
    let mut taken = Vec::new();
    for part in Part::ALL {
        let is_named = |note: &mut Note| names.contains(&NoteName::of(part, note));
        taken.extend(parts[part.index()].extract_if(.., is_named).map(|note| (part, note)));
    }
    if taken.is_empty() { Err(EditError::Gone) } else { Ok(taken) }
}

/// The notes named in `wanted`, taken out of `parts`, each changed to the value beside its name.
fn each_to<T: Copy>(
    parts: &mut [Vec<Note>; 5],
    wanted: &[(NoteName, T)],
    change: impl Fn(Note, T) -> Note,
) -> Result<PartNotes, EditError> {
    let values: BTreeMap<NoteName, T> = wanted.iter().copied().collect();
    let names: Vec<NoteName> = values.keys().copied().collect();
    let changed = taken(parts, &names)?.into_iter().map(|(part, note)| {
        let value = values.get(&NoteName::of(part, &note));
        (part, value.map_or(note, |value| change(note, *value)))
    });
    Ok(changed.collect())
}

/// Copies of `notes`, later and higher by so much, trimmed to `phrase` and unlocked.
///
/// # Errors
///
/// [`EditError::Outside`] if all of them would begin after the end.
fn pasted(notes: PartNotes, phrase: &Phrase, ticks: i32, semitones: i32) -> Result<PartNotes, EditError> {
    let copies = transforms::shifted(notes, ticks, semitones);
    let inside = copies.into_iter().filter_map(|(part, note)| Some((part, trimmed(note, phrase).ok()?)));
    let inside: PartNotes = inside.map(|(part, note)| (part, Note { locked: false, ..note })).collect();
    if inside.is_empty() { Err(EditError::Outside) } else { Ok(inside) }
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

#[cfg(test)]
mod tests;
