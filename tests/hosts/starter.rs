//! A fresh instance sounds on the first Play.

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::transport::Transport;
use crate::vst3_host::Vst3Host;

/// Plays `host`, which was just made, for three seconds; the number of note-ons.
fn n_note_ons(host: &mut impl Host) -> usize {
    *host.transport() = Transport { is_playing: true, ..Transport::default() };
    host.run(3.0, &[480]);
    host.transport().is_playing = false;
    host.run(0.1, &[480]);
    let recording = host.take_recording();
    recording.check();
    assert!(recording.n_ons() == 0 || recording.peak() > 0.001, "notes that leave also sound");
    recording.n_ons()
}

fn check(mut host: impl Host) {
    let fresh = host.save();
    let takes = fresh.project().takes;
    assert_eq!((takes.entries().len(), takes.current_idx()), (1, Some(0)));
    assert!(n_note_ons(&mut host) > 20);
    // A state that is restored takes its place, and it can be restored itself.
    host.load(&fresh.clone().without_takes());
    host.settle();
    host.take_recording();
    assert_eq!(n_note_ons(&mut host), 0);
    assert_eq!(host.project().takes.entries().len(), 0);
    host.load(&fresh);
    host.settle();
    assert!(n_note_ons(&mut host) > 20);
    assert_eq!(host.save().project(), fresh.project());
}

#[test]
fn the_first_play_of_a_clap_sounds() {
    let mut host = ClapHost::fresh();
    host.activate(48_000.0);
    check(host);
}

#[test]
fn the_first_play_of_a_vst3_sounds() {
    let mut host = Vst3Host::fresh();
    host.plugin.start_processing().expect("it starts");
    check(host);
}

#[test]
fn play_starts_and_stops_the_phrase_in_free_mode() {
    let mut host = ClapHost::fresh();
    host.activate(48_000.0);
    for (mode, is_on, is_sounding) in
        [("Free", "On", true), ("Free", "Off", false), ("Free", "On", true), ("Host", "Off", false)]
    {
        host.set("playmode", mode);
        host.set("play", is_on);
        host.run_block(64);
        let before = host.recording.n_ons();
        host.run(2.0, &[480]);
        assert_eq!(host.recording.n_ons() > before, is_sounding, "{mode}, {is_on}");
    }
    host.run(0.1, &[480]);
    host.recording.check();
}
