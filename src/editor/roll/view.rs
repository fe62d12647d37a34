//! Zoom and scroll of the roll, by wheel, pinch and keys.
//!
//! The visible stretch of each axis is a share of the whole, `0.0..=1.0`, so that it stays valid for a phrase of another
//! length.

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui, Vec2};

/// Shows more of the phrase's time.
pub const ZOOM_OUT: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Minus);
/// Shows less of it.
pub const ZOOM_IN: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Plus);
/// Shows all of the phrase.
pub const SHOW_ALL: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::Num0);
/// Scrolls back by most of the visible stretch.
const PAGE_BACK: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::PageUp);
/// Scrolls on by most of the visible stretch.
const PAGE_ON: KeyboardShortcut = KeyboardShortcut::new(Modifiers::NONE, Key::PageDown);

/// Factor by which one key zooms.
const KEY_ZOOM: f64 = 1.5;

/// The share of the visible stretch by which a page scrolls.
const PAGE: f64 = 0.75;

/// The least share of the rows that is shown; there are at least two octaves of them.
const MIN_ROWS: f64 = 0.25;

/// The place of the playhead after a page turn, as a share of the visible stretch from the left edge.
const PLAYHEAD_AT: f64 = 0.05;

/// The visible stretch of a whole, in shares of the whole.
///
/// # Invariants
///
/// `0 ≤ start`, `start + span ≤ 1`, `MIN_SPAN ≤ span ≤ 1`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stretch {
    start: f64,
    span: f64,
}

impl Default for Stretch {
    fn default() -> Self {
        Self { start: 0.0, span: 1.0 }
    }
}

impl Stretch {
    /// The least share of a whole that is shown.
    const MIN_SPAN: f64 = 1.0 / 256.0;

    /// Its start, `0.0..1.0`.
    pub const fn start(self) -> f64 {
        self.start
    }

    /// Its length, `MIN_SPAN..=1.0`.
    pub const fn span(self) -> f64 {
        self.span
    }

    /// Whether the place `share`, `0.0..=1.0` of the whole, is visible.
    pub fn contains(self, share: f64) -> bool {
        (self.start..=self.start + self.span).contains(&share)
    }

    /// The stretch magnified by `factor`, so that the place at `anchor`, `0.0..=1.0` of the visible stretch, stays put.
    #[must_use]
    pub fn zoomed(self, factor: f64, anchor: f64) -> Self {
        if !(factor.is_finite() && factor > 0.0) {
            return self;
        }
        let span = (self.span / factor).clamp(Self::MIN_SPAN, 1.0);
        Self { start: self.start, span }.moved_to(self.start + anchor.clamp(0.0, 1.0) * (self.span - span))
    }

    /// The stretch moved by the share `by` of itself; positive is later.
    #[must_use]
    pub fn scrolled(self, by: f64) -> Self {
        self.moved_to(self.start + by * self.span)
    }

    fn moved_to(self, start: f64) -> Self {
        let latest = 1.0 - self.span;
        Self { start: if start.is_finite() { start.clamp(0.0, latest) } else { self.start }, ..self }
    }
}

/// The visible part of a phrase: a stretch of time and a stretch of rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct View {
    /// Of the phrase, from its start.
    pub time: Stretch,
    /// Of the rows of pitches, from the uppermost.
    pub rows: Stretch,
    /// Whether the playhead was in sight in the last frame.
    follows: bool,
}

impl View {
    /// Zooms and scrolls by wheel and pinch over `area`.
    ///
    /// The wheel scrolls pitches, with Shift or sideways time. With the command key, or by a pinch, it zooms time, with Alt
    /// pitches.
    pub fn turn(&mut self, ui: &Ui, area: Rect) {
        let Some(pos) = ui.input(|input| input.pointer.hover_pos()).filter(|pos| area.contains(*pos)) else {
            return;
        };
        let anchor = |at: f32, from: f32, length: f32| f64::from((at - from) / length.max(1.0));
        let (across, down) =
            (anchor(pos.x, area.left(), area.width()), anchor(pos.y, area.top(), area.height()));
        let (zoom, by, is_alt) =
            ui.input(|input| (input.zoom_delta(), input.smooth_scroll_delta, input.modifiers.alt));
        if (zoom - 1.0).abs() > f32::EPSILON {
            self.time = self.time.zoomed(f64::from(zoom), across);
            return;
        }
        if by == Vec2::ZERO {
            return;
        }
        if is_alt {
            // The same factor as for zooming with the command key.
            let factor = f64::from((by.x + by.y) / 200.0).exp();
            self.rows = self.rows.zoomed(factor.min(self.rows.span() / MIN_ROWS), down);
        } else {
            self.time = self.time.scrolled(-f64::from(by.x / area.width().max(1.0)));
            self.rows = self.rows.scrolled(-f64::from(by.y / area.height().max(1.0)));
        }
    }

