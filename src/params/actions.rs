//! Parameters that trigger actions: a switch for each command, the slot to play, and the revision. As parameters,
//! controllers and automation can trigger them.

use std::sync::Arc;

use nice_plug::prelude::{BoolParam, IntParam, IntRange, Param, ParamPtr, Params};

use super::{PressCounters, text};
use crate::session::Command;

/// The number of slots for takes.
const N_SLOTS: i32 = 12;

/// The largest revision; the next is 0.
pub const MAX_REVISION: i32 = 999;

/// A switch for each command, the slot that plays, and the revision.
pub struct ActionParams {
    /// Indexed by `[command]`.
    switches: [BoolParam; Command::N],
    presses: Arc<PressCounters>,
    /// See [`ParamId::Slot`](super::ParamId::Slot).
    pub slot: IntParam,
    /// See [`ParamId::Revision`](super::ParamId::Revision).
    pub revision: IntParam,
}

impl ActionParams {
    /// The switch of `command`.
    pub fn switch(&self, command: Command) -> &BoolParam {
        &self.switches[command.index()]
    }

    /// The counters of switch presses.
    pub fn presses(&self) -> &PressCounters {
        &self.presses
    }
}

impl Default for ActionParams {
    fn default() -> Self {
        let presses = Arc::new(PressCounters::default());
        let switch = |command: Command| {
            let presses = Arc::clone(&presses);
            let count = Arc::new(move |is_on| presses.count(command, is_on));
            BoolParam::new(command.name(), false).with_callback(count)
        };
        Self {
            switches: Command::ALL.map(switch),
            presses,
            slot: IntParam::new("Slot", 0, IntRange::Linear { min: 0, max: N_SLOTS })
                .with_value_to_string(text::zero_as("Off"))
                .with_string_to_value(text::from_zero_as("Off")),
            revision: IntParam::new("Revision", 0, IntRange::Linear { min: 0, max: MAX_REVISION })
                .non_automatable()
                .hide(),
        }
    }
}

#[expect(unsafe_code, reason = "the framework's trait for parameters is unsafe to implement")]
// SAFETY: the trait asks that the pointers be valid for as long as this is. They point to fields of this, which its owner
// keeps behind an `Arc` and never moves, as with the framework's own derived implementations.
unsafe impl Params for ActionParams {
    /// In the order that hosts know and that must not change: the slot stands before Restart.
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let of = |id: &str, param: ParamPtr| (id.to_owned(), param, String::new());
        let switches = Command::ALL.map(|command| of(command.id(), self.switch(command).as_ptr()));
        let (before, after) = switches.split_at(Command::Restart.index());
        [before, &[of("slot", self.slot.as_ptr())], after, &[of("revision", self.revision.as_ptr())]].concat()
    }
}
