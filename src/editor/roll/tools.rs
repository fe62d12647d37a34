//! The row of tools below the roll: what the pointer does, the grid, what the lane shows.

use egui::{Align2, CursorIcon, Popup, PopupCloseBehavior, Rect, Role, Ui, WidgetInfo, pos2, vec2};

use super::geometry::{Areas, GUTTER, Geometry};
use super::hand::{Lane, Snap, Tool};
use crate::editor::chips::Chips;
use crate::editor::conversions::from_count;
use crate::editor::drag::Frame;
use crate::editor::state::selected;
use crate::editor::theme;
use crate::editor::widgets::{Look, button, chip, focus_ring, text, text_width};
use crate::look::part_title;
use crate::music::counted;

const GAP: f32 = 4.0;

/// Width of the row, in points, from which tools show their keys.
const WITH_KEYS: f32 = 525.0;

/// Height of the name of a lane, in points.
const LANE_NAME: f32 = 18.0;

/// The names of the lane to the left of it, and the row of tools.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, roll: &Geometry<'_>, areas: &Areas) {
    lanes(ui, frame, areas.lane);
    let row = areas.tools;
    let shows_keys = row.width() >= WITH_KEYS;
    let mut left = row.left();
    let mut next = |width: f32| {
        left += width + GAP;
        Rect::from_min_size(pos2(left - width - GAP, row.top()), vec2(width, row.height()))
    };
    let current = Tool::ALL.iter().position(|tool| *tool == frame.memory.hand.tool);
    let tools = Chips::new(ui, "tools", (Tool::ALL.len(), Tool::ALL.len()), current);
    for (idx, tool) in Tool::ALL.into_iter().enumerate() {
        let (name, key, tip) = tool.about();
        let title = if shows_keys { format!("{name}  {}", key.name()) } else { name.to_owned() };
        let place = next(width_of(ui, &title));
        let look = if frame.memory.hand.tool == tool { Look::Chosen } else { Look::Chip };
        let response = tools.interact(ui, idx, place);
        chip(ui, &response, place, &title, name, look);
        if response.clicked() {
            frame.memory.hand.tool = tool;
        }
        response.on_hover_text(format!("{name}: {tip}"));
    }
    next(6.0);
    snap_menu(ui, frame, next(86.0));
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
        text(ui, rest, Align2::RIGHT_CENTER, &told, theme::regular(12.0), theme::of(ui).text_dim);
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

/// The names of the lanes, of which one is shown; in a low lane only that, and a click shows the next.
fn lanes(ui: &Ui, frame: &mut Frame<'_>, lane: Rect) {
    let shown = frame.memory.hand.lane;
    let column =
        Rect::from_min_max(pos2(lane.left() - GUTTER, lane.top()), pos2(lane.left() - 7.0, lane.bottom()));
    let is_low = column.height() < 2.0 * LANE_NAME;
    let names = if is_low {
        vec![(shown, column)]
    } else {
        let top = |idx: usize| column.top() + LANE_NAME * from_count(idx);
        let place =
            |idx: usize| Rect::from_min_size(pos2(column.left(), top(idx)), vec2(column.width(), LANE_NAME));
        Lane::ALL.into_iter().enumerate().map(|(idx, kind)| (kind, place(idx))).collect()
    };
    let current = names.iter().position(|(kind, _)| *kind == shown);
    let chips = Chips::new(ui, "lanes", (names.len(), 1), current);
    for (idx, (kind, place)) in names.into_iter().enumerate() {
        let response = chips.interact(ui, idx, place);
        let label = format!("Lane of {}", kind.title().to_lowercase());
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, kind == shown, &label));
        let color = match kind == shown {
            true => theme::of(ui).text,
            false if response.hovered() => theme::of(ui).text_soft,
            false => theme::of(ui).text_dim,
        };
        text(
            ui,
            place,
            Align2::RIGHT_CENTER,
            kind.title(),
            if kind == shown { theme::semibold(11.0) } else { theme::regular(11.0) },
            color,
        );
        focus_ring(ui, &response, place, theme::RADIUS);
        if response.clicked() {
            frame.memory.hand.lane = match (is_low, kind) {
                (false, kind) => kind,
                (true, Lane::Velocity) => Lane::Timing,
                (true, Lane::Timing) => Lane::Velocity,
            };
        }
        response.on_hover_cursor(CursorIcon::PointingHand).on_hover_text(match kind {
            Lane::Velocity => "The velocities that notes are played with.",
            Lane::Timing => "How much sooner (below the line) or later than written notes are played.",
        });
    }
}

/// What is picked or selected, in words: "Melody, bars 3-4 · 9 notes, 2 locked".
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
    let n_notes = selection.notes(roll.phrase).count();
    let n_locked = selection.notes(roll.phrase).filter(|(_, note)| note.locked).count();
    let locked = if n_locked == 0 { String::new() } else { format!(", {n_locked} locked") };
    let last = selection.first_bar + selection.n_bars - 1;
    let bars = roll.phrase.frame().bars_in_words(selection.first_bar, last);
    format!("{who}, {bars} · {}{locked}", counted(n_notes, "note"))
}
