//! Qualities of the outer voices: the melody over the lowest notes, and the bass under the chords.

use super::line::{GridNote, Line};
use super::ratio::share;
use crate::music::progression::Progression;
use crate::music::time::TickInstant;

/// Fewest moves, onsets or notes of which a share is measured.
const FEWEST: usize = 6;

/// See [`super::Quality::Parallels`]; `None` with fewer than six moves of both.
pub fn parallels<'a>(melody: &Line, others: impl Iterator<Item = &'a Line> + Clone) -> Option<f64> {
    let lowest_at = |step: u32| {
        let pitched = others.clone().filter(|other| !other.part.is_drums());
        pitched.flat_map(|other| sounding(other, step)).map(|note| note.pitch).min()
    };
    let pairs: Vec<(i16, i16)> = melody
        .top()
        .into_iter()
        .filter_map(|(step, top)| Some((i16::from(top), i16::from(lowest_at(step)?))))
        .collect();
    let moves = || pairs.windows(2).filter(|pair| pair[0].0 != pair[1].0 && pair[0].1 != pair[1].1);
    let is_parallel = |pair: &&[(i16, i16)]| {
        let interval = |of: (i16, i16)| (of.0 - of.1).rem_euclid(12);
        let (before, after) = (pair[0], pair[1]);
        let is_same_way = (after.0 > before.0) == (after.1 > before.1);
        is_same_way && interval(before) == interval(after) && [0, 7].contains(&interval(after))
    };
    let n_moves = moves().count();
    if n_moves < FEWEST { None } else { share(moves().filter(is_parallel).count(), n_moves) }
}

/// See [`super::Quality::Buried`]; `None` with fewer than six onsets under chords.
pub fn buried(melody: &Line, chords: &Line) -> Option<f64> {
    let pairs: Vec<(u8, u8)> = melody
        .top()
        .into_iter()
        .filter_map(|(step, top)| Some((top, sounding(chords, step).map(|note| note.pitch).min()?)))
        .collect();
    let n_buried = pairs.iter().filter(|(top, lowest)| top < lowest).count();
    if pairs.len() < FEWEST { None } else { share(n_buried, pairs.len()) }
}

/// See [`super::Quality::HeldOver`]; `None` with fewer than six notes.
pub fn held_over(bass: &Line, chords: &Progression) -> Option<f64> {
    let n_changes = |note: &GridNote| {
        let (start, end) = (TickInstant::from_steps(note.step), TickInstant::from_steps(note.end));
        let inside = |span: &&crate::music::ChordSpan| start < span.onset && span.onset < end;
        let before = chords.at(start).and_then(|span| span.chord);
        let inner = chords.spans().iter().filter(inside).filter_map(|span| span.chord);
        let mut all: Vec<crate::music::Chord> = before.into_iter().chain(inner).collect();
        all.dedup();
        all.len().saturating_sub(1)
    };
    let n_held = bass.notes.iter().filter(|note| n_changes(note) >= 2).count();
    if bass.notes.len() < FEWEST { None } else { share(n_held, bass.notes.len()) }
}

/// The notes of `line` that sound at `step`.
fn sounding(line: &Line, step: u32) -> impl Iterator<Item = &GridNote> {
    line.notes.iter().filter(move |note| note.step <= step && step < note.end)
}
