//! Takes as files.

use std::path::PathBuf;

use crate::session::Entry;
use crate::smf::{self, WriteOptions};

/// Writes `entry` as a Standard MIDI File into the folder of the user's music; returns where.
///
/// # Errors
///
/// What went wrong and what to do next, in words for the user.
pub fn to_folder(entry: &Entry) -> Result<PathBuf, String> {
    let home = || std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
    let folder = dirs::audio_dir()
        .or_else(dirs::document_dir)
        .or_else(home)
        .ok_or("no folder to export to: set the environment variable HOME for your DAW and try again")?;
    to(&folder.join("Descant"), entry)
}

fn to(folder: &std::path::Path, entry: &Entry) -> Result<PathBuf, String> {
    let phrase = &entry.take.phrase;
    let options = WriteOptions {
        title: Some(format!("Descant take {}", entry.number)),
        texts: vec![entry.take.receipt.to_text()],
        ..WriteOptions::default()
    };
    let bytes = smf::write(phrase, &options).map_err(|error| error.to_string())?;
    let failed = |error: std::io::Error| {
        format!(
            "cannot write to {} ({error}); make room or give yourself the right to write there",
            folder.display()
        )
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let style = entry.take.receipt.task.controls.style.map(|style| format!(" {style}")).unwrap_or_default();
    let name = format!("take {}{style} {} {:.0} bpm", entry.number, phrase.frame().key, phrase.frame().tempo);
    // What is there stays: another project may have exported a take of the same number.
    for copy in 1.. {
        let suffix = if copy == 1 { String::new() } else { format!(" ({copy})") };
        let path = folder.join(format!("{name}{suffix}.mid"));
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                std::io::Write::write_all(&mut file, &bytes).map_err(failed)?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
    }
    Err("there are too many files of this name; move some away".to_owned())
}
