//! The command line as a user runs it.

use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

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
    assert!(text.contains("folk, D minor, 4/4, 96 bpm, 4 bars, seed 7"), "{text}");
    assert!(text.contains("melody density         asked 0.40, got"), "{text}");
    for file in ["a.mid", "a-2.mid", "a.wav", "a-2.wav", "a.png", "a-2.png"] {
        assert!(std::fs::metadata(dir.join(file)).unwrap().len() > 100, "{file}");
        assert!(text.contains(&format!("\nwrote {file}\n")), "{file}: {text}");
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
    assert_eq!(read("d.mid"), read("a-2.mid"));
}

/// A file of one instrument is varied, answered, accompanied, and every result says by which receipt.
#[test]
fn a_file_is_varied_answered_and_accompanied() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let straight = ["--performance", "straight"];
    let args = ["compose", "--style", "folk", "--bars", "4", "--parts", "melody", "--out", "a.mid"];
    succeed(dir, &[&args[..], &straight].concat());
    let read = |file: &str| {
        let score = smf::read(&std::fs::read(dir.join(file)).unwrap()).unwrap();
        score.to_phrase(|_| Key::C_MAJOR).unwrap().0
    };
    let first = read("a.mid");
    let melody = first.notes(Part::Melody);
    for (keep, file) in [("rhythm", "r.mid"), ("pitches", "p.mid")] {
        let args = ["vary", "a.mid", "--by", "60", "--keep", keep, "--out", file];
        succeed(dir, &[&args[..], &straight].concat());
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
        let replayed = run(dir, &["replay", file, "--force", "--out", "again.mid"]);
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
    let song = ["compose", "--style", "folk", "--key", "C", "--form", "A B A", "--section-bars", "2"];
    let more = ["--parts", "melody,bass", "--chords", "I V7", "--out", "s.mid"];
    let said = succeed(dir, &[&song[..], &more].concat());
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
            "a song form may have up to 64 bars, not 80",
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

/// Two bars of one part: a command that is done soon.
const SHORT: [&str; 7] = ["compose", "--bars", "1", "--parts", "bass", "--style", "folk"];

/// Holds that `args` are refused with `words` before anything is composed, and that every file in `dir` stays as it is.
fn check_refused_at_once(dir: &Path, args: &[&str], words: &str) {
    let before = contents(dir);
    let start = Instant::now();
    let output = run(dir, args);
    let seconds = start.elapsed().as_secs_f64();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains(words), "{args:?}: {said}");
    assert!(output.stdout.is_empty(), "{args:?}: something was done first");
    assert!(contents(dir) == before, "{args:?}: a file was changed or added");
    assert!(seconds < 30.0, "{args:?}: {seconds} s");
}

/// Every file of a folder by name, and what is in it.
fn contents(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let mut contents: Vec<_> = entries
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    contents.sort();
    contents
}

/// No output of any take is a file that is read, by whatever name, even where files may be replaced.
#[test]
fn an_output_is_never_an_input() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    succeed(dir, &[&SHORT[..], &["--out", "song-2.mid"]].concat());
    std::fs::create_dir(dir.join("below")).unwrap();
    std::fs::hard_link(dir.join("song-2.mid"), dir.join("hard.mid")).unwrap();
    let mut rows: Vec<(&[&str], &str)> = vec![
        (&["continue", "song-2.mid", "--out", "./song-2.mid"], "would be overwritten"),
        // The second take.
        (&["vary", "song-2.mid", "--takes", "2", "--out", "song.mid"], "would be overwritten"),
        (&["vary", "song-2.mid", "--wav", "song-2.mid"], "would be overwritten"),
        (&["vary", "song-2.mid", "--takes", "2", "--png", "below/../song.mid"], "would be overwritten"),
        (&["recompose", "hard.mid", "--out", "song-2.mid"], "would be overwritten"),
        (&["respond", "song-2.mid", "--out", "hard.mid"], "would be overwritten"),
        (&["replay", "song-2.mid", "--out", "song-2.mid"], "would be overwritten"),
        (&["inspect", "song-2.mid", "--png", "hard.mid"], "would be overwritten"),
        (&["vary", "song-2.mid", "--out", "a.mid", "--wav", "A.MID"], "would be written twice"),
        (&["compose", "--takes", "2", "--out", "a.mid", "--png", "a-2.mid"], "would be written twice"),
        (&["compose", "--out", "below"], "is a folder"),
        (&["compose", "--out", "nowhere/a.mid"], "check the folder"),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../song-2.mid", dir.join("below/soft.mid")).unwrap();
        rows.push((&["vary", "song-2.mid", "--out", "below/soft.mid"], "would be overwritten"));
    }
    for (args, words) in rows {
        check_refused_at_once(dir, &[args, &["--force"]].concat(), words);
    }
}

