//! Composing and playing through CLAP.

use std::time::Instant;

use clack_extensions::render::RenderMode;

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::stored::composed;
use crate::transport::Transport;
use crate::{expected, recording::Recording};

/// Block sizes that hosts of all kinds use, and some that none should.
const MIXED: [u32; 10] = [512, 1, 37, 256, 1024, 3, 480, 129, 2, 4096];

#[test]
fn a_press_of_generate_takes_effect_while_the_transport_runs() {
    let mut host = ClapHost::active();
    host.settle();
    host.transport.is_playing = true;
    let started = Instant::now();
    host.press("generate");
    host.run_until("a note", |host| host.recording.n_ons() > 0);
    println!("from the press to the first note: {:?}", started.elapsed());
    host.run_until("takes", |host| host.project().takes.current().is_some());
    host.transport.is_playing = false;
    host.run_block(64);
    host.recording.check();
    assert!(host.recording.peak() > 0.001, "the preview is recording");
}

#[test]
fn one_pass_is_the_phrase() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    let mut host = ClapHost::restored(&state);
    for (tempo, blocks) in [(120.0, &[512][..]), (93.7, &MIXED), (171.0, &[64]), (120.0, &[4096])] {
        host.transport.tempo = tempo;
        let recording = host.play_pass(blocks);
        recording.check();
        expected::check_pass(&recording, &phrase, tempo, host.rate());
        assert!(recording.peak() > 0.001, "the preview is recording");
    }
}

#[test]
fn automation_inside_blocks_moves_no_note() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    let mut host = ClapHost::restored(&state);
    host.transport = Transport { is_playing: true, ..host.transport };
    let seconds = phrase.frame().duration().to_beats() * 60.0 / host.transport.tempo + 0.1;
    for block in 0_u32.. {
        if f64::from(block) * 1000.0 / host.rate() > seconds {
            break;
        }
        for (offset, level) in [(0, "-3 dB"), (1 + block % 300, "-12 dB"), (777, "Off"), (999, "0 dB")] {
            host.set_at(offset, "preview", level);
        }
        host.run_block(1000);
    }
    host.transport.is_playing = false;
    host.run_block(64);
    host.recording.check();
    expected::check_pass(&host.recording, &phrase, 120.0, host.rate());
}

#[test]
fn half_a_minute_of_everything_hangs_no_note() {
    let mut host = ClapHost::restored(&composed());
    host.transport.is_playing = true;
    host.run(5.0, &MIXED);
    host.transport.tempo = 93.0;
    host.run(3.0, &MIXED);
    host.transport.beat = 17.3;
    host.run(3.0, &MIXED);
    host.transport.loop_range = Some((4.0, 8.0));
    host.transport.beat = 6.0;
    host.run(6.0, &MIXED);
    host.transport.loop_range = Some((5.0, 5.25));
    host.run(2.0, &MIXED);
    host.transport = Transport { is_playing: false, loop_range: None, ..host.transport };
    host.run(0.5, &MIXED);
    host.recording.check();
    host.transport.is_playing = true;
    host.generate();
    host.run(4.0, &MIXED);
    for id in ["bypass", "melody_mute"] {
        host.set(id, "On");
        host.run(1.0, &MIXED);
        host.set(id, "Off");
        host.run(1.0, &MIXED);
    }
    host.set("quantum", "Off");
    for id in ["nexttake", "nexttake", "prevtake", "panic"] {
        host.press(id);
        host.settle();
    }
    host.transport.is_playing = false;
    host.run_block(1);
    // All that sounds is released with the first sample that stands still, or the one after.
    host.run_block(1);
    host.recording.check();
    let n_events = host.recording.events.len();
    assert!(host.recording.n_ons() > 50, "{} notes", host.recording.n_ons());
    host.run(10.0, &[512]);
    assert_eq!(host.recording.events.len(), n_events, "events while time stands still");
    assert!(host.recording.ends_silent(48_000), "ten seconds after the stop something still sounds");
}

#[test]
fn offline_renders_are_equal_and_compose_nothing() {
    let state = composed();
    let live = ClapHost::restored(&state).play_pass(&[512]);
    let render = || {
        let mut host = ClapHost::inactive();
        host.set_render_mode(RenderMode::Offline);
        host.load(&state);
        host.activate(48_000.0);
        // A renderer does not wait: what it renders first is the first block.
        let recording = host.play_pass(&[512]);
        host.press("generate");
        host.settle();
        assert_eq!(host.project(), state.project(), "Generate is for real time");
        recording
    };
    let (first, second) = (render(), render());
    assert!(first.n_ons() > 0);
    assert_eq!(without_ids(&first), without_ids(&second));
    assert_eq!(first.sound, second.sound);
    assert_eq!(without_ids(&first), without_ids(&live));
}

#[test]
fn an_offline_render_plays_what_is_loaded_after_activation_from_its_first_note() {
    let state = composed();
    let mut host = ClapHost::inactive();
    host.set_render_mode(RenderMode::Offline);
    host.activate(48_000.0);
    host.check_renders(&state);
}

#[test]
fn two_instances_compose_for_themselves() {
    let mut hosts = [ClapHost::active(), ClapHost::active()];
    for host in &mut hosts {
        host.press("generate");
    }
    for host in &mut hosts {
        host.run_until("takes", |host| host.project().takes.current().is_some());
        host.settle();
    }
    let phrases = hosts.each_mut().map(|host| host.project().takes.current().unwrap().take.phrase.clone());
    assert_ne!(phrases[0], phrases[1]);
    for (host, phrase) in hosts.iter_mut().zip(&phrases) {
        let recording = host.play_pass(&[512]);
        recording.check();
        expected::check_pass(&recording, phrase, 120.0, 48_000.0);
    }
}

/// Events but for their ids, which count notes of a life time.
fn without_ids(recording: &Recording) -> Vec<crate::recording::NoteEvent> {
    recording.events.iter().map(|event| crate::recording::NoteEvent { note_id: 0, ..*event }).collect()
}
