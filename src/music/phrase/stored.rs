//! Serialisation of phrases.
//!
//! # Format
//!
//! The notes of a part are a list of notes, or [`NoteColumns`], which compress to a third of that. Both are read;
//! [`Phrase`] is written with the list.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Frame, Note, Nuance, Phrase, PhraseError, Pitch, Progression, TickDuration, TickInstant};
use crate::music::count::counted;

/// Most notes of a part that are read, more than any phrase of ours has.
const MAX_NOTES: usize = 1 << 16;

/// The serialised form of a phrase.
#[derive(Serialize, Deserialize)]
struct RawPhrase {
    frame: Frame,
    #[serde(default)]
    progression: Progression,
    parts: [Notes; 5],
}

impl Serialize for Phrase {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawPhrase::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Phrase {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::try_from(RawPhrase::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl TryFrom<RawPhrase> for Phrase {
    type Error = PhraseError;

    fn try_from(raw: RawPhrase) -> Result<Self, PhraseError> {
        Self::new(raw.frame, raw.progression, raw.parts.map(|Notes(notes)| notes))
    }
}

impl From<Phrase> for RawPhrase {
    fn from(phrase: Phrase) -> Self {
        let parts = phrase.parts.map(Notes);
        Self { frame: phrase.frame, progression: phrase.progression, parts }
    }
}

/// The notes of a part.
#[derive(Serialize)]
struct Notes(Vec<Note>);

impl<'de> Deserialize<'de> for Notes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NotesVisitor)
    }
}

struct NotesVisitor;

impl<'de> Visitor<'de> for NotesVisitor {
    type Value = Notes;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "at most {}, as a list or in columns", counted(MAX_NOTES, "note"))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Notes, A::Error> {
        let mut notes = Vec::new();
        while let Some(note) = list.next_element()? {
            if notes.len() == MAX_NOTES {
                return Err(A::Error::invalid_length(MAX_NOTES + 1, &self));
            }
            notes.push(note);
        }
        Ok(Notes(notes))
    }

    fn visit_map<A: MapAccess<'de>>(self, columns: A) -> Result<Notes, A::Error> {
        let columns = NoteColumns::deserialize(MapAccessDeserializer::new(columns))?;
        columns.notes().map(Notes).ok_or_else(|| A::Error::custom("the columns of notes do not agree"))
    }
}

/// The notes of a part, field by field, so that similar numbers are next to each other and compress well.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteColumns {
    /// Ticks from the previous onset, of the first note from the start of the phrase.
    steps: Vec<u32>,
    durations: Vec<TickDuration>,
    pitches: Vec<Pitch>,
    velocities: Vec<u8>,
    /// The indices of the locked notes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    locked: Vec<usize>,
    /// Ticks by which each note is played later than written; empty where all are played as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    late: Vec<i16>,
    /// Added to the velocity of each note in performance; empty where all are played as written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    louder: Vec<i8>,
}

impl NoteColumns {
    /// `notes` as columns.
    ///
    /// `notes` — sorted by onset.
    pub fn new(notes: &[Note]) -> Self {
        let mut columns = Self::default();
        let mut before = TickInstant::ZERO;
        for (idx, note) in notes.iter().enumerate() {
            columns.steps.push(note.onset.since(before).0);
            columns.durations.push(note.duration);
            columns.pitches.push(note.pitch);
            columns.velocities.push(note.velocity);
            if note.locked {
                columns.locked.push(idx);
            }
            before = note.onset;
        }
        if notes.iter().any(|note| !note.nuance.is_none()) {
            columns.late = notes.iter().map(|note| note.nuance.late()).collect();
            columns.louder = notes.iter().map(|note| note.nuance.louder()).collect();
        }
        columns
    }

    /// The number of notes.
    pub const fn len(&self) -> usize {
        self.steps.len()
    }

