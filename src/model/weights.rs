//! The weights of the network: read from safetensors bytes, checked against the configuration, packed for the kernels.
//!
//! One copy per process: [`Weights::shared`].

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::checkpoint::{Tensors, configured, hash_of};
use super::kernel::Matrix;
use super::layer::{Attention, FeedForward, Norm, Rope, rope_table};
use super::{ModelConfig, ModelError};

/// The weights that are loaded in this process, found by configuration and model hash.
static LOADED: Mutex<Vec<Weak<Weights>>> = Mutex::new(Vec::new());

/// A network's weights, ready to compute with. Immutable.
///
/// Letters: C width, V ids of a slot.
#[derive(Debug)]
pub struct Weights {
    pub(super) config: ModelConfig,
    model_hash: String,
    /// Indexed by `[slot]`.
    pub(super) embed: Vec<Embedding>,
    pub(super) blocks: Vec<Block>,
    pub(super) norm: Norm,
    /// The heads of slots 1 and up.
    pub(super) heads: Vec<Head>,
    pub(super) rope: Rope,
}

/// A slot's embedding, which is its output matrix too.
#[derive(Debug)]
pub(super) struct Embedding {
    /// (V, C), for looking ids up.
    pub rows: Vec<f32>,
    /// The same (V, C), for logits.
    pub output: Matrix,
}

/// One layer of the trunk.
#[derive(Debug)]
pub(super) struct Block {
    pub attn_norm: Norm,
    pub attention: Attention,
    pub mlp_norm: Norm,
    pub feed_forward: FeedForward,
}

/// The head of a slot, which reads the slots before it.
#[derive(Debug)]
pub(super) struct Head {
    pub in_norm: Norm,
    /// (C, C)
    pub up: Matrix,
    /// (C, C)
    pub down: Matrix,
    pub out_norm: Norm,
}

impl Weights {
    /// Reads `config_json` and the safetensors bytes; `vocab_hash` is the vocabulary of the caller.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`] about a model's files; never a panic, whatever the bytes.
    pub fn from_bytes(config_json: &str, safetensors: &[u8], vocab_hash: &str) -> Result<Self, ModelError> {
        Self::from_config(configured(config_json, vocab_hash)?, safetensors)
    }

    /// Returns the weights that this process already holds for these bytes, else reads them.
    ///
    /// They are freed with the last `Arc`. Of two threads that call at once one waits, and both share the weights.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`] about a model's files.
    pub fn shared(config_json: &str, safetensors: &[u8], vocab_hash: &str) -> Result<Arc<Self>, ModelError> {
        let config = configured(config_json, vocab_hash)?;
        let hash = hash_of(safetensors);
        // A panic cannot have left the list half changed, since every change is one call.
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

    /// The identity of a model: the first 16 hexadecimal digits of the SHA-256 of the safetensors bytes.
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    fn from_config(config: ModelConfig, safetensors: &[u8]) -> Result<Self, ModelError> {
        let mut tensors = Tensors::read(safetensors)?;
        let (file, c) = (&mut tensors, &config);
        let embed = (0..).zip(&c.slots).map(|(s, n_ids)| Embedding::load(file, s, *n_ids, c.width));
        let embed = embed.collect::<Result<_, _>>()?;
        let blocks = (0..c.n_layers).map(|i| Block::load(file, i, c)).collect::<Result<_, _>>()?;
        let norm = Norm::load(file, "norm.weight".into(), c)?;
        let heads = (1..c.slots.len()).map(|s| Head::load(file, s, c)).collect::<Result<_, _>>()?;
        tensors.finish()?;
        let rope = rope_table(c);
        Ok(Self { config, model_hash: hash_of(safetensors), embed, blocks, norm, heads, rope })
    }
}

impl Embedding {
    fn load(file: &mut Tensors, slot: usize, n_ids: usize, width: usize) -> Result<Self, ModelError> {
        let rows = file.take(format!("embed.{slot}.weight"), &[n_ids, width])?; // (V, C)
        Ok(Self { output: Matrix::pack(&rows, width), rows })
    }
}

impl Block {
    fn load(file: &mut Tensors, i: usize, c: &ModelConfig) -> Result<Self, ModelError> {
        let key = |name: &str| format!("layers.{i}.{name}.weight");
        Ok(Self {
            attn_norm: Norm::load(file, key("attn_norm"), c)?,
            attention: Attention::load(file, key, c)?,
            mlp_norm: Norm::load(file, key("mlp_norm"), c)?,
            feed_forward: FeedForward::load(file, key, c)?,
        })
    }
}

impl Head {
    fn load(file: &mut Tensors, slot: usize, c: &ModelConfig) -> Result<Self, ModelError> {
        let key = |name: &str| format!("head.{slot}.{name}.weight");
        let square = [c.width, c.width];
        Ok(Self {
            in_norm: Norm::load(file, key("in_norm"), c)?,
            up: Matrix::pack(&file.take(key("up"), &square)?, c.width),
            down: Matrix::pack(&file.take(key("down"), &square)?, c.width),
            out_norm: Norm::load(file, key("out_norm"), c)?,
        })
    }
}
