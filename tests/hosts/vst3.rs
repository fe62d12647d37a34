//! Describing, playing and storing through VST3.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use vst3_host::ProcessMode;
use vst3_host::midi::MidiChannel;

use crate::bundles;
use crate::clap_host::clap_id;
use crate::expected;
use crate::host::{HANG, Host};
use crate::stored::composed;
use crate::transport::Transport;
use crate::vst3_host::Vst3Host;

#[test]
fn it_is_an_instrument_with_the_parameters_of_the_list() {
    let host = Vst3Host::stopped();
    let info = host.plugin.info();
    assert_eq!((info.name.as_str(), info.vendor.as_str()), ("Descant", "Descant"));
    assert!(info.category.contains("Instrument"), "{}", info.category);
    assert_eq!((info.audio_inputs, info.audio_outputs), (0, 1));
    assert!(info.has_midi_input && info.has_midi_output);
    /// Flag of a parameter that hosts do not show.
    const IS_HIDDEN: u32 = 1 << 4;
    let all = host.plugin.get_parameters().unwrap();
    // What controllers come as.
    let is_for_midi = |name: &str| name.starts_with("MIDI Ch.");
    let (midi, params): (Vec<_>, Vec<_>) = all.into_iter().partition(|param| is_for_midi(&param.name));
    assert_eq!(midi.len(), 16 * 18, "the usual ones");
    assert!(midi.iter().all(|param| param.flags & IS_HIDDEN != 0 && !param.can_automate));
    let found: HashSet<u32> = params.iter().map(|param| param.id).collect();
    let listed: HashSet<u32> = bundles::param_ids().iter().map(|id| clap_id(id).get()).collect();
    assert_eq!(found, listed);
    assert_eq!(params.iter().filter(|param| param.is_bypass).count(), 1);
    for param in &params {
        assert!(!host.plugin.format_parameter(param.id, param.value).unwrap().is_empty(), "{}", param.name);
    }
}

#[test]
fn composing_and_one_pass_of_the_phrase() {
    let mut host = Vst3Host::started();
    host.transport().is_playing = true;
    host.generate();
    host.transport().is_playing = false;
    host.run_block(64);
    host.take_recording().check();
    let phrase = host.project().takes.current().unwrap().take.phrase.clone();
    for (tempo, blocks) in [(120.0, &[512][..]), (87.5, &[64, 1, 333])] {
        host.transport().tempo = tempo;
        let recording = host.play_pass(blocks);
        recording.check();
        expected::check_pass(&recording, &phrase, tempo, host.rate());
        assert!(recording.peak() > 0.001, "the preview is recording");
    }
    host.run(10.0, &[512]);
    assert!(host.recording().ends_silent(48_000), "ten seconds after the stop something still sounds");
}

#[test]
fn tempo_seeks_and_stops_hang_no_note() {
    let mut host = Vst3Host::started();
    host.load(&composed());
    host.wait_until_sounding();
    for (tempo, beat) in [(120.0, 0.0), (60.0, 3.9), (181.3, 100.01), (90.0, -2.0)] {
        (host.transport().tempo, host.transport().beat) = (tempo, beat);
        host.transport().is_playing = true;
        host.run(2.0, &[480, 7, 4096]);
        host.transport().is_playing = false;
        host.run(0.2, &[480]);
        host.recording().check();
    }
    assert!(host.recording().n_ons() > 20);
}

#[test]
fn a_state_comes_back_and_goes_to_the_other_format() {
    // What CLAP has stored, a VST3 of the same project can use.
    let state = composed().with_param("generate", true).with_param("swing", 50.0);
    let mut host = Vst3Host::stopped();
    host.load(&state);
    assert_eq!(host.save(), state);
    host.plugin.start_processing().unwrap();
    host.wait_until_sounding();
    host.load(&state);
    host.settle();
    assert_eq!(host.save(), state, "restoring composes nothing");
    let recording = host.play_pass(&[512]);
    expected::check_pass(&recording, &state.project().takes.current().unwrap().take.phrase, 120.0, 48_000.0);
}

#[test]
fn what_is_no_state_is_refused_and_changes_nothing() {
    let mut host = Vst3Host::started();
    host.load(&composed());
    let text = composed().0.to_string();
    for damaged in ["", "x", &text[..text.len() / 2], "{}", "[]"] {
        assert!(host.plugin.load_state(damaged.as_bytes()).is_err(), "{} bytes", damaged.len());
        assert_eq!(host.save(), composed());
    }
}

