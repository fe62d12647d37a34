//! The strip of parts below the roll: which are composed, audible, and on which MIDI channel.

use egui::{Align2, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::conversions::from_count;
use super::drag::Frame;
use super::drag_handles;
use super::theme::{self, part_color};
use super::widgets::{Look, MenuLook, button, field, focus_ring, menu, slider, text, text_width};
use crate::look::{PARTS, part_title};
use crate::music::Part;
use crate::params::{ParamId, PartParam};

const GAP: f32 = 8.0;
const ROW: f32 = 22.0;
const ROW_GAP: f32 = 5.0;
const INSET: f32 = 9.0;

const LEVEL: f32 = 12.0;

/// Width of the grip, in points.
const GRIP: f32 = 12.0;
/// Width of the switches of mute and solo next to the name, in points.
const SWITCHES: f32 = 40.0;

/// The width of the strip, in points, below which a card needs one more row.
const NARROW: f32 = 700.0;

/// The height of a strip that is `width` wide, in points.
pub fn height(width: f32) -> f32 {
    let n_rows = if width < NARROW { 4.0 } else { 3.0 };
    n_rows * (ROW + ROW_GAP) + LEVEL + 2.0 * INSET
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
    edge.rect_filled(rect, theme::RADIUS_LARGE, if is_on { part_color(part) } else { theme::TRACK });
    ui.painter().rect_filled(rect.with_min_x(rect.left() + 3.0), theme::RADIUS_LARGE, theme::CARD);

    let mut rows = Rect::from_min_max(
        pos2(rect.left() + 11.0, rect.top() + INSET),
        pos2(rect.right() - 8.0, rect.bottom() - INSET + 2.0),
    );
    let mut row = || {
        let (row, rest) = rows.split_top_bottom_at_y(rows.top() + ROW);
        rows = rest.with_min_y(rest.top() + ROW_GAP);
        row
    };
    let is_narrow = rect.width() < 130.0;
    let head = row();
    if is_narrow {
        name(ui, frame, part, head);
        let (switches, grip) = grip_beside(row());
        mute_and_solo(ui, frame, part, switches);
        drag_handles::grip(ui, frame, part, grip);
    } else {
        let (head, grip) = grip_beside(head);
        let (title, switches) = head.split_left_right_at_x(head.right() - SWITCHES);
        name(ui, frame, part, title.with_max_x(title.right() - 2.0));
        mute_and_solo(ui, frame, part, switches);
        drag_handles::grip(ui, frame, part, grip);
    }
    let words = if is_narrow { [""; 4] } else { ["Ch", "Pan", "Octave", "Notes"] };
    let (left, right) = halves(row());
    channel_menu(ui, frame, part, left, words[0]);
    small(ui, frame, part, PartParam::Pan, right, ("pan", words[1], "Left to right in the preview."));
    let (left, right) = halves(row());
    // Drums have no octave field.
    let right = if part.is_drums() { left.union(right) } else { right };
    if !part.is_drums() {
        let tip = "Octaves up or down, as the part is played.";
        small(ui, frame, part, PartParam::Octave, left, ("octave", words[2], tip));
    }
    let outcome = frame.state.outcome_text(ParamId::Part(part, PartParam::Density));
    let tip = format!("More or fewer notes than the Density knob asks for.{outcome}");
    small(ui, frame, part, PartParam::Density, right, ("density", words[3], &tip));

    let level = rows.with_min_y(rows.top() - 1.0);
    let label = format!("{} level", part_title(part));
    let id = ParamId::Part(part, PartParam::Level);
    slider(ui, frame, id, level, part_color(part), (&label, "Loudness in the preview."));
}

/// The dot that switches the part on, and its name.
fn name(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let id = ParamId::Part(part, PartParam::On);
    let is_on = frame.state.is_on(id);
    let title = part_title(part);
    let response = ui.interact(rect, ui.scope_id().with(("on", title)), Sense::click());
    let label = format!("{title} on");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_on, &label));
    if response.clicked() {
        frame.set(id, if is_on { 0.0 } else { 1.0 });
    }
    let dot = pos2(rect.left() + 5.0, rect.center().y);
    if is_on {
        ui.painter().circle_filled(dot, 4.5, part_color(part));
    } else {
        ui.painter().circle_stroke(dot, 4.0, Stroke::new(1.5, theme::TEXT_DIM));
    }
    let room = rect.with_min_x(rect.left() + 15.0);
    let fits = text_width(ui, title, theme::semibold(13.5)) <= room.width();
    let shown = if !fits && part == Part::Arpeggio { "Arp" } else { title };
    let color = if is_on { theme::TEXT } else { theme::TEXT_DIM };
    text(ui, room, Align2::LEFT_CENTER, shown, theme::semibold(13.5), color);
    focus_ring(ui, &response, rect, theme::RADIUS);
    let tip = if is_on { "is composed. Click to leave it out." } else { "is left out. Click to compose it." };
    response.on_hover_text(format!("{title} {tip}")).on_hover_cursor(CursorIcon::PointingHand);
}

fn mute_and_solo(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let title = part_title(part);
    let (mute, solo) = halves(rect);
    for (rect, id, letter, verb, color, tip) in [
        (mute, PartParam::Mute, "M", "Mute", theme::PROBLEM, "Silence this part."),
        (solo, PartParam::Solo, "S", "Solo", theme::ACCENT, "Silence the parts that are not solo."),
    ] {
        let id = ParamId::Part(part, id);
        let is_on = frame.state.is_on(id);
        let look = if is_on { Look::Lit(color) } else { Look::Chip };
        let response = button(ui, rect, letter, &format!("{verb} {}", title.to_lowercase()), look);
        if !is_on {
            ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
        }
        if response.clicked() {
            frame.set(id, if is_on { 0.0 } else { 1.0 });
        }
        response.on_hover_text(tip);
    }
}

fn channel_menu(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect, caption: &str) {
    let label = format!("{} channel", part_title(part));
    let id = ParamId::Part(part, PartParam::Channel);
    menu(ui, frame, id, rect, MenuLook::Field, (&label, caption, "MIDI channel that the part is sent on."));
}

fn small(
    ui: &Ui,
    frame: &mut Frame<'_>,
    part: Part,
    id: PartParam,
    rect: Rect,
    (what, caption, tip): (&str, &str, &str),
) {
    let label = format!("{} {what}", part_title(part));
    field(ui, frame, ParamId::Part(part, id), rect, (&label, caption, tip));
}

/// The rest of `row`, and the place of the grip at its right end.
fn grip_beside(row: Rect) -> (Rect, Rect) {
    let (rest, grip) = row.split_left_right_at_x(row.right() - GRIP + 3.0);
    (rest.with_max_x(rest.right() - 2.0), grip.with_max_x(grip.right() + 3.0))
}

fn halves(rect: Rect) -> (Rect, Rect) {
    let (left, right) = rect.split_left_right_at_fraction(0.5);
    (left.with_max_x(left.right() - 2.0), right.with_min_x(right.left() + 2.0))
}
