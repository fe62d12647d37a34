//! Traits of the top line of a part: its moves, and its pitches in the key.

use super::sample::{Sample, Trait, class, commonest, deviation, entropy, mean, n_different, share_of};
use crate::music::quality::{Line, real};

/// The smallest leap, in semitones.
const LEAP: i32 = 5;

/// Larger moves count as this one.
const LARGEST: i32 = 12;

pub fn traits(sample: &Sample, line: &Line) -> Vec<Trait> {
    let top: Vec<u8> = line.top().iter().map(|(_, pitch)| *pitch).collect();
    let moves: Vec<i32> = top.windows(2).map(|pair| i32::from(pair[1]) - i32::from(pair[0])).collect();
    let turns: Vec<i32> = moves.iter().map(|by| by.signum()).filter(|sign| *sign != 0).collect();
    let leaps = moves.windows(2).filter(|pair| pair[0].abs() >= LEAP);
    let pitches: Vec<f64> = top.iter().map(|pitch| f64::from(*pitch)).collect();
    let range = top.iter().max().zip(top.iter().min()).map(|(most, least)| f64::from(most - least));
    let sizes = |sizes: std::ops::RangeInclusive<i32>| share_of(&moves, |by| sizes.contains(&by.abs()));
    let runs = top.chunk_by(|one, other| one == other).map(<[u8]>::len);
    let degree = |pitch: u8| class(pitch).above(sample.key.tonic);
    let third = if sample.key.mode.is_minor() { 3 } else { 4 };
    let is_triad = |pitch: u8| [0, third, 7].contains(&degree(pitch));
    let sounding: f64 = line.notes.iter().map(|note| note.n_steps()).sum();
    let time_of = |is_so: &dyn Fn(u8) -> bool| {
        let time = line.notes.iter().filter(|note| is_so(note.pitch)).map(|note| note.n_steps()).sum::<f64>();
        Some(time / sounding.max(1.0))
    };
    let end = |pitch: Option<&u8>, is_so: &dyn Fn(u8) -> bool| pitch.map(|p| f64::from(u8::from(is_so(*p))));
    vec![
        ("repeats", sizes(0..=0)),
        ("steps", sizes(1..=2)),
        ("semitones", sizes(1..=1)),
        ("thirds", sizes(3..=4)),
        ("leaps", sizes(LEAP..=127)),
        ("fourths_and_fifths", share_of(&moves, |by| [5, 7].contains(&by.abs()))),
        ("octaves", sizes(12..=12)),
        ("move_entropy", entropy(moves.iter().map(|by| by.clamp(&-LARGEST, &LARGEST)))),
        ("turns", share_of(turns.windows(2), |pair| pair[0] != pair[1])),
        ("leaps_recovered", share_of(leaps, |pair| pair[0] * pair[1] < 0 && pair[1].abs() <= pair[0].abs())),
        ("register", mean(pitches.iter().copied())),
        ("pitch_spread", deviation(&pitches)),
        ("range", range),
        ("different_pitches", Some(real(n_different(&top)))),
        ("class_entropy", entropy(top.iter().map(|pitch| class(*pitch)))),
        ("commonest_pitch", commonest(&top)),
        ("longest_repeat", runs.max().map(real)),
        ("chromatic", time_of(&|pitch| !sample.key.contains(class(pitch)))),
        ("on_the_tonic", time_of(&|pitch| degree(pitch) == 0)),
        ("on_the_triad", time_of(&is_triad)),
        ("ends_on_the_tonic", end(top.last(), &|pitch| degree(pitch) == 0)),
        ("ends_on_the_triad", end(top.last(), &is_triad)),
        ("begins_on_the_triad", end(top.first(), &is_triad)),
    ]
}
