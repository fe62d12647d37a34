//! The command line as a user runs it.

use std::path::Path;
use std::process::{Command, Output};

use descant::music::{Cell, Key, Part};
use descant::smf;

fn run(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_descant-cli")).current_dir(dir).args(args).output().unwrap()
}

fn succeed(dir: &Path, args: &[&str]) -> String {
    let output = run(dir, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_phrase_is_composed_looked_at_continued_changed_and_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let text = succeed(
        dir,
        &[
            "compose",
            "--style",
            "folk",
            "--key",
            "D minor",
            "--tempo",
            "96",
            "--bars",
            "4",
            "--parts",
            "melody,chords",
            "--chords",
            "Dm | Gm | A7 | Dm",
            "--density",
            "melody=0.4",
            "--seed",
            "7",
            "--out",
            "a.mid",
            "--wav",
            "a.wav",
            "--png",
            "a.png",
            "--takes",
            "2",
        ],
    );
    assert!(text.contains("D minor, 4/4, 96 bpm, 4 bars"), "{text}");
    assert!(text.contains("melody density         asked 0.40, got"), "{text}");
    for file in ["a.mid", "a-2.mid", "a.wav", "a-2.wav", "a.png", "a-2.png"] {
        assert!(std::fs::metadata(dir.join(file)).unwrap().len() > 100, "{file}");
    }

    let seen = succeed(dir, &["inspect", "a.mid"]);
    assert!(seen.contains("chords: Dm · Gm · A7 · Dm"), "{seen}");
    assert!(seen.contains("key written: D minor"), "{seen}");
    let json: serde_json::Value =
        serde_json::from_str(&succeed(dir, &["inspect", "a.mid", "--json"])).unwrap();
    assert_eq!(json["n_bars"], 4);

    let read = |file: &str| {
        let score = smf::read(&std::fs::read(dir.join(file)).unwrap()).unwrap();
        score.to_phrase(|_| Key::C_MAJOR).unwrap().0
    };
    let first = read("a.mid");
    succeed(dir, &["continue", "a.mid", "--bars", "2", "--out", "b.mid"]);
    let longer = read("b.mid");
    assert_eq!(longer.frame().n_bars, 6);
    for part in Part::ALL {
        let kept = longer.notes(part).iter().filter(|note| note.onset < first.frame().end());
        assert!(kept.eq(first.notes(part)), "{part} was changed");
    }

    succeed(dir, &["recompose", "a.mid", "--bars", "2-3", "--part", "melody", "--out", "c.mid"]);
    let other = read("c.mid");
    for part in Part::ALL {
        for bar in 0..4 {
            if part != Part::Melody || bar == 0 || bar == 3 {
                assert_eq!(
                    other.cell(Cell { bar, part }),
                    first.cell(Cell { bar, part }),
                    "{part} in bar {bar}"
                );
            }
        }
    }

    // The user's chords stand in the file for the selected bars, and only there.
    succeed(dir, &["recompose", "a.mid", "--bars", "2-3", "--chords", "Bb | C7", "--out", "f.mid"]);
    let seen = succeed(dir, &["inspect", "f.mid"]);
    assert!(seen.contains("chords: Dm · Bb · C7 · Dm"), "{seen}");

    let replayed = run(dir, &["replay", "a-2.mid", "--out", "d.mid"]);
    let said = String::from_utf8_lossy(&replayed.stderr);
    assert!(said.contains("the same ") && !said.contains("only"), "{said}");
    // What `--json` prints of an edit is a receipt, and an edited file has its own.
    let edited = run(dir, &["replay", "c.mid", "--out", "e.mid"]);
    let said = String::from_utf8_lossy(&edited.stderr);
    assert!(edited.status.success() && said.contains("the same "), "{said}");
    let refused = run(dir, &["continue", "a.mid", "--out", "./a.mid"]);
    assert!(String::from_utf8_lossy(&refused.stderr).contains("would be overwritten"));
    assert_eq!(read("d.mid"), read("a-2.mid"));
}

/// A file of one instrument is varied, answered, accompanied, and every result says by which receipt.
#[test]
fn a_file_is_varied_answered_and_accompanied() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let args = ["compose", "--style", "folk", "--bars", "4", "--parts", "melody", "--out", "a.mid"];
    succeed(dir, &args);
    let read = |file: &str| {
        let score = smf::read(&std::fs::read(dir.join(file)).unwrap()).unwrap();
        score.to_phrase(|_| Key::C_MAJOR).unwrap().0
    };
    let first = read("a.mid");
    let melody = first.notes(Part::Melody);
    for (keep, file) in [("rhythm", "r.mid"), ("pitches", "p.mid")] {
        succeed(dir, &["vary", "a.mid", "--by", "60", "--keep", keep, "--out", file]);
        let varied = read(file);
        let varied = varied.notes(Part::Melody);
        assert_eq!(varied.len(), melody.len(), "{keep}");
        for (before, after) in melody.iter().zip(varied) {
            match keep {
                "rhythm" => {
                    assert_eq!((before.onset, before.duration), (after.onset, after.duration), "{keep}");
                }
                _ => assert_eq!(before.pitch, after.pitch, "{keep}"),
            }
        }
        let replayed = run(dir, &["replay", file, "--out", "again.mid"]);
        let said = String::from_utf8_lossy(&replayed.stderr);
        assert!(replayed.status.success() && said.contains("the same "), "{said}");
    }
    succeed(dir, &["respond", "a.mid", "--bars", "2", "--out", "answer.mid"]);
    let answered = read("answer.mid");
    assert_eq!(answered.frame().n_bars, 6);
    assert_eq!(answered.window(0, 4).unwrap().notes(Part::Melody), melody);
    succeed(dir, &["respond", "a.mid", "--accompany", "--parts", "bass,chords", "--out", "band.mid"]);
    let band = read("band.mid");
    assert_eq!(band.notes(Part::Melody), melody);
    assert!(!band.notes(Part::Bass).is_empty() && !band.notes(Part::Chords).is_empty());
}

