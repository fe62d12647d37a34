//! Errors of reading and building a corpus.

use std::path::PathBuf;

use crate::compose::originality::FingerprintError;

/// Why a corpus cannot be built or shards cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// A file or folder that cannot be read or written.
    #[error("{path}: {1}; check that it exists and may be read and written", path = .0.display())]
    Io(PathBuf, std::io::Error),
    /// A manifest with invalid contents.
    #[error("{path}: {1}", path = .0.display())]
    Manifest(PathBuf, String),
    /// No MIDI file at all.
    #[error("{path}: no MIDI file was found there", path = .0.display())]
    Empty(PathBuf),
    /// The fingerprints cannot be made.
    #[error(transparent)]
    Fingerprint(#[from] FingerprintError),
    /// Shards of another corpus, vocabulary or seed are there already.
    #[error("{path}: holds shards built otherwise ({1}); give an empty folder, or delete it to build anew", path = .0.display())]
    Other(PathBuf, String),
    /// The output folder has other contents.
    #[error("{path}: is not empty; give an empty folder, or empty it first", path = .0.display())]
    NotEmpty(PathBuf),
    /// A shard whose files do not fit together.
    #[error("shard {0} is damaged; delete the shards' folder and build it again")]
    DamagedShard(String),
}
