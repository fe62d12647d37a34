//! The piano roll as a PNG picture.
//!
//! From top to bottom: a title and a legend of the parts' colours, bar numbers, chords, the roll, drum lanes, velocities.
//! Places and sizes are points.

use super::canvas::{Area, Canvas, points};
use super::facts;
use super::lettering::Lettering;
use crate::look::{self, LAYERS, PARTS, Rgb};
use crate::music::phrase::{Note, Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::time::{TickDuration, TickInstant};

/// The size of a piano roll. Values below the least are raised to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollStyle {
    /// Least width of a bar, in points; short phrases get wider bars, very long ones narrower. At least 8.
    pub bar_width: u32,
    /// Height of a semitone, in points. At least 4.
    pub row_height: u32,
    /// Pixels per point in both directions. At least 1.
    pub scale: u8,
}

impl Default for RollStyle {
    /// Two pixels per point, which stays sharp on dense screens.
    fn default() -> Self {
        Self { bar_width: 150, row_height: 11, scale: 2 }
    }
}

/// Margins, gaps and heights of the rows, in points.
const LEFT: usize = 62;
const RIGHT: usize = 20;
/// The y of the title's middle.
const HEADER: usize = 26;
/// The y of the bar numbers' middle.
const BAR_NUMBERS: usize = 58;
const CHORDS: usize = 72;
const CHORD_HEIGHT: usize = 28;
const GRID: usize = CHORDS + CHORD_HEIGHT + 6;
const GAP: usize = 8;
const LANE: usize = 14;
const VELOCITIES: usize = 38;
const BOTTOM: usize = 18;

/// Font size of a row's name, and the gap between it and the row, in points.
const NAME_SIZE: f32 = 10.5;
const NAME_GAP: f32 = 8.0;

/// Gap between the parts of the legend, diameter of a dot, and gap between a dot and the name of its part, in points.
const LEGEND_GAP: f32 = 20.0;
const DOT: f32 = 9.0;
const DOT_GAP: f32 = 6.0;

/// The least number of rows, and the number of empty rows above and below the notes.
const MIN_ROWS: u8 = 24;
const FREE_ROWS: u8 = 2;

/// The width that short phrases are stretched to, the widest bar and the widest roll, in points.
const FULL_WIDTH: usize = 1200;
const MAX_BAR_WIDTH: usize = 720;
const MAX_WIDTH: usize = 15_000;

/// Draws `phrase` as a piano roll and returns the bytes of a PNG file.
pub fn png(phrase: &Phrase, style: &RollStyle) -> Vec<u8> {
    let layout = Layout::new(phrase, style);
    let mut canvas = Canvas::new(layout.width(), layout.height(), style.scale.max(1), look::BACKGROUND);
    draw_header(&mut canvas, &layout);
    draw_grid(&mut canvas, &layout);
    draw_chords(&mut canvas, &layout);
    for part in LAYERS {
        for note in phrase.notes(part) {
            draw_note(&mut canvas, layout.note_area(note), part, note);
        }
    }
    for note in phrase.notes(Part::Drums) {
        draw_note(&mut canvas, layout.stroke_area(note), Part::Drums, note);
    }
    draw_velocities(&mut canvas, &layout);
    encode(&canvas)
}

/// The positions of rows, bars and notes, in points.
pub(super) struct Layout<'a> {
    phrase: &'a Phrase,
    bar_width: usize,
    row_height: usize,
    lowest: u8,
    highest: u8,
    /// Percussion keys, from the top lane down.
    lanes: Vec<Pitch>,
}

impl<'a> Layout<'a> {
    pub(super) fn new(phrase: &'a Phrase, style: &RollStyle) -> Self {
        let n_bars = phrase.frame().n_bars_total() as usize;
        let least = (style.bar_width as usize).max(8);
        let bar_width = least.max((FULL_WIDTH / n_bars).min(MAX_BAR_WIDTH)).min((MAX_WIDTH / n_bars).max(4));
        let pitches =
            || LAYERS.into_iter().flat_map(|part| phrase.notes(part)).map(|note| note.pitch.number());
        let mut lowest = pitches().min().unwrap_or(54).saturating_sub(FREE_ROWS);
        let mut highest = (pitches().max().unwrap_or(66) + FREE_ROWS).min(127);
        while highest - lowest + 1 < MIN_ROWS {
            lowest = lowest.saturating_sub(1);
            highest = (highest + 1).min(127);
        }
        let row_height = (style.row_height as usize).max(4);
        Self { phrase, bar_width, row_height, lowest, highest, lanes: phrase.drum_keys() }
    }

    fn n_bars(&self) -> usize {
        self.phrase.frame().n_bars_total() as usize
    }

    fn roll_width(&self) -> usize {
        self.bar_width * self.n_bars()
    }

