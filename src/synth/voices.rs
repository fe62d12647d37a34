//! The four tonal timbres: keys for the melody, a warm pad for chords, a round bass and a pluck for arpeggios.
//!
//! Each gets louder and brighter with velocity, and duller towards the top of its range, where harmonics would be
//! shrill. Gains are set so that the parts balance at equal velocities.

use std::sync::Arc;

use fundsp::wavetable::{Wavetable, saw_table, soft_saw_table};

use super::dsp::{Band, CONTROL_PERIOD, Filter, Phase, decay_factor, frequency, saturate, sine};
use super::envelope::Shape;
use super::pool::{NoteStart, Timbre};

/// Electric piano: a sine whose phase is bent by another of the same frequency, and a short bell on the attack.
pub struct Keys {
    sample_rate: f32,
    carrier: Phase,
    bell: Phase,
    /// Bend of the phase, in cycles; falls to `bend_rest`.
    bend: f32,
    bend_rest: f32,
    bend_decay: f32,
    bell_level: f32,
    bell_decay: f32,
}

impl Keys {
    /// A silent voice.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            carrier: Phase::default(),
            bell: Phase::default(),
            bend: 0.0,
            bend_rest: 0.0,
            bend_decay: 0.0,
            bell_level: 0.0,
            bell_decay: 0.0,
        }
    }
}

impl Timbre for Keys {
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart {
        let pitch = f32::from(pitch);
        let hz = frequency(pitch);
        let brightness = darkening(pitch, 60.0, 40.0);
        self.carrier = Phase::new(hz, self.sample_rate);
        // An inharmonic partial above the sixth, like that of a tine; left out where it would alias.
        let bell_hz = 6.27 * hz;
        self.bell = Phase::new(bell_hz, self.sample_rate);
        self.bell_level =
            if bell_hz < 0.4 * self.sample_rate { 0.14 * velocity * velocity * brightness } else { 0.0 };
        self.bell_decay = decay_factor(0.35, self.sample_rate);
        self.bend = (0.06 + 0.24 * velocity) * brightness;
        self.bend_rest = 0.35 * self.bend;
        self.bend_decay = decay_factor(1.6, self.sample_rate);
        let decay = 7.0 * ((48.0 - pitch) / 24.0).exp2().clamp(0.12, 2.0);
        NoteStart {
            shape: Shape { attack: 0.0015, decay, sustain: 0.0, release: 0.28 },
            gain: 0.46 * loudness(velocity),
            pan: (pitch - 66.0) / 120.0,
        }
    }

    fn fill(&mut self, out: &mut [f32]) {
        for sample in out {
            let phase = self.carrier.advance();
            let body = sine(phase + self.bend * sine(phase));
            *sample = body + self.bell_level * sine(self.bell.advance());
            self.bend = self.bend_rest + (self.bend - self.bend_rest) * self.bend_decay;
            self.bell_level *= self.bell_decay;
            // Inaudible, and far above the smallest normal number.
            if self.bell_level < 1e-6 {
                self.bell_level = 0.0;
            }
        }
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.carrier.show(see);
        self.bell.show(see);
        see("bend", self.bend);
        see("bend above rest", self.bend - self.bend_rest);
        see("bell", self.bell_level);
    }
}

/// An oscillator that plays one band-limited wave of a table.
struct Wave {
    table: Arc<Wavetable>,
    table_idx: usize,
    phase: Phase,
}

impl Wave {
    fn new(table: Arc<Wavetable>) -> Self {
        Self { table, table_idx: 1, phase: Phase::default() }
    }

    /// Starts at phase 0. The frequency does not change during a note, so one table serves it throughout.
    fn start(&mut self, hz: f32, sample_rate: f32) {
        // The table after the indexed one is free of aliases up to its own pitch.
        self.table_idx = self.table.table_index(0, hz) + 1;
        self.phase = Phase::new(hz, sample_rate);
    }

    #[inline]
    fn tick(&mut self) -> f32 {
        self.table.at(self.table_idx, self.phase.advance())
    }
}

/// A low-pass filter whose cutoff falls exponentially to a rest, updated every [`CONTROL_PERIOD`] samples.
struct Sweep {
    sample_rate: f32,
    filter: Filter,
    /// The present distance of the cutoff from `rest`, in hertz.
    opening: f32,
    rest: f32,
    q: f32,
    /// Factor per control period.
    decay: f32,
    countdown: u8,
}

impl Sweep {
    fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            filter: Filter::default(),
            opening: 0.0,
            rest: 1000.0,
            q: 0.7,
            decay: 0.0,
            countdown: 0,
        }
    }

    /// Opens to `rest + opening` hertz and closes by 60 dB of the difference in `seconds`.
    fn start(&mut self, rest: f32, opening: f32, seconds: f32, q: f32) {
        self.filter.reset();
        (self.rest, self.opening, self.q) = (rest, opening, q);
        self.decay = decay_factor(seconds, self.sample_rate / f32::from(CONTROL_PERIOD));
        self.countdown = 0;
    }

    #[inline]
    fn tick(&mut self, input: f32) -> f32 {
        if self.countdown == 0 {
            self.countdown = CONTROL_PERIOD;
            self.filter.tune(Band::Low, self.rest + self.opening, self.q, self.sample_rate);
            self.opening *= self.decay;
            // Too small to change the sum.
            if self.opening < 1e-6 {
                self.opening = 0.0;
            }
        }
        self.countdown -= 1;
        self.filter.tick(input)
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        see("opening", self.opening);
        self.filter.show(see);
    }
}

