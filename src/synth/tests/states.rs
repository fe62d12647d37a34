//! No state of the synth is ever a denormal number.

use super::*;

/// Calls `see` with the name and value of each state variable of `synth`.
fn show(synth: &Synth, see: &mut dyn FnMut(&'static str, f32)) {
    synth.instruments().into_iter().for_each(|instrument| instrument.show(see));
    synth.gains.iter().chain(&synth.pans).for_each(|value| see("gain or pan", value.now));
    synth.chorus.show(see);
    synth.room.show(see);
}

/// Plays `synth` sample by sample until it is silent and checks each state at each.
fn check_until_silent(synth: &mut Synth, name: &str) {
    for sample in 0..320_000 {
        let (mut left, mut right) = ([0.0], [0.0]);
        synth.process(&mut left, &mut right);
        show(synth, &mut |what, state| {
            assert!(state.is_finite() && !state.is_subnormal(), "{name}: {what} is {state:e} at {sample}");
        });
        if synth.is_silent() {
            return;
        }
    }
    panic!("{name}: still sounds");
}

#[test]
fn no_state_of_a_tonal_sound_becomes_denormal_while_it_dies_away() {
    for part in Part::ALL.into_iter().filter(|part| !part.is_drums()) {
        for sound in SOUNDS {
            for velocity in [1, 127] {
                let mut synth = Synth::new(16_000.0);
                synth.set_sound(part, sound);
                synth.note_on(part, Pitch::clamped(43), velocity);
                synth.process(&mut [0.0; 400], &mut [0.0; 400]);
                synth.set_pan(part, -1.0);
                synth.note_off(part, Pitch::clamped(43));
                check_until_silent(&mut synth, &format!("{part} {sound:?}"));
            }
        }
    }
}

#[test]
fn no_state_of_a_held_note_becomes_denormal() {
    for sound in SOUNDS {
        let mut synth = Synth::new(8000.0);
        synth.set_sound(Part::Melody, sound);
        synth.note_on(Part::Melody, Pitch::clamped(60), 100);
        for sample in 0..20 * 8000 {
            synth.process(&mut [0.0], &mut [0.0]);
            show(&synth, &mut |what, state| {
                assert!(!state.is_subnormal(), "{sound:?}: {what} is {state:e} at {sample}");
            });
        }
    }
}

#[test]
fn no_state_of_a_drum_becomes_denormal_while_it_dies_away() {
    for pitch in [36, 38, 39, 42, 46, 49, 51, 54, 56, 58, 69, 72, 81, 87] {
        let mut synth = Synth::new(16_000.0);
        synth.note_on(Part::Drums, Pitch::clamped(pitch), 100);
        check_until_silent(&mut synth, &format!("drum {pitch}"));
    }
}

#[test]
fn no_state_becomes_denormal_while_all_dies_away_after_a_fade_a_theft_or_off() {
    let mut synth = Synth::new(16_000.0);
    for pitch in 40..70 {
        for part in Part::ALL {
            synth.note_on(part, Pitch::clamped(pitch), 90);
        }
        synth.process(&mut [0.0; 40], &mut [0.0; 40]);
    }
    for part in Part::ALL {
        synth.set_gain(part, 0.0);
    }
    synth.all_notes_off();
    check_until_silent(&mut synth, "all");
}
