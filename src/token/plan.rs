//! What of a prompt is to be composed, bar by bar.

use super::style::Style;
use super::vocab::{MAX_COUNT, Symbol};
use crate::music::{Meter, Part};

/// The cells to compose, in the order in which the body has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Meter of all bars.
    pub meter: Meter,
    /// The style wanted.
    pub style: Option<Style>,
    /// Whether chord symbols stand in the body.
    pub has_harmony: bool,
    /// Bars with a cell to compose.
    pub bars: Vec<PlanBar>,
}

/// A bar with cells to compose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanBar {
    /// Index of the bar in the phrase.
    pub bar: u32,
    /// Its number, as [`Frame::bar_number`](crate::music::Frame::bar_number).
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
    /// Levels of register and density wanted of the part.
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
