//! Colours, fonts and proportions of the piano roll, shared by the editor and by pictures of phrases.
//!
//! Each draws the roll with a library of its own; the values here keep the two alike. Colours are sRGB, sizes are points.

mod accidentals;

mod drums;

use crate::music::{Part, Pitch};

pub use accidentals::with_signs;
pub use drums::drum_name;

/// Red, green and blue, `0..=255` each, sRGB.
pub type Rgb = [u8; 3];

/// Background of the window and its columns.
pub const BACKGROUND: Rgb = [0x14, 0x16, 0x1a];
/// Fill of chips, of cards and of the rows of white keys.
pub const CARD: Rgb = [0x1d, 0x21, 0x28];
/// Fill of the rows of black keys.
pub const ROW_DARK: Rgb = [0x18, 0x1b, 0x21];
/// Lines between bars.
pub const BAR_LINE: Rgb = [0x8a, 0x93, 0xa5];
/// Lines between beats.
pub const BEAT_LINE: Rgb = [0x69, 0x72, 0x83];
/// Text of first importance.
pub const TEXT: Rgb = [0xe6, 0xe9, 0xef];
/// Text of second importance.
pub const TEXT_SOFT: Rgb = [0xc3, 0xc9, 0xd4];
/// Text of captions.
pub const TEXT_DIM: Rgb = [0xa3, 0xab, 0xba];
/// The accent: the main button, values that are set, and the melody.
pub const ACCENT: Rgb = [0xff, 0xb4, 0x54];
/// Text on the accent, and the dots of locked notes.
pub const ON_ACCENT: Rgb = [0x1c, 0x14, 0x08];
/// Text of chord symbols.
pub const CHORD_TEXT: Rgb = [0x8f, 0xc7, 0xf2];
/// Fill behind chord symbols.
pub const CHORD_FILL: Rgb = [0x1b, 0x27, 0x33];
/// Outline around chord symbols.
pub const CHORD_LINE: Rgb = [0x27, 0x3c, 0x50];

/// The font of most texts, as the bytes of an OpenType file.
pub const REGULAR_FONT: &[u8] = include_bytes!("../assets/fonts/Inter-Regular.otf");
/// The font of titles and chord symbols, as the bytes of an OpenType file.
pub const SEMIBOLD_FONT: &[u8] = include_bytes!("../assets/fonts/Inter-SemiBold.otf");
/// Accidentals to go with the font of most texts, which has none, as the bytes of a TrueType file.
pub const REGULAR_ACCIDENTALS: &[u8] = include_bytes!("../assets/fonts/Accidentals-Regular.ttf");
/// Accidentals to go with the font of titles, as the bytes of a TrueType file.
pub const SEMIBOLD_ACCIDENTALS: &[u8] = include_bytes!("../assets/fonts/Accidentals-SemiBold.ttf");

/// The parts in the order of lists and legends.
pub const PARTS: [Part; 5] = [Part::Melody, Part::Chords, Part::Bass, Part::Arpeggio, Part::Drums];

/// The parts drawn over each other on the rows of pitches, from back to front; drums have rows of their own.
pub const LAYERS: [Part; 4] = [Part::Chords, Part::Arpeggio, Part::Bass, Part::Melody];

/// Opacity of the accent over the rows of the tonic, `0.0..=1.0`.
pub const TONIC_OPACITY: f32 = 0.03;

/// The colour of the row of `pitch`, by whether its key on a keyboard is white or black.
pub fn row_colour(pitch: Pitch) -> Rgb {
    if matches!(pitch.class().number(), 1 | 3 | 6 | 8 | 10) { ROW_DARK } else { CARD }
}

/// The colour of the row of drums `row_idx`, counted from the top.
pub const fn drum_row_colour(row_idx: usize) -> Rgb {
    if row_idx.is_multiple_of(2) { CARD } else { ROW_DARK }
}

/// The colour of a part. Any two of them differ for people who see red, green or blue weakly or not at all.
pub const fn part_colour(part: Part) -> Rgb {
    match part {
        Part::Melody => ACCENT,
        Part::Chords => [0x3f, 0x86, 0xd6],
        Part::Bass => [0x34, 0xd3, 0xa3],
        Part::Arpeggio => [0xe3, 0xb5, 0xff],
        Part::Drums => [0xe8, 0x50, 0x5f],
    }
}

/// The display name of a part.
pub const fn part_title(part: Part) -> &'static str {
    match part {
        Part::Melody => "Melody",
        Part::Chords => "Chords",
        Part::Bass => "Bass",
        Part::Arpeggio => "Arpeggio",
        Part::Drums => "Drums",
    }
}

/// The letter of a part, which tells it where its colour does not.
pub const fn part_letter(part: Part) -> &'static str {
    match part {
        Part::Melody => "M",
        Part::Chords => "C",
        Part::Bass => "B",
        Part::Arpeggio => "A",
        Part::Drums => "D",
    }
}

/// Opacity, `0.0..=1.0`, of a note of `part` with `velocity`, 0 to 127: louder notes are brighter, accompaniment is dimmer.
pub fn note_opacity(part: Part, velocity: u8) -> f32 {
    let (least, most) = match part {
        Part::Melody => (0.68, 1.0),
        Part::Bass | Part::Arpeggio | Part::Drums => (0.5, 0.82),
        Part::Chords => (0.4, 0.66),
    };
    least + (most - least) * f32::from(velocity) / 127.0
}

/// Corner radius of a note that is `height` points high, in points.
pub fn note_radius(height: f32) -> u8 {
    if height > 7.0 { 3 } else { 2 }
}

/// Width of a velocity bar of `part`, in points, and its opacity, `0.0..=1.0`.
pub const fn velocity_bar(part: Part) -> (u8, f32) {
    match part {
        Part::Melody => (4, 0.85),
        Part::Drums => (3, 0.3),
        Part::Bass | Part::Chords | Part::Arpeggio => (3, 0.5),
    }
}
