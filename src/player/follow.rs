//! Follows chords held on the keys: moves the tones of the phrase that plays, without composing.
//!
//! Each tone of a phrase has a [`Degree`] over the chord it was written over, and takes the same degree under another
//! chord. Under the chord it was written over it is unchanged.
//!
//! A new chord takes effect at the next half beat, when all its keys are down.

use super::degree::{Degree, Tone};
use super::held_keys::HeldKey;
use super::settings::{KeyTrigger, Settings};
use crate::music::chord::{Chord, ChordQuality};
use crate::music::phrase::Part;
use crate::music::pitch::{Pitch, PitchClass};
use crate::music::scale::Key;

/// Beats between the positions at which a new chord takes effect.
const GRID_BEATS: f64 = 0.5;

/// The held chord, and the chord that is followed.
#[derive(Debug)]
pub struct Follow {
    /// One bit for each key.
    held: u128,
    held_chord: Option<Chord>,
    followed: Option<Chord>,
    trigger: KeyTrigger,
    /// Whether a released chord is kept.
    is_held: bool,
}

impl Follow {
    /// Follows nothing: the phrase plays as written.
    pub const fn new() -> Self {
        Self { held: 0, held_chord: None, followed: None, trigger: KeyTrigger::Gate, is_held: false }
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

    /// Adds a key; the keys held now make the chord, in `key` where it is ambiguous.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&mut self, pitch: Pitch, key: Key) {
        self.held |= 1 << pitch.number();
        self.held_chord = chord_of(self.held, key);
    }

    /// Removes a key. The chord stays until its last key is released, since fingers leave one by one; a latched chord
    /// stays on, and a held one until the hold ends.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release(&mut self, pitch: Pitch) {
        self.held &= !(1 << pitch.number());
        self.forget_if_free();
    }

    /// Sets whether a released chord is kept.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn hold(&mut self, is_held: bool) {
        if std::mem::replace(&mut self.is_held, is_held) && !is_held {
            self.forget_if_free();
        }
    }

    fn forget_if_free(&mut self) {
        if self.held == 0 && self.trigger == KeyTrigger::Gate && !self.is_held {
            self.held_chord = None;
        }
    }

    /// Releases all keys, latched or not.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn clear(&mut self) {
        (self.held, self.held_chord) = (0, None);
    }

    /// The position at or after `position`, in beats, at which a new chord takes effect; `None` if there is none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, position: f64) -> Option<f64> {
        (self.held_chord != self.followed).then(|| (position / GRID_BEATS).ceil() * GRID_BEATS)
    }

    /// Applies the held chord; returns whether it is a new one.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_up(&mut self) -> bool {
        std::mem::replace(&mut self.followed, self.held_chord) != self.held_chord
    }

    /// The pitch of a tone of `part` as sent: under the chord that is followed in `key`, moved by octaves and, where no
    /// chord is followed, transposed by the key that plays the phrase. `None` if it is out of range.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn pitch_of(
        &self,
        winner: Option<HeldKey>,
        settings: &Settings,
        key: Key,
        part: Part,
        tone: Tone,
    ) -> Option<Pitch> {
        let by_key = winner.filter(|_| !settings.follows);
        let by_key = by_key.map_or(0, |winner| i32::from(winner.pitch.number()) - 60);
        self.harmonise(tone.pitch, tone.degree, key)?.transposed(settings.semitones(part) + by_key)
    }

    /// The pitch under the followed chord of a tone written as `pitch` at `degree` in `key`; `None` if it is out of
    /// range.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn harmonise(&self, pitch: Pitch, degree: Degree, key: Key) -> Option<Pitch> {
        match self.followed {
            Some(chord) => degree.under(chord, pitch, key),
            None => Some(pitch),
        }
    }
}

/// The chord that the keys of `held` make, one bit for each: the one that has most of them and fewest other tones;
/// missing tones are taken from `key` where possible. `None` if no key is held.
fn chord_of(held: u128, key: Key) -> Option<Chord> {
    let mut classes = 0_u16;
    let mut bits = held;
    while bits != 0 {
        classes |= 1 << (bits.trailing_zeros() % 12);
        bits &= bits - 1;
    }
    let bass = u8::try_from(held.trailing_zeros() % 12).unwrap_or(0);
    let is_held = |class: u8| classes & (1 << (class % 12)) != 0;
    let mut best: Option<(i32, Chord)> = None;
    // A fifth alone becomes a triad of the key.
    for &quality in ChordQuality::ALL.iter().filter(|quality| **quality != ChordQuality::Power) {
        for root in (0..12).filter(|root| is_held(*root)) {
            let chord = Chord::new(PitchClass::new(root), quality);
            let (mut score, mut n_held) = (i32::from(root == bass), 0);
            for &tone in quality.tones() {
                n_held += i32::from(is_held(root + tone));
                score += if is_held(root + tone) { 4 } else { -2 };
                score -= i32::from(!key.contains(chord.root.up(tone)));
            }
            score -= 5 * (classes.count_ones().cast_signed() - n_held);
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, chord));
            }
        }
    }
    best.map(|(_, chord)| chord)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::scale::Mode;

    fn held(keys: &[u8]) -> u128 {
        keys.iter().fold(0, |held, key| held | 1 << key)
    }

    fn chord(symbol: &str) -> Chord {
        symbol.parse().unwrap()
    }

    #[test]
    fn held_keys_are_chords() {
        let minor = Key::new(PitchClass::new(9), Mode::Minor);
        for (keys, key, expected) in [
            (&[60, 64, 67][..], Key::C_MAJOR, "C"),
            (&[48, 64, 67, 70], Key::C_MAJOR, "C7"),
            (&[57, 60, 64], Key::C_MAJOR, "Am"),
            (&[57, 60, 64, 67], Key::C_MAJOR, "Am7"),
            (&[60, 64, 67, 69], Key::C_MAJOR, "C6"),
            (&[64, 67, 72], Key::C_MAJOR, "C"),
            (&[64, 72], Key::C_MAJOR, "C"),
            (&[60], Key::C_MAJOR, "C"),
            (&[62], Key::C_MAJOR, "Dm"),
            (&[59], Key::C_MAJOR, "Bdim"),
            (&[62, 69], Key::C_MAJOR, "Dm"),
            (&[60, 65, 67], Key::C_MAJOR, "Csus4"),
            (&[59, 62, 65, 69], Key::C_MAJOR, "Bm7b5"),
            (&[64, 68, 71, 74], minor, "E7"),
        ] {
            assert_eq!(chord_of(held(keys), key), Some(chord(expected)), "{keys:?}");
        }
        assert_eq!(chord_of(0, Key::C_MAJOR), None);
    }

    #[test]
    fn a_chord_stays_until_its_last_key_is_up() {
        let [c, e, g] = [60, 64, 67].map(Pitch::clamped);
        for (trigger, expected) in [(KeyTrigger::Gate, None), (KeyTrigger::Latch, Some(chord("C")))] {
            let mut follow = Follow::new();
            follow.set_trigger(trigger);
            assert_eq!(follow.next_change(1.3), None);
            [c, e, g].into_iter().for_each(|pitch| follow.press(pitch, Key::C_MAJOR));
            assert_eq!(follow.next_change(1.3), Some(1.5));
            assert!(follow.take_up() && !follow.take_up());
            [e, c].into_iter().for_each(|pitch| follow.release(pitch));
            assert_eq!(follow.next_change(1.3), None);
            follow.release(g);
            follow.take_up();
            assert_eq!(follow.followed, expected);
            follow.clear();
            follow.take_up();
            assert_eq!(follow.followed, None);
        }
    }
}
