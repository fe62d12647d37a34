//! The whole network: a decoder-only transformer over compound tokens, top to bottom.
//!
//! Letters, here and in the comments: N rows computed together (tokens of one prompt, or one token of each of several
//! candidates), C width, H query heads, G key-value heads, D head width, F hidden, V ids of a slot, T positions so far.
//! The trunk reads the summed embeddings of a token's slots. The next token is read slot by slot, slot 0 from the
//! trunk, each further one from a small head that knows the slots before it.
//!
//! # Why these are not candle's operations
//!
//! candle reads the weights and is the reference in the tests, but does not compute, for three reasons. Its matrix
//! product takes the number of threads from an environment variable or the machine's cores at each call and runs on
//! rayon's global pool, so a plugin would take its host's cores. Its product sums in an order that follows the
//! number of rows, so a candidate's bits would follow its batch. And a step of one token is mostly the cost of
//! allocating and dispatching some three hundred small tensors. Prompt and step share one path here instead: what
//! differs is which candidate and position a row belongs to.
//!
//! # Invariants
//!
//! A row's result depends on the tokens of its own candidate only, to the last bit: neither on the other rows, nor
//! on how a prompt was cut, nor on the machine's instruction set (see `kernel`).

use std::iter::zip;
use std::sync::Arc;

use super::cache::Cache;
use super::kernel;
use super::sampler::nats;
use super::weights::Weights;
use super::{ModelConfig, ModelError, SLOTS, Token};

/// Rows of a prompt computed together: enough that reading the weights is not what it costs.
const CHUNK: usize = 32;

/// A network that can be asked. Cheap to clone; the weights are shared.
#[derive(Debug, Clone)]
pub struct Network {
    weights: Arc<Weights>,
}

/// What a batch of candidates has read so far, with all the memory it will ever need.
///
/// Candidates are numbered from 0 and advance on their own: one that has ended is left out of the next
/// [`step`](Self::step), one that is re-drawn is [`truncate`](Self::truncate)d.
#[derive(Debug)]
pub struct Session {
    network: Network,
    cache: Cache,
    readers: Vec<Reader>,
    scratch: Scratch,
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

    /// A session of `n_candidates`, each with room for `capacity` tokens. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// [`ModelError::ContextFull`] if `capacity` is above the context length: ask for less.
    /// [`ModelError::Call`] if there is no candidate.
    pub fn session(&self, n_candidates: usize, capacity: usize) -> Result<Session, ModelError> {
        let c = self.config();
        if capacity > c.context_len {
            return Err(ModelError::ContextFull { n_tokens: capacity, capacity: c.context_len });
        }
        if n_candidates == 0 {
            return Err(ModelError::Call("a session needs a candidate"));
        }
        Ok(Session {
            network: self.clone(),
            cache: Cache::new(c, n_candidates, capacity),
            readers: vec![Reader::new(c); n_candidates],
            scratch: Scratch::new(c, n_candidates.max(CHUNK), capacity),
        })
    }

    /// Teacher-forced loss: nats of each token's slots, predicted from the tokens before it and its earlier slots.
    ///
    /// `loss_bits` — one a token; bit `s` says that slot `s` counts; higher bits are ignored. What does not count,
    /// and the first token, is 0.
    ///
    /// # Errors
    ///
    /// [`ModelError::ContextFull`], [`ModelError::Id`]; [`ModelError::Call`] if there is not one byte a token.
    pub fn nats(&self, tokens: &[Token], loss_bits: &[u8]) -> Result<Vec<[f32; SLOTS]>, ModelError> {
        if tokens.len() != loss_bits.len() {
            return Err(ModelError::Call("there must be one byte of loss bits a token"));
        }
        let width = self.config().width;
        let mut losses = vec![[0.0; SLOTS]; tokens.len()];
        let (mut u, mut at) = (Vec::new(), Vec::new());
        let mut session = self.session(1, tokens.len())?;
        for (first, chunk) in zip((0..).step_by(CHUNK), tokens.chunks(CHUNK)) {
            session.prefill(0, chunk)?;
            // The rows whose next token counts, and where that is.
            u.clear();
            at.clear();
            for (row, next) in zip(0..chunk.len(), first + 1..tokens.len()) {
                if loss_bits[next] & ((1 << SLOTS) - 1) != 0 {
                    at.push(next);
                    u.extend_from_slice(session.scratch.trunk(row, width)); // (N, C)
                }
            }
            for s in 0..SLOTS {
                if s > 0 {
                    self.advance(
                        s,
                        at.iter().map(|next| tokens[*next][s - 1]),
                        &mut u,
                        &mut session.scratch,
                    )?;
                }
                self.logits(s, &u, &mut session.scratch); // (N, V)
                for (next, logits) in zip(&at, session.scratch.logits.chunks_exact(self.config().slots[s])) {
                    if loss_bits[*next] & (1 << s) != 0 {
                        losses[*next][s] = nats(logits, None, tokens[*next][s]);
                    }
                }
            }
        }
        Ok(losses)
    }

