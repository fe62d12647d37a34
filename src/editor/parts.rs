//! The strip of parts below the roll: which are composed and audible, on which MIDI channel, and how loud.

use egui::{Align2, CursorIcon, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::conversions::from_count;
use super::drag::Frame;
use super::drag_handles;
use super::sliders;
use super::theme;
use super::widgets::{Look, button, focus_ring, scale, text, text_width};
use crate::look::{PARTS, part_letter, part_title};
use crate::music::Part;
use crate::params::{ParamId, PartParam};

const GAP: f32 = 8.0;
const ROW: f32 = 22.0;
const ROW_GAP: f32 = 6.0;
const INSET: f32 = 9.0;
const BADGE: f32 = 16.0;
const GRIP: f32 = 12.0;

/// The width of the strip, in points, below which its gaps are smaller.
const NARROW: f32 = 700.0;

/// The width of a card, in points, below which it does not show its channel.
const NARROW_CARD: f32 = 130.0;
/// The width of a card, in points, below which it does not show its level.
const NARROWEST_CARD: f32 = 100.0;

/// The height of the strip, in points, with texts by the factor `scale`.
pub fn height(scale: f32) -> f32 {
    2.0 * ROW * scale + ROW_GAP + 2.0 * INSET
}

/// The strip, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let gap = if rect.width() < NARROW { 5.0 } else { GAP };
    let n_parts = from_count(PARTS.len());
    let width = (rect.width() - gap * (n_parts - 1.0)) / n_parts;
    for (idx, part) in PARTS.into_iter().enumerate() {
        let corner = pos2(rect.left() + from_count(idx) * (width + gap), rect.top());
        card(ui, frame, part, Rect::from_min_size(corner, vec2(width, rect.height())));
    }
}

fn card(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let is_on = frame.state.is_on(ParamId::Part(part, PartParam::On));
    // The part's colour shows along the left edge, below the card.
    let edge = ui.painter().with_clip_rect(ui.clip_rect().intersect(rect.with_max_x(rect.left() + 9.0)));
    edge.rect_filled(
        rect,
        theme::RADIUS_LARGE,
        if is_on { theme::of(ui).part(part) } else { theme::of(ui).outline },
    );
    ui.painter().rect_filled(rect.with_min_x(rect.left() + 3.0), theme::RADIUS_LARGE, theme::of(ui).card);

    if frame.memory.focus == Some(part) {
        let stroke = Stroke::new(1.5, theme::of(ui).accent);
        ui.painter().rect_stroke(rect, theme::RADIUS_LARGE, stroke, StrokeKind::Inside);
    }
    let row = ROW * scale(ui);
    let is_narrow = rect.width() < NARROW_CARD;
    let inside = Rect::from_min_max(
        pos2(rect.left() + 11.0, rect.top() + INSET),
        pos2(rect.right() - 9.0, rect.bottom() - INSET),
    );
    let head = inside.with_max_y(inside.top() + row);
    let foot = inside.with_min_y(inside.bottom() - row);
    // The narrowest cards need all of the first row for the name.
    let is_narrowest = rect.width() < NARROWEST_CARD;
    let beside_grip = |row: Rect| row.split_left_right_at_x(row.right() - GRIP);
    let ((head, grip), foot) = if is_narrowest {
        let (foot, grip) = beside_grip(foot);
        ((head, grip), foot.with_max_x(foot.right() - 4.0))
    } else {
        (beside_grip(head), foot)
    };
    drag_handles::grip(ui, frame, part, grip.expand2(vec2(2.0, 0.0)));
    let mut names = head.with_max_x(head.right() - 4.0);
    if !is_narrow {
        let channel = format!("ch {}", frame.state.text(ParamId::Part(part, PartParam::Channel)));
        let width = text_width(ui, &channel, theme::regular(11.5));
        text(ui, names, Align2::RIGHT_CENTER, &channel, theme::regular(11.5), theme::of(ui).text_dim);
        names = names.with_max_x(names.right() - width - 4.0);
    }
    name(ui, frame, part, names);
    if is_narrowest {
        // A level would have no room to be dragged in; the mixer has it, too.
        return mute_and_solo(ui, frame, part, foot);
    }
    let of_switches = if is_narrow { 2.0 * row } else { 2.0 * row + 4.0 };
    let (switches, level) = foot.split_left_right_at_x(foot.left() + of_switches);
    mute_and_solo(ui, frame, part, switches);
    let label = format!("{} level", part_title(part));
    let id = ParamId::Part(part, PartParam::Level);
    let level = level.with_min_x(level.left() + 6.0);
    sliders::level(ui, frame, id, level, theme::of(ui).part(part), (&label, "Loudness in the preview."));
}

