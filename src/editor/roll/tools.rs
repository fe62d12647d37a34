//! The row of tools below the roll: what the pointer does, the grid, what the lane shows.

use egui::{Align2, Popup, PopupCloseBehavior, Rect, Ui, pos2, vec2};

use super::geometry::{Areas, GUTTER, Geometry};
use super::hand::{Lane, Snap, Tool};
use crate::editor::drag::Frame;
use crate::editor::state::{meant_parts, selected};
use crate::editor::theme;
use crate::editor::widgets::{Look, button, text, text_width};
use crate::look::part_title;
use crate::music::counted;

const GAP: f32 = 4.0;

/// The names of the lane to the left of it, and the row of tools.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, roll: &Geometry<'_>, areas: &Areas) {
    lanes(ui, frame, areas.lane);
    let row = areas.tools;
    let mut left = row.left();
    let mut next = |width: f32| {
        left += width + GAP;
        Rect::from_min_size(pos2(left - width - GAP, row.top()), vec2(width, row.height()))
    };
    for tool in Tool::ALL {
        let (name, key, tip) = tool.about();
        let title = format!("{name}  {}", key.name());
        let place = next(width_of(ui, &title));
        let look = if frame.memory.hand.tool == tool { Look::Chosen } else { Look::Chip };
        let response = button(ui, place, &title, name, look);
        if response.clicked() {
            frame.memory.hand.tool = tool;
        }
        response.on_hover_text(format!("{name}: {tip}"));
    }
    next(6.0);
    snap_menu(ui, frame, next(92.0));
    for switch in Switch::ALL {
        let (name, tip) = switch.about();
        let place = next(width_of(ui, name));
        let is_on = switch.place(frame);
        let look = if *is_on { Look::Default } else { Look::Chip };
        let response = button(ui, place, name, name, look);
        if response.clicked() {
            let is_on = switch.place(frame);
            *is_on = !*is_on;
        }
        response.on_hover_text(tip);
    }
    let rest = Rect::from_min_max(pos2(left + 8.0, row.top()), row.max);
    let told = told(frame, roll);
    if text_width(ui, &told, theme::regular(12.0)) <= rest.width() {
        text(ui, rest, Align2::RIGHT_CENTER, &told, theme::regular(12.0), theme::TEXT_DIM);
    }
}

/// What is switched on and off in the row.
#[derive(Debug, Clone, Copy)]
enum Switch {
    Scale,
    Audition,
}

impl Switch {
    const ALL: [Self; 2] = [Self::Scale, Self::Audition];

    const fn about(self) -> (&'static str, &'static str) {
        match self {
            Self::Scale => ("In key", "Drawn and moved notes go to the nearest tone of the key."),
            Self::Audition => ("Audition", "Clicked and drawn notes sound, on their part's channel."),
        }
    }

    const fn place<'a>(self, frame: &'a mut Frame<'_>) -> &'a mut bool {
        match self {
            Self::Scale => &mut frame.memory.hand.keeps_scale,
            Self::Audition => &mut frame.memory.hand.auditions,
        }
    }
}

fn width_of(ui: &Ui, title: &str) -> f32 {
    text_width(ui, title, theme::semibold(12.5)) + 18.0
}

/// The menu of grids.
fn snap_menu(ui: &Ui, frame: &mut Frame<'_>, place: Rect) {
    let title = format!("Grid {}", frame.memory.hand.snap.title());
    let response = button(ui, place, &title, "Grid", Look::Chip);
    Popup::menu(&response).gap(4.0).close_behavior(PopupCloseBehavior::CloseOnClick).show(|ui| {
        for snap in Snap::ALL {
            if ui.selectable_label(frame.memory.hand.snap == snap, snap.title()).clicked() {
                frame.memory.hand.snap = snap;
            }
        }
    });
    response.on_hover_text("Where notes begin and end; Shift in a drag leaves it.");
}

/// The names of the lanes, of which one is shown.
fn lanes(ui: &Ui, frame: &mut Frame<'_>, lane: Rect) {
    let height = (lane.height() / 2.0).min(18.0);
    for (idx, kind) in Lane::ALL.into_iter().enumerate() {
        let top = lane.top() + height * if idx == 0 { 0.0 } else { 1.0 };
        let place = Rect::from_min_size(pos2(lane.left() - GUTTER, top), vec2(GUTTER - 6.0, height - 1.0));
        let is_shown = frame.memory.hand.lane == kind;
        let look = if is_shown { Look::Default } else { Look::Chip };
        let response =
            button(ui, place, kind.title(), &format!("Lane of {}", kind.title().to_lowercase()), look);
        if response.clicked() {
            frame.memory.hand.lane = kind;
        }
        response.on_hover_text(match kind {
            Lane::Velocity => "The velocities that notes are played with.",
            Lane::Timing => "How much sooner or later than written notes are played.",
        });
    }
}

/// What is picked or selected, in words: "Melody, bars 3–4 · 9 notes, 2 locked".
fn told(frame: &Frame<'_>, roll: &Geometry<'_>) -> String {
    let hand = &frame.memory.hand;
    if !hand.picked.is_empty() {
        return format!("{} picked", counted(hand.picked.len(), "note"));
    }
    let who = frame.memory.focus.map_or("All parts", part_title);
    let Some(selection) = selected(frame.state, frame.memory) else {
        return match frame.memory.focus {
            Some(part) => format!("{} in focus", part_title(part)),
            None => String::new(),
        };
    };
    let parts = meant_parts(frame.state, frame.memory);
    let cells = selection.cells();
    let notes =
        || cells.iter().filter(|cell| parts[cell.part.index()]).flat_map(|cell| roll.phrase.cell(*cell));
    let n_locked = notes().filter(|note| note.locked).count();
    let locked = if n_locked == 0 { String::new() } else { format!(", {n_locked} locked") };
    let number = |bar: u32| roll.phrase.frame().bar_number(bar);
    let (first, last) = (number(selection.first_bar), number(selection.first_bar + selection.n_bars - 1));
    let bars = if first == last { format!("bar {first}") } else { format!("bars {first}–{last}") };
    format!("{who}, {bars} · {}{locked}", counted(notes().count(), "note"))
}
