//! Text as vector outlines, glyph by glyph from a font.

use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};
use tiny_skia::{Path, PathBuilder};

use crate::look;

/// A font at a size.
pub struct Lettering {
    font: FontRef<'static>,
    /// The height of the em square, in points.
    size: f32,
}

impl Lettering {
    /// The font of most texts; `size` is the em square in points.
    pub fn regular(size: f32) -> Self {
        Self::of(look::REGULAR_FONT, size)
    }

    /// The font of titles and chord symbols; `size` is the em square in points.
    pub fn semibold(size: f32) -> Self {
        Self::of(look::SEMIBOLD_FONT, size)
    }

    fn of(bytes: &'static [u8], size: f32) -> Self {
        Self { font: FontRef::new(bytes).expect("the embedded font is whole"), size }
    }

    /// The width of `text`, in points.
    pub fn width(&self, text: &str) -> f32 {
        let metrics = self.font.glyph_metrics(Size::new(self.size), LocationRef::default());
        let glyphs = text.chars().map(|character| self.font.charmap().map(character).unwrap_or_default());
        glyphs.map(|glyph| metrics.advance_width(glyph).unwrap_or(0.0)).sum()
    }

    /// The outlines of `text` from `left` on, its capitals centred vertically on `middle`, with the baseline rounded to a
    /// whole point to keep it sharp. Places are points. `None` if no glyph has an outline.
    pub fn outline(&self, text: &str, left: f32, middle: f32) -> Option<Path> {
        let (size, location) = (Size::new(self.size), LocationRef::default());
        let capitals = self.font.metrics(size, location).cap_height.unwrap_or(self.size * 0.7);
        let metrics = self.font.glyph_metrics(size, location);
        let (charmap, outlines) = (self.font.charmap(), self.font.outline_glyphs());
        let mut pen = Pen { path: PathBuilder::new(), x: left, baseline: (middle + capitals / 2.0).round() };
        for character in text.chars() {
            let glyph = charmap.map(character).unwrap_or_default();
            if let Some(outline) = outlines.get(glyph) {
                let drawn = outline.draw(DrawSettings::unhinted(size, location), &mut pen);
                drawn.expect("the embedded font has whole glyphs");
            }
            pen.x += metrics.advance_width(glyph).unwrap_or(0.0);
        }
        pen.path.finish()
    }
}

/// Adds the outlines of glyphs, whose y axis points up, to a path of the picture, whose y axis points down.
struct Pen {
    path: PathBuilder,
    /// Where the glyph begins.
    x: f32,
    baseline: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        (self.x + x, self.baseline - y)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.at(x, y);
        self.path.line_to(x, y);
    }

    fn quad_to(&mut self, cx0: f32, cy0: f32, x: f32, y: f32) {
        let ((cx0, cy0), (x, y)) = (self.at(cx0, cy0), self.at(x, y));
        self.path.quad_to(cx0, cy0, x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        let ((cx0, cy0), (cx1, cy1), (x, y)) = (self.at(cx0, cy0), self.at(cx1, cy1), self.at(x, y));
        self.path.cubic_to(cx0, cy0, cx1, cy1, x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_as_wide_as_is_said() {
        for lettering in [Lettering::regular(12.0), Lettering::semibold(14.0)] {
            for text in ["Bbmaj7", "C7/E", "F#m7b5", "Melody", "120 bpm"] {
                let bounds = lettering.outline(text, 100.0, 50.0).unwrap().bounds();
                assert!(bounds.left() >= 99.0 && bounds.right() <= 101.0 + lettering.width(text), "{text}");
                assert!(bounds.top() > 40.0 && bounds.bottom() < 60.0, "{text}");
                assert!(bounds.width() > 0.8 * lettering.width(text), "{text}");
            }
        }
    }

    #[test]
    fn nothing_to_see_has_no_outline() {
        assert!(Lettering::regular(12.0).outline("", 0.0, 0.0).is_none());
        assert!(Lettering::regular(12.0).outline("  ", 0.0, 0.0).is_none());
    }
}
