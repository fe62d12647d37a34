//! The piano roll as a picture in PNG.
//!
//! From top to bottom: what the phrase is and which colour is which part, bar numbers, chords, the roll, drum lanes.

use std::collections::HashMap;

use super::canvas::{Area, Canvas, Colour};
use super::{TONAL, drum_name, font};
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

const BACKGROUND: Colour = [0x15, 0x18, 0x1c];
const WHITE_ROW: Colour = [0x1f, 0x23, 0x29];
const BLACK_ROW: Colour = [0x19, 0x1c, 0x21];
const OCTAVE_LINE: Colour = [0x2b, 0x31, 0x3a];
const BEAT_LINE: Colour = [0x2a, 0x2f, 0x37];
const BAR_LINE: Colour = [0x4a, 0x53, 0x61];
const CHORD_BOX: Colour = [0x1d, 0x2b, 0x38];
const CHORD_EDGE: Colour = [0x30, 0x48, 0x5e];
const CHORD_TEXT: Colour = [0x8e, 0xc5, 0xf0];
const BRIGHT: Colour = [0xe8, 0xea, 0xed];
const DIM: Colour = [0x8b, 0x94, 0xa1];

/// Space around and between, in pixels.
const LEFT: usize = 62;
const RIGHT: usize = 16;
const BAR_NUMBERS: usize = 46;
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

/// The colour of a part.
const fn colour(part: Part) -> Colour {
    match part {
        Part::Drums => [0xe8, 0x5d, 0x75],
        Part::Bass => [0x6c, 0xc4, 0x84],
        Part::Chords => [0x4f, 0x9a, 0xdb],
        Part::Arpeggio => [0xc0, 0x8b, 0xf0],
        Part::Melody => [0xff, 0xb4, 0x54],
    }
}

/// Draws `phrase` as a piano roll and returns the bytes of a PNG file.
pub fn png(phrase: &Phrase, style: &RollStyle) -> Vec<u8> {
    let layout = Layout::new(phrase, style);
    let mut canvas = Canvas::new(layout.width(), layout.height(), BACKGROUND);
    draw_header(&mut canvas, &layout);
    draw_grid(&mut canvas, &layout);
    draw_chords(&mut canvas, &layout);
    draw_lanes(&mut canvas, &layout);
    for part in TONAL {
        for note in phrase.notes(part) {
            draw_note(&mut canvas, layout.note_area(note), part, note);
        }
    }
    for note in phrase.notes(Part::Drums) {
        draw_note(&mut canvas, layout.stroke_area(note), Part::Drums, note);
    }
    encode(&canvas, layout.width(), layout.height())
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
    canvas.write(LEFT, 16, 2, BRIGHT, &title);
    let mut x = LEFT + layout.roll_width();
    for part in Part::ALL.into_iter().filter(|&part| !layout.phrase.notes(part).is_empty()) {
        let width = 14 + 2 * font::width(part.name());
        let Some(left) = x.checked_sub(width).filter(|&left| left > LEFT + 2 * font::width(&title) + 24)
        else {
            break;
        };
        canvas.fill_rounded(Area { x: left, y: 18, width: 9, height: 9 }, colour(part), 255);
        canvas.write(left + 14, 16, 2, DIM, part.name());
        x = left.saturating_sub(18);
    }
}

fn draw_grid(canvas: &mut Canvas, layout: &Layout) {
    let frame = layout.phrase.frame();
    let (width, rows_height) = (layout.roll_width(), layout.rows_height());
    for pitch in layout.lowest..=layout.highest {
        let (y, is_black) = (layout.row_top(pitch), matches!(pitch % 12, 1 | 3 | 6 | 8 | 10));
        let row = Area { x: LEFT, y, width, height: layout.row_height };
        canvas.fill(row, if is_black { BLACK_ROW } else { WHITE_ROW }, 255);
        if pitch.is_multiple_of(12) {
            let line = Area { x: LEFT, y: y + layout.row_height - 1, width, height: 1 };
            canvas.fill(line, OCTAVE_LINE, 255);
            let name = Pitch::clamped(i32::from(pitch)).to_string();
            let top = (y + layout.row_height / 2).saturating_sub(font::HEIGHT);
            canvas.write(LEFT - 8 - 2 * font::width(&name), top, 2, DIM, &name);
        }
    }
    for lane in 0..layout.lanes.len() {
        let y = layout.lanes_top() + lane * LANE;
        let shade = if lane.is_multiple_of(2) { WHITE_ROW } else { BLACK_ROW };
        canvas.fill(Area { x: LEFT, y, width, height: LANE }, shade, 255);
    }
    let lanes_height = layout.lanes.len() * LANE;
    let mut vertical = |x: usize, colour: Colour| {
        canvas.fill(Area { x, y: GRID, width: 1, height: rows_height }, colour, 255);
        canvas.fill(Area { x, y: layout.lanes_top(), width: 1, height: lanes_height }, colour, 255);
    };
    for bar_idx in 0..=frame.n_bars_total() {
        let start = frame.bar_start(bar_idx);
        if bar_idx < frame.n_bars_total() {
            for beat in 1..frame.meter.felt_beats() {
                let beat = TickDuration::from_steps(beat * frame.meter.felt_beat_steps());
                vertical(layout.x(start + beat), BEAT_LINE);
            }
        }
        vertical(layout.x(start), BAR_LINE);
    }
    // Numbers are left out where bars are too narrow for them.
    let every = (28 / layout.bar_width + 1).next_power_of_two();
    for bar_idx in (0..frame.n_bars_total()).step_by(every) {
        let number = frame.bar_number(bar_idx).to_string();
        canvas.write(layout.x(frame.bar_start(bar_idx)) + 4, BAR_NUMBERS, 1, DIM, &number);
    }
}

