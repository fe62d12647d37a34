//! The pointer over the notes and the lane: clicks, drags and the menu of a note.

use egui::{Button, CursorIcon, Key, Modifiers, PointerButton, Pos2, Rect, Response, Ui};

use super::alternating;
use super::geometry::{Areas, Geometry};
use super::hand::{Grip, Hand, Tool};
use super::note_keys::{self, Verb};
use crate::editor::drag::Frame;
use crate::editor::state::{BarRange, meant_parts, parts_in_hand};
use crate::music::{Note, Part, Phrase};
use crate::session::{Alteration, Ask, Edit, NoteName, Selection};

/// Distance from the right edge of a note at which it is taken by its end, in points.
const EDGE: f32 = 6.0;

/// The narrowest note that can be taken by its end, in points.
const MIN_WIDTH_FOR_EDGE: f32 = 14.0;

/// Lets the pointer act on the notes of `roll` and on the lane. Returns the phrase as the drag in progress would make it.
pub fn act(
    ui: &Ui,
    frame: &mut Frame<'_>,
    roll: &Geometry<'_>,
    areas: &Areas,
    notes: &Response,
    lane: &Response,
) -> Option<Phrase> {
    frame.memory.hand.keep_up_with(roll.phrase);
    if frame.state.is_streaming {
        frame.memory.hand.grip = None;
        return None;
    }
    if frame.memory.hand.grip.is_some()
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape))
    {
        frame.memory.hand.grip = None;
        return None;
    }
    let modifiers = ui.input(|input| input.modifiers);
    let origin = ui.input(|input| input.pointer.press_origin());
    if let Some(pos) = origin.filter(|_| notes.drag_started_by(PointerButton::Primary)) {
        frame.memory.hand.grip = grip(frame, roll, pos, modifiers);
    }
    if let Some(pos) = origin.filter(|_| lane.drag_started_by(PointerButton::Primary)) {
        frame.memory.hand.grip = Some(Grip::Values { values: Default::default(), ends: (pos, pos) });
    }
    let preview = drag(frame, roll, areas, [notes, lane], modifiers);
    click(frame, roll, notes, modifiers);
    note_menu(frame, roll, notes);
    preview
}

/// Goes on with the drag in progress, and makes its edit when the pointer goes up.
fn drag(
    frame: &mut Frame<'_>,
    roll: &Geometry<'_>,
    areas: &Areas,
    of: [&Response; 2],
    modifiers: Modifiers,
) -> Option<Phrase> {
    frame.memory.hand.grip.as_ref()?;
    let pos = of.into_iter().find_map(Response::interact_pointer_pos)?;
    let parts = parts_in_hand(frame.memory);
    let hand = &mut frame.memory.hand;
    match &mut hand.grip {
        Some(Grip::Marquee { from, before }) => {
            let corner = roll.pos_of(*from);
            let inside = Rect::from_two_pos(corner, pos);
            hand.picked.clone_from(before);
            hand.picked.extend(roll.names_in(inside, parts));
        }
        Some(Grip::Lock { touched, .. }) => {
            touched.extend(roll.note_at(pos, parts).map(|(part, note)| NoteName::of(part, note)));
        }
        Some(Grip::Values { .. }) => {
            let notes = in_lane(hand, roll.phrase, parts);
            hand.draw_values(roll, areas.lane, pos, modifiers, &notes);
        }
        Some(Grip::Brush { anchor }) => {
            frame.memory.bars = Some(BarRange { anchor: *anchor, head: roll.bar_at(pos.x) });
        }
        _ => {}
    }
    let edit = frame.memory.hand.edit(roll, pos, modifiers);
    if !of.into_iter().any(Response::drag_stopped) {
        return edit.and_then(|edit| edit.apply(roll.phrase).ok()).map(|edited| edited.phrase);
    }
    let is_brush = matches!(frame.memory.hand.grip, Some(Grip::Brush { .. }));
    frame.memory.hand.grip = None;
    if is_brush {
        brush(frame, roll);
    }
    if let Some(edit) = edit {
        note_keys::edit(frame, roll.phrase, edit);
    }
    None
}

/// Composes the bars that the brush touched anew.
fn brush(frame: &mut Frame<'_>, roll: &Geometry<'_>) {
    let Some((first_bar, n_bars)) = frame.memory.bars.and_then(|range| range.within(roll.phrase)) else {
        return;
    };
    let parts = meant_parts(frame.state, frame.memory);
    if frame.state.can_compose() && parts.contains(&true) {
        alternating::ask(frame, Ask::Recompose(Selection { first_bar, n_bars, parts }));
    }
}

/// The drag that begins at `pos`.
fn grip(frame: &mut Frame<'_>, roll: &Geometry<'_>, pos: Pos2, modifiers: Modifiers) -> Option<Grip> {
    let parts = parts_in_hand(frame.memory);
    let focus = frame.memory.focus;
    let hand = &mut frame.memory.hand;
    let under = roll.note_at(pos, parts);
    let at = roll.place_at(pos);
    match (hand.tool, under) {
        (Tool::Brush, _) => Some(Grip::Brush { anchor: roll.bar_at(pos.x) }),
        (Tool::Lock, Some((part, note))) => {
            Some(Grip::Lock { touched: [NoteName::of(part, note)].into(), is_locked: !note.locked })
        }
        (Tool::Select | Tool::Draw, Some((part, note))) => {
            let held = NoteName::of(part, note);
            if !hand.picked.contains(&held) {
                hand.picked = [held].into();
            }
            Some(if modifiers.alt {
                Grip::Louder { from: pos.y }
            } else if is_at_end(roll, part, note, pos) {
                Grip::Resize { end: note.end().0 }
            } else {
                Grip::Move { held, from: at }
            })
        }
        (Tool::Draw, None) => {
            hand.picked.clear();
            let (part, onset, pitch) = hand.note_at(roll.phrase.frame(), focus.unwrap_or(Part::Melody), at);
            Some(Grip::Draw { part, onset, pitch })
        }
        (Tool::Select, None) => {
            let before = if modifiers.shift { hand.picked.clone() } else { Default::default() };
            Some(Grip::Marquee { from: at, before })
        }
        (Tool::Lock, None) => None,
    }
}

