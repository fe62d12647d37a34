//! Descant, an AI phrase composer.

pub mod music;

pub mod smf;

pub mod token;

#[cfg(feature = "cli")]
pub mod corpus;
