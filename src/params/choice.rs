//! Parameters with a list of named values.
//!
//! Values are stored by the ids given here, so names may change and values may be added at the end.

use nice_plug::prelude::Enum;

use crate::music::ending::Ending;
use crate::music::{Meter, Mode, PitchClass};
use crate::player::{KeyTrigger, Mode as PlayMode, Quantum, SwingUnit, TempoSource};
use crate::session::{Form, Keep, ScaleRule};
use crate::synth::Sound;
use crate::token::Style;

/// A style, or auto.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StyleChoice(pub Option<Style>);

const STYLE_NAMES: [&str; 27] = [
    "Auto",
    "Pop",
    "Rock",
    "Jazz",
    "Blues",
    "Folk",
    "Celtic",
    "Hymn",
    "Classical",
    "Baroque",
    "Romantic",
    "Electronic",
    "House",
    "Techno",
    "Hip-hop",
    "Lo-fi",
    "Latin",
    "Afro",
    "Funk",
    "Soul",
    "Reggae",
    "Chiptune",
    "Game",
    "Ambient",
    "Cinematic",
    "Country",
    "Ragtime",
];

const STYLE_IDS: [&str; 27] = {
    let mut ids = ["auto"; 27];
    let mut idx = 0;
    while idx < Style::ALL.len() {
        ids[idx + 1] = Style::ALL[idx].name();
        idx += 1;
    }
    ids
};

impl Enum for StyleChoice {
    fn variants() -> &'static [&'static str] {
        &STYLE_NAMES
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&STYLE_IDS)
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |style| style.index() + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(|idx| Style::ALL.get(idx).copied()))
    }
}

/// A tonic, or auto: one that needs few accidentals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TonicChoice(pub Option<PitchClass>);

const TONICS: [&str; 13] = ["Auto", "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];

impl Enum for TonicChoice {
    fn variants() -> &'static [&'static str] {
        &TONICS
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&TONICS)
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |tonic| usize::from(tonic.number()) + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(|idx| u8::try_from(idx).ok()).map(PitchClass::new))
    }
}

/// A mode, or auto: one that suits the mood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeChoice(pub Option<Mode>);

const MODE_NAMES: [&str; 9] =
    ["Auto", "Major", "Minor", "Dorian", "Phrygian", "Lydian", "Mixolydian", "Locrian", "Harmonic minor"];

const MODE_IDS: [&str; 9] = {
    let mut ids = ["auto"; 9];
    let mut idx = 0;
    while idx < Mode::ALL.len() {
        ids[idx + 1] = Mode::ALL[idx].name();
        idx += 1;
    }
    ids
};

impl Enum for ModeChoice {
    fn variants() -> &'static [&'static str] {
        &MODE_NAMES
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&MODE_IDS)
    }

    fn to_index(self) -> usize {
        self.0.map_or(0, |mode| mode.index() + 1)
    }

    fn from_index(index: usize) -> Self {
        Self(index.checked_sub(1).and_then(|idx| Mode::ALL.get(idx).copied()))
    }
}

/// A time signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MeterChoice(pub Meter);

const METERS: [&str; Meter::COUNT] = [
    "4/4", "3/4", "2/4", "2/2", "6/8", "3/8", "9/8", "12/8", "6/4", "3/2", "4/2", "4/8", "5/4", "7/4", "5/8",
    "7/8", "2/8", "8/8",
];

impl Default for MeterChoice {
    fn default() -> Self {
        Self(Meter::COMMON)
    }
}

impl Enum for MeterChoice {
    fn variants() -> &'static [&'static str] {
        &METERS
    }

    fn ids() -> Option<&'static [&'static str]> {
        Some(&METERS)
    }

    fn to_index(self) -> usize {
        self.0.index()
    }

    fn from_index(index: usize) -> Self {
        Self(Meter::from_index(index).unwrap_or(Meter::COMMON))
    }
}

/// The lowest of the twelve keys that choose a slot in Keys mode, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[expect(missing_docs, reason = "they are keys")]
pub enum KeySwitchChoice {
    #[id = "off"]
    Off,
    #[id = "c0"]
    C0,
    #[default]
    #[id = "c1"]
    C1,
    #[id = "c2"]
    C2,
    #[id = "c3"]
    C3,
    #[id = "c4"]
    C4,
    #[id = "c5"]
    C5,
    #[id = "c6"]
    C6,
    #[id = "c7"]
    C7,
}

