//! Descant, an AI phrase composer.

pub mod music;
pub mod player;
#[cfg(feature = "cli")]
pub mod roll;
#[cfg(feature = "synth")]
pub mod synth;
