//! The mouse wheel, and the tempo knob when the host rules the tempo.

use descant::editor::{Action, RulingTempo, Tempo, ViewState};
use descant::music::Part;
use descant::params::{ParamId, PartParam};
use descant::player::Conductor;
use egui::{Event, Key, Modifiers, MouseWheelUnit, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::acting::{
    BOTTOM_BAR, Editor, SIZE, check, click, double_click, drag, placed, rest_at, reveal, scrolls, set,
};
use crate::{example, open};

#[test]
fn wheel_and_arrows_go_by_steps() {
    for (label, id, expected) in [
        ("Bars", ParamId::Bars, 4.0 / 15.0),
        ("Melody octave", ParamId::Part(Part::Melody, PartParam::Octave), 4.0 / 6.0),
        ("Bass channel", ParamId::Part(Part::Bass, PartParam::Channel), 3.0 / 15.0),
        ("Mode", ParamId::Mode, 1.0 / 7.0),
    ] {
        // The wheel turns what has the focus, and with the command key what is under the pointer.
        let focused = |editor: &mut Editor| {
            reveal(editor, label);
            editor.get_by_label(label).focus();
            editor.run();
            turn_wheel(editor, label, Modifiers::NONE);
        };
        check(example::empty(), focused, &set(id, expected));
        let command = |editor: &mut Editor| turn_wheel(editor, label, Modifiers::COMMAND);
        check(example::empty(), command, &set(id, expected));
        check(example::empty(), |editor| turn_wheel(editor, label, Modifiers::NONE), &[]);
        let elsewhere = |editor: &mut Editor| {
            reveal(editor, label);
            editor.get_by_label(label).focus();
            editor.run();
            let roll = editor.get_by_label_contains("Piano roll: ").rect().center();
            wheel_at(editor, roll, 1.0, Modifiers::NONE);
        };
        check(still(), elsewhere, &[]);
        let arrow = |editor: &mut Editor| {
            reveal(editor, label);
            editor.get_by_label(label).focus();
            editor.run();
            editor.key_press(Key::ArrowUp);
        };
        check(example::empty(), arrow, &set(id, expected));
        let assistance = |editor: &mut Editor| {
            reveal(editor, label);
            editor.get_by_label(label).increment_accesskit();
        };
        check(example::empty(), assistance, &set(id, expected));
    }
}

/// Turns the wheel up by a notch over a widget.
fn turn_wheel(editor: &mut Editor, label: &str, modifiers: Modifiers) {
    reveal(editor, label);
    let center = editor.get_by_label(label).rect().center();
    wheel_at(editor, center, 1.0, modifiers);
}

/// Turns the wheel by `notches` with the pointer at `pos`.
fn wheel_at(editor: &mut Editor, pos: Pos2, notches: f32, modifiers: Modifiers) {
    editor.hover_at(pos);
    editor.run();
    editor.event(Event::ModifiersChanged(modifiers));
    editor.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, notches),
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers,
    });
    editor.run_steps(20);
}

/// Nothing changes under a wheel that passes over it, whatever it is; and what lies in a column scrolls.
#[test]
fn the_wheel_scrolls_and_turns_nothing() {
    let size = [900.0, 600.0];
    let shown = Rect::from_min_max(Pos2::new(0.0, 64.0), Pos2::new(900.0, 600.0 - BOTTOM_BAR));
    let mut editor = open(still(), size);
    let (in_columns, others): (Vec<_>, Vec<_>) =
        placed(&editor).into_iter().partition(|(label, _)| scrolls(label));
    assert!(others.len() > 55, "{} widgets", others.len());
    for (label, rect) in others {
        wheel_at(&mut editor, rect.center(), -1.0, Modifiers::NONE);
        assert_eq!(editor.state().actions, [], "{label}");
    }
    let mut n_scrolled = 0;
    for (label, rect) in in_columns.iter().filter(|(_, rect)| shown.contains_rect(*rect)) {
        let mut editor = open(still(), size);
        wheel_at(&mut editor, rect.center(), -3.0, Modifiers::NONE);
        assert_eq!(editor.state().actions, [], "{label}");
        // All takes are in sight.
        if !label.contains("ake ") {
            let after = editor.get_by_label(label).rect();
            assert!(after.top() < rect.top() - 20.0, "{label} stays at {after:?}");
            n_scrolled += 1;
        }
    }
    assert!(n_scrolled > 4, "{n_scrolled} scrolled");
}

