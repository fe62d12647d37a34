//! The plugin's parameters: what a host shows, automates and stores.
//!
//! Ids are for ever: projects name parameters by them. A parameter may get another name, range or place, never another
//! id; a test holds the list. Values that may be left to the model have *Auto* at the low end of their range.
//!
//! The [`table`] has a row for each: a knob is added there.
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
    /// How often something changed that is stored beside the parameters, but for restoring.
    pub fn n_changes(&self) -> u64 {
        self.project.0.n_edits().wrapping_add(self.bindings.0.n_changes().into())
    }

    /// Whether it has changed since this was asked last: then there is something to save, of which a host knows nothing.
    pub fn take_news(&self) -> bool {
        let (is_edited, is_bound) = (self.project.0.take_news(), self.bindings.0.take_news());
        is_edited || is_bound
    }
}

#[cfg(test)]
mod tests;
