//! What the worker needs from the rest of the program.

use std::sync::Arc;

use super::request::Assignment;
use super::shared::Report;
use crate::compose::{Judge, Model};
use crate::model::ModelError;
use crate::music::Phrase;
use crate::session::{Ask, Entry, Task};

/// How a host takes time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPace {
    /// It plays in time, or makes up for what it had left out.
    InTime,
    /// It is ahead of time, and that may be a render or not.
    Ahead,
    /// It renders faster than time.
    Rendering,
}

/// What the worker needs from the rest of the program. All are called on its thread.
pub struct Callbacks {
    /// Reads the model that is chosen.
    pub load: Box<dyn Fn() -> Result<Loaded, ModelError> + Send>,
    /// Who judges what is composed for a task, beside the takes that there are.
    pub judges: Box<Judging>,
    /// The task for an ask of a model, given a seed and the current take, or for [`Ask::Answer`] what was played, as melody; or why
    /// there is none, in words for the user.
    pub brief: Box<Brief>,
    /// Told after each change of the shared state.
    pub changed: Box<dyn Fn() + Send>,
    /// How the host takes time; asked often.
    pub pace: Box<dyn FnMut() -> HostPace + Send>,
}

/// A model that was read.
#[derive(Debug)]
pub struct Loaded {
    /// It.
    pub model: Model,
    /// What there is to say of it, as that it is not the one that was chosen.
    pub report: Option<Report>,
}

/// See [`Callbacks::judges`].
pub type Judging = dyn Fn(&Model, &Task, &[Arc<Entry>]) -> Vec<Box<dyn Judge>> + Send;

/// See [`Callbacks::brief`].
pub type Brief = dyn Fn(&Model, Ask, Option<&Phrase>, u64) -> Result<Assignment, String> + Send;
