//! The left column: style, mood, knobs and menus.

use egui::{Align2, Rect, ScrollArea, Sense, Ui, pos2, vec2};

use super::conversions::{from_count, place_of_step, step_at};
use super::drag::Frame;
use super::knob::Knob;
use super::mood_pad;
use super::tempo_offer;
use super::theme;
use super::widgets::{Look, MenuLook, button, caption, compact, field, menu, menu_still, text};
use crate::params::ParamId;
use crate::params::table::{FIELDS, KNOBS, MENUS};
use crate::token::Style;

const HEADER: f32 = 24.0;
/// Distances of chip rows, in points: the smaller one where the key of the phrase would not fit otherwise.
const CHIP_PITCHES: (f32, f32) = (28.0, 31.0);
const N_KNOB_COLUMNS: usize = 4;
const KNOB_PITCH: f32 = 80.0;
const KNOB_PITCHES: (f32, f32) = (KNOB_PITCH - 6.0, KNOB_PITCH + 10.0);
const MENU_HEIGHT: f32 = 40.0;
/// Height of the second row of menus that stays visible as a hint to scroll, in points.
const PEEK: f32 = 16.0;
const GAP: f32 = 6.0;
/// Six rows of menus.
const MENUS_HEIGHT: f32 = MENU_HEIGHT * 6.0 + GAP * 5.0;
const PAD_HEIGHTS: (f32, f32) = (92.0, 168.0);

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

/// The column, filling `rect`; it scrolls where it does not fit.
pub fn show(ui: &mut Ui, frame: &mut Frame<'_>, rect: Rect) {
    let layout = Layout::of(rect, frame.state.styles.len());
    ScrollArea::vertical().id_salt("controls").auto_shrink(false).show(ui, |ui| {
        let (area, _) = ui.allocate_exact_size(vec2(rect.width(), layout.height), Sense::hover());
        let column = area.shrink2(vec2(16.0, 0.0));
        let mut below = column.with_min_y(column.top() + 13.0);
        styles(ui, frame, take(&mut below, layout.styles_height), (layout.n_columns, layout.chip_pitch));
        mood(ui, frame, take(&mut below, HEADER + layout.pad_height));
        take(&mut below, 14.0);
        knobs(ui, frame, take(&mut below, layout.knob_pitch * n_knob_rows()));
        take(&mut below, 2.0);
        menus(ui, frame, take(&mut below, MENUS_HEIGHT));
    });
}

/// The distribution of the column's height.
struct Layout {
    n_columns: usize,
    chip_pitch: f32,
    styles_height: f32,
    pad_height: f32,
    knob_pitch: f32,
    height: f32,
}

impl Layout {
    fn of(rect: Rect, n_styles: usize) -> Self {
        let n_chips = n_styles + 1;
        let n_columns = if n_chips > 18 { 4 } else { 3 };
        let n_chip_rows = from_count(n_chips.div_ceil(n_columns));
        let other_height = 13.0 + HEADER + 4.0 + HEADER + PAD_HEIGHTS.0 + 14.0 + 2.0;
        let to_fold = other_height + KNOB_PITCHES.0 * n_knob_rows() + MENU_HEIGHT + PEEK;
        let chip_pitch = (rect.height() - to_fold) / n_chip_rows;
        let chip_pitch = chip_pitch.clamp(CHIP_PITCHES.0, CHIP_PITCHES.1).floor();
        let styles_height = HEADER + n_chip_rows * chip_pitch + 4.0;
        let others = 13.0 + styles_height + HEADER + 14.0 + 2.0 + MENUS_HEIGHT + 14.0;
        let room = rect.height() - others;
        let pad_height = (room - KNOB_PITCH * n_knob_rows()).clamp(PAD_HEIGHTS.0, PAD_HEIGHTS.1);
        let knob_pitch = ((room - pad_height) / n_knob_rows()).clamp(KNOB_PITCHES.0, KNOB_PITCHES.1);
        let height = (others + pad_height + knob_pitch * n_knob_rows()).max(rect.height());
        Self { n_columns, chip_pitch, styles_height, pad_height, knob_pitch, height }
    }
}

fn n_knob_rows() -> f32 {
    from_count(KNOBS.len().div_ceil(N_KNOB_COLUMNS))
}

/// Cuts `height` off the top of `rect`.
fn take(rect: &mut Rect, height: f32) -> Rect {
    let (taken, rest) = rect.split_top_bottom_at_y(rect.top() + height);
    *rect = rest;
    taken
}

