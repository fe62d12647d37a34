//! The musician's notes and pedal, and notes cut short.

use super::*;

/// How loud `synth` is in the next `n_ms` milliseconds.
fn level(synth: &mut Synth, n_ms: usize) -> f64 {
    let (mut left, mut right) = (vec![0.0; n_ms * MS], vec![0.0; n_ms * MS]);
    synth.process(&mut left, &mut right);
    rms(&left).max(rms(&right))
}

const KEY: Pitch = Pitch::MIDDLE_C;

/// The name of an action, the action, and whether it ends a live note.
type Row = (&'static str, fn(&mut Synth), bool);

#[test]
fn a_live_note_sounds_until_nothing_holds_it() {
    let rows: [Row; 9] = [
        ("key up", |synth| synth.live_note_off(KEY), true),
        ("another key up", |synth| synth.live_note_off(Pitch::clamped(61)), false),
        ("the phrase's note off", |synth| synth.note_off(Part::Melody, KEY), false),
        ("pedal down, key up", |synth| (synth.set_pedal(true), synth.live_note_off(KEY)).1, false),
        ("pedal up, key down", |synth| (synth.set_pedal(true), synth.set_pedal(false)).1, false),
        (
            "pedal down, key up, pedal up",
            |synth| (synth.set_pedal(true), synth.live_note_off(KEY), synth.set_pedal(false)).2,
            true,
        ),
        (
            "pedal down twice, key up, pedal down again",
            |synth| (synth.set_pedal(true), synth.live_note_off(KEY), synth.set_pedal(true)).2,
            false,
        ),
        (
            "all notes off under the pedal",
            |synth| (synth.set_pedal(true), synth.live_note_off(KEY), synth.all_notes_off()).2,
            true,
        ),
        ("choked under the pedal", |synth| (synth.set_pedal(true), synth.choke(Part::Melody, KEY)).1, true),
    ];
    for (name, act, ends) in rows {
        let mut synth = Synth::new(48_000.0);
        synth.set_sound(Part::Melody, Sound::Bass);
        synth.live_note_on(KEY, 100);
        let before = level(&mut synth, 200);
        act(&mut synth);
        // The bass releases faster than the room.
        level(&mut synth, 900);
        let after = level(&mut synth, 200);
        assert_eq!(after < 0.02 * before, ends, "{name}: {before} before, {after} after");
    }
}

#[test]
fn the_pedal_holds_no_note_of_the_phrase_and_nothing_after_all_notes_off() {
    let mut synth = Synth::new(48_000.0);
    synth.set_pedal(true);
    synth.note_on(Part::Melody, KEY, 100);
    level(&mut synth, 100);
    synth.note_off(Part::Melody, KEY);
    level(&mut synth, 3000);
    assert!(synth.is_silent(), "a note of the phrase");
    synth.all_notes_off();
    synth.live_note_on(KEY, 100);
    level(&mut synth, 100);
    synth.live_note_off(KEY);
    level(&mut synth, 3000);
    assert!(synth.is_silent(), "a live note after all notes off");
}

#[test]
fn a_key_retriggered_under_the_pedal_sounds_once_and_is_held_by_its_key() {
    let mut synth = Synth::new(48_000.0);
    synth.set_pedal(true);
    for _ in 0..3 {
        synth.live_note_on(KEY, 100);
        level(&mut synth, 50);
        synth.live_note_off(KEY);
    }
    let n_held = |synth: &Synth| synth.melody.dispensable().map(|(grip, _)| grip);
    level(&mut synth, 1000);
    assert_eq!((synth.melody.n_sounding(), n_held(&synth)), (1, Some(Grip::Pedal)));
    synth.live_note_on(KEY, 100);
    synth.set_pedal(false);
    level(&mut synth, 1000);
    assert_eq!((synth.melody.n_sounding(), n_held(&synth)), (1, Some(Grip::Key)));
}

#[test]
fn what_only_the_pedal_holds_is_stolen_before_what_a_key_holds() {
    let mut synth = Synth::new(48_000.0);
    synth.set_pedal(true);
    for pitch in 60..68 {
        synth.live_note_on(Pitch::clamped(pitch), 100);
    }
    // Not the oldest.
    synth.live_note_off(Pitch::clamped(66));
    synth.live_note_on(Pitch::clamped(70), 100);
    assert_eq!(synth.melody.dispensable(), Some((Grip::Key, 1)));
    assert_eq!(synth.melody.n_sounding(), 8);
}

#[test]
fn a_choked_note_is_gone_where_a_released_one_dies_away() {
    for part in Part::ALL {
        for sound in SOUNDS {
            let end = |act: fn(&mut Synth, Part)| {
                let mut synth = Synth::new(48_000.0);
                synth.set_sound(part, sound);
                synth.note_on(part, Pitch::clamped(49), 100);
                level(&mut synth, 100);
                act(&mut synth, part);
                level(&mut synth, 8);
                synth.instrument(part).is_idle()
            };
            assert!(end(|synth, part| synth.choke(part, Pitch::clamped(49))), "{part} {sound:?}");
            assert!(!end(|synth, part| synth.note_off(part, Pitch::clamped(49))), "{part} {sound:?}");
            assert!(!end(|synth, part| synth.choke(part, Pitch::clamped(50))), "{part} {sound:?}");
        }
    }
}
