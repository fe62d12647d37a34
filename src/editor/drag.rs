//! Changes parameters by dragging, wheel, arrow keys, double click and assistive technology.
//!
//! The wheel changes the widget with the keyboard focus, and with the command key the one under the pointer; else it
//! scrolls.
//!
//! Every widget sends a change as begin, edits, end, the gesture that hosts record.

use egui::{Event, EventFilter, Key, Modifiers, MouseWheelUnit, Pos2, Rect, Response, Ui, accesskit};

use super::conversions::{from_count, place_of_step, step_at};
use super::state::{Action, Memory, ViewState};
use crate::params::ParamId;

/// The context of drawing one frame: the state that views read, the memory that they keep, the actions that they return.
pub struct Frame<'a> {
    /// The state to show.
    pub state: &'a ViewState,
    /// What lasts from frame to frame.
    pub memory: &'a mut Memory,
    /// What the user asked for so far.
    pub actions: Vec<Action>,
}

/// Distance that the pointer moves for the whole range, in points.
const DRAG_POINTS: f32 = 180.0;

/// Factor of the speed with shift.
const FINE: f32 = 0.15;

/// Share of the range by which one notch of the wheel or one key changes a parameter without steps.
const NUDGE: f32 = 0.02;

/// How many nudges or steps the whole range may take; a parameter with more steps takes several at once.
const MAX_NUDGES: usize = 60;

/// The last line of the tooltip of a parameter: how to change it.
pub fn hint(ui: &Ui) -> String {
    let command = ui.ctx().format_modifiers(Modifiers::COMMAND);
    format!(
        "Drag to change, or {command} and the wheel, with Shift for fine steps. Double click for the default."
    )
}

impl Frame<'_> {
    /// Sets `id` to `place` at once.
    pub fn set(&mut self, id: ParamId, place: f32) {
        self.actions.extend([Action::BeginEdit(id), Action::Edit(id, place), Action::EndEdit(id)]);
    }

    /// Begins a gesture on `id`.
    pub fn hold(&mut self, id: ParamId) {
        self.memory.held.retain(|(held, _)| *held != id);
        self.memory.held.push((id, self.state.normalized(id)));
        self.actions.push(Action::BeginEdit(id));
    }

    /// Moves `id`, whose gesture has begun, to `place`, rounded to the nearest step.
    pub fn move_to(&mut self, id: ParamId, place: f32) {
        let place = place.clamp(0.0, 1.0);
        let Some((_, held)) = self.memory.held.iter_mut().find(|(held, _)| *held == id) else { return };
        let n_steps = self.state.settings.get(&id).and_then(|setting| setting.n_steps);
        let snap = |place: f32| n_steps.map_or(place, |n| place_of_step(step_at(place, n), n));
        let is_news = snap(*held) != snap(place);
        *held = place;
        if is_news {
            self.actions.push(Action::Edit(id, snap(place)));
        }
    }

    /// Ends the gesture on `id`.
    pub fn release(&mut self, id: ParamId) {
        let n_held = self.memory.held.len();
        self.memory.held.retain(|(held, _)| *held != id);
        if self.memory.held.len() < n_held {
            self.actions.push(Action::EndEdit(id));
        }
    }

    /// Ends all gestures.
    pub fn release_all(&mut self) {
        let held = self.memory.held.drain(..);
        self.actions.extend(held.map(|(id, _)| Action::EndEdit(id)));
    }

    /// Turns `id` as a field: vertical drags, however long, and the rest of [`Self::nudge`].
    pub fn turn(&mut self, ui: &Ui, response: &Response, id: ParamId) {
        self.turn_along(ui, response, id, DRAG_POINTS * 2.0);
    }

    /// As [`Self::turn`], where `width` points to the side are the whole range: along a track, as much as the pointer moves.
    pub fn turn_along(&mut self, ui: &Ui, response: &Response, id: ParamId, width: f32) {
        if response.drag_started() {
            self.hold(id);
        }
        if response.dragged() {
            let held = self.memory.held.iter().find(|(held, _)| *held == id).map(|(_, place)| *place);
            let motion = response.drag_motion();
            let speed = if ui.input(|input| input.modifiers.shift) { FINE } else { 1.0 };
            if let Some(place) = held.filter(|_| motion != egui::Vec2::ZERO) {
                let way = motion.x / width.max(1.0) - motion.y / DRAG_POINTS;
                self.move_to(id, place + way * speed);
            }
        }
        if response.drag_stopped() {
            self.release(id);
        }
        self.nudge(ui, response, id);
    }

    /// Moves `id` as a slider along `track`: to where the pointer is.
    pub fn slide(&mut self, ui: &Ui, response: &Response, id: ParamId, track: Rect) {
        let place = |pos: Pos2| ((pos.x - track.left()) / track.width().max(1.0)).clamp(0.0, 1.0);
        if response.drag_started() {
            self.hold(id);
        }
        if let Some(pos) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            self.move_to(id, place(pos));
        }
        if response.drag_stopped() {
            self.release(id);
        }
        if let Some(pos) = response.interact_pointer_pos().filter(|_| response.clicked()) {
            self.hold(id);
            self.move_to(id, place(pos));
            self.release(id);
        }
        self.nudge(ui, response, id);
    }

    /// Turns `id` by wheel, arrow keys, assistive technology and double click.
    pub fn nudge(&mut self, ui: &Ui, response: &Response, id: ParamId) {
        if response.double_clicked() {
            self.actions.push(Action::Reset(id));
            return;
        }
        let n_notches = wheel(ui, response) + keys(ui, response) + requests(ui, response);
        if n_notches == 0.0 {
            return;
        }
        let is_fine = ui.input(|input| input.modifiers.shift);
        let n_steps = self.state.settings.get(&id).and_then(|setting| setting.n_steps);
        let notch = match n_steps {
            Some(n_steps) if is_fine || n_steps <= MAX_NUDGES => place_of_step(1, n_steps),
            _ if is_fine => NUDGE * FINE,
            Some(n_steps) => place_of_step(step_at(NUDGE, n_steps).max(1), n_steps),
            None => NUDGE,
        };
        let place = (self.state.normalized(id) + n_notches * notch).clamp(0.0, 1.0);
        let place = n_steps.map_or(place, |n| place_of_step(step_at(place, n), n));
        if place != self.state.normalized(id) {
            self.set(id, place);
        }
    }
}

