//! Converts prompts and phrases to compound token ids and back.
//!
//! # Format
//!
//! One token is a tuple of four slots, and one step of the network. A sequence is
//!
//! ```text
//! Begin                                          the head: settings
//! Style · Mood · Frame · Length
//! Feel(part) [Shape(part)] [Texture(part)]       … for each part to compose
//! Bar {ChordAt [Slash]} {Cell(part) {Note} | Mask(part) {Note}}
//!                                                … for each bar in which something is given
//! Compose                                        the body: written by the network
//! Bar {ChordAt [Slash]} {Cell(part) {Note}}      … for each bar with a cell to compose
//! End
//! ```
//!
//! The `Cell` of a composed cell repeats the register and density set for its part, in slots that are otherwise unused:
//! settings at the head of the sequence alone have little effect many bars later.
//!
//! A `Mask` stands for a cell to compose and carries the number that the composed cell will have; the notes after it are
//! the known notes of the cell: locked ones in full, skeleton notes with unknown slots. Each chord symbol is written
//! once: in the body for bars with a cell to compose, else in the given bars.

pub mod style;

pub mod vocab;

mod controls;

pub mod plan;

pub mod prompt;

pub mod encode;

pub mod grammar;

pub mod decode;

pub use controls::{Controls, Harmony};
pub use decode::{Repair, decode};
pub use grammar::{Grammar, Mask};
pub use plan::{Plan, PlanCell};
pub use prompt::{Prompt, SkeletonNote};
pub use style::{Style, UnknownStyle};
pub use vocab::{N_SLOTS, SLOT_SIZES, Slot, Symbol, Token, Tone, vocab_hash};
