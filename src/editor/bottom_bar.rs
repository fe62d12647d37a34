//! The bar at the bottom: composing, playing and writing files.

use egui::{
    Align2, CursorIcon, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::chips::Chips;
use super::conversions::{from_count, place_of_step, step_at};
use super::drag::Frame;
use super::drag_handles;
use super::keys;
use super::midi;
use super::sliders;
use super::slots;
use super::state::{Action, Activity, Transport, ask_of};
use super::theme;
use super::widgets::{Look, MenuLook, button_if, focus_ring, menu, scale, text, text_width};
use crate::music::counted;
use crate::params::ParamId;
use crate::session::{Ask, Excerpt, Takes, Verb};

/// Heights of the two rows, in points, and the gap between them and between buttons.
const ROW: f32 = 27.0;
const GAP: f32 = 6.0;

/// Width of the small stop button next to the one that composes, in points.
const STOP: f32 = 30.0;
/// Width of the window, in points, from which everything has its full size.
const WIDE: f32 = 1390.0;
/// Width of the window, in points, from which the slots take one row.
const MIDDLE: f32 = 1240.0;
/// Width of a slot, in points.
const SLOT: f32 = 27.0;
/// Widths of the tile from which files are dragged out, in points: in a wide window, and else.
const TILE: f32 = 150.0;
const SMALL_TILE: f32 = 58.0;

/// The two rows of buttons, which are filled from both ends.
struct Rows {
    left: f32,
    right: f32,
    /// The y of their middle.
    y: f32,
    /// Gap between two groups, in points.
    gap: f32,
    is_wide: bool,
    factor: f32,
}

impl Rows {
    fn new(ui: &Ui, rect: Rect) -> Self {
        let is_wide = rect.width() >= WIDE;
        let (side, gap) = if is_wide { (20.0, 18.0) } else { (12.0, 10.0) };
        let inside = rect.shrink2(vec2(side, 0.0));
        let (left, right, y) = (inside.left(), inside.right(), rect.center().y);
        Self { left, right, y, gap, is_wide, factor: scale(ui) }
    }

    /// Takes a rectangle over both rows, of this width, from the left end.
    fn next_left(&mut self, width: f32) -> Rect {
        let left = self.left;
        self.left += width * self.factor + self.gap;
        self.place(left, width * self.factor)
    }

    /// Takes a rectangle over both rows, of this width, from the right end.
    fn next_right(&mut self, width: f32) -> Rect {
        self.right -= width * self.factor + self.gap;
        self.place(self.right + self.gap, width * self.factor)
    }

    fn place(&self, left: f32, width: f32) -> Rect {
        let height = (2.0 * ROW) * self.factor + GAP;
        Rect::from_min_size(pos2(left, self.y - height * 0.5), vec2(width, height))
    }
}

/// The upper and the lower row of `rect`.
fn halves(rect: Rect) -> (Rect, Rect) {
    let (above, below) = rect.split_top_bottom_at_fraction(0.5);
    (above.with_max_y(above.bottom() - GAP * 0.5), below.with_min_y(below.top() + GAP * 0.5))
}

/// Splits `rect` into cells whose widths are in these proportions.
fn split<const N: usize>(rect: Rect, widths: [f32; N]) -> [Rect; N] {
    let all: f32 = widths.iter().sum();
    let room = rect.width() - GAP * (from_count(N) - 1.0);
    let mut left = rect.left();
    widths.map(|width| {
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(room * width / all, rect.height()));
        left = cell.right() + GAP;
        cell
    })
}

/// The bar, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let mut rows = Rows::new(ui, rect);
    composing(ui, frame, rows.next_left(if rows.is_wide { 162.0 } else { 128.0 }));
    let block = rows.next_left(if rows.is_wide { 344.0 } else { 306.0 });
    let (above, below) = halves(block);
    let [play_place, mode, launch] = split(above, [36.0, 166.0, 124.0]);
    verbs(ui, frame, below);
    play(ui, frame, play_place);
    play_mode(ui, frame, mode);
    let tip = "Where a new phrase takes over from the one that plays.";
    menu(ui, frame, ParamId::Quantum, launch, MenuLook::Inline, ("Launch", "Launch", tip));
    let n_rows = if rect.width() >= MIDDLE { 1 } else { 2 };
    let n_columns = from_count(Takes::N_SLOTS.div_ceil(n_rows));
    let place = rows.next_left(n_columns * SLOT + (n_columns - 1.0) * 3.0);
    if n_rows == 1 {
        let (above, below) = halves(place);
        text(ui, above, Align2::LEFT_CENTER, "Slots", theme::regular(12.0), theme::of(ui).text_dim);
        let keys = frame.state.text(ParamId::KeySwitches);
        if !keys.is_empty() && keys != "Off" {
            let keys = format!("keys from {keys}");
            text(ui, above, Align2::RIGHT_CENTER, &keys, theme::regular(11.5), theme::of(ui).text_dim);
        }
        slots::show(ui, frame, below, n_rows);
    } else {
        slots::show(ui, frame, place, n_rows);
    }
    leaving(ui, frame, &mut rows);
}

/// The button that composes, with a small stop button beside it while takes are chosen or a request waits.
fn composing(ui: &Ui, frame: &mut Frame<'_>, big: Rect) {
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
}

