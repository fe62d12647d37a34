//! The keys that are held, of which the last one wins.

use crate::music::pitch::Pitch;

/// More keys than two hands hold; the oldest gives way.
const CAPACITY: usize = 16;

/// Held keys in the order in which they were struck.
#[derive(Debug)]
pub struct HeldKeys {
    keys: [Pitch; CAPACITY],
    n_held: usize,
}

impl HeldKeys {
    /// No key.
    pub const fn new() -> Self {
        Self { keys: [Pitch::MIDDLE_C; CAPACITY], n_held: 0 }
    }

    /// The key that wins.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn winner(&self) -> Option<Pitch> {
        self.keys[..self.n_held].last().copied()
    }

    /// A key goes down; one that is down already is struck anew.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&mut self, key: Pitch) {
        self.let_go(key);
        if self.n_held == CAPACITY {
            self.keys.rotate_left(1);
            self.n_held -= 1;
        }
        self.keys[self.n_held] = key;
        self.n_held += 1;
    }

    /// A key goes up; one that is not down is of no account.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn let_go(&mut self, key: Pitch) {
        if let Some(idx) = self.keys[..self.n_held].iter().position(|held| *held == key) {
            self.keys[idx..self.n_held].rotate_left(1);
            self.n_held -= 1;
        }
    }

    /// All keys go up.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn clear(&mut self) {
        self.n_held = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let key = Pitch::clamped(number);
            if is_down {
                keys.press(key)
            } else {
                keys.let_go(key)
            }
            assert_eq!(keys.winner(), winner.map(Pitch::clamped), "{number}");
        }
    }

    #[test]
    fn with_too_many_the_oldest_gives_way() {
        let mut keys = HeldKeys::new();
        for number in 0..40 {
            keys.press(Pitch::clamped(number));
        }
        for number in (25..40).rev() {
            keys.let_go(Pitch::clamped(number));
        }
        assert_eq!(keys.winner(), Some(Pitch::clamped(24)));
        keys.let_go(Pitch::clamped(24));
        assert_eq!(keys.winner(), None);
    }
}
