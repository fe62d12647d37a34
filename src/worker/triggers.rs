//! Triggers: requests of the audio thread to the worker.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU64, Ordering};

use super::request::Request;
use crate::session::{Ask, Choice, Verb};

/// A request of the audio thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Compose.
    Compose(Verb),
    /// Compose a take to follow the current one.
    Evolve,
    /// Play another take.
    Choose(Choice),
    /// Set the preset at this index of the menu and compose a phrase with it.
    Preset(u8),
}

impl Trigger {
    /// Whether it asks for a phrase on behalf of the user.
    pub(super) const fn is_ask(self) -> bool {
        matches!(self, Self::Compose(_) | Self::Preset(_))
    }

    /// Index of its bit, if it has one. Triggers are served in the order of their bits.
    const fn bit(self) -> Option<usize> {
        match self {
            Self::Choose(Choice::Previous) => Some(0),
            Self::Choose(Choice::Next) => Some(1),
            Self::Compose(verb) => Some(N_CHOICES + verb as usize),
            Self::Evolve => Some(N_CHOICES + Verb::N),
            Self::Choose(Choice::At(_) | Choice::Slot(_) | Choice::Chosen) | Self::Preset(_) => None,
        }
    }

    /// Triggers that have a bit, in order.
    fn with_a_bit() -> impl Iterator<Item = Self> {
        let choices = [Choice::Previous, Choice::Next].map(Self::Choose);
        choices.into_iter().chain(Verb::ALL.map(Self::Compose)).chain([Self::Evolve])
    }
}

impl From<Trigger> for Request {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Compose(verb) => Self::Compose(Ask::Verb(verb)),
            Trigger::Evolve => Self::Compose(Ask::Evolve),
            Trigger::Choose(choice) => Self::Select(choice),
            Trigger::Preset(number) => Self::Preset(number),
        }
    }
}

/// Number of triggers that choose a take.
const N_CHOICES: usize = 2;

/// The bits of triggers that choose a take.
const CHOICES: u16 = (1 << N_CHOICES) - 1;

/// The bits of triggers that interrupt the running job.
const VERBS: u16 = ((1 << Verb::N) - 1) << N_CHOICES;

/// The bit of [`Trigger::Evolve`].
const EVOLVE: u16 = 1 << (N_CHOICES + Verb::N);

/// Triggers that were raised and not yet served; one raised twice counts once.
///
/// A host restores parameters before the project, while its audio thread runs, and a switch that is stored as on then
/// looks as if it were pressed. So a trigger counts only for the project in which it was raised.
///
/// # Threads
///
/// Raised by the audio thread, polled by the worker: no thread is woken.
#[derive(Debug, Default)]
pub struct Triggers {
    /// One bit for each trigger.
    raised: AtomicU16,
    /// The slot asked for last, counted from 1; 0 for none.
    slot: AtomicU8,
    /// The preset asked for last, counted from 1; 0 for none.
    preset: AtomicU8,
    /// Number of restores when a trigger was last raised.
    n_restores: AtomicU64,
    /// Whether a trigger was raised that will not be composed.
    is_refused: AtomicBool,
}

