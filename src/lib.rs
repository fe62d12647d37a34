//! Descant, an AI phrase composer.

#[cfg(feature = "model")]
pub mod model;
pub mod music;

pub mod smf;

pub mod token;

#[cfg(feature = "cli")]
pub mod corpus;
