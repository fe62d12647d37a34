//! Shards: the files of token sequences that training and evaluation read.
//!
//! # Format
//!
//! `manifest.json` names the shards. A shard `STEM` is three files, little endian:
//!
//! - `STEM.tokens`: u16, `(n_tokens, N_SLOTS)`
//! - `STEM.loss`: u8, `(n_tokens)`; low four bits: slots that count when the token is predicted; high: group
//! - `STEM.index`: [`Record`]s of 32 bytes, one an example
//!
//! Shards of another vocabulary may have tokens of more slots; those after the fourth are read and never predicted.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CorpusError;
use super::manifest::Split;
use crate::files;
use crate::token::{N_SLOTS, Token};
use crate::training::example::Example;

/// Most tokens of an example; longer windows are halved.
pub const MAX_TOKENS: usize = 1536;

/// The contents of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardManifest {
    /// Version of this format.
    pub format: u32,
    /// Vocabulary the tokens are in.
    pub vocab_hash: String,
    /// Ids per slot, indexed by `[slot_idx]`.
    pub slots: Vec<u16>,
    /// Context length of the network, in tokens.
    pub context_len: usize,
    /// Seed of windows and tasks.
    pub seed: u64,
    /// Indexed by bit of [`Record::styles`].
    pub styles: Vec<String>,
    /// Indexed by bit of [`Record::parts`].
    pub parts: Vec<String>,
    /// Indexed by the high half of a loss byte.
    pub groups: Vec<String>,
    /// Indexed by [`Record::task`].
    pub tasks: Vec<String>,
    /// Indexed by [`Record::source`].
    pub sources: Vec<String>,
    /// Every shard.
    pub shards: Vec<ShardEntry>,
}

/// One shard of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardEntry {
    /// File name without extension.
    pub stem: String,
    /// `train` or `valid`.
    pub split: String,
    /// Sequences.
    pub n_examples: u64,
    /// Tokens of all of them.
    pub n_tokens: u64,
    /// Notes whose loss counts.
    pub n_notes: u64,
}

/// The entry of an example in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// First token in the shard.
    pub offset: u64,
    /// Tokens.
    pub n_tokens: u32,
    /// Note tokens whose loss counts.
    pub n_notes: u32,
    /// Bit set of styles.
    pub styles: u32,
    /// Bit set of composed parts.
    pub parts: u8,
    /// Index of the task.
    pub task: u8,
    /// Whether headline losses are measured on it.
    pub is_headline: bool,
    /// Number of the pass over the corpus that it comes from.
    pub variant: u8,
    /// Family hash.
    pub family: u32,
    /// Index of the source.
    pub source: u16,
}

/// Bytes of a record.
pub(super) const RECORD_LEN: usize = 32;

impl Record {
    fn to_bytes(self) -> [u8; RECORD_LEN] {
        let mut bytes = [0; RECORD_LEN];
        bytes[0..8].copy_from_slice(&self.offset.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.n_tokens.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.n_notes.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.styles.to_le_bytes());
        bytes[20..24].copy_from_slice(&[self.parts, self.task, u8::from(self.is_headline), self.variant]);
        bytes[24..28].copy_from_slice(&self.family.to_le_bytes());
        bytes[28..30].copy_from_slice(&self.source.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_LEN]) -> Self {
        let u32_at = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Self {
            offset: u64::from(u32_at(0)) | u64::from(u32_at(4)) << 32,
            n_tokens: u32_at(8),
            n_notes: u32_at(12),
            styles: u32_at(16),
            parts: bytes[20],
            task: bytes[21],
            is_headline: bytes[22] != 0,
            variant: bytes[23],
            family: u32_at(24),
            source: u16::from_le_bytes([bytes[28], bytes[29]]),
        }
    }
}

/// A shard in memory.
#[derive(Debug, Clone)]
pub struct Shard<T = Token> {
    tokens: Vec<T>,
    loss: Vec<u8>,
    records: Vec<Record>,
}

impl<T> Default for Shard<T> {
    fn default() -> Self {
        Self { tokens: Vec::new(), loss: Vec::new(), records: Vec::new() }
    }
}

