//! Settings of a user for all projects, stored in a small file next to the presets' folder.
//!
//! # Format
//!
//! `settings.json`, an object: `{"all_controllers": true, "model": "run", "light_colours": true}`. Missing entries have their defaults, and
//! entries of a later version are kept. A file that cannot be read counts as missing and is not overwritten.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::editor::theme::Appearance;
use crate::files::{self, folders};

/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 4096;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    /// Whether all MIDI controllers are listed to VST3 hosts.
    all_controllers: bool,
    /// The folder name of the chosen model; `None` for the shipped one.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// Whether the editor's colours are dark on light.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    light_colours: bool,
    /// Entries of a later version, kept as they are.
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// Whether all MIDI controllers are listed to VST3 hosts.
pub fn lists_all_controllers() -> bool {
    path().is_some_and(|path| read(&path).unwrap_or_default().all_controllers)
}

/// Stores whether all MIDI controllers are listed to VST3 hosts. The error is a message for the user with a next step.
pub fn keep_listing(lists_all: bool) -> Result<(), String> {
    keep("this holds for now only", |settings| settings.all_controllers = lists_all)
}

/// The name of the chosen model.
pub fn model() -> Option<String> {
    read(&path()?).unwrap_or_default().model
}

/// Stores the choice of the model. The error is a message for the user with a next step.
pub fn keep_model(name: Option<String>) -> Result<(), String> {
    keep("no other model was chosen", |settings| settings.model = name)
}

/// Which colours the editor has.
pub fn appearance() -> Appearance {
    let is_light = path().is_some_and(|path| read(&path).unwrap_or_default().light_colours);
    if is_light { Appearance::Light } else { Appearance::Dark }
}

/// Stores which colours the editor has. The error is a message for the user with a next step.
pub fn keep_appearance(appearance: Appearance) -> Result<(), String> {
    keep("these colours hold for now only", |settings| {
        settings.light_colours = appearance == Appearance::Light
    })
}

/// Changes one setting and leaves the others. `or_else` — the consequence of a failure to write, for the message.
fn keep(or_else: &str, change: impl FnOnce(&mut Settings)) -> Result<(), String> {
    let Some(path) = path() else {
        return Err(format!("{or_else}: set the environment variable HOME for your DAW and try again"));
    };
    keep_in(&path, or_else, change)
}

fn keep_in(path: &Path, or_else: &str, change: impl FnOnce(&mut Settings)) -> Result<(), String> {
    let shown = path.display();
    let mut settings = read(path).map_err(|error| {
        format!("{or_else}: cannot read {shown} ({error}); mend the file or move it away, and try again")
    })?;
    change(&mut settings);
    write(path, &settings).map_err(|error| {
        format!("{or_else}: cannot write {shown} ({error}); make room or give yourself the right")
    })
}

fn path() -> Option<PathBuf> {
    Some(folders::data()?.join("settings.json"))
}

/// Reads the settings at `path`; the default if there is no file.
fn read(path: &Path) -> std::io::Result<Settings> {
    match files::read(path, MAX_BYTES) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Settings::default()),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, settings: &Settings) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    files::replace(path, serde_json::to_string(settings)?.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.json");
        assert_eq!(read(&path).unwrap(), Settings::default());
        for (all_controllers, model) in [(true, None), (false, Some("run".to_owned())), (true, None)] {
            let settings = Settings { all_controllers, model, ..Settings::default() };
            write(&path, &settings).unwrap();
            assert_eq!(read(&path).unwrap(), settings);
        }
    }

    #[test]
    fn what_a_later_version_wrote_stays_and_nonsense_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.json");
        fs::write(&path, r#"{"all_controllers": true, "x": {"y": [1]}}"#).unwrap();
        keep_in(&path, "nothing", |settings| settings.all_controllers = false).unwrap();
        let stored: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        assert_eq!(stored, serde_json::json!({"all_controllers": false, "x": {"y": [1]}}));
        for text in ["", "[]", "{", r#"{"model": 1}"#] {
            fs::write(&path, text).unwrap();
            let error = keep_in(&path, "nothing was kept", |settings| settings.model = None).unwrap_err();
            assert!(error.starts_with("nothing was kept: cannot read"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
