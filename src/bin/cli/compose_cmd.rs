//! `descant-cli compose`: composes a phrase or a song from words and flags.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use descant::compose::repertoire::Repertoire;
use descant::compose::{self, Model, SelectionProgress, SongTask};
use descant::knobs::{Dial, Knobs};
use descant::music::ending::Ending;
use descant::music::frames::KeyRequest;
use descant::music::{Frame, Key, Meter, Mode, Part, counted};
use descant::preset::{Library, folder};
use descant::session::{Form, Take, Task, TaskSettings};
use descant::token::{Harmony, Style};
use descant::words::{self, Words};
use indicatif::ProgressStyle;

use crate::manner::Manner;
use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};
use crate::settings_args::{SettingsArgs, parse_parts};
use crate::song_cmd;
use crate::take_args::TakeArgs;

/// What the user said in words and flags; flags win.
#[derive(Args)]
pub struct ComposeArgs {
    /// What you want in words, such as "dark lo-fi in D minor, sparse, 82 bpm".
    #[arg(value_name = "WORDS")]
    description: Option<String>,
    /// The same as a flag.
    #[arg(long, value_name = "WORDS", conflicts_with = "description")]
    words: Option<String>,
    /// Preset to begin from, one of Descant's or of your own: what it says about composing; words and flags overrule it.
    #[arg(long, value_name = "NAME")]
    preset: Option<String>,
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
    settings_args: SettingsArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// The task that the arguments describe.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
pub enum Asked {
    /// A phrase.
    Phrase(Task),
    /// A song form.
    Song(SongTask),
}

pub fn run(args: &ComposeArgs, manner: Manner) -> anyhow::Result<()> {
    let words = args.read_words()?;
    let (preset, remarks) = args.read_preset()?.unzip();
    let has_form = args.form.is_some() || preset.as_ref().is_some_and(|knobs| knobs.form.is_some());
    let usual = Path::new(if has_form { "song.mid" } else { "phrase.mid" });
    let model_files = args.model.files();
    let inputs: Vec<&Path> = model_files.iter().map(PathBuf::as_path).collect();
    let outputs = args.output.plan(usual, args.takes.takes, &inputs, manner)?;
    outputs.print(&explanation(&words))?;
    for remark in remarks.into_iter().flatten() {
        manner.note(format_args!("note: {remark}"));
    }
    let model = args.model.open(manner)?;
    let asked = args.ask(&words, preset, &model)?;
    let meter = match &asked {
        Asked::Phrase(task) => task.base.frame().meter,
        Asked::Song(song) => song.section.meter,
    };
    if meter.has_little_data() {
        manner.note(format_args!("note: the model was trained on little music in {meter}"));
    }
    let task = match asked {
        Asked::Song(song) => return song_cmd::run(&song, &model, &args.takes, &outputs, manner),
        Asked::Phrase(task) => task,
    };
    for (idx, take) in compose_takes(&model, &task, &args.takes, manner)?.iter().enumerate() {
        let midi = output::to_midi(&take.phrase, &take.receipt)?;
        outputs.write(&model, idx, take, &take.phrase, &midi)?;
    }
    Ok(())
}

/// Composes candidates with a progress bar and returns the `args.takes` best takes.
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
    let takes = compose::best_of(model, task, args.seed, args.takes, &judges, |progress| {
        match progress {
            SelectionProgress::First(first) => {
                bar.set_length(u64::try_from(first.n_bars_total).unwrap_or(0));
                bar.set_position(u64::try_from(first.n_bars).unwrap_or(0));
                n_dropped_bars = first.n_dropped_bars;
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

/// How the words were understood, one line for each.
fn explanation(words: &Words) -> String {
    let understood = words
        .understood
        .iter()
        .map(|understood| format!("{:>16} → {}\n", understood.words, understood.effect));
    understood.chain(words.unknown.iter().map(|unknown| format!("{unknown}\n"))).collect()
}

impl ComposeArgs {
    /// Reads the words of the argument or the flag; without them the result is empty. Words of which none is understood
    /// are an error.
    pub fn read_words(&self) -> anyhow::Result<Words> {
        let text = self.words.as_ref().or(self.description.as_ref());
        let words = text.map(|text| words::read(text)).unwrap_or_default();
        if let Some(text) = text.filter(|_| words.understood.is_empty()) {
            bail!(
                "{text:?} says nothing that can be composed; name a style, mood, key, tempo, length or part: {:?}",
                words::EXAMPLE
            );
        }
        Ok(words)
    }

    /// The knobs of the preset to begin from (one of Descant's or of the user's), and a message for each value in it
    /// that cannot be set.
    pub fn read_preset(&self) -> anyhow::Result<Option<(Knobs, Vec<String>)>> {
        let Some(name) = &self.preset else { return Ok(None) };
        Ok(Some(Knobs::of_preset(Library::read(folder::user_folder()).named(name)?)))
    }

    /// The task: `words` override the knobs of the preset, and flags override both.
    pub fn ask(&self, words: &Words, preset: Option<Knobs>, model: &Model) -> anyhow::Result<Asked> {
        let knobs = self.knobs(words, preset, model.repertoire())?;
        let frame = self.frame(&knobs, model)?;
        let settings = self.settings_args.settings(&knobs)?;
        let of_form = knobs.form.as_ref().and_then(|form| form.chords(frame.key.mode.is_minor()));
        let settings = match self.settings_args.chords_or(of_form, &frame, frame.n_bars)? {
            Some(chords) => TaskSettings { harmony: Harmony::Given(chords), ..settings },
            None => settings,
        };
        let usual_ending = match (&knobs.form, &settings.harmony) {
            (Some(_), Harmony::Given(_)) => Ending::Any,
            (Some(_), _) => Ending::Close,
            (None, _) => Ending::Loop,
        };
        let settings = TaskSettings { ending: knobs.ending.unwrap_or(usual_ending), ..settings };
        let parts = self.parts(&knobs, words, model.repertoire())?;
        Ok(match knobs.form {
            Some(form) => Asked::Song(SongTask { form, section: frame, parts, settings }),
            None => Asked::Phrase(Task::generate(frame, &parts, settings)?),
        })
    }

    /// The knobs as set by preset, words and flags. Without a preset the parts are those that the style has, arpeggio
    /// only on request.
    fn knobs(&self, words: &Words, preset: Option<Knobs>, repertoire: &Repertoire) -> anyhow::Result<Knobs> {
        let mut knobs = preset.unwrap_or_else(|| {
            let mut knobs = Knobs::default();
            knobs.choose_parts(&repertoire.usual_parts(self.settings_args.style.or(words.style)));
            knobs
        });
        knobs.say(words);
        self.settings_args.turn(&mut knobs)?;
        if let Some(key) = self.key {
            (knobs.tonic, knobs.mode) = (Some(key.tonic), Some(key.mode));
        }
        knobs.tempo = self.tempo.or(knobs.tempo);
        knobs.meter = self.meter.unwrap_or(knobs.meter);
        knobs.n_bars = self.bars.or(knobs.n_bars);
        knobs.form = self.form.clone().or(knobs.form);
        if let Some(text) = &self.parts {
            knobs.choose_parts(&parse_parts(text)?);
        }
        Ok(knobs)
    }

    /// The frame of the phrase, or of a section; values that `knobs` leave open are drawn by the seed.
    fn frame(&self, knobs: &Knobs, model: &Model) -> anyhow::Result<Frame> {
        let table = model.frames();
        let (name, seed) = (knobs.style.map(Style::name), self.takes.seed);
        let (valence, arousal) = (knobs.dial(Dial::Valence), knobs.dial(Dial::Arousal));
        let tempo = knobs.tempo.unwrap_or_else(|| table.tempo(name, arousal, seed));
        // A tonic without a mode means major or minor, and chords given by name are not moved to a random key.
        let is_named = self.settings_args.chords.as_deref().is_some_and(names_chords);
        let plain = (knobs.tonic.is_some() || is_named).then(|| Mode::suiting(valence));
        let mode = knobs.mode.or(plain);
        let tonic =
            knobs.tonic.or(mode.filter(|_| is_named).map(|mode| Key::without_accidentals(mode).tonic));
        let key = table.key(name, KeyRequest { tonic, mode, valence }, seed);
        let n_bars = match (&self.form, &knobs.form) {
            (Some(form), _) => form.section_bars(self.section_bars.or(knobs.n_bars))?,
            (None, Some(form)) => form.nearest_section_bars(knobs.n_bars.unwrap_or(Knobs::USUAL_BARS)),
            (None, None) => knobs.n_bars.unwrap_or(Knobs::USUAL_BARS),
        };
        Ok(Frame::new(knobs.meter, n_bars, key, tempo))
    }

    /// The parts to compose. Parts named in flags or words must be available in the style; those of a preset that are
    /// not are left out.
    fn parts(&self, knobs: &Knobs, words: &Words, repertoire: &Repertoire) -> anyhow::Result<Vec<Part>> {
        let mut parts = knobs.parts_on();
        let Some(style) = knobs.style else { return Ok(parts) };
        if self.preset.is_some() && self.parts.is_none() {
            repertoire.check(style, &words.parts(&[]))?;
            parts.retain(|part| repertoire.parts(style).contains(part));
        }
        repertoire.check(style, &parts)?;
        Ok(parts)
    }
}

/// Whether chords are written by their names, such as Dm7, and not by degrees of the key, such as ii7.
fn names_chords(text: &str) -> bool {
    let has_name =
        |chord: &str| !chord.starts_with('N') && chord.contains(|letter| ('A'..='G').contains(&letter));
    text.split([' ', '|']).any(has_name)
}
