//! Tests that the command line and the plugin make the same task of the same words and presets.
//!
//! Each sentence takes the full path in both: arguments here; parameters, project and task builder there. Both start
//! from the same settings: the plugin has the command line's default parts on, and the command line gets the tempo of
//! the plugin's knob where neither words nor preset name one. The performance is composed by the command line, and a
//! setting of playback in the plugin.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::{Arc, LazyLock};

use clap::Parser;
use descant::compose::Model;
use descant::editor::{Edits, edits_of_preset, edits_of_words};
use descant::music::Part;
use descant::params::{DescantParams, ParamId, PartParam};
use descant::player::{Monitor, Tempi};
use descant::plugin::TaskBuilder;
use descant::preset::{Preset, factory};
use descant::session::{Ask, Performance, Verb};
use descant::words::{self, Words};
use descant::worker::{Assignment, Shared};

use crate::compose_cmd::{Asked, ComposeArgs};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: ComposeArgs,
}

/// The plugin's task, and the performance of playback in per cent.
fn in_plugin(text: &str, words: &Words, preset: Option<&Preset>) -> Result<(Asked, u8), String> {
    let shared = Arc::<Shared>::default();
    let params = Arc::new(DescantParams::new(Arc::clone(&shared)));
    let put = |edits: Edits| edits.into_iter().for_each(|(id, place)| params.put_at(id, place));
    match preset {
        Some(preset) => put(edits_of_preset(preset, &params).0),
        None => {
            let usual = MODEL.repertoire().usual_parts(words.style);
            let place = |part| if usual.contains(&part) { 1.0 } else { 0.0 };
            put(Part::ALL.map(|part| (ParamId::Part(part, PartParam::On), place(part))).to_vec());
        }
    }
    put(edits_of_words(words, &params, &Tempi::default()));
    shared.edit(|project| project.words = text.to_owned());
    let played = params.knobs().performance.percent();
    let builder = TaskBuilder::new(params, Arc::new(Monitor::new()));
    Ok(match builder.job(&MODEL, Ask::Verb(Verb::Generate), None, 1)? {
        Assignment::Phrase(job) => (Asked::Phrase(job.task), played),
        Assignment::Song(song) => (Asked::Song(song), played),
    })
}

/// The command line's task, and its performance in per cent.
fn in_command_line(text: &str, words: &Words, preset: Option<&Preset>) -> Result<(Asked, u8), String> {
    let mut line = vec!["compose"];
    line.extend((!text.is_empty()).then_some(text));
    line.extend(preset.iter().flat_map(|preset| ["--preset", &preset.name]));
    let names_tempo =
        words.tempo.is_some() || preset.is_some_and(|preset| preset.values.contains_key("tempo"));
    line.extend((!names_tempo).then_some("--tempo=100"));
    let args = Line::try_parse_from(line).map_err(|error| error.to_string())?.args;
    let (words, preset) = (args.read_words().unwrap(), args.read_preset().unwrap());
    let preset = preset.map(|(knobs, _)| knobs);
    let mut asked = args.ask(&words, preset, &MODEL).map_err(|error| error.to_string())?;
    let performance = match &mut asked {
        Asked::Phrase(task) => &mut task.performance,
        Asked::Song(song) => &mut song.settings.performance,
    };
    let percent = std::mem::replace(performance, Performance::PLAYED).percent();
    Ok((asked, percent))
}

/// Compares both; returns whether there was a task. A named part that the style lacks is an error of the command line,
/// and left out by the plugin.
fn check(text: &str, preset: Option<&Preset>) -> bool {
    let words = words::read(text);
    let name = preset.map_or("", |preset| &preset.name);
    let plugin = in_plugin(text, &words, preset);
    match in_command_line(text, &words, preset) {
        Ok(asked) => {
            assert_eq!(Ok(asked), plugin, "{text:?} {name}");
            true
        }
        Err(error) => {
            assert!(error.contains("music to learn"), "{text:?} {name}: {error}");
            false
        }
    }
}

/// The building blocks of sentences: one piece of each row; the first piece of a row is empty.
const PIECES: [&[&str]; 9] = [
    &[
        "",
        "dark",
        "calm",
        "joyful and tense",
        "very bright",
        "a bit sad",
        "calm, dark and dreamy",
        "not happy",
    ],
    &[
        "pop",
        "folk",
        "jazz",
        "rock",
        "lo-fi",
        "house",
        "hymn",
        "classical",
        "latin",
        "funk",
        "",
        "blues",
        "celtic",
    ],
    &["", "in D minor", "in Bb", "in F# dorian", "in E", "minor"],
    &["", "82 bpm", "slow", "fast", "140 bpm", "97.5 bpm", "30 bpm"],
    &["", "3/4", "6/8", "7/8", "4/4"],
    &["", "4 bars", "1 bar", "16 bars"],
    &[
        "",
        "sparse",
        "busy",
        "very syncopated",
        "simple",
        "complex",
        "high",
        "stepwise",
        "airy",
        "wide",
        "density 0.37",
    ],
    &[
        "",
        "high melody",
        "busy bass",
        "sparse, extremely busy bass",
        "thick chords",
        "no drums",
        "only melody and bass",
        "with arpeggio",
        "wide melody, low bass",
        "legato chords, syncopated drums",
    ],
    &["", "tight", "loose", "open ending", "close with a cadence", "quantised", "looping"],
];

