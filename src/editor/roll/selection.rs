//! Selects bars of the phrase, with a toolbar of commands for them.
//!
//! A drag along the bar numbers selects bars, in the parts that are on. A click on a note locks it, so that composing the
//! bar anew keeps it.

use egui::{Align2, CursorIcon, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::alternating;
use super::geometry::{Areas, Geometry};
use crate::editor::drag::Frame;
use crate::editor::keys;
use crate::editor::state::{Action, BarRange, selected};
use crate::editor::theme;
use crate::editor::widgets::{Look, button_if, compact, focus_ring, text, text_width};
use crate::params::ParamId;
use crate::session::{Alteration, Ask, Edit, NoteName, Selection};

/// The tooltip of the bar numbers.
const TIP: &str = "Drag to select bars, click a selected one to select none; or the arrows left and right, with Shift for more.\n\
    Delete removes the notes of selected bars, Ctrl (Cmd on a Mac) with the arrows up and down moves them by a semitone, with Shift by an \
    octave, in the part in focus or else in those that are on; locked notes stay.";

/// The bar numbers, along which bars are selected, and a toolbar over the selection.
///
/// `flag` — the tooltip of a flag among the numbers, if the pointer is on it; it replaces that of the numbers.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, roll: &Geometry<'_>, areas: &Areas, flag: Option<&str>) {
    let (numbers, notes) = (areas.numbers, areas.notes);
    let response = ui.interact(numbers, ui.scope_id().with("bars"), Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Slider, true, "Selected bars"));
    focus_ring(ui, &response, numbers.shrink2(vec2(2.0, 3.0)), theme::RADIUS);
    if let Some(pos) = response.interact_pointer_pos() {
        let bar = roll.bar_at(pos.x);
        if response.drag_started() {
            // The pointer has moved since it was pressed.
            let origin = ui.input(|input| input.pointer.press_origin());
            let anchor = origin.map_or(bar, |origin| roll.bar_at(origin.x));
            frame.memory.bars = Some(BarRange { anchor, head: bar });
        } else if response.dragged() {
            frame.memory.bars = frame.memory.bars.map(|range| BarRange { head: bar, ..range });
        } else if response.clicked() {
            let only = Some(BarRange { anchor: bar, head: bar });
            frame.memory.bars = if frame.memory.bars == only { None } else { only };
        }
    }
    response.on_hover_text(flag.unwrap_or(TIP)).on_hover_cursor(CursorIcon::PointingHand);
    let Some((first, n_bars)) = frame.memory.bars.and_then(|range| range.within(roll.phrase)) else { return };
    let edge = |bar: u32| roll.x(roll.phrase.frame().bar_start(bar));
    let place =
        Rect::from_min_max(pos2(edge(first), numbers.top()), pos2(edge(first + n_bars), notes.bottom()));
    let painter = ui.painter_at(numbers.union(notes));
    painter.rect_filled(place, 2, theme::of(ui).accent.gamma_multiply(0.07));
    let outline = Stroke::new(1.0, theme::of(ui).accent);
    painter.rect_stroke(place, 2, outline, StrokeKind::Inside);
    toolbar(ui, frame, place, notes);
}

/// The toolbar of the selection at `place`, above the notes.
fn toolbar(ui: &Ui, frame: &mut Frame<'_>, place: Rect, notes: Rect) {
    let Some(selection) = selected(frame.state, frame.memory) else { return };
    let can_compose = frame.state.can_compose();
    let has_parts = selection.parts.contains(&true);
    let recompose = keys::tip(
        ui,
        "Compose these bars anew in the parts that are on, but for locked notes.",
        &keys::RECOMPOSE,
    );
    let is_locked = has_only_locked(frame, &selection);
    let lock = if is_locked {
        ("Unlock", "Let the notes of these bars be composed anew.")
    } else {
        ("Lock", "Keep the notes of these bars, whatever is composed.")
    };
    let vary = format!("Vary {}", compact(frame.state.text(ParamId::VaryAmount)));
    let vary_tip =
        "Compose a part of the notes of these bars anew: as much as Vary says, keeping what it keeps.";
    let buttons = [
        ("Recompose", "Recompose", Deed::Recompose, can_compose && has_parts, recompose.as_str()),
        (vary.as_str(), "Vary bars", Deed::Vary, can_compose && has_parts, vary_tip),
        (
            "Respond",
            "Respond to bars",
            Deed::Respond,
            can_compose,
            "Compose an answer to these bars, as long as they are: a take of its own.",
        ),
        (lock.0, "Lock bars", Deed::Lock, has_parts, lock.1),
    ];
    let width_of = |title: &str| text_width(ui, title, theme::regular(12.5)) + 22.0;
    let total: f32 = buttons.iter().map(|(title, ..)| width_of(title) + 4.0).sum::<f32>() + 26.0;
    let latest = (notes.right() - total).max(notes.left());
    let mut left = place.left().clamp(notes.left(), latest) + 4.0;
    let mut next = |width: f32| {
        left += width + 4.0;
        Rect::from_min_size(pos2(left - width - 4.0, notes.top() + 4.0), vec2(width, 26.0))
    };
    for (title, label, deed, is_enabled, tip) in buttons {
        let response = button_if(ui, next(width_of(title)), title, label, Look::Plain, is_enabled);
        if response.clicked() {
            match deed {
                Deed::Recompose => alternating::ask(frame, Ask::Recompose(selection)),
                Deed::Vary => alternating::ask(frame, Ask::Vary(selection)),
                Deed::Respond => frame.actions.push(Action::Compose(Ask::RespondTo(selection))),
                Deed::Lock => lock_bars(frame, &selection, !is_locked),
            }
        }
        response.on_hover_text(tip);
    }
    let close = next(24.0);
    let response = button_if(ui, close, "", "Select nothing", Look::Plain, true);
    text(ui, close, Align2::CENTER_CENTER, "×", theme::regular(14.0), theme::of(ui).text_soft);
    if response.clicked() {
        frame.memory.bars = None;
    }
    response.on_hover_text("Select nothing.");
}

/// What a button of the toolbar does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    Recompose,
    Vary,
    Respond,
    Lock,
}

fn has_only_locked(frame: &Frame<'_>, selection: &Selection) -> bool {
    let Some(phrase) = &frame.state.phrase else { return false };
    let mut notes = selection.notes(phrase).peekable();
    notes.peek().is_some() && notes.all(|(_, note)| note.locked)
}

fn lock_bars(frame: &mut Frame<'_>, selection: &Selection, is_locked: bool) {
    let Some(phrase) = frame.state.phrase.as_ref().filter(|_| !frame.state.is_streaming) else { return };
    let names: Vec<NoteName> = selection.notes(phrase).map(|(part, note)| NoteName::of(part, note)).collect();
    if !names.is_empty() {
        frame.actions.push(Action::EditNotes(Edit::Alter(names, Alteration::Lock(is_locked))));
    }
}
