//! The weights: read from safetensors bytes, checked against the configuration, packed for the kernels.
//!
//! Half precision in the file, `f32` in memory. One copy per process: [`Weights::shared`].
//!
//! candle reads the file; see `transformer` for why it does not compute.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use candle_core::safetensors::SliceSafetensors;
use candle_core::{DType, Device};
use sha2::{Digest, Sha256};

use super::kernel::Matrix;
use super::{ModelConfig, ModelError};

/// Hexadecimal digits of a model hash: 64 bits, plenty to tell models apart.
const HASH_DIGITS: usize = 16;

/// Weights that are loaded somewhere in this process, by configuration and model hash.
static LOADED: Mutex<Vec<Weak<Weights>>> = Mutex::new(Vec::new());

/// A network's weights, ready to compute with. Immutable.
///
/// Letters: C width, H heads, G key-value heads, D head width, F hidden, V ids of a slot.
#[derive(Debug)]
pub struct Weights {
    pub(super) config: ModelConfig,
    model_hash: String,
    /// One a slot.
    pub(super) embed: Vec<Embedding>,
    pub(super) layers: Vec<Layer>,
    /// (C)
    pub(super) norm: Vec<f32>,
    /// Of slots 1 and up.
    pub(super) heads: Vec<Head>,
    /// Cosines and sines of the rotary angles, each (context_len, D/2).
    pub(super) rope: (Vec<f32>, Vec<f32>),
}

/// A slot's embedding, which is its output matrix too.
#[derive(Debug)]
pub(super) struct Embedding {
    /// (V, C), for looking ids up.
    pub rows: Vec<f32>,
    /// The same (V, C), for logits.
    pub output: Matrix,
}

#[derive(Debug)]
pub(super) struct Layer {
    /// (C)
    pub attn_norm: Vec<f32>,
    /// ((H + 2G) * D, C): queries, keys, values
    pub qkv: Matrix,
    /// (C, H * D)
    pub o: Matrix,
    /// (C)
    pub mlp_norm: Vec<f32>,
    /// (2F, C): gates, values
    pub gate_up: Matrix,
    /// (C, F)
    pub down: Matrix,
}

#[derive(Debug)]
pub(super) struct Head {
    /// (C)
    pub in_norm: Vec<f32>,
    /// (C, C)
    pub up: Matrix,
    /// (C, C)
    pub down: Matrix,
    /// (C)
    pub out_norm: Vec<f32>,
}

impl Weights {
    /// Reads `config_json` and the safetensors bytes; `vocab_hash` is the vocabulary of the caller.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`] about a model's files. No bytes make it panic.
    pub fn from_bytes(config_json: &str, safetensors: &[u8], vocab_hash: &str) -> Result<Self, ModelError> {
        Self::from_config(configured(config_json, vocab_hash)?, safetensors)
    }

    /// Reads `config.json` and `model.safetensors` in `folder`, sharing them as [`shared`](Self::shared) does.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`] about a model's files.
    pub fn from_folder(folder: &Path, vocab_hash: &str) -> Result<Arc<Self>, ModelError> {
        let path = folder.join("config.json");
        let config_json = fs::read_to_string(&path).map_err(|source| ModelError::Read { path, source })?;
        let path = folder.join("model.safetensors");
        let safetensors = fs::read(&path).map_err(|source| ModelError::Read { path, source })?;
        Self::shared(&config_json, &safetensors, vocab_hash)
    }

    /// The weights that this process already holds for these bytes, else reads them.
    ///
    /// They are freed with the last `Arc`. Two threads that ask at once wait for each other and share.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`] about a model's files.
    pub fn shared(config_json: &str, safetensors: &[u8], vocab_hash: &str) -> Result<Arc<Self>, ModelError> {
        let config = configured(config_json, vocab_hash)?;
        let hash = hash_of(safetensors);
        // A panic elsewhere cannot have left the list half changed: every change is one call.
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.retain(|weights| weights.strong_count() > 0);
        if let Some(weights) =
            loaded.iter().filter_map(Weak::upgrade).find(|w| w.model_hash == hash && w.config == config)
        {
            return Ok(weights);
        }
        let weights = Arc::new(Self::from_config(config, safetensors)?);
        loaded.push(Arc::downgrade(&weights));
        Ok(weights)
    }

