//! Reads a MIDI file of the user's as a take.

use std::io::ErrorKind;
use std::path::Path;

use crate::editor::Imported;
use crate::files;
use crate::music::analysis::{harmony, settle_key};
use crate::music::{Key, Phrase, counted};
use crate::session::{TaskError, imported};
use crate::smf::{self, SmfError, Warning};

/// The largest file that is read, in bytes: many times the largest song.
const MAX_BYTES: u64 = 4 << 20;

/// The most bars that are taken: beyond this the roll shows nothing any more, and a project stays small.
const MAX_BARS: u32 = 256;

/// The most notes that are taken, for the same reasons.
const MAX_NOTES: usize = 16_384;

/// Reads the file at `path` as a take: its longest stretch of one meter, at most [`MAX_BARS`] bars of it, in the file's key
/// or the one recognised, with the file's chords or those recognised.
///
/// # Errors
///
/// A message for the user: what is wrong with the file, and what to do next.
pub fn read(path: &Path) -> Result<Imported, String> {
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
    read_file(path).map_err(|why| format!("{name}: {why}"))
}

fn read_file(path: &Path) -> Result<Imported, String> {
    let bytes = files::read(path, MAX_BYTES).map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            format!("it is larger than {} MiB; drop a shorter MIDI file", MAX_BYTES >> 20)
        }
        ErrorKind::InvalidInput => "it is not a file; drop the MIDI files in it".to_owned(),
        _ => format!("it cannot be read ({error}); copy it to a folder of your own and drop that copy"),
    })?;
    let (phrase, remarks) = to_phrase(&bytes).map_err(|error| match error {
        SmfError::Header(_) => "this is no MIDI file that can be read; export it again".to_owned(),
        error => error.to_string(),
    })?;
    if phrase.all_notes().count() > MAX_NOTES {
        return Err(format!("it has more than {}; drop a shorter part of it", counted(MAX_NOTES, "note")));
    }
    let n_bars = counted(phrase.frame().n_bars, "bar");
    let take = imported(phrase).map_err(|error| match error {
        TaskError::Prompt(_) => "there are no notes in it; drop one with notes".to_owned(),
        error => error.to_string(),
    })?;
    Ok(Imported { take, summary: [n_bars].into_iter().chain(remarks).collect::<Vec<_>>().join(", ") })
}

/// The phrase of a file, and what was left out of it.
fn to_phrase(bytes: &[u8]) -> Result<(Phrase, Vec<String>), SmfError> {
    let score = smf::read(bytes)?;
    let (phrase, _) = score.to_phrase(|_| Key::C_MAJOR)?;
    let is_damage =
        |warning: &&Warning| matches!(warning, Warning::BrokenTrack { .. } | Warning::MissingTracks { .. });
    let is_damaged = score.warnings.iter().find(is_damage).is_some();
    let damage = is_damaged.then(|| "the file is damaged, and this is what could be read".to_owned());
    let segments = score.segments();
    let written = segments.iter().rev().max_by_key(|segment| segment.n_bars).and_then(|segment| segment.key);
    let n_bars = phrase.frame().n_bars;
    let (phrase, remark) = if n_bars > MAX_BARS {
        (phrase.window(0, MAX_BARS)?, Some(format!("the first of its {n_bars}")))
    } else if segments.len() > 1 {
        let meter = phrase.frame().meter;
        (phrase, Some(format!("the longest of its {} stretches of one meter, in {meter}", segments.len())))
    } else {
        (phrase, None)
    };
    let key = settle_key(&phrase, written);
    let phrase = phrase.in_key(key);
    let chords = harmony(&phrase);
    Ok((phrase.with_progression(chords), remark.into_iter().chain(damage).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Meter, Note, PPQ, Part, Pitch, Progression, TickDuration, TickInstant};
    use crate::smf::WriteOptions;

    fn file(n_bars: u32) -> Vec<u8> {
        let mut parts: [Vec<Note>; 5] = Default::default();
        let note = |beat: u32| {
            let pitch = Pitch::clamped([60, 64, 67, 72][(beat % 4) as usize]);
            Note::new(TickInstant(beat * PPQ), TickDuration(PPQ), pitch, 80)
        };
        parts[Part::Melody.index()] = (0..4 * n_bars).map(note).collect();
        let frame = Frame::new(Meter::COMMON, n_bars, "E minor".parse().unwrap(), 90.0);
        let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
        smf::write(&phrase, &WriteOptions::default()).unwrap()
    }

    fn read_bytes(bytes: &[u8]) -> Result<Imported, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mine.mid");
        std::fs::write(&path, bytes).unwrap();
        read(&path)
    }

    #[test]
    fn a_file_becomes_a_take_with_its_notes_and_chords() {
        let Imported { take, summary } = read_bytes(&file(4)).unwrap();
        assert_eq!((take.phrase.notes(Part::Melody).len(), summary.as_str()), (16, "4 bars"));
        assert_eq!(take.phrase.frame().tempo, 90.0);
        assert!(!take.phrase.progression().is_empty(), "the chords are recognised");
    }

    #[test]
    fn a_long_file_is_cut_and_says_so() {
        let Imported { take, summary } = read_bytes(&file(300)).unwrap();
        assert_eq!((take.phrase.frame().n_bars, summary.as_str()), (256, "256 bars, the first of its 300"));
    }

    #[test]
    fn a_damaged_file_gives_what_it_has_and_says_so() {
        let bytes = file(4);
        let Imported { take, summary } = read_bytes(&bytes[..bytes.len() - 40]).unwrap();
        assert!((1..16).contains(&take.phrase.notes(Part::Melody).len()));
        assert!(summary.contains("damaged"), "{summary}");
    }

    #[test]
    fn what_is_no_such_file_is_named_with_a_next_step() {
        let folder = tempfile::tempdir().unwrap();
        let folder_error = read(folder.path()).unwrap_err();
        assert!(folder_error.ends_with("drop the MIDI files in it"), "{folder_error}");
        let missing = read(&folder.path().join("gone.mid")).unwrap_err();
        assert!(missing.starts_with("gone.mid: it cannot be read"), "{missing}");
        for (bytes, expected) in
            [(&b"RIFF"[..], "mine.mid: this is no MIDI file"), (&[0; (4 << 20) + 1], "larger than 4 MiB")]
        {
            let error = read_bytes(bytes).unwrap_err();
            assert!(error.contains(expected) && error.contains([';', ':']), "{error}");
        }
    }
}
