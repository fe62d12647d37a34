//! Pictures of the editor, compared with those under `tests/snapshots`.

use descant::editor::ViewState;
use egui_kittest::{OsThreshold, SnapshotOptions};

use crate::{example, open};

/// Draws `state` in a window of `size` points and compares it with the picture called `name`.
fn check(name: &str, state: ViewState, size: [f32; 2]) {
    // Linux with lavapipe is the truth; elsewhere edges of letters differ.
    let options = SnapshotOptions::new()
        .threshold(OsThreshold::new(1.5).linux(0.8))
        .max_failed_pixels(OsThreshold::new(4000).linux(40))
        .output_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../snapshots"));
    open(state, size).snapshot_options(name, &options);
}

#[test]
fn a_phrase_plays() {
    check("full", example::full(), [1400.0, 868.0]);
}

#[test]
fn a_phrase_is_composed() {
    check("composing", example::composing(), [1400.0, 868.0]);
}

#[test]
fn nothing_is_composed_yet() {
    check("empty", example::empty(), [1400.0, 868.0]);
}

#[test]
fn something_went_wrong() {
    check("problem", example::problem(), [1400.0, 868.0]);
}

#[test]
fn a_small_window_holds_everything() {
    check("small", example::full(), [900.0, 600.0]);
}
