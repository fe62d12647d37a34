//! The column of takes: one card each, newest first.

use egui::{
    Align2, CursorIcon, Popup, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::conversions::{from_count, narrow};
use super::drag::Frame;
use super::history;
use super::keys::{self, can_go};
use super::state::{Action, TakeCard};
use super::theme;
use super::widgets::{Look, button_if, caption, focus_ring, scale, text};
use crate::look::with_signs;
use crate::music::{Part, Phrase, counted};
use crate::session::{Mark, Takes};

const HEADER: f32 = 24.0;
const CARD: f32 = 76.0;
const GAP: f32 = 11.0;
const ARROW: f32 = 24.0;

/// Height of the row below the cards, in points.
const FOOT: f32 = 42.0;

/// The most characters of a model's name that are shown.
const MAX_NAME: usize = 64;

/// The column, filling `rect`.
pub fn show(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect) {
    let side = if rect.width() < 190.0 { 10.0 } else { 17.0 };
    let column = rect.shrink2(vec2(side, 0.0));
    let (header, list) =
        column.with_min_y(column.top() + 13.0).split_top_bottom_at_y(rect.top() + 13.0 + HEADER);
    let header = header.translate(vec2(0.0, -2.0));
    caption(ui, header, "TAKES");
    let header = header.with_max_x(header.right() - 2.0 * ARROW - 4.0);
    arrows(ui, frame, header);
    undo(ui, frame, header);
    let foot = list.with_min_y(list.bottom() - FOOT);
    let list = list.with_max_y(foot.top());
    self::foot(ui, frame, foot.shrink2(vec2(0.0, 6.0)));
    let takes = &frame.state.takes;
    if takes.is_empty() {
        let hint = list.with_max_y(list.top() + 40.0);
        text(
            ui,
            hint,
            Align2::LEFT_CENTER,
            "Finished phrases wait here",
            theme::regular(12.0),
            theme::of(ui).text_dim,
        );
        return;
    }
    if header.width() > 110.0 {
        let count = takes.len().to_string();
        text(ui, header, Align2::RIGHT_CENTER, &count, theme::regular(12.0), theme::of(ui).text_dim);
    }
    ui.scope_builder(egui::UiBuilder::new().max_rect(list.with_max_x(rect.right() - 2.0)), |ui| {
        ScrollArea::vertical().id_salt("takes").auto_shrink(false).show_rows(
            ui,
            CARD + GAP - 4.0,
            takes.len(),
            |ui, rows| {
                for idx in rows {
                    let Some(take) = takes.get(idx) else { continue };
                    let (place, _) =
                        ui.allocate_exact_size(vec2(list.width(), CARD + GAP - 4.0), Sense::hover());
                    let place = place.with_max_y(place.top() + CARD);
                    let response = card(ui, take, place);
                    if response.clicked() && !take.is_current {
                        frame.actions.push(Action::SelectTake(idx));
                    }
                    frame.actions.extend(heart(ui, take, idx, place));
                    frame.actions.extend(take_menu(&response, takes, idx));
                }
            },
        );
    });
}

/// Below the cards: to and fro between two takes, and the list of steps.
fn foot(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let (left, right) = rect.split_left_right_at_fraction(0.5);
    let other = frame.memory.compared.other(&frame.state.takes);
    let place = left.with_max_x(left.right() - 3.0);
    let response = button_if(ui, place, "A/B", "Compare takes", Look::Plain, other.is_some());
    let key = keys::tip(ui, "", &keys::COMPARE);
    if response.clicked() {
        frame.actions.extend(other.map(Action::SelectTake));
    }
    let number = other.and_then(|idx| frame.state.takes.get(idx)).map(|take| take.number);
    response.on_hover_text(match number {
        Some(number) => format!("Play take {number}, which played before, and back again.{key}"),
        None => format!("To and fro between two takes, once a second one has played.{key}"),
    });
    history::show(ui, frame, right.with_min_x(right.left() + 3.0));
}

/// The arrows to the previous and next take, at the right of `header`.
fn arrows(ui: &Ui, frame: &mut Frame<'_>, header: Rect) {
    let mut place = Rect::from_min_size(header.right_top() + vec2(6.0, -1.0), vec2(ARROW, ARROW - 2.0));
    for (arrow, label, action, n_older, what, shortcut) in [
        ("‹", "Previous take", Action::PreviousTake, 1, "The take before.", &keys::PREVIOUS_TAKE),
        ("›", "Next take", Action::NextTake, -1, "The take after.", &keys::NEXT_TAKE),
    ] {
        let response = button_if(ui, place, arrow, label, Look::Bare, can_go(frame, n_older));
        if response.clicked() {
            frame.actions.push(action);
        }
        response.on_hover_text(keys::tip(ui, what, shortcut));
        place = place.translate(vec2(ARROW, 0.0));
    }
}

/// The undo and redo arrows, after the caption at the left of `header`.
fn undo(ui: &Ui, frame: &mut Frame<'_>, header: Rect) {
    let state = frame.state;
    let mut place =
        Rect::from_min_size(header.left_top() + vec2(47.0 * scale(ui), -1.0), vec2(22.0, ARROW - 2.0));
    for (arrow, label, action, step, shortcut) in [
        ("↩", "Undo", Action::Undo, &state.undo, &keys::UNDO),
        ("↪", "Redo", Action::Redo, &state.redo, &keys::REDO),
    ] {
        let response = button_if(ui, place, arrow, label, Look::Bare, step.is_some());
        if response.clicked() {
            frame.actions.push(action);
        }
        let what = step.as_deref().map_or_else(
            || {
                format!(
                    "{label}: nothing. Knobs, words, presets, takes, slots, notes and locks can be undone."
                )
            },
            |step| format!("{label}: {step}."),
        );
        response.on_hover_text(keys::tip(ui, &what, shortcut));
        place = place.translate(vec2(22.0, 0.0));
    }
}

/// The heart on a card: a favourite stays whatever is composed after it.
fn heart(ui: &Ui, take: &TakeCard, idx: usize, card: Rect) -> Option<Action> {
    let place = Rect::from_min_size(card.right_top() + vec2(-24.0, 4.0), vec2(20.0, 20.0));
    // The Tab key goes from card to card; a key favours the take that plays.
    let response = ui.interact(place, ui.scope_id().with(("heart", take.number)), Sense::CLICK);
    let label = format!("Favour take {}", take.number);
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, take.is_favourite, &label));
    let (sign, color) = match (take.is_favourite, response.hovered()) {
        (true, _) => ("♥", theme::of(ui).problem),
        (false, true) => ("♡", theme::of(ui).text),
        (false, false) => ("♡", theme::of(ui).text_dim),
    };
    text(ui, place, Align2::CENTER_CENTER, sign, theme::regular(13.0), color);
    focus_ring(ui, &response, place, theme::RADIUS);
    let (mark, tip) = if take.is_favourite {
        (Mark::None, "A favourite. Click to leave it among the others; F does it for the take that plays.")
    } else {
        (
            Mark::Favourite,
            "Make it a favourite: it stays whatever is composed after it. F does it for the take that plays.",
        )
    };
    let is_clicked = response.clicked();
    response.on_hover_text(tip).on_hover_cursor(CursorIcon::PointingHand);
    is_clicked.then_some(Action::MarkTake(idx, mark))
}

