//! Maps time and pitch to points of the screen and back.
//!
//! Time runs in ticks from the start of the phrase, rows from the uppermost pitch down. Points are egui's.

use egui::{Pos2, Rect, pos2, vec2};

use super::view::{Stretch, View};
use crate::editor::conversions::{from_count, narrow, to_index};
use crate::look::LAYERS;
use crate::music::{Note, Part, Phrase, Pitch, TickInstant};
use crate::session::NoteName;

/// The least range of pitches that is shown, in semitones: two octaves.
const MIN_SEMITONES: usize = 24;

/// Height of a row of drums, in points.
const DRUM_ROW: f32 = 14.0;

/// The largest share of the height of the notes that the rows of drums take.
const MAX_DRUMS: f32 = 0.34;

/// Width of the names of rows to the left of the notes, in points.
pub const GUTTER: f32 = 50.0;

/// Height of a roll, in points, below which its other layers leave more to the notes.
const LOW: f32 = 420.0;

/// The heights of the layers around the notes, in points: bar numbers, chords, the lane, and the tools.
const HEIGHTS: [f32; 4] = [20.0, 32.0, 54.0, 32.0];
/// The same in a low roll.
const LOW_HEIGHTS: [f32; 4] = [16.0, 24.0, 26.0, 28.0];

/// A linear map of a quantity to one axis of the screen, with an inverse.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// The two ends of the visible stretch on the screen, in points.
    screen: (f32, f32),
    /// The values at these ends.
    shown: (f64, f64),
}

impl Axis {
    /// Maps the `stretch` of `0.0..=whole` to the stretch between two points of the screen.
    fn new(screen: (f32, f32), whole: f64, stretch: Stretch) -> Self {
        let whole = whole.max(f64::EPSILON);
        let start = stretch.start() * whole;
        Self { screen, shown: (start, start + stretch.span() * whole) }
    }

    /// The point of `value`, visible or not.
    pub fn to_screen(self, value: f64) -> f32 {
        let share = (value - self.shown.0) / (self.shown.1 - self.shown.0);
        self.screen.0 + narrow(share * f64::from(self.screen.1 - self.screen.0))
    }

    /// The value at `point`.
    pub fn to_value(self, point: f32) -> f64 {
        let length = f64::from(self.screen.1 - self.screen.0);
        let share = if length == 0.0 { 0.0 } else { f64::from(point - self.screen.0) / length };
        self.shown.0 + share * (self.shown.1 - self.shown.0)
    }

    /// Points per unit of the quantity.
    pub fn scale(self) -> f32 {
        narrow(f64::from(self.screen.1 - self.screen.0) / (self.shown.1 - self.shown.0))
    }
}

/// The rectangles of the roll's layers.
pub struct Areas {
    /// Bar numbers.
    pub numbers: Rect,
    /// Chord symbols.
    pub chords: Rect,
    /// Notes of all parts.
    pub notes: Rect,
    /// Velocities or timing of the notes.
    pub lane: Rect,
    /// Tools, below all others and as wide as the roll.
    pub tools: Rect,
}

impl Areas {
    /// The layers of a roll that fills `rect`.
    pub fn of(rect: Rect) -> Self {
        let [of_numbers, of_chords, of_lane, of_tools] =
            if rect.height() < LOW { LOW_HEIGHTS } else { HEIGHTS };
        let (rect, tools) = rect.split_top_bottom_at_y(rect.bottom() - of_tools);
        let inside = rect.with_min_x(rect.left() + GUTTER);
        let (numbers, rest) = inside.split_top_bottom_at_y(inside.top() + of_numbers);
        let (chords, rest) = rest.split_top_bottom_at_y(rest.top() + of_chords);
        let (notes, lane) = rest.split_top_bottom_at_y(rest.bottom() - of_lane.min(rest.height() * 0.3));
        Self {
            numbers,
            chords,
            notes: notes.with_min_y(notes.top() + 3.0),
            lane: lane.with_min_y(lane.top() + 5.0),
            tools: tools.with_min_y(tools.top() + 5.0),
        }
    }
}

/// A place in the roll that a pointer is at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Ticks from the start of the phrase.
    pub tick: f64,
    /// The pitch of the nearest row, of percussion where drums have their rows.
    pub pitch: Pitch,
    /// Whether the row is one of drums.
    pub is_drums: bool,
}

