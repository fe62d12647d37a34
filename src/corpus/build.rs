//! Builds shards chunk by chunk; each chunk is written whole or not at all.

use std::fs;
use std::path::{Path, PathBuf};

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::CorpusError;
use super::manifest::{self, Entry, Split};
use super::shard::{MAX_TOKENS, RECORD_LEN, Record, Shard, ShardEntry, ShardManifest};
use super::stats::Stats;
use crate::files;
use crate::music::Part;
use crate::token::{N_SLOTS, SLOT_SIZES, Style, vocab_hash};
use crate::training::example::{Group, example};
use crate::training::pose::{self, Task};
use crate::training::window::{Piece, Window};

/// Files of a chunk.
const CHUNK_LEN: usize = 256;

/// Most headline windows of a file.
const HEADLINES_PER_FILE: usize = 4;

/// Context length of the network.
const CONTEXT_LEN: usize = 2048;

/// Options of a build.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    /// Seed of windows and tasks.
    pub seed: u64,
    /// Passes over the training split, each with other windows and tasks.
    pub n_variants: u8,
}

/// The result of a build.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct BuildReport {
    /// Shards.
    pub shards: Vec<ShardEntry>,
    /// Statistics of the corpus.
    pub stats: Stats,
    /// Files that could not be read, and why.
    pub errors: Vec<(PathBuf, String)>,
    /// Files that were read with warnings, and the first warning of each.
    pub mended: Vec<(PathBuf, String)>,
    /// Windows, or halves of them, without an example, since they have too many tokens for the context.
    pub n_dropped_windows: u64,
}

/// Builds shards of the corpora in the folders `dirs` in `out`; finished chunks in `out` are kept.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus that cannot be read, or an output that cannot be written or holds shards of another build. A single
/// unreadable file is no error; it is listed in the report.
pub fn build(
    dirs: &[PathBuf],
    out: &Path,
    options: BuildOptions,
    mut progress: impl FnMut(usize, usize),
) -> Result<BuildReport, CorpusError> {
    let mut entries = Vec::new();
    for dir in dirs {
        let found = manifest::read(dir)?;
        if found.is_empty() {
            return Err(CorpusError::Empty(dir.clone()));
        }
        entries.extend(found.into_iter().map(|entry| (dir.as_path(), entry)));
    }
    claim(out, &entries, options)?;
    let mut sources: Vec<String> = entries.iter().map(|(_, entry)| entry.source.clone()).collect();
    sources.sort();
    sources.dedup();
    let mut report = BuildReport::default();
    for (idx, chunk) in entries.chunks(CHUNK_LEN).enumerate() {
        progress(idx * CHUNK_LEN, entries.len());
        let path = out.join(format!("chunk-{idx:04}.json"));
        let part = match finished_chunk(out, &path) {
            Some(done) => done,
            None => {
                let tick = |n_done| progress(idx * CHUNK_LEN + n_done, entries.len());
                let part = build_chunk(out, idx, chunk, &sources, options, tick)?;
                save(&path, &serde_json::to_string(&part).unwrap_or_default())?;
                part
            }
        };
        report.shards.extend(part.shards);
        report.stats.merge(part.stats);
        report.errors.extend(part.errors);
        report.mended.extend(part.mended);
        report.n_dropped_windows += part.n_dropped_windows;
    }
    progress(entries.len(), entries.len());
    report.stats = report.stats.finished();
    let shards = ShardManifest {
        format: 1,
        vocab_hash: vocab_hash(),
        slots: SLOT_SIZES.into(),
        context_len: CONTEXT_LEN,
        seed: options.seed,
        styles: Style::ALL.map(|style| style.name().to_owned()).into(),
        parts: Part::ALL.map(|part| part.name().to_owned()).into(),
        groups: Group::NAMES.map(str::to_owned).into(),
        tasks: Task::ALL.map(|task| task.name().to_owned()).into(),
        sources,
        shards: report.shards.clone(),
    };
    save(&out.join("stats.json"), &to_json(&report.stats))?;
    save(&out.join("manifest.json"), &to_json(&shards))?;
    Ok(report)
}

