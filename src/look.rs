//! Colours and letters: what the editor and pictures of phrases have in common.
//!
//! Both draw the same roll, each with its own means; what is here belongs to neither, so that they stay alike.

mod drums;

use crate::music::{Part, Pitch};

pub use drums::drum_name;

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The middle and the columns.
pub const BACKGROUND: Rgb = [0x14, 0x16, 0x1a];
/// Chips, cards and the rows of white keys.
pub const CARD: Rgb = [0x1d, 0x21, 0x28];
/// The rows of black keys.
pub const ROW_DARK: Rgb = [0x18, 0x1b, 0x21];
/// Lines between bars.
pub const BAR_LINE: Rgb = [0x39, 0x41, 0x4f];
/// Lines between beats.
pub const BEAT_LINE: Rgb = [0x25, 0x2a, 0x32];
/// What has to be read.
pub const TEXT: Rgb = [0xe6, 0xe9, 0xef];
/// What may be read.
pub const TEXT_SOFT: Rgb = [0xb4, 0xbb, 0xc8];
/// Captions.
pub const TEXT_DIM: Rgb = [0x8b, 0x93, 0xa3];
/// The one thing to do, what is set, and the melody.
pub const ACCENT: Rgb = [0xff, 0xb4, 0x54];
/// On the accent: text, and the dots of locked notes.
pub const ON_ACCENT: Rgb = [0x1c, 0x14, 0x08];
/// Chord symbols.
pub const CHORD_TEXT: Rgb = [0x8f, 0xc7, 0xf2];
/// Behind chord symbols.
pub const CHORD_FILL: Rgb = [0x1b, 0x27, 0x33];
/// Around chord symbols.
pub const CHORD_LINE: Rgb = [0x27, 0x3c, 0x50];

/// The font of most texts, an OpenType file.
pub const REGULAR_FONT: &[u8] = include_bytes!("../assets/fonts/Inter-Regular.otf");
/// The font of titles and chord symbols, an OpenType file.
pub const SEMIBOLD_FONT: &[u8] = include_bytes!("../assets/fonts/Inter-SemiBold.otf");

/// The parts in the order in which they are listed.
pub const PARTS: [Part; 5] = [Part::Melody, Part::Chords, Part::Bass, Part::Arpeggio, Part::Drums];

/// The parts that share the rows of pitches, from back to front.
pub const LAYERS: [Part; 4] = [Part::Chords, Part::Arpeggio, Part::Bass, Part::Melody];

/// How much of the accent lies over the rows of the tonic, from 0 to 1.
pub const TONIC_OPACITY: f32 = 0.03;

/// The colour of the row of `pitch`, by the key of a keyboard.
pub fn row_colour(pitch: Pitch) -> Rgb {
    if matches!(pitch.class().number(), 1 | 3 | 6 | 8 | 10) { ROW_DARK } else { CARD }
}

/// The colour of the row of drums `row_idx`, counted from the top.
pub const fn drum_row_colour(row_idx: usize) -> Rgb {
    if row_idx.is_multiple_of(2) { CARD } else { ROW_DARK }
}

/// The colour of a part.
pub const fn part_colour(part: Part) -> Rgb {
    match part {
        Part::Melody => ACCENT,
        Part::Chords => [0x5a, 0xa9, 0xe6],
        Part::Bass => [0x7b, 0xd3, 0x89],
        Part::Arpeggio => [0xc7, 0x92, 0xea],
        Part::Drums => [0xe0, 0x55, 0x6f],
    }
}

/// What people call a part.
pub const fn part_title(part: Part) -> &'static str {
    match part {
        Part::Melody => "Melody",
        Part::Chords => "Chords",
        Part::Bass => "Bass",
        Part::Arpeggio => "Arpeggio",
        Part::Drums => "Drums",
    }
}

/// How much of the colour of `part` a note has that is played with `velocity`, from 0 to 1: louder notes are brighter,
/// accompaniment stands back.
pub fn note_opacity(part: Part, velocity: u8) -> f32 {
    let (least, most) = match part {
        Part::Melody => (0.68, 1.0),
        Part::Bass | Part::Arpeggio | Part::Drums => (0.5, 0.82),
        Part::Chords => (0.4, 0.66),
    };
    least + (most - least) * f32::from(velocity) / 127.0
}

/// How round the corners of a note of `height` are.
pub fn note_radius(height: f32) -> u8 {
    if height > 7.0 { 3 } else { 2 }
}

/// How wide the bar of a velocity is, and how much of the colour of `part` it has, from 0 to 1.
pub const fn velocity_bar(part: Part) -> (u8, f32) {
    match part {
        Part::Melody => (4, 0.85),
        Part::Drums => (3, 0.3),
        Part::Bass | Part::Chords | Part::Arpeggio => (3, 0.5),
    }
}
