//! Text as wishes: "dark lo-fi in D minor, sparse, 82 bpm".
//!
//! A lexicon, not a language model: reading is instant and offline, the same text always means the same, and each word
//! says which knob it moved. Reading never fails: a long word with a typing error in it is read as the name it comes
//! close to, and says so; what is not understood is listed with the nearest thing that would be.
//!
//! # What a text can say
//!
//! - Of two styles, keys, meters, lengths or tempi the last counts, but a number beats a word ("slow, 82 bpm") and a
//!   style beats a flavour ("jazzy house").
//! - Several moods meet in their middle. A degree ("very", "a bit", "less", "not") scales the distance from neutral.
//! - An adjective about notes that stands directly before a part, or after it ("the bass is busy"), turns the knob of
//!   that part; anywhere else it turns the knob of all parts, but drums keep those that are about pitch.
//! - "melody and chords" asks for these parts, "with drums" for these beside others, "no drums" and "only bass" speak for
//!   themselves. "busy bass" alone does not mean that nothing else is wanted; "a busy bass" does.
//! - A comma ends what a word may belong to.
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

mod wishes;

mod lexicon;

mod effect;

mod notation;

mod reader;

mod resolve;

#[cfg(test)]
mod tests;

pub use wishes::{Level, Understood, Unknown, Words};

/// What `text` asks for. Never fails.
pub fn read(text: &str) -> Words {
    resolve::resolve(text, reader::hear(text))
}

/// A text that is understood from end to end.
pub const EXAMPLE: &str = "dark lo-fi in D minor, sparse, 82 bpm";
