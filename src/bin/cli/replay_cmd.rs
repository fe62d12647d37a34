//! `descant-cli replay`: composes the take of a receipt again and compares.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::Args;
use descant::compose::{self, Model};
use descant::music::{Cell, Note, Part, Phrase, TickInstant, counted};
use descant::session::{Receipt, Take};
use descant::smf;

use crate::manner::{self, Manner};
use crate::model_args::ModelArgs;
use crate::output::{self, OutputArgs};

#[derive(Args)]
pub struct ReplayArgs {
    /// A receipt as JSON, or a MIDI file that Descant wrote.
    receipt: PathBuf,
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub fn run(args: &ReplayArgs, manner: Manner) -> anyhow::Result<()> {
    let name = args.receipt.display().to_string();
    let model_files = args.model.files();
    let inputs: Vec<&Path> = model_files.iter().chain([&args.receipt]).map(PathBuf::as_path).collect();
    let outputs = args.output.plan(&output::with_suffix(&args.receipt, "replayed"), 1, &inputs, manner)?;
    let bytes = manner::read(&args.receipt)?;
    let score = bytes.starts_with(b"MThd").then(|| smf::read(&bytes)).transpose()?;
    let text = match &score {
        Some(score) => {
            let receipts = score.texts().filter(|text| text.starts_with(Receipt::TEXT_PREFIX));
            // Of several receipts the last describes the file.
            receipts
                .last()
                .with_context(|| format!("{name} has no receipt; give a file that Descant wrote"))?
        }
        None => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let receipt = Receipt::from_json(&text)?;
    let model = &args.model.open(manner)?;
    if receipt.model_hash != model.network().model_hash() {
        let (then, now) = (&receipt.model_hash, model.network().model_hash());
        manner.note(format_args!("note: composed by model {then}, replayed by {now}"));
    }
    let take = &replayed(model, receipt)?;
    if let Some(score) = &score {
        let (written, _) = score.to_phrase(|_| take.phrase.frame().key)?;
        let (n_written, n_same) = agreement(take, &written);
        let model_hash = &take.receipt.model_hash;
        if n_same == n_written {
            manner.note(format_args!("the same {} as in {name}", counted(n_written, "note")));
        } else if are_written_alike(take, &written) {
            manner.note(format_args!(
                "the same {} as in {name}, which was exported with another feel",
                counted(n_written, "note")
            ));
        } else if model_hash == model.network().model_hash() {
            bail!(
                "only {n_same} of {} came out as in {name}; was the file edited since?",
                counted(n_written, "composed note")
            );
        } else {
            manner.note(format_args!(
                "{n_same} of {} came out as in {name}",
                counted(n_written, "composed note")
            ));
        }
    }
    let midi = output::to_midi(&take.phrase, &take.receipt)?;
    outputs.write(model, 0, take, &take.phrase, &midi)
}

/// The take of `receipt`, composed again; all sections of a song form.
fn replayed(model: &Model, receipt: Receipt) -> anyhow::Result<Take> {
    if let Some(song) = &receipt.song {
        let phrase = Arc::new(compose::replay_song(model, song)?);
        return Ok(Take { phrase, receipt, remarks: Vec::new() });
    }
    let composed =
        compose::compose(model, &receipt.task, receipt.seed, [&receipt], |_| ControlFlow::Continue(()))?;
    composed.into_iter().next().context("a receipt names one take")
}

/// Whether `written` has the notes of `take` bar by bar, whatever their octave, timing and loudness: swing, grooves and
/// octaves of the plugin are played, not composed.
fn are_written_alike(take: &Take, written: &Phrase) -> bool {
    let offset = written.frame().bar_start(take.receipt.task.first_bar).since(TickInstant::ZERO);
    let bar_ticks = written.frame().meter.bar_duration().0;
    let is_song = take.receipt.song.is_some();
    let cells = take.receipt.task.cells_in_whole();
    let tones = |phrase: &Phrase, offset: u32| {
        let tone = |(part, note): (Part, &Note)| {
            let bar = (note.onset.0 + offset) / bar_ticks;
            let pitch = note.pitch.number();
            (bar, part, if part.is_drums() { pitch } else { pitch % 12 })
        };
        let is_composed =
            |(bar, part, _): &(u32, Part, u8)| is_song || cells.contains(&Cell { bar: *bar, part: *part });
        let mut tones: Vec<_> = phrase.all_notes().map(tone).filter(is_composed).collect();
        tones.sort_unstable();
        tones
    };
    tones(&take.phrase, offset.0) == tones(written, 0)
}

/// Notes that `written` has in the cells of `take`, and how many of them the take has as well.
fn agreement(take: &Take, written: &Phrase) -> (usize, usize) {
    let task = &take.receipt.task;
    let offset = written.frame().bar_start(task.first_bar).since(TickInstant::ZERO);
    // Of a song every bar was composed.
    let is_song = take.receipt.song.is_some();
    let cells = task.cells_in_whole();
    let moved = |note: &Note| Note { onset: note.onset + offset, locked: false, ..*note };
    let performed = take.phrase.performed();
    let composed: Vec<(Part, Note)> = performed.all_notes().map(|(part, note)| (part, moved(note))).collect();
    let (mut n_written, mut n_same) = (0, 0);
    for (part, note) in written.all_notes() {
        if is_song || cells.contains(&Cell { bar: written.frame().bar_of(note.onset), part }) {
            n_written += 1;
            n_same += usize::from(composed.contains(&(part, *note)));
        }
    }
    (n_written, n_same)
}
