//! Sounding notes are released with the first sample after a reactivation, and the phrase keeps its beats.

use clack_host::events::Pckn;
use clack_host::events::event_types::NoteOnEvent;
use descant::music::Phrase;
use vst3_host::midi::MidiChannel;

use crate::clap_host::ClapHost;
use crate::expected;
use crate::host::Host;
use crate::recording::Action;
use crate::stored::composed;
use crate::transport::Transport;
use crate::vst3_host::Vst3Host;

const RATES: [f64; 4] = [44_100.0, 96_000.0, 48_000.0, 22_050.0];

/// A key that is held meanwhile, lower than any of the phrase.
const HELD: u8 = 20;

/// Checks that after each `restart` of a host that plays `phrase`, at the given rate in hertz, the first block releases
/// all that sounded at its first sample, be it of the phrase or a key that `play_key` plays, and that later notes begin
/// on the same beats.
fn check<H: Host>(
    host: &mut H,
    phrase: &Phrase,
    rates: &[f64],
    play_key: impl Fn(&mut H),
    restart: impl Fn(&mut H, f64),
) {
    for rate in rates.iter().copied() {
        *host.transport() = Transport { is_playing: true, beat: 1.1, ..Transport::default() };
        play_key(host);
        let mut sounding = Vec::new();
        while sounding.len() < 2 {
            assert!(host.recording().n_samples() < 1_000_000, "the phrase sounds at some time");
            host.run_block(100);
            sounding = host.recording().sounding();
        }
        assert!(sounding.iter().any(|note| note.key == HELD), "{sounding:?}");
        let (from, start) = (host.transport().beat, host.recording().n_samples());
        restart(host, rate);
        host.run_block(512);
        for note in sounding {
            let is_its_off = |action: Action, id: i32, at: u64| {
                action == Action::Off && id == note.note_id && at > note.at
            };
            let mut events = host.recording().events.iter();
            let off = events.find(|event| is_its_off(event.action, event.note_id, event.at));
            assert_eq!(off.map(|off| off.at), Some(start), "{rate} Hz: {note:?}");
        }
        host.run(2.5, &[512, 37, 1]);
        let stop = host.recording().n_samples();
        host.transport().is_playing = false;
        host.run_block(64);
        host.run_block(64);
        let recording = host.take_recording();
        recording.check();
        expected::check_note_ons(&recording, start..stop, phrase, from, 120.0, rate);
    }
}

fn play_key_in_clap(host: &mut ClapHost) {
    host.send(&NoteOnEvent::new(0, Pckn::from_raw(0, 0, HELD.into(), -1), 0.7));
}

#[test]
fn notes_go_with_the_first_sample_after_activation_in_clap() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    check(&mut ClapHost::restored(&state), &phrase, &RATES, play_key_in_clap, |host, rate| {
        host.deactivate();
        host.activate(rate);
    });
}

#[test]
fn notes_go_with_the_first_sample_after_activation_in_vst3() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    let mut host = Vst3Host::started();
    host.load(&state);
    host.wait_until_sounding();
    let play_key = |host: &mut Vst3Host| {
        host.plugin.send_midi_note(HELD, 90, MidiChannel::Ch1).unwrap();
    };
    check(&mut host, &phrase, &RATES, play_key, Vst3Host::restart);
}

#[test]
fn a_reset_releases_with_the_first_sample() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    check(&mut ClapHost::restored(&state), &phrase, &[48_000.0; 2], play_key_in_clap, |host, _| host.reset());
}
