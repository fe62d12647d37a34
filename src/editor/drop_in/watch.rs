//! What the editor and the thread that watches for drops tell each other.

use std::sync::atomic::AtomicBool;

/// Both sides' flags.
#[derive(Debug, Default)]
pub struct Watch {
    /// Whether the thread is to end.
    pub has_ended: AtomicBool,
    /// Whether files are held above the window.
    pub is_above: AtomicBool,
}
