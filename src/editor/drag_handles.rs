//! Handles by which phrases are dragged out of the window as MIDI files, and the sign that files can be dropped on it.

use egui::{
    Align2, Color32, CursorIcon, PointerButton, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::drag::Frame;
use super::drag_out::IS_AVAILABLE;
use super::state::{Action, ViewState, excerpt};
use super::theme;
use super::widgets::{focus_ring, text};
use crate::music::Part;
use crate::session::Excerpt;

/// Lengths of the dashes around the tile and of the gaps between them, in points.
const DASH: f32 = 4.0;
const DASH_GAP: f32 = 3.0;

/// Widths of the tile's grip, in points: in a tile that says what is dragged, and else.
const TILE_GRIP: f32 = 26.0;
const SMALL_TILE_GRIP: f32 = 17.0;

/// The least width of the tile that says what is dragged, in points.
const WITH_NOTE: f32 = 120.0;

/// The tile from which the phrase, or its selected bars, is dragged.
pub fn tile(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let dragged = excerpt(frame.state, frame.memory.bars, None);
    let is_enabled = frame.state.phrase.is_some();
    let response = handle(ui, frame, rect, "Drag MIDI", dragged, is_enabled);
    let is_hot = is_enabled && (response.hovered() || response.dragged());
    let strong = if is_enabled { theme::of(ui).accent } else { theme::of(ui).disabled };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, if is_hot { theme::of(ui).hover } else { theme::of(ui).bar });
    let corners =
        [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(Shape::dashed_line(&corners, Stroke::new(1.0, strong), DASH, DASH_GAP));
    let is_small = rect.width() < WITH_NOTE;
    let of_grip = if is_small { SMALL_TILE_GRIP } else { TILE_GRIP };
    let (grip, words) = rect.split_left_right_at_x(rect.left() + of_grip);
    paint_dots(ui, grip, strong, 1.6);
    let (title, color) = (if is_small { "Drag" } else { "Drag MIDI" }, theme::of(ui).text);
    let color = if is_enabled { color } else { strong };
    let words = words.with_max_x(words.right() - 4.0);
    if is_small {
        text(ui, words, Align2::LEFT_CENTER, title, theme::semibold(14.0), color);
    } else {
        let note = match (&frame.state.phrase, dragged.bars) {
            (Some(phrase), Some(_)) => dragged.describe(phrase.frame()),
            _ => "or a part's grip".to_owned(),
        };
        let (above, below) = words.shrink2(vec2(0.0, 4.0)).split_top_bottom_at_fraction(0.54);
        text(ui, above, Align2::LEFT_CENTER, title, theme::semibold(14.0), color);
        let dim = if is_enabled { theme::of(ui).text_soft } else { strong };
        text(ui, below, Align2::LEFT_CENTER, &note, theme::regular(11.0), dim);
    }
    focus_ring(ui, &response, rect, theme::RADIUS);
}

/// The grip from which `part` is dragged.
pub fn grip(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let dragged = excerpt(frame.state, frame.memory.bars, Some(part));
    let is_enabled = frame.state.phrase.as_ref().is_some_and(|phrase| !phrase.notes(part).is_empty());
    let response = handle(ui, frame, rect, &format!("Drag {part}"), dragged, is_enabled);
    let color = match (is_enabled, response.hovered() || response.dragged()) {
        (false, _) => theme::of(ui).disabled,
        (true, false) => theme::of(ui).text_dim,
        (true, true) => theme::of(ui).part(part),
    };
    paint_dots(ui, rect, color, 1.2);
    focus_ring(ui, &response, rect, theme::RADIUS);
}

/// Has `dragged` follow the pointer out of the window, and writes it to a file if its handle is pressed by a key.
fn handle(
    ui: &Ui,
    frame: &mut Frame<'_>,
    rect: Rect,
    label: &str,
    dragged: Excerpt,
    is_enabled: bool,
) -> Response {
    let sense = if is_enabled { Sense::click_and_drag() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("drag", label)), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, is_enabled, label));
    if IS_AVAILABLE && response.drag_started_by(PointerButton::Primary) {
        frame.actions.push(Action::DragOut(dragged));
    }
    // The pointer drags; what has no pointer, or no drag, writes a file.
    let is_pressed = response.clicked() && !(IS_AVAILABLE && response.clicked_by(PointerButton::Primary));
    if is_enabled && is_pressed {
        frame.actions.push(Action::Export(dragged));
    }
    let cursor = match (is_enabled, IS_AVAILABLE, response.dragged()) {
        (false, ..) => CursorIcon::Default,
        (true, false, _) => CursorIcon::PointingHand,
        (true, true, false) => CursorIcon::Grab,
        (true, true, true) => CursorIcon::Grabbing,
    };
    let tip = tip(frame.state, dragged, is_enabled);
    response.clone().on_hover_text(tip).on_hover_cursor(cursor);
    response
}

fn tip(state: &ViewState, dragged: Excerpt, is_enabled: bool) -> String {
    let Some(phrase) = state.phrase.as_ref().filter(|_| is_enabled) else {
        return "There are no notes to drag yet; press Generate.".to_owned();
    };
    let what = dragged.describe(phrase.frame());
    if IS_AVAILABLE {
        format!(
            "Drag {what} into another program: a MIDI file, as it sounds. The key Enter writes it into your music folder."
        )
    } else {
        format!(
            "Dragging into other programs does not work on this system yet. Press to write {what} into your music folder, and drag the file from there."
        )
    }
}

/// Six dots in the middle of `rect`.
fn paint_dots(ui: &Ui, rect: Rect, color: Color32, radius: f32) {
    let pace = radius * 3.4;
    for row in [-1.0, 0.0, 1.0] {
        for column in [-0.5, 0.5] {
            let center = rect.center() + vec2(column, row) * pace;
            ui.painter().circle_filled(center, radius, color);
        }
    }
}

/// Says that files held above the window can be dropped on it.
pub fn drop_sign(ui: &Ui, window: Rect) {
    let painter = ui.painter();
    painter.rect_filled(window, 0, theme::of(ui).background.gamma_multiply(0.72));
    painter.rect_stroke(window, 0, Stroke::new(3.0, theme::of(ui).accent), StrokeKind::Inside);
    let lines = [
        ("Drop MIDI files here", theme::semibold(22.0), theme::of(ui).text, -14.0),
        (
            "each becomes a take, to continue, vary, answer or accompany",
            theme::regular(14.0),
            theme::of(ui).text_soft,
            14.0,
        ),
    ];
    for (line, font, color, below) in lines {
        let center = pos2(window.center().x, window.center().y + below);
        painter.text(center, Align2::CENTER_CENTER, line, font, color);
    }
}
