//! The preview synth: renders note events to stereo.
//!
//! It has five parts: a drum kit, and four that each have one of four sounds, by default keys for the melody, a pad for
//! chords, a round bass and a pluck for arpeggios. A musician who plays along has the sound of the melody and a sustain
//! pedal. At most sixteen voices sound at once, with a lower limit for each part; they are mixed through a small room
//! and a limiter. The synth costs little, so that a phrase can be played at once anywhere.
//!
//! # Threads
//!
//! [`Synth::new`] allocates everything; all other methods may run on the audio thread. A [`Synth`] belongs to one
//! thread at a time.
//!
//! # Invariants
//!
//! Samples are finite and within ±1. The sound depends on events and their samples, never on block sizes. Once all
//! notes and the room have died away the output is exactly 0, and the state is that of a new synth or after
//! [`Synth::reset`]: the same notes sound the same, sample by sample.
//!
//! # Source
//!
//! Wave tables and filter coefficients are fundsp's; its graphs are not used.

mod drums;
mod dsp;
mod effects;
mod envelope;
mod pool;
mod rack;
mod voices;

use std::sync::Arc;

use crate::music::phrase::{Part, Phrase};
use crate::music::pitch::Pitch;
use crate::player::{
    Action, Cause, Clip, HostTime, Mode, Monitor, Player, PlayerEvent, Settings, TempoSource, clip_channel,
};

use drums::Drum;
use effects::{Chorus, Room, limit};
use pool::{CHUNK, Instrument, Pool, Source, Tag};
use rack::Rack;

pub use rack::Sound;

/// A synth for the five parts.
pub struct Synth {
    drums: Pool<Drum>,
    bass: Rack,
    chords: Rack,
    arpeggio: Rack,
    melody: Rack,
    /// Notes started so far.
    n_notes: u64,
    /// Linear factors, indexed by `[part_idx]`.
    gains: [Smooth; 5],
    /// Pan between left (-1) and right (1), indexed by `[part_idx]`.
    pans: [Smooth; 5],
    chorus: Chorus,
    room: Room,
    /// The musician's sustain pedal.
    is_pedal_down: bool,
    /// Whether anything sounds or rings on; saves asking every part while nothing does.
    is_awake: bool,
}

/// Send levels of the parts to the room, indexed by `[part_idx]`.
const SENDS: [f32; 5] = [0.06, 0.015, 0.16, 0.24, 0.18];

/// Level of the whole: five parts at full voice seldom reach the limiter's knee.
const MASTER: f32 = 0.75;

/// Most voices that sound at once, not counting those that fade.
const MAX_VOICES: usize = 16;

/// Time constant of a change of gain or pan, in seconds.
const SMOOTHING_SECONDS: f32 = 0.01;

/// The longest tail [`render`] waits for, in seconds after the last event.
const MAX_TAIL_SECONDS: f64 = 8.0;

impl Synth {
    /// A silent synth. `sample_rate` — hertz, clamped to `8_000.0..=384_000.0`. Allocates.
    pub fn new(sample_rate: f32) -> Self {
        let rate = if sample_rate.is_nan() { 48_000.0 } else { sample_rate.clamp(8_000.0, 384_000.0) };
        Self {
            drums: Pool::new(10, rate, || Drum::new(rate)),
            bass: Rack::new(Sound::Bass, 2, rate),
            chords: Rack::new(Sound::Pad, 10, rate),
            arpeggio: Rack::new(Sound::Pluck, 6, rate),
            melody: Rack::new(Sound::Keys, 8, rate),
            n_notes: 0,
            gains: [Smooth::new(1.0, rate); 5],
            pans: [Smooth::new(0.0, rate); 5],
            chorus: Chorus::new(rate),
            room: Room::new(rate),
            is_pedal_down: false,
            is_awake: false,
        }
    }