/// Whether a pointer at `pos` takes `note` by its end.
pub fn is_at_end(roll: &Geometry<'_>, part: Part, note: &Note, pos: Pos2) -> bool {
    let rect =
        roll.note_rect(part, note).filter(|rect| !part.is_drums() && rect.width() >= MIN_WIDTH_FOR_EDGE);
    rect.is_some_and(|rect| pos.x >= rect.right() - EDGE)
}

fn click(frame: &mut Frame<'_>, roll: &Geometry<'_>, response: &Response, modifiers: Modifiers) {
    let Some(pos) = response.interact_pointer_pos() else { return };
    let is_secondary = response.secondary_clicked();
    if !response.clicked() && !is_secondary {
        return;
    }
    let parts = parts_in_hand(frame.memory);
    let under = roll.note_at(pos, parts);
    // A note of a part that is not in focus takes the focus there.
    let beside = if under.is_none() { roll.note_at(pos, [true; 5]) } else { None };
    if let Some((part, _)) = beside.filter(|_| frame.memory.hand.tool == Tool::Select) {
        frame.memory.focus = Some(part);
    }
    let found = under.or(beside);
    let name = found.map(|(part, note)| NoteName::of(part, note));
    let phrase = roll.phrase;
    if is_secondary {
        // The menu is for the picked notes, or for the one under the pointer.
        if let Some(name) = name.filter(|name| !frame.memory.hand.picked.contains(name)) {
            frame.memory.hand.picked = [name].into();
        }
        return;
    }
    let insert = |frame: &mut Frame<'_>| {
        let part = frame.memory.focus.unwrap_or(Part::Melody);
        let (part, onset, pitch) = frame.memory.hand.note_at(phrase.frame(), part, roll.place_at(pos));
        let edit = frame.memory.hand.draw(part, onset, pitch);
        note_keys::edit(frame, phrase, edit);
    };
    match (frame.memory.hand.tool, found) {
        (Tool::Select, Some((part, note))) if response.double_clicked() => {
            note_keys::edit(frame, phrase, Edit::Alter(vec![NoteName::of(part, note)], Alteration::Remove));
        }
        (Tool::Select, None) if response.double_clicked() => insert(frame),
        (Tool::Select, Some((part, note))) => {
            let name = NoteName::of(part, note);
            let picked = &mut frame.memory.hand.picked;
            if !(modifiers.shift || modifiers.command) {
                *picked = [name].into();
            } else if !picked.remove(&name) {
                picked.insert(name);
            }
            note_keys::audition(frame, part, note);
        }
        (Tool::Select, None) => frame.memory.hand.picked.clear(),
        (Tool::Draw, Some((part, note))) => {
            note_keys::edit(frame, phrase, Edit::Alter(vec![NoteName::of(part, note)], Alteration::Remove));
        }
        (Tool::Draw, None) => insert(frame),
        (Tool::Lock, Some((part, note))) => {
            let lock = Alteration::Lock(!note.locked);
            note_keys::edit(frame, phrase, Edit::Alter(vec![NoteName::of(part, note)], lock));
        }
        (Tool::Lock, None) => {}
        (Tool::Brush, _) => {
            let bar = roll.bar_at(pos.x);
            frame.memory.bars = Some(BarRange { anchor: bar, head: bar });
            brush(frame, roll);
        }
    }
}

/// The menu of the picked notes, at a right click.
fn note_menu(frame: &mut Frame<'_>, roll: &Geometry<'_>, response: &Response) {
    response.context_menu(|ui| {
        ui.set_min_width(190.0);
        for verb in Verb::ALL {
            let (title, shortcut) = verb.about();
            let is_possible = verb.is_possible(frame);
            let button = Button::new(title).shortcut_text(ui.ctx().format_shortcut(&shortcut));
            if ui.add_enabled(is_possible, button).clicked() {
                note_keys::run(frame, roll.phrase, verb, None);
            }
        }
    });
}

/// The notes that the lane changes: the picked ones, or without any those of the parts in hand.
pub fn in_lane(hand: &Hand, phrase: &Phrase, parts: [bool; 5]) -> Vec<(Part, Note)> {
    if hand.picked.is_empty() {
        let notes = phrase.all_notes().filter(|(part, _)| parts[part.index()]);
        return notes.map(|(part, note)| (part, *note)).collect();
    }
    hand.picked.iter().filter_map(|name| Some((name.part, *name.find(phrase)?))).collect()
}

/// The pointer's shape over `pos`.
pub fn cursor(frame: &Frame<'_>, roll: &Geometry<'_>, pos: Pos2) -> CursorIcon {
    let parts = parts_in_hand(frame.memory);
    match (frame.memory.hand.tool, roll.note_at(pos, parts)) {
        (Tool::Select | Tool::Draw, Some((part, note))) if is_at_end(roll, part, note, pos) => {
            CursorIcon::ResizeHorizontal
        }
        (_, Some(_)) => CursorIcon::PointingHand,
        (Tool::Draw, None) => CursorIcon::Crosshair,
        (Tool::Brush, None) => CursorIcon::Cell,
        (Tool::Select | Tool::Lock, None) => CursorIcon::Default,
    }
}