/// A phrase that does not play, so that nothing moves by itself.
pub fn still() -> ViewState {
    ViewState { playhead_beats: None, ..example::full() }
}

/// The tempo of `example::full`, 82, is asked for, and the host plays at 120.
fn conducted(is_on_host_beats: bool) -> ViewState {
    let ruling = RulingTempo { conductor: Conductor::Host, bpm: 120.0, place: 1.0 / 3.0 };
    ViewState { tempo: Tempo { ruling: Some(ruling), is_on_host_beats, asked: None }, ..still() }
}

#[test]
fn a_tempo_that_somebody_else_sets_is_shown_and_cannot_be_turned() {
    let value = |state: ViewState, label: &str| {
        let mut editor = open(state, SIZE);
        reveal(&mut editor, label);
        let node = editor.get_by_label(label);
        (node.value().unwrap_or_default(), node.accesskit_node().is_disabled())
    };
    assert_eq!(value(example::full(), "Tempo"), ("82 BPM".to_owned(), false));
    for is_on_host_beats in [true, false] {
        assert_eq!(value(conducted(is_on_host_beats), "Tempo"), ("120 BPM".to_owned(), true));
        check(conducted(is_on_host_beats), |editor| drag(editor, "Tempo", vec2(0.0, -60.0)), &[]);
        check(conducted(is_on_host_beats), |editor| double_click(editor, "Tempo"), &[]);
        check(conducted(is_on_host_beats), |editor| turn_wheel(editor, "Tempo", Modifiers::COMMAND), &[]);
    }
    // Where the host's beats are played on, no other source would act, and none is on offer.
    let mut own = conducted(true);
    example::choose(&mut own, ParamId::TempoSource, 1);
    assert_eq!(value(own.clone(), "Tempo source"), ("Host".to_owned(), true));
    check(own, click("Tempo source"), &[]);
    assert!(!value(conducted(false), "Tempo source").1);
    for (state, shown) in [
        (conducted(true), "Your host sets the tempo. In Host mode the phrase is played on its beats."),
        (conducted(true), "this knob counts: 82 BPM."),
        (conducted(false), "Your host sets the tempo. Tempo from says so; set it to Own"),
        (ViewState { is_standalone: true, ..conducted(true) }, "The transport sets the tempo."),
    ] {
        let mut editor = open(state, SIZE);
        let center = editor.get_by_label("Tempo").rect().center();
        rest_at(&mut editor, center);
        assert!(editor.query_by_label_contains(shown).is_some(), "{shown}");
    }
}

#[test]
fn a_tempo_that_was_asked_for_is_offered() {
    let offering = || {
        let mut state = conducted(true);
        state.tempo.asked = Some(82.0);
        state
    };
    check(offering(), click("Use the tempo asked for"), &[Action::UseTempo]);
    check(offering(), click("Keep this tempo"), &[Action::KeepTempo]);
    assert!(open(conducted(true), SIZE).query_by_label("Keep this tempo").is_none());
    // It takes its place from the roll and covers nothing.
    for size in [[900.0, 600.0], SIZE] {
        let editor = open(offering(), size);
        let strip = editor.get_by_label("Use the tempo asked for").rect();
        for (label, rect) in placed(&editor) {
            let common = rect.intersect(strip);
            let covers = common.is_positive() && common.width().min(common.height()) > 0.5;
            assert!(!covers || label == "Use the tempo asked for", "{label} at {rect:?} in {size:?}");
        }
    }
}
