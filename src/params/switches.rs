//! The switches of all commands: each is a parameter that does something when it goes on.

use std::sync::Arc;

use nice_plug::prelude::{BoolParam, Param, ParamPtr, Params};

use super::PressCounters;
use crate::session::Command;

/// A switch for each command.
pub struct Switches {
    /// Indexed by `[command]`.
    params: [BoolParam; Command::N],
    presses: Arc<PressCounters>,
}

impl Switches {
    /// That of `command`.
    pub fn of(&self, command: Command) -> &BoolParam {
        &self.params[command.index()]
    }

    /// How often each went on.
    pub fn presses(&self) -> &PressCounters {
        &self.presses
    }
}

impl Default for Switches {
    fn default() -> Self {
        let presses = Arc::new(PressCounters::default());
        let switch = |command: Command| {
            let presses = Arc::clone(&presses);
            let count = Arc::new(move |is_on| presses.count(command, is_on));
            BoolParam::new(command.name(), false).with_callback(count)
        };
        Self { params: Command::ALL.map(switch), presses }
    }
}

#[expect(unsafe_code, reason = "the framework's trait for parameters is unsafe to implement")]
// SAFETY: the trait asks that the pointers be valid for as long as this is. They point to fields of this, which its owner
// keeps behind an `Arc` and never moves, as with the framework's own derived implementations.
unsafe impl Params for Switches {
    fn param_map(&self) -> Vec<(String, ParamPtr, String)> {
        let of = |command: Command| (command.id().to_owned(), self.of(command).as_ptr(), String::new());
        Command::ALL.into_iter().map(of).collect()
    }
}
