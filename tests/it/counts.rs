//! Counts in texts for users are written by `music::count` alone, so that "1 notes" never appears.

use super::{project, read};

/// Nouns that things are counted by.
const NOUNS: [&str; 24] = [
    "bars",
    "beats",
    "blocks",
    "bytes",
    "chords",
    "events",
    "examples",
    "files",
    "grams",
    "notes",
    "parts",
    "performances",
    "phrases",
    "pieces",
    "presets",
    "sections",
    "sequences",
    "slots",
    "songs",
    "steps",
    "takes",
    "ticks",
    "tokens",
    "tracks",
];

/// Files whose counts are no texts for users: reports of figures in the thousands, and what is compared word by word.
const EXEMPT: [&str; 3] = ["src/eval/", "src/corpus/build.rs", "src/music/count.rs"];

/// The nouns of `line` that stand right behind a placeholder of a format string.
fn nouns_behind_numbers(line: &str) -> Vec<&str> {
    let behind = line.split("} ").skip(1);
    let words = behind.map(|rest| rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default());
    words.filter(|word| NOUNS.contains(word)).collect()
}

#[test]
fn no_count_is_written_by_hand() {
    let mut found = Vec::new();
    let paths = project::files().into_iter().filter(|path| path.starts_with("src/") && path.ends_with(".rs"));
    for path in paths.filter(|path| !EXEMPT.iter().any(|exempt| path.starts_with(exempt))) {
        let source = read(&path);
        let shipped = source.split("#[cfg(test)]").next().unwrap_or_default();
        let is_test = path.ends_with("tests.rs") || path.contains("/tests/");
        for (idx, line) in shipped.lines().enumerate().filter(|_| !is_test) {
            let is_code = line.contains('"') && !line.trim_start().starts_with("//");
            if is_code && !nouns_behind_numbers(line).is_empty() {
                found.push(format!("{path}:{}: {}", idx + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "use `music::counted`:\n{}", found.join("\n"));
}

#[test]
fn a_count_by_hand_is_found() {
    assert_eq!(nouns_behind_numbers(r#"format!("{n} notes in {n_bars} bars")"#), ["notes", "bars"]);
    assert!(nouns_behind_numbers(r#"format!("{} out of {total}", counted(n, "note"))"#).is_empty());
}
