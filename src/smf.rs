//! Standard MIDI Files to and from phrases.
//!
//! A file is first read into a [`Score`]: its contents, in our own ticks, not quantised. A score is cut into
//! [`Segment`]s of one meter each, and a segment becomes a [`Phrase`](crate::music::Phrase). In the other direction a
//! phrase is written to a new file ([`write()`]), or bars of a score are replaced ([`Score::splice`]) and the score is
//! written with the rest of the file as it was ([`Score::write`]).
//!
//! # Format
//!
//! Types 0 and 1, and either of them wrapped in RIFF. Apart from the standard meta events, markers carry what MIDI has
//! no event for: `chord:Am7`, `chord:N.C.` (no chord), `chord:?` (not stated from here), `section:verse`,
//! `key:D dorian` and `pickup` (the first bar is a pickup). A text event `part:melody` names a track's part.
//!
//! # Invariants
//!
//! Reading never panics, whatever the bytes. The readable part of a damaged file is read; what is lost is reported as
//! [`Warning`]s.
//!
//! # Example
//!
//! ```
//! use descant::music::Key;
//! use descant::smf::{self, WriteOptions};
//!
//! let bytes = std::fs::read("assets/starter.mid")?;
//! // The function gives the key where the file states none.
//! let (phrase, _warnings) = smf::read(&bytes)?.to_phrase(|_segment| Key::C_MAJOR)?;
//! let written = smf::write(&phrase, &WriteOptions::default())?;
//! assert_eq!(smf::read(&written)?.to_phrase(|_segment| Key::C_MAJOR)?.0, phrase);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod read;

mod score;

mod segment;

mod roles;

mod write;

mod edit;

pub use edit::Replaced;
pub use read::read;
pub use score::{KeyMark, MeterMark, Score, TempoMark, Track};
pub use segment::Segment;
pub use write::{WriteOptions, write};

use crate::music::{PhraseError, TickInstant, counted};

/// Why a file cannot be read, or a score has no phrase.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SmfError {
    /// Not MIDI at all, or a header that cannot be used.
    #[error(
        "this is not a Standard MIDI File that can be read: {0}; export it again from the program it came from"
    )]
    Header(String),
    /// Type 2: independent patterns.
    #[error("this is a type 2 file (independent patterns); save it as type 0 or 1")]
    Type2,
    /// A division of zero ticks a beat.
    #[error("the header gives zero ticks a beat, so nothing has a time; export the file again")]
    NoDivision,
    /// No segment of the file has a meter that phrases can have.
    #[error(
        "no bar of the file has a supported meter (found {0}); change its time signature to 4/4, 3/4, 6/8 or another of the listed meters"
    )]
    Meter(String),
    /// Bars cannot be added to a segment that other music follows.
    #[error("other music follows at tick {at}, so no bars can be added there; write the phrase to a new file", at = .0.0)]
    NotAtEnd(TickInstant),
    /// More than a file can hold.
    #[error("the file cannot be written: {0}; leave out tracks or texts")]
    Write(String),
    /// The notes of a segment do not make a phrase.
    #[error("the file cannot become a phrase: {0}")]
    Phrase(#[from] PhraseError),
}

/// A fault of a file that was repaired, or contents that were left out, while reading.
#[derive(Debug, Clone, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Warning {
    /// A track ends without its end mark: cut off or damaged, and read up to there.
    #[error("track {track} breaks off at tick {at} without an end mark; what comes before is kept", at = .at.0)]
    BrokenTrack {
        /// Track in the file, from 0.
        track: usize,
        /// Last event read.
        at: TickInstant,
    },
    /// Fewer tracks than the header promises.
    #[error("the header promises {}, the file has {found}", counted(.expected, "track"))]
    MissingTracks {
        /// Tracks by the header.
        expected: usize,
        /// Tracks in the file.
        found: usize,
    },
    /// Notes without a note-off; each was ended where its pitch is retriggered, else at the end of its track.
    #[error(
        "track {track}: {} without an end; ended at the next of the same pitch or with the track",
        counted(.n_notes, "note")
    )]
    HungNotes {
        /// Track in the file, from 0.
        track: usize,
        /// How many.
        n_notes: usize,
    },
    /// Note-offs without a note.
    #[error("track {track}: {} without a note; ignored", counted(.n_offs, "note-off"))]
    StrayNoteOffs {
        /// Track in the file, from 0.
        track: usize,
        /// How many.
        n_offs: usize,
    },
    /// Notes later than the last tick of a score.
    #[error("track {track}: {} too far from the start; left out", counted(.n_notes, "note"))]
    TooLate {
        /// Track in the file, from 0.
        track: usize,
        /// How many.
        n_notes: usize,
    },
    /// A chord marker with an unknown symbol; the harmony counts as not stated there.
    #[error("chord symbol {symbol:?} at tick {at} is not known; the harmony is not stated there", at = .at.0)]
    UnknownChord {
        /// Where.
        at: TickInstant,
        /// The symbol as written.
        symbol: String,
    },
    /// A tempo, meter or key event with impossible contents.
    #[error("the {what} event at tick {at} is impossible and was ignored", at = .at.0)]
    BadEvent {
        /// Where.
        at: TickInstant,
        /// `tempo`, `meter` or `key`.
        what: &'static str,
    },
    /// Bars in a meter phrases cannot have.
    #[error("meter {numerator}/{denominator} at tick {at} is not supported; its bars can be kept, not composed", at = .at.0)]
    UnsupportedMeter {
        /// Where.
        at: TickInstant,
        /// Upper figure.
        numerator: u8,
        /// Lower figure.
        denominator: u32,
    },
    /// Times in the file are seconds, not beats.
    #[error("the file counts SMPTE frames, not beats; it was read at 120 beats per minute")]
    Smpte,
    /// Notes outside the segment that became the phrase.
    #[error("{} outside the bars from tick {start} to {end} that became the phrase", counted(.n_notes, "note"), start = .start.0, end = .end.0)]
    OutsideSegment {
        /// How many.
        n_notes: usize,
        /// First tick of the segment.
        start: TickInstant,
        /// End of the segment.
        end: TickInstant,
    },
    /// Notes changed so that no two of a pitch overlap inside a part.
    #[error("{} shortened, merged or trimmed, so that none overlaps another of its pitch", counted(.n_notes, "note"))]
    Repaired {
        /// How many.
        n_notes: usize,
    },
}
