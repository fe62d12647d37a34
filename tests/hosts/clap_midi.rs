//! MIDI besides notes, through CLAP: programs, controllers, pedals, the clock and what is learnt.

use clack_extensions::render::RenderMode;
use clack_host::events::Pckn;
use clack_host::events::event_types::{MidiEvent, NoteOffEvent, NoteOnEvent};
use descant::music::Part;
use serde_json::json;

use crate::clap_host::ClapHost;
use crate::expected;
use crate::host::Host;
use crate::recording::{Action, Recording};
use crate::stored::{Stored, composed};

fn midi(at: u32, data: [u8; 3]) -> MidiEvent {
    MidiEvent::new(at, 0, data)
}

fn key(number: u8) -> Pckn {
    Pckn::new(0_u16, 0_u16, u16::from(number), 0_u32)
}

/// The state of [`composed`] with its third take in the second slot.
fn with_a_slot() -> Stored {
    composed().with_slots(&[None, Some(3)])
}

fn without_ids(recording: &Recording) -> Vec<(u64, Action, u8, u8)> {
    recording.events.iter().map(|event| (event.at, event.action, event.channel, event.key)).collect()
}

#[test]
fn a_program_change_plays_its_slot_on_stage_and_in_renders_alike() {
    let state = with_a_slot();
    let slot = state.project().takes.in_slot(1).expect("a take lies there").take.phrase.clone();
    let pass = |mut host: ClapHost| {
        (host.transport.tempo, host.transport.is_playing) = (120.0, true);
        host.run(2.0, &[512, 31]);
        // Bars are two seconds long: the slot takes over at the third.
        host.send(&midi(7, [0xc0, 1, 0]));
        host.run(8.0, &[512, 31]);
        host.transport.is_playing = false;
        host.run(0.2, &[512]);
        host.take_recording()
    };
    let live = {
        let mut host = ClapHost::restored(&state);
        host.wait_until_sounding();
        pass(host)
    };
    let render = || {
        let mut host = ClapHost::inactive();
        host.set_render_mode(RenderMode::Offline);
        host.load(&state);
        host.activate(48_000.0);
        pass(host)
    };
    let (first, second) = (render(), render());
    first.check();
    assert_eq!(without_ids(&first), without_ids(&second));
    assert_eq!(first.sound, second.sound);
    assert_eq!(without_ids(&first), without_ids(&live));
    let third_bar = 2.0 * slot.frame().meter.bar_duration().to_beats();
    let written = slot.notes(Part::Bass).iter().filter(|note| note.onset.to_beats() >= third_bar);
    let is_bass = |action: Action, channel: u8| {
        matches!(action, Action::On(_)) && channel == Part::Bass.usual_channel()
    };
    // Four bars are eight seconds long.
    let after = first.events.iter().filter(|event| (4 * 48_000..8 * 48_000).contains(&event.at));
    let after = after.filter(|event| is_bass(event.action, event.channel));
    let mut after: Vec<_> = after.map(|event| (event.at, event.key)).collect();
    after.sort_unstable();
    let keys: Vec<u8> = after.into_iter().map(|(_, key)| key).collect();
    let expected: Vec<u8> = written.map(|note| note.pitch.number()).collect();
    assert_eq!(keys, expected, "what lies in the slot plays from the third bar on");
}

#[test]
fn an_automated_slot_renders_as_it_plays() {
    let state = with_a_slot();
    let render = || {
        let mut host = ClapHost::inactive();
        host.set_render_mode(RenderMode::Offline);
        host.load(&state);
        host.activate(48_000.0);
        host.transport.is_playing = true;
        host.run(1.0, &[512]);
        host.set("slot", "2");
        host.run(8.0, &[512]);
        host.transport.is_playing = false;
        host.run(0.2, &[512]);
        let first = host.take_recording();
        host.transport.beat = 0.0;
        (first, host.project())
    };
    let (first, project) = render();
    let plain = {
        let mut host = ClapHost::restored(&state);
        host.wait_until_sounding();
        host.transport.is_playing = true;
        host.run(9.0, &[512]);
        host.take_recording()
    };
    assert_ne!(without_ids(&first), without_ids(&plain));
    assert_eq!(without_ids(&first), without_ids(&render().0));
    assert_eq!(project, state.project(), "a render changes no project");
    // From the first sample on it is the slot's.
    let at_once = || {
        let mut host = ClapHost::inactive();
        host.set_render_mode(RenderMode::Offline);
        host.load(&state);
        host.activate(48_000.0);
        host.set("slot", "2");
        host.play_pass(&[512])
    };
    let slot = state.project().takes.in_slot(1).expect("a take lies there").take.phrase.clone();
    expected::check_pass(&at_once(), &slot, 120.0, 48_000.0);
}

