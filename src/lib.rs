//! Descant, an AI phrase composer.

pub mod music;

pub mod smf;

pub mod token;

pub mod session;

#[cfg(feature = "model")]
pub mod model;

#[cfg(feature = "model")]
pub mod compose;

pub mod player;

#[cfg(feature = "synth")]
pub mod synth;

#[cfg(feature = "cli")]
pub mod corpus;

#[cfg(feature = "cli")]
pub mod roll;
