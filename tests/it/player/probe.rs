//! Test notes: each audible part's figure, whatever else happens.

use descant::music::{Part, Pitch};
use descant::player::{Action, HostTime, InputEvent, Mode, PlayerEvent, TestNotes, TestStage};

use super::rig::{BEAT, Host, Rig, off, on, on_with_velocity, sixteenths, stopped};

/// The parts in their turns, with channel and keys.
const TURNS: [(Part, u8, [u8; 4]); 5] = [
    (Part::Melody, 0, [60, 64, 67, 72]),
    (Part::Chords, 1, [60, 64, 67, 72]),
    (Part::Bass, 2, [60, 64, 67, 72]),
    (Part::Arpeggio, 3, [60, 64, 67, 72]),
    (Part::Drums, 9, [36, 38, 42, 46]),
];

/// Samples from part to part: four quarter seconds and half a second of rest.
const TURN: u64 = 72_000;
/// Samples that all parts and the listening after them take.
const ALL: u64 = 5 * TURN + 24_000;

/// Plays `n_samples` at rest in blocks of the sizes that come round.
fn rest(rig: &mut Rig, n_samples: u64, sizes: &[u32]) {
    rest_until(rig, rig.now + n_samples, sizes);
}

fn rest_until(rig: &mut Rig, until: u64, sizes: &[u32]) {
    for size in sizes.iter().cycle() {
        let left = until - rig.now;
        if left == 0 {
            return;
        }
        rig.block(&stopped(), &[], (*size).min(u32::try_from(left).unwrap()));
    }
}

fn test_ons(rig: &Rig) -> Vec<(u64, PlayerEvent)> {
    let is_on = |(_, event): &&(u64, PlayerEvent)| event.is_test && event.action != Action::Off;
    rig.events.iter().filter(is_on).copied().collect()
}

/// Plays `n_blocks` of `size` at rest, what leaves in each coming in `delay` blocks later as `back` makes it.
fn loop_back(rig: &mut Rig, (n_blocks, size, delay): (usize, u32, usize), channel_of: impl Fn(u8) -> u8) {
    let mut late: Vec<Vec<InputEvent>> = vec![Vec::new(); delay];
    for _ in 0..n_blocks {
        let inputs = late.remove(0);
        let events = rig.block(&stopped(), &inputs, size);
        let input = |event: &PlayerEvent| {
            InputEvent::note(event.offset, channel_of(event.channel), event.pitch, event.action)
        };
        late.push(events.iter().map(input).collect());
    }
}

#[test]
fn each_part_plays_its_figure_in_turn_whatever_the_blocks() {
    let mut whole = None;
    for sizes in [&[512][..], &[1, 17, 64], &[8192], &[400_000], &[333, 0, 4096]] {
        let mut rig = Rig::new();
        rest(&mut rig, 480, &[480]);
        rig.monitor.send_test_notes();
        assert_eq!(rig.monitor.test_notes().stage, TestStage::Awaited);
        rest(&mut rig, ALL, sizes);
        assert!(rig.sounding.is_empty(), "{sizes:?}");
        rest(&mut rig, 1, &[1]);
        assert_eq!(
            rig.monitor.test_notes(),
            TestNotes { stage: TestStage::Done, n_sent: 20, n_back: 0 },
            "{sizes:?}"
        );
        let ons = test_ons(&rig);
        assert_eq!((ons.len(), rig.events.len()), (20, 40), "{sizes:?}");
        for ((turn, (part, channel, keys)), notes) in (0_u64..).zip(TURNS).zip(ons.chunks(4)) {
            for ((step, key), (at, event)) in (0_u64..).zip(keys).zip(notes) {
                let expected = (480 + turn * TURN + step * 12_000, Some(part), channel, key);
                assert_eq!((*at, event.part, event.channel, event.pitch.number()), expected);
                assert_eq!(event.action, Action::On { velocity: 101 });
            }
        }
        rig.events.iter_mut().for_each(|(_, event)| event.offset = 0);
        assert_eq!(whole.get_or_insert_with(|| rig.events.clone()), &rig.events, "{sizes:?}");
    }
}

