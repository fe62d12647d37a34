//! `cargo xtask compare BEFORE [AFTER]`: whether two builds of `descant-cli` write the same bytes.
//!
//! Both run the same 200 calls, over all commands that compose, read or show, each build in a folder of its own under
//! `target/compare`. What they print and every file that they leave are compared byte for byte. So a change of the code
//! that should not change the music shows that it does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{cargo, root, run as run_command, target_dir};

/// Texts for the words of `compose`.
const SENTENCES: [&str; 28] = [
    "calm folk in G, sparse",
    "dark lo-fi in D minor, 82 bpm",
    "bright chiptune in G",
    "sad waltz in A minor, 4 bars",
    "busy techno, 130 bpm, syncopated drums",
    "jazz in Bb, dense chords, walking bass",
    "joyful latin, high melody, wide melody",
    "tense cinematic in C minor, low bass",
    "hymn in F, 3/4",
    "energetic punk rock in E",
    "soft ambient pad without drums",
    "funk in E dorian, tight, staccato bass",
    "house, loose, four on the floor",
    "celtic jig in D, 6/8",
    "ragtime with a leaping melody",
    "blues in A, slow, swing",
    "reggae in G minor, few notes",
    "classical in C major, close with a cadence",
    "romantic nocturne in Eb, legato",
    "baroque in D minor, no drums",
    "country in G, only melody and bass",
    "afro, 12/8, many drums",
    "hip-hop in F minor, quantised",
    "game music in F# major, fast",
    "soul in Ab, thick chords",
    "electronic in B minor, open ending",
    "pop in C lydian, a bit more syncopated",
    "asdf folk in D",
];

/// Flags of `compose`, in addition to a style and a seed.
const FLAGS: [&str; 30] = [
    "--key Dm",
    "--key F#-dorian",
    "--tempo 93",
    "--meter 3/4",
    "--meter 7/8",
    "--parts melody",
    "--parts drums,bass",
    "--takes 2",
    "--mood calm",
    "--mood 0.1,0.9",
    "--density 0.2",
    "--density drums=0.9,melody=0.3",
    "--syncopation 0.8",
    "--polyphony chords=0.9",
    "--register melody=0.9",
    "--range 0.2",
    "--leaps 0.9",
    "--rests 0.6",
    "--chords Dm9|G13|Cmaj9|A7",
    "--chords ii7|V7|Imaj7|V7/V",
    "--no-chords",
    "--scale free",
    "--scale strict",
    "--ending close",
    "--ending open",
    "--grid free",
    "--ideas free",
    "--performance straight",
    "--temperature 1.3 --top-k 40 --top-p 0.9",
    "--pitches melody=60-72 --voices chords=3 --png roll.png --wav sound.wav",
];

/// Forms of songs.
const FORMS: [&str; 5] = ["ABA", "intro A A' ending", "verse-chorus", "A break A", "AAB"];

/// Arguments of the commands that edit a file, each run for several files.
const EDITS: [(&str, usize, &[&str]); 4] = [
    ("continue", 15, &["--bars 2", "--bars 1 --parts melody,drums", "--bars 3 --ending close"]),
    (
        "recompose",
        20,
        &[
            "--bars 2",
            "--part melody",
            "--bars 1 --part bass,drums",
            "--part melody --lock 1:1,2:1",
            "--takes 2",
        ],
    ),
    (
        "vary",
        20,
        &["--by 30", "--by 60 --keep rhythm", "--by 50 --keep pitches", "--part melody", "--by 100"],
    ),
    ("respond", 15, &["--bars 2", "--accompany --parts drums,bass", "--bars 1 --mood joyful"]),
];

/// The results of one build: the output of each call and the contents of each file, by name.
type Output = BTreeMap<String, Vec<u8>>;

/// Runs all calls with the two builds in `args`; a missing second one is built from this checkout.
pub fn run(args: &[String]) -> Result<()> {
    let (before, after) = match args {
        [before] => (PathBuf::from(before), built()?),
        [before, after] => (PathBuf::from(before), PathBuf::from(after)),
        _ => bail!("name a descant-cli that was built before the change, and perhaps one built after it"),
    };
    let [before, after] = [before, after].map(|program| {
        fs::canonicalize(&program).with_context(|| format!("there is no program {}", program.display()))
    });
    let (before, after) = (before?, after?);
    let calls = calls(&styles()?);
    let [before, after] =
        [("before", before), ("after", after)].map(|(name, program)| output(name, &program, &calls));
    let (before, after) = (before?, after?);
    let differing = differing(&before, &after);
    if differing.is_empty() {
        println!("{} calls, {} outputs: the same bytes", calls.len(), before.len());
        return Ok(());
    }
    bail!("{} of {} outputs differ:\n  {}", differing.len(), before.len(), differing.join("\n  "))
}

