//! Changes of phrase, settings and groove during playback.

use descant::music::groove::{GroovePlace, MAX_LATE_TICKS, N_PLACES};
use descant::music::{Groove, Part};
use descant::player::{Action, Cause, Clip, Mode, PlayerEvent, Quantum, Settings, SwingUnit};

use super::rig::{BEAT, Host, Rig, on, phrase, sixteenths, stopped};

#[test]
fn another_phrase_waits_for_the_quantum() {
    for (quantum, expected) in [
        (Quantum::Sixteenth, Some(6000)),
        (Quantum::Eighth, Some(12_000)),
        (Quantum::Beat, Some(BEAT)),
        (Quantum::Bar, Some(4 * BEAT)),
        (Quantum::Phrase, Some(8 * BEAT)),
        (Quantum::Off, Some(6000)),
    ] {
        let mut rig = Rig::with(&sixteenths(2, 40));
        rig.settings.quantum = quantum;
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        // One that is overtaken, and a newer one.
        rig.sender.send(Clip::new(2, Cause::Chosen, &sixteenths(1, 20))).unwrap();
        rig.sender.send(Clip::new(3, Cause::Chosen, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 100, &[100]);
        let is_pending = (quantum != Quantum::Off).then_some(3);
        assert_eq!(rig.monitor.pending_id(), is_pending);
        // In the phrase, which is eight beats long.
        let in_phrase = |at: u64| at as f64 / BEAT as f64 % 8.0;
        assert_eq!(rig.monitor.next_launch(), expected.filter(|_| is_pending.is_some()).map(in_phrase));
        host.play(&mut rig, 9 * BEAT, &[777]);
        assert_eq!((rig.monitor.playing_id(), rig.monitor.pending_id()), (Some(3), None));
        assert_eq!(rig.monitor.next_launch(), None);
        let first = rig.note_ons().iter().find(|(_, key)| *key >= 80).map(|(at, _)| *at);
        assert_eq!(first, expected, "{quantum:?}");
        assert!(rig.note_ons().iter().all(|(_, key)| *key >= 40), "the overtaken phrase is not played");
        assert_eq!(rig.sender.collect_spent(), 2);
        // In step with the beat, not from its start.
        for (at, key) in rig.note_ons().into_iter().filter(|(_, key)| *key >= 80) {
            assert_eq!(u64::from(key) - 80, at / 6000 % 16);
        }
    }
}

#[test]
fn an_edited_phrase_goes_on_without_a_break_and_one_that_waits_waits_on() {
    let mut rig = Rig::with(&phrase(1, &[(0, 1920, 60, Part::Melody), (1920, 960, 62, Part::Melody)]));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    let edited = phrase(1, &[(0, 1920, 60, Part::Melody), (960, 960, 64, Part::Bass)]);
    rig.sender.send(Clip::new(1, Cause::Edited, &edited)).unwrap();
    host.play(&mut rig, BEAT, &[100]);
    // What sounds goes on, what is new begins, what is gone does not.
    assert_eq!(rig.note_ons(), [(0, 60), (BEAT, 64)]);
    assert!(rig.sounding.contains_key(&(0, 60)));
    // The next waits for the bar; its edited version waits in its place, and one of neither changes nothing.
    rig.settings.quantum = Quantum::Bar;
    rig.sender.send(Clip::new(2, Cause::Chosen, &sixteenths(1, 80))).unwrap();
    host.play(&mut rig, 100, &[100]);
    for id in [2, 3] {
        rig.sender.send(Clip::new(id, Cause::Edited, &sixteenths(1, 100))).unwrap();
        host.play(&mut rig, 100, &[100]);
        assert_eq!((rig.monitor.playing_id(), rig.monitor.pending_id()), (Some(1), Some(2)));
    }
    host.play(&mut rig, 4 * BEAT, &[100]);
    assert_eq!(rig.monitor.playing_id(), Some(2));
    let after = rig.note_ons().into_iter().filter(|(at, _)| *at >= 2 * BEAT).collect::<Vec<_>>();
    assert_eq!(after.first(), Some(&(4 * BEAT, 100)), "{after:?}");
}

#[test]
fn an_edited_phrase_takes_over_where_it_would_have_before() {
    for (cause, expected) in [(Cause::Evolved, 8 * BEAT), (Cause::Composed, 2 * BEAT), (Cause::Chosen, BEAT)]
    {
        let mut rig = Rig::with(&sixteenths(2, 40));
        rig.settings.quantum = Quantum::Beat;
        rig.settings.commit_beats = 1.0;
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        rig.sender.send(Clip::new(2, cause, &sixteenths(1, 60))).unwrap();
        host.play(&mut rig, 100, &[100]);
        rig.sender.send(Clip::new(2, Cause::Edited, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 9 * BEAT, &[777]);
        let first = rig.note_ons().iter().find(|(_, key)| *key >= 60).copied();
        assert_eq!(first.map(|(at, key)| (at, key >= 80)), Some((expected, true)), "{cause:?}");
    }
}

#[test]
fn a_longer_version_takes_over_without_a_break() {
    let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody)]));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    let longer =
        phrase(1, &[(0, 3840, 60, Part::Melody), (960, 960, 64, Part::Bass), (20, 960, 65, Part::Bass)]);
    rig.sender.send(Clip::new(1, Cause::Chosen, &longer)).unwrap();
    host.play(&mut rig, 2 * BEAT, &[100]);
    // Nothing late, nothing released.
    assert_eq!(rig.note_ons(), [(0, 60), (BEAT, 64)]);
    assert!(rig.sounding.contains_key(&(0, 60)));
}

