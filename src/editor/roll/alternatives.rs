//! Alternatives for a selection: the takes that one request composed, and the one before.

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

    /// Whether the request made take number `number`, which comes from take number `parent`.
    pub fn include(self, number: u32, parent: Option<u32>) -> bool {
        number >= self.first && parent == Some(self.before)
    }
}
