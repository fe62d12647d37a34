//! Call and response: call windows, the notes recorded in them, and when the phrase is silent.

use descant::player::{CallEvent, Cause, Clip, HostTime, InputEvent, KeyTrigger, Message, Mode};

use super::rig::{BEAT, Host, Rig, off, on, sixteenths, stopped};

/// Two beats each.
fn rig() -> Rig {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.call_beats = Some(2.0);
    rig
}

fn call_events(rig: &mut Rig) -> Vec<CallEvent> {
    std::iter::from_fn(|| rig.sender.take_call_event()).collect()
}

#[test]
fn it_listens_and_answers_in_turn() {
    for size in [64, 1000, 777, 24_000] {
        let mut rig = rig();
        let mut host = Host::at(0.0);
        host.play(&mut rig, BEAT, &[size]);
        assert!(rig.monitor.is_listening() && rig.note_ons().is_empty());
        rig.block(&host.time(), &[on(10, 64), off(500, 64)], 1000);
        host.advance(1000);
        host.play(&mut rig, BEAT, &[size]);
        assert_eq!(call_events(&mut rig).len(), 4, "begin, on, off, end: half a beat before it is over");
        // Recorded, but too late to be answered.
        rig.block(&host.time(), &[on(10, 66), off(500, 66)], 600);
        host.advance(600);
        host.play(&mut rig, 6 * BEAT - 1600, &[size]);
        let at: Vec<u64> = rig.note_ons().iter().map(|(at, _)| *at).collect();
        let answer: Vec<u64> = (8..16).map(|idx| idx * 6000).collect();
        assert_eq!(
            at, answer,
            "{size}: the phrase is silent while it listens, and rests where nothing was played"
        );
        let found = call_events(&mut rig);
        assert_eq!(found, [CallEvent::Begin], "{size}");
        assert_eq!(rig.n_generated(), 0);
    }
}

#[test]
fn a_call_event_has_its_place_in_the_window() {
    let mut rig = rig();
    let mut host = Host::at(4.0);
    host.play(&mut rig, BEAT / 2, &[100]);
    rig.block(&host.time(), &[on(0, 62)], 100);
    host.advance(100);
    host.play(&mut rig, BEAT / 2 - 100, &[100]);
    rig.block(&host.time(), &[off(0, 62)], 100);
    host.advance(100);
    host.play(&mut rig, BEAT, &[100]);
    let found = call_events(&mut rig);
    let [
        CallEvent::Begin,
        CallEvent::On { at: down, velocity: 80, .. },
        CallEvent::Off { at: up, .. },
        CallEvent::End { beats: 2.0 },
    ] = found[..]
    else {
        panic!("{found:?}")
    };
    assert!((down - 0.5).abs() < 1e-6 && (up - 1.0).abs() < 1e-6, "{down} {up}");
    // The keys pass through to the host, too.
    assert!(rig.events.iter().any(|(_, event)| event.part.is_none()));
}

#[test]
fn a_window_that_time_jumps_out_of_is_forgotten() {
    let mut rig = rig();
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(0, 62), off(9, 62)], 100);
    host.advance(100);
    host.play(&mut rig, BEAT / 2, &[100]);
    host.beat = 2.25;
    host.play(&mut rig, BEAT, &[100]);
    assert!(rig.note_ons().is_empty(), "nothing was played before this answer");
    rig.block(&HostTime { tempo: Some(120.0), beat: Some(3.0), ..HostTime::default() }, &[], 100);
    assert!(!rig.monitor.is_listening());
    assert!(!call_events(&mut rig).iter().any(|event| matches!(event, CallEvent::End { .. })));
    // Without call and answer the phrase plays on.
    rig.settings.call_beats = None;
    host.play(&mut rig, BEAT, &[100]);
    assert_eq!(rig.note_ons().len(), 4);
}

#[test]
fn an_answer_sent_while_it_listens_begins_with_its_window() {
    let mut rig = rig();
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(0, 62), off(9, 62)], 100);
    host.advance(100);
    host.play(&mut rig, 3 * BEAT / 2, &[100]);
    rig.sender.send(Clip::new(2, Cause::Answer, &sixteenths(1, 90))).unwrap();
    host.play(&mut rig, 2 * BEAT, &[100]);
    // The phrase of one bar is at its second half there.
    assert_eq!(rig.note_ons().first(), Some(&(2 * BEAT, 98)));
    assert!(rig.note_ons().iter().all(|(_, key)| *key >= 90));
}

#[test]
fn offline_input_is_not_forwarded_and_the_last_answer_plays() {
    let mut rig = rig();
    rig.settings.is_offline = true;
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[on(0, 62), off(9, 62)], 100);
    host.advance(100);
    host.play(&mut rig, 4 * BEAT, &[333]);
    assert_eq!(call_events(&mut rig), []);
    let at: Vec<u64> = rig.note_ons().iter().map(|(at, _)| *at).collect();
    assert_eq!(at, (8..16).map(|idx| idx * 6000).collect::<Vec<_>>());
}

