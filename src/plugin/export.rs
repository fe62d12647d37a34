//! Exports takes as MIDI files with the velocities and the timing of playback.

use std::path::PathBuf;
use std::sync::Arc;

use super::grooves::Grooves;
use super::settings::{self, Bars};
use super::values::Values;
use crate::editor::Export;
use crate::files::{self, folders};
use crate::params::DescantParams;
use crate::player::{Settings, rendered};
use crate::session::Entry;
use crate::smf::{self, WriteOptions};

/// The function of the editor that exports a take as `params` and `grooves` play it.
pub fn as_played(params: &Arc<DescantParams>, grooves: Grooves) -> Export {
    let values = Values::new(Arc::clone(params));
    // The lengths of calls and of the count-in move no note of a take.
    let bars = Bars { call: 4.0, count_in: 4.0 };
    Box::new(move |entry| to_folder(entry, &settings::read(&values, &grooves, bars)))
}

/// Writes `entry`, as a player with `settings` plays it, to a Standard MIDI File in the user's music folder; returns
/// its path.
///
/// # Errors
///
/// A message for the user: what went wrong and what to do next.
fn to_folder(entry: &Entry, settings: &Settings) -> Result<PathBuf, String> {
    let folder =
        folders::music().ok_or("no folder to export to: set the environment variable HOME and try again")?;
    to(&folder.join("Descant"), entry, settings)
}

fn to(folder: &std::path::Path, entry: &Entry, settings: &Settings) -> Result<PathBuf, String> {
    let phrase = &entry.take.phrase;
    let song = entry.take.receipt.song.as_ref();
    let options = WriteOptions {
        title: Some(format!("Descant take {}", entry.number)),
        texts: vec![entry.take.receipt.to_text()],
        sections: song.map(|song| song.markers(phrase.frame())).unwrap_or_default(),
        ..WriteOptions::default()
    };
    let bytes = smf::write(&rendered(phrase, settings), &options).map_err(|error| error.to_string())?;
    let failed = |error: std::io::Error| {
        format!(
            "cannot write to {} ({error}); make room or give yourself the right to write there",
            folder.display()
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let style = entry.take.receipt.task.controls.style.map(|style| format!(" {style}")).unwrap_or_default();
    let name = format!("take {}{style} {} {:.0} bpm", entry.number, phrase.frame().key, phrase.frame().tempo);
    // An existing file is kept: another project may have exported a take of the same number.
    for copy in 1.. {
        let suffix = if copy == 1 { String::new() } else { format!(" ({copy})") };
        let path = folder.join(format!("{name}{suffix}.mid"));
        match files::write_new(&path, &bytes) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err("there are too many files of this name; move some away".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{
        Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
    };
    use crate::session::{Occasion, Receipt, Take, Task, TaskSettings};

    fn entry() -> Entry {
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        let note = Note::new(TickInstant(480), TickDuration(960), Pitch::clamped(67), 90);
        parts[Part::Melody.index()].push(note);
        let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
        let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
        let receipt = Receipt::new("model", 1, 0, &task);
        Entry {
            number: 7,
            occasion: Occasion::Requested,
            n_edits: 0,
            mark: crate::session::Mark::None,
            parent: None,
            take: Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() },
        }
    }

    #[test]
    fn what_is_written_reads_as_the_take_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::default();
        let first = to(folder.path(), &entry(), &settings).unwrap();
        let second = to(folder.path(), &entry(), &settings).unwrap();
        assert_ne!(first, second);
        for path in [first, second] {
            let score = smf::read(&std::fs::read(&path).unwrap()).unwrap();
            let notes: Vec<Note> =
                score.tracks.iter().flat_map(|track| track.notes.iter().copied()).collect();
            assert_eq!(notes.len(), 1, "{}", path.display());
            assert!(path.to_string_lossy().contains("take 7 C major 100 bpm"), "{}", path.display());
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = to(&file.join("sub"), &entry(), &Settings::default()).unwrap_err();
        assert!(error.contains("cannot write to") && error.contains("sub"), "{error}");
    }
}