#[test]
fn a_file_that_is_there_is_replaced_only_if_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for file in ["a.mid", "b-2.mid", "c.wav", "d.png", "card.json"] {
        std::fs::write(dir.join(file), "mine").unwrap();
    }
    for args in [
        &["--out", "a.mid"][..],
        &["--takes", "2", "--out", "b.mid"],
        &["--wav", "c.wav"],
        &["--png", "d.png"],
        &["--form", "AB", "--section-bars", "1", "--out", "a.mid"],
    ] {
        let args: Vec<&str> = ["compose", "--parts", "bass"].iter().chain(args).copied().collect();
        check_refused_at_once(dir, &args, "is there already; give another name, or --force");
    }
    let eval = ["eval", "--size", "0.004", "--only", "takes", "--json", "card.json"];
    check_refused_at_once(dir, &eval, "is there already");
    succeed(dir, &[&SHORT[..], &["--out", "a.mid", "--force"]].concat());
    assert!(smf::read(&std::fs::read(dir.join("a.mid")).unwrap()).is_ok());
    check_refused_at_once(dir, &["inspect", "a.mid", "--png", "d.png"], "is there already");

    // Names that the user did not choose count on.
    for (args, files) in [
        (&SHORT[..], &["phrase.mid"][..]),
        (&[&SHORT[..], &["--takes", "2"]].concat(), &["phrase-2.mid", "phrase-3.mid"]),
        (&["vary", "a.mid"], &["a-varied.mid"]),
        (&["vary", "a.mid"], &["a-varied-2.mid"]),
    ] {
        let said = succeed(dir, args);
        for file in files {
            assert!(said.contains(&format!("wrote {file}\n")), "{said}");
        }
    }
    assert_eq!(std::fs::read(dir.join("c.wav")).unwrap(), b"mine");
}

/// The disk has room for the phrase and not for its sound.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_what_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("a.wav"), "mine").unwrap();
    let args = [&SHORT[..], &["--force", "--out", "a.mid", "--wav", "a.wav"]].concat();
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 64; trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_descant-cli")])
        .args(args)
        .current_dir(dir)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("cannot write a.wav; check the folder"), "{said}");
    let names: Vec<String> = contents(dir).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.mid", "a.wav"], "nothing else is left");
    assert_eq!(std::fs::read(dir.join("a.wav")).unwrap(), b"mine");
}

#[test]
fn quiet_says_errors_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for args in [
        &[&SHORT[..], &["dark purple folk", "--quiet", "--out", "a.mid"]].concat()[..],
        &["-q", "vary", "a.mid"],
        &["replay", "a.mid", "-q"],
        &["inspect", "a.mid", "--quiet", "--png", "a.png"],
    ] {
        let output = run(dir, args);
        assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{args:?}");
    }
    let json = succeed(dir, &[&SHORT[..], &["--quiet", "--json"]].concat());
    assert!(json.starts_with('{') && json.lines().count() == 1, "{json}");
    let failed = run(dir, &["inspect", "missing.mid", "--quiet"]);
    assert!(String::from_utf8_lossy(&failed.stderr).contains("cannot read missing.mid"));
}

