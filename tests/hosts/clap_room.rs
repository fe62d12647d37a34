//! Hosts that accept a limited number of events in a block.

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::recording::Recording;
use crate::stored::composed;

/// The recording of two passes of the phrase, in blocks of which the host takes as many events as `room` says.
fn recorded_in(room: impl Fn(usize) -> usize) -> Recording {
    let mut host = ClapHost::restored(&composed());
    host.transport.is_playing = true;
    // Four bars of the usual tempo are eight seconds.
    for block in 0..16 * 48_000 / 480 {
        host.room = room(block);
        host.run_block(480);
    }
    host.room = usize::MAX;
    host.transport.is_playing = false;
    host.run_block(64);
    host.run_block(64);
    host.take_recording()
}

#[test]
fn a_host_without_room_misses_no_note_off_and_gets_none_alone() {
    let whole = recorded_in(|_| usize::MAX).n_ons();
    for room in [0, 1, 2] {
        for n_cramped in [1, 3, 50] {
            // Now it has room and now it has not.
            let recording = recorded_in(|block| if block / n_cramped % 2 == 0 { usize::MAX } else { room });
            recording.check();
            let n_ons = recording.n_ons();
            assert!(n_ons > 0 && (room > 0 || n_ons < whole), "{n_ons} of {whole}, room for {room}");
        }
    }
    let recording = recorded_in(|_| 1);
    recording.check();
    assert!(
        (1..whole).contains(&recording.n_ons()),
        "{} of {whole}, room for one event at any time",
        recording.n_ons()
    );
}
