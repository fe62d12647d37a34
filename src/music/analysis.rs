//! Key and chord recognition, and similarity of bars and phrases.
//!
//! Keys and chords are recognised from the notes of the pitched parts alone: neither chord symbols nor velocities nor
//! the texts of files are read. Confidences are `0.0..=1.0`; that of a key is a calibrated probability.

mod chords;

mod distance;

mod keys;

mod restatement;

mod similarity;

use super::phrase::{Cell, Cells, Part, Phrase};
use super::progression::Progression;
pub use chords::{ChordEstimate, recognise_chords};
pub use distance::Shape;

pub use restatement::{Act, Acts, UnknownActs};

pub use similarity::similarity;

pub use keys::{KeyEstimate, KeySpan, recognise_key, segment_keys, settle_key};

/// The chords of `phrase`: its symbols, and in bars without one the chords recognised from the notes.
pub fn harmony(phrase: &Phrase) -> Progression {
    let frame = phrase.frame();
    let is_stated = |bar: u32| {
        let (start, end) = (frame.bar_start(bar), frame.bar_start(bar + 1));
        phrase.progression().spans().iter().any(|span| span.onset < end && start < span.end())
    };
    let unstated: Cells = (0..frame.n_bars_total())
        .filter(|bar| !is_stated(*bar))
        .map(|bar| Cell { bar, part: Part::Chords })
        .collect();
    let recognised = recognise_chords(phrase).into_iter().map(|chord| chord.span).collect();
    phrase.progression().spliced(&Progression::new(recognised), &frame.stretches(&unstated))
}