#[test]
fn an_offline_render_begins_with_the_first_note() {
    let state = composed();
    let phrase = state.project().takes.current().unwrap().take.phrase.clone();
    let render = || {
        let mut host = Vst3Host::stopped();
        host.plugin.set_process_mode(ProcessMode::Offline).unwrap();
        host.load(&state);
        host.plugin.start_processing().unwrap();
        host.play_pass(&[512])
    };
    let (first, second) = (render(), render());
    expected::check_pass(&first, &phrase, 120.0, 48_000.0);
    assert!(first == second, "two renders differ");
}

#[test]
fn an_offline_render_plays_what_is_loaded_after_activation_from_its_first_note() {
    let mut host = Vst3Host::stopped();
    host.plugin.set_process_mode(ProcessMode::Offline).unwrap();
    host.plugin.start_processing().unwrap();
    // The host library takes its time to load, and may give the worker enough of it: CLAP's is the stricter test.
    host.check_renders(&composed());
}

#[test]
fn a_press_of_generate_after_a_stall_composes() {
    let mut rng = fastrand::Rng::with_seed(16);
    let at_random = std::array::from_fn::<_, 5, _>(|_| (0.3 + 2.7 * rng.f64(), rng.f64()));
    let mut host = Vst3Host::started();
    host.settle();
    for (idx, (stall, pause)) in
        [(1.0, 0.05), (1.0, 0.2), (1.5, 0.3)].into_iter().chain(at_random).enumerate()
    {
        // With the transport at rest, and running.
        host.transport().is_playing = idx % 2 == 1;
        host.run_in_time(1.5);
        let next = host.project().takes.next_number();
        host.stall(stall);
        host.run_in_time(pause);
        host.press("generate");
        host.await_new(next);
        println!("{stall:.2} s and {pause:.2} s later: composed");
    }
}

#[test]
fn a_bounce_composes_nothing_and_neither_does_what_follows_it() {
    let began = Instant::now();
    let mut host = loop {
        if let Some(host) = bounced_with_presses() {
            break host;
        }
        assert!(began.elapsed() < HANG, "this machine never renders faster than time");
    };
    // And then it can be asked for.
    let next = host.project().takes.next_number();
    host.press("generate");
    host.await_new(next);
}

/// A host that has pressed Generate in a bounce, and to which nothing came of it; `None` if this machine had too much else to
/// do to render faster than time, which is no bounce.
fn bounced_with_presses() -> Option<Vst3Host> {
    let mut host = Vst3Host::started();
    host.load(&composed());
    host.wait_until_sounding();
    host.run_in_time(1.5);
    let takes = host.project().takes;
    std::thread::sleep(Duration::from_secs(1));
    // A minute from the start of the song.
    *host.transport() = Transport { is_playing: true, ..Transport::default() };
    if !host.bounce(60.0, |host| host.press("generate")) {
        return None;
    }
    host.transport().is_playing = false;
    host.run_in_time(3.0);
    assert_eq!(host.project().takes.next_number(), takes.next_number(), "something was composed");
    assert!(host.project().takes == takes, "the takes are others");
    Some(host)
}

#[test]
fn a_learnt_controller_composes() {
    let mut state = composed();
    state.0["fields"]["midi"] = serde_json::json!({"generate": "cc 20"}).to_string().into();
    let mut host = Vst3Host::started();
    host.load(&state);
    host.wait_until_sounding();
    let before = host.project().takes.entries().len();
    host.plugin.send_midi_cc(20, 127, MidiChannel::Ch3).unwrap();
    host.run_until("new takes", |host| host.project().takes.entries().len() > before);
    assert_eq!(host.save().0["fields"]["midi"], state.0["fields"]["midi"]);
}

#[test]
fn an_instance_may_go_at_any_moment() {
    drop(Vst3Host::stopped());
    drop(Vst3Host::started());
    // While it composes.
    let mut host = Vst3Host::started();
    host.switch("generate", true);
    host.run(0.05, &[480]);
    host.recording().check_so_far();
    drop(host);
    // While notes sound.
    let mut host = Vst3Host::started();
    host.load(&composed());
    host.wait_until_sounding();
    host.transport().is_playing = true;
    host.run_until("a note", |host| !host.recording().check_so_far().is_empty());
    drop(host);
}
