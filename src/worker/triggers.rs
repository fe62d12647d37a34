//! What the audio thread may ask of the worker.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU64, Ordering};

use super::request::{Ask, Choice, Request};

/// A wish that needs no more words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Compose a phrase.
    Generate,
    /// Add bars.
    Continue,
    /// Compose a share of the notes anew.
    Vary,
    /// Compose an answer.
    Respond,
    /// Compose what is not there yet.
    Accompany,
    /// Compose what is to follow.
    Evolve,
    /// Play another take.
    Choose(Choice),
    /// Set the preset at this place of the menu, and compose a phrase by it.
    Preset(u8),
}

impl Trigger {
    /// Whether somebody asks for a phrase by it.
    pub(super) const fn is_ask(self) -> bool {
        match self {
            Self::Generate
            | Self::Continue
            | Self::Vary
            | Self::Respond
            | Self::Accompany
            | Self::Preset(_) => true,
            Self::Evolve | Self::Choose(_) => false,
        }
    }
}

impl From<Trigger> for Request {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Generate => Self::Compose(Ask::Generate),
            Trigger::Continue => Self::Compose(Ask::Continue),
            Trigger::Vary => Self::Compose(Ask::Vary),
            Trigger::Respond => Self::Compose(Ask::Respond(None)),
            Trigger::Accompany => Self::Compose(Ask::Accompany),
            Trigger::Evolve => Self::Compose(Ask::Evolve),
            Trigger::Choose(choice) => Self::Select(choice),
            Trigger::Preset(number) => Self::Preset(number),
        }
    }
}

/// Every trigger with a bit of its own, in the order in which they are served.
const WITH_A_BIT: [Trigger; 8] = [
    Trigger::Choose(Choice::Previous),
    Trigger::Choose(Choice::Next),
    Trigger::Generate,
    Trigger::Continue,
    Trigger::Vary,
    Trigger::Respond,
    Trigger::Accompany,
    Trigger::Evolve,
];

/// The bits of those that choose.
const CHOICES: u16 = 0b11;

/// The bits of those that what is under way has to make room for.
const ASKS: u16 = 0b111_1100;

/// The bit of what evolves.
const EVOLVE: u16 = 0b1000_0000;

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
    raised: AtomicU16,
    /// The slot asked for last, counted from 1; 0 for none.
    slot: AtomicU8,
    /// The preset asked for last, counted from 1; 0 for none.
    preset: AtomicU8,
    /// How many projects had been restored when one was last raised.
    n_restores: AtomicU64,
    /// Whether a phrase was asked for that will not be composed.
    is_refused: AtomicBool,
}

