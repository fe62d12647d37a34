//! The edge between hosts and the framework: the entry points that hosts look for, and what stands in front of the framework's
//! objects.
//!
//! nice-plug 0.4.2 takes a host at its word: a call that breaks the rules of CLAP or VST3 panics in a function that must not
//! unwind, or reads and writes where it may not, and the host dies with it. So each format has an object of ours here, which
//! looks at what the host gives and hands on what is sound. It refuses the rest, as the format says, or puts something
//! harmless in its place. What is sound goes through untouched.
//!
//! The edge also knows the host that an instance belongs to, which the framework keeps to itself: so it can tell the host
//! that there is something to save.
//!
//! # Safety
//!
//! Hosts pass pointers. Whether one that is neither null nor misaligned points to what it should, nobody can find out; that
//! much is required of hosts. All code that follows such pointers is below this module.

mod clap;

pub mod link;

mod outlets;

mod sane;

mod threads;

mod vst3;
