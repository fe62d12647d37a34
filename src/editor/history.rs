//! The list of steps: a click undoes or redoes up to one of them.

use egui::{Popup, PopupCloseBehavior, Rect, RichText, ScrollArea, Ui};

use super::drag::Frame;
use super::state::Action;
use super::theme;
use super::widgets::{Look, button};
use crate::look::with_signs;

/// The button in `rect` that opens the list.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let response = button(ui, rect, "History", "History", Look::Plain);
    let steps = &frame.state.history;
    let mut asked = None;
    let list =
        Popup::menu(&response).gap(4.0).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| {
            ui.set_min_width(230.0);
            ScrollArea::vertical().max_height(380.0).min_scrolled_height(300.0).show(ui, |ui| {
                for (idx, step) in steps.undone.iter().enumerate().rev() {
                    let name = RichText::new(with_signs(step)).color(theme::of(ui).text_dim).italics();
                    if ui
                        .selectable_label(false, name)
                        .on_hover_text("Undone. Click to redo up to here.")
                        .clicked()
                    {
                        asked = Some(Action::RedoSteps(idx + 1));
                    }
                }
                let _ = ui.selectable_label(true, "Now");
                for (idx, step) in steps.done.iter().enumerate() {
                    let name = with_signs(step);
                    if ui
                        .selectable_label(false, name.as_ref())
                        .on_hover_text("Click to undo this and all after it.")
                        .clicked()
                    {
                        asked = Some(Action::UndoSteps(idx + 1));
                    }
                }
                if steps.done.is_empty() && steps.undone.is_empty() {
                    ui.label("Nothing to undo yet");
                }
            });
        });
    frame.memory.is_history_open = list.is_some();
    frame.actions.extend(asked);
    response.on_hover_text("What was done, step by step: knobs, words, presets, takes, notes and chords.");
}
