//! Traits of simultaneous notes, and of how they lead to the next ones.

use super::sample::{Trait, mean, share_of};
use crate::music::quality::{GridNote, Line, real};

/// The pitches of one onset, ascending.
type Voices = Vec<i32>;

pub fn traits(line: &Line) -> Vec<Trait> {
    let groups: Vec<Voices> = line.groups().map(pitches).collect();
    let blocks: Vec<&Voices> = groups.iter().filter(|voices| voices.len() > 1).collect();
    let span = |voices: &&Voices| f64::from(voices[voices.len() - 1] - voices[0]);
    let changes: Vec<(&Voices, &Voices)> =
        blocks.windows(2).map(|pair| (pair[0], pair[1])).filter(|(one, other)| one != other).collect();
    let all = || line.notes.iter().map(|note| f64::from(note.pitch));
    let range = all().fold(0.0, f64::max) - all().fold(f64::from(u8::MAX), f64::min);
    let common = |(one, other): &(&Voices, &Voices)| {
        real(other.iter().filter(|pitch| one.contains(pitch)).count()) / real(other.len())
    };
    vec![
        ("voices", mean(groups.iter().map(|voices| real(voices.len())))),
        ("blocks", share_of(&groups, |voices| voices.len() > 1)),
        ("span", mean(blocks.iter().map(span))),
        ("whole_range", Some(range)),
        ("lowest", mean(groups.iter().map(|voices| f64::from(voices[0])))),
        ("leading", mean(changes.iter().map(|(one, other)| moved(one, other)))),
        ("top_moves", mean(changes.iter().map(|(one, other)| f64::from((top(one) - top(other)).abs())))),
        ("common_tones", mean(changes.iter().map(common))),
        ("all_parallel", share_of(&changes, |(one, other)| is_parallel(one, other))),
        ("changes", share_of(blocks.windows(2), |pair| pair[0] != pair[1])),
    ]
}

fn pitches(group: &[GridNote]) -> Voices {
    let mut pitches: Voices = group.iter().map(|note| i32::from(note.pitch)).collect();
    pitches.dedup();
    pitches
}

fn top(voices: &Voices) -> i32 {
    voices[voices.len() - 1]
}

/// Mean distance of each voice of `other` to the nearest one of `one`, in semitones.
fn moved(one: &Voices, other: &Voices) -> f64 {
    let nearest = |pitch: &i32| one.iter().map(|before| (pitch - before).abs()).min().unwrap_or(0);
    mean(other.iter().map(|pitch| f64::from(nearest(pitch)))).unwrap_or(0.0)
}

fn is_parallel(one: &Voices, other: &Voices) -> bool {
    let by = other[0] - one[0];
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| other - one == by)
}
