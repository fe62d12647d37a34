//! Keys and tempi by style: a table of what is usual, from which a seed draws those that the user leaves open.
//!
//! # Format
//!
//! [`FrameTable`] is JSON: where its numbers come from, then the numbers of each style. `descant-cli corpus frames`
//! writes it.
//!
//! # Invariants
//!
//! The same seed, style and settings give the same key and tempo, on any machine.
//!
//! # Source
//!
//! Consecutive seeds draw numbers that lie far apart: the multiples of an irrational number, modulo 1, after H. Weyl,
//! "Über die Gleichverteilung von Zahlen mod. Eins", Mathematische Annalen 77, 1916. Multiples of quadratic irrationals
//! spread most evenly; the three that are used (√2, the golden ratio and √3) are independent of each other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pitch::PitchClass;
use super::scale::{Key, Mode};

/// The name in a table of the numbers that apply where no style is set.
pub const ANY: &str = "any";

/// Slowest and fastest tempo of a table, in beats per minute.
const TEMPI: (f32, f32) = (20.0, 400.0);

/// What a number is drawn for. The values are the fractional parts of √2, the golden ratio and √3, times 2⁶⁴.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
enum Lot {
    Tempo = 0x6A09_E667_F3BC_C909,
    Tonic = 0x9E37_79B9_7F4A_7C15,
    Mode = 0xBB67_AE85_84CA_A73B,
}

/// Keys and tempi by style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FrameTable {
    /// What the numbers mean, for readers of the file.
    pub about: String,
    /// Where the numbers come from, with licences.
    pub sources: Vec<String>,
    /// Indexed by the style's name, or [`ANY`].
    pub styles: BTreeMap<String, StyleFrames>,
}

/// The keys and tempi of one style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StyleFrames {
    /// The slowest tempo, the lower quartile, the median, the upper quartile and the fastest tempo, in beats per minute.
    pub tempi: [f32; 5],
    /// Where the tempi come from, in words.
    pub tempi_from: String,
    /// Share of the music with a minor third, `0.0..=1.0`.
    pub minor: f64,
    /// Weights of the tonics C to B where the third is major; their sum is above 0.
    pub major_tonics: [u32; 12],
    /// Weights of the tonics C to B where the third is minor; their sum is above 0.
    pub minor_tonics: [u32; 12],
    /// Where the keys come from, in words.
    pub keys_from: String,
}

/// Why a text is no usable table of keys and tempi.
#[derive(Debug, thiserror::Error)]
pub enum FrameTableError {
    /// Not JSON, or JSON of another form.
    #[error("the table of keys and tempi cannot be read; write it with `descant-cli corpus frames`: {0}")]
    Json(#[from] serde_json::Error),
    /// Numbers out of range, of this style.
    #[error(
        "the table of keys and tempi has no usable numbers of {0}; tempi ascend from 20 to 400, shares are 0 to 1, and \
         some tonic has a weight"
    )]
    Range(String),
}

/// The properties of a key that are set; the others are drawn by seed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct KeyRequest {
    /// The tonic.
    pub tonic: Option<PitchClass>,
    /// The mode.
    pub mode: Option<Mode>,
    /// Brightness, `0.0..=1.0`: chooses between a minor and a major third where no mode is set.
    pub valence: Option<f32>,
}

impl FrameTable {
    /// Reads a table.
    ///
    /// # Errors
    ///
    /// Text that is not such JSON, or a style with numbers out of range.
    pub fn from_json(text: &str) -> Result<Self, FrameTableError> {
        let table: Self = serde_json::from_str(text)?;
        if !table.styles.contains_key(ANY) {
            return Err(FrameTableError::Range(ANY.to_owned()));
        }
        match table.styles.iter().find(|(_, frames)| !frames.is_usable()) {
            Some((style, _)) => Err(FrameTableError::Range(style.clone())),
            None => Ok(table),
        }
    }

    /// The table as indented JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }

    /// Draws a tempo of `style` by `seed`, in whole beats per minute. `arousal` — `0.0..=1.0`: below the middle one of
    /// the slower tempi, above it one of the faster.
    pub fn tempo(&self, style: Option<&str>, arousal: Option<f32>, seed: u64) -> f32 {
        let drawn = drawn(Lot::Tempo, seed);
        let place = arousal.map_or(drawn, |arousal| 0.5 * drawn + 0.5 * f64::from(arousal.clamp(0.0, 1.0)));
        self.of(style).map_or(100.0, |frames| frames.tempo_at(place))
    }

    /// Draws a key of `style` by `seed`, with what `asked` sets.
    pub fn key(&self, style: Option<&str>, asked: KeyRequest, seed: u64) -> Key {
        let Some(frames) = self.of(style) else {
            return Key::without_accidentals(asked.mode.unwrap_or_else(|| Mode::suiting(asked.valence)));
        };
        let mode = asked.mode.unwrap_or_else(|| match asked.valence {
            None if drawn(Lot::Mode, seed) < frames.minor => Mode::Minor,
            valence => Mode::suiting(valence),
        });
        let weights = if mode.is_minor() { &frames.minor_tonics } else { &frames.major_tonics };
        Key::new(asked.tonic.unwrap_or_else(|| tonic_at(weights, drawn(Lot::Tonic, seed))), mode)
    }

