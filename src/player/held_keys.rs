//! The held keys that play the phrase; the last one wins.

use super::settings::KeyTrigger;
use crate::music::pitch::Pitch;

/// Most keys held, more than two hands play; beyond, the oldest is dropped.
const CAPACITY: usize = 16;

/// A key and the velocity of its note-on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldKey {
    /// Which key.
    pub pitch: Pitch,
    /// MIDI velocity, `1..=127`.
    pub velocity: u8,
}

/// Held keys in the order of their note-ons.
#[derive(Debug)]
pub struct HeldKeys {
    keys: [HeldKey; CAPACITY],
    n_held: usize,
    trigger: KeyTrigger,
    /// Whether released keys stay down.
    is_held: bool,
    /// Keys physically down, one bit for each.
    fingers: u128,
}

impl HeldKeys {
    /// No key.
    pub const fn new() -> Self {
        let key = HeldKey { pitch: Pitch::MIDDLE_C, velocity: 1 };
        Self { keys: [key; CAPACITY], n_held: 0, trigger: KeyTrigger::Gate, is_held: false, fingers: 0 }
    }

    /// Sets what keys do; a change releases all keys.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_trigger(&mut self, trigger: KeyTrigger) {
        if trigger != self.trigger {
            self.trigger = trigger;
            self.clear();
        }
    }

    /// The key that wins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn winner(&self) -> Option<HeldKey> {
        self.keys[..self.n_held].last().copied()
    }

    /// Adds a key. With gates, a key that is already down is retriggered; with latches it is released, and any other
    /// key replaces the latched one.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&mut self, key: HeldKey) {
        self.fingers |= bit(key.pitch);
        if self.trigger == KeyTrigger::Latch {
            let is_same = self.winner().is_some_and(|winner| winner.pitch == key.pitch);
            self.clear();
            if is_same {
                return;
            }
        }
        self.remove(key.pitch);
        if self.n_held == CAPACITY {
            self.keys.rotate_left(1);
            self.n_held -= 1;
        }
        self.keys[self.n_held] = key;
        self.n_held += 1;
    }

    /// Releases a key. Latches ignore this and a hold postpones it; a key that is not down is ignored.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release(&mut self, pitch: Pitch) {
        self.fingers &= !bit(pitch);
        if self.trigger == KeyTrigger::Gate && !self.is_held {
            self.remove(pitch);
        }
    }

    /// Sets whether released keys stay down; when the hold ends, keys kept by it are released.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hold(&mut self, is_held: bool) {
        if std::mem::replace(&mut self.is_held, is_held) && !is_held && self.trigger == KeyTrigger::Gate {
            for idx in (0..self.n_held).rev() {
                let pitch = self.keys[idx].pitch;
                if self.fingers & bit(pitch) == 0 {
                    self.remove(pitch);
                }
            }
        }
    }

    /// Releases all keys.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn clear(&mut self) {
        (self.n_held, self.fingers) = (0, 0);
    }

    fn remove(&mut self, pitch: Pitch) {
        if let Some(idx) = self.keys[..self.n_held].iter().position(|held| held.pitch == pitch) {
            self.keys[idx..self.n_held].rotate_left(1);
            self.n_held -= 1;
        }
    }
}

fn bit(pitch: Pitch) -> u128 {
    1 << pitch.number()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: i32) -> HeldKey {
        HeldKey { pitch: Pitch::clamped(number), velocity: 80 }
    }

    #[test]
    fn a_latched_key_stays_until_it_or_another_is_played() {
        let mut keys = HeldKeys::new();
        keys.press(key(60));
        keys.set_trigger(KeyTrigger::Latch);
        assert_eq!(keys.winner(), None);
        keys.press(key(60));
        keys.release(Pitch::clamped(60));
        assert_eq!(keys.winner(), Some(key(60)));
        keys.press(key(64));
        assert_eq!(keys.winner(), Some(key(64)));
        keys.press(key(64));
        assert_eq!(keys.winner(), None);
        keys.press(key(67));
        keys.set_trigger(KeyTrigger::Gate);
        assert_eq!(keys.winner(), None);
    }

    #[test]
    fn held_keys_stay_until_the_hold_ends() {
        let mut keys = HeldKeys::new();
        keys.press(key(60));
        keys.hold(true);
        keys.press(key(64));
        keys.release(Pitch::clamped(64));
        assert_eq!(keys.winner(), Some(key(64)));
        keys.hold(false);
        assert_eq!(keys.winner(), Some(key(60)));
        keys.hold(true);
        keys.release(Pitch::clamped(60));
        keys.press(key(60));
        keys.hold(false);
        assert_eq!(keys.winner(), Some(key(60)));
        keys.hold(true);
        keys.clear();
        assert_eq!(keys.winner(), None);
    }

    #[test]
    fn the_last_key_held_wins() {
        let mut keys = HeldKeys::new();
        let down = |number| (true, number);
        let up = |number| (false, number);
        for ((is_down, number), winner) in [
            (down(60), Some(60)),
            (down(64), Some(64)),
            (down(67), Some(67)),
            (up(64), Some(67)),
            (up(67), Some(60)),
            (up(67), Some(60)),
            (down(60), Some(60)),
            (up(60), None),
        ] {
            if is_down {
                keys.press(key(number))
            } else {
                keys.release(Pitch::clamped(number))
            }
            assert_eq!(keys.winner(), winner.map(key), "{number}");
        }
    }

    #[test]
    fn with_too_many_the_oldest_gives_way() {
        let mut keys = HeldKeys::new();
        for number in 0..40 {
            keys.press(key(number));
        }
        for number in (25..40).rev() {
            keys.release(Pitch::clamped(number));
        }
        assert_eq!(keys.winner(), Some(key(24)));
        keys.release(Pitch::clamped(24));
        assert_eq!(keys.winner(), None);
    }
}
