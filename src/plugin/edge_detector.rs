//! A snapshot of the switches, compared from block to block to find presses.

use super::values::Values;
use crate::session::Command;
use crate::worker::Restores;

/// The state of all switches at one block.
#[derive(Debug, Clone, Copy, Default)]
pub struct Switches {
    /// Presses so far, indexed by `[command]`.
    pub n_presses: [u32; Command::N],
    /// The slot parameter, counted from 1; 0 for none.
    pub slot: u8,
    /// Projects restored so far.
    pub n_restores: u64,
}

impl Switches {
    /// *Real-time:* wait-free, no allocation.
    pub fn read(values: &Values, restores: &Restores) -> Self {
        let n_presses = Command::ALL.map(|command| values.actions().presses().n(command));
        let slot = u8::try_from(values.actions().slot.value()).unwrap_or(0);
        Self { n_presses, slot, n_restores: restores.n() }
    }

    /// The presses of the switch of `command` so far.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n(&self, command: Command) -> u32 {
        self.n_presses[command.index()]
    }
}
