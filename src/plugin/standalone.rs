//! Descant as a program of its own: its flags, and the session that it keeps.
//!
//! The framework runs the plugin as it would in a host, one that always plays at the tempo of a flag. Here there is none: the
//! phrase moves in Free mode by the Tempo knob, unless JACK's transport is to move it, and what a host would store is stored
//! by the [`Keeper`](keeper::Keeper).
//!
//! # Threads
//!
//! The program and its keeper belong to the main thread, the editor's and one of the keeper's own; locks are held for as long
//! as it takes to write a file. The audio thread knows of neither.

pub mod keeper;

pub mod options;

mod program;

pub use program::{Program, for_editor, open_session, take_remark};

/// Runs the program with the flags of the command line until its window closes. Returns whether all went well.
#[cfg(feature = "standalone")]
pub fn run() -> bool {
    let (options, args) = options::Options::take_from(std::env::args());
    let program = Program::start(options);
    let is_well = nice_plug::prelude::nice_export_standalone_with_args::<super::Descant, _>(args);
    let is_kept = program.close();
    is_well && is_kept
}
