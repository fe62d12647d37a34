//! The phrase in the middle: bars, chords, notes of all parts, drums and velocities.
//!
//! All bars fit the width and all notes the height, so nothing is out of sight.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, Painter, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::adjust::Frame;
use super::numbers::{from_count, narrow};
use super::playhead::{self, Span};
use super::selection;
use super::state::{Action, Activity, ViewState};
use super::theme::{self, part_color, part_title};
use super::widgets::{Look, button, text, text_width};
use crate::music::time::{TICKS_PER_STEP, TickDuration, TickInstant};
use crate::music::{Note, Part, Phrase, Pitch, counted};
use crate::params::{ParamId, PartParam};
use crate::session::{Edit, NoteName};
use crate::words;

/// From back to front.
const DRAWN: [Part; 4] = [Part::Chords, Part::Arpeggio, Part::Bass, Part::Melody];

/// The least that is shown, in semitones: two octaves.
const MIN_SEMITONES: usize = 24;

/// Words to begin with, offered while there is no phrase.
const EXAMPLES: [&str; 3] =
    [words::EXAMPLE, "joyful folk waltz in G, 8 bars", "tense techno, busy bass, 128 bpm"];

const GUTTER: f32 = 40.0;
const NUMBERS: f32 = 20.0;
const CHORDS: f32 = 32.0;
const VELOCITIES: f32 = 38.0;

/// The roll, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    let areas = Areas::of(rect);
    let Some(phrase) = frame.state.phrase.clone() else {
        empty(ui, frame, rect);
        return;
    };
    let roll = Roll::new(&phrase, &areas);
    roll.paint_frame(ui, &areas);
    roll.paint_chords(ui, &areas);
    roll.paint_notes(ui, frame.state);
    roll.paint_velocities(ui, frame.state, areas.velocities);
    roll.paint_coming_bars(ui, frame.state);
    let span = Span {
        numbers: areas.numbers,
        notes: areas.notes,
        bottom: areas.velocities.bottom(),
        beats: phrase.frame().duration().to_beats(),
    };
    span.show(ui, frame.state);

    let response = ui.interact(areas.notes, ui.scope_id().with("roll"), Sense::click());
    let told = roll.told();
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &told));
    let pointer = response.hover_pos();
    if let Some((part, note)) = pointer.and_then(|pos| roll.note_at(pos)) {
        if response.clicked() && !frame.state.is_streaming {
            frame.actions.push(Action::EditNotes(Edit::Lock {
                notes: vec![NoteName::of(part, note)],
                is_locked: !note.locked,
            }));
        }
        response
            .on_hover_text_at_pointer(roll.note_told(part, note))
            .on_hover_cursor(CursorIcon::PointingHand);
    } else if pointer.is_some_and(|pos| span.is_frozen_told(ui, frame.state, pos)) {
        response.on_hover_text_at_pointer(playhead::FROZEN);
    }
    let flag = span.flag_told(ui, frame.state);
    selection::show(ui, frame, &phrase, (areas.numbers, areas.notes), flag);
}

/// Where the layers of the roll are.
struct Areas {
    numbers: Rect,
    chords: Rect,
    notes: Rect,
    velocities: Rect,
}

impl Areas {
    fn of(rect: Rect) -> Self {
        let inside = rect.with_min_x(rect.left() + GUTTER);
        let (numbers, rest) = inside.split_top_bottom_at_y(inside.top() + NUMBERS);
        let (chords, rest) = rest.split_top_bottom_at_y(rest.top() + CHORDS);
        let (notes, velocities) = rest.split_top_bottom_at_y(rest.bottom() - VELOCITIES);
        Self {
            numbers,
            chords,
            notes: notes.with_min_y(notes.top() + 4.0),
            velocities: velocities.with_min_y(velocities.top() + 6.0),
        }
    }
}

/// A phrase and where its notes are on the screen.
struct Roll<'a> {
    phrase: &'a Phrase,
    /// The rows of pitches.
    tones: Rect,
    /// The pitch of the uppermost row.
    highest: u8,
    n_rows: usize,
    /// The rows of drums.
    drums: Rect,
    /// The percussion keys that are played, highest first.
    drum_keys: Vec<Pitch>,
}

impl<'a> Roll<'a> {
    fn new(phrase: &'a Phrase, areas: &Areas) -> Self {
        let drum_keys = phrase.drum_keys();
        let drums_height = if drum_keys.is_empty() {
            0.0
        } else {
            let n_keys = from_count(drum_keys.len());
            (n_keys * 14.0).min(areas.notes.height() * 0.34)
        };
        let (tones, drums) = areas.notes.split_top_bottom_at_y(areas.notes.bottom() - drums_height);
        let tones = if drum_keys.is_empty() { tones } else { tones.with_max_y(tones.bottom() - 7.0) };
        let (highest, n_rows) = range(phrase, tones.height());
        Self { phrase, tones, highest, n_rows, drums, drum_keys }
    }

