//! A fixed number of voices of one timbre, and their allocation to notes.
//!
//! When all are sounding, or too many of all parts, the oldest released one is stolen, else the oldest that the pedal
//! holds, else the oldest: it fades in a few milliseconds on its own slot while the new note starts on a spare, so that
//! stealing does not click. If the spares are used up too, the faintest fading voice is cut off and its output decays
//! from its last sample.

use super::dsp::decay_factor;
use super::envelope::{Envelope, Shape};

/// Slots beyond the limit, for stolen voices to fade on.
const N_SPARES: usize = 4;

/// Most samples rendered at once.
pub const CHUNK: usize = 32;

/// Seconds in which the last sample of a voice that was cut off decays by 60 dB.
const RESIDUE_SECONDS: f32 = 0.008;

/// The note that a voice plays. The same pitch of two sources is two notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag {
    /// MIDI note number.
    pub pitch: u8,
    /// Where the note comes from.
    pub source: Source,
}

/// The source of a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The phrase.
    Phrase,
    /// The musician, who has a pedal.
    Live,
}

/// What holds a voice. The lowest is stolen first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grip {
    /// Nothing: it dies away.
    Released,
    /// The pedal.
    Pedal,
    /// Its key.
    Key,
}

/// The envelope, gain and pan of a note that starts.
#[derive(Debug, Clone, Copy)]
pub struct NoteStart {
    /// Loudness over time.
    pub shape: Shape,
    /// Linear factor, velocity included.
    pub gain: f32,
    /// Pan between left (-1) and right (1).
    pub pan: f32,
}

/// The sound source of one voice.
pub trait Timbre {
    /// Starts a note from a cleared state. `pitch` — MIDI note number; `velocity` — in `(0.0, 1.0]`.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart;

    /// Overwrites `out` with the next samples, about -1 to 1.
    ///
    /// *Real-time:* wait-free, no allocation.
    fn fill(&mut self, out: &mut [f32]);

    /// Whether the note died away by itself.
    fn is_spent(&self) -> bool {
        false
    }

    /// Calls `see` with the name and value of each state variable.
    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32));
}

struct Slot<T> {
    timbre: T,
    envelope: Envelope,
    tag: Tag,
    /// Whether the key is up, so that only the pedal holds the note.
    is_key_up: bool,
    /// Number of the note, counted over all parts.
    age: u64,
    gains: [f32; 2],
    last: f32,
}

impl<T> Slot<T> {
    fn is_sounding(&self) -> bool {
        !self.envelope.is_idle() && !self.envelope.is_fading()
    }

    fn grip(&self) -> Grip {
        match (self.envelope.is_held(), self.is_key_up) {
            (false, _) => Grip::Released,
            (true, true) => Grip::Pedal,
            (true, false) => Grip::Key,
        }
    }
}

/// The voices of one part.
pub struct Pool<T> {
    slots: Box<[Slot<T>]>,
    /// Most voices that sound unfaded.
    limit: usize,
    sample_rate: f32,
    residue: [f32; 2],
    residue_decay: f32,
    /// Whether anything sounds; saves looking at every slot of a part that rests.
    is_awake: bool,
}

/// The interface of a part to the synth, whatever its timbre.
pub trait Instrument {
    /// Starts a note; a held one with the same tag is released. `velocity` — in `(0.0, 1.0]`; `age` — number of the
    /// note.
    fn note_on(&mut self, tag: Tag, velocity: f32, age: u64);
    /// Releases a note.
    fn note_off(&mut self, tag: Tag);
    /// Marks the key of a note as up while the pedal holds it.
    fn key_up(&mut self, tag: Tag);
    /// Releases the notes that only the pedal holds.
    fn lift_pedal(&mut self);
    /// Fades the voices of the pitches for which `is_choked` is true.
    fn choke(&mut self, is_choked: &dyn Fn(u8) -> bool);
    /// Releases every note.
    fn all_notes_off(&mut self);
    /// Falls silent at once.
    fn reset(&mut self);
    /// Adds the next samples, at most [`CHUNK`], to both channels.
    fn add_to(&mut self, left: &mut [f32], right: &mut [f32]);
    /// Whether nothing sounds.
    fn is_idle(&self) -> bool;
    /// The number of voices that sound, not counting those that fade.
    fn n_sounding(&self) -> usize;
    /// Grip and age of the voice that [`Self::steal`] would steal.
    fn dispensable(&self) -> Option<(Grip, u64)>;
    /// Steals a voice: fades the one with the lowest grip, the oldest of several.
    fn steal(&mut self);
    /// Calls `see` with the name and value of each state variable of the sounding voices.
    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32));
}

impl<T: Timbre> Pool<T> {
    /// `limit` voices, made by `make`. Allocates.
    pub fn new(limit: usize, sample_rate: f32, make: impl FnMut() -> T) -> Self {
        let timbres = std::iter::repeat_with(make).take(limit + N_SPARES);
        let slots = timbres.map(|timbre| Slot {
            timbre,
            envelope: Envelope::IDLE,
            tag: Tag { pitch: 0, source: Source::Phrase },
            is_key_up: false,
            age: 0,
            gains: [0.0; 2],
            last: 0.0,
        });
        Self {
            slots: slots.collect(),
            limit,
            sample_rate,
            residue: [0.0; 2],
            residue_decay: decay_factor(RESIDUE_SECONDS, sample_rate),
            is_awake: false,
        }
    }

