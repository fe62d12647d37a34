//! The user's own presets: a folder with a file each.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::{Preset, PresetError};
use crate::files::{self, folders};

/// The largest file that is read: a preset that names every parameter has a few thousand bytes.
pub const MAX_BYTES: u64 = 64 * 1024;

const EXTENSION: &str = "toml";

/// Names that Windows keeps for devices, whatever follows a dot: these, and ports by their digit.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
const PORTS: [&str; 2] = ["com", "lpt"];

/// Where user presets lie on this system; `None` if it names no home.
pub fn user_folder() -> Option<PathBuf> {
    folders::data().map(|folder| folder.join("presets"))
}

/// The file names of `folder` that are presets by their extension, sorted. None if there is no such folder.
///
/// # Errors
///
/// What the system has against reading the folder.
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

/// Reads the preset at `path`, if that is a regular file.
///
/// # Errors
///
/// [`PresetError`], to be said after the file's name.
pub fn read(path: &Path) -> Result<Preset, PresetError> {
    let bytes = match files::read(path, MAX_BYTES) {
        Err(error) if error.kind() == ErrorKind::FileTooLarge => return Err(PresetError::TooLarge),
        read => read?,
    };
    let text = String::from_utf8(bytes).map_err(|_| PresetError::Damaged("it is not text".to_owned()))?;
    Preset::from_toml(&text)
}

/// Writes `text` to the new file that a preset called `name` has in `folder`, which is made if it is not there.
///
/// # Errors
///
/// [`ErrorKind::AlreadyExists`]: what is there stays, and another name may be tried. Otherwise what the system has against
/// writing there; then nothing is left behind.
pub fn write_new(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    files::write_new(&folder.join(format!("{}.{EXTENSION}", stem(name))), text.as_bytes())
}

/// `name` as every file system takes it: letters, digits, spaces, `-` and `_`.
fn stem(name: &str) -> String {
    let allowed = |c: char| if c.is_alphanumeric() || " -_".contains(c) { c } else { '-' };
    let stem: String = name.chars().map(allowed).collect();
    let stem = stem.trim();
    if is_device(stem) { format!("{stem}_") } else { stem.to_owned() }
}

/// Whether Windows takes a file of this name for a device.
///
/// # Source
///
/// Microsoft, *Naming files, paths, and namespaces*: the names are taken with any extension, and ports with the superscript
/// digits of Latin-1 too. Spaces and dots at the end of a name are dropped.
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
