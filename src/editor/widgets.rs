//! Buttons, menus, sliders and text in the editor's own look.
//!
//! Each takes the rectangle that it fills, and a label by which assistive technology and tests find it.

use std::sync::Arc;

use std::ops::Range;

use egui::text::{CCursor, CCursorRange, LayoutJob, TextWrapping};
use egui::text_edit::TextEditState;
use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Galley, Id, Popup, PopupCloseBehavior, Pos2, Rect,
    Response, Role, ScrollArea, Sense, Shape, Stroke, StrokeKind, TextFormat, Ui, WidgetInfo, pos2, vec2,
};

use super::conversions::{place_of_step, step_at};
use super::drag::{Frame, hint};
use super::theme::{self, DEFAULT_SIZE};
use crate::look::with_signs;
use crate::params::ParamId;

/// The largest factor of the sizes of text.
const MAX_SCALE: f32 = 1.25;

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

/// The factor of all sizes of text and of the heights of rows, by the size of the window: 1 up to the default size.
pub fn scale(ui: &Ui) -> f32 {
    let window = ui.ctx().content_rect().size();
    let growth = (window.x / DEFAULT_SIZE.0).min(window.y / DEFAULT_SIZE.1) - 1.0;
    (1.0 + growth * 0.45).clamp(1.0, MAX_SCALE)
}

/// Lays out `text` as the editor shows it: with accidentals as signs, and as large as the window asks for.
fn layout(ui: &Ui, text: &str, font: FontId, color: Color32, wrap: TextWrapping) -> Arc<Galley> {
    let font = FontId { size: font.size * scale(ui), ..font };
    let mut job = LayoutJob::single_section(with_signs(text).into_owned(), TextFormat::simple(font, color));
    job.wrap = wrap;
    job.break_on_newline = job.wrap.max_rows > 1;
    ui.painter().layout_job(job)
}

/// Text inside `rect`, cut with an ellipsis where it is too long.
pub fn text(ui: &Ui, rect: Rect, align: Align2, text: &str, font: FontId, color: Color32) {
    let galley = layout(ui, text, font, color, TextWrapping::truncate_at_width(rect.width().max(1.0)));
    let place = align.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
}

/// Text inside `rect` on up to `max_rows` rows, cut with an ellipsis where it is too long.
pub fn text_in_rows(ui: &Ui, rect: Rect, text: &str, max_rows: usize, font: FontId, color: Color32) {
    let wrap = TextWrapping { max_width: rect.width().max(1.0), max_rows, ..TextWrapping::default() };
    let galley = layout(ui, text, font, color, wrap);
    let place = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, color);
}

/// A value without the space before its percent sign: `30%`.
pub fn compact(value: &str) -> String {
    value.replace(" %", "%")
}

/// The width of `text` in `font`, in points.
pub fn text_width(ui: &Ui, text: &str, font: FontId) -> f32 {
    layout(ui, text, font, theme::of(ui).text, TextWrapping::no_max_width()).size().x
}

/// A caption over a group: "STYLE".
pub fn caption(ui: &Ui, rect: Rect, title: &str) {
    let mut job = LayoutJob::default();
    let format = TextFormat {
        font_id: theme::semibold(11.5 * scale(ui)),
        color: theme::of(ui).text_dim,
        extra_letter_spacing: 1.2,
        ..Default::default()
    };
    job.append(title, 0.0, format);
    let galley = ui.painter().layout_job(job);
    let place = Align2::LEFT_CENTER.align_size_within_rect(galley.size(), rect);
    ui.painter().galley(place.min, galley, theme::of(ui).text_dim);
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
    paint_button(ui, &response, rect, title, look, is_enabled);
    if is_enabled { response.on_hover_cursor(CursorIcon::PointingHand) } else { response }
}

/// A button of a group of [`super::chips::Chips`], whose `response` it takes.
pub fn chip(ui: &Ui, response: &Response, rect: Rect, title: &str, label: &str, look: Look) {
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, look != Look::Chip, label));
    paint_button(ui, response, rect, title, look, true);
}

