//! What a selection reports while it goes on.

use crate::compose::decode_loop::Progress;
use crate::session::Take;

/// How far a selection has come.
#[derive(Debug, Clone, Copy)]
pub enum SelectionProgress<'a> {
    /// The first candidate is composed. To break off here is to cancel.
    First(&'a Progress<'a>),
    /// The first candidate is finished, with what the judges have against it. To break off here or later is to choose from
    /// what there is.
    FirstDone(&'a Take),
    /// The others are composed.
    Others {
        /// Candidates that are finished, the first included, and then those of single parts.
        n_done: u32,
    },
}
