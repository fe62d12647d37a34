//! What the audio thread may ask of the worker.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

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
    /// Compose an answer.
    Respond = 32,
    /// Compose what is not there yet.
    Accompany = 64,
}

impl Trigger {
    /// Every trigger, in the order in which they are served.
    pub const ALL: [Self; 7] = [
        Self::PreviousTake,
        Self::NextTake,
        Self::Generate,
        Self::Continue,
        Self::Vary,
        Self::Respond,
        Self::Accompany,
    ];

    /// Those that ask for composing.
    const ASKS: u8 = Self::Generate as u8
        | Self::Continue as u8
        | Self::Vary as u8
        | Self::Respond as u8
        | Self::Accompany as u8;
}

/// The triggers that were raised and not yet served; one raised twice counts once.
///
/// A host restores parameters before the project, while its audio thread runs: a switch that is stored as on goes on there
/// as if somebody had pressed it. So a trigger counts only for the project that it was raised in.
///
/// # Threads
///
/// Raised by the audio thread, served by the worker, which looks now and then: nobody is woken.
#[derive(Debug, Default)]
pub struct Triggers {
    /// One bit for each.
    raised: AtomicU8,
    /// How many projects had been restored when one was last raised.
    n_restores: AtomicU64,
}

impl Triggers {
    /// Raises `trigger`, when `n_restores` projects have been restored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn raise(&self, trigger: Trigger, n_restores: u64) {
        self.n_restores.store(n_restores, Ordering::Relaxed);
        self.raised.fetch_or(trigger as u8, Ordering::Release);
    }

    /// Whether any is raised that asks for composing.
    pub fn is_ask_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire) & Trigger::ASKS != 0
    }

    /// Those raised since the last of `n_restores` projects was restored. All are lowered by this.
    pub fn take(&self, n_restores: u64) -> impl Iterator<Item = Trigger> {
        let raised = self.raised.swap(0, Ordering::AcqRel);
        let are_meant = self.n_restores.load(Ordering::Relaxed) == n_restores;
        Trigger::ALL.into_iter().filter(move |trigger| are_meant && raised & *trigger as u8 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trigger_is_served_once_and_only_in_its_project() {
        let triggers = Triggers::default();
        for (raised_in, served_in, expected) in [
            (0, 0, &[Trigger::NextTake, Trigger::Generate][..]),
            (0, 1, &[]),
            (1, 1, &[Trigger::NextTake, Trigger::Generate]),
        ] {
            for trigger in [Trigger::Generate, Trigger::NextTake, Trigger::Generate] {
                triggers.raise(trigger, raised_in);
            }
            assert!(triggers.is_ask_raised());
            assert_eq!(triggers.take(served_in).collect::<Vec<_>>(), expected, "{raised_in} {served_in}");
            assert!(!triggers.is_ask_raised());
            assert_eq!(triggers.take(served_in).count(), 0);
        }
    }
}
