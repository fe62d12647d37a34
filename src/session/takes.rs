//! The takes of a project, which of them is chosen, and the slots that hold some of them.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::undo::{HistoryStep, UndoState};
use super::{Edit, EditError, NotesChange, Take, bounded};
use crate::music::{Note, Part, Phrase, counted};

/// Why a take was composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Occasion {
    /// The user asked for it.
    #[default]
    #[serde(rename = "asked")]
    Requested,
    /// It was composed while another take played, to follow it, as in Evolve and Answer.
    #[serde(rename = "passing")]
    Automatic,
}

impl Occasion {
    fn is_requested(&self) -> bool {
        *self == Self::Requested
    }
}

/// A take in a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name for users: counted from 1, unique in a project.
    pub number: u64,
    /// Why it was composed.
    #[serde(default, skip_serializing_if = "Occasion::is_requested")]
    pub occasion: Occasion,
    /// Number of edits by hand to its notes, without undone ones; changes of locks do not count.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub n_edits: u32,
    /// What the user thinks of it.
    #[serde(default, skip_serializing_if = "Mark::is_none")]
    pub mark: Mark,
    /// The number of the take that it goes on from, or changes; `None` for a new phrase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<u64>,
    /// The take, with edits applied.
    pub take: Take,
}

/// For serde: whether `n` is 0 and left out.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
const fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Entry {
    /// Whether its notes were edited after composing.
    pub const fn is_edited(&self) -> bool {
        self.n_edits > 0
    }

    /// Whether it was composed automatically and not edited since.
    fn is_automatic(&self) -> bool {
        let is_locked = || self.take.phrase.all_notes().any(|(_, note)| note.locked);
        self.occasion == Occasion::Automatic && !self.is_edited() && !is_locked()
    }
}

/// All takes of a project, oldest first.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "RawTakes", into = "RawTakes")]
pub struct Takes {
    entries: Vec<Arc<Entry>>,
    /// Index in `entries`.
    current: Option<usize>,
    /// How many takes there have ever been.
    n_made: u64,
    /// Numbers of the takes in the slots.
    slots: [Option<u64>; Takes::N_SLOTS],
}

/// Why stored takes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TakesError {
    /// The chosen take does not exist.
    #[error("take {0} is chosen, but there are {1}")]
    Current(usize, usize),
    /// A take number that is too high.
    #[error("a take has the number {0}")]
    Number(u64),
    /// Numbers that do not ascend.
    #[error("the takes are out of order")]
    Order,
    /// More takes than are kept.
    #[error("there are {}, of at most {max}", counted(.0, "take"), max = Takes::MAX_ENTRIES)]
    Entries(usize),
    /// More slots than there are.
    #[error("there are {}, of at most {max}", counted(.0, "slot"), max = Takes::N_SLOTS)]
    Slots(usize),
}

impl Takes {
    /// Most takes kept. Chosen takes, favourites and those in slots stay. Of the others the oldest is dropped first, after
    /// discarded ones and
    /// automatic ones other than the latest [`Self::N_AUTOMATIC_KEPT`].
    pub const MAX_ENTRIES: usize = 64;

    /// Number of automatic takes that are kept like requested ones.
    pub const N_AUTOMATIC_KEPT: usize = 8;

    /// Slots, one for every key of an octave.
    pub const N_SLOTS: usize = 12;

    /// The highest accepted number of a stored take.
    const MAX_NUMBER: u64 = 1 << 40;

    /// Every take, oldest first.
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// Index of the chosen take in [`Self::entries`].
    pub const fn current_idx(&self) -> Option<usize> {
        self.current
    }

    /// The chosen take.
    pub fn current(&self) -> Option<&Arc<Entry>> {
        self.entries.get(self.current?)
    }

    /// Whether the chosen take was composed automatically and not edited since.
    pub fn is_automatic(&self) -> bool {
        self.current().is_some_and(|entry| entry.is_automatic())
    }

    /// Applies `edit` to the chosen take; returns the change, `None` if there is none.
    ///
    /// # Errors
    ///
    /// As [`Edit::apply`]; [`EditError::NoPhrase`] if no take is chosen.
    pub(super) fn edit_notes(&mut self, edit: &Edit) -> Result<Option<NotesChange>, EditError> {
        let Entry { number, take, .. } = &**self.current().ok_or(EditError::NoPhrase)?;
        let after = edit.apply(&take.phrase)?.phrase;
        if after == *take.phrase {
            return Ok(None);
        }
        let change = NotesChange::between(*number, &take.phrase, &after);
        self.change_notes(&change, change.n_edits());
        Ok(Some(change))
    }

