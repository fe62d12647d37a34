//! Music theory, time, notes and what is measured from notes: plain values, without input or output.

pub mod count;

pub mod time;

pub mod groove;

pub mod pitch;

pub mod performance;

pub mod scale;

pub mod frames;

pub mod ending;

pub mod chord;

pub mod roman;

pub mod progression;

pub mod vocabulary;

pub mod nuance;

pub mod phrase;

pub mod performed;

pub mod chords_that_fit;

mod chord_change;

pub mod measure;

pub mod analysis;

pub mod quality;

pub mod traits;

pub use chord::{Chord, ChordQuality};
pub use chord_change::ChordChange;
pub use count::{counted, noun, numbered};
pub use groove::Groove;
pub use nuance::Nuance;
pub use phrase::{Cell, Cells, Frame, Note, NoteColumns, Part, Phrase, PhraseError};
pub use pitch::{Pitch, PitchClass, Spelling};
pub use progression::{ChordSpan, Progression};
pub use scale::{Key, Mode};
pub use time::{Meter, PPQ, STEPS_PER_BEAT, TICKS_PER_STEP, TickDuration, TickInstant};
pub use vocabulary::{ChordName, Vocabulary, VocabularyTable};
