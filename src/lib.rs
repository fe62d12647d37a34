//! Descant, an AI phrase composer.

#[cfg(feature = "model")]
pub mod model;
pub mod music;
