//! The audio thread's half: what plays a phrase.

pub mod clip;
