//! The plugin's parameters.

pub mod id;

pub use id::{ParamId, PartParam, Setting};
