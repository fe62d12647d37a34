//! Choosing among alternatives in place: up and down play the next, Enter keeps it, Escape goes back.

use egui::{Align2, Color32, Key, Modifiers, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::alternatives::Alternatives;
use super::geometry::{Areas, Geometry};
use crate::editor::drag::Frame;
use crate::editor::keys;
use crate::editor::state::{Action, TakeCard, selected};
use crate::editor::theme;
use crate::editor::widgets::{Look, button_if, text, text_width};
use crate::look::LAYERS;
use crate::music::Part;
use crate::session::Ask;

/// Height of the bar, in points.
const HEIGHT: f32 = 30.0;

/// Asks for something to be composed in place of what is selected, so that its takes are alternatives.
pub fn ask(frame: &mut Frame<'_>, ask: Ask) {
    let takes = &frame.state.takes;
    let current = takes.iter().find(|take| take.is_current);
    let newest = takes.iter().map(|take| take.number).max();
    frame.memory.alternatives =
        current.zip(newest).map(|(before, newest)| Alternatives::asked(before.number, newest));
    frame.actions.push(Action::Compose(ask));
}

/// The alternatives, oldest first, each with its place among the takes; forgets them if another take was chosen.
fn offered<'a>(frame: &mut Frame<'a>) -> Option<(Alternatives, Vec<(usize, &'a TakeCard)>)> {
    let alternatives = frame.memory.alternatives?;
    let takes = &frame.state.takes;
    let is_meant = |take: &TakeCard| alternatives.include(take.number, take.parent);
    let chosen = takes.iter().find(|take| take.is_current);
    if chosen.is_some_and(|take| !is_meant(take) && take.number != alternatives.before) {
        frame.memory.alternatives = None;
        return None;
    }
    let offered: Vec<_> = takes.iter().enumerate().rev().filter(|(_, take)| is_meant(take)).collect();
    (!offered.is_empty()).then_some((alternatives, offered))
}

/// Acts on the arrows up and down, Enter and Escape while there are alternatives.
pub fn read(ui: &Ui, frame: &mut Frame<'_>) {
    let Some((alternatives, offered)) = offered(frame) else { return };
    for (key, step) in [(Key::ArrowDown, 1), (Key::ArrowUp, offered.len().saturating_sub(1))] {
        if keys::pressed(ui, Modifiers::NONE, key) {
            go(frame, &offered, step);
        }
    }
    if keys::pressed(ui, Modifiers::NONE, Key::Enter) {
        frame.memory.alternatives = None;
    } else if keys::pressed(ui, Modifiers::NONE, Key::Escape) {
        go_back(frame, alternatives);
    }
}

/// Plays the alternative `step` further on, round the end.
fn go(frame: &mut Frame<'_>, offered: &[(usize, &TakeCard)], step: usize) {
    let current = offered.iter().position(|(_, take)| take.is_current);
    let next = current.map_or(0, |current| (current + step) % offered.len());
    if let Some((idx, _)) = offered.get(next) {
        frame.actions.push(Action::SelectTake(*idx));
    }
}

fn go_back(frame: &mut Frame<'_>, alternatives: Alternatives) {
    let before = frame.state.takes.iter().position(|take| take.number == alternatives.before);
    frame.actions.extend(before.map(Action::SelectTake));
    frame.memory.alternatives = None;
}

/// Outlines the notes of the take before in the selection, under those of the alternative.
pub fn paint_before(ui: &Ui, frame: &Frame<'_>, roll: &Geometry<'_>) {
    let Some(alternatives) = frame.memory.alternatives else { return };
    let Some(selection) = selected(frame.state, frame.memory) else { return };
    let before = frame.state.takes.iter().find(|take| take.number == alternatives.before && !take.is_current);
    let Some(before) = before else { return };
    let painter = ui.painter_at(roll.tones);
    let bars = selection.first_bar..selection.first_bar + selection.n_bars;
    for part in LAYERS.into_iter().filter(|part: &Part| selection.parts[part.index()]) {
        for note in before.phrase.notes(part) {
            let is_inside = bars.contains(&before.phrase.frame().bar_of(note.onset));
            let Some(rect) = roll.note_rect(part, note).filter(|_| is_inside) else { continue };
            let corners =
                [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
            let stroke = Stroke::new(1.0, theme::of(ui).part(part).gamma_multiply(0.6));
            painter.extend(Shape::dashed_line(&corners, stroke, 3.0, 2.0));
        }
    }
}

/// The bar at the bottom of the notes while there are alternatives: which of how many, and what the keys do.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, areas: &Areas) {
    let Some((alternatives, offered)) = offered(frame) else { return };
    let current = offered.iter().position(|(_, take)| take.is_current);
    let which = current.map_or_else(|| "before".to_owned(), |idx| (idx + 1).to_string());
    let told = format!(
        "{which} of {}",
        if offered.len() == 1 {
            "1 alternative".to_owned()
        } else {
            format!("{} alternatives", offered.len())
        }
    );
    let buttons = [
        ("↑", "Alternative before", "Play the alternative before. Arrow up"),
        ("↓", "Next alternative", "Play the next alternative. Arrow down"),
        ("Keep", "Keep alternative", "Keep what plays. Enter"),
        (
            "Back",
            "Back to the take before",
            "Play the take before again; the alternatives stay among the takes. Escape",
        ),
    ];
    let width_of = |title: &str| text_width(ui, title, theme::regular(12.5)) + 18.0;
    let width = text_width(ui, &told, theme::semibold(12.5))
        + 24.0
        + buttons.iter().map(|(title, ..)| width_of(title) + 4.0).sum::<f32>();
    let notes = areas.notes;
    let place = Rect::from_center_size(
        pos2(notes.center().x, notes.bottom() - HEIGHT),
        vec2(width.min(notes.width()), HEIGHT),
    );
    ui.painter().rect_filled(place, theme::RADIUS_LARGE, theme::of(ui).bar);
    ui.painter().rect_stroke(
        place,
        theme::RADIUS_LARGE,
        Stroke::new(1.0, theme::of(ui).accent),
        egui::StrokeKind::Inside,
    );
    let mut left = place.left() + 10.0;
    let told_width = text_width(ui, &told, theme::semibold(12.5));
    let words = Rect::from_min_size(pos2(left, place.top()), vec2(told_width, HEIGHT));
    text(ui, words, Align2::LEFT_CENTER, &told, theme::semibold(12.5), color_of(ui, current));
    left += told_width + 8.0;
    for (idx, (title, label, tip)) in buttons.into_iter().enumerate() {
        let button = Rect::from_min_size(pos2(left, place.top() + 4.0), vec2(width_of(title), HEIGHT - 8.0));
        left += width_of(title) + 4.0;
        let response = button_if(ui, button, title, label, Look::Plain, true);
        if response.clicked() {
            match idx {
                0 => go(frame, &offered, offered.len().saturating_sub(1)),
                1 => go(frame, &offered, 1),
                2 => frame.memory.alternatives = None,
                _ => go_back(frame, alternatives),
            }
        }
        response.on_hover_text(tip);
    }
}

fn color_of(ui: &Ui, current: Option<usize>) -> Color32 {
    if current.is_some() { theme::of(ui).accent } else { theme::of(ui).text_soft }
}
