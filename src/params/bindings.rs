//! MIDI learn: binds keys and controllers of the user's gear to commands.
//!
//! # Format
//!
//! Stored as a map from [what can be learnt](Learnable) to [controls](Control), both by name: `{"generate": "cc 20"}`.
//!
//! # Threads
//!
//! The audio thread reads the bindings and completes learning; any other thread may set them. Atomics only.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU16, AtomicU32, Ordering};

use crate::music::Pitch;
use crate::session::{Command, Takes};

/// A function that a control can be bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learnable {
    /// The command of a switch.
    Command(Command),
    /// Hold keys and chords that are released, for as long as the control is down.
    Hold,
    /// Play the take in this slot, `0..12`.
    Slot(u8),
}

const N_LEARNABLE: usize = Command::N + 1 + Takes::N_SLOTS;

impl Learnable {
    /// All functions.
    pub fn all() -> impl Iterator<Item = Self> {
        let slots = (0..Takes::N_SLOTS).filter_map(|slot_idx| u8::try_from(slot_idx).ok().map(Self::Slot));
        Command::ALL.into_iter().map(Self::Command).chain([Self::Hold]).chain(slots)
    }

    fn index(self) -> usize {
        match self {
            Self::Command(command) => command.index(),
            Self::Hold => Command::N,
            Self::Slot(slot_idx) => (Command::N + 1 + usize::from(slot_idx)).min(N_LEARNABLE - 1),
        }
    }

    fn at(idx: usize) -> Option<Self> {
        Self::all().nth(idx)
    }
}

impl fmt::Display for Learnable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Command(command) => f.write_str(&command.name().to_lowercase()),
            Self::Hold => f.write_str("hold"),
            Self::Slot(slot_idx) => write!(f, "slot {}", slot_idx + 1),
        }
    }
}

/// A key or a controller, on any channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// The key of this pitch.
    Key(Pitch),
    /// The controller of this number, `0..=127`.
    Controller(u8),
}

impl Control {
    /// Keys as `1..=128`, controllers as `129..=256`; 0 stands for no control.
    fn to_bits(self) -> u16 {
        1 + match self {
            Self::Key(pitch) => u16::from(pitch.number()),
            Self::Controller(number) => 128 + u16::from(number.min(127)),
        }
    }

    fn from_bits(bits: u16) -> Option<Self> {
        let number = bits.checked_sub(1)?;
        match number.checked_sub(128) {
            None => Pitch::new(u8::try_from(number).ok()?).map(Self::Key),
            Some(controller) => u8::try_from(controller).ok().map(Self::Controller),
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(pitch) => write!(f, "key {}", pitch.number()),
            Self::Controller(number) => write!(f, "cc {number}"),
        }
    }
}

impl FromStr for Control {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, number) = text.split_once(' ').ok_or(())?;
        let number: u8 = number.parse().map_err(|_| ())?;
        match kind {
            "key" => Pitch::new(number).map(Self::Key).ok_or(()),
            "cc" if number < 128 => Ok(Self::Controller(number)),
            _ => Err(()),
        }
    }
}

/// The purpose of a control that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Not bound: it passes through.
    Free,
    /// It has just been learnt.
    Learnt,
    /// It is bound.
    Bound(Learnable),
}

/// The MIDI controls bound to commands: at most one control a command, and one command a control.
///
/// # Threads
///
/// All fields are atomics; the editor changes and the audio thread reads them.
#[derive(Debug, Default)]
pub struct Bindings {
    /// The bound control of each command in bits, 0 for none. Indexed by `[command_idx]`.
    controls: [AtomicU16; N_LEARNABLE],
    /// One more than the index of the command that is being learnt; 0 for none.
    learning: AtomicU8,
    /// Changes of `controls` so far.
    n_changes: AtomicU32,
    /// `n_changes` when the host was last notified.
    n_changes_reported: AtomicU32,
    /// Whether all MIDI controllers are listed to a VST3 host.
    lists_all: AtomicBool,
}

impl Bindings {
    /// Begins learning: the next control that moves is bound to `command`.
    pub fn learn(&self, command: Learnable) {
        self.learning.store(u8::try_from(command.index() + 1).unwrap_or(0), Ordering::Release);
    }

    /// Ends learning without a binding.
    pub fn stop_learning(&self) {
        self.learning.store(0, Ordering::Release);
    }

    /// The command that waits for a control, if any.
    pub fn learning(&self) -> Option<Learnable> {
        Learnable::at(usize::from(self.learning.load(Ordering::Acquire).checked_sub(1)?))
    }

    /// The control bound to `command`.
    pub fn control_of(&self, command: Learnable) -> Option<Control> {
        Control::from_bits(self.controls[command.index()].load(Ordering::Acquire))
    }

    /// Removes the binding of `command`.
    pub fn forget(&self, command: Learnable) {
        self.controls[command.index()].store(0, Ordering::Release);
        self.n_changes.fetch_add(1, Ordering::Release);
    }

    /// The number of changes of the bindings so far; wraps.
    pub fn n_changes(&self) -> u32 {
        self.n_changes.load(Ordering::Acquire)
    }

    /// The numbers of the bound MIDI controllers, in order of their commands.
    pub fn controllers(&self) -> impl Iterator<Item = u8> {
        Learnable::all().filter_map(|command| match self.control_of(command)? {
            Control::Controller(number) => Some(number),
            Control::Key(_) => None,
        })
    }

    /// Whether all MIDI controllers are listed to a VST3 host, which has them as parameters, so that any can be learnt.
    pub fn lists_all(&self) -> bool {
        self.lists_all.load(Ordering::Acquire)
    }

