//! Music to training sequences: windows of a piece, tasks posed on them, and the tokens that answer each.
//!
//! What a network learns from is posed here and nowhere else, whoever trains: `corpus` poses folders of files, and a program
//! without the command line can pose its user's own.
//!
//! # Invariants
//!
//! The same generator gives the same tasks. Nothing is read from disk or written to it.

pub mod window;

pub mod pose;

pub mod example;