fn draw_chords(canvas: &mut Canvas, layout: &Layout) {
    let spelling = layout.phrase.frame().key.spelling();
    for span in layout.phrase.progression().spans() {
        let (x, end) = (layout.x(span.onset), layout.x(span.end()).min(LEFT + layout.roll_width()));
        let width = end.saturating_sub(x + 2);
        if width < 3 {
            continue;
        }
        let edge = Area { x: x + 1, y: CHORDS, width, height: CHORD_HEIGHT };
        let inside = Area { x: x + 2, y: CHORDS + 1, width: width - 2, height: CHORD_HEIGHT - 2 };
        canvas.fill_rounded(edge, CHORD_EDGE, 255);
        canvas.fill_rounded(inside, CHORD_BOX, 255);
        let name = span.chord.map_or_else(|| "N.C.".to_owned(), |chord| chord.symbol(spelling));
        let scale = if 2 * font::width(&name) + 10 <= width { 2 } else { 1 };
        if scale * font::width(&name) + 4 <= width {
            let top = CHORDS + (CHORD_HEIGHT - scale * font::HEIGHT) / 2;
            canvas.write(x + if scale == 2 { 9 } else { 4 }, top, scale, CHORD_TEXT, &name);
        }
    }
}

fn draw_lanes(canvas: &mut Canvas, layout: &Layout) {
    for (lane, &key) in layout.lanes.iter().enumerate() {
        let name = drum_name(key);
        let top = layout.lanes_top() + lane * LANE + (LANE - font::HEIGHT) / 2;
        canvas.write(LEFT - 8 - font::width(name), top, 1, DIM, name);
    }
}

fn draw_note(canvas: &mut Canvas, area: Area, part: Part, note: &Note) {
    // Soft notes let the grid through; accompaniment stays behind the melody.
    let strength = match part {
        Part::Chords => 150,
        Part::Bass => 205,
        Part::Arpeggio => 235,
        Part::Drums | Part::Melody => 255,
    };
    let alpha = strength * (150 + 105 * u32::from(note.played_velocity()) / 127) / 255;
    canvas.fill_rounded(area, colour(part), u8::try_from(alpha).unwrap_or(u8::MAX));
    if note.locked {
        let diameter = (area.height / 2).max(3);
        let y = area.y + (area.height - diameter).div_ceil(2);
        canvas.dot(area.x + 3.min(area.width / 2), y, diameter, BACKGROUND);
    }
}

/// The canvas as a PNG file, a byte a pixel where there are few enough colours.
fn encode(canvas: &Canvas, width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (width, height) = (u32::try_from(width).unwrap_or(1), u32::try_from(height).unwrap_or(1));
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::High);
    let pixels = match indexed(canvas) {
        Some((palette, indices)) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette);
            indices
        }
        None => {
            encoder.set_color(png::ColorType::Rgb);
            canvas.as_bytes().to_vec()
        }
    };
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    written.expect("a vector takes every byte, and the canvas has the size in the header");
    bytes
}

/// The colours of `canvas`, three bytes each, and for each pixel the place of its own; `None` if there are over 256.
fn indexed(canvas: &Canvas) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut places, mut palette) = (HashMap::new(), Vec::new());
    let place = |pixel: &[u8]| {
        let n_known = places.len();
        let place = *places.entry(pixel.to_vec()).or_insert(n_known);
        if place == n_known {
            palette.extend_from_slice(pixel);
        }
        u8::try_from(place).ok()
    };
    let indices: Option<Vec<u8>> = canvas.as_bytes().chunks_exact(3).map(place).collect();
    Some((palette, indices?))
}