    fn x(&self, at: TickInstant) -> f32 {
        let total = narrow(self.phrase.frame().duration().to_beats()).max(f32::EPSILON);
        self.tones.left() + narrow(at.to_beats()) / total * self.tones.width()
    }

    fn row_height(&self) -> f32 {
        self.tones.height() / from_count(self.n_rows)
    }

    fn drum_row_height(&self) -> f32 {
        self.drums.height() / from_count(self.drum_keys.len().max(1))
    }

    /// Where a note is drawn; `None` if its row is not shown.
    fn note_rect(&self, part: Part, note: &Note) -> Option<Rect> {
        let (top, height) = if part.is_drums() {
            let row = self.drum_keys.iter().position(|key| *key == note.pitch)?;
            (self.drums.top() + from_count(row) * self.drum_row_height(), self.drum_row_height())
        } else {
            let row = usize::from(self.highest.checked_sub(note.pitch.number())?);
            (self.tones.top() + from_count(row) * self.row_height(), self.row_height())
        };
        let left = self.x(note.onset) + 0.5;
        // Drums have no length to speak of.
        let width = if part.is_drums() { 7.0 } else { self.x(note.end()) - left - 1.0 };
        Some(Rect::from_min_size(pos2(left, top + 0.5), vec2(width.max(2.5), (height - 1.0).max(2.0))))
    }

    /// The rows, the beats, the bars and their numbers.
    fn paint_frame(&self, ui: &Ui, areas: &Areas) {
        let painter = ui.painter();
        self.paint_rows(ui, painter);
        let frame = self.phrase.frame();
        let bar_width =
            areas.notes.width() / from_count(usize::try_from(frame.n_bars_total()).unwrap_or(1).max(1));
        let every =
            [1, 2, 4, 8, 16, 64].into_iter().find(|n| bar_width * from_count(*n) >= 24.0).unwrap_or(256);
        let beat = TickDuration(frame.meter.felt_beat_steps() * TICKS_PER_STEP);
        for bar_idx in 0..frame.n_bars_total() {
            let start = frame.bar_start(bar_idx);
            if bar_width >= 40.0 {
                for beat_idx in 1..frame.meter.felt_beats() {
                    let x = self.x(start + TickDuration(beat.0 * beat_idx));
                    self.vline(painter, x, theme::BEAT_LINE);
                }
            }
            if bar_width >= 6.0 {
                self.vline(painter, self.x(start), theme::BAR_LINE);
            }
            let number = frame.bar_number(bar_idx);
            if bar_idx.is_multiple_of(u32::try_from(every).unwrap_or(1)) {
                let place = Rect::from_min_size(
                    pos2(self.x(start) + 5.0, areas.numbers.top()),
                    vec2(40.0, areas.numbers.height() - 4.0),
                );
                text(
                    ui,
                    place,
                    Align2::LEFT_CENTER,
                    &number.to_string(),
                    theme::regular(12.0),
                    theme::TEXT_DIM,
                );
            }
        }
        self.vline(painter, self.x(frame.end()) - 0.5, theme::BAR_LINE);
    }

    fn vline(&self, painter: &Painter, x: f32, color: Color32) {
        let bottom = if self.drum_keys.is_empty() { self.tones.bottom() } else { self.drums.bottom() };
        painter.vline(x.round() + 0.5, self.tones.top()..=bottom, Stroke::new(1.0, color));
    }

    fn paint_rows(&self, ui: &Ui, painter: &Painter) {
        let tonic = self.phrase.frame().key.tonic;
        let height = self.row_height();
        for row in 0..self.n_rows {
            let Some(pitch) =
                u8::try_from(row).ok().and_then(|row| self.highest.checked_sub(row)).and_then(Pitch::new)
            else {
                continue;
            };
            let top = self.tones.top() + from_count(row) * height;
            let lane = Rect::from_min_size(pos2(self.tones.left(), top), vec2(self.tones.width(), height));
            let is_black = [1, 3, 6, 8, 10].contains(&pitch.class().number());
            painter.rect_filled(lane, 0, if is_black { theme::ROW_DARK } else { theme::CARD });
            if pitch.class().number() == 0 {
                self.paint_name(ui, lane, &pitch.to_string(), theme::TEXT_DIM);
            }
            if pitch.class() == tonic {
                painter.rect_filled(lane, 0, theme::ACCENT.gamma_multiply(0.03));
            }
        }
        for (row, key) in self.drum_keys.iter().enumerate() {
            let height = self.drum_row_height();
            let top = self.drums.top() + from_count(row) * height;
            let lane = Rect::from_min_size(pos2(self.drums.left(), top), vec2(self.drums.width(), height));
            painter.rect_filled(lane, 0, if row % 2 == 0 { theme::CARD } else { theme::ROW_DARK });
            if height >= 9.0 {
                self.paint_name(ui, lane, drum_name(*key), theme::TEXT_DIM);
            }
        }
    }

