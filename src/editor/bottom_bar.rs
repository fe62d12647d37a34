//! The bar at the bottom: composing, playing and writing files.

use egui::{
    Align2, CursorIcon, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

use super::conversions::{from_count, place_of_step, step_at};
use super::drag::Frame;
use super::drag_handles;
use super::keys;
use super::midi;
use super::state::{Action, Activity, Transport};
use super::theme;
use super::widgets::{Look, MenuLook, button_if, focus_ring, menu, slider, text, text_width};
use crate::music::counted;
use crate::params::ParamId;
use crate::session::{Ask, Excerpt, Verb};

const BUTTON: f32 = 38.0;

/// Widths of the tile to drag, in points: in a wide window, and else.
const TILE: f32 = 132.0;
const SMALL_TILE: f32 = 64.0;

/// The number of verbs next to Generate in a narrow window.
const N_IN_NARROW: usize = 2;

/// Width of the small stop button next to the one that composes, in points.
const STOP: f32 = 30.0;
/// Widths of the window, in points: from the first on everything has its full size, from the second on all verbs are shown.
const WIDE: f32 = 1390.0;
const MIDDLE: f32 = 1150.0;

/// The row of buttons, which is filled from both ends.
struct Row {
    left: f32,
    right: f32,
    /// The y of its middle.
    y: f32,
    /// Gap between two buttons, in points.
    gap: f32,
    /// Width of a button in addition to its title, in points.
    padding: f32,
    is_wide: bool,
}

impl Row {
    fn new(rect: Rect) -> Self {
        let is_wide = rect.width() >= WIDE;
        let (side, gap, padding) = match (is_wide, rect.width() < MIDDLE) {
            (true, _) => (20.0, 10.0, 22.0),
            (false, false) => (12.0, 7.0, 14.0),
            (false, true) => (12.0, 6.0, 14.0),
        };
        let row = rect.shrink2(vec2(side, 0.0));
        Self { left: row.left(), right: row.right(), y: rect.center().y, gap, padding, is_wide }
    }

    /// Takes a rectangle of this width from the left end.
    fn next_left(&mut self, width: f32) -> Rect {
        let left = self.left;
        self.left += width + self.gap;
        self.place(left, width)
    }

    /// Takes a rectangle of this width from the right end.
    fn next_right(&mut self, width: f32) -> Rect {
        self.right -= width + self.gap;
        self.place(self.right + self.gap, width)
    }

    fn place(&self, left: f32, width: f32) -> Rect {
        Rect::from_min_size(egui::pos2(left, self.y - BUTTON * 0.5), vec2(width, BUTTON))
    }

    /// The width of a button with this title, in points.
    fn width_of(&self, ui: &Ui, title: &str) -> f32 {
        text_width(ui, title, theme::regular(14.0)) + self.padding
    }
}

/// The bar, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let mut row = Row::new(rect);
    let shown = if rect.width() < MIDDLE { N_IN_NARROW } else { usize::MAX };
    composing(ui, frame, &mut row, shown);
    play(ui, frame, row.next_left(BUTTON));
    play_mode(ui, frame, row.next_left(if row.is_wide { 168.0 } else { 150.0 }));
    let launch = row.next_left(if row.is_wide { 120.0 } else { 112.0 });
    let tip = "Where a new phrase takes over from the one that plays.";
    menu(ui, frame, ParamId::Quantum, launch, MenuLook::Inline, ("Launch", "Launch", tip));
    leaving(ui, frame, &mut row);
}

/// The buttons that compose: Generate, a small stop button while takes are chosen or a request waits, and the first
/// `shown` of the other verbs.
fn composing(ui: &Ui, frame: &mut Frame<'_>, row: &mut Row, shown: usize) {
    let big = row.next_left(if row.is_wide { 150.0 } else { 128.0 }).expand2(vec2(0.0, 8.0));
    let stopped = match frame.state.activity {
        Activity::Choosing { .. } => Some((
            "Stop choosing",
            "More takes are being chosen. Stop: the phrase and those found so far stay.",
        )),
        Activity::Waiting => Some((
            "Withdraw what waits",
            "What was asked for is composed when the render is done. Withdraw it: the phrase before stays.",
        )),
        Activity::Idle | Activity::Loading | Activity::Composing { .. } => None,
    };
    if let Some((label, tip)) = stopped {
        let (main, stop) = big.split_left_right_at_x(big.right() - STOP);
        generate(ui, frame, main.with_max_x(main.right() - 4.0));
        small_stop(ui, frame, stop, label, tip);
    } else {
        generate(ui, frame, big);
    }
    let can_vary = frame.state.can_compose() && frame.state.phrase.is_some();
    for verb in Verb::ALL.into_iter().filter(|verb| *verb != Verb::Generate).take(shown) {
        let (name, action) = (verb.name(), Action::Compose(Ask::Verb(verb)));
        let place = row.next_left(row.width_of(ui, name));
        act(ui, frame, place, name, action, can_vary, verb.about());
    }
}

