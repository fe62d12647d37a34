//! The map of the keyboard, opened by its button or by the question mark.

use egui::{Grid, Key, Modifiers, Popup, PopupCloseBehavior, Rect, RichText, ScrollArea, Ui};

use super::keys;
use super::theme;
use super::widgets::{Look, button};

/// What keys do, by groups: a title, and rows of keys and meanings. "Ctrl" is the command key on a Mac.
const GROUPS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Composing",
        &[
            ("Ctrl G", "Generate"),
            ("Ctrl R", "Recompose the selected bars"),
            ("Up, Down", "Next alternative, after a selection was composed"),
            ("Enter, Escape", "Keep it, go back"),
            ("Escape", "Cancel"),
        ],
    ),
    (
        "Playing and takes",
        &[
            ("Space", "Play and stop, in Free mode"),
            ("Ctrl Left, Right", "Take before, take after"),
            ("A", "The take that played before, to compare"),
            ("F, X", "Favour or discard the take"),
            ("Ctrl Z, Ctrl Shift Z", "Undo, redo"),
            ("Ctrl E", "Export"),
        ],
    ),
    (
        "Parts and bars",
        &[
            ("1 to 5", "Focus on a part, or on all again"),
            ("Left, Right", "Select a bar; with Shift more of them"),
            ("Delete", "Remove the notes of the bars"),
            ("Ctrl Up, Down", "Move them by a semitone, with Shift by an octave"),
        ],
    ),
    (
        "Notes",
        &[
            ("V, D, K, B", "Select, draw, lock, brush"),
            (", and .", "Pick the note before, after; with Shift more"),
            ("Ctrl A", "Pick all of the bars, or of the part"),
            ("Arrows", "Move by semitone and grid; Shift by an octave"),
            ("Alt Left, Right", "Shorter, longer"),
            ("Alt Up, Down", "Louder, softer"),
            ("Q, T, J, S, H", "Quantise, legato, join, split, humanise"),
            ("L, Delete", "Lock, remove"),
            ("Ctrl D, C, X, V", "Duplicate, copy, cut, paste"),
        ],
    ),
    (
        "View",
        &[
            ("+, -, 0", "Zoom in, out, show all"),
            ("Page Up, Down", "Scroll"),
            ("Ctrl, Alt and the wheel", "Zoom time, zoom pitches"),
            ("?", "This list"),
        ],
    ),
];

/// The button in `rect`, which opens the map.
pub fn show(ui: &Ui, rect: Rect) {
    let response = button(ui, rect, "?", "Keyboard map", Look::Plain);
    let id = Popup::default_response_id(&response);
    let is_typing = ui.ctx().text_edit_focused();
    if !is_typing
        && (keys::pressed(ui, Modifiers::NONE, Key::Questionmark)
            || keys::pressed(ui, Modifiers::SHIFT, Key::Questionmark))
    {
        Popup::toggle_id(ui.ctx(), id);
    }
    let is_mac = ui.ctx().os().is_mac();
    Popup::menu(&response).gap(4.0).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
        ScrollArea::vertical().max_height(640.0).min_scrolled_height(480.0).show(ui, |ui| {
            for (title, rows) in GROUPS {
                ui.label(RichText::new(title).font(theme::semibold(12.5)));
                Grid::new(title).num_columns(2).spacing([14.0, 3.0]).show(ui, |ui| {
                    for (keys, meaning) in rows {
                        let keys = if is_mac { keys.replace("Ctrl", "Cmd") } else { (*keys).to_owned() };
                        ui.label(RichText::new(keys).color(theme::of(ui).text_soft));
                        ui.label(*meaning);
                        ui.end_row();
                    }
                });
                ui.add_space(6.0);
            }
        });
    });
    response.on_hover_text("What the keys do. ?");
}