#[test]
fn bypass_mute_and_mode_release_at_once() {
    let quiet: [fn(&mut Settings); 4] = [
        |settings| settings.is_bypassed = true,
        |settings| settings.parts[Part::Melody.index()].is_muted = true,
        |settings| settings.parts[Part::Drums.index()].is_soloed = true,
        |settings| settings.mode = Mode::Keys,
    ];
    for change in quiet {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        change(&mut rig.settings);
        let events = rig.block(&host.time(), &[], 100);
        assert_eq!(
            events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
            [(0, Action::Off)]
        );
        host.advance(100);
        host.play(&mut rig, BEAT, &[100]);
        assert_eq!(rig.note_ons().len(), 1);
    }
}

#[test]
fn panic_and_sample_rate_release_and_go_on() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    rig.player.panic();
    let events = rig.block(&host.time(), &[], 100);
    assert_eq!((events.len(), rig.n_generated()), (1, 0));
    host.advance(100);
    host.play(&mut rig, 6000, &[100]);
    assert_eq!(rig.n_generated(), 1);
    rig.player.set_sample_rate(96_000.0);
    let events = rig.block(&host.time(), &[], 10);
    assert_eq!((events.len(), events[0].action, rig.n_generated()), (1, Action::Off, 0));
}

#[test]
fn swing_and_humanise_move_notes_within_bounds_and_keep_them_all() {
    for (swing, unit, humanise) in [
        (0.75, SwingUnit::Eighth, 0.0),
        (0.66, SwingUnit::Sixteenth, 0.0),
        (0.5, SwingUnit::Eighth, 1.0),
        (0.7, SwingUnit::Sixteenth, 1.0),
    ] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        (rig.settings.swing, rig.settings.swing_unit, rig.settings.humanise) = (swing, unit, humanise);
        // A little more than four passes: the last notes may come late.
        Host::at(0.0).play(&mut rig, 16 * BEAT + 800, &[333]);
        let keys: Vec<_> = rig.note_ons().iter().map(|(_, key)| *key).collect();
        let moved =
            rig.note_ons().iter().enumerate().filter(|(idx, (at, _))| *at != 6000 * *idx as u64).count();
        assert!(keys.len() >= 64 && moved > 16, "{swing} {unit:?} {humanise}: {moved} of {}", keys.len());
        for (idx, (at, key)) in rig.note_ons().iter().enumerate() {
            let unit = if unit == SwingUnit::Eighth { 0.5 } else { 0.25 };
            let most = (2.0 * f64::from(swing) - 1.0) * unit * 24_000.0 + f64::from(humanise) * 750.0 + 1.0;
            assert_eq!(usize::from(*key), 60 + idx % 16, "note-on {idx}");
            let written = 6000 * idx as u64;
            let late = *at as f64 - written as f64;
            assert!((0.0..=most).contains(&late), "{swing} {unit} {humanise}: {at} for {written}");
        }
    }
}

