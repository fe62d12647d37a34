//! Presses, drags and typing in the editor, and the actions that they return.

use descant::editor::{Action, Activity, CurrentPreset, Routing, ViewState};
use descant::music::{Cell, Part};
use descant::params::{Learnable, ParamId, PartParam, Setting};
use descant::player::{TestNotes, TestStage};
use descant::session::{Alteration, Ask, Bars, Command, Edit, Excerpt, NoteName, Selection, Verb};
use egui::{Event, Key, Modifiers, Pos2, Rect, Role, Vec2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};

use crate::{World, example, open, open_world};

pub const SIZE: [f32; 2] = [1400.0, 868.0];

pub type Editor = Harness<'static, World>;

/// The tabs of the left column.
pub const TABS: [&str; 4] = ["Compose", "Feel", "Perform", "Mix"];

/// Opens the tab of the left column that has the widget of this name, if it is in none that is open.
pub fn reveal(editor: &mut Editor, label: &str) {
    for tab in TABS {
        if editor.query_all_by_label(label).next().is_some() {
            return;
        }
        editor.get_by_role_and_label(Role::Tab, tab).click();
        editor.run();
    }
    assert!(editor.query_all_by_label(label).next().is_some(), "{label} is in no tab");
}

/// Opens the editor with `state`, runs `act`, and compares the actions.
pub fn check(state: ViewState, act: impl FnOnce(&mut Editor), expected: &[Action]) {
    let mut editor = open(state, SIZE);
    act(&mut editor);
    editor.run();
    assert_eq!(editor.state().actions, expected);
}

pub fn click(label: &'static str) -> impl FnOnce(&mut Editor) {
    move |editor| {
        reveal(editor, label);
        editor.get_by_label(label).click();
    }
}

pub fn keys(modifiers: Modifiers, key: Key) -> impl FnOnce(&mut Editor) {
    move |editor| editor.key_press_modifiers(modifiers, key)
}

/// Presses the pointer on the widget and moves it by `motion`, in two steps; releases it.
pub fn drag(editor: &mut Editor, label: &str, motion: Vec2) {
    reveal(editor, label);
    let from = editor.get_by_label(label).rect().center();
    drag_from(editor, from, motion);
}

pub fn drag_from(editor: &mut Editor, from: Pos2, motion: Vec2) {
    editor.hover_at(from);
    editor.run();
    editor.drag_at(from);
    editor.run();
    for share in [0.5, 1.0] {
        editor.hover_at(from + motion * share);
        editor.run();
    }
    editor.drop_at(from + motion);
    editor.run();
}

pub fn double_click(editor: &mut Editor, label: &str) {
    reveal(editor, label);
    // Long after the click that opened the tab.
    editor.run_steps(30);
    for _ in 0..2 {
        editor.get_by_label(label).click();
    }
}

pub fn set(id: ParamId, place: f32) -> [Action; 3] {
    [Action::BeginEdit(id), Action::Edit(id, place), Action::EndEdit(id)]
}

#[test]
fn the_take_that_plays_next_says_so() {
    let is_said = |state| open(state, SIZE).query_by_label("Take 7, plays next").is_some();
    assert!(!is_said(example::full()));
    assert!(is_said(example::waiting()));
}

#[test]
fn every_button_asks_for_its_action() {
    for (label, action) in [
        ("Generate", Action::Compose(Ask::Verb(Verb::Generate))),
        ("Continue", Action::Compose(Ask::Verb(Verb::Continue))),
        ("Vary", Action::Compose(Ask::Verb(Verb::Vary))),
        ("Panic", Action::Panic),
        ("Export", Action::Export(Excerpt::default())),
        ("Previous take", Action::PreviousTake),
        ("Undo", Action::Undo),
        ("Take 5", Action::SelectTake(2)),
        ("Apply words", Action::ApplyWords("dark lo-fi in D minor, sparse, 82 bpm".to_owned())),
    ] {
        check(example::full(), click(label), &[action]);
    }
}

/// Selects the third and the fourth of four bars.
fn select_last_bars(editor: &mut Editor) {
    let center = editor.get_by_label("Selected bars").rect().center();
    drag_from(editor, center + vec2(10.0, 0.0), vec2(250.0, 0.0));
    editor.run();
}

#[test]
fn the_phrase_and_each_part_are_dragged_out() {
    let away = vec2(-40.0, -30.0);
    let whole = Excerpt::default();
    check(example::full(), |editor| drag(editor, "Drag MIDI", away), &[Action::DragOut(whole)]);
    let melody = Excerpt { part: Some(Part::Melody), ..whole };
    check(example::full(), |editor| drag(editor, "Drag melody", away), &[Action::DragOut(melody)]);
    // Without notes there is nothing to drag.
    check(example::full(), |editor| drag(editor, "Drag arpeggio", away), &[]);
    check(example::empty(), |editor| drag(editor, "Drag MIDI", away), &[]);
}

#[test]
fn selected_bars_are_dragged_alone() {
    for (label, part) in [("Drag MIDI", None), ("Drag bass", Some(Part::Bass))] {
        let select_and_drag = |editor: &mut Editor| {
            select_last_bars(editor);
            editor.state_mut().actions.clear();
            drag(editor, label, vec2(-40.0, -30.0));
        };
        let excerpt = Excerpt { part, bars: Some(Bars { first: 2, n_bars: 2 }) };
        check(example::full(), select_and_drag, &[Action::DragOut(excerpt)]);
    }
}

#[test]
fn what_is_dragged_is_written_to_a_file_without_a_pointer() {
    let press_by_assistant = |editor: &mut Editor| editor.get_by_label("Drag MIDI").click_accesskit();
    check(example::full(), press_by_assistant, &[Action::Export(Excerpt::default())]);
    let press = |key: Key| {
        move |editor: &mut Editor| {
            editor.get_by_label("Drag bass").focus();
            editor.run();
            editor.key_press(key);
        }
    };
    let bass = Excerpt { part: Some(Part::Bass), bars: None };
    for key in [Key::Enter, Key::Space] {
        check(example::full(), press(key), &[Action::Export(bass)]);
    }
    // A click of the pointer is the beginning of no drag.
    let click_by_pointer = |editor: &mut Editor| drag(editor, "Drag MIDI", Vec2::ZERO);
    check(example::full(), click_by_pointer, &[]);
}

