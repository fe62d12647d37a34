//! The layers that networks share: norm, attention and feed-forward, each read from a checkpoint and run on rows.
//!
//! Letters: N rows computed together, C width, H query heads, G key-value heads, D head width, F hidden, T positions so
//! far. A row is one token of one candidate at one position ([`Row`]); it attends to its own candidate's cache up to its
//! own position, and to nothing else.
//!
//! The residual additions are not part of the layers; `transformer` makes them.

use std::iter::zip;

use super::cache::Cache;
use super::checkpoint::{Tensors, narrow, real};
use super::kernel::{self, Matrix};
use super::{ModelConfig, ModelError};

/// The candidate and the position of a row.
pub type Row = (usize, usize);

/// Root mean square norm with a gain.
///
/// # Source
///
/// Zhang and Sennrich, *Root Mean Square Layer Normalization* (2019).
#[derive(Debug)]
pub struct Norm {
    /// (C)
    gain: Vec<f32>,
    eps: f32,
}

impl Norm {
    /// Reads tensor `key`: (C).
    pub fn load(file: &mut Tensors, key: String, c: &ModelConfig) -> Result<Self, ModelError> {
        Ok(Self { gain: file.take(key, &[c.width])?, eps: c.norm_eps })
    }

    /// `x`: (N, C) → `y`: (N, C).
    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        kernel::rms_norm(x, &self.gain, self.eps, y);
    }
}

/// Causal attention with rotary positions, whose query heads share key-value heads in groups of H / G.
///
/// # Source
///
/// Ainslie et al., *GQA* (2023).
#[derive(Debug)]
pub struct Attention {
    n_heads: usize,
    n_kv_heads: usize,
    head_width: usize,
    /// ((H + 2G) * D, C): queries, keys, values
    qkv: Matrix,
    /// (C, H * D)
    o: Matrix,
}

impl Attention {
    /// Reads the tensors `q`, `k`, `v` and `o`, whose keys `key` makes of these names.
    pub fn load(
        file: &mut Tensors,
        key: impl Fn(&str) -> String,
        c: &ModelConfig,
    ) -> Result<Self, ModelError> {
        let (width, q_width, kv_width) = (c.width, c.n_heads * c.head_width, c.n_kv_heads * c.head_width);
        let mut qkv = file.take(key("q"), &[q_width, width])?; // (H * D, C)
        qkv.extend(file.take(key("k"), &[kv_width, width])?);
        qkv.extend(file.take(key("v"), &[kv_width, width])?); // ((H + 2G) * D, C)
        Ok(Self {
            n_heads: c.n_heads,
            n_kv_heads: c.n_kv_heads,
            head_width: c.head_width,
            qkv: Matrix::pack(&qkv, width),
            o: Matrix::pack(&file.take(key("o"), &[width, q_width])?, q_width),
        })
    }

    /// `x`: (N, C), a row for each of `rows` → (N, C), in place. Writes the keys and values of the rows to layer `layer` of
    /// `cache`.
    pub fn forward(
        &self,
        x: &mut [f32],
        layer: usize,
        rows: &[Row],
        rope: &Rope,
        cache: &mut Cache,
        scratch: &mut LayerScratch,
    ) {
        let d = self.head_width;
        let (heads_width, kv_width) = (self.n_heads * d, self.n_kv_heads * d);
        let qkv_width = heads_width + 2 * kv_width;
        let LayerScratch { inner, wide, scores } = scratch;

        let qkv = grown(wide, rows.len() * qkv_width);
        self.qkv.mul(x, qkv); // (N, (H + 2G) * D)
        for (row, (candidate, pos)) in zip(qkv.chunks_exact_mut(qkv_width), rows) {
            let (qk, v) = row.split_at_mut(heads_width + kv_width); // ((H + G) * D), (G * D)
            rotate(qk, rope, *pos, d);
            let k = &qk[heads_width..]; // (G * D)
            for (g, (k, v)) in zip(k.chunks_exact(d), v.chunks_exact(d)).enumerate() {
                cache.write(cache.place(layer, *candidate, g), *pos, k, v); // (D), (D)
            }
        }
        let attended = grown(inner, rows.len() * heads_width);
        let group_width = self.n_heads / self.n_kv_heads * d;
        let outputs = zip(qkv.chunks_exact(qkv_width), attended.chunks_exact_mut(heads_width));
        for ((qkv, y), (candidate, pos)) in zip(outputs, rows) {
            let groups = zip(qkv[..heads_width].chunks_exact(group_width), y.chunks_exact_mut(group_width));
            for (g, (q, y)) in groups.enumerate() {
                cache.attend(cache.place(layer, *candidate, g), *pos, q, scores, y); // (H / G, D)
            }
        }
        self.o.mul(attended, x); // (N, H * D) → (N, C)
    }
}

