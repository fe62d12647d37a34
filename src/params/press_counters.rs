//! How often each switch went on.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::session::Command;

/// How often each switch went on; panic counts both ways, since releasing too often does no harm.
///
/// Counted where the value is set, so that a press shorter than a block is none the less one.
///
/// # Threads
///
/// Counted by whichever thread sets a parameter, read by the audio thread: atomics.
#[derive(Debug, Default)]
pub struct PressCounters([AtomicU32; Command::N]);

impl PressCounters {
    /// Counts a change of the switch of `command`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub(super) fn count(&self, command: Command, is_on: bool) {
        if is_on || command == Command::Panic {
            self.press(command);
        }
    }

    /// Counts one press of the switch of `command`, as by a button.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&self, command: Command) {
        self.0[command.index()].fetch_add(1, Ordering::Release);
    }

    /// How often the switch of `command` went on, from 0 again after four billion times.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn n(&self, command: Command) -> u32 {
        self.0[command.index()].load(Ordering::Acquire)
    }
}
