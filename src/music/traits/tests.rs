use super::*;
use crate::music::{Frame, Key, Meter, Note, Pitch, TickDuration, TickInstant};

/// Onset, length and MIDI note number, in steps.
type Notes<'a> = &'a [(u32, u32, i32)];

fn phrase(n_bars: u32, parts: &[(Part, Notes)]) -> Phrase {
    let mut notes: [Vec<Note>; 5] = Default::default();
    for (part, of_part) in parts {
        notes[part.index()] = of_part
            .iter()
            .map(|(step, n_steps, pitch)| {
                let (onset, duration) = (TickInstant::from_steps(*step), TickDuration::from_steps(*n_steps));
                Note::new(onset, duration, Pitch::clamped(*pitch), 80)
            })
            .collect();
    }
    Phrase::new(Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0), Progression::default(), notes)
        .unwrap()
}

/// The value of a trait of `facet` in `phrase`.
fn value(phrase: &Phrase, facet: Facet, name: &str) -> Option<f64> {
    let traits = traits(phrase);
    let found = traits[facet.index()].as_ref().unwrap().iter().find(|(own, _)| *own == name);
    found.unwrap_or_else(|| panic!("no trait {name} of {}", facet.name())).1
}

#[track_caller]
fn check(phrase: &Phrase, facet: Facet, expected: &[(&str, f64)]) {
    for (name, expect) in expected {
        let found = value(phrase, facet, name);
        assert!(
            found.is_some_and(|found| (found - expect).abs() < 1e-9),
            "{name}: {found:?} is not {expect}"
        );
    }
}

#[test]
fn a_line_is_measured() {
    // C E F C, then the same a tone higher, in quarters.
    let tune: Notes = &[
        (0, 12, 60),
        (12, 12, 64),
        (24, 12, 65),
        (36, 12, 60),
        (48, 12, 62),
        (60, 12, 66),
        (72, 12, 67),
        (84, 12, 62),
    ];
    let phrase = phrase(2, &[(Part::Melody, tune)]);
    check(
        &phrase,
        Facet::Melody,
        &[
            ("density", 1.0),
            ("offbeat", 0.0),
            ("downbeats", 1.0),
            ("silence", 0.0),
            ("rhythm_as_before", 1.0),
            ("bar_as_before", 0.0),
            ("moved", 1.0),
            ("new_pitches", 0.0),
            ("repeats", 0.0),
            ("steps", 3.0 / 7.0),
            ("thirds", 2.0 / 7.0),
            ("leaps", 2.0 / 7.0),
            ("range", 7.0),
            ("chromatic", 1.0 / 8.0),
            ("on_the_tonic", 2.0 / 8.0),
            ("ends_on_the_tonic", 0.0),
            ("begins_on_the_triad", 1.0),
        ],
    );
}

#[test]
fn chords_and_their_leading_are_measured() {
    // C major, then F major with the tone in common, each for a bar.
    let chords: Notes = &[(0, 48, 60), (0, 48, 64), (0, 48, 67), (48, 48, 60), (48, 48, 65), (48, 48, 69)];
    let bass: Notes = &[(0, 48, 36), (48, 48, 41)];
    let phrase = phrase(2, &[(Part::Chords, chords), (Part::Bass, bass)]);
    check(
        &phrase,
        Facet::Chords,
        &[
            ("voices", 3.0),
            ("blocks", 1.0),
            ("span", 8.0),
            ("leading", 1.0),
            ("top_moves", 2.0),
            ("common_tones", 1.0 / 3.0),
            ("all_parallel", 0.0),
        ],
    );
    check(
        &phrase,
        Facet::Harmony,
        &[
            ("changes", 0.5),
            ("stays_over_the_bar", 0.0),
            ("on_i", 0.5),
            ("on_iv", 0.5),
            ("plain_triads", 1.0),
            ("up_a_fourth", 1.0),
            ("begins_on_i", 1.0),
            ("ends_on_i", 0.0),
            ("inversions", 0.0),
            ("foreign", 0.0),
        ],
    );
    check(&phrase, Facet::Bass, &[("on_roots", 1.0), ("root_at_changes", 1.0), ("approached_by_step", 0.0)]);
}

#[test]
fn parts_are_measured_against_each_other() {
    let chords: Notes = &[(0, 48, 60), (0, 48, 64), (0, 48, 67)];
    let melody: Notes = &[(0, 12, 72), (12, 12, 61), (24, 24, 76)];
    let phrase = phrase(1, &[(Part::Chords, chords), (Part::Melody, melody)]);
    check(
        &phrase,
        Facet::Ensemble,
        &[
            ("melody_together", 1.0 / 3.0),
            ("melody_beneath_chords", 1.0 / 3.0),
            ("melody_doubled", 2.0 / 3.0),
        ],
    );
    assert!(value(&phrase, Facet::Ensemble, "semitones").unwrap() > 0.0);
}

#[test]
fn drummers_are_measured_on_the_grid_that_they_mean() {
    // Kick on one and three, snare on two and four, each a step early or late.
    let played: Notes = &[(1, 1, 36), (11, 1, 38), (25, 1, 36), (35, 1, 38)];
    let meant: Notes = &[(0, 1, 36), (12, 1, 38), (24, 1, 36), (36, 1, 38)];
    let of = |notes: Notes| traits(&phrase(1, &[(Part::Drums, notes)]));
    assert_eq!(of(played), of(meant));
    check(
        &phrase(1, &[(Part::Drums, played)]),
        Facet::Drums,
        &[
            ("kicks", 2.0),
            ("kick_on_one", 1.0),
            ("kick_on_three", 1.0),
            ("snare_on_two", 1.0),
            ("snare_on_four", 1.0),
            ("finer_than_eighths", 0.0),
            ("instruments", 2.0),
        ],
    );
    let shuffle: Notes = &[(0, 1, 42), (8, 1, 42), (12, 1, 42), (20, 1, 42), (24, 1, 42), (32, 1, 42)];
    check(&phrase(1, &[(Part::Drums, shuffle)]), Facet::Drums, &[("hats_on_triplets", 0.5)]);
}

#[test]
fn what_is_too_little_has_no_traits() {
    let sparse = phrase(2, &[(Part::Melody, &[(0, 12, 60)])]);
    let with_hole = phrase(2, &[(Part::Melody, &[(0, 12, 60), (12, 12, 62)])]);
    for phrase in [sparse, with_hole] {
        assert_eq!(traits(&phrase), Traits::default());
    }
    let alone = phrase(1, &[(Part::Melody, &[(0, 12, 60), (12, 12, 62)])]);
    let found = traits(&alone).map(|traits| traits.is_some());
    assert_eq!(found, Facet::ALL.map(|facet| facet == Facet::Melody));
}
