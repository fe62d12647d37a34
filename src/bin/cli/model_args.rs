//! Which model composes.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use descant::compose::shipped::{self, Repertoire};
use descant::model::{Network, Weights};
use descant::token::vocab_hash;

/// The shipped model, or one from a folder.
#[derive(Args)]
pub struct ModelArgs {
    /// Folder of another model: config.json, model.safetensors and stats.json.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
}

impl ModelArgs {
    /// The network.
    pub fn network(&self) -> anyhow::Result<Network> {
        match &self.model {
            None => Ok(shipped::network()?),
            Some(folder) => Ok(Network::new(Weights::from_folder(folder, &vocab_hash())?)),
        }
    }

    /// What it can be asked for.
    pub fn repertoire(&self) -> anyhow::Result<Repertoire> {
        let Some(folder) = &self.model else { return Ok(Repertoire::shipped()) };
        let path = folder.join("stats.json");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Repertoire::from_json(&text).context("the model's stats.json is damaged; install the model again")
    }
}
