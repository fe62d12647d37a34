//! Sums the losses of windows by slot, part and family.

use std::collections::BTreeSet;

use super::{EvalError, Window, real};
use crate::model::{Network, SLOTS};
use crate::token::Slot;
use crate::training::example::Group;

use super::context::N_HEADLINE_SLOTS;

/// The network's losses: nats, indexed by `[window][token][slot]`, 0 where nothing counts.
///
/// `progress` — called with the windows done.
///
/// # Errors
///
/// A window longer than the network's context.
pub fn of_network(
    network: &Network,
    windows: &[Window],
    mut progress: impl FnMut(usize),
) -> Result<Vec<Vec<[f32; SLOTS]>>, EvalError> {
    let mut all = Vec::with_capacity(windows.len());
    for (n_done, window) in windows.iter().enumerate() {
        progress(n_done);
        let ids: Vec<[u32; SLOTS]> = window.tokens.iter().map(|token| token.0.map(u32::from)).collect();
        all.push(network.nats(&ids, &window.loss)?);
    }
    Ok(all)
}

/// A sum of nats with the numbers of slots, notes and families that it is over.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Indexed by `[slot_idx]`.
    nats: [f64; SLOTS],
    /// Number of slots that count, indexed by `[slot_idx]`.
    n_slots: [usize; SLOTS],
    n_notes: usize,
    families: BTreeSet<u32>,
}

impl Tally {
    /// Adds the tokens of `window` from `first` on for whose group `wants` is true.
    ///
    /// `nats` — indexed by `[token][slot]`.
    pub fn add(&mut self, window: &Window, nats: &[[f32; SLOTS]], first: usize, wants: impl Fn(u8) -> bool) {
        let n_notes_before = self.n_notes;
        for (idx, nats) in nats.iter().enumerate().skip(first).filter(|(idx, _)| wants(window.group(*idx))) {
            for (slot, nats) in nats.iter().enumerate().filter(|(slot, _)| window.counts(idx, *slot)) {
                self.nats[slot] += f64::from(*nats);
                self.n_slots[slot] += 1;
            }
            let is_note = window.group(idx) < Group::Harmony.index();
            self.n_notes += usize::from(is_note && window.counts(idx, Slot::Pitch.index()));
        }
        if self.n_notes > n_notes_before {
            self.families.insert(window.record.family);
        }
    }

    /// Headline nats per note: kind, pitch and duration. `None` without notes.
    pub fn per_note(&self) -> Option<f64> {
        let nats: f64 = self.nats[..N_HEADLINE_SLOTS].iter().sum();
        (self.n_notes > 0).then(|| nats / real(self.n_notes))
    }

    /// Nats of `slot` per token where it counts. `None` without any.
    pub fn per_slot(&self, slot: Slot) -> Option<f64> {
        let n = self.n_slots[slot.index()];
        (n > 0).then(|| self.nats[slot.index()] / real(n))
    }

    /// Nats of `slot` per note. `None` without notes.
    pub fn slot_per_note(&self, slot: Slot) -> Option<f64> {
        (self.n_notes > 0).then(|| self.nats[slot.index()] / real(self.n_notes))
    }

    /// Number of notes.
    pub const fn n_notes(&self) -> usize {
        self.n_notes
    }

    /// Number of tokens where `slot` counts.
    pub const fn n_slots(&self, slot: Slot) -> usize {
        self.n_slots[slot.index()]
    }

    /// Number of families with notes.
    pub fn n_families(&self) -> usize {
        self.families.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::shard::Record;
    use crate::token::{SLOT_SIZES, Token};

    /// A window of family `family` with one byte a token.
    pub fn window(family: u32, loss: &[u8]) -> Window {
        let record = Record {
            offset: 0,
            n_tokens: 0,
            n_notes: 0,
            styles: 1,
            parts: 0b1_0000,
            task: 0,
            is_headline: true,
            variant: 0,
            family,
            source: 0,
        };
        Window { record, tokens: vec![Token::default(); loss.len()], loss: loss.to_vec() }
    }

    #[test]
    fn adds_what_counts() {
        const MELODY: u8 = 4 << 4;
        const HARMONY: u8 = 5 << 4;
        const STRUCTURE: u8 = 6 << 4;
        let mut tally = Tally::default();
        // The first token never counts; then a bar line, a note with velocity, one without, a chord, the end of a cell.
        let loss = [15 | MELODY, 1 | STRUCTURE, 15 | MELODY, 7 | MELODY, 15 | HARMONY, 1 | MELODY];
        let nats = [
            [9.0; 4],
            [0.5, 0.0, 0.0, 0.0],
            [1.0, 2.0, 3.0, 4.0],
            [1.0, 1.0, 1.0, 0.0],
            [9.0; 4],
            [0.5, 0.0, 0.0, 0.0],
        ];
        tally.add(&window(1, &loss), &nats, 0, |group| group != 5);
        tally.add(&window(1, &loss), &nats, 0, |group| group != 5);
        assert_eq!((tally.n_notes(), tally.n_families()), (4, 1));
        assert_eq!(tally.per_note(), Some(5.0));
        assert_eq!((tally.per_slot(Slot::Kind), tally.slot_per_note(Slot::Kind)), (Some(0.75), Some(1.5)));
        assert_eq!((tally.per_slot(Slot::Velocity), tally.n_slots(Slot::Velocity)), (Some(4.0), 2));
        tally.add(&window(2, &loss), &nats, 4, |group| group == 4);
        assert_eq!((tally.n_notes(), tally.n_families()), (4, 1), "no note, no family");
        assert_eq!(Tally::default().per_note(), None);
    }

    #[test]
    fn a_uniform_model_loses_the_logarithm_of_the_vocabulary() {
        let loss = [0, 7 | 4 << 4, 7 | 4 << 4];
        let uniform =
            [0, 1, 2, 3].map(|slot| crate::model::nats(&vec![0.3; usize::from(SLOT_SIZES[slot])], None, 5));
        let mut tally = Tally::default();
        tally.add(&window(1, &loss), &[uniform; 3], 0, |_| true);
        let expect: f64 = SLOT_SIZES[..3].iter().map(|size| f64::from(*size).ln()).sum();
        assert!((tally.per_note().unwrap() - expect).abs() < 1e-5);
    }
}
