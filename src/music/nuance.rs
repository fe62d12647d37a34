//! Nuance: how the performance of a note differs from what is written.
//!
//! A written note has its place in the bar and its composed velocity. Its nuance is how many ticks later or earlier and
//! how much louder or softer it is played. Analysis (bars, cells, harmony, measures, the network) reads the written
//! notes; the player and files get the performed ones from [`Phrase::performed`](super::Phrase::performed) and
//! [`end_lates`](super::performed::end_lates).
//!
//! # Invariants
//!
//! A nuance moves an onset by less than half a grid step, so that the nearest step is always the written one.

use serde::{Deserialize, Serialize};

use super::time::TICKS_PER_STEP;

/// How the performance of a note differs from what is written. Stored as `[late, louder]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "(i16, i8)", into = "(i16, i8)")]
pub struct Nuance {
    /// Ticks.
    late: i16,
    /// MIDI velocity.
    louder: i8,
}

impl Nuance {
    /// As written.
    pub const NONE: Self = Self { late: 0, louder: 0 };

    /// The furthest that an onset is moved either way, in ticks.
    pub const MAX_LATE_TICKS: i16 = 39;

    /// `late` — ticks after the written onset, negative before it; clamped to ±[`Self::MAX_LATE_TICKS`]. `louder` —
    /// added to the written velocity.
    pub fn new(late: i16, louder: i8) -> Self {
        Self { late: late.clamp(-Self::MAX_LATE_TICKS, Self::MAX_LATE_TICKS), louder }
    }

    /// Whether the note is played as written.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_none(&self) -> bool {
        *self == Self::NONE
    }

    /// Ticks after the written onset, negative before it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn late(self) -> i16 {
        self.late
    }

    /// What is added to the written velocity.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn louder(self) -> i8 {
        self.louder
    }
}

const _: () =
    assert!(Nuance::MAX_LATE_TICKS as u32 * 2 < TICKS_PER_STEP, "the nearest step is the written one");

impl From<(i16, i8)> for Nuance {
    fn from((late, louder): (i16, i8)) -> Self {
        Self::new(late, louder)
    }
}

impl From<Nuance> for (i16, i8) {
    fn from(nuance: Nuance) -> Self {
        (nuance.late, nuance.louder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pitch, TickDuration, TickInstant};

    fn note(late: i16, louder: i8) -> Note {
        Note::new(TickInstant::ZERO, TickDuration(480), Pitch::clamped(60), 90)
            .with_nuance(Nuance::new(late, louder))
    }

    #[test]
    fn nuances_are_stored_in_bounds_and_left_out_where_there_are_none() {
        let json = serde_json::to_string(&note(12, -3)).unwrap();
        assert!(json.contains(r#""nuance":[12,-3]"#), "{json}");
        assert_eq!(serde_json::from_str::<Note>(&json).unwrap(), note(12, -3));
        let plain = serde_json::to_string(&note(0, 0)).unwrap();
        assert!(!plain.contains("nuance"), "{plain}");
        let wild: Nuance = serde_json::from_str("[30000,127]").unwrap();
        assert_eq!(wild, Nuance::new(Nuance::MAX_LATE_TICKS, 127));
    }
}