/// The output controls, from the right: file export, the tile to drag, panic, MIDI, and the level of the preview.
fn leaving(ui: &Ui, frame: &mut Frame<'_>, row: &mut Row) {
    let tip = keys::tip(
        ui,
        "Write the phrase to a MIDI file in your music folder, as it sounds, with every part.",
        &keys::EXPORT,
    );
    let has_phrase = frame.state.phrase.is_some();
    let place = row.next_right(row.width_of(ui, "Export…"));
    act(ui, frame, place, "Export…", Action::Export(Excerpt::default()), has_phrase, &tip);
    let width = if row.is_wide { TILE } else { row.width_of(ui, "Drag").max(SMALL_TILE) };
    drag_handles::tile(ui, frame, row.next_right(width));
    let place = row.next_right(row.width_of(ui, "Panic"));
    act(ui, frame, place, "Panic", Action::Panic, true, "Release every note that sounds.");
    midi::show(ui, frame, row.next_right(row.width_of(ui, "MIDI")));
    let level = row.next_right(if row.is_wide { 72.0 } else { 42.0 });
    slider(
        ui,
        frame,
        ParamId::PreviewLevel,
        level,
        theme::TEXT_SOFT,
        ("Preview level", "Loudness of the built-in sounds."),
    );
    if row.is_wide {
        let (title, font) = ("Preview", theme::regular(13.0));
        let word = row.next_right(text_width(ui, title, font.clone())).translate(vec2(row.gap - 8.0, 0.0));
        text(ui, word, Align2::CENTER_CENTER, title, font, theme::TEXT_DIM);
    }
}

/// The button that starts and stops the phrase; where the transport is not the user's, it says whose it is.
fn play(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let state = frame.state;
    let (is_own, is_on) = (state.transport == Transport::Own, state.is_on(ParamId::Play));
    let label = if is_own && is_on { "Stop" } else { "Play" };
    let look = if is_own && is_on { Look::Chosen } else { Look::Plain };
    let response = button_if(ui, rect, "", label, look, is_own);
    if response.clicked() {
        frame.actions.push(Action::TogglePlay);
    }
    let color = match (is_own, is_on) {
        (true, true) => theme::ON_ACCENT,
        (true, false) => theme::TEXT,
        (false, _) => theme::TEXT_DIM.gamma_multiply(0.6),
    };
    let center = rect.center();
    if is_own && is_on {
        ui.painter().rect_filled(Rect::from_center_size(center, vec2(12.0, 12.0)), 1, color);
    } else {
        let corners = [vec2(-5.0, -7.0), vec2(7.5, 0.0), vec2(-5.0, 7.0)].map(|corner| center + corner);
        ui.painter().add(Shape::convex_polygon(corners.to_vec(), color, Stroke::NONE));
    }
    let tip = match (state.transport, state.is_standalone) {
        (Transport::Own, _) if is_on => keys::tip(ui, "Stop the phrase.", &keys::PLAY),
        (Transport::Own, _) => keys::tip(ui, "Play the phrase from its start.", &keys::PLAY),
        (Transport::Host, true) => "JACK's transport plays the phrase; in Free mode you do.".to_owned(),
        (Transport::Host, false) => "Your host plays the phrase; in Free mode you do.".to_owned(),
        (Transport::Keys, _) => "Keys play the phrase; in Free mode you do.".to_owned(),
        (Transport::Clock, _) => "The MIDI clock plays the phrase; Tempo from says so.".to_owned(),
    };
    response.on_hover_text(tip);
}

fn act(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, title: &str, action: Action, is_enabled: bool, tip: &str) {
    let response = button_if(ui, rect, title, title.trim_end_matches('…'), Look::Plain, is_enabled);
    if response.clicked() {
        frame.actions.push(action);
    }
    response.on_hover_text(tip);
}

/// The main button: composes, or stops composing.
fn generate(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let activity = frame.state.activity;
    let (label, tip) = match activity {
        Activity::Idle | Activity::Choosing { .. } | Activity::Waiting => {
            (Verb::Generate.name(), keys::tip(ui, Verb::Generate.about(), &keys::GENERATE))
        }
        Activity::Loading => ("Loading", "The model is being read; this takes a moment.".to_owned()),
        Activity::Composing { .. } => {
            ("Cancel", keys::tip(ui, "Stop composing; the phrase before stays.", &keys::CANCEL))
        }
    };
    let is_enabled = activity != Activity::Loading;
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with("generate"), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, label));
    if response.clicked() {
        frame.actions.push(if frame.state.is_composing() {
            Action::Cancel
        } else {
            Action::Compose(Ask::Verb(Verb::Generate))
        });
    }
    match activity {
        Activity::Idle | Activity::Choosing { .. } | Activity::Waiting => {
            paint_ready(ui, rect, &response, label, activity);
        }
        Activity::Loading => {
            ui.painter().rect_filled(rect, 10, theme::BUTTON);
            text(ui, rect, Align2::CENTER_CENTER, "Loading …", theme::semibold(16.0), theme::TEXT_DIM);
        }
        Activity::Composing { n_bars, n_bars_total } => {
            paint_composing(ui, rect, &response, label, (n_bars, n_bars_total));
        }
    }
    focus_ring(ui, &response, rect.expand(1.0), egui::CornerRadius::same(11));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
}

