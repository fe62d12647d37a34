//! The preview synth: events in, stereo out.
//!
//! Five parts, each with a fixed number of voices: keys for the melody, a pad for chords, a round bass, a pluck for
//! arpeggios and a drum kit. They meet in a small room and a limiter. It is made to be pleasant and cheap, so that a
//! phrase can be heard the moment it exists.
//!
//! # Threads
//!
//! [`Synth::new`] allocates everything; all else may run on the audio thread. A [`Synth`] belongs to one thread at a
//! time.
//!
//! # Invariants
//!
//! Samples are finite and within ±1. The sound depends on events and the sample they fall on, never on how time is
//! cut into blocks. Once all notes and the room have died away the output is exactly 0.
//!
//! # Source
//!
//! Wave tables, filter coefficients and delay lines are fundsp's; its graphs are not used.

mod drums;
mod dsp;
mod effects;
mod envelope;
mod pool;
mod voices;

use crate::music::phrase::{Part, Phrase};
use crate::music::pitch::Pitch;
use crate::music::time::PPQ;
use crate::player::clip::{Action, Clip};

use drums::Drum;
use effects::{Chorus, Room, limit};
use pool::{CHUNK, Instrument, Pool};
use voices::{Bass, Keys, Pad, Pluck};

/// A synth for the five parts.
pub struct Synth {
    drums: Pool<Drum>,
    bass: Pool<Bass>,
    chords: Pool<Pad>,
    arpeggio: Pool<Pluck>,
    melody: Pool<Keys>,
    /// Indexed by `[part_idx]`.
    gains: [Gain; 5],
    chorus: Chorus,
    room: Room,
}

/// How much of each part goes to the room, indexed by `[part_idx]`.
const SENDS: [f32; 5] = [0.06, 0.015, 0.16, 0.24, 0.18];

/// Level of the whole: five parts at full voice seldom reach the limiter's knee.
const MASTER: f32 = 0.75;

/// Seconds in which a changed gain is two thirds of the way.
const GAIN_SECONDS: f32 = 0.01;

/// The longest tail [`render`] waits for, in seconds after the last event.
const MAX_TAIL_SECONDS: f64 = 8.0;

impl Synth {
    /// A silent synth. `sample_rate` — hertz, held inside `8_000.0..=384_000.0`. Allocates.
    pub fn new(sample_rate: f32) -> Self {
        let rate = if sample_rate.is_nan() { 48_000.0 } else { sample_rate.clamp(8_000.0, 384_000.0) };
        Self {
            drums: Pool::new(10, rate, || Drum::new(rate)),
            bass: Pool::new(2, rate, || Bass::new(rate)),
            chords: Pool::new(10, rate, || Pad::new(rate)),
            arpeggio: Pool::new(6, rate, || Pluck::new(rate)),
            melody: Pool::new(8, rate, || Keys::new(rate)),
            gains: [Gain::new(rate); 5],
            chorus: Chorus::new(rate),
            room: Room::new(rate),
        }
    }

