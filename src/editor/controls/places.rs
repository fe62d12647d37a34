//! Cuts rectangles into rows and cells.

use egui::{Rect, pos2, vec2};

use crate::editor::conversions::from_count;

/// Gap between two cells, in points.
pub const GAP: f32 = 6.0;

/// Cuts `height` off the top of `rect`.
pub fn take(rect: &mut Rect, height: f32) -> Rect {
    let (taken, rest) = rect.split_top_bottom_at_y(rect.top() + height);
    *rect = rest;
    taken
}

/// The rectangle of cell `idx` in a grid of `n_columns` that begins at the top of `rect`.
pub fn cell(rect: Rect, idx: usize, n_columns: usize, height: f32, gap: f32) -> Rect {
    let (column, row) = (from_count(idx % n_columns), from_count(idx / n_columns));
    let width = (rect.width() - gap * (from_count(n_columns) - 1.0)) / from_count(n_columns);
    let corner = pos2(rect.left() + column * (width + gap), rect.top() + row * (height + gap));
    Rect::from_min_size(corner, vec2(width, height))
}