    /// Undoes `change`; does nothing if the notes of its take have changed since.
    pub(super) fn undo_notes(&mut self, change: &NotesChange) {
        self.change_notes(&change.clone().reversed(), -change.n_edits());
    }

    /// Redoes `change`; does nothing if the notes of its take have changed since.
    pub(super) fn redo_notes(&mut self, change: &NotesChange) {
        self.change_notes(change, change.n_edits());
    }

    fn change_notes(&mut self, change: &NotesChange, n_more_edits: i32) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.number == change.take) else { return };
        let Some(phrase) = change.made(&entry.take.phrase) else { return };
        let entry = Arc::make_mut(entry);
        entry.take.phrase = Arc::new(phrase);
        entry.n_edits = entry.n_edits.saturating_add_signed(n_more_edits);
    }

    /// How takes are arranged now.
    pub fn undo_state(&self) -> UndoState {
        let locked = |entry: &Arc<Entry>| {
            let notes = entry.take.phrase.all_notes().filter(|(_, note)| note.locked);
            notes.map(|(part, note)| (part, note.onset, note.pitch)).collect()
        };
        let current = self.current();
        UndoState {
            current: current.map(|entry| entry.number),
            slots: self.slots.to_vec(),
            locks: current.map(locked).unwrap_or_default(),
            marks: self.marks(),
        }
    }

    /// Whether the takes of `step` still exist.
    pub(super) fn has(&self, step: &HistoryStep) -> bool {
        let chosen = step.takes.as_ref().and_then(|state| state.current);
        let edited = step.notes.as_ref().map(|change| change.take);
        let is_there = |number: u64| self.entries.iter().any(|entry| entry.number == number);
        chosen.into_iter().chain(edited).all(is_there)
    }

    /// Arranges takes as in `state`; slots of takes that no longer exist are empty.
    pub fn arrange(&mut self, moment: &UndoState) {
        self.current = None;
        moment.current.into_iter().for_each(|number| self.select_number(number));
        self.slots = [None; Self::N_SLOTS];
        for (slot_idx, number) in moment.slots.iter().enumerate() {
            let idx = number.and_then(|number| self.entries.iter().position(|entry| entry.number == number));
            idx.into_iter().for_each(|idx| self.put_in_slot(idx, slot_idx));
        }
        self.relock(|part, note| moment.locks.contains(&(part, note.onset, note.pitch)));
        for entry in &mut self.entries {
            let mark = moment.marks.iter().find(|(number, _)| *number == entry.number);
            let mark = mark.map_or(Mark::None, |(_, mark)| *mark);
            if entry.mark != mark {
                Arc::make_mut(entry).mark = mark;
            }
        }
    }

    /// The marks of the takes that have one, by number.
    fn marks(&self) -> Vec<(u64, Mark)> {
        let marked = self.entries.iter().filter(|entry| !entry.mark.is_none());
        marked.map(|entry| (entry.number, entry.mark)).collect()
    }

    /// Marks the take at `idx`. A discarded one leaves its slot, and if it is chosen, the nearest one in sight is chosen, the
    /// later of two; the last take in sight cannot be discarded.
    pub fn mark(&mut self, idx: usize, mark: Mark) {
        if self.entries.get(idx).is_none() {
            return;
        }
        if mark == Mark::Discarded {
            let others = (0..self.entries.len()).filter(|other| *other != idx && self.is_in_sight(*other));
            let Some(nearest) = others.min_by_key(|other| (other.abs_diff(idx), *other < idx)) else {
                return;
            };
            self.take_out_of_slot(idx);
            if self.current == Some(idx) {
                self.current = Some(nearest);
            }
        }
        Arc::make_mut(&mut self.entries[idx]).mark = mark;
    }

    /// Whether the take at `idx` is there and not discarded.
    pub fn is_in_sight(&self, idx: usize) -> bool {
        self.entries.get(idx).is_some_and(|entry| entry.mark != Mark::Discarded)
    }

    /// Sets the locks of the chosen take's notes.
    fn relock(&mut self, is_locked: impl Fn(Part, &Note) -> bool) {
        let Some(entry) = self.current.and_then(|idx| self.entries.get_mut(idx)) else { return };
        let phrase = &entry.take.phrase;
        if phrase.all_notes().all(|(part, note)| note.locked == is_locked(part, note)) {
            return;
        }
        let mut parts = phrase.to_parts();
        for (part, notes) in Part::ALL.into_iter().zip(&mut parts) {
            notes.iter_mut().for_each(|note| note.locked = is_locked(part, note));
        }
        if let Ok(phrase) = Phrase::new(*phrase.frame(), phrase.progression().clone(), parts) {
            Arc::make_mut(entry).take.phrase = Arc::new(phrase);
        }
    }

    /// The number of the next take.
    pub const fn next_number(&self) -> u64 {
        self.n_made + 1
    }

    /// Adds takes that were composed together, from the take number `parent`, and chooses the first of them.
    pub fn add(&mut self, occasion: Occasion, parent: Option<u64>, takes: impl IntoIterator<Item = Take>) {
        let first = self.next_number();
        self.push(occasion, parent, takes);
        if self.n_made >= first {
            self.select_number(first);
        }
        self.forget_oldest();
    }

    /// Adds takes that were composed together, from the take number `parent`, without choosing one.
    pub fn append(&mut self, occasion: Occasion, parent: Option<u64>, takes: impl IntoIterator<Item = Take>) {
        self.push(occasion, parent, takes);
        self.forget_oldest();
    }

    fn push(&mut self, occasion: Occasion, parent: Option<u64>, takes: impl IntoIterator<Item = Take>) {
        for take in takes {
            self.n_made += 1;
            let (number, mark) = (self.n_made, Mark::None);
            self.entries.push(Arc::new(Entry { number, occasion, n_edits: 0, mark, parent, take }));
        }
    }

    fn forget_oldest(&mut self) {
        while self.entries.len() > Self::MAX_ENTRIES {
            let chosen = self.current().map(|entry| entry.number);
            let may_go = |entry: &Arc<Entry>| {
                let is_held = entry.mark == Mark::Favourite || self.slot_of(entry.number).is_some();
                Some(entry.number) != chosen && !is_held
            };
            let may_automatic_go = |entry: &Arc<Entry>| may_go(entry) && entry.is_automatic();
            let n_automatic = self.entries.iter().filter(|entry| may_automatic_go(entry)).count();
            let is_discarded = |entry: &Arc<Entry>| entry.mark == Mark::Discarded && may_go(entry);
            let discarded = self.entries.iter().position(is_discarded);
            let oldest = if discarded.is_some() {
                discarded
            } else if n_automatic > Self::N_AUTOMATIC_KEPT {
                self.entries.iter().position(may_automatic_go)
            } else {
                self.entries.iter().position(may_go)
            };
            let Some(oldest) = oldest else { return };
            self.entries.remove(oldest);
            self.current = None;
            chosen.into_iter().for_each(|number| self.select_number(number));
        }
    }

    /// Numbers of the takes in the slots, by slot.
    pub const fn slots(&self) -> &[Option<u64>; Self::N_SLOTS] {
        &self.slots
    }

    /// The take in the slot `slot_idx`, `0..N_SLOTS`.
    pub fn in_slot(&self, slot_idx: usize) -> Option<&Arc<Entry>> {
        let number = (*self.slots.get(slot_idx)?)?;
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The slot that holds take number `number`, `0..N_SLOTS`.
    pub fn slot_of(&self, number: u64) -> Option<usize> {
        self.slots.iter().position(|slot| *slot == Some(number))
    }

    /// Puts the take at `idx` into the slot `slot_idx`, replacing what it held, and removes it from any other slot.
    pub fn put_in_slot(&mut self, idx: usize, slot_idx: usize) {
        let Some(number) = self.entries.get(idx).map(|entry| entry.number) else { return };
        self.take_out_of_slot(idx);
        if let Some(slot) = self.slots.get_mut(slot_idx) {
            *slot = Some(number);
        }
    }

    /// Removes the take at `idx` from its slot, if it is in one.
    pub fn take_out_of_slot(&mut self, idx: usize) {
        let Some(number) = self.entries.get(idx).map(|entry| entry.number) else { return };
        if let Some(slot_idx) = self.slot_of(number) {
            self.slots[slot_idx] = None;
        }
    }

    /// Chooses the take in the slot `slot_idx`; returns whether there is one.
    pub fn select_slot(&mut self, slot_idx: usize) -> bool {
        let number = self.in_slot(slot_idx).map(|entry| entry.number);
        number.into_iter().for_each(|number| self.select_number(number));
        number.is_some()
    }

    /// Chooses the take at `idx`, clamped to those there are.
    pub fn select(&mut self, idx: usize) {
        self.current = self.entries.len().checked_sub(1).map(|last| idx.min(last));
    }

    /// Chooses the previous take in sight; stays at the first.
    pub fn select_previous(&mut self) {
        let before = (0..self.current.unwrap_or(0)).rev().find(|idx| self.is_in_sight(*idx));
        before.into_iter().for_each(|idx| self.select(idx));
    }

    /// Chooses the next take in sight; stays at the last.
    pub fn select_next(&mut self) {
        let first = self.current.map_or(0, |idx| idx + 1);
        let next = (first..self.entries.len()).find(|idx| self.is_in_sight(*idx));
        next.into_iter().for_each(|idx| self.select(idx));
    }

    fn select_number(&mut self, number: u64) {
        self.current = self.entries.iter().position(|entry| entry.number == number);
    }
}

