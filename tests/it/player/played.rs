//! Performances: an exported file equals what plays, and notes before the beat are never lost.

use descant::music::groove::{Groove, GroovePlace, N_PLACES};
use descant::music::{
    Frame, Key, Meter, Note, Nuance, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::player::{Action, Settings, SwingUnit, rendered};

use super::rig::{BEAT, Host, Rig};

/// Samples of a tick at 120 beats per minute, and what rounding to ticks and to samples may make of a place.
const TICK: i64 = 25;
const ROUNDING: i64 = TICK / 2 + 2;

fn note(onset: u32, duration: u32, key: i32, velocity: u8, late: i16, louder: i8) -> Note {
    Note::new(TickInstant(onset), TickDuration(duration), Pitch::clamped(key), velocity)
        .with_nuance(Nuance::new(late, louder))
}

fn two_bars(drums: Vec<Note>, melody: Vec<Note>) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    (parts[Part::Drums.index()], parts[Part::Melody.index()]) = (drums, melody);
    Phrase::new(Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0), Progression::default(), parts).unwrap()
}

/// Hats in sixteenths and a legato line in eighths, each note with a nuance of its own.
fn played() -> Phrase {
    let nuance = |idx: i16| if idx.rem_euclid(16) == 0 { 7 } else { (idx * 17).rem_euclid(77) - 38 };
    let hat = |idx: u32| {
        let number = i16::try_from(idx).unwrap();
        note(idx * 240, 60, 42, 80, nuance(number), i8::try_from((number * 13) % 40 - 20).unwrap())
    };
    let tone = |idx: u32| {
        let number = i16::try_from(idx).unwrap();
        let key = 60 + i32::try_from(idx % 3).unwrap();
        note(idx * 480, 480, key, 95, nuance(number * 2), i8::try_from((number * 7) % 30 - 15).unwrap())
    };
    two_bars((0..32).map(hat).collect(), (0..16).map(tone).collect())
}

fn late_groove() -> Groove {
    let mut places = [GroovePlace::STRAIGHT; N_PLACES];
    for (place, late_ticks) in places.iter_mut().zip([4.0, 22.0, 9.0, 31.0].into_iter().cycle()) {
        *place = GroovePlace { late_ticks, velocity: 1.2 - late_ticks / 60.0 };
    }
    Groove::new(places).unwrap()
}

fn feels() -> Vec<(&'static str, Settings)> {
    let plain = Settings::default();
    vec![
        ("as composed", plain),
        ("straight", Settings { performance: 0.0, ..plain }),
        ("loose", Settings { performance: 1.5, ..plain }),
        ("swung eighths", Settings { swing: 0.62, ..plain }),
        ("swung sixteenths", Settings { swing: 0.58, swing_unit: SwingUnit::Sixteenth, ..plain }),
        ("groove", Settings { groove: late_groove(), groove_amount: 1.0, ..plain }),
        ("half a groove", Settings { groove: late_groove(), groove_amount: 0.5, performance: 0.5, ..plain }),
        ("humanise, accent, length", Settings { humanise: 0.7, accent: 0.6, note_length: 0.8, ..plain }),
        ("soft curve", Settings { velocity_curve: -0.5, ..plain }),
    ]
}

/// Onsets and ends in samples, key and velocity of one pass, in order; ends after it are cut there.
fn played_notes(rig: &Rig, length: u64) -> Vec<(i64, i64, u8, u8)> {
    let mut notes = Vec::new();
    for (idx, (at, event)) in rig.events.iter().enumerate() {
        let Action::On { velocity } = event.action else { continue };
        if *at >= length {
            continue;
        }
        let off = rig.events[idx..].iter().find(|(_, other)| {
            other.action == Action::Off && (other.channel, other.pitch) == (event.channel, event.pitch)
        });
        let end = off.map_or(length, |(at, _)| *at).min(length);
        notes.push((
            i64::try_from(*at).unwrap(),
            i64::try_from(end).unwrap(),
            event.pitch.number(),
            velocity,
        ));
    }
    notes.sort_unstable();
    notes
}