/// The notches that the wheel turned over the widget, upwards positive; they are taken from the input, so that nothing else
/// scrolls. The pointer must be on the widget, which must have the focus unless the command key is down.
fn wheel(ui: &Ui, response: &Response) -> f32 {
    if !response.hovered() {
        return 0.0;
    }
    let has_focus = response.has_focus();
    ui.input_mut(|input| {
        if !has_focus && !input.modifiers.command {
            return 0.0;
        }
        input.smooth_scroll_delta = egui::Vec2::ZERO;
        let notches = input.events.iter().filter_map(|event| match event {
            Event::MouseWheel { unit, delta, .. } => Some(match unit {
                // With shift held, wheels turn sideways.
                MouseWheelUnit::Line | MouseWheelUnit::Page => (delta.x + delta.y).signum(),
                MouseWheelUnit::Point => (delta.x + delta.y) / 20.0,
            }),
            _ => None,
        });
        notches.sum()
    })
}

/// The change by arrow keys, in notches.
fn keys(ui: &Ui, response: &Response) -> f32 {
    if !response.has_focus() {
        return 0.0;
    }
    let arrows = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    ui.input(|input| {
        if input.modifiers.command || input.modifiers.alt {
            return 0.0;
        }
        [(Key::ArrowUp, 1.0), (Key::ArrowRight, 1.0), (Key::ArrowDown, -1.0), (Key::ArrowLeft, -1.0)]
            .into_iter()
            .filter(|(key, _)| input.key_pressed(*key))
            .map(|(_, notch)| notch)
            .sum()
    })
}

/// The change by assistive technology, in notches.
fn requests(ui: &Ui, response: &Response) -> f32 {
    let (up, down) = (accesskit::Action::Increment, accesskit::Action::Decrement);
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.add_action(up);
        node.add_action(down);
    });
    ui.input(|input| {
        let count = |action| from_count(input.num_accesskit_action_requests(response.id, action));
        count(up) - count(down)
    })
}