#[test]
fn nobody_is_tested_unasked() {
    let mut rig = Rig::new();
    rest(&mut rig, ALL, &[512]);
    // Asked and taken back before a block was played.
    rig.monitor.send_test_notes();
    rig.monitor.stop_test_notes();
    rest(&mut rig, ALL, &[512]);
    assert_eq!((rig.events.len(), rig.monitor.test_notes()), (0, TestNotes::default()));
}

#[test]
fn the_part_that_sounds_is_reported() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    for (turn, (part, ..)) in (0_u64..).zip(TURNS) {
        rest_until(&mut rig, turn * TURN + 1000, &[500]);
        assert_eq!(rig.monitor.test_notes().stage, TestStage::Sounding(part));
    }
    rest_until(&mut rig, 5 * TURN + 1000, &[500]);
    assert_eq!(rig.monitor.test_notes().stage, TestStage::Listening);
}

#[test]
fn silent_parts_and_channels_already_recognised_are_left_out() {
    let play = |change: fn(&mut Rig)| {
        let mut rig = Rig::new();
        change(&mut rig);
        rig.monitor.send_test_notes();
        rest(&mut rig, ALL, &[512]);
        rest(&mut rig, ALL, &[512]);
        assert_eq!(rig.monitor.test_notes().stage, TestStage::Done);
        test_ons(&rig)
            .chunks(4)
            .map(|notes| (notes[0].1.part.unwrap(), notes[0].1.channel))
            .collect::<Vec<_>>()
    };
    let muted = play(|rig| rig.settings.parts[Part::Chords.index()].is_muted = true);
    assert_eq!(muted, [(Part::Melody, 0), (Part::Bass, 2), (Part::Arpeggio, 3), (Part::Drums, 9)]);
    assert_eq!(play(|rig| rig.settings.parts[Part::Bass.index()].is_soloed = true), [(Part::Bass, 2)]);
    assert_eq!(play(|rig| rig.settings.one_channel = Some(6)), [(Part::Melody, 6)]);
    let none = play(|rig| rig.settings.parts.iter_mut().for_each(|part| part.is_muted = true));
    assert_eq!(none, []);
}

#[test]
fn a_part_that_is_muted_meanwhile_is_released_at_once() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    rest(&mut rig, 13_000, &[500]);
    rig.settings.parts[Part::Melody.index()].is_muted = true;
    rest(&mut rig, 500, &[500]);
    assert!(rig.sounding.is_empty());
    rest(&mut rig, ALL, &[512]);
    assert_eq!(test_ons(&rig).len(), 2 + 16);
}

#[test]
fn whoever_stops_it_stops_it_with_its_note_off() {
    let stops: [fn(&mut Rig); 6] = [
        |rig| rig.monitor.stop_test_notes(),
        |rig| rig.player.panic(),
        |rig| rig.player.reset(),
        |rig| rig.settings.is_bypassed = true,
        |rig| rig.settings.is_offline = true,
        Rig::release_all,
    ];
    for (idx, stop) in stops.into_iter().enumerate() {
        let mut rig = Rig::new();
        rig.monitor.send_test_notes();
        rest(&mut rig, 13_000, &[500]);
        assert_eq!(rig.sounding.len(), 1, "{idx}");
        stop(&mut rig);
        // As a host may, between.
        rest(&mut rig, 1, &[0, 1]);
        assert!(rig.sounding.is_empty(), "{idx}");
        rest(&mut rig, ALL, &[512]);
        assert_eq!((test_ons(&rig).len(), rig.monitor.test_notes().stage), (2, TestStage::Stopped), "{idx}");
        // What is bypassed or rendered sends none when asked either.
        let is_refused = rig.settings.is_bypassed || rig.settings.is_offline;
        rig.monitor.send_test_notes();
        rest(&mut rig, 2 * TURN, &[512]);
        assert_eq!(test_ons(&rig).len(), if is_refused { 2 } else { 10 }, "{idx}");
    }
}

#[test]
fn asked_again_it_begins_again() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    rest(&mut rig, TURN + 1000, &[500]);
    rig.monitor.send_test_notes();
    rest(&mut rig, ALL + 1, &[500]);
    let ons = test_ons(&rig);
    assert_eq!((ons.len(), ons[5].0, ons[5].1.part), (25, TURN + 1000, Some(Part::Melody)));
    assert_eq!(rig.monitor.test_notes().n_sent, 20);
}

