//! Signal processing shared by the voices: sine, noise, filters, decay.
//!
//! Phases are in cycles, frequencies in hertz, times in seconds.

use fundsp::svf::SvfCoefs;

/// Adding and taking away 1.5 × 2²³ rounds an `f32` below 2²² to the nearest integer without a library call.
const ROUNDER: f32 = 12_582_912.0;

/// Samples between two updates of slow parameters, such as a filter's cutoff. Each voice counts from its own start, so
/// that the sound does not depend on the host's block sizes.
pub const CONTROL_PERIOD: u8 = 32;

/// The sine of `phase` cycles, `|phase| < 1000`; the error is below 4e-6.
#[inline]
pub fn sine(phase: f32) -> f32 {
    let folded = phase - ((phase + ROUNDER) - ROUNDER);
    let quarter = 0.25 - (folded.abs() - 0.25).abs();
    let z = (std::f32::consts::TAU * quarter).copysign(folded);
    let z2 = z * z;
    z * (1.0 + z2 * (-1.0 / 6.0 + z2 * (1.0 / 120.0 + z2 * (-1.0 / 5040.0 + z2 * (1.0 / 362_880.0)))))
}

/// Frequency of MIDI note `pitch`, equal temperament, A4 (69) = 440 Hz.
pub fn frequency(pitch: f32) -> f32 {
    440.0 * ((pitch - 69.0) / 12.0).exp2()
}

/// The factor per sample of an exponential decay that falls by 60 dB in `seconds`.
pub fn decay_factor(seconds: f32, sample_rate: f32) -> f32 {
    (0.001_f32.ln() / (seconds * sample_rate)).exp()
}

/// Soft saturation: slope 1 at zero, at most ±1.
#[inline]
pub fn saturate(x: f32) -> f32 {
    let x = x.clamp(-1.5, 1.5);
    x - (4.0 / 27.0) * x * x * x
}

/// Levels below this count as 0: -300 dB. It is far enough above the smallest normal `f32`, 1e-38, that products and
/// differences of levels in use stay normal.
const NOTHING: f32 = 1e-15;

/// `x`, or 0 if it is below [`NOTHING`]. All feedback passes through here; otherwise it would decay to denormal numbers,
/// with which many processors compute a hundred times more slowly.
#[inline]
pub fn settled(x: f32) -> f32 {
    if x.abs() < NOTHING { 0.0 } else { x }
}

/// The phase of an oscillator.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phase {
    /// In `0.0..1.0` cycles.
    at: f32,
    /// Cycles per sample, `0.0..0.5`.
    step: f32,
}

impl Phase {
    /// A phase at 0 running at `hz`, held below half of `sample_rate`.
    pub fn new(hz: f32, sample_rate: f32) -> Self {
        let mut phase = Self::default();
        phase.set_frequency(hz, sample_rate);
        phase
    }

    /// The same phase, `at` cycles into its first turn.
    pub fn starting_at(mut self, at: f32) -> Self {
        self.at = at.clamp(0.0, 0.999);
        self
    }

    /// Goes back to 0.
    #[inline]
    pub fn restart(&mut self) {
        self.at = 0.0;
    }

    /// Changes the frequency to `hz`, without a jump.
    #[inline]
    pub fn set_frequency(&mut self, hz: f32, sample_rate: f32) {
        self.step = (hz / sample_rate).clamp(0.0, 0.49);
    }

    /// Returns the phase, in `0.0..1.0`, then advances it by a sample.
    #[inline]
    pub fn advance(&mut self) -> f32 {
        let now = self.at;
        self.at += self.step;
        if self.at >= 1.0 {
            self.at -= 1.0;
        }
        now
    }

    /// Calls `see` with the name and value of each state variable.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        see("phase", self.at);
        see("frequency", self.step);
    }
}

/// White noise in `-1.0..1.0`, from Marsaglia's xorshift with the shifts 13, 17, 5.
#[derive(Debug, Clone, Copy)]
pub struct Noise(u32);

impl Noise {
    /// Noise from any `seed`.
    pub const fn new(seed: u32) -> Self {
        Self(seed | 1)
    }