    /// Starts a note of `part` at the next sample. `velocity` — held inside `1..=127`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_on(&mut self, part: Part, pitch: Pitch, velocity: u8) {
        let pitch = pitch.number();
        if part.is_drums() {
            self.drums.choke(|sounding| drums::chokes(pitch, sounding));
        }
        self.instrument(part).note_on(pitch, f32::from(velocity.clamp(1, 127)) / 127.0);
    }

    /// Releases a note of `part` at the next sample. Drums ring on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_off(&mut self, part: Part, pitch: Pitch) {
        if !part.is_drums() {
            self.instrument(part).note_off(pitch.number());
        }
    }

    /// Releases every note of every part, drums included.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn all_notes_off(&mut self) {
        for part in Part::ALL {
            self.instrument(part).all_notes_off();
        }
    }

    /// Sets the level of `part`: a linear factor, held inside `0.0..=4.0`, reached smoothly.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_gain(&mut self, part: Part, gain: f32) {
        self.gains[part.index()].set(gain);
    }

    /// Whether nothing sounds and nothing rings on: the output stays 0 until the next note.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_silent(&self) -> bool {
        let parts: [&dyn Instrument; 5] =
            [&self.drums, &self.bass, &self.chords, &self.arpeggio, &self.melody];
        parts.into_iter().all(Instrument::is_idle) && self.chorus.is_empty() && self.room.is_asleep()
    }

    /// Overwrites `left` and `right`, of equal length, with the next samples.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            self.process_chunk(left, right);
        }
    }

    fn process_chunk(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n_samples = left.len().min(right.len());
        let mut direct = [[0.0_f32; 2]; CHUNK];
        let mut sent = [[0.0_f32; 2]; CHUNK];
        for part in Part::ALL {
            // The chorus has a tail of its own.
            if self.instrument(part).is_idle() && part != Part::Chords {
                self.gains[part.index()].settle();
                continue;
            }
            let (mut part_left, mut part_right) = ([0.0_f32; CHUNK], [0.0_f32; CHUNK]);
            self.instrument(part).add_to(&mut part_left[..n_samples], &mut part_right[..n_samples]);
            let send = SENDS[part.index()];
            for idx in 0..n_samples {
                let gain = self.gains[part.index()].tick();
                let mut sample = [part_left[idx] * gain, part_right[idx] * gain];
                if part == Part::Chords {
                    sample = self.chorus.tick(sample);
                }
                for channel in 0..2 {
                    direct[idx][channel] += sample[channel];
                    sent[idx][channel] += send * sample[channel];
                }
            }
        }
        for (idx, (left, right)) in left.iter_mut().zip(right).enumerate() {
            let room = self.room.tick(sent[idx]);
            *left = limit(MASTER * (direct[idx][0] + room[0]));
            *right = limit(MASTER * (direct[idx][1] + room[1]));
        }
    }

    fn instrument(&mut self, part: Part) -> &mut dyn Instrument {
        match part {
            Part::Drums => &mut self.drums,
            Part::Bass => &mut self.bass,
            Part::Chords => &mut self.chords,
            Part::Arpeggio => &mut self.arpeggio,
            Part::Melody => &mut self.melody,
        }
    }
}

/// A level that moves smoothly.
#[derive(Debug, Clone, Copy)]
struct Gain {
    now: f32,
    target: f32,
    /// Share of the distance covered per sample.
    rate: f32,
}

impl Gain {
    fn new(sample_rate: f32) -> Self {
        Self { now: 1.0, target: 1.0, rate: 1.0 / (GAIN_SECONDS * sample_rate) }
    }

    fn set(&mut self, gain: f32) {
        self.target = if gain.is_nan() { 1.0 } else { gain.clamp(0.0, 4.0) };
    }

    /// Nothing sounds: no need to move smoothly.
    fn settle(&mut self) {
        self.now = self.target;
    }

    #[inline]
    fn tick(&mut self) -> f32 {
        let rest = self.target - self.now;
        self.now = if rest.abs() < 1e-5 { self.target } else { self.now + rest * self.rate };
        self.now
    }
}

/// Plays `phrase` at its tempo until the last note has died away; returns left and right, of equal length.
///
/// `sample_rate` — hertz. Events fall on the nearest sample.
pub fn render(phrase: &Phrase, sample_rate: u32) -> (Vec<f32>, Vec<f32>) {
    let clip = Clip::new(phrase);
    let rate = f64::from(sample_rate).clamp(8_000.0, 384_000.0);
    let samples_per_tick = rate * 60.0 / (f64::from(clip.tempo()) * f64::from(PPQ));
    let mut synth = Synth::new(narrowed(rate));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let mut play_until = |synth: &mut Synth, end: usize| {
        let start = left.len();
        left.resize(end.max(start), 0.0);
        right.resize(end.max(start), 0.0);
        synth.process(&mut left[start..], &mut right[start..]);
    };
    for event in clip.events() {
        play_until(&mut synth, to_sample(f64::from(event.at.0) * samples_per_tick));
        match event.action {
            Action::On { velocity } => synth.note_on(event.part, event.pitch, velocity),
            Action::Off => synth.note_off(event.part, event.pitch),
        }
    }
    let mut end = to_sample(f64::from(clip.duration().0) * samples_per_tick);
    play_until(&mut synth, end);
    let last = end + to_sample(MAX_TAIL_SECONDS * rate);
    while end < last && !synth.is_silent() {
        end += CHUNK;
        play_until(&mut synth, end);
    }
    (left, right)
}

/// The nearest whole sample.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "times are finite and not negative"
)]
fn to_sample(samples: f64) -> usize {
    samples.round() as usize
}

#[expect(clippy::cast_possible_truncation, reason = "sample rates are whole and below 2^24")]
fn narrowed(rate: f64) -> f32 {
    rate as f32
}

#[cfg(test)]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers in tests"
)]
mod tests;