/// The second and fourth beat late and loud, all other sixteenths in turn in time and as late as can be.
fn backbeat() -> Groove {
    let mut places = [GroovePlace::STRAIGHT; N_PLACES];
    for (place_idx, place) in places.iter_mut().enumerate() {
        *place = match place_idx {
            4 | 12 => GroovePlace { late_ticks: 24.0, velocity: 1.25 },
            _ if place_idx % 2 == 1 => GroovePlace { late_ticks: MAX_LATE_TICKS, velocity: 0.5 },
            _ => GroovePlace::STRAIGHT,
        };
    }
    Groove::new(places).unwrap()
}

#[test]
fn a_groove_moves_each_sixteenth_by_its_own_and_sets_its_velocity() {
    let played = |groove, amount, swing| {
        let mut rig = Rig::with(&sixteenths(1, 60));
        (rig.settings.groove, rig.settings.groove_amount, rig.settings.swing) = (groove, amount, swing);
        Host::at(0.0).play(&mut rig, 8 * BEAT - 1, &[333]);
        assert_eq!(rig.note_ons().len(), 32, "{amount} {swing}");
        rig.events
    };
    let note_ons = |events: &[(u64, PlayerEvent)]| -> Vec<(u64, u8)> {
        let on = events.iter().filter_map(|(at, event)| match event.action {
            Action::On { velocity } => Some((*at, velocity)),
            Action::Off => None,
        });
        on.collect()
    };
    // A tick is 25 samples.
    let whole = note_ons(&played(backbeat(), 1.0, 0.5));
    assert_eq!(whole[..6], [(0, 90), (8400, 45), (12_000, 90), (20_400, 45), (24_600, 113), (32_400, 45)]);
    assert_eq!(whole[16..18], [(96_000, 90), (104_400, 45)]);
    let half = note_ons(&played(backbeat(), 0.5, 0.5));
    assert_eq!(half[..3], [(0, 90), (7200, 68), (12_000, 90)]);
    // Swung as well, a note has its own place's lateness.
    let swung = note_ons(&played(backbeat(), 1.0, 0.75));
    assert_eq!(swung[..4], [(0, 90), (11_400, 45), (18_000, 90), (23_400, 45)]);
    // None of it is exactly none.
    for (groove, amount) in
        [(backbeat(), 0.0), (backbeat(), -1.0), (backbeat(), f32::NAN), (Groove::STRAIGHT, 1.0)]
    {
        assert_eq!(played(groove, amount, 0.6), played(Groove::STRAIGHT, 0.0, 0.6), "{amount}");
    }
}

#[test]
fn turning_the_feel_loses_and_doubles_nothing() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    rig.settings.groove = backbeat();
    for round in 0..2000_u16 {
        (rig.settings.swing, rig.settings.humanise) =
            (0.5 + f32::from(round % 26) * 0.01, f32::from(round % 7) / 6.0);
        rig.settings.groove_amount = f32::from(round % 5) / 4.0;
        host.play(&mut rig, 301, &[301]);
    }
    for (idx, (_, key)) in rig.note_ons().iter().enumerate() {
        assert_eq!(usize::from(*key), 60 + idx % 16, "note-on {idx}");
    }
    assert!(rig.note_ons().len() >= 2000 * 301 / 6000);
}

#[test]
fn a_restored_phrase_takes_over_once_the_other_is_released() {
    for is_playing in [true, false] {
        let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody), (0, 3840, 48, Part::Bass)]));
        rig.settings.quantum = Quantum::Off;
        let mut host = Host::at(0.0);
        host.play(&mut rig, BEAT - 6000, &[1000]);
        rig.sender.send(Clip::new(2, Cause::Chosen, &phrase(1, &[(720, 960, 60, Part::Melody)]))).unwrap();
        let time = if is_playing { host.time() } else { stopped() };
        let events = rig.block(&time, &[], 100);
        let seen: Vec<_> = events.iter().map(|event| (event.offset, event.action == Action::Off)).collect();
        let released = [(0, true), (0, true), (0, false)];
        assert_eq!(seen, released[..if is_playing { 3 } else { 2 }]);
        assert_eq!(rig.monitor.playing_id(), Some(2));
    }
}

