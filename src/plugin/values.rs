//! The audio thread's access to the parameters.

use std::sync::Arc;

use crate::music::{Meter, Part};
use crate::params::{ActionParams, Bindings, DescantParams, PartParams, PlayingParams};
use crate::player::Settings;

/// The values of parameters, which are atomics.
///
/// # Threads
///
/// The state stored with the parameters is behind locks. The field is private and only values are returned, so the
/// audio thread cannot reach it.
#[derive(Clone)]
pub struct Values(Arc<DescantParams>);

impl Values {
    pub const fn new(params: Arc<DescantParams>) -> Self {
        Self(params)
    }

    /// The parameters of playback.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn playing(&self) -> &PlayingParams {
        &self.0.playing
    }

    /// The player's settings that are one parameter each.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn player_settings(&self) -> Settings {
        self.0.player_settings()
    }

    /// The parameters of a part.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn part(&self, part: Part) -> &PartParams {
        self.0.part(part)
    }

    /// The switches.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn actions(&self) -> &ActionParams {
        &self.0.actions
    }

    /// The bindings of the user's controls.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn bindings(&self) -> &Arc<Bindings> {
        &self.0.bindings.0
    }

    /// Whether the plugin is bypassed.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_bypassed(&self) -> bool {
        self.0.bypass.value()
    }

    /// The meter of the next phrase.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn meter(&self) -> Meter {
        self.0.composing.meter.value().0
    }
}
