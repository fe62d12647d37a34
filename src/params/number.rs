//! Constructors of number parameters, with their ranges and texts.

use std::ops::RangeInclusive;

use nice_plug::prelude::{FloatParam, FloatRange, IntParam, IntRange};

use super::text;

/// Whole per cents.
pub fn percent(name: &str, default: i32, range: RangeInclusive<i32>) -> IntParam {
    IntParam::new(name, default, IntRange::Linear { min: *range.start(), max: *range.end() })
        .with_value_to_string(text::percent())
        .with_string_to_value(text::from_percent())
}

/// 0 to 100 per cent, and [`text::AUTO`] below, which is the default.
pub fn auto_percent(name: &str) -> IntParam {
    IntParam::new(name, text::AUTO, IntRange::Linear { min: text::AUTO, max: 100 })
        .with_value_to_string(text::auto_percent())
        .with_string_to_value(text::from_auto_percent())
}

/// From silence to twice as loud.
pub fn decibels(name: &str) -> FloatParam {
    FloatParam::new(name, 0.0, FloatRange::Linear { min: text::SILENCE_DB, max: 6.0 })
        .with_step_size(0.1)
        .with_value_to_string(text::decibels())
        .with_string_to_value(text::from_decibels())
}

/// A MIDI number counted from 1; 0 is none.
pub fn none_or_number(name: &str) -> IntParam {
    IntParam::new(name, 0, IntRange::Linear { min: 0, max: 128 })
        .with_value_to_string(text::zero_as("None"))
        .with_string_to_value(text::from_zero_as("None"))
}
