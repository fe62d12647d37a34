//! `cargo xtask play`: from a fresh checkout to a phrase that plays, and to the plugin.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::bundle::{self, Profile};
use crate::process::{self, cargo};
use crate::system::{self, For};

/// The default words to compose from.
const DEFAULT_WORDS: &str = "bright chiptune in G";

/// The files of the phrase, in the repository root.
const MIDI_FILE: &str = "phrase.mid";
const SOUND_FILE: &str = "phrase.wav";
const PICTURE_FILE: &str = "phrase.png";

const FILES: [&str; 3] = [MIDI_FILE, SOUND_FILE, PICTURE_FILE];

/// Installs, builds, composes; `args` are the words to compose from.
pub fn run(args: &[String]) -> Result<()> {
    let words = if args.is_empty() { DEFAULT_WORDS.to_owned() } else { args.join(" ") };

    println!("[1/5] looking for missing system packages");
    system::install_missing(For::Standalone)?;

    println!("[2/5] building the command line (the first time takes some minutes)");
    process::run(&mut cargo(&["build", "--release", "--bin", "descant-cli"]))?;

    println!("[3/5] composing \"{words}\"");
    let root = process::root()?;
    for (from, to) in set_aside(&root)? {
        println!("    the former {from} is now {to}");
    }
    let compose = ["compose", &words, "--out", MIDI_FILE, "--wav", SOUND_FILE, "--png", PICTURE_FILE];
    process::run(cargo(&["run", "--release", "--quiet", "--bin", "descant-cli", "--"]).args(compose))?;

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
    println!("  listen        {} {SOUND_FILE}", opener());
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

/// Gives the files of the former phrase the first number that none has, `phrase-1.mid` and so on: nothing is written over.
/// Returns the old and new names.
fn set_aside(folder: &Path) -> Result<Vec<(&'static str, String)>> {
    let is_there = |name: &str| folder.join(name).symlink_metadata().is_ok();
    let numbered = |name: &str, number: u32| name.replacen('.', &format!("-{number}."), 1);
    let is_free = |number: &u32| !FILES.iter().any(|name| is_there(&numbered(name, *number)));
    let number = (1..).find(is_free).context("there are too many phrases; move some away")?;
    let mut moved = Vec::new();
    for name in FILES.into_iter().filter(|name| is_there(name)) {
        let new_name = numbered(name, number);
        std::fs::rename(folder.join(name), folder.join(&new_name))
            .with_context(|| format!("could not rename {name} to {new_name}"))?;
        moved.push((name, new_name));
    }
    Ok(moved)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_former_phrase_gets_a_number_of_its_own() {
        let folder = std::env::temp_dir().join(format!("descant-play-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        assert!(set_aside(&folder).unwrap().is_empty());
        // The sound of the second phrase was moved away.
        for (phrase, names) in
            [("first", &FILES[..]), ("second", &[MIDI_FILE, PICTURE_FILE]), ("third", &FILES)]
        {
            names.iter().for_each(|name| std::fs::write(folder.join(name), phrase).unwrap());
            assert_eq!(set_aside(&folder).unwrap().len(), names.len(), "{phrase}");
        }
        let names = ["phrase-1.mid", "phrase-1.wav", "phrase-2.mid", "phrase-3.wav"];
        assert_eq!(names.map(read), ["first", "first", "second", "third"]);
        assert!(!folder.join("phrase-2.wav").exists() && !folder.join(MIDI_FILE).exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