/// Warm pad: a soft saw and a fainter one a few cents above it through a low-pass filter.
pub struct Pad {
    sample_rate: f32,
    waves: [Wave; 2],
    sweep: Sweep,
}

/// Distance of each of the pad's waves from the note, in semitones, and their levels. Unequal, so that their beating
/// never leaves the note without a pitch; weighted, the distances cancel.
const PAD_DETUNE: [f32; 2] = [-0.0125, 0.0375];
const PAD_LEVELS: [f32; 2] = [0.75, 0.25];

impl Pad {
    /// A silent voice. Allocates the shared wave tables the first time.
    pub fn new(sample_rate: f32) -> Self {
        let waves = [Wave::new(soft_saw_table()), Wave::new(soft_saw_table())];
        Self { sample_rate, waves, sweep: Sweep::new(sample_rate) }
    }
}

impl Timbre for Pad {
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart {
        let pitch = f32::from(pitch);
        let hz = frequency(pitch);
        for (wave, detune) in self.waves.iter_mut().zip(PAD_DETUNE) {
            wave.start(frequency(pitch + detune), self.sample_rate);
        }
        let brightness = darkening(pitch, 64.0, 40.0);
        let rest = hz * (1.5 + 2.0 * velocity * brightness) + 300.0;
        self.sweep.start(rest, hz * 3.0 * velocity * brightness + 200.0, 1.5, 0.6);
        NoteStart {
            shape: Shape { attack: 0.018, decay: 2.5, sustain: 0.7, release: 0.45 },
            gain: 0.29 * loudness(velocity),
            pan: (pitch - 60.0) / 80.0,
        }
    }

    fn fill(&mut self, out: &mut [f32]) {
        let [low, high] = &mut self.waves;
        for sample in out {
            *sample = self.sweep.tick(PAD_LEVELS[0] * low.tick() + PAD_LEVELS[1] * high.tick());
        }
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.sweep.show(see);
        self.waves.iter().for_each(|wave| wave.phase.show(see));
    }
}

/// Round bass: a filtered saw over a sine of the same pitch, gently saturated so that it is audible on small speakers.
pub struct Bass {
    sample_rate: f32,
    saw: Wave,
    body: Phase,
    sweep: Sweep,
}

impl Bass {
    /// A silent voice. Allocates the shared wave tables the first time.
    pub fn new(sample_rate: f32) -> Self {
        let saw = Wave::new(saw_table());
        Self { sample_rate, saw, body: Phase::default(), sweep: Sweep::new(sample_rate) }
    }
}

impl Timbre for Bass {
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart {
        let pitch = f32::from(pitch);
        let hz = frequency(pitch);
        self.saw.start(hz, self.sample_rate);
        self.body = Phase::new(hz, self.sample_rate);
        self.sweep.start(2.0 * hz + 130.0, velocity * (900.0 + 2.0 * hz), 0.45, 0.8);
        NoteStart {
            shape: Shape { attack: 0.004, decay: 1.8, sustain: 0.6, release: 0.12 },
            gain: 0.46 * loudness(velocity),
            pan: 0.0,
        }
    }

    fn fill(&mut self, out: &mut [f32]) {
        for sample in out {
            let saw = self.sweep.tick(self.saw.tick());
            *sample = saturate(0.85 * saw + 0.5 * sine(self.body.advance()));
        }
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.sweep.show(see);
        self.saw.phase.show(see);
        self.body.show(see);
    }
}

/// Pluck: a saw and a soft saw through a filter that closes fast.
pub struct Pluck {
    sample_rate: f32,
    saw: Wave,
    soft: Wave,
    sweep: Sweep,
}

impl Pluck {
    /// A silent voice. Allocates the shared wave tables the first time.
    pub fn new(sample_rate: f32) -> Self {
        let (saw, soft) = (Wave::new(saw_table()), Wave::new(soft_saw_table()));
        Self { sample_rate, saw, soft, sweep: Sweep::new(sample_rate) }
    }
}

impl Timbre for Pluck {
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart {
        let pitch = f32::from(pitch);
        let hz = frequency(pitch);
        self.saw.start(hz, self.sample_rate);
        self.soft.start(hz, self.sample_rate);
        let brightness = darkening(pitch, 66.0, 36.0);
        let opening = hz * (2.0 + 8.0 * velocity) * brightness + 400.0 * velocity;
        self.sweep.start(1.3 * hz + 150.0, opening, 0.5, 0.9);
        let decay = 2.2 * ((60.0 - pitch) / 30.0).exp2().clamp(0.25, 1.6);
        NoteStart {
            shape: Shape { attack: 0.0012, decay, sustain: 0.0, release: 0.35 },
            gain: 0.42 * loudness(velocity),
            pan: (pitch - 69.0) / 50.0,
        }
    }

    fn fill(&mut self, out: &mut [f32]) {
        for sample in out {
            let wave = 0.45 * self.saw.tick() + 0.55 * self.soft.tick();
            *sample = self.sweep.tick(wave);
        }
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.sweep.show(see);
        self.saw.phase.show(see);
        self.soft.phase.show(see);
    }
}

/// Level of a velocity in `(0.0, 1.0]`: about 30 dB from the softest to the loudest.
pub fn loudness(velocity: f32) -> f32 {
    0.03 + 0.97 * velocity * velocity.sqrt()
}

/// 1 up to `from`, halving every `half` semitones above it.
fn darkening(pitch: f32, from: f32, half: f32) -> f32 {
    ((from - pitch) / half).exp2().min(1.0)
}
