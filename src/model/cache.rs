//! The KV cache: keys and values of every layer and candidate, written in place.
//!
//! Keys and values are packed as `kernel` packs matrices, so that attention uses the same matrix product as all else:
//! scores are queries times a matrix (T, D), the result is weights times a matrix (D, T).
//! Letters as in `transformer`.
//!
//! # Invariants
//!
//! Never grows and is never cloned; [`Cache::copy`] alone copies from candidate to candidate. Values beyond a
//! candidate's last position never enter a result.

use std::iter::zip;

use super::ModelConfig;
use super::kernel::{self, PANEL, Product, VALUE_PANEL};

/// Keys and values of one session.
#[derive(Debug)]
pub struct Cache {
    capacity: usize,
    n_layers: usize,
    n_candidates: usize,
    n_kv_heads: usize,
    head_width: usize,
    /// (layers, candidates, G, ceil(capacity / PANEL), D, PANEL): packed as a matrix (T, D).
    keys: Vec<f32>,
    /// (layers, candidates, G, ceil(D / VALUE_PANEL), capacity, VALUE_PANEL): packed as a matrix (D, T).
    values: Vec<f32>,
}

impl Cache {
    /// Room for `capacity` positions of `n_candidates`. All memory is allocated here.
    pub fn new(c: &ModelConfig, n_candidates: usize, capacity: usize) -> Self {
        let mut cache = Self {
            capacity,
            n_layers: c.n_layers,
            n_candidates,
            n_kv_heads: c.n_kv_heads,
            head_width: c.head_width,
            keys: Vec::new(),
            values: Vec::new(),
        };
        let n_places = c.n_layers * n_candidates * c.n_kv_heads;
        cache.keys = vec![0.0; n_places * cache.keys_len(capacity)];
        cache.values = vec![0.0; n_places * cache.values_len()];
        cache
    }

    /// Most positions of each candidate.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Length of the packed first `n` keys of one head.
    fn keys_len(&self, n: usize) -> usize {
        n.div_ceil(PANEL) * self.head_width * PANEL
    }

    fn values_len(&self) -> usize {
        self.head_width.div_ceil(VALUE_PANEL) * self.capacity * VALUE_PANEL
    }

    /// Index of a head of a layer and candidate in the cache, counted in heads.
    pub fn place(&self, layer: usize, candidate: usize, g: usize) -> usize {
        (layer * self.n_candidates + candidate) * self.n_kv_heads + g
    }

    /// Writes the key and value of position `pos`: `k`, `v`: (D), the key already rotated.
    pub fn write(&mut self, place: usize, pos: usize, k: &[f32], v: &[f32]) {
        let (keys_len, values_len) = (self.keys_len(self.capacity), self.values_len());
        let panel = &mut self.keys[place * keys_len + pos / PANEL * self.head_width * PANEL..];
        for (d, k) in k.iter().enumerate() {
            panel[d * PANEL + pos % PANEL] = *k;
        }
        let values = &mut self.values[place * values_len..][..values_len];
        for (panel, v) in zip(values.chunks_exact_mut(self.capacity * VALUE_PANEL), v.chunks(VALUE_PANEL)) {
            panel[pos * VALUE_PANEL..][..v.len()].copy_from_slice(v);
        }
    }

    /// Attention of the query heads that share one key-value head, over positions `0..=pos`.
    ///
    /// `q`, `y`: (H / G, D). `scores`: room for (H / G, capacity).
    pub fn attend(&self, place: usize, pos: usize, q: &[f32], scores: &mut [f32], y: &mut [f32]) {
        let (keys_len, values_len) = (self.keys_len(self.capacity), self.values_len());
        let n_rows = q.len() / self.head_width;
        Product::<PANEL> {
            panels: &self.keys[place * keys_len..][..keys_len],
            panel_stride: self.head_width * PANEL,
            n_in: self.head_width,
            n_out: pos + 1,
            x: q,
            x_stride: self.head_width,
            y: scores,
            y_stride: self.capacity,
            n_rows,
        }
        .run(); // (H / G, T)
        for scores in scores.chunks_exact_mut(self.capacity).take(n_rows) {
            kernel::softmax(&mut scores[..=pos], 1.0 / kernel::count(self.head_width).sqrt());
        }
        Product::<VALUE_PANEL> {
            panels: &self.values[place * values_len..][..values_len],
            panel_stride: self.capacity * VALUE_PANEL,
            n_in: pos + 1,
            n_out: self.head_width,
            x: scores,
            x_stride: self.capacity,
            y,
            y_stride: self.head_width,
            n_rows,
        }
        .run(); // (H / G, D)
    }

    /// Copies the first `n_tokens` of candidate `from` over those of candidate `to`.
    pub fn copy(&mut self, from: usize, to: usize, n_tokens: usize) {
        let (keys_len, values_len) = (self.keys_len(self.capacity), self.values_len());
        let (keys_used, values_used) = (self.keys_len(n_tokens), n_tokens * VALUE_PANEL);
        let panel_len = self.capacity * VALUE_PANEL;
        for layer in 0..self.n_layers {
            for g in 0..self.n_kv_heads {
                let (from, to) = (self.place(layer, from, g), self.place(layer, to, g));
                self.keys.copy_within(from * keys_len..from * keys_len + keys_used, to * keys_len);
                for panel in (0..values_len).step_by(panel_len) {
                    let from = from * values_len + panel;
                    self.values.copy_within(from..from + values_used, to * values_len + panel);
                }
            }
        }
    }
}
