//! The commit horizon: how far ahead the phrase that plays is fixed when another was composed.

/// How far ahead the phrase that plays is fixed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Committed {
    /// Nothing.
    Nothing,
    /// The commit horizon, measured from the next position on.
    Ahead,
    /// Up to this position, in beats.
    UpTo(f64),
}

impl Committed {
    /// The same bound with positions shifted by `beats`.
    pub fn moved(self, beats: f64) -> Self {
        match self {
            Self::UpTo(position) => Self::UpTo(position + beats),
            other => other,
        }
    }

    /// Whether anything beyond `position`, in beats, is fixed.
    pub fn reaches_beyond(self, position: f64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Ahead => true,
            Self::UpTo(end) => end > position,
        }
    }

    /// The first position from `position` on, in beats, that is not fixed.
    pub fn end_after(self, position: f64) -> f64 {
        match self {
            Self::UpTo(end) => position.max(end),
            Self::Nothing | Self::Ahead => position,
        }
    }
}
