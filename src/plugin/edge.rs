//! The edge between hosts and the framework: the plugin's entry points and checked wrappers around the framework's
//! objects.
//!
//! nice-plug 0.4.2 does not validate calls: one that breaks the rules of CLAP or VST3 panics in a function that must
//! not unwind, or reads and writes out of bounds, and crashes the host. So each format has a wrapper here that
//! validates the host's arguments. Valid calls are forwarded unchanged; invalid ones return the format's error, or are
//! replaced by something harmless.
//!
//! The edge also has access to the host of an instance, which the framework hides, and notifies it of unsaved changes.
//!
//! # Safety
//!
//! Hosts pass pointers. Null and misaligned ones are rejected; beyond that, hosts are required to pass valid pointers,
//! which cannot be checked. All code that dereferences such pointers is below this module.

mod clap;

pub mod link;

mod outlets;

mod sane;

mod threads;

mod vst3;
