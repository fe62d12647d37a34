//! The network: ids in, logits out. It works on ids, shapes and masks alone, without musical meaning.
//!
//! A *compound token* is a tuple of [`SLOTS`] ids, one step of the network. [`Network`] computes, a [`Session`] holds
//! the KV cache of a batch of candidates, and [`Sampler`] draws an id from the logits of a slot.
//!
//! # Threads
//!
//! Everything runs on the calling thread; no other is started. [`Weights`] are immutable and shared by all
//! instances of a process through [`Weights::shared`]; a [`Session`] belongs to one thread at a time.

mod cache;
mod checkpoint;
pub mod config;
mod kernel;
mod layer;
pub mod sampler;
pub mod session;
pub mod transformer;
pub mod weights;

pub use config::{Kind, ModelConfig};
pub use sampler::{DrawKey, Sampler, SamplingParams, nats};
pub use session::Session;
pub use transformer::Network;
pub use weights::Weights;

/// Slots of a compound token.
pub const SLOTS: usize = 4;

/// One compound token: an id of each slot's vocabulary.
pub type Token = [u32; SLOTS];

/// Why a model could not be loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The model is of a kind that this version does not run.
    #[error("this model is a {found}, and this version runs: {known}; use a newer Descant, or another model")]
    UnknownKind {
        /// The kind that the configuration names.
        found: String,
        /// The kinds there are, separated by commas.
        known: String,
    },
    /// `config.json` is not a configuration this version can run.
    #[error("config.json: {0}; install the model again")]
    Config(String),
    /// The weights belong to another vocabulary.
    #[error(
        "these weights were trained with another vocabulary ({found}, this version has {expected}): \
         install the model that belongs to this version"
    )]
    Vocabulary {
        /// The hash the caller passed.
        expected: String,
        /// The hash the configuration names.
        found: String,
    },
    /// The weights are not a safetensors file, or a broken one.
    #[error("the weights are damaged ({0}); install the model again")]
    Damaged(String),
    /// A tensor the configuration asks for is not in the file.
    #[error("the weights have no tensor {0}; config.json and model.safetensors do not belong together")]
    MissingTensor(String),
    /// A tensor is in the file that the configuration does not know.
    #[error(
        "the weights hold an unknown tensor {0}; config.json and model.safetensors do not belong together"
    )]
    UnknownTensor(String),
    /// A tensor has another shape than the configuration asks for.
    #[error(
        "tensor {name} has shape {found:?}, config.json asks for {expected:?}; \
         config.json and model.safetensors do not belong together"
    )]
    Shape {
        /// The tensor's key.
        name: String,
        /// The shape by the configuration.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor's numbers cannot be used.
    #[error("tensor {name} {reason}; install the model again")]
    Tensor {
        /// The tensor's key.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// More tokens than the session, or the network, can attend to.
    #[error("the context is full (tokens: {n_tokens} of {capacity}); shorten the prompt")]
    ContextFull {
        /// Tokens the candidate would have held.
        n_tokens: usize,
        /// Most tokens it can hold.
        capacity: usize,
    },
    /// An id is outside its slot's vocabulary.
    #[error("id {id} in slot {slot} is outside the vocabulary of {n_ids} ids")]
    Id {
        /// The slot.
        slot: usize,
        /// The id.
        id: u32,
        /// Ids the slot has.
        n_ids: usize,
    },
    /// A call that does not fit the session.
    #[error("{0}")]
    Call(&'static str),
}
