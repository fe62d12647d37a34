//! Writes takes, or excerpts of them, as MIDI files with the velocities and the timing of playback: into the user's music
//! folder, or into a folder of this instance for dragging.

mod new_file;

mod scratch;

use std::path::PathBuf;
use std::sync::Arc;

use super::grooves::Grooves;
use super::settings::{self, Bars};
use super::values::Values;
use crate::editor::Export;
use crate::files::folders;
use crate::params::DescantParams;
use crate::player::{Settings, rendered};
use crate::session::{Entry, Excerpt, TaskKind};
use crate::smf::{self, WriteOptions};
use new_file::write_new_in;
use scratch::Scratch;

/// The function of the editor that exports excerpts as `params` and `grooves` play them into the user's music folder.
pub fn as_played(params: &Arc<DescantParams>, grooves: Grooves) -> Export {
    let settings = played_by(params, grooves);
    Box::new(move |entry, excerpt| to_music_folder(entry, excerpt, &settings()))
}

/// The function of the editor that writes excerpts to files for dragging, as [`as_played`] writes them. The files are kept
/// until the function is dropped.
pub fn for_dragging(params: &Arc<DescantParams>, grooves: Grooves) -> Export {
    let (settings, scratch) = (played_by(params, grooves), Scratch::default());
    Box::new(move |entry, excerpt| {
        let bytes = to_bytes(entry, excerpt, &settings())?;
        scratch.write(&name_of_dragged(entry, excerpt), &bytes)
    })
}

/// The settings of the player at the time of the call.
fn played_by(params: &Arc<DescantParams>, grooves: Grooves) -> impl Fn() -> Settings + Send + Sync + 'static {
    let values = Values::new(Arc::clone(params));
    // The lengths of calls and of the count-in move no note of a take.
    let bars = Bars { call: 4.0, count_in: 4.0 };
    move || settings::read(&values, &grooves, bars)
}

/// Writes `excerpt` of `entry`, as a player with `settings` plays it, to a Standard MIDI File in the user's music folder;
/// returns its path.
///
/// # Errors
///
/// A message for the user: what went wrong and what to do next.
fn to_music_folder(entry: &Entry, excerpt: Excerpt, settings: &Settings) -> Result<PathBuf, String> {
    let folder =
        folders::music().ok_or("no folder to export to: set the environment variable HOME and try again")?;
    let bytes = to_bytes(entry, excerpt, settings)?;
    write_new_in(&folder.join("Descant"), &name_of_exported(entry, excerpt), &bytes)
}

/// The bytes of the Standard MIDI File of `excerpt`.
///
/// # Errors
///
/// A message for the user, as if there is no note in the excerpt.
fn to_bytes(entry: &Entry, excerpt: Excerpt, settings: &Settings) -> Result<Vec<u8>, String> {
    let Entry { number, take, .. } = entry;
    let frame = take.phrase.frame();
    let written = excerpt.written(&take.phrase);
    if !excerpt.is_whole() && written.all_notes().next().is_none() {
        return Err(format!("there are no notes in {}; choose others", excerpt.describe(frame)));
    }
    let phrase = excerpt.cut(&rendered(&written, settings));
    // A receipt reproduces a whole take, and one of a model.
    let has_receipt = excerpt.is_whole() && take.receipt.task.kind != TaskKind::Import;
    let markers = take.receipt.song.as_ref().map(|song| song.markers(frame)).unwrap_or_default();
    let options = WriteOptions {
        title: Some(format!("Descant take {number}")),
        texts: has_receipt.then(|| take.receipt.to_text()).into_iter().collect(),
        sections: excerpt.cut_marks(frame, markers),
        ..WriteOptions::default()
    };
    smf::write(&phrase, &options).map_err(|error| error.to_string())
}

/// "take 7 lo-fi D minor 82 bpm", of an excerpt with its part and bars.
fn name_of_exported(entry: &Entry, excerpt: Excerpt) -> String {
    let frame = entry.take.phrase.frame();
    let style = entry.take.receipt.task.controls.style.map(|style| format!(" {style}")).unwrap_or_default();
    let excerpted =
        if excerpt.is_whole() { String::new() } else { format!(" - {}", excerpt.describe(frame)) };
    format!("take {}{style} {} {:.0} bpm{excerpted}", entry.number, frame.key, frame.tempo)
}

/// "lo-fi D minor 82 bpm - melody - bars 3-4 - take 7": in a song's folder the music matters first.
fn name_of_dragged(entry: &Entry, excerpt: Excerpt) -> String {
    let frame = entry.take.phrase.frame();
    let style = entry.take.receipt.task.controls.style.map(|style| format!("{style} ")).unwrap_or_default();
    let music = format!("{style}{} {:.0} bpm", frame.key, frame.tempo);
    let names = [Some(music), Some(excerpt.part_name()), excerpt.bar_numbers(frame)];
    let take = format!("take {}", entry.number);
    names.into_iter().flatten().chain([take]).collect::<Vec<_>>().join(" - ")
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
        let write = || {
            let (entry, whole) = (entry(), Excerpt::default());
            let bytes = to_bytes(&entry, whole, &settings).unwrap();
            write_new_in(folder.path(), &name_of_exported(&entry, whole), &bytes).unwrap()
        };
        let (first, second) = (write(), write());
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
        let error = write_new_in(&file.join("sub"), "name", b"").unwrap_err();
        assert!(error.contains("cannot write to") && error.contains("sub"), "{error}");
    }

    #[test]
    fn an_excerpt_has_its_notes_alone_and_says_what_it_is() {
        let (entry, settings) = (entry(), Settings::default());
        let melody = Excerpt { part: Some(Part::Melody), bars: None };
        let score = smf::read(&to_bytes(&entry, melody, &settings).unwrap()).unwrap();
        assert_eq!((score.n_notes(), score.texts().count()), (1, 0), "a receipt is of the whole take");
        let bars = Some(crate::session::Bars { first: 0, n_bars: 1 });
        let in_bars = Excerpt { bars, ..melody };
        assert_eq!(name_of_dragged(&entry, in_bars), "C major 100 bpm - melody - bar 1 - take 7");
        assert_eq!(name_of_dragged(&entry, Excerpt::default()), "C major 100 bpm - all parts - take 7");
        assert_eq!(name_of_exported(&entry, in_bars), "take 7 C major 100 bpm - melody, bar 1");
        let bass = Excerpt { part: Some(Part::Bass), bars: None };
        assert!(to_bytes(&entry, bass, &settings).unwrap_err().contains("no notes in bass"));
    }

    #[test]
    fn a_dragged_whole_is_the_file_that_export_writes() {
        let params = Arc::new(DescantParams::new(Arc::default()));
        let drag = for_dragging(&params, Grooves::shipped());
        let dragged = drag(&entry(), Excerpt::default()).unwrap();
        let exported =
            to_bytes(&entry(), Excerpt::default(), &played_by(&params, Grooves::shipped())()).unwrap();
        assert_eq!(std::fs::read(&dragged).unwrap(), exported);
        drop(drag);
        assert!(!dragged.exists(), "the files go with the instance");
    }
}
