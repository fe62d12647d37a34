//! All parameters by name, for code that reads and writes them without knowing their types.

use super::{ParamId, PartParam};
use crate::music::Part;
use crate::session::Command;

impl ParamId {
    /// Whether to set it is to do something, not to have something set from then on.
    pub const fn is_command(self) -> bool {
        matches!(self, Self::Switch(_) | Self::Slot | Self::Revision)
    }

    /// Every parameter.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_part = |part| PartParam::ALL.iter().map(move |id| Self::Part(part, *id));
        let of_parts = Part::ALL.into_iter().flat_map(of_part);
        Self::PLAIN.iter().copied().chain(Command::ALL.map(Self::Switch)).chain(of_parts)
    }
}

/// What an interface shows of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The value's place in its range, `0.0..=1.0`.
    pub normalized: f32,
    /// The place of the value that it has at first, `0.0..=1.0`.
    pub default: f32,
    /// The value in words, with its unit.
    pub text: String,
    /// How many values there are, less one; `None` if they are continuous.
    pub n_steps: Option<usize>,
}
