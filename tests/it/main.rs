//! Tests of the crate from outside.

#[cfg(feature = "synth")]
mod realtime;
