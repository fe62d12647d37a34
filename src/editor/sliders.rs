//! Sliders: a row with a name, a track and a value, and a bare track for a level.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2,
};

use super::drag::{Frame, hint};
use super::theme;
use super::widgets::{compact, focus_ring, scale, text};
use crate::params::ParamId;

/// Width of the names at the left of the tracks and of the values at their right, in points.
const NAMES: f32 = 92.0;
const VALUES: f32 = 46.0;

/// A row: the name, a track, the value. On the track stand what was asked for, filled, and what the take has got, a diamond.
pub fn row(
    ui: &Ui,
    frame: &mut Frame<'_>,
    id: ParamId,
    rect: Rect,
    (label, caption, tip): (&str, &str, &str),
) {
    let state = frame.state;
    let value = state.text(id);
    let place = state.normalized(id).clamp(0.0, 1.0);
    let response = ui.interact(rect, ui.scope_id().with(("row", label)), Sense::click_and_drag());
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(true, f64::from(place), label);
        info.current_text_value = Some(value.to_owned());
        info
    });
    let factor = scale(ui);
    let (names, rest) = rect.split_left_right_at_x(rect.left() + NAMES * factor);
    let (tracks, values) = rest.split_left_right_at_x(rest.right() - VALUES * factor);
    let track = Rect::from_center_size(tracks.center(), vec2((tracks.width() - 12.0).max(1.0), 4.0));
    frame.turn_along(ui, &response, id, track.width());

    let is_auto = state.is_auto(id);
    let is_hot = response.hovered() || response.dragged() || response.has_focus();
    let (name, number) = if is_auto {
        (theme::of(ui).text_soft, theme::of(ui).text_dim)
    } else {
        (theme::of(ui).text, theme::of(ui).text)
    };
    text(ui, names, Align2::LEFT_CENTER, caption, theme::regular(12.5), name);
    let shown = if is_auto { "auto".to_owned() } else { compact(value) };
    text(ui, values, Align2::RIGHT_CENTER, &shown, theme::regular(12.5), number);
    paint_track(ui, track, (!is_auto).then_some(place), theme::of(ui).accent);
    if !is_auto {
        let handle = pos2(track.left() + place * track.width(), track.center().y);
        ui.painter().circle_filled(handle, if is_hot { 6.5 } else { 5.5 }, theme::of(ui).accent);
    }
    if let Some(outcome) = state.outcomes.get(&id) {
        let x = track.left() + outcome.got.clamp(0.0, 1.0) * track.width();
        paint_diamond(ui, pos2(x, track.center().y));
    }
    focus_ring(ui, &response, rect.expand2(vec2(2.0, -2.0)), theme::RADIUS);
    let outcome = state.outcome_text(id);
    let tip = format!("{label}: {value}\n{tip}{outcome}\n{}", hint(ui));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeHorizontal);
}

/// What the marks on the tracks mean, at the right end of `rect`: a dot for what is asked, a diamond for what was got.
pub fn legend(ui: &Ui, rect: Rect) {
    let factor = scale(ui);
    let y = rect.center().y;
    let font = theme::regular(11.0);
    text(ui, rect, Align2::RIGHT_CENTER, "got", font.clone(), theme::of(ui).text_dim);
    let diamond = pos2(rect.right() - 26.0 * factor, y);
    paint_diamond(ui, diamond);
    let asked = rect.with_max_x(diamond.x - 9.0);
    text(ui, asked, Align2::RIGHT_CENTER, "asked", font, theme::of(ui).text_dim);
    ui.painter().circle_filled(pos2(asked.right() - 39.0 * factor, y), 4.0, theme::of(ui).accent);
}

/// The value that the take has got, as a diamond.
fn paint_diamond(ui: &Ui, center: Pos2) {
    let corners = [vec2(0.0, -5.5), vec2(5.5, 0.0), vec2(0.0, 5.5), vec2(-5.5, 0.0)];
    let corners = corners.map(|corner| center + corner);
    ui.painter().add(Shape::convex_polygon(
        corners.to_vec(),
        theme::of(ui).background,
        Stroke::new(1.5, theme::of(ui).got),
    ));
}

/// Paints a track that is filled with `color` up to `place`, `0.0..=1.0`, if there is one.
fn paint_track(ui: &Ui, track: Rect, place: Option<f32>, color: Color32) {
    let radius = CornerRadius::same(2);
    ui.painter().rect_filled(track, radius, theme::of(ui).track);
    if let Some(place) = place {
        ui.painter().rect_filled(track.with_max_x(track.left() + place * track.width()), radius, color);
    }
}

/// A horizontal slider for a level.
pub fn level(
    ui: &Ui,
    frame: &mut Frame<'_>,
    id: ParamId,
    rect: Rect,
    color: Color32,
    (label, tip): (&str, &str),
) {
    let value = frame.state.text(id).to_owned();
    let place = frame.state.normalized(id).clamp(0.0, 1.0);
    let response = ui.interact(rect, ui.scope_id().with(("slider", label)), Sense::click_and_drag());
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(true, f64::from(place), label);
        info.current_text_value = Some(value.clone());
        info
    });
    let track = Rect::from_center_size(rect.center(), vec2((rect.width() - 12.0).max(1.0), 4.0));
    frame.slide(ui, &response, id, track);
    paint_track(ui, track, Some(place), color);
    let handle = pos2(track.left() + place * track.width(), track.center().y);
    let is_hot = response.hovered() || response.dragged() || response.has_focus();
    ui.painter().circle_filled(handle, if is_hot { 6.5 } else { 5.5 }, color);
    focus_ring(ui, &response, rect, theme::RADIUS);
    let tip = format!("{label}: {value}\n{tip} {}", hint(ui));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeHorizontal);
}
