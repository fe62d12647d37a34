//! Groups of controls: first sliders, one a row, then switches, then numbers and menus, three in a row.

use egui::{Rect, Ui};

use super::places::{GAP, cell, take};
use crate::editor::conversions::from_count;
use crate::editor::drag::Frame;
use crate::editor::sliders;
use crate::editor::tempo_offer;
use crate::editor::widgets::{Look, MenuLook, button, field, field_still, menu, menu_still};
use crate::params::ParamId;
use crate::params::table::{SHOWN, Shown};
use crate::params::tabs::{Group, Tab, Widget};

const N_COLUMNS: usize = 3;
/// Distances of sliders, in points.
const SLIDERS: (f32, f32) = (19.0, 28.0);
/// Heights of cells, in points.
const CELLS: (f32, f32) = (33.0, 40.0);
const SWITCHES: f32 = 28.0;
const HEADER: f32 = 26.0;
/// Gap between sliders and cells, in points.
const BETWEEN: f32 = 4.0;
/// Gap below a group, in points.
const BELOW: f32 = 8.0;

/// Heights in a tab, in points.
pub struct Sizes {
    /// Of a caption.
    pub header: f32,
    slider: f32,
    switch: f32,
    cell: f32,
}

impl Sizes {
    /// The least ones.
    pub const fn least(factor: f32) -> Self {
        Self {
            header: HEADER * factor,
            slider: SLIDERS.0 * factor,
            switch: SWITCHES * factor,
            cell: CELLS.0 * factor,
        }
    }

    /// Those with which all of `tab` fits into `height`.
    pub fn fit(tab: Tab, height: f32, factor: f32) -> Self {
        let groups: Vec<Group> = tab.groups().collect();
        let least = Self::least(factor);
        let used: f32 = groups.iter().map(|group| least.header + least.height_of(*group)).sum();
        least.grown((height - used).max(0.0), &groups, factor)
    }

    /// These, grown by `room` in all of `groups` together.
    pub fn grown(self, room: f32, groups: &[Group], factor: f32) -> Self {
        let is_slider = |row: &&Shown| groups.contains(&row.3) && row.4 == Widget::Slider;
        let n_sliders = from_count(SHOWN.iter().filter(is_slider).count()).max(1.0);
        let n_cell_rows: usize = groups.iter().map(|group| n_cell_rows(*group)).sum();
        let cell = (room * 0.3 / from_count(n_cell_rows.max(1))).min((CELLS.1 - CELLS.0) * factor);
        let room = room - cell * from_count(n_cell_rows);
        let slider = (room / n_sliders).min((SLIDERS.1 - SLIDERS.0) * factor);
        Self { slider: self.slider + slider, cell: self.cell + cell, ..self }
    }

    /// The height of `group` below its caption, with the gap that follows it.
    pub fn height_of(&self, group: Group) -> f32 {
        let n_sliders = in_group(group).filter(|row| row.4 == Widget::Slider).count();
        let switches = from_count(n_switch_rows(group)) * (self.switch + GAP);
        let cells = from_count(n_cell_rows(group)) * (self.cell + GAP);
        let between = if n_sliders > 0 && cells > 0.0 { BETWEEN } else { 0.0 };
        let below = if cells > 0.0 { BELOW - GAP } else { 0.0 };
        from_count(n_sliders) * self.slider + switches + between + cells + below
    }
}

fn in_group(group: Group) -> impl Iterator<Item = Shown> {
    SHOWN.iter().copied().filter(move |row| row.3 == group)
}

/// The number of columns that a widget takes in a row of cells; none if it is not a cell.
const fn n_columns_of(widget: Widget) -> usize {
    match widget {
        Widget::Slider | Widget::Switch => 0,
        Widget::Number | Widget::Menu => 1,
        Widget::WideMenu => 2,
    }
}

/// The number of rows of switches in `group`.
fn n_switch_rows(group: Group) -> usize {
    in_group(group).filter(|row| row.4 == Widget::Switch).count().div_ceil(N_COLUMNS)
}

/// The number of rows of cells in `group`.
fn n_cell_rows(group: Group) -> usize {
    in_group(group).map(|row| n_columns_of(row.4)).sum::<usize>().div_ceil(N_COLUMNS)
}

/// The group, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, group: Group, mut rect: Rect, sizes: &Sizes) {
    for (id, label, caption, ..) in in_group(group).filter(|row| row.4 == Widget::Slider) {
        let row = take(&mut rect, sizes.slider);
        sliders::row(ui, frame, id, row, (label, caption, tip_of(frame, id)));
    }
    let place = take(&mut rect, from_count(n_switch_rows(group)) * (sizes.switch + GAP));
    for (idx, row) in in_group(group).filter(|row| row.4 == Widget::Switch).enumerate() {
        switch(ui, frame, row, cell(place, idx, N_COLUMNS, sizes.switch, GAP));
    }
    if in_group(group).any(|row| row.4 == Widget::Slider) {
        take(&mut rect, BETWEEN);
    }
    let mut idx = 0;
    for row in in_group(group) {
        let n_columns = n_columns_of(row.4);
        let place = |idx| cell(rect, idx, N_COLUMNS, sizes.cell, GAP);
        match row.4 {
            Widget::Number => number(ui, frame, row, place(idx)),
            Widget::Menu | Widget::WideMenu => {
                choice(ui, frame, row, place(idx).union(place(idx + n_columns - 1)));
            }
            Widget::Slider | Widget::Switch => {}
        }
        idx += n_columns;
    }
}

fn number(ui: &Ui, frame: &mut Frame<'_>, (id, label, caption, ..): Shown, rect: Rect) {
    match &frame.state.tempo.ruling {
        Some(ruling) if id == ParamId::Tempo => {
            let tip = tempo_offer::tip(frame.state, ruling);
            field_still(ui, rect, (ruling.place, &ruling.text()), (label, caption, &tip));
        }
        _ => field(ui, frame, id, rect, (label, caption, tip_of(frame, id))),
    }
}

fn choice(ui: &Ui, frame: &mut Frame<'_>, (id, label, caption, ..): Shown, rect: Rect) {
    if id == ParamId::TempoSource && frame.state.tempo.is_on_host_beats {
        let tip = tempo_offer::source_tip(frame.state.is_standalone);
        // The first of its values stands for the host.
        let host = frame.state.choices.get(&id).and_then(|labels| labels.first()).map_or("", String::as_str);
        menu_still(ui, rect, host, (label, caption, tip));
    } else {
        menu(ui, frame, id, rect, MenuLook::Stacked, (label, caption, tip_of(frame, id)));
    }
}

fn switch(ui: &Ui, frame: &mut Frame<'_>, (id, label, caption, ..): Shown, rect: Rect) {
    let is_on = frame.state.is_on(id);
    let response = button(ui, rect, caption, label, if is_on { Look::Chosen } else { Look::Chip });
    if response.clicked() {
        frame.set(id, if is_on { 0.0 } else { 1.0 });
    }
    response.on_hover_text(format!("{label}: {}\n{}", frame.state.text(id), tip_of(frame, id)));
}

/// The tooltip of a control: what its parameter does, without mention of a host in the standalone.
const fn tip_of(frame: &Frame<'_>, id: ParamId) -> &'static str {
    match id {
        ParamId::Tempo if frame.state.is_standalone => "Beats per minute.",
        ParamId::TempoSource if frame.state.is_standalone => {
            "Whose tempo phrases are composed for and played at: JACK's where it gives one, the Tempo knob's, or that of \
             the MIDI clock that comes in, whose start and stop Free mode follows."
        }
        _ => id.about(),
    }
}
