//! The switches that do something, as they were in the last block.

use super::values::Values;
use crate::session::Command;
use crate::worker::Restores;

/// How often the switches that do something had been pressed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Switches {
    /// Indexed by `[command]`.
    pub n_presses: [u32; Command::N],
    /// The slot that was set, counted from 1; 0 for none.
    pub slot: u8,
    /// How many projects had been restored.
    pub n_restores: u64,
}

impl Switches {
    /// *Real-time:* wait-free, no allocation.
    pub fn read(values: &Values, restores: &Restores) -> Self {
        let n_presses = Command::ALL.map(|command| values.actions().presses().n(command));
        let slot = u8::try_from(values.actions().slot.value()).unwrap_or(0);
        Self { n_presses, slot, n_restores: restores.n() }
    }

    /// How often the switch of `command` had been pressed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n(&self, command: Command) -> u32 {
        self.n_presses[command.index()]
    }
}
