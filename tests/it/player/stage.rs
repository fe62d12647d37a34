//! Pedals, slots, count-in and MIDI clock.

use descant::music::{Part, Phrase};
use descant::player::{
    Action, CallEvent, Cause, Clip, ClockMessage, InputEvent, Message, Mode, PlayerEvent, Quantum,
    TempoSource,
};

use super::rig::{BEAT, Host, Rig, off, on, phrase, sixteenths, stopped};

fn message(offset: u32, message: Message) -> InputEvent {
    InputEvent { offset, message }
}

fn send(rig: &mut Rig, id: u64, phrase: &Phrase) {
    rig.sender.send(Clip::new(id, Cause::Chosen, phrase)).unwrap();
}

fn hold(offset: u32, is_down: bool) -> InputEvent {
    message(offset, Message::Hold { is_down })
}

/// A rig whose first two slots hold phrases of their own.
fn with_slots(phrase: &Phrase) -> Rig {
    let mut rig = Rig::with(phrase);
    for (slot_idx, id, first_key) in [(0, 21, 80), (1, 22, 100)] {
        assert!(
            rig.sender.send_to_slot(slot_idx, Some(Clip::new(id, Cause::Chosen, &sixteenths(1, first_key))))
        );
    }
    rig
}

#[test]
fn a_key_that_is_released_under_the_pedal_plays_on() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Keys;
    rig.block(&stopped(), &[on(0, 60), hold(10, true), off(20, 60)], 1000);
    rig.block(&stopped(), &[], 10_000);
    assert_eq!(rig.note_ons().len(), 2, "the second sixteenth plays though the key is up");
    let events = rig.block(&stopped(), &[hold(77, false)], 1000);
    assert_eq!(
        events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
        [(77, Action::Off)]
    );
    rig.block(&stopped(), &[], 20_000);
    assert_eq!(rig.note_ons().len(), 2);
}

#[test]
fn panic_releases_under_the_pedal_too() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Keys;
    rig.settings.holds = true;
    rig.block(&stopped(), &[hold(0, true), on(0, 60), off(20, 60)], 1000);
    assert_eq!(rig.n_generated(), 1);
    rig.player.panic();
    let events = rig.block(&stopped(), &[], 20_000);
    assert_eq!(
        events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
        [(0, Action::Off)]
    );
    assert_eq!(rig.n_generated(), 0);
}

#[test]
fn everything_is_released_at_its_sample() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let host = Host::at(0.0);
    let release = message(4000, Message::Release);
    let events = rig.block(&host.time(), &[on(100, 50), release, on(4000, 52)], 8192);
    let found: Vec<_> =
        events.iter().map(|event| (event.offset, event.action, event.pitch.number())).collect();
    let on = |velocity| Action::On { velocity };
    let expected = [
        (0, on(90), 60),
        (100, on(80), 50),
        (4000, Action::Off, 50),
        (4000, Action::Off, 60),
        (4000, on(80), 52),
        (6000, on(90), 61),
    ];
    let mut found = found;
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[test]
fn what_releases_everything_lifts_the_pedal_at_once() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Keys;
    let release = message(0, Message::Release);
    let events = rig.block(&stopped(), &[hold(0, true), release, on(10, 60), off(500, 60)], 1000);
    let found: Vec<_> = events.iter().map(|event| (event.offset, event.action)).collect();
    assert_eq!(found, [(10, Action::On { velocity: 90 }), (500, Action::Off)]);
    rig.block(&stopped(), &[], 20_000);
    assert_eq!(rig.note_ons().len(), 1);
}

#[test]
fn the_count_in_sounds_before_the_first_call_and_is_no_call() {
    for call_beats in [4.0, 8.0] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        rig.settings.mode = Mode::Free;
        (rig.settings.tempo_source, rig.settings.tempo) = (TempoSource::Knob, 120.0);
        (rig.settings.count_in_beats, rig.settings.call_beats) = (8.0, Some(call_beats));
        rig.block(&stopped(), &[on(100, 50)], 6 * 24_000);
        assert_eq!(rig.note_ons().len(), 6, "sticks");
        assert!(rig.sender.take_call_event().is_none());
        rig.block(&stopped(), &[], 3 * 24_000);
        assert_eq!(rig.note_ons().len(), 8, "the first window is for listening");
        assert_eq!(rig.sender.take_call_event(), Some(CallEvent::Begin));
    }
}

