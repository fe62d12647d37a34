//! Texts of the editor about undo, words that were not understood, and counts.

use descant::editor::{Action, Activity, ViewState};
use egui::{Event, Key, Modifiers, Pos2, vec2};
use egui_kittest::kittest::Queryable;

use crate::acting::{Editor, SIZE, redoable, rest_at};
use crate::turning::still;
use crate::{example, open};

#[test]
fn undo_and_redo_say_what_they_do() {
    for (state, label, shown) in [
        (still(), "Undo", "Undo: Density 38 % → 22 %."),
        (redoable(), "Redo", "Redo: Generate."),
        (example::empty(), "Undo", "Undo: nothing."),
    ] {
        let mut editor = open(ViewState { playhead_beats: None, ..state }, SIZE);
        let center = editor.get_by_label(label).rect().center();
        rest_at(&mut editor, center);
        assert!(editor.query_by_label_contains(shown).is_some(), "{shown}");
    }
}

#[test]
fn nothing_is_undone_while_something_is_held() {
    let mut editor = open(still(), SIZE);
    let center = editor.get_by_label("Surprise").rect().center();
    editor.hover_at(center);
    editor.run();
    editor.drag_at(center);
    editor.run();
    editor.hover_at(center + vec2(0.0, -30.0));
    editor.run();
    editor.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    editor.run();
    assert!(!editor.state().actions.contains(&Action::Undo), "{:?}", editor.state().actions);
    editor.drop_at(center + vec2(0.0, -30.0));
    editor.run();
    editor.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    editor.run();
    assert_eq!(editor.state().actions.last(), Some(&Action::Undo));
}

/// The text of `example::problem` and the place of what is not understood in it, in characters.
const RED: (&str, std::ops::Range<usize>) = ("spicyy", 22..28);

fn selected(editor: &Editor) -> Option<std::ops::Range<usize>> {
    let id = editor.ctx.memory(|memory| memory.focused())?;
    let range = egui::text_edit::TextEditState::load(&editor.ctx, id)?.cursor.char_range()?;
    let [one, other] = [range.primary.index.0, range.secondary.index.0];
    Some(one.min(other)..one.max(other))
}

#[test]
fn a_click_on_a_red_word_selects_it() {
    let (word, place) = RED;
    let state = || ViewState { playhead_beats: None, ..example::problem() };
    // By its name next to the text.
    let mut editor = open(state(), SIZE);
    assert_eq!(selected(&editor), None);
    editor.get_by_label(&format!("Go to {word}")).click();
    editor.run();
    assert_eq!(selected(&editor), Some(place.clone()));
    // What is typed takes its place.
    editor.event(Event::Text("sparse".to_owned()));
    editor.run();
    editor.key_press(Key::Enter);
    editor.run();
    let expected = Action::ApplyWords("dark lofi in D minor, sparse, 82 bpm".to_owned());
    assert_eq!(editor.state().actions, [expected]);
    // In the text itself; any other place is but a place.
    for (share, expected) in [(25.0 / 36.0, Some(place)), (2.0 / 36.0, None)] {
        let mut editor = open(state(), SIZE);
        let rect = editor.get_by_label("Words").rect();
        let width = text_width(&editor, "dark lofi in D minor, spicyy, 82 bpm");
        let pos = Pos2::new(rect.left() + width * share, rect.center().y);
        editor.hover_at(pos);
        editor.run();
        editor.drag_at(pos);
        editor.run();
        editor.drop_at(pos);
        editor.run();
        let found = selected(&editor).filter(|range| !range.is_empty());
        assert_eq!(found, expected, "{share}");
    }
}

/// How wide `text` is in the box of words.
fn text_width(editor: &Editor, text: &str) -> f32 {
    let font = descant::editor::theme::regular(14.0);
    editor.ctx.fonts_mut(|fonts| fonts.layout_no_wrap(text.to_owned(), font, egui::Color32::WHITE).size().x)
}

/// Nothing is said of typing where there is nothing to type into, and everything says one of one.
#[test]
fn texts_promise_nothing_that_is_not_so() {
    let mut editor = open(still(), SIZE);
    editor.get_by_label("MIDI").click();
    editor.run();
    let center = editor.get_by_label("Melody program").rect().center();
    rest_at(&mut editor, center);
    assert!(editor.query_by_label_contains("Program, counted from 1.").is_some());
    assert!(editor.query_by_label_contains("type").is_none());
    let editor = open(ViewState { phrase: Some(example::one_note()), ..still() }, SIZE);
    assert!(editor.query_by_label("Piano roll: 1 bar in C major, 1 note").is_some());
    let mut composing = example::composing();
    composing.activity = Activity::Composing { n_bars: 0, n_bars_total: 1 };
    // As long as it composes, it is drawn again and again.
    assert!(open(composing, SIZE).query_by_label("Cancel").is_some());
}
