//! Sessions: a batch of candidates with their KV cache, and the logits of their next tokens.
//!
//! Letters as in `transformer`.

use std::iter::zip;

use super::cache::Cache;
use super::layer::Row;
use super::sampler::nats;
use super::transformer::{Network, Scratch};
use super::{ModelConfig, ModelError, SLOTS, Token};

/// Rows of a prompt computed together: enough that the time is not spent on reading the weights.
const CHUNK: usize = 32;

/// A batch of candidates with their KV cache and all memory that they need.
///
/// Candidates are numbered from 0 and advance independently: one that has ended is left out of the next
/// [`step`](Self::step), one that is drawn again is [`truncate`](Self::truncate)d.
#[derive(Debug)]
pub struct Session {
    network: Network,
    cache: Cache,
    readers: Vec<Reader>,
    /// The rows of the tokens of a pass.
    rows: Vec<Row>,
    /// (N, C) input of the heads.
    u: Vec<f32>,
    /// Candidates whose heads must read a further slot.
    behind: Vec<usize>,
    scratch: Scratch,
}

impl Network {
    /// A session of `n_candidates`, each with room for `capacity` tokens. All memory is allocated here.
    ///
    /// # Errors
    ///
    /// [`ModelError::ContextFull`] if `capacity` is above the context length: reduce it.
    /// [`ModelError::Call`] if there is no candidate.
    pub fn session(&self, n_candidates: usize, capacity: usize) -> Result<Session, ModelError> {
        let c = self.config();
        if capacity > c.context_len {
            return Err(ModelError::ContextFull { n_tokens: capacity, capacity: c.context_len });
        }
        if n_candidates == 0 {
            return Err(ModelError::Call("a session needs a candidate"));
        }
        let n_rows = n_candidates.max(CHUNK);
        Ok(Session {
            network: self.clone(),
            cache: Cache::new(c, n_candidates, capacity),
            readers: vec![Reader::new(c); n_candidates],
            rows: Vec::with_capacity(n_rows),
            u: Vec::with_capacity(n_rows * c.width),
            behind: Vec::with_capacity(n_rows),
            scratch: Scratch::new(c, n_rows, capacity),
        })
    }

    /// Teacher-forced loss: nats of each token's slots, predicted from the tokens before it and its earlier slots.
    ///
    /// `loss_bits` — one byte a token; bit `s` is set if slot `s` counts; higher bits are ignored. The nats of slots
    /// that do not count, and of the first token, are 0.
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
            // The rows whose next token counts, and the index of that token.
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
}

impl Session {
    /// The number of tokens that `candidate` has read.
    pub fn n_tokens(&self, candidate: usize) -> usize {
        self.readers.get(candidate).map_or(0, |reader| reader.n_tokens)
    }

    /// The number of candidates of this session.
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
            self.rows.clear();
            self.rows.extend((first..).map(|pos| (candidate, pos)).take(chunk.len()));
            self.forward(chunk)?;
            self.readers[candidate].read(chunk.len(), self.scratch.trunk(chunk.len() - 1, width));
        }
        Ok(())
    }

    /// Copies the tokens that candidate 0 has read to all other candidates, with their keys and values.
    pub fn broadcast(&mut self) {
        let Some((source, others)) = self.readers.split_first_mut() else { return };
        for (reader, candidate) in zip(others, 1..) {
            self.cache.copy(0, candidate, source.n_tokens);
            reader.clone_from(source);
        }
    }

    /// Removes all but the first `n_tokens` tokens of `candidate`. It must read a token before the next call for its
    /// logits.
    pub fn truncate(&mut self, candidate: usize, n_tokens: usize) {
        if let Some(reader) = self.readers.get_mut(candidate).filter(|reader| n_tokens < reader.n_tokens) {
            reader.n_tokens = n_tokens;
            reader.ready = false;
        }
    }

    /// Each of `candidates` reads one token: the one of `tokens` with the same index.
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
        let place = |candidate: &usize| (*candidate, self.readers[*candidate].n_tokens);
        self.rows.clear();
        self.rows.extend(candidates.iter().map(place));
        self.forward(tokens)?;
        let width = self.network.config().width;
        for (row, candidate) in candidates.iter().enumerate() {
            self.readers[*candidate].read(1, self.scratch.trunk(row, width));
        }
        Ok(())
    }

    /// Logits of slot `slot` of the next token of each of `candidates`: (N, V), row-major.
    ///
    /// `next` — for each of `candidates` the next token with its slots before `slot` filled in; the others are ignored.
    /// A slot with a forced id needs no call: fill it in and call for a later one.
    ///
    /// # Errors
    ///
    /// [`ModelError::Id`], or [`ModelError::Call`] if a candidate is named twice or has not read a token since it was
    /// created or truncated.
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
        let Self { network, readers, scratch, u, behind, .. } = self;
        for (candidate, next) in zip(candidates, next) {
            readers[*candidate].reset_unless_prefix_of(&next[..slot]);
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
            network.advance(s, behind.iter().map(|row| next[*row][s - 1]), u, scratch)?;
            for (row, u) in zip(&*behind, u.chunks_exact(network.config().width)) {
                readers[candidates[*row]].learn(next[*row][s - 1], u);
            }
        }
        u.clear();
        u.extend(candidates.iter().flat_map(|candidate| &readers[*candidate].u)); // (N, C)
        network.logits(slot, u, scratch); // (N, V)
        Ok(&scratch.logits)
    }

    /// Runs the trunk on `tokens`, whose candidates and positions are in `rows`.
    fn forward(&mut self, tokens: &[Token]) -> Result<(), ModelError> {
        let Self { network, cache, rows, scratch, .. } = self;
        network.trunk(tokens, rows, cache, scratch)
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

/// The state of one candidate.
#[derive(Debug, Clone)]
struct Reader {
    n_tokens: usize,
    /// Whether `trunk` belongs to the last token read.
    ready: bool,
    /// (C) output of the trunk for the next token.
    trunk: Vec<f32>,
    /// (C) the same after the heads have read the first `n_known` slots of the next token.
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

    /// Starts from the trunk again if the heads have read other slots than `slots`, or more.
    fn reset_unless_prefix_of(&mut self, slots: &[u32]) {
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