#[test]
fn a_learnt_controller_composes_and_is_stored() {
    let mut state = composed();
    state.0["fields"]["midi"] = json!({"generate": "cc 20", "slot 2": "key 30"}).to_string().into();
    let mut host = ClapHost::restored(&state);
    let n_takes = |host: &mut ClapHost| host.project().takes.entries().len();
    let before = n_takes(&mut host);
    host.send(&midi(0, [0xb3, 20, 127]));
    host.send(&NoteOnEvent::new(3, key(30), 0.7));
    host.send(&NoteOffEvent::new(9, key(30), 0.0));
    host.run_until("new takes", |host| n_takes(host) > before);
    assert_eq!((host.recording.n_ons(), host.recording.messages.len()), (0, 0), "both are ours");
    host.send(&midi(0, [0xb3, 21, 127]));
    host.run_block(64);
    assert_eq!(host.recording.messages.len(), 1, "another controller is not");
    assert_eq!(host.save().0["fields"]["midi"], state.0["fields"]["midi"]);
}

#[test]
fn controllers_pass_in_order_unless_they_are_not_to() {
    let mut host = ClapHost::restored(&composed());
    for (at, data) in [(5, [0xb0, 1, 99]), (9, [0xe2, 0, 64]), (9, [0xd2, 44, 0]), (20, [0xb0, 64, 127])] {
        host.send(&midi(at, data));
    }
    host.run_block(64);
    let found: Vec<(u64, [u8; 3])> =
        host.recording.messages.iter().map(|(at, _, data)| (*at, *data)).collect();
    assert_eq!(found, [(5, [0xb0, 1, 99]), (9, [0xe2, 0, 64]), (9, [0xd2, 44, 0]), (20, [0xb0, 64, 127])]);
    // The pedal that was passed on goes up with everything else.
    host.press("panic");
    host.run_block(64);
    assert!(host.recording.messages.iter().any(|(_, _, data)| *data == [0xb0, 64, 0]));
    host.set("through", "Off");
    host.run_block(64);
    let n_before = host.recording.messages.len();
    host.send(&midi(5, [0xb0, 1, 3]));
    host.run_block(64);
    assert_eq!(host.recording.messages.len(), n_before);
}

#[test]
fn controllers_that_a_host_sets_all_at_once_do_not_pass() {
    let mut host = ClapHost::restored(&composed());
    for channel in 0..16 {
        for number in 0..128 {
            host.send(&midi(0, [0xb0 | channel, number, 0]));
        }
        host.send(&midi(0, [0xe0 | channel, 0, 0]));
    }
    host.send(&midi(40, [0xb0, 7, 90]));
    host.run_block(64);
    let found: Vec<(u64, [u8; 3])> =
        host.recording.messages.iter().map(|(at, _, data)| (*at, *data)).collect();
    assert_eq!(found, [(40, [0xb0, 7, 90])]);
}

#[test]
fn programs_are_sent_before_the_first_note() {
    let mut host = ClapHost::restored(&composed());
    host.wait_until_sounding();
    host.set("bass_program", "34");
    host.set("bass_bank", "2");
    host.run_block(64);
    let channel = Part::Bass.usual_channel();
    let sent = [[0xb0 | channel, 0, 1], [0xb0 | channel, 32, 0], [0xc0 | channel, 33, 0]];
    let messages = |host: &ClapHost| -> Vec<[u8; 3]> {
        host.recording.messages.iter().map(|(_, _, data)| *data).collect()
    };
    assert_eq!(messages(&host), sent);
    host.run(0.1, &[64]);
    assert_eq!(messages(&host), sent, "once");
    host.transport.is_playing = true;
    host.run(0.2, &[512]);
    assert_eq!(messages(&host), [sent, sent].concat(), "and when playing starts");
    assert!(host.recording.messages.iter().all(|(_, n_notes, _)| *n_notes == 0));
    assert!(host.recording.n_ons() > 0);
    // A host that runs while nothing plays is sent nothing more.
    host.set("playmode", "Keys");
    host.run(0.2, &[64]);
    assert_eq!(messages(&host).len(), 6);
}

#[test]
fn a_pedal_holds_the_keys_that_play_the_phrase() {
    let mut host = ClapHost::restored(&composed());
    host.wait_until_sounding();
    host.set("playmode", "Keys");
    host.run_block(64);
    host.send(&NoteOnEvent::new(0, key(60), 0.7));
    host.send(&midi(5, [0xb0, 64, 127]));
    host.send(&NoteOffEvent::new(30, key(60), 0.0));
    host.run(3.0, &[512]);
    assert!(host.recording.n_ons() > 4, "it plays on");
    host.send(&midi(5, [0xb0, 64, 0]));
    host.run_block(64);
    let n_before = host.recording.n_ons();
    host.run(1.0, &[512]);
    assert_eq!(host.recording.n_ons(), n_before);
    assert!(host.recording.messages.is_empty(), "the pedal is ours");
    host.recording.check();
}