impl Triggers {
    /// Raises `trigger`, when `n_restores` projects have been restored. A take at a place of its own cannot be chosen so.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn raise(&self, trigger: Trigger, n_restores: u64) {
        self.n_restores.store(n_restores, Ordering::Relaxed);
        if let Trigger::Choose(Choice::Slot(slot_idx)) = trigger {
            self.slot.store(slot_idx.saturating_add(1), Ordering::Release);
        }
        if let Trigger::Preset(number) = trigger {
            self.preset.store(number.saturating_add(1), Ordering::Release);
        }
        if let Some(bit) = WITH_A_BIT.iter().position(|other| *other == trigger) {
            self.raised.fetch_or(1 << bit, Ordering::Release);
        }
    }

    /// Takes note that `trigger` came when nothing may come of it, so that the user is told.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn refuse(&self, trigger: Trigger) {
        if trigger.is_ask() {
            self.is_refused.store(true, Ordering::Release);
        }
    }

    /// Whether a phrase was asked for, since this was asked last, that will not be composed.
    pub fn take_refused(&self) -> bool {
        self.is_refused.swap(false, Ordering::AcqRel)
    }

    /// Whether any is raised that what is under way has to make room for.
    pub fn is_ask_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire) & ASKS != 0 || self.preset.load(Ordering::Acquire) != 0
    }

    /// Those raised since the last of `n_restores` projects was restored. All are lowered by this.
    pub fn take(&self, n_restores: u64) -> impl Iterator<Item = Trigger> {
        let preset = self.preset.swap(0, Ordering::AcqRel).checked_sub(1).map(Trigger::Preset);
        let are_meant = self.n_restores.load(Ordering::Relaxed) == n_restores;
        self.lower(u16::MAX, n_restores).chain(preset.filter(|_| are_meant))
    }

    /// The choices among those raised since the last of `n_restores` projects was restored. They are lowered by this.
    pub fn take_choices(&self, n_restores: u64) -> impl Iterator<Item = Choice> {
        self.lower(CHOICES, n_restores).filter_map(|trigger| match trigger {
            Trigger::Choose(choice) => Some(choice),
            _ => None,
        })
    }

    /// Lowers [`Trigger::Evolve`].
    pub fn lower_evolve(&self) {
        self.raised.fetch_and(!EVOLVE, Ordering::AcqRel);
    }

    fn lower(&self, bits: u16, n_restores: u64) -> impl Iterator<Item = Trigger> {
        let raised = self.raised.fetch_and(!bits, Ordering::AcqRel) & bits;
        let slot = self.slot.swap(0, Ordering::AcqRel).checked_sub(1);
        let are_meant = self.n_restores.load(Ordering::Relaxed) == n_restores;
        let slot = slot.map(|slot_idx| Trigger::Choose(Choice::Slot(slot_idx)));
        let with_a_bit = WITH_A_BIT.into_iter().enumerate().filter(move |(bit, _)| raised & (1 << bit) != 0);
        slot.into_iter().chain(with_a_bit.map(|(_, trigger)| trigger)).filter(move |_| are_meant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEXT: Trigger = Trigger::Choose(Choice::Next);
    const SLOT: Trigger = Trigger::Choose(Choice::Slot(11));

    #[test]
    fn a_trigger_is_served_once_and_only_in_its_project() {
        let triggers = Triggers::default();
        for (raised_in, served_in, expected) in [
            (0, 0, &[SLOT, NEXT, Trigger::Generate, Trigger::Preset(4)][..]),
            (0, 1, &[]),
            (1, 1, &[SLOT, NEXT, Trigger::Generate, Trigger::Preset(4)]),
        ] {
            for trigger in
                [Trigger::Generate, NEXT, Trigger::Choose(Choice::Slot(3)), SLOT, Trigger::Generate]
            {
                triggers.raise(trigger, raised_in);
            }
            triggers.raise(Trigger::Preset(4), raised_in);
            assert!(triggers.is_ask_raised());
            assert_eq!(triggers.take(served_in).collect::<Vec<_>>(), expected, "{raised_in} {served_in}");
            assert!(!triggers.is_ask_raised());
            assert_eq!(triggers.take(served_in).count(), 0);
        }
    }

    #[test]
    fn what_is_refused_is_told_once_if_it_was_asked_for() {
        let triggers = Triggers::default();
        for (trigger, is_told) in [(NEXT, false), (Trigger::Evolve, false), (Trigger::Vary, true)] {
            triggers.refuse(trigger);
            assert_eq!((triggers.take_refused(), triggers.take_refused()), (is_told, false));
            assert_eq!(triggers.take(0).count(), 0);
        }
    }

    #[test]
    fn choices_are_served_without_the_rest() {
        let triggers = Triggers::default();
        for trigger in [Trigger::Vary, NEXT, SLOT] {
            triggers.raise(trigger, 0);
        }
        assert_eq!(triggers.take_choices(0).collect::<Vec<_>>(), [Choice::Slot(11), Choice::Next]);
        assert_eq!(triggers.take_choices(0).count(), 0);
        assert!(triggers.is_ask_raised());
        assert_eq!(triggers.take(0).collect::<Vec<_>>(), [Trigger::Vary]);
        // What evolves makes nothing else give way.
        triggers.raise(Trigger::Evolve, 0);
        triggers.raise(Trigger::Vary, 0);
        triggers.lower_evolve();
        assert_eq!(triggers.take(0).collect::<Vec<_>>(), [Trigger::Vary]);
        triggers.raise(Trigger::Evolve, 0);
        assert!(!triggers.is_ask_raised());
    }
}
