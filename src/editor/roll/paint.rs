//! Paints the phrase: rows, bars, chords, notes and velocities.

use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::geometry::{Areas, GUTTER, Geometry};
use super::hand::{Grip, Hand};
use crate::editor::conversions::{from_count, narrow};
use crate::editor::state::{Activity, ViewState};
use crate::editor::theme;
use crate::editor::widgets::text;
use crate::look::{self, LAYERS, drum_name};
use crate::music::time::{TICKS_PER_STEP, TickDuration};
use crate::music::{Part, Phrase};
use crate::params::{ParamId, PartParam};
use crate::session::NoteName;

/// Opacity of the mark on the rows of the chord that sounds, `0.0..=1.0`.
const CHORD_TONE_OPACITY: f32 = 0.035;

/// Opacity of the parts that are not in focus, `0.0..=1.0`, in relation to those that are.
const OUT_OF_FOCUS: f32 = 0.42;

impl Geometry<'_> {
    /// The rows, the beats, the bars and their numbers.
    pub fn paint_frame(&self, ui: &Ui, areas: &Areas) {
        let painter = &ui.painter_at(areas.notes);
        self.paint_rows(ui);
        let frame = self.phrase.frame();
        let bar_width = self.time().scale() * narrow(f64::from(frame.meter.bar_duration().0));
        let every =
            [1, 2, 4, 8, 16, 64].into_iter().find(|n| bar_width * from_count(*n) >= 24.0).unwrap_or(256);
        let beat = TickDuration(frame.meter.felt_beat_steps() * TICKS_PER_STEP);
        for bar_idx in self.bar_at(areas.notes.left())..=self.bar_at(areas.notes.right()) {
            let start = frame.bar_start(bar_idx);
            if bar_width >= 40.0 {
                for beat_idx in 1..frame.meter.felt_beats() {
                    let x = self.x(start + TickDuration(beat.0 * beat_idx));
                    self.vline(painter, x, theme::of(ui).beat_line);
                }
            }
            if bar_width >= 6.0 {
                self.vline(painter, self.x(start), theme::of(ui).bar_line);
            }
            let number = frame.bar_number(bar_idx);
            let is_in_sight = areas.numbers.x_range().contains(self.x(start) + 1.0);
            if is_in_sight && bar_idx.is_multiple_of(u32::try_from(every).unwrap_or(1)) {
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
                    theme::of(ui).text_dim,
                );
            }
        }
        self.vline(painter, self.x(frame.end()) - 0.5, theme::of(ui).bar_line);
    }

    fn vline(&self, painter: &Painter, x: f32, color: Color32) {
        painter.vline(x.round() + 0.5, self.tones.top()..=self.bottom(), Stroke::new(1.0, color));
    }

    fn paint_rows(&self, ui: &Ui) {
        let tonic = self.phrase.frame().key.tonic;
        // Rows that are partly visible are clipped; their names are left out.
        let painter = ui.painter_at(self.tones);
        for pitch in self.pitches() {
            let Some((top, bottom)) = self.y(pitch) else { continue };
            let lane = Rect::from_x_y_ranges(self.tones.x_range(), top..=bottom);
            if !lane.intersects(self.tones) {
                continue;
            }
            painter.rect_filled(lane, 0, theme::of(ui).row(pitch));
            if pitch.class().number() == 0 && self.tones.y_range().contains(lane.center().y) {
                self.paint_name(ui, lane, &pitch.to_string(), theme::of(ui).text_dim);
            }
            if pitch.class() == tonic {
                painter.rect_filled(lane, 0, theme::of(ui).accent.gamma_multiply(look::TONIC_OPACITY));
            }
        }
        let painter = ui.painter();
        for (row, key) in self.drum_keys.iter().enumerate() {
            let height = self.drum_row_height();
            let top = self.drums.top() + from_count(row) * height;
            let lane = Rect::from_min_size(pos2(self.drums.left(), top), vec2(self.drums.width(), height));
            painter.rect_filled(lane, 0, theme::of(ui).drum_row(row));
            if height >= 9.0 {
                self.paint_name(ui, lane, drum_name(*key), theme::of(ui).text_dim);
            }
        }
    }

    /// Paints a row's name to the left of it.
    fn paint_name(&self, ui: &Ui, lane: Rect, name: &str, color: Color32) {
        let center = lane.left_center();
        let place =
            Rect::from_min_max(pos2(center.x - GUTTER, center.y - 7.0), pos2(center.x - 7.0, center.y + 7.0));
        text(ui, place, Align2::RIGHT_CENTER, name, theme::regular(11.0), color);
    }

    /// Paints the name of the row under the pointer, to the left of it.
    pub fn paint_pointed(&self, ui: &Ui, y: f32) {
        let row = |pitch| Some((pitch, self.y(pitch)?));
        let Some((pitch, (top, bottom))) = self.pitch_at(y).and_then(row) else { return };
        let lane = Rect::from_x_y_ranges(self.tones.x_range(), top..=bottom);
        let name = Rect::from_min_size(pos2(lane.left() - GUTTER, lane.center().y - 8.0), vec2(GUTTER, 16.0));
        ui.painter().rect_filled(name, 0, theme::of(ui).background);
        self.paint_name(ui, lane, &pitch.to_string(), theme::of(ui).text);
    }

    /// Faintly marks the rows of the chord that sounds.
    pub fn paint_chord_tones(&self, ui: &Ui) {
        let painter = ui.painter_at(self.tones);
        let color = theme::of(ui).chord_text.gamma_multiply(CHORD_TONE_OPACITY);
        for span in self.phrase.progression().spans() {
            let Some(chord) = span.chord else { continue };
            let range = self.x(span.onset)..=self.x(span.end());
            for pitch in self.pitches().filter(|pitch| chord.contains(pitch.class())) {
                let Some((top, bottom)) = self.y(pitch) else { continue };
                let lane = Rect::from_x_y_ranges(range.clone(), top..=bottom);
                if lane.intersects(self.tones) {
                    painter.rect_filled(lane, 0, color);
                }
            }
        }
    }

    /// Paints the notes of `phrase`; those of the part in focus in front, the others faintly, the picked ones outlined.
    pub fn paint_notes(
        &self,
        ui: &Ui,
        state: &ViewState,
        phrase: &Phrase,
        (focus, hand): (Option<Part>, &Hand),
    ) {
        let layers = LAYERS.into_iter().chain([Part::Drums]);
        let behind = layers.clone().filter(|part| Some(*part) != focus);
        for part in behind.chain(layers.filter(|part| Some(*part) == focus)) {
            let strength = if is_silent(state, part) { 0.22 } else { 1.0 };
            let strength =
                if focus.is_some_and(|focus| focus != part) { strength * OUT_OF_FOCUS } else { strength };
            let lanes = if part.is_drums() { self.drums } else { self.tones };
            let painter = ui.painter_at(lanes.expand(1.0));
            for note in phrase.notes(part) {
                let Some(rect) = self.note_rect(part, note).filter(|rect| rect.intersects(lanes)) else {
                    continue;
                };
                let color = theme::of(ui)
                    .part(part)
                    .gamma_multiply(strength * look::note_opacity(part, note.played_velocity()));
                let radius = CornerRadius::same(look::note_radius(rect.height()));
                painter.rect_filled(rect, radius, color);
                if note.locked {
                    let center = pos2(rect.left() + 8.0_f32.min(rect.width() * 0.5), rect.center().y);
                    painter.circle_filled(
                        center,
                        (rect.height() * 0.28).clamp(1.5, 4.0),
                        theme::of(ui).on_part(part),
                    );
                }
                if hand.picked.contains(&NoteName::of(part, note)) {
                    painter.rect_stroke(
                        rect,
                        radius,
                        Stroke::new(1.5, theme::of(ui).text),
                        StrokeKind::Outside,
                    );
                }
            }
        }
    }

    /// Paints the values of the notes of `phrase` that the lane shows.
    pub fn paint_lane(
        &self,
        ui: &Ui,
        state: &ViewState,
        phrase: &Phrase,
        area: Rect,
        (focus, hand): (Option<Part>, &Hand),
    ) {
        let painter = ui.painter_at(area.expand2(vec2(0.0, 3.0)));
        let lane = hand.lane;
        let zero = lane.y(area, lane.range().0.max(0));
        painter.hline(
            area.x_range(),
            zero.min(area.bottom() - 0.5),
            Stroke::new(1.0, theme::of(ui).beat_line),
        );
        let parts =
            [Part::Drums].into_iter().chain(LAYERS).filter(|part| focus.is_none_or(|focus| focus == *part));
        for part in parts {
            let (width, strength) = look::velocity_bar(part);
            let strength = if is_silent(state, part) { 0.15 } else { strength };
            let color = theme::of(ui).part(part).gamma_multiply(strength);
            for note in phrase.notes(part) {
                let is_picked = hand.picked.contains(&NoteName::of(part, note));
                let color = if is_picked { theme::of(ui).text } else { color };
                let x = self.x(note.onset) + 1.0;
                let y = lane.y(area, lane.value(note));
                let bar = Rect::from_x_y_ranges(x..=x + f32::from(width), y.min(zero)..=y.max(zero));
                painter.rect_filled(bar, 1, color);
                if focus.is_some() || is_picked {
                    painter.circle_filled(pos2(bar.center().x, y), 3.0, color);
                }
            }
        }
    }

    /// Paints the rectangle inside which notes are picked, with the pointer at `pos`.
    pub fn paint_marquee(&self, ui: &Ui, pos: Option<Pos2>, hand: &Hand) {
        let (Some(pos), Some(Grip::Marquee { from, .. })) = (pos, &hand.grip) else { return };
        let painter = ui.painter_at(self.tones.union(self.drums));
        let rect = Rect::from_two_pos(self.pos_of(*from), pos);
        painter.rect_filled(rect, 2, theme::of(ui).text.gamma_multiply(0.06));
        painter.rect_stroke(rect, 2, Stroke::new(1.0, theme::of(ui).text_soft), StrokeKind::Inside);
    }

    /// Dims the bars that are not composed yet.
    pub fn paint_coming_bars(&self, ui: &Ui, state: &ViewState) {
        let Activity::Composing { n_bars, .. } = state.activity else { return };
        let frame = self.phrase.frame();
        if !state.is_streaming || n_bars >= frame.n_bars_total() {
            return;
        }
        let left = self.x(frame.bar_start(n_bars));
        let veil = Rect::from_min_max(pos2(left, self.tones.top()), pos2(self.tones.right(), self.bottom()));
        let painter = ui.painter_at(veil.with_min_x(self.tones.left()));
        painter.rect_filled(veil, 0, theme::of(ui).accent.gamma_multiply(0.05));
        painter.vline(left, veil.y_range(), Stroke::new(1.5, theme::of(ui).accent.gamma_multiply(0.6)));
    }
}

/// Whether a part is silent: it is muted, or another one is solo.
fn is_silent(state: &ViewState, part: Part) -> bool {
    let is_on = |part: Part, id: PartParam| state.is_on(ParamId::Part(part, id));
    is_on(part, PartParam::Mute)
        || (!is_on(part, PartParam::Solo) && Part::ALL.into_iter().any(|other| is_on(other, PartParam::Solo)))
}