/// The serialised form of takes.
#[derive(Serialize, Deserialize)]
struct RawTakes {
    #[serde(default, deserialize_with = "bounded::first::<{ Takes::MAX_ENTRIES + 1 }, _, _>")]
    entries: Vec<Entry>,
    #[serde(default)]
    current: Option<usize>,
    #[serde(default)]
    n_made: u64,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "bounded::first::<{ Takes::N_SLOTS + 1 }, _, _>"
    )]
    slots: Vec<Option<u64>>,
}

impl TryFrom<RawTakes> for Takes {
    type Error = TakesError;

    fn try_from(raw: RawTakes) -> Result<Self, TakesError> {
        let n_entries = raw.entries.len();
        if n_entries > Self::MAX_ENTRIES {
            return Err(TakesError::Entries(n_entries));
        }
        if raw.slots.len() > Self::N_SLOTS {
            return Err(TakesError::Slots(raw.slots.len()));
        }
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
        let is_there = |number: &u64| raw.entries.iter().any(|entry| entry.number == *number);
        let mut slots = [None; Self::N_SLOTS];
        for (idx, slot) in slots.iter_mut().enumerate() {
            let number = raw.slots.get(idx).copied().flatten().filter(is_there);
            *slot = number.filter(|number| !raw.slots[..idx].contains(&Some(*number)));
        }
        let entries = raw.entries.into_iter().map(Arc::new).collect();
        Ok(Self { entries, current: raw.current, n_made, slots })
    }
}

