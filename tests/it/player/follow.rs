//! The phrase under the chord that is held, and keys that choose a slot.

use descant::music::{Chord, ChordSpan, Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression};
use descant::music::{TickDuration, TickInstant};
use descant::player::{Action, HostTime, KeyTrigger, Mode};

use super::rig::{BEAT, Host, Rig, off, on};

/// A bar of C: a whole note in bass and chords, a melody of eighths up the scale, and a drum on each beat.
fn bar_of_c() -> Phrase {
    let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0);
    let note = |idx: u32, ticks: u32, key: u8| {
        Note::new(TickInstant(idx * ticks), TickDuration(ticks), Pitch::new(key).unwrap(), 90)
    };
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Drums.index()] = (0..4).map(|idx| note(idx, 960, 36)).collect();
    parts[Part::Bass.index()] = vec![note(0, 3840, 36)];
    parts[Part::Chords.index()] = [52, 55, 60].map(|key| note(0, 3840, key)).to_vec();
    let scale = [72, 74, 76, 77, 79, 81, 83, 84];
    parts[Part::Melody.index()] = (0..).zip(scale).map(|(idx, key)| note(idx, 480, key)).collect();
    let c: Chord = "C".parse().unwrap();
    let span = ChordSpan { onset: TickInstant(0), duration: TickDuration(3840), chord: Some(c) };
    Phrase::new(frame, Progression::new(vec![span]), parts).unwrap()
}

/// Keys of `part` that sound, lowest first.
fn sounding(rig: &Rig, part: Part) -> Vec<u8> {
    let mut keys: Vec<u8> =
        rig.sounding.iter().filter(|(_, (_, of, _))| *of == Some(part)).map(|((_, key), _)| *key).collect();
    keys.sort_unstable();
    keys
}

fn following() -> Rig {
    let mut rig = Rig::with(&bar_of_c());
    rig.settings.follows = true;
    rig
}

#[test]
fn the_phrase_follows_the_chord_held_from_the_next_half_beat() {
    let mut rig = following();
    let mut host = Host::at(0.0);
    host.play(&mut rig, 13_000, &[500]);
    assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![36], vec![52, 55, 60]));
    // Just past a half beat: the next one is at 24,000.
    rig.block(&host.time(), &[on(10, 53), on(20, 57), on(30, 60)], 500);
    host.advance(500);
    host.play(&mut rig, 10_499, &[777]);
    assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![36], vec![52, 55, 60]));
    host.play(&mut rig, 2, &[1]);
    // F: a fourth up, each voice.
    assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![41], vec![57, 60, 65]));
    // The melody was on its third note and stands on the third of F; drums are drums.
    assert_eq!((sounding(&rig, Part::Melody), sounding(&rig, Part::Drums)), (vec![81], vec![36]));
    // Released one by one: nothing until the last is up, and then as written at the next half beat.
    rig.block(&host.time(), &[off(0, 53), off(1, 60)], 500);
    host.advance(500);
    host.play(&mut rig, BEAT, &[500]);
    assert_eq!(sounding(&rig, Part::Bass), [41]);
    rig.block(&host.time(), &[off(0, 57)], 500);
    host.advance(500);
    host.play(&mut rig, BEAT / 2, &[500]);
    assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![36], vec![52, 55, 60]));
    // Its keys do not pass through, and what sounds again ends where it would have.
    assert!(rig.events.iter().all(|(_, event)| event.part.is_some()));
    let left = 4 * BEAT - rig.now;
    host.play(&mut rig, left, &[100]);
    let since = rig.now;
    rig.block(&host.time(), &[], 1);
    let is_bass_off = |at: &u64, action: Action| *at == since && action == Action::Off;
    assert!(
        rig.events.iter().any(|(at, event)| is_bass_off(at, event.action) && event.part == Some(Part::Bass))
    );
}

#[test]
fn what_is_followed_does_not_depend_on_blocks() {
    let found = |sizes: &[u32]| {
        let mut rig = following();
        let mut host = Host { loop_range: Some((0.0, 3.0)), ..Host::at(0.0) };
        for (keys, gap) in [([57, 60, 64], 31_000), ([55, 59, 62], 77_777), ([50, 53, 57], 100_000)] {
            host.play(&mut rig, gap, sizes);
            rig.block(&host.time(), &keys.map(|key| on(0, key)), 1);
            host.advance(1);
            host.play(&mut rig, 20_000, sizes);
            rig.block(&host.time(), &keys.map(|key| off(0, key)), 1);
            host.advance(1);
        }
        rig.release_all();
        let events = rig.events.iter();
        let mut found: Vec<_> =
            events.map(|(at, event)| (*at, event.part, event.pitch, event.action != Action::Off)).collect();
        found.sort_unstable();
        found
    };
    let whole = found(&[8192]);
    assert!(whole.len() > 60);
    for sizes in [&[1][..], &[64], &[333, 1, 4096], &[1000]] {
        assert_eq!(found(sizes), whole, "{sizes:?}");
    }
}