    /// Starts a note of `part` at the next sample. `velocity` — clamped to `1..=127`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_on(&mut self, part: Part, pitch: Pitch, velocity: u8) {
        let pitch = pitch.number();
        if part.is_drums() {
            self.drums.choke(&|sounding| drums::chokes(pitch, sounding));
        }
        self.start(part, Tag { pitch, source: Source::Phrase }, velocity);
    }

    /// Starts a note that a musician plays along with the phrase, in the melody's sound. It is independent of a note of
    /// the melody of the same pitch. `velocity` — clamped to `1..=127`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn live_note_on(&mut self, pitch: Pitch, velocity: u8) {
        self.start(Part::Melody, Tag { pitch: pitch.number(), source: Source::Live }, velocity);
    }

    fn start(&mut self, part: Part, tag: Tag, velocity: u8) {
        self.steal_if_full();
        self.n_notes += 1;
        let age = self.n_notes;
        if self.instrument(part).is_idle() {
            // Nothing sounds, so the change needs no smoothing.
            self.gains[part.index()].settle();
            self.pans[part.index()].settle();
        }
        self.instrument(part).note_on(tag, f32::from(velocity.clamp(1, 127)) / 127.0, age);
        self.is_awake = true;
    }

    /// Steals a voice if none is free: the oldest that was released, else the oldest that the pedal holds, else the
    /// oldest.
    fn steal_if_full(&mut self) {
        if self.instruments().into_iter().map(Instrument::n_sounding).sum::<usize>() < MAX_VOICES {
            return;
        }
        let victim =
            Part::ALL.into_iter().filter_map(|part| Some((self.instrument(part).dispensable()?, part))).min();
        if let Some((_, part)) = victim {
            self.instrument(part).steal();
        }
    }

    /// Releases a note of `part` at the next sample. Drums ring on.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn note_off(&mut self, part: Part, pitch: Pitch) {
        if !part.is_drums() {
            self.instrument(part).note_off(Tag { pitch: pitch.number(), source: Source::Phrase });
        }
    }

    /// Releases a note of the musician at the next sample; while the pedal is down, it holds the note.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn live_note_off(&mut self, pitch: Pitch) {
        let tag = Tag { pitch: pitch.number(), source: Source::Live };
        if self.is_pedal_down { self.melody.key_up(tag) } else { self.melody.note_off(tag) }
    }

    /// Moves the musician's sustain pedal at the next sample: down, it holds the musician's notes whose keys go up; up,
    /// it releases them. It has no effect on the phrase's notes.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_pedal(&mut self, is_down: bool) {
        if self.is_pedal_down && !is_down {
            self.melody.lift_pedal();
        }
        self.is_pedal_down = is_down;
    }

    /// Cuts the notes of `pitch` of `part` short, of the phrase and of the musician: they are silent within a few
    /// milliseconds, without a click, whereas after [`Self::note_off`] they die away and drums ring on. The
    /// reverberation stays.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn choke(&mut self, part: Part, pitch: Pitch) {
        let pitch = pitch.number();
        self.instrument(part).choke(&|sounding| sounding == pitch);
    }

    /// Releases every note of every part, drums and the musician's included, and lifts the pedal.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn all_notes_off(&mut self) {
        self.is_pedal_down = false;
        for part in Part::ALL {
            self.instrument(part).all_notes_off();
        }
    }

    /// Falls silent at once, the room included, and lifts the pedal, for a host that is about to play or render from
    /// another place: the output after it does not depend on anything before. Sounds, levels and pans stay.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        for part in Part::ALL {
            self.instrument(part).reset();
        }
        self.chorus.reset();
        self.room.reset();
        self.is_pedal_down = false;
        self.is_awake = false;
    }

    /// Sets the sound of the next notes of `part`; its sounding notes are released. Ignored for drums.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_sound(&mut self, part: Part, sound: Sound) {
        match part {
            Part::Drums => {}
            Part::Bass => self.bass.set_sound(sound),
            Part::Chords => self.chords.set_sound(sound),
            Part::Arpeggio => self.arpeggio.set_sound(sound),
            Part::Melody => self.melody.set_sound(sound),
        }
    }

    /// Sets the level of `part`: a linear factor, clamped to `0.0..=4.0`, reached smoothly.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_gain(&mut self, part: Part, gain: f32) {
        self.gains[part.index()].target = if gain.is_nan() { 1.0 } else { gain.clamp(0.0, 4.0) };
    }

    /// Sets the pan of `part`: from -1, left only, over 0, unchanged, to 1, right only; clamped to that range and
    /// reached smoothly.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn set_pan(&mut self, part: Part, pan: f32) {
        self.pans[part.index()].target = if pan.is_nan() { 0.0 } else { pan.clamp(-1.0, 1.0) };
    }

    /// Whether nothing sounds and nothing rings on: the output stays 0 until the next note.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn is_silent(&self) -> bool {
        !self.is_awake
    }

    /// Overwrites `left` and `right`, of equal length, with the next samples.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn process(&mut self, left: &mut [f32], right: &mut [f32]) {
        if self.is_silent() {
            left.fill(0.0);
            right.fill(0.0);
            return;
        }
        for (left, right) in left.chunks_mut(CHUNK).zip(right.chunks_mut(CHUNK)) {
            self.process_chunk(left, right);
        }
    }

    fn process_chunk(&mut self, left: &mut [f32], right: &mut [f32]) {
        let n_samples = left.len().min(right.len());
        let mut direct = [[0.0_f32; 2]; CHUNK];
        let mut sent = [[0.0_f32; 2]; CHUNK];
        for part in Part::ALL {
            // The chorus of the chords has a tail.
            if self.instrument(part).is_idle() && (part != Part::Chords || self.chorus.is_empty()) {
                continue;
            }
            let (mut part_left, mut part_right) = ([0.0_f32; CHUNK], [0.0_f32; CHUNK]);
            self.instrument(part).add_to(&mut part_left[..n_samples], &mut part_right[..n_samples]);
            let send = SENDS[part.index()];
            for idx in 0..n_samples {
                let gain = self.gains[part.index()].tick();
                let pan = self.pans[part.index()].tick();
                // In the middle both factors are 1, which changes no bit.
                let [near_left, near_right] = [(1.0 - pan).min(1.0), (1.0 + pan).min(1.0)];
                let mut sample = [part_left[idx] * gain * near_left, part_right[idx] * gain * near_right];
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
        self.is_awake = !self.room.is_asleep()
            || !self.chorus.is_empty()
            || !self.instruments().into_iter().all(Instrument::is_idle);
    }

    fn instruments(&self) -> [&dyn Instrument; 5] {
        [&self.drums, &self.bass, &self.chords, &self.arpeggio, &self.melody]
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

/// A value that approaches its target exponentially.
#[derive(Debug, Clone, Copy)]
struct Smooth {
    now: f32,
    target: f32,
    /// Share of the remaining distance covered per sample.
    rate: f32,
}

impl Smooth {
    fn new(value: f32, sample_rate: f32) -> Self {
        Self { now: value, target: value, rate: 1.0 / (SMOOTHING_SECONDS * sample_rate) }
    }

    /// Jumps to the target.
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

/// Renders `phrase` once, at its tempo, until the last note has died away; returns left and right, of equal length.
///
/// `sample_rate` — hertz. Events fall on the nearest sample: the phrase is played by a [`Player`] on its own clock.
pub fn render(phrase: &Phrase, sample_rate: u32) -> (Vec<f32>, Vec<f32>) {
    let rate = f64::from(sample_rate).clamp(8_000.0, 384_000.0);
    let tempo = f64::from(phrase.frame().tempo);
    let end = to_sample(phrase.frame().duration().to_beats() * 60.0 / tempo * rate);
    let settings =
        Settings { mode: Mode::Free, tempo, tempo_source: TempoSource::Knob, ..Settings::default() };

    let (mut sender, receiver) = clip_channel();
    let mut player = Player::new(receiver, Arc::new(Monitor::new()));
    player.set_sample_rate(narrowed(rate));
    // A new queue has room.
    let _ = sender.send(Clip::new(0, Cause::Chosen, phrase));

    let mut synth = Synth::new(narrowed(rate));
    let (mut left, mut right) = (Vec::new(), Vec::new());
    while left.len() < end {
        let start = left.len();
        let n_samples = BLOCK.min(u32::try_from(end - start).unwrap_or(BLOCK));
        let events = player.process(&HostTime::default(), &settings, &[], n_samples);
        play(&mut synth, events, n_samples, &mut left, &mut right);
    }
    // Notes that last to the end of the phrase are released there.
    play(&mut synth, player.release_all(), 0, &mut left, &mut right);
    let last = end + to_sample(MAX_TAIL_SECONDS * rate);
    while left.len() < last && !synth.is_silent() {
        play(&mut synth, &[], TAIL_BLOCK, &mut left, &mut right);
    }
    (left, right)
}

/// Samples of a block of [`render`].
const BLOCK: u32 = 4096;

/// Samples between two checks whether the sound has died away.
const TAIL_BLOCK: u32 = 32;

/// Renders a block of `n_samples` with `events` and appends it to `left` and `right`.
fn play(
    synth: &mut Synth,
    events: &[PlayerEvent],
    n_samples: u32,
    left: &mut Vec<f32>,
    right: &mut Vec<f32>,
) {
    let mut at = 0;
    let mut play_until = |synth: &mut Synth, offset: u32| {
        let start = left.len();
        let n_new = (offset - at) as usize;
        left.resize(start + n_new, 0.0);
        right.resize(start + n_new, 0.0);
        synth.process(&mut left[start..], &mut right[start..]);
        at = offset;
    };
    for event in events {
        play_until(synth, event.offset);
        let Some(part) = event.part else { continue };
        match event.action {
            Action::On { velocity } => synth.note_on(part, event.pitch, velocity),
            Action::Off => synth.note_off(part, event.pitch),
        }
    }
    play_until(synth, n_samples);
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