impl From<Takes> for RawTakes {
    fn from(takes: Takes) -> Self {
        let entries = takes.entries.iter().map(|entry| Entry::clone(entry)).collect();
        let n_slots = takes.slots.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        Self { entries, current: takes.current, n_made: takes.n_made, slots: takes.slots[..n_slots].to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Part, Phrase};
    use crate::session::{Receipt, Task, TaskSettings};

    fn take(take: u32) -> Take {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
        Take {
            phrase: Arc::new(Phrase::empty(frame).unwrap()),
            receipt: Receipt::new("model", 1, take, &task),
            remarks: Vec::new(),
        }
    }

    #[test]
    fn new_takes_are_chosen_and_old_ones_stay() {
        let mut takes = Takes::default();
        takes.add(Occasion::Requested, None, [take(0), take(1)]);
        takes.add(Occasion::Requested, None, [take(0), take(1)]);
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
    fn favourites_stay_and_discarded_takes_go_first() {
        let mut takes = Takes::default();
        takes.add(Occasion::Requested, None, (0..4).map(take));
        takes.mark(1, Mark::Favourite);
        takes.mark(2, Mark::Discarded);
        takes.put_in_slot(0, 3);
        // The chosen one: the next in sight is chosen, and its slot is free.
        takes.mark(0, Mark::Discarded);
        assert_eq!((takes.current_idx(), takes.slot_of(1)), (Some(1), None));
        takes.select_next();
        assert_eq!(takes.current_idx(), Some(3));
        takes.select_previous();
        assert_eq!(takes.current_idx(), Some(1));
        // The last in sight stays.
        takes.mark(1, Mark::Discarded);
        takes.mark(3, Mark::Discarded);
        assert!(takes.is_in_sight(3) && !takes.is_in_sight(1));
        takes.mark(1, Mark::Favourite);
        for _ in 0..Takes::MAX_ENTRIES {
            takes.add(Occasion::Requested, Some(4), [take(0)]);
        }
        let numbers: Vec<u64> = takes.entries().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers[..2], [2, 6], "1 and 3 went as discarded, 4 and 5 as the oldest");
        assert_eq!(takes.entries()[1].parent, Some(4));
        let stored = serde_json::to_string(&takes).unwrap();
        assert_eq!(serde_json::from_str::<Takes>(&stored).unwrap(), takes);
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many() {
        let mut takes = Takes::default();
        for _ in 0..100 {
            takes.add(Occasion::Requested, None, [take(0)]);
        }
        assert_eq!(takes.entries().len(), Takes::MAX_ENTRIES);
        assert_eq!(takes.current().map(|entry| entry.number), Some(100));
        assert_eq!(takes.next_number(), 101);
    }

    #[test]
    fn what_came_in_automatic_goes_first_and_the_latest_of_it_stays() {
        let mut takes = Takes::default();
        takes.add(Occasion::Automatic, None, [take(0)]);
        takes.put_in_slot(0, 3);
        takes.add(Occasion::Requested, None, (0..4).map(take));
        for _ in 0..200 {
            takes.add(Occasion::Automatic, None, [take(0)]);
        }
        assert_eq!(takes.entries().len(), Takes::MAX_ENTRIES);
        let numbers: Vec<u64> = takes.entries().iter().map(|entry| entry.number).collect();
        assert_eq!(numbers[..5], [1, 2, 3, 4, 5]);
        assert_eq!(numbers[5..], (205 - 58..=205).collect::<Vec<u64>>());
        // Those asked for push out what came in passing, and then the oldest.
        for (n_asked, second) in [(51, 2), (1, 3), (3, 198)] {
            (0..n_asked).for_each(|_| takes.add(Occasion::Requested, None, [take(0)]));
            assert_eq!(takes.entries()[1].number, second);
        }
        assert_eq!(takes.in_slot(3).map(|entry| entry.number), Some(1));
        let text = serde_json::to_string(&takes).unwrap();
        assert_eq!(serde_json::from_str::<Takes>(&text).unwrap(), takes);
    }

    #[test]
    fn what_lies_in_a_slot_stays_and_is_in_one_only() {
        let mut takes = Takes::default();
        takes.add(Occasion::Requested, None, [take(0), take(1), take(2)]);
        takes.put_in_slot(1, 0);
        takes.put_in_slot(2, 0);
        takes.put_in_slot(1, 4);
        takes.put_in_slot(1, 11);
        takes.put_in_slot(9, 5);
        takes.put_in_slot(0, Takes::N_SLOTS);
        let numbers = |takes: &Takes| -> Vec<(usize, u64)> {
            let slots = (0..=Takes::N_SLOTS).filter_map(|slot| Some((slot, takes.in_slot(slot)?.number)));
            slots.collect()
        };
        assert_eq!(numbers(&takes), [(0, 3), (11, 2)]);
        for _ in 0..100 {
            takes.add(Occasion::Requested, None, [take(0)]);
        }
        assert_eq!(takes.entries().len(), Takes::MAX_ENTRIES);
        assert_eq!(numbers(&takes), [(0, 3), (11, 2)]);
        takes.append(Occasion::Requested, None, [take(0)]);
        assert_eq!(takes.current().map(|entry| entry.number), Some(103));
        assert!(takes.select_slot(11) && !takes.select_slot(5) && !takes.select_slot(99));
        assert_eq!(takes.current().map(|entry| entry.number), Some(2));
        let text = serde_json::to_string(&takes).unwrap();
        assert_eq!(serde_json::from_str::<Takes>(&text).unwrap(), takes);
        takes.take_out_of_slot(0);
        assert_eq!(numbers(&takes), [(0, 3)]);
        // Slots of takes that are gone are empty, and none holds a take twice.
        let odd = text.replace("\"slots\":[3,null,", "\"slots\":[2,999,");
        assert_eq!(numbers(&serde_json::from_str(&odd).unwrap()), [(0, 2)]);
    }

    #[test]
    fn what_is_stored_comes_back_and_damage_is_named() {
        let mut takes = Takes::default();
        takes.add(Occasion::Requested, None, [take(0), take(1)]);
        let text = serde_json::to_string(&takes).unwrap();
        assert_eq!(serde_json::from_str::<Takes>(&text).unwrap(), takes);
        let damaged = text.replace("\"current\":0", "\"current\":7");
        let error = serde_json::from_str::<Takes>(&damaged).unwrap_err().to_string();
        assert!(error.contains("take 7 is chosen"), "{error}");
    }
}
