//! Descant, an AI phrase composer.

pub mod music;
pub mod player;