    /// Head `s` (1 and up) learns what slot `s - 1` became. `u`: (N, C), in place; `ids`: (N).
    fn advance(
        &self,
        s: usize,
        ids: impl Iterator<Item = u32>,
        u: &mut [f32],
        scratch: &mut Scratch,
    ) -> Result<(), ModelError> {
        let (c, head) = (self.config(), &self.weights.heads[s - 1]);
        let n = u.len() / c.width;
        for (u, id) in zip(u.chunks_exact_mut(c.width), ids) {
            kernel::add(u, self.known(s - 1, id)?); // z: (N, C)
        }
        let (a, b) = (grown(&mut scratch.a, n * c.width), grown(&mut scratch.b, n * c.width));
        kernel::rms_norm(u, &head.in_norm, c.norm_eps, a);
        head.up.mul(a, b); // (N, C)
        kernel::silu(b);
        head.down.mul(b, a); // (N, C)
        kernel::add(u, a);
        Ok(())
    }

    /// Logits of slot `s`. `u`: (N, C) → `scratch.logits`: (N, V).
    fn logits(&self, s: usize, u: &[f32], scratch: &mut Scratch) {
        let c = self.config();
        let n = u.len() / c.width;
        let logits = grown(&mut scratch.logits, n * c.slots[s]);
        if s == 0 {
            self.weights.embed[0].output.mul(u, logits);
        } else {
            let a = grown(&mut scratch.a, n * c.width);
            kernel::rms_norm(u, &self.weights.heads[s - 1].out_norm, c.norm_eps, a);
            self.weights.embed[s].output.mul(a, logits);
        }
    }

    /// The embedding of `id` in slot `s`: (C).
    fn known(&self, s: usize, id: u32) -> Result<&[f32], ModelError> {
        let c = self.config();
        let rows = usize::try_from(id).ok().filter(|id| *id < c.slots[s]);
        let idx = rows.ok_or(ModelError::Id { slot: s, id, n_ids: c.slots[s] })?;
        Ok(&self.weights.embed[s].rows[idx * c.width..][..c.width])
    }

    fn check_ids(&self, tokens: &[Token]) -> Result<(), ModelError> {
        tokens
            .iter()
            .flat_map(|token| token.iter().enumerate())
            .try_for_each(|(s, id)| self.known(s, *id).map(|_| ()))
    }
}

impl Session {
    /// Tokens `candidate` has read.
    pub fn n_tokens(&self, candidate: usize) -> usize {
        self.readers.get(candidate).map_or(0, |reader| reader.n_tokens)
    }

    /// Candidates of this session.
    pub fn n_candidates(&self) -> usize {
        self.readers.len()
    }

    /// Most tokens each candidate can hold.
    pub fn capacity(&self) -> usize {
        self.cache.capacity()
    }

    /// `candidate` reads `tokens`, one after the other.
    ///
    /// # Errors
    ///
    /// [`ModelError::ContextFull`], [`ModelError::Id`], [`ModelError::Call`]; nothing has then been read.
    pub fn prefill(&mut self, candidate: usize, tokens: &[Token]) -> Result<(), ModelError> {
        self.check_named(&[candidate])?;
        self.check_room(candidate, tokens.len())?;
        self.network.check_ids(tokens)?;
        let width = self.network.config().width;
        for chunk in tokens.chunks(CHUNK) {
            let first = self.n_tokens(candidate);
            self.scratch.place((first..).map(|pos| (candidate, pos)).take(chunk.len()));
            self.forward(chunk)?;
            self.readers[candidate].read(chunk.len(), self.scratch.trunk(chunk.len() - 1, width));
        }
        Ok(())
    }