    fn of(&self, style: Option<&str>) -> Option<&StyleFrames> {
        style.and_then(|style| self.styles.get(style)).or_else(|| self.styles.get(ANY))
    }
}

impl StyleFrames {
    fn is_usable(&self) -> bool {
        let has_some = |weights: &[u32; 12]| {
            weights.iter().any(|weight| *weight > 0) && weights.iter().all(|weight| *weight <= 1_000_000)
        };
        self.tempi.windows(2).all(|pair| pair[0] <= pair[1])
            && self.tempi.iter().all(|tempo| (TEMPI.0..=TEMPI.1).contains(tempo))
            && (0.0..=1.0).contains(&self.minor)
            && has_some(&self.major_tonics)
            && has_some(&self.minor_tonics)
    }

    /// The tempo at the quantile `place`, `0.0..=1.0`.
    fn tempo_at(&self, place: f64) -> f32 {
        let mut tempo = f64::from(self.tempi[0]);
        for (idx, pair) in (0_u8..).zip(self.tempi.windows(2)) {
            let way = (4.0 * place - f64::from(idx)).clamp(0.0, 1.0);
            tempo += f64::from(pair[1] - pair[0]) * way;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a tempo in whole beats per minute")]
        let whole = tempo.round() as f32;
        whole
    }
}

/// The number in `0.0..1.0` that `seed` draws for `lot`.
fn drawn(lot: Lot, seed: u64) -> f64 {
    let lot = lot as u64;
    let high = seed.wrapping_mul(lot) >> 32;
    f64::from(u32::try_from(high).unwrap_or(0)) / 4_294_967_296.0
}

/// The tonic at the share `place` of the sum of the weights. Tonics are in the order of fifths, so that neighbours are
/// related.
fn tonic_at(weights: &[u32; 12], place: f64) -> PitchClass {
    let by_fifths = || (0..12_u8).map(|idx| idx * 7 % 12);
    let weight = |tonic: u8| f64::from(weights[usize::from(tonic)]);
    let mut left = place * by_fifths().map(weight).sum::<f64>();
    for tonic in by_fifths() {
        left -= weight(tonic);
        if left < 0.0 {
            return PitchClass::new(tonic);
        }
    }
    PitchClass::C
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn table() -> FrameTable {
        let even = StyleFrames {
            tempi: [80.0, 90.0, 100.0, 110.0, 140.0],
            tempi_from: String::new(),
            minor: 0.5,
            major_tonics: [1; 12],
            minor_tonics: [1; 12],
            keys_from: String::new(),
        };
        let house = StyleFrames { tempi: [118.0, 120.0, 122.0, 124.0, 128.0], minor: 1.0, ..even.clone() };
        let styles = [(ANY.to_owned(), even), ("house".to_owned(), house)].into();
        FrameTable { about: String::new(), sources: Vec::new(), styles }
    }

    #[test]
    fn seeds_that_follow_each_other_spread_and_repeat() {
        let table = table();
        let tempi: Vec<f32> = (1..=20).map(|seed| table.tempo(Some("house"), None, seed)).collect();
        assert!(tempi.iter().all(|tempo| (118.0..=128.0).contains(tempo)), "{tempi:?}");
        let distinct: BTreeSet<String> = tempi.iter().map(f32::to_string).collect();
        assert!(distinct.len() >= 8, "{tempi:?}");
        let keys: Vec<Key> = (1..=20).map(|seed| table.key(None, KeyRequest::default(), seed)).collect();
        let names: BTreeSet<String> = keys.iter().map(|key| String::from(*key)).collect();
        assert!(names.len() >= 12, "{names:?}");
        let again: Vec<Key> = (1..=20).map(|seed| table.key(None, KeyRequest::default(), seed)).collect();
        assert_eq!(keys, again);
    }

    #[test]
    fn what_is_asked_is_not_drawn() {
        let table = table();
        for seed in 0..40 {
            let asked =
                KeyRequest { tonic: Some(PitchClass::new(5)), mode: Some(Mode::Dorian), valence: Some(0.1) };
            assert_eq!(table.key(Some("house"), asked, seed), Key::new(PitchClass::new(5), Mode::Dorian));
            let dark = KeyRequest { valence: Some(0.1), ..KeyRequest::default() };
            assert!(table.key(None, dark, seed).mode.is_minor());
            let bright = KeyRequest { valence: Some(0.8), ..KeyRequest::default() };
            assert!(!table.key(Some("house"), bright, seed).mode.is_minor());
            assert!(
                table.tempo(None, Some(0.0), seed) <= 100.0 && table.tempo(None, Some(1.0), seed) >= 100.0
            );
        }
    }

    #[test]
    fn a_table_without_numbers_is_refused() {
        let mut bad = table();
        assert_eq!(FrameTable::from_json(&bad.to_json()).unwrap(), bad);
        if let Some(any) = bad.styles.get_mut(ANY) {
            any.minor_tonics = [0; 12];
        }
        assert!(matches!(FrameTable::from_json(&bad.to_json()), Err(FrameTableError::Range(_))));
        bad.styles.clear();
        assert!(FrameTable::from_json(&bad.to_json()).is_err());
    }
}