#[test]
fn what_cannot_be_done_asks_for_nothing() {
    for label in ["Continue", "Vary", "Export", "Previous take", "Next take", "Apply words"] {
        check(example::empty(), click(label), &[]);
    }
    // The newest take plays, and plays already.
    check(example::full(), click("Next take"), &[]);
    check(example::full(), click("Take 7"), &[]);
    check(example::full(), click("Redo"), &[]);
    check(example::empty(), click("Undo"), &[]);
    for label in ["Continue", "Vary"] {
        check(example::composing(), click(label), &[]);
    }
    let loading = ViewState { activity: Activity::Loading, ..example::empty() };
    check(loading.clone(), click("Loading"), &[]);
    check(loading, keys(Modifiers::COMMAND, Key::G), &[]);
}

#[test]
fn while_composing_the_large_button_cancels() {
    check(example::composing(), click("Cancel"), &[Action::Cancel]);
    assert!(open(example::composing(), SIZE).query_by_label("Generate").is_none());
}

#[test]
fn while_others_are_chosen_everything_can_be_asked_for() {
    for (label, action) in [
        ("Generate", Action::Compose(Ask::Verb(Verb::Generate))),
        ("Continue", Action::Compose(Ask::Verb(Verb::Continue))),
        ("Vary", Action::Compose(Ask::Verb(Verb::Vary))),
        ("Respond", Action::Compose(Ask::Verb(Verb::Respond))),
        ("Accompany", Action::Compose(Ask::Verb(Verb::Accompany))),
        ("Take 5", Action::SelectTake(2)),
        ("Stop choosing", Action::Cancel),
    ] {
        check(example::choosing(), click(label), &[action]);
    }
    check(
        example::choosing(),
        keys(Modifiers::COMMAND, Key::G),
        &[Action::Compose(Ask::Verb(Verb::Generate))],
    );
    check(example::choosing(), keys(Modifiers::NONE, Key::Escape), &[Action::Cancel]);
    let editor = open(example::choosing(), SIZE);
    assert!(editor.query_by_label("Cancel").is_none());
    assert!(open(example::full(), SIZE).query_by_label("Stop choosing").is_none());
}

#[test]
fn what_waits_for_a_render_can_be_withdrawn_and_followed_by_other_requests() {
    for (label, action) in [
        ("Withdraw what waits", Action::Cancel),
        ("Generate", Action::Compose(Ask::Verb(Verb::Generate))),
        ("Vary", Action::Compose(Ask::Verb(Verb::Vary))),
        ("Take 5", Action::SelectTake(2)),
    ] {
        check(example::rendering(), click(label), &[action]);
    }
    check(example::rendering(), keys(Modifiers::NONE, Key::Escape), &[Action::Cancel]);
    check(
        example::rendering(),
        keys(Modifiers::COMMAND, Key::G),
        &[Action::Compose(Ask::Verb(Verb::Generate))],
    );
    for state in [example::full(), example::choosing(), example::composing()] {
        assert!(open(state, SIZE).query_by_label("Withdraw what waits").is_none());
    }
}

#[test]
fn escape_closes_the_menu_that_is_open_before_it_cancels() {
    for label in ["MIDI", "Preset", "Mode"] {
        let mut editor = open(example::choosing(), SIZE);
        editor.get_by_label(label).click();
        editor.run();
        assert!(egui::Popup::is_any_open(&editor.ctx), "{label}");
        let is_cancelled = |editor: &Editor| editor.state().actions.contains(&Action::Cancel);
        editor.key_press(Key::Escape);
        editor.run();
        assert!(!egui::Popup::is_any_open(&editor.ctx) && !is_cancelled(&editor), "{label}");
        editor.key_press(Key::Escape);
        editor.run();
        assert!(is_cancelled(&editor), "{label}");
    }
}

pub fn redoable() -> ViewState {
    ViewState { redo: Some("Generate".to_owned()), ..example::full() }
}

#[test]
fn keys_do_what_their_buttons_do() {
    for (state, modifiers, key, expected) in [
        (example::full(), Modifiers::COMMAND, Key::G, Some(Action::Compose(Ask::Verb(Verb::Generate)))),
        (example::full(), Modifiers::COMMAND, Key::E, Some(Action::Export(Excerpt::default()))),
        (example::full(), Modifiers::COMMAND, Key::ArrowLeft, Some(Action::PreviousTake)),
        (example::full(), Modifiers::COMMAND, Key::ArrowRight, None),
        (example::full(), Modifiers::COMMAND, Key::Z, Some(Action::Undo)),
        (example::full(), Modifiers::COMMAND | Modifiers::SHIFT, Key::Z, None),
        (redoable(), Modifiers::COMMAND | Modifiers::SHIFT, Key::Z, Some(Action::Redo)),
        (example::full(), Modifiers::NONE, Key::Escape, None),
        (example::composing(), Modifiers::NONE, Key::Escape, Some(Action::Cancel)),
        (example::composing(), Modifiers::COMMAND, Key::G, None),
        (example::empty(), Modifiers::COMMAND, Key::E, None),
        (example::full(), Modifiers::NONE, Key::Space, None),
    ] {
        check(state, keys(modifiers, key), expected.as_slice());
    }
}

#[test]
fn styles_are_chosen_and_left_to_the_model() {
    check(example::full(), click("Jazz"), &set(ParamId::Style, 3.0 / 26.0));
    check(example::full(), click("Auto"), &set(ParamId::Style, 0.0));
    check(example::full(), click("Lo-fi"), &set(ParamId::Style, 0.0));
    check(example::empty(), click("Auto"), &[]);
}

