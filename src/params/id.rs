//! The list of all parameters and their values as text, for code that does not know their types.

use super::{ParamId, PartParam};
use crate::music::Part;
use crate::session::Command;

impl ParamId {
    /// Whether setting it triggers an action and its value is no lasting setting.
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

/// The value of a parameter as an interface shows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The normalised value, `0.0..=1.0`.
    pub normalized: f32,
    /// The normalised default, `0.0..=1.0`.
    pub default: f32,
    /// The value as text with its unit.
    pub text: String,
    /// The number of values less one; `None` if they are continuous.
    pub n_steps: Option<usize>,
}