/// An error is what is wrong and what to do, each cause once, whatever the environment says.
#[test]
fn errors_have_no_backtrace() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.mid"), b"not a file").unwrap();
    std::fs::write(dir.path().join("bad.json"), b"{").unwrap();
    for (args, begin) in [
        (["inspect", "missing.mid"], "error: cannot read missing.mid: "),
        (["inspect", "bad.mid"], "error: bad.mid: this is not a Standard MIDI File"),
        (["replay", "bad.json"], "error: this is not a receipt"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_descant-cli"))
            .current_dir(dir.path())
            .args(args)
            .env("RUST_BACKTRACE", "full")
            .env("RUST_LIB_BACKTRACE", "1")
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.starts_with(begin) && said.trim_end().lines().count() == 1, "{said}");
        let (_, cause) = said.trim_end().rsplit_once(": ").unwrap();
        assert_eq!(said.matches(cause).count(), 1, "said twice: {said}");
    }
}

/// A pipe that its user names is read, and a folder is no file.
#[cfg(unix)]
#[test]
fn what_is_named_may_be_a_pipe() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    succeed(dir, &[&SHORT[..], &["--out", "a.mid"]].concat());
    let output = Command::new("sh")
        .args(["-c", "cat a.mid | \"$0\" inspect /dev/stdin --json", env!("CARGO_BIN_EXE_descant-cli")])
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("\"n_bars\": 1"));
    let folder = run(dir, &["inspect", "."]);
    assert!(String::from_utf8_lossy(&folder.stderr).contains("cannot read ."));
}

/// Words of which nothing is understood compose nothing, and say what to write; of which some is, they say what is not.
#[test]
fn words_that_say_nothing_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    for args in [&["compose", "asdf"][..], &["compose", "--words", "asdf qwertz"], &["compose", "please"]] {
        check_refused_at_once(dir, args, "name a style, mood, key");
    }
    let args = ["compose", "folk asdf, 1 bar, only melody", "--out", "a.mid"];
    let said = succeed(dir, &args);
    assert!(said.contains("\"asdf\" is not understood") && dir.join("a.mid").exists(), "{said}");
    // A single bar is one bar, wherever it is said.
    assert!(said.contains(", 1 bar") && !said.contains("1 bars"), "{said}");
}

#[test]
fn a_phrase_leaves_as_it_is_played_and_straight_if_that_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let compose =
        ["compose", "--style", "rock", "--parts", "drums,bass", "--bars", "2", "--tempo", "100", "--out"];
    for (file, performance) in
        [("played.mid", None), ("straight.mid", Some("straight")), ("loose.mid", Some("loose"))]
    {
        let flags = performance.map_or(vec![], |performance| vec!["--performance", performance]);
        succeed(dir, &[compose.as_slice(), &[file], flags.as_slice()].concat());
        let replayed = run(dir, &["replay", file]);
        assert!(replayed.status.success(), "{file}: {}", String::from_utf8_lossy(&replayed.stderr));
        let score = smf::read(&std::fs::read(dir.join(file)).unwrap()).unwrap();
        let (phrase, _) = score.to_phrase(|_| Key::C_MAJOR).unwrap();
        let is_off_grid = |note: &&descant::music::Note| !note.onset.0.is_multiple_of(80);
        let n_off = phrase.all_notes().map(|(_, note)| note).filter(is_off_grid).count();
        let levels: std::collections::BTreeSet<u8> =
            phrase.all_notes().map(|(_, note)| note.velocity).collect();
        let (n_notes, is_straight) = (phrase.all_notes().count(), performance == Some("straight"));
        assert_eq!(n_off == 0, is_straight, "{file}: {n_off} of {n_notes} off the grid");
        assert_eq!(levels.len() <= 8, is_straight, "{file}: {levels:?}");
    }
    let error = run(dir, &[compose.as_slice(), &["no.mid", "--performance", "fast"]].concat());
    assert!(String::from_utf8_lossy(&error.stderr).contains("say straight, tight, played, loose"));
}
