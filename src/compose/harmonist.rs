//! Chords for a melody that has none.
//!
//! Dynamic programming finds the likeliest chords: one for each half bar (for each bar, if it is short), by how well
//! the notes of the melody fit over the root and by which chord follows which in the key, both counted in real music
//! ([`ProgressionTable`]). Written chords stay; where chords or a bass are played, chords are recognised from these
//! instead.
//!
//! # Source
//!
//! The algorithm of Viterbi over a hidden Markov model whose states are chords: Raphael and Stoddard, "Functional harmonic
//! analysis using probabilistic models", Computer Music Journal 28(3), 2004.

mod table;
mod transitions;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::plan::Group;
use crate::music::analysis::harmony;
use crate::music::{
    Chord, ChordQuality, ChordSpan, Frame, Part, Phrase, Progression, TickDuration, TickInstant,
};
use crate::token::Style;

use table::to_f64;
pub use table::{Counts, Melody, N_STATES, ProgressionTable, State, Third};
pub use transitions::Transitions;

/// Weight of the notes of a segment. It is below 1, since the notes of a half bar are not independent.
const EVIDENCE: f64 = 0.8;

/// Weight of the transition probabilities.
const FOLLOWING: f64 = 0.6;

/// Longest duration that counts for a note, in beats.
const LONGEST: f64 = 2.0;

/// Weight of all groups together as a prior of each group's own transitions, in changes.
const SHARED: f64 = 200.0;

/// Finds chords by counts of chord tones and transitions, as logarithms.
#[derive(Debug, Clone, PartialEq)]
pub struct Harmonist {
    /// Indexed by `[is_strong][third][semitones above the root]`.
    tones: [[[f64; 12]; 3]; 2],
    table: ProgressionTable,
    /// Computed when first needed; indexed by `[group][is_minor]`.
    transitions: [[OnceLock<Arc<Transitions>>; 2]; Group::ALL.len()],
}

/// A half bar or bar that has one chord.
struct Segment {
    onset: TickInstant,
    end: TickInstant,
    is_bar_start: bool,
    /// For each note: pitch class above the tonic, beats, and whether it begins on a beat.
    notes: Vec<(u8, f64, bool)>,
}

/// Transition probabilities of one style and mode, as logarithms.
struct Following {
    /// Indexed by `[state]`.
    first: Vec<f64>,
    /// Indexed by `[state]`.
    last: Vec<f64>,
    /// Indexed by `[is_bar_start][from][to]`.
    change: [Vec<Vec<f64>>; 2],
}

impl Harmonist {
    /// A harmonist from the counts of `table`.
    pub fn new(table: ProgressionTable) -> Self {
        let of_third = |counts: &[u64; 12]| {
            let sum: u64 = counts.iter().sum();
            counts.map(|n| ratio(n + 1, sum + 12).ln())
        };
        let tones = [&table.melody.weak, &table.melody.strong]
            .map(|thirds| Third::ALL.map(|third| of_third(third.of(thirds))));
        Self { tones, table, transitions: Default::default() }
    }

    /// The chords of `phrase` in its key: those written; else those recognised from what is played; else those that
    /// suit its melody and `style`. Empty if there is nothing to go by.
    pub fn harmony(&self, phrase: &Phrase, style: Option<Style>) -> Progression {
        let is_accompanied =
            [Part::Bass, Part::Chords, Part::Arpeggio].iter().any(|part| !phrase.notes(*part).is_empty());
        if is_accompanied || !phrase.progression().is_empty() || phrase.notes(Part::Melody).is_empty() {
            return harmony(phrase);
        }
        let segments = segments(phrase);
        let states = self.best(&segments, phrase.frame(), style);
        let is_minor = phrase.frame().key.mode.is_minor();
        let mut spans: Vec<ChordSpan> = Vec::new();
        let mut of_span: Option<State> = None;
        for (segment, state) in segments.iter().zip(states) {
            let duration = segment.end.since(segment.onset);
            if let Some(span) = spans.last_mut().filter(|_| of_span == Some(state)) {
                span.duration = TickDuration(span.duration.0 + duration.0);
                continue;
            }
            of_span = Some(state);
            let quality = self.quality(state, style, is_minor, segment);
            let root = state.root().up(phrase.frame().key.tonic.number());
            spans.push(ChordSpan { onset: segment.onset, duration, chord: Some(Chord::new(root, quality)) });
        }
        Progression::new(spans)
    }

    /// Which chords follow which in `style`, in major or minor.
    pub fn transitions(&self, style: Option<Style>, is_minor: bool) -> &Arc<Transitions> {
        let group = Group::of(style);
        let counted = &self.transitions[group as usize][usize::from(is_minor)];
        counted.get_or_init(|| Arc::new(Transitions::new(&self.table, group, is_minor)))
    }

