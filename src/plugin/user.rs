//! What a user has set for all projects: a small file beside the presets.
//!
//! # Format
//!
//! `settings.json`, an object: `{"all_controllers": true, "model": "run"}`. What is not there is as it is without the file.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::files;
use crate::preset::folder;

/// The longest file that is read, in bytes.
const MAX_BYTES: u64 = 4096;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
struct Settings {
    /// Whether VST3 hosts are told of all controllers.
    all_controllers: bool,
    /// The model that composes, by the name of its folder; without one that which ships.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

/// Whether VST3 hosts are told of all controllers.
pub fn lists_all_controllers() -> bool {
    path().is_some_and(|path| read(&path).all_controllers)
}

/// Keeps whether they are; or says why it does not, and what to do.
pub fn keep_listing(lists_all: bool) -> Result<(), String> {
    keep("this holds for now only", |settings| settings.all_controllers = lists_all)
}

/// The name of the model that was chosen.
pub fn model() -> Option<String> {
    read(&path()?).model
}

/// Keeps which model was chosen; or says why it does not, and what to do.
pub fn keep_model(name: Option<String>) -> Result<(), String> {
    keep("no other model was chosen", |settings| settings.model = name)
}

/// Changes one of the settings and leaves the others. `or_else` — what it means if that cannot be written.
fn keep(or_else: &str, change: impl FnOnce(&mut Settings)) -> Result<(), String> {
    let Some(path) = path() else {
        return Err(format!("{or_else}: set the environment variable HOME for your DAW and try again"));
    };
    let mut settings = read(&path);
    change(&mut settings);
    write(&path, &settings).map_err(|error| {
        let path = path.display();
        format!("{or_else}: cannot write {path} ({error}); make room or give yourself the right")
    })
}

fn path() -> Option<PathBuf> {
    Some(folder::data_folder()?.join("settings.json"))
}

/// What the file at `path` says; as without one, if it cannot be read.
fn read(path: &Path) -> Settings {
    let bytes = files::read(path, MAX_BYTES).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
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
    fn what_is_kept_comes_back_and_nonsense_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.json");
        assert_eq!(read(&path), Settings::default());
        for (all_controllers, model) in [(true, None), (false, Some("run".to_owned())), (true, None)] {
            let settings = Settings { all_controllers, model };
            write(&path, &settings).unwrap();
            assert_eq!(read(&path), settings);
        }
        for (text, expected) in
            [("", false), ("[]", false), ("{", false), (r#"{"all_controllers": true, "x": 1}"#, true)]
        {
            fs::write(&path, text).unwrap();
            assert_eq!(read(&path).all_controllers, expected, "{text}");
        }
    }
}