/// Paints the button that composes, with the progress of choosing takes.
fn paint_ready(ui: &Ui, rect: Rect, response: &Response, label: &str, activity: Activity) {
    let painter = ui.painter();
    let is_down = response.is_pointer_button_down_on();
    let fill = if is_down {
        theme::ACCENT.gamma_multiply(0.85)
    } else if response.hovered() {
        egui::Color32::from_rgb(0xff, 0xc2, 0x73)
    } else {
        theme::ACCENT
    };
    painter.rect_filled(rect, 10, fill);
    let note = match activity {
        Activity::Choosing { n_tried } => Some(format!("{n_tried} tried")),
        Activity::Waiting => Some("one waits".to_owned()),
        Activity::Idle | Activity::Loading | Activity::Composing { .. } => None,
    };
    if let Some(note) = note {
        let (above, below) = rect.shrink2(vec2(0.0, 8.0)).split_top_bottom_at_fraction(0.56);
        text(ui, above, Align2::CENTER_CENTER, label, theme::semibold(16.0), theme::ON_ACCENT);
        text(ui, below, Align2::CENTER_CENTER, &note, theme::regular(11.5), theme::ON_ACCENT);
    } else {
        text(ui, rect, Align2::CENTER_CENTER, label, theme::semibold(18.0), theme::ON_ACCENT);
    }
}

/// Paints the button that stops composing, with the number of bars done and in all.
fn paint_composing(
    ui: &Ui,
    rect: Rect,
    response: &Response,
    label: &str,
    (n_bars, n_bars_total): (u32, u32),
) {
    let painter = ui.painter();
    painter.rect_filled(rect, 10, if response.hovered() { theme::HOVER } else { theme::BUTTON });
    let count = |n: u32| from_count(usize::try_from(n).unwrap_or(usize::MAX));
    let done = (count(n_bars) / count(n_bars_total).max(1.0)).clamp(0.0, 1.0);
    let bar = rect.with_max_x(rect.left() + rect.width() * done);
    let within = ui.painter().with_clip_rect(ui.clip_rect().intersect(bar));
    within.rect_filled(rect, 10, theme::ACCENT.gamma_multiply(0.34));
    painter.rect_stroke(rect, 10, Stroke::new(1.0, theme::ACCENT.gamma_multiply(0.7)), StrokeKind::Inside);
    let (above, below) = rect.shrink2(vec2(0.0, 8.0)).split_top_bottom_at_fraction(0.56);
    text(ui, above, Align2::CENTER_CENTER, label, theme::semibold(16.0), theme::TEXT);
    let note = format!("{n_bars} of {}", counted(n_bars_total, "bar"));
    text(ui, below, Align2::CENTER_CENTER, &note, theme::regular(11.5), theme::TEXT_SOFT);
}

/// The small button next to the one that composes: stops choosing takes, or withdraws the waiting request.
fn small_stop(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, label: &str, tip: &str) {
    let response = button_if(ui, rect, "", label, Look::Plain, true);
    text(ui, rect, Align2::CENTER_CENTER, "×", theme::regular(16.0), theme::TEXT_SOFT);
    if response.clicked() {
        frame.actions.push(Action::Cancel);
    }
    response.on_hover_text(keys::tip(ui, tip, &keys::CANCEL));
}

/// The index of the play mode Free, in which the phrase runs without a host.
const FREE: usize = 2;

/// The values of the play mode, as adjacent buttons.
fn play_mode(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let state = frame.state;
    let empty = Vec::new();
    let labels = state.choices.get(&ParamId::PlayMode).unwrap_or(&empty);
    let n_steps = labels.len().saturating_sub(1);
    let current = step_at(state.normalized(ParamId::PlayMode), n_steps);
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, theme::CARD);
    let width = rect.width() / from_count(labels.len().max(1));
    for (idx, title) in labels.iter().enumerate() {
        let left = rect.left() + width * from_count(idx);
        let place = Rect::from_min_size(egui::pos2(left, rect.top()), vec2(width, rect.height()));
        let response = ui.interact(place, ui.scope_id().with(("play mode", idx)), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, idx == current, title));
        let color = if idx == current || response.hovered() { theme::TEXT } else { theme::TEXT_SOFT };
        if idx == current {
            painter.rect_filled(place.shrink(2.0), 5, theme::CHOSEN);
        }
        text(ui, place, Align2::CENTER_CENTER, title, theme::regular(14.0), color);
        focus_ring(ui, &response, place.shrink(2.0), theme::RADIUS);
        if response.clicked() && idx != current {
            frame.set(ParamId::PlayMode, place_of_step(idx, n_steps));
        } else if response.clicked() && idx == FREE {
            frame.actions.push(Action::Restart);
        }
        let tip = match idx {
            0 if state.is_standalone => "JACK's transport starts and stops the phrase.",
            0 => "The host's transport starts and stops the phrase.",
            1 => "A held key plays the phrase; its pitch moves it.",
            _ if idx == current => {
                "The phrase runs on by itself while Play is on. Click again to start it over."
            }
            _ => "The phrase runs on by itself while Play is on.",
        };
        response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    }
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
}
