//! Key and chord recognition.
//!
//! Everything here listens to the notes of pitched parts and to nothing else: no chord symbols, no velocity, no file
//! text. Confidences are `0.0..=1.0`; that of a key is a calibrated probability.

mod chords;
mod keys;

pub use chords::{ChordEstimate, recognise_chords};
pub use keys::{KeyEstimate, KeySpan, recognise_key, segment_keys, settle_key};
