//! Creation, removal and reactivation of instances at odd moments.

use crate::clap_host::{ClapHost, MAX_BLOCK};
use crate::expected;
use crate::host::Host;
use crate::stored::composed;

#[test]
fn an_instance_may_go_at_any_moment() {
    drop(ClapHost::inactive());
    drop(ClapHost::active());
    let mut idle = ClapHost::inactive();
    idle.load(&composed());
    drop(idle);
    // While it reads the model, and while it composes.
    for n_blocks in [1, 5, 50] {
        let mut host = ClapHost::active();
        host.transport.is_playing = true;
        host.press("generate");
        let mut n_left = n_blocks;
        host.run_until("some blocks", |_| {
            n_left -= 1;
            n_left == 0
        });
        host.recording.check_so_far();
        drop(host);
    }
    // While notes sound: those of the one that stays are not touched.
    let mut hosts = [ClapHost::restored(&composed()), ClapHost::restored(&composed())];
    for host in &mut hosts {
        host.transport.is_playing = true;
        host.run_until("a note", |host| !host.recording.check_so_far().is_empty());
    }
    let [goes, mut stays] = hosts;
    drop(goes);
    stays.run(1.0, &[480]);
    stays.transport.is_playing = false;
    stays.run_block(64);
    stays.run_block(64);
    stays.recording.check();
}

#[test]
fn another_rate_or_block_size_changes_no_beat() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    let mut host = ClapHost::restored(&state);
    for (rate, blocks) in [
        (44_100.0, &[441][..]),
        (96_000.0, &[MAX_BLOCK]),
        (48_000.0, &[48]),
        (192_000.0, &[1000, 1]),
        (22_050.0, &[512]),
    ] {
        // In the middle of the phrase, with notes sounding.
        host.transport.is_playing = true;
        host.transport.beat = 1.1;
        host.run(0.4, &[100]);
        host.deactivate();
        host.activate(rate);
        host.transport.is_playing = false;
        host.run_block(64);
        host.run_block(64);
        let recording = host.take_recording();
        recording.check();
        let recording = host.play_pass(blocks);
        recording.check();
        expected::check_pass(&recording, &phrase, 120.0, rate);
    }
}

#[test]
fn composing_goes_on_through_deactivation() {
    let mut host = ClapHost::active();
    host.press("generate");
    host.deactivate();
    host.activate(44_100.0);
    host.run_until("takes", |host| host.project().takes.current().is_some());
    host.settle();
    let phrase = host.project().takes.current().unwrap().take.phrase.clone();
    let recording = host.play_pass(&[512]);
    recording.check();
    expected::check_pass(&recording, &phrase, 120.0, 44_100.0);
}