#[test]
fn a_song_says_its_sections_and_is_replayed_whole() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let song = ["compose", "--style", "folk", "--form", "A B A", "--section-bars", "2", "--out", "s.mid"];
    let said = succeed(dir, &[&song[..], &["--parts", "melody,bass", "--chords", "I V7"]].concat());
    assert!(said.contains("bars 3 to 4") && said.contains("as section 1"), "{said}");
    let seen = succeed(dir, &["inspect", "s.mid"]);
    assert!(seen.contains("chords: C · G7 · C · G7 · C · G7"), "{seen}");
    let replayed = run(dir, &["replay", "s.mid", "--out", "again.mid"]);
    let said = String::from_utf8_lossy(&replayed.stderr);
    assert!(replayed.status.success() && said.contains("the same "), "{said}");
}

#[test]
fn json_has_the_receipt_and_what_was_asked_and_got() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["compose", "--bars", "2", "--parts", "melody", "--rests", "0.5", "--json", "--out", "a.mid"];
    let report: serde_json::Value = serde_json::from_str(&succeed(dir.path(), &args)).unwrap();
    assert_eq!(report["receipt"]["seed"], 1);
    let controls = report["controls"].as_array().unwrap();
    let rests = controls.iter().find(|row| row["control"] == "melody rests").unwrap();
    assert_eq!(rests["asked"], 0.5);
    assert!(rests["got"].is_number());

    let receipt = report["receipt"].to_string();
    std::fs::write(dir.path().join("receipt.json"), report.to_string()).unwrap();
    let of_other_words = receipt.replace(report["receipt"]["vocab_hash"].as_str().unwrap(), "0");
    std::fs::write(dir.path().join("other.json"), of_other_words).unwrap();
    assert!(!run(dir.path(), &["replay", "other.json"]).status.success());
    succeed(dir.path(), &["replay", "receipt.json", "--out", "b.mid"]);
    let bytes = |file| std::fs::read(dir.path().join(file)).unwrap();
    assert_eq!(bytes("a.mid"), bytes("b.mid"));
}

#[test]
fn what_is_unknown_is_refused_with_what_would_do() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.mid"), b"not a file").unwrap();
    let refusals: [(&[&str], &str); 16] = [
        (&["compose", "--style", "jaz"], "jazz"),
        (&["compose", "--key", "H minor"], "write it as \"D minor\""),
        (&["compose", "--meter", "4/5"], "not supported"),
        (&["compose", "--parts", "melodie"], "did you mean \"melody\""),
        (&["compose", "--mood", "clam"], "calm"),
        (&["compose", "--chords", "Dm | Xy"], "not a chord symbol"),
        (&["compose", "--density", "1.5"], "not a number from 0 to 1"),
        (&["compose", "--bars", "40"], "1..=16"),
        (&["compose", "--tempo", "5000"], "between 20 and 400"),
        (&["compose", "--chords", "I | VIIII"], "such as ii7, bVII or V7/V"),
        (&["compose", "--form", "A1B"], "AABA"),
        (
            &["compose", "--form", "AABAC", "--section-bars", "16"],
            "80 bars are more than a song form may have",
        ),
        (&["compose", "--form", "AABA", "--bars", "4", "--section-bars", "4"], "cannot be used with"),
        (&["vary", "bad.mid", "--keep", "harmony"], "nothing, rhythm, pitches"),
        (&["recompose", "bad.mid"], "Standard MIDI File"),
        (&["continue", "missing.mid"], "cannot read missing.mid"),
    ];
    for (args, hint) in refusals {
        let output = run(dir.path(), args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(hint), "{args:?}: {said}");
    }
}

#[test]
fn a_small_card_has_its_sections_and_is_data_too() {
    let dir = tempfile::tempdir().unwrap();
    let args = ["eval", "--size", "0.004", "--only", "controls,originality,takes", "--styles", "folk"];
    let text = succeed(dir.path(), &[&args[..], &["--json", "card.json"]].concat());
    for words in ["## Controls", "## Originality", "## Takes", "Taken: controls"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    let json = std::fs::read_to_string(dir.path().join("card.json")).unwrap();
    let card: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = card["controls"]["calibration"]["controls"].as_array().unwrap();
    assert!(rows.len() >= 7, "every control has a row: {rows:?}");
    assert!(card["losses"].is_null() && card["seconds"]["takes"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_card_says_what_it_lacks() {
    let dir = tempfile::tempdir().unwrap();
    for (section, words) in [("losses", "corpus build"), ("critique", "--corpus")] {
        let output = run(dir.path(), &["eval", "--only", section]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(words), "{text}");
    }
}
