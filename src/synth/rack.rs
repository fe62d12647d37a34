//! The tonal sounds of a part, one of which is selected at a time.

use super::pool::{Grip, Instrument, Pool, Tag};
use super::voices::{Bass, Keys, Pad, Pluck};
use crate::music::phrase::Part;

/// A tonal sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// An electric piano.
    Keys,
    /// A warm pad.
    Pad,
    /// A round bass.
    Bass,
    /// A pluck.
    Pluck,
}

impl Sound {
    /// The default sound of `part`; `None` for drums, which are a kit.
    pub const fn usual(part: Part) -> Option<Self> {
        match part {
            Part::Drums => None,
            Part::Bass => Some(Self::Bass),
            Part::Chords => Some(Self::Pad),
            Part::Arpeggio => Some(Self::Pluck),
            Part::Melody => Some(Self::Keys),
        }
    }
}

/// All tonal sounds for one part. When another one is selected, sounding notes are released and die away.
pub struct Rack {
    keys: Pool<Keys>,
    pad: Pool<Pad>,
    bass: Pool<Bass>,
    pluck: Pool<Pluck>,
    sound: Sound,
}

impl Rack {
    /// A rack that plays `sound` with `limit` voices. Allocates.
    pub fn new(sound: Sound, limit: usize, rate: f32) -> Self {
        Self {
            keys: Pool::new(limit, rate, || Keys::new(rate)),
            pad: Pool::new(limit, rate, || Pad::new(rate)),
            bass: Pool::new(limit, rate, || Bass::new(rate)),
            pluck: Pool::new(limit, rate, || Pluck::new(rate)),
            sound,
        }
    }

    /// Plays `sound` from the next note on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sound(&mut self, sound: Sound) {
        if sound != self.sound {
            self.all_notes_off();
            self.sound = sound;
        }
    }

    fn all(&self) -> [&dyn Instrument; 4] {
        [&self.keys, &self.pad, &self.bass, &self.pluck]
    }

    fn all_mut(&mut self) -> [&mut dyn Instrument; 4] {
        [&mut self.keys, &mut self.pad, &mut self.bass, &mut self.pluck]
    }
}

impl Instrument for Rack {
    fn note_on(&mut self, tag: Tag, velocity: f32, age: u64) {
        match self.sound {
            Sound::Keys => self.keys.note_on(tag, velocity, age),
            Sound::Pad => self.pad.note_on(tag, velocity, age),
            Sound::Bass => self.bass.note_on(tag, velocity, age),
            Sound::Pluck => self.pluck.note_on(tag, velocity, age),
        }
    }

    fn note_off(&mut self, tag: Tag) {
        self.all_mut().into_iter().for_each(|pool| pool.note_off(tag));
    }

    fn key_up(&mut self, tag: Tag) {
        self.all_mut().into_iter().for_each(|pool| pool.key_up(tag));
    }

    fn lift_pedal(&mut self) {
        self.all_mut().into_iter().for_each(|pool| pool.lift_pedal());
    }

    fn choke(&mut self, is_choked: &dyn Fn(u8) -> bool) {
        self.all_mut().into_iter().for_each(|pool| pool.choke(is_choked));
    }

    fn all_notes_off(&mut self) {
        self.all_mut().into_iter().for_each(|pool| pool.all_notes_off());
    }

    fn reset(&mut self) {
        self.all_mut().into_iter().for_each(|pool| pool.reset());
    }

    fn add_to(&mut self, left: &mut [f32], right: &mut [f32]) {
        for pool in self.all_mut().into_iter().filter(|pool| !pool.is_idle()) {
            pool.add_to(left, right);
        }
    }

    fn is_idle(&self) -> bool {
        self.all().into_iter().all(Instrument::is_idle)
    }

    fn n_sounding(&self) -> usize {
        self.all().into_iter().map(Instrument::n_sounding).sum()
    }

    fn dispensable(&self) -> Option<(Grip, u64)> {
        self.all().into_iter().filter_map(Instrument::dispensable).min()
    }

    fn steal(&mut self) {
        let victim = self.dispensable();
        for pool in self.all_mut() {
            if pool.dispensable().is_some() && pool.dispensable() == victim {
                return pool.steal();
            }
        }
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.all().into_iter().for_each(|pool| pool.show(see));
    }
}
