//! Drag and drop between programs on X11: the protocol XDND, as far as a dragged file needs it.
//!
//! A *source* owns the selection `XdndSelection` and sends messages to the *target*, the window below the pointer: enter,
//! position, and leave or drop. The target answers each position with a status, fetches the data after a drop by the
//! selection, and says that it has finished. [`source`] and [`target`] decide which message follows which; they know
//! neither connection nor clock. [`messages`] puts messages into the words of the protocol, [`windows`] finds targets.
//!
//! # Source
//!
//! Drag-and-Drop Protocol for the X Window System, version 5, of freedesktop.org.

pub mod messages;

pub mod source;

pub mod target;

pub mod uri_list;

pub mod windows;