#[test]
fn a_knob_is_held_turned_and_released() {
    let mut editor = open(example::empty(), SIZE);
    drag(&mut editor, "Surprise", vec2(0.0, -36.0));
    let actions = &editor.state().actions;
    assert_eq!(actions.first(), Some(&Action::BeginEdit(ParamId::Surprise)));
    assert_eq!(actions.last(), Some(&Action::EndEdit(ParamId::Surprise)));
    let places = actions.iter().filter_map(|action| match action {
        Action::Edit(ParamId::Surprise, place) => Some(*place),
        _ => None,
    });
    let places: Vec<f32> = places.collect();
    assert_eq!(places.len() + 2, actions.len(), "{actions:?}");
    assert!(places.is_sorted() && places.iter().all(|place| *place > 0.5), "{places:?}");
    // A hundred steps, and each edit stands on one.
    assert!(places.iter().all(|place| (place * 100.0 - (place * 100.0).round()).abs() < 1e-3), "{places:?}");
    assert!((places.last().unwrap() - 0.7).abs() < 0.011, "{places:?}");
}

#[test]
fn a_window_closed_while_a_knob_is_held_releases_it() {
    let mut editor = open(example::empty(), SIZE);
    let center = editor.get_by_label("Surprise").rect().center();
    editor.hover_at(center);
    editor.run();
    editor.drag_at(center);
    editor.run();
    editor.hover_at(center + vec2(0.0, -30.0));
    editor.run();
    let held = editor.into_state();
    assert!(!held.actions.contains(&Action::EndEdit(ParamId::Surprise)), "{:?}", held.actions);
    let again = open_world(World { actions: Vec::new(), ..held }, SIZE);
    assert_eq!(again.state().actions, [Action::EndEdit(ParamId::Surprise)]);
}

#[test]
fn shift_turns_a_knob_finely() {
    let travel = |modifiers: Modifiers| {
        let mut editor = open(example::empty(), SIZE);
        editor.event(Event::ModifiersChanged(modifiers));
        drag(&mut editor, "Tempo", vec2(0.0, -36.0));
        let last = editor.state().actions.iter().rev().find_map(|action| match action {
            Action::Edit(_, place) => Some(*place),
            _ => None,
        });
        last.unwrap() - 0.26
    };
    let (coarse, fine) = (travel(Modifiers::NONE), travel(Modifiers::SHIFT));
    assert!(fine > 0.0 && fine < coarse / 4.0, "{fine} against {coarse}");
}

#[test]
fn double_click_goes_back_to_the_default() {
    for (label, id) in [("Tempo", ParamId::Tempo), ("Bass pan", ParamId::Part(Part::Bass, PartParam::Pan))] {
        check(example::full(), |editor| double_click(editor, label), &[Action::Reset(id)]);
    }
}

#[test]
fn the_mood_is_dragged_in_two_directions() {
    let (valence, arousal) = (ParamId::Valence, ParamId::Arousal);
    let mut editor = open(example::empty(), SIZE);
    let pad = editor.get_by_label("Mood").rect();
    drag_from(&mut editor, pad.center(), pad.right_top() - pad.center());
    let actions = &editor.state().actions;
    assert_eq!(actions[..2], [Action::BeginEdit(valence), Action::BeginEdit(arousal)]);
    assert_eq!(actions[actions.len() - 2..], [Action::EndEdit(valence), Action::EndEdit(arousal)]);
    for id in [valence, arousal] {
        let mut places = actions.iter().rev().filter_map(|action| match action {
            Action::Edit(edited, place) if *edited == id => Some(*place),
            _ => None,
        });
        assert_eq!(places.next(), Some(1.0), "{id:?} in the corner");
    }
}

#[test]
fn a_click_on_the_mood_is_never_auto() {
    let click_corner = |editor: &mut Editor| {
        let corner = editor.get_by_label("Mood").rect().left_bottom() + vec2(2.0, -2.0);
        editor.hover_at(corner);
        editor.run();
        editor.drag_at(corner);
        editor.run();
        editor.drop_at(corner);
    };
    let expected = [set(ParamId::Valence, 1.0 / 101.0), set(ParamId::Arousal, 1.0 / 101.0)].concat();
    check(example::empty(), click_corner, &expected);
}

#[test]
fn double_click_leaves_the_mood_to_the_model() {
    let mut editor = open(example::full(), SIZE);
    double_click(&mut editor, "Mood");
    editor.run();
    let expected = [set(ParamId::Valence, 0.0), set(ParamId::Arousal, 0.0)].concat();
    assert!(editor.state().actions.ends_with(&expected), "{:?}", editor.state().actions);
}

#[test]
fn menus_offer_every_value() {
    for (menu, value, id, place) in [
        ("Mode", "Dorian", ParamId::Mode, 3.0 / 7.0),
        ("Key", "F♯", ParamId::Tonic, 7.0 / 12.0),
        ("Meter", "6/8", ParamId::Meter, 4.0 / 17.0),
        ("Scale strictness", "Free", ParamId::Scale, 0.5),
        ("Tempo source", "Own", ParamId::TempoSource, 0.5),
        ("Launch", "Beat", ParamId::Quantum, 3.0 / 5.0),
        ("Answer", "4 bars", ParamId::Answer, 1.0),
        ("Count-in", "1 bar", ParamId::CountIn, 0.5),
        ("Key trigger", "Latch", ParamId::KeyTrigger, 1.0),
        ("Melody channel", "5", ParamId::Part(Part::Melody, PartParam::Channel), 4.0 / 15.0),
    ] {
        let choose = |editor: &mut Editor| {
            reveal(editor, menu);
            editor.get_by_label(menu).click();
            editor.run();
            editor.get_by_role_and_label(Role::Button, value).click();
        };
        check(example::empty(), choose, &set(id, place));
    }
}

