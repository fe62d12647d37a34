//! The piano roll as a picture in PNG.
//!
//! From top to bottom: what the phrase is and which colour is which part, bar numbers, chords, the roll, drum lanes.

use super::canvas::{Area, Canvas, points};
use super::lettering::Lettering;
use super::{TONAL, drum_name};
use crate::look::{self, Rgb};
use crate::music::phrase::{Note, Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::time::{TickDuration, TickInstant};

/// How large a piano roll is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollStyle {
    /// Least width of a bar, in pixels; short phrases get wider bars. At least 8.
    pub bar_width: u32,
    /// Height of a semitone, in pixels. At least 4.
    pub row_height: u32,
}

impl Default for RollStyle {
    fn default() -> Self {
        Self { bar_width: 150, row_height: 11 }
    }
}

/// Space around and between, in pixels.
const LEFT: usize = 62;
const RIGHT: usize = 16;
/// The middle of the title.
const HEADER: usize = 22;
/// From one part of the legend to the next.
const LEGEND: usize = 86;
/// The middle of the bars' numbers.
const BAR_NUMBERS: usize = 49;
const CHORDS: usize = 62;
const CHORD_HEIGHT: usize = 26;
const GRID: usize = CHORDS + CHORD_HEIGHT + 6;
const GAP: usize = 8;
const LANE: usize = 13;

/// The roll has at least so many rows, and so many free ones above and below the notes.
const MIN_ROWS: u8 = 24;
const FREE_ROWS: u8 = 2;

/// Width that short phrases are stretched to, the widest bar, and the widest roll, in pixels.
const FULL_WIDTH: usize = 1200;
const MAX_BAR_WIDTH: usize = 400;
const MAX_WIDTH: usize = 30_000;

/// Draws `phrase` as a piano roll and returns the bytes of a PNG file.
pub fn png(phrase: &Phrase, style: &RollStyle) -> Vec<u8> {
    let layout = Layout::new(phrase, style);
    let mut canvas = Canvas::new(layout.width(), layout.height(), look::BACKGROUND);
    draw_header(&mut canvas, &layout);
    draw_grid(&mut canvas, &layout);
    draw_chords(&mut canvas, &layout);
    for part in TONAL {
        for note in phrase.notes(part) {
            draw_note(&mut canvas, layout.note_area(note), part, note);
        }
    }
    for note in phrase.notes(Part::Drums) {
        draw_note(&mut canvas, layout.stroke_area(note), Part::Drums, note);
    }
    encode(&canvas)
}

/// Where things go.
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
            || TONAL.into_iter().flat_map(|part| phrase.notes(part)).map(|note| note.pitch.number());
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

    fn height(&self) -> usize {
        self.lanes_top() + self.lanes.len() * LANE + 2 * GAP
    }

    fn x(&self, at: TickInstant) -> usize {
        LEFT + at.0 as usize * self.bar_width / self.phrase.frame().meter.bar_duration().0 as usize
    }

    fn row_top(&self, pitch: u8) -> usize {
        GRID + usize::from(self.highest - pitch.clamp(self.lowest, self.highest)) * self.row_height
    }

    pub(super) fn note_area(&self, note: &Note) -> Area {
        let x = self.x(note.onset);
        // A pixel free between a note and the next.
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
    let title = format!("{}  {}  {:.0} bpm", frame.key, frame.meter, frame.tempo);
    let (heading, caption) = (Lettering::semibold(18.0), Lettering::regular(13.0));
    canvas.write((points(LEFT), points(HEADER)), &heading, look::TEXT, &title);
    let least = points(LEFT) + heading.width(&title) + 24.0;
    let mut right = LEFT + layout.roll_width();
    for part in Part::ALL.into_iter().filter(|&part| !layout.phrase.notes(part).is_empty()) {
        let name = look::part_title(part);
        let left = points(right) - caption.width(name);
        let Some(x) = right.checked_sub(LEGEND).filter(|_| left - 14.0 > least) else { break };
        canvas.dot((left - 9.0, points(HEADER)), 4.5, look::part_colour(part));
        canvas.write((left, points(HEADER)), &caption, look::TEXT_SOFT, name);
        right = x;
    }
}

fn draw_grid(canvas: &mut Canvas, layout: &Layout) {
    let frame = layout.phrase.frame();
    let (width, rows_height) = (layout.roll_width(), layout.rows_height());
    for pitch in layout.lowest..=layout.highest {
        let (y, is_black) = (layout.row_top(pitch), matches!(pitch % 12, 1 | 3 | 6 | 8 | 10));
        let row = Area { x: LEFT, y, width, height: layout.row_height };
        canvas.fill(row, if is_black { look::ROW_DARK } else { look::CARD });
        if pitch.is_multiple_of(12) {
            canvas.fill(Area { y: y + layout.row_height - 1, height: 1, ..row }, look::BEAT_LINE);
            draw_name(canvas, row, &Pitch::clamped(i32::from(pitch)).to_string());
        }
    }
    for (lane, &key) in layout.lanes.iter().enumerate() {
        let row = Area { x: LEFT, y: layout.lanes_top() + lane * LANE, width, height: LANE };
        canvas.fill(row, if lane.is_multiple_of(2) { look::CARD } else { look::ROW_DARK });
        draw_name(canvas, row, drum_name(key));
    }
    let lanes_height = layout.lanes.len() * LANE;
    let mut vertical = |x: usize, colour: Rgb| {
        canvas.fill(Area { x, y: GRID, width: 1, height: rows_height }, colour);
        canvas.fill(Area { x, y: layout.lanes_top(), width: 1, height: lanes_height }, colour);
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

/// Writes the name of a row to its left.
fn draw_name(canvas: &mut Canvas, row: Area, name: &str) {
    let lettering = Lettering::regular(10.5);
    let middle = points(row.y) + points(row.height) / 2.0;
    let left = points(row.x) - 8.0 - lettering.width(name);
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