#[test]
fn a_call_that_begins_at_the_loop_point_is_recorded_whole() {
    // With 7000 the host does not cut its block at the loop point.
    for size in [1000, 7000] {
        let mut rig = rig();
        let mut host = Host { loop_range: Some((0.0, 4.0)), ..Host::at(3.0) };
        let mut at = 0;
        while at < 2 * BEAT {
            let keys = [(BEAT, on(0, 62)), (BEAT + 900, off(0, 62))];
            let inside = keys.into_iter().filter(|(when, _)| (at..at + u64::from(size)).contains(when));
            let inputs: Vec<_> = inside
                .map(|(when, input)| descant::player::InputEvent {
                    offset: u32::try_from(when - at).unwrap(),
                    ..input
                })
                .collect();
            rig.block(&host.time(), &inputs, size);
            host.advance(size);
            at += u64::from(size);
        }
        let found = call_events(&mut rig);
        let [CallEvent::Begin, CallEvent::On { .. }, CallEvent::Off { .. }] = found[..] else {
            panic!("{size}: {found:?}")
        };
    }
}

/// Two beats each, begun by keys.
fn keys_rig() -> Rig {
    let mut rig = rig();
    rig.settings.mode = Mode::Keys;
    rig
}

#[test]
fn in_keys_mode_the_first_key_begins_the_call_and_the_answer_ends_it() {
    // A host that stands still, and one that runs.
    for (host, size) in [(stopped(), 100), (stopped(), 7777), (Host::at(3.7).time(), 512)] {
        let mut rig = keys_rig();
        let play = |rig: &mut Rig, n_samples: u64| {
            for _ in 0..n_samples / size {
                rig.block(&host, &[], u32::try_from(size).unwrap());
            }
            rig.block(&host, &[], u32::try_from(n_samples % size).unwrap());
        };
        play(&mut rig, 5000);
        assert!(!rig.monitor.is_playing() && call_events(&mut rig).is_empty());
        let begin = rig.now + 30;
        rig.block(&host, &[on(30, 62), off(500, 62)], 530);
        assert!(rig.monitor.is_listening());
        assert_eq!(rig.events.len(), 2, "the keys pass through");
        play(&mut rig, 4 * BEAT + 600);
        let found = call_events(&mut rig);
        let [
            CallEvent::Begin,
            CallEvent::On { at, .. },
            CallEvent::Off { .. },
            CallEvent::End { beats: 2.0 },
            ..,
        ] = found[..]
        else {
            panic!("{found:?}")
        };
        assert!(at < 1e-4, "{at}");
        let at: Vec<u64> = rig.note_ons().iter().map(|(at, _)| *at - begin).collect();
        assert_eq!(at, (8..16).map(|idx| idx * 6000).collect::<Vec<_>>(), "{size}");
        // It is over, until the next key.
        assert!(!rig.monitor.is_playing() && rig.n_generated() == 0);
        rig.block(&host, &[on(9, 64)], 100);
        assert!(rig.monitor.is_listening());
        rig.block(&host, &[off(9, 64)], 100);
        assert!(rig.sounding.is_empty());
    }
}

#[test]
fn what_ends_a_call_of_keys_leaves_nothing_behind() {
    let release = InputEvent { offset: 3, message: Message::Release };
    let changes: [fn(&mut Rig); 4] = [
        |rig| rig.player.panic(),
        |rig| rig.settings.is_bypassed = true,
        |rig| rig.settings.call_beats = None,
        |rig| rig.settings.mode = Mode::Host,
    ];
    for n_samples in [BEAT, 5 * BEAT / 2] {
        for change in changes.map(Some).into_iter().chain([None]) {
            let mut rig = keys_rig();
            rig.block(&stopped(), &[on(0, 62), off(9, 62)], 10);
            rig.block(&stopped(), &[], u32::try_from(n_samples).unwrap());
            assert_eq!(rig.n_generated() > 0, n_samples > 2 * BEAT);
            let inputs = if change.is_some() { &[][..] } else { &[release] };
            change.into_iter().for_each(|change| change(&mut rig));
            rig.block(&stopped(), inputs, 10);
            rig.block(&stopped(), &[], 10_000);
            assert!(rig.sounding.is_empty() && !rig.monitor.is_playing());
        }
    }
}

#[test]
fn a_key_that_was_latched_before_does_not_move_the_answer() {
    let mut rig = keys_rig();
    rig.settings.key_trigger = KeyTrigger::Latch;
    rig.settings.call_beats = None;
    rig.block(&stopped(), &[on(0, 62), off(9, 62)], 1000);
    assert_eq!(rig.note_ons(), [(0, 62)]);
    rig.settings.call_beats = Some(2.0);
    rig.block(&stopped(), &[], 1000);
    assert!(rig.sounding.is_empty() && !rig.monitor.is_playing());
    rig.block(&stopped(), &[on(0, 64), off(9, 64)], 1000);
    rig.block(&stopped(), &[], 100_000);
    // The second half of the bar, as it is written.
    assert_eq!(rig.note_ons()[1].1, 68);
    rig.settings.call_beats = None;
    rig.block(&stopped(), &[], 1000);
    assert!(rig.sounding.is_empty() && !rig.monitor.is_playing(), "nobody plays it");
}
