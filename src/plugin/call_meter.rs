//! The meter that calls are in, from the audio thread to whoever composes answers.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::values::Values;
use crate::music::Meter;
use crate::player::Mode;

/// The meter of the host that calls are in.
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
    /// The meter that calls and answers are in: the host's where its bars count and there is music of its meter, else that
    /// of the parameter. What is answered from now on is taken to be in it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow(&self, host: Option<Meter>, values: &Values) -> Meter {
        let follows = values.playing().mode.value() == Mode::Host;
        let host = host.filter(|_| follows);
        self.meter.store(host.map_or(0, |meter| meter.index() + 1), Ordering::Relaxed);
        host.unwrap_or_else(|| values.meter())
    }

    /// The host's meter, if calls are in it.
    pub fn host(&self) -> Option<Meter> {
        self.meter.load(Ordering::Relaxed).checked_sub(1).and_then(Meter::from_index)
    }
}
