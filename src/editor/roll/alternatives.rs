//! Alternatives for a selection: the takes that one request composed, and the one before.

use std::ops::RangeFrom;

/// The takes among which the user chooses after a selection was composed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternatives {
    /// The number of the take before, to which Escape goes back.
    pub before: u32,
    /// The number of the first take that the request may have made.
    first: u32,
}

impl Alternatives {
    /// Those of a request made now, with take number `before` chosen and `newest` the last that there is.
    pub const fn asked(before: u32, newest: u32) -> Self {
        Self { before, first: newest.saturating_add(1) }
    }

    /// The numbers of the takes that the request made, and of any later.
    pub const fn numbers(self) -> RangeFrom<u32> {
        self.first..
    }
}
