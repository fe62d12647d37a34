//! Parses the numbers in preset values, as people write them.

/// The number that `text` begins with, with a decimal point or comma; `None` if it begins with none.
pub fn number(text: &str) -> Option<f32> {
    let text = text.trim().replace('−', "-").replace(',', ".");
    let end = text.find(|c: char| !(c.is_ascii_digit() || ".+-".contains(c))).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

/// `value` rounded, clamped to ±1 000 000 so that the framework's arithmetic on ranges cannot overflow.
#[expect(clippy::cast_possible_truncation, reason = "held inside a million, and the range is applied after")]
pub fn whole(value: f32) -> i32 {
    value.round().clamp(-1e6, 1e6) as i32
}