/// A phrase and the positions of its notes on the screen.
pub struct Geometry<'a> {
    pub phrase: &'a Phrase,
    /// Ticks along x.
    time: Axis,
    /// Rows of pitches along y.
    rows: Axis,
    /// The rows of pitches.
    pub tones: Rect,
    /// The pitch of the uppermost row.
    highest: u8,
    n_rows: usize,
    /// The rows of drums.
    pub drums: Rect,
    /// The percussion keys that are played, highest first.
    pub drum_keys: Vec<Pitch>,
}

impl<'a> Geometry<'a> {
    /// The geometry of `phrase` in `areas`, zoomed and scrolled by `view`. The rows of drums are always all visible.
    pub fn new(phrase: &'a Phrase, areas: &Areas, view: &View) -> Self {
        let drum_keys = phrase.drum_keys();
        let drums_height = (from_count(drum_keys.len()) * DRUM_ROW).min(areas.notes.height() * MAX_DRUMS);
        let (tones, drums) = areas.notes.split_top_bottom_at_y(areas.notes.bottom() - drums_height);
        let tones = if drum_keys.is_empty() { tones } else { tones.with_max_y(tones.bottom() - 7.0) };
        let (highest, n_rows) = range(phrase, tones.height());
        let time =
            Axis::new((tones.left(), tones.right()), f64::from(phrase.frame().duration().0), view.time);
        let rows = Axis::new((tones.top(), tones.bottom()), f64::from(from_count(n_rows)), view.rows);
        Self { phrase, time, rows, tones, highest, n_rows, drums, drum_keys }
    }

    /// Ticks along x.
    pub const fn time(&self) -> Axis {
        self.time
    }

    /// The x of `at`.
    pub fn x(&self, at: TickInstant) -> f32 {
        self.time.to_screen(f64::from(at.0))
    }

    /// The tick at `x`, clamped to the phrase.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "held inside the phrase")]
    pub fn time_at(&self, x: f32) -> TickInstant {
        let end = f64::from(self.phrase.frame().end().0);
        TickInstant(self.time.to_value(x).round().clamp(0.0, end) as u32)
    }

    /// The index of the bar at `x`, clamped to the phrase.
    pub fn bar_at(&self, x: f32) -> u32 {
        let frame = self.phrase.frame();
        frame.bar_of(self.time_at(x)).min(frame.n_bars_total().saturating_sub(1))
    }

    /// The top and bottom y of the row of `pitch`; `None` if it has no row.
    pub fn y(&self, pitch: Pitch) -> Option<(f32, f32)> {
        let row = usize::from(self.highest.checked_sub(pitch.number())?);
        let row = f64::from(from_count(row));
        (row < f64::from(from_count(self.n_rows)))
            .then(|| (self.rows.to_screen(row), self.rows.to_screen(row + 1.0)))
    }

    /// The pitch whose row is at `y`.
    pub fn pitch_at(&self, y: f32) -> Option<Pitch> {
        let row = self.rows.to_value(y).floor();
        if !self.tones.y_range().contains(y) || row < 0.0 {
            return None;
        }
        let row = to_index(narrow(row));
        let below = u8::try_from(row).ok().filter(|_| row < self.n_rows)?;
        self.highest.checked_sub(below).and_then(Pitch::new)
    }

    /// The pitches that have rows, from the uppermost.
    pub fn pitches(&self) -> impl Iterator<Item = Pitch> {
        let n_rows = u8::try_from(self.n_rows).unwrap_or(128);
        (0..n_rows).filter_map(|row| self.highest.checked_sub(row).and_then(Pitch::new))
    }

    /// The height of a row of drums, in points.
    pub fn drum_row_height(&self) -> f32 {
        self.drums.height() / from_count(self.drum_keys.len().max(1))
    }

    /// The percussion key whose row is at `y`.
    pub fn drum_at(&self, y: f32) -> Option<Pitch> {
        let is_inside = self.drums.y_range().contains(y) && !self.drum_keys.is_empty();
        let row = to_index(((y - self.drums.top()) / self.drum_row_height()).floor());
        is_inside.then(|| self.drum_keys.get(row).copied()).flatten()
    }

    /// The y of the lower end of the notes.
    pub fn bottom(&self) -> f32 {
        if self.drum_keys.is_empty() { self.tones.bottom() } else { self.drums.bottom() }
    }

