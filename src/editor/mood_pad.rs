//! The mood pad: valence from left (sad) to right (joyful), arousal from bottom (calm) to top (energetic), or *Auto*.
//!
//! # Source
//!
//! The circumplex of affect: Russell, "A circumplex model of affect", Journal of Personality and Social Psychology 39(6),
//! 1980.

use egui::{
    Align2, CursorIcon, Mesh, Pos2, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::conversions::place_of_step;
use super::drag::Frame;
use super::state::ViewState;
use super::theme::{self, Theme};
use super::widgets::{focus_ring, text};
use crate::params::ParamId;

/// Pieces of the colour mesh along each side: enough to hide the edges between them.
const N_PIECES: u16 = 12;

/// The pad, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let response = ui.interact(rect, ui.scope_id().with("mood"), Sense::click_and_drag());
    let (valence, arousal) = (ParamId::Valence, ParamId::Arousal);
    let value = format!("{}, {}", frame.state.text(valence), frame.state.text(arousal));
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, "Mood");
        info.current_text_value = Some(value.clone());
        info
    });

    let field = rect.shrink(10.0);
    if response.drag_started() {
        frame.hold(valence);
        frame.hold(arousal);
    }
    if let Some(pos) = response.interact_pointer_pos().filter(|_| response.dragged()) {
        let (x, y) = place_in(field, pos);
        frame.move_to(valence, from_mood(frame.state, valence, x));
        frame.move_to(arousal, from_mood(frame.state, arousal, y));
    }
    if response.drag_stopped() {
        frame.release(valence);
        frame.release(arousal);
    }
    if response.double_clicked() {
        for id in [valence, arousal] {
            if !frame.state.is_auto(id) {
                frame.set(id, 0.0);
            }
        }
    } else if let Some(pos) = response.interact_pointer_pos().filter(|_| response.clicked()) {
        let (x, y) = place_in(field, pos);
        frame.set(valence, from_mood(frame.state, valence, x));
        frame.set(arousal, from_mood(frame.state, arousal, y));
    }

    paint(ui, frame.state, rect, field);
    focus_ring(ui, &response, rect, theme::RADIUS_LARGE);
    let tip = format!(
        "Mood: valence {} (sad to joyful), arousal {} (calm to energetic){}{}\nDrag to where the phrase should feel. Double click leaves it to the model.",
        frame.state.text(valence),
        frame.state.text(arousal),
        frame.state.outcome_text(valence),
        frame.state.outcome_text(arousal),
    );
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::Crosshair);
}

fn paint(ui: &Ui, state: &ViewState, rect: Rect, field: Rect) {
    let is_auto = state.is_auto(ParamId::Valence) && state.is_auto(ParamId::Arousal);
    let painter = ui.painter().with_clip_rect(ui.clip_rect().intersect(rect));
    painter.add(colors(theme::of(ui), rect, if is_auto { 0.45 } else { 1.0 }));
    // The mesh has sharp corners: cover them, then draw the outline.
    painter.rect_stroke(rect.expand(4.0), 12, Stroke::new(5.0, theme::of(ui).background), StrokeKind::Inside);
    painter.rect_stroke(rect, 8, Stroke::new(1.0, theme::of(ui).bar_line), StrokeKind::Inside);
    let words = rect.shrink2(vec2(12.0, 9.0));
    let color = if is_auto { theme::of(ui).text_soft } else { theme::of(ui).text };
    for (word, align) in [
        ("Tense", Align2::LEFT_TOP),
        ("Joyful", Align2::RIGHT_TOP),
        ("Sad", Align2::LEFT_BOTTOM),
        ("Calm", Align2::RIGHT_BOTTOM),
    ] {
        text(ui, words, align, word, theme::regular(12.5), color);
    }
    if is_auto {
        text(ui, rect, Align2::CENTER_CENTER, "Auto", theme::semibold(13.0), theme::of(ui).text);
        return;
    }
    let x = to_mood(state, ParamId::Valence).unwrap_or(0.5);
    let y = to_mood(state, ParamId::Arousal).unwrap_or(0.5);
    let center = pos2(field.left() + x * field.width(), field.bottom() - y * field.height());
    let got = |id| state.outcomes.get(&id).map(|outcome| outcome.got.clamp(0.0, 1.0));
    if let Some((x, y)) = got(ParamId::Valence).zip(got(ParamId::Arousal)) {
        let center = pos2(field.left() + x * field.width(), field.bottom() - y * field.height());
        painter.circle_stroke(center, 4.5, Stroke::new(2.0, theme::of(ui).got));
    }
    painter.circle_filled(center, 14.0, theme::of(ui).playhead.gamma_multiply(0.14));
    painter.circle_filled(center, 8.5, theme::of(ui).playhead);
}

