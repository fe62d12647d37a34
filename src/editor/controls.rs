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
use crate::token::Style;

const KNOBS: [Knob; 16] = [
    knob(ParamId::Tempo, "Tempo", "Tempo", "Beats per minute."),
    knob(ParamId::Density, "Density", "Density", "How many notes."),
    knob(ParamId::Complexity, "Complexity", "Complexity", "Moves syncopation, polyphony and leaps together."),
    knob(ParamId::Surprise, "Surprise", "Surprise", "How boldly notes are drawn."),
    knob(ParamId::Swing, "Swing", "Swing", "How late off-beats come; 50 % is straight."),
    knob(ParamId::Humanise, "Humanise", "Humanise", "How far notes stray in time and loudness."),
    knob(
        ParamId::Syncopation,
        "Syncopation",
        "Syncopation",
        "How much weight off-beats take from strong beats.",
    ),
    knob(ParamId::Bars, "Bars", "Bars", "Length of the next phrase."),
    knob(ParamId::Register, "Register", "Register", "How high."),
    knob(ParamId::Leaps, "Leaps", "Leaps", "From steps to leaps."),
    knob(ParamId::Rests, "Rests", "Rests", "How much silence."),
    knob(ParamId::Accent, "Accent", "Accent", "Louder on strong beats, softer between."),
    knob(
        ParamId::NoteLength,
        "Note length",
        "Length",
        "Staccato to legato: how long notes are held; drums stay.",
    ),
    knob(
        ParamId::KeyDynamics,
        "Key dynamics",
        "Key dyn",
        "In Keys mode: how much the velocity of the key that plays the phrase counts.",
    ),
    knob(
        ParamId::Commit,
        "Commit horizon",
        "Commit",
        "How far ahead of the playhead a newly composed phrase changes nothing, unless Launch is off; shaded in the roll.",
    ),
    knob(ParamId::VaryAmount, "Vary amount", "Vary", "How much of the phrase Vary composes anew."),
];

const MENUS: [(ParamId, &str, &str, &str); 15] = [
    (ParamId::Tonic, "Key", "Key", "Tonic of the next phrase."),
    (ParamId::Mode, "Mode", "Mode", "Mode of the next phrase; Auto suits the mood."),
    (ParamId::Meter, "Meter", "Meter", "Time signature of the next phrase."),
    (
        ParamId::Scale,
        "Scale strictness",
        "Scale",
        "Which notes and chords are composed: those of the scale, any, or what the style has.",
    ),
    (
        ParamId::TempoSource,
        "Tempo source",
        "Tempo from",
        "Whose tempo phrases are composed for and played at: the host's, the Tempo knob's, or that of the MIDI clock that \
         comes in, whose start and stop Free mode obeys.",
    ),
    (ParamId::SwingUnit, "Swing unit", "Swing of", "Which off-beats swing."),
    (
        ParamId::Form,
        "Form",
        "Form",
        "Whether Generate composes a phrase or a song form, whose sections are as long as the knob Bars says.",
    ),
    (
        ParamId::Ending,
        "Ending",
        "Ending",
        "How the next phrase ends: leading back to its beginning, with a cadence, open on the dominant, or as it comes. Auto: \
         phrases lead back, songs close.",
    ),
    (
        ParamId::KeySwitches,
        "Key switches",
        "Slot keys",
        "In Keys mode: the lowest of twelve keys that play the takes in the slots; right-click a take to put it in one.",
    ),
    (
        ParamId::Through,
        "MIDI through",
        "Through",
        "Whether keys and controllers that come in go out again, where they do not play the phrase.",
    ),
    (
        ParamId::Programs,
        "Program changes",
        "Programs",
        "What program changes that come in do: pass through, play the takes in slots 1 to 12, or set the preset at that \
         place of the menu and compose by it.",
    ),
    (
        ParamId::OneChannel,
        "Output channel",
        "Channel",
        "The MIDI channel that all parts play on, or each on its own as set below the roll.",
    ),
    (
        ParamId::VelocityCurve,
        "Velocity curve",
        "Velocity",
        "How loud notes leave: softer or harder than composed; the softest and the loudest stay.",
    ),
    (
        ParamId::VaryKeep,
        "Vary keeps",
        "Vary keeps",
        "What the notes keep that Vary composes anew: nothing, their rhythm or their pitches in order.",
    ),
    (
        ParamId::Groove,
        "Groove",
        "Groove",
        "How late and how loud drummers of a style play each sixteenth, for all parts; Amount says how much of it.",
    ),
];

