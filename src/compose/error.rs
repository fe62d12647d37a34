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
    /// A section of a song form is not a valid task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The result is not a valid phrase.
    #[error(transparent)]
    Phrase(#[from] PhraseError),
    /// The network failed.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The context is too full to compose.
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
    /// The logits are not numbers.
    #[error("the model gives no usable answer; its weights may be damaged: install the model again")]
    NoChoice,
    /// Cancelled by the caller.
    #[error("cancelled")]
    Cancelled,
}
