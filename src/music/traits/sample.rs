//! A phrase prepared for measuring traits, and small statistics.

use std::collections::BTreeMap;

use crate::music::phrase::Part;
use crate::music::pitch::PitchClass;
use crate::music::progression::Progression;
use crate::music::quality::{Line, real};
use crate::music::scale::Key;
use crate::music::time::TickInstant;
use crate::music::{Chord, Pitch};

/// A number of a facet: its name, and its value where there is enough to measure.
pub type Trait = (&'static str, Option<f64>);

/// A phrase, prepared for measuring.
pub struct Sample {
    pub key: Key,
    /// As recognised from the notes; empty where neither chords nor arpeggio play.
    pub chords: Progression,
    /// Indexed by `[part_idx]`; `None` where there is too little.
    pub lines: [Option<Line>; 5],
}

impl Sample {
    pub fn line(&self, part: Part) -> Option<&Line> {
        self.lines[part.index()].as_ref()
    }

    /// The chord recognised at a step of the grid.
    pub fn chord_at(&self, step: u32) -> Option<Chord> {
        self.chords.at(TickInstant::from_steps(step))?.chord
    }
}

/// The class of a MIDI note number.
pub fn class(pitch: u8) -> PitchClass {
    Pitch::clamped(i32::from(pitch)).class()
}

/// Mean of `values`; `None` without any.
pub fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.into_iter().fold((0.0, 0), |(sum, n), value| (sum + value, n + 1));
    (n > 0).then(|| sum / real(n))
}

/// Standard deviation of `values`; `None` without any.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let centre = mean(values.iter().copied())?;
    mean(values.iter().map(|value| (value - centre).powi(2))).map(f64::sqrt)
}

/// Share of `items` that `is_so`; `None` without any.
pub fn share_of<T>(items: impl IntoIterator<Item = T>, is_so: impl Fn(T) -> bool) -> Option<f64> {
    mean(items.into_iter().map(|item| f64::from(u8::from(is_so(item)))))
}

/// How many different `items` there are.
pub fn n_different<T: Ord>(items: impl IntoIterator<Item = T>) -> usize {
    counts(items).len()
}

/// Shannon entropy of `items`, in bits; `None` without any.
pub fn entropy<T: Ord>(items: impl IntoIterator<Item = T>) -> Option<f64> {
    let counts = counts(items);
    let n: usize = counts.values().sum();
    let of = |count: &usize| {
        let share = real(*count) / real(n);
        -share * share.log2()
    };
    (n > 0).then(|| counts.values().map(of).sum())
}

/// Share of the commonest of `items`; `None` without any.
pub fn commonest<T: Ord>(items: impl IntoIterator<Item = T>) -> Option<f64> {
    let counts = counts(items);
    let n: usize = counts.values().sum();
    counts.values().max().map(|most| real(*most) / real(n))
}

fn counts<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts
}
