//! The editor: draws Descant's state and returns what the user does.
//!
//! [`view`] draws a frame from a [`ViewState`] and returns the [`Action`]s of its user. It holds no lock and uses
//! neither model nor player nor plugin framework, so tests can draw and operate it without any of them. State of the editor
//! alone that lasts from frame to frame is in [`Memory`].
//!
//! A parameter is shown by its [`Setting`](crate::params::Setting): a place in its range, `0.0..=1.0`, a text and a
//! number of steps. A parameter that may be left to the model has *Auto* at place 0, with the text `Auto`.
//!
//! # Layout
//!
//! ```text
//!  top bar                            presets, words, routing, settings, status
//!  Compose Feel Perform Mix │  piano roll                                  │  takes
//!  the open tab's controls  │                                              │
//!                           │  parts                                       │
//!  bottom bar   generate │ play, mode, launch │ slots │ MIDI, preview │ export, panic
//!                        │ verbs              │       │               │
//! ```
//!
//! Rectangles are computed from the window's size, so nothing moves when a text changes. Columns shrink until the window is
//! 1000 × 640 points, where every tab still fits; down to 900 × 600 the tab *Compose* scrolls, and in a smaller window everything
//! does. In windows above the default size texts and rows grow, by [`widgets::scale`].
//!
//! Colours are those of a [`theme::Theme`], dark or light, which [`theme::of`] gives.
//!
//! # Keyboard
//!
//! Tab goes through the bottom bar first, so that it begins at *Generate*. A group of which one is chosen (tabs, styles, play
//! modes, slots) is one stop; arrow keys go on within it, by [`chips`].

mod app;

mod drag;

mod drag_out;

mod drag_handles;

mod drop_in;

mod bottom_bar;

mod chips;

mod controls;

mod first_frame;

mod history;

mod key_map;

mod key_presses;

mod keys;

mod settings;

mod sliders;

mod slots;

mod midi;

mod misread;

mod mood_pad;

mod conversions;

mod open_window;

mod parts;

mod preset_menu;

mod presets_to_params;

mod roll;

mod routing;

mod standalone;

mod state;

mod strokes;

mod surroundings;

mod takes;

mod tempo_offer;

pub mod theme;

mod top_bar;

mod widgets;

mod window;

mod words_to_params;

#[cfg(target_os = "linux")]
mod x11_window;

#[cfg(target_os = "linux")]
mod xdnd;

use std::time::Duration;

use egui::{Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, pos2, vec2};

pub use nice_plug_egui::RepaintNotifier;
pub use presets_to_params::edits_of_preset;
pub use routing::daw::{Daw, Program};
pub use standalone::StandaloneProgram;
pub use state::{
    Action, Activity, AppliedWords, CurrentPreset, Memory, Routing, RulingTempo, Status, Steps, TakeCard,
    Tempo, Tone, Transport, ViewState,
};
pub use surroundings::{Export, Imported, Surroundings};
pub use theme::DEFAULT_SIZE;
pub use window::DescantEditor;
pub use words_to_params::{Edits, edits_of_words};

use drag::Frame;

/// The smallest size that everything fits into, in points; in a smaller window the editor scrolls.
pub const MIN_SIZE: (f32, f32) = (900.0, 600.0);

/// Heights of the bars, in points.
const TOP_HEIGHT: f32 = 62.0;
const BOTTOM_HEIGHT: f32 = 84.0;

/// Time between frames while something moves: 30 frames a second.
const MOVING: Duration = Duration::from_millis(33);

/// Draws the editor into all of `ui` and returns what the user asked for, in order.
///
/// Asks for the next frame only while something composes, plays or is tested.
pub fn view(ui: &mut Ui, state: &ViewState, memory: &mut Memory) -> Vec<Action> {
    if !theme::is_installed(ui.ctx()) {
        // Fonts load between frames; no text can be drawn before that.
        theme::install(ui.ctx());
        ui.ctx().request_repaint();
        return Vec::new();
    }
    memory.compared.note(state.takes.iter().find(|take| take.is_current).map(|take| take.number));
    let mut frame = Frame { state, memory, actions: Vec::new() };
    key_presses::read(ui, &mut frame);

    let window = ui.max_rect();
    let least = vec2(MIN_SIZE.0, MIN_SIZE.1);
    if window.width() >= least.x && window.height() >= least.y {
        draw(ui, &mut frame, window);
    } else {
        // In a window below the least size, nothing shrinks further and all of it scrolls.
        ui.painter().rect_filled(window, 0, theme::of(ui).background);
        ScrollArea::both().id_salt("window").auto_shrink(false).show(ui, |ui| {
            let (area, _) = ui.allocate_exact_size(window.size().max(least), Sense::hover());
            draw(ui, &mut frame, area);
        });
    }

    if state.is_drop_above {
        drag_handles::drop_sign(ui, window);
    }
    if !ui.input(|input| input.pointer.any_down()) {
        // A window that closes while a parameter is held does not see the pointer go up.
        frame.release_all();
    }
    let is_testing = state.routing.notes.stage.is_under_way();
    if state.is_composing() || state.playhead_beats.is_some() || is_testing {
        ui.ctx().request_repaint_after(MOVING);
    }
    frame.actions
}

