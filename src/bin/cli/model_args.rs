//! The flag that chooses the model.

use std::path::PathBuf;

use clap::Args;
use descant::compose::Model;

use crate::manner::Manner;

/// The shipped model, or one from a folder.
#[derive(Args)]
pub struct ModelArgs {
    /// Folder of another model: config.json and model.safetensors, and what it has of stats.json, styles.json,
    /// references.json, frames.json, plans.json, progressions.json, decoding.json, vocabulary.json, discriminator.json and
    /// fingerprints.bin.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
}

impl ModelArgs {
    /// The files of the model's folder; none for the shipped model.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = self.model.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
    }

    /// Loads the model and prints a note about the files that its folder lacks.
    pub fn open(&self, manner: Manner) -> anyhow::Result<Model> {
        let Some(folder) = &self.model else { return Ok(Model::shipped()?) };
        let model = Model::from_folder(folder)?;
        if let Some(note) = model.note() {
            manner.note(format_args!("note: {note}"));
        }
        Ok(model)
    }
}
