//! The keys that work anywhere in the window.
//!
//! Space starts and stops the phrase where nobody else does; else it is the host's. It belongs to the widget that has the
//! keyboard focus, if one has, and Escape to the menu that is open.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Popup, Ui};

use super::drag::Frame;
use super::state::{Action, Transport, selected};
use crate::music::Part;
use crate::session::{Ask, Edit, NoteName, Verb};

/// Composes a phrase.
pub const GENERATE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::G);
/// Composes what is selected anew.
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
/// Does again what was undone.
pub const REDO: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::Z);
/// Starts and stops the phrase.
pub const PLAY: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Space);
/// Stops composing.
pub const CANCEL: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Escape);

/// What a button does, with the key that does it too: "Compose a phrase. Ctrl+G".
pub fn tip(ui: &Ui, what: &str, shortcut: &KeyboardShortcut) -> String {
    format!("{what} {}", ui.ctx().format_shortcut(shortcut))
}

/// Turns the keys that were pressed into actions, where their buttons would.
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
    // What is held is not done yet.
    let is_free = frame.memory.held.is_empty();
    let keys = [
        (GENERATE, Action::Compose(Ask::Verb(Verb::Generate)), state.can_compose()),
        (EXPORT, Action::Export, has_phrase),
        // In a text they move the cursor.
        (PREVIOUS_TAKE, Action::PreviousTake, !is_typing && can_go(frame, 1)),
        (NEXT_TAKE, Action::NextTake, !is_typing && can_go(frame, -1)),
        (REDO, Action::Redo, !is_typing && is_free && state.redo.is_some()),
        // It would take the other for its own.
        (UNDO, Action::Undo, !is_typing && is_free && !is_shifted && state.undo.is_some()),
        // It closes the menu.
        (CANCEL, Action::Cancel, state.is_busy() && !is_menu_open),
        // In a text it is a space, and it presses the button that has the focus.
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

/// Takes away the presses of a key that is merely held: it switches once. On X11 a held key comes as released and pressed
/// again at once, faster than a hand can, and egui takes each for a new press.
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
