//! A CLAP host is notified of unsaved changes while no window is open.

use std::time::{Duration, Instant};

use crate::clap_host::ClapHost;
use crate::host::{HANG, Host};
use crate::stored::composed;

/// Plays until the host was notified `n` times in all, and is called back whenever it asked for that.
fn wait_for_marks(host: &mut ClapHost, n: u32) {
    let started = Instant::now();
    while host.n_marks() < n {
        assert!(started.elapsed() < HANG, "{} marks of {n}", host.n_marks());
        host.run_block(480);
        host.call_back();
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_take_that_arrives_with_the_window_closed_marks_the_project() {
    let mut host = ClapHost::active();
    host.settle();
    host.call_back();
    assert_eq!(host.n_marks(), 0, "nothing was changed yet");
    for _ in 1..=3 {
        let n_takes = host.project().takes.next_number();
        let marks = host.n_marks();
        host.press("generate");
        host.await_new(n_takes);
        wait_for_marks(&mut host, marks + 1);
        host.settle();
        host.call_back();
    }
    // What is under way is given up for another project, and nothing more is changed.
    host.load(&composed());
    host.settle();
    host.call_back();
    let marks = host.n_marks();
    host.settle();
    host.call_back();
    assert_eq!(host.n_marks(), marks, "nothing more was changed");
}

#[test]
fn whatever_is_stored_marks_the_project_when_it_changes() {
    let mut host = ClapHost::restored(&composed());
    host.settle();
    host.call_back();
    assert_eq!(host.n_marks(), 0, "loading is no change");
    for (n, id) in [(1, "nexttake"), (2, "prevtake")] {
        host.press(id);
        wait_for_marks(&mut host, n);
    }
}

#[test]
fn instances_go_while_they_ask_to_be_called_back() {
    for n_blocks in [1, 3, 10, 40] {
        let mut host = ClapHost::restored(&composed());
        host.press("nexttake");
        (0..n_blocks).for_each(|_| {
            host.run_block(64);
            std::thread::sleep(Duration::from_millis(1));
        });
        drop(host);
    }
}
