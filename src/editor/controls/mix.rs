//! The mixer: of each part level, place, octave, number of notes and channel; below them the level of the preview.

use egui::{Align2, Rect, Ui};

use super::places::{GAP, cell, take};
use crate::editor::conversions::from_count;
use crate::editor::drag::Frame;
use crate::editor::parts::paint_badge;
use crate::editor::sliders;
use crate::editor::theme;
use crate::editor::widgets::{MenuLook, caption, compact, field, menu, scale, text};
use crate::look::{PARTS, part_title};
use crate::music::Part;
use crate::params::{ParamId, PartParam};

const HEADER: f32 = 24.0;
const HEAD: f32 = 24.0;
const CELL: f32 = 34.0;
/// Gaps between two parts, in points.
const BETWEEN: (f32, f32) = (6.0, 20.0);
/// Width of the badge and the name before a level, and of the level's value after it, in points.
const NAMES: f32 = 92.0;
const VALUES: f32 = 52.0;

/// The mixer, filling `rect`.
pub fn show(ui: &Ui, frame: &mut Frame<'_>, mut rect: Rect) {
    let factor = scale(ui);
    let (header, head, cells) = (HEADER * factor, HEAD * factor, CELL * factor);
    let n_parts = from_count(PARTS.len());
    let used = 2.0 * header + n_parts * (head + cells) + head;
    let gap = ((rect.height() - used - 8.0) / n_parts).clamp(BETWEEN.0, BETWEEN.1);
    caption(ui, take(&mut rect, header), "PARTS");
    for part in PARTS {
        head_of(ui, frame, part, take(&mut rect, head));
        cells_of(ui, frame, part, take(&mut rect, cells));
        take(&mut rect, gap);
    }
    caption(ui, take(&mut rect, header), "PREVIEW");
    let row = take(&mut rect, head);
    let tip = "Loudness of the built-in sounds.";
    level(ui, frame, ParamId::PreviewLevel, row, theme::of(ui).text_soft, ("Preview level in the mix", tip));
    text(ui, row, Align2::LEFT_CENTER, "All parts", theme::regular(12.5), theme::of(ui).text);
}

/// The badge, the name and the level of `part`.
fn head_of(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let is_on = frame.state.is_on(ParamId::Part(part, PartParam::On));
    let badge = paint_badge(ui, part, rect.left_center(), is_on);
    let color = if is_on { theme::of(ui).text } else { theme::of(ui).text_dim };
    let name = rect.with_min_x(badge.right() + 7.0);
    text(ui, name, Align2::LEFT_CENTER, part_title(part), theme::semibold(12.5), color);
    let label = format!("{} level in the mix", part_title(part));
    let id = ParamId::Part(part, PartParam::Level);
    level(ui, frame, id, rect, theme::of(ui).part(part), (&label, "Loudness in the preview."));
}

/// A level between the name and the value of a row.
fn level(
    ui: &Ui,
    frame: &mut Frame<'_>,
    id: ParamId,
    row: Rect,
    color: egui::Color32,
    (label, tip): (&str, &str),
) {
    let factor = scale(ui);
    let track = row.with_min_x(row.left() + NAMES * factor).with_max_x(row.right() - VALUES * factor);
    sliders::level(ui, frame, id, track.shrink2(egui::vec2(0.0, 2.0)), color, (label, tip));
    let value = compact(frame.state.text(id));
    text(ui, row, Align2::RIGHT_CENTER, &value, theme::regular(12.0), theme::of(ui).text);
}

/// Place, octave, number of notes and channel of `part`; percussion has no octave.
fn cells_of(ui: &Ui, frame: &mut Frame<'_>, part: Part, rect: Rect) {
    let name = part_title(part);
    let place = |idx: usize| cell(rect, idx, 4, rect.height(), GAP);
    let more = frame.state.outcome_text(ParamId::Part(part, PartParam::Density));
    let notes = format!("More or fewer notes than Density asks for.{more}");
    for (idx, id, what, caption, tip) in [
        (0, PartParam::Pan, "pan", "Pan", "Left to right in the preview."),
        (1, PartParam::Octave, "octave", "Octave", "Octaves up or down, as the part is played."),
        (2, PartParam::Density, "density", "Notes", notes.as_str()),
    ] {
        if !(part.is_drums() && id == PartParam::Octave) {
            let label = format!("{name} {what}");
            field(ui, frame, ParamId::Part(part, id), place(idx), (&label, caption, tip));
        }
    }
    let label = format!("{name} channel");
    let id = ParamId::Part(part, PartParam::Channel);
    let tip = "MIDI channel that the part is sent on.";
    menu(ui, frame, id, place(3), MenuLook::Stacked, (&label, "Channel", tip));
}
