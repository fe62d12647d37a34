//! Reads the windows of a folder of shards for measuring or counting.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::EvalError;
use crate::corpus::manifest::Split;
use crate::corpus::shard::{Record, Shard, ShardManifest};
use crate::token::{Symbol, Token, vocab_hash};

/// A folder of shards in the vocabulary of this version.
#[derive(Debug)]
pub struct HeldOut {
    dir: PathBuf,
    manifest: ShardManifest,
}

/// One example of a shard.
#[derive(Debug, Clone)]
pub struct Window {
    /// Its entry in the index.
    pub record: Record,
    /// Prompt and body.
    pub tokens: Vec<Token>,
    /// One byte a token: slots that count, and the group in the high half.
    pub loss: Vec<u8>,
}

/// The kind of examples to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Those of the headline task.
    Headline,
    /// All others.
    Tasks,
}

impl HeldOut {
    /// Opens the shards in `dir`.
    ///
    /// # Errors
    ///
    /// A folder without shards, or with shards in another vocabulary.
    pub fn open(dir: &Path) -> Result<Self, EvalError> {
        let manifest = ShardManifest::read(dir)?;
        let expected = vocab_hash();
        if manifest.vocab_hash != expected {
            return Err(EvalError::Vocabulary { expected, found: manifest.vocab_hash });
        }
        Ok(Self { dir: dir.to_owned(), manifest })
    }

    /// The manifest of the folder.
    pub const fn manifest(&self) -> &ShardManifest {
        &self.manifest
    }

    /// The examples of `kind` in `split`, in the order of the shards.
    ///
    /// `per_family` — at most this many of a family and task, the first ones.
    ///
    /// # Errors
    ///
    /// A shard that cannot be read.
    pub fn windows(&self, split: Split, kind: Kind, per_family: usize) -> Result<Vec<Window>, EvalError> {
        let mut windows = Vec::new();
        let mut n_taken: HashMap<(u32, u8), usize> = HashMap::new();
        for entry in self.manifest.shards(split) {
            let shard = Shard::read(&self.dir, &entry.stem)?;
            for (record, tokens, loss) in shard.examples() {
                let n = n_taken.entry((record.family, record.task)).or_default();
                if record.is_headline == (kind == Kind::Headline) && *n < per_family {
                    *n += 1;
                    windows.push(Window { record: *record, tokens: tokens.to_vec(), loss: loss.to_vec() });
                }
            }
        }
        Ok(windows)
    }

    /// Index of the source named `name`.
    pub fn source(&self, name: &str) -> Option<u16> {
        self.manifest.sources.iter().position(|source| source == name).and_then(|idx| u16::try_from(idx).ok())
    }
}

impl Window {
    /// Index of the first token of the body.
    pub fn body(&self) -> usize {
        let compose = Symbol::Compose.to_token();
        self.tokens.iter().position(|token| *token == compose).map_or(0, |place| place + 1)
    }

    /// The group of token `idx`.
    pub fn group(&self, idx: usize) -> u8 {
        self.loss[idx] >> 4
    }

    /// Whether slot `slot` of token `idx` counts. The first token has no context, so it never does.
    pub fn counts(&self, idx: usize, slot: usize) -> bool {
        idx > 0 && self.loss[idx] >> slot & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{
        Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
    };
    use crate::token::SLOT_SIZES;
    use crate::training::example::example;
    use crate::training::pose::headline;

    /// A folder of one held-out shard with `n` examples of one family.
    fn shards(vocab_hash: &str, n: usize) -> tempfile::TempDir {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[Part::Melody.index()] =
            vec![Note::new(TickInstant::ZERO, TickDuration::from_steps(12), Pitch::clamped(60), 80)];
        let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
        let posed = example(&headline(&phrase).unwrap(), &phrase);
        let record = Record {
            offset: 0,
            n_tokens: 0,
            n_notes: 0,
            styles: 1,
            parts: 1 << Part::Melody.index(),
            task: 0,
            is_headline: true,
            variant: 0,
            family: 3,
            source: 0,
        };
        let mut shard = Shard::default();
        for _ in 0..n {
            shard.push(&posed, record);
        }
        let dir = tempfile::tempdir().unwrap();
        let entry = shard.write(dir.path(), "valid-0000", Split::Valid.name()).unwrap();
        let manifest = ShardManifest {
            format: 1,
            vocab_hash: vocab_hash.to_owned(),
            slots: SLOT_SIZES.into(),
            context_len: 2048,
            seed: 7,
            styles: vec!["pop".to_owned()],
            parts: Part::ALL.map(|part| part.name().to_owned()).into(),
            groups: Vec::new(),
            tasks: vec!["generate".to_owned()],
            sources: vec!["groove_midi".to_owned()],
            shards: vec![entry],
        };
        std::fs::write(dir.path().join("manifest.json"), serde_json::to_string(&manifest).unwrap()).unwrap();
        dir
    }

    #[test]
    fn shards_in_another_vocabulary_are_refused() {
        let error = HeldOut::open(shards("ffff", 1).path()).unwrap_err();
        assert!(matches!(&error, EvalError::Vocabulary { found, .. } if found == "ffff"));
        assert!(error.to_string().contains("build them again"), "{error}");
    }

    #[test]
    fn takes_the_first_of_a_family() {
        let dir = shards(&vocab_hash(), 3);
        let shards = HeldOut::open(dir.path()).unwrap();
        for (split, kind, per_family, expect) in [
            (Split::Valid, Kind::Headline, 2, 2),
            (Split::Valid, Kind::Headline, 9, 3),
            (Split::Valid, Kind::Tasks, 9, 0),
            (Split::Train, Kind::Headline, 9, 0),
        ] {
            let windows = shards.windows(split, kind, per_family).unwrap();
            assert_eq!(windows.len(), expect, "{split:?} {kind:?}");
            for window in windows {
                // Bar line, cell and note after the prompt.
                assert_eq!(window.tokens.len(), window.body() + 4);
                assert_eq!(window.group(window.body() + 2), 4);
                assert!((0..3).all(|slot| window.counts(window.body() + 2, slot)));
            }
        }
        assert_eq!(shards.source("groove_midi"), Some(0));
        assert_eq!(shards.source("elsewhere"), None);
    }
}
