//! Why nothing was composed.

use crate::model::ModelError;
use crate::music::{PhraseError, counted};
use crate::session::TaskError;
use crate::token::prompt::PromptError;

/// Why nothing was composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The task asks for nothing, or for too much.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// A section of a song form is no task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// A phrase that cannot be.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// The network cannot do it.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// What is given leaves no room to compose.
    #[error(
        "what is given fills the network's memory ({n_tokens} of {}); select fewer bars",
        counted(.context_len, "token")
    )]
    NoRoom {
        /// Tokens of the prompt and of the bars to compose.
        n_tokens: usize,
        /// Tokens the network can hold.
        context_len: usize,
    },
    /// The network gave no number to choose by.
    #[error("the model gives no usable answer; its weights may be damaged: install the model again")]
    NoChoice,
    /// Cancelled by the caller.
    #[error("cancelled")]
    Cancelled,
}