/// Paints the letter of `part` in its colour, to the right of `left`; returns its place.
pub fn paint_badge(ui: &Ui, part: Part, left: Pos2, is_on: bool) -> Rect {
    let side = BADGE * scale(ui);
    let rect = Rect::from_min_size(pos2(left.x, left.y - side * 0.5), vec2(side, side));
    let color = if is_on {
        ui.painter().rect_filled(rect, 4, theme::of(ui).part(part));
        theme::of(ui).on_part(part)
    } else {
        ui.painter().rect_stroke(rect, 4, Stroke::new(1.0, theme::of(ui).outline), StrokeKind::Inside);
        theme::of(ui).text_dim
    };
    text(ui, rect, Align2::CENTER_CENTER, part_letter(part), theme::semibold(11.0), color);
    rect
}

/// The badge that switches the part on, and its name, which takes the focus there.
fn name(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let id = ParamId::Part(part, PartParam::On);
    let is_on = frame.state.is_on(id);
    let title = part_title(part);
    let badge = paint_badge(ui, part, rect.left_center(), is_on);
    let switch = ui.interact(badge.expand(2.0), ui.scope_id().with(("on", title)), Sense::click());
    switch.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, format!("{title} on")));
    if switch.clicked() {
        frame.set(id, if is_on { 0.0 } else { 1.0 });
    }
    focus_ring(ui, &switch, badge.expand(2.0), theme::RADIUS);
    let tip = if is_on { "is composed. Click to leave it out." } else { "is left out. Click to compose it." };
    switch.on_hover_text(format!("{title} {tip}")).on_hover_cursor(CursorIcon::PointingHand);

    let room = rect.with_min_x(badge.right() + 6.0);
    let is_in_focus = frame.memory.focus == Some(part);
    let response = ui.interact(room, ui.scope_id().with(("focus", title)), Sense::click());
    let label = format!("Focus on {}", title.to_lowercase());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_in_focus, &label));
    if response.clicked() {
        frame.memory.take_up(part);
    }
    let fits_in = |size| text_width(ui, title, theme::semibold(size)) <= room.width();
    let font = theme::semibold(if fits_in(13.0) { 13.0 } else { 11.5 });
    let fits = text_width(ui, title, font.clone()) <= room.width();
    let shown = if !fits && part == Part::Arpeggio { "Arp" } else { title };
    let color = match (is_in_focus || response.hovered(), is_on) {
        (true, _) => theme::of(ui).accent,
        (false, true) => theme::of(ui).text,
        (false, false) => theme::of(ui).text_dim,
    };
    text(ui, room, Align2::LEFT_CENTER, shown, font, color);
    focus_ring(ui, &response, room, theme::RADIUS);
    let channel = frame.state.text(ParamId::Part(part, PartParam::Channel));
    let number = PARTS.iter().position(|other| *other == part).map_or(0, |idx| idx + 1);
    let what = if is_in_focus {
        "is in focus: edits and verbs for bars mean it alone. Click for all parts."
    } else {
        "comes into focus at a click: edits and verbs for bars then mean it alone."
    };
    let tip = format!("{title} {what} {number}\nIt plays on channel {channel}; Mix sets it.");
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
}

fn mute_and_solo(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let title = part_title(part);
    let (mute, solo) = rect.split_left_right_at_fraction(0.5);
    let (mute, solo) = (mute.with_max_x(mute.right() - 2.0), solo.with_min_x(solo.left() + 2.0));
    for (rect, id, letter, verb, color, tip) in [
        (mute, PartParam::Mute, "M", "Mute", theme::of(ui).problem, "Silence this part."),
        (solo, PartParam::Solo, "S", "Solo", theme::of(ui).accent, "Silence the parts that are not solo."),
    ] {
        let id = ParamId::Part(part, id);
        let is_on = frame.state.is_on(id);
        let look = if is_on { Look::Lit(color) } else { Look::Chip };
        let response = button(ui, rect, letter, &format!("{verb} {}", title.to_lowercase()), look);
        if response.clicked() {
            frame.set(id, if is_on { 0.0 } else { 1.0 });
        }
        response.on_hover_text(tip);
    }
}
