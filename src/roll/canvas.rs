//! A picture in memory: filled rectangles and text, blended over what is there.
//!
//! Places and sizes are pixels from the top left corner; what lies outside is cut off.

use super::font;

/// Red, green and blue.
pub type Colour = [u8; 3];

/// An opaque picture.
pub struct Canvas {
    width: usize,
    height: usize,
    /// Row by row, three bytes a pixel.
    pixels: Vec<u8>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Canvas {
    /// A picture all in `colour`.
    pub fn new(width: usize, height: usize, colour: Colour) -> Self {
        Self { width, height, pixels: colour.repeat(width * height) }
    }

    /// The bytes, row by row.
    pub fn as_bytes(&self) -> &[u8] {
        &self.pixels
    }

    /// Lays `colour` over a pixel; `alpha` 255 covers.
    fn blend(&mut self, x: usize, y: usize, colour: Colour, alpha: u8) {
        if x >= self.width || y >= self.height {
            return;
        }
        let at = 3 * (y * self.width + x);
        for (below, above) in self.pixels[at..at + 3].iter_mut().zip(colour) {
            let mixed = u32::from(*below) * u32::from(255 - alpha) + u32::from(above) * u32::from(alpha);
            *below = u8::try_from((mixed + 127) / 255).unwrap_or(u8::MAX);
        }
    }

    /// Fills a rectangle.
    pub fn fill(&mut self, area: Area, colour: Colour, alpha: u8) {
        for y in area.y..area.y + area.height {
            for x in area.x..area.x + area.width {
                self.blend(x, y, colour, alpha);
            }
        }
    }

    /// Fills a rectangle with softened corners.
    pub fn fill_rounded(&mut self, area: Area, colour: Colour, alpha: u8) {
        let Area { x: left, y: top, width, height } = area;
        for y in 0..height {
            for x in 0..width {
                // Steps from the nearest corner, counted along both sides.
                let from_corner = x.min(width - 1 - x) + y.min(height - 1 - y);
                let alpha = if from_corner == 0 && width > 2 && height > 2 { alpha / 4 } else { alpha };
                self.blend(left + x, top + y, colour, alpha);
            }
        }
    }

    /// Fills a circle of `diameter` pixels with its top left corner at `x`, `y`.
    pub fn dot(&mut self, x: usize, y: usize, diameter: usize, colour: Colour) {
        // In half pixels, so that the centre is exact.
        let reach = diameter * diameter;
        for dy in 0..diameter {
            for dx in 0..diameter {
                let (across, down) = ((2 * dx + 1).abs_diff(diameter), (2 * dy + 1).abs_diff(diameter));
                if across * across + down * down <= reach {
                    self.blend(x + dx, y + dy, colour, 255);
                }
            }
        }
    }

    /// Writes `text` from the top left corner `x`, `y`, each pixel of the font `scale` pixels wide.
    pub fn write(&mut self, x: usize, y: usize, scale: usize, colour: Colour, text: &str) {
        for (idx, character) in text.chars().enumerate() {
            for (row, bits) in font::glyph(character).into_iter().enumerate() {
                for column in (0..font::WIDTH).filter(|column| bits >> (font::WIDTH - 1 - column) & 1 == 1) {
                    let left = x + scale * (idx * font::ADVANCE + column);
                    let pixel = Area { x: left, y: y + scale * row, width: scale, height: scale };
                    self.fill(pixel, colour, 255);
                }
            }
        }
    }
}