#[test]
fn another_octave_or_channel_releases_what_sounds() {
    let mut rig = Rig::with(&phrase(1, &[(0, 960, 60, Part::Melody), (960, 960, 60, Part::Melody)]));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[1000]);
    let melody = &mut rig.settings.parts[Part::Melody.index()];
    (melody.octave, melody.channel) = (1, 7);
    host.play(&mut rig, 2 * BEAT, &[1000]);
    let seen: Vec<_> = rig
        .events
        .iter()
        .map(|(at, event)| (*at, event.action == Action::Off, event.channel, event.pitch.number()))
        .collect();
    let expected = [(0, false, 0, 60), (BEAT, true, 0, 60), (BEAT, false, 7, 72), (2 * BEAT, true, 7, 72)];
    assert_eq!(seen, expected);
}

/// What a plugin does that is activated anew: the host takes events in blocks only.
#[test]
fn activation_releases_everything_with_the_first_sample_of_the_next_block() {
    for mode in [Mode::Host, Mode::Keys, Mode::Free] {
        for (rate, takes_up) in [(48_000.0, true), (96_000.0, true), (44_100.0, false)] {
            let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody), (0, 3840, 36, Part::Drums)]));
            rig.settings.mode = mode;
            let mut host = Host::at(0.0);
            rig.block(&host.time(), &[on(3, 70), on(5, 71)], 1000);
            host.advance(1000);
            let n_sounding = rig.sounding.len();
            assert_eq!(n_sounding, if mode == Mode::Keys { 2 } else { 4 });
            rig.player.set_sample_rate(rate);
            rig.player.reset();
            assert_eq!(rig.sounding.len(), n_sounding, "nothing leaves outside of a block");
            let events = rig.block(&if takes_up { host.time() } else { stopped() }, &[], 64);
            let released = events.iter().take_while(|event| (event.offset, event.action) == (0, Action::Off));
            assert_eq!(released.count(), n_sounding, "{mode:?}: {events:?}");
            assert!(events[n_sounding..].iter().all(|event| event.action != Action::Off), "{events:?}");
        }
    }
}

/// For who takes note-offs outside of a block, as a render to a file does where the phrase ends.
#[test]
fn everything_is_released_at_once_where_no_block_follows() {
    for mode in [Mode::Host, Mode::Keys, Mode::Free] {
        let mut rig = Rig::with(&phrase(1, &[(0, 3840, 60, Part::Melody), (0, 3840, 36, Part::Drums)]));
        rig.settings.mode = mode;
        rig.block(&Host::at(0.0).time(), &[on(3, 70), on(5, 71)], 1000);
        assert!(rig.n_generated() >= 2);
        // Asserts that nothing sounds after.
        rig.release_all();
        assert_eq!(rig.monitor.n_sounding(), 0);
    }
}

#[test]
fn a_late_model_rests_or_goes_on_and_plays_nothing_late() {
    // Bars that arrive a bar and a half after their place: they rest, and sound when they come round.
    let n_bars = 4;
    let mut rig = Rig::with(&phrase(n_bars, &[]));
    let mut host = Host::at(0.0);
    let notes: Vec<_> = (0..64).map(|idx| (idx * 240, 240, 60, Part::Melody)).collect();
    for n_there in 1..=n_bars {
        host.play(&mut rig, if n_there == 1 { 10 * BEAT + 100 } else { BEAT }, &[480]);
        let there = notes.iter().take(16 * n_there as usize).copied().collect::<Vec<_>>();
        rig.sender.send(Clip::new(1, Cause::Chosen, &phrase(n_bars, &there))).unwrap();
    }
    host.play(&mut rig, 19 * BEAT - 100, &[480]);
    let places: Vec<u64> = rig.note_ons().iter().map(|(at, _)| *at / 6000).collect();
    assert!(rig.note_ons().iter().all(|(at, _)| at % 6000 == 0), "a note out of its place");
    // From the sample on at which the last bars came, in the middle of a sixteenth.
    assert_eq!(places, (53..128).collect::<Vec<_>>());

    // Another phrase that is late: the old one goes on until it is there, and then until the bar line.
    let mut rig = Rig::with(&sixteenths(1, 40));
    let mut host = Host::at(0.0);
    host.play(&mut rig, 21 * BEAT, &[512]);
    rig.sender.send(Clip::new(2, Cause::Chosen, &sixteenths(1, 80))).unwrap();
    host.play(&mut rig, 7 * BEAT, &[512]);
    let expected: Vec<_> =
        (0..112_u8).map(|idx| (6000 * u64::from(idx), if idx < 96 { 40 } else { 80 } + idx % 16)).collect();
    assert_eq!(rig.note_ons(), expected);
}

