//! Builds training shards, and the tables that are counted from music, from folders of MIDI files.
//!
//! A corpus is a folder of MIDI files, optionally with a `MANIFEST.tsv` that names style, family and key of each. Its
//! files are read in chunks; each chunk becomes one shard for each split and a small report, so that an interrupted
//! build resumes where it stopped. Every window of a piece is written as several examples, each with a task of its own
//! ([`crate::training`]), in tokens: the training code needs no tokenizer.

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
