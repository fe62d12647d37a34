//! The available models: the shipped one and those in folders; each is a network with its data.
//!
//! # Format
//!
//! A model is a folder. `config.json` describes its network ([`Kind`](crate::model::Kind)) and `model.safetensors`
//! holds its weights; both are required. [`OPTIONAL`] names the other files. Missing ones are taken from the shipped
//! model, except two: fingerprints describe the music that a model was trained on, and a discriminator what it
//! composes, so neither fits another model.

pub mod shipped;

mod folder;

use std::borrow::Cow;
use std::path::{Component, Path};
use std::sync::Arc;

use super::critique::Critic;
use super::discriminator::{Discriminator, RealOrComposed};
use super::harmonist::Harmonist;
use super::judge::Judge;
use super::novelty::Novelty;
use super::originality::Fingerprints;
use super::plan::PlanTable;
use super::repertoire::Repertoire;
use crate::model::{ModelConfig, ModelError, Network, Weights};
use crate::music::frames::FrameTable;
use crate::music::quality::References;
use crate::session::{Receipt, Take, Task};
use crate::token::vocab_hash;
use folder::{CONFIG, DISCRIMINATOR, Data, FINGERPRINTS, MAX_CONFIG, MAX_WEIGHTS, WEIGHTS, read, text};
pub use folder::{LibraryError, OPTIONAL};

/// A network with its data. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Model {
    name: Option<String>,
    network: Network,
    data: Arc<Data>,
}

impl Model {
    /// The shipped model. All instances in a process share its weights.
    ///
    /// # Errors
    ///
    /// The program was built with weights of another vocabulary.
    pub fn shipped() -> Result<Self, ModelError> {
        Ok(Self { name: None, network: shipped::network()?, data: Arc::default() })
    }

    /// The model in `folder`, named after the folder.
    ///
    /// # Errors
    ///
    /// The folder has no network that runs here, or data that cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, LibraryError> {
        let config = text(folder, CONFIG, MAX_CONFIG)?;
        // Checked first, so that large files are not read for a network that does not run here.
        ModelConfig::from_json(&config)?;
        let weights = read(folder, WEIGHTS, MAX_WEIGHTS)?;
        let network = Network::new(Weights::shared(&config, &weights, &vocab_hash())?);
        let folder_name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_owned()));
        let name = folder_name.map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_else(|| network.config().name.clone());
        Ok(Self { name: Some(name), network, data: Arc::new(Data::from_folder(folder)?) })
    }

    /// The model called `name` among those in `folder`.
    ///
    /// # Errors
    ///
    /// As [`Self::from_folder`], or there is no such model.
    pub fn named(name: &str, folder: &Path) -> Result<Self, LibraryError> {
        let is_plain = matches!(*Path::new(name).components().collect::<Vec<_>>(), [Component::Normal(_)]);
        let path = folder.join(name);
        if is_plain && path.join(CONFIG).is_file() {
            Self::from_folder(&path)
        } else {
            Err(LibraryError::Unknown { name: name.to_owned(), folder: folder.to_owned() })
        }
    }

    /// Its name; `None` for the shipped model.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its network.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// The styles and parts that it can compose.
    pub fn repertoire(&self) -> &Repertoire {
        self.data.repertoire.as_ref().unwrap_or_else(|| shipped::repertoire())
    }

    /// Statistics of real phrases.
    pub fn references(&self) -> &References {
        self.data.references.as_ref().unwrap_or_else(|| shipped::references())
    }

    /// The keys and tempi of styles.
    pub fn frames(&self) -> &FrameTable {
        self.data.frames.as_ref().unwrap_or_else(|| shipped::frames())
    }

    /// Which bars repeat which in real music.
    pub fn plans(&self) -> &PlanTable {
        self.data.plans.as_ref().unwrap_or_else(|| shipped::plans())
    }

    /// Finds chords, and knows which follow which.
    pub fn harmonist(&self) -> &Harmonist {
        self.data.harmonist.as_ref().unwrap_or_else(|| shipped::harmonist())
    }

    /// Finds runs of notes that a phrase shares with its training set; `None` if that was not fingerprinted.
    pub fn fingerprints(&self) -> Option<&Fingerprints> {
        if self.name.is_none() { Some(shipped::fingerprints()) } else { self.data.fingerprints.as_ref() }
    }

    /// The classifier of its phrases against real ones, if it has one.
    pub fn discriminator(&self) -> Option<&Arc<Discriminator>> {
        if self.name.is_none() { Some(shipped::discriminator()) } else { self.data.discriminator.as_ref() }
    }

    /// The files its folder lacks and what replaces them, in a sentence for the user; `None` if nothing is missing.
    pub fn note(&self) -> Option<String> {
        let name = self.name()?;
        let missing = &self.data.missing;
        let is_lent = |file: &&str| ![FINGERPRINTS, DISCRIMINATOR].contains(file);
        let stands_in: Vec<&str> = missing.iter().copied().filter(is_lent).collect();
        let mut notes = Vec::new();
        if !stands_in.is_empty() {
            notes.push(format!("has no {}: Descant's own data stand in", stands_in.join(", ")));
        }
        if missing.contains(&FINGERPRINTS) {
            notes.push(format!("has no {FINGERPRINTS}: what it learned by heart is not found"));
        }
        if missing.contains(&DISCRIMINATOR) {
            notes.push(format!(
                "has no {DISCRIMINATOR}: its phrases are not ranked by how likely people made them"
            ));
        }
        (!notes.is_empty()).then(|| format!("{name} {}", notes.join("; it ")))
    }

    /// `task` with the model's own calibration and vocabulary in place of the shipped ones.
    pub fn fitted(&self, task: Task) -> Task {
        let task = self.data.decoding.iter().fold(task, Task::calibrated_by);
        self.data.vocabulary.iter().fold(task, Task::with_vocabulary_of)
    }

    /// The receipt of take `take` of `task`, composed with `seed`.
    pub fn receipt(&self, seed: u64, take: u32, task: &Task) -> Receipt {
        let receipt = Receipt::new(self.network.model_hash(), seed, take, task);
        Receipt { model: self.name.clone(), ..receipt }
    }

    /// The judges of what it composes for `task`.
    ///
    /// `earlier` — the takes of the project, with their numbers.
    pub fn judges<'a>(
        &self,
        task: &Task,
        earlier: impl IntoIterator<Item = (u64, &'a Take)>,
    ) -> Vec<Box<dyn Judge>> {
        let references = match &self.data.references {
            Some(own) => Cow::Owned(own.clone()),
            None => Cow::Borrowed(shipped::references()),
        };
        let novelty = Novelty::new(&references, task, earlier);
        let mut judges: Vec<Box<dyn Judge>> = vec![Box::new(Critic(references))];
        if let Some(fingerprints) = self.fingerprints() {
            judges.push(Box::new(fingerprints.clone()));
        }
        let known = self.discriminator().cloned();
        if let Some(judge) = known.and_then(|known| RealOrComposed::new(known, task)) {
            judges.push(Box::new(judge));
        }
        judges.push(Box::new(novelty));
        judges
    }
}

/// The names of the models in `folder`, sorted; none if it cannot be read.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let models = entries.filter(|entry| entry.path().join(CONFIG).is_file());
    let mut names: Vec<String> = models.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}
