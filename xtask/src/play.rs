//! `cargo xtask play`: from a fresh checkout to a phrase one can hear, and to the plugin.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::bundle::{self, Profile};
use crate::process::{self, cargo};
use crate::system::{self, For};

/// What is composed when the user asks for nothing else.
const DEFAULT_WORDS: &str = "bright chiptune in G";

/// What the phrase is written to, in the repository root.
const MIDI_FILE: &str = "phrase.mid";
const SOUND_FILE: &str = "phrase.wav";
const PICTURE_FILE: &str = "phrase.png";

/// Installs, builds, composes; `args` are the words to compose from.
pub fn run(args: &[String]) -> Result<()> {
    let words = if args.is_empty() { DEFAULT_WORDS.to_owned() } else { args.join(" ") };

    println!("[1/5] looking for missing system packages");
    system::install_missing(For::Standalone)?;

    println!("[2/5] building the command line (the first time takes some minutes)");
    process::run(&mut cargo(&["build", "--release", "--bin", "descant-cli"]))?;

    println!("[3/5] composing \"{words}\"");
    let compose = ["compose", &words, "--out", MIDI_FILE, "--wav", SOUND_FILE, "--png", PICTURE_FILE];
    process::run(cargo(&["run", "--release", "--quiet", "--bin", "descant-cli", "--"]).args(compose))?;

    let root = process::root()?;
    println!("\nWritten to {}:", root.display());
    for (file_name, what) in [
        (MIDI_FILE, "the notes, for any DAW or notation program"),
        (SOUND_FILE, "the sound of the preview synth"),
        (PICTURE_FILE, "the piano roll"),
    ] {
        let n_bytes = n_bytes(&root.join(file_name))?;
        println!("  {file_name}  {what} ({n_bytes} bytes)");
    }

    println!("\n[4/5] bundling the plugin (the first time takes some minutes)");
    for path in bundle::bundle(Profile::Release, &["plugin"], &[])? {
        println!("  {}", path.display());
    }

    println!("\nNext:");
    println!("  hear it       {} {SOUND_FILE}", opener());
    println!("  use it        drag {MIDI_FILE} into a track of your DAW");
    println!("  another       cargo xtask play bright folk in G, busy");
    println!("  in your DAW   cargo xtask install");
    println!("  all it can    cargo run --release -- --help");

    println!("\n[5/5] opening the standalone");
    if !process::has_display() {
        println!("    there is no display here; on a desktop its window opens now");
        return Ok(());
    }
    let standalone = ["--release", "--no-default-features", "--features", "standalone", "--bin", "descant"];
    process::run(cargo(&["build"]).args(standalone))?;
    process::run(cargo(&["run", "--quiet"]).args(standalone))
}

/// The size of a file that must have been written, in bytes.
fn n_bytes(path: &Path) -> Result<u64> {
    let metadata = std::fs::metadata(path).with_context(|| format!("{} was not written", path.display()))?;
    ensure!(metadata.len() > 0, "{} is empty", path.display());
    Ok(metadata.len())
}

/// The command that opens a file with the program its user chose for it.
fn opener() -> &'static str {
    if cfg!(windows) {
        "start"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    }
}
