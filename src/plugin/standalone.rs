//! The standalone program: its flags and its stored session.
//!
//! The framework runs the plugin as in a host that always plays at the tempo of a flag. Without a host the phrase plays
//! in Free mode by the Tempo knob, or by JACK's transport, and the [`Keeper`](keeper::Keeper) stores the state that a
//! host would store.
//!
//! # Threads
//!
//! The main thread, the editor's thread and the keeper's own thread use the program and its keeper; locks are held
//! while a file is written. The audio thread uses neither.

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
