//! Passes the meter of calls from the audio thread to the task builder.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::values::Values;
use crate::music::Meter;
use crate::player::Mode;

/// The host's meter, if calls follow it.
///
/// # Threads
///
/// Set by the audio thread, read by any: an atomic.
#[derive(Debug, Default)]
pub struct CallMeter {
    /// Index of the meter, counted from 1; 0 for that of the parameter.
    meter: AtomicUsize,
}

impl CallMeter {
    /// The meter of calls and answers: `host` in Host mode, if given, else that of the parameter. Stores the choice for
    /// [`Self::host`].
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow(&self, host: Option<Meter>, values: &Values) -> Meter {
        let follows = values.playing().mode.value() == Mode::Host;
        let host = host.filter(|_| follows);
        self.meter.store(host.map_or(0, |meter| meter.index() + 1), Ordering::Relaxed);
        host.unwrap_or_else(|| values.meter())
    }

    /// The host's meter, if calls follow it.
    pub fn host(&self) -> Option<Meter> {
        self.meter.load(Ordering::Relaxed).checked_sub(1).and_then(Meter::from_index)
    }
}
