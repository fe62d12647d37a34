//! Requests to the worker.

use crate::compose::SongTask;
use crate::session::{Ask, Choice, Job};

/// What a request composes.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Assignment {
    /// A phrase, or cells of one.
    Phrase(Job),
    /// A song form.
    Song(SongTask),
}

impl From<Job> for Assignment {
    fn from(job: Job) -> Self {
        Self::Phrase(job)
    }
}

/// A request to the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Read the model in advance, so that composing can begin at once.
    Prepare,
    /// Read the model again: another was chosen.
    ChangeModel,
    /// Compose.
    Compose(Ask),
    /// Cancel the running job and those that wait.
    Cancel,
    /// Postpone the running job: the host is about to render.
    Suspend,
    /// Play another take, at once even while something is composed.
    Select(Choice),
    /// Set the preset at this index of the menu and compose a phrase with it.
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
