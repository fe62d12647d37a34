//! The playhead in the roll, the frozen stretch ahead of it, and the flag where the next take takes over.

use egui::{Align2, Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::geometry::Axis;
use crate::editor::state::ViewState;
use crate::editor::theme;
use crate::editor::widgets::text;
use crate::music::time::PPQ;

/// The tooltip of the frozen stretch.
pub const FROZEN: &str = "Frozen up to the dashed line: a newly composed phrase changes nothing before it.";

/// Time for which a resting pointer gets the tooltip of the frozen stretch, in seconds: the stretch moves, and passes a
/// pointer again and again.
const TIP_SECONDS: f32 = 4.0;

/// The area of a roll in which the playhead moves, and its time axis.
pub struct Span {
    /// The bar numbers.
    pub numbers: Rect,
    /// The notes.
    pub notes: Rect,
    /// The y of the playhead's lower end.
    pub bottom: f32,
    /// The axis of ticks along x.
    pub time: Axis,
    /// Length of the phrase in beats.
    pub beats: f64,
}

/// The frozen stretch, in beats: in two pieces if it wraps around the end of the phrase.
struct Frozen {
    stretches: [(f64, f64); 2],
    /// `None` if all of the phrase is frozen.
    end: Option<f64>,
}

impl Span {
    /// Draws the playhead, the frozen stretch and the flag of the next take while the phrase plays.
    pub fn show(&self, ui: &Ui, state: &ViewState) {
        let Some(beats) = self.playhead(state) else { return };
        // Clipped at the left and the right.
        let whole = self.numbers.union(self.notes).with_max_y(self.bottom);
        let painter = &ui.painter_at(whole);
        if let Some(frozen) = self.frozen(state) {
            for (from, to) in frozen.stretches {
                let veil = Rect::from_x_y_ranges(self.x(from)..=self.x(to), self.notes.y_range());
                if veil.width() > 0.0 {
                    painter.rect_filled(veil, 0, theme::of(ui).veil);
                }
            }
            if let Some(end) = frozen.end {
                let x = self.x(end).round() + 0.5;
                let line = [pos2(x, self.notes.top()), pos2(x, self.notes.bottom())];
                painter.extend(Shape::dashed_line(
                    &line,
                    Stroke::new(1.0, theme::of(ui).text_soft),
                    4.0,
                    3.0,
                ));
            }
        }
        if let Some((x, flag)) = self.flag(state) {
            painter.vline(
                x,
                self.numbers.bottom()..=self.notes.bottom(),
                Stroke::new(1.0, theme::of(ui).accent.gamma_multiply(0.5)),
            );
            painter.vline(x, self.numbers.y_range(), Stroke::new(1.0, theme::of(ui).accent));
            painter.rect_filled(flag, 3, theme::of(ui).accent);
            text(ui, flag, Align2::CENTER_CENTER, "next", theme::semibold(11.0), theme::of(ui).on_accent);
        }
        let line = Stroke::new(2.0, theme::of(ui).playhead);
        painter.vline(self.x(beats), self.notes.top()..=self.bottom, line);
    }

    /// Whether a pointer at `pos` gets the tooltip of the frozen stretch.
    pub fn shows_frozen_tip(&self, ui: &Ui, state: &ViewState, pos: Pos2) -> bool {
        let stretches = self.frozen(state).map_or([(0.0, 0.0); 2], |frozen| frozen.stretches);
        let is_on = |(from, to): (f64, f64)| from < to && (self.x(from)..=self.x(to)).contains(&pos.x);
        stretches.into_iter().any(is_on)
            && ui.input(|input| input.pointer.time_since_last_movement()) < TIP_SECONDS
    }

    /// The tooltip of the flag, if the pointer is on it.
    pub fn flag_tip(&self, ui: &Ui, state: &ViewState) -> Option<&'static str> {
        let (_, flag) = self.flag(state)?;
        let response = ui.interact(flag, ui.scope_id().with("next"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, "The next take takes over here"));
        response.contains_pointer().then_some("Here the take that waits takes over, as Launch says.")
    }

    /// The x of the line where the next take takes over, and the rectangle of its flag.
    fn flag(&self, state: &ViewState) -> Option<(f32, Rect)> {
        self.playhead(state)?;
        // A take-over at the start of the phrase is drawn at its end, ahead of the playhead.
        let beats = state.next_beats.map(|beats| if beats <= 0.0 { self.beats } else { beats })?;
        let x = self.x(beats).round() - 0.5;
        let size = vec2(32.0, 14.0);
        // To the left of the line, where no bar number is.
        let left = if x - size.x < self.numbers.left() { x } else { x - size.x };
        let flag = Rect::from_min_size(pos2(left, self.numbers.top()), size);
        let is_in_sight = self.notes.expand(1.0).x_range().contains(x);
        (beats <= self.beats && is_in_sight).then_some((x, flag))
    }

    /// The playhead, in beats, if it lies inside the phrase.
    fn playhead(&self, state: &ViewState) -> Option<f64> {
        state.playhead_beats.filter(|beats| self.beats > 0.0 && (0.0..=self.beats).contains(beats))
    }

    fn frozen(&self, state: &ViewState) -> Option<Frozen> {
        let from = self.playhead(state)?;
        let length = state.frozen_beats.clamp(0.0, self.beats);
        let end = from + length;
        let around = end - self.beats;
        (length > 0.0).then_some(Frozen {
            // A stretch beyond the end of the phrase continues at its start.
            stretches: [(from, end.min(self.beats)), (0.0, around.max(0.0))],
            end: (length < self.beats).then_some(if around > 0.0 { around } else { end }),
        })
    }

    fn x(&self, beats: f64) -> f32 {
        self.time.to_screen(beats * f64::from(PPQ))
    }
}