#[test]
fn an_exported_file_equals_what_plays() {
    let phrase = played();
    for (name, settings) in feels() {
        let mut rig = Rig::with(&phrase);
        rig.settings = settings;
        Host::at(0.0).play(&mut rig, 8 * BEAT + 4000, &[333, 64, 1]);
        let sounding = played_notes(&rig, 8 * BEAT);
        let file = rendered(&phrase, &settings);
        let mut written: Vec<(i64, i64, u8, u8)> = file
            .all_notes()
            .map(|(_, note)| {
                let samples = |at: TickInstant| i64::from(at.0) * TICK;
                (samples(note.onset), samples(note.end()), note.pitch.number(), note.velocity)
            })
            .collect();
        written.sort_unstable();
        assert_eq!(sounding.len(), written.len(), "{name}");
        // Notes that begin together may come in another order.
        let by_key = |notes: &[(i64, i64, u8, u8)]| {
            let mut notes = notes.to_vec();
            notes.sort_by_key(|(onset, _, key, _)| (*key, *onset));
            notes
        };
        for (sounds, is_written) in by_key(&sounding).into_iter().zip(by_key(&written)) {
            assert_eq!(
                (sounds.2, sounds.3),
                (is_written.2, is_written.3),
                "{name}: {sounds:?} {is_written:?}"
            );
            let apart = (sounds.0 - is_written.0).abs().max((sounds.1 - is_written.1).abs());
            assert!(apart <= ROUNDING, "{name}: {sounds:?} is written as {is_written:?}");
        }
    }
}

#[test]
fn without_other_feel_a_file_has_the_performance() {
    let phrase = played();
    assert_eq!(rendered(&phrase, &Settings::default()), phrase.performed());
    let straight = rendered(&phrase, &Settings { performance: 0.0, ..Settings::default() });
    for (part, note) in phrase.all_notes() {
        let written = note.with_nuance(Nuance::NONE);
        assert!(straight.notes(part).contains(&written), "{part} {written:?}");
    }
}

#[test]
fn a_groove_takes_the_place_of_the_timing_and_not_of_the_loudness() {
    let phrase = played();
    let grooving = Settings { groove: late_groove(), groove_amount: 1.0, ..Settings::default() };
    let (file, performed) = (rendered(&phrase, &grooving), phrase.performed());
    for ((written, grooved), played) in
        phrase.notes(Part::Drums).iter().zip(file.notes(Part::Drums)).zip(performed.notes(Part::Drums))
    {
        let late = late_groove().at(written.onset, 3840).late_ticks;
        assert!((f64::from(grooved.onset.0) - f64::from(written.onset.0) - late).abs() <= 0.5);
        assert_eq!(grooved.velocity, played.velocity);
    }
    // Notes that were never performed have all of the groove, as they always had.
    let plain = two_bars(vec![note(240, 60, 42, 80, 0, 0)], Vec::new());
    let hat = rendered(&plain, &grooving).notes(Part::Drums)[0];
    assert_eq!((hat.onset.0, hat.velocity), (262, 67));
}

/// A note on every beat, all but those of bar lines as early as can be.
fn early() -> Phrase {
    let tone = |beat: u32| {
        let late = if beat.is_multiple_of(4) { 0 } else { -39 };
        note(beat * 960, 200, 60 + i32::try_from(beat).unwrap(), 90, late, 1)
    };
    two_bars(Vec::new(), (0..8).map(tone).collect())
}

#[test]
fn early_notes_play_where_time_begins() {
    for performance in [0.0, 1.0, 1.5] {
        for first in 0..8_u8 {
            for size in [1, 64, 4096] {
                let mut rig = Rig::with(&early());
                rig.settings.performance = performance;
                Host::at(f64::from(first)).play(&mut rig, BEAT / 2, &[size]);
                let note_ons = rig.note_ons();
                assert_eq!(note_ons.len(), 1, "beat {first}, {performance}, {size}: {note_ons:?}");
                assert_eq!((note_ons[0].0, note_ons[0].1), (0, 60 + first), "{performance}");
            }
        }
    }
}

#[test]
fn a_loop_over_early_notes_plays_each_once_a_round() {
    let mut rig = Rig::with(&early());
    let mut host = Host::at(1.0);
    host.loop_range = Some((1.0, 4.0));
    host.play(&mut rig, 4 * 3 * BEAT, &[333]);
    let keys: Vec<u8> = rig.note_ons().iter().map(|(_, key)| *key).collect();
    assert_eq!(keys, [61, 62, 63].repeat(4));
}

#[test]
fn turning_the_performance_loses_and_doubles_nothing() {
    for size in [37, 512] {
        let mut rig = Rig::with(&early());
        let mut host = Host::at(0.0);
        for turn in 0..64_u8 {
            rig.settings.performance = [1.5, 0.0, 1.0][usize::from(turn % 3)];
            host.play(&mut rig, BEAT / 4, &[size]);
        }
        let keys: Vec<u8> = rig.note_ons().iter().map(|(_, key)| *key).collect();
        let expected: Vec<u8> = (0..keys.len()).map(|idx| 60 + u8::try_from(idx % 8).unwrap()).collect();
        assert_eq!(keys, expected);
        assert!((16..=17).contains(&keys.len()), "{}", keys.len());
    }
}
