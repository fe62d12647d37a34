//! The commit horizon: what may still change, and what is frozen.

/// What is frozen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Committed {
    /// Nothing.
    Nothing,
    /// The commit horizon, from the next position on.
    Ahead,
    /// Up to here, in beats of the position.
    UpTo(f64),
}

impl Committed {
    /// The same where positions are `beats` further on.
    pub fn moved(self, beats: f64) -> Self {
        match self {
            Self::UpTo(position) => Self::UpTo(position + beats),
            other => other,
        }
    }

    /// Whether something beyond `position`, in beats, is frozen.
    pub fn reaches_beyond(self, position: f64) -> bool {
        match self {
            Self::Nothing => false,
            Self::Ahead => true,
            Self::UpTo(end) => end > position,
        }
    }

    /// The first position from `position` on, in beats, that is not frozen.
    pub fn end_after(self, position: f64) -> f64 {
        match self {
            Self::UpTo(end) => position.max(end),
            Self::Nothing | Self::Ahead => position,
        }
    }
}