/// Typical sentences of users.
const WRITTEN: [&str; 20] = [
    "dark lo-fi in D minor, sparse, 82 bpm",
    "joyful latin, high melody, wide melody",
    "jazz in Bb, dense chords, walking bass",
    "high melody, wide melody, thick chords",
    "busy techno, 130 bpm, syncopated drums",
    "tense cinematic in C minor, low bass",
    "soft ambient pad without drums",
    "funk in E dorian, tight, staccato bass",
    "ragtime with a leaping melody",
    "reggae in G minor, few notes",
    "country in G, only melody and bass",
    "afro, 12/8, many drums",
    "soul in Ab, thick chords",
    "pop in C lydian, a bit more syncopated",
    "asdf folk in D",
    "dark trap beat 140bpm F#m",
    "boom bap beat at 90, dusty",
    "the bass is busy, and the melody flows",
    "less drums, more bass, no chords",
    "a sad melody",
];

/// The sentence of `number`. The rows advance at different rates, so that all pieces are combined.
fn sentence(number: usize) -> String {
    const PACES: [usize; 9] = [1, 1, 5, 3, 7, 11, 13, 17, 19];
    let pieces = PIECES.iter().zip(PACES);
    let pieces = pieces.map(|(row, pace)| row[(number * pace + number / row.len()) % row.len()]);
    let pieces: Vec<&str> = pieces.filter(|piece| !piece.is_empty()).collect();
    pieces.join(", ")
}

#[test]
fn a_sentence_is_one_task_in_the_plugin_and_on_the_command_line() {
    let drawn: std::collections::BTreeSet<String> =
        (0..600).map(sentence).filter(|text| !text.is_empty()).collect();
    let sentences = drawn.iter().map(String::as_str).chain(WRITTEN);
    let n_same = sentences.filter(|text| check(text, None)).count();
    assert!(n_same >= 400, "only {n_same} of {} can be composed", drawn.len() + WRITTEN.len());
}

#[test]
fn a_preset_is_one_task_too_and_words_overrule_it() {
    for preset in factory::presets() {
        assert!(check("", Some(&preset)), "{}", preset.name);
        let said = ["calm, in G, busy bass, high melody", "dark jazz, 4 bars", "sparse, 97 bpm, 3/4, simple"];
        let n_same = said.iter().filter(|text| check(text, Some(&preset))).count();
        assert!(n_same >= 2, "{}", preset.name);
    }
}

#[test]
fn flags_overrule_words_and_words_overrule_presets() {
    let asked = |line: &[&str]| {
        let args = Line::try_parse_from(std::iter::once(&"compose").chain(line)).unwrap().args;
        let (words, preset) = (args.read_words().unwrap(), args.read_preset().unwrap());
        match args.ask(&words, preset.map(|(knobs, _)| knobs), &MODEL).unwrap() {
            Asked::Phrase(task) => task,
            Asked::Song(_) => panic!("no form was asked for"),
        }
    };
    let of_preset = asked(&["--preset", "after hours"]);
    assert_eq!(
        (of_preset.controls.style.map(|style| style.name()), of_preset.base.frame().tempo),
        (Some("jazz"), 64.0)
    );
    let of_words = asked(&["--preset", "After hours", "folk, 97 bpm, tight"]);
    assert_eq!(
        (of_words.controls.style.map(|style| style.name()), of_words.base.frame().tempo),
        (Some("folk"), 97.0)
    );
    assert_eq!((of_words.controls.valence, of_words.performance), (Some(0.3), Performance::TIGHT));
    let of_flags = asked(&[
        "--preset",
        "After hours",
        "folk, 97 bpm, simple",
        "--style",
        "pop",
        "--tempo",
        "111",
        "--complexity",
        "0.9",
    ]);
    assert_eq!(
        (of_flags.controls.style.map(|style| style.name()), of_flags.base.frame().tempo),
        (Some("pop"), 111.0)
    );
    let melody = of_flags.controls.parts[Part::Melody.index()];
    assert_eq!(
        melody.iter().flatten().filter(|share| **share == 0.9).count(),
        2,
        "syncopation and leaps: {melody:?}"
    );
    let bold = asked(&["folk", "--surprise", "1"]).sampling;
    assert!(
        bold.temperature > 1.3
            && asked(&["folk", "--surprise", "1", "--temperature", "0.8"]).sampling.temperature == 0.8
    );
}
