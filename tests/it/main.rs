//! The integration tests, one binary: each module is one subject.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "helpers of tests fail as tests do")]

mod arbitrary;
mod circles;
#[cfg(feature = "cli")]
mod cli;
#[cfg(feature = "model")]
mod compose;
#[cfg(feature = "cli")]
mod corpus;
mod counts;
#[cfg(feature = "model")]
mod endings;
mod files;
mod layering;
#[cfg(feature = "model")]
mod library;
mod links;
#[cfg(feature = "cli")]
mod manual;
#[cfg(feature = "model")]
mod network;
#[cfg(feature = "cli")]
mod originality;
#[cfg(feature = "model")]
mod parity;
#[cfg(feature = "model")]
mod performance;
#[cfg(feature = "model")]
mod plain;
#[cfg(feature = "model")]
mod plans;
mod player;
#[cfg(feature = "model")]
mod presets;
mod project;
#[cfg(feature = "cli")]
mod quality;
mod realtime;
mod smf;
mod source;
mod state;
#[cfg(feature = "model")]
mod steer;
#[cfg(feature = "cli")]
mod styles;
#[cfg(feature = "model")]
mod tasks;
#[cfg(feature = "cli")]
mod texture;
mod threads;
mod token;
mod workflows;

use std::path::Path;

/// The repository root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file, by its path from the repository root.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
