//! Switches that do something when they go on.

use std::sync::atomic::{AtomicU32, Ordering};

/// A switch that does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is described in `ParamId`")]
pub enum Press {
    Generate,
    Continue,
    Vary,
    Respond,
    Accompany,
    PreviousTake,
    NextTake,
    Restart,
    Panic,
}

impl Press {
    /// Every switch.
    pub const ALL: [Self; 9] = [
        Self::Generate,
        Self::Continue,
        Self::Vary,
        Self::Respond,
        Self::Accompany,
        Self::PreviousTake,
        Self::NextTake,
        Self::Restart,
        Self::Panic,
    ];
}

/// How often each switch went on; panic counts both ways, since releasing too often does no harm.
///
/// Counted where the value is set, so that a press shorter than a block is none the less one.
///
/// # Threads
///
/// Counted by whichever thread sets a parameter, read by the audio thread: atomics.
#[derive(Debug, Default)]
pub struct Presses([AtomicU32; 9]);

impl Presses {
    /// Counts a change of the switch `press`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn count(&self, press: Press, is_on: bool) {
        if is_on || press == Press::Panic {
            self.press(press);
        }
    }

    /// Counts one press of the switch `press`, as by a button.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&self, press: Press) {
        self.0[press as usize].fetch_add(1, Ordering::Release);
    }

    /// How often the switch `press` went on, from 0 again after four billion times.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn n(&self, press: Press) -> u32 {
        self.0[press as usize].load(Ordering::Acquire)
    }
}
