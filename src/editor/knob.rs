//! A knob: a ring that fills, a pointer, the value and a name below; a dot outside the ring marks the take's measured
//! value.

use std::f32::consts::{FRAC_PI_2, PI};

use egui::{Align2, Color32, CursorIcon, Pos2, Rect, Sense, Shape, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::conversions::{from_count, to_index};
use super::drag::{Frame, hint};
use super::theme;
use super::widgets::{compact, focus_ring, text, text_width};
use crate::params::ParamId;

/// Start angle and extent of the ring, in radians clockwise from the right.
const BEGIN: f32 = FRAC_PI_2 + PI * 0.22;
const SWEEP: f32 = PI * 2.0 - PI * 0.44;

/// A parameter as a knob.
pub struct Knob {
    /// The parameter.
    pub id: ParamId,
    /// Its name.
    pub name: &'static str,
    /// Its name as it stands below the ring.
    pub caption: &'static str,
    /// What it does.
    pub tip: &'static str,
}

impl Knob {
    /// Draws the knob into `rect` and changes its parameter.
    pub fn show(&self, ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
        let state = frame.state;
        let value = state.text(self.id);
        let place = state.normalized(self.id).clamp(0.0, 1.0);
        let response = ui.interact(rect, ui.scope_id().with(("knob", self.name)), Sense::click_and_drag());
        response.widget_info(|| {
            let mut info = WidgetInfo::slider(true, f64::from(place), self.name);
            info.current_text_value = Some(value.to_owned());
            info
        });
        frame.turn(ui, &response, self.id);

        let is_auto = state.is_auto(self.id);
        let is_hot = response.hovered() || response.dragged();
        let ring = match (is_auto, is_hot) {
            (true, _) => None,
            (false, true) => Some(theme::ACCENT),
            (false, false) => Some(theme::ACCENT.gamma_multiply(0.94)),
        };
        let (center, radius) = self.paint(ui, rect, (place, value), ring, theme::TEXT);
        if let Some(outcome) = state.outcomes.get(&self.id) {
            let angle = BEGIN + SWEEP * outcome.got.clamp(0.0, 1.0);
            let dot = center + Vec2::angled(angle) * (radius + 4.5);
            ui.painter().circle_filled(dot, 1.6, theme::TEXT_SOFT);
        }
        focus_ring(ui, &response, rect.shrink(1.0), theme::RADIUS);

        let outcome = state.outcome_text(self.id);
        let tip = format!("{}: {value}\n{}{outcome}\n{}", self.name, self.tip, hint(ui));
        response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeVertical);
    }

    /// Draws the knob greyed, at `place`, `0.0..=1.0`, with `value`: something else sets it, which `tip` explains.
    pub fn show_still(&self, ui: &Ui, rect: Rect, (place, value): (f32, &str), tip: String) {
        let response = ui.interact(rect, ui.scope_id().with(("knob", self.name)), Sense::hover());
        response.widget_info(|| {
            let mut info = WidgetInfo::slider(false, f64::from(place), self.name);
            info.current_text_value = Some(value.to_owned());
            info
        });
        self.paint(ui, rect, (place, value), Some(theme::TEXT_DIM.gamma_multiply(0.7)), theme::TEXT_DIM);
        response.on_hover_text(tip);
    }

    /// Paints the ring, filled with `ring` up to `place`, the value in `color`, and the name; returns the ring's centre and
    /// radius.
    fn paint(
        &self,
        ui: &Ui,
        rect: Rect,
        (place, value): (f32, &str),
        ring: Option<Color32>,
        color: Color32,
    ) -> (Pos2, f32) {
        let radius = ((rect.height() - 34.0) * 0.5).clamp(12.0, 22.0);
        let center = pos2(rect.center().x, rect.top() + radius + 2.0);
        let painter = ui.painter();
        let track = if ring.is_none() { theme::TRACK.gamma_multiply(0.75) } else { theme::TRACK };
        painter.add(arc(center, radius, BEGIN, BEGIN + SWEEP, Stroke::new(3.5, track)));
        if let Some(ring) = ring {
            let angle = BEGIN + SWEEP * place;
            painter.add(arc(center, radius, BEGIN, angle, Stroke::new(3.5, ring)));
            let pointer = Vec2::angled(angle);
            let stroke = Stroke::new(2.0, color);
            painter.line_segment([center + pointer * 3.0, center + pointer * (radius - 7.0)], stroke);
        } else {
            painter.circle_filled(center, 2.0, theme::TEXT_DIM.gamma_multiply(0.7));
        }
        let value_rect =
            Rect::from_min_size(pos2(rect.left(), center.y + radius - 1.0), vec2(rect.width(), 16.0));
        let color = if ring.is_none() { theme::TEXT_DIM } else { color };
        text(ui, value_rect, Align2::CENTER_CENTER, &compact(value), theme::semibold(12.5), color);
        let name_rect = value_rect.translate(vec2(0.0, 15.5));
        let room = name_rect.width() - text_width(ui, self.caption, theme::regular(11.5));
        let font = theme::regular(if room >= 0.0 { 11.5 } else { 10.0 });
        text(ui, name_rect, Align2::CENTER_CENTER, self.caption, font, theme::TEXT_DIM);
        (center, radius)
    }
}

/// A part of a circle from angle `from` to angle `to`.
fn arc(center: Pos2, radius: f32, from: f32, to: f32, stroke: Stroke) -> Shape {
    let n_pieces = to_index((to - from) / 0.12).max(1);
    let points = (0..=n_pieces).map(|idx| {
        let angle = from + (to - from) * from_count(idx) / from_count(n_pieces);
        center + Vec2::angled(angle) * radius
    });
    Shape::line(points.collect(), stroke)
}
