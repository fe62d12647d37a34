//! The knobs that say how much there is of something.

use crate::music::measure::PartControl;

/// A knob that asks for a share of something, or leaves it to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dial {
    /// Sad to joyful.
    Valence,
    /// Calm to energetic.
    Arousal,
    /// Onsets per beat.
    Density,
    /// Weight taken from strong beats.
    Syncopation,
    /// Moves syncopation, polyphony and leaps together.
    Complexity,
    /// How high.
    Register,
    /// Steps to leaps.
    Leaps,
    /// Share of silence.
    Rests,
}

impl Dial {
    /// Every dial.
    pub const ALL: [Self; 8] = [
        Self::Valence,
        Self::Arousal,
        Self::Density,
        Self::Syncopation,
        Self::Complexity,
        Self::Register,
        Self::Leaps,
        Self::Rests,
    ];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The id that presets and hosts name it by.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Valence => "valence",
            Self::Arousal => "arousal",
            Self::Density => "density",
            Self::Syncopation => "syncop",
            Self::Complexity => "complex",
            Self::Register => "register",
            Self::Leaps => "leaps",
            Self::Rests => "rests",
        }
    }

    /// The dial that speaks for `control` in all parts that have it.
    pub const fn of(control: PartControl) -> Option<Self> {
        match control {
            PartControl::Density => Some(Self::Density),
            PartControl::Syncopation => Some(Self::Syncopation),
            PartControl::Register => Some(Self::Register),
            PartControl::Leaps => Some(Self::Leaps),
            PartControl::Rests => Some(Self::Rests),
            PartControl::Polyphony | PartControl::Range => None,
        }
    }
}
