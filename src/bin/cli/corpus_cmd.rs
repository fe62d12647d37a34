//! `descant-cli corpus`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Subcommand;
use descant::corpus::shard::ShardEntry;
use descant::corpus::{self, BuildOptions};
use indicatif::{ProgressBar, ProgressStyle};

#[derive(Subcommand)]
pub enum CorpusCommand {
    /// Read every MIDI file below DIR and write shards, a manifest and stats.json; goes on where it stopped.
    Build {
        /// Folder of MIDI files, with a MANIFEST.tsv or without.
        #[arg(required_unless_present = "grid_voices", conflicts_with = "grid_voices")]
        dir: Option<PathBuf>,
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
}

pub fn run(command: CorpusCommand) -> anyhow::Result<()> {
    let CorpusCommand::Build { dir, grid_voices, out, seed, variants } = command;
    let Some(dir) = dir else {
        return run_grid_voices(&grid_voices.context("give a folder or --grid-voices FILE")?, &out);
    };
    let bar = ProgressBar::new(0);
    bar.set_style(ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left")?);
    let options = BuildOptions { seed, n_variants: variants };
    let report = corpus::build(&dir, &out, options, |n_done, n_files| {
        bar.set_length(u64::try_from(n_files).unwrap_or(0));
        bar.set_position(u64::try_from(n_done).unwrap_or(0));
    })?;
    bar.finish_and_clear();
    for split in ["train", "valid"] {
        let shards = report.shards.iter().filter(|shard| shard.split == split);
        let [n_examples, n_tokens, n_notes] = shards.fold([0; 3], |[examples, tokens, notes], shard| {
            [examples + shard.n_examples, tokens + shard.n_tokens, notes + shard.n_notes]
        });
        eprintln!("{split}: {n_examples} examples, {n_tokens} tokens, {n_notes} notes");
    }
    let n_lost: u64 = report.stats.sources.values().map(|source| source.n_lost_notes).sum();
    eprintln!("{} files mended, {n_lost} notes in no phrase", report.mended.len());
    if report.n_dropped_windows > 0 {
        eprintln!("{} windows were too dense for the context and left out", report.n_dropped_windows);
    }
    eprintln!("{} files could not be read", report.errors.len());
    for (path, error) in &report.errors {
        eprintln!("  {}: {error}", path.display());
    }
    eprintln!("wrote {}", out.display());
    Ok(())
}

fn run_grid_voices(source: &Path, out: &Path) -> anyhow::Result<()> {
    for entry in corpus::build_grid_voices(source, out)? {
        let ShardEntry { split, n_examples, n_tokens, n_notes, .. } = entry;
        eprintln!("{split}: {n_examples} sequences, {n_tokens} tokens, {n_notes} notes");
    }
    eprintln!("wrote {}", out.display());
    Ok(())
}
