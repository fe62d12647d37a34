//! The worker's callbacks into the rest of the program.

use std::sync::Arc;

use super::request::Assignment;
use super::shared::Report;
use crate::compose::{Judge, Model};
use crate::model::ModelError;
use crate::music::Phrase;
use crate::session::{Ask, Entry, Task};

/// How fast the host runs compared with real time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPace {
    /// In real time, or catching up.
    InTime,
    /// Ahead of real time, which may be a render or not.
    Ahead,
    /// Renders faster than real time.
    Rendering,
}

/// The worker's callbacks into the rest of the program. All are called on its thread.
pub struct Callbacks {
    /// Reads the chosen model.
    pub load: Box<dyn Fn() -> Result<Loaded, ModelError> + Send>,
    /// The judges of what is composed for a task, given the project's takes.
    pub judges: Box<Judging>,
    /// The task of an [`Ask`] for a model. The phrase is the current take, or for [`Ask::Answer`] what was played, as
    /// melody; the number is the seed. The error is a message for the user.
    pub brief: Box<Brief>,
    /// Called after each change of the shared state.
    pub changed: Box<dyn Fn() + Send>,
    /// How fast the host runs; called often.
    pub pace: Box<dyn FnMut() -> HostPace + Send>,
}

/// A model that was read.
#[derive(Debug)]
pub struct Loaded {
    /// The model.
    pub model: Model,
    /// A message about it for the user, such as that it is not the chosen one.
    pub report: Option<Report>,
}

/// See [`Callbacks::judges`].
pub type Judging = dyn Fn(&Model, &Task, &[Arc<Entry>]) -> Vec<Box<dyn Judge>> + Send;

/// See [`Callbacks::brief`].
pub type Brief = dyn Fn(&Model, Ask, Option<&Phrase>, u64) -> Result<Assignment, String> + Send;