    /// The noise of a drum stroke. It depends on key and velocity alone, not on the voice or on earlier notes, so that a
    /// stroke sounds the same in playback and in a bounce. Strokes of another key or velocity have another noise.
    ///
    /// `key` — MIDI note number; `velocity` — in `(0.0, 1.0]`.
    ///
    /// # Source
    ///
    /// The bits are mixed by the finaliser of Appleby's MurmurHash3.
    pub const fn of_stroke(key: u8, velocity: f32) -> Self {
        let mut seed = velocity.to_bits() ^ ((key as u32) << 24);
        seed = (seed ^ (seed >> 16)).wrapping_mul(0x85eb_ca6b);
        seed = (seed ^ (seed >> 13)).wrapping_mul(0xc2b2_ae35);
        Self::new(seed ^ (seed >> 16))
    }

    /// The next sample.
    #[inline]
    pub fn tick(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        // The upper 23 bits as the fraction of a float in 2.0..4.0.
        f32::from_bits((self.0 >> 9) | 0x4000_0000) - 3.0
    }
}

/// The pass band of a [`Filter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Band {
    /// Below the cutoff.
    Low,
    /// Around the centre; the gain there is the filter's q.
    Middle,
    /// Above the cutoff.
    High,
}

/// A state-variable filter of second order; the coefficients are fundsp's.
#[derive(Clone, Default)]
pub struct Filter {
    coefficients: SvfCoefs<f32>,
    first: f32,
    second: f32,
}

impl Filter {
    /// Clears the state and keeps the coefficients.
    pub fn reset(&mut self) {
        (self.first, self.second) = (0.0, 0.0);
    }

    /// Tunes the filter to `hz`, clamped to the range that `sample_rate` allows. `q` — 0.707 is flat.
    pub fn tune(&mut self, band: Band, hz: f32, q: f32, sample_rate: f32) {
        let hz = hz.clamp(10.0, 0.45 * sample_rate);
        self.coefficients = match band {
            Band::Low => SvfCoefs::lowpass(sample_rate, hz, q),
            Band::Middle => SvfCoefs::bandpass(sample_rate, hz, q),
            Band::High => SvfCoefs::highpass(sample_rate, hz, q),
        };
    }

    /// Filters a sample.
    #[inline]
    pub fn tick(&mut self, input: f32) -> f32 {
        let c = &self.coefficients;
        let rest = input - self.second;
        let middle = c.a1 * self.first + c.a2 * rest;
        let low = self.second + c.a2 * self.first + c.a3 * rest;
        self.first = 2.0 * middle - self.first;
        self.second = 2.0 * low - self.second;
        c.m0 * input + c.m1 * middle + c.m2 * low
    }

    /// Calls `see` with the name and value of each state variable.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        see("filter", self.first);
        see("filter", self.second);
    }
}

/// A low-pass filter of first order.
#[derive(Debug, Clone, Copy)]
pub struct OnePole {
    value: f32,
    /// Feedback factor.
    past: f32,
}

impl OnePole {
    /// A filter at rest with its cutoff at `hz`.
    pub fn new(hz: f32, sample_rate: f32) -> Self {
        Self { value: 0.0, past: (-std::f32::consts::TAU * hz / sample_rate).exp() }
    }

    /// Forgets the past.
    pub fn reset(&mut self) {
        self.value = 0.0;
    }

    /// Filters a sample.
    #[inline]
    pub fn tick(&mut self, input: f32) -> f32 {
        self.value = settled((1.0 - self.past) * input + self.past * self.value);
        self.value
    }

    /// Calls `see` with the name and value of each state variable.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        see("one-pole filter", self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sine_is_a_sine() {
        for idx in -4000_i16..4000 {
            let phase = f32::from(idx) / 997.0;
            let exact = (f64::from(phase) * std::f64::consts::TAU).sin();
            assert!((f64::from(sine(phase)) - exact).abs() < 4e-6, "{phase}");
        }
    }

    #[test]
    fn noise_is_centred_and_in_range() {
        let mut noise = Noise::new(7);
        let samples: Vec<f64> = (0..100_000).map(|_| f64::from(noise.tick())).collect();
        assert!(samples.iter().all(|x| (-1.0..1.0).contains(x)));
        assert!((samples.iter().sum::<f64>() / 1e5).abs() < 0.01);
        assert!((samples.iter().map(|x| x * x).sum::<f64>() / 1e5 - 1.0 / 3.0).abs() < 0.01);
    }

    #[test]
    fn decay_falls_by_sixty_decibels() {
        let factor = f64::from(decay_factor(0.5, 48_000.0));
        assert!((factor.powi(24_000) - 0.001).abs() < 2e-5);
    }
}
