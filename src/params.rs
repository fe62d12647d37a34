//! The plugin's parameters: what a host shows, automates and stores.
//!
//! Ids never change, since projects store parameters by id. A parameter may get another name, range or place; a test
//! checks the list of ids. A value that may be left to the model has *Auto* at the low end of its range.
//!
//! The [`table`] has a row for each parameter; new knobs are added there.
//!
//! # Threads
//!
//! Values are atomics: the host sets them, every thread may read them.

pub mod bindings;

pub mod stored;

pub mod press_counters;

pub mod text;

pub mod actions;

pub mod choice;

mod number;

pub mod stands_for;

pub mod visitor;

mod rows;

pub mod part_table;

pub mod tabs;

pub mod table;

pub mod id;

pub mod visit;

pub mod task_settings;

pub mod measured;

pub use actions::{ActionParams, MAX_REVISION};
pub use bindings::{Bindings, Control, Learnable, Purpose};
pub use id::Setting;
pub use measured::Outcome;
pub use part_table::{PartParam, PartParams};
pub use press_counters::PressCounters;
pub use stored::{StoredBindings, StoredOthers, StoredProject};
pub use table::{ComposingParams, DescantParams, ParamId, PlayingParams};
pub use task_settings::Brief;
pub use text::SILENCE_DB;
pub use visitor::ParamVisitor;

impl DescantParams {
    /// The number of changes, other than restoring, of the state stored in addition to the parameters.
    pub fn n_changes(&self) -> u64 {
        self.project.0.n_edits().wrapping_add(self.bindings.0.n_changes().into())
    }

    /// Whether the stored state changed since the last call, so that the host has to be notified of unsaved changes.
    pub fn take_news(&self) -> bool {
        let (is_edited, is_bound) = (self.project.0.take_news(), self.bindings.0.take_news());
        is_edited || is_bound
    }
}

#[cfg(test)]
mod tests;