/// Records in `out` what its shards are built from, or fails if they were built from anything else.
fn claim(out: &Path, entries: &[(&Path, Entry)], options: BuildOptions) -> Result<(), CorpusError> {
    let wanted = format!(
        "{} files, corpus {}, seed {}, {} variants, vocabulary {}",
        entries.len(),
        corpus_hash(entries),
        options.seed,
        options.n_variants,
        vocab_hash()
    );
    let path = out.join("build.txt");
    match fs::read_to_string(&path) {
        Ok(found) if found == wanted => Ok(()),
        Ok(found) => Err(CorpusError::Other(out.to_owned(), found)),
        Err(_) => {
            claim_empty(out)?;
            save(&path, &wanted)
        }
    }
}

/// The identity of a corpus: the first 16 hexadecimal digits of a SHA-256 of the manifest entries and sizes of all
/// files, without their contents.
pub(super) fn corpus_hash(entries: &[(&Path, Entry)]) -> String {
    let mut hasher = Sha256::new();
    for (dir, Entry { path, source, family, styles, key, .. }) in entries {
        let n_bytes = fs::metadata(dir.join(path)).ok().map(|found| found.len());
        hasher.update(format!("{path:?}\t{source:?}\t{family}\t{styles:?}\t{key:?}\t{n_bytes:?}\n"));
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The report at `path` of a chunk that was built before, if its shards are complete.
fn finished_chunk(out: &Path, path: &Path) -> Option<BuildReport> {
    let report: BuildReport = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    report.shards.iter().all(|shard| is_whole(out, shard)).then_some(report)
}

/// Whether the three files of `shard` are in `out`, each of the size that the format gives it.
fn is_whole(out: &Path, shard: &ShardEntry) -> bool {
    let has = |extension: &str, count: u64, n_bytes_each: usize| {
        let n_found = fs::metadata(out.join(format!("{}.{extension}", shard.stem))).map(|found| found.len());
        let n_wanted = u64::try_from(n_bytes_each).ok().and_then(|n_bytes| count.checked_mul(n_bytes));
        n_found.ok().is_some_and(|n_bytes| Some(n_bytes) == n_wanted)
    };
    has("tokens", shard.n_tokens, size_of::<[u16; N_SLOTS]>())
        && has("loss", shard.n_tokens, size_of::<u8>())
        && has("index", shard.n_examples, RECORD_LEN)
}

fn build_chunk(
    out: &Path,
    idx: usize,
    entries: &[(&Path, Entry)],
    sources: &[String],
    options: BuildOptions,
    mut tick: impl FnMut(usize),
) -> Result<BuildReport, CorpusError> {
    let mut report = BuildReport::default();
    let mut shards = [Shard::default(), Shard::default()];
    for (n_done, (dir, entry)) in entries.iter().enumerate() {
        tick(n_done);
        let path = dir.join(&entry.path);
        let read = manifest::read_file(&path)
            .map_err(|error| error.to_string())
            .and_then(|bytes| Piece::read(&bytes, entry.key).map_err(|error| error.to_string()));
        let piece = match read {
            Ok(piece) => piece,
            Err(error) => {
                report.errors.push((entry.path.clone(), error));
                report.stats.count_unread(entry);
                continue;
            }
        };
        if let Some(warning) = piece.warnings.first() {
            report.mended.push((entry.path.clone(), warning.to_string()));
        }
        let headlines = piece.headline_windows(HEADLINES_PER_FILE);
        report.stats.count(entry, &piece, &headlines);
        let source = sources.iter().position(|source| *source == entry.source).unwrap_or(0);
        let mut writer = ExampleWriter {
            shard: &mut shards[usize::from(entry.split() == Split::Valid)],
            entry,
            source: u16::try_from(source).unwrap_or(u16::MAX),
            rng: Rng::with_seed(options.seed ^ u64::from(entry.family) << 20 ^ u64::from(fnv1a(&entry.path))),
            n_dropped_windows: 0,
        };
        for window in &headlines {
            writer.headline(window);
        }
        let n_variants = if entry.split() == Split::Valid { 1 } else { options.n_variants };
        for variant in 0..n_variants {
            for window in piece.random_windows(&mut writer.rng) {
                writer.random_task(&window, variant);
            }
        }
        report.n_dropped_windows += writer.n_dropped_windows;
    }
    for (split, shard) in Split::ALL.into_iter().zip(&shards) {
        report.shards.push(shard.write(out, &format!("{}-{idx:04}", split.name()), split.name())?);
    }
    Ok(report)
}

struct ExampleWriter<'a> {
    shard: &'a mut Shard,
    entry: &'a Entry,
    source: u16,
    rng: Rng,
    n_dropped_windows: u64,
}

/// The example to make of a window, or of its halves if it has too many tokens.
#[derive(Debug, Clone, Copy)]
struct Request {
    task: Task,
    style: Option<Style>,
    /// `None` for a headline example.
    variant: Option<u8>,
}

impl ExampleWriter<'_> {
    fn headline(&mut self, window: &Window) {
        self.write(window, Request { task: Task::Generate, style: None, variant: None });
    }

    fn random_task(&mut self, window: &Window, variant: u8) {
        let task = Task::draw(&window.phrase, &mut self.rng);
        let styles: Vec<Style> = self.entry.styles.iter().copied().collect();
        let style = self.rng.choice(styles);
        self.write(window, Request { task, style, variant: Some(variant) });
    }

    fn write(&mut self, window: &Window, request: Request) {
        let Window { phrase, chord_confidence } = window;
        let Request { task, style, variant } = request;
        let posed = match variant {
            None => pose::headline(phrase),
            Some(_) => pose::pose(task, phrase, style, *chord_confidence, &mut self.rng),
        };
        let Ok(prompt) = posed else {
            // The task does not fit: an empty half, or the continuation of a single bar.
            self.n_dropped_windows += u64::from(phrase.all_notes().next().is_some());
            return;
        };
        let example = example(&prompt, phrase);
        if example.tokens.len() > MAX_TOKENS {
            self.halve(window, request);
            return;
        }
        if example.n_notes == 0 {
            return;
        }
        self.shard.push(
            &example,
            Record {
                offset: 0,
                n_tokens: 0,
                n_notes: 0,
                styles: self.entry.styles.iter().fold(0, |bits, style| bits | 1 << style.index()),
                parts: prompt.composed_parts().fold(0, |bits, part| bits | 1 << part.index()),
                task: u8::try_from(task.index()).unwrap_or(0),
                is_headline: variant.is_none(),
                variant: variant.unwrap_or(0),
                family: self.entry.family,
                source: self.source,
            },
        );
    }

    /// Writes a window that has too many tokens as two windows of half the bars; a single bar is left out.
    fn halve(&mut self, window: &Window, request: Request) {
        let n_bars = window.phrase.frame().n_bars_total();
        let n_first = n_bars / 2;
        if n_first == 0 {
            self.n_dropped_windows += 1;
            return;
        }
        for (first, n_bars) in [(0, n_first), (n_first, n_bars - n_first)] {
            match window.phrase.window(first, n_bars) {
                Ok(phrase) => self.write(&Window { phrase, ..*window }, request),
                // A pickup alone is no window.
                Err(_) => self.n_dropped_windows += 1,
            }
        }
    }
}

/// A 32-bit hash of a path, the same on every machine.
///
/// # Source
///
/// Fowler, Noll, Vo and others, "The FNV Non-Cryptographic Hash Algorithm", draft-eastlake-fnv: FNV-1a, 32 bits.
fn fnv1a(path: &Path) -> u32 {
    path.to_string_lossy()
        .bytes()
        .fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn save(path: &Path, text: &str) -> Result<(), CorpusError> {
    files::replace(path, text.as_bytes()).map_err(|error| CorpusError::Io(path.to_owned(), error))
}

/// Creates the folder `out`, or fails if it exists and is not empty.
pub(super) fn claim_empty(out: &Path) -> Result<(), CorpusError> {
    let failed = |error| CorpusError::Io(out.to_owned(), error);
    fs::create_dir_all(out).map_err(failed)?;
    match fs::read_dir(out).map_err(failed)?.next() {
        Some(_) => Err(CorpusError::NotEmpty(out.to_owned())),
        None => Ok(()),
    }
}

fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