    /// Candidates 1 and up have then read what candidate 0 has. Copies its keys and values over theirs.
    pub fn broadcast(&mut self) {
        let Some((source, others)) = self.readers.split_first_mut() else { return };
        for (reader, candidate) in zip(others, 1..) {
            self.cache.copy(0, candidate, source.n_tokens);
            reader.clone_from(source);
        }
    }

    /// `candidate` forgets all but its first `n_tokens`, and reads on from there: give it a token before asking it
    /// for logits.
    pub fn truncate(&mut self, candidate: usize, n_tokens: usize) {
        if let Some(reader) = self.readers.get_mut(candidate).filter(|reader| n_tokens < reader.n_tokens) {
            reader.n_tokens = n_tokens;
            reader.ready = false;
        }
    }

    /// Each of `candidates` reads its one of `tokens`.
    ///
    /// # Errors
    ///
    /// [`ModelError::ContextFull`], [`ModelError::Id`], or [`ModelError::Call`] if a candidate is named twice;
    /// nothing has then been read.
    pub fn step(&mut self, candidates: &[usize], tokens: &[Token]) -> Result<(), ModelError> {
        self.check_named(candidates)?;
        if candidates.len() != tokens.len() {
            return Err(ModelError::Call("a step needs one token a candidate"));
        }
        for candidate in candidates {
            self.check_room(*candidate, 1)?;
        }
        let readers = &self.readers;
        self.scratch.place(candidates.iter().map(|candidate| (*candidate, readers[*candidate].n_tokens)));
        self.forward(tokens)?;
        let width = self.network.config().width;
        for (row, candidate) in candidates.iter().enumerate() {
            self.readers[*candidate].read(1, self.scratch.trunk(row, width));
        }
        Ok(())
    }

    /// Logits of slot `slot` of the next token of each of `candidates`: (N, V), row-major.
    ///
    /// `next` — one a candidate: the next token with its slots before `slot` filled in; the others are ignored.
    /// A slot whose id is forced needs no call: fill it in and ask for a later one.
    ///
    /// # Errors
    ///
    /// [`ModelError::Id`], or [`ModelError::Call`] if a candidate is named twice or has nothing to predict from.
    pub fn slot_logits(
        &mut self,
        slot: usize,
        candidates: &[usize],
        next: &[Token],
    ) -> Result<&[f32], ModelError> {
        self.check_named(candidates)?;
        if slot >= SLOTS || candidates.len() != next.len() {
            return Err(ModelError::Call("logits need a slot there is, and one token a candidate"));
        }
        if !candidates.iter().all(|candidate| self.readers[*candidate].ready) {
            return Err(ModelError::Call("a candidate must read a token before it can predict the next"));
        }
        let Self { network, readers, scratch, .. } = self;
        let (mut u, mut behind) = (std::mem::take(&mut scratch.u), std::mem::take(&mut scratch.behind));
        for (candidate, next) in zip(candidates, next) {
            readers[*candidate].keep_heads_that_know(&next[..slot]);
        }
        for s in 1..=slot {
            u.clear();
            behind.clear();
            for (row, candidate) in candidates.iter().enumerate() {
                let reader = &readers[*candidate];
                if reader.n_known < s {
                    behind.push(row);
                    u.extend_from_slice(&reader.u); // (N, C)
                }
            }
            network.advance(s, behind.iter().map(|row| next[*row][s - 1]), &mut u, scratch)?;
            for (row, u) in zip(&behind, u.chunks_exact(network.config().width)) {
                readers[candidates[*row]].learn(next[*row][s - 1], u);
            }
        }
        u.clear();
        u.extend(candidates.iter().flat_map(|candidate| &readers[*candidate].u)); // (N, C)
        network.logits(slot, &u, scratch);
        (scratch.u, scratch.behind) = (u, behind);
        Ok(&scratch.logits)
    }

