//! Flags shared by all commands: overwriting of existing files and quiet output; reading and writing by them.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use clap::Args;
use descant::files;
use indicatif::ProgressBar;

/// The largest file that is read: more notes than anybody has played.
const MAX_INPUT_BYTES: u64 = 64 << 20;

#[derive(Args, Clone, Copy)]
pub struct Manner {
    /// Replace files that are there already.
    #[arg(long, global = true)]
    pub force: bool,
    /// Print errors and what --json asks for, and nothing else.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Manner {
    /// Prints to standard output, unless quiet.
    pub fn print(self, text: impl Display) -> anyhow::Result<()> {
        if self.quiet { Ok(()) } else { print(&text.to_string()) }
    }

    /// Prints a note, one line on standard error, unless quiet.
    pub fn note(self, text: impl Display) {
        if !self.quiet {
            eprintln!("{text}");
        }
    }

    /// A progress bar; hidden if quiet.
    pub fn bar(self) -> ProgressBar {
        if self.quiet { ProgressBar::hidden() } else { ProgressBar::new(0) }
    }

    /// Writes a file atomically. An existing file is replaced only with --force.
    pub fn save(self, path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
        let write = if self.force { files::replace } else { files::write_new };
        match write(path, bytes) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(is_there(path)),
            written => written.with_context(|| format!("cannot write {}; check the folder", path.display())),
        }
    }
}

/// Reads a file named by the user, which may be a pipe.
pub fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    files::read_stream(path, MAX_INPUT_BYTES).with_context(|| format!("cannot read {}", path.display()))
}

/// Why a file is not written.
pub fn is_there(path: &Path) -> anyhow::Error {
    anyhow::anyhow!("{} is there already; give another name, or --force to replace it", path.display())
}

/// Prints to standard output; a closed pipe is an error like any other.
pub fn print(text: &str) -> anyhow::Result<()> {
    std::io::stdout().lock().write_all(text.as_bytes()).context("cannot print")
}
