//! `descant-cli corpus`: makes training shards and the statistics of a model from folders of MIDI files.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use descant::compose::harmonist::Counts;
use descant::compose::originality::Header;
use descant::compose::originality::file::GRAM_NOTES;
use descant::compose::plan::Strand;
use descant::corpus::fingerprint::{self, FingerprintOptions};
use descant::corpus::shard::ShardEntry;
use descant::corpus::texture::{self, TextureOptions};
use descant::corpus::{
    self, BuildOptions, frames, grooves, performances, plans, progressions, references, vocabulary,
};
use descant::music::{Part, counted};
use indicatif::{ProgressBar, ProgressStyle};

use crate::manner::Manner;
use crate::plan;

#[derive(Subcommand)]
pub enum CorpusCommand {
    /// Read every MIDI file below DIRS and write shards, a manifest and stats.json; goes on where it stopped.
    Build {
        /// Folders of MIDI files, each with a MANIFEST.tsv or without.
        #[arg(required_unless_present = "grid_voices", conflicts_with = "grid_voices")]
        dirs: Vec<PathBuf>,
        /// Instead of a folder: pieces of four voices on a grid of sixteenths, as one JSON file of train, valid and test;
        /// shards of a vocabulary of their own, for measuring the network where others are measured.
        #[arg(long, value_name = "FILE")]
        grid_voices: Option<PathBuf>,
        /// Folder for the shards.
        #[arg(long)]
        out: PathBuf,
        /// Seed of windows and tasks.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Passes over the training files, each with other windows and tasks.
        #[arg(long, default_value_t = 4)]
        variants: u8,
    },
    /// Write the fingerprints of the training families in DIRS, to find what a phrase shares with them.
    Fingerprint {
        /// Folders of MIDI files, each with a MANIFEST.tsv or without.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File for the fingerprints.
        #[arg(long)]
        out: PathBuf,
        /// Notes of a gram, 4 to 16.
        #[arg(long, default_value_t = 8, value_parser = gram_notes)]
        notes: usize,
        /// Grams that more families than this share are common property and left out.
        #[arg(long, default_value_t = 10)]
        families: u32,
    },
    /// Play the idioms of texture files over the chords, melodies and loops of the corpus in DIR; writes MIDI files with a
    /// manifest, a corpus of its own.
    Texture {
        /// Folder of MIDI files with a MANIFEST.tsv.
        dir: PathBuf,
        /// Folder of texture files, one a style.
        #[arg(long, default_value = "models/textures")]
        textures: PathBuf,
        /// Folder for the phrases.
        #[arg(long)]
        out: PathBuf,
        /// Phrases of each style.
        #[arg(long, default_value_t = 240)]
        phrases: u32,
        /// Seed of everything that is drawn.
        #[arg(long, default_value_t = 7)]
        seed: u64,
    },
    /// Count what is usual among the phrases that are learned from, for the critique: references.json of a model.
    References {
        /// Folders of MIDI files, each with a MANIFEST.tsv or without.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count which bars of a piece take up which, by groups of styles: the plans that ideas return by.
    Plans {
        /// Folders of MIDI files, each with a MANIFEST.tsv.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count which chords stand under which notes of a melody, and which follow which: what an accompaniment of a melody
    /// without chords goes by.
    Progressions {
        /// Folders of MIDI files, each with a MANIFEST.tsv.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count which chords and notes outside the key each style has, among the phrases that are learned from: what may be
    /// composed in the style.
    Vocabulary {
        /// Folders of MIDI files, each with a MANIFEST.tsv or without.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count the keys and tempi of each style, from what the manifests say: the table that a key and a tempo on auto are
    /// drawn from.
    Frames {
        /// Folders of MIDI files with a MANIFEST.tsv.
        #[arg(required = true)]
        dirs: Vec<PathBuf>,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Measure how late and how loud people play each sixteenth, from the human drum performances of the corpus in DIR:
    /// the grooves that the plugin plays by.
    Grooves {
        /// Folder of MIDI files with a MANIFEST.tsv.
        dir: PathBuf,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
    /// Count how loud and how late people play, in every place of the bar: the performances that composed notes get.
    Performances {
        /// Folder of MIDI files with a MANIFEST.tsv.
        dir: PathBuf,
        /// File to write.
        #[arg(long)]
        out: PathBuf,
    },
}

pub fn run(command: CorpusCommand, manner: Manner) -> anyhow::Result<()> {
    match command {
        CorpusCommand::Build { grid_voices: Some(source), out, .. } => run_grid_voices(&source, &out, manner),
        CorpusCommand::Build { dirs, out, seed, variants, .. } => {
            build(&dirs, &out, BuildOptions { seed, n_variants: variants }, manner)
        }
        CorpusCommand::Fingerprint { dirs, out, notes, families } => {
            let options = FingerprintOptions { n_notes: notes, max_families: families };
            write_fingerprints(&dirs, &out, options, manner)
        }
        CorpusCommand::Texture { dir, textures, out, phrases, seed } => {
            write_textures(&dir, &textures, &out, TextureOptions { n_phrases: phrases, seed }, manner)
        }
        CorpusCommand::References { dirs, out } => count_references(&dirs, &out, manner),
        CorpusCommand::Plans { dirs, out } => count_plans(&dirs, &out, manner),
        CorpusCommand::Progressions { dirs, out } => count_progressions(&dirs, &out, manner),
        CorpusCommand::Vocabulary { dirs, out } => count_vocabulary(&dirs, &out, manner),
        CorpusCommand::Frames { dirs, out } => count_frames(&dirs, &out, manner),
        CorpusCommand::Grooves { dir, out } => measure_grooves(&dir, &out, manner),
        CorpusCommand::Performances { dir, out } => measure_performances(&dir, &out, manner),
    }
}

fn count_references(dirs: &[PathBuf], out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let references = references::count(dirs, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for (style, n_phrases) in references.styles() {
        manner.note(format_args!("{style:>12} {}", counted(n_phrases, "phrase")));
    }
    write_table(out, &references.to_json(), manner)
}

fn count_plans(dirs: &[PathBuf], out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let table = plans::count(dirs, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for (group, rows) in &table.groups {
        let n_with = |part: Part| rows.iter().filter(|row| row.acts(Strand::Part(part)).is_some()).count();
        let parts: Vec<String> =
            Part::ALL.into_iter().map(|part| format!("{part} {}", n_with(part))).collect();
        manner.note(format_args!("{group:>12?} {}: {}", counted(rows.len(), "plan"), parts.join(", ")));
    }
    write_table(out, &table.to_json(), manner)
}

fn count_progressions(dirs: &[PathBuf], out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let table = progressions::count(dirs, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for (group, modes) in &table.groups {
        let n = |counts: &Counts| counts.first.values().sum::<u64>();
        manner.note(format_args!(
            "{group:>12?} {} in major, {} in minor",
            counted(n(&modes.major), "phrase"),
            n(&modes.minor)
        ));
    }
    write_table(out, &table.to_json(), manner)
}

fn count_vocabulary(dirs: &[PathBuf], out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let table = vocabulary::count(dirs, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for (style, modes) in &table.styles {
        for (mode, counted_of) in modes {
            manner.note(format_args!(
                "{style:>12} {:<14} {}, {:.1} % of the time outside the key",
                mode.name(),
                counted(counted_of.n_families, "piece"),
                100.0 * counted_of.outside
            ));
        }
    }
    write_table(out, &table.to_json(), manner)
}

fn count_frames(dirs: &[PathBuf], out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let table = frames::count(dirs)?;
    for (style, of_style) in &table.styles {
        let [slowest, .., fastest] = of_style.tempi;
        let (tempi_from, keys_from) = (&of_style.tempi_from, &of_style.keys_from);
        manner.note(format_args!("{style:>12} {slowest} to {fastest} ({tempi_from}); keys: {keys_from}"));
    }
    manner.save(out, table.to_json().as_bytes())?;
    manner.note(format_args!("wrote {}", out.display()));
    Ok(())
}

fn measure_grooves(dir: &Path, out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let table = grooves::measure(dir, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for groove in &table.grooves {
        let latest = groove.late_ticks.iter().copied().fold(0.0, f64::max);
        manner.note(format_args!(
            "{:>12} {}, {}, up to {} late",
            groove.name,
            counted(groove.n_performances, "performance"),
            counted(groove.n_bars, "bar"),
            counted(latest, "tick")
        ));
    }
    write_table(out, &table.to_json(), manner)
}

fn measure_performances(dir: &Path, out: &Path, manner: Manner) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let table = performances::measure(dir, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for kit in &table.kits {
        let (takes, hits) = (counted(kit.n_takes, "take"), counted(kit.n_hits, "stroke"));
        manner.note(format_args!("{:>12} {takes}, {hits}, clock {} ms", kit.name, kit.clock_ms.sd));
    }
    for part in &table.parts {
        let (tracks, notes) = (counted(part.n_tracks, "track"), counted(part.n_notes, "note"));
        manner.note(format_args!(
            "{:>12} {tracks}, {notes}, {:.0} % explained",
            part.part,
            part.explained * 100.0
        ));
    }
    write_table(out, &table.to_json(), manner)
}

/// Writes a table of counts to a file and prints its path.
fn write_table(out: &Path, json: &str, manner: Manner) -> anyhow::Result<()> {
    manner.save(out, json.as_bytes())?;
    manner.note(format_args!("wrote {}, {}", out.display(), counted(json.len(), "byte")));
    Ok(())
}

fn bar(manner: Manner) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len}, {eta} left")?;
    Ok(manner.bar().with_style(style))
}

fn advance(bar: &ProgressBar, n_done: usize, n_files: usize) {
    bar.set_length(u64::try_from(n_files).unwrap_or(0));
    bar.set_position(u64::try_from(n_done).unwrap_or(0));
}

fn write_fingerprints(
    dirs: &[PathBuf],
    out: &Path,
    options: FingerprintOptions,
    manner: Manner,
) -> anyhow::Result<()> {
    plan::settle([out], &[], manner)?;
    let bar = bar(manner)?;
    let found = fingerprint::fingerprint(dirs, options, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    tell_fingerprints(found.header(), manner);
    let bytes = found.to_bytes();
    manner.save(out, &bytes)?;
    manner.note(format_args!("wrote {}, {}", out.display(), counted(bytes.len(), "byte")));
    Ok(())
}

fn gram_notes(text: &str) -> Result<usize, String> {
    let (fewest, most) = (GRAM_NOTES.start(), GRAM_NOTES.end());
    let n_notes = text.parse().ok().filter(|n_notes| GRAM_NOTES.contains(n_notes));
    n_notes.ok_or_else(|| format!("grams have {fewest} to {}", counted(most, "note")))
}

/// The summary of fingerprinting for the terminal.
fn tell_fingerprints(header: &Header, manner: Manner) {
    let Header { n_notes, n_grams, n_common, max_families, .. } = header;
    manner.note(format_args!(
        "{} of {}; common to more families than {max_families}, and left out: {n_common}",
        counted(n_grams, "gram"),
        counted(n_notes, "note")
    ));
    manner.note(format_args!("longest run that held-out windows share:"));
    for (part, runs) in &header.held_out {
        let quantiles = [0.5, 0.75, 0.9, 0.95, 0.99, 1.0].map(|share| runs.quantile(share).unwrap_or(0));
        manner.note(format_args!(
            "  {part}: {quantiles:?} at 50, 75, 90, 95, 99, 100 % of {} windows",
            runs.n_windows()
        ));
    }
}

fn build(dirs: &[PathBuf], out: &Path, options: BuildOptions, manner: Manner) -> anyhow::Result<()> {
    let bar = bar(manner)?;
    let report = corpus::build(dirs, out, options, |n_done, n_files| advance(&bar, n_done, n_files))?;
    bar.finish_and_clear();
    for split in ["train", "valid"] {
        let shards = report.shards.iter().filter(|shard| shard.split == split);
        let [n_examples, n_tokens, n_notes] = shards.fold([0; 3], |[examples, tokens, notes], shard| {
            [examples + shard.n_examples, tokens + shard.n_tokens, notes + shard.n_notes]
        });
        manner.note(format_args!(
            "{split}: {}, {}, {}",
            counted(n_examples, "example"),
            counted(n_tokens, "token"),
            counted(n_notes, "note")
        ));
    }
    let n_lost: u64 = report.stats.sources.values().map(|source| source.n_lost_notes).sum();
    manner.note(format_args!(
        "{} mended, {} in no phrase",
        counted(report.mended.len(), "file"),
        counted(n_lost, "note")
    ));
    if report.n_dropped_windows > 0 {
        manner.note(format_args!(
            "{} too dense for the context; left out",
            counted(report.n_dropped_windows, "window")
        ));
    }
    manner.note(format_args!("{} could not be read", counted(report.errors.len(), "file")));
    for (path, error) in &report.errors {
        manner.note(format_args!("  {}: {error}", path.display()));
    }
    manner.note(format_args!("wrote {}", out.display()));
    Ok(())
}

fn write_textures(
    dir: &Path,
    textures: &Path,
    out: &Path,
    options: TextureOptions,
    manner: Manner,
) -> anyhow::Result<()> {
    let bar = bar(manner)?;
    let n_written = texture::write(dir, textures, out, options, |n_done, n| advance(&bar, n_done, n))?;
    bar.finish_and_clear();
    manner.note(format_args!("wrote {} to {}", counted(n_written, "phrase"), out.display()));
    Ok(())
}

fn run_grid_voices(source: &Path, out: &Path, manner: Manner) -> anyhow::Result<()> {
    for entry in corpus::build_grid_voices(source, out)? {
        let ShardEntry { split, n_examples, n_tokens, n_notes, .. } = entry;
        manner.note(format_args!(
            "{split}: {}, {}, {}",
            counted(n_examples, "sequence"),
            counted(n_tokens, "token"),
            counted(n_notes, "note")
        ));
    }
    manner.note(format_args!("wrote {}", out.display()));
    Ok(())
}