#[test]
fn the_phrase_rests_meanwhile_and_goes_on_in_step() {
    for mode in [Mode::Host, Mode::Free] {
        let mut rig = Rig::with(&sixteenths(2, 40));
        rig.settings.mode = mode;
        let mut host = Host::at(0.0);
        host.play(&mut rig, BEAT + 100, &[100]);
        rig.monitor.send_test_notes();
        rig.events.clear();
        host.play(&mut rig, ALL, &[777]);
        let is_phrase = |event: &PlayerEvent| event.action != Action::Off && !event.is_test;
        assert_eq!(rig.events.iter().filter(|(_, event)| is_phrase(event)).count(), 0, "{mode:?}");
        assert_eq!(test_ons(&rig).len(), 20, "{mode:?}");
        rig.events.clear();
        host.play(&mut rig, 4 * BEAT, &[777]);
        let note_ons = rig.note_ons();
        assert_eq!(note_ons.len(), 16, "{mode:?}");
        assert!(note_ons.iter().all(|(at, key)| u64::from(*key) - 40 == at / 6000 % 16), "{mode:?}");
    }
}

#[test]
fn keys_sound_along_with_the_test_notes() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    rest(&mut rig, 6000, &[500]);
    // The key of a test note on its channel, and another.
    let key = |offset, key, action| InputEvent::note(offset, 0, Pitch::clamped(key), action);
    let note_on = Action::On { velocity: 80 };
    rig.block(&stopped(), &[key(0, 60, note_on), key(0, 65, note_on), key(100, 60, Action::Off)], 500);
    rest(&mut rig, ALL, &[512]);
    assert_eq!(rig.sounding.len(), 1);
    rig.block(&stopped(), &[key(0, 65, Action::Off)], 500);
    assert!(rig.sounding.is_empty());
    assert_eq!((test_ons(&rig).len(), rig.monitor.test_notes().n_back), (20, 0));
}

#[test]
fn notes_that_come_back_are_counted_and_ignored() {
    for (size, delay) in [(64, 1), (512, 1), (4096, 2), (8192, 4)] {
        let mut rig = Rig::new();
        rig.monitor.send_test_notes();
        loop_back(&mut rig, (480_000 / size as usize, size, delay), |channel| channel);
        let expected = TestNotes { stage: TestStage::Done, n_sent: 20, n_back: 20 };
        assert_eq!((rig.monitor.test_notes(), rig.events.len()), (expected, 40), "{size} {delay}");
        // Keys are keys afterwards.
        rig.block(&stopped(), &[on(0, 60), off(30, 60)], 64);
        assert_eq!(rig.events.len(), 42, "{size} {delay}");
    }
    // On whatever channel.
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    loop_back(&mut rig, (1000, 512, 1), |_| 0);
    assert_eq!((rig.monitor.test_notes().n_back, rig.events.len()), (20, 40));
}

#[test]
fn a_test_note_whose_note_off_never_comes_back_costs_no_key_its_own() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    rest(&mut rig, 1000, &[500]);
    rig.block(&stopped(), &[on_with_velocity(0, 60, 101)], 500);
    assert_eq!(rig.monitor.test_notes().n_back, 1);
    rest(&mut rig, ALL, &[512]);
    rig.block(&stopped(), &[on(0, 60)], 500);
    rig.block(&stopped(), &[off(0, 60)], 500);
    assert!(rig.sounding.is_empty());
}

#[test]
fn the_same_notes_played_by_hand_pass_through() {
    let mut rig = Rig::new();
    rig.monitor.send_test_notes();
    // As loud as people play, and a marked note that never left.
    for (offset, key, velocity) in [(2000, 60, 100), (14_000, 64, 80), (26_000, 61, 101)] {
        rest_until(&mut rig, offset, &[500]);
        rig.block(&HostTime::default(), &[on_with_velocity(0, key, velocity), off(50, key)], 64);
    }
    rest(&mut rig, ALL, &[512]);
    let n_passed = rig.events.iter().filter(|(_, event)| event.part.is_none()).count();
    assert_eq!((n_passed, rig.monitor.test_notes().n_back), (6, 0));
}

#[test]
fn blocks_are_counted() {
    let mut rig = Rig::new();
    rest(&mut rig, 5000, &[500]);
    assert_eq!(rig.monitor.n_blocks(), 10);
}
