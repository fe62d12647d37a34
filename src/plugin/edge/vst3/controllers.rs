//! The choice of MIDI controllers that are listed to a VST3 host as parameters.
//!
//! A VST3 gets controllers as hidden parameters, and the framework declares all of them: 130 on each of 16 channels.
//! Some hosts spend so long on each that a project takes half a minute to open. So only the usual performance
//! controllers, those that Descant handles and those bound by the user are listed; a setting lists all. Their parameter
//! ids do not depend on the list.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use crate::params::Bindings;

/// Controllers of a channel: the 128 of MIDI, then pressure and pitch bend, as VST3 counts them.
pub const N_CONTROLLERS: u32 = 130;

/// Channels.
pub const N_CHANNELS: u32 = 16;

/// Channel pressure and pitch bend.
const PRESSURE_AND_BEND: [u32; 2] = [128, 129];

/// Controllers that are always listed. Most others have no wheel, pedal or slider on common gear; the user can list
/// them by binding them or by the setting.
const USUAL: [u32; 16] = [
    // The wheel, breath, the foot controller, volume, pan and expression.
    1, 2, 4, 7, 10, 11, // The four sliders that keyboards are sold with.
    16, 17, 18, 19, // Sustain, sostenuto and soft pedal, brightness.
    64, 66, 67, 74, // All sound off and all notes off, which are handled.
    120, 123,
];

/// The controllers that a host has as parameters.
pub struct Controllers {
    listed: Mutex<Vec<u32>>,
}

impl Controllers {
    /// The list by the current `bindings`.
    pub fn new(bindings: &Bindings) -> Self {
        Self { listed: Mutex::new(wanted(bindings)) }
    }

    /// Updates the list by the current `bindings`; returns whether it changed.
    pub fn renew(&self, bindings: &Bindings) -> bool {
        let wanted = wanted(bindings);
        self.with_listed(|listed| {
            let is_new = *listed != wanted;
            *listed = wanted;
            is_new
        })
    }

    /// The number of listed parameters.
    pub fn n_params(&self) -> u32 {
        N_CHANNELS * self.with_listed(|listed| count(listed.len()))
    }

    /// The index, in the full list of the framework, of the listed parameter `idx`.
    pub fn place(&self, idx: u32) -> Option<u32> {
        self.with_listed(|listed| {
            let n_listed = count(listed.len());
            let channel = idx.checked_div(n_listed).filter(|channel| *channel < N_CHANNELS)?;
            let controller = listed.get(usize::try_from(idx % n_listed).ok()?)?;
            Some(channel * N_CONTROLLERS + controller)
        })
    }

    /// Whether `controller` is listed.
    pub fn lists(&self, controller: u32) -> bool {
        self.with_listed(|listed| listed.binary_search(&controller).is_ok())
    }

    fn with_listed<R>(&self, look: impl FnOnce(&mut Vec<u32>) -> R) -> R {
        look(&mut self.listed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The controllers that are to be listed, in order.
fn wanted(bindings: &Bindings) -> Vec<u32> {
    if bindings.lists_all() {
        return (0..N_CONTROLLERS).collect();
    }
    let bound = bindings.controllers().map(u32::from);
    let wanted: BTreeSet<u32> = USUAL.into_iter().chain(PRESSURE_AND_BEND).chain(bound).collect();
    wanted.into_iter().collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(N_CONTROLLERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::{Control, Learnable};
    use crate::session::{Command, Verb};

    #[test]
    fn what_is_bound_is_listed_and_all_of_them_on_demand() {
        let bindings = Bindings::default();
        let controllers = Controllers::new(&bindings);
        assert_eq!(controllers.n_params(), 16 * 18);
        assert!(controllers.lists(1) && controllers.lists(129) && !controllers.lists(20));
        assert!(!controllers.renew(&bindings));
        bindings.learn(Learnable::Command(Command::Compose(Verb::Generate)));
        bindings.receive(Control::Controller(20), true);
        assert!(controllers.renew(&bindings) && controllers.lists(20));
        assert_eq!(controllers.n_params(), 16 * 19);
        bindings.list_all(true);
        assert!(controllers.renew(&bindings));
        assert_eq!(controllers.n_params(), 2080);
        assert!((0..2080).all(|idx| controllers.place(idx) == Some(idx)));
        assert_eq!(controllers.place(2080), None);
        bindings.list_all(false);
        assert!(controllers.renew(&bindings) && controllers.lists(20) && !controllers.lists(21));
    }

    #[test]
    fn places_are_those_among_all() {
        let controllers = Controllers::new(&Bindings::default());
        let places: Vec<u32> = (0..controllers.n_params()).filter_map(|idx| controllers.place(idx)).collect();
        assert_eq!(places.len(), 16 * 18);
        assert!(places.is_sorted_by(|before, after| before < after));
        assert_eq!((places[0], places[17], places[18]), (1, 129, 131));
        assert_eq!(places.last(), Some(&2079));
    }
}