/// The place of `pos` in `field`, to the right and upwards, `0.0..=1.0` each.
fn place_in(field: Rect, pos: Pos2) -> (f32, f32) {
    let x = (pos.x - field.left()) / field.width().max(1.0);
    let y = (field.bottom() - pos.y) / field.height().max(1.0);
    (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
}

/// The place in the parameter's range of a mood in `0.0..=1.0`; the lowest step is *Auto*.
fn from_mood(state: &ViewState, id: ParamId, mood: f32) -> f32 {
    let lowest = lowest(state, id);
    lowest + (1.0 - lowest) * mood
}

/// The mood in `0.0..=1.0`, `None` for *Auto*.
fn to_mood(state: &ViewState, id: ParamId) -> Option<f32> {
    let lowest = lowest(state, id);
    (!state.is_auto(id)).then(|| ((state.normalized(id) - lowest) / (1.0 - lowest)).clamp(0.0, 1.0))
}

/// The place of the lowest value that is not *Auto*.
fn lowest(state: &ViewState, id: ParamId) -> f32 {
    let n_steps = state.settings.get(&id).and_then(|setting| setting.n_steps);
    n_steps.filter(|n| *n > 1).map_or(0.01, |n| place_of_step(1, n))
}

fn colors(theme: &Theme, rect: Rect, strength: f32) -> Shape {
    let mut mesh = Mesh::default();
    let fraction = |idx: u16| f32::from(idx) / f32::from(N_PIECES);
    for row in 0..=N_PIECES {
        for column in 0..=N_PIECES {
            let (x, y) = (fraction(column), fraction(row));
            let above = theme.moods[0].lerp_to_gamma(theme.moods[1], x);
            let below = theme.moods[2].lerp_to_gamma(theme.moods[3], x);
            // The colour fades towards the neutral middle.
            let edge = (x - 0.5).abs().max((y - 0.5).abs()) * 2.0;
            let color =
                theme.card.lerp_to_gamma(above.lerp_to_gamma(below, y), (0.55 + 0.45 * edge) * strength);
            mesh.colored_vertex(pos2(rect.left() + x * rect.width(), rect.top() + y * rect.height()), color);
        }
    }
    let row_len = u32::from(N_PIECES) + 1;
    for row in 0..u32::from(N_PIECES) {
        for column in 0..u32::from(N_PIECES) {
            let corner = row * row_len + column;
            mesh.add_triangle(corner, corner + 1, corner + row_len);
            mesh.add_triangle(corner + 1, corner + row_len, corner + row_len + 1);
        }
    }
    Shape::mesh(mesh)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::params::Setting;

    proptest! {
        #[test]
        fn a_mood_is_never_auto_and_comes_back(mood in 0.0_f32..=1.0, n_steps in prop_oneof![Just(None), (2_usize..500).prop_map(Some)]) {
            let mut state = ViewState::default();
            let mut setting = Setting { normalized: 0.0, default: 0.0, text: String::new(), n_steps };
            state.settings.insert(ParamId::Valence, setting.clone());
            setting.normalized = from_mood(&state, ParamId::Valence, mood);
            prop_assert!(setting.normalized > 0.0);
            state.settings.insert(ParamId::Valence, setting);
            let back = to_mood(&state, ParamId::Valence).unwrap();
            prop_assert!((back - mood).abs() < 1e-4);
        }
    }
}