#[test]
fn switches_switch() {
    for (label, id, place) in [
        ("Melody on", ParamId::Part(Part::Melody, PartParam::On), 0.0),
        ("Arpeggio on", ParamId::Part(Part::Arpeggio, PartParam::On), 1.0),
        ("Mute drums", ParamId::Part(Part::Drums, PartParam::Mute), 1.0),
        ("Solo bass", ParamId::Part(Part::Bass, PartParam::Solo), 1.0),
        ("Follow", ParamId::Follow, 1.0),
        ("Evolve", ParamId::Evolve, 1.0),
        ("Hold", ParamId::Hold, 1.0),
        ("Keys", ParamId::PlayMode, 0.5),
        ("Free", ParamId::PlayMode, 1.0),
    ] {
        check(example::empty(), click(label), &set(id, place));
    }
    check(example::problem(), click("Solo bass"), &set(ParamId::Part(Part::Bass, PartParam::Solo), 0.0));
    check(example::full(), click("Follow"), &set(ParamId::Follow, 0.0));
    check(example::empty(), click("Host"), &[]);
    // A phrase that runs on by itself is started over.
    let mut free = example::empty();
    example::choose(&mut free, ParamId::PlayMode, 2);
    check(free, click("Free"), &[Action::Restart]);
}

#[test]
fn a_slider_goes_to_where_it_is_clicked() {
    let mut editor = open(example::empty(), SIZE);
    let rect = editor.get_by_label("Preview level").rect();
    drag_from(&mut editor, rect.center(), vec2(200.0, 0.0));
    let actions = &editor.state().actions;
    assert_eq!(actions.first(), Some(&Action::BeginEdit(ParamId::PreviewLevel)));
    assert_eq!(
        actions[actions.len() - 2..],
        [Action::Edit(ParamId::PreviewLevel, 1.0), Action::EndEdit(ParamId::PreviewLevel),]
    );
}

#[test]
fn words_are_applied_by_enter() {
    let type_words = |editor: &mut Editor| {
        editor.get_by_label("Words").focus();
        editor.run();
        editor.get_by_label("Words").type_text("calm jazz");
        editor.run();
        // While they are typed they are read.
        assert!(editor.query_by_label("Generate").is_some());
        editor.key_press(Key::Enter);
    };
    check(example::empty(), type_words, &[Action::ApplyWords("calm jazz".to_owned())]);
}

#[test]
fn an_example_is_applied_at_a_click() {
    let text = "joyful folk waltz in G, 8 bars";
    check(example::empty(), click(text), &[Action::ApplyWords(text.to_owned())]);
}

#[test]
fn examples_are_understood() {
    let editor = open(example::empty(), SIZE);
    let texts = editor.root().children_recursive().filter_map(|node| node.accesskit_node().label());
    let examples: Vec<String> = texts.filter(|label| label.contains(", ")).collect();
    assert_eq!(examples.len(), 3, "{examples:?}");
    for text in examples {
        assert_eq!(descant::words::read(&text).unknown, [], "{text}");
    }
}

#[test]
fn an_idle_editor_draws_nothing_anew() {
    for (state, is_moving) in [
        (example::empty(), false),
        (ViewState { playhead_beats: None, ..example::full() }, false),
        (example::full(), true),
        (example::composing(), true),
        (example::testing("reaper", TestStage::Done), false),
        (example::testing("reaper", TestStage::Awaited), true),
    ] {
        let mut editor = open(state, SIZE);
        editor.step();
        let delay =
            editor.output().viewport_output.values().map(|output| output.repaint_delay).min().unwrap();
        assert_eq!(delay.as_secs() < 1, is_moving, "{delay:?}");
    }
}

#[test]
fn nothing_overlaps_or_leaves_the_window() {
    let states = [example::full(), example::empty(), example::composing(), example::problem()];
    for size in [[900.0, 600.0], [1000.0, 640.0], SIZE, [2100.0, 1302.0]] {
        for (state, tab) in states.iter().flat_map(|state| TABS.map(|tab| (state.clone(), tab))) {
            let mut editor = open(state, size);
            editor.get_by_role_and_label(Role::Tab, tab).click();
            editor.run_steps(4);
            let window = Rect::from_min_size(Pos2::ZERO, size.into()).expand(0.5);
            let placed = placed(&editor);
            assert!(placed.len() > 60, "{} widgets", placed.len());
            for (idx, (label, rect)) in placed.iter().enumerate() {
                let is_inside =
                    window.x_range().contains(rect.left()) && window.x_range().contains(rect.right());
                assert!(is_inside, "{label} at {rect:?} leaves a window of {size:?}");
                assert!(
                    rect.width() >= 12.0 && rect.height() >= 10.0,
                    "{label} at {rect:?} is too small to hit"
                );
                // Only in the smallest window is there something to scroll to in the left column.
                let is_scrolled = scrolls(label) && (size[1] <= 600.0 || label.contains("ake "));
                assert!(is_scrolled || window.contains_rect(*rect), "{label} at {rect:?} leaves {size:?}");
                for (other_label, other) in &placed[..idx] {
                    let common = rect.intersect(*other);
                    let overlap = common.is_positive() && common.width().min(common.height()) > 0.5;
                    // A heart lies on its card.
                    let is_heart = label.strip_prefix("Favour take ").is_some_and(|number| {
                        other_label.strip_prefix("Take ").is_some_and(|rest| rest.starts_with(number))
                    });
                    let clips = is_scrolled != scrolls(other_label) || is_heart;
                    assert!(
                        !overlap || clips,
                        "{label} at {rect:?} covers {other_label} at {other:?} in {size:?}"
                    );
                }
            }
        }
    }
}

