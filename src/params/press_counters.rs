//! Counts presses of the switches.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::session::Command;

/// The number of times each switch went on. Panic counts going off, too, since releasing too often does no harm.
///
/// Presses are counted where the value is set, so that one shorter than a block counts.
///
/// # Threads
///
/// Any thread that sets a parameter counts, the audio thread reads: atomics.
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

    /// The presses of the switch of `command` so far; wraps.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn n(&self, command: Command) -> u32 {
        self.0[command.index()].load(Ordering::Acquire)
    }
}
