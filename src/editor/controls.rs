//! The left column: the controls, in four tabs.

mod groups;

mod mix;

mod places;

mod styles;

use egui::{
    Align2, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::chips::Chips;
use super::conversions::from_count;
use super::drag::Frame;
use super::mood_pad;
use super::sliders;
use super::theme;
use super::widgets::{caption, compact, focus_ring, scale, text, text_width};
use crate::params::ParamId;
use crate::params::tabs::{Group, Tab};

use groups::Sizes;
use places::{GAP, take};
use styles::Chosen;

const TABS: f32 = 28.0;
const HEADER: f32 = 22.0;
/// Distance of two rows of chips, in points.
const CHIP_PITCH: f32 = 27.0;
/// The fewest rows of chips that are shown.
const MIN_CHIP_ROWS: usize = 2;
/// Heights of the mood pad, in points.
const PAD_HEIGHTS: (f32, f32) = (58.0, 112.0);
/// Gap below the chips and below the mood pad, in points.
const BETWEEN: f32 = 6.0;

/// The column, filling `rect`.
pub fn show(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect) {
    let side = if rect.width() < 300.0 { 14.0 } else { 16.0 };
    let mut column = rect.shrink2(vec2(side, 0.0)).with_min_y(rect.top() + 10.0);
    let factor = scale(ui);
    tabs(ui, frame, take(&mut column, TABS * factor));
    take(&mut column, 6.0);
    let whole = rect.with_min_y(column.top());
    match frame.memory.tab {
        Tab::Compose => compose(ui, frame, whole, side),
        Tab::Mix => mix::show(ui, frame, column),
        tab @ (Tab::Feel | Tab::Perform) => {
            let sizes = Sizes::fit(tab, column.height(), factor);
            for group in tab.groups() {
                caption(ui, take(&mut column, sizes.header), group.title());
                groups::show(ui, frame, group, take(&mut column, sizes.height_of(group)), &sizes);
            }
        }
    }
}

/// The names of the tabs, the open one in the accent.
fn tabs(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let n_tabs = Tab::ALL.len();
    let open = Tab::ALL.iter().position(|tab| *tab == frame.memory.tab);
    let chips = Chips::new(ui, "tab", (n_tabs, n_tabs), open);
    // Each is as wide as its title needs.
    let width_of = |tab: Tab| text_width(ui, tab.title(), theme::semibold(12.5));
    let of_titles: f32 = Tab::ALL.into_iter().map(width_of).sum();
    let n_gaps = from_count(n_tabs - 1);
    let padding = (rect.width() - of_titles - GAP * n_gaps) / from_count(n_tabs);
    let mut left = rect.left();
    for (place, tab) in Tab::ALL.into_iter().enumerate() {
        let rect = Rect::from_min_size(pos2(left, rect.top()), vec2(width_of(tab) + padding, rect.height()));
        left = rect.right() + GAP;
        let response = chips.interact(ui, place, rect);
        let is_open = frame.memory.tab == tab;
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_open, tab.title()));
        let (fill, outline, color) = match (is_open, response.hovered()) {
            (true, _) => (theme::of(ui).accent, theme::of(ui).accent, theme::of(ui).on_accent),
            (false, true) => (theme::of(ui).hover, theme::of(ui).outline, theme::of(ui).text),
            (false, false) => (theme::of(ui).button, theme::of(ui).outline, theme::of(ui).text),
        };
        ui.painter().rect_filled(rect, theme::RADIUS, fill);
        ui.painter().rect_stroke(rect, theme::RADIUS, Stroke::new(1.0, outline), StrokeKind::Inside);
        focus_ring(ui, &response, rect, theme::RADIUS);
        let font = if is_open { theme::semibold(12.5) } else { theme::regular(12.5) };
        text(ui, rect, Align2::CENTER_CENTER, tab.title(), font, color);
        if response.clicked() {
            frame.memory.tab = tab;
        }
    }
}

