//! The plan of a body: the cells to compose, bar by bar.

use super::style::Style;
use super::vocab::{MAX_COUNT, Symbol};
use crate::music::{Meter, Part};

/// The cells to compose, in the order in which the body has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Meter of all bars.
    pub meter: Meter,
    /// The style that is set.
    pub style: Option<Style>,
    /// Whether the body has chord symbols.
    pub has_harmony: bool,
    /// Bars with a cell to compose.
    pub bars: Vec<PlanBar>,
}

/// A bar with cells to compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanBar {
    /// Index of the bar in the phrase.
    pub bar: u32,
    /// The number of the bar, as [`Frame::bar_number`](crate::music::Frame::bar_number).
    pub number: u32,
    /// Cells to compose, in stream order.
    pub cells: Vec<PlanCell>,
}

/// A cell to compose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanCell {
    /// Its part.
    pub part: Part,
    /// Its number among the cells to compose.
    pub number: u32,
    /// Levels of register and density that are set for the part, `0..N_LEVELS`.
    pub levels: [Option<u16>; 2],
}

impl Plan {
    /// The header of `bar` in the body.
    pub fn opening(&self, bar: &PlanBar) -> Symbol {
        Symbol::Open { style: self.style, number: bar.number.min(MAX_COUNT) }
    }
}

impl PlanCell {
    /// Its header in the body.
    pub fn header(&self) -> Symbol {
        Symbol::Cell { part: self.part, number: Some(self.number.min(MAX_COUNT)), levels: self.levels }
    }
}
