//! Reads the folder of a model.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::compose::discriminator::Discriminator;
use crate::compose::harmonist::{Harmonist, ProgressionTable};
use crate::compose::originality::Fingerprints;
use crate::compose::plan::PlanTable;
use crate::compose::repertoire::Repertoire;
use crate::files;
use crate::model::ModelError;
use crate::music::VocabularyTable;
use crate::music::frames::FrameTable;
use crate::music::quality::References;
use crate::session::decoding::DecodingTable;

/// The files that a model's folder may have, beside the two that it must have.
pub const OPTIONAL: [&str; 10] = [
    "stats.json",
    "styles.json",
    "references.json",
    "frames.json",
    "plans.json",
    "progressions.json",
    "decoding.json",
    "vocabulary.json",
    DISCRIMINATOR,
    FINGERPRINTS,
];

/// Says what the network is.
pub const CONFIG: &str = "config.json";
/// Its weights.
pub const WEIGHTS: &str = "model.safetensors";
/// Of the music that it has learned from.
pub const FINGERPRINTS: &str = "fingerprints.bin";

/// Of what the network composes.
pub const DISCRIMINATOR: &str = "discriminator.json";

/// The longest configuration that is read, in bytes.
pub const MAX_CONFIG: u64 = 64 * 1024;

/// The longest file of data that is read, in bytes.
const MAX_DATA: u64 = 64 * 1024 * 1024;

/// The longest file of weights that is read, in bytes: a hundred times what ships.
pub const MAX_WEIGHTS: u64 = 1024 * 1024 * 1024;

/// Why a model is not there or cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// A name that no model has.
    #[error("there is no model {name:?} in {folder}; put its folder there, or choose another", folder = .folder.display())]
    Unknown {
        /// The name.
        name: String,
        /// Where models are looked for.
        folder: PathBuf,
    },
    /// A file of the model could not be read.
    #[error("cannot read {path}: {source}; check that the model's folder is complete", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file of data that is none, or of another version.
    #[error("{path}: {reason}; install the model again, or take the file away: then Descant's own stands in", path = .path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A network that does not run here.
    #[error(transparent)]
    Network(#[from] ModelError),
}

/// The data of a model; what is missing is the shipped model's.
#[derive(Debug, Default)]
pub struct Data {
    pub repertoire: Option<Repertoire>,
    pub references: Option<References>,
    pub frames: Option<FrameTable>,
    pub plans: Option<PlanTable>,
    pub harmonist: Option<Harmonist>,
    pub decoding: Option<DecodingTable>,
    pub vocabulary: Option<VocabularyTable>,
    pub discriminator: Option<Arc<Discriminator>>,
    pub fingerprints: Option<Fingerprints>,
    /// Which of [`OPTIONAL`] are missing.
    pub missing: Vec<&'static str>,
}

impl Data {
    /// Reads what `folder` has of it.
    ///
    /// # Errors
    ///
    /// A file that is there and cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, LibraryError> {
        let repertoire = parsed(folder, "stats.json", Repertoire::from_json)?;
        // Without statistics of its own there is nothing that the card would be of.
        let repertoire = match repertoire {
            Some(all) => {
                Some(parsed(folder, "styles.json", |card| all.clone().told_apart(card))?.unwrap_or(all))
            }
            None => None,
        };
        let fingerprints = folder.join(FINGERPRINTS).is_file();
        let fingerprints = fingerprints.then(|| {
            Fingerprints::from_bytes(read(folder, FINGERPRINTS, MAX_DATA)?)
                .map_err(|error| damaged(folder, FINGERPRINTS, &error))
        });
        Ok(Self {
            repertoire,
            references: parsed(folder, "references.json", References::from_json)?,
            frames: parsed(folder, "frames.json", FrameTable::from_json)?,
            plans: parsed(folder, "plans.json", PlanTable::from_json)?,
            harmonist: parsed(folder, "progressions.json", ProgressionTable::from_json)?.map(Harmonist::new),
            decoding: parsed(folder, "decoding.json", DecodingTable::from_json)?,
            vocabulary: parsed(folder, "vocabulary.json", VocabularyTable::from_json)?,
            discriminator: parsed(folder, DISCRIMINATOR, Discriminator::from_json)?.map(Arc::new),
            fingerprints: fingerprints.transpose()?,
            missing: OPTIONAL.into_iter().filter(|file| !folder.join(file).is_file()).collect(),
        })
    }
}

/// What `parse` makes of the file `name`, if `folder` has it.
fn parsed<T, E: Display>(
    folder: &Path,
    name: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, LibraryError> {
    if !folder.join(name).is_file() {
        return Ok(None);
    }
    parse(&text(folder, name, MAX_DATA)?).map(Some).map_err(|error| damaged(folder, name, &error))
}

/// The file `name` of `folder`, of at most `max_bytes`, as text.
///
/// # Errors
///
/// A file that cannot be read, or is no text.
pub fn text(folder: &Path, name: &str, max_bytes: u64) -> Result<String, LibraryError> {
    String::from_utf8(read(folder, name, max_bytes)?).map_err(|error| damaged(folder, name, &error))
}

/// The file `name` of `folder`, of at most `max_bytes`.
///
/// # Errors
///
/// A file that cannot be read.
pub fn read(folder: &Path, name: &str, max_bytes: u64) -> Result<Vec<u8>, LibraryError> {
    let path = folder.join(name);
    files::read(&path, max_bytes).map_err(|source| LibraryError::Read { path, source })
}

fn damaged(folder: &Path, name: &str, error: &impl Display) -> LibraryError {
    LibraryError::Data { path: folder.join(name), reason: error.to_string() }
}