#[test]
fn length_and_accent_shape_notes_and_move_none() {
    let mut rig = Rig::with(&phrase(
        1,
        &[(0, 480, 60, Part::Melody), (960, 480, 62, Part::Melody), (1440, 480, 40, Part::Drums)],
    ));
    (rig.settings.note_length, rig.settings.accent) = (0.25, 1.0);
    Host::at(0.0).play(&mut rig, 4 * BEAT, &[333]);
    let seen: Vec<_> =
        rig.events.iter().map(|(at, event)| (*at, event.pitch.number(), event.action)).collect();
    let on = |velocity| Action::On { velocity };
    assert_eq!(
        seen,
        [
            (0, 60, on(110)),
            (3000, 60, Action::Off),
            (24_000, 62, on(98)),
            (27_000, 62, Action::Off),
            (36_000, 40, on(85)),
            (48_000, 40, Action::Off),
        ]
    );
    // Legato reaches over the next note.
    let mut rig = Rig::with(&phrase(1, &[(0, 960, 60, Part::Melody), (960, 960, 62, Part::Melody)]));
    rig.settings.note_length = 1.5;
    Host::at(0.0).play(&mut rig, 30_000, &[1000]);
    assert_eq!(rig.n_generated(), 2);
    // Silly values are held, and no note loses its length.
    for length in [0.0, -3.0, f32::NAN, f32::INFINITY] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        rig.settings.note_length = length;
        Host::at(0.0).play(&mut rig, 4 * BEAT, &[512]);
        assert_eq!(rig.note_ons().len(), 16, "{length}");
        assert!(rig.n_generated() <= 2, "{length}: notes hang");
        let first_off = rig.events.iter().find(|(_, event)| event.action == Action::Off);
        // The shortest is 30 ticks; twice a sixteenth is the longest; not a number is as written.
        let expected = if length.is_nan() {
            6000
        } else if length > 0.0 {
            12_000
        } else {
            750
        };
        assert_eq!(first_off.map(|(at, _)| *at), Some(expected), "{length}");
    }
}

#[test]
fn what_was_composed_takes_over_beyond_the_commit_horizon() {
    for (cause, quantum, commit_beats, expected) in [
        (Cause::Composed, Quantum::Sixteenth, 1.0, 30_000),
        (Cause::Chosen, Quantum::Sixteenth, 1.0, 6000),
        (Cause::Composed, Quantum::Sixteenth, 0.0, 6000),
        (Cause::Composed, Quantum::Beat, 1.0, 2 * BEAT),
        (Cause::Composed, Quantum::Bar, 3.0, 4 * BEAT),
        (Cause::Composed, Quantum::Bar, 4.0, 8 * BEAT),
        (Cause::Composed, Quantum::Phrase, 8.0, 16 * BEAT),
        (Cause::Composed, Quantum::Off, 4.0, 1000),
        (Cause::Composed, Quantum::Sixteenth, f64::NAN, 6000),
    ] {
        let mut rig = Rig::with(&sixteenths(2, 40));
        (rig.settings.quantum, rig.settings.commit_beats) = (quantum, commit_beats);
        let mut host = Host::at(0.0);
        host.play(&mut rig, 1000, &[100]);
        // Its first bar, and soon all of it: that does not put it off.
        rig.sender.send(Clip::new(2, cause, &sixteenths(1, 80))).unwrap();
        // Past a sixteenth and a quarter of a beat: begun anew, the horizon would end at a later bound.
        host.play(&mut rig, 7000, &[100]);
        let announced = rig.monitor.next_launch();
        rig.sender.send(Clip::new(2, cause, &sixteenths(2, 80))).unwrap();
        host.play(&mut rig, 20 * BEAT, &[777]);
        let first = rig.monitor.playing_id().zip(rig.note_ons().iter().find(|(_, key)| *key >= 80).copied());
        let (_, (at, _)) = first.unwrap();
        // With launch off the next note is the one at the next sixteenth.
        let expected = if quantum == Quantum::Off { 6000 } else { expected };
        assert_eq!(at, expected, "{cause:?} {quantum:?} {commit_beats}");
        // It was announced during the phrase before, for as long as it was to come.
        let to_come = (expected > 8000).then_some(expected as f64 / BEAT as f64 % 8.0);
        assert_eq!(announced, to_come, "{cause:?} {quantum:?} {commit_beats}");
        // Up to there the old phrase played every note.
        let old = rig.note_ons().iter().filter(|(_, key)| *key < 80).count() as u64;
        assert_eq!(old, expected / 6000, "{cause:?} {quantum:?} {commit_beats}");
    }
}

