//! Pictures of the editor, compared with those under `tests/snapshots`.
//!
//! The comparison is our own: what the harness would use is under a licence that this project does not take.

use std::path::{Path, PathBuf};

use descant::editor::theme::Appearance;
use descant::editor::{Action, RulingTempo, Tempo, ViewState};
use descant::music::Part;
use descant::params::Learnable;
use descant::player::{Conductor, TestStage};
use descant::session::{Command, Verb};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::RgbaImage;

use crate::acting::TABS;
use crate::{World, example, open};

const SIZE: [f32; 2] = [1400.0, 868.0];

/// Colours that differ by no more than this look the same, of 255.
const MAX_DIFFERENCE: u8 = 24;

/// Pixels that may look different. Linux with lavapipe is the truth; elsewhere the edges of letters differ.
const MAX_PIXELS: usize = if cfg!(target_os = "linux") { 60 } else { 6000 };

/// Draws `state` in a window of `size` points and compares it with the picture called `name`.
fn check(name: &str, state: ViewState, size: [f32; 2]) {
    compare(name, &mut open(state, size));
}

/// Compares what `editor` shows with the picture called `name`; what differs is saved in the same folder as `name.new.png`.
fn compare(name: &str, editor: &mut Harness<'_, World>) {
    let drawn = editor.render().unwrap_or_else(|error| panic!("{error}: is there a Vulkan driver?"));
    let path = picture(&format!("{name}.png"));
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        drawn.save(&path).unwrap();
        return;
    }
    let expected = image::open(&path).unwrap_or_else(|error| panic!("{name}: {error}")).into_rgba8();
    let n_different = n_different_pixels(&drawn, &expected);
    if n_different > MAX_PIXELS {
        drawn.save(picture(&format!("{name}.new.png"))).unwrap();
        panic!(
            "{name}: {n_different} pixels differ; look at {name}.new.png, then run with UPDATE_SNAPSHOTS=1"
        );
    }
}

fn picture(file_name: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../snapshots")).join(file_name)
}

/// All of them if the sizes differ.
fn n_different_pixels(one: &RgbaImage, other: &RgbaImage) -> usize {
    if one.dimensions() != other.dimensions() {
        return one.pixels().len().max(other.pixels().len());
    }
    let differ = |(one, other): &(&image::Rgba<u8>, &image::Rgba<u8>)| {
        one.0.iter().zip(&other.0).any(|(one, other)| one.abs_diff(*other) > MAX_DIFFERENCE)
    };
    one.pixels().zip(other.pixels()).filter(differ).count()
}

