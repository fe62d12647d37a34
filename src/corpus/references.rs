//! Real phrases, one after another, and what is usual among them.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::CorpusError;
use super::manifest::{self, Entry, Split};
use super::texture;
use crate::music::Phrase;
use crate::music::quality::{Counter, Origin, References};
use crate::token::Style;
use crate::training::window::Piece;

/// Windows of a file, spread over it.
const PER_FILE: usize = 2;

/// Windows of a family that share their styles, the first ones: textures lend the chords of one piece to many styles.
const PER_FAMILY: usize = 4;

/// A window of eight bars, or of a shorter piece all.
#[derive(Debug, Clone)]
pub struct RealPhrase {
    /// The notes, in the key of the window.
    pub phrase: Phrase,
    /// Its family, by hash.
    pub family: u32,
    /// Its styles, perhaps none.
    pub styles: BTreeSet<Style>,
    /// The name of where it comes from.
    pub source: String,
}

impl RealPhrase {
    /// Textures are made.
    pub fn origin(&self) -> Origin {
        if self.source == texture::SOURCE { Origin::Made } else { Origin::Real }
    }

    /// Whether a rule rendered its chords from symbols: nothing about rhythm, voicing or bass can be learned from them.
    pub fn is_rendered(&self) -> bool {
        manifest::RULE_RENDERED.contains(&self.source.as_str())
    }
}

/// Calls `hear` with at most two phrases of a file and four of a family and its styles of `split`, of all corpora in
/// `dirs`. Files that cannot be read are left out, as they are when shards are built, which names them.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without files.
pub fn for_each_phrase(
    dirs: &[PathBuf],
    split: Split,
    mut hear: impl FnMut(RealPhrase),
    mut progress: impl FnMut(usize, usize),
) -> Result<(), CorpusError> {
    let mut files: Vec<(PathBuf, Entry)> = Vec::new();
    for dir in dirs {
        let entries = manifest::read(dir)?;
        if entries.is_empty() {
            return Err(CorpusError::Empty(dir.clone()));
        }
        let wanted = entries.into_iter().filter(|entry| entry.split() == split);
        files.extend(wanted.map(|entry| (dir.join(&entry.path), entry)));
    }
    let mut n_of_family: HashMap<(u32, &BTreeSet<Style>), usize> = HashMap::new();
    for (n_done, (path, entry)) in files.iter().enumerate() {
        progress(n_done, files.len());
        let n_heard = n_of_family.entry((entry.family, &entry.styles)).or_default();
        let n_wanted = PER_FILE.min(PER_FAMILY - *n_heard);
        if n_wanted == 0 {
            continue;
        }
        let Ok(bytes) = manifest::read_file(path) else { continue };
        let Ok(piece) = Piece::read(&bytes, entry.key) else { continue };
        for window in piece.headline_windows(n_wanted) {
            *n_heard += 1;
            hear(RealPhrase {
                phrase: window.phrase,
                family: entry.family,
                styles: entry.styles.clone(),
                source: entry.source.clone(),
            });
        }
    }
    progress(files.len(), files.len());
    Ok(())
}

/// What is usual among the phrases that are learned from.
///
/// # Errors
///
/// As [`for_each_phrase`].
pub fn count(dirs: &[PathBuf], progress: impl FnMut(usize, usize)) -> Result<References, CorpusError> {
    let mut counter = Counter::default();
    let hear = |real: RealPhrase| {
        let styles = real.styles.iter().map(|style| style.name().to_owned());
        counter.add(real.family, real.origin(), styles, &real.phrase);
    };
    for_each_phrase(dirs, Split::Train, hear, progress)?;
    Ok(counter.finish())
}
