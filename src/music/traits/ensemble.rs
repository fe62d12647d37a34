//! Traits of the pitched parts in relation to each other.

use super::sample::{Sample, Trait, mean, share_of};
use crate::music::Part;
use crate::music::quality::Line;

/// `None` unless two pitched parts play.
pub fn traits(sample: &Sample) -> Option<Vec<Trait>> {
    let lines: Vec<&Line> = sample.lines.iter().flatten().filter(|line| !line.part.is_drums()).collect();
    if lines.len() < 2 {
        return None;
    }
    let melody = sample.line(Part::Melody);
    let chords = sample.line(Part::Chords);
    let together = melody.map(|melody| {
        let others: Vec<u32> =
            lines.iter().filter(|line| line.part != Part::Melody).flat_map(|line| line.onsets()).collect();
        share_of(melody.onsets(), |step| others.contains(&step))
    });
    let beneath = melody.zip(chords).map(|(melody, chords)| {
        let tops = melody.top();
        let pairs = tops.iter().filter_map(|(step, pitch)| Some((pitch, sounding(chords, *step).max()?)));
        share_of(pairs, |(pitch, top)| *pitch < top)
    });
    let doubled = melody.zip(chords).map(|(melody, chords)| {
        let accompanied =
            melody.top().into_iter().filter(|(step, _)| sounding(chords, *step).next().is_some());
        share_of(accompanied, |(step, pitch)| sounding(chords, step).any(|other| other % 12 == pitch % 12))
    });
    let gap =
        melody.zip(chords).map(|(melody, chords)| {
            let tops = melody.top();
            mean(tops.iter().filter_map(|(step, pitch)| {
                Some(f64::from(*pitch) - f64::from(sounding(chords, *step).max()?))
            }))
        });
    let at_onsets: Vec<Vec<u8>> = lines
        .iter()
        .flat_map(|line| line.onsets())
        .map(|step| lines.iter().flat_map(|line| sounding(line, step)).collect())
        .collect();
    let has_distance = |pitches: &[u8], distances: &[u8]| {
        pitches.iter().enumerate().any(|(idx, one)| {
            pitches[..idx]
                .iter()
                .any(|other| distances.contains(&(one.abs_diff(*other) % 12)) && one != other)
        })
    };
    let n_classes = |pitches: &Vec<u8>| {
        let classes = pitches.iter().fold(0_u16, |classes, pitch| classes | 1 << (pitch % 12));
        f64::from(classes.count_ones())
    };
    Some(vec![
        ("melody_together", together.flatten()),
        ("melody_beneath_chords", beneath.flatten()),
        ("melody_doubled", doubled.flatten()),
        ("melody_above_chords", gap.flatten()),
        ("semitones", share_of(&at_onsets, |pitches| has_distance(pitches, &[1, 11]))),
        ("whole_tones", share_of(&at_onsets, |pitches| has_distance(pitches, &[2, 10]))),
        ("classes", mean(at_onsets.iter().map(n_classes))),
    ])
}

/// Pitches of `line` that sound at a step.
fn sounding(line: &Line, step: u32) -> impl Iterator<Item = u8> {
    line.notes.iter().filter(move |note| (note.step..note.end).contains(&step)).map(|note| note.pitch)
}