/// The gated half of a layer, SwiGLU.
///
/// # Source
///
/// Shazeer, *GLU Variants Improve Transformer* (2020).
#[derive(Debug)]
pub struct FeedForward {
    hidden: usize,
    /// (2F, C): gates, values
    gate_up: Matrix,
    /// (C, F)
    down: Matrix,
}

impl FeedForward {
    /// Reads the tensors `gate`, `up` and `down`, whose keys `key` makes of these names.
    pub fn load(
        file: &mut Tensors,
        key: impl Fn(&str) -> String,
        c: &ModelConfig,
    ) -> Result<Self, ModelError> {
        let (width, hidden) = (c.width, c.hidden);
        let mut gate_up = file.take(key("gate"), &[hidden, width])?; // (F, C)
        gate_up.extend(file.take(key("up"), &[hidden, width])?); // (2F, C)
        let down = file.take(key("down"), &[width, hidden])?; // (C, F)
        Ok(Self { hidden, gate_up: Matrix::pack(&gate_up, width), down: Matrix::pack(&down, hidden) })
    }

    /// `x`: (N, C) → (N, C), in place. `n_rows` — N.
    pub fn forward(&self, x: &mut [f32], n_rows: usize, scratch: &mut LayerScratch) {
        let LayerScratch { inner, wide, .. } = scratch;
        let gate_up = grown(wide, n_rows * 2 * self.hidden);
        self.gate_up.mul(x, gate_up); // (N, 2F)
        let inner = grown(inner, n_rows * self.hidden);
        kernel::swiglu(gate_up, self.hidden, inner); // (N, F)
        self.down.mul(inner, x); // (N, C)
    }
}

/// Memory for the intermediate results of a layer.
#[derive(Debug)]
pub struct LayerScratch {
    /// (N, the wider of H * D, F)
    inner: Vec<f32>,
    /// (N, the wider of (H + 2G) * D, 2F)
    wide: Vec<f32>,
    /// (H / G, capacity)
    scores: Vec<f32>,
}

impl LayerScratch {
    /// Room for `n_rows` rows that attend to at most `capacity` positions.
    pub fn new(c: &ModelConfig, n_rows: usize, capacity: usize) -> Self {
        let heads_width = c.n_heads * c.head_width;
        let qkv_width = heads_width + 2 * c.n_kv_heads * c.head_width;
        Self {
            inner: Vec::with_capacity(n_rows * heads_width.max(c.hidden)),
            wide: Vec::with_capacity(n_rows * qkv_width.max(2 * c.hidden)),
            scores: vec![0.0; c.n_heads / c.n_kv_heads * capacity],
        }
    }
}

/// Cosines and sines of the rotary angles, each (context_len, D/2).
pub type Rope = (Vec<f32>, Vec<f32>);

/// The table of `c`, computed in f64 as in training.
pub fn rope_table(c: &ModelConfig) -> Rope {
    let head_width = real(c.head_width);
    (0..c.context_len)
        .flat_map(|pos| (0..c.head_width / 2).map(move |j| (pos, j)))
        .map(|(pos, j)| real(pos) * c.rope_base.powf(-2.0 * real(j) / head_width))
        .map(|angle| (narrow(angle.cos()), narrow(angle.sin())))
        .unzip()
}

/// Rotary positions: `heads`: (any number of heads, D), in place, half-split pairs.
///
/// # Source
///
/// Su et al., *RoFormer* (2021), section 3.4.2, with the pairs `(j, j + D/2)` of GPT-NeoX.
fn rotate(heads: &mut [f32], rope: &Rope, pos: usize, head_width: usize) {
    let half = head_width / 2;
    let (cos, sin) = (&rope.0[pos * half..][..half], &rope.1[pos * half..][..half]);
    for head in heads.chunks_exact_mut(head_width) {
        let (a, b) = head.split_at_mut(half); // (D/2) each
        for ((a, b), (cos, sin)) in zip(zip(a, b), zip(cos, sin)) {
            (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
        }
    }
}

/// `buffer` resized to `len` numbers, whose values are arbitrary.
pub fn grown(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    buffer.resize(len, 0.0);
    buffer
}