    fn width(&self) -> usize {
        LEFT + self.roll_width() + RIGHT
    }

    fn rows_height(&self) -> usize {
        usize::from(self.highest - self.lowest + 1) * self.row_height
    }

    /// Top of the drum lanes.
    fn lanes_top(&self) -> usize {
        GRID + self.rows_height() + GAP
    }

    fn lanes_height(&self) -> usize {
        self.lanes.len() * LANE
    }

    fn velocities(&self) -> Area {
        let gap = if self.lanes.is_empty() { 0 } else { GAP };
        let y = self.lanes_top() + self.lanes_height() + gap;
        Area { x: LEFT, y, width: self.roll_width(), height: VELOCITIES }
    }

    fn height(&self) -> usize {
        self.velocities().y + VELOCITIES + BOTTOM
    }

    fn x(&self, at: TickInstant) -> usize {
        LEFT + at.0 as usize * self.bar_width / self.phrase.frame().meter.bar_duration().0 as usize
    }

    fn row_top(&self, pitch: u8) -> usize {
        GRID + usize::from(self.highest - pitch.clamp(self.lowest, self.highest)) * self.row_height
    }

    pub(super) fn note_area(&self, note: &Note) -> Area {
        let x = self.x(note.onset);
        // One point stays free before the next note.
        let width = (self.x(note.end()) - x).saturating_sub(1).max(2);
        Area { x, y: self.row_top(note.pitch.number()), width, height: self.row_height - 1 }
    }

    pub(super) fn stroke_area(&self, note: &Note) -> Area {
        let lane = self.lanes.iter().position(|&key| key == note.pitch).unwrap_or(0);
        let width = (self.x(note.onset + TickDuration::from_steps(3)) - self.x(note.onset)).clamp(4, 8);
        Area {
            x: self.x(note.onset),
            y: self.lanes_top() + lane * LANE + 2,
            width: width - 1,
            height: LANE - 4,
        }
    }
}

fn draw_header(canvas: &mut Canvas, layout: &Layout) {
    let frame = layout.phrase.frame();
    let (title, facts) = (frame.key.to_string(), facts(frame).join(" · "));
    let (heading, plain) = (Lettering::semibold(17.0), Lettering::regular(17.0));
    let (left, middle) = (points(LEFT), points(HEADER));
    let facts_left = left + heading.width(&title) + 12.0;
    canvas.write((left, middle), &heading, look::TEXT, &title);
    canvas.write((facts_left, middle), &plain, look::TEXT_DIM, &facts);
    draw_legend(canvas, layout, facts_left + plain.width(&facts) + LEGEND_GAP);
}

/// Draws the parts' colours and names at the right; draws nothing if they do not fit to the right of `least`.
fn draw_legend(canvas: &mut Canvas, layout: &Layout, least: f32) {
    let lettering = Lettering::regular(13.0);
    let parts = || PARTS.into_iter().filter(|&part| !layout.phrase.notes(part).is_empty());
    let width = |part| DOT + DOT_GAP + lettering.width(look::part_title(part));
    let gaps = points(parts().count().saturating_sub(1)) * LEGEND_GAP;
    let mut left = points(LEFT + layout.roll_width()) - parts().map(width).sum::<f32>() - gaps;
    if left < least {
        return;
    }
    let middle = points(HEADER);
    for part in parts() {
        canvas.dot((left + DOT / 2.0, middle), DOT / 2.0, look::part_colour(part));
        let name = look::part_title(part);
        canvas.write((left + DOT + DOT_GAP, middle), &lettering, look::TEXT_SOFT, name);
        left += width(part) + LEGEND_GAP;
    }
}

fn draw_grid(canvas: &mut Canvas, layout: &Layout) {
    let frame = layout.phrase.frame();
    let width = layout.roll_width();
    for pitch in (layout.lowest..=layout.highest).filter_map(Pitch::new) {
        let y = layout.row_top(pitch.number());
        let row = Area { x: LEFT, y, width, height: layout.row_height };
        canvas.fill(row, look::row_colour(pitch), 1.0);
        if pitch.class() == frame.key.tonic {
            canvas.fill(row, look::ACCENT, look::TONIC_OPACITY);
        }
        if pitch.class().number() == 0 {
            draw_name(canvas, row, &pitch.to_string());
        }
    }
    for (lane, &key) in layout.lanes.iter().enumerate() {
        let row = Area { x: LEFT, y: layout.lanes_top() + lane * LANE, width, height: LANE };
        canvas.fill(row, look::drum_row_colour(lane), 1.0);
        draw_name(canvas, row, look::drum_name(key));
    }
    let mut vertical = |x: usize, colour: Rgb| {
        canvas.fill(Area { x, y: GRID, width: 1, height: layout.rows_height() }, colour, 1.0);
        canvas.fill(Area { x, y: layout.lanes_top(), width: 1, height: layout.lanes_height() }, colour, 1.0);
    };
    for bar_idx in 0..=frame.n_bars_total() {
        let start = frame.bar_start(bar_idx);
        if bar_idx < frame.n_bars_total() {
            for beat in 1..frame.meter.felt_beats() {
                let beat = TickDuration::from_steps(beat * frame.meter.felt_beat_steps());
                vertical(layout.x(start + beat), look::BEAT_LINE);
            }
        }
        vertical(layout.x(start), look::BAR_LINE);
    }
    // Numbers are left out where bars are too narrow for them.
    let every = (28 / layout.bar_width + 1).next_power_of_two();
    let lettering = Lettering::regular(12.0);
    for bar_idx in (0..frame.n_bars_total()).step_by(every) {
        let number = frame.bar_number(bar_idx).to_string();
        let left = points(layout.x(frame.bar_start(bar_idx)) + 5);
        canvas.write((left, points(BAR_NUMBERS)), &lettering, look::TEXT_DIM, &number);
    }
}