    /// A row's name to its left.
    fn paint_name(&self, ui: &Ui, lane: Rect, name: &str, color: Color32) {
        let center = lane.left_center();
        let place =
            Rect::from_min_max(pos2(center.x - GUTTER, center.y - 7.0), pos2(center.x - 7.0, center.y + 7.0));
        text(ui, place, Align2::RIGHT_CENTER, name, theme::regular(10.0), color);
    }

    fn paint_chords(&self, ui: &Ui, areas: &Areas) {
        let spelling = self.phrase.frame().key.spelling();
        for span in self.phrase.progression().spans() {
            let Some(chord) = span.chord else { continue };
            let place = Rect::from_min_max(
                pos2(self.x(span.onset) + 1.0, areas.chords.top()),
                pos2(self.x(span.end()) - 1.0, areas.chords.bottom()),
            );
            if place.width() < 3.0 {
                continue;
            }
            let painter = ui.painter();
            painter.rect_filled(place, 5, theme::CHORD_FILL);
            painter.rect_stroke(place, 5, Stroke::new(1.0, theme::CHORD_LINE), StrokeKind::Inside);
            let symbol = chord.symbol(spelling);
            let (size, side) = if place.width() < 64.0 { (11.0, 4.0) } else { (14.0, 11.0) };
            if text_width(ui, &symbol, theme::semibold(11.0)) <= place.width() - 6.0 {
                let room = place.shrink2(vec2(side, 0.0));
                text(ui, room, Align2::LEFT_CENTER, &symbol, theme::semibold(size), theme::CHORD_TEXT);
            }
        }
    }

    fn paint_notes(&self, ui: &Ui, state: &ViewState) {
        let painter = ui.painter();
        for part in DRAWN.into_iter().chain([Part::Drums]) {
            let strength = if is_silent(state, part) { 0.22 } else { 1.0 };
            for note in self.phrase.notes(part) {
                let Some(rect) = self.note_rect(part, note) else { continue };
                let color = note_color(part, note).gamma_multiply(strength);
                painter.rect_filled(rect, CornerRadius::same(if rect.height() > 7.0 { 3 } else { 2 }), color);
                if note.locked {
                    let center = pos2(rect.left() + 8.0_f32.min(rect.width() * 0.5), rect.center().y);
                    painter.circle_filled(center, (rect.height() * 0.28).clamp(1.5, 4.0), theme::ON_ACCENT);
                }
            }
        }
    }

    fn paint_velocities(&self, ui: &Ui, state: &ViewState, area: Rect) {
        let painter = ui.painter();
        painter.hline(area.x_range(), area.bottom() - 0.5, Stroke::new(1.0, theme::BEAT_LINE));
        for part in [Part::Drums].into_iter().chain(DRAWN) {
            let (strength, width) = match part {
                Part::Melody => (0.85, 4.0),
                Part::Drums => (0.3, 3.0),
                Part::Bass | Part::Chords | Part::Arpeggio => (0.5, 3.0),
            };
            let strength = if is_silent(state, part) { 0.15 } else { strength };
            let color = part_color(part).gamma_multiply(strength);
            for note in self.phrase.notes(part) {
                let height = f32::from(note.played_velocity()) / 127.0 * (area.height() - 2.0);
                let corner = pos2(self.x(note.onset) + 1.0, area.bottom() - 1.0 - height);
                painter.rect_filled(Rect::from_min_size(corner, vec2(width, height)), 1, color);
            }
        }
    }

    /// A veil over the bars that are not composed yet.
    fn paint_coming_bars(&self, ui: &Ui, state: &ViewState) {
        let Activity::Composing { n_bars, .. } = state.activity else { return };
        let frame = self.phrase.frame();
        if !state.is_streaming || n_bars >= frame.n_bars_total() {
            return;
        }
        let left = self.x(frame.bar_start(n_bars));
        let bottom = if self.drum_keys.is_empty() { self.tones.bottom() } else { self.drums.bottom() };
        let veil = Rect::from_min_max(pos2(left, self.tones.top()), pos2(self.tones.right(), bottom));
        ui.painter().rect_filled(veil, 0, theme::ACCENT.gamma_multiply(0.05));
        ui.painter().vline(left, veil.y_range(), Stroke::new(1.5, theme::ACCENT.gamma_multiply(0.6)));
    }