    /// Whether there are no notes.
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// The notes; `None` if the columns differ in length or hold more notes than are read.
    pub fn notes(&self) -> Option<Vec<Note>> {
        let n_notes = self.steps.len();
        let agree = [self.durations.len(), self.pitches.len(), self.velocities.len()] == [n_notes; 3];
        if !agree || n_notes > MAX_NOTES {
            return None;
        }
        let mut onset = 0_u32;
        let mut notes = Vec::with_capacity(n_notes);
        let columns = self.steps.iter().zip(&self.durations).zip(&self.pitches).zip(&self.velocities);
        for (((step, duration), pitch), velocity) in columns {
            onset = onset.checked_add(*step)?;
            notes.push(Note::new(TickInstant(onset), *duration, *pitch, *velocity));
        }
        for idx in &self.locked {
            notes.get_mut(*idx)?.locked = true;
        }
        let n_nuances = [self.late.len(), self.louder.len()];
        if n_nuances != [0, 0] && n_nuances != [n_notes; 2] {
            return None;
        }
        for ((note, late), louder) in notes.iter_mut().zip(&self.late).zip(&self.louder) {
            note.nuance = Nuance::new(*late, *louder);
        }
        Some(notes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<Note>, String> {
        serde_json::from_str(json).map(|Notes(notes)| notes).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_read_as_the_notes_that_they_were() {
        let note = |onset, pitch, locked| Note {
            locked,
            ..Note::new(TickInstant(onset), TickDuration(240), Pitch::clamped(pitch), 90)
        };
        let notes = vec![note(480, 60, false), note(480, 64, true), note(1200, 60, false)];
        let plain = serde_json::to_string(&NoteColumns::new(&notes)).unwrap();
        assert!(!plain.contains("late") && !plain.contains("louder"), "{plain}");
        let played = notes.iter().map(|note| note.with_nuance(Nuance::new(-12, 7)));
        let played: Vec<Note> = played.chain([note(1440, 60, false)]).collect();
        let stored = serde_json::to_string(&NoteColumns::new(&played)).unwrap();
        assert_eq!(read(&stored).unwrap(), played);
        assert!(read(&stored.replace("\"louder\":[7,", "\"louder\":[")).is_err());
        let json = serde_json::to_string(&NoteColumns::new(&notes)).unwrap();
        assert!(json.starts_with(r#"{"steps":[480,0,720],"#), "{json}");
        assert_eq!(read(&json).unwrap(), notes);
        assert_eq!(read(&serde_json::to_string(&notes).unwrap()).unwrap(), notes);
        for (odd, words) in [
            (json.replace("[480,0,720]", "[480,0]"), "do not agree"),
            (json.replace("[480,0,720]", "[480,4294967295,1]"), "do not agree"),
            (json.replace("\"locked\":[1]", "\"locked\":[3]"), "do not agree"),
            (json.replace("\"locked\"", "\"muted\""), "unknown field"),
            ("7".to_owned(), "as a list or in columns"),
        ] {
            let error = read(&odd).unwrap_err();
            assert!(error.contains(words), "{odd}: {error}");
        }
    }

    #[test]
    fn more_notes_than_a_phrase_has_are_not_read() {
        let note = r#"{"onset":0,"duration":1,"pitch":60,"velocity":1}"#;
        let list = |n_notes: usize| format!("[{}]", vec![note; n_notes].join(","));
        assert_eq!(read(&list(MAX_NOTES)).unwrap().len(), MAX_NOTES);
        assert!(read(&list(MAX_NOTES + 1)).unwrap_err().contains("at most 65536 notes"));
        let column = |value: &str| vec![value; MAX_NOTES + 1].join(",");
        let (zeros, ones) = (column("0"), column("1"));
        let columns =
            format!(r#"{{"steps":[{zeros}],"durations":[{ones}],"pitches":[{ones}],"velocities":[{ones}]}}"#);
        assert!(read(&columns).unwrap_err().contains("do not agree"));
    }
}
