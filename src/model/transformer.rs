//! The whole network, composed of its layers: a decoder-only transformer over compound tokens.
//!
//! Letters: N rows computed together (tokens of one prompt, or one token of each of several candidates), C width, V ids
//! of a slot; those of the layers as in `layer`.
//! The trunk reads the sum of the embeddings of a token's slots. The next token is predicted slot by slot, slot 0 from
//! the trunk, each further one by a small head that reads the slots before it.
//!
//! # Why these are not candle's operations
//!
//! candle reads the weights and is the reference in the tests, but does not compute, for three reasons. Its matrix
//! product takes the number of threads from an environment variable or the machine's cores at each call and runs on
//! rayon's global pool, so a plugin would take its host's cores. The order of its sums depends on the number of rows,
//! so a candidate's bits would depend on its batch. And a step of one token would be mostly the cost of allocating and
//! dispatching some three hundred small tensors. Here prompt and step share one path; only the candidates and positions
//! of the rows differ.
//!
//! # Invariants
//!
//! A row's result depends on the tokens of its own candidate only, to the last bit: neither on the other rows, nor
//! on how a prompt was cut, nor on the machine's instruction set (see `kernel`).

use std::iter::zip;
use std::sync::Arc;

use super::cache::Cache;
use super::kernel;
use super::layer::{LayerScratch, Row, grown};
use super::weights::Weights;
use super::{ModelConfig, ModelError, Token};

/// A network ready to run. Cheap to clone; the weights are shared.
#[derive(Debug, Clone)]
pub struct Network {
    weights: Arc<Weights>,
}

impl Network {
    /// A network over `weights`.
    pub fn new(weights: Arc<Weights>) -> Self {
        Self { weights }
    }

    /// The configuration of its weights.
    pub fn config(&self) -> &ModelConfig {
        self.weights.config()
    }

    /// See [`Weights::model_hash`].
    pub fn model_hash(&self) -> &str {
        self.weights.model_hash()
    }

    /// Runs the trunk. `tokens`: (N), with the candidate and position of each in `rows` → `scratch.x`: (N, C).
    ///
    /// # Errors
    ///
    /// [`ModelError::Id`].
    pub(super) fn trunk(
        &self,
        tokens: &[Token],
        rows: &[Row],
        cache: &mut Cache,
        scratch: &mut Scratch,
    ) -> Result<(), ModelError> {
        let (w, width, n) = (&*self.weights, self.config().width, tokens.len());
        let Scratch { x, a, layer: memory, .. } = scratch;
        let (x, a) = (grown(x, n * width), grown(a, n * width));
        for (x, token) in zip(x.chunks_exact_mut(width), tokens) {
            x.fill(0.0);
            for (s, id) in token.iter().enumerate() {
                kernel::add(x, self.embedding(s, *id)?); // (C)
            }
        }
        for (i, block) in w.blocks.iter().enumerate() {
            block.attn_norm.forward(x, a); // (N, C)
            block.attention.forward(a, i, rows, &w.rope, cache, memory); // (N, C)
            kernel::add(x, a);
            block.mlp_norm.forward(x, a); // (N, C)
            block.feed_forward.forward(a, n, memory); // (N, C)
            kernel::add(x, a);
        }
        w.norm.forward(x, a); // (N, C)
        x.copy_from_slice(a);
        Ok(())
    }

    /// Head `s` (1 and up) reads the ids of slot `s - 1`. `u`: (N, C), in place; `ids`: (N).
    pub(super) fn advance(
        &self,
        s: usize,
        ids: impl Iterator<Item = u32>,
        u: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), ModelError> {
        let (c, head) = (self.config(), &self.weights.heads[s - 1]);
        let n = u.len() / c.width;
        for (u, id) in zip(u.chunks_exact_mut(c.width), ids) {
            kernel::add(u, self.embedding(s - 1, id)?); // z: (N, C)
        }
        let (a, b) = (grown(&mut scratch.a, n * c.width), grown(&mut scratch.b, n * c.width));
        head.in_norm.forward(u, a); // (N, C)
        head.up.mul(a, b); // (N, C)
        kernel::silu(b);
        head.down.mul(b, a); // (N, C)
        kernel::add(u, a);
        Ok(())
    }

    /// Logits of slot `s`. `u`: (N, C) → `scratch.logits`: (N, V).
    pub(super) fn logits(&self, s: usize, u: &[f32], scratch: &mut Scratch) {
        let c = self.config();
        let n = u.len() / c.width;
        let logits = grown(&mut scratch.logits, n * c.slots[s]);
        if s == 0 {
            self.weights.embed[0].output.mul(u, logits); // (N, V)
        } else {
            let a = grown(&mut scratch.a, n * c.width);
            self.weights.heads[s - 1].out_norm.forward(u, a); // (N, C)
            self.weights.embed[s].output.mul(a, logits); // (N, V)
        }
    }

    /// The embedding of `id` in slot `s`: (C).
    fn embedding(&self, s: usize, id: u32) -> Result<&[f32], ModelError> {
        let c = self.config();
        let rows = usize::try_from(id).ok().filter(|id| *id < c.slots[s]);
        let idx = rows.ok_or(ModelError::Id { slot: s, id, n_ids: c.slots[s] })?;
        Ok(&self.weights.embed[s].rows[idx * c.width..][..c.width])
    }

    pub(super) fn check_ids(&self, tokens: &[Token]) -> Result<(), ModelError> {
        tokens
            .iter()
            .flat_map(|token| token.iter().enumerate())
            .try_for_each(|(s, id)| self.embedding(s, *id).map(|_| ()))
    }
}

/// Memory for the intermediate results of a pass.
#[derive(Debug)]
pub(super) struct Scratch {
    /// (N, C) the residual stream; after a pass, normed.
    x: Vec<f32>,
    /// (N, C)
    a: Vec<f32>,
    /// (N, C)
    b: Vec<f32>,
    /// (N, V)
    pub logits: Vec<f32>,
    layer: LayerScratch,
}

impl Scratch {
    /// Room for `n_rows` rows that attend to at most `capacity` positions.
    pub fn new(c: &ModelConfig, n_rows: usize, capacity: usize) -> Self {
        Self {
            x: Vec::with_capacity(n_rows * c.width),
            a: Vec::with_capacity(n_rows * c.width),
            b: Vec::with_capacity(n_rows * c.width),
            logits: Vec::with_capacity(n_rows * c.slots.iter().max().copied().unwrap_or(0)),
            layer: LayerScratch::new(c, n_rows, capacity),
        }
    }

    /// (C) output of the trunk for row `row` of the last pass. `width` — C.
    pub fn trunk(&self, row: usize, width: usize) -> &[f32] {
        &self.x[row * width..][..width]
    }
}