/// Numbers that stand after the menus.
const FIELDS: [(ParamId, &str, &str, &str); 2] = [
    (ParamId::GrooveAmount, "Groove amount", "Amount", "How much of the groove."),
    (
        ParamId::Performance,
        "Performance",
        "Played",
        "How much composed notes are played as people play: 0 % is straight, 50 % tight, 150 % loose. A groove's timing takes \
         its place.",
    ),
];

const HEADER: f32 = 24.0;
/// Chips stand closer where the key of the phrase would else be out of sight.
const CHIP_PITCHES: (f32, f32) = (28.0, 31.0);
const N_KNOB_COLUMNS: usize = 4;
const KNOB_PITCH: f32 = 80.0;
const KNOB_PITCHES: (f32, f32) = (KNOB_PITCH - 6.0, KNOB_PITCH + 10.0);
const MENU_HEIGHT: f32 = 40.0;
/// How much of the second row of menus shows that there are more.
const PEEK: f32 = 16.0;
const GAP: f32 = 6.0;
/// Six rows of menus.
const MENUS_HEIGHT: f32 = MENU_HEIGHT * 6.0 + GAP * 5.0;
const PAD_HEIGHTS: (f32, f32) = (92.0, 168.0);

/// What is said of a control: `tip`, unless that speaks of a host where there is none.
const fn told(frame: &Frame<'_>, id: ParamId, tip: &'static str) -> &'static str {
    match id {
        ParamId::Tempo if frame.state.is_standalone => "Beats per minute.",
        ParamId::TempoSource if frame.state.is_standalone => {
            "Whose tempo phrases are composed for and played at: JACK's where it gives one, the Tempo knob's, or that of \
             the MIDI clock that comes in, whose start and stop Free mode obeys."
        }
        _ => tip,
    }
}

const fn knob(id: ParamId, name: &'static str, caption: &'static str, tip: &'static str) -> Knob {
    Knob { id, name, caption, tip }
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

/// How the column's height is shared out.
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
        let beside_chips = 13.0 + HEADER + 4.0 + HEADER + PAD_HEIGHTS.0 + 14.0 + 2.0;
        let to_fold = beside_chips + KNOB_PITCHES.0 * n_knob_rows() + MENU_HEIGHT + PEEK;
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

/// The place of `idx` in a grid of `n_columns` that begins at the top of `rect`.
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
        let told =
            format!("valence {} · arousal {}", state.text(ParamId::Valence), state.text(ParamId::Arousal));
        text(ui, header, Align2::RIGHT_CENTER, &compact(&told), theme::regular(11.5), theme::TEXT_DIM);
    }
    mood_pad::show(ui, frame, rect);
}

fn knobs(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let height = rect.height() / n_knob_rows();
    for (idx, knob) in KNOBS.iter().enumerate() {
        let knob = Knob { tip: told(frame, knob.id, knob.tip), ..*knob };
        let place = cell(rect.expand2(vec2(4.0, 0.0)), idx, N_KNOB_COLUMNS, height, 0.0);
        match &frame.state.tempo.ruling {
            Some(ruling) if knob.id == ParamId::Tempo => {
                let tip = tempo_offer::told(frame.state, ruling);
                knob.show_still(ui, place, (ruling.place, &ruling.text()), tip);
            }
            _ => knob.show(ui, frame, place),
        }
    }
}

fn menus(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    for (idx, (id, label, caption, tip)) in MENUS.into_iter().enumerate() {
        let rect = cell(rect, idx, 3, MENU_HEIGHT, GAP);
        let tip = told(frame, id, tip);
        if id == ParamId::TempoSource && frame.state.tempo.is_on_host_beats {
            let tip = tempo_offer::source_told(frame.state.is_standalone);
            let empty = Vec::new();
            // The first of its values is the host.
            let host = frame.state.choices.get(&id).unwrap_or(&empty).first().map_or("", String::as_str);
            menu_still(ui, rect, host, (label, caption, tip));
        } else {
            menu(ui, frame, id, rect, MenuLook::Stacked, (label, caption, tip));
        }
    }
    for (idx, (id, label, caption, tip)) in FIELDS.into_iter().enumerate() {
        field(ui, frame, id, cell(rect, MENUS.len() + idx, 3, MENU_HEIGHT, GAP), (label, caption, tip));
    }
}
