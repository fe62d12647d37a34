//! Note events, as they come from the host and as they go to it.
//!
//! Sample offsets are places in the current block, `0..n_samples`; channels are `0..=15`.

use crate::music::phrase::Part;
use crate::music::pitch::Pitch;

/// What happens to a pitch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// The key is let go.
    Off,
    /// The key is struck.
    On {
        /// MIDI velocity, `1..=127`.
        velocity: u8,
    },
}

/// A note event from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputEvent {
    /// Sample offset; those past the block are held to its last sample.
    pub offset: u32,
    /// MIDI channel, `0..=15`.
    pub channel: u8,
    /// MIDI note number.
    pub pitch: Pitch,
    /// Struck or let go.
    pub action: Action,
}

/// A note event for the host.
///
/// Events sort by sample offset; at one sample, offs stand before ons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlayerEvent {
    /// Sample offset, `0..n_samples`.
    pub offset: u32,
    /// Struck or let go.
    pub action: Action,
    /// The part of the phrase that plays; `None` if the event was passed through from the input.
    pub part: Option<Part>,
    /// MIDI note number; a General MIDI percussion key in the drums part.
    pub pitch: Pitch,
    /// MIDI channel, `0..=15`.
    pub channel: u8,
    /// The same for a note-on and its note-off, and for no other note that sounds.
    pub note_id: i32,
    /// A test note: to be heard from other instruments only.
    pub is_test: bool,
}
