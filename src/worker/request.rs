//! What the worker is asked for.

use crate::compose::SongTask;
use crate::session::{Ask, Choice, Job};

/// What an ask comes to.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Assignment {
    /// A phrase, or a part of one.
    Phrase(Job),
    /// A song form.
    Song(SongTask),
}

impl From<Job> for Assignment {
    fn from(job: Job) -> Self {
        Self::Phrase(job)
    }
}

/// What the worker is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Read the model, so that composing begins at once when it is asked for.
    Prepare,
    /// Read the model anew: another was chosen.
    ChangeModel,
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