    /// The note under the pointer.
    fn note_at(&self, pos: Pos2) -> Option<(Part, &'a Note)> {
        let notes = DRAWN.into_iter().rev().chain([Part::Drums]);
        let mut notes = notes.flat_map(|part| self.phrase.notes(part).iter().map(move |note| (part, note)));
        notes.find(|(part, note)| {
            self.note_rect(*part, note).is_some_and(|rect| rect.expand(1.0).contains(pos))
        })
    }

    /// A note in words.
    fn note_told(&self, part: Part, note: &Note) -> String {
        let frame = self.phrase.frame();
        let bar_idx = frame.bar_of(note.onset);
        let beat = note.onset.since(frame.bar_start(bar_idx)).to_beats() + 1.0;
        let name = if part.is_drums() { drum_name(note.pitch).to_owned() } else { note.pitch.to_string() };
        let lock = if note.locked { ", locked" } else { "" };
        let bar = frame.bar_number(bar_idx);
        let next = if note.locked { "unlock" } else { "lock" };
        format!(
            "{name} · {}{lock}\nbar {bar}, beat {beat:.2} · velocity {}\nClick to {next}",
            part_title(part),
            note.played_velocity()
        )
    }

    /// The roll in words.
    fn told(&self) -> String {
        let frame = self.phrase.frame();
        let notes = counted(self.phrase.all_notes().count(), "note");
        format!("Piano roll: {} in {}, {notes}", counted(frame.n_bars, "bar"), frame.key)
    }
}

/// What stands where a phrase will be.
fn empty(ui: &Ui, frame: &mut Frame<'_>, rect: Rect) {
    ui.painter().rect_filled(rect, theme::RADIUS_LARGE, theme::ROW_DARK);
    ui.painter().rect_stroke(
        rect,
        theme::RADIUS_LARGE,
        Stroke::new(1.0, theme::BEAT_LINE),
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
    text(ui, line(-74.0), Align2::CENTER_CENTER, title, theme::semibold(18.0), theme::TEXT);
    text(ui, line(-44.0), Align2::CENTER_CENTER, hint, theme::regular(13.5), theme::TEXT_DIM);
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

/// The highest pitch to show and how many rows below it, so that all notes fit into `height` points.
fn range(phrase: &Phrase, height: f32) -> (u8, usize) {
    let pitches =
        phrase.all_notes().filter(|(part, _)| !part.is_drums()).map(|(_, note)| note.pitch.number());
    let (low, high) =
        pitches.fold((127, 0), |(low, high): (u8, u8), pitch| (low.min(pitch), high.max(pitch)));
    let (low, high) = if low > high { (48, 72) } else { (low.saturating_sub(2), (high + 2).min(127)) };
    // Rows taller than this look like a toy.
    let n_least = MIN_SEMITONES.max(super::numbers::to_index(height / 20.0)).min(128);
    let n_rows = usize::from(high - low) + 1;
    let missing = u8::try_from(n_least.saturating_sub(n_rows)).unwrap_or(0);
    let high = high.saturating_add(missing / 2).min(127);
    (high, n_rows.max(n_least).min(usize::from(high) + 1))
}

/// Louder notes are brighter; accompaniment stands back.
fn note_color(part: Part, note: &Note) -> Color32 {
    let loudness = f32::from(note.played_velocity()) / 127.0;
    let (least, most) = match part {
        Part::Melody => (0.68, 1.0),
        Part::Bass | Part::Arpeggio | Part::Drums => (0.5, 0.82),
        Part::Chords => (0.4, 0.66),
    };
    part_color(part).gamma_multiply(least + (most - least) * loudness)
}

/// Whether a part makes no sound: muted, or another one is solo.
fn is_silent(state: &ViewState, part: Part) -> bool {
    let is_on = |part: Part, id: PartParam| state.is_on(ParamId::Part(part, id));
    is_on(part, PartParam::Mute)
        || (!is_on(part, PartParam::Solo) && Part::ALL.into_iter().any(|other| is_on(other, PartParam::Solo)))
}

/// What a General MIDI percussion key is called, in a few letters.
fn drum_name(key: Pitch) -> &'static str {
    match key.number() {
        35 | 36 => "Kick",
        37 => "Rim",
        38 | 40 => "Snare",
        39 => "Clap",
        41 | 43 | 45 => "Low tom",
        47 | 48 => "Mid tom",
        50 => "Hi tom",
        42 => "Hat",
        44 => "Pedal",
        46 => "Open",
        49 | 57 => "Crash",
        51 | 59 => "Ride",
        52 => "China",
        53 => "Bell",
        54 => "Tamb",
        55 => "Splash",
        56 => "Cowbell",
        60 | 61 => "Bongo",
        62..=64 => "Conga",
        65 | 66 => "Timbale",
        67 | 68 => "Agogo",
        69 => "Cabasa",
        70 => "Maracas",
        75 => "Claves",
        76 | 77 => "Block",
        80 | 81 => "Triangle",
        _ => "Perc",
    }
}