/// Writes the name of a row to the left of it.
fn draw_name(canvas: &mut Canvas, row: Area, name: &str) {
    let lettering = Lettering::regular(NAME_SIZE);
    let middle = points(row.y) + points(row.height) / 2.0;
    let left = points(row.x) - NAME_GAP - lettering.width(name);
    canvas.write((left, middle), &lettering, look::TEXT_DIM, name);
}

fn draw_chords(canvas: &mut Canvas, layout: &Layout) {
    let spelling = layout.phrase.frame().key.spelling();
    let (large, small) = (Lettering::semibold(14.0), Lettering::semibold(11.0));
    for span in layout.phrase.progression().spans() {
        let (x, end) = (layout.x(span.onset), layout.x(span.end()).min(LEFT + layout.roll_width()));
        let width = end.saturating_sub(x + 2);
        if width < 3 {
            continue;
        }
        let edge = Area { x: x + 1, y: CHORDS, width, height: CHORD_HEIGHT };
        canvas.fill_rounded(edge, 5, look::CHORD_LINE, 1.0);
        canvas.fill_rounded(edge.shrunk(1), 4, look::CHORD_FILL, 1.0);
        let name = span.chord.map_or_else(|| "N.C.".to_owned(), |chord| chord.symbol(spelling));
        let fitting = [(&large, 9.0), (&small, 3.0)]
            .into_iter()
            .find(|(lettering, side)| lettering.width(&name) + 2.0 * side <= points(width));
        if let Some((lettering, side)) = fitting {
            let middle = points(CHORDS) + points(CHORD_HEIGHT) / 2.0;
            canvas.write((points(edge.x) + side, middle), lettering, look::CHORD_TEXT, &name);
        }
    }
}

fn draw_note(canvas: &mut Canvas, area: Area, part: Part, note: &Note) {
    let height = points(area.height);
    let opacity = look::note_opacity(part, note.played_velocity());
    canvas.fill_rounded(area, look::note_radius(height), look::part_colour(part), opacity);
    if note.locked {
        let x = points(area.x) + 8.0_f32.min(points(area.width) / 2.0);
        let centre = (x, points(area.y) + height / 2.0);
        canvas.dot(centre, (height * 0.28).clamp(1.5, 4.0), look::ON_ACCENT);
    }
}

fn draw_velocities(canvas: &mut Canvas, layout: &Layout) {
    let area = layout.velocities();
    draw_name(canvas, area, "Velocity");
    let bottom = area.y + area.height - 1;
    canvas.fill(Area { y: bottom, height: 1, ..area }, look::BEAT_LINE, 1.0);
    for part in [Part::Drums].into_iter().chain(LAYERS) {
        let (width, opacity) = look::velocity_bar(part);
        for note in layout.phrase.notes(part) {
            let height = usize::from(note.played_velocity()) * (area.height - 2) / 127;
            let x = layout.x(note.onset) + 1;
            let bar = Area { x, y: bottom - height, width: usize::from(width), height };
            canvas.fill_rounded(bar, 1, look::part_colour(part), opacity);
        }
    }
}

/// The canvas as a PNG file.
fn encode(canvas: &Canvas) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = canvas.size();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&canvas.to_rgb()));
    written.expect("a vector takes every byte, and the canvas has the size in the header");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rows_have_room() {
        let drums = (0..128).map(|key| look::drum_name(Pitch::clamped(key)).to_owned());
        for name in drums.chain([Pitch::clamped(0).to_string(), "Velocity".to_owned()]) {
            let width = Lettering::regular(NAME_SIZE).width(&name);
            assert!(width + NAME_GAP < points(LEFT), "{name}: {width}");
        }
    }
}
