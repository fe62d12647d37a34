//! Qualities of the line of a part.

use std::collections::HashMap;
use std::ops::Range;

use super::line::{GridNote, Line};
use super::ratio::{real, share};

/// Most different pitches of frozen bars: a repeated note, or a pair held or alternated.
const FROZEN_PITCHES: usize = 2;

/// Fewest moves or figures of which a share is measured.
const FEWEST: usize = 4;

/// Fewest semitones of a leap that should be recovered.
const LEAP: i32 = 5;

/// See [`super::Quality::Repeats`].
pub fn repeats(line: &Line) -> Option<f64> {
    let groups: Vec<Vec<u8>> =
        line.groups().map(|group| group.iter().map(|note| note.pitch).collect()).collect();
    let n_moves = groups.len() - 1;
    let n_repeats = groups.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if n_moves < FEWEST { None } else { share(n_repeats, n_moves) }
}

/// See [`super::Quality::Freeze`].
pub fn freeze(line: &Line) -> f64 {
    let run = frozen_bars(line);
    f64::from(run.end - run.start) / f64::from(line.n_bars)
}

/// The longest run of bars in which at most two different pitches sound, the first of equal ones. Silent bars end it.
pub fn frozen_bars(line: &Line) -> Range<u32> {
    let bars = line.pitches_of_bars();
    let mut longest = 0..0;
    for first in 0..bars.len() {
        let mut sounding: Vec<u8> = Vec::new();
        let mut end = first;
        for pitches in bars[first..].iter().take_while(|pitches| !pitches.is_empty()) {
            sounding.extend(pitches);
            sounding.sort_unstable();
            sounding.dedup();
            if sounding.len() > FROZEN_PITCHES {
                break;
            }
            end += 1;
        }
        if end - first > longest.end - longest.start {
            longest = first..end;
        }
    }
    let to_bar = |idx: usize| u32::try_from(idx).unwrap_or(u32::MAX);
    to_bar(longest.start)..to_bar(longest.end)
}

/// See [`super::Quality::LeapsRecovered`].
pub fn leaps_recovered(line: &Line) -> Option<f64> {
    let moves = moves(line);
    let leaps = || moves.windows(2).filter(|pair| pair[0].abs() >= LEAP);
    let n_leaps = leaps().count();
    let is_recovered = |pair: &&[i32]| pair[1].abs() <= 2 || pair[1].signum() != pair[0].signum();
    if n_leaps < FEWEST { None } else { share(leaps().filter(is_recovered).count(), n_leaps) }
}

/// See [`super::Quality::Figures`].
pub fn figures(line: &Line) -> Option<f64> {
    let top = line.top();
    let moves = moves(line);
    let mut n_of: HashMap<(i32, i32, u32, u32), usize> = HashMap::new();
    for (notes, moves) in top.windows(3).zip(moves.windows(2)) {
        let figure =
            (size_class(moves[0]), size_class(moves[1]), notes[1].0 - notes[0].0, notes[2].0 - notes[1].0);
        *n_of.entry(figure).or_default() += 1;
    }
    let n: usize = n_of.values().sum();
    if n < FEWEST { None } else { share(n_of.values().filter(|n| **n > 1).sum(), n) }
}

/// See [`super::Quality::Span`].
pub fn span(line: &Line) -> f64 {
    let pitches = || line.notes.iter().map(|note: &GridNote| usize::from(note.pitch));
    real(pitches().max().unwrap_or(0) - pitches().min().unwrap_or(0))
}

/// Semitones from each top note to the next.
fn moves(line: &Line) -> Vec<i32> {
    line.top().windows(2).map(|pair| i32::from(pair[1].1) - i32::from(pair[0].1)).collect()
}

/// The size class of a move: 0 for a repetition, 1 for a step, 2 for a third, 3 for more, negative downwards.
fn size_class(semitones: i32) -> i32 {
    let size = match semitones.abs() {
        0 => 0,
        1 | 2 => 1,
        3 | 4 => 2,
        _ => 3,
    };
    size * semitones.signum()
}
