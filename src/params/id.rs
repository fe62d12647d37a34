//! The names of all parameters, for code that reads and writes them without knowing their types.

use crate::knobs::Dial;
use crate::music::Part;
use crate::session::Command;

/// A parameter of the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParamId {
    /// Passes notes on and plays nothing.
    Bypass,
    /// Style, or auto.
    Style,
    /// Sad to joyful, or auto.
    Valence,
    /// Calm to energetic, or auto.
    Arousal,
    /// Beats per minute where the host gives none, or where it is not followed.
    Tempo,
    /// Whose tempo phrases are composed for and, without a host to follow, played at.
    TempoSource,
    /// Tonic, or auto.
    Tonic,
    /// Mode, or auto.
    Mode,
    /// Whether composed notes keep to the scale.
    Scale,
    /// Time signature.
    Meter,
    /// Bars to compose.
    Bars,
    /// Onsets per beat, or auto.
    Density,
    /// Weight taken from strong beats, or auto.
    Syncopation,
    /// Moves syncopation, polyphony and leaps together, or auto.
    Complexity,
    /// How boldly to draw.
    Surprise,
    /// How high, or auto.
    Register,
    /// Steps to leaps, or auto.
    Leaps,
    /// Share of silence, or auto.
    Rests,
    /// How much of the phrase *Vary* composes anew.
    VaryAmount,
    /// What the notes that *Vary* composes anew keep.
    VaryKeep,
    /// The song form that *Generate* composes, or a single phrase.
    Form,
    /// How a phrase that is composed ends.
    Ending,
    /// How many beats ahead nothing changes when a phrase was composed.
    Commit,
    /// How late off-beats come.
    Swing,
    /// Which off-beats swing.
    SwingUnit,
    /// Whose feel each sixteenth of a bar has: measured from how people play.
    Groove,
    /// How much of the groove.
    GrooveAmount,
    /// How much of the loudness and timing that composed notes got as people play.
    Performance,
    /// How far notes stray in time and loudness.
    Humanise,
    /// Louder on strong beats, softer between.
    Accent,
    /// Staccato to legato.
    NoteLength,
    /// How long a key plays the phrase.
    KeyTrigger,
    /// How much the velocity of that key counts.
    KeyDynamics,
    /// Which keys choose a slot in Keys mode.
    KeySwitches,
    /// Whether the phrase follows the chord that is held.
    Follow,
    /// Whether each pass of the phrase is followed by a variation.
    Evolve,
    /// How many bars of what is played are listened to, and then answered.
    Answer,
    /// The MIDI channel of all parts, or each on its own.
    OneChannel,
    /// How loud velocities leave.
    VelocityCurve,
    /// Whether keys and chords that are let go stay held.
    Hold,
    /// Whether what comes in and plays nothing is passed through.
    Through,
    /// What program changes that come in do.
    Programs,
    /// Bars that are counted in before the phrase begins in Free mode.
    CountIn,
    /// Where a new phrase takes over.
    Quantum,
    /// What starts and stops the phrase.
    PlayMode,
    /// Whether the phrase runs in Free mode.
    Play,
    /// Does what it says when switched on.
    Switch(Command),
    /// Plays the take in this slot when it changes, but for renders faster than time.
    Slot,
    /// Level of the preview synth.
    PreviewLevel,
    /// Counts changes of what the project stores, so that the host knows that it has to be saved.
    Revision,
    /// One of a part's own.
    Part(Part, PartParam),
}

/// A parameter that each part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartParam {
    /// Whether the part is composed.
    On,
    /// Level in the preview synth.
    Level,
    /// Place between left and right in the preview synth.
    Pan,
    /// Silent.
    Mute,
    /// All others silent.
    Solo,
    /// MIDI channel that it plays on.
    Channel,
    /// Denser or sparser than the density of all parts.
    Density,
    /// Octaves up or down, as it is played.
    Octave,
    /// The program that its channel is set to, or none.
    Program,
    /// The bank that the program is of, or none.
    Bank,
    /// The sound in the preview synth.
    Sound,
}

impl PartParam {
    /// Every parameter of a part.
    pub const ALL: [Self; 11] = [
        Self::On,
        Self::Level,
        Self::Pan,
        Self::Mute,
        Self::Solo,
        Self::Channel,
        Self::Density,
        Self::Octave,
        Self::Program,
        Self::Bank,
        Self::Sound,
    ];
}

impl ParamId {
    /// Those that are neither switches nor a part's.
    pub const PLAIN: [Self; 49] = [
        Self::Bypass,
        Self::Style,
        Self::Valence,
        Self::Arousal,
        Self::Tempo,
        Self::TempoSource,
        Self::Tonic,
        Self::Mode,
        Self::Scale,
        Self::Meter,
        Self::Bars,
        Self::Density,
        Self::Syncopation,
        Self::Complexity,
        Self::Surprise,
        Self::Register,
        Self::Leaps,
        Self::Rests,
        Self::VaryAmount,
        Self::VaryKeep,
        Self::Form,
        Self::Ending,
        Self::Commit,
        Self::Swing,
        Self::SwingUnit,
        Self::Groove,
        Self::GrooveAmount,
        Self::Performance,
        Self::Humanise,
        Self::Accent,
        Self::NoteLength,
        Self::KeyTrigger,
        Self::KeyDynamics,
        Self::KeySwitches,
        Self::Follow,
        Self::Evolve,
        Self::Answer,
        Self::OneChannel,
        Self::VelocityCurve,
        Self::Hold,
        Self::Through,
        Self::Programs,
        Self::CountIn,
        Self::Quantum,
        Self::PlayMode,
        Self::Play,
        Self::Slot,
        Self::PreviewLevel,
        Self::Revision,
    ];

    /// Whether to set it is to do something, not to have something set from then on.
    pub const fn is_command(self) -> bool {
        matches!(self, Self::Switch(_) | Self::Slot | Self::Revision)
    }

    /// The parameter that stands for `dial`.
    pub const fn of_dial(dial: Dial) -> Self {
        match dial {
            Dial::Valence => Self::Valence,
            Dial::Arousal => Self::Arousal,
            Dial::Density => Self::Density,
            Dial::Syncopation => Self::Syncopation,
            Dial::Complexity => Self::Complexity,
            Dial::Register => Self::Register,
            Dial::Leaps => Self::Leaps,
            Dial::Rests => Self::Rests,
        }
    }

    /// Every parameter.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_parts = Part::ALL.into_iter().flat_map(|part| PartParam::ALL.map(|id| Self::Part(part, id)));
        Self::PLAIN.into_iter().chain(Command::ALL.map(Self::Switch)).chain(of_parts)
    }
}

/// What an interface shows of a parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The value's place in its range, `0.0..=1.0`.
    pub normalized: f32,
    /// The place of the value that it has at first, `0.0..=1.0`.
    pub default: f32,
    /// The value in words, with its unit.
    pub text: String,
    /// How many values there are, less one; `None` if they are continuous.
    pub n_steps: Option<usize>,
}
