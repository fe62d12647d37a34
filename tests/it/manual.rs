//! The commands in the README and the manual, as a newcomer types them: those of one page one after the other, in one folder.

use std::path::Path;
use std::process::Command;

use super::project::files;
use super::read;

/// The page whose commands take a folder of MIDI files and hours of training: only their flags are checked.
const NOT_RUN: &str = "assets/manual/your-own-model.md";

#[test]
fn the_commands_of_each_page_run_in_their_order() {
    let mut n_run = 0;
    for page in pages().iter().filter(|page| *page != NOT_RUN) {
        let dir = tempfile::tempdir().unwrap();
        for command in commands(page) {
            succeed(page, &command, dir.path());
            for file in command.windows(2).filter(|pair| ["--out", "--wav", "--png"].contains(&&*pair[0])) {
                assert!(dir.path().join(&file[1]).is_file(), "{page}: {command:?}: {} is missing", file[1]);
            }
            n_run += 1;
        }
    }
    assert!(n_run >= 12, "only {n_run} commands were found");
}

#[test]
fn the_commands_that_take_hours_have_flags_that_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let commands = commands(NOT_RUN);
    assert!(commands.len() >= 4, "{commands:?}");
    for mut command in commands {
        // Read after all others, which are refused before it if there are none such.
        command.push("--help".to_owned());
        succeed(NOT_RUN, &command, dir.path());
    }
}

#[test]
fn the_readme_has_five_command_lines() {
    assert_eq!(commands("README.md").len(), 5);
}

fn succeed(page: &str, command: &[String], dir: &Path) {
    let program = Command::new(env!("CARGO_BIN_EXE_descant-cli")).args(command).current_dir(dir).output();
    let output = program.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{page}: descant-cli {command:?}: {said}");
}

/// The README and the pages of the manual.
fn pages() -> Vec<String> {
    let manual = files().into_iter().filter(|path| path.starts_with("assets/manual/"));
    ["README.md".to_owned()].into_iter().chain(manual).collect()
}

/// The arguments of each command of the program in `page`, in the order in which they stand.
fn commands(page: &str) -> Vec<Vec<String>> {
    read(page).lines().filter_map(|line| Some(words(line.strip_prefix("    descant-cli ")?))).collect()
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
