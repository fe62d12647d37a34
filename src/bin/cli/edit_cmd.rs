//! `descant-cli continue` and `recompose`: composing inside somebody's file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use descant::music::analysis::{recognise_chords, settle_key};
use descant::music::{Cell, Cells, Frame, Key, Note, Part, Phrase, Progression, TickInstant};
use descant::session::{Task, Wishes};
use descant::smf::{self, Score, Segment};
use descant::token::{Controls, Harmony};

use crate::compose_cmd::compose_takes;
use crate::model_args::ModelArgs;
use crate::output::OutputArgs;
use crate::wishes::{WishArgs, parse_parts};

#[derive(Args)]
pub struct ContinueArgs {
    /// MIDI file to continue; it stays as it is.
    file: PathBuf,
    /// Bars to add, 1 to 12.
    #[arg(long, default_value_t = 4)]
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
    /// Bars, counted from 1, such as 3-4 or 7; all, if not given.
    #[arg(long)]
    bars: Option<String>,
    /// Parts, separated by commas; a part that the file lacks is added. All that the file has, if not given.
    #[arg(long, alias = "parts")]
    part: Option<String>,
    /// Notes to keep, by where they start: BAR:BEAT, separated by commas, such as 3:1,3:2.5.
    #[arg(long, value_delimiter = ',')]
    lock: Vec<String>,
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args)]
struct CommonArgs {
    /// Key of the music; heard in the notes, if not given.
    #[arg(long)]
    key: Option<Key>,
    /// Seed; the same seed gives the same music.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many takes to compose.
    #[arg(long, default_value_t = 1)]
    takes: u32,
    #[command(flatten)]
    wishes: WishArgs,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// A file, the stretch of one meter that is worked on, and its notes.
struct Source {
    score: Score,
    segment: Segment,
    phrase: Phrase,
}

pub fn run_continue(args: &ContinueArgs) -> anyhow::Result<()> {
    let source = Source::read(&args.file, |segments| segments.last().copied())?;
    let n_total = source.phrase.frame().n_bars_total();
    let heard = source.phrase.window(n_total.saturating_sub(Task::MAX_BARS), Task::MAX_BARS)?;
    let phrase = source.heard(&heard, args.common.key);
    let parts = match &args.parts {
        Some(text) => parse_parts(text)?,
        None => heard.parts().collect(),
    };
    let wishes = args.common.wishes(phrase.frame(), args.bars)?;
    let wishes = match wishes.harmony {
        Harmony::Given(progression) => {
            let shift = phrase.frame().bar_start(n_total.min(Task::MAX_BARS - args.bars)).0;
            Wishes { harmony: Harmony::Given(continued(&progression, shift)), ..wishes }
        }
        _ => wishes,
    };
    let task = Task::continue_by(&phrase, args.bars, &parts, wishes)?;
    finish(source, &phrase, &task, &args.common)
}

pub fn run_recompose(args: &RecomposeArgs) -> anyhow::Result<()> {
    let longest = |segments: &[Segment]| segments.iter().rev().max_by_key(|segment| segment.n_bars).copied();
    let source = Source::read(&args.file, longest)?;
    let frame = *source.phrase.frame();
    let bars = match &args.bars {
        Some(text) => parse_bars(text, &frame)?,
        None => (0..frame.n_bars_total()).collect(),
    };
    let parts = match &args.part {
        Some(text) => parse_parts(text)?,
        None => source.phrase.parts().collect(),
    };
    let first = bars.first().copied().unwrap_or(0);
    let last = bars.last().copied().unwrap_or(0);
    let around = source.phrase.window(first.saturating_sub(4), last - first + 9)?;
    let phrase = locked(source.heard(&around, args.common.key), &args.lock)?;
    let selected: Cells =
        bars.iter().flat_map(|&bar| parts.iter().map(move |&part| Cell { bar, part })).collect();
    let mut wishes = args.common.wishes(&frame, frame.n_bars_total())?;
    if wishes.harmony == Harmony::Composed {
        // Keep to the harmony that is there.
        wishes.harmony = Harmony::Given(phrase.progression().clone());
    }
    let task = Task::recompose(&phrase, &selected, wishes)?;
    finish(source, &phrase, &task, &args.common)
}

fn finish(source: Source, phrase: &Phrase, task: &Task, common: &CommonArgs) -> anyhow::Result<()> {
    let cells = task.cells_in_whole();
    for (idx, take) in compose_takes(&common.model, task, common.seed, common.takes)?.iter().enumerate() {
        let merged = task.merge_into(phrase, &take.phrase)?;
        let mut score = source.score.clone();
        let replaced = score.splice(&source.segment, &merged, &cells)?;
        eprintln!(
            "{} notes out, {} notes in; everything else as it was",
            replaced.n_removed, replaced.n_added
        );
        common.output.write(idx, take, &take.phrase, &score.write()?)?;
    }
    Ok(())
}

impl CommonArgs {
    fn wishes(&self, frame: &Frame, n_bars: u32) -> anyhow::Result<Wishes> {
        let controls = Controls { tells_frame: true, ..Controls::default() };
        self.wishes.wishes(controls, frame.meter, n_bars)
    }
}

impl Source {
    fn read(path: &Path, choose: impl Fn(&[Segment]) -> Option<Segment>) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let score = smf::read(&bytes).with_context(|| path.display().to_string())?;
        for warning in &score.warnings {
            eprintln!("note: {warning}");
        }
        let Some(segment) = choose(&score.segments()) else {
            bail!("{}: no bar has a meter that Descant knows", path.display());
        };
        let (phrase, _) = score.phrase(&segment, segment.key.unwrap_or(Key::C_MAJOR))?;
        Ok(Self { score, segment, phrase })
    }

    /// The whole stretch in the key of `around`, with chord symbols: those of the file, else those that are heard.
    fn heard(&self, around: &Phrase, key: Option<Key>) -> Phrase {
        let key = key.unwrap_or_else(|| settle_key(around, self.segment.key));
        let phrase = self.phrase.clone().in_key(key);
        if !phrase.progression().is_empty() {
            return phrase;
        }
        let spans = recognise_chords(&phrase).into_iter().map(|chord| chord.span).collect();
        phrase.with_progression(Progression::new(spans))
    }
}

/// Chords that begin `shift` ticks later.
fn continued(progression: &Progression, shift: u32) -> Progression {
    let later = progression
        .spans()
        .iter()
        .map(|span| descant::music::ChordSpan { onset: TickInstant(span.onset.0 + shift), ..*span });
    Progression::new(later.collect())
}

/// `3-4` or `7`, counted from 1 (0 is the pickup).
fn parse_bars(text: &str, frame: &Frame) -> anyhow::Result<Vec<u32>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number =
        |text: &str| text.trim().parse::<u32>().with_context(|| format!("{text:?} is not a bar number"));
    let (first, last) = (number(first)?, number(last)?);
    let outside = || format!("bars {text}: the file has bars {} to {}", frame.bar_number(0), frame.n_bars);
    let (from, to) = frame.bar_idx(first).zip(frame.bar_idx(last)).with_context(outside)?;
    if from > to {
        bail!("bars {text}: write the first bar first");
    }
    Ok((from..=to).collect())
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
