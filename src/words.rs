//! Reads a text such as "dark lo-fi in D minor, sparse, 82 bpm" as musical settings, [`Words`].
//!
//! A lexicon, not a language model: reading is instant and offline, the same text always means the same, and each word
//! reports which knob it moved. Reading never fails: a long word with a typing error is read as the name nearest to it, and
//! reported as such; a word that is not understood is listed with the nearest name in the lexicon.
//!
//! # What a text can say
//!
//! - Of two styles, keys, meters, lengths or tempi the last counts, but a number overrules a word ("slow, 82 bpm")
//!   and a style overrules a flavour ("jazzy house").
//! - Several moods are averaged. A degree ("very", "a bit", "less", "not") scales the distance from neutral.
//! - An adjective about notes that stands directly before a part, or after it ("the bass is busy"), sets the knob of
//!   that part; anywhere else it sets the knob of all parts, except that knobs about pitch leave the drums alone.
//! - "melody and chords" asks for these parts alone, "with drums" for drums in addition to the others; "no drums" and "only
//!   bass" mean what they say. "busy bass" does not exclude the other parts; "a busy bass" does.
//! - A comma ends a clause: no adjective or degree reaches across it.
//!
//! # Example
//!
//! ```
//! use descant::token::Style;
//! use descant::words;
//!
//! let words = words::read("dark lo-fi in D minor, sparse, 82 bpm, purpel");
//! assert_eq!((words.style, words.tempo), (Some(Style::LoFi), Some(82.0)));
//! assert_eq!(words.unknown[0].words, "purpel");
//! ```

mod settings;

mod lexicon;

mod effect;

mod notation;

mod reader;

mod resolve;

#[cfg(test)]
mod tests;

pub use settings::{Level, Understood, Unknown, Words};

/// What `text` asks for. Never fails.
pub fn read(text: &str) -> Words {
    resolve::resolve(text, reader::read(text))
}

/// An example in which every word is understood.
pub const EXAMPLE: &str = "dark lo-fi in D minor, sparse, 82 bpm";
