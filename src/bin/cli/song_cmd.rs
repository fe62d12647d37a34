//! `descant-cli compose --form`: songs, and replaying them.

use std::ops::ControlFlow;

use descant::compose::{Model, SongProgress, SongTask, compose_song};
use descant::session::{Origin, Song};
use indicatif::ProgressStyle;

use crate::manner::Manner;
use crate::output::{self, Outputs};
use crate::take_args::TakeArgs;

/// Composes the takes of `task` and writes them.
pub fn run(
    task: &SongTask,
    model: &Model,
    takes: &TakeArgs,
    outputs: &Outputs,
    manner: Manner,
) -> anyhow::Result<()> {
    let bar = manner.bar();
    bar.set_style(ProgressStyle::with_template("composing {bar:40} bar {pos}/{len}")?);
    let songs = compose_song(model, task, takes.seed, 0..takes.takes, |progress: &SongProgress| {
        bar.set_length(u64::try_from(progress.n_bars_total).unwrap_or(0));
        bar.set_position(u64::try_from(progress.n_bars).unwrap_or(0));
        ControlFlow::Continue(())
    })?;
    bar.finish_and_clear();
    for (idx, take) in songs.iter().enumerate() {
        if let Some(song) = &take.receipt.song {
            outputs.print(&summary(song))?;
        }
        let midi = output::to_midi(&take.phrase, &take.receipt)?;
        outputs.write(model, idx, take, &take.phrase, &midi)?;
    }
    Ok(())
}

/// A line for each section: its bars, and whether it is a copy, like section A by some per cent, or composed anew.
fn summary(song: &Song) -> String {
    let mut text = String::new();
    for (idx, section) in (0..).zip(&song.sections) {
        let (first, last) = (idx * song.section_bars + 1, (idx + 1) * song.section_bars);
        let origin = match (&section.origin, section.likeness) {
            (Origin::Copy(of), _) => format!("as section {}", of + 1),
            (Origin::Composed(_), Some(likeness)) => format!("{:.0} % like A", likeness * 100.0),
            (Origin::Composed(_), None) => "composed".to_owned(),
        };
        text += &format!("{:>4}  bars {first} to {last}: {origin}\n", section.name);
    }
    text
}