    /// The trunk, once through. The candidate and position of each row are in `scratch.rows`; a row sees its own
    /// candidate's cache up to its own position. `tokens`: (N) → `scratch.x`: (N, C).
    fn forward(&mut self, tokens: &[Token]) -> Result<(), ModelError> {
        let Self { network, cache, scratch, .. } = self;
        let (w, c) = (&*network.weights, network.config());
        let (n, heads_width) = (tokens.len(), c.n_heads * c.head_width);
        let qkv_width = heads_width + 2 * c.n_kv_heads * c.head_width;
        let Scratch { rows, x, a, b, wide, scores, .. } = scratch;

        let x = grown(x, n * c.width);
        for (x, token) in zip(x.chunks_exact_mut(c.width), tokens) {
            x.fill(0.0);
            for (s, id) in token.iter().enumerate() {
                kernel::add(x, network.known(s, *id)?); // (N, C)
            }
        }
        for (i, layer) in w.layers.iter().enumerate() {
            let a_rows = grown(a, n * c.width);
            kernel::rms_norm(x, &layer.attn_norm, c.norm_eps, a_rows);
            let qkv = grown(wide, n * qkv_width);
            layer.qkv.mul(a_rows, qkv); // (N, (H + 2G) * D)
            for (row, (candidate, pos)) in zip(qkv.chunks_exact_mut(qkv_width), rows.iter()) {
                let (qk, v) = row.split_at_mut(heads_width + c.n_kv_heads * c.head_width);
                rotate(qk, &w.rope, *pos, c.head_width);
                let k = &qk[heads_width..]; // (G, D)
                for (g, (k, v)) in zip(k.chunks_exact(c.head_width), v.chunks_exact(c.head_width)).enumerate()
                {
                    cache.write(cache.place(i, *candidate, g), *pos, k, v);
                }
            }
            let attended = grown(b, n * heads_width);
            let group_width = c.n_heads / c.n_kv_heads * c.head_width;
            for ((qkv, y), (candidate, pos)) in
                zip(zip(qkv.chunks_exact(qkv_width), attended.chunks_exact_mut(heads_width)), rows.iter())
            {
                let groups =
                    zip(qkv[..heads_width].chunks_exact(group_width), y.chunks_exact_mut(group_width));
                for (g, (q, y)) in groups.enumerate() {
                    cache.attend(cache.place(i, *candidate, g), *pos, q, scores, y); // (H / G, D)
                }
            }
            let a_rows = grown(a, n * c.width);
            layer.o.mul(attended, a_rows); // (N, C)
            kernel::add(x, a_rows);

            kernel::rms_norm(x, &layer.mlp_norm, c.norm_eps, a_rows);
            let gate_up = grown(wide, n * 2 * c.hidden);
            layer.gate_up.mul(a_rows, gate_up); // (N, 2F)
            let inner = grown(b, n * c.hidden);
            kernel::swiglu(gate_up, c.hidden, inner); // (N, F)
            layer.down.mul(inner, a_rows); // (N, C)
            kernel::add(x, a_rows);
        }
        let normed = grown(a, n * c.width);
        kernel::rms_norm(x, &w.norm, c.norm_eps, normed);
        x.copy_from_slice(normed); // (N, C)
        Ok(())
    }

    fn check_named(&self, candidates: &[usize]) -> Result<(), ModelError> {
        for (i, candidate) in candidates.iter().enumerate() {
            if *candidate >= self.readers.len() || candidates[..i].contains(candidate) {
                return Err(ModelError::Call("each candidate must be one of the session's, and named once"));
            }
        }
        Ok(())
    }

    fn check_room(&self, candidate: usize, n_more: usize) -> Result<(), ModelError> {
        let (n_tokens, capacity) = (self.n_tokens(candidate) + n_more, self.cache.capacity());
        if n_tokens > capacity { Err(ModelError::ContextFull { n_tokens, capacity }) } else { Ok(()) }
    }
}

/// Where one candidate stands.
#[derive(Debug, Clone)]
struct Reader {
    n_tokens: usize,
    /// Whether `trunk` follows from the last token read.
    ready: bool,
    /// (C) what the trunk says of the next token.
    trunk: Vec<f32>,
    /// (C) the same after the heads learnt the first `n_known` slots of the next token.
    u: Vec<f32>,
    n_known: usize,
    known: Token,
}

