//! Converts values of parameters to text and back.
//!
//! All text written can be read back; typed text is read with or without its unit.

use std::sync::Arc;

use crate::music::counted;
use crate::preset::{number, whole};

/// The value of a per cent parameter that stands for auto.
pub const AUTO: i32 = -1;

/// The lowest preview level, which is silence, in decibels.
pub const SILENCE_DB: f32 = -60.0;

type ToText<T> = Arc<dyn Fn(T) -> String + Send + Sync>;
type FromText<T> = Arc<dyn Fn(&str) -> Option<T> + Send + Sync>;

/// `name` with a capital.
pub fn title(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `45 %`.
pub fn percent() -> ToText<i32> {
    Arc::new(|value| format!("{value} %"))
}

/// `45 %` or `Auto`.
pub fn auto_percent() -> ToText<i32> {
    Arc::new(|value| if value == AUTO { "Auto".to_owned() } else { format!("{value} %") })
}

/// `+10 %`.
pub fn signed_percent() -> ToText<i32> {
    Arc::new(|value| if value == 0 { "0 %".to_owned() } else { format!("{value:+} %") })
}

/// `+1`.
pub fn signed() -> ToText<i32> {
    Arc::new(|value| if value == 0 { "0".to_owned() } else { format!("{value:+}") })
}

/// `3`, and `word` for 0.
pub fn zero_as(word: &'static str) -> ToText<i32> {
    Arc::new(move |value| if value == 0 { word.to_owned() } else { value.to_string() })
}

/// `8 bars`.
pub fn bars() -> ToText<i32> {
    Arc::new(|value| counted(value, "bar"))
}

/// `82` or `82.5`; the unit is written by the host.
pub fn tempo() -> ToText<f32> {
    Arc::new(|value| trimmed(value, 1))
}

/// `1 beat` or `2.5 beats`.
pub fn beats() -> ToText<f32> {
    Arc::new(|value| counted(trimmed(value, 2), "beat"))
}

/// `58 %` or `58.5 %`.
pub fn swing() -> ToText<f32> {
    Arc::new(|value| format!("{} %", trimmed(value, 1)))
}

/// `-3.0 dB` or `Off`.
pub fn decibels() -> ToText<f32> {
    Arc::new(|value| if value <= SILENCE_DB { "Off".to_owned() } else { format!("{value:.1} dB") })
}

/// `30 L`, `C` or `30 R`.
pub fn pan() -> ToText<i32> {
    Arc::new(|value| match value {
        0 => "C".to_owned(),
        ..0 => format!("{} L", -value),
        _ => format!("{value} R"),
    })
}

/// Reads a number that a unit may follow.
pub fn from_number() -> FromText<f32> {
    Arc::new(number)
}

/// Reads `45`, `45 %` or `+45%`.
pub fn from_percent() -> FromText<i32> {
    Arc::new(|text| number(text).map(whole))
}

/// Reads `auto` as well.
pub fn from_auto_percent() -> FromText<i32> {
    Arc::new(|text| if is_word(text, "auto") { Some(AUTO) } else { number(text).map(|n| whole(n.max(0.0))) })
}

/// Reads `+1`.
pub fn from_signed() -> FromText<i32> {
    from_percent()
}

/// Reads `8` or `8 bars`.
pub fn from_bars() -> FromText<i32> {
    from_percent()
}

/// Reads `3`, and `word` as 0.
pub fn from_zero_as(word: &'static str) -> FromText<i32> {
    Arc::new(move |text| if is_word(text, word) { Some(0) } else { number(text).map(whole) })
}

/// Reads `off` or `-3 dB`.
pub fn from_decibels() -> FromText<f32> {
    Arc::new(|text| {
        let is_off = is_word(text, "off") || is_word(text, "-inf") || is_word(text, "-inf dB");
        if is_off { Some(SILENCE_DB) } else { number(text) }
    })
}

/// Reads `C`, `30 L`, `R30` or `-30`.
pub fn from_pan() -> FromText<i32> {
    Arc::new(|text| {
        let text = text.trim().to_lowercase();
        if ["c", "centre", "center"].contains(&text.as_str()) {
            return Some(0);
        }
        let amount = number(text.trim_matches(['l', 'r', ' '])).map(whole)?;
        Some(if text.contains('l') { -amount } else { amount })
    })
}

fn is_word(text: &str, word: &str) -> bool {
    text.trim().eq_ignore_ascii_case(word)
}

/// `value` with at most `n_decimals` decimals, none if they are 0.
fn trimmed(value: f32, n_decimals: usize) -> String {
    let text = format!("{value:.n_decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
