//! The two themes: dark, which pictures of phrases have too, and light.

use egui::Color32;

use super::roles::{Theme, opaque};
use crate::look;
use crate::music::Part;

/// Light on dark.
pub const DARK: Theme = Theme {
    background: opaque(look::BACKGROUND),
    bar: Color32::from_rgb(0x18, 0x1b, 0x20),
    well: Color32::from_rgb(0x0f, 0x11, 0x14),
    card: opaque(look::CARD),
    row_dark: opaque(look::ROW_DARK),
    button: Color32::from_rgb(0x22, 0x26, 0x2e),
    hover: Color32::from_rgb(0x2b, 0x31, 0x3b),
    chosen: Color32::from_rgb(0x34, 0x3b, 0x48),
    line: Color32::from_rgb(0x26, 0x2b, 0x34),
    bar_line: opaque(look::BAR_LINE),
    beat_line: opaque(look::BEAT_LINE),
    outline: Color32::from_rgb(0x69, 0x72, 0x83),
    focus: Color32::from_rgb(0xf4, 0xf6, 0xfa),
    track: Color32::from_rgb(0x69, 0x72, 0x83),
    got: opaque(look::CHORD_TEXT),
    text: opaque(look::TEXT),
    text_soft: opaque(look::TEXT_SOFT),
    text_dim: opaque(look::TEXT_DIM),
    disabled: Color32::from_rgb(0x75, 0x7e, 0x8f),
    accent: opaque(look::ACCENT),
    on_accent: opaque(look::ON_ACCENT),
    good: Color32::from_rgb(0x7b, 0xd3, 0x89),
    problem: Color32::from_rgb(0xf0, 0x6a, 0x7d),
    chord_text: opaque(look::CHORD_TEXT),
    chord_fill: opaque(look::CHORD_FILL),
    chord_line: opaque(look::CHORD_LINE),
    accent_hot: Color32::from_rgb(0xff, 0xc2, 0x73),
    playhead: Color32::from_gray(0xf2),
    veil: Color32::from_rgba_premultiplied(26, 26, 26, 26),
    selection: Color32::from_rgb(0x5c, 0x47, 0x2a),
    moods: [
        Color32::from_rgb(0x5c, 0x33, 0x48),
        Color32::from_rgb(0x66, 0x58, 0x32),
        Color32::from_rgb(0x38, 0x39, 0x60),
        Color32::from_rgb(0x3c, 0x5c, 0x42),
    ],
    parts: [
        opaque(look::part_colour(Part::ALL[0])),
        opaque(look::part_colour(Part::ALL[1])),
        opaque(look::part_colour(Part::ALL[2])),
        opaque(look::part_colour(Part::ALL[3])),
        opaque(look::part_colour(Part::ALL[4])),
    ],
    on_parts: [opaque(look::ON_ACCENT); 5],
    shadow: 120,
};

const NEARLY_BLACK: Color32 = Color32::from_rgb(0x12, 0x0c, 0x04);

/// Dark on light.
pub const LIGHT: Theme = Theme {
    background: Color32::from_rgb(0xf0, 0xf2, 0xf6),
    bar: Color32::from_rgb(0xe6, 0xe9, 0xf0),
    well: Color32::from_rgb(0xff, 0xff, 0xff),
    card: Color32::from_rgb(0xfa, 0xfb, 0xfd),
    row_dark: Color32::from_rgb(0xe9, 0xec, 0xf2),
    button: Color32::from_rgb(0xff, 0xff, 0xff),
    hover: Color32::from_rgb(0xe2, 0xe7, 0xf0),
    chosen: Color32::from_rgb(0xcc, 0xd4, 0xe2),
    line: Color32::from_rgb(0xd5, 0xda, 0xe3),
    bar_line: Color32::from_rgb(0x5f, 0x68, 0x78),
    beat_line: Color32::from_rgb(0x7b, 0x84, 0x94),
    outline: Color32::from_rgb(0x76, 0x7f, 0x90),
    focus: Color32::from_rgb(0x1c, 0x20, 0x28),
    track: Color32::from_rgb(0x76, 0x7f, 0x90),
    got: Color32::from_rgb(0x1f, 0x5f, 0xb8),
    text: Color32::from_rgb(0x1c, 0x20, 0x28),
    text_soft: Color32::from_rgb(0x3a, 0x42, 0x50),
    text_dim: Color32::from_rgb(0x4e, 0x57, 0x67),
    disabled: Color32::from_rgb(0x8a, 0x92, 0xa0),
    accent: Color32::from_rgb(0xb4, 0x53, 0x09),
    on_accent: Color32::from_rgb(0xff, 0xff, 0xff),
    good: Color32::from_rgb(0x1a, 0x7f, 0x3c),
    problem: Color32::from_rgb(0xb3, 0x12, 0x2f),
    chord_text: Color32::from_rgb(0x12, 0x3f, 0x8f),
    chord_fill: Color32::from_rgb(0xe3, 0xec, 0xf8),
    chord_line: Color32::from_rgb(0x9d, 0xb8, 0xdc),
    accent_hot: Color32::from_rgb(0x9c, 0x45, 0x05),
    playhead: Color32::from_rgb(0x1c, 0x20, 0x28),
    veil: Color32::from_rgba_premultiplied(0, 0, 0, 26),
    selection: Color32::from_rgb(0xf5, 0xd9, 0xb0),
    moods: [
        Color32::from_rgb(0xe8, 0xc2, 0xd2),
        Color32::from_rgb(0xf3, 0xe2, 0xb4),
        Color32::from_rgb(0xc6, 0xc8, 0xec),
        Color32::from_rgb(0xc4, 0xe2, 0xca),
    ],
    parts: [
        Color32::from_rgb(0xa8, 0x10, 0x2f),
        Color32::from_rgb(0x00, 0x94, 0x6f),
        Color32::from_rgb(0x0a, 0x3a, 0x80),
        Color32::from_rgb(0xa3, 0x5b, 0xe0),
        Color32::from_rgb(0xc8, 0x70, 0x00),
    ],
    on_parts: [Color32::WHITE, NEARLY_BLACK, Color32::WHITE, NEARLY_BLACK, NEARLY_BLACK],
    shadow: 50,
};
