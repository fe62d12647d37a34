//! The editor without a mouse: the round of the Tab key, groups in one stop of it, and the ring around what has the focus.

use descant::editor::Action;
use descant::editor::theme;
use descant::params::ParamId;
use descant::session::{Ask, Verb};
use egui::epaint::Shape;
use egui::{Key, Role};
use egui_kittest::kittest::{NodeT, Queryable};

use crate::acting::{Editor, SIZE, set};
use crate::turning::still;
use crate::{example, open};

fn press(editor: &mut Editor, key: Key) {
    editor.key_press(key);
    editor.run();
}

/// The name of what has the keyboard focus.
fn focused(editor: &Editor) -> Option<String> {
    let mut nodes = editor.root().children_recursive();
    nodes.find(|node| node.accesskit_node().is_focused()).and_then(|node| node.accesskit_node().label())
}

#[test]
fn generate_is_reached_at_once() {
    let mut editor = open(example::empty(), SIZE);
    let stops: Vec<Option<String>> = (0..5)
        .map(|_| {
            press(&mut editor, Key::Tab);
            focused(&editor)
        })
        .collect();
    let place = stops.iter().position(|label| label.as_deref() == Some("Generate"));
    assert!(place.is_some(), "{stops:?}");
    let mut editor = open(example::empty(), SIZE);
    (0..=place.unwrap()).for_each(|_| press(&mut editor, Key::Tab));
    press(&mut editor, Key::Enter);
    assert_eq!(editor.state().actions, [Action::Compose(Ask::Verb(Verb::Generate))]);
}

#[test]
fn the_tab_key_goes_by_groups_and_every_stop_is_seen() {
    let mut editor = open(still(), SIZE);
    let mut stops = Vec::new();
    for _ in 0..120 {
        press(&mut editor, Key::Tab);
        let Some(label) = focused(&editor) else { continue };
        if stops.first() == Some(&label) {
            break;
        }
        // The box of words has its outline in the accent.
        let is_ring = |shape: &Shape| match shape {
            Shape::Rect(rect) => {
                rect.stroke.color == theme::DARK.focus
                    || (label == "Words" && rect.stroke.color == theme::DARK.accent)
            }
            _ => false,
        };
        let is_seen = editor.output().shapes.iter().any(|clipped| is_ring(&clipped.shape));
        assert!(is_seen, "{label} has the focus and nothing says so");
        stops.push(label);
    }
    let count = |among: &[&str]| stops.iter().filter(|label| among.contains(&label.as_str())).count();
    assert_eq!(count(&["Compose", "Feel", "Perform", "Mix"]), 1, "{stops:?}");
    assert_eq!(count(&["Auto", "Pop", "Rock", "Jazz", "Lo-fi", "House"]), 1, "{stops:?}");
    assert_eq!(count(&["Host", "Keys", "Free"]), 1, "{stops:?}");
    let n_slots = stops.iter().filter(|label| label.starts_with("Play slot")).count();
    assert_eq!(n_slots, 1, "{stops:?}");
    for label in ["Generate", "Vary", "Density", "Leaps", "Key", "Mood", "Melody level", "Export", "Words"] {
        assert_eq!(count(&[label]), 1, "{label} in {stops:?}");
    }
    assert!(stops.len() < 90, "{} stops: {stops:?}", stops.len());
}

#[test]
fn arrow_keys_go_within_a_group() {
    let mut editor = open(still(), SIZE);
    editor.get_by_label("Lo-fi").focus();
    editor.run();
    press(&mut editor, Key::ArrowLeft);
    assert_eq!(focused(&editor).as_deref(), Some("House"));
    press(&mut editor, Key::ArrowUp);
    press(&mut editor, Key::ArrowRight);
    press(&mut editor, Key::ArrowRight);
    let reached = focused(&editor).unwrap();
    assert_eq!(editor.state().actions, [], "going chooses nothing");
    press(&mut editor, Key::Space);
    let names = &editor.state().state.choices[&ParamId::Style];
    let step = names.iter().position(|name| *name == reached).unwrap();
    let place = f32::from(u8::try_from(step).unwrap()) / f32::from(u8::try_from(names.len() - 1).unwrap());
    assert_eq!(editor.state().actions, set(ParamId::Style, place));

    // Tabs open by keys too.
    let mut editor = open(still(), SIZE);
    editor.get_by_role_and_label(Role::Tab, "Compose").focus();
    editor.run();
    press(&mut editor, Key::ArrowRight);
    press(&mut editor, Key::Enter);
    assert!(editor.query_by_label("Swing").is_some());
}