#[test]
fn the_phrase_starts_over_at_its_sample_and_is_counted_in_again() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Free;
    (rig.settings.tempo_source, rig.settings.tempo) = (TempoSource::Knob, 120.0);
    rig.settings.count_in_beats = 4.0;
    rig.block(&stopped(), &[], 4 * 24_000 + 7000);
    assert_eq!(rig.note_ons()[4..], [(96_000, 60), (102_000, 61)]);
    let events = rig.block(&stopped(), &[message(1000, Message::Restart)], 5 * 24_000);
    assert_eq!((events[0].offset, events[0].action), (1000, Action::Off));
    let since = rig.note_ons()[6..].iter().map(|(at, key)| (at - 104_000, *key)).collect::<Vec<_>>();
    let sticks = [0, 24_000, 48_000, 72_000].map(|at| (at, 37));
    assert_eq!(since[..4], sticks);
    assert_eq!(since[4..], [(96_000, 60), (102_000, 61), (108_000, 62), (114_000, 63)]);
    // Under a key it begins anew, in the host's time it does not.
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Keys;
    rig.block(&stopped(), &[message(0, Message::Restart), on(0, 60), message(7000, Message::Restart)], 8000);
    assert_eq!(rig.note_ons(), [(0, 60), (6000, 61), (7000, 60)]);
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.block(&Host::at(0.0).time(), &[message(7000, Message::Restart)], 13_000);
    assert_eq!(rig.note_ons(), [(0, 60), (6000, 61), (12_000, 62)]);
}

#[test]
fn play_and_stop_move_the_phrase_in_free_mode_and_nothing_hangs() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Free;
    (rig.settings.tempo_source, rig.settings.tempo) = (TempoSource::Knob, 120.0);
    rig.settings.is_running = false;
    rig.block(&stopped(), &[], 48_000);
    assert!(rig.events.is_empty());
    rig.settings.is_running = true;
    rig.block(&stopped(), &[], 7000);
    assert_eq!(rig.note_ons(), [(48_000, 60), (54_000, 61)]);
    rig.settings.is_running = false;
    let events = rig.block(&stopped(), &[], 48_000);
    assert_eq!(
        events.iter().map(|event| (event.offset, event.action)).collect::<Vec<_>>(),
        [(0, Action::Off)]
    );
    assert!(rig.sounding.is_empty());
    // It begins anew, and is counted in again.
    (rig.settings.is_running, rig.settings.count_in_beats) = (true, 1.0);
    rig.block(&stopped(), &[], 25_000);
    assert_eq!(rig.note_ons()[2..], [(103_000, 37), (127_000, 60)]);
    // Elsewhere others say.
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.is_running = false;
    rig.block(&Host::at(0.0).time(), &[], 7000);
    assert_eq!(rig.note_ons(), [(0, 60), (6000, 61)]);
}

#[test]
fn what_is_not_to_pass_through_does_not() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.block(&stopped(), &[on(0, 50)], 100);
    rig.settings.passes = false;
    let events = rig.block(&stopped(), &[on(5, 52), off(50, 52), off(60, 50)], 100);
    let found: Vec<_> =
        events.iter().map(|event| (event.offset, event.action, event.pitch.number())).collect();
    assert_eq!(found, [(60, Action::Off, 50)], "what sounds is released all the same");
    rig.settings.is_bypassed = true;
    assert_eq!(rig.block(&stopped(), &[on(0, 50), off(9, 50)], 100).len(), 2);
}

#[test]
fn a_slot_is_played_from_the_next_bound_and_nobody_is_waited_for() {
    for slot in [message(100, Message::Slot(1)), on(100, 25)] {
        let mut rig = with_slots(&sixteenths(1, 60));
        rig.settings.quantum = Quantum::Beat;
        let is_key = matches!(slot.message, Message::Note { .. });
        if is_key {
            rig.settings.mode = Mode::Keys;
            rig.settings.key_switches = Some(24);
        }
        let host = Host::at(0.0);
        let first = if is_key { vec![on(0, 60), slot] } else { vec![slot] };
        rig.block(&host.time(), &first, u32::try_from(2 * BEAT).unwrap());
        let keys: Vec<u8> = rig.note_ons().iter().map(|(_, key)| *key).collect();
        assert_eq!(keys, [60, 61, 62, 63, 104, 105, 106, 107]);
        assert_eq!(rig.player.take_slot_asked(), Some(1));
        assert_eq!(rig.player.take_slot_asked(), None);
    }
}

#[test]
fn an_empty_slot_changes_nothing() {
    let mut rig = with_slots(&sixteenths(1, 60));
    let host = Host::at(0.0);
    rig.block(&host.time(), &[message(5, Message::Slot(7)), message(6, Message::Slot(99))], 96_000);
    assert!(rig.note_ons().iter().all(|(_, key)| (60..76).contains(key)));
    rig.sender.send_to_slot(1, None);
    rig.block(&stopped(), &[], 64);
    rig.player.set_slot(Some(1));
    rig.block(&host.time(), &[], 96_000);
    assert!(rig.note_ons().iter().all(|(_, key)| (60..76).contains(key)));
}

