//! Integration tests: one binary, a module per subject.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod arbitrary;
mod smf;
mod token;
