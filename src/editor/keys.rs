//! Keyboard shortcuts that work anywhere in the window.

use egui::{Event, Key, KeyboardShortcut, Modifiers, Ui};

use super::drag::Frame;

/// Composes a phrase.
pub const GENERATE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::G);
/// Composes the selected bars anew.
pub const RECOMPOSE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::R);
/// Writes the phrase to a file.
pub const EXPORT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::E);
/// Goes to the take before.
pub const PREVIOUS_TAKE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowLeft);
/// Goes to the take after.
pub const NEXT_TAKE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::COMMAND, Key::ArrowRight);
/// Plays the take that played before.
pub const COMPARE: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::A);
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

/// Whether `key` was pressed with exactly these modifiers; it is then taken from the input.
pub fn pressed(ui: &Ui, modifiers: Modifiers, key: Key) -> bool {
    let is_meant = |event: &Event| {
        matches!(event, Event::Key { key: other, pressed: true, modifiers: held, .. }
            if *other == key && held.matches_exact(modifiers))
    };
    ui.input_mut(|input| {
        let n_before = input.events.len();
        input.events.retain(|event| !is_meant(event));
        input.events.len() < n_before
    })
}

/// Whether there is a take `n_older` cards further down.
pub fn can_go(frame: &Frame<'_>, n_older: isize) -> bool {
    let takes = &frame.state.takes;
    let current = takes.iter().position(|take| take.is_current);
    current.and_then(|idx| idx.checked_add_signed(n_older)).is_some_and(|idx| idx < takes.len())
}