#[test]
fn every_render_begins_with_what_was_set_or_sent_last() {
    // Whatever a render has chosen, the next begins as it did.
    let render = |rig: &mut Rig| -> Vec<(u64, PlayerEvent)> {
        rig.player.reset();
        let (from, start) = (rig.events.len(), rig.now);
        let mut host = Host::at(0.0);
        rig.block(&host.time(), &[message(100, Message::Slot(0))], 48_000);
        host.advance(48_000);
        rig.block(&host.time(), &[message(100, Message::Slot(1))], 96_000);
        let mut events = rig.events[from..].to_vec();
        rig.release_all();
        events.iter_mut().for_each(|(when, event)| (*when, event.note_id) = (*when - start, 0));
        events
    };
    let mut rig = with_slots(&sixteenths(1, 60));
    rig.settings.quantum = Quantum::Beat;
    let first = render(&mut rig);
    let keys = |events: &[(u64, PlayerEvent)]| -> Vec<u8> {
        events.iter().map(|(_, event)| event.pitch.number()).collect()
    };
    assert!([60, 84, 104].iter().all(|key| keys(&first).contains(key)), "{:?}", keys(&first));
    assert_eq!(render(&mut rig), first);
    rig.player.set_slot(Some(1));
    let with_setting = render(&mut rig);
    assert!(keys(&with_setting)[0] == 100);
    assert_eq!(render(&mut rig), with_setting);
    // A slot that is set and empty changes nothing.
    rig.player.set_slot(Some(7));
    let with_empty = render(&mut rig);
    assert_eq!(keys(&with_empty)[0], 60);
    assert_eq!(render(&mut rig), with_empty);
    // What is sent counts more than what was set before.
    send(&mut rig, 9, &sixteenths(1, 30));
    rig.block(&stopped(), &[], 64);
    let sent = render(&mut rig);
    assert!(keys(&sent)[0] == 30);
    assert_eq!(render(&mut rig), sent);
}

#[test]
fn bars_are_counted_in_where_our_own_clock_begins() {
    let mut rig = Rig::new();
    rig.settings.mode = Mode::Free;
    rig.settings.tempo_source = TempoSource::Knob;
    rig.settings.tempo = 120.0;
    rig.settings.count_in_beats = 4.0;
    rig.block(&stopped(), &[], 5000);
    send(&mut rig, 1, &phrase(1, &[(0, 960, 60, Part::Melody)]));
    for size in [1000_u32, 7, 8192].iter().cycle().take(60) {
        rig.block(&stopped(), &[], *size);
    }
    let expected: Vec<(u64, u8)> =
        (0..4).map(|beat| (5000 + beat * BEAT, 37)).chain([(5000 + 4 * BEAT, 60)]).collect();
    assert_eq!(rig.note_ons()[..5], expected);
    let velocities: Vec<Action> =
        rig.events.iter().map(|(_, event)| event.action).filter(|action| *action != Action::Off).collect();
    assert!(velocities[0] > velocities[1] && velocities[1] == velocities[2]);
    assert_eq!(rig.events[0].1.channel, 9);
}

/// Blocks of `size` with a tick each 1,000 samples, from `rig.now` on: 120 beats per minute.
fn play_ticks(rig: &mut Rig, first: &[InputEvent], n_ticks: u64, size: u32) {
    let start = rig.now;
    let end = start + n_ticks * 1000;
    while rig.now < end {
        let (from, to) = (rig.now - start, rig.now - start + u64::from(size));
        let mut inputs: Vec<InputEvent> = if from == 0 { first.to_vec() } else { Vec::new() };
        let ticks = (0..n_ticks).map(|n| n * 1000).filter(|at| (from..to).contains(at));
        inputs.extend(
            ticks.map(|at| message(u32::try_from(at - from).unwrap(), Message::Clock(ClockMessage::Tick))),
        );
        rig.block(&stopped(), &inputs, size);
    }
}

#[test]
fn a_midi_clock_is_followed_from_start_to_stop() {
    for size in [64, 1000, 4096] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        rig.settings.mode = Mode::Free;
        rig.settings.tempo_source = TempoSource::MidiClock;
        rig.settings.tempo = 67.0;
        // Ticks alone move nothing, but tell the tempo.
        play_ticks(&mut rig, &[], 48, size);
        assert_eq!(rig.note_ons(), []);
        let start = rig.now;
        play_ticks(&mut rig, &[message(0, Message::Clock(ClockMessage::Start))], 96, size);
        let found = rig.note_ons();
        assert!(found.len() >= 16);
        for (n, (when, key)) in found.iter().take(16).enumerate() {
            let expected = start + u64::try_from(n).unwrap() * BEAT / 4;
            assert!(when.abs_diff(expected) <= 1, "{size}: {n} at {} not {expected}", when - start);
            assert_eq!(usize::from(*key), 60 + n);
        }
        let events = rig.block(&stopped(), &[message(5, Message::Clock(ClockMessage::Stop))], 3000);
        assert!(events.iter().all(|event| event.offset <= 5));
        assert_eq!(rig.n_generated(), 0);
        let n_before = rig.note_ons().len();
        play_ticks(&mut rig, &[], 48, size);
        assert_eq!(rig.note_ons().len(), n_before, "{size}");
    }
}

#[test]
fn a_cable_that_comes_loose_stops_nothing() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Free;
    rig.settings.tempo_source = TempoSource::MidiClock;
    play_ticks(&mut rig, &[message(0, Message::Clock(ClockMessage::Start))], 24, 500);
    let n_before = rig.note_ons().len();
    rig.block(&stopped(), &[], 48_000);
    assert!(rig.note_ons().len() >= n_before + 7);
}