impl Reader {
    fn new(c: &ModelConfig) -> Self {
        let zeros = vec![0.0; c.width];
        Self { n_tokens: 0, ready: false, trunk: zeros.clone(), u: zeros, n_known: 0, known: [0; SLOTS] }
    }

    fn read(&mut self, n_tokens: usize, trunk: &[f32]) {
        self.n_tokens += n_tokens;
        self.ready = true;
        self.trunk.copy_from_slice(trunk);
        self.forget_slots();
    }

    fn forget_slots(&mut self) {
        self.u.copy_from_slice(&self.trunk);
        self.n_known = 0;
    }

    /// Starts from the trunk again if the heads have learnt other slots than `slots`, or more.
    fn keep_heads_that_know(&mut self, slots: &[u32]) {
        if !slots.starts_with(&self.known[..self.n_known]) {
            self.forget_slots();
        }
    }

    fn learn(&mut self, id: u32, u: &[f32]) {
        self.known[self.n_known] = id;
        self.n_known += 1;
        self.u.copy_from_slice(u);
    }
}

/// Memory for what lies between the steps of a forward pass.
#[derive(Debug)]
struct Scratch {
    /// The candidate and position of each row.
    rows: Vec<(usize, usize)>,
    /// (N, C) the residual stream; after a pass, normed.
    x: Vec<f32>,
    /// (N, C)
    a: Vec<f32>,
    /// (N, the widest of C, H * D, F)
    b: Vec<f32>,
    /// (N, the wider of (H + 2G) * D, 2F)
    wide: Vec<f32>,
    /// (H / G, capacity)
    scores: Vec<f32>,
    /// (N, V)
    logits: Vec<f32>,
    /// (N, C) of the heads.
    u: Vec<f32>,
    /// Rows whose heads have something to learn.
    behind: Vec<usize>,
}

impl Scratch {
    fn new(c: &ModelConfig, n_rows: usize, capacity: usize) -> Self {
        let heads_width = c.n_heads * c.head_width;
        let qkv_width = heads_width + 2 * c.n_kv_heads * c.head_width;
        Self {
            rows: Vec::with_capacity(n_rows),
            x: Vec::with_capacity(n_rows * c.width),
            a: Vec::with_capacity(n_rows * c.width),
            b: Vec::with_capacity(n_rows * c.width.max(heads_width).max(c.hidden)),
            wide: Vec::with_capacity(n_rows * qkv_width.max(2 * c.hidden)),
            scores: vec![0.0; c.n_heads / c.n_kv_heads * capacity],
            logits: Vec::with_capacity(n_rows * c.slots.iter().max().copied().unwrap_or(0)),
            u: Vec::with_capacity(n_rows * c.width),
            behind: Vec::with_capacity(n_rows),
        }
    }

    fn place(&mut self, rows: impl Iterator<Item = (usize, usize)>) {
        self.rows.clear();
        self.rows.extend(rows);
    }

    /// (C) what the trunk said of row `row` of the last pass. `width` — C.
    fn trunk(&self, row: usize, width: usize) -> &[f32] {
        &self.x[row * width..][..width]
    }
}

/// The first `len` numbers of `buffer`, which is as long from now on. What they hold does not matter.
fn grown(buffer: &mut Vec<f32>, len: usize) -> &mut [f32] {
    buffer.resize(len, 0.0);
    buffer
}

/// Rotary positions: `heads`: (any number of heads, D), in place, half-split pairs.
///
/// # Source
///
/// Su et al., *RoFormer* (2021), section 3.4.2, with the pairs `(j, j + D/2)` of GPT-NeoX.
fn rotate(heads: &mut [f32], rope: &(Vec<f32>, Vec<f32>), pos: usize, head_width: usize) {
    let half = head_width / 2;
    let (cos, sin) = (&rope.0[pos * half..][..half], &rope.1[pos * half..][..half]);
    for head in heads.chunks_exact_mut(head_width) {
        let (a, b) = head.split_at_mut(half); // (D/2) each
        for ((a, b), (cos, sin)) in zip(zip(a, b), zip(cos, sin)) {
            (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
        }
    }
}
