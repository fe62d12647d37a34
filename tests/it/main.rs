//! Integration tests: one binary, a module per subject.

#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "helpers of tests fail as tests do")]

mod arbitrary;
#[cfg(feature = "model")]
mod network;
#[cfg(feature = "model")]
mod parity;
#[cfg(feature = "model")]
mod plain;
#[cfg(feature = "synth")]
mod realtime;
mod smf;
mod token;
