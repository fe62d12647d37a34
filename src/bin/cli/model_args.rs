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

    /// Its `stats.json`.
    pub fn stats(&self) -> anyhow::Result<String> {
        let Some(folder) = &self.model else { return Ok(shipped::STATS.to_owned()) };
        let path = folder.join("stats.json");
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// What it can be asked for.
    pub fn repertoire(&self) -> anyhow::Result<Repertoire> {
        Repertoire::from_json(&self.stats()?)
            .context("the model's stats.json is damaged; install the model again")
    }
}
