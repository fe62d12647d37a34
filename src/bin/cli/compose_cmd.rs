//! `descant-cli compose`.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use descant::compose::repertoire::Repertoire;
use descant::compose::{self, Model, SelectionProgress, SongTask};
use descant::music::ending::Ending;
use descant::music::frames::KeyWish;
use descant::music::{Frame, Key, Meter, Mode, Part, counted};
use descant::session::{Form, Performance, Take, Task, TaskSettings};
use descant::token::{Controls, Harmony, Style};
use descant::words::{self, Words};
use indicatif::ProgressStyle;

use crate::manner::Manner;
use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};
use crate::song_cmd;
use crate::take_args::TakeArgs;
use crate::wishes::{WishArgs, parse_parts};

/// What the user said in words and flags; flags win.
#[derive(Args)]
pub struct ComposeArgs {
    /// What you want in words, such as "dark lo-fi in D minor, sparse, 82 bpm".
    #[arg(value_name = "WORDS")]
    description: Option<String>,
    /// The same as a flag.
    #[arg(long, value_name = "WORDS", conflicts_with = "description")]
    words: Option<String>,
    /// Key, such as "D minor", "F# dorian" or Bb; if not given, one that the style has, drawn by the seed.
    #[arg(long)]
    key: Option<Key>,
    /// Beats per minute, 20 to 400; if not given, a tempo that the style has, drawn by the seed.
    #[arg(long)]
    tempo: Option<f32>,
    /// Time signature.
    #[arg(long)]
    meter: Option<Meter>,
    /// Bars, 1 to 16.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16))]
    bars: Option<u32>,
    /// Parts, separated by commas: melody, chords, bass, arpeggio, drums. All that the style has, if not given.
    #[arg(long)]
    parts: Option<String>,
    /// Song form: sections as letters, such as AABA or "intro A A' B A ending" (A' varies A; intro, break and ending have
    /// words), or verse-chorus, song or "12-bar blues".
    #[arg(long)]
    form: Option<Form>,
    /// Bars of each section of the form, 1 to 16; 8 if not given.
    #[arg(long, requires = "form", conflicts_with = "bars", value_parser = clap::value_parser!(u32).range(1..=16))]
    section_bars: Option<u32>,
    #[command(flatten)]
    takes: TakeArgs,
    #[command(flatten)]
    wishes: WishArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ComposeArgs, manner: Manner) -> anyhow::Result<()> {
    let text = args.words.as_ref().or(args.description.as_ref());
    let words = text.map(|text| words::read(text)).unwrap_or_default();
    if let Some(text) = text.filter(|_| words.understood.is_empty()) {
        bail!(
            "{text:?} says nothing that can be composed; name a style, mood, key, tempo, length or part: {:?}",
            words::EXAMPLE
        );
    }
    let usual = Path::new(if args.form.is_some() { "song.mid" } else { "phrase.mid" });
    let model_files = args.model.files();
    let inputs: Vec<&Path> = model_files.iter().map(PathBuf::as_path).collect();
    let outputs = args.output.plan(usual, args.takes.takes, &inputs, manner)?;
    outputs.print(&explanation(&words))?;
    let model = args.model.open(manner)?;
    let style = args.wishes.style.or(words.style);
    let mood = args.wishes.mood()?;
    let valence = mood.map(|(valence, _)| valence).or(words.valence);
    let frame = frame(args, &words, style, valence, &model)?;
    let mut controls = Controls { tells_frame: true, ..Controls::default() };
    words.apply(&mut controls);
    let mut wishes = args.wishes.wishes(controls)?;
    if let (None, Some(percent)) = (args.wishes.performance, words.performance) {
        wishes.performance = Performance::new(percent);
    }
    let of_form = args.form.as_ref().and_then(|form| form.chords(frame.key.mode.is_minor()));
    let wishes = match args.wishes.chords_or(of_form, &frame, frame.n_bars)? {
        Some(chords) => TaskSettings { harmony: Harmony::Given(chords), ..wishes },
        None => wishes,
    };
    let asked_ending = args.wishes.ending().or(words.ending);
    let usual_ending = match (&args.form, &wishes.harmony) {
        (Some(_), Harmony::Given(_)) => Ending::Any,
        (Some(_), _) => Ending::Close,
        (None, _) => Ending::Loop,
    };
    let wishes = TaskSettings { ending: asked_ending.unwrap_or(usual_ending), ..wishes };
    let parts = parts(args, &words, style, model.repertoire())?;
    if frame.meter.has_little_data() {
        manner.note(format_args!("note: the model has heard little music in {}", frame.meter));
    }
    if let Some(form) = &args.form {
        let song = SongTask { form: form.clone(), section: frame, parts, wishes };
        return song_cmd::run(&song, &model, &args.takes, &outputs, manner);
    }
    let task = Task::generate(frame, &parts, wishes)?;
    for (idx, take) in compose_takes(&model, &task, &args.takes, manner)?.iter().enumerate() {
        let midi = output::to_midi(&take.phrase, &take.receipt)?;
        outputs.write(&model, idx, take, &take.phrase, &midi)?;
    }
    Ok(())
}

