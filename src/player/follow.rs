//! The running phrase under chords that are held on the keys, without waiting for anything to be composed.
//!
//! Each tone of a phrase stands on a [`Degree`] of the chord that it was written over, and under another chord on the same
//! degree of that one. What was written over the chord that is held stays as it is.
//!
//! A chord is taken up at the next half of a beat, by when all its keys are down.

use super::degree::{Degree, Tone};
use super::held_keys::HeldKey;
use super::settings::{KeyTrigger, Settings};
use crate::music::chord::{Chord, ChordQuality};
use crate::music::phrase::Part;
use crate::music::pitch::{Pitch, PitchClass};
use crate::music::scale::Key;

/// Beats between the places where a chord is taken up.
const GRID_BEATS: f64 = 0.5;

/// The chord that is held, and the one that is followed.
#[derive(Debug)]
pub struct Follow {
    /// One bit for each key.
    held: u128,
    held_chord: Option<Chord>,
    followed: Option<Chord>,
    trigger: KeyTrigger,
    /// Whether a chord that is released stays.
    is_held: bool,
}

impl Follow {
    /// Follows nothing: the phrase is as written.
    pub const fn new() -> Self {
        Self { held: 0, held_chord: None, followed: None, trigger: KeyTrigger::Gate, is_held: false }
    }

    /// What keys do from now on; if that is something else, all go up.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_trigger(&mut self, trigger: KeyTrigger) {
        if trigger != self.trigger {
            self.trigger = trigger;
            self.clear();
        }
    }

    /// A key goes down; what is held now is the chord, in `key` where it leaves a choice.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn press(&mut self, pitch: Pitch, key: Key) {
        self.held |= 1 << pitch.number();
        self.held_chord = chord_of(self.held, key);
    }

    /// A key goes up. Fingers leave a chord one by one, so that it stays until the last is up; a latched one stays on, and
    /// a held one until the hold ends.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn release(&mut self, pitch: Pitch) {
        self.held &= !(1 << pitch.number());
        self.forget_if_free();
    }

    /// Whether a chord that is released stays from now on.
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

    /// All keys go up, latched or not.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn clear(&mut self) {
        (self.held, self.held_chord) = (0, None);
    }

    /// The place at or after `position`, in beats, where another chord is to be taken up; `None` if there is none.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn next_change(&self, position: f64) -> Option<f64> {
        (self.held_chord != self.followed).then(|| (position / GRID_BEATS).ceil() * GRID_BEATS)
    }

    /// Takes up the chord that is held; whether it is another.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn take_up(&mut self) -> bool {
        std::mem::replace(&mut self.followed, self.held_chord) != self.held_chord
    }

    /// The pitch at which a tone of `part` leaves: under the chord that is followed in `key`, and moved by octaves and,
    /// where no chords are followed, by the key that plays the phrase. `None` if it is out of range.
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

    /// `pitch`, written at `degree` in `key`, under the chord that is followed; `None` if it is out of range.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn harmonise(&self, pitch: Pitch, degree: Degree, key: Key) -> Option<Pitch> {
        match self.followed {
            Some(chord) => degree.under(chord, pitch, key),
            None => Some(pitch),
        }
    }
}

/// The chord that the keys of `held` make, one bit for each: the one with most of them and least besides; what is missing
/// is in `key` where it can be. `None` if no key is held.
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
    // A fifth alone is a triad of the key.
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
