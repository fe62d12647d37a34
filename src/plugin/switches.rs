//! The switches that do something, as they were in the last block.

use crate::params::{DescantParams, Press};
use crate::worker::Desk;

/// How often the switches that do something had been pressed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Switches {
    /// Indexed by `[press]`.
    pub n_presses: [u32; Press::ALL.len()],
    /// The slot that was set, counted from 1; 0 for none.
    pub slot: u8,
    /// How many projects had been restored.
    pub n_restores: u64,
}

impl Switches {
    /// *Real-time:* wait-free, no allocation.
    pub fn read(params: &DescantParams, desk: &Desk) -> Self {
        let presses = &params.actions.presses;
        let n_presses = Press::ALL.map(|press| presses.n(press));
        let slot = u8::try_from(params.actions.slot.value()).unwrap_or(0);
        Self { n_presses, slot, n_restores: desk.n_restores() }
    }

    /// How often `press` had been pressed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn n(&self, press: Press) -> u32 {
        self.n_presses[press as usize]
    }
}
