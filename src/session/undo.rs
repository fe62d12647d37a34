//! Undo, step by step: parameters that were set by hand, words, presets, the choice of takes, slots, and edits of
//! notes. Takes are never removed: composing is undone by choosing the take before, and redone by choosing the new one.
//!
//! # Format
//!
//! `past` and `future`, lists of [steps](HistoryStep). A step of takes is stored with the arrangement that it leads
//! back to, as in versions before steps had names; a step of parameters is stored with their values before and after.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mark::Mark;
use super::{NotesChange, bounded};
use crate::music::{Part, Pitch, TickInstant};

/// More takes than any version keeps.
const MAX_MARKS: usize = 256;

/// More slots than any version has.
const MAX_SLOTS: usize = 64;

/// The arrangement of takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UndoState {
    /// Number of the chosen take.
    pub(super) current: Option<u64>,
    /// Numbers of the takes in the slots.
    #[serde(deserialize_with = "bounded::first::<MAX_SLOTS, _, _>")]
    pub(super) slots: Vec<Option<u64>>,
    /// Locked notes of the chosen take: part, onset and pitch.
    pub(super) locks: Vec<(Part, TickInstant, Pitch)>,
    /// Marks of the takes that have one, by number.
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "bounded::first::<MAX_MARKS, _, _>"
    )]
    pub(super) marks: Vec<(u64, Mark)>,
}

/// A value before and after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Change<T> {
    /// Before.
    pub from: T,
    /// After.
    pub to: T,
}

/// A change, with what is needed to undo and redo it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct HistoryStep {
    /// The change in words: "Density 38 % → 22 %". Empty if an older version stored it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Changed parameters, by their id for hosts: normalised values, `0.0..=1.0`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, Change<f32>>,
    /// The text of the words box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Change<String>>,
    /// The name of the chosen preset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preset: Option<Change<Option<String>>>,
    /// Edits of notes of the chosen take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<NotesChange>,
    /// The arrangement of takes before the step; once undone, after it.
    #[serde(flatten)]
    pub takes: Option<UndoState>,
}

impl HistoryStep {
    /// Whether it changed the arrangement of takes.
    pub const fn moves_takes(&self) -> bool {
        self.takes.is_some()
    }

    /// Whether it changed nothing at all.
    pub fn is_empty(&self) -> bool {
        self.takes.is_none() && self.settings.is_empty() && self.words.is_none() && self.preset.is_none()
    }
}

/// Steps that can be undone, and undone steps that can be redone.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(from = "Stored")]
pub struct History {
    /// Oldest first.
    past: Vec<HistoryStep>,
    /// Latest first.
    future: Vec<HistoryStep>,
}

/// A stored history, which may contain invalid steps.
#[derive(Deserialize)]
struct Stored {
    #[serde(default, deserialize_with = "bounded::last::<{ History::MAX_STEPS }, _, _>")]
    past: Vec<HistoryStep>,
    #[serde(default, deserialize_with = "bounded::last::<{ History::MAX_STEPS }, _, _>")]
    future: Vec<HistoryStep>,
}

impl From<Stored> for History {
    fn from(stored: Stored) -> Self {
        let readable = |mut steps: Vec<HistoryStep>| {
            for step in &mut steps {
                let is_place = |place: &f32| (0.0..=1.0).contains(place);
                step.settings.retain(|_, change| is_place(&change.from) && is_place(&change.to));
            }
            steps.retain(|step| !step.is_empty());
            let n_too_many = steps.len().saturating_sub(Self::MAX_STEPS);
            steps.drain(..n_too_many);
            steps
        };
        Self { past: readable(stored.past), future: readable(stored.future) }
    }
}

impl History {
    /// Most steps that can be undone.
    pub const MAX_STEPS: usize = 64;

    /// Most notes in all remembered edits, so that a project stays small; beyond, the oldest steps are dropped.
    pub const MAX_NOTES: usize = 20_000;

    /// Whether nothing can be undone or redone.
    pub const fn is_empty(&self) -> bool {
        self.past.is_empty() && self.future.is_empty()
    }

    /// Adds a step; undone steps can no longer be redone.
    pub(super) fn record(&mut self, step: HistoryStep) {
        self.future.clear();
        self.past.push(step);
        let n_too_many = self.past.len().saturating_sub(Self::MAX_STEPS);
        self.past.drain(..n_too_many);
        let n_notes = |step: &HistoryStep| step.notes.as_ref().map_or(0, NotesChange::n_notes);
        let mut n_kept: usize = self.past.iter().map(n_notes).sum();
        while n_kept > Self::MAX_NOTES && self.past.len() > 1 {
            n_kept -= n_notes(&self.past.remove(0));
        }
    }

    /// Removes the last step if it is called `name` and nothing was undone since, so that it can be recorded again with
    /// what followed; returns whether it did.
    pub(super) fn reopen(&mut self, name: &str) -> bool {
        let is_last = self.past.last().is_some_and(|last| last.name == name && !name.is_empty());
        is_last && self.future.is_empty() && self.past.pop().is_some()
    }

    /// The step to undo next: the last whose takes still exist, as `has` says.
    pub(super) fn next_undo(&self, has: impl Fn(&HistoryStep) -> bool) -> Option<&HistoryStep> {
        self.past.iter().rev().find(|step| has(step))
    }

    /// The step to redo next.
    pub(super) fn next_redo(&self, has: impl Fn(&HistoryStep) -> bool) -> Option<&HistoryStep> {
        self.future.iter().rev().find(|step| has(step))
    }

    /// The steps that can be undone, the latest first.
    pub(super) fn done(&self) -> impl Iterator<Item = &HistoryStep> {
        self.past.iter().rev()
    }

    /// The steps that can be redone, the next first.
    pub(super) fn undone(&self) -> impl Iterator<Item = &HistoryStep> {
        self.future.iter().rev()
    }

    /// Undoes the next step, where takes are arranged as `now`.
    pub(super) fn undo(&mut self, now: UndoState, has: impl Fn(&HistoryStep) -> bool) -> Option<HistoryStep> {
        travel(&mut self.past, &mut self.future, now, has)
    }

    /// Redoes the next step, where takes are arranged as `now`.
    pub(super) fn redo(&mut self, now: UndoState, has: impl Fn(&HistoryStep) -> bool) -> Option<HistoryStep> {
        travel(&mut self.future, &mut self.past, now, has)
    }
}

/// Moves the last step of `from` whose takes still exist to the end of `to`; those after it are dropped.
fn travel(
    from: &mut Vec<HistoryStep>,
    to: &mut Vec<HistoryStep>,
    now: UndoState,
    has: impl Fn(&HistoryStep) -> bool,
) -> Option<HistoryStep> {
    while let Some(step) = from.pop() {
        if has(&step) {
            to.push(HistoryStep { takes: step.moves_takes().then_some(now), ..step.clone() });
            return Some(step);
        }
    }
    None
}