/// Paints a button with `title`, as [`button_if`] does.
pub fn paint_button(ui: &Ui, response: &Response, rect: Rect, title: &str, look: Look, is_enabled: bool) {
    let is_hot = is_enabled && response.hovered();
    let (fill, color) = match look {
        Look::Plain if response.is_pointer_button_down_on() => (theme::of(ui).chosen, theme::of(ui).text),
        Look::Plain => (if is_hot { theme::of(ui).hover } else { theme::of(ui).button }, theme::of(ui).text),
        Look::Chip => {
            (if is_hot { theme::of(ui).hover } else { theme::of(ui).card }, theme::of(ui).text_soft)
        }
        Look::Chosen => (theme::of(ui).accent, theme::of(ui).on_accent),
        Look::Default => (theme::of(ui).chosen, theme::of(ui).text),
        Look::Lit(color) => (color, theme::of(ui).on_accent),
        Look::Bare => {
            (if is_hot { theme::of(ui).hover } else { Color32::TRANSPARENT }, theme::of(ui).text_soft)
        }
    };
    let size = if look == Look::Bare {
        17.0
    } else if look == Look::Plain && rect.height() >= 34.0 {
        14.0
    } else {
        12.5
    };
    let font =
        if let Look::Chosen | Look::Lit(_) = look { theme::semibold(size) } else { theme::regular(size) };
    let (color, outline) = if is_enabled {
        (color, theme::of(ui).outline)
    } else {
        (theme::of(ui).disabled, theme::of(ui).line)
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, fill);
    if let Look::Plain | Look::Chip | Look::Default = look {
        painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
    }
    focus_ring(ui, response, rect, theme::RADIUS);
    text(ui, rect.shrink2(vec2(3.0, 0.0)), Align2::CENTER_CENTER, title, font, color);
}

/// Draws an outline around a widget that has the keyboard focus.
pub fn focus_ring(ui: &Ui, response: &Response, rect: Rect, radius: CornerRadius) {
    if response.has_focus() {
        // A gap tells it from the outline and from a fill as bright as itself.
        let stroke = Stroke::new(2.0, theme::of(ui).focus);
        ui.painter().rect_stroke(rect.expand(1.0), radius, stroke, StrokeKind::Outside);
    }
}

/// The width below which a menu leaves less room around its value, in points.
const SMALL_MENU: f32 = 72.0;

/// The room at either side of a value in a field or menu that is `width` wide, in points.
fn inset(width: f32) -> f32 {
    if width < SMALL_MENU { 5.0 } else { (5.0 + (width - SMALL_MENU) * 0.2).min(9.0) }
}

/// Sizes of values below a caption, in points, from the one that is tried first.
const VALUE_SIZES: [f32; 3] = [13.0, 12.0, theme::LEAST_TEXT];

/// The height from which a field has its caption above its value, in points.
const TWO_LINES: f32 = 32.0;

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
    let value = with_signs(frame.state.text(id)).into_owned();
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
                    if ui.selectable_label(idx == current, with_signs(title)).clicked() {
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
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::of(ui).line), StrokeKind::Inside);
    let color = theme::of(ui).disabled;
    paint_stacked(ui, rect, caption, value, (color, color));
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
        MenuLook::Inline if is_hot => theme::of(ui).hover,
        MenuLook::Inline => theme::of(ui).button,
        MenuLook::Stacked | MenuLook::Field if is_hot => theme::of(ui).card,
        MenuLook::Stacked | MenuLook::Field => theme::of(ui).well,
    };
    painter.rect_filled(rect, theme::RADIUS, fill);
    let outline = if is_open { theme::of(ui).focus } else { theme::of(ui).outline };
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
    focus_ring(ui, response, rect, theme::RADIUS);
    let is_small = look == MenuLook::Field || rect.width() < SMALL_MENU;
    let arrow = if is_small { 2.5 } else { 3.5 };
    let inside = rect.shrink2(vec2(inset(rect.width()), 0.0));
    let center = pos2(inside.right() - arrow, rect.center().y);
    let room = inside.with_max_x(inside.right() - arrow * 2.0 - 4.0);
    match look {
        MenuLook::Stacked => {
            let width = paint_stacked(ui, rect, caption, value, (theme::of(ui).text_dim, theme::of(ui).text));
            // A value that needs all of the width goes without the arrow.
            if width <= room.width() {
                chevron(ui, pos2(center.x, stacked(rect).1.center().y), arrow, theme::of(ui).text_dim);
            }
        }
        MenuLook::Inline | MenuLook::Field => {
            chevron(ui, center, arrow, theme::of(ui).text_dim);
            let size = if look == MenuLook::Inline { 12.5 } else { 11.5 };
            let font = theme::regular(size);
            let width = if caption.is_empty() { 0.0 } else { text_width(ui, caption, font.clone()) + 5.0 };
            text(ui, room, Align2::LEFT_CENTER, caption, font.clone(), theme::of(ui).text_dim);
            let room = room.with_min_x(room.left() + width);
            text(ui, room, Align2::LEFT_CENTER, value, font, theme::of(ui).text);
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
    let is_hot = response.hovered() || response.dragged();
    paint_field(ui, &response, rect, (caption, &compact(&value)), is_hot);
    let tip = format!("{label}: {value}\n{tip} {}", hint(ui));
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::ResizeVertical);
}