/// The tab of what is asked of the model: style, mood, shape and frame. It scrolls in windows where it does not fit.
fn compose(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect, side: f32) {
    let width = rect.width() - 2.0 * side;
    let layout = Layout::of(vec2(width, rect.height()), frame.state.styles.len(), scale(ui));
    let mut ui = ui.new_child(UiBuilder::new().id_salt("compose").max_rect(rect));
    ScrollArea::vertical().auto_shrink(false).show(&mut ui, |ui| {
        let (area, _) = ui.allocate_exact_size(vec2(rect.width(), layout.height), Sense::hover());
        let mut below = area.shrink2(vec2(side, 0.0));
        let chosen = Chosen::of(frame.state);
        caption(ui, take(&mut below, layout.header), "STYLE");
        let chips = take(&mut below, layout.chip_pitch * from_count(layout.n_chip_rows) + BETWEEN);
        styles::show(ui, frame, chips, &chosen, (layout.n_columns, layout.n_chip_rows, layout.chip_pitch));
        mood(ui, frame, take(&mut below, layout.header), take(&mut below, layout.pad_height));
        take(&mut below, BETWEEN);
        let header = take(&mut below, layout.header);
        caption(ui, header, Group::Shape.title());
        sliders::legend(ui, header);
        let shape = take(&mut below, layout.sizes.height_of(Group::Shape));
        groups::show(ui, frame, Group::Shape, shape, &layout.sizes);
        take(&mut below, BETWEEN);
        groups::show(ui, frame, Group::Frame, below, &layout.sizes);
    });
}

/// The distribution of the height of the tab *Compose*.
struct Layout {
    n_columns: usize,
    n_chip_rows: usize,
    chip_pitch: f32,
    header: f32,
    pad_height: f32,
    sizes: Sizes,
    height: f32,
}

impl Layout {
    fn of(size: egui::Vec2, n_styles: usize, factor: f32) -> Self {
        let n_chips = n_styles + 1;
        let n_columns = if n_chips > 18 && size.x >= 270.0 * factor { 4 } else { 3 };
        let n_rows_in_all = n_chips.div_ceil(n_columns);
        let (header, chip_pitch) = (HEADER * factor, CHIP_PITCH * factor);
        let least = Sizes::least(factor);
        let n_least_rows = MIN_CHIP_ROWS.min(n_rows_in_all);
        let fixed = 3.0 * header + 3.0 * BETWEEN + PAD_HEIGHTS.0 + chip_pitch * from_count(n_least_rows);
        let groups = |sizes: &Sizes| sizes.height_of(Group::Shape) + sizes.height_of(Group::Frame);
        // What is left over goes to chips, then to the mood pad, then to the rows of the groups.
        let mut room = (size.y - fixed - groups(&least)).max(0.0);
        let mut n_chip_rows = n_least_rows;
        while n_chip_rows < n_rows_in_all && room >= chip_pitch {
            n_chip_rows += 1;
            room -= chip_pitch;
        }
        let growth = room.min((PAD_HEIGHTS.1 - PAD_HEIGHTS.0) * factor);
        let pad_height = PAD_HEIGHTS.0 + growth;
        let sizes = least.grown(room - growth, &[Group::Shape, Group::Frame], factor);
        let chips = chip_pitch * from_count(n_chip_rows - n_least_rows);
        let height = fixed + chips + growth + groups(&sizes);
        Self { n_columns, n_chip_rows, chip_pitch, header, pad_height, sizes, height }
    }
}

fn mood(ui: &Ui, frame: &mut Frame<'_>, header: Rect, pad: Rect) {
    caption(ui, header, "MOOD");
    let state = frame.state;
    if !(state.is_auto(ParamId::Valence) && state.is_auto(ParamId::Arousal)) {
        let mood =
            format!("valence {} · arousal {}", state.text(ParamId::Valence), state.text(ParamId::Arousal));
        text(ui, header, Align2::RIGHT_CENTER, &compact(&mood), theme::regular(11.0), theme::of(ui).text_dim);
    }
    mood_pad::show(ui, frame, pad);
}
