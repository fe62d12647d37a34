//! Prompts to bodies: prefill, then all takes step by step under grammar, constraints and steering.

use std::ops::ControlFlow;

use super::constraint::{self, Constraint, Place};
use super::error::ComposeError;
use super::library::Model;
use super::perform::Performer;
use super::plan::{BarPlan, Follower};
use super::steer::Steering;
use crate::model::{DrawKey, Network, Sampler, SamplingParams, Session};
use crate::music::{Cell, Frame, Phrase};
use crate::session::{Skeleton, Task};
use crate::token::{Grammar, Mask, N_SLOTS, Plan, Prompt, SLOT_SIZES, Slot, Token};

/// Most notes of a cell: sixteen sixteenths, four at a time. A network that writes more is off track.
const MAX_NOTES_PER_CELL: usize = 64;

/// Context reserved for each cell to compose, in tokens.
const TOKENS_PER_CELL: usize = 24;

/// Progress of the first take.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Number of bars begun.
    pub n_bars: usize,
    /// Number of bars to compose.
    pub n_bars_total: usize,
    /// Number of oldest given bars left out for lack of context.
    pub n_dropped_bars: u32,
    prompt: &'a Prompt,
    skeleton: &'a Skeleton,
    performer: &'a Performer,
    body: &'a [Token],
}

impl Progress<'_> {
    /// The same with no notes to show.
    pub(super) const fn unshown(&self) -> Self {
        Self { n_bars: 0, body: &[], ..*self }
    }

    /// The notes of the first take so far; in the bar begun last, some or all notes are missing.
    pub fn phrase(&self) -> Phrase {
        super::assemble::assemble(self.prompt, self.skeleton, self.performer, self.body)
    }
}

/// One take to decode.
#[derive(Debug)]
pub struct Order {
    /// Index of the take.
    pub take: u32,
    /// The network's prompt.
    pub prompt: Prompt,
    /// Adjusts logits towards what is asked; `None` if the prefix alone is enough.
    pub steering: Option<Steering>,
    /// Which bars repeat which.
    pub plan: BarPlan,
    /// Who performs what is composed.
    pub performer: Performer,
}