impl KeySwitchChoice {
    /// MIDI note number of the lowest key.
    pub fn lowest(self) -> Option<u8> {
        match self {
            Self::Off => None,
            Self::C0 => Some(12),
            Self::C1 => Some(24),
            Self::C2 => Some(36),
            Self::C3 => Some(48),
            Self::C4 => Some(60),
            Self::C5 => Some(72),
            Self::C6 => Some(84),
            Self::C7 => Some(96),
        }
    }
}

/// The length of call and response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum AnswerChoice {
    /// No call and response.
    #[default]
    #[id = "off"]
    Off,
    /// A bar each.
    #[id = "1"]
    #[name = "1 bar"]
    One,
    /// Two bars each.
    #[id = "2"]
    #[name = "2 bars"]
    Two,
    /// Four bars each.
    #[id = "4"]
    #[name = "4 bars"]
    Four,
}

impl AnswerChoice {
    /// Bars of a call and of its answer; `None` for off.
    pub fn n_bars(self) -> Option<u32> {
        match self {
            Self::Off => None,
            Self::One => Some(1),
            Self::Two => Some(2),
            Self::Four => Some(4),
        }
    }
}

/// The effect of incoming program changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum ProgramsChoice {
    /// They pass through to the host.
    #[id = "off"]
    Off,
    /// The first twelve play the takes in the slots.
    #[default]
    #[id = "slots"]
    Slots,
    /// Each sets the preset at its place in the menu, and composes a phrase by it.
    #[id = "presets"]
    Presets,
}

/// The length of the count-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum CountInChoice {
    /// None.
    #[default]
    #[id = "off"]
    Off,
    /// A bar.
    #[id = "1"]
    #[name = "1 bar"]
    One,
    /// Two bars.
    #[id = "2"]
    #[name = "2 bars"]
    Two,
}

impl CountInChoice {
    /// Bars of the count-in.
    pub fn n_bars(self) -> u32 {
        match self {
            Self::Off => 0,
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

/// The velocity curve of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum VelocityCurveChoice {
    /// Much softer.
    #[id = "softest"]
    Softest,
    /// Softer.
    #[id = "softer"]
    Softer,
    /// As composed.
    #[default]
    #[id = "straight"]
    Straight,
    /// Harder.
    #[id = "harder"]
    Harder,
    /// Much harder.
    #[id = "hardest"]
    Hardest,
}

impl VelocityCurveChoice {
    /// The curve, `-1.0..=1.0`.
    pub fn curve(self) -> f32 {
        match self {
            Self::Softest => -1.0,
            Self::Softer => -0.5,
            Self::Straight => 0.0,
            Self::Harder => 0.5,
            Self::Hardest => 1.0,
        }
    }
}

/// The groove that the phrase is played with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
#[expect(missing_docs, reason = "the names are the grooves' own")]
pub enum GrooveChoice {
    #[default]
    #[id = "off"]
    Off,
    #[id = "rock"]
    Rock,
    #[id = "funk"]
    Funk,
    #[id = "soul"]
    Soul,
    #[id = "hip-hop"]
    #[name = "Hip-hop"]
    HipHop,
    #[id = "latin"]
    Latin,
    #[id = "afro"]
    Afro,
    #[id = "jazz"]
    Jazz,
    #[id = "shuffle"]
    Shuffle,
}

impl GrooveChoice {
    /// All grooves, in order.
    pub const ALL: [Self; 9] = [
        Self::Off,
        Self::Rock,
        Self::Funk,
        Self::Soul,
        Self::HipHop,
        Self::Latin,
        Self::Afro,
        Self::Jazz,
        Self::Shuffle,
    ];

    /// The name of the measured groove, `None` for as written.
    pub const fn groove(self) -> Option<&'static str> {
        match self {
            Self::Off => None,
            Self::Rock => Some("rock"),
            Self::Funk => Some("funk"),
            Self::Soul => Some("soul"),
            Self::HipHop => Some("hip-hop"),
            Self::Latin => Some("latin"),
            Self::Afro => Some("afro"),
            Self::Jazz => Some("jazz"),
            Self::Shuffle => Some("shuffle"),
        }
    }
}

/// What Generate composes: a phrase or a song form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Enum)]
pub enum FormChoice {
    /// A phrase.
    #[default]
    #[id = "phrase"]
    Phrase,
    /// Twice the same, something else, and the same again.
    #[id = "aaba"]
    #[name = "AABA"]
    Aaba,
    /// The same with a variation in the second place.
    #[id = "aavba"]
    #[name = "AA'BA"]
    AaVaried,
    /// Two in turn.
    #[id = "abab"]
    #[name = "ABAB"]
    Abab,
    /// Two in turn, the first varied.
    #[id = "verse-chorus"]
    #[name = "Verse-chorus"]
    VerseChorus,
    /// Twelve bars over the chords of the blues.
    #[id = "12-bar blues"]
    #[name = "12-bar blues"]
    Blues,
    /// Verses and choruses with an intro, a break and an ending.
    #[id = "song"]
    Song,
}

impl FormChoice {
    /// The song form, `None` for a phrase.
    pub fn form(self) -> Option<Form> {
        let text = match self {
            Self::Phrase => return None,
            Self::Aaba => "AABA",
            Self::AaVaried => "AA'BA",
            Self::Abab => "ABAB",
            Self::VerseChorus => "verse-chorus",
            Self::Blues => "12-bar blues",
            Self::Song => "song",
        };
        text.parse().ok()
    }
}

/// The ending of a composed phrase. `None` is auto: new and continued phrases lead back to their beginning, the last
/// section of a song closes, and a change within a phrase has any ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EndingChoice(pub Option<Ending>);

/// The sound of a part in the preview synth, `None` for the part's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SoundChoice(pub Option<Sound>);

/// Makes a parameter of an existing enum: each value with its stored id and the name shown, in the order of the
/// parameter's range. A missing value does not compile.
macro_rules! choices {
    ($type:ty: $([$($value:tt)+], $id:literal, $name:literal;)+) => {
        impl Enum for $type {
            fn variants() -> &'static [&'static str] {
                &[$($name),+]
            }

            fn ids() -> Option<&'static [&'static str]> {
                Some(&[$($id),+])
            }

            fn to_index(self) -> usize {
                let id = match self {
                    $($($value)+ => $id,)+
                };
                [$($id),+].iter().position(|listed| *listed == id).unwrap_or(0)
            }

            fn from_index(index: usize) -> Self {
                let values = [$($($value)+),+];
                *values.get(index).unwrap_or(&values[0])
            }
        }
    };
}

