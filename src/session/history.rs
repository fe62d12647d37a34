//! What can be undone: which take is chosen, what lies in the slots, and which notes are locked. Takes themselves never go
//! away by it, so that composing is undone by going back to the take before, and done again by going forth.

use serde::{Deserialize, Serialize};

use crate::music::{Part, Pitch, TickInstant};

/// How takes are arranged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Moment {
    /// Number of the chosen take.
    pub(super) current: Option<u64>,
    /// Numbers of the takes in the slots.
    pub(super) slots: Vec<Option<u64>>,
    /// Locked notes of the chosen take: part, onset and pitch.
    pub(super) locks: Vec<(Part, TickInstant, Pitch)>,
}

/// Moments before the present one, and after it where some were undone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct History {
    /// Oldest first.
    #[serde(default)]
    past: Vec<Moment>,
    /// Latest first.
    #[serde(default)]
    future: Vec<Moment>,
}

impl History {
    /// Most moments that can be undone.
    pub const MAX_MOMENTS: usize = 64;

    /// Whether nothing can be undone or done again.
    pub const fn is_empty(&self) -> bool {
        self.past.is_empty() && self.future.is_empty()
    }

    /// Whether something can be undone.
    pub const fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether something that was undone can be done again.
    pub const fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// Something was changed: `before` can be gone back to, and what was undone is gone.
    pub fn record(&mut self, before: Moment) {
        self.future.clear();
        self.past.push(before);
        let n_too_many = self.past.len().saturating_sub(Self::MAX_MOMENTS);
        self.past.drain(..n_too_many);
    }

    /// The last moment before `now` that `is_possible`.
    pub fn undo(&mut self, now: Moment, is_possible: impl Fn(&Moment) -> bool) -> Option<Moment> {
        let found = pop(&mut self.past, is_possible)?;
        self.future.push(now);
        Some(found)
    }

    /// The first moment after `now` that `is_possible`.
    pub fn redo(&mut self, now: Moment, is_possible: impl Fn(&Moment) -> bool) -> Option<Moment> {
        let found = pop(&mut self.future, is_possible)?;
        self.past.push(now);
        Some(found)
    }
}

/// The last of `moments` that `is_possible`; those after it are dropped.
fn pop(moments: &mut Vec<Moment>, is_possible: impl Fn(&Moment) -> bool) -> Option<Moment> {
    while let Some(moment) = moments.pop() {
        if is_possible(&moment) {
            return Some(moment);
        }
    }
    None
}
