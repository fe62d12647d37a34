//! The commands in the README, as a newcomer types them: one after the other, in one folder.

use std::process::Command;

use super::read;

/// The section whose commands take a folder of MIDI files and hours of training.
const NOT_RUN: &str = "## Your own model";

#[test]
fn the_commands_of_the_readme_run_in_their_order() {
    let dir = tempfile::tempdir().unwrap();
    let readme = read("README.md");
    let mut section = "";
    let mut n_run = 0;
    for line in readme.lines() {
        if line.starts_with("## ") {
            section = line;
        }
        let Some(command) = line.strip_prefix("    descant-cli ").filter(|_| section != NOT_RUN) else {
            continue;
        };
        let output = Command::new(env!("CARGO_BIN_EXE_descant-cli"))
            .args(words(command))
            .current_dir(dir.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "descant-cli {command}: {said}");
        for file in words(command).windows(2).filter(|pair| ["--out", "--wav", "--png"].contains(&&*pair[0]))
        {
            assert!(dir.path().join(&file[1]).is_file(), "descant-cli {command}: {} is missing", file[1]);
        }
        n_run += 1;
    }
    assert!(n_run >= 12, "only {n_run} commands were found");
}

/// What a shell makes of a line without variables: words, those in double quotes whole.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').expect("a quote ends"),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}
