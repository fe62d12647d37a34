//! Buttons, menus, sliders and text in the editor's own look.
//!
//! Each takes the rectangle that it fills, and a label by which assistive technology and tests find it.

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Popup, PopupCloseBehavior, Pos2, Rect, Response, Role,
    ScrollArea, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use super::conversions::{place_of_step, step_at};
use super::drag::{Frame, hint};
use super::theme;
use crate::params::ParamId;

/// How a button looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A button for an action.
    Plain,
    /// A value that is not chosen.
    Chip,
    /// The chosen value.
    Chosen,
    /// The default.
    Default,
    /// A switch that is on, in its colour.
    Lit(Color32),
    /// No frame.
    Bare,
}

/// Text inside `rect`, cut with an ellipsis where it is too long.
pub fn text(ui: &Ui, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) {
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, color);
    job.wrap = TextWrapping::truncate_at_width(rect.width().max(1.0));
    let galley = ui.painter().layout_job(job);
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
}

/// Text inside `rect` on up to `max_rows` rows, cut with an ellipsis where it is too long.
pub fn text_in_rows(ui: &Ui, rect: Rect, text: &str, max_rows: usize, font: FontId, color: Color32) {
    let mut job = LayoutJob::simple(text.to_owned(), font, color, rect.width().max(1.0));
    job.wrap.max_rows = max_rows;
    let galley = ui.painter().layout_job(job);
    let place = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
}

/// A value without the space before its percent sign: `30%`.
pub fn compact(value: &str) -> String {
    value.replace(" %", "%")
}

/// The width of `text` in `font`, in points.
pub fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    ui.painter().layout_no_wrap(text.to_owned(), font, theme::TEXT).size().x
}

/// A caption over a group: "STYLE".
pub fn caption(ui: &Ui, rect: Rect, title: &str) {
    let mut job = LayoutJob::default();
    let format = egui::TextFormat {
        font_id: theme::semibold(12.0),
        color: theme::TEXT_DIM,
        extra_letter_spacing: 1.2,
        ..Default::default()
    };
    job.append(title, 0.0, format);
    let galley = ui.painter().layout_job(job);
    let place = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, theme::TEXT_DIM);
}

/// A button with `title`; `label` is its accessible name.
pub fn button(ui: &Ui, rect: Rect, title: &str, label: &str, look: Look) -> Response {
    button_if(ui, rect, title, label, look, true)
}

/// As [`button`], but disabled unless `is_enabled`.
pub fn button_if(ui: &Ui, rect: Rect, title: &str, label: &str, look: Look, is_enabled: bool) -> Response {
    let sense = if is_enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("button", label)), sense);
    let info = if let Look::Chosen | Look::Default | Look::Chip | Look::Lit(_) = look {
        WidgetInfo::selected(Role::Button, is_enabled, look != Look::Chip, label)
    } else {
        WidgetInfo::labeled(Role::Button, is_enabled, label)
    };
    response.widget_info(|| info.clone());
    let is_hot = is_enabled && response.hovered();
    let (fill, color) = match look {
        Look::Plain if response.is_pointer_button_down_on() => (theme::CHOSEN, theme::TEXT),
        Look::Plain => (if is_hot { theme::HOVER } else { theme::BUTTON }, theme::TEXT),
        Look::Chip => (if is_hot { theme::HOVER } else { theme::CARD }, theme::TEXT_SOFT),
        Look::Chosen => (theme::ACCENT, theme::ON_ACCENT),
        Look::Default => (theme::CHOSEN, theme::TEXT),
        Look::Lit(color) => (color, theme::ON_ACCENT),
        Look::Bare => (if is_hot { theme::HOVER } else { Color32::TRANSPARENT }, theme::TEXT_SOFT),
    };
    let size = if look == Look::Bare {
        17.0
    } else if look == Look::Plain && rect.height() >= 34.0 {
        14.0
    } else {
        12.5_f32.min(rect.height() * 0.62)
    };
    let font =
        if let Look::Chosen | Look::Lit(_) = look { theme::semibold(size) } else { theme::regular(size) };
    let color = if is_enabled { color } else { theme::TEXT_DIM.gamma_multiply(0.6) };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, fill);
    if look == Look::Plain {
        painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
    }
    focus_ring(ui, &response, rect, theme::RADIUS);
    text(ui, rect.shrink2(vec2(3.0, 0.0)), Align2::CENTER_CENTER, title, font, color);
    if is_enabled { response.on_hover_cursor(CursorIcon::PointingHand) } else { response }
}

