//! Which model composes.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use descant::compose::novelty::Novelty;
use descant::compose::shipped::{self, Repertoire};
use descant::compose::{Critic, Judge};
use descant::model::{Network, Weights};
use descant::music::quality::References;
use descant::session::Task;
use descant::token::vocab_hash;

/// The shipped model, or one from a folder.
#[derive(Args)]
pub struct ModelArgs {
    /// Folder of another model: config.json, model.safetensors, stats.json and perhaps references.json and
    /// styles.json.
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
}

impl ModelArgs {
    /// The files that it is read from, if it is not the shipped one.
    pub fn files(&self) -> Vec<PathBuf> {
        let entries = self.model.as_ref().and_then(|folder| std::fs::read_dir(folder).ok());
        entries.into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
    }

    /// The network.
    pub fn network(&self) -> anyhow::Result<Network> {
        match &self.model {
            None => Ok(shipped::network()?),
            Some(folder) => Ok(Network::new(Weights::from_folder(folder, &vocab_hash())?)),
        }
    }

    /// What is usual among real phrases, by its own count or, if it comes without one, by that of the shipped model.
    pub fn references(&self) -> anyhow::Result<References> {
        match self.optional("references.json")? {
            Some(text) => Ok(References::from_json(&text)?),
            None => Ok(shipped::references().clone()),
        }
    }

    /// A file that its folder may have.
    fn optional(&self, name: &str) -> anyhow::Result<Option<String>> {
        let path = self.model.as_ref().map(|folder| folder.join(name)).filter(|path| path.is_file());
        path.map(|path| {
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
        })
        .transpose()
    }

    /// Who judges what it composes for `task`.
    pub fn judges(&self, task: &Task) -> anyhow::Result<Vec<Box<dyn Judge>>> {
        if self.model.is_none() {
            return Ok(shipped::judges(task, []));
        }
        let references = self.references()?;
        let novelty = Novelty::new(&references, task, []);
        Ok(vec![Box::new(Critic(Cow::Owned(references))), Box::new(novelty)])
    }

    /// What it can be asked for.
    pub fn repertoire(&self) -> anyhow::Result<Repertoire> {
        let Some(folder) = &self.model else { return Ok(Repertoire::shipped()) };
        let path = folder.join("stats.json");
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let repertoire = Repertoire::from_json(&text)
            .context("the model's stats.json is damaged; install the model again")?;
        match self.optional("styles.json")? {
            Some(card) => repertoire
                .told_apart(&card)
                .context("the model's styles.json is damaged; install the model again"),
            None => Ok(repertoire),
        }
    }
}
