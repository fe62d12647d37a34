//! The keys that are down: the key that plays the phrase, and the chord that the phrase follows.

use super::degree::Tone;
use super::follow::Follow;
use super::held_keys::{HeldKey, HeldKeys};
use super::settings::Settings;
use crate::music::phrase::Part;
use crate::music::pitch::Pitch;
use crate::music::scale::Key;

/// The keys that are down, and the pedal that holds them.
#[derive(Debug)]
pub struct Keyboard {
    keys: HeldKeys,
    follow: Follow,
    /// Whether a pedal holds keys and chord.
    is_pedal_down: bool,
}

impl Keyboard {
    /// No key is down.
    pub const fn new() -> Self {
        Self { keys: HeldKeys::new(), follow: Follow::new(), is_pedal_down: false }
    }

    /// Applies the settings about keys; keys that no longer have a function are released.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn update(&mut self, settings: &Settings) {
        self.keys.set_trigger(settings.key_trigger);
        self.follow.set_trigger(settings.key_trigger);
        if settings.is_bypassed {
            self.release_all();
        }
        if !settings.follows {
            self.follow.clear();
        }
        if !settings.keys_play() {
            self.keys.clear();
        }
    }

    /// Releases all keys, held or not.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release_all(&mut self) {
        self.is_pedal_down = false;
        self.keys.clear();
        self.follow.clear();
    }

    /// The key that plays the phrase.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn winner(&self) -> Option<HeldKey> {
        self.keys.winner()
    }

    /// Presses `key`; the phrase is in `tonality`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&mut self, settings: &Settings, key: HeldKey, tonality: Key) {
        if settings.follows {
            self.follow.press(key.pitch, tonality);
        }
        if settings.keys_play() {
            self.keys.press(key);
            if settings.follows && self.keys.winner().is_none() {
                // A latched key that is played again belongs to a chord and stops nothing.
                self.keys.press(key);
            }
        }
    }

    /// Releases the key.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release(&mut self, pitch: Pitch) {
        self.follow.release(pitch);
        self.keys.release(pitch);
    }

    /// Sets the pedal. A bypassed player holds nothing.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn set_pedal(&mut self, is_down: bool, settings: &Settings) {
        self.is_pedal_down = is_down && !settings.is_bypassed;
    }

    /// Updates whether released keys stay down, by pedal or settings; when the hold ends, keys kept by it are released.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hold(&mut self, settings: &Settings) {
        let is_held = settings.holds || self.is_pedal_down;
        self.follow.hold(is_held);
        self.keys.hold(is_held);
    }

    /// Whether the phrase plays on unchanged, where `was` was the winning key before.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn keeps_on(&self, settings: &Settings, was: Option<HeldKey>) -> bool {
        let winner = self.winner();
        was == winner || !settings.keys_play() || settings.follows && winner.is_some()
    }

    /// The position at or after `position`, in beats, at which a new chord takes effect; `None` if there is none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, position: f64) -> Option<f64> {
        self.follow.next_change(position)
    }

    /// Makes the phrase follow the held chord.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_up_chord(&mut self) {
        self.follow.take_up();
    }

    /// The pitch of a tone of `part` as sent, written in `tonality`; `None` if it is out of range.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn pitch_of(&self, settings: &Settings, tonality: Key, part: Part, tone: Tone) -> Option<Pitch> {
        self.follow.pitch_of(self.winner(), settings, tonality, part, tone)
    }

    /// The MIDI velocity at which a note of this velocity leaves.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn velocity_of(&self, settings: &Settings, velocity: u8) -> u8 {
        let by_key = self.winner().map_or(velocity, |key| settings.by_key(velocity, key.velocity));
        settings.curved(by_key)
    }
}