    /// The configuration they were read with.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the safetensors bytes.
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    fn from_config(config: ModelConfig, safetensors: &[u8]) -> Result<Self, ModelError> {
        let mut file = Tensors::read(safetensors)?;
        let c = &config;
        let (width, hidden) = (c.width, c.hidden);
        let (q_width, kv_width) = (c.n_heads * c.head_width, c.n_kv_heads * c.head_width);

        let mut embed = Vec::with_capacity(c.slots.len());
        for (s, n_ids) in c.slots.iter().enumerate() {
            let rows = file.take(format!("embed.{s}.weight"), &[*n_ids, width])?; // (V, C)
            embed.push(Embedding { output: Matrix::pack(&rows, width), rows });
        }
        let mut layers = Vec::with_capacity(c.n_layers);
        for i in 0..c.n_layers {
            let key = |name: &str| format!("layers.{i}.{name}.weight");
            let mut qkv = file.take(key("q"), &[q_width, width])?;
            qkv.extend(file.take(key("k"), &[kv_width, width])?);
            qkv.extend(file.take(key("v"), &[kv_width, width])?); // ((H + 2G) * D, C)
            let mut gate_up = file.take(key("gate"), &[hidden, width])?;
            gate_up.extend(file.take(key("up"), &[hidden, width])?); // (2F, C)
            layers.push(Layer {
                attn_norm: file.take(key("attn_norm"), &[width])?,
                qkv: Matrix::pack(&qkv, width),
                o: Matrix::pack(&file.take(key("o"), &[width, q_width])?, q_width),
                mlp_norm: file.take(key("mlp_norm"), &[width])?,
                gate_up: Matrix::pack(&gate_up, width),
                down: Matrix::pack(&file.take(key("down"), &[width, hidden])?, hidden),
            });
        }
        let norm = file.take("norm.weight".into(), &[width])?;
        let mut heads = Vec::with_capacity(c.slots.len() - 1);
        for s in 1..c.slots.len() {
            let key = |name: &str| format!("head.{s}.{name}.weight");
            heads.push(Head {
                in_norm: file.take(key("in_norm"), &[width])?,
                up: Matrix::pack(&file.take(key("up"), &[width, width])?, width),
                down: Matrix::pack(&file.take(key("down"), &[width, width])?, width),
                out_norm: file.take(key("out_norm"), &[width])?,
            });
        }
        file.finish()?;
        let rope = rope_table(c);
        Ok(Self { config, model_hash: hash_of(safetensors), embed, layers, norm, heads, rope })
    }
}

/// The tensors of a file, and the keys that nobody has taken yet.
struct Tensors<'a> {
    file: SliceSafetensors<'a>,
    left: BTreeSet<String>,
}

impl<'a> Tensors<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let file = SliceSafetensors::new(bytes).map_err(|e| ModelError::Damaged(e.to_string()))?;
        let left = file.tensors().into_iter().map(|(key, _)| key).collect();
        Ok(Self { file, left })
    }

    /// The numbers of tensor `name`, row-major, which must have `shape`.
    fn take(&mut self, name: String, shape: &[usize]) -> Result<Vec<f32>, ModelError> {
        if !self.left.remove(&name) {
            return Err(ModelError::MissingTensor(name));
        }
        let damaged = |e: candle_core::Error| ModelError::Damaged(format!("{name}: {e}"));
        let tensor = self.file.load(&name, &Device::Cpu).map_err(damaged)?;
        if tensor.dims() != shape {
            return Err(ModelError::Shape { name, expected: shape.into(), found: tensor.dims().into() });
        }
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

    /// Checks that every tensor was taken.
    fn finish(self) -> Result<(), ModelError> {
        match self.left.into_iter().next() {
            Some(key) => Err(ModelError::UnknownTensor(key)),
            None => Ok(()),
        }
    }
}

fn configured(config_json: &str, vocab_hash: &str) -> Result<ModelConfig, ModelError> {
    let config = ModelConfig::from_json(config_json)?;
    if config.vocab_hash == vocab_hash {
        Ok(config)
    } else {
        Err(ModelError::Vocabulary { expected: vocab_hash.into(), found: config.vocab_hash })
    }
}

fn hash_of(safetensors: &[u8]) -> String {
    let digest = Sha256::digest(safetensors);
    digest.iter().take(HASH_DIGITS / 2).map(|byte| format!("{byte:02x}")).collect()
}

/// Cosines and sines, each (context_len, D/2); in f64, as training computes them.
fn rope_table(c: &ModelConfig) -> (Vec<f32>, Vec<f32>) {
    let head_width = real(c.head_width);
    (0..c.context_len)
        .flat_map(|pos| (0..c.head_width / 2).map(move |j| (pos, j)))
        .map(|(pos, j)| real(pos) * c.rope_base.powf(-2.0 * real(j) / head_width))
        .map(|angle| (narrow(angle.cos()), narrow(angle.sin())))
        .unzip()
}

#[expect(clippy::cast_precision_loss, reason = "positions and widths are at most 65536")]
fn real(n: usize) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, reason = "rounding is what is wanted; values are within -1..=1")]
fn narrow(x: f64) -> f32 {
    x as f32
}