/// Draws an outline around a widget that has the keyboard focus.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: CornerRadius) {
    if response.has_focus() {
        let stroke = Stroke::new(1.5, theme::ACCENT.gamma_multiply(0.8));
        ui.painter().rect_stroke(rect, radius, stroke, StrokeKind::Outside);
    }
}

/// The width below which a menu leaves less room around its value, in points.
const SMALL_MENU: f32 = 72.0;

/// How a menu's button shows its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuLook {
    /// The caption small above the value.
    Stacked,
    /// Both on one line, as a button.
    Inline,
    /// Both on one line, small, in a field of its own.
    Field,
}

/// A menu of the values of `id`; `label` is its accessible name, `caption` the text in it, `tip` its tooltip.
pub fn menu(
    ui: &Ui,
    frame: &mut Frame<'_>,
    id: ParamId,
    rect: Rect,
    look: MenuLook,
    (label, caption, tip): (&str, &str, &str),
) {
    let value = frame.state.text(id).to_owned();
    let response = ui.interact(rect, ui.scope_id().with(("menu", label)), Sense::click());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, true, label);
        info.current_text_value = Some(value.clone());
        info
    });
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&response));
    paint_menu(ui, &response, rect, look, caption, &value, is_open);

    let empty = Vec::new();
    let state = frame.state;
    let labels = state.choices.get(&id).unwrap_or(&empty);
    let n_steps = labels.len().saturating_sub(1);
    let current = step_at(state.normalized(id), n_steps);
    let mut chosen = None;
    Popup::menu(&response)
        .gap(4.0)
        .width(rect.width().max(110.0))
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                ui.set_min_width(rect.width().max(116.0) - 14.0);
                for (idx, title) in labels.iter().enumerate() {
                    if ui.selectable_label(idx == current, title).clicked() {
                        chosen = Some(idx);
                    }
                }
            });
        });
    if let Some(idx) = chosen {
        frame.set(id, place_of_step(idx, n_steps));
    }
    if !is_open {
        frame.nudge(ui, &response, id);
        response.on_hover_text(format!("{label}: {value}\n{tip}")).on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// The disabled menu of a parameter that something else sets: it shows `value`; `tip` explains why.
pub fn menu_still(ui: &Ui, rect: Rect, value: &str, (label, caption, tip): (&str, &str, &str)) {
    let response = ui.interact(rect, ui.scope_id().with(("menu", label)), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ComboBox, false, label);
        info.current_text_value = Some(value.to_owned());
        info
    });
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
    let color = theme::TEXT_DIM.gamma_multiply(0.8);
    let inside = rect.shrink2(vec2(if rect.width() < SMALL_MENU { 5.0 } else { 10.0 }, 5.0));
    let (above, below) = inside.split_top_bottom_at_fraction(0.42);
    text(ui, above, Align2::LEFT_CENTER, caption, theme::regular(10.0), color);
    text(ui, below, Align2::LEFT_CENTER, value, theme::regular(13.0), color);
    response.on_hover_text(format!("{label}: {value}\n{tip}"));
}

fn paint_menu(
    ui: &Ui,
    response: &Response,
    rect: Rect,
    look: MenuLook,
    caption: &str,
    value: &str,
    is_open: bool,
) {
    let painter = ui.painter();
    let is_hot = response.hovered() || is_open;
    let fill = match look {
        MenuLook::Inline if is_hot => theme::HOVER,
        MenuLook::Inline => theme::BUTTON,
        MenuLook::Stacked | MenuLook::Field if is_hot => theme::CARD,
        MenuLook::Stacked | MenuLook::Field => theme::WELL,
    };
    painter.rect_filled(rect, theme::RADIUS, fill);
    let outline = if is_open { theme::CHOSEN } else { theme::LINE };
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
    focus_ring(ui, response, rect, theme::RADIUS);
    let is_small = look == MenuLook::Field || rect.width() < SMALL_MENU;
    let (side, arrow) = if is_small { (5.0, 2.5) } else { (10.0, 3.5) };
    let inside = rect.shrink2(vec2(side, 0.0));
    chevron(ui, pos2(inside.right() - arrow, rect.center().y), arrow, theme::TEXT_DIM);
    let room = inside.with_max_x(inside.right() - arrow * 2.0 - 4.0);
    match look {
        MenuLook::Stacked => {
            let (above, below) = inside.shrink2(vec2(0.0, 5.0)).split_top_bottom_at_fraction(0.42);
            // The caption stands above the arrow.
            text(ui, above, Align2::LEFT_CENTER, caption, theme::regular(10.0), theme::TEXT_DIM);
            let (size, below) = (if is_small { 12.0 } else { 13.0 }, below.with_max_x(room.right()));
            text(ui, below, Align2::LEFT_CENTER, value, theme::regular(size), theme::TEXT);
        }
        MenuLook::Inline | MenuLook::Field => {
            let size = if look == MenuLook::Inline { 14.0 } else { 11.5 };
            let font = theme::regular(size);
            let width = if caption.is_empty() { 0.0 } else { text_width(ui, caption, font.clone()) + 5.0 };
            text(ui, room, Align2::LEFT_CENTER, caption, font.clone(), theme::TEXT_DIM);
            let room = room.with_min_x(room.left() + width);
            text(ui, room, Align2::LEFT_CENTER, value, font, theme::TEXT);
        }
    }
}