#[test]
fn a_latched_chord_stays_and_leaving_follow_goes_back() {
    let mut rig = following();
    rig.settings.key_trigger = KeyTrigger::Latch;
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(0, 55), on(0, 59), off(5, 55), off(6, 59)], 1000);
    host.advance(1000);
    host.play(&mut rig, BEAT, &[500]);
    assert_eq!(sounding(&rig, Part::Bass), [31]);
    rig.settings.follows = false;
    host.play(&mut rig, BEAT, &[500]);
    assert_eq!(sounding(&rig, Part::Bass), [36]);
    // Now a key passes through.
    rig.block(&host.time(), &[on(0, 55)], 100);
    assert_eq!(rig.sounding.values().filter(|(_, part, _)| part.is_none()).count(), 1);
}

#[test]
fn a_chord_held_before_the_start_is_followed_from_the_first_note() {
    let mut rig = following();
    let stopped = HostTime { tempo: Some(120.0), beat: Some(0.0), ..HostTime::default() };
    rig.block(&stopped, &[on(0, 57), on(0, 60), on(0, 64)], 100);
    rig.block(&stopped, &[], 100);
    Host::at(0.0).play(&mut rig, 1000, &[100]);
    assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![33], vec![48, 52, 57]));
}

#[test]
fn keys_of_an_octave_choose_slots_and_play_nothing() {
    let mut rig = Rig::with(&bar_of_c());
    rig.settings.mode = Mode::Keys;
    for (key, expected) in [(23, None), (24, Some(0)), (35, Some(11)), (36, None)] {
        rig.block(&HostTime::default(), &[on(3, key), off(90, key)], 100);
        assert_eq!(rig.player.take_slot_asked(), expected, "{key}");
        assert_eq!(rig.player.take_slot_asked(), None);
        assert_eq!(rig.note_ons().is_empty(), expected.is_some(), "{key}");
        rig.block(&HostTime::default(), &[], 100);
        rig.events.clear();
    }
    // In the other modes, and without such keys, they are keys.
    rig.settings.key_switches = None;
    rig.block(&HostTime::default(), &[on(3, 24)], 100);
    assert_eq!((rig.player.take_slot_asked(), rig.note_ons().is_empty()), (None, false));
    rig.settings.key_switches = Some(24);
    rig.settings.mode = Mode::Free;
    rig.block(&HostTime::default(), &[on(3, 24)], 100);
    assert_eq!(rig.player.take_slot_asked(), None);
}

#[test]
fn a_chord_of_keys_starts_the_phrase_and_it_follows_the_next_without_starting_over() {
    for size in [100, 777] {
        let mut rig = following();
        rig.settings.mode = Mode::Keys;
        let mut host = Host::at(0.0);
        // First inversion of Am, rolled: it sounds as that from its third key on.
        rig.block(&host.time(), &[on(10, 60), on(600, 64), on(900, 69)], 1000);
        assert_eq!((sounding(&rig, Part::Bass), sounding(&rig, Part::Chords)), (vec![33], vec![48, 52, 57]));
        assert_eq!(rig.note_ons()[0].0, 10);
        host.play(&mut rig, BEAT, &[size]);
        // Legato to F: taken up at the next half beat, and the melody goes on where it is.
        rig.block(&host.time(), &[on(0, 65), off(1, 64), on(2, 72), off(3, 60)], 10);
        host.play(&mut rig, BEAT / 2, &[size]);
        assert_eq!(sounding(&rig, Part::Chords), [57, 60, 65], "{size}: A C F");
        assert_eq!(rig.monitor.n_launches() + rig.monitor.n_jumps(), 2, "it started once");
        let drums =
            |rig: &Rig| rig.events.iter().filter(|(_, event)| event.part == Some(Part::Drums)).count();
        let n_drums = drums(&rig);
        // It ends with the last key.
        rig.block(&host.time(), &[off(0, 69), off(1, 65)], 10);
        assert!(rig.n_generated() > 0);
        rig.block(&host.time(), &[off(5, 72)], 10);
        assert_eq!(rig.n_generated(), 0);
        host.play(&mut rig, 2 * BEAT, &[size]);
        assert!(drums(&rig) <= n_drums + 1, "nothing goes on");
        assert!(rig.events.iter().all(|(_, event)| event.part.is_some()));
    }
}

#[test]
fn a_latched_chord_of_keys_plays_on_and_gives_way_to_the_next() {
    let mut rig = following();
    (rig.settings.mode, rig.settings.key_trigger) = (Mode::Keys, KeyTrigger::Latch);
    let mut host = Host::at(0.0);
    let chord = |keys: [u8; 3]| {
        let note_ons = keys.map(|key| on(0, key));
        let note_offs = keys.map(|key| off(5, key));
        [note_ons, note_offs].concat()
    };
    rig.block(&host.time(), &chord([60, 64, 67]), 1000);
    host.play(&mut rig, BEAT, &[500]);
    // The same once more, its last key first: it does not stop.
    rig.block(&host.time(), &[on(0, 67), off(9, 67)], 1000);
    host.play(&mut rig, BEAT / 4, &[500]);
    assert!(rig.n_generated() > 0);
    rig.block(&host.time(), &chord([55, 59, 62]), 1000);
    host.play(&mut rig, BEAT, &[500]);
    assert_eq!(sounding(&rig, Part::Bass), [31]);
    rig.settings.key_trigger = KeyTrigger::Gate;
    rig.block(&host.time(), &[], 100);
    assert_eq!(rig.n_generated(), 0);
}
