//! Makes training sequences of music: windows of a piece, tasks posed on them, and each task's prompt and answer as
//! tokens.
//!
//! All training data is posed here: `corpus` poses tasks on folders of files, and a program without the command line can
//! pose tasks on its user's files.
//!
//! # Invariants
//!
//! The same generator gives the same tasks. Nothing is read from disk or written to it.

pub mod window;

pub mod pose;

pub mod example;
