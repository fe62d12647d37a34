//! `descant-cli continue` and `recompose`: composing inside somebody's file.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use descant::music::analysis::{harmony, settle_key};
use descant::music::{Cell, Cells, Frame, Key, Note, Part, Phrase, Progression, TickDuration, TickInstant};
use descant::session::{Task, Wishes};
use descant::smf::{self, Score, Segment};
use descant::token::{Controls, Harmony};

use crate::compose_cmd::{TakeArgs, compose_takes};
use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};
use crate::wishes::{WishArgs, parse_parts};

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
    #[command(flatten)]
    takes: TakeArgs,
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
        None if heard.parts().next().is_some() => heard.parts().collect(),
        None => source.parts(),
    };
    let frame = phrase.frame();
    let chords = args.common.wishes.chords(frame, args.bars)?;
    let wishes = args.common.wishes(
        &parts,
        chords.map(|chords| {
            let added = frame.end()..frame.end() + TickDuration(frame.meter.bar_duration().0 * args.bars);
            phrase.progression().spliced(&chords.later(frame.duration()), &[added])
        }),
    )?;
    let task = Task::continue_by(&phrase, args.bars, &parts, wishes)?;
    finish(source, &args.file, "continued", &phrase, &task, &args.common)
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
    let (first, last) = (bars.first().copied().unwrap_or(0), bars.last().copied().unwrap_or(0));
    let n_selected = last + 1 - first;
    if n_selected > Task::MAX_BARS {
        bail!(
            "{n_selected} bars are selected, {} can be composed at once; select some with --bars",
            Task::MAX_BARS
        );
    }
    let around = source.phrase.window(first.saturating_sub(4), n_selected + 8)?;
    let phrase = locked(source.heard(&around, args.common.key), &args.lock)?;
    let selected: Cells =
        bars.iter().flat_map(|&bar| parts.iter().map(move |&part| Cell { bar, part })).collect();
    // Without chords of the user's, keep to the harmony that is there.
    let chords = args.common.wishes.chords(phrase.frame(), n_selected)?;
    let harmony = chords.map_or_else(
        || phrase.progression().clone(),
        |chords| {
            let later = chords.later(frame.bar_start(first).since(TickInstant::ZERO));
            phrase.progression().spliced(&later, &frame.stretches(&selected))
        },
    );
    let wishes = args.common.wishes(&parts, Some(harmony))?;
    let task = Task::recompose(&phrase, &selected, wishes)?;
    finish(source, &args.file, "recomposed", &phrase, &task, &args.common)
}

fn finish(
    source: Source,
    file: &Path,
    what: &str,
    phrase: &Phrase,
    task: &Task,
    common: &CommonArgs,
) -> anyhow::Result<()> {
    common.output.check(file)?;
    let cells = task.cells_in_whole();
    for (idx, take) in compose_takes(&common.model, task, &common.takes)?.iter().enumerate() {
        let merged = task.merge_into(phrase, &take.phrase)?;
        let mut score = source.score.clone();
        let replaced = score.splice(&source.segment, &merged, &cells)?;
        score.add_text(&take.receipt.to_text());
        let frame = merged.frame();
        eprintln!(
            "bars {} to {}: {} notes out, {} in, {} left out or cut for notes that stay; everything else as it was",
            frame.bar_number(cells.first().map_or(0, |cell| cell.bar)),
            frame.bar_number(cells.last().map_or(0, |cell| cell.bar)),
            replaced.n_removed,
            replaced.n_added,
            replaced.n_yielded + replaced.n_outside
        );
        let shown = merged.window(task.first_bar, task.base.frame().n_bars_total())?;
        if !common.output.json && task.first_bar > 0 {
            output::print(&format!("From bar {} of the file:\n", frame.bar_number(task.first_bar)))?;
        }
        common.output.write(&output::beside(file, what), idx, take, &shown, &score.write()?)?;
    }
    Ok(())
}

impl CommonArgs {
    /// The wishes, with chords if there are any to keep to.
    fn wishes(&self, parts: &[Part], chords: Option<Progression>) -> anyhow::Result<Wishes> {
        if let Some(style) = self.wishes.style {
            self.model.repertoire()?.check(style, parts)?;
        }
        let wishes = self.wishes.wishes(Controls { tells_frame: true, ..Controls::default() })?;
        Ok(match (wishes.harmony, chords) {
            (Harmony::Composed, Some(chords)) => Wishes { harmony: Harmony::Given(chords), ..wishes },
            (harmony, _) => Wishes { harmony, ..wishes },
        })
    }
}

impl Source {
    fn read(path: &Path, choose: impl Fn(&[Segment]) -> Option<Segment>) -> anyhow::Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let score = smf::read(&bytes).with_context(|| path.display().to_string())?;
        for warning in &score.warnings {
            eprintln!("note: {warning}");
        }
        let segments = score.segments();
        let Some(segment) = choose(&segments) else {
            bail!("{}: no bar has a meter that Descant knows", path.display());
        };
        if segments.len() > 1 {
            let beats = segment.start.to_beats();
            let (n, meter) = (segments.len(), segment.meter);
            eprintln!(
                "note: the file has {n} stretches of one meter; bars are those of the one in {meter} from beat {beats:.0} on"
            );
        }
        let (phrase, _) = score.phrase(&segment, segment.key.unwrap_or(Key::C_MAJOR))?;
        Ok(Self { score, segment, phrase })
    }

    /// The parts of the whole file.
    fn parts(&self) -> Vec<Part> {
        let parts = self.score.parts();
        Part::ALL.into_iter().filter(|part| !parts[part.index()].is_empty()).collect()
    }

    /// The whole stretch in the key of `around`, with chord symbols: those of the file, else those that are heard.
    fn heard(&self, around: &Phrase, key: Option<Key>) -> Phrase {
        let key = key.unwrap_or_else(|| settle_key(around, self.segment.key));
        let phrase = self.phrase.clone().in_key(key);
        let harmony = harmony(&phrase);
        phrase.with_progression(harmony)
    }
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
