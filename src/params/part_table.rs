//! The parameters of each part, one row for each; [`super::table`] explains the rows.

use nice_plug::prelude::{BoolParam, EnumParam, FloatParam, IntParam, IntRange, Params};

use super::choice::SoundChoice;
use super::number::{decibels, none_or_number};
use super::rows::part_parameters;
use super::stands_for::{StandsFor, place};
use super::text;
use super::visitor::ParamVisitor;
use crate::music::Part;

part_parameters! { part:
    /// Whether the part is composed.
    On "on" on: BoolParam = BoolParam::new(named(part, "on"), part != Part::Arpeggio), knob is_on;
    /// Level in the preview synth.
    Level "level" level: FloatParam = decibels(&named(part, "level"));
    /// Place between left and right in the preview synth.
    Pan "pan" pan: IntParam = IntParam::new(named(part, "pan"), 0, IntRange::Linear { min: -100, max: 100 })
        .with_value_to_string(text::pan())
        .with_string_to_value(text::from_pan());
    /// Silent.
    Mute "mute" mute: BoolParam = BoolParam::new(named(part, "mute"), false), player is_muted;
    /// All others silent.
    Solo "solo" solo: BoolParam = BoolParam::new(named(part, "solo"), false), player is_soloed;
    /// MIDI channel that it plays on. People count channels from 1.
    Channel "channel" channel: IntParam =
        IntParam::new(named(part, "channel"), i32::from(part.usual_channel()) + 1, IntRange::Linear { min: 1, max: 16 })
            .with_string_to_value(text::from_signed()), player channel = channel_of_part;
    /// Denser or sparser than the density of all parts.
    Density "density" density: IntParam = IntParam::new(named(part, "density"), 0, IntRange::Linear { min: -50, max: 50 })
        .with_value_to_string(text::signed_percent())
        .with_string_to_value(text::from_percent()), knob density;
    /// Octaves up or down, as it is played. Drums have keys and no octaves: theirs does nothing and is not shown.
    Octave "octave" octave: IntParam = {
        let octave = IntParam::new(named(part, "octave"), 0, IntRange::Linear { min: -3, max: 3 })
            .with_value_to_string(text::signed())
            .with_string_to_value(text::from_signed());
        if part.is_drums() { octave.hide() } else { octave }
    }, player octave = octaves;
    /// The program that its channel is set to, or none.
    Program "program" program: IntParam = none_or_number(&named(part, "program"));
    /// The bank that the program is of, or none.
    Bank "bank" bank: IntParam = none_or_number(&named(part, "bank"));
    /// The sound in the preview synth. Drums are a kit: theirs does nothing and is not shown.
    Sound "sound" sound: EnumParam<SoundChoice> = {
        let sound = EnumParam::new(named(part, "sound"), SoundChoice::default());
        if part.is_drums() { sound.hide() } else { sound }
    };
}

/// The page of parameters for hardware controllers with eight knobs.
pub const PART_PAGE: &[PartParam] = &[
    PartParam::On,
    PartParam::Mute,
    PartParam::Solo,
    PartParam::Level,
    PartParam::Pan,
    PartParam::Octave,
    PartParam::Density,
    PartParam::Channel,
];

/// The display name of the parameter `what` of `part`.
fn named(part: Part, what: &str) -> String {
    format!("{} {what}", text::title(part.name()))
}

fn channel_of_part(number: i32) -> u8 {
    u8::try_from(number - 1).unwrap_or(0)
}

fn octaves(number: i32) -> i8 {
    i8::try_from(number).unwrap_or(0)
}
