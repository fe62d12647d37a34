//! The colours of a theme by what they are for.

use egui::Color32;

use crate::look::Rgb;
use crate::music::{Part, Pitch};

/// The colours of the editor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Background of the window and its columns.
    pub background: Color32,
    /// Background of the bars at the top and the bottom.
    pub bar: Color32,
    /// Fill of text boxes.
    pub well: Color32,
    /// Fill of chips, of cards and of the rows of white keys.
    pub card: Color32,
    /// Fill of the rows of black keys.
    pub row_dark: Color32,
    /// Fill of buttons.
    pub button: Color32,
    /// Fill of the widget under the pointer.
    pub hover: Color32,
    /// Fill of the chosen one of several values.
    pub chosen: Color32,
    /// Lines between columns, and outlines of what cannot be used now.
    pub line: Color32,
    /// Lines between bars.
    pub bar_line: Color32,
    /// Lines between beats.
    pub beat_line: Color32,
    /// Outlines of what can be pressed or turned.
    pub outline: Color32,
    /// The ring around what has the keyboard focus.
    pub focus: Color32,
    /// The empty part of a slider.
    pub track: Color32,
    /// What the take has got, on the track of what was asked for.
    pub got: Color32,
    /// Text of first importance.
    pub text: Color32,
    /// Text of second importance.
    pub text_soft: Color32,
    /// Text of captions.
    pub text_dim: Color32,
    /// Text of what cannot be used now.
    pub disabled: Color32,
    /// The accent: the main button, and values that are set.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The status dot when all is well.
    pub good: Color32,
    /// The status dot and text of a problem.
    pub problem: Color32,
    /// Text of chord symbols.
    pub chord_text: Color32,
    /// Fill behind chord symbols.
    pub chord_fill: Color32,
    /// Outline around chord symbols.
    pub chord_line: Color32,
    /// Fill of the main button under the pointer.
    pub accent_hot: Color32,
    /// The playhead, and the dot of the mood.
    pub playhead: Color32,
    /// The veil over the frozen stretch.
    pub veil: Color32,
    /// Fill behind selected text.
    pub selection: Color32,
    /// Corners of the mood pad: tense, joyful, sad and calm.
    pub moods: [Color32; 4],
    /// The colours of the parts, in the order of [`Part::ALL`]. Any two of them differ for people who see red, green or blue
    /// weakly or not at all.
    pub parts: [Color32; 5],
    /// Letters on the parts' colours, in the same order.
    pub on_parts: [Color32; 5],
    /// Opacity of shadows, `0..=255`.
    pub shadow: u8,
}

impl Theme {
    /// The colour of a part.
    pub const fn part(&self, part: Part) -> Color32 {
        self.parts[part.index()]
    }

    /// A letter on the colour of a part.
    pub const fn on_part(&self, part: Part) -> Color32 {
        self.on_parts[part.index()]
    }

    /// The fill of the row of `pitch`, by whether its key on a keyboard is white or black.
    pub fn row(&self, pitch: Pitch) -> Color32 {
        if matches!(pitch.class().number(), 1 | 3 | 6 | 8 | 10) { self.row_dark } else { self.card }
    }

    /// The fill of the row of drums `row_idx`, counted from the top.
    pub const fn drum_row(&self, row_idx: usize) -> Color32 {
        if row_idx.is_multiple_of(2) { self.card } else { self.row_dark }
    }
}

/// An opaque colour.
pub const fn opaque([red, green, blue]: Rgb) -> Color32 {
    Color32::from_rgb(red, green, blue)
}
