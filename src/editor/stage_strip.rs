//! The strip above the bottom bar with the controls for the stage: switches, menus and the slots of takes.

use egui::{Align2, Color32, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::conversions::{from_count, place_of_step, step_at};
use super::drag::Frame;
use super::state::{Action, TakeCard, ViewState};
use super::theme;
use super::widgets::{Look, MenuLook, button, focus_ring, menu, text, text_width};
use crate::music::Pitch;
use crate::params::table::{STAGE_MENUS, STAGE_SWITCHES};
use crate::params::{Control, Learnable, ParamId};
use crate::session::Takes;

/// The height of the strip, in points.
pub const HEIGHT: f32 = 36.0;

const GAP: f32 = 4.0;

/// The width of the strip, in points, below which the slots take two rows.
const NARROW: f32 = 700.0;

/// Width of the word before the slots, which is shown if there is room, in points.
const WORD: f32 = 34.0;

/// The strip, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let is_narrow = rect.width() < NARROW;
    let width = rect.width();
    let (of_switches, of_menu, between) = if is_narrow {
        (width * 0.3, width * 0.13, 7.0)
    } else {
        ((width * 0.2).min(250.0), (width * 0.094).min(120.0), 14.0)
    };
    // Each is as wide as its name needs.
    let width_of = |label: &str| text_width(ui, label, theme::semibold(12.5));
    let of_labels: f32 = STAGE_SWITCHES.iter().map(|(_, _, caption)| width_of(caption)).sum();
    let padding = (of_switches - of_labels) / from_count(STAGE_SWITCHES.len());
    let mut left = rect.left();
    let mut next = |width: f32, gap: f32| {
        let place = Rect::from_min_size(pos2(left, rect.top()), vec2(width, rect.height()));
        left += width + gap;
        place
    };
    for (idx, (id, _, caption)) in STAGE_SWITCHES.iter().copied().enumerate() {
        let gap = if idx + 1 < STAGE_SWITCHES.len() { GAP } else { between };
        switch(ui, frame, id, next(width_of(caption) + padding, gap), (caption, id.about()));
    }
    for (idx, (id, label, caption)) in STAGE_MENUS.iter().copied().enumerate() {
        let gap = if idx + 1 < STAGE_MENUS.len() { GAP } else { between };
        menu(ui, frame, id, next(of_menu, gap), MenuLook::Stacked, (label, caption, id.about()));
    }
    if !is_narrow {
        text(ui, next(WORD, 0.0), Align2::LEFT_CENTER, "Slots", theme::regular(11.5), theme::TEXT_DIM);
    }
    let rest = rect.with_min_x(left);
    slots(ui, frame, rest, if is_narrow { 2 } else { 1 });
}

fn switch(ui: &Ui, frame: &mut Frame<'_>, id: ParamId, rect: Rect, (label, tip): (&str, &str)) {
    let is_on = frame.state.is_on(id);
    let response = button(ui, rect, label, label, if is_on { Look::Chosen } else { Look::Chip });
    if !is_on {
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, theme::LINE), StrokeKind::Inside);
    }
    if response.clicked() {
        frame.set(id, if is_on { 0.0 } else { 1.0 });
    }
    response.on_hover_text(format!("{label}: {}\n{tip}", frame.state.text(id)));
}

/// All slots, in `n_rows` rows that fill `rect`.
fn slots(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, n_rows: usize) {
    let n_columns = Takes::N_SLOTS.div_ceil(n_rows);
    let gap = GAP - 1.0;
    let side = |length: f32, n: usize| (length - gap * (from_count(n) - 1.0)) / from_count(n);
    let size = vec2(side(rect.width(), n_columns), side(rect.height(), n_rows));
    for slot_idx in 0..Takes::N_SLOTS {
        let (column, row) = (from_count(slot_idx % n_columns), from_count(slot_idx / n_columns));
        let corner = rect.min + vec2(column * (size.x + gap), row * (size.y + gap));
        slot(ui, frame, slot_idx, Rect::from_min_size(corner, size));
    }
}

