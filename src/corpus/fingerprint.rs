//! Fingerprints of a corpus: the note grams of its training families, and the longest runs that held-out families share
//! with them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::CorpusError;
use super::build::corpus_hash;
use super::manifest::{self, Entry, Split};
use super::texture;
use crate::compose::originality::line::{grams, line};
use crate::compose::originality::{Fingerprints, Originality, PARTS, RunCounts};
use crate::music::{Part, Phrase};
use crate::training::window::Piece;

/// Most windows of a held-out file that are measured, so that a symphony weighs no more than a few songs.
const WINDOWS_PER_FILE: usize = 4;

/// Options of the fingerprints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FingerprintOptions {
    /// Notes of a gram.
    pub n_notes: usize,
    /// Grams that more families share are common property and are left out.
    pub max_families: u32,
}

/// Fingerprints the training families of the corpora in the folders `dirs`; textures are skipped, since their idioms
/// are our own. The same corpora give the same bytes.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus that cannot be read, or one without melodies. A single unreadable file is skipped, as in a build.
pub fn fingerprint(
    dirs: &[PathBuf],
    options: FingerprintOptions,
    mut progress: impl FnMut(usize, usize),
) -> Result<Fingerprints, CorpusError> {
    let mut entries = Vec::new();
    for dir in dirs {
        let found = manifest::read(dir)?.into_iter().filter(|entry| entry.source != texture::SOURCE);
        entries.extend(found.map(|entry| (dir.as_path(), entry)));
    }
    let corpus = corpus_hash(&entries);
    // Family by family, so that each gram need only store the last family that had it.
    entries.sort_by(|(_, a), (_, b)| (a.family, &a.path).cmp(&(b.family, &b.path)));
    let mut found: HashMap<u64, Sightings> = HashMap::new();
    let mut held_out = Vec::new();
    for (n_done, (dir, entry)) in entries.iter().enumerate() {
        progress(n_done, entries.len());
        let Some(piece) = read(dir, entry) else { continue };
        match entry.split() {
            Split::Train => see(&mut found, entry.family, &piece, options.n_notes),
            Split::Valid => {
                held_out
                    .extend(piece.headline_windows(WINDOWS_PER_FILE).into_iter().map(|window| window.phrase));
            }
        }
    }
    progress(entries.len(), entries.len());
    let n_found = found.len();
    let kept = found.into_iter().filter(|(_, seen)| seen.n_families <= options.max_families);
    let mut kept: Vec<u64> = kept.map(|(gram, _)| gram).collect();
    kept.sort_unstable();
    let n_common = n_found - kept.len();
    let fingerprints = Fingerprints::new(options.n_notes, options.max_families, corpus, &kept, n_common)?;
    let mut counts = BTreeMap::new();
    for phrase in &held_out {
        count_longest(&fingerprints, phrase, &mut counts);
    }
    Ok(fingerprints.limited_by(counts))
}

/// Adds the length of the longest run that each part of `phrase` with enough notes for a gram shares to the counts;
/// returns the lengths.
pub fn count_longest(
    fingerprints: &Fingerprints,
    phrase: &Phrase,
    counts: &mut BTreeMap<Part, RunCounts>,
) -> Originality {
    let found = fingerprints.check_all(phrase);
    for part in PARTS {
        if line(phrase.notes(part)).len() >= fingerprints.header().n_notes {
            let run = found.runs.iter().find(|run| run.part == part).map_or(0, |run| run.n_notes);
            counts.entry(part).or_default().add(run);
        }
    }
    found
}

/// The families that had a gram.
struct Sightings {
    last_family: u32,
    n_families: u32,
}

fn see(found: &mut HashMap<u64, Sightings>, family: u32, piece: &Piece, n_notes: usize) {
    for part in piece.phrases().iter().flat_map(|phrase| PARTS.map(|part| phrase.notes(part))) {
        for gram in grams(&line(part), n_notes) {
            let seen = found.entry(gram).or_insert(Sightings { last_family: family, n_families: 1 });
            if seen.last_family != family {
                *seen = Sightings { last_family: family, n_families: seen.n_families + 1 };
            }
        }
    }
}

/// Reads the piece of `entry`; `None` if it cannot be read, which a build reports.
fn read(dir: &Path, entry: &Entry) -> Option<Piece> {
    Piece::read(&manifest::read_file(&dir.join(&entry.path)).ok()?, entry.key).ok()
}
