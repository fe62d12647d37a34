//! Keyboard shortcuts that work anywhere in the window.
//!
//! Space starts and stops the phrase where the user does so; else it is left to the host. A widget with the keyboard focus
//! takes Space first, and an open menu takes Escape first.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Popup, Ui};

use super::drag::Frame;
use super::state::{Action, Transport, selected};
use crate::music::Part;
use crate::session::{Ask, Edit, Excerpt, NoteName, Verb};

/// Composes a phrase.
pub const GENERATE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::G);
/// Composes the selected bars anew.
pub const RECOMPOSE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::R);
/// Removes the notes of the selected bars.
pub const REMOVE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Delete);
/// The key that is called *delete* on Macs.
const REMOVE_ON_MACS: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Backspace);
/// Moves the notes of the selected bars up by a semitone.
pub const UP: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowUp);
/// Moves them down by a semitone.
pub const DOWN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowDown);
/// Moves them up by an octave.
pub const OCTAVE_UP: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::ArrowUp);
/// Moves them down by an octave.
pub const OCTAVE_DOWN: KeyboardShortcut =
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::ArrowDown);
/// Writes the phrase to a file.
pub const EXPORT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::E);
/// Goes to the take before.
pub const PREVIOUS_TAKE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowLeft);
/// Goes to the take after.
pub const NEXT_TAKE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowRight);
/// Undoes the last step.
pub const UNDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::Z);
/// Redoes the step undone last.
pub const REDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
/// Starts and stops the phrase.
pub const PLAY: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Space);
/// Stops composing.
pub const CANCEL: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Escape);

/// The tooltip of a button with its shortcut: "Compose a phrase. Ctrl+G".
pub fn tip(ui: &Ui, what: &str, shortcut: &KeyboardShortcut) -> String {
    format!("{what} {}", ui.ctx().format_shortcut(shortcut))
}

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
    let selection = selected(state, frame.memory.bars).filter(|_| state.can_compose());
    if let Some(selection) = selection.filter(|selection| selection.parts.contains(&true))
        && ui.input_mut(|input| input.consume_shortcut(&RECOMPOSE))
    {
        frame.actions.push(Action::Compose(Ask::Recompose(selection)));
    }
    if !has_focus && !is_menu_open && has_key_press(ui) {
        if is_free {
            edit_selected(ui, frame);
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
    ui.input(|input| input.events.iter().any(|event| matches!(event, Event::Key { pressed: true, .. })))
}

/// Edits the notes of the selected bars; locked ones stay, and percussion has no pitches to move.
fn edit_selected(ui: &Ui, frame: &mut Frame<'_>) {
    let pressed = |shortcut: &KeyboardShortcut| ui.input_mut(|input| input.consume_shortcut(shortcut));
    let moves = [(OCTAVE_UP, 12), (OCTAVE_DOWN, -12), (UP, 1), (DOWN, -1)];
    let state = frame.state;
    let Some(phrase) = state.phrase.as_ref().filter(|_| !state.is_streaming) else { return };
    let Some(selection) = selected(state, frame.memory.bars) else { return };
    let cells = selection.cells();
    let notes = |is_meant: &dyn Fn(Part) -> bool| -> Vec<NoteName> {
        let cells = cells.iter().filter(|cell| is_meant(cell.part));
        let notes = cells.flat_map(|cell| phrase.cell(*cell).iter().map(|note| (cell.part, note)));
        notes.filter(|(_, note)| !note.locked).map(|(part, note)| NoteName::of(part, note)).collect()
    };
    let (all, pitched) = (notes(&|_| true), notes(&|part| !part.is_drums()));
    if !all.is_empty() && (pressed(&REMOVE) || pressed(&REMOVE_ON_MACS)) {
        frame.actions.push(Action::EditNotes(Edit::Remove(all)));
    } else if let Some((_, semitones)) =
        moves.iter().find(|(shortcut, _)| !pitched.is_empty() && pressed(shortcut))
    {
        let edit = Edit::Move { notes: pitched, ticks: 0, semitones: *semitones };
        frame.actions.push(Action::EditNotes(edit));
    }
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

/// Whether there is a take `n_older` cards further down.
pub fn can_go(frame: &Frame<'_>, n_older: isize) -> bool {
    let takes = &frame.state.takes;
    let current = takes.iter().position(|take| take.is_current);
    current.and_then(|idx| idx.checked_add_signed(n_older)).is_some_and(|idx| idx < takes.len())
}
