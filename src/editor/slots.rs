//! The slots of takes, each a button that plays the take in it.

use egui::{Align2, Color32, CursorIcon, Rect, Response, Role, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::chips::Chips;
use super::conversions::{from_count, place_of_step, step_at};
use super::drag::Frame;
use super::state::{Action, TakeCard, ViewState};
use super::theme;
use super::widgets::{focus_ring, text};
use crate::look::with_signs;
use crate::music::Pitch;
use crate::params::{Control, Learnable, ParamId};
use crate::session::Takes;

const GAP: f32 = 3.0;

/// All slots, in `n_rows` rows that fill `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect, n_rows: usize) {
    let n_columns = Takes::N_SLOTS.div_ceil(n_rows);
    let side = |length: f32, n: usize| (length - GAP * (from_count(n) - 1.0)) / from_count(n);
    let size = vec2(side(rect.width(), n_columns), side(rect.height(), n_rows));
    let current = frame.state.takes.iter().find(|take| take.is_current).and_then(|take| take.slot);
    let current = current.and_then(|number| number.checked_sub(1));
    let chips = Chips::new(ui, "slot", (Takes::N_SLOTS, n_columns), current);
    for slot_idx in 0..Takes::N_SLOTS {
        let (column, row) = (from_count(slot_idx % n_columns), from_count(slot_idx / n_columns));
        let corner = rect.min + vec2(column * (size.x + GAP), row * (size.y + GAP));
        let place = Rect::from_min_size(corner, size);
        slot(ui, frame, slot_idx, place, chips.interact(ui, slot_idx, place));
    }
}

/// The button of a slot, which has this `response`; a click selects the take in it.
fn slot(ui: &Ui, frame: &mut Frame<'_>, slot_idx: usize, rect: Rect, response: Response) {
    let state = frame.state;
    let number = slot_idx + 1;
    let held = state.takes.iter().enumerate().find(|(_, take)| take.slot == Some(number));
    let take = held.map(|(_, take)| take);
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
        None => (Color32::TRANSPARENT, theme::of(ui).line, theme::of(ui).disabled),
        Some(_) if is_next => (theme::of(ui).chosen, theme::of(ui).accent, theme::of(ui).text),
        Some(_) if is_current => (theme::of(ui).accent, theme::of(ui).accent, theme::of(ui).on_accent),
        Some(_) if is_hot => (theme::of(ui).chosen, theme::of(ui).outline, theme::of(ui).text),
        Some(_) => (theme::of(ui).hover, theme::of(ui).outline, theme::of(ui).text),
    };
    let painter = ui.painter();
    painter.rect_filled(rect, theme::RADIUS, fill);
    painter.rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
    focus_ring(ui, &response, rect, theme::RADIUS);
    let font = if is_current { theme::semibold(12.5) } else { theme::regular(12.5) };
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
    with_signs(&format!("{what}\n{program}{key}.{learnt}")).into_owned()
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
