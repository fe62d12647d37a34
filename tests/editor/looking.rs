//! Pictures of the editor, compared with those under `tests/snapshots`.

use descant::editor::ViewState;
use egui_kittest::kittest::Queryable;
use egui_kittest::{OsThreshold, SnapshotOptions};

use crate::{example, open};

const SIZE: [f32; 2] = [1400.0, 868.0];

/// Draws `state` in a window of `size` points and compares it with the picture called `name`.
fn check(name: &str, state: ViewState, size: [f32; 2]) {
    open(state, size).snapshot_options(name, &options());
}

/// Linux with lavapipe is the truth; elsewhere the edges of letters differ.
fn options() -> SnapshotOptions {
    SnapshotOptions::new()
        .threshold(OsThreshold::new(1.5).linux(0.8))
        .max_failed_pixels(OsThreshold::new(4000).linux(40))
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../snapshots"))
}

#[test]
fn a_phrase_plays() {
    check("full", example::full(), SIZE);
}

#[test]
fn a_phrase_is_composed() {
    check("composing", example::composing(), SIZE);
}

#[test]
fn nothing_is_composed_yet() {
    check("empty", example::empty(), SIZE);
}

#[test]
fn something_went_wrong() {
    check("problem", example::problem(), SIZE);
}

#[test]
fn a_small_window_holds_everything() {
    check("small", example::full(), [900.0, 600.0]);
}

#[test]
fn what_is_typed_is_read() {
    let mut editor = open(example::empty(), SIZE);
    editor.get_by_label("Words").focus();
    editor.run();
    editor.get_by_label("Words").type_text("very calm jaz waltz in Eb, no drums, 16 bars");
    editor.run();
    editor.snapshot_options("typing", &options());
}

#[test]
fn a_menu_opens() {
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("Mode").click();
    editor.run();
    editor.snapshot_options("menu", &options());
}
