//! What the audio thread may ask of the worker.

use std::sync::atomic::{AtomicU8, Ordering};

/// A wish that needs no more words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Trigger {
    /// Compose a phrase.
    Generate = 1,
    /// Add bars.
    Continue = 2,
    /// Compose a share of the notes anew.
    Vary = 4,
    /// Play the take before.
    PreviousTake = 8,
    /// Play the take after.
    NextTake = 16,
}

impl Trigger {
    /// Every trigger, in the order in which they are served.
    pub const ALL: [Self; 5] =
        [Self::PreviousTake, Self::NextTake, Self::Generate, Self::Continue, Self::Vary];
}

/// The triggers that were raised and not yet served; one raised twice counts once.
///
/// # Threads
///
/// Raised by the audio thread, served by the worker, which looks now and then: nobody is woken.
#[derive(Debug, Default)]
pub struct Triggers(AtomicU8);

impl Triggers {
    /// Raises `trigger`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn raise(&self, trigger: Trigger) {
        self.0.fetch_or(trigger as u8, Ordering::Release);
    }

    /// Whether any is raised.
    pub fn is_any_raised(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }

    /// Those raised, which are lowered by this.
    pub fn take(&self) -> impl Iterator<Item = Trigger> {
        let raised = self.0.swap(0, Ordering::AcqRel);
        Trigger::ALL.into_iter().filter(move |trigger| raised & *trigger as u8 != 0)
    }
}
