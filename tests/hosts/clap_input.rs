//! Keys, controllers and hosts without time, through CLAP.

use clack_host::events::Pckn;
use clack_host::events::event_types::{NoteChokeEvent, NoteOffEvent, NoteOnEvent};

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::recording::Action;
use crate::stored::composed;

/// A key of a controller on the first channel.
fn key(key: u8) -> Pckn {
    Pckn::new(0_u16, 0_u16, u16::from(key), 0_u32)
}

#[test]
fn keys_pass_through_sample_by_sample() {
    let mut host = ClapHost::active();
    host.send(&NoteOnEvent::new(17, key(60), 0.5));
    host.send(&NoteOnEvent::new(17, key(64), 1.0));
    host.run_block(64);
    host.send(&NoteOffEvent::new(3, key(60), 0.0));
    host.send(&NoteChokeEvent::new(5, key(64)));
    host.run_block(64);
    let recording = host.take_recording();
    recording.check();
    let events: Vec<_> = recording.events.iter().map(|event| (event.at, event.key, event.action)).collect();
    let expected =
        [(17, 60, Action::On(64)), (17, 64, Action::On(127)), (67, 60, Action::Off), (69, 64, Action::Off)];
    assert_eq!(events, expected);
}

#[test]
fn all_notes_off_releases_every_key() {
    for (what, event) in
        [("every key", Pckn::match_all()), ("every key of a channel", Pckn::from_raw(0, 0, -1, -1))]
    {
        for is_choke in [false, true] {
            let mut host = ClapHost::active();
            for number in [60, 64, 67] {
                host.send(&NoteOnEvent::new(0, key(number), 0.5));
            }
            host.run_block(64);
            if is_choke {
                host.send(&NoteChokeEvent::new(0, event));
            } else {
                host.send(&NoteOffEvent::new(0, event, 0.0));
            }
            host.run_block(64);
            let offs = host.recording.events.iter().filter(|event| event.action == Action::Off).count();
            assert_eq!(offs, 3, "{what}, choke: {is_choke}");
        }
    }
}

#[test]
fn odd_keys_hang_nothing() {
    let mut host = ClapHost::restored(&composed());
    host.set("playmode", "Keys");
    host.run_block(64);
    for (is_on, number, offset) in [
        (true, 60, 0),
        (true, 60, 1),
        (false, 72, 2),
        (true, 72, 2),
        (false, 60, 40),
        (false, 60, 41),
        (false, 72, 63),
    ] {
        let event = key(number);
        if is_on {
            host.send(&NoteOnEvent::new(offset, event, 0.7));
        } else {
            host.send(&NoteOffEvent::new(offset, event, 0.0));
        }
    }
    host.run_block(64);
    host.send(&NoteOnEvent::new(0, key(48), 0.7));
    host.run(2.0, &[480, 3]);
    host.send(&NoteOffEvent::new(0, key(48), 0.0));
    host.run(0.1, &[64]);
    host.recording.check();
    assert!(host.recording.n_ons() > 3, "a held key plays the phrase");
    // A change of mode releases a key that is held.
    host.send(&NoteOnEvent::new(0, key(48), 0.7));
    host.run(0.5, &[64]);
    host.set("playmode", "Host");
    host.run(0.1, &[64]);
    host.recording.check();
}

#[test]
fn without_any_transport_the_phrase_plays_on_its_own() {
    let mut host = ClapHost::active();
    host.has_transport = false;
    host.load(&composed());
    host.run_until("a note", |host| host.recording.n_ons() > 0);
    host.run(5.0, &[512]);
    assert!(host.recording.n_ons() > 5, "{} notes", host.recording.n_ons());
    host.set("bypass", "On");
    host.run(0.1, &[64]);
    host.recording.check();
}

#[test]
fn a_press_shorter_than_a_block_counts() {
    let mut host = ClapHost::active();
    host.set_at(100, "generate", "On");
    host.set_at(900, "generate", "Off");
    host.run_block(1024);
    host.run_until("takes", |host| host.project().takes.current().is_some());
}

#[test]
fn a_flood_of_presses_composes_in_the_end() {
    let mut host = ClapHost::active();
    host.transport.is_playing = true;
    for _ in 0..100 {
        for id in ["nexttake", "panic", "prevtake", "generate"] {
            host.press(id);
        }
    }
    host.run_until("takes", |host| host.project().takes.current().is_some());
    host.transport.is_playing = false;
    host.run(0.1, &[64]);
    host.recording.check();
}