choices! { EndingChoice:
    [Self(None)], "auto", "Auto";
    [Self(Some(Ending::Loop))], "loop", "Loop";
    [Self(Some(Ending::Close))], "close", "Close";
    [Self(Some(Ending::Open))], "open", "Open";
    [Self(Some(Ending::Any))], "any", "Any";
}

choices! { SoundChoice:
    [Self(None)], "auto", "Auto";
    [Self(Some(Sound::Keys))], "keys", "Keys";
    [Self(Some(Sound::Pad))], "pad", "Pad";
    [Self(Some(Sound::Bass))], "bass", "Bass";
    [Self(Some(Sound::Pluck))], "pluck", "Pluck";
}

choices! { ScaleRule:
    [Self::Strict], "strict", "Locked to the scale";
    [Self::Free], "free", "Free";
    [Self::Style], "style", "By style";
}

choices! { Keep:
    [Self::Nothing], "nothing", "Nothing";
    [Self::Rhythm], "rhythm", "Rhythm";
    [Self::Pitches], "pitches", "Pitches";
}

choices! { PlayMode:
    [Self::Host], "host", "Host";
    [Self::Keys], "keys", "Keys";
    [Self::Free], "free", "Free";
}

choices! { TempoSource:
    [Self::Host], "host", "Host";
    [Self::Knob], "own", "Own";
    [Self::MidiClock], "clock", "MIDI clock";
}

choices! { KeyTrigger:
    [Self::Gate], "gate", "Gate";
    [Self::Latch], "latch", "Latch";
}

choices! { Quantum:
    [Self::Off], "off", "Off";
    [Self::Sixteenth], "1/16", "1/16";
    [Self::Eighth], "1/8", "1/8";
    [Self::Beat], "beat", "Beat";
    [Self::Bar], "bar", "Bar";
    [Self::Phrase], "phrase", "Phrase";
}

choices! { SwingUnit:
    [Self::Eighth], "1/8", "1/8";
    [Self::Sixteenth], "1/16", "1/16";
}