/// The rectangle of cell `idx` in a grid of `n_columns` that begins at the top of `rect`.
fn cell(rect: Rect, idx: usize, n_columns: usize, height: f32, gap: f32) -> Rect {
    let (column, row) = (from_count(idx % n_columns), from_count(idx / n_columns));
    let width = (rect.width() - gap * (from_count(n_columns) - 1.0)) / from_count(n_columns);
    let corner = pos2(rect.left() + column * (width + gap), rect.top() + row * (height + gap));
    Rect::from_min_size(corner, vec2(width, height))
}

fn styles(ui: &Ui, frame: &mut Frame<'_>, mut rect: Rect, (n_columns, pitch): (usize, f32)) {
    caption(ui, take(&mut rect, HEADER).translate(vec2(0.0, -2.0)), "STYLE");
    let state = frame.state;
    let empty = Vec::new();
    let labels = state.choices.get(&ParamId::Style).unwrap_or(&empty);
    let n_steps = labels.len().saturating_sub(1);
    let current = step_at(state.normalized(ParamId::Style), n_steps);
    let offered = state.styles.iter().filter_map(|style| step_of(*style, labels));
    for (place, step) in [0].into_iter().chain(offered).enumerate() {
        let Some(title) = labels.get(step) else { continue };
        let chip = cell(rect, place, n_columns, pitch - GAP, GAP);
        let look = match (step == current, step) {
            (false, _) => Look::Chip,
            (true, 0) => Look::Default,
            (true, _) => Look::Chosen,
        };
        let response = button(ui, chip, title, title, look);
        let tip = match (step, step == current) {
            (0, _) => "The style that the model likes best here.".to_owned(),
            (_, true) => format!("{title} is the style of the next phrase. Click again for Auto."),
            (_, false) => format!("Compose in the style of {}.", title.to_lowercase()),
        };
        if response.clicked() {
            let step = if step == current { 0 } else { step };
            if step != current {
                frame.set(ParamId::Style, place_of_step(step, n_steps));
            }
        }
        response.on_hover_text(tip);
    }
}

/// The step of the style parameter that stands for `style`.
fn step_of(style: Style, labels: &[String]) -> Option<usize> {
    labels.iter().position(|label| label.eq_ignore_ascii_case(style.name()))
}

fn mood(ui: &Ui, frame: &mut Frame<'_>, mut rect: Rect) {
    let header = take(&mut rect, HEADER).translate(vec2(0.0, -2.0));
    caption(ui, header, "MOOD");
    let state = frame.state;
    if !(state.is_auto(ParamId::Valence) && state.is_auto(ParamId::Arousal)) {
        let mood =
            format!("valence {} · arousal {}", state.text(ParamId::Valence), state.text(ParamId::Arousal));
        text(ui, header, Align2::RIGHT_CENTER, &compact(&mood), theme::regular(11.5), theme::TEXT_DIM);
    }
    mood_pad::show(ui, frame, rect);
}

fn knobs(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let height = rect.height() / n_knob_rows();
    for (idx, (id, name, caption)) in KNOBS.iter().copied().enumerate() {
        let knob = Knob { id, name, caption, tip: tip_of(frame, id) };
        let place = cell(rect.expand2(vec2(4.0, 0.0)), idx, N_KNOB_COLUMNS, height, 0.0);
        match &frame.state.tempo.ruling {
            Some(ruling) if knob.id == ParamId::Tempo => {
                let tip = tempo_offer::tip(frame.state, ruling);
                knob.show_still(ui, place, (ruling.place, &ruling.text()), tip);
            }
            _ => knob.show(ui, frame, place),
        }
    }
}

fn menus(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    for (idx, (id, label, caption)) in MENUS.iter().copied().enumerate() {
        let rect = cell(rect, idx, 3, MENU_HEIGHT, GAP);
        let tip = tip_of(frame, id);
        if id == ParamId::TempoSource && frame.state.tempo.is_on_host_beats {
            let tip = tempo_offer::source_tip(frame.state.is_standalone);
            let empty = Vec::new();
            // The first of its values stands for the host.
            let host = frame.state.choices.get(&id).unwrap_or(&empty).first().map_or("", String::as_str);
            menu_still(ui, rect, host, (label, caption, tip));
        } else {
            menu(ui, frame, id, rect, MenuLook::Stacked, (label, caption, tip));
        }
    }
    for (idx, (id, label, caption)) in FIELDS.iter().copied().enumerate() {
        let rect = cell(rect, MENUS.len() + idx, 3, MENU_HEIGHT, GAP);
        field(ui, frame, id, rect, (label, caption, tip_of(frame, id)));
    }
}
