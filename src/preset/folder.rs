//! The folder of the user's presets, one file for each.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Preset, PresetError};
use crate::files::{self, folders};

/// The largest file that is read, in bytes: a preset that names every parameter has a few thousand.
pub const MAX_BYTES: u64 = 64 * 1024;

const EXTENSION: &str = "toml";

/// File names that Windows reserves for devices, with any extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
const PORTS: [&str; 2] = ["com", "lpt"];

/// The folder of the user's presets on this system; `None` if the system names no home folder. It may not exist yet.
pub fn user_folder() -> Option<PathBuf> {
    folders::data().map(|folder| folder.join("presets"))
}

/// The names of the files in `folder` with the extension of presets, sorted; empty if there is no such folder.
///
/// # Errors
///
/// The system's error on reading the folder.
pub fn file_names(folder: &Path) -> std::io::Result<Vec<String>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|extension| extension.eq_ignore_ascii_case(EXTENSION)) {
            names.push(name);
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Reads the preset at `path`; only a regular file is opened.
///
/// # Errors
///
/// [`PresetError`], whose message continues a sentence that begins with the file's name.
pub fn read(path: &Path) -> Result<Preset, PresetError> {
    let bytes = match files::read(path, MAX_BYTES) {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(PresetError::TooLarge),
        read => read?,
    };
    let text = String::from_utf8(bytes).map_err(|_| PresetError::Damaged("it is not text".to_owned()))?;
    Preset::from_toml(&text)
}

/// Writes `text` to a new file for the preset called `name` in `folder`, which is created if needed.
///
/// # Errors
///
/// [`ErrorKind::AlreadyExists`]: the file there is unchanged, and another name may be tried. Otherwise the system's error;
/// no file is left behind then.
pub fn write_new(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    files::write_new(&folder.join(format!("{}.{EXTENSION}", stem(name))), text.as_bytes())
}

/// `name` as a file name that every file system accepts: letters, digits, spaces, `-` and `_`.
fn stem(name: &str) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || " -_".contains(c) { c } else { '-' };
    let stem: String = name.chars().map(allowed).collect();
    let stem = stem.trim();
    if is_device(stem) { format!("{stem}_") } else { stem.to_owned() }
}

/// Whether Windows reserves this file name for a device.
///
/// # Source
///
/// Microsoft, *Naming files, paths, and namespaces*: the names are reserved with any extension, and ports with the
/// superscript digits of Latin-1 too. Spaces and dots at the end of a name are dropped.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end_matches(' ').to_lowercase();
    let is_port = |stem: &str| {
        let mut digits = PORTS.iter().find_map(|port| stem.strip_prefix(port)).unwrap_or_default().chars();
        let digit = digits.next();
        digit.is_some_and(|digit| digit.is_ascii_digit() || "¹²³".contains(digit)) && digits.next().is_none()
    };
    DEVICES.contains(&stem.as_str()) || is_port(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_names_of_files() {
        for (name, expected) in [
            ("Late-night keys 2", "Late-night keys 2"),
            ("../up", "---up"),
            ("a:b*c?", "a-b-c-"),
            ("Größe", "Größe"),
            ("nul", "nul_"),
            ("COM1", "COM1_"),
            ("com¹", "com¹_"),
            ("LPT³ ", "LPT³_"),
            ("Lpt⁴", "Lpt⁴"),
            ("com10", "com10"),
            ("comb", "comb"),
            ("combo", "combo"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }

    #[test]
    fn devices_are_known_by_any_of_their_names() {
        for name in ["NUL", "nul.toml", "Con .mid", "AUX ", "com1", "COM².tar.gz", "lpt0", "conin$", "prn."]
        {
            assert!(is_device(name), "{name}");
        }
        for name in ["null", "com", "com12", "comb", "lpt⁴", "console", "a.nul", ""] {
            assert!(!is_device(name), "{name}");
        }
    }
}
