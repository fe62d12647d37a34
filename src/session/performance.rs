//! The amount of performance of composed notes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Deviation of velocities and timing of composed notes from what is written, in per cent of what people do, `0..=150`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "u8", into = "u8")]
pub struct Performance(u8);

impl Performance {
    /// As written: on the grid, at the network's velocities. Phrases stored before performances existed have this.
    pub const STRAIGHT: Self = Self(0);

    /// Half of what people do.
    pub const TIGHT: Self = Self(50);

    /// As people do.
    pub const PLAYED: Self = Self(100);

    /// One and a half times what people do.
    pub const LOOSE: Self = Self(150);

    /// The amounts that have a name.
    pub const NAMED: [(&'static str, Self); 4] = [
        ("straight", Self::STRAIGHT),
        ("tight", Self::TIGHT),
        ("played", Self::PLAYED),
        ("loose", Self::LOOSE),
    ];

    /// `percent` — clamped to `0..=150`.
    pub fn new(percent: u8) -> Self {
        Self(percent.min(Self::LOOSE.0))
    }

    /// `0..=150`.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// Whether notes are played as written.
    pub fn is_straight(&self) -> bool {
        *self == Self::STRAIGHT
    }
}

impl From<u8> for Performance {
    fn from(percent: u8) -> Self {
        Self::new(percent)
    }
}

impl From<Performance> for u8 {
    fn from(performance: Performance) -> Self {
        performance.0
    }
}

impl fmt::Display for Performance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMED.iter().find(|(_, named)| named == self) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{} %", self.0),
        }
    }
}

/// A text that is no performance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no performance; say straight, tight, played, loose, or per cent from 0 to 150")]
pub struct UnknownPerformance(String);

impl FromStr for Performance {
    type Err = UnknownPerformance;

    fn from_str(text: &str) -> Result<Self, UnknownPerformance> {
        let lower = text.trim().to_lowercase();
        if let Some((_, named)) = Self::NAMED.iter().find(|(name, _)| *name == lower) {
            return Ok(*named);
        }
        let number = lower.trim_end_matches('%').trim().parse().ok();
        let percent = number.filter(|percent| *percent <= Self::LOOSE.0);
        percent.map(Self).ok_or_else(|| UnknownPerformance(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        for (text, expected) in [
            ("straight", Some(0)),
            (" Loose ", Some(150)),
            ("80", Some(80)),
            ("25 %", Some(25)),
            ("151", None),
            ("fast", None),
        ] {
            let got = text.parse::<Performance>().ok();
            assert_eq!(got, expected.map(Performance::new), "{text}");
            assert!(got.is_none_or(|got| got.to_string().parse() == Ok(got)), "{text}");
        }
        assert_eq!(serde_json::from_str::<Performance>("200").unwrap(), Performance::LOOSE);
    }
}
