//! Calibrated sampling: a temperature and a nucleus for each slot of each part, measured on held-out music.
//!
//! A single temperature would flatten what should be wide (pitches and lengths of a melody) to spare what should not
//! (the bass on the first beat). The table is stored with the weights that it was measured with; each task stores the
//! values that it is composed with.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::music::Part;
use crate::token::{N_SLOTS, Slot, Style};

const SHIPPED: &str = include_str!("../../models/descant-1/decoding.json");

/// Streams of tokens: the chord track and each part.
pub const N_STREAMS: usize = 1 + Part::ALL.len();

/// Temperature and nucleus of one slot.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(from = "[f32; 2]", into = "[f32; 2]")]
pub struct Spread {
    /// Divides the logits; above 0.
    pub temperature: f32,
    /// Nucleus: the likeliest values are kept until they reach this probability, `0.0..=1.0`.
    pub top_p: f32,
}

impl Default for Spread {
    /// The network's own distribution.
    fn default() -> Self {
        Self { temperature: 1.0, top_p: 1.0 }
    }
}

impl From<[f32; 2]> for Spread {
    fn from([temperature, top_p]: [f32; 2]) -> Self {
        Self { temperature, top_p }
    }
}

impl From<Spread> for [f32; 2] {
    fn from(spread: Spread) -> Self {
        [spread.temperature, spread.top_p]
    }
}

/// Temperature and nucleus of every slot of every stream.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Decoding {
    /// Indexed by `[stream_idx][slot_idx]`: the chord track, then [`Part::ALL`].
    pub streams: [[Spread; N_SLOTS]; N_STREAMS],
}

impl Decoding {
    /// The shipped calibration of `style`, or of all styles together.
    pub fn of(style: Option<Style>) -> Self {
        static READ: LazyLock<DecodingTable> =
            LazyLock::new(|| DecodingTable::from_json(SHIPPED).expect("a test reads the shipped table"));
        READ.decoding(style)
    }

    /// The calibration of `slot` of `part`; `None` is the chord track.
    pub const fn spread(&self, part: Option<Part>, slot: Slot) -> Spread {
        let stream_idx = match part {
            Some(part) => 1 + part.index(),
            None => 0,
        };
        self.streams[stream_idx][slot.index()]
    }
}

/// A calibration with its origin.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct DecodingTable {
    /// Hash of the weights that were calibrated.
    pub model_hash: String,
    /// The data and the method of the measurement, in words.
    pub measured: String,
    /// The calibration of all styles together.
    pub all: Decoding,
    /// Styles with enough held-out music for a calibration of their own.
    pub styles: BTreeMap<Style, Decoding>,
}

impl DecodingTable {
    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// A text of another form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The table as JSON, one style per line.
    pub fn to_json(&self) -> String {
        let json = |decoding: &Decoding| serde_json::to_string(decoding).expect("finite numbers are JSON");
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let of_style =
            |(style, decoding): (&Style, &Decoding)| format!("{}: {}", quoted(style.name()), json(decoding));
        let styles: Vec<String> = self.styles.iter().map(of_style).collect();
        format!(
            "{{\n\"model_hash\": {},\n\"measured\": {},\n\"all\": {},\n\"styles\": {{\n{}\n}}\n}}\n",
            quoted(&self.model_hash),
            quoted(&self.measured),
            json(&self.all),
            styles.join(",\n")
        )
    }

    /// The calibration of `style`, or of all styles together.
    pub fn decoding(&self, style: Option<Style>) -> Decoding {
        style.and_then(|style| self.styles.get(&style)).copied().unwrap_or(self.all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_is_sane_and_prints_as_it_reads() {
        let table = DecodingTable::from_json(SHIPPED).unwrap();
        assert_eq!(DecodingTable::from_json(&table.to_json()).unwrap(), table);
        for decoding in table.styles.values().chain([&table.all]) {
            for spread in decoding.streams.iter().flatten() {
                assert!((0.5..=1.5).contains(&spread.temperature) && (0.8..=1.0).contains(&spread.top_p));
            }
        }
        let melody = table.all.spread(Some(Part::Melody), Slot::Pitch);
        assert_eq!(melody, table.all.streams[1 + Part::Melody.index()][Slot::Pitch.index()]);
    }
}