/// Decodes `orders`; returns their bodies in order. The cells that they compose may differ from those of `task`.
///
/// # Errors
///
/// As [`super::compose`].
pub fn run(
    model: &Model,
    orders: &[Order],
    skeleton: &Skeleton,
    task: &Task,
    seed: u64,
    progress: &mut impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Vec<Token>>, ComposeError> {
    let network = model.network();
    let context_len = network.config().context_len;
    let Some(first) = orders.first() else { return Ok(Vec::new()) };
    let (prefixes, n_dropped_bars) = prefixes(orders, context_len)?;
    let plan = first.prompt.plan();
    let frame = first.prompt.frame();
    let mut candidates: Vec<Candidate> =
        orders.iter().map(|order| Candidate::new(order, skeleton, task, model)).collect();
    let mut session = network.session(candidates.len(), context_len)?;
    prefill(&mut session, &prefixes)?;
    let mut dice = Dice { sampler: Sampler::new(), task, seed };
    let mut n_left: Vec<usize> = prefixes.iter().map(|prefix| context_len - prefix.len()).collect();
    loop {
        let shown = &candidates[0];
        let report = Progress {
            n_bars: shown.n_bars(&plan),
            n_bars_total: plan.bars.len(),
            n_dropped_bars,
            prompt: &first.prompt,
            skeleton,
            performer: &first.performer,
            body: &shown.body,
        };
        if progress(&report).is_break() {
            return Err(ComposeError::Cancelled);
        }
        let active: Vec<usize> =
            (0..candidates.len()).filter(|&idx| !candidates[idx].grammar.is_complete()).collect();
        if active.is_empty() {
            return Ok(candidates.into_iter().map(|candidate| candidate.body).collect());
        }
        for &idx in &active {
            candidates[idx].begin(n_left[idx]);
        }
        for slot in Slot::ALL {
            draw_slot(&mut candidates, &active, &mut session, (frame, slot), &mut dice)?;
        }
        let tokens: Vec<[u32; N_SLOTS]> = active.iter().map(|&idx| to_ids(candidates[idx].next)).collect();
        for &idx in &active {
            candidates[idx].end(frame);
            n_left[idx] -= 1;
        }
        if candidates.iter().any(|candidate| !candidate.grammar.is_complete()) {
            session.step(&active, &tokens)?;
        }
    }
}

/// The prefixes of `orders`, in order, and the number of given bars that the first leaves out for lack of context.
///
/// # Errors
///
/// [`ComposeError::NoRoom`] if a prefix leaves no room for its body.
fn prefixes(orders: &[Order], context_len: usize) -> Result<(Vec<Vec<Token>>, u32), ComposeError> {
    let mut prefixes: Vec<Vec<Token>> = Vec::new();
    let mut n_dropped_bars = 0;
    for (idx, order) in orders.iter().enumerate() {
        // Takes without steering share their prompt.
        if idx > 0 && order.prompt == orders[0].prompt {
            prefixes.push(prefixes[0].clone());
            continue;
        }
        let wanted = n_tokens_wanted(&order.prompt);
        let (prefix, n_dropped) = order.prompt.to_tokens(context_len.saturating_sub(wanted));
        if prefix.len() + wanted > context_len {
            return Err(ComposeError::NoRoom { n_tokens: prefix.len() + wanted, context_len });
        }
        if idx == 0 {
            n_dropped_bars = n_dropped;
        }
        prefixes.push(prefix);
    }
    Ok((prefixes, n_dropped_bars))
}

/// Prefills `prefixes`, one for each candidate; once if all are the same.
fn prefill(session: &mut Session, prefixes: &[Vec<Token>]) -> Result<(), ComposeError> {
    let ids_of = |prefix: &[Token]| prefix.iter().map(|token| to_ids(*token)).collect::<Vec<_>>();
    session.prefill(0, &ids_of(&prefixes[0]))?;
    if prefixes.iter().all(|prefix| *prefix == prefixes[0]) {
        session.broadcast();
        return Ok(());
    }
    for (idx, prefix) in prefixes.iter().enumerate().skip(1) {
        session.prefill(idx, &ids_of(prefix))?;
    }
    Ok(())
}

/// Chooses `slot` of the current tokens of the `active` candidates; the network runs only for those with more than one
/// allowed id.
fn draw_slot(
    candidates: &mut [Candidate],
    active: &[usize],
    session: &mut Session,
    (frame, slot): (&Frame, Slot),
    dice: &mut Dice<'_>,
) -> Result<(), ComposeError> {
    let mut open = Vec::new();
    for &idx in active {
        if !candidates[idx].restrict(frame, slot) {
            open.push(idx);
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let next: Vec<[u32; N_SLOTS]> = open.iter().map(|&idx| to_ids(candidates[idx].next)).collect();
    let logits = session.slot_logits(slot.index(), &open, &next)?;
    let rows = logits.chunks_exact(usize::from(SLOT_SIZES[slot.index()]));
    for (&idx, row) in open.iter().zip(rows) {
        candidates[idx].draw(frame, slot, row, dice)?;
    }
    Ok(())
}

/// Whether the body of `prompt` fits into the network's context.
pub fn fits(network: &Network, prompt: &Prompt) -> bool {
    let (context_len, wanted) = (network.config().context_len, n_tokens_wanted(prompt));
    prompt.to_tokens(context_len.saturating_sub(wanted)).0.len() + wanted <= context_len
}

/// Length needed for the body of `prompt`, in tokens.
fn n_tokens_wanted(prompt: &Prompt) -> usize {
    let n_known = constraint::Pinned::new(prompt).n_left() + prompt.skeleton.len();
    prompt.compose().len() * TOKENS_PER_CELL + n_known
}

/// Sampling state shared by all takes.
struct Dice<'a> {
    sampler: Sampler,
    task: &'a Task,
    seed: u64,
}

/// One take being decoded.
struct Candidate {
    take: u32,
    grammar: Grammar,
    pinned: constraint::Pinned,
    skeleton: constraint::Skeleton,
    rules: Vec<Box<dyn Constraint>>,
    follower: Follower,
    steering: Option<Steering>,
    /// The logits after steering.
    leaned: Vec<f32>,
    body: Vec<Token>,
    /// The current token; slots not yet chosen are 0.
    next: Token,
    /// The pinned note that replaces the current token.
    pin: Option<Token>,
    mask: Mask,
    n_notes_in_cell: usize,
    /// Whether it may write no further notes of its own, for lack of context.
    is_short: bool,
}

impl Candidate {
    fn new(order: &Order, skeleton: &Skeleton, task: &Task, model: &Model) -> Self {
        let prompt = &order.prompt;
        Self {
            take: order.take,
            grammar: Grammar::new(&prompt.plan()),
            pinned: constraint::Pinned::new(prompt),
            skeleton: constraint::Skeleton::new(skeleton, prompt.given()),
            rules: vec![
                Box::new(constraint::Grid::new(task.rules)),
                Box::new(constraint::Range::new(task.rules)),
                // Rules that restrict positions come before the scale rule, whose passing notes need a position to
                // continue to.
                Box::new(constraint::Closing::new(task)),
                Box::new(constraint::Cadence::new(task, prompt)),
                Box::new(constraint::Scale::new(task, prompt)),
                Box::new(constraint::HarmonicMotion::new(task, prompt, model.harmonist())),
                Box::new(constraint::Fill::new(task)),
                Box::new(constraint::Presence::new(task, prompt.given())),
                Box::new(constraint::Overlap::new(task.rules, prompt.given())),
                // Last, since it only restricts what the others leave.
                Box::new(constraint::Voicing::new(task)),
            ],
            follower: Follower::new(order.plan.clone(), prompt),
            steering: order.steering.clone(),
            leaned: Vec::new(),
            body: Vec::new(),
            next: Token::default(),
            pin: None,
            mask: Mask::forbidding_all(Slot::Kind),
            n_notes_in_cell: 0,
            is_short: false,
        }
    }

    /// Number of bars of `plan` begun.
    fn n_bars(&self, plan: &Plan) -> usize {
        match self.grammar.bar() {
            Some(bar) => plan.bars.iter().filter(|planned| planned.bar <= bar).count(),
            None if self.body.is_empty() => 0,
            None => plan.bars.len(),
        }
    }

    /// Starts a token; `n_left` tokens of context are left.
    fn begin(&mut self, n_left: usize) {
        (self.next, self.pin) = (Token::default(), None);
        self.follower.begin(&self.grammar);
        let n_needed = self.grammar.n_headers_left() + self.pinned.n_left() + self.skeleton.n_left();
        self.is_short = n_left <= n_needed + 1 || self.n_notes_in_cell >= MAX_NOTES_PER_CELL;
    }

    /// Finds the allowed ids of `slot`; if there is only one, fills it in and returns true.
    fn restrict(&mut self, frame: &Frame, slot: Slot) -> bool {
        if let Some(pin) = self.pin {
            self.next.0[slot.index()] = pin.0[slot.index()];
            return true;
        }
        let before = self.next;
        let place = Place { frame, grammar: &self.grammar, before: &before.0[..slot.index()] };
        let mut mask = self.grammar.mask(slot, place.before);
        self.pinned.restrict_chords(&place, slot, &mut mask);
        self.follower.restrict_chords(&place, slot, &mut mask);
        let is_known = self.skeleton.restrict(&place, slot, &mut mask);
        if self.is_short && !is_known && slot == Slot::Kind && self.grammar.cell().is_some() {
            let header = self.grammar.next_header().map(|header| header.0[0]);
            mask.retain(|id| Some(id) == header);
        }
        let mut ruled = ruled_by(&self.rules, &place, slot, &mask);
        self.skeleton.leave_room(&place, slot, &mut ruled);
        if slot == Slot::Kind {
            self.forbid_full_chord(frame, &mut ruled);
        }
        let (rules, grammar) = (&self.rules, &self.grammar);
        self.follower.restrict(&place, slot, &mut ruled, |kind| pitches_after(kind, rules, grammar, frame));
        self.mask = if ruled.allowed().next().is_some() { ruled } else { mask };
        let sole = self.mask.sole();
        if let Some(id) = sole {
            self.fill(frame, slot, id);
        }
        sole.is_some()
    }

    /// Forbids another note at the last position if no pitch above the last one is allowed there.
    fn forbid_full_chord(&self, frame: &Frame, ruled: &mut Mask) {
        let Some(position) = self.grammar.last_position().and_then(|at| u16::try_from(at).ok()) else {
            return;
        };
        let kind = Token::NOTE_KINDS + position;
        if pitches_after(kind, &self.rules, &self.grammar, frame).allowed().next().is_none() {
            ruled.forbid(kind);
        }
    }

    /// Writes `id` into `slot`, or the pinned note that it would skip.
    fn fill(&mut self, frame: &Frame, slot: Slot, id: u16) {
        let before = self.next;
        let place = Place { frame, grammar: &self.grammar, before: &before.0[..slot.index()] };
        self.pin = self.pinned.instead(&place, slot, id);
        self.next.0[slot.index()] = self.pin.map_or(id, |pin| pin.0[slot.index()]);
    }

    fn draw(
        &mut self,
        frame: &Frame,
        slot: Slot,
        logits: &[f32],
        dice: &mut Dice<'_>,
    ) -> Result<(), ComposeError> {
        let key = DrawKey {
            seed: dice.seed,
            take: self.take,
            step: u64::try_from(self.body.len()).unwrap_or(u64::MAX),
            slot: u32::try_from(slot.index()).unwrap_or(0),
        };
        self.leaned.clear();
        self.leaned.extend_from_slice(logits);
        if let Some(steering) = &mut self.steering {
            let place = Place { frame, grammar: &self.grammar, before: &self.next.0[..slot.index()] };
            steering.lean(&place, slot, &self.mask, &mut self.leaned);
        }
        let place = Place { frame, grammar: &self.grammar, before: &self.next.0[..slot.index()] };
        for rule in &self.rules {
            rule.lean(&place, slot, &mut self.leaned);
        }
        let spread = dice.task.spread(self.grammar.cell().map(|cell| cell.part), slot);
        let params = SamplingParams {
            temperature: spread.temperature,
            top_k: dice.task.sampling.top_k,
            top_p: spread.top_p,
        };
        self.follower.lean(&place, slot, &mut self.leaned);
        let id = dice
            .sampler
            .draw(&self.leaned, self.mask.forbidden(), &params, key)
            .ok_or(ComposeError::NoChoice)?;
        self.fill(frame, slot, u16::try_from(id).map_err(|_| ComposeError::NoChoice)?);
        Ok(())
    }

    /// Ends the current token and adds it to the body.
    fn end(&mut self, frame: &Frame) {
        let token = self.next;
        let cell: Option<Cell> = self.grammar.cell();
        let place = Place { frame, grammar: &self.grammar, before: &[] };
        self.pinned.step(&self.grammar, token);
        self.skeleton.step(&place, token, self.pin.is_some());
        for rule in &mut self.rules {
            rule.step(&place, token);
        }
        self.follower.step(&place, token);
        if let Some(steering) = &mut self.steering {
            steering.step(&place, token);
        }
        self.grammar.advance(token);
        self.body.push(token);
        let is_note = cell.is_some() && cell == self.grammar.cell();
        self.n_notes_in_cell = if is_note { self.n_notes_in_cell + 1 } else { 0 };
    }
}

/// `mask` without what `rules` forbid.
fn ruled_by(rules: &[Box<dyn Constraint>], place: &Place, slot: Slot, mask: &Mask) -> Mask {
    let mut ruled = mask.clone();
    for rule in rules {
        rule.restrict(place, slot, &mut ruled);
    }
    ruled
}

/// The pitches allowed after `kind`.
fn pitches_after(kind: u16, rules: &[Box<dyn Constraint>], grammar: &Grammar, frame: &Frame) -> Mask {
    let before = [kind];
    let place = Place { frame, grammar, before: &before };
    ruled_by(rules, &place, Slot::Pitch, &grammar.mask(Slot::Pitch, &before))
}

fn to_ids(token: Token) -> [u32; N_SLOTS] {
    token.0.map(u32::from)
}
