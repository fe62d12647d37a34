//! Storing and restoring the state through CLAP.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clack_host::events::io::EventBuffer;
use descant::session::Project;
use serde_json::json;

use crate::bundles;
use crate::clap_host::{self, ClapHost, Processor};
use crate::expected;
use crate::host::Host;
use crate::stored::{Stored, composed};
use crate::transport::Transport;

#[test]
fn a_state_comes_back_as_it_was() {
    let mut settings = ClapHost::inactive();
    let mut host = ClapHost::restored(&composed());
    for (id, text) in [
        ("style", "Jazz"),
        ("bars", "12 bars"),
        ("density", "37 %"),
        ("swing", "58 %"),
        ("bass_level", "-4.5 dB"),
        ("melody_pan", "30 L"),
        ("quantum", "Off"),
    ] {
        host.set(id, text);
    }
    host.run_block(64);
    // A moved swing would move notes.
    host.set("swing", "50 %");
    host.run_block(64);
    let state = host.save();
    settings.load(&state);
    for id in bundles::param_ids() {
        assert_eq!(settings.text(id), host.text(id), "{id}");
    }
    assert_eq!(settings.save(), state);
    settings.activate(48_000.0);
    settings.wait_until_sounding();
    let recording = settings.play_pass(&[512]);
    expected::check_pass(&recording, &state.project().takes.current().unwrap().take.phrase, 120.0, 48_000.0);
}

#[test]
fn restoring_never_composes() {
    // As a host stores it whose automation has left the switch on.
    let state = composed().with_param("generate", true).with_param("continue", true).with_param("vary", true);
    let takes = state.project().takes;
    for is_active_before in [false, true] {
        let mut host = ClapHost::inactive();
        if is_active_before {
            host.activate(48_000.0);
            host.settle();
        }
        host.load(&state);
        if !is_active_before {
            host.activate(48_000.0);
        }
        host.wait_until_sounding();
        // Twice, the second time over what plays.
        host.load(&state);
        host.settle();
        host.settle();
        assert_eq!(host.project().takes, takes, "active before: {is_active_before}");
        let recording = host.play_pass(&[512]);
        expected::check_pass(&recording, &takes.current().unwrap().take.phrase, 120.0, 48_000.0);
    }
}

#[test]
fn restoring_while_an_audio_thread_plays_never_composes() {
    // A bar is composed in no time, and many takes take their time to read.
    let off = with_many_takes(composed().with_param("bars", 1));
    let on = off.clone().with_param("generate", true);
    let mut host = ClapHost::active();
    host.load(&off);
    host.wait_until_sounding();
    let is_over = AtomicBool::new(false);
    let processor = host.lend_processor();
    let (processor, n_composed) = std::thread::scope(|scope| {
        let audio = std::thread::Builder::new().name("audio".to_owned());
        let audio = audio.spawn_scoped(scope, || play_until(processor, &is_over)).unwrap();
        let mut n_composed = 0;
        for _ in 0..8 {
            host.load(&off);
            std::thread::sleep(Duration::from_millis(30));
            host.load(&on);
            std::thread::sleep(Duration::from_millis(500));
            n_composed += u32::from(host.project().takes != off.project().takes);
        }
        is_over.store(true, Ordering::Relaxed);
        (audio.join().unwrap(), n_composed)
    });
    host.take_back(processor);
    assert_eq!(n_composed, 0, "of 8 times");
}

#[test]
fn a_project_that_cannot_be_read_is_kept_as_it_is() {
    let good = composed();
    let mut newer = good.project_json();
    newer["format"] = json!(Project::FORMAT + 1);
    let mut without_format = good.project_json();
    without_format["format"].take();
    for damaged in
        [newer, without_format, json!({"format": 1, "takes": {"entries": 7}}), json!([1, 2]), json!(null)]
    {
        let damaged = damaged.to_string();
        let state = good.clone().with_project_text(&damaged);
        let mut host = ClapHost::active();
        host.load(&state);
        host.settle();
        assert_eq!(host.save().project_text(), damaged);
        // It plays nothing and works on.
        host.transport.is_playing = true;
        host.run(1.0, &[480]);
        assert_eq!(host.recording.n_ons(), 0);
        host.load(&good);
        host.wait_until_sounding();
        assert_eq!(host.project(), good.project());
        // What was there before plays on.
        host.load(&state);
        host.settle();
        host.transport.is_playing = true;
        let n_ons = host.recording.n_ons();
        host.run(4.0, &[480]);
        assert!(host.recording.n_ons() > n_ons);
        assert_eq!(host.save().project_text(), damaged);
    }
}

#[test]
fn a_project_that_is_no_json_is_kept_as_it_is() {
    let deep = "[".repeat(50_000) + &"]".repeat(50_000);
    for text in ["", "{\"format\":1", "nonsense", "{\"format\":1,\"takes\":1e400}", "\"\\ud800\"", &deep] {
        let mut state = composed().with_project_text(text);
        state.0["fields"]["midi"] = text.into();
        state.0["fields"]["later"] = text.into();
        let mut host = ClapHost::active();
        host.load(&state);
        host.settle();
        let stored = host.save();
        for field in ["project", "midi", "later"] {
            assert!(stored.0["fields"][field] == text, "{field}: {text:.20} is lost");
        }
    }
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let mut host = ClapHost::restored(&composed());
    let before = host.save();
    let bytes = before.to_bytes();
    let (half, mut long) = (bytes.len() / 2, bytes.clone());
    long[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    let mut garbled = bytes.clone();
    garbled[8] = b'x';
    for damaged in
        [&[][..], &bytes[..5], &bytes[..8], &bytes[..half], &bytes[..bytes.len() - 1], &long, &garbled]
    {
        assert!(!host.load_bytes(damaged), "{} bytes of {}", damaged.len(), bytes.len());
        host.settle();
        assert_eq!(host.save(), before);
    }
    let recording = host.play_pass(&[512]);
    expected::check_pass(&recording, &before.project().takes.current().unwrap().take.phrase, 120.0, 48_000.0);
}

#[test]
fn what_a_later_version_adds_survives() {
    let mut project = composed().project_json();
    project["colour"] = json!("amber");
    let mut state = composed().with_project_json(&project);
    state.0["params"]["later"] = json!({"f32": 0.5});
    let mut host = ClapHost::restored(&state);
    assert_eq!(host.save().project_json()["colour"], "amber");
    // Also after the next edit.
    host.generate();
    assert_eq!(host.save().project_json()["colour"], "amber");
}

/// `state` with as many takes as a project keeps, so that reading it takes its time.
fn with_many_takes(state: Stored) -> Stored {
    let mut project = state.project_json();
    let takes = &mut project["takes"];
    let last = takes["entries"].as_array().unwrap().last().unwrap().clone();
    let entries: Vec<_> = (1..=64)
        .map(|number| {
            let mut entry = last.clone();
            entry["number"] = json!(number);
            entry
        })
        .collect();
    (takes["entries"], takes["current"], takes["n_made"]) = (json!(entries), json!(0), json!(64));
    state.with_project_json(&project)
}

/// An audio thread in small blocks.
fn play_until(mut processor: Processor, is_over: &AtomicBool) -> Processor {
    let transport = Transport::default();
    while !is_over.load(Ordering::Relaxed) {
        clap_host::process(&mut processor, Some(&transport), &EventBuffer::new(), 64, usize::MAX);
        std::thread::sleep(Duration::from_millis(1));
    }
    processor
}