    /// The rectangle of a note, visible or not; `None` if it has no row.
    pub fn note_rect(&self, part: Part, note: &Note) -> Option<Rect> {
        let (top, height) = if part.is_drums() {
            let row = self.drum_keys.iter().position(|key| *key == note.pitch)?;
            (self.drums.top() + from_count(row) * self.drum_row_height(), self.drum_row_height())
        } else {
            let (top, bottom) = self.y(note.pitch)?;
            (top, bottom - top)
        };
        let left = self.x(note.onset) + 0.5;
        // The duration of a drum note has no meaning.
        let width = if part.is_drums() { 7.0 } else { self.x(note.end()) - left - 1.0 };
        Some(Rect::from_min_size(pos2(left, top + 0.5), vec2(width.max(2.5), (height - 1.0).max(2.0))))
    }

    /// The place of a pointer at `pos`, clamped to the rows in sight.
    pub fn place_at(&self, pos: Pos2) -> Place {
        let is_drums = !self.drum_keys.is_empty() && pos.y >= self.drums.top();
        let inside =
            |y: f32, rect: Rect| y.clamp(rect.top() + 0.01, (rect.bottom() - 0.01).max(rect.top() + 0.01));
        let pitch = if is_drums {
            self.drum_at(inside(pos.y, self.drums))
        } else {
            self.pitch_at(inside(pos.y, self.tones))
        };
        let tick = self.time.to_value(pos.x).clamp(0.0, f64::from(self.phrase.frame().end().0));
        Place { tick, pitch: pitch.unwrap_or(Pitch::MIDDLE_C), is_drums }
    }

    /// The middle of the row and the tick of `place`.
    pub fn pos_of(&self, place: Place) -> Pos2 {
        let x = self.time.to_screen(place.tick);
        let of_drum = |row: usize| self.drums.top() + (from_count(row) + 0.5) * self.drum_row_height();
        let y = if place.is_drums {
            self.drum_keys.iter().position(|key| *key == place.pitch).map(of_drum)
        } else {
            self.y(place.pitch).map(|(top, bottom)| (top + bottom) * 0.5)
        };
        pos2(x, y.unwrap_or(self.tones.top()))
    }

    /// The names of the notes in sight that `rect` touches, in `parts`, indexed by `[part_idx]`.
    pub fn names_in(&self, rect: Rect, parts: [bool; 5]) -> Vec<NoteName> {
        let touches = |part: Part, note: &Note| {
            let lanes = if part.is_drums() { self.drums } else { self.tones };
            self.note_rect(part, note).is_some_and(|note| note.intersects(rect) && note.intersects(lanes))
        };
        let notes =
            self.phrase.all_notes().filter(|(part, note)| parts[part.index()] && touches(*part, note));
        notes.map(|(part, note)| NoteName::of(part, note)).collect()
    }

    /// The note at `pos` in one of `parts`, indexed by `[part_idx]`; the foremost of several.
    pub fn note_at(&self, pos: Pos2, parts: [bool; 5]) -> Option<(Part, &'a Note)> {
        // A row of drums is found without a search of all notes; notes out of sight are not found.
        let is_drums = self.drum_at(pos.y).is_some();
        if !is_drums && !self.tones.expand(1.0).contains(pos) {
            return None;
        }
        let layers = LAYERS.into_iter().rev().chain([Part::Drums]).filter(|part| parts[part.index()]);
        let mut notes = layers.flat_map(|part| self.phrase.notes(part).iter().map(move |note| (part, note)));
        notes.find(|(part, note)| {
            self.note_rect(*part, note).is_some_and(|rect| rect.expand(1.0).contains(pos))
        })
    }
}