/// The command line of this checkout.
fn built() -> Result<PathBuf> {
    run_command(&mut cargo(&["build", "--bin", "descant-cli"]))?;
    Ok(target_dir()?.join("debug").join(format!("descant-cli{}", std::env::consts::EXE_SUFFIX)))
}

/// All styles, of which there are examples.
fn styles() -> Result<Vec<String>> {
    let folder = root()?.join("assets/examples");
    let entries = fs::read_dir(&folder).with_context(|| format!("no examples in {}", folder.display()))?;
    let mut styles: Vec<String> =
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect::<Result<_>>()?;
    styles.sort();
    Ok(styles)
}

/// The arguments of each call, in the order in which they run: later calls read what earlier ones wrote.
fn calls(styles: &[String]) -> Vec<Vec<String>> {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let style = |idx: usize| styles[idx % styles.len()].as_str();
    let mut calls = Vec::new();
    for (idx, style) in styles.iter().enumerate() {
        for seed in 1..=2 {
            let bars = 2 + 2 * (idx % 2);
            calls.push(words(&format!(
                "compose --style {style} --seed {seed} --bars {bars} --json --out {style}-{seed}.mid"
            )));
        }
    }
    for (idx, sentence) in SENTENCES.iter().enumerate() {
        let mut call = words(&format!("compose --seed {idx} --bars 2 --out words-{idx}.mid"));
        call.push((*sentence).to_owned());
        calls.push(call);
    }
    for (idx, flags) in FLAGS.iter().enumerate() {
        let plain =
            format!("compose --style {} --seed {idx} --bars 4 --out flags-{idx}.mid {flags}", style(7 * idx));
        calls.push(words(&plain).into_iter().map(|word| spaced(&word)).collect());
    }
    for (idx, form) in FORMS.iter().enumerate() {
        let mut call = words(&format!(
            "compose --style {} --seed {idx} --section-bars 2 --out song-{idx}.mid",
            style(5 * idx)
        ));
        call.extend(["--form".to_owned(), (*form).to_owned()]);
        calls.push(call);
    }
    for (command, n, flags) in EDITS {
        for idx in 0..n {
            let (flags, style) = (flags[idx % flags.len()], style(3 * idx + n));
            calls.push(words(&format!(
                "{command} {style}-1.mid --seed {idx} {flags} --out {command}-{idx}.mid"
            )));
        }
    }
    let shown = ["words-0", "flags-7", "song-2", "continue-3", "recompose-4", "vary-5", "respond-6"];
    calls.extend(shown.map(|name| words(&format!("inspect {name}.mid --png {name}.png"))));
    let replayed =
        ["pop-2", "words-1", "flags-1", "continue-0", "recompose-1", "vary-2", "respond-0", "respond-1"];
    calls.extend(replayed.map(|name| words(&format!("replay {name}.mid --out {name}-again.mid"))));
    calls
}

/// Restores the spaces in a flag's value that lists of flags cannot hold.
fn spaced(word: &str) -> String {
    match word {
        "F#-dorian" => "F# dorian".to_owned(),
        word => word.replace('|', " | "),
    }
}

/// The results of `program` over all `calls`, run in a fresh folder called `name`.
fn output(name: &str, program: &Path, calls: &[Vec<String>]) -> Result<Output> {
    let folder = target_dir()?.join("compare").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut output = Output::new();
    for (idx, call) in calls.iter().enumerate() {
        let line = call.join(" ");
        println!("{name} {}/{}: {line}", idx + 1, calls.len());
        let done = Command::new(program).args(call).current_dir(&folder).output()?;
        let mut printed = done.stdout;
        printed.extend(done.stderr);
        printed.extend(format!("{:?}", done.status.code()).into_bytes());
        output.insert(format!("what `{line}` prints"), printed);
    }
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        output.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
    }
    Ok(output)
}

/// The names of results that only one has or that differ.
fn differing(before: &Output, after: &Output) -> Vec<String> {
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_calls_as_promised_and_no_two_write_one_file() {
        let calls = calls(&styles().unwrap());
        assert_eq!(calls.len(), 200);
        let mut outputs: Vec<&String> = calls
            .iter()
            .filter_map(|call| call.iter().position(|word| word == "--out").and_then(|idx| call.get(idx + 1)))
            .collect();
        let n_outputs = outputs.len();
        outputs.sort();
        outputs.dedup();
        assert_eq!(outputs.len(), n_outputs);
    }

    #[test]
    fn what_differs_is_named() {
        let of = |files: &[(&str, &str)]| -> Output {
            files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
        };
        let before = of(&[("same", "a"), ("other", "a"), ("gone", "a")]);
        let after = of(&[("same", "a"), ("other", "b"), ("new", "a")]);
        assert_eq!(differing(&before, &after), ["gone", "other", "new"]);
        assert!(differing(&before, &before).is_empty());
    }
}
