//! How a phrase ends.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How a phrase ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// No rule for the end; tasks stored before endings existed have this one.
    #[default]
    Any,
    /// The last chord leads back to the first.
    Loop,
    /// A cadence: dominant and tonic, the melody on the tonic and held.
    Close,
    /// A half cadence: the last chord is the dominant, and the melody waits above it.
    Open,
}

/// Text that is no ending.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no ending; the endings are any, loop, close and open")]
pub struct UnknownEnding(pub String);

impl Ending {
    /// Every ending.
    pub const ALL: [Self; 4] = [Self::Any, Self::Loop, Self::Close, Self::Open];

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Loop => "loop",
            Self::Close => "close",
            Self::Open => "open",
        }
    }

    /// Whether it is [`Self::Any`].
    pub fn is_any(&self) -> bool {
        *self == Self::Any
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Ending {
    type Err = UnknownEnding;

    fn from_str(text: &str) -> Result<Self, UnknownEnding> {
        let lower = text.trim().to_lowercase();
        Self::ALL
            .into_iter()
            .find(|ending| ending.name() == lower)
            .ok_or_else(|| UnknownEnding(text.to_owned()))
    }
}
