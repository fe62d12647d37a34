//! The file that a command edits, the selection in it, and the flags shared by such commands.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use descant::compose::Model;
use descant::knobs::Knobs;
use descant::music::analysis::settle_key;
use descant::music::{Cell, Cells, Frame, Key, Part, Phrase, Progression, counted, numbered};
use descant::session::{Job, Task, TaskSettings};
use descant::smf::{self, Score, Segment};
use descant::token::Harmony;

use crate::compose_cmd::compose_takes;
use crate::manner::{self, Manner};
use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};
use crate::settings_args::{SettingsArgs, parse_parts};
use crate::take_args::TakeArgs;

#[derive(Args)]
pub struct CommonArgs {
    /// Key of the music; recognised from the notes, if not given.
    #[arg(long)]
    pub key: Option<Key>,
    #[command(flatten)]
    pub takes: TakeArgs,
    #[command(flatten)]
    pub settings_args: SettingsArgs,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Which cells of a file.
#[derive(Args)]
pub struct SelectionArgs {
    /// Bars, counted from 1, such as 3-4 or 7; all, if not given.
    #[arg(long)]
    bars: Option<String>,
    /// Parts, separated by commas; all that the file has, if not given.
    #[arg(long, alias = "parts")]
    part: Option<String>,
}

/// The selected cells of a phrase.
pub struct Selection {
    /// The cells.
    pub cells: Cells,
    /// Their parts.
    pub parts: Vec<Part>,
    /// Index of the first bar.
    pub first: u32,
    /// Bars from the first to the last.
    pub n_bars: u32,
}

impl SelectionArgs {
    /// The selection in `phrase`.
    pub fn of(&self, phrase: &Phrase) -> anyhow::Result<Selection> {
        let frame = phrase.frame();
        let bars = match &self.bars {
            Some(text) => parse_bars(text, frame)?,
            None => (0..frame.n_bars_total()).collect(),
        };
        let parts = match &self.part {
            Some(text) => parse_parts(text)?,
            None => phrase.parts().collect(),
        };
        let (first, last) = (bars.first().copied().unwrap_or(0), bars.last().copied().unwrap_or(0));
        let n_bars = last + 1 - first;
        if n_bars > Task::MAX_BARS {
            bail!(
                "the selection has {}, and {} can be composed at once; select some with --bars",
                counted(n_bars, "bar"),
                Task::MAX_BARS
            );
        }
        let cells = bars.iter().flat_map(|&bar| parts.iter().map(move |&part| Cell { bar, part })).collect();
        Ok(Selection { cells, parts, first, n_bars })
    }
}

impl Selection {
    /// The bars from which the key is recognised: those selected, with four on either side.
    pub fn around(&self, phrase: &Phrase) -> anyhow::Result<Phrase> {
        Ok(phrase.window(self.first.saturating_sub(4), self.n_bars + 8)?)
    }
}

/// A file, the segment of it that is edited, and the notes of that segment.
pub struct Source {
    pub score: Score,
    pub segment: Segment,
    pub phrase: Phrase,
}

impl Source {
    /// Reads the file at `path`; `choose` picks one of its segments, each of one meter.
    pub fn read(
        path: &Path,
        manner: Manner,
        choose: impl Fn(&[Segment]) -> Option<Segment>,
    ) -> anyhow::Result<Self> {
        let bytes = manner::read(path)?;
        let score = smf::read(&bytes).with_context(|| path.display().to_string())?;
        for warning in &score.warnings {
            manner.note(format_args!("note: {warning}"));
        }
        let segments = score.segments();
        let Some(segment) = choose(&segments) else {
            bail!("{}: no bar has a meter that Descant knows", path.display());
        };
        if segments.len() > 1 {
            let beats = segment.start.to_beats();
            let (n, meter) = (segments.len(), segment.meter);
            manner.note(format_args!(
                "note: the file has {n} stretches of one meter; bars are those of the one in {meter} from beat {beats:.0} on"
            ));
        }
        let (phrase, _) = score.phrase(&segment, segment.key.unwrap_or(Key::C_MAJOR))?;
        Ok(Self { score, segment, phrase })
    }

    /// The parts of the whole file.
    pub fn parts(&self) -> Vec<Part> {
        let parts = self.score.parts();
        Part::ALL.into_iter().filter(|part| !parts[part.index()].is_empty()).collect()
    }

    /// The phrase in its key and with chord symbols. The key is the flag's, else recognised from `around`; the chords
    /// are the file's, else recognised, else a harmonisation of the melody.
    pub fn annotated(&self, around: &Phrase, common: &CommonArgs, model: &Model) -> Phrase {
        let key = common.key.unwrap_or_else(|| settle_key(around, self.segment.key));
        let phrase = self.phrase.clone().in_key(key);
        let harmony = model.harmonist().harmony(&phrase, common.settings_args.style);
        phrase.with_progression(harmony)
    }
}

impl CommonArgs {
    /// The settings of the task, with `chords` if there are any to follow.
    ///
    /// # Errors
    ///
    /// The model does not compose one of `parts` in the style asked, or a flag cannot be read.
    pub fn settings(
        &self,
        parts: &[Part],
        chords: Option<Progression>,
        model: &Model,
    ) -> anyhow::Result<TaskSettings> {
        if let Some(style) = self.settings_args.style {
            model.repertoire().check(style, parts)?;
        }
        let mut knobs = Knobs::default();
        self.settings_args.turn(&mut knobs)?;
        let settings = self.settings_args.settings(&knobs)?;
        Ok(match (settings.harmony, chords) {
            (Harmony::Composed, Some(chords)) => TaskSettings { harmony: Harmony::Given(chords), ..settings },
            (harmony, _) => TaskSettings { harmony, ..settings },
        })
    }
}

/// Composes the takes of `job` and writes each into a copy of the file, as `FILE-what.mid` unless named.
pub fn finish(
    source: &Source,
    file: &Path,
    what: &str,
    job: &Job,
    common: &CommonArgs,
    model: &Model,
    manner: Manner,
) -> anyhow::Result<()> {
    let model_files = common.model.files();
    let inputs: Vec<&Path> = model_files.iter().map(PathBuf::as_path).chain([file]).collect();
    let outputs =
        common.output.plan(&output::with_suffix(file, what), common.takes.takes, &inputs, manner)?;
    let task = &job.task;
    let cells = task.cells_in_whole();
    for (idx, take) in compose_takes(model, task, &common.takes, manner)?.iter().enumerate() {
        let merged = job.merged(&take.phrase)?;
        let mut score = source.score.clone();
        let replaced = score.splice(&source.segment, &merged.performed(), &cells)?;
        score.add_text(&take.receipt.to_text());
        let frame = merged.frame();
        manner.note(format_args!(
            "{}: {} out, {} in, {} left out or cut for notes that stay; everything else as it was",
            numbered(
                "bar",
                frame.bar_number(cells.first().map_or(0, |cell| cell.bar)),
                frame.bar_number(cells.last().map_or(0, |cell| cell.bar))
            ),
            counted(replaced.n_removed, "note"),
            replaced.n_added,
            replaced.n_yielded + replaced.n_outside
        ));
        let shown = job.finish(&take.phrase)?.window(task.first_bar, task.base.frame().n_bars_total())?;
        if task.first_bar > 0 {
            outputs.print(&format!("From bar {} of the file:\n", frame.bar_number(task.first_bar)))?;
        }
        outputs.write(model, idx, take, &shown, &score.write()?)?;
    }
    Ok(())
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