impl<T: AsRef<[u16]> + Copy> Shard<T> {
    /// Appends a sequence, with a loss byte for each token; `offset` and `n_tokens` of `record` are overwritten.
    pub fn push_tokens(&mut self, tokens: &[T], loss: &[u8], record: Record) {
        self.records.push(Record {
            offset: u64::try_from(self.tokens.len()).unwrap_or(u64::MAX),
            n_tokens: u32::try_from(tokens.len()).unwrap_or(u32::MAX),
            ..record
        });
        self.tokens.extend(tokens);
        self.loss.extend(loss);
    }

    /// Writes the three files of shard `stem` into `dir`.
    ///
    /// # Errors
    ///
    /// A file that cannot be written.
    pub fn write(&self, dir: &Path, stem: &str, split: &str) -> Result<ShardEntry, CorpusError> {
        let save = |extension: &str, bytes: Vec<u8>| {
            let path = dir.join(format!("{stem}.{extension}"));
            files::replace(&path, &bytes).map_err(|error| CorpusError::Io(path, error))
        };
        let ids = self.tokens.iter().flat_map(|token| token.as_ref()).copied();
        save("tokens", ids.flat_map(u16::to_le_bytes).collect())?;
        save("loss", self.loss.clone())?;
        save("index", self.records.iter().flat_map(|record| record.to_bytes()).collect())?;
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Ok(ShardEntry {
            stem: stem.to_owned(),
            split: split.to_owned(),
            n_examples: count(self.records.len()),
            n_tokens: count(self.tokens.len()),
            n_notes: self.records.iter().map(|record| u64::from(record.n_notes)).sum(),
        })
    }
}

impl Shard {
    /// Appends an example; `offset`, `n_tokens` and `n_notes` of `record` are overwritten.
    pub fn push(&mut self, example: &Example, record: Record) {
        let record = Record { n_notes: example.n_notes, ..record };
        self.push_tokens(&example.tokens, &example.loss, record);
    }

    /// Its examples: record, tokens and loss bytes.
    pub fn examples(&self) -> impl Iterator<Item = (&Record, &[Token], &[u8])> {
        self.records.iter().filter_map(|record| {
            let first = usize::try_from(record.offset).ok()?;
            let last = first + usize::try_from(record.n_tokens).ok()?;
            Some((record, self.tokens.get(first..last)?, self.loss.get(first..last)?))
        })
    }

    /// Reads shard `stem` of `dir`.
    ///
    /// # Errors
    ///
    /// A file that is missing, or whose length does not fit the others.
    pub fn read(dir: &Path, stem: &str) -> Result<Self, CorpusError> {
        let load = |extension: &str| {
            let path = dir.join(format!("{stem}.{extension}"));
            fs::read(&path).map_err(|error| CorpusError::Io(path, error))
        };
        let (tokens, records) = (load("tokens")?, load("index")?);
        let (tokens, token_rest) = tokens.as_chunks::<{ 2 * N_SLOTS }>();
        let (records, record_rest) = records.as_chunks::<RECORD_LEN>();
        let shard = Self {
            tokens: tokens
                .iter()
                .map(|ids| Token([0, 2, 4, 6].map(|at| u16::from_le_bytes([ids[at], ids[at + 1]]))))
                .collect(),
            loss: load("loss")?,
            records: records.iter().map(Record::from_bytes).collect(),
        };
        let n_read = shard.examples().count();
        if !token_rest.is_empty()
            || !record_rest.is_empty()
            || shard.loss.len() != shard.tokens.len()
            || n_read != shard.records.len()
        {
            return Err(CorpusError::DamagedShard(stem.to_owned()));
        }
        Ok(shard)
    }
}

impl ShardManifest {
    /// Reads `manifest.json` of `dir`.
    ///
    /// # Errors
    ///
    /// A folder without one, or one that cannot be read.
    pub fn read(dir: &Path) -> Result<Self, CorpusError> {
        let path = dir.join("manifest.json");
        let text = fs::read_to_string(&path).map_err(|error| CorpusError::Io(path.clone(), error))?;
        serde_json::from_str(&text).map_err(|error| CorpusError::Manifest(path, error.to_string()))
    }

    /// The shards of `split`.
    pub fn shards(&self, split: Split) -> impl Iterator<Item = &ShardEntry> {
        self.shards.iter().filter(move |entry| entry.split == split.name())
    }
}