/// A small field whose number is dragged: an octave, a pan.
pub fn field(
    ui: &Ui,
    frame: &mut Frame<'_>,
    id: ParamId,
    rect: Rect,
    (label, caption, tip): (&str, &str, &str),
) {
    let value = frame.state.text(id).to_owned();
    let response = ui.interact(rect, ui.scope_id().with(("field", label)), Sense::click_and_drag());
    let place = f64::from(frame.state.normalized(id));
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(true, place, label);
        info.current_text_value = Some(value.clone());
        info
    });
    frame.turn(ui, &response, id);
    let painter = ui.painter();
    let is_hot = response.hovered() || response.dragged();
    painter.rect_filled(rect, theme::RADIUS, if is_hot { theme::HOVER } else { theme::WELL });
    focus_ring(ui, &response, rect, theme::RADIUS);
    let inside = rect.shrink2(vec2(5.0, 0.0));
    let font = theme::regular(11.5);
    let shown = compact(&value);
    let room = inside.width() - text_width(ui, &shown, font.clone());
    // The value comes first; its caption is drawn if there is room.
    if !caption.is_empty() && text_width(ui, caption, font.clone()) + 2.0 <= room {
        text(ui, inside, Align2::LEFT_CENTER, caption, font.clone(), theme::TEXT_DIM);
        text(ui, inside, Align2::RIGHT_CENTER, &shown, font, theme::TEXT);
    } else {
        text(ui, inside, Align2::CENTER_CENTER, &shown, font, theme::TEXT);
    }
    let tip = format!("{label}: {value}\n{tip} {}", hint(ui));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeVertical);
}

/// A horizontal slider for a level.
pub fn slider(
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
    let track = Rect::from_center_size(rect.center(), vec2((rect.width() - 10.0).max(1.0), 3.0));
    frame.slide(ui, &response, id, track);
    let painter = ui.painter();
    let knob = pos2(track.left() + place * track.width(), track.center().y);
    painter.rect_filled(track, CornerRadius::same(2), theme::TRACK);
    painter.rect_filled(track.with_max_x(knob.x), CornerRadius::same(2), color.gamma_multiply(0.75));
    let is_hot = response.hovered() || response.dragged() || response.has_focus();
    painter.circle_filled(knob, 5.0, if is_hot { theme::TEXT } else { theme::TEXT_SOFT });
    if response.has_focus() {
        painter.circle_stroke(knob, 7.5, Stroke::new(1.5, theme::ACCENT));
    }
    let tip = format!("{label}: {value}\n{tip} {}", hint(ui));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeHorizontal);
}

/// A triangle that points down.
pub fn chevron(ui: &Ui, center: Pos2, half: f32, color: Color32) {
    let points = vec![
        center + vec2(-half, -half * 0.5),
        center + vec2(half, -half * 0.5),
        center + vec2(0.0, half * 0.75),
    ];
    ui.painter().add(Shape::convex_polygon(points, color, Stroke::NONE));
}

/// The background of a field for text or a choice.
pub fn well(ui: &Ui, rect: Rect, outline: egui::Color32) {
    ui.painter().rect_filled(rect, theme::RADIUS, theme::WELL);
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
}

/// Gives a text field its accessible name.
pub fn name_text_field(ui: &Ui, response: &Response, label: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
}
