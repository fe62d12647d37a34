//! Dials: the knobs that hold a share or auto.

use crate::music::measure::PartControl;

/// A knob whose value is a share `0.0..=1.0`, or auto.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dial {
    /// Sad to joyful.
    Valence,
    /// Calm to energetic.
    Arousal,
    /// Onsets per beat.
    Density,
    /// Syncopation.
    Syncopation,
    /// Moves syncopation, polyphony and leaps together.
    Complexity,
    /// Register, low to high.
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

    /// The index in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The id in presets and hosts.
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

    /// The dial that sets `control` in all parts that have it; `None` if there is none.
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
