//! MIDI folders to training shards.
//!
//! A corpus is a folder of MIDI files, with a `MANIFEST.tsv` that names style, family and key of each or without one.
//! Its files are read in chunks; each chunk becomes one shard a split and a small report, so that an interrupted build
//! goes on where it stopped. Every window of a piece is written as several examples, each a task of its own
//! ([`crate::training`]): the training code has no tokenizer and knows no music.

pub mod manifest;

pub mod fingerprint;

pub mod shard;

pub mod stats;

pub mod texture;

pub mod vocabulary;

pub mod references;

pub mod grooves;

pub mod performances;

pub mod frames;

pub mod plans;

pub mod progressions;

mod error;

mod build;

mod chorales;

pub use build::{BuildOptions, BuildReport, build};
pub use chorales::build_grid_voices;
pub use error::CorpusError;
