//! Which tempo a phrase plays at: one rule for the clock, for composing and for display.

use super::settings::{Mode, TempoSource};

/// Tempos of the host and the MIDI clock.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tempi {
    /// Whether the host has a transport, which [`Mode::Host`] follows.
    pub has_transport: bool,
    /// The host's tempo, in beats per minute; `None` if it gives none.
    pub host: Option<f64>,
    /// The MIDI clock's tempo, in beats per minute; `None` if none came in.
    pub clock: Option<f64>,
}

/// What sets the tempo in place of the knob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conductor {
    /// The host.
    Host,
    /// The incoming MIDI clock.
    MidiClock,
}

impl Tempi {
    /// Whether a phrase in `mode` plays on the host's beats, whatever the tempo source.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn binds(&self, mode: Mode) -> bool {
        mode == Mode::Host && self.has_transport
    }

    /// The tempo that replaces the knob's, in beats per minute, and what sets it; `None` if the knob does.
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
