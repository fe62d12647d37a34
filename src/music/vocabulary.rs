//! Chords and notes outside the key that belong to a style.
//!
//! Rock has ♭VII, blues a seventh on every degree, jazz is seldom in one key for four bars. A [`VocabularyTable`] has
//! the counts of each style and mode; a [`Vocabulary`] is the set of chords and notes that may be composed.
//!
//! # Invariants
//!
//! Everything is relative to a tonic of C: the chord `Bb` of a vocabulary is ♭VII of whatever key.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chord::{Chord, ChordQuality};
use super::scale::Mode;

/// The chords and notes outside the key that may be composed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Vocabulary {
    /// Chords outside the key, each in root position.
    pub chords: BTreeSet<ChordName>,
    /// Notes that may occur over any chord, in semitones above the tonic, `0..=11`: blue notes.
    pub notes: BTreeSet<u8>,
}

/// A chord as its symbol, so that sets of them are in an order that people can read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChordName(String);

impl ChordName {
    /// The chord.
    pub fn chord(&self) -> Option<Chord> {
        self.0.parse().ok()
    }
}

impl From<Chord> for ChordName {
    fn from(chord: Chord) -> Self {
        Self(chord.to_string())
    }
}

impl TryFrom<String> for ChordName {
    type Error = super::chord::UnknownChord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse::<Chord>().map(Self::from)
    }
}

impl From<ChordName> for String {
    fn from(name: ChordName) -> Self {
        name.0
    }
}

impl Vocabulary {
    /// Whether nothing outside the key may be composed.
    pub fn is_empty(&self) -> bool {
        self.chords.is_empty() && self.notes.is_empty()
    }

    /// Whether it has a chord of `quality` on the root `semitones` above the tonic.
    pub fn has_chord(&self, semitones: u8, quality: ChordQuality) -> bool {
        let chord = Chord::new(super::PitchClass::new(semitones), quality);
        self.chords.contains(&ChordName::from(chord))
    }
}

/// Chords and notes counted by style and mode.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VocabularyTable {
    /// What was counted, and how.
    pub counted: String,
    /// By style; `all` is every style together.
    pub styles: BTreeMap<String, BTreeMap<Mode, CountedVocabulary>>,
}

/// What was counted of one style and mode.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct CountedVocabulary {
    /// Families of pieces with chords.
    pub n_families: usize,
    /// Share of the time with chords in which a chord outside the key sounds, `0.0..=1.0`.
    pub outside: f64,
    /// The commonest chords outside the key, each with its share of the time with chords, `0.0..=1.0`.
    pub chords: BTreeMap<ChordName, f64>,
    /// Notes of melody and bass on felt beats that are of neither key nor chord, each with its share of all such notes,
    /// `0.0..=1.0`.
    pub notes: BTreeMap<u8, f64>,
}

impl VocabularyTable {
    /// The name of all styles together.
    pub const ALL: &'static str = "all";

    /// Fewest families from which the vocabulary of a style and mode is taken.
    const FEWEST_FAMILIES: usize = 12;

    /// A chord must sound for this share of the time to be of the vocabulary.
    const LEAST_CHORD: f64 = 0.002;

    /// The same where it is counted in all styles, of which this one need not have it.
    const LEAST_CHORD_OF_ALL: f64 = 0.01;

    /// A note outside key and chord must have this share to be a blue note; what is rarer is passing.
    const LEAST_NOTE: f64 = 0.006;

    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// Text that is not JSON of this form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The table as JSON, a style and mode a line.
    pub fn to_json(&self) -> String {
        let json = |value: &CountedVocabulary| serde_json::to_string(value).expect("finite numbers are JSON");
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let mode_name = |mode: &Mode| serde_json::to_string(mode).expect("a mode is a string");
        let of_mode =
            |(mode, counted): (&Mode, &CountedVocabulary)| format!("{}: {}", mode_name(mode), json(counted));
        let of_style = |(style, modes): (&String, &BTreeMap<Mode, CountedVocabulary>)| {
            let modes: Vec<String> = modes.iter().map(of_mode).collect();
            format!("{}: {{\n  {}\n}}", quoted(style), modes.join(",\n  "))
        };
        let styles: Vec<String> = self.styles.iter().map(of_style).collect();
        format!(
            "{{\n\"counted\": {},\n\"styles\": {{\n{}\n}}\n}}\n",
            quoted(&self.counted),
            styles.join(",\n")
        )
    }

    /// What may be composed in `mode` of `style`; where the style is `None` or has too few families, that of all styles.
    pub fn vocabulary(&self, style: Option<&str>, mode: Mode) -> Vocabulary {
        let of = |name: &str| self.styles.get(name).and_then(|modes| modes.get(&mode));
        let of_style = style.and_then(of).filter(|counted| counted.n_families >= Self::FEWEST_FAMILIES);
        let (counted, least_chord) = match of_style {
            Some(counted) => (Some(counted), Self::LEAST_CHORD),
            None => (of(Self::ALL), Self::LEAST_CHORD_OF_ALL),
        };
        let Some(counted) = counted else { return Vocabulary::default() };
        let chords = counted.chords.iter().filter(|(_, share)| **share >= least_chord);
        let notes = counted.notes.iter().filter(|(_, share)| **share >= Self::LEAST_NOTE);
        Vocabulary {
            chords: chords.map(|(name, _)| name.clone()).collect(),
            notes: notes.map(|(note, _)| *note).collect(),
        }
    }
}
