//! The interfaces between the editor and the rest of the plugin.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nice_plug_egui::RepaintNotifier;

use super::standalone::StandaloneProgram;
use super::theme::Appearance;
use crate::params::DescantParams;
use crate::player::Monitor;
use crate::session::{Entry, Excerpt, Take};
use crate::token::Style;
use crate::worker::{Requests, Shared};

/// The shared state and the functions that the editor works with.
pub struct Surroundings {
    /// The parameters.
    pub params: Arc<DescantParams>,
    /// The project with its takes, and the state of the worker; shared with the worker.
    pub shared: Arc<Shared>,
    /// The player's playhead and counters.
    pub monitor: Arc<Monitor>,
    /// The channel of requests to the worker.
    pub requests: Requests,
    /// The styles on offer until the worker has loaded a model with its own.
    pub styles: Vec<Style>,
    /// Requests a new frame, from any thread.
    pub repaint: RepaintNotifier,
    /// Writes an excerpt of a take into the user's music folder with its performance, as it sounds.
    pub export: Export,
    /// Writes the same to a file for dragging, which is kept until this is dropped.
    pub write_dragged: Export,
    /// Reads a MIDI file of the user's as a take; an error is a reason for the user.
    pub import: fn(&Path) -> Result<Imported, String>,
    /// Stores for the user whether VST3 hosts are given all controllers; an error is a reason for the user.
    pub keep_listing: fn(bool) -> Result<(), String>,
    /// Lists the names of the models that can be chosen besides the built-in one.
    pub list_models: fn() -> Vec<String>,
    /// Stores for the user which of them composes, `None` for the built-in one; an error is a reason for the user.
    pub keep_model: fn(Option<String>) -> Result<(), String>,
    /// Which colours the user chose last.
    pub appearance: fn() -> Appearance,
    /// Stores for the user which colours are shown; an error is a reason for the user.
    pub keep_appearance: fn(Appearance) -> Result<(), String>,
    /// The standalone program; `None` in a host.
    pub standalone: Option<StandaloneProgram>,
}

/// Writes an excerpt of a take to a file; returns its path, or the reason of the failure for the user.
pub type Export = Box<dyn Fn(&Entry, Excerpt) -> Result<PathBuf, String> + Send + Sync>;

/// A file that was read as a take.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The take.
    pub take: Take,
    /// What was read, for the user: "8 bars".
    pub summary: String,
}

impl Surroundings {
    /// Whether there is no host.
    pub const fn is_standalone(&self) -> bool {
        self.standalone.is_some()
    }
}
