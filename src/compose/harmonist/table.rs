//! Counts from real music: which chords stand under which melody notes, and which chord follows which.
//!
//! # Format
//!
//! JSON. A chord is written as semitones of its root above the tonic, with `m` for a minor and `o` for a diminished
//! third: `0` is I, `7` V, `9m` vi. `descant-cli corpus progressions` writes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::compose::plan::Group;
use crate::music::{Chord, ChordQuality, Key, PitchClass};

/// Number of distinct chords: twelve roots, three thirds.
pub const N_STATES: usize = 36;

/// The third and fifth over the root of a chord.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are the field's own")]
pub enum Third {
    Major,
    Minor,
    Diminished,
}

impl Third {
    /// In the order of indices.
    pub const ALL: [Self; 3] = [Self::Major, Self::Minor, Self::Diminished];

    /// The third of a chord of `quality`.
    pub fn of_quality(quality: ChordQuality) -> Self {
        let has = |tone: u8| quality.tones().contains(&tone);
        match (has(3) && !has(4), has(6) && !has(7)) {
            (true, true) => Self::Diminished,
            (true, false) => Self::Minor,
            _ => Self::Major,
        }
    }

    /// The triad.
    pub const fn plain(self) -> ChordQuality {
        match self {
            Self::Major => ChordQuality::Major,
            Self::Minor => ChordQuality::Minor,
            Self::Diminished => ChordQuality::Diminished,
        }
    }

    /// The counts of this third.
    pub const fn of(self, thirds: &[[u64; 12]; 3]) -> &[u64; 12] {
        &thirds[self as usize]
    }
}

/// A chord in a key: root and third.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct State {
    /// Semitones above the tonic, `0..12`.
    root: u8,
    third: Third,
}

impl State {
    /// The state of `chord` in `key`.
    pub fn of(chord: Chord, key: Key) -> Self {
        Self { root: chord.root.above(key.tonic), third: Third::of_quality(chord.quality) }
    }

    /// All states, in the order of indices.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..12).flat_map(|root| Third::ALL.map(|third| Self { root, third }))
    }

    /// The state of index `idx`.
    pub fn from_index(idx: usize) -> Option<Self> {
        Self::all().nth(idx)
    }

    /// A chord on `root` semitones above the tonic, modulo the octave.
    pub const fn new(root: u8, third: Third) -> Self {
        Self { root: root % 12, third }
    }

    /// The index in [`Self::all`].
    pub fn to_index(self) -> usize {
        usize::from(self.root) * Third::ALL.len() + self.third as usize
    }

    /// The root of the state of index `idx`, in a key on C.
    pub fn root_of(idx: usize) -> PitchClass {
        PitchClass::new(u8::try_from(idx / Third::ALL.len()).unwrap_or(0))
    }

    /// The root in a key on C.
    pub const fn root(self) -> PitchClass {
        PitchClass::new(self.root)
    }

    /// The third.
    pub const fn third(self) -> Third {
        self.third
    }
}

impl From<State> for String {
    fn from(state: State) -> Self {
        let sign = match state.third {
            Third::Major => "",
            Third::Minor => "m",
            Third::Diminished => "o",
        };
        format!("{}{sign}", state.root)
    }
}

/// A text that is not a chord of a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no chord of the table: write 0 to 11, with m for minor or o for diminished")]
pub struct UnknownState(String);

impl TryFrom<String> for State {
    type Error = UnknownState;

    fn try_from(text: String) -> Result<Self, UnknownState> {
        let third = match text.chars().last() {
            Some('m') => Third::Minor,
            Some('o') => Third::Diminished,
            _ => Third::Major,
        };
        let root = text.trim_end_matches(['m', 'o']).parse().ok().filter(|root| *root < 12);
        root.map(|root| Self { root, third }).ok_or(UnknownState(text))
    }
}

/// A count as a floating-point number.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) const fn to_f64(n: u64) -> f64 {
    n as f64
}

/// Melody notes over each kind of chord, in sixteenths of a note: indexed by `[third][semitones above the root]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Melody {
    /// Notes that begin on a beat or are held from before.
    pub strong: [[u64; 12]; 3],
    /// Other notes.
    pub weak: [[u64; 12]; 3],
}

/// Counts of one group and mode.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Chords that phrases begin with.
    pub first: BTreeMap<State, u64>,
    /// Chords that phrases end with.
    pub last: BTreeMap<State, u64>,
    /// Following chords at the start of a bar, by chord; staying on it counts too.
    pub on_bar: BTreeMap<State, BTreeMap<State, u64>>,
    /// Following chords in the middle of a bar, by chord; staying on it counts too.
    pub in_bar: BTreeMap<State, BTreeMap<State, u64>>,
    /// Chord symbols without the root, by chord.
    pub qualities: BTreeMap<State, BTreeMap<String, u64>>,
}

/// Both modes of a group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Modes {
    /// Keys with a major third.
    pub major: Counts,
    /// Keys with a minor third.
    pub minor: Counts,
}

/// The whole table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ProgressionTable {
    /// Origin of the music.
    pub source: String,
    /// Licences of the music.
    pub licence: String,
    /// The counting method, and how to read the counts.
    pub counted: String,
    /// Melodies of all styles.
    pub melody: Melody,
    /// Counts by group of styles.
    pub groups: BTreeMap<Group, Modes>,
}

impl ProgressionTable {
    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// A text that is not such a table.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The table as JSON, a line for each group, mode and kind of count.
    pub fn to_json(&self) -> String {
        let mut text = format!(
            "{{\n\"source\": {},\n\"licence\": {},\n\"counted\": {},\n\"melody\": {},\n\"groups\": {{",
            json(&self.source),
            json(&self.licence),
            json(&self.counted),
            json(&self.melody)
        );
        for (idx, (group, modes)) in self.groups.iter().enumerate() {
            let comma = if idx > 0 { "," } else { "" };
            let _ = write!(
                text,
                "{comma}\n{}: {{\n\"major\": {},\n\"minor\": {}\n}}",
                json(group),
                by_line(&modes.major),
                by_line(&modes.minor)
            );
        }
        text.push_str("\n}\n}\n");
        text
    }

    /// The counts of `group` in major or minor, if any.
    pub fn counts(&self, group: Group, is_minor: bool) -> Option<&Counts> {
        self.groups.get(&group).map(|modes| if is_minor { &modes.minor } else { &modes.major })
    }

    /// The counts of `group` in major or minor, to add to.
    pub fn counts_mut(&mut self, group: Group, is_minor: bool) -> &mut Counts {
        let modes = self.groups.entry(group).or_default();
        if is_minor { &mut modes.minor } else { &mut modes.major }
    }

    /// Removes counts below `fewest`.
    #[must_use]
    pub fn without_rare(mut self, fewest: u64) -> Self {
        for counts in self.groups.values_mut().flat_map(|modes| [&mut modes.major, &mut modes.minor]) {
            let followers = counts.on_bar.values_mut().chain(counts.in_bar.values_mut());
            followers.for_each(|followers| followers.retain(|_, n| *n >= fewest));
            counts.qualities.values_mut().for_each(|symbols| symbols.retain(|_, n| *n >= fewest));
            counts.on_bar.retain(|_, followers| !followers.is_empty());
            counts.in_bar.retain(|_, followers| !followers.is_empty());
            counts.qualities.retain(|_, symbols| !symbols.is_empty());
        }
        self
    }
}

fn by_line(counts: &Counts) -> String {
    json(counts).replace("},\"", "},\n\"")
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