#[test]
fn a_difference_is_seen() {
    let white = RgbaImage::from_pixel(4, 4, image::Rgba([255; 4]));
    let mut other = white.clone();
    assert_eq!(n_different_pixels(&white, &other), 0);
    other.put_pixel(1, 2, image::Rgba([255, 200, 255, 255]));
    other.put_pixel(2, 2, image::Rgba([250, 250, 250, 255]));
    assert_eq!(n_different_pixels(&white, &other), 1);
    assert_eq!(n_different_pixels(&white, &RgbaImage::new(4, 5)), 20);
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

/// `example::full` with every style that models know.
fn with_all_styles() -> ViewState {
    ViewState { styles: descant::token::Style::ALL.to_vec(), ..example::full() }
}

#[test]
fn every_tab_is_shown_in_every_size() {
    for (size_name, size) in [("small", [1000.0, 640.0]), ("usual", SIZE), ("large", [2100.0, 1300.0])] {
        for tab in TABS {
            let mut editor = open(with_all_styles(), size);
            editor.get_by_label(tab).click();
            editor.run();
            compare(&format!("{}-{size_name}", tab.to_lowercase()), &mut editor);
        }
    }
}

#[test]
fn colours_are_dark_on_light_where_the_user_chose_them() {
    for (name, size) in [("light", SIZE), ("light-small", [1000.0, 640.0])] {
        let mut editor = open(with_all_styles(), size);
        editor.get_by_label("Settings").click();
        editor.run();
        editor.get_by_label("Light").click();
        editor.run_steps(8);
        let chosen = Action::ChooseAppearance(Appearance::Light);
        assert_eq!(editor.state().actions, [chosen]);
        compare(name, &mut editor);
    }
}

#[test]
fn all_styles_are_in_a_menu() {
    let mut editor = open(with_all_styles(), [1000.0, 640.0]);
    editor.get_by_label("All styles").click();
    editor.run();
    compare("styles", &mut editor);
}

#[test]
fn what_is_typed_is_read() {
    let mut editor = open(example::empty(), SIZE);
    editor.get_by_label("Words").focus();
    editor.run();
    editor.get_by_label("Words").type_text("very calm jaz waltz in Eb, no drums, 16 bars");
    editor.run();
    compare("typing", &mut editor);
}

#[test]
fn a_tempo_that_was_asked_for_is_offered() {
    let ruling = RulingTempo { conductor: Conductor::Host, bpm: 120.0, place: 1.0 / 3.0 };
    let tempo = Tempo { ruling: Some(ruling), is_on_host_beats: true, asked: Some(82.0) };
    check("tempo", ViewState { tempo, ..example::full() }, SIZE);
}

#[test]
fn a_menu_opens() {
    let mut editor = open(example::waiting(), SIZE);
    editor.get_by_label("Mode").click();
    editor.run();
    compare("menu", &mut editor);
}

#[test]
fn controls_are_learnt() {
    let state =
        ViewState { learning: Some(Learnable::Command(Command::Compose(Verb::Vary))), ..example::full() };
    let mut editor = open(state, SIZE);
    editor.get_by_label("MIDI").click();
    editor.run();
    compare("midi", &mut editor);
}

#[test]
fn routing_is_explained_and_tested() {
    for (name, file_name, stage, size) in [
        ("routing", "Ableton Live 12 Suite.exe", TestStage::Sounding(Part::Chords), SIZE),
        ("routing-small", "qtractor", TestStage::Done, [900.0, 600.0]),
    ] {
        let mut editor = open(example::testing(file_name, stage), size);
        editor.get_by_label("Test routing").click();
        // As long as notes sound, it is drawn again and again.
        editor.run_steps(8);
        compare(name, &mut editor);
    }
}

#[test]
fn presets_are_on_offer() {
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("Preset").click();
    editor.run();
    compare("presets", &mut editor);
}

/// A melody in focus, two of its bars selected with alternatives to choose from, and a note picked.
#[test]
fn bars_of_a_part_are_edited() {
    let mut editor = open(example::full(), SIZE);
    let press = |editor: &mut Harness<'_, World>, modifiers: egui::Modifiers, key: egui::Key| {
        editor.key_press_modifiers(modifiers, key);
        editor.run_steps(3);
    };
    let none = egui::Modifiers::NONE;
    press(&mut editor, none, egui::Key::Num1);
    for modifiers in [none, none, none, egui::Modifiers::SHIFT] {
        press(&mut editor, modifiers, egui::Key::ArrowRight);
    }
    press(&mut editor, egui::Modifiers::COMMAND, egui::Key::R);
    let takes = &mut editor.state_mut().state.takes;
    takes[0].is_current = false;
    for number in [8, 9] {
        let take = descant::editor::TakeCard {
            number,
            is_current: number == 8,
            parent: Some(7),
            ..takes[1].clone()
        };
        takes.insert(0, take);
    }
    let phrase = takes[1].phrase.clone();
    editor.state_mut().state.phrase = Some(phrase);
    editor.run_steps(3);
    press(&mut editor, none, egui::Key::Period);
    compare("bars", &mut editor);
}

#[test]
fn the_keys_are_listed() {
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("Keyboard map").click();
    editor.run_steps(3);
    compare("key-map", &mut editor);
}

#[test]
fn a_chord_is_changed() {
    let mut editor = open(example::full(), SIZE);
    editor.get_by_label("Chord F, bar 3").click();
    editor.run_steps(3);
    compare("chord", &mut editor);
}

#[test]
fn files_above_the_window() {
    check("dropping", ViewState { is_drop_above: true, ..example::full() }, SIZE);
}
