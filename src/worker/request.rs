//! What the worker is asked for.

use crate::compose::SongTask;
use crate::music::{Cell, Cells, Part};
use crate::session::Commission;

/// What is to be composed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// A phrase from nothing.
    Generate,
    /// Bars after the current take.
    Continue,
    /// A share of the notes of the current take.
    Vary,
    /// An answer to the current take, or to some bars of it.
    Respond(Option<Selection>),
    /// The parts that are on and not in the current take.
    Accompany,
    /// A selection of the current take.
    Recompose(Selection),
    /// An answer to what a musician played.
    Answer,
    /// What is to follow the current take while it plays: one take, a share of its notes anew.
    Evolve,
}

/// Some cells of a phrase: parts in bars side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selection {
    /// Index of the first bar, the pickup included.
    pub first_bar: u32,
    /// How many bars, at least one.
    pub n_bars: u32,
    /// Which parts, indexed by `[part_idx]`.
    pub parts: [bool; 5],
}

impl Selection {
    /// The cells.
    pub fn cells(&self) -> Cells {
        let parts = || Part::ALL.into_iter().filter(|part| self.parts[part.index()]);
        let bars = self.first_bar..self.first_bar.saturating_add(self.n_bars);
        bars.flat_map(|bar| parts().map(move |part| Cell { bar, part })).collect()
    }
}

/// What an ask comes to.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Assignment {
    /// A phrase, or a part of one.
    Phrase(Commission),
    /// A song form.
    Song(SongTask),
}

impl From<Commission> for Assignment {
    fn from(commission: Commission) -> Self {
        Self::Phrase(commission)
    }
}

/// What the worker is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Read the model, so that composing begins at once when it is asked for.
    Prepare,
    /// Compose.
    Compose(Ask),
    /// Give up composing, and what waits to be composed.
    Cancel,
    /// Put composing off: the host is about to render.
    Suspend,
    /// Play another take, at once even while something is composed.
    Select(Choice),
    /// Set the preset at this place of the menu, and compose a phrase by it.
    Preset(u8),
    /// End the thread.
    Quit,
}

impl Request {
    /// Whether it asks for a phrase.
    pub const fn is_ask(&self) -> bool {
        matches!(self, Self::Compose(_) | Self::Preset(_))
    }
}

/// Which take is to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// That at this place of the project's takes.
    At(usize),
    /// The one before.
    Previous,
    /// The one after.
    Next,
    /// That in this slot, `0..12`.
    Slot(u8),
    /// The one that is chosen: it was chosen elsewhere, as undo does.
    Chosen,
}