impl Triggers {
    /// Raises `trigger` for the project after `n_restores` restores. [`Choice::At`] cannot be raised.
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
        if let Some(bit) = trigger.bit() {
            self.raised.fetch_or(1 << bit, Ordering::Release);
        }
    }

    /// Notes that `trigger` was refused, so that the worker can report it.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn refuse(&self, trigger: Trigger) {
        if trigger.is_ask() {
            self.is_refused.store(true, Ordering::Release);
        }
    }

    /// Whether a trigger was refused since the last call.
    pub fn take_refused(&self) -> bool {
        self.is_refused.swap(false, Ordering::AcqRel)
    }

    /// Whether a trigger is raised that interrupts the running job.
    pub fn is_ask_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire) & VERBS != 0 || self.preset.load(Ordering::Acquire) != 0
    }

    /// Takes all triggers that were raised since the last of `n_restores` restores; clears all.
    pub fn take(&self, n_restores: u64) -> impl Iterator<Item = Trigger> {
        let preset = self.preset.swap(0, Ordering::AcqRel).checked_sub(1).map(Trigger::Preset);
        let are_meant = self.n_restores.load(Ordering::Relaxed) == n_restores;
        self.lower(u16::MAX, n_restores).chain(preset.filter(|_| are_meant))
    }

    /// Takes the choices of takes that were raised since the last of `n_restores` restores; clears them.
    pub fn take_choices(&self, n_restores: u64) -> impl Iterator<Item = Choice> {
        self.lower(CHOICES, n_restores).filter_map(|trigger| match trigger {
            Trigger::Choose(choice) => Some(choice),
            _ => None,
        })
    }

    /// Clears [`Trigger::Evolve`].
    pub fn lower_evolve(&self) {
        self.raised.fetch_and(!EVOLVE, Ordering::AcqRel);
    }

    fn lower(&self, bits: u16, n_restores: u64) -> impl Iterator<Item = Trigger> {
        let raised = self.raised.fetch_and(!bits, Ordering::AcqRel) & bits;
        let slot = self.slot.swap(0, Ordering::AcqRel).checked_sub(1);
        let are_meant = self.n_restores.load(Ordering::Relaxed) == n_restores;
        let slot = slot.map(|slot_idx| Trigger::Choose(Choice::Slot(slot_idx)));
        let with_a_bit = Trigger::with_a_bit()
            .filter(move |trigger| trigger.bit().is_some_and(|bit| raised & (1 << bit) != 0));
        slot.into_iter().chain(with_a_bit).filter(move |_| are_meant)
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
            (0, 0, &[SLOT, NEXT, Trigger::Compose(Verb::Generate), Trigger::Preset(4)][..]),
            (0, 1, &[]),
            (1, 1, &[SLOT, NEXT, Trigger::Compose(Verb::Generate), Trigger::Preset(4)]),
        ] {
            for trigger in [
                Trigger::Compose(Verb::Generate),
                NEXT,
                Trigger::Choose(Choice::Slot(3)),
                SLOT,
                Trigger::Compose(Verb::Generate),
            ] {
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
    fn what_is_refused_is_reported_once_if_it_was_asked_for() {
        let triggers = Triggers::default();
        for (trigger, is_reported) in
            [(NEXT, false), (Trigger::Evolve, false), (Trigger::Compose(Verb::Vary), true)]
        {
            triggers.refuse(trigger);
            assert_eq!((triggers.take_refused(), triggers.take_refused()), (is_reported, false));
            assert_eq!(triggers.take(0).count(), 0);
        }
    }

    #[test]
    fn choices_are_served_without_the_rest() {
        let triggers = Triggers::default();
        for trigger in [Trigger::Compose(Verb::Vary), NEXT, SLOT] {
            triggers.raise(trigger, 0);
        }
        assert_eq!(triggers.take_choices(0).collect::<Vec<_>>(), [Choice::Slot(11), Choice::Next]);
        assert_eq!(triggers.take_choices(0).count(), 0);
        assert!(triggers.is_ask_raised());
        assert_eq!(triggers.take(0).collect::<Vec<_>>(), [Trigger::Compose(Verb::Vary)]);
        // What evolves makes nothing else give way.
        triggers.raise(Trigger::Evolve, 0);
        triggers.raise(Trigger::Compose(Verb::Vary), 0);
        triggers.lower_evolve();
        assert_eq!(triggers.take(0).collect::<Vec<_>>(), [Trigger::Compose(Verb::Vary)]);
        triggers.raise(Trigger::Evolve, 0);
        assert!(!triggers.is_ask_raised());
    }

    #[test]
    fn every_bit_is_one_trigger() {
        let bits: Vec<_> = Trigger::with_a_bit().map(Trigger::bit).collect();
        assert_eq!(bits, (0..N_CHOICES + Verb::N + 1).map(Some).collect::<Vec<_>>());
        assert_eq!(CHOICES | VERBS | EVOLVE, (1 << bits.len()) - 1);
    }
}