/// The button of a slot; a click selects the take in it.
fn slot(ui: &Ui, frame: &mut Frame<'_>, slot_idx: usize, rect: Rect) {
    let state = frame.state;
    let number = slot_idx + 1;
    let held = state.takes.iter().enumerate().find(|(_, take)| take.slot == Some(number));
    let take = held.map(|(_, take)| take);
    let sense = if take.is_some() { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, ui.scope_id().with(("slot", slot_idx)), sense);
    let is_next = take.is_some_and(|take| take.is_next);
    let is_current = take.is_some_and(|take| take.is_current);
    let label = format!("Play slot {number}{}", if is_next { ", plays next" } else { "" });
    response.widget_info(|| WidgetInfo::selected(Role::Button, take.is_some(), is_current, &label));
    if let Some((card_idx, take)) = held.filter(|_| response.clicked()) {
        let place = place_of_step(number, Takes::N_SLOTS);
        if step_at(state.normalized(ParamId::Slot), Takes::N_SLOTS) != number {
            frame.set(ParamId::Slot, place);
        } else if !take.is_current {
            // The parameter acts only on a change, and still has this slot's value from the last choice.
            frame.actions.push(Action::SelectTake(card_idx));
        }
    }

    let is_hot = take.is_some() && response.hovered();
    let (fill, outline, color) = match take {
        None => (Color32::TRANSPARENT, theme::LINE, theme::TEXT_DIM.gamma_multiply(0.6)),
        Some(_) if is_next => (theme::CHOSEN, theme::ACCENT, theme::ACCENT),
        Some(_) if is_current => (theme::ACCENT, theme::ACCENT, theme::ON_ACCENT),
        Some(_) if is_hot => (theme::CHOSEN, theme::BAR_LINE, theme::TEXT),
        Some(_) => (theme::HOVER, theme::BAR_LINE, theme::TEXT),
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, fill);
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
    focus_ring(ui, &response, rect, theme::RADIUS);
    let size = if rect.height() < 20.0 { 11.0 } else { 12.5 };
    let font = if is_current { theme::semibold(size) } else { theme::regular(size) };
    text(ui, rect, Align2::CENTER_CENTER, &number.to_string(), font, color);
    let response = response.on_hover_text(slot_tip(state, slot_idx, take));
    if take.is_some() {
        response.on_hover_cursor(CursorIcon::PointingHand);
    }
}

/// The tooltip of a slot: its take, and the key that plays it.
fn slot_tip(state: &ViewState, slot_idx: usize, take: Option<&TakeCard>) -> String {
    let number = slot_idx + 1;
    let what = match take {
        None => format!("Slot {number} is empty: right-click a take to put it there."),
        Some(take) if take.is_next => {
            format!("Slot {number}: take {} plays next, where Launch says.", take.number)
        }
        Some(take) if take.is_current => format!("Slot {number}: take {} plays.", take.number),
        Some(take) => format!("Slot {number}: click to play take {}, where Launch says.", take.number),
    };
    let key = key_of_slot(state.text(ParamId::KeySwitches), slot_idx);
    let key = key.map(|pitch| format!(", and in Keys mode the key {pitch}")).unwrap_or_default();
    let learnt = u8::try_from(slot_idx).ok().map(Learnable::Slot).and_then(|command| {
        state.bindings.iter().find(|(bound, _)| *bound == command).map(|(_, control)| *control)
    });
    let learnt = match learnt {
        None => String::new(),
        Some(Control::Key(pitch)) => format!(" MIDI learn: the key {pitch}."),
        Some(Control::Controller(controller)) => format!(" MIDI learn: CC {controller}."),
    };
    let program = match state.text(ParamId::Programs) {
        "Slots" => format!("Program change {number} plays it"),
        _ => "The parameter Slot plays it".to_owned(),
    };
    format!("{what}\n{program}{key}.{learnt}")
}

/// The key that plays slot `slot_idx`, where `lowest` is the name of the key of the first slot; `None` if that names no
/// key.
fn key_of_slot(lowest: &str, slot_idx: usize) -> Option<Pitch> {
    let lowest = (0..=127).filter_map(Pitch::new).find(|pitch| pitch.to_string() == lowest)?;
    Pitch::new(lowest.number().checked_add(u8::try_from(slot_idx).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::choice::KeySwitchChoice;
    use nice_plug::prelude::Enum;

    #[test]
    fn keys_of_slots_are_those_that_the_player_takes() {
        for (idx, name) in KeySwitchChoice::variants().iter().enumerate() {
            let lowest = KeySwitchChoice::from_index(idx).lowest();
            for slot_idx in 0..Takes::N_SLOTS {
                let key = key_of_slot(name, slot_idx).map(|pitch| usize::from(pitch.number()));
                assert_eq!(key, lowest.map(|lowest| usize::from(lowest) + slot_idx), "{name} {slot_idx}");
            }
        }
    }
}
