//! Chords and their symbols.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::pitch::{PitchClass, Spelling, split_pitch_class};

/// Declares [`ChordQuality`] from one table, so that symbol, tones and aliases stand in one place.
macro_rules! chord_qualities {
    ($($name:ident, $symbol:literal, [$($tone:literal),+], [$($alias:literal),*], $count:literal;)+) => {
        /// The kind of a chord: a closed table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ChordQuality {
            $(
                #[doc = concat!("`", $symbol, "` after the root: ", $count, " symbols in the training corpus.")]
                $name,
            )+
        }

        impl ChordQuality {
            /// Every quality; the place is the quality's index.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// What follows the root in a symbol.
            pub const fn symbol(self) -> &'static str {
                match self { $(Self::$name => $symbol,)+ }
            }

            /// Semitones above the root of each chord tone, ascending from 0, taken modulo 12.
            pub const fn tones(self) -> &'static [u8] {
                match self { $(Self::$name => &[$($tone),+],)+ }
            }

            /// The quality written `symbol`, aliases included.
            pub fn from_symbol(symbol: &str) -> Option<Self> {
                match symbol {
                    $($symbol $(| $alias)* => Some(Self::$name),)+
                    _ => None,
                }
            }
        }
    };
}

// The number at the end of each line counts the symbols of that quality in the training corpus (79,810 in all,
// and 534 N.C.). The 17 symbols rarer than those of the table are aliases of the nearest quality.
chord_qualities! {
    Major, "", [0, 4, 7], ["maj", "M", "add4"], "40,601 + 1";
    Minor, "m", [0, 3, 7], ["min", "-", "m#5"], "9,781 + 3";
    Seventh, "7", [0, 4, 7, 10], ["dom7"], "9,486";
    MinorSeventh, "m7", [0, 3, 7, 10], ["min7", "-7"], "6,030";
    Power, "5", [0, 7], [], "3,083";
    MajorSeventh, "maj7", [0, 4, 7, 11], ["M7", "Δ", "Δ7"], "2,081";
    SeventhSus4, "7sus4", [0, 5, 7, 10], ["sus4add7", "7sus", "sus4add7add9"], "1,224 + 32";
    Sixth, "6", [0, 4, 7, 9], ["maj6"], "1,038";
    Sus4, "sus4", [0, 5, 7], ["sus"], "1,017";
    AddNinth, "add9", [0, 2, 4, 7], ["add2"], "863";
    Diminished, "dim", [0, 3, 6], ["o", "°"], "608";
    MinorNinth, "m9", [0, 2, 3, 7, 10], ["min9", "-9"], "521";
    Ninth, "9", [0, 2, 4, 7, 10], ["9#11"], "508 + 3";
    MajorNinth, "maj9", [0, 2, 4, 7, 11], ["M9"], "487";
    MinorSixth, "m6", [0, 3, 7, 9], ["min6"], "348";
    Eleventh, "11", [0, 2, 5, 7, 10], ["9sus4"], "222";
    Sus2, "sus2", [0, 2, 7], [], "218";
    HalfDiminished, "m7b5", [0, 3, 6, 10], ["ø", "ø7", "min7b5", "m7♭5"], "213";
    Augmented, "aug", [0, 4, 8], ["+"], "193";
    MinorEleventh, "m11", [0, 2, 3, 5, 7, 10], ["min11"], "191";
    SeventhSharpNinth, "7#9", [0, 3, 4, 7, 10], [], "188";
    SeventhFlatNinth, "7b9", [0, 1, 4, 7, 10], ["13b9", "7♭9"], "178 + 2";
    SixNine, "69", [0, 2, 4, 7, 9], ["6/9", "6add9"], "172";
    DiminishedSeventh, "dim7", [0, 3, 6, 9], ["o7", "°7"], "165";
    AugmentedSeventh, "aug7", [0, 4, 8, 10], ["7#5", "+7", "9#5"], "132 + 1";
    MinorAddNinth, "madd9", [0, 2, 3, 7], ["madd2"], "98";
    Thirteenth, "13", [0, 2, 4, 7, 9, 10], [], "57";
    SeventhFlatFifth, "7b5", [0, 4, 6, 10], ["9b5", "7♭5", "7#11"], "38 + 2";
    MinorMajorSeventh, "mMaj7", [0, 3, 7, 11], ["mM7", "minmaj7"], "25";
}

impl ChordQuality {
    /// The place in [`Self::ALL`].
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|&quality| quality == self).unwrap_or(0)
    }

    /// Whether the third is minor.
    pub fn is_minor(self) -> bool {
        self.tones().contains(&3) && !self.tones().contains(&4)
    }
}

/// A chord: root, quality and bass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Chord {
    /// The root.
    pub root: PitchClass,
    /// The quality over the root.
    pub quality: ChordQuality,
    /// The lowest pitch class: the root unless the chord is inverted or over a foreign bass.
    pub bass: PitchClass,
}

impl Chord {
    /// A chord in root position.
    pub const fn new(root: PitchClass, quality: ChordQuality) -> Self {
        Self { root, quality, bass: root }
    }

    /// Whether `class` is a chord tone or the bass.
    pub fn contains(self, class: PitchClass) -> bool {
        class == self.bass || self.quality.tones().contains(&class.above(self.root))
    }

    /// The chord moved up by `semitones`.
    pub const fn up(self, semitones: u8) -> Self {
        Self { root: self.root.up(semitones), quality: self.quality, bass: self.bass.up(semitones) }
    }

    /// The symbol, with black keys named in `spelling`.
    pub fn symbol(self, spelling: Spelling) -> String {
        let slash =
            if self.bass == self.root { String::new() } else { format!("/{}", self.bass.name_in(spelling)) };
        format!("{}{}{slash}", self.root.name_in(spelling), self.quality.symbol())
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.symbol(Spelling::Flats))
    }
}

/// Text that is no chord symbol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a chord symbol; write a root and a quality such as Dm7, Bbmaj7, F/A or N.C., or a degree of the key \
     such as ii7, bVII or V7/V"
)]
pub struct UnknownChord(pub String);

impl FromStr for Chord {
    type Err = UnknownChord;

    fn from_str(text: &str) -> Result<Self, UnknownChord> {
        let unknown = || UnknownChord(text.to_owned());
        let (root, rest) = split_pitch_class(text.trim()).ok_or_else(unknown)?;
        if let Some(quality) = ChordQuality::from_symbol(rest) {
            return Ok(Self::new(root, quality));
        }
        let (symbol, bass) = rest.rsplit_once('/').ok_or_else(unknown)?;
        let quality = ChordQuality::from_symbol(symbol).ok_or_else(unknown)?;
        Ok(Self { root, quality, bass: bass.parse().map_err(|_| unknown())? })
    }
}

impl TryFrom<String> for Chord {
    type Error = UnknownChord;

    fn try_from(text: String) -> Result<Self, UnknownChord> {
        text.parse()
    }
}

impl From<Chord> for String {
    fn from(chord: Chord) -> Self {
        chord.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_print_as_they_parse() {
        for root in 0..12 {
            for &quality in ChordQuality::ALL {
                let mut chord = Chord::new(PitchClass::new(root), quality);
                assert_eq!(chord.to_string().parse(), Ok(chord));
                chord.bass = chord.root.up(4);
                assert_eq!(chord.to_string().parse(), Ok(chord));
            }
        }
    }
}