fn draw(ui: &mut Ui, frame: &mut Frame<'_>, window: Rect) {
    let areas = Areas::of(window, widgets::scale(ui));
    paint_background(ui, &areas);
    // What is drawn first is what the Tab key reaches first.
    inside(ui, "bottom", areas.bottom, |ui| bottom_bar::show(ui, frame, areas.bottom));
    inside(ui, "top", areas.top, |ui| top_bar::show(ui, frame, areas.top));
    inside(ui, "controls", areas.controls, |ui| controls::show(ui, frame, areas.controls));
    let mut roll = areas.roll;
    if tempo_offer::offered(frame.state).is_some() {
        let (offer, rest) = roll.split_top_bottom_at_y(roll.top() + tempo_offer::HEIGHT);
        inside(ui, "tempo", offer, |ui| tempo_offer::show(ui, frame, offer));
        roll = rest;
    }
    inside(ui, "roll", roll, |ui| roll::show(ui, frame, roll));
    inside(ui, "parts", areas.parts, |ui| parts::show(ui, frame, areas.parts));
    inside(ui, "takes", areas.takes, |ui| takes::show(ui, frame, areas.takes));
}

/// The rectangles of the layout.
struct Areas {
    window: Rect,
    top: Rect,
    controls: Rect,
    roll: Rect,
    parts: Rect,
    takes: Rect,
    bottom: Rect,
}

impl Areas {
    fn of(window: Rect, scale: f32) -> Self {
        let (top, rest) = window.split_top_bottom_at_y(window.top() + TOP_HEIGHT);
        let (middle, bottom) = rest.split_top_bottom_at_y(rest.bottom() - BOTTOM_HEIGHT * scale);
        let controls_width = (window.width() * 0.222).clamp(272.0, 340.0 * scale);
        let takes_share = if window.width() < 1100.0 { 0.16 } else { 0.178 };
        let takes_width = (window.width() * takes_share).clamp(160.0, 280.0 * scale);
        let (controls, middle) = middle.split_left_right_at_x(middle.left() + controls_width);
        let (middle, takes) = middle.split_left_right_at_x(middle.right() - takes_width);
        let side = if window.width() < 1100.0 { 10.0 } else { 17.0 };
        let middle = Rect::from_min_max(
            pos2(middle.left() + side, middle.top() + 12.0),
            pos2(middle.right() - side, middle.bottom() - 14.0),
        );
        let (roll, parts) = middle.split_top_bottom_at_y(middle.bottom() - parts::height(scale));
        let roll = roll.with_max_y(roll.bottom() - 10.0);
        Self { window, top, controls, roll, parts, takes, bottom }
    }
}

fn paint_background(ui: &Ui, areas: &Areas) {
    let painter = ui.painter();
    painter.rect_filled(areas.window, 0, theme::of(ui).background);
    painter.rect_filled(areas.top, 0, theme::of(ui).bar);
    painter.rect_filled(areas.bottom, 0, theme::of(ui).bar);
    let line = Stroke::new(1.0, theme::of(ui).line);
    painter.hline(areas.window.x_range(), areas.top.bottom() - 0.5, line);
    painter.hline(areas.window.x_range(), areas.bottom.top() + 0.5, line);
    painter.vline(areas.controls.right() - 0.5, areas.controls.y_range(), line);
    painter.vline(areas.takes.left() + 0.5, areas.takes.y_range(), line);
}

/// Draws `contents` into `rect`, clipped to it.
fn inside(ui: &mut Ui, name: &str, rect: Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new().id_salt(name).max_rect(rect);
    ui.scope_builder(builder, |ui| {
        ui.shrink_clip_rect(rect.expand2(vec2(0.0, 1.0)));
        contents(ui);
    });
}