/// The menu of the card at `idx`, open after a right click: slots to put its take into, and out of sight.
fn take_menu(response: &Response, takes: &[TakeCard], idx: usize) -> Option<Action> {
    let mut chosen = None;
    Popup::context_menu(response).gap(4.0).show(|ui| {
        ui.set_min_width(150.0);
        for slot in 1..=Takes::N_SLOTS {
            let holder = takes.iter().find(|take| take.slot == Some(slot));
            let title = match holder {
                Some(take) => format!("Slot {slot}: take {}", take.number),
                None => format!("Slot {slot}"),
            };
            if ui.selectable_label(takes[idx].slot == Some(slot), title).clicked() {
                chosen = Some(Action::PutInSlot(idx, slot));
            }
        }
        if takes[idx].slot.is_some() && ui.selectable_label(false, "No slot").clicked() {
            chosen = Some(Action::TakeOutOfSlot(idx));
        }
        ui.separator();
        let discard = egui::Button::new(format!("Discard take {}", takes[idx].number));
        if ui.add_enabled(takes.len() > 1, discard).clicked() {
            chosen = Some(Action::MarkTake(idx, Mark::Discarded));
        }
    });
    chosen
}

fn card(ui: &Ui, take: &TakeCard, rect: Rect) -> Response {
    let star = if take.is_edited { "*" } else { "" };
    let title = format!("Take {}{star}", take.number);
    let response = ui.interact(rect, ui.scope_id().with(("take", take.number)), Sense::click());
    let mut label = format!("Take {}", take.number);
    for (is_so, words) in [(take.is_edited, ", edited"), (take.is_next, ", plays next")] {
        label.push_str(if is_so { words } else { "" });
    }
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, take.is_current, &label));
    let painter = ui.painter();
    let fill = if response.hovered() { theme::of(ui).button } else { theme::of(ui).card };
    painter.rect_filled(rect, theme::RADIUS_LARGE, fill);
    let outline = if take.is_current { theme::of(ui).accent } else { theme::of(ui).outline };
    painter.rect_stroke(rect, theme::RADIUS_LARGE, Stroke::new(1.0, outline), StrokeKind::Inside);
    focus_ring(ui, &response, rect.expand(1.0), theme::RADIUS_LARGE);

    let inside = rect.shrink2(vec2(12.0, 9.0));
    let (roll, words) = inside.split_top_bottom_at_y(inside.bottom() - 17.0);
    mini_roll(ui, take, roll.with_max_y(roll.bottom() - 5.0));
    let color = if take.is_current { theme::of(ui).text } else { theme::of(ui).text_soft };
    text(ui, words, Align2::LEFT_CENTER, &title, theme::regular(12.5), color);
    let frame = take.phrase.frame();
    let about = format!("{} · {}", frame.key, bars(&take.phrase));
    let short = bars(&take.phrase);
    let (about, color) = match (take.is_next, rect.width() < 190.0) {
        (true, _) => ("next", theme::of(ui).accent),
        (false, false) if !take.origin.is_empty() => (take.origin.as_str(), theme::of(ui).text_dim),
        (false, true) => (short.as_str(), theme::of(ui).text_dim),
        (false, false) => (about.as_str(), theme::of(ui).text_dim),
    };
    let room = words.with_min_x(words.left() + 50.0 * scale(ui));
    text(ui, room, Align2::RIGHT_CENTER, about, theme::regular(11.5), color);

    if let Some(slot) = take.slot {
        let badge = Rect::from_min_size(rect.right_top() + vec2(-46.0, 6.0), vec2(20.0, 15.0));
        painter.rect_filled(badge, 4, theme::of(ui).line);
        text(
            ui,
            badge,
            Align2::CENTER_CENTER,
            &slot.to_string(),
            theme::regular(11.0),
            theme::of(ui).text_soft,
        );
    }

    let notes = counted(take.phrase.all_notes().count(), "note");
    let tip = format!(
        "Take {}: {} in {}, {} at {:.0} BPM, {notes}{}\n{}{}{}{} Right-click for slots and to discard it.",
        take.number,
        bars(&take.phrase),
        frame.key,
        frame.meter,
        frame.tempo,
        if take.is_edited { ", edited by hand" } else { "" },
        if take.origin.is_empty() {
            String::new()
        } else {
            format!("It {}.\n", origin_in_words(&take.origin))
        },
        composer(take.model.as_deref()),
        remarks(&take.remarks),
        match (take.is_next, take.is_current) {
            (true, _) => "This one plays next, where Launch says.",
            (_, true) => "This one plays.",
            _ => "Click to play it.",
        }
    );
    response.on_hover_text(with_signs(&tip)).on_hover_cursor(CursorIcon::PointingHand)
}