    /// The slot for a new note: an idle one, else the faintest fading one.
    fn free_slot(&mut self) -> Option<&mut Slot<T>> {
        let slots = self.slots.iter_mut().filter(|slot| slot.envelope.is_idle() || slot.envelope.is_fading());
        let slot = slots.min_by(|a, b| a.envelope.level().total_cmp(&b.envelope.level()))?;
        if slot.envelope.is_fading() {
            for (residue, gain) in self.residue.iter_mut().zip(slot.gains) {
                *residue += slot.last * gain;
            }
        }
        Some(slot)
    }
}

impl<T: Timbre> Instrument for Pool<T> {
    fn note_on(&mut self, tag: Tag, velocity: f32, age: u64) {
        self.note_off(tag);
        if self.n_sounding() >= self.limit {
            self.steal();
        }
        let sample_rate = self.sample_rate;
        self.is_awake = true;
        let Some(slot) = self.free_slot() else { return };
        let start = slot.timbre.start(tag.pitch, velocity);
        slot.envelope = Envelope::start(start.shape, sample_rate);
        slot.tag = tag;
        slot.is_key_up = false;
        slot.age = age;
        slot.last = 0.0;
        // Constant power, 1 in the middle.
        let angle = (1.0 + start.pan.clamp(-1.0, 1.0)) * std::f32::consts::FRAC_PI_4;
        let gain = start.gain * std::f32::consts::SQRT_2;
        slot.gains = [gain * angle.cos(), gain * angle.sin()];
    }

    fn note_off(&mut self, tag: Tag) {
        for slot in self.slots.iter_mut().filter(|slot| slot.tag == tag) {
            slot.envelope.release();
        }
    }

    fn key_up(&mut self, tag: Tag) {
        for slot in self.slots.iter_mut().filter(|slot| slot.tag == tag) {
            slot.is_key_up = true;
        }
    }

    fn lift_pedal(&mut self) {
        for slot in self.slots.iter_mut().filter(|slot| slot.is_key_up) {
            slot.envelope.release();
        }
    }

    fn choke(&mut self, is_choked: &dyn Fn(u8) -> bool) {
        for slot in self.slots.iter_mut().filter(|slot| is_choked(slot.tag.pitch)) {
            slot.envelope.fade(self.sample_rate);
        }
    }

    fn all_notes_off(&mut self) {
        for slot in &mut self.slots {
            slot.envelope.release();
        }
    }

    fn reset(&mut self) {
        for slot in &mut self.slots {
            slot.envelope.stop();
        }
        self.residue = [0.0; 2];
        self.is_awake = false;
    }

    fn add_to(&mut self, left: &mut [f32], right: &mut [f32]) {
        let mut samples = [0.0_f32; CHUNK];
        let samples = &mut samples[..left.len().min(right.len()).min(CHUNK)];
        for slot in self.slots.iter_mut().filter(|slot| !slot.envelope.is_idle()) {
            slot.timbre.fill(samples);
            for ((sample, left), right) in samples.iter().zip(left.iter_mut()).zip(right.iter_mut()) {
                slot.last = sample * slot.envelope.tick();
                *left += slot.last * slot.gains[0];
                *right += slot.last * slot.gains[1];
            }
            if slot.timbre.is_spent() {
                slot.envelope.stop();
            }
        }
        if self.residue != [0.0; 2] {
            for (left, right) in left.iter_mut().zip(right.iter_mut()) {
                *left += self.residue[0];
                *right += self.residue[1];
                self.residue =
                    self.residue.map(|x| if x.abs() < 1e-6 { 0.0 } else { x * self.residue_decay });
            }
        }
        self.is_awake = self.residue != [0.0; 2] || self.slots.iter().any(|slot| !slot.envelope.is_idle());
    }

    fn n_sounding(&self) -> usize {
        if !self.is_awake {
            return 0;
        }
        self.slots.iter().filter(|slot| slot.is_sounding()).count()
    }

    fn dispensable(&self) -> Option<(Grip, u64)> {
        let sounding = self.slots.iter().filter(|slot| slot.is_sounding());
        sounding.map(|slot| (slot.grip(), slot.age)).min()
    }

    fn steal(&mut self) {
        let sounding = self.slots.iter_mut().filter(|slot| slot.is_sounding());
        if let Some(victim) = sounding.min_by_key(|slot| (slot.grip(), slot.age)) {
            victim.envelope.fade(self.sample_rate);
        }
    }

    fn is_idle(&self) -> bool {
        !self.is_awake
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        for slot in self.slots.iter().filter(|slot| !slot.envelope.is_idle()) {
            slot.timbre.show(see);
            slot.envelope.show(see);
            see("last sample", slot.last);
        }
        self.residue.iter().for_each(|x| see("residue", *x));
    }
}
