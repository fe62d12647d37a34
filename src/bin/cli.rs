//! `descant-cli`: composing, infilling, corpora and evaluation from the command line.

#[path = "cli/corpus_cmd.rs"]
mod corpus_cmd;

use clap::{Parser, Subcommand};

/// Composes, infills and inspects MIDI phrases, offline.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Turn a folder of MIDI files into training shards.
    #[command(subcommand)]
    Corpus(corpus_cmd::CorpusCommand),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Corpus(command) => corpus_cmd::run(command),
    }
}
