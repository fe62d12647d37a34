//! The models there are: the one that ships, and folders of others; each a network with the data that belongs to it.
//!
//! # Format
//!
//! A model is a folder. `config.json` says what its network is ([`Kind`](crate::model::Kind)), `model.safetensors` holds its
//! weights; both have to be there. [`OPTIONAL`] names the rest. What a folder lacks of them is taken from the model that
//! ships, but for two: fingerprints are of the music that a model has learned from, a discriminator of what it composes, and both
//! of no other's.

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
    /// The model that ships. All instances in a process share its weights.
    ///
    /// # Errors
    ///
    /// Only if the program was built with weights of another vocabulary.
    pub fn shipped() -> Result<Self, ModelError> {
        Ok(Self { name: None, network: shipped::network()?, data: Arc::default() })
    }

    /// The model in `folder`, named as the folder is.
    ///
    /// # Errors
    ///
    /// A folder without a network that runs here, or with data that cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, LibraryError> {
        let config = text(folder, CONFIG, MAX_CONFIG)?;
        // Nothing long is read for a network that does not run here.
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
    /// As [`Self::from_folder`], or no such model.
    pub fn named(name: &str, folder: &Path) -> Result<Self, LibraryError> {
        let is_plain = matches!(*Path::new(name).components().collect::<Vec<_>>(), [Component::Normal(_)]);
        let path = folder.join(name);
        if is_plain && path.join(CONFIG).is_file() {
            Self::from_folder(&path)
        } else {
            Err(LibraryError::Unknown { name: name.to_owned(), folder: folder.to_owned() })
        }
    }

    /// What it is called; the model that ships has no name.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its network.
    pub const fn network(&self) -> &Network {
        &self.network
    }

    /// What it can be asked for.
    pub fn repertoire(&self) -> &Repertoire {
        self.data.repertoire.as_ref().unwrap_or_else(|| shipped::repertoire())
    }

    /// What is usual among real phrases.
    pub fn references(&self) -> &References {
        self.data.references.as_ref().unwrap_or_else(|| shipped::references())
    }

    /// The keys and tempi of styles.
    pub fn frames(&self) -> &FrameTable {
        self.data.frames.as_ref().unwrap_or_else(|| shipped::frames())
    }

    /// Which bars take up which.
    pub fn plans(&self) -> &PlanTable {
        self.data.plans.as_ref().unwrap_or_else(|| shipped::plans())
    }

    /// What finds chords, and says which follow each other.
    pub fn harmonist(&self) -> &Harmonist {
        self.data.harmonist.as_ref().unwrap_or_else(|| shipped::harmonist())
    }

    /// What finds runs of notes that a phrase shares with its training set, if that was fingerprinted.
    pub fn fingerprints(&self) -> Option<&Fingerprints> {
        if self.name.is_none() { Some(shipped::fingerprints()) } else { self.data.fingerprints.as_ref() }
    }

    /// What tells phrases that it composes from real ones, if that was fitted.
    pub fn discriminator(&self) -> Option<&Arc<Discriminator>> {
        if self.name.is_none() { Some(shipped::discriminator()) } else { self.data.discriminator.as_ref() }
    }

    /// What its folder lacks and what stands in, in a sentence for the user; `None` if nothing is missing.
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

    /// `task`, drawn and spelt by its own tables in place of those that ship.
    pub fn fitted(&self, task: Task) -> Task {
        let task = self.data.decoding.iter().fold(task, Task::calibrated_by);
        self.data.vocabulary.iter().fold(task, Task::with_vocabulary_of)
    }

    /// The receipt of take `take` of `task`, composed with `seed`.
    pub fn receipt(&self, seed: u64, take: u32, task: &Task) -> Receipt {
        let receipt = Receipt::new(self.network.model_hash(), seed, take, task);
        Receipt { model: self.name.clone(), ..receipt }
    }

    /// Who judges what it composes for `task`.
    ///
    /// `earlier` — takes that there are already, with their numbers.
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
