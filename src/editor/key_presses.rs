//! Turns keys that were pressed anywhere in the window into actions.
//!
//! Space starts and stops the phrase where the user does so; else it is left to the host. A widget with the keyboard focus
//! takes Space first, and an open menu takes Escape first.

use egui::{Event, Key, Popup, Ui};

use super::drag::Frame;
use super::keys::{CANCEL, EXPORT, GENERATE, NEXT_TAKE, PLAY, PREVIOUS_TAKE, RECOMPOSE, REDO, UNDO, can_go};
use super::roll::{alternating, note_keys};
use super::state::{Action, Transport, selected};
use crate::session::{Ask, Excerpt, Verb};

/// Turns pressed keys into actions, under the conditions of the buttons for the same actions.
pub fn read(ui: &Ui, frame: &mut Frame<'_>) {
    let state = frame.state;
    let is_shifted = ui.input(|input| input.modifiers.shift);
    let is_typing = ui.ctx().text_edit_focused();
    let has_focus = ui.memory(|memory| memory.focused().is_some());
    let is_menu_open = Popup::is_any_open(ui.ctx());
    if !is_typing {
        ui.input_mut(|input| drop_repeats(&mut input.events, PLAY.logical_key));
    }
    let has_phrase = state.phrase.is_some();
    // A drag in progress is not a finished step.
    let is_free = frame.memory.held.is_empty();
    let keys = [
        (GENERATE, Action::Compose(Ask::Verb(Verb::Generate)), state.can_compose()),
        (EXPORT, Action::Export(Excerpt::default()), has_phrase),
        // In a text box they move the cursor.
        (PREVIOUS_TAKE, Action::PreviousTake, !is_typing && can_go(frame, 1)),
        (NEXT_TAKE, Action::NextTake, !is_typing && can_go(frame, -1)),
        (REDO, Action::Redo, !is_typing && is_free && state.redo.is_some()),
        // With shift it would also match the shortcut of redo.
        (UNDO, Action::Undo, !is_typing && is_free && !is_shifted && state.undo.is_some()),
        // With an open menu the key closes it.
        (CANCEL, Action::Cancel, state.is_busy() && !is_menu_open),
        // In a text box it types a space, and it presses a button that has the focus.
        (PLAY, Action::TogglePlay, !has_focus && state.transport == Transport::Own),
    ];
    let selection = selected(state, frame.memory).filter(|_| state.can_compose());
    if let Some(selection) = selection.filter(|selection| selection.parts.contains(&true))
        && ui.input_mut(|input| input.consume_shortcut(&RECOMPOSE))
    {
        alternating::ask(frame, Ask::Recompose(selection));
    }
    if !has_focus && !is_menu_open && has_key_press(ui) {
        if is_free {
            note_keys::read(ui, frame);
        }
        frame.memory.view.read_keys(ui);
    }
    for (shortcut, action, is_possible) in keys {
        if is_possible && ui.input_mut(|input| input.consume_shortcut(&shortcut)) {
            frame.actions.push(action);
        }
    }
}

fn has_key_press(ui: &Ui) -> bool {
    let is_press = |event: &Event| {
        matches!(event, Event::Key { pressed: true, .. } | Event::Copy | Event::Cut | Event::Paste(_))
    };
    ui.input(|input| input.events.iter().any(is_press))
}

/// Removes the repeats of a held key, so that it switches once. On X11 a held key is reported as released and pressed
/// again at once, and egui takes each for a new press.
fn drop_repeats(events: &mut Vec<Event>, held: Key) {
    let mut was_released = false;
    events.retain(|event| match event {
        Event::Key { key, pressed: false, .. } if *key == held => {
            was_released = true;
            true
        }
        Event::Key { key, pressed: true, repeat, .. } if *key == held => !repeat && !was_released,
        _ => true,
    });
}