/// The number of `id` in a field that cannot be dragged, since something else sets it: it shows `value`; `tip` explains why.
pub fn field_still(
    ui: &Ui,
    rect: Rect,
    (place, value): (f32, &str),
    (label, caption, tip): (&str, &str, &str),
) {
    let response = ui.interact(rect, ui.scope_id().with(("field", label)), Sense::hover());
    response.widget_info(|| {
        let mut info = WidgetInfo::slider(false, f64::from(place), label);
        info.current_text_value = Some(value.to_owned());
        info
    });
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::of(ui).line), StrokeKind::Inside);
    paint_stacked(ui, rect, caption, value, (theme::of(ui).disabled, theme::of(ui).disabled));
    response.on_hover_text(tip);
}

/// Paints a field: its caption above its value where there is room for two lines, else before it.
fn paint_field(ui: &Ui, response: &Response, rect: Rect, (caption, value): (&str, &str), is_hot: bool) {
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, if is_hot { theme::of(ui).hover } else { theme::of(ui).well });
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::of(ui).outline), StrokeKind::Inside);
    focus_ring(ui, response, rect, theme::RADIUS);
    if rect.height() >= TWO_LINES {
        paint_stacked(ui, rect, caption, value, (theme::of(ui).text_dim, theme::of(ui).text));
    } else {
        let inside = rect.shrink2(vec2(inset(rect.width()), 0.0));
        let font = theme::regular(11.5);
        text(ui, inside, Align2::LEFT_CENTER, caption, font.clone(), theme::of(ui).text_dim);
        text(ui, inside, Align2::RIGHT_CENTER, value, font, theme::of(ui).text);
    }
}

/// Paints a caption above a value, in these colours, the value as large as fits; returns the value's width.
fn paint_stacked(
    ui: &Ui,
    rect: Rect,
    caption: &str,
    value: &str,
    (of_caption, of_value): (Color32, Color32),
) -> f32 {
    let inside = rect.shrink2(vec2(inset(rect.width()), 0.0));
    let (above, below) = stacked(inside);
    text(ui, above, Align2::LEFT_CENTER, caption, theme::regular(11.0), of_caption);
    let fitting = VALUE_SIZES.map(|size| (size, text_width(ui, value, theme::regular(size))));
    let fitting = fitting.into_iter().find(|(_, width)| *width <= inside.width());
    let (size, width) = fitting.unwrap_or((theme::LEAST_TEXT, inside.width()));
    text(ui, below, Align2::LEFT_CENTER, value, theme::regular(size), of_value);
    width
}

/// The two lines in `rect`: of the caption and of the value.
fn stacked(rect: Rect) -> (Rect, Rect) {
    rect.shrink2(vec2(0.0, rect.height() * 0.1)).split_top_bottom_at_fraction(0.45)
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
    ui.painter().rect_filled(rect, theme::RADIUS, theme::of(ui).well);
    ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
}

/// Gives a text field its accessible name.
pub fn name_text_field(ui: &Ui, response: &Response, label: &str) {
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(label));
}

/// Selects the characters `place` in the text box `id`, with the cursor at their end.
pub fn select_text(ui: &Ui, id: Id, place: Range<usize>) {
    let mut state = TextEditState::load(ui.ctx(), id).unwrap_or_default();
    let [start, end] = [place.start, place.end].map(CCursor::new);
    state.cursor.set_char_range(Some(CCursorRange::two(start, end)));
    state.store(ui.ctx(), id);
}
