//! What the editor works with.

use std::path::PathBuf;
use std::sync::Arc;

use nice_plug_egui::RepaintNotifier;

use super::standalone::StandaloneProgram;
use crate::params::DescantParams;
use crate::player::Monitor;
use crate::session::Entry;
use crate::token::Style;
use crate::worker::{Requests, Shared};

/// What the editor works with.
pub struct Surroundings {
    /// The parameters.
    pub params: Arc<DescantParams>,
    /// Takes, and what the worker is doing.
    pub shared: Arc<Shared>,
    /// What the player is doing.
    pub monitor: Arc<Monitor>,
    /// To the worker.
    pub requests: Requests,
    /// The styles on offer until the worker says what its model has.
    pub styles: Vec<Style>,
    /// Has the window drawn again, from any thread.
    pub repaint: RepaintNotifier,
    /// Writes a take, as it is heard, to a file and says where, or why not.
    pub export: Export,
    /// Keeps for the user whether hosts are told of all controllers, or says why it does not.
    pub keep_listing: fn(bool) -> Result<(), String>,
    /// The models that can be chosen beside the one that ships, by name.
    pub list_models: fn() -> Vec<String>,
    /// Keeps for the user which of them composes, or says why it does not.
    pub keep_model: fn(Option<String>) -> Result<(), String>,
    /// The program, where it is no host's.
    pub standalone: Option<StandaloneProgram>,
}

/// Writes a take to a file and says where, or why not.
pub type Export = Box<dyn Fn(&Entry) -> Result<PathBuf, String> + Send + Sync>;

impl Surroundings {
    /// Whether there is no host.
    pub const fn is_standalone(&self) -> bool {
        self.standalone.is_some()
    }
}
