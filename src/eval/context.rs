//! The contexts from which the floor predicts a slot: features of the tokens before it, coarse to fine.
//!
//! A context of order `n` is the first `n` features. All of them are visible to the network as well: slots of earlier
//! tokens, the token's own slots before this one, the part whose cell is being written, and the header that the plan
//! puts next.

use super::Window;
use crate::token::{N_SLOTS, Token};
use crate::training::example::Group;

/// Most features of a context.
pub const N_FEATURES: usize = 17;

/// Slots that the headline counts: kind, pitch, duration.
pub const N_HEADLINE_SLOTS: usize = 3;

/// Stands for a missing earlier token.
const NOTHING: Token = Token([u16::MAX; N_SLOTS]);

/// Number of earlier tokens in the history.
const N_RECENT: usize = 5;

/// The set of features and their order, from the last of which contexts back off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Variant {
    /// Part and next header, then the flattened stream backwards.
    Stream,
    /// Features of the notes of the same part, the most informative of each slot first.
    ///
    /// # Source
    ///
    /// J. A. Bilmes and K. Kirchhoff, "Factored Language Models and Generalized Parallel Backoff", HLT-NAACL 2003.
    Factored,
}

/// A slot to predict.
#[derive(Debug, Clone, Copy)]
pub struct Event {
    /// Index of its window.
    pub window: u32,
    /// Index of its token.
    pub token: u32,
    /// Its id.
    pub value: u16,
    /// Family of the window.
    pub family: u32,
    /// The features, coarse to fine.
    pub features: [u16; N_FEATURES],
}

/// Every slot `slot` of `windows` that the headline counts, with its context.
pub fn events(windows: &[Window], slot: usize, variant: Variant) -> Vec<Event> {
    let mut events = Vec::new();
    for (window_idx, window) in (0..).zip(windows) {
        let next_headers = next_headers(&window.tokens);
        let mut history = History::new();
        for (idx, token) in window.tokens.iter().enumerate() {
            let group = window.group(idx);
            if window.counts(idx, slot) && group != Group::Harmony.index() {
                let seen = history.seen(group, next_headers[idx]);
                let features = match variant {
                    Variant::Stream => seen.stream(token, slot),
                    Variant::Factored => seen.factored(token, slot),
                };
                events.push(Event {
                    window: window_idx,
                    token: u32::try_from(idx).unwrap_or(u32::MAX),
                    value: token.0[slot],
                    family: window.record.family,
                    features,
                });
            }
            history.push(*token, group);
        }
    }
    events
}

fn is_note(token: Token) -> bool {
    (Token::NOTE_KINDS..Token::CHORD_KINDS).contains(&token.0[0])
}

/// For each token the kind of the first header from there on: the plan of the prompt fixes it.
fn next_headers(tokens: &[Token]) -> Vec<u16> {
    let mut next = u16::MAX;
    let mut headers: Vec<u16> = Vec::with_capacity(tokens.len());
    for token in tokens.iter().rev() {
        if !is_note(*token) {
            next = token.0[0];
        }
        headers.push(next);
    }
    headers.reverse();
    headers
}

type Recent = [Token; N_RECENT];

/// The last tokens, of all parts and of each group, newest first.
struct History {
    all: Recent,
    /// Indexed by `[group]`.
    of_group: [Recent; Group::NAMES.len()],
    /// The same without headers, which have no pitch and no duration.
    notes: [Recent; Group::NAMES.len()],
}

impl History {
    fn new() -> Self {
        let nothing = [[NOTHING; N_RECENT]; Group::NAMES.len()];
        Self { all: [NOTHING; N_RECENT], of_group: nothing, notes: nothing }
    }

    fn push(&mut self, token: Token, group: u8) {
        let remember = |recent: &mut Recent| {
            recent.rotate_right(1);
            recent[0] = token;
        };
        remember(&mut self.all);
        let group = usize::from(group).min(Group::NAMES.len() - 1);
        remember(&mut self.of_group[group]);
        if is_note(token) {
            remember(&mut self.notes[group]);
        }
    }

    fn seen(&self, group: u8, next_header: u16) -> Seen<'_> {
        let idx = usize::from(group).min(Group::NAMES.len() - 1);
        Seen {
            group: u16::from(group),
            next_header,
            all: &self.all,
            part: &self.of_group[idx],
            notes: &self.notes[idx],
        }
    }
}

/// The tokens and header that are visible before a token.
struct Seen<'a> {
    group: u16,
    next_header: u16,
    all: &'a Recent,
    part: &'a Recent,
    notes: &'a Recent,
}

impl Seen<'_> {
    fn stream(&self, token: &Token, slot: usize) -> [u16; N_FEATURES] {
        let own = (0..slot).rev().map(|slot| token.0[slot]);
        let before = self.all.iter().flat_map(|token| (0..N_HEADLINE_SLOTS).rev().map(|slot| token.0[slot]));
        filled([self.group, self.next_header].into_iter().chain(own).chain(before))
    }

    /// The features of [`Variant::Factored`] for `slot`. Longer than other functions: a row for each feature.
    fn factored(&self, token: &Token, slot: usize) -> [u16; N_FEATURES] {
        let (own_kind, own_pitch) = (token.0[0], token.0[1]);
        // The positions of the last tokens of the part.
        let at = |idx: usize| self.part[idx].0[0];
        // Position, pitch and duration of its last notes.
        let note_at = |idx: usize| self.notes[idx].0[0];
        let pitch = |idx: usize| self.notes[idx].0[1];
        let long = |idx: usize| self.notes[idx].0[2];
        let is_together = u16::from(own_kind == at(0));
        let (group, next) = (self.group, self.next_header);
        match slot {
            0 => filled([
                group,
                at(0),
                next,
                long(0),
                at(1),
                long(1),
                at(2),
                at(3),
                pitch(0),
                at(4),
                long(2),
                pitch(1),
                pitch(2),
                long(3),
                pitch(3),
            ]),
            1 => filled([
                group,
                pitch(0),
                is_together,
                pitch(1),
                pitch(2),
                own_kind,
                pitch(3),
                at(0),
                long(0),
                at(1),
                long(1),
                pitch(4),
                at(2),
                long(2),
                at(3),
                long(3),
            ]),
            _ => filled([
                group,
                own_kind,
                long(0),
                is_together,
                long(1),
                note_at(0),
                own_pitch,
                note_at(1),
                long(2),
                pitch(0),
                pitch(1),
                at(2),
                pitch(2),
                at(3),
                pitch(3),
                long(3),
            ]),
        }
    }
}

/// The features, filled up with a constant.
fn filled(features: impl IntoIterator<Item = u16>) -> [u16; N_FEATURES] {
    let mut all = [u16::MAX; N_FEATURES];
    for (place, feature) in all.iter_mut().zip(features) {
        *place = feature;
    }
    all
}