/// Whether a widget lies in a column that scrolls, and may so lie under a bar in the smallest window.
pub fn scrolls(label: &str) -> bool {
    const COLUMN: [&str; 16] = [
        "Mood",
        "Density",
        "Complexity",
        "Surprise",
        "Syncopation",
        "Register",
        "Rests",
        "Leaps",
        "Key",
        "Mode",
        "Meter",
        "Bars",
        "Tempo",
        "Form",
        "Ending",
        "Scale strictness",
    ];
    let number = label.strip_prefix("Take ").or_else(|| label.strip_prefix("Favour take "));
    COLUMN.contains(&label) || number.is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Everything that can be pressed or turned, with its place.
pub fn placed(editor: &Editor) -> Vec<(String, Rect)> {
    let roles =
        [Role::Button, Role::ComboBox, Role::Slider, Role::CheckBox, Role::RadioButton, Role::TextInput];
    let nodes = editor.root().children_recursive();
    let nodes = nodes.filter(|node| roles.contains(&node.accesskit_node().role()));
    nodes.map(|node| (node.accesskit_node().label().unwrap_or_default(), node.rect())).collect()
}

#[test]
fn a_window_too_small_scrolls() {
    let mut editor = open(example::full(), [640.0, 400.0]);
    assert_eq!(
        editor.get_by_label("Panic").rect().right().round(),
        open(example::full(), [900.0, 600.0]).get_by_label("Panic").rect().right().round()
    );
    editor.get_by_label("Next preset").click();
    editor.run();
    assert_eq!(editor.state().actions, [Action::ChoosePreset("Rainy window".to_owned())]);
}

#[test]
fn selected_bars_are_recomposed_or_answered() {
    let selection =
        Selection { first_bar: 2, n_bars: 2, parts: Part::ALL.map(|part| part != Part::Arpeggio) };
    let select = select_last_bars;
    check(
        example::full(),
        |editor| {
            select(editor);
            click("Recompose")(editor);
        },
        &[Action::Compose(Ask::Recompose(selection))],
    );
    check(
        example::full(),
        |editor| {
            select(editor);
            keys(Modifiers::COMMAND, Key::R)(editor);
        },
        &[Action::Compose(Ask::Recompose(selection))],
    );
    // With nothing selected the key does nothing.
    check(
        example::full(),
        |editor| {
            select(editor);
            click("Select nothing")(editor);
            editor.run();
            keys(Modifiers::COMMAND, Key::R)(editor);
        },
        &[],
    );
}

#[test]
fn keys_edit_the_notes_of_selected_bars() {
    let phrase = example::full().phrase.unwrap();
    let of_bars = |is_meant: &dyn Fn(Part) -> bool| -> Vec<NoteName> {
        let cells = (2..4).flat_map(|bar| Part::ALL.map(|part| Cell { bar, part }));
        let cells = cells.filter(|cell| cell.part != Part::Arpeggio && is_meant(cell.part));
        let notes = cells.flat_map(|cell| phrase.cell(cell).iter().map(move |note| (cell.part, note)));
        notes.filter(|(_, note)| !note.locked).map(|(part, note)| NoteName::of(part, note)).collect()
    };
    let (all, pitched) = (of_bars(&|_| true), of_bars(&|part| !part.is_drums()));
    assert!(all.len() > pitched.len() && !pitched.is_empty());
    let moved = |semitones| Edit::Alter(pitched.clone(), Alteration::Move { ticks: 0, semitones });
    let octave = Modifiers::COMMAND | Modifiers::SHIFT;
    for (modifiers, key, edit) in [
        (Modifiers::NONE, Key::Delete, Edit::Alter(all.clone(), Alteration::Remove)),
        (Modifiers::COMMAND, Key::ArrowUp, moved(1)),
        (Modifiers::COMMAND, Key::ArrowDown, moved(-1)),
        (octave, Key::ArrowUp, moved(12)),
        (octave, Key::ArrowDown, moved(-12)),
    ] {
        let select_and_press = |editor: &mut Editor| {
            let center = editor.get_by_label("Selected bars").rect().center();
            drag_from(editor, center + vec2(10.0, 0.0), vec2(250.0, 0.0));
            editor.run();
            keys(modifiers, key)(editor);
        };
        check(example::full(), select_and_press, &[Action::EditNotes(edit)]);
        // With nothing selected the key does nothing.
        check(example::full(), keys(modifiers, key), &[]);
    }
}

#[test]
fn a_knob_tells_what_was_asked_and_what_was_got() {
    for (knob, shown) in [
        ("Density", "This take, mean of its parts: asked 30 %, got 28 %."),
        ("Rests", "This take, mean of its parts: 70 %."),
    ] {
        let mut editor = open(example::full(), SIZE);
        let center = editor.get_by_role_and_label(Role::Slider, knob).rect().center();
        editor.hover_at(center);
        // The tooltip waits for the pointer to rest.
        editor.run_steps(60);
        assert!(editor.query_by_label_contains(shown).is_some(), "{knob}");
    }
}

#[test]
fn a_take_is_put_into_a_slot_by_a_right_click() {
    for (take, slot, expected) in [
        ("Take 5", "Slot 3", Action::PutInSlot(2, 3)),
        ("Take 5", "Slot 1: take 6", Action::PutInSlot(2, 1)),
        ("Take 6", "No slot", Action::TakeOutOfSlot(1)),
    ] {
        let mut editor = open(example::full(), SIZE);
        editor.get_by_label(take).click_secondary();
        editor.run();
        editor.get_by_label(slot).click();
        editor.run();
        assert_eq!(editor.state().actions, [expected], "{take} {slot}");
    }
}

/// Shows the pointer resting at `pos` until tooltips have come.
pub fn rest_at(editor: &mut Editor, pos: Pos2) {
    editor.hover_at(pos);
    editor.run_steps(60);
}

#[test]
fn a_slot_is_chosen_at_a_click_and_says_how_else() {
    // Take 6 lies in slot 1, take 3 in slot 12, and take 7, which plays, in slot 2.
    for (slot, number) in [("Play slot 1", 1.0), ("Play slot 12", 12.0)] {
        check(example::full(), click(slot), &set(ParamId::Slot, number / 12.0));
    }
    check(example::full(), click("Play slot 4"), &[]);
    // The parameter stands where it was set last, and another take was chosen since.
    let mut state = example::full();
    state.settings.get_mut(&ParamId::Slot).unwrap().normalized = 12.0 / 12.0;
    check(state, click("Play slot 12"), &[Action::SelectTake(4)]);
    // It plays next already.
    check(example::waiting(), click("Play slot 2, plays next"), &[]);

    for (state, slot, shown) in [
        (example::full(), "Play slot 1", "Slot 1: click to play take 6, where Launch says."),
        (example::waiting(), "Play slot 2, plays next", "Slot 2: take 7 plays next"),
        (example::full(), "Play slot 1", "Program change 1 plays it, and in Keys mode the key C1."),
        (example::full(), "Play slot 3", "Slot 3 is empty: right-click a take to put it there."),
        (example::full(), "Play slot 3", "the key D1. MIDI learn: the key C4."),
    ] {
        let mut editor = open(state, SIZE);
        let center = editor.get_by_label(slot).rect().center();
        rest_at(&mut editor, center);
        assert!(editor.query_by_label_contains(shown).is_some(), "{slot}: {shown}");
    }
}

#[test]
fn the_slot_that_plays_is_marked() {
    let is_marked = |state: ViewState, slot: &str| {
        let editor = open(state, SIZE);
        editor.get_by_label(slot).accesskit_node().toggled() == Some(egui::accesskit::Toggled::True)
    };
    assert!(is_marked(example::full(), "Play slot 2"));
    assert!(!is_marked(example::full(), "Play slot 1"));
    assert!(is_marked(example::waiting(), "Play slot 2, plays next"));
}

/// How high the bar below is, in points: whatever scrolls ends above it.
pub const BOTTOM_BAR: f32 = 84.0;

#[test]
fn what_is_needed_on_stage_is_never_scrolled_to() {
    for size in [[900.0, 600.0], [1000.0, 640.0], SIZE, [1500.0, 930.0]] {
        let editor = open(example::full(), size);
        let strip = ["Play", "Launch", "Continue", "Vary", "Respond", "Accompany"].map(str::to_owned);
        let slots = (1..=12).map(|slot| format!("Play slot {slot}"));
        for label in strip.into_iter().chain(slots) {
            let rect = editor.get_by_label(&label).rect();
            assert!(
                rect.bottom() < size[1] && rect.width() > 15.0 && rect.height() > 15.0,
                "{label} {rect:?}"
            );
        }
        let mut editor = open(example::full(), size);
        for label in ["Follow", "Evolve", "Hold", "Answer", "Count-in", "Key trigger"] {
            reveal(&mut editor, label);
            let rect = editor.get_by_label(label).rect();
            let fold = size[1] - BOTTOM_BAR;
            assert!(rect.bottom() < fold && rect.width() > 15.0 && rect.height() > 15.0, "{label} {rect:?}");
        }
    }
}

#[test]
fn what_is_frozen_says_so_to_a_pointer_that_moved() {
    let mut editor = open(example::full(), SIZE);
    let roll = editor.get_by_label_contains("Piano roll: ").rect();
    let at = |beats: f32| roll.left_top() + vec2(roll.width() * beats / 16.0, 3.0);
    let is_shown = |editor: &Editor| editor.query_by_label_contains("Frozen up to the dashed line").is_some();
    // The playhead is at 5.25, and a beat is frozen.
    for (beats, expected) in [(5.0, false), (5.5, true), (6.1, true), (6.5, false)] {
        rest_at(&mut editor, at(beats));
        assert_eq!(is_shown(&editor), expected, "{beats}");
    }
    rest_at(&mut editor, at(5.5));
    editor.run_steps(90);
    assert!(!is_shown(&editor), "what moves comes by again and again");
    // Round the end of the phrase.
    editor.state_mut().state.playhead_beats = Some(15.5);
    for (beats, expected) in [(0.25, true), (0.75, false), (15.75, true)] {
        rest_at(&mut editor, at(beats));
        assert_eq!(is_shown(&editor), expected, "{beats}");
    }
    editor.state_mut().state.frozen_beats = 0.0;
    rest_at(&mut editor, at(15.8));
    assert!(!is_shown(&editor));
}

#[test]
fn a_flag_stands_where_the_next_take_takes_over() {
    let flag = |next_beats: Option<f64>, playhead_beats: Option<f64>| {
        let editor = open(ViewState { next_beats, playhead_beats, ..example::waiting() }, SIZE);
        let roll = editor.get_by_label_contains("Piano roll: ").rect();
        let flag = editor.query_by_label("The next take takes over here");
        flag.map(|flag| ((flag.rect().right() - roll.left()) / roll.width() * 16.0).round())
    };
    assert_eq!(flag(Some(8.0), Some(5.25)), Some(8.0));
    // The phrase begins again at its end.
    assert_eq!(flag(Some(0.0), Some(5.25)), Some(16.0));
    // Out of sight, or nothing to say.
    for (next, playhead) in [(Some(17.0), Some(5.25)), (None, Some(5.25)), (Some(8.0), None)] {
        assert_eq!(flag(next, playhead), None, "{next:?} {playhead:?}");
    }
    let mut editor = open(example::waiting(), SIZE);
    let center = editor.get_by_label("The next take takes over here").rect().center();
    rest_at(&mut editor, center);
    assert!(editor.query_by_label_contains("Here the take that waits takes over").is_some());
    assert!(editor.query_by_label_contains("Drag to select bars").is_none(), "one tooltip at a time");
}

/// Opens the panel of test notes.
pub fn open_routing(editor: &mut Editor) {
    editor.get_by_label("Test routing").click();
    editor.run_steps(8);
}

#[test]
fn the_panel_says_what_to_click_in_this_host() {
    for (file_name, said, step) in [
        ("Ableton Live 12 Suite.exe", "Your host is Ableton Live.", "3. Set Monitor to In."),
        ("reaper", "Your host is Reaper.", "2. Drag from the Route button"),
        ("ardour-7.3.0", "Your host is Ardour.", "2. Open Window → MIDI Connections"),
        ("descant", "Your host is Descant's standalone.", "2. Start Descant with --midi-output"),
        ("qtractor", "Your host, qtractor, is not known here.", "2. Find that track's MIDI input"),
        ("", "Your host is not known.", "2. Find that track's MIDI input"),
    ] {
        let mut editor = open(example::testing(file_name, TestStage::Idle), SIZE);
        open_routing(&mut editor);
        for text in [said, step, "1. ", "Each part plays four notes in turn"] {
            assert!(editor.query_by_label_contains(text).is_some(), "{file_name}: {text}");
        }
    }
}

#[test]
fn the_steps_of_another_host_are_a_click_away() {
    let mut editor = open(example::testing("qtractor", TestStage::Idle), SIZE);
    open_routing(&mut editor);
    for (host, step) in [
        ("FL Studio", "2. In Descant's window click the gear"),
        ("Bitwig Studio", "2. Add the device Note Receiver"),
        ("Cubase or Nuendo", "3. Click Monitor"),
        // A second click leads back.
        ("Cubase or Nuendo", "2. Find that track's MIDI input"),
    ] {
        editor.get_by_role_and_label(Role::Button, host).click();
        editor.run();
        assert!(editor.query_by_label_contains(step).is_some(), "{host}: {step}");
    }
    assert_eq!(editor.state().actions, []);
}

#[test]
fn test_notes_are_sent_and_stopped() {
    for (stage, button, expected) in [
        (TestStage::Idle, "Send test notes", Action::SendTest),
        (TestStage::Done, "Send test notes", Action::SendTest),
        (TestStage::Stopped, "Send test notes", Action::SendTest),
        (TestStage::Awaited, "Stop test notes", Action::StopTest),
        (TestStage::Sounding(Part::Bass), "Stop test notes", Action::StopTest),
        (TestStage::Listening, "Stop test notes", Action::StopTest),
    ] {
        let mut editor = open_testing(example::testing("reaper", stage));
        editor.get_by_label(button).click();
        editor.run_steps(4);
        assert_eq!(editor.state().actions, [expected], "{stage:?}");
    }
}

/// Opens the editor and the panel of test notes, which may be drawn again and again.
pub fn open_testing(state: ViewState) -> Editor {
    let quiet = ViewState { routing: Routing::default(), ..state.clone() };
    let mut editor = open(quiet, SIZE);
    editor.state_mut().state = state;
    open_routing(&mut editor);
    editor
}

#[test]
fn the_panel_says_how_the_test_goes_and_what_to_do_next() {
    let notes = |stage, n_sent, n_back| TestNotes { stage, n_sent, n_back };
    for (notes, is_stalled, shown) in [
        (notes(TestStage::Awaited, 0, 0), false, "Waiting for the host to play"),
        (notes(TestStage::Awaited, 0, 0), true, "The audio engine is not running: "),
        (notes(TestStage::Sounding(Part::Bass), 8, 0), true, "The audio engine is not running: "),
        (notes(TestStage::Sounding(Part::Bass), 8, 0), false, "Bass: four rising notes on channel 3."),
        (
            notes(TestStage::Sounding(Part::Drums), 8, 0),
            false,
            "Drums: a kick, a snare and two hats on channel 10.",
        ),
        (notes(TestStage::Listening, 20, 0), false, "Listening whether they come back"),
        (notes(TestStage::Done, 0, 0), false, "every part is muted. Unmute one"),
        (notes(TestStage::Done, 20, 0), true, "Did the other instrument play four rising notes?"),
        (notes(TestStage::Done, 20, 2), false, "Did the other instrument play four rising notes?"),
        (notes(TestStage::Done, 20, 20), false, "Remove the send that leads to Descant's own track"),
        (notes(TestStage::Stopped, 3, 0), false, "Stopped."),
    ] {
        let state = example::testing("reaper", notes.stage);
        let routing = Routing { is_stalled, notes, ..state.routing.clone() };
        let editor = open_testing(ViewState { routing, ..state });
        assert!(editor.query_by_label_contains(shown).is_some(), "{notes:?} {is_stalled}: {shown}");
        let is_lit = notes.stage == TestStage::Sounding(Part::Bass) && !is_stalled;
        assert_eq!(editor.query_by_label("Bass, channel 3, sounds").is_some(), is_lit, "{notes:?}");
    }
}

#[test]
fn test_notes_that_nobody_waits_for_any_more_are_not_sent() {
    for (stage, expected) in
        [(TestStage::Awaited, &[Action::StopTest][..]), (TestStage::Sounding(Part::Melody), &[])]
    {
        let mut editor = open_testing(example::testing("reaper", stage));
        editor.key_press(Key::Escape);
        editor.run_steps(4);
        assert!(editor.query_by_label("Stop test notes").is_none());
        assert_eq!(editor.state().actions, expected, "{stage:?}");
    }
}

#[test]
fn a_bypassed_descant_says_that_it_sends_nothing() {
    for stage in [TestStage::Idle, TestStage::Stopped] {
        let mut state = example::testing("reaper", stage);
        let on = Setting { normalized: 1.0, default: 0.0, text: "On".to_owned(), n_steps: Some(1) };
        state.settings.insert(ParamId::Bypass, on);
        let editor = open_testing(state);
        assert!(editor.query_by_label_contains("Descant is bypassed").is_some(), "{stage:?}");
    }
}

#[test]
fn the_report_of_the_test_fits_at_every_host() {
    // The longest: what to do if the notes come back.
    let mut state = example::testing("Ardour8", TestStage::Done);
    state.routing.notes = TestNotes { stage: TestStage::Done, n_sent: 20, n_back: 20 };
    for host in ["Ableton Live", "FL Studio", "Bitwig Studio", "Reaper", "Cubase or Nuendo", "Ardour"] {
        let mut editor = open_testing(state.clone());
        if host != "Ardour" {
            editor.get_by_role_and_label(Role::Button, host).click();
            editor.run();
        }
        let shown = editor.get_by_label_contains("they came back").accesskit_node().value().unwrap();
        // Three rows of some 65 letters.
        assert!(shown.len() < 190, "{host}: {} letters: {shown}", shown.len());
    }
}

/// Opens the menu of presets.
pub fn open_presets(editor: &mut Editor) {
    editor.get_by_label("Preset").click();
    editor.run();
}

#[test]
fn presets_are_chosen_from_their_menu() {
    for (heading, name) in [("SONGS", "Bright chorus"), ("YOURS", "Bridge")] {
        let choose = |editor: &mut Editor| {
            open_presets(editor);
            let row = editor.get_by_role_and_label(Role::Button, name);
            row.scroll_to_me();
            editor.run();
            editor.get_by_role_and_label(Role::Button, name).click();
            editor.run();
            assert!(
                editor.query_by_label("Name of a new preset").is_none(),
                "{heading}: the menu stays open"
            );
        };
        check(example::full(), choose, &[Action::ListPresets, Action::ChoosePreset(name.to_owned())]);
    }
}

fn press_in_midi_panel(label: &'static str) -> impl FnMut(&mut Editor) {
    move |editor: &mut Editor| {
        editor.get_by_label("MIDI").click();
        editor.run();
        editor.get_by_label(label).click();
        editor.run();
    }
}

#[test]
fn controls_are_learnt_and_forgotten_in_the_midi_panel() {
    let generate = Learnable::Command(Command::Compose(Verb::Generate));
    check(example::full(), press_in_midi_panel("Learn generate"), &[Action::Learn(generate)]);
    check(example::full(), press_in_midi_panel("Learn slot 12"), &[Action::Learn(Learnable::Slot(11))]);
    check(
        example::full(),
        press_in_midi_panel("Forget panic"),
        &[Action::Forget(Learnable::Command(Command::Panic))],
    );
    let learning = || ViewState { learning: Some(Learnable::Hold), ..example::full() };
    // What is learnt while the panel is closed is given up.
    let give_up = |editor: &mut Editor| {
        editor.get_by_label("MIDI").click();
        editor.run();
        editor.state_mut().actions.clear();
        editor.get_by_label("Learn hold").click();
        editor.run();
    };
    check(learning(), give_up, &[Action::StopLearning]);
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("MIDI").click();
    editor.run();
    let value_of = |label: &str| editor.get_by_label(label).accesskit_node().value();
    assert_eq!(value_of("Learn generate").as_deref(), Some("CC 20"));
    assert_eq!(value_of("Learn slot 3").as_deref(), Some("C4"));
    assert_eq!(value_of("Learn vary").as_deref(), Some("–"));
}

#[test]
fn a_take_says_which_other_model_composed_it() {
    for (model, expect) in [(None, None), (Some("night run"), Some("Composed by the model night run."))] {
        let mut state = example::full();
        state.takes[0].model = model.map(str::to_owned);
        let mut editor = open(state, SIZE);
        let card = editor.get_by_label_contains("Take 7").rect().center();
        rest_at(&mut editor, card);
        let shown = editor.query_by_label_contains("Composed by");
        assert_eq!(shown.is_some(), expect.is_some());
        assert!(expect.is_none_or(|line| editor.query_by_label_contains(line).is_some()));
    }
}

#[test]
fn models_are_chosen_in_the_midi_panel_where_there_are_others() {
    let models = vec!["night run".to_owned(), "run".to_owned()];
    let state = || ViewState { models: models.clone(), model: Some("run".to_owned()), ..example::full() };
    check(
        state(),
        press_in_midi_panel("Model night run"),
        &[Action::ChooseModel(Some("night run".to_owned()))],
    );
    check(state(), press_in_midi_panel("Model Descant's own"), &[Action::ChooseModel(None)]);
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("MIDI").click();
    editor.run();
    assert!(editor.query_by_label("MODEL").is_none() && editor.query_by_label_contains("Model ").is_none());
}

#[test]
fn a_vst3_host_gets_all_controllers_on_demand() {
    let label = "All controllers (VST3)";
    for lists_all in [false, true] {
        let state = ViewState { lists_all_controllers: Some(lists_all), ..example::full() };
        check(state, press_in_midi_panel(label), &[Action::ListAllControllers(!lists_all)]);
    }
    // Other hosts have them anyway.
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("MIDI").click();
    editor.run();
    assert!(editor.query_by_label(label).is_none());
}

#[test]
fn presets_are_stepped_through() {
    let at = |name: &str| {
        let preset = CurrentPreset { name: name.to_owned(), is_changed: true };
        ViewState { preset: Some(preset), ..example::full() }
    };
    for (state, label, expected) in [
        (example::empty(), "Next preset", Some("Bright chorus")),
        (example::empty(), "Previous preset", Some("Slow intro")),
        (at("Bridge"), "Next preset", Some("Slow intro")),
        (at("Bridge"), "Previous preset", Some("Chords to sing over")),
        (at("Bright chorus"), "Previous preset", None),
        (at("Slow intro"), "Next preset", None),
        (at("moved away"), "Next preset", Some("Bright chorus")),
    ] {
        let expected: Vec<Action> =
            expected.map(|name| Action::ChoosePreset(name.to_owned())).into_iter().collect();
        check(state, click(label), &expected);
    }
}

#[test]
fn a_preset_is_saved_under_the_name_that_is_typed() {
    let type_name = |editor: &mut Editor| {
        open_presets(editor);
        editor.get_by_label("Save preset").click();
        editor.run();
        editor.get_by_label("Name of a new preset").focus();
        editor.run();
        editor.get_by_label("Name of a new preset").type_text("Mine");
        editor.run();
    };
    let saved = [Action::ListPresets, Action::SavePreset("Mine".to_owned())];
    let press = |editor: &mut Editor| {
        type_name(editor);
        editor.get_by_label("Save preset").click();
    };
    check(example::full(), press, &saved);
    let enter = |editor: &mut Editor| {
        type_name(editor);
        editor.key_press(Key::Enter);
    };
    check(example::full(), enter, &saved);
}

#[test]
fn a_preset_that_was_changed_or_cannot_be_read_is_reported() {
    let preset = |is_changed| Some(CurrentPreset { name: "Bridge".to_owned(), is_changed });
    for is_changed in [false, true] {
        let editor = open(ViewState { preset: preset(is_changed), ..example::full() }, SIZE);
        let value = editor.get_by_label("Preset").value();
        assert_eq!(value.as_deref(), Some(if is_changed { "Bridge, changed" } else { "Bridge" }));
    }
    let mut editor = open(example::full(), SIZE);
    open_presets(&mut editor);
    assert!(editor.query_by_label("half.toml cannot be used").is_some());
}
