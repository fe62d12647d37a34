//! Events from the host, and notes to it.
//!
//! Sample offsets are positions in the current block, `0..n_samples`; channels are `0..=15`.

use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// Note-on or note-off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Note-off: the key goes up.
    Off,
    /// Note-on: the key goes down.
    On {
        /// MIDI velocity, `1..=127`.
        velocity: u8,
    },
}

/// A message from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Message {
    /// A key goes down or up.
    Note {
        /// MIDI channel, `0..=15`.
        channel: u8,
        /// MIDI note number.
        pitch: Pitch,
        /// Note-on or note-off.
        action: Action,
    },
    /// The hold pedal: keys released while it is down stay down until it goes up.
    Hold {
        /// Whether it goes down.
        is_down: bool,
    },
    /// Chooses the take in this slot, `0..12`, to play from the next launch bound on.
    Slot(u8),
    /// Releases all notes of all channels, and all held keys and chords.
    Release,
    /// Restarts the phrase where time is our own: from the count-in in Free mode, from its beginning under a held key.
    Restart,
    /// A message of the MIDI clock.
    Clock(ClockMessage),
}

/// A message of the MIDI clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockMessage {
    /// A 24th of a beat has passed.
    Tick,
    /// The next tick is position 0.
    Start,
    /// The next tick is the position where the clock stopped or was moved to.
    Continue,
    /// Time stops.
    Stop,
    /// The next tick is this many sixteenths from position 0.
    Position(u16),
}

/// An event from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputEvent {
    /// Sample offset; those past the block count as its last sample.
    pub offset: u32,
    /// What happens.
    pub message: Message,
}

impl InputEvent {
    /// A key on `channel`, `0..=15`.
    pub const fn note(offset: u32, channel: u8, pitch: Pitch, action: Action) -> Self {
        Self { offset, message: Message::Note { channel, pitch, action } }
    }
}

/// A note event for the host.
///
/// Events sort by sample offset; at one sample, offs stand before ons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlayerEvent {
    /// Sample offset, `0..n_samples`.
    pub offset: u32,
    /// Note-on or note-off.
    pub action: Action,
    /// The part of the phrase that plays; `None` if the event was passed through from the input.
    pub part: Option<Part>,
    /// MIDI note number; a General MIDI percussion key in the drums part.
    pub pitch: Pitch,
    /// MIDI channel, `0..=15`.
    pub channel: u8,
    /// The same for a note-on and its note-off, and for no other note that sounds.
    pub note_id: i32,
    /// A test note: for other instruments only.
    pub is_test: bool,
}