    /// Zooms and scrolls by the keys that were pressed, unless a text box has the focus.
    pub fn read_keys(&mut self, ui: &Ui) {
        let pressed = |shortcut: &KeyboardShortcut| ui.input_mut(|input| input.consume_shortcut(shortcut));
        // The plus key with Shift, as on some keyboards, and without.
        let plus = KeyboardShortcut::new(Modifiers::NONE, Key::Equals);
        if pressed(&ZOOM_IN) || pressed(&plus) {
            self.time = self.time.zoomed(KEY_ZOOM, 0.5);
        }
        if pressed(&ZOOM_OUT) {
            self.time = self.time.zoomed(1.0 / KEY_ZOOM, 0.5);
        }
        if pressed(&SHOW_ALL) {
            *self = Self::default();
        }
        for (shortcut, by) in [(PAGE_BACK, -PAGE), (PAGE_ON, PAGE)] {
            if pressed(&shortcut) {
                self.time = self.time.scrolled(by);
            }
        }
    }

    /// Scrolls by a page when the playhead leaves the visible stretch; a playhead that was not visible is not followed.
    ///
    /// `playhead` — a share of the phrase, `None` while it does not play.
    pub fn follow(&mut self, playhead: Option<f64>) {
        let Some(share) = playhead else {
            self.follows = false;
            return;
        };
        if self.follows && !self.time.contains(share) {
            self.time = self.time.moved_to(share - PLAYHEAD_AT * self.time.span);
        }
        self.follows = self.time.contains(share);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn however_it_is_zoomed_and_scrolled_something_is_in_sight(
            turns in prop::collection::vec((0u8..3, -3.0..3.0_f64, -0.5..1.5_f64), 0..40),
        ) {
            let mut stretch = Stretch::default();
            for (kind, by, anchor) in turns {
                let before = stretch;
                match kind {
                    0 => {
                        stretch = stretch.zoomed(by.exp(), anchor);
                        // What is under the pointer stays there, unless an edge is in the way.
                        let anchor = anchor.clamp(0.0, 1.0);
                        let at = |stretch: Stretch| stretch.start + anchor * stretch.span;
                        let is_at_edge = stretch.start == 0.0 || stretch.start + stretch.span >= 1.0 - 1e-9;
                        prop_assert!(is_at_edge || (at(stretch) - at(before)).abs() < 1e-9);
                    }
                    1 => stretch = stretch.scrolled(by),
                    _ => stretch = stretch.scrolled(f64::NAN).zoomed(f64::INFINITY, anchor).zoomed(-1.0, anchor),
                }
                prop_assert!(stretch.start >= 0.0 && stretch.start + stretch.span <= 1.0 + 1e-9, "{stretch:?}");
                prop_assert!((Stretch::MIN_SPAN..=1.0).contains(&stretch.span));
            }
        }
    }

    #[test]
    fn the_page_turns_for_a_playhead_that_was_in_sight() {
        let mut view = View { time: Stretch::default().zoomed(4.0, 0.0), ..View::default() };
        view.follow(Some(0.9));
        assert_eq!(view.time.start(), 0.0, "it was not in sight");
        view.follow(Some(0.2));
        view.follow(Some(0.26));
        assert!(view.time.contains(0.26) && view.time.start() > 0.2, "{view:?}");
        // Round the end.
        view.follow(Some(0.0));
        assert_eq!(view.time.start(), 0.0);
        view.follow(None);
        view.follow(Some(0.5));
        assert_eq!(view.time.start(), 0.0);
    }
}
