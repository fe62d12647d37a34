//! Whose tempo a phrase is played at: one rule for the clock that plays it, for what is composed and for what is shown.

use super::settings::{Mode, TempoSource};

/// Tempos that come from outside.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tempi {
    /// Whether the host has a transport, whose beats [`Mode::Host`] plays on.
    pub has_transport: bool,
    /// The host's, in beats per minute; `None` if it gives none.
    pub host: Option<f64>,
    /// That of the MIDI clock, in beats per minute; `None` if none came in.
    pub clock: Option<f64>,
}

/// Who sets the tempo in place of the knob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conductor {
    /// The host.
    Host,
    /// The MIDI clock that comes in.
    MidiClock,
}

impl Tempi {
    /// Whether a phrase in `mode` is played on the host's beats, whatever tempo is asked for.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn binds(&self, mode: Mode) -> bool {
        mode == Mode::Host && self.has_transport
    }

    /// Whose tempo a phrase is played at, and which, in beats per minute; `None` if it is the knob's.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn ruling(&self, mode: Mode, source: TempoSource) -> Option<(Conductor, f64)> {
        let host = self.host.map(|tempo| (Conductor::Host, tempo));
        match source {
            _ if self.binds(mode) => host,
            TempoSource::Host => host,
            TempoSource::Knob => None,
            TempoSource::MidiClock => self.clock.map(|tempo| (Conductor::MidiClock, tempo)).or(host),
        }
    }
}
