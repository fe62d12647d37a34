//! Marks of takes: favourites and discarded ones.

use serde::{Deserialize, Serialize};

/// What the user thinks of a take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Nothing yet.
    #[default]
    None,
    /// It is kept before all others.
    Favourite,
    /// It is out of sight, and the first to go where there are too many.
    Discarded,
}

impl Mark {
    /// Whether there is none.
    pub const fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}
