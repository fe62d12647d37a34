//! Chips of which one is chosen, as one stop of the Tab key: arrow keys go from chip to chip, Space and Enter press one.
//!
//! # Source
//!
//! Roving focus as in the pattern "Radio Group (toolbar)" of the ARIA Authoring Practices Guide.

use egui::{EventFilter, Id, Key, Response, Sense, Ui};

/// The arrow keys within chips in rows of `n_columns`, with the number of chips that each moves the focus by.
fn motions(n_columns: usize) -> [(Key, bool, usize); 4] {
    [
        (Key::ArrowRight, true, 1),
        (Key::ArrowLeft, false, 1),
        (Key::ArrowDown, true, n_columns),
        (Key::ArrowUp, false, n_columns),
    ]
}

/// The chips of a group, of which the Tab key reaches one: the one that has the focus, else the one that is chosen.
pub struct Chips {
    ids: Vec<Id>,
    stop: usize,
    n_columns: usize,
}

impl Chips {
    /// The group `name` of `n_chips` in rows of `n_columns`; `chosen` — the place of the chosen one, if one is.
    pub fn new(ui: &Ui, name: &str, (n_chips, n_columns): (usize, usize), chosen: Option<usize>) -> Self {
        let ids: Vec<Id> = (0..n_chips).map(|place| ui.scope_id().with((name, place))).collect();
        let focused = ui.memory(|memory| memory.focused());
        let focused = focused.and_then(|focused| ids.iter().position(|id| *id == focused));
        Self { ids, stop: focused.or(chosen).unwrap_or(0), n_columns }
    }

    /// The chip at `place`, in `rect`.
    pub fn interact(&self, ui: &Ui, place: usize, rect: egui::Rect) -> Response {
        let Some(id) = self.ids.get(place) else { return ui.interact(rect, Id::NULL, Sense::hover()) };
        // A click senses as usual, but only one chip takes part in the round of the Tab key.
        let is_stop = place == self.stop;
        let is_focused = ui.memory(|memory| memory.has_focus(*id));
        let sense = if is_stop || is_focused { Sense::click() } else { Sense::CLICK };
        let response = ui.interact(rect, *id, sense);
        // A chip that an arrow key of this frame led to does not lead further.
        if is_stop && response.has_focus() {
            self.walk(ui, place, *id);
        }
        response
    }

    /// Moves the focus from the chip at `place` by the arrow keys.
    fn walk(&self, ui: &Ui, place: usize, id: Id) {
        let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(id, arrows));
        let is_plain = ui.input(|input| !input.modifiers.any());
        let pressed =
            motions(self.n_columns).into_iter().find(|(key, ..)| ui.input(|input| input.key_pressed(*key)));
        let Some((_, is_forth, by)) = pressed.filter(|_| is_plain) else { return };
        let next = if is_forth { place.checked_add(by) } else { place.checked_sub(by) };
        if let Some(next) = next.and_then(|next| self.ids.get(next)) {
            ui.memory_mut(|memory| memory.request_focus(*next));
            ui.ctx().request_repaint();
        }
    }
}