    /// Sets whether all MIDI controllers are listed to a VST3 host.
    pub fn list_all(&self, lists_all: bool) {
        self.lists_all.store(lists_all, Ordering::Release);
    }

    /// Whether a binding changed since the last call.
    pub fn take_news(&self) -> bool {
        let n_changes = self.n_changes();
        self.n_changes_reported.swap(n_changes, Ordering::AcqRel) != n_changes
    }

    /// The purpose of `control`, which just moved. `is_down` — pressed, or moved into its upper half: only then is it
    /// bound to the command that is being learnt.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn receive(&self, control: Control, is_down: bool) -> Purpose {
        if is_down && self.learning.load(Ordering::Relaxed) != 0 {
            let learning = self.learning.swap(0, Ordering::AcqRel).checked_sub(1);
            if let Some(command) = learning.and_then(|idx| Learnable::at(usize::from(idx))) {
                self.bind(command, control);
                self.n_changes.fetch_add(1, Ordering::Release);
                return Purpose::Learnt;
            }
        }
        let bits = control.to_bits();
        let idx = self.controls.iter().position(|bound| bound.load(Ordering::Relaxed) == bits);
        idx.and_then(Learnable::at).map_or(Purpose::Free, Purpose::Bound)
    }

    fn bind(&self, command: Learnable, control: Control) {
        let bits = control.to_bits();
        for bound in &self.controls {
            // Fails where another control is bound, which stays.
            let _ = bound.compare_exchange(bits, 0, Ordering::AcqRel, Ordering::Relaxed);
        }
        self.controls[command.index()].store(bits, Ordering::Release);
    }
}

impl Bindings {
    /// Replaces the bindings by those of `stored`, a map from names of commands to names of controls. Returns the
    /// entries with an unknown name, which are ignored.
    pub fn restore(&self, stored: BTreeMap<String, String>) -> BTreeMap<String, String> {
        for command in Learnable::all() {
            self.controls[command.index()].store(0, Ordering::Release);
        }
        let mut others = stored;
        for command in Learnable::all() {
            let name = command.to_string();
            if let Some(control) = others.get(&name).and_then(|text| text.parse().ok()) {
                self.bind(command, control);
                others.remove(&name);
            }
        }
        others
    }

    /// The bindings as names of commands and controls.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        let bound = |command: Learnable| Some((command.to_string(), self.control_of(command)?.to_string()));
        Learnable::all().filter_map(bound).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Verb;

    #[test]
    fn all_that_can_be_learnt_has_a_place_and_a_name_of_its_own() {
        let names: std::collections::BTreeSet<String> =
            Learnable::all().map(|command| command.to_string()).collect();
        assert_eq!(names.len(), N_LEARNABLE);
        for (idx, command) in Learnable::all().enumerate() {
            assert_eq!((command.index(), Learnable::at(idx)), (idx, Some(command)));
        }
    }

    #[test]
    fn every_control_comes_back_as_bits_and_as_text() {
        let keys = (0..128).filter_map(Pitch::new).map(Control::Key);
        for control in keys.chain((0..128).map(Control::Controller)) {
            assert_eq!(Control::from_bits(control.to_bits()), Some(control));
            assert_eq!(control.to_string().parse(), Ok(control));
        }
        for text in ["", "cc", "cc 128", "key 128", "cc -1", "pedal 3", "cc 20 "] {
            assert_eq!(text.parse::<Control>(), Err(()), "{text}");
        }
    }

    #[test]
    fn a_control_that_is_moved_while_learning_is_bound_and_does_nothing_else() {
        let bindings = Bindings::default();
        let (generate, hold) = (Learnable::Command(Command::Compose(Verb::Generate)), Learnable::Hold);
        let (twenty, key) = (Control::Controller(20), Control::Key(Pitch::MIDDLE_C));
        assert_eq!(bindings.receive(twenty, true), Purpose::Free);
        bindings.learn(generate);
        assert_eq!(bindings.learning(), Some(generate));
        assert_eq!(bindings.receive(twenty, false), Purpose::Free);
        assert_eq!(bindings.receive(twenty, true), Purpose::Learnt);
        assert_eq!((bindings.learning(), bindings.control_of(generate)), (None, Some(twenty)));
        assert_eq!(bindings.receive(twenty, false), Purpose::Bound(generate));
        // Another command takes it over.
        bindings.learn(hold);
        assert_eq!(bindings.receive(twenty, true), Purpose::Learnt);
        assert_eq!((bindings.control_of(generate), bindings.control_of(hold)), (None, Some(twenty)));
        bindings.learn(generate);
        bindings.stop_learning();
        assert_eq!(bindings.receive(key, true), Purpose::Free);
        bindings.forget(hold);
        assert_eq!(bindings.receive(twenty, true), Purpose::Free);
    }

    #[test]
    fn what_is_stored_comes_back_and_nonsense_binds_nothing() {
        let bindings = Bindings::default();
        let map: BTreeMap<String, String> =
            [("generate", "cc 20"), ("slot 12", "key 36"), ("panic", "cc 999"), ("dance", "cc 3")]
                .into_iter()
                .map(|(command, control)| (command.to_owned(), control.to_owned()))
                .collect();
        let others = bindings.restore(map.clone());
        assert_eq!(others.keys().collect::<Vec<_>>(), ["dance", "panic"]);
        let mut back = bindings.to_map();
        assert_eq!(back.len(), 2);
        back.extend(others);
        assert_eq!(back, map);
        bindings.restore(BTreeMap::new());
        assert!(bindings.to_map().is_empty());
    }
}
