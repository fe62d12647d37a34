//! Qualities of pitches against chords, key and each other.

use super::line::{GridNote, Line};
use super::ratio::share;
use crate::music::phrase::Phrase;
use crate::music::pitch::PitchClass;
use crate::music::progression::Progression;
use crate::music::time::TickInstant;

/// How rough a minor second or ninth is.
const ROUGHEST: f64 = 1.0;

/// How rough a major seventh is: it is part of common chords.
const ROUGH: f64 = 0.25;

/// See [`super::Quality::ChordTones`]; `None` with fewer than four notes on felt beats.
pub fn chord_tones(phrase: &Phrase, chords: &Progression, line: &Line) -> Option<f64> {
    const FEWEST: usize = 4;
    let bar_steps = phrase.frame().meter.bar_steps();
    let on_beats = || line.notes.iter().filter(|note| line.meter.strength(note.step % bar_steps) >= 2);
    let fits = |note: &&GridNote| {
        let chord = chords.at(TickInstant::from_steps(note.step)).and_then(|span| span.chord);
        chord.is_some_and(|chord| chord.contains(class(note)))
    };
    let n = on_beats().count();
    if n < FEWEST { None } else { share(on_beats().filter(fits).count(), n) }
}

/// See [`super::Quality::ScaleTones`].
pub fn scale_tones(phrase: &Phrase, line: &Line) -> f64 {
    let key = phrase.frame().key;
    share_of_time(line, |note| key.contains(class(note)))
}

/// See [`super::Quality::Stability`].
pub fn stability(phrase: &Phrase, line: &Line) -> f64 {
    let key = phrase.frame().key;
    let third = if key.mode.is_minor() { 3 } else { 4 };
    share_of_time(line, |note| [0, third, 7].contains(&class(note).above(key.tonic)))
}

/// See [`super::Quality::Roughness`]; `None` where no other pitched part ever sounds with it.
pub fn roughness<'a>(line: &Line, others: impl Iterator<Item = &'a Line>) -> Option<f64> {
    let (mut rough, mut total) = (0.0, 0.0);
    for other in others.filter(|other| !other.part.is_drums()) {
        let (rough_steps, n_steps) = rough_steps(line, other, 0..u32::MAX);
        rough += rough_steps;
        total += n_steps;
    }
    (total > 0.0).then(|| rough / total)
}

/// Steps of pairs of notes of two lines that begin to sound together inside `range`, weighted by roughness, and in all.
pub fn rough_steps(line: &Line, other: &Line, range: std::ops::Range<u32>) -> (f64, f64) {
    let (mut rough, mut total) = (0.0, 0.0);
    for note in &line.notes {
        for against in other.notes.iter().take_while(|against| against.step < note.end) {
            let (start, end) = (note.step.max(against.step), note.end.min(against.end));
            if start < end && range.contains(&start) {
                let n_steps = f64::from(end - start);
                rough += n_steps * roughness_of(note.pitch, against.pitch);
                total += n_steps;
            }
        }
    }
    (rough, total)
}

fn roughness_of(one: u8, other: u8) -> f64 {
    match one.abs_diff(other) % 12 {
        1 => ROUGHEST,
        11 => ROUGH,
        _ => 0.0,
    }
}

fn share_of_time(line: &Line, counts: impl Fn(&GridNote) -> bool) -> f64 {
    let total: f64 = line.notes.iter().map(GridNote::n_steps).sum();
    line.notes.iter().filter(|note| counts(note)).map(GridNote::n_steps).sum::<f64>() / total
}

fn class(note: &GridNote) -> PitchClass {
    PitchClass::new(note.pitch)
}