    /// The likeliest chord of each of `segments`.
    fn best(&self, segments: &[Segment], frame: &Frame, style: Option<Style>) -> Vec<State> {
        let following = self.following(style, frame.key.mode.is_minor());
        let mut scores: Vec<f64> = Vec::new();
        // Indexed by `[segment - 1][state]`: the state before it.
        let mut back: Vec<Vec<usize>> = Vec::new();
        for segment in segments {
            let fits: Vec<f64> = State::all().map(|state| self.fit(segment, state)).collect();
            if scores.is_empty() {
                scores = following.first.iter().zip(fits).map(|(first, fit)| first + fit).collect();
                continue;
            }
            let change = &following.change[usize::from(segment.is_bar_start)];
            let before = |to: usize| {
                let through = scores.iter().enumerate().map(|(from, score)| (score + change[from][to], from));
                through.reduce(|best, next| if next.0 > best.0 { next } else { best }).unwrap_or((0.0, 0))
            };
            let through: Vec<(f64, usize)> = (0..N_STATES).map(before).collect();
            back.push(through.iter().map(|(_, from)| *from).collect());
            scores = through.iter().zip(fits).map(|((score, _), fit)| score + fit).collect();
        }
        let ends = scores.iter().zip(&following.last).map(|(score, last)| score + last).enumerate();
        let last = ends.reduce(|best, next| if next.1 > best.1 { next } else { best });
        let Some((mut state, _)) = last else { return Vec::new() };
        let mut path = vec![state];
        for from in back.iter().rev() {
            state = from[state];
            path.push(state);
        }
        path.into_iter().rev().filter_map(State::from_index).collect()
    }

    /// Log-probability of the notes of `segment` under `state`.
    fn fit(&self, segment: &Segment, state: State) -> f64 {
        let note = |&(class, beats, is_strong): &(u8, f64, bool)| {
            let above = usize::from((class + 12 - state.root().number()) % 12);
            beats.min(LONGEST).sqrt() * self.tones[usize::from(is_strong)][state.third() as usize][above]
        };
        EVIDENCE * segment.notes.iter().map(note).sum::<f64>()
    }

    fn following(&self, style: Option<Style>, is_minor: bool) -> Following {
        let all = self.table.counts(Group::All, is_minor);
        let own = self.table.counts(Group::of(style), is_minor);
        let distribution = |choose: &dyn Fn(&Counts) -> BTreeMap<State, u64>| {
            let of = |counts: Option<&Counts>| {
                let found = counts.map(choose).unwrap_or_default();
                let sum: u64 = found.values().sum();
                (found, sum)
            };
            let (all, n_all) = of(all);
            let (own, n_own) = of(own);
            let probability = |state: State| {
                let n = |found: &BTreeMap<State, u64>| found.get(&state).copied().unwrap_or(0);
                let shared = ratio(2 * n(&all) + 1, 2 * n_all + u64::try_from(N_STATES).unwrap_or(0));
                (to_f64(n(&own)) + SHARED * shared) / (to_f64(n_own) + SHARED)
            };
            State::all().map(|state| FOLLOWING * probability(state).ln()).collect::<Vec<f64>>()
        };
        let changes = |is_bar_start: bool| -> Vec<Vec<f64>> {
            let from = |from: State| {
                distribution(&|counts| {
                    let changes = if is_bar_start { &counts.on_bar } else { &counts.in_bar };
                    changes.get(&from).cloned().unwrap_or_default()
                })
            };
            State::all().map(from).collect()
        };
        Following {
            first: distribution(&|counts| counts.first.clone()),
            last: distribution(&|counts| counts.last.clone()),
            change: [changes(false), changes(true)],
        }
    }

    /// The usual quality of `state` in the style; a triad if the melody would clash with its seventh.
    fn quality(&self, state: State, style: Option<Style>, is_minor: bool, segment: &Segment) -> ChordQuality {
        let of_group = |group| self.table.counts(group, is_minor)?.qualities.get(&state);
        let counted = of_group(Group::of(style)).or_else(|| of_group(Group::All));
        let usual = counted
            .and_then(|counted| counted.iter().max_by_key(|(symbol, n)| (**n, std::cmp::Reverse(*symbol))));
        let plain = state.third().plain();
        let Some(quality) = usual.and_then(|(symbol, _)| ChordQuality::from_symbol(symbol)) else {
            return plain;
        };
        let rubs = |&tone: &u8| {
            let above = state.root().up(tone + 1).number();
            segment.notes.iter().any(|(class, ..)| *class == above)
        };
        let added = quality.tones().iter().filter(|tone| !plain.tones().contains(tone));
        if added.into_iter().any(rubs) { plain } else { quality }
    }
}

/// The segments of `phrase`, with the notes of its melody.
fn segments(phrase: &Phrase) -> Vec<Segment> {
    let frame = phrase.frame();
    let n_halves = n_segments_of_bar(frame);
    let ticks = frame.meter.bar_duration().0 / n_halves;
    let beat = TickDuration::from_steps(frame.meter.felt_beat_steps()).0.max(1);
    (0..frame.n_bars_total() * n_halves)
        .map(|idx| {
            let onset = frame.bar_start(idx / n_halves) + TickDuration(idx % n_halves * ticks);
            let end = onset + TickDuration(ticks);
            let notes =
                phrase.notes(Part::Melody).iter().filter(|note| note.onset < end && onset < note.end());
            let notes = notes.map(|note| {
                let beats = note.end().min(end).since(note.onset.max(onset)).to_beats();
                // A held note also sounds where the chord changes.
                let is_strong =
                    note.onset < onset || note.onset.since(onset).0 % beat < TickDuration::from_steps(1).0;
                (note.pitch.class().above(frame.key.tonic), beats, is_strong)
            });
            Segment { onset, end, is_bar_start: idx % n_halves == 0, notes: notes.collect() }
        })
        .collect()
}

/// Most chords of a bar: two if its halves have the same number of felt beats.
pub fn n_segments_of_bar(frame: &Frame) -> u32 {
    if frame.meter.felt_beats().is_multiple_of(2) { 2 } else { 1 }
}

fn ratio(n: u64, of: u64) -> f64 {
    to_f64(n) / to_f64(of.max(1))
}

#[cfg(test)]
mod tests;
