//! Pitches, pitch classes and their names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A MIDI note number, `0..=127`; 60 is middle C (C4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Pitch(u8);

impl Pitch {
    /// Middle C.
    pub const MIDDLE_C: Self = Self(60);

    /// The pitch of a MIDI note number, `None` above 127.
    pub const fn new(number: u8) -> Option<Self> {
        if number <= 127 { Some(Self(number)) } else { None }
    }

    /// The pitch of a MIDI note number, clamped to `0..=127`.
    pub fn clamped(number: i32) -> Self {
        Self(u8::try_from(number.clamp(0, 127)).unwrap_or(0))
    }

    /// The MIDI note number.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The pitch without its octave.
    pub const fn class(self) -> PitchClass {
        PitchClass(self.0 % 12)
    }

    /// This pitch moved by `semitones`, `None` if it leaves `0..=127`.
    pub fn transposed(self, semitones: i32) -> Option<Self> {
        u8::try_from(i32::from(self.0) + semitones).ok().and_then(Self::new)
    }
}

impl TryFrom<u8> for Pitch {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        Self::new(number).ok_or_else(|| format!("MIDI note number {number} is above 127"))
    }
}

impl From<Pitch> for u8 {
    fn from(pitch: Pitch) -> Self {
        pitch.0
    }
}

impl fmt::Display for Pitch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.class(), i32::from(self.0 / 12) - 1)
    }
}

/// A pitch without its octave, `0..=11`; 0 is C.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PitchClass(u8);

impl PitchClass {
    /// C.
    pub const C: Self = Self(0);

    /// The pitch class `semitones` above C, taken modulo 12.
    pub const fn new(semitones: u8) -> Self {
        Self(semitones % 12)
    }

    /// Semitones above C, `0..=11`.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// This pitch class moved up by `semitones`, modulo 12.
    pub const fn up(self, semitones: u8) -> Self {
        Self((self.0 + semitones % 12) % 12)
    }

    /// Semitones from `other` up to this one, `0..=11`.
    pub const fn above(self, other: Self) -> u8 {
        (self.0 + 12 - other.0) % 12
    }

    /// The name, with black keys named in `spelling`.
    pub const fn name_in(self, spelling: Spelling) -> &'static str {
        match spelling {
            Spelling::Sharps => SHARP_NAMES[self.0 as usize],
            Spelling::Flats => FLAT_NAMES[self.0 as usize],
        }
    }
}

/// How black keys are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// C♯, D♯ …
    Sharps,
    /// D♭, E♭ …
    Flats,
}

const SHARP_NAMES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
const FLAT_NAMES: [&str; 12] = ["C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"];

impl fmt::Display for PitchClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(FLAT_NAMES[usize::from(self.0)])
    }
}

/// Text that names no pitch class.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a note name; write a letter A to G with an optional # or b")]
pub struct UnknownPitchClass(pub String);

impl FromStr for PitchClass {
    type Err = UnknownPitchClass;

    fn from_str(text: &str) -> Result<Self, UnknownPitchClass> {
        match split_pitch_class(text) {
            Some((class, "")) => Ok(class),
            _ => Err(UnknownPitchClass(text.to_owned())),
        }
    }
}

impl TryFrom<String> for PitchClass {
    type Error = UnknownPitchClass;

    fn try_from(text: String) -> Result<Self, UnknownPitchClass> {
        text.parse()
    }
}

impl From<PitchClass> for String {
    fn from(class: PitchClass) -> Self {
        class.to_string()
    }
}

/// Reads a note name (`A`–`G`, either case, then any of `#`, `b`, `♯`, `♭`) off the front of `text`; returns
/// it with what follows.
pub fn split_pitch_class(text: &str) -> Option<(PitchClass, &str)> {
    let mut chars = text.char_indices();
    let (_, letter) = chars.next()?;
    let natural: i32 = match letter.to_ascii_uppercase() {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let mut semitones = natural;
    let mut rest = &text[letter.len_utf8()..];
    for (at, c) in chars {
        match c {
            '#' | '♯' => semitones += 1,
            'b' | '♭' => semitones -= 1,
            _ => break,
        }
        rest = &text[at + c.len_utf8()..];
    }
    Some((PitchClass(u8::try_from(semitones.rem_euclid(12)).ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse() {
        for (text, number) in [("C", 0), ("c#", 1), ("Db", 1), ("Cb", 11), ("B#", 0), ("F##", 7), ("B♭", 10)]
        {
            assert_eq!(text.parse::<PitchClass>().map(PitchClass::number), Ok(number), "{text}");
        }
        for text in ["", "H", "Cmaj", "#"] {
            assert!(text.parse::<PitchClass>().is_err(), "{text}");
        }
    }

    #[test]
    fn middle_c_is_c4() {
        assert_eq!(Pitch::MIDDLE_C.to_string(), "C4");
        assert_eq!(Pitch::clamped(-5).to_string(), "C-1");
    }
}