#[test]
fn the_commit_horizon_reaches_round_a_loop_and_ends_with_a_seek() {
    // With blocks of 1000 the host goes round the loop between two of them.
    for size in [333, 1000] {
        let mut rig = Rig::with(&sixteenths(1, 40));
        (rig.settings.quantum, rig.settings.commit_beats) = (Quantum::Sixteenth, 1.0);
        let mut host = Host { loop_range: Some((0.0, 2.0)), ..Host::at(1.5) };
        host.play(&mut rig, 1000, &[100]);
        rig.sender.send(Clip::new(2, Cause::Composed, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 2 * BEAT, &[size]);
        // It came at beat 1.54: half a beat before the loop point and half a beat after are frozen.
        assert_eq!(rig.note_ons().iter().find(|(_, key)| *key >= 80), Some(&(30_000, 83)), "{size}");
        rig.sender.send(Clip::new(3, Cause::Composed, &sixteenths(1, 20))).unwrap();
        host.play(&mut rig, 1000, &[100]);
        let mut host = Host { loop_range: None, ..Host::at(0.0) };
        let since = rig.now;
        host.play(&mut rig, BEAT, &[100]);
        let first = rig.note_ons().iter().find(|(_, key)| *key < 40).map(|(at, _)| at - since);
        assert_eq!(first, Some(0), "{size}");
    }
}

#[test]
fn round_a_loop_without_a_bound_another_phrase_takes_over_at_the_loop_point() {
    for (size, cause, horizon, expected) in [
        (333, Cause::Chosen, 1.0, 24_000),
        (1000, Cause::Chosen, 1.0, 24_000),
        (333, Cause::Composed, 2.0, 72_000),
        (1000, Cause::Composed, 2.0, 72_000),
    ] {
        let mut rig = Rig::with(&sixteenths(2, 40));
        (rig.settings.quantum, rig.settings.commit_beats) = (Quantum::Bar, horizon);
        let mut host = Host { loop_range: Some((5.0, 6.0)), ..Host::at(5.0) };
        host.play(&mut rig, 1000, &[1000]);
        rig.sender.send(Clip::new(2, cause, &sixteenths(2, 80))).unwrap();
        host.play(&mut rig, 4 * BEAT, &[size]);
        let first = rig.note_ons().iter().find(|(_, key)| *key >= 80).copied();
        assert_eq!(first, Some((expected, 84)), "{size} {cause:?}");
        let onsets: Vec<u64> = rig.note_ons().iter().map(|(at, _)| *at).collect();
        let every_sixteenth: Vec<u64> = (0..onsets.len() as u64).map(|idx| idx * 6000).collect();
        assert_eq!(onsets, every_sixteenth, "{size} {cause:?}");
    }
}

#[test]
fn what_is_composed_while_another_waits_takes_over_where_that_would_have() {
    let mut rig = Rig::with(&sixteenths(2, 40));
    (rig.settings.quantum, rig.settings.commit_beats) = (Quantum::Sixteenth, 2.0);
    let mut host = Host::at(0.0);
    host.play(&mut rig, 1000, &[100]);
    for id in 2..6 {
        rig.sender.send(Clip::new(id, Cause::Composed, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, BEAT / 2, &[100]);
    }
    host.play(&mut rig, BEAT, &[100]);
    assert_eq!(rig.note_ons().iter().find(|(_, key)| *key >= 80), Some(&(54_000, 89)));
    assert_eq!(rig.monitor.playing_id(), Some(5));
}

#[test]
fn what_evolved_takes_over_when_the_phrase_begins_again() {
    for (quantum, loop_range, expected) in [
        (Quantum::Off, None, 4 * BEAT),
        (Quantum::Sixteenth, None, 4 * BEAT),
        // A loop in which the phrase never begins again.
        (Quantum::Bar, Some((1.0, 3.0)), 2 * BEAT),
        // One over all of it.
        (Quantum::Bar, Some((0.0, 4.0)), 4 * BEAT),
    ] {
        let mut rig = Rig::with(&sixteenths(1, 40));
        rig.settings.quantum = quantum;
        let mut host = Host { loop_range, ..Host::at(loop_range.map_or(0.0, |(start, _)| start)) };
        host.play(&mut rig, 1000, &[100]);
        assert_eq!(rig.monitor.n_passes(), 1);
        rig.sender.send(Clip::new(2, Cause::Evolved, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 5 * BEAT, &[512]);
        let first = rig.note_ons().iter().find(|(_, key)| *key >= 80).copied();
        assert_eq!(first.map(|(at, _)| at), Some(expected), "{quantum:?}");
        let n_passes = if loop_range == Some((1.0, 3.0)) { 3 } else { 2 };
        assert_eq!(rig.monitor.n_passes(), n_passes, "{quantum:?}");
        // Nothing is lost or doubled where the one gives way to the other.
        let gaps: Vec<u64> = rig.note_ons().windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        assert!(gaps.iter().all(|gap| *gap == 6000), "{quantum:?}: {gaps:?}");
    }
}

#[test]
fn the_velocity_curve_rises_and_one_channel_serves_all() {
    let mut rig = Rig::with(&phrase(
        1,
        &[(0, 960, 60, Part::Melody), (0, 960, 60, Part::Bass), (0, 960, 38, Part::Drums)],
    ));
    for curve in [-1.0, -0.5, 0.0, 0.5, 1.0, 7.0, -7.0, f32::NAN] {
        rig.settings.velocity_curve = curve;
        let curved: Vec<u8> = (1..=127).map(|velocity| rig.settings.curved(velocity)).collect();
        assert!(curved.is_sorted() && curved[0] >= 1 && curved[126] == 127, "{curve}");
        let middle = curved[63];
        assert_eq!(middle.cmp(&64), curve.partial_cmp(&0.0).unwrap_or(std::cmp::Ordering::Equal), "{curve}");
    }
    rig.settings.velocity_curve = 1.0;
    rig.settings.one_channel = Some(4);
    Host::at(0.0).play(&mut rig, BEAT, &[512]);
    // Two parts that meet on a key of the channel are one note.
    let mut note_ons: Vec<_> = rig.events.iter().filter(|(_, event)| event.action != Action::Off).collect();
    note_ons.sort_by_key(|(_, event)| event.pitch);
    let found: Vec<_> =
        note_ons.iter().map(|(_, event)| (event.channel, event.pitch.number(), event.action)).collect();
    let velocity = rig.settings.curved(90);
    assert_eq!(found, [(4, 38, Action::On { velocity }), (4, 60, Action::On { velocity })]);
    assert!(velocity > 110);
}

#[test]
fn what_is_composed_just_before_a_loop_point_keeps_to_the_horizon() {
    for size in [500, 1000] {
        let mut rig = Rig::with(&sixteenths(1, 40));
        (rig.settings.quantum, rig.settings.commit_beats) = (Quantum::Sixteenth, 1.0);
        let mut host = Host { loop_range: Some((0.0, 2.0)), ..Host::at(0.0) };
        host.play(&mut rig, 2 * BEAT, &[size]);
        rig.sender.send(Clip::new(2, Cause::Composed, &sixteenths(1, 80))).unwrap();
        host.play(&mut rig, 2 * BEAT, &[size]);
        assert_eq!(rig.note_ons().iter().find(|(_, key)| *key >= 80), Some(&(3 * BEAT, 84)), "{size}");
    }
}
