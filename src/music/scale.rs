//! Keys and modes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pitch::{Pitch, PitchClass, Spelling, split_pitch_class};

/// A mode: which seven (or, for the pentatonics and blues, fewer) pitch classes over the tonic form the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Ionian.
    Major,
    /// Aeolian; the raised sixth and seventh of melodic practice count as borrowed.
    Minor,
    /// Minor with a raised sixth.
    Dorian,
    /// Minor with a lowered second.
    Phrygian,
    /// Major with a raised fourth.
    Lydian,
    /// Major with a lowered seventh.
    Mixolydian,
    /// Minor with lowered second and fifth.
    Locrian,
    /// Minor with a raised seventh.
    HarmonicMinor,
}

impl Mode {
    /// Every mode; the place is the mode's index.
    pub const ALL: [Self; 8] = [
        Self::Major,
        Self::Minor,
        Self::Dorian,
        Self::Phrygian,
        Self::Lydian,
        Self::Mixolydian,
        Self::Locrian,
        Self::HarmonicMinor,
    ];

    /// The place in [`Self::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|&mode| mode == self).unwrap_or(0)
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Dorian => "dorian",
            Self::Phrygian => "phrygian",
            Self::Lydian => "lydian",
            Self::Mixolydian => "mixolydian",
            Self::Locrian => "locrian",
            Self::HarmonicMinor => "harmonic minor",
        }
    }

    /// The mode for a mood: minor if `valence` is given and dark, else major.
    pub fn suiting(valence: Option<f32>) -> Self {
        if valence.is_some_and(|valence| valence < 0.45) { Self::Minor } else { Self::Major }
    }

    /// Semitones above the tonic of each degree, ascending from 0.
    pub const fn degrees(self) -> [u8; 7] {
        match self {
            Self::Major => [0, 2, 4, 5, 7, 9, 11],
            Self::Minor => [0, 2, 3, 5, 7, 8, 10],
            Self::Dorian => [0, 2, 3, 5, 7, 9, 10],
            Self::Phrygian => [0, 1, 3, 5, 7, 8, 10],
            Self::Lydian => [0, 2, 4, 6, 7, 9, 11],
            Self::Mixolydian => [0, 2, 4, 5, 7, 9, 10],
            Self::Locrian => [0, 1, 3, 5, 6, 8, 10],
            Self::HarmonicMinor => [0, 2, 3, 5, 7, 8, 11],
        }
    }

    /// Whether the third is minor.
    pub fn is_minor(self) -> bool {
        self.degrees()[2] == 3
    }
}

impl FromStr for Mode {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let lower = text.trim().to_lowercase();
        let name = match lower.as_str() {
            "" | "maj" | "ionian" => "major",
            "m" | "min" | "aeolian" | "natural minor" => "minor",
            "harmonic_minor" => "harmonic minor",
            other => other,
        };
        Self::ALL.into_iter().find(|mode| mode.name() == name).ok_or_else(|| UnknownKey(text.to_owned()))
    }
}

/// A tonal centre: tonic and mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Key {
    /// The tonic.
    pub tonic: PitchClass,
    /// The mode over it.
    pub mode: Mode,
}

impl Key {
    /// C major.
    pub const C_MAJOR: Self = Self { tonic: PitchClass::C, mode: Mode::Major };

    /// The key of `mode` on the white keys; of harmonic minor, that with the fewest accidentals.
    pub const fn without_accidentals(mode: Mode) -> Self {
        let tonic = match mode {
            Mode::Major => 0,
            Mode::Dorian => 2,
            Mode::Phrygian => 4,
            Mode::Lydian => 5,
            Mode::Mixolydian => 7,
            Mode::Minor | Mode::HarmonicMinor => 9,
            Mode::Locrian => 11,
        };
        Self::new(PitchClass::new(tonic), mode)
    }

    /// A key from its two halves.
    pub const fn new(tonic: PitchClass, mode: Mode) -> Self {
        Self { tonic, mode }
    }

    /// Whether `class` belongs to the scale.
    pub fn contains(self, class: PitchClass) -> bool {
        self.mode.degrees().contains(&class.above(self.tonic))
    }

    /// Semitones that bring the tonic to C, in `-6..=5`: the nearer way, so that registers stay where they are.
    pub fn shift_to_c(self) -> i32 {
        let tonic = i32::from(self.tonic.number());
        if tonic > 6 { 12 - tonic } else { -tonic }
    }

    /// The pitch in the scale nearest to `pitch`, downwards on a tie.
    pub fn nearest(self, pitch: Pitch) -> Pitch {
        (0..12)
            .flat_map(|distance| [pitch.transposed(-distance), pitch.transposed(distance)])
            .flatten()
            .find(|candidate| self.contains(candidate.class()))
            .unwrap_or(pitch)
    }

    /// Whether note names of this key are usually written with sharps.
    pub fn spelling(self) -> Spelling {
        let relative_major = self.tonic.up(if self.mode.is_minor() { 3 } else { 0 });
        match relative_major.number() {
            2 | 4 | 7 | 9 | 11 => Spelling::Sharps,
            _ => Spelling::Flats,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tonic.name_in(self.spelling()), self.mode.name())
    }
}

/// Text that names no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a key; write it as \"D minor\", \"F# dorian\" or \"Bb major\"")]
pub struct UnknownKey(pub String);

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, UnknownKey> {
        let unknown = || UnknownKey(text.to_owned());
        let (tonic, rest) = split_pitch_class(text.trim()).ok_or_else(unknown)?;
        Ok(Self { tonic, mode: rest.parse().map_err(|_| unknown())? })
    }
}

impl TryFrom<String> for Key {
    type Error = UnknownKey;

    fn try_from(text: String) -> Result<Self, UnknownKey> {
        text.parse()
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_print_as_they_parse() {
        for tonic in 0..12 {
            for mode in Mode::ALL {
                let key = Key::new(PitchClass::new(tonic), mode);
                assert_eq!(key.to_string().parse(), Ok(key));
                assert!((-6..=5).contains(&key.shift_to_c()));
            }
        }
        assert_eq!("Dm".parse::<Key>().map(|key| key.to_string()), Ok("D minor".to_owned()));
        assert!("H minor".parse::<Key>().is_err());
    }

    #[test]
    fn nearest_scale_pitch_goes_down_on_a_tie() {
        let c_sharp = Pitch::clamped(61);
        assert_eq!(Key::C_MAJOR.nearest(c_sharp), Pitch::MIDDLE_C);
    }
}
