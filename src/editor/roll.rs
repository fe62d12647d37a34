//! The piano roll in the middle: bars, chords, notes of all parts, drums, their velocities, and the tools to edit them.
//!
//! Without zoom, all bars fit the width and all notes fit the height.

pub mod alternating;

mod alternatives;

mod chord_track;

mod geometry;

mod hand;

pub mod note_keys;

mod paint;

mod playhead;

mod pointer;

mod selection;

mod tools;

mod view;

use egui::{Align2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::drag::Frame;
use super::state::{Action, Activity, parts_in_hand};
use super::theme;
use super::widgets::{Look, button, focus_ring, text};
use crate::look::{drum_name, part_title, with_signs};
use crate::music::{Note, Part, counted};
use crate::words;

use geometry::{Areas, Geometry};
use playhead::Span;

pub use alternatives::Alternatives;
pub use hand::Hand;
pub use view::View;

/// Example texts, offered while there is no phrase.
const EXAMPLES: [&str; 3] =
    [words::EXAMPLE, "joyful folk waltz in G, 8 bars", "tense techno, busy bass, 128 bpm"];

/// The roll, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let areas = Areas::of(rect);
    let Some(phrase) = frame.state.phrase.clone() else {
        empty(ui, frame, rect);
        return;
    };
    let beats = phrase.frame().duration().to_beats();
    let response = ui.interact(areas.notes, ui.scope_id().with("roll"), Sense::click_and_drag());
    // No stop of the Tab key: keys change what is picked.
    let lane = ui.interact(
        areas.lane.expand2(vec2(0.0, 3.0)),
        ui.scope_id().with("lane"),
        Sense::CLICK | Sense::DRAG,
    );
    if response.contains_pointer() {
        frame.memory.view.turn(ui, areas.notes);
    }
    frame.memory.view.follow(frame.state.playhead_beats.map(|at| at / beats.max(f64::EPSILON)));
    let view = frame.memory.view;
    let roll = Geometry::new(&phrase, &areas, &view);
    let preview = pointer::act(ui, frame, &roll, &areas, &response, &lane);
    let shown = preview.as_ref().unwrap_or(&phrase);
    let held = (frame.memory.focus, &frame.memory.hand);
    roll.paint_frame(ui, &areas);
    roll.paint_chord_tones(ui);
    alternating::paint_before(ui, frame, &roll);
    roll.paint_notes(ui, frame.state, shown, held);
    roll.paint_lane(ui, frame.state, shown, areas.lane, held);
    roll.paint_marquee(ui, response.interact_pointer_pos(), &frame.memory.hand);
    roll.paint_coming_bars(ui, frame.state);
    let span = Span {
        numbers: areas.numbers,
        notes: areas.notes,
        bottom: areas.lane.bottom(),
        time: roll.time(),
        beats,
    };
    span.show(ui, frame.state);

    let description = roll.description(&frame.memory.hand);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &description));
    let lane_name = frame.memory.hand.lane.title();
    lane.widget_info(|| WidgetInfo::labeled(Role::Image, true, format!("{lane_name} of the notes")));
    lane.on_hover_text(format!(
        "{lane_name} of the picked notes, or without any of all. Drag to draw it, with Shift as a straight line."
    ));
    focus_ring(ui, &response, areas.notes.shrink(3.0), theme::RADIUS);
    let pointer = response.hover_pos();
    pointer.into_iter().for_each(|pos| roll.paint_pointed(ui, pos.y));
    let is_dragging = frame.memory.hand.grip.is_some();
    if let Some(pos) = pointer.filter(|_| !is_dragging) {
        let parts = parts_in_hand(frame.memory);
        let cursor = pointer::cursor(frame, &roll, pos);
        let response = response.on_hover_cursor(cursor);
        if let Some((part, note)) = roll.note_at(pos, parts) {
            response.on_hover_text_at_pointer(roll.note_description(part, note));
        } else if span.shows_frozen_tip(ui, frame.state, pos) {
            response.on_hover_text_at_pointer(playhead::FROZEN);
        }
    }
    chord_track::show(ui, frame, &roll, &areas);
    let flag = span.flag_tip(ui, frame.state);
    selection::show(ui, frame, &roll, &areas, flag);
    alternating::show(ui, frame, &areas);
    tools::show(ui, frame, &roll, &areas);
}

impl Geometry<'_> {
    /// A note in words, for its tooltip.
    fn note_description(&self, part: Part, note: &Note) -> String {
        let frame = self.phrase.frame();
        let bar_idx = frame.bar_of(note.onset);
        let beat = note.onset.since(frame.bar_start(bar_idx)).to_beats() + 1.0;
        let pitch = || with_signs(&note.pitch.to_string()).into_owned();
        let name = if part.is_drums() { drum_name(note.pitch).to_owned() } else { pitch() };
        let lock = if note.locked { ", locked" } else { "" };
        let bar = frame.bar_number(bar_idx);
        let length = note.duration.to_beats();
        format!(
            "{name} · {}{lock}\nbar {bar}, beat {beat:.2} · length {length:.2} · velocity {}\nDrag to move, the edge for \
             its length, with Alt the velocity",
            part_title(part),
            note.played_velocity()
        )
    }

    /// The roll in words, for assistive technology.
    fn description(&self, hand: &Hand) -> String {
        let frame = self.phrase.frame();
        let notes = counted(self.phrase.all_notes().count(), "note");
        let picked = match hand.picked.len() {
            0 => String::new(),
            n => format!(", {n} picked"),
        };
        format!(
            "Piano roll: {} in {}, {notes}{picked}",
            counted(frame.n_bars, "bar"),
            with_signs(&frame.key.to_string())
        )
    }
}

/// The roll without a phrase: a hint and example texts.
fn empty(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    ui.painter().rect_filled(rect, theme::RADIUS_LARGE, theme::of(ui).row_dark);
    ui.painter().rect_stroke(
        rect,
        theme::RADIUS_LARGE,
        Stroke::new(1.0, theme::of(ui).line),
        StrokeKind::Inside,
    );
    let center = rect.center();
    let line =
        |offset: f32| Rect::from_center_size(center + vec2(0.0, offset), vec2(rect.width() - 24.0, 26.0));
    let (title, hint) = match frame.state.activity {
        Activity::Idle | Activity::Choosing { .. } => {
            ("Nothing composed yet", "Press Generate, or say what you want:")
        }
        Activity::Loading => ("Loading the model …", "Meanwhile, say what you want:"),
        Activity::Waiting => {
            ("Waiting for the render …", "Composed when it is done; meanwhile, say what you want:")
        }
        Activity::Composing { .. } => ("Composing …", "The notes appear as they are written."),
    };
    text(ui, line(-74.0), Align2::CENTER_CENTER, title, theme::semibold(18.0), theme::of(ui).text);
    text(ui, line(-44.0), Align2::CENTER_CENTER, hint, theme::regular(13.5), theme::of(ui).text_dim);
    if frame.state.is_composing() {
        return;
    }
    let width = (rect.width() - 40.0).clamp(120.0, 320.0);
    for (offset, example) in [-6.0, 30.0, 66.0].into_iter().zip(EXAMPLES) {
        let place = Rect::from_center_size(center + vec2(0.0, offset), vec2(width, 30.0));
        let response = button(ui, place, example, example, Look::Plain);
        if response.clicked() {
            frame.memory.words = example.to_owned();
            frame.actions.push(Action::ApplyWords(example.to_owned()));
        }
        response.on_hover_text("Set the controls to this.");
    }
}
