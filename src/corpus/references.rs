//! Iterates the real phrases of corpora, and counts the reference distributions from them.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use super::CorpusError;
use super::manifest::{self, Entry, Split};
use super::texture;
use crate::music::Phrase;
use crate::music::quality::{Counter, Origin, References};
use crate::token::Style;
use crate::training::window::Piece;

/// Most windows of a file, spread over it.
const PER_FILE: usize = 2;

/// Most windows of a family and set of styles, the first ones. Sets of styles are apart since textures play the chords
/// of one piece in many styles.
const PER_FAMILY: usize = 4;

/// A window of eight bars of a piece, or a shorter piece whole.
#[derive(Debug, Clone)]
pub struct RealPhrase {
    /// The notes, in the key of the window.
    pub phrase: Phrase,
    /// Its family, by hash.
    pub family: u32,
    /// Its styles, perhaps none.
    pub styles: BTreeSet<Style>,
    /// The name of its source.
    pub source: String,
}

impl RealPhrase {
    /// [`Origin::Made`] for textures, else [`Origin::Real`].
    pub fn origin(&self) -> Origin {
        if self.source == texture::SOURCE { Origin::Made } else { Origin::Real }
    }

    /// Whether a rule rendered its chords from symbols, so that their rhythm, voicing and bass are not those of people.
    pub fn is_rendered(&self) -> bool {
        manifest::RULE_RENDERED.contains(&self.source.as_str())
    }
}

/// Calls `visit` with the phrases of `split` of all corpora in `dirs`, at most two of a file and four of a family with
/// the same styles. Unreadable files are skipped; the build of the shards reports them.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without files.
pub fn for_each_phrase(
    dirs: &[PathBuf],
    split: Split,
    mut visit: impl FnMut(RealPhrase),
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
        let n_visited = n_of_family.entry((entry.family, &entry.styles)).or_default();
        let n_wanted = PER_FILE.min(PER_FAMILY - *n_visited);
        if n_wanted == 0 {
            continue;
        }
        let Ok(bytes) = manifest::read_file(path) else { continue };
        let Ok(piece) = Piece::read(&bytes, entry.key) else { continue };
        for window in piece.headline_windows(n_wanted) {
            *n_visited += 1;
            visit(RealPhrase {
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

/// Counts the references of the training phrases of the corpora in `dirs`.
///
/// # Errors
///
/// As [`for_each_phrase`].
pub fn count(dirs: &[PathBuf], progress: impl FnMut(usize, usize)) -> Result<References, CorpusError> {
    let mut counter = Counter::default();
    let add = |real: RealPhrase| {
        let styles = real.styles.iter().map(|style| style.name().to_owned());
        counter.add(real.family, real.origin(), styles, &real.phrase);
    };
    for_each_phrase(dirs, Split::Train, add, progress)?;
    Ok(counter.finish())
}