#[test]
fn a_midi_clock_drives_the_phrase() {
    let mut host = ClapHost::restored(&composed());
    host.wait_until_sounding();
    host.set("playmode", "Free");
    host.set("temposrc", "MIDI clock");
    host.run_block(64);
    host.take_recording();
    host.run(1.0, &[480]);
    assert_eq!(host.recording.n_ons(), 0, "nothing before the clock starts");
    host.take_recording();
    host.send(&midi(0, [0xfa, 0, 0]));
    // 24 ticks of 1,000 samples a beat: 120 beats per minute.
    for _ in 0..96 {
        host.send(&midi(0, [0xf8, 0, 0]));
        host.run_block(1000);
    }
    let driven = host.take_recording();
    host.send(&midi(0, [0xfc, 0, 0]));
    host.run_block(1000);
    host.run(1.0, &[480]);
    assert_eq!(host.recording.n_ons(), 0, "stopped");
    let written = {
        let mut host = ClapHost::restored(&composed());
        host.wait_until_sounding();
        host.play_pass(&[512])
    };
    // Note-ons well before the end, by channel and key.
    let ons = |recording: &Recording| -> Vec<(u8, u8, u64)> {
        let ons = recording.events.iter().filter(|event| matches!(event.action, Action::On(_)));
        let ons = ons.filter(|event| event.at < 95 * 1000 + 500);
        let mut ons: Vec<_> = ons.map(|event| (event.channel, event.key, event.at)).collect();
        ons.sort_unstable();
        ons
    };
    let (driven, written) = (ons(&driven), ons(&written));
    assert!(driven.len() > 4);
    assert_eq!(driven.len(), written.len());
    for (one, other) in driven.iter().zip(&written) {
        assert_eq!((one.0, one.1), (other.0, other.1));
        assert!(one.2.abs_diff(other.2) <= 24, "half a millisecond: {one:?} {other:?}");
    }
}

#[test]
fn a_pedal_that_was_passed_on_goes_up_whatever_comes_between() {
    let messages = |host: &ClapHost| -> Vec<[u8; 3]> {
        host.recording.messages.iter().map(|(_, _, data)| *data).collect()
    };
    let mut host = ClapHost::restored(&composed());
    host.send(&midi(5, [0xb0, 64, 127]));
    host.run_block(64);
    host.deactivate();
    host.activate(96_000.0);
    host.send(&midi(5, [0xb0, 64, 30]));
    host.send(&midi(9, [0xb0, 64, 0]));
    host.run_block(64);
    assert_eq!(messages(&host), [[0xb0, 64, 127], [0xb0, 64, 30], [0xb0, 64, 0]]);
    // A host that sets all controllers at once lifts the pedal, and passes on nothing else.
    host.take_recording();
    host.send(&midi(5, [0xb0, 64, 127]));
    host.run_block(64);
    (0..128).for_each(|number| host.send(&midi(7, [0xb0, number, 0])));
    host.run_block(64);
    assert_eq!(messages(&host), [[0xb0, 64, 127], [0xb0, 64, 0]]);
}

#[test]
fn panic_silences_the_channels_of_all_parts() {
    let mut host = ClapHost::restored(&composed());
    host.press("panic");
    host.run_block(64);
    for part in Part::ALL {
        for controller in [64, 123] {
            let silence = [0xb0 | part.usual_channel(), controller, 0];
            assert!(host.recording.messages.iter().any(|(_, _, data)| *data == silence), "{part:?}");
        }
    }
}

#[test]
fn a_restart_starts_free_mode_over() {
    let mut host = ClapHost::restored(&composed());
    host.wait_until_sounding();
    host.set("playmode", "Free");
    host.run(0.7, &[64]);
    let first = |host: &mut ClapHost| {
        let start = host.recording.n_samples();
        host.press("restart");
        host.run(0.4, &[64]);
        let mut ons = host.recording.events.iter().filter(|event| matches!(event.action, Action::On(_)));
        let first = ons.find(|event| event.at >= start);
        first.map(|event| (event.at - start, event.channel, event.key))
    };
    let once = first(&mut host);
    assert!(once.is_some());
    host.run(1.3, &[64]);
    assert_eq!(first(&mut host), once);
    host.switch("bypass", true);
    host.run_block(64);
    host.recording.check();
}
