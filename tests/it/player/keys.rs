//! Input notes in each mode.

use descant::music::Part;
use descant::player::{Action, HostTime, KeyTrigger, Mode};

use super::rig::{BEAT, Host, Rig, off, on, on_with_velocity, phrase, sixteenths, stopped};

#[test]
fn a_key_plays_the_phrase_from_its_start_and_the_last_wins() {
    let mut rig = Rig::with(&phrase(
        1,
        &[(0, 480, 60, Part::Melody), (480, 480, 40, Part::Drums), (960, 960, 120, Part::Bass)],
    ));
    rig.settings.mode = Mode::Keys;
    let host = HostTime { tempo: Some(120.0), ..stopped() };
    rig.block(&host, &[on(100, 67)], 30_000);
    // Bass 120 + 7 is the highest key there is.
    assert_eq!(rig.note_ons(), [(100, 67), (12_100, 40), (24_100, 127)]);
    let events = rig.block(&host, &[on(50, 72), off(60, 67), off(200, 72)], 400);
    let seen: Vec<_> = events
        .iter()
        .map(|event| (event.offset, event.action == Action::Off, event.pitch.number()))
        .collect();
    assert_eq!(seen, [(50, true, 127), (50, false, 72), (200, true, 72)]);
    // Out of range is silent.
    rig.block(&host, &[on(0, 72)], 30_000);
    assert!(!rig.note_ons().iter().any(|(at, key)| *at > 54_000 && *key > 72));
    rig.block(&host, &[off(0, 72)], 10);
    assert!(rig.sounding.is_empty());
}

#[test]
fn live_keys_and_the_phrase_share_a_channel() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.parts[Part::Melody.index()].channel = 5;
    let mut host = Host::at(0.0);
    // Played with, before and after the phrase's own 60 and 61, and released at any time.
    for inputs in [
        &[on(0, 60), on(5990, 61)][..],
        &[off(0, 61), on(1, 61), off(1, 61), on(1, 61)],
        &[off(3, 60), off(4, 60)],
    ] {
        rig.block(&host.time(), inputs, 6000);
        host.advance(6000);
    }
    host.play(&mut rig, 4 * BEAT, &[100]);
    rig.block(&stopped(), &[off(0, 61)], 10);
    assert!(rig.sounding.is_empty());
}

#[test]
fn input_passes_or_plays_by_mode_and_output_is_no_input() {
    // The phrase plays the same keys on the same channel.
    let phrase = sixteenths(1, 60);
    for mode in [Mode::Host, Mode::Free, Mode::Keys] {
        let mut rig = Rig::with(&phrase);
        rig.settings.mode = mode;
        let mut host = Host::at(0.0);
        rig.block(&host.time(), &[on(10, 40), off(7000, 40)], 12_000);
        host.advance(12_000);
        host.play(&mut rig, BEAT, &[512]);
        let passed: Vec<_> = rig.events.iter().filter(|(_, event)| event.part.is_none()).collect();
        let passed: Vec<_> = passed
            .iter()
            .map(|(at, event)| (*at, event.channel, event.pitch.number(), event.action == Action::Off))
            .collect();
        if mode == Mode::Keys {
            // Plays until the key is released: the phrase's own note-ons do not start it again.
            assert_eq!(passed, []);
            assert_eq!(rig.note_ons(), [(10, 40), (6010, 41)]);
            assert!(rig.sounding.is_empty());
        } else {
            // Passed on once, and the phrase is as without.
            assert_eq!(passed, [(10, 5, 40, false), (7000, 5, 40, true)]);
            let expected: Vec<_> = (0..6_u8).map(|idx| (6000 * u64::from(idx), 60 + idx)).collect();
            assert_eq!(rig.note_ons(), expected);
        }
    }
}

#[test]
fn a_latched_key_plays_on_until_it_is_retriggered_or_latching_ends() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    (rig.settings.mode, rig.settings.key_trigger) = (Mode::Keys, KeyTrigger::Latch);
    rig.block(&stopped(), &[on(0, 60), off(10, 60)], 100);
    rig.block(&stopped(), &[], 20_000);
    assert_eq!(rig.note_ons().len(), 4, "the phrase plays on");
    rig.block(&stopped(), &[on(50, 62), off(60, 62)], 100);
    assert_eq!(rig.note_ons().last(), Some(&(20_150, 62)), "another key starts it anew");
    rig.block(&stopped(), &[on(50, 62), off(60, 62)], 100);
    assert!(rig.sounding.is_empty() && rig.note_ons().len() == 5);
    rig.block(&stopped(), &[on(50, 64), off(60, 64)], 100);
    assert!(!rig.sounding.is_empty());
    rig.settings.key_trigger = KeyTrigger::Gate;
    rig.block(&stopped(), &[], 20_000);
    assert!(rig.sounding.is_empty() && rig.note_ons().len() == 6, "no key is held");
}

#[test]
fn a_latched_phrase_ends_with_a_panic() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    (rig.settings.mode, rig.settings.key_trigger) = (Mode::Keys, KeyTrigger::Latch);
    rig.block(&stopped(), &[on(0, 60)], 100);
    rig.player.panic();
    rig.block(&stopped(), &[], 20_000);
    assert!(rig.sounding.is_empty() && rig.note_ons().len() == 1);
}

#[test]
fn the_velocity_of_the_key_is_that_of_the_phrase() {
    for (dynamics, key, expected) in
        [(0.0, 20, 90), (1.0, 100, 90), (1.0, 50, 45), (0.5, 50, 68), (1.0, 127, 114), (f32::NAN, 9, 90)]
    {
        let mut rig = Rig::with(&sixteenths(1, 60));
        (rig.settings.mode, rig.settings.key_dynamics) = (Mode::Keys, dynamics);
        let events = rig.block(&stopped(), &[on_with_velocity(0, 60, key)], 100);
        assert_eq!(events[0].action, Action::On { velocity: expected }, "{dynamics} {key}");
    }
}
