//! The editor of the standalone program, without a host, and its Play button.

use descant::editor::{Action, Routing, RulingTempo, Tempo, Transport, ViewState};
use descant::music::Part;
use descant::params::ParamId;
use descant::player::{Conductor, TestNotes, TestStage};
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};

use super::acting::{Editor, SIZE, check, click, keys, open_presets, open_testing, placed, rest_at, reveal};
use super::{example, open};

fn stopped() -> ViewState {
    let mut state = example::standalone();
    example::choose(&mut state, ParamId::Play, 0);
    state
}

/// The phrase is played on the beats of JACK's transport, at 120, and 82 was asked for.
fn on_jack_beats() -> ViewState {
    let mut state = example::standalone();
    example::choose(&mut state, ParamId::PlayMode, 0);
    let ruling = RulingTempo { conductor: Conductor::Host, bpm: 120.0, place: 1.0 / 3.0 };
    let tempo = Tempo { ruling: Some(ruling), is_on_host_beats: true, asked: Some(82.0) };
    ViewState { tempo, transport: Transport::Host, playhead_beats: None, ..state }
}

/// A phrase waits until a render is done.
fn rendering() -> ViewState {
    let ViewState { activity, status, .. } = example::rendering();
    ViewState { activity, status, ..example::standalone() }
}

/// No text on the screen, tooltips included, mentions a host.
fn mentions_no_host(editor: &Editor, what: &str) {
    for node in editor.root().children_recursive() {
        let node = node.accesskit_node();
        let texts = [node.label(), node.value()].into_iter().flatten();
        for text in texts {
            let lower = text.to_lowercase();
            let speaks = ["host", "daw"]
                .iter()
                .any(|word| lower.split(|c: char| !c.is_alphabetic()).any(|one| one == *word));
            assert!(!speaks, "{what}: {text}");
        }
    }
}

#[test]
fn no_text_of_the_standalone_speaks_of_a_host() {
    for state in [example::standalone(), on_jack_beats(), rendering()] {
        let mut editor = open(state, SIZE);
        mentions_no_host(&editor, "at first");
        for (label, rect) in placed(&editor) {
            rest_at(&mut editor, rect.center());
            mentions_no_host(&editor, &label);
        }
    }
    let notes = |stage, n_sent, n_back| TestNotes { stage, n_sent, n_back };
    for (notes, is_stalled) in [
        (notes(TestStage::Idle, 0, 0), false),
        (notes(TestStage::Awaited, 0, 0), false),
        (notes(TestStage::Awaited, 0, 0), true),
        (notes(TestStage::Sounding(Part::Bass), 8, 0), false),
        (notes(TestStage::Listening, 8, 0), false),
        (notes(TestStage::Done, 0, 0), false),
        (notes(TestStage::Done, 8, 0), false),
        (notes(TestStage::Done, 8, 8), false),
        (notes(TestStage::Stopped, 8, 0), false),
    ] {
        let state = example::standalone();
        let routing = Routing { is_stalled, notes, ..state.routing.clone() };
        let editor = open_testing(ViewState { routing, ..state });
        mentions_no_host(&editor, &format!("{notes:?}"));
        assert!(editor.query_by_label_contains("Start Descant with --midi-output").is_some());
    }
}

#[test]
fn the_mode_on_the_beats_of_jack_is_called_so() {
    for (label, shown) in [
        ("Tempo", "In JACK mode the phrase is played on its beats."),
        ("Tempo source", "In JACK mode the phrase is played on the transport's beats."),
    ] {
        let mut editor = open(on_jack_beats(), SIZE);
        reveal(&mut editor, label);
        let center = editor.get_by_label(label).rect().center();
        rest_at(&mut editor, center);
        assert!(editor.query_by_label_contains(shown).is_some(), "{shown}");
    }
}

#[test]
fn play_and_space_start_and_stop_the_phrase_where_the_user_does() {
    check(example::standalone(), click("Stop"), &[Action::TogglePlay]);
    check(stopped(), click("Play"), &[Action::TogglePlay]);
    check(stopped(), keys(Modifiers::NONE, Key::Space), &[Action::TogglePlay]);
    check(example::standalone(), keys(Modifiers::NONE, Key::Space), &[Action::TogglePlay]);
    for (transport, is_standalone, shown) in [
        (Transport::Host, false, "Your host plays the phrase"),
        (Transport::Host, true, "JACK's transport plays the phrase"),
        (Transport::Keys, false, "Keys play the phrase"),
        (Transport::Clock, false, "The MIDI clock plays the phrase"),
    ] {
        let state = ViewState { transport, is_standalone, ..example::full() };
        check(state.clone(), click("Play"), &[]);
        check(state.clone(), keys(Modifiers::NONE, Key::Space), &[]);
        let mut editor = open(state, SIZE);
        let center = editor.get_by_label("Play").rect().center();
        rest_at(&mut editor, center);
        assert!(editor.query_by_label_contains(shown).is_some(), "{shown}");
    }
}

#[test]
fn a_space_that_is_typed_is_a_space() {
    let mut editor = open(stopped(), SIZE);
    editor.get_by_label("Words").focus();
    editor.run();
    editor.key_press(Key::Space);
    editor.run();
    assert_eq!(editor.state().actions, []);
}

#[test]
fn a_space_presses_the_button_that_has_the_focus() {
    let mut editor = open(stopped(), SIZE);
    editor.get_by_label("Panic").focus();
    editor.run();
    editor.key_press(Key::Space);
    editor.run();
    assert_eq!(editor.state().actions, [Action::Panic]);
}

#[test]
fn a_space_that_is_held_switches_once() {
    let space = |pressed| Event::Key {
        key: Key::Space,
        physical_key: None,
        pressed,
        // egui finds out by itself.
        repeat: false,
        modifiers: Modifiers::NONE,
    };
    for focused in [None, Some("Play")] {
        // As most systems tell of it, and as X11 does.
        for repeated in [&[space(true)][..], &[space(false), space(true)]] {
            let mut editor = open(stopped(), SIZE);
            if let Some(label) = focused {
                editor.get_by_label(label).focus();
                editor.run();
            }
            for events in [&[space(true)][..], repeated, repeated, &[space(false)]] {
                editor.input_mut().events.extend_from_slice(events);
                editor.run();
            }
            assert_eq!(editor.state().actions, [Action::TogglePlay], "{focused:?} {repeated:?}");
            editor.key_press(Key::Space);
            editor.run();
            assert_eq!(editor.state().actions.len(), 2, "{focused:?}");
        }
    }
}

#[test]
fn a_new_session_is_begun_from_the_menu_of_presets_where_there_is_no_host() {
    let mut editor = open(example::standalone(), SIZE);
    open_presets(&mut editor);
    mentions_no_host(&editor, "presets");
    editor.get_by_label("New session").click();
    editor.run();
    assert!(editor.state().actions.contains(&Action::BeginSession), "{:?}", editor.state().actions);
    let mut editor = open(example::full(), SIZE);
    open_presets(&mut editor);
    assert!(editor.query_by_label("New session").is_none());
}
