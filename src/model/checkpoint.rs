//! Reads the files of a network: its configuration, and the tensors of its safetensors file, each checked when read.
//!
//! Tensors have half precision in the file and are `f32` in memory. candle parses the file; `transformer` says why it
//! does not compute.
//!
//! # Invariants
//!
//! Memory is allocated for tensors that are in the file, never by the configuration alone: a tensor's shape is compared
//! before its numbers are read. No bytes make this module panic.

use std::collections::BTreeSet;

use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device};
use sha2::{Digest, Sha256};

use super::{ModelConfig, ModelError};

/// Hexadecimal digits of a model hash: 64 bits, plenty to tell models apart.
const HASH_DIGITS: usize = 16;

/// The tensors of a file, and the keys of those that are not yet read.
pub struct Tensors<'a> {
    file: SliceSafetensors<'a>,
    left: BTreeSet<String>,
}

impl<'a> Tensors<'a> {
    /// Opens the safetensors file `bytes`.
    ///
    /// # Errors
    ///
    /// [`ModelError::Damaged`]: install the model again.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let file = SliceSafetensors::new(bytes).map_err(|e| ModelError::Damaged(e.to_string()))?;
        let left = file.tensors().into_iter().map(|(key, _)| key).collect();
        Ok(Self { file, left })
    }

    /// Reads the numbers of tensor `name`, row-major, which must have `shape`.
    ///
    /// # Errors
    ///
    /// The tensor is missing, of another shape, not in half precision or not finite.
    pub fn take(&mut self, name: String, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        if !self.left.remove(&name) {
            return Err(ModelError::MissingTensor(name));
        }
        let damaged = |e: candle_core::Error| ModelError::Damaged(format!("{name}: {e}"));
        let found = self.file.get(&name).map_err(damaged)?.shape().to_vec();
        if found != shape {
            return Err(ModelError::Shape { name, expected: shape.into(), found });
        }
        let tensor = self.file.load(&name, &Device::Cpu).map_err(damaged)?;
        if tensor.dtype() != DType::F16 {
            let reason = format!("is stored as {:?}, not F16", tensor.dtype());
            return Err(ModelError::Tensor { name, reason });
        }
        let numbers = tensor
            .to_dtype(DType::F32)
            .and_then(|t| t.flatten_all())
            .and_then(|t| t.to_vec1::<f32>())
            .map_err(damaged)?;
        if numbers.iter().all(|x| x.is_finite()) {
            Ok(numbers)
        } else {
            Err(ModelError::Tensor { name, reason: "holds an infinity or not-a-number".into() })
        }
    }

    /// Checks that every tensor was read.
    ///
    /// # Errors
    ///
    /// [`ModelError::UnknownTensor`] names the first that was not.
    pub fn finish(self) -> Result<(), ModelError> {
        match self.left.into_iter().next() {
            Some(key) => Err(ModelError::UnknownTensor(key)),
            None => Ok(()),
        }
    }
}

/// Reads the configuration `config_json`, which must name the vocabulary hash `vocab_hash`.
///
/// # Errors
///
/// [`ModelError::UnknownKind`], [`ModelError::Config`] or [`ModelError::Vocabulary`].
pub fn configured(config_json: &str, vocab_hash: &str) -> Result<ModelConfig, ModelError> {
    let config = ModelConfig::from_json(config_json)?;
    if config.vocab_hash == vocab_hash {
        Ok(config)
    } else {
        Err(ModelError::Vocabulary { expected: vocab_hash.into(), found: config.vocab_hash })
    }
}

/// The first 16 hexadecimal digits of the SHA-256 of the safetensors bytes.
pub fn hash_of(safetensors: &[u8]) -> String {
    let digest = Sha256::digest(safetensors);
    digest.iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// A position or a width as `f64`.
#[expect(clippy::cast_precision_loss, reason = "positions and widths are at most 65536")]
pub fn real(n: usize) -> f64 {
    n as f64
}

/// A number in `-1..=1` as `f32`.
#[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted; values are within -1..=1")]
pub fn narrow(x: f64) -> f32 {
    x as f32
}
