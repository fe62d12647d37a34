//! Chooses the model: the user's choice among those in Descant's data folder, else the shipped one.
//!
//! Models are folders in `models`, next to the presets' folder. The choice holds for all projects, for each instance from when
//! its model is read.

use std::path::{Path, PathBuf};

use crate::compose::{Model, library};
use crate::files::folders;
use crate::model::ModelError;
use crate::token::Style;
use crate::worker::{Loaded, Report, Tone};

use super::user;

/// The names of the user's models, sorted.
pub fn names() -> Vec<String> {
    models_folder().map(|folder| library::names(&folder)).unwrap_or_default()
}

/// The styles shown until a model is loaded: those of the shipped one.
pub fn first_styles() -> Vec<Style> {
    library::shipped::repertoire().styles().collect()
}

/// Loads the chosen model; if that fails, the shipped one with the reason.
///
/// # Errors
///
/// As [`Model::shipped`].
pub fn load() -> Result<Loaded, ModelError> {
    read(user::model().zip(models_folder()).as_ref().map(|(name, folder)| (name.as_str(), folder.as_path())))
}

fn read(chosen: Option<(&str, &Path)>) -> Result<Loaded, ModelError> {
    let Some((name, folder)) = chosen else { return Ok(Loaded { model: Model::shipped()?, report: None }) };
    let (model, text, tone) = match Model::named(name, folder) {
        Ok(model) => {
            let note = model.note().map(|note| format!(": {note}")).unwrap_or_default();
            (model, format!("the model {name} composes{note}"), Tone::Done)
        }
        Err(error) => {
            let text = format!("the model {name} was refused, Descant's own composes: {error}");
            (Model::shipped()?, text, Tone::Problem)
        }
    };
    Ok(Loaded { model, report: Some(Report { text, tone, duration: None }) })
}

fn models_folder() -> Option<PathBuf> {
    Some(folders::data()?.join("models"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_model_that_is_refused_gives_way_to_the_shipped_one_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("other");
        fs::create_dir(&model).unwrap();
        fs::write(model.join("config.json"), r#"{"name": "x", "kind": "critic"}"#).unwrap();
        let said = |name: &str| {
            let Loaded { model, report } = read(Some((name, folder.path()))).unwrap();
            assert_eq!(model.name(), None, "the shipped one composes");
            report.filter(|report| report.tone == Tone::Problem).unwrap().text
        };
        assert!(said("other").contains("the model other was refused"));
        assert!(said("other").contains("is a critic, and this version runs: phrase-transformer"));
        let shipped = include_str!("../../models/descant-1/config.json");
        fs::write(model.join("config.json"), shipped).unwrap();
        assert!(said("other").contains("model.safetensors") && said("other").contains("is complete"));
        for gone in ["gone", "", ".", "..", "../other"] {
            assert!(said(gone).contains("there is no model"), "{gone}");
        }
        assert!(read(None).unwrap().report.is_none());
    }
}
