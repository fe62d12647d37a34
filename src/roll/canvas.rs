//! A picture in memory, onto which shapes and text are blended with smooth edges.
//!
//! Places and sizes are points, counted from the top left corner; a point is `scale` pixels wide and high. Whatever lies
//! outside the picture is clipped.

use tiny_skia::{Color, FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Transform};

use super::lettering::Lettering;
use crate::look::Rgb;

/// How far the handles of a cubic curve are from its ends for a quarter of a circle of radius 1: 4 (√2 - 1) / 3.
const QUARTER: f32 = 0.552_284_8;

/// An opaque picture.
pub struct Canvas {
    pixels: Pixmap,
    /// From points to pixels.
    scaling: Transform,
}

/// A rectangle, in points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Area {
    pub x: usize,
    pub y: usize,
    pub width: usize,
    pub height: usize,
}

impl Area {
    /// Its left, top, right and bottom edge.
    fn edges(self) -> [f32; 4] {
        [self.x, self.y, self.x + self.width, self.y + self.height].map(points)
    }

    /// The rectangle without `by` points at each side.
    pub const fn shrunk(self, by: usize) -> Self {
        let Self { x, y, width, height } = self;
        Self {
            x: x + by,
            y: y + by,
            width: width.saturating_sub(2 * by),
            height: height.saturating_sub(2 * by),
        }
    }
}

/// A count of points as a float; counts above `u16::MAX`, larger than any picture, are clamped.
pub fn points(count: usize) -> f32 {
    f32::from(u16::try_from(count).unwrap_or(u16::MAX))
}

impl Canvas {
    /// A picture of `width` × `height` points filled with `colour`; `scale` is pixels per point. It has at least one pixel.
    pub fn new(width: usize, height: usize, scale: u8, colour: Rgb) -> Self {
        let side = |length: usize| u32::try_from(length * usize::from(scale)).unwrap_or(u32::MAX).max(1);
        let mut pixels = Pixmap::new(side(width), side(height)).expect("the layout keeps pictures small");
        pixels.fill(opaque(colour));
        Self { pixels, scaling: Transform::from_scale(f32::from(scale), f32::from(scale)) }
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.pixels.width(), self.pixels.height())
    }

    /// The picture row by row, three bytes a pixel.
    pub fn to_rgb(&self) -> Vec<u8> {
        self.pixels.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect()
    }

    /// Fills a rectangle with `colour` at `opacity`, `0.0..=1.0`.
    pub fn fill(&mut self, area: Area, colour: Rgb, opacity: f32) {
        let [left, top, right, bottom] = area.edges();
        if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
            self.pixels.fill_rect(rect, &paint(colour, opacity), self.scaling, None);
        }
    }

    /// Fills a rectangle with rounded corners of `radius` points with `colour` at `opacity`, `0.0..=1.0`.
    pub fn fill_rounded(&mut self, area: Area, radius: u8, colour: Rgb, opacity: f32) {
        self.fill_path(rounded(area, f32::from(radius)).as_ref(), &paint(colour, opacity));
    }

    /// Fills a circle.
    pub fn dot(&mut self, (x, y): (f32, f32), radius: f32, colour: Rgb) {
        self.fill_path(PathBuilder::from_circle(x, y, radius).as_ref(), &paint(colour, 1.0));
    }

    /// Writes `text` from `left` on, its capitals centred on `middle`.
    pub fn write(&mut self, (left, middle): (f32, f32), lettering: &Lettering, colour: Rgb, text: &str) {
        self.fill_path(lettering.outline(text, left, middle).as_ref(), &paint(colour, 1.0));
    }

    fn fill_path(&mut self, path: Option<&Path>, paint: &Paint) {
        if let Some(path) = path {
            self.pixels.fill_path(path, paint, FillRule::Winding, self.scaling, None);
        }
    }
}

fn opaque([red, green, blue]: Rgb) -> Color {
    Color::from_rgba8(red, green, blue, u8::MAX)
}

fn paint(colour: Rgb, opacity: f32) -> Paint<'static> {
    let mut colour = opaque(colour);
    colour.apply_opacity(opacity);
    let mut paint = Paint::default();
    paint.set_color(colour);
    paint
}

/// The outline of a rectangle with rounded corners; `radius` is limited to half of each side.
fn rounded(area: Area, radius: f32) -> Option<Path> {
    let [left, top, right, bottom] = area.edges();
    let radius = radius.min((right - left) / 2.0).min((bottom - top) / 2.0);
    // How far the handles are from the corners.
    let rest = radius * (1.0 - QUARTER);
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - rest, top, right, top + rest, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - rest, right - rest, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + rest, bottom, left, bottom - rest, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + rest, left + rest, top, left + radius, top);
    path.close();
    path.finish()
}
