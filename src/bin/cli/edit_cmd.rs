//! `descant-cli continue`, `recompose`, `vary` and `respond`: composing inside somebody's file.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use descant::music::ending::Ending;
use descant::music::{Note, Part, Phrase, TickDuration, TickInstant};
use descant::session::{Job, Keep, Task, TaskSettings, Variation};
use descant::smf::Segment;

use crate::manner::Manner;
use crate::settings_args::parse_parts;
use crate::source::{CommonArgs, SelectionArgs, Source, finish};

#[derive(Args)]
pub struct ContinueArgs {
    /// MIDI file to continue; it stays as it is.
    file: PathBuf,
    /// Bars to add, 1 to 12.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=12))]
    bars: u32,
    /// Parts to continue, separated by commas; all that sound at the end, if not given.
    #[arg(long)]
    parts: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
pub struct RecomposeArgs {
    /// MIDI file to change; it stays as it is.
    file: PathBuf,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Notes to keep, by where they start: BAR:BEAT, separated by commas, such as 3:1,3:2.5.
    #[arg(long, value_delimiter = ',')]
    lock: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
pub struct VaryArgs {
    /// MIDI file to vary; it stays as it is.
    file: PathBuf,
    /// How many of the notes change, in per cent; the seed chooses which.
    #[arg(long, value_name = "PERCENT", default_value_t = 30, value_parser = clap::value_parser!(u8).range(0..=100))]
    by: u8,
    /// What the notes that change keep: their rhythm or their pitches in order, exactly.
    #[arg(long, value_enum, default_value_t = Keep::Nothing)]
    keep: Keep,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
pub struct RespondArgs {
    /// MIDI file with what was played; it stays as it is.
    file: PathBuf,
    /// Compose other parts over the bars played, instead of bars after them.
    #[arg(long)]
    accompany: bool,
    /// Bars of the answer, 1 to 12, or bars at the end of the file to accompany, 1 to 16; 4, or all.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=16))]
    bars: Option<u32>,
    /// Parts of the answer, separated by commas; those that play at the end, or those that do not.
    #[arg(long)]
    parts: Option<String>,
    #[command(flatten)]
    common: CommonArgs,
}

pub fn run_continue(args: &ContinueArgs, manner: Manner) -> anyhow::Result<()> {
    let model = &args.common.model.open(manner)?;
    let source = Source::read(&args.file, manner, |segments| segments.last().copied())?;
    let n_total = source.phrase.frame().n_bars_total();
    let context = source.phrase.window(n_total.saturating_sub(Task::MAX_BARS), Task::MAX_BARS)?;
    let phrase = source.annotated(&context, &args.common, model);
    let parts = match &args.parts {
        Some(text) => parse_parts(text)?,
        None if context.parts().next().is_some() => context.parts().collect(),
        None => source.parts(),
    };
    let frame = phrase.frame();
    let chords = args.common.settings_args.chords(frame, args.bars)?;
    let settings = args.common.settings(
        &parts,
        chords.map(|chords| {
            let added = frame.end()..frame.end() + TickDuration(frame.meter.bar_duration().0 * args.bars);
            phrase.progression().spliced(&chords.later(frame.duration()), &[added])
        }),
        model,
    )?;
    let settings =
        TaskSettings { ending: args.common.settings_args.ending().unwrap_or(Ending::Loop), ..settings };
    let task = Task::continue_by(&phrase, args.bars, &parts, settings)?;
    finish(&source, &args.file, "continued", &Job::within(phrase, task), &args.common, model, manner)
}

pub fn run_recompose(args: &RecomposeArgs, manner: Manner) -> anyhow::Result<()> {
    let model = &args.common.model.open(manner)?;
    let source = Source::read(&args.file, manner, longest)?;
    let frame = *source.phrase.frame();
    let selection = args.selection.of(&source.phrase)?;
    let phrase =
        locked(source.annotated(&selection.around(&source.phrase)?, &args.common, model), &args.lock)?;
    // Without chords of the user's, keep to the harmony that is there.
    let chords = args.common.settings_args.chords(phrase.frame(), selection.n_bars)?;
    let harmony = chords.map_or_else(
        || phrase.progression().clone(),
        |chords| {
            let later = chords.later(frame.bar_start(selection.first).since(TickInstant::ZERO));
            phrase.progression().spliced(&later, &frame.stretches(&selection.cells))
        },
    );
    let settings = args.common.settings(&selection.parts, Some(harmony), model)?;
    let task = Task::recompose(&phrase, &selection.cells, settings)?;
    finish(&source, &args.file, "recomposed", &Job::within(phrase, task), &args.common, model, manner)
}

pub fn run_vary(args: &VaryArgs, manner: Manner) -> anyhow::Result<()> {
    let model = &args.common.model.open(manner)?;
    let source = Source::read(&args.file, manner, longest)?;
    let selection = args.selection.of(&source.phrase)?;
    let phrase = source.annotated(&selection.around(&source.phrase)?, &args.common, model);
    if args.common.settings_args.chords.is_some() {
        bail!("a variation keeps the chords that are there; give --chords to recompose");
    }
    let settings = args.common.settings(&selection.parts, None, model)?;
    let variation = Variation::new(f32::from(args.by) / 100.0, args.keep);
    let seed = args.common.takes.seed;
    let job = Job::vary_cells(&phrase, &selection.cells, variation, seed, settings)?;
    finish(&source, &args.file, "varied", &job, &args.common, model, manner)
}

pub fn run_respond(args: &RespondArgs, manner: Manner) -> anyhow::Result<()> {
    let model = &args.common.model.open(manner)?;
    let source = Source::read(&args.file, manner, |segments| segments.last().copied())?;
    let n_total = source.phrase.frame().n_bars_total();
    let n_bars = args.bars.unwrap_or(if args.accompany { Task::MAX_BARS } else { 4 });
    let played = source.phrase.window(n_total.saturating_sub(n_bars), n_bars)?;
    let phrase = source.annotated(&played, &args.common, model);
    let asked = args.parts.as_deref().map(parse_parts).transpose()?;
    if args.common.settings_args.chords.is_some() {
        bail!("an answer follows the chords of what was played; give --chords to continue or recompose");
    }
    if args.accompany {
        let others = || Part::ALL.into_iter().filter(|part| played.notes(*part).is_empty()).collect();
        let parts: Vec<Part> = asked.unwrap_or_else(others);
        let settings = args.common.settings(&parts, None, model)?;
        let task = Task::accompany(&phrase, n_bars, &parts, settings)?;
        return finish(
            &source,
            &args.file,
            "accompanied",
            &Job::within(phrase, task),
            &args.common,
            model,
            manner,
        );
    }
    let parts = asked.unwrap_or_else(|| played.parts().collect());
    let settings = args.common.settings(&parts, None, model)?;
    let task = Task::respond(&phrase, n_bars, &parts, settings)?;
    finish(&source, &args.file, "answered", &Job::within(phrase, task), &args.common, model, manner)
}

fn longest(segments: &[Segment]) -> Option<Segment> {
    segments.iter().rev().max_by_key(|segment| segment.n_bars).copied()
}

/// `phrase` with the notes locked that start at the places `BAR:BEAT`.
fn locked(phrase: Phrase, places: &[String]) -> anyhow::Result<Phrase> {
    let frame = *phrase.frame();
    let mut steps = Vec::new();
    for text in places {
        let place = text.split_once(':').and_then(|(bar, beat)| {
            let bar = frame.bar_idx(bar.trim().parse().ok()?)?;
            let beat: f64 = beat.trim().parse().ok()?;
            (1.0..=f64::from(frame.meter.numerator()) + 1.0).contains(&beat).then_some((bar, beat))
        });
        let (bar, beat) =
            place.with_context(|| format!("{text:?}: write BAR:BEAT, both from 1, such as 3:2.5"))?;
        let of_bar = (beat - 1.0) / f64::from(frame.meter.numerator());
        steps.push((bar, of_bar));
    }
    let is_there = |note: &Note| {
        let bar = frame.bar_of(note.onset);
        let of_bar =
            note.onset.since(frame.bar_start(bar)).to_beats() / frame.meter.bar_duration().to_beats();
        steps.iter().any(|(locked_bar, at)| *locked_bar == bar && (of_bar - at).abs() < 0.02)
    };
    let parts = Part::ALL.map(|part| {
        phrase.notes(part).iter().map(|note| Note { locked: is_there(note), ..*note }).collect::<Vec<_>>()
    });
    if !places.is_empty() && !parts.iter().flatten().any(|note| note.locked) {
        bail!("no note starts at {}", places.join(", "));
    }
    Ok(Phrase::new(frame, phrase.progression().clone(), parts)?)
}
