//! The takes that a project holds, and which of them plays.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Take;
use crate::music::{Part, Phrase, Pitch, TickInstant};

/// A take in a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What people call it: counted from 1 and never given twice in a project.
    pub number: u64,
    /// The take.
    pub take: Take,
}

/// All takes of a project, oldest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawTakes", into = "RawTakes")]
pub struct Takes {
    entries: Vec<Arc<Entry>>,
    /// Index in `entries`.
    current: Option<usize>,
    /// How many there have ever been.
    n_made: u64,
}

/// Why stored takes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakesError {
    /// The chosen take is not there.
    #[error("take {0} is chosen, but there are {1}")]
    Current(usize, usize),
    /// More takes than anybody has made.
    #[error("a take has the number {0}")]
    Number(u64),
    /// Numbers that do not ascend.
    #[error("the takes are out of order")]
    Order,
}

impl Takes {
    /// Most takes that are kept; the oldest that is not chosen goes first.
    pub const MAX_ENTRIES: usize = 64;

    /// The highest number that a stored take is believed to have.
    const MAX_NUMBER: u64 = 1 << 40;

    /// Every take, oldest first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The place of the chosen take in [`Self::entries`].
    pub const fn current_idx(&self) -> Option<usize> {
        self.current
    }

    /// The chosen take.
    pub fn current(&self) -> Option<&Arc<Entry>> {
        self.entries.get(self.current?)
    }

    /// Locks the note of the chosen take that `part` strikes at `onset` with `pitch`, or unlocks it.
    pub fn toggle_lock(&mut self, part: Part, onset: TickInstant, pitch: Pitch) {
        let Some(entry) = self.current.and_then(|idx| self.entries.get_mut(idx)) else { return };
        let phrase = &entry.take.phrase;
        let mut parts = phrase.to_parts();
        for note in &mut parts[part.index()] {
            note.locked ^= note.onset == onset && note.pitch == pitch;
        }
        if let Ok(phrase) = Phrase::new(*phrase.frame(), phrase.progression().clone(), parts) {
            Arc::make_mut(entry).take.phrase = Arc::new(phrase);
        }
    }

    /// The number that the next take gets.
    pub const fn next_number(&self) -> u64 {
        self.n_made + 1
    }

    /// Adds takes that were composed together and chooses the first of them.
    pub fn add(&mut self, takes: impl IntoIterator<Item = Take>) {
        let first = self.next_number();
        for take in takes {
            self.n_made += 1;
            self.entries.push(Arc::new(Entry { number: self.n_made, take }));
        }
        if self.n_made >= first {
            self.select_number(first);
        }
        while self.entries.len() > Self::MAX_ENTRIES {
            let chosen = self.current().map(|entry| entry.number);
            self.entries.remove(usize::from(self.current == Some(0)));
            self.current = None;
            chosen.into_iter().for_each(|number| self.select_number(number));
        }
    }

    /// Chooses the take at `idx`, the nearest if there is none.
    pub fn select(&mut self, idx: usize) {
        self.current = self.entries.len().checked_sub(1).map(|last| idx.min(last));
    }

    /// Chooses the take before; stays at the first.
    pub fn select_previous(&mut self) {
        self.select(self.current.unwrap_or(0).saturating_sub(1));
    }

    /// Chooses the take after; stays at the last.
    pub fn select_next(&mut self) {
        self.select(self.current.map_or(0, |idx| idx + 1));
    }

    fn select_number(&mut self, number: u64) {
        self.current = self.entries.iter().position(|entry| entry.number == number);
    }
}

/// The serialised form of takes.
#[derive(Serialize, Deserialize)]
struct RawTakes {
    #[serde(default)]
    entries: Vec<Entry>,
    #[serde(default)]
    current: Option<usize>,
    #[serde(default)]
    n_made: u64,
}

impl TryFrom<RawTakes> for Takes {
    type Error = TakesError;

    fn try_from(raw: RawTakes) -> Result<Self, TakesError> {
        let n_entries = raw.entries.len();
        if let Some(idx) = raw.current.filter(|idx| *idx >= n_entries) {
            return Err(TakesError::Current(idx, n_entries));
        }
        if !raw.entries.is_sorted_by(|a, b| a.number < b.number) {
            return Err(TakesError::Order);
        }
        let n_made = raw.entries.last().map_or(0, |last| last.number).max(raw.n_made);
        if n_made > Self::MAX_NUMBER {
            return Err(TakesError::Number(n_made));
        }
        Ok(Self { entries: raw.entries.into_iter().map(Arc::new).collect(), current: raw.current, n_made })
    }
}

impl From<Takes> for RawTakes {
    fn from(takes: Takes) -> Self {
        let entries = takes.entries.iter().map(|entry| Entry::clone(entry)).collect();
        Self { entries, current: takes.current, n_made: takes.n_made }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Part, Phrase};
    use crate::session::{Receipt, Task, Wishes};

    fn take(take: u32) -> Take {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], Wishes::default()).unwrap();
        Take {
            phrase: Arc::new(Phrase::empty(frame).unwrap()),
            receipt: Receipt::new("model", 1, take, &task),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn new_takes_are_chosen_and_old_ones_stay() {
        let mut takes = Takes::default();
        takes.add([take(0), take(1)]);
        takes.add([take(0), take(1)]);
        let current = |takes: &Takes| takes.current().map(|entry| entry.number);
        assert_eq!(current(&takes), Some(3));
        takes.select_previous();
        assert_eq!(current(&takes), Some(2));
        takes.select_next();
        takes.select_next();
        takes.select_next();
        assert_eq!(current(&takes), Some(4));
        takes.select(0);
        takes.select_previous();
        assert_eq!(current(&takes), Some(1));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut takes = Takes::default();
        for _ in 0..100 {
            takes.add([take(0)]);
        }
        assert_eq!(takes.entries().len(), Takes::MAX_ENTRIES);
        assert_eq!(takes.current().map(|entry| entry.number), Some(100));
        assert_eq!(takes.next_number(), 101);
    }

    #[test]
    fn what_is_stored_comes_back_and_damage_is_named() {
        let mut takes = Takes::default();
        takes.add([take(0), take(1)]);
        let text = serde_json::to_string(&takes).unwrap();
        assert_eq!(serde_json::from_str::<Takes>(&text).unwrap(), takes);
        let damaged = text.replace("\"current\":0", "\"current\":7");
        let error = serde_json::from_str::<Takes>(&damaged).unwrap_err().to_string();
        assert!(error.contains("take 7 is chosen"), "{error}");
    }
}