/// The highest pitch to show and the number of rows, so that all notes have a row and rows are not too tall for `height`
/// points.
fn range(phrase: &Phrase, height: f32) -> (u8, usize) {
    let pitches =
        phrase.all_notes().filter(|(part, _)| !part.is_drums()).map(|(_, note)| note.pitch.number());
    let (low, high) =
        pitches.fold((127, 0), |(low, high): (u8, u8), pitch| (low.min(pitch), high.max(pitch)));
    let (low, high) = if low > high { (48, 72) } else { (low.saturating_sub(2), (high + 2).min(127)) };
    // Rows above 20 points look too tall.
    let n_least = MIN_SEMITONES.max(to_index(height / 20.0)).min(128);
    let n_rows = usize::from(high - low) + 1;
    let missing = u8::try_from(n_least.saturating_sub(n_rows)).unwrap_or(0);
    let high = high.saturating_add(missing / 2).min(127);
    (high, n_rows.max(n_least).min(usize::from(high) + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::{Frame, Key, Meter, Progression, TickDuration};

    fn phrase(n_bars: u32, pitches: &[u8]) -> Phrase {
        let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        let note = |(idx, pitch): (usize, &u8)| {
            let onset = TickInstant(u32::try_from(idx).unwrap() * 240);
            Note::new(onset, TickDuration(240), Pitch::new(*pitch).unwrap(), 90)
        };
        parts[Part::Melody.index()] = pitches.iter().enumerate().map(note).collect();
        parts[Part::Drums.index()] = [36, 38, 42].iter().enumerate().map(note).collect();
        Phrase::new(frame, Progression::default(), parts).unwrap()
    }

    fn view((time, rows): ((f64, f64, f64), (f64, f64, f64))) -> View {
        let of = |(zoom, anchor, by): (f64, f64, f64)| Stretch::default().zoomed(zoom, anchor).scrolled(by);
        let mut view = View::default();
        (view.time, view.rows) = (of(time), of(rows));
        view
    }

    fn turns() -> impl Strategy<Value = ((f64, f64, f64), (f64, f64, f64))> {
        let turn = || (0.5..300.0_f64, 0.0..1.0_f64, -2.0..2.0_f64);
        (turn(), turn())
    }

    proptest! {
        #[test]
        fn what_is_drawn_at_a_point_is_found_there(
            n_bars in 1u32..65,
            pitches in prop::collection::vec(0u8..128, 1..16),
            turns in turns(),
            share in 0.0..1.0_f32,
            (width, height) in (200.0..3000.0_f32, 150.0..1500.0_f32),
        ) {
            let phrase = phrase(n_bars, &pitches);
            let areas = Areas::of(Rect::from_min_size(pos2(13.0, 7.0), vec2(width, height)));
            let geometry = Geometry::new(&phrase, &areas, &view(turns));
            // Time to x and back: to the tick where a tick is as wide as what a float tells apart, else to that.
            let end = phrase.frame().end();
            let x = areas.notes.left() + share * areas.notes.width();
            let at = geometry.time_at(x);
            let slack = 0.02 + 0.51 * geometry.time().scale();
            prop_assert!((geometry.x(at) - x).abs() <= slack, "{x} is {at:?}, which is {}", geometry.x(at));
            for tick in [0, at.0 / 2, at.0, end.0] {
                let found = geometry.time_at(geometry.x(TickInstant(tick)));
                let error = f64::from(found.0.abs_diff(tick)) * f64::from(geometry.time().scale());
                prop_assert!(error < 0.6 || error < f64::from(geometry.x(TickInstant(tick)).abs()) * 1e-6);
            }
            // Pitch to y and back, for all rows in sight.
            for pitch in geometry.pitches() {
                let (top, bottom) = geometry.y(pitch).unwrap();
                let center = (top + bottom) * 0.5;
                if geometry.tones.y_range().contains(center) {
                    prop_assert_eq!(geometry.pitch_at(center), Some(pitch));
                }
            }
            for (row, key) in geometry.drum_keys.iter().enumerate() {
                let y = geometry.drums.top() + (from_count(row) + 0.5) * geometry.drum_row_height();
                prop_assert_eq!(geometry.drum_at(y), Some(*key));
            }
            // A note is found where it is drawn, if it is in sight.
            for (part, note) in phrase.all_notes() {
                let center = geometry.note_rect(part, note).unwrap().center();
                if areas.notes.contains(center) && (part.is_drums() || geometry.tones.contains(center)) {
                    let found = geometry.note_at(center, [true; 5]);
                    prop_assert!(found.is_some(), "{part} {note:?} at {center:?}");
                }
            }
        }
    }

    #[test]
    fn without_zoom_all_of_the_phrase_is_in_sight() {
        let phrase = phrase(8, &[20, 60, 110]);
        let areas = Areas::of(Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 500.0)));
        let geometry = Geometry::new(&phrase, &areas, &View::default());
        assert!((geometry.x(TickInstant(0)) - areas.notes.left()).abs() < 1e-3);
        assert!((geometry.x(phrase.frame().end()) - areas.notes.right()).abs() < 1e-3);
        for (part, note) in phrase.all_notes() {
            let rect = geometry.note_rect(part, note).unwrap();
            assert!(areas.notes.expand(1.0).contains_rect(rect), "{part} {note:?}");
        }
        assert_eq!(geometry.bar_at(f32::INFINITY), 7);
        assert_eq!(geometry.bar_at(f32::NEG_INFINITY), 0);
    }
}
