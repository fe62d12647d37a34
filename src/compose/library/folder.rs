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

/// Optional files of a model's folder, besides the two required ones.
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

/// The configuration of the network.
pub const CONFIG: &str = "config.json";
/// The weights of the network.
pub const WEIGHTS: &str = "model.safetensors";
/// Fingerprints of the training music.
pub const FINGERPRINTS: &str = "fingerprints.bin";

/// The classifier of the network's phrases against real ones.
pub const DISCRIMINATOR: &str = "discriminator.json";

/// The longest configuration that is read, in bytes.
pub const MAX_CONFIG: u64 = 64 * 1024;

/// The longest file of data that is read, in bytes.
const MAX_DATA: u64 = 64 * 1024 * 1024;

/// The longest file of weights that is read, in bytes: a hundred times what ships.
pub const MAX_WEIGHTS: u64 = 1024 * 1024 * 1024;

/// Why a model cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// No model has this name.
    #[error("there is no model {name:?} in {folder}; put its folder there, or choose another", folder = .folder.display())]
    Unknown {
        /// The name.
        name: String,
        /// The searched folder.
        folder: PathBuf,
    },
    /// A file of the model could not be read.
    #[error("cannot read {path}: {source}; check that the model's folder is complete", path = .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: std::io::Error,
    },
    /// A data file is invalid or of another version.
    #[error("{path}: {reason}; install the model again, or take the file away: then Descant's own stands in", path = .path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The network does not run here.
    #[error(transparent)]
    Network(#[from] ModelError),
}

/// The data of a model; missing parts come from the shipped model.
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
    /// Reads the data files of `folder`.
    ///
    /// # Errors
    ///
    /// A file exists and cannot be read.
    pub fn from_folder(folder: &Path) -> Result<Self, LibraryError> {
        let repertoire = parsed(folder, "stats.json", Repertoire::from_json)?;
        // Without its own statistics, the model's card has nothing to apply to.
        let repertoire = match repertoire {
            Some(all) => {
                Some(parsed(folder, "styles.json", |card| all.clone().distinguished_by(card))?.unwrap_or(all))
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

/// The file `name` of `folder` as read by `parse`; `None` if there is no such file.
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