/// Composes more than is asked for, showing progress, and chooses.
pub fn compose_takes(
    model: &Model,
    task: &Task,
    args: &TakeArgs,
    manner: Manner,
) -> anyhow::Result<Vec<Take>> {
    let bar = manner.bar();
    bar.set_style(ProgressStyle::with_template("composing {bar:40} bar {pos}/{len}")?);
    let others = ProgressStyle::with_template("choosing; phrases tried: {pos}")?;
    let mut n_dropped_bars = 0;
    let judges = model.judges(task, []);
    let takes = compose::best_of(model, task, args.seed, args.takes, &judges, |hearing| {
        match hearing {
            SelectionProgress::First(progress) => {
                bar.set_length(u64::try_from(progress.n_bars_total).unwrap_or(0));
                bar.set_position(u64::try_from(progress.n_bars).unwrap_or(0));
                n_dropped_bars = progress.n_dropped_bars;
            }
            SelectionProgress::FirstDone(_) => {}
            SelectionProgress::Others { n_done } => {
                bar.set_style(others.clone());
                bar.set_position(u64::from(n_done));
            }
        }
        ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    if n_dropped_bars > 0 {
        manner.note(format_args!(
            "note: the oldest {} did not fit the model's memory and had no say",
            counted(n_dropped_bars, "bar")
        ));
    }
    Ok(takes)
}

/// What the words were taken for, a line each.
fn explanation(words: &Words) -> String {
    let understood = words
        .understood
        .iter()
        .map(|understood| format!("{:>16} → {}\n", understood.words, understood.effect));
    understood.chain(words.unknown.iter().map(|unknown| format!("{unknown}\n"))).collect()
}

fn frame(
    args: &ComposeArgs,
    words: &Words,
    style: Option<Style>,
    valence: Option<f32>,
    model: &Model,
) -> anyhow::Result<Frame> {
    let table = model.frames();
    let (name, seed) = (style.map(Style::name), args.takes.seed);
    let arousal = args.wishes.mood()?.map(|(_, arousal)| arousal).or(words.arousal);
    let tempo = args.tempo.or(words.tempo).unwrap_or_else(|| table.tempo(name, arousal, seed));
    // A tonic by itself is one of the plain mode, and chords by name are not moved to a key by chance.
    let is_named = args.wishes.chords.as_deref().is_some_and(names_chords);
    let plain = (words.tonic.is_some() || is_named).then(|| Mode::suiting(valence));
    let mode = words.mode.or(plain);
    let tonic = words.tonic.or(mode.filter(|_| is_named).map(|mode| Key::without_accidentals(mode).tonic));
    let key = args.key.unwrap_or_else(|| table.key(name, KeyWish { tonic, mode, valence }, seed));
    let meter = args.meter.or(words.meter).unwrap_or(Meter::COMMON);
    let n_bars = match &args.form {
        Some(form) => form.section_bars(args.section_bars.or(args.bars).or(words.n_bars))?,
        None => args.bars.or(words.n_bars).unwrap_or(8),
    };
    Ok(Frame::new(meter, n_bars, key, tempo))
}

/// Whether chords are written by their names, such as Dm7, and not by degrees of the key, such as ii7.
fn names_chords(text: &str) -> bool {
    let has_name =
        |chord: &str| !chord.starts_with('N') && chord.contains(|letter| ('A'..='G').contains(&letter));
    text.split([' ', '|']).any(has_name)
}

/// The parts asked for, all of them offered in the style; else those the style has, arpeggio only on request.
fn parts(
    args: &ComposeArgs,
    words: &Words,
    style: Option<Style>,
    repertoire: &Repertoire,
) -> anyhow::Result<Vec<Part>> {
    let asked = match &args.parts {
        Some(text) => parse_parts(text)?,
        None => words.parts(&repertoire.usual_parts(style)),
    };
    if let Some(style) = style {
        repertoire.check(style, &asked)?;
    }
    Ok(asked)
}