/// The other verbs, in a row.
fn verbs(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let can_vary = frame.state.can_compose() && frame.state.phrase.is_some();
    let font = || theme::regular(12.5);
    let others = || Verb::ALL.into_iter().filter(|verb| *verb != Verb::Generate);
    let of_titles: f32 = others().map(|verb| text_width(ui, verb.name(), font())).sum();
    let n_others = from_count(others().count());
    let padding = (rect.width() - of_titles - GAP * (n_others - 1.0)) / n_others;
    let mut left = rect.left();
    for verb in others() {
        let width = text_width(ui, verb.name(), font()) + padding;
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        left += width + GAP;
        let action = Action::Compose(ask_of(verb, frame.state, frame.memory));
        act(ui, frame, place, verb.name(), action, can_vary, verb.about());
    }
}

/// The output controls, from the right: file export and panic, the tile to drag, then MIDI and the level of the preview.
fn leaving(ui: &Ui, frame: &mut Frame<'_>, rows: &mut Rows) {
    let tip = keys::tip(
        ui,
        "Write the phrase to a MIDI file in your music folder, as it sounds, with every part.",
        &keys::EXPORT,
    );
    let has_phrase = frame.state.phrase.is_some();
    let (above, below) = halves(rows.next_right(78.0));
    act(ui, frame, above, "Export…", Action::Export(Excerpt::default()), has_phrase, &tip);
    act(ui, frame, below, "Panic", Action::Panic, true, "Release every note that sounds.");
    drag_handles::tile(ui, frame, rows.next_right(if rows.is_wide { TILE } else { SMALL_TILE }));
    let (above, below) = halves(rows.next_right(if rows.is_wide { 104.0 } else { 86.0 }));
    let (word, button) = above.split_left_right_at_fraction(0.5);
    text(ui, word, Align2::LEFT_CENTER, "Preview", theme::regular(12.0), theme::of(ui).text_dim);
    midi::show(ui, frame, button.with_min_x(button.left() + 4.0));
    let names = ("Preview level", "Loudness of the built-in sounds.");
    sliders::level(ui, frame, ParamId::PreviewLevel, below, theme::of(ui).text_soft, names);
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
        (true, true) => theme::of(ui).on_accent,
        (true, false) => theme::of(ui).text,
        (false, _) => theme::of(ui).disabled,
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
            ui.painter().rect_filled(rect, 10, theme::of(ui).button);
            text(ui, rect, Align2::CENTER_CENTER, "Loading …", theme::semibold(16.0), theme::of(ui).text_dim);
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
        theme::of(ui).accent.gamma_multiply(0.85)
    } else if response.hovered() {
        theme::of(ui).accent_hot
    } else {
        theme::of(ui).accent
    };
    painter.rect_filled(rect, 10, fill);
    let note = match activity {
        Activity::Choosing { n_tried } => Some(format!("{n_tried} tried")),
        Activity::Waiting => Some("one waits".to_owned()),
        Activity::Idle | Activity::Loading | Activity::Composing { .. } => None,
    };
    if let Some(note) = note {
        let (above, below) = rect.shrink2(vec2(0.0, 8.0)).split_top_bottom_at_fraction(0.56);
        text(ui, above, Align2::CENTER_CENTER, label, theme::semibold(16.0), theme::of(ui).on_accent);
        text(ui, below, Align2::CENTER_CENTER, &note, theme::regular(11.5), theme::of(ui).on_accent);
    } else {
        text(ui, rect, Align2::CENTER_CENTER, label, theme::semibold(18.0), theme::of(ui).on_accent);
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
    painter.rect_filled(
        rect,
        10,
        if response.hovered() { theme::of(ui).hover } else { theme::of(ui).button },
    );
    let count = |n: u32| from_count(usize::try_from(n).unwrap_or(usize::MAX));
    let done = (count(n_bars) / count(n_bars_total).max(1.0)).clamp(0.0, 1.0);
    let bar = rect.with_max_x(rect.left() + rect.width() * done);
    let within = ui.painter().with_clip_rect(ui.clip_rect().intersect(bar));
    within.rect_filled(rect, 10, theme::of(ui).accent.gamma_multiply(0.34));
    painter.rect_stroke(rect, 10, Stroke::new(1.0, theme::of(ui).accent), StrokeKind::Inside);
    let (above, below) = rect.shrink2(vec2(0.0, 8.0)).split_top_bottom_at_fraction(0.56);
    text(ui, above, Align2::CENTER_CENTER, label, theme::semibold(16.0), theme::of(ui).text);
    let note = format!("{n_bars} of {}", counted(n_bars_total, "bar"));
    text(ui, below, Align2::CENTER_CENTER, &note, theme::regular(11.5), theme::of(ui).text_soft);
}

/// The small button next to the one that composes: stops choosing takes, or withdraws the waiting request.
fn small_stop(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, label: &str, tip: &str) {
    let response = button_if(ui, rect, "", label, Look::Plain, true);
    text(ui, rect, Align2::CENTER_CENTER, "×", theme::regular(16.0), theme::of(ui).text_soft);
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
    painter.rect_filled(rect, theme::RADIUS, theme::of(ui).card);
    let width = rect.width() / from_count(labels.len().max(1));
    let chips = Chips::new(ui, "play mode", (labels.len(), labels.len()), Some(current));
    for (idx, title) in labels.iter().enumerate() {
        let left = rect.left() + width * from_count(idx);
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        let response = chips.interact(ui, idx, place);
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, idx == current, title));
        let color =
            if idx == current || response.hovered() { theme::of(ui).text } else { theme::of(ui).text_soft };
        if idx == current {
            painter.rect_filled(place.shrink(2.0), 5, theme::of(ui).chosen);
            painter.rect_stroke(
                place.shrink(2.0),
                5,
                Stroke::new(1.0, theme::of(ui).accent),
                StrokeKind::Inside,
            );
        }
        text(ui, place, Align2::CENTER_CENTER, title, theme::regular(12.5), color);
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
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::of(ui).outline), StrokeKind::Inside);
}