/// Where a take comes from, after "It".
fn origin_in_words(origin: &str) -> String {
    if origin.starts_with("bar") { format!("has {origin}") } else { origin.to_owned() }
}

/// The model that composed a take, as a line of a tooltip; empty for the built-in one.
fn composer(model: Option<&str>) -> String {
    // The name comes from a project's file and may be of any length.
    let name: String = model.into_iter().flat_map(str::chars).take(MAX_NAME).collect();
    if name.is_empty() { name } else { format!("Composed by the model {name}.\n") }
}

/// The critique's remarks on a take, as a line of a tooltip; empty if there are none.
fn remarks(remarks: &[String]) -> String {
    if remarks.is_empty() { String::new() } else { format!("But: {}.\n", remarks.join("; ")) }
}

fn bars(phrase: &Phrase) -> String {
    counted(phrase.frame().n_bars, "bar")
}

/// A small roll of the melody, or of all notes if there is no melody.
fn mini_roll(ui: &Ui, take: &TakeCard, rect: Rect) {
    let phrase = &take.phrase;
    let shown = if phrase.notes(Part::Melody).is_empty() { Part::ALL.as_slice() } else { &[Part::Melody] };
    let notes = || shown.iter().flat_map(|part| phrase.notes(*part).iter().map(move |note| (*part, note)));
    let pitches = notes().map(|(_, note)| note.pitch.number());
    let (low, high) =
        pitches.fold((127, 0), |(low, high): (u8, u8), pitch| (low.min(pitch), high.max(pitch)));
    let n_rows = from_count(usize::from(high.saturating_sub(low)).max(14));
    let total = narrow(phrase.frame().duration().to_beats()).max(f32::EPSILON);
    for (part, note) in notes() {
        let color = if take.is_current { theme::of(ui).part(part) } else { theme::of(ui).text_dim };
        let height_of_pitch = f32::from(note.pitch.number().saturating_sub(low)) / n_rows;
        let y = rect.bottom() - 3.0 - height_of_pitch * (rect.height() - 3.0);
        let left = rect.left() + narrow(note.onset.to_beats()) / total * rect.width();
        let width = (narrow(note.duration.to_beats()) / total * rect.width() - 1.0).max(2.0);
        ui.painter().rect_filled(Rect::from_min_size(pos2(left, y), vec2(width, 3.0)), 1, color);
    }
}
