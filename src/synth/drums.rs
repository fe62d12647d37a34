//! A synthesised drum kit: each voice is a mixture of a tone, a burst of noise and a metallic clang.
//!
//! Every General MIDI percussion key, 27 to 87, is one of the recipes in [`recipe`], some of them tuned. Other keys
//! sound as a side stick.

use super::dsp::{Band, Filter, Noise, Phase, decay_factor, saturate, sine};
use super::envelope::Shape;
use super::pool::{NoteStart, Timbre};
use super::voices::loudness;

/// The mixture that makes one drum. Levels are linear; a level of 0 leaves the source out.
#[derive(Debug, Clone, Copy)]
struct Recipe {
    /// Linear gain of the whole.
    gain: f32,
    /// Pan between left (-1) and right (1).
    pan: f32,
    /// Seconds of attack.
    attack: f32,
    tone: Tone,
    noise: Burst,
    clang: Clang,
}

/// A sine with falling frequency, and its second partial.
#[derive(Debug, Clone, Copy)]
struct Tone {
    level: f32,
    /// Frequency at the onset and at rest, in hertz.
    from: f32,
    to: f32,
    /// Seconds in which the distance between the two falls by 60 dB.
    sweep: f32,
    /// Seconds to -60 dB.
    decay: f32,
    /// Frequency of the second partial as a multiple, and its level.
    second: (f32, f32),
}

/// Filtered noise.
#[derive(Debug, Clone, Copy)]
struct Burst {
    level: f32,
    band: Band,
    hz: f32,
    q: f32,
    /// Seconds to -60 dB.
    decay: f32,
    /// Number of repeats before the last burst, which rings out, and the seconds between them.
    repeats: (u8, f32),
}

/// Six square waves without a common fundamental, through a high-pass filter.
#[derive(Debug, Clone, Copy)]
struct Clang {
    level: f32,
    /// Hertz of the lowest square.
    hz: f32,
    /// Cutoff of the high-pass filter, in hertz.
    above: f32,
    /// Seconds to -60 dB.
    decay: f32,
}

/// Frequencies of the squares over the lowest: no two in a simple ratio.
const CLANG_RATIOS: [f32; 6] = [1.0, 1.342, 1.767, 2.113, 2.618, 3.319];

/// Level of the kit among the parts.
const KIT: f32 = 1.4;

const NO_TONE: Tone = Tone { level: 0.0, from: 100.0, to: 100.0, sweep: 0.1, decay: 0.1, second: (1.0, 0.0) };
const NO_NOISE: Burst =
    Burst { level: 0.0, band: Band::High, hz: 1000.0, q: 0.7, decay: 0.1, repeats: (0, 0.01) };
const NO_CLANG: Clang = Clang { level: 0.0, hz: 400.0, above: 5000.0, decay: 0.1 };
const BLANK: Recipe =
    Recipe { gain: 1.0, pan: 0.0, attack: 0.0004, tone: NO_TONE, noise: NO_NOISE, clang: NO_CLANG };

const KICK: Recipe = Recipe {
    gain: 0.72,
    tone: Tone { level: 1.25, from: 190.0, to: 49.0, sweep: 0.13, decay: 0.55, second: (1.0, 0.0) },
    noise: Burst { level: 0.12, band: Band::Low, hz: 2800.0, decay: 0.03, ..NO_NOISE },
    ..BLANK
};
const SNARE: Recipe = Recipe {
    gain: 0.66,
    pan: -0.05,
    tone: Tone { level: 0.6, from: 230.0, to: 182.0, sweep: 0.08, decay: 0.2, second: (1.79, 0.45) },
    noise: Burst { level: 0.75, band: Band::Middle, hz: 3200.0, q: 0.55, decay: 0.26, repeats: (0, 0.01) },
    ..BLANK
};
const STICK: Recipe = Recipe {
    gain: 0.5,
    pan: -0.1,
    tone: Tone { level: 0.8, from: 1720.0, to: 1640.0, sweep: 0.02, decay: 0.06, second: (0.47, 0.5) },
    noise: Burst { level: 0.5, band: Band::Middle, hz: 2600.0, q: 1.2, decay: 0.04, repeats: (0, 0.01) },
    ..BLANK
};
const CLAP: Recipe = Recipe {
    gain: 1.0,
    pan: 0.08,
    noise: Burst { level: 1.0, band: Band::Middle, hz: 1250.0, q: 1.3, decay: 0.24, repeats: (3, 0.011) },
    ..BLANK
};
const CLOSED_HAT: Recipe = Recipe {
    gain: 0.95,
    pan: 0.22,
    noise: Burst { level: 0.45, band: Band::Middle, hz: 8600.0, q: 0.8, decay: 0.075, repeats: (0, 0.01) },
    clang: Clang { level: 0.5, hz: 317.0, above: 6800.0, decay: 0.085 },
    ..BLANK
};
const OPEN_HAT: Recipe = Recipe {
    gain: 0.72,
    noise: Burst { decay: 0.55, ..CLOSED_HAT.noise },
    clang: Clang { decay: 0.65, ..CLOSED_HAT.clang },
    ..CLOSED_HAT
};
const PEDAL_HAT: Recipe = Recipe {
    gain: 0.95,
    attack: 0.002,
    noise: Burst { decay: 0.06, hz: 7000.0, ..CLOSED_HAT.noise },
    clang: Clang { decay: 0.06, ..CLOSED_HAT.clang },
    ..CLOSED_HAT
};
const TOM: Recipe = Recipe {
    gain: 0.52,
    tone: Tone { level: 1.0, from: 160.0, to: 100.0, sweep: 0.2, decay: 0.5, second: (1.59, 0.2) },
    noise: Burst { level: 0.12, band: Band::Low, hz: 1800.0, decay: 0.05, ..NO_NOISE },
    ..BLANK
};
const HAND_DRUM: Recipe = Recipe {
    gain: 0.45,
    tone: Tone { level: 1.0, from: 125.0, to: 100.0, sweep: 0.06, decay: 0.26, second: (1.71, 0.25) },
    noise: Burst { level: 0.2, band: Band::Middle, hz: 1900.0, q: 0.9, decay: 0.03, repeats: (0, 0.01) },
    ..BLANK
};
const CRASH: Recipe = Recipe {
    gain: 0.7,
    pan: -0.25,
    attack: 0.001,
    noise: Burst { level: 0.6, band: Band::Middle, hz: 6200.0, q: 0.6, decay: 1.5, repeats: (0, 0.01) },
    clang: Clang { level: 0.4, hz: 283.0, above: 3800.0, decay: 1.9 },
    ..BLANK
};
const RIDE: Recipe = Recipe {
    gain: 0.6,
    pan: 0.3,
    tone: Tone { level: 0.12, from: 3130.0, to: 3130.0, sweep: 0.1, decay: 0.4, second: (1.47, 0.6) },
    noise: Burst { level: 0.25, band: Band::Middle, hz: 7500.0, q: 0.9, decay: 0.5, repeats: (0, 0.01) },
    clang: Clang { level: 0.42, hz: 391.0, above: 5200.0, decay: 1.1 },
    ..BLANK
};
const RIDE_BELL: Recipe = Recipe {
    gain: 0.36,
    tone: Tone { level: 0.5, from: 842.0, to: 842.0, sweep: 0.1, decay: 0.8, second: (2.76, 0.55) },
    clang: Clang { level: 0.25, ..RIDE.clang },
    ..RIDE
};
const COWBELL: Recipe = Recipe {
    gain: 0.3,
    pan: 0.15,
    tone: Tone { level: 1.1, from: 547.0, to: 540.0, sweep: 0.05, decay: 0.3, second: (1.49, 0.8) },
    clang: Clang { level: 0.12, hz: 540.0, above: 1500.0, decay: 0.1 },
    ..BLANK
};
const WOOD: Recipe = Recipe {
    gain: 0.42,
    pan: 0.2,
    tone: Tone { level: 1.0, from: 1060.0, to: 1000.0, sweep: 0.02, decay: 0.09, second: (2.3, 0.3) },
    ..BLANK
};
const SHAKER: Recipe = Recipe {
    gain: 0.75,
    pan: -0.25,
    attack: 0.011,
    noise: Burst { level: 0.9, band: Band::Middle, hz: 6800.0, q: 1.1, decay: 0.12, repeats: (0, 0.01) },
    ..BLANK
};
const TAMBOURINE: Recipe = Recipe {
    gain: 0.7,
    pan: -0.2,
    noise: Burst { level: 0.4, band: Band::Middle, hz: 8200.0, q: 0.9, decay: 0.18, repeats: (1, 0.018) },
    clang: Clang { level: 0.4, hz: 521.0, above: 7200.0, decay: 0.22 },
    ..BLANK
};
const TRIANGLE: Recipe = Recipe {
    gain: 0.13,
    pan: 0.3,
    tone: Tone { level: 0.8, from: 4120.0, to: 4120.0, sweep: 0.1, decay: 1.7, second: (1.53, 0.5) },
    ..BLANK
};
const GUIRO: Recipe = Recipe {
    gain: 0.55,
    pan: 0.2,
    noise: Burst { level: 0.9, band: Band::Middle, hz: 3400.0, q: 2.0, decay: 0.06, repeats: (5, 0.016) },
    ..BLANK
};
const WHISTLE: Recipe = Recipe {
    gain: 0.2,
    pan: -0.1,
    attack: 0.008,
    tone: Tone { level: 0.9, from: 2250.0, to: 2310.0, sweep: 0.1, decay: 0.35, second: (1.02, 0.6) },
    noise: Burst { level: 0.2, band: Band::Middle, hz: 4600.0, q: 2.0, decay: 0.2, repeats: (0, 0.01) },
    ..BLANK
};

impl Recipe {
    /// The drum with its tone at `hz`.
    const fn tuned(mut self, hz: f32) -> Self {
        self.tone.from *= hz / self.tone.to;
        self.tone.to = hz;
        self
    }

    /// The drum ringing `factor` times as long.
    const fn longer(mut self, factor: f32) -> Self {
        self.tone.decay *= factor;
        self.noise.decay *= factor;
        self.clang.decay *= factor;
        self
    }

    const fn panned(mut self, pan: f32) -> Self {
        self.pan = pan;
        self
    }

    const fn repeated(mut self, n: u8, seconds: f32) -> Self {
        self.noise.repeats = (n, seconds);
        self
    }
}

/// The drum on General MIDI percussion key `key`. Longer than other functions: a row for each key.
const fn recipe(key: u8) -> Recipe {
    match key {
        27 => WOOD.tuned(1500.0).longer(0.8),
        28 => CLAP.repeated(0, 0.01),
        29 => GUIRO.repeated(2, 0.02),
        30 => GUIRO.repeated(3, 0.014),
        32 | 33 => WOOD.tuned(1900.0).longer(0.5),
        34 => TRIANGLE.tuned(2300.0).longer(0.5),
        35 => KICK.tuned(45.0),
        36 => KICK,
        38 => SNARE,
        39 => CLAP,
        40 => SNARE.tuned(210.0).longer(0.8),
        41 => TOM.tuned(78.0).panned(0.3),
        42 => CLOSED_HAT,
        43 => TOM.tuned(92.0).panned(0.2),
        44 => PEDAL_HAT,
        45 => TOM.tuned(108.0).panned(0.1),
        46 => OPEN_HAT,
        47 => TOM.tuned(124.0),
        48 => TOM.tuned(146.0).panned(-0.1),
        49 => CRASH,
        50 => TOM.tuned(170.0).panned(-0.2),
        51 => RIDE,
        52 => CRASH.longer(0.7).panned(0.3),
        53 => RIDE_BELL,
        54 => TAMBOURINE,
        55 => CRASH.longer(0.45).panned(-0.1),
        56 => COWBELL,
        57 => CRASH.longer(1.15).panned(0.25),
        58 => GUIRO.repeated(12, 0.03),
        59 => RIDE.longer(1.2).panned(0.2),
        60 => HAND_DRUM.tuned(390.0).longer(0.6),
        61 => HAND_DRUM.tuned(300.0).longer(0.7),
        62 => HAND_DRUM.tuned(250.0).longer(0.35),
        63 => HAND_DRUM.tuned(235.0),
        64 => HAND_DRUM.tuned(175.0).longer(1.2),
        65 => HAND_DRUM.tuned(420.0).longer(1.3).panned(-0.2),
        66 => HAND_DRUM.tuned(310.0).longer(1.4).panned(0.2),
        67 => COWBELL.tuned(1130.0).panned(-0.2),
        68 => COWBELL.tuned(850.0).panned(-0.2),
        69 => SHAKER.longer(0.7),
        70 => SHAKER.longer(0.5).panned(0.25),
        71 => WHISTLE.longer(0.5),
        72 => WHISTLE,
        73 => GUIRO,
        74 => GUIRO.repeated(14, 0.014),
        75 => WOOD.tuned(2480.0),
        76 => WOOD.tuned(1150.0),
        77 => WOOD.tuned(830.0),
        78 => HAND_DRUM.tuned(520.0).longer(0.4),
        79 => HAND_DRUM.tuned(420.0),
        80 => TRIANGLE.longer(0.15),
        81 => TRIANGLE,
        82 => SHAKER,
        83 => TAMBOURINE.longer(1.6).panned(0.2),
        84 => TRIANGLE.tuned(3300.0).longer(1.2),
        85 => WOOD.tuned(1750.0).longer(0.6),
        86 => TOM.tuned(88.0).longer(0.35),
        87 => TOM.tuned(66.0).longer(1.4),
        _ => STICK,
    }
}

/// Whether an onset of percussion key `played` silences `sounding`: hats, whistles, guiros, cuicas, triangles and
/// surdos are choke groups.
pub fn chokes(played: u8, sounding: u8) -> bool {
    match played {
        42 | 44 => sounding == 46,
        71 | 72 => matches!(sounding, 71 | 72),
        73 | 74 => matches!(sounding, 73 | 74),
        78 | 79 => matches!(sounding, 78 | 79),
        80 => sounding == 81,
        86 => sounding == 87,
        _ => false,
    }
}

/// A level that falls exponentially and ends.
#[derive(Debug, Clone, Copy, Default)]
struct Decay {
    level: f32,
    factor: f32,
}

impl Decay {
    fn new(level: f32, seconds: f32, sample_rate: f32) -> Self {
        Self { level, factor: decay_factor(seconds, sample_rate) }
    }

    #[inline]
    fn tick(&mut self) -> f32 {
        let now = self.level;
        self.level *= self.factor;
        if self.level < 2e-5 {
            self.level = 0.0;
        }
        now
    }

    fn is_over(self) -> bool {
        self.level == 0.0
    }
}

/// A drum voice.
pub struct Drum {
    sample_rate: f32,
    tone: [Phase; 2],
    /// Frequency of the tone at rest, in hertz, and the present distance from it.
    tone_rest: f32,
    tone_above: Decay,
    second: (f32, f32),
    tone_level: Decay,
    noise: Noise,
    noise_filter: Filter,
    noise_level: Decay,
    /// Level of each repeated burst.
    burst: f32,
    repeats_left: u8,
    /// Samples between repeats, and until the next.
    repeat_period: f32,
    until_repeat: f32,
    squares: [Phase; 6],
    clang_filter: Filter,
    clang_level: Decay,
}

impl Drum {
    /// A silent voice.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            sample_rate,
            tone: [Phase::default(); 2],
            tone_rest: 0.0,
            tone_above: Decay::default(),
            second: (1.0, 0.0),
            tone_level: Decay::default(),
            noise: Noise::new(0),
            noise_filter: Filter::default(),
            noise_level: Decay::default(),
            burst: 0.0,
            repeats_left: 0,
            repeat_period: 0.0,
            until_repeat: 0.0,
            squares: [Phase::default(); 6],
            clang_filter: Filter::default(),
            clang_level: Decay::default(),
        }
    }

    #[inline]
    fn tick_tone(&mut self) -> f32 {
        let hz = self.tone_rest + self.tone_above.tick();
        self.tone[0].set_frequency(hz, self.sample_rate);
        self.tone[1].set_frequency(hz * self.second.0, self.sample_rate);
        let both = sine(self.tone[0].advance()) + self.second.1 * sine(self.tone[1].advance());
        saturate(both * self.tone_level.tick())
    }

    #[inline]
    fn tick_noise(&mut self) -> f32 {
        if self.repeats_left > 0 {
            self.until_repeat -= 1.0;
            if self.until_repeat <= 0.0 {
                self.until_repeat += self.repeat_period;
                self.repeats_left -= 1;
                self.noise_level.level = self.burst;
            }
        }
        // The ringing of the filter at the end is below -90 dB.
        let level = self.noise_level.tick();
        if level > 0.0 { self.noise_filter.tick(self.noise.tick() * level) } else { 0.0 }
    }

    #[inline]
    fn tick_clang(&mut self) -> f32 {
        let squares: f32 = self.squares.iter_mut().map(|square| (square.advance() - 0.5).signum()).sum();
        let level = self.clang_level.tick();
        self.clang_filter.tick(squares * (1.0 / 6.0)) * level
    }
}

impl Timbre for Drum {
    fn start(&mut self, pitch: u8, velocity: f32) -> NoteStart {
        let recipe = recipe(pitch);
        let rate = self.sample_rate;
        let Recipe { tone, noise, clang, .. } = recipe;
        self.tone = [Phase::new(tone.from, rate); 2];
        self.tone_rest = tone.to;
        self.tone_above = Decay::new((tone.from - tone.to).max(0.0), tone.sweep, rate);
        self.second = tone.second;
        self.tone_level = Decay::new(tone.level, tone.decay, rate);
        // Harder strokes are brighter: more noise and metal in the mixture.
        let edge = 0.6 + 0.4 * velocity;
        self.burst = noise.level * edge;
        self.noise_level = Decay::new(self.burst, noise.decay, rate);
        self.noise = Noise::of_stroke(pitch, velocity);
        self.noise_filter.reset();
        self.noise_filter.tune(noise.band, noise.hz * (0.8 + 0.2 * velocity), noise.q, rate);
        self.repeats_left = if noise.level > 0.0 { noise.repeats.0 } else { 0 };
        self.repeat_period = noise.repeats.1 * rate;
        self.until_repeat = self.repeat_period;
        for (square, ratio) in self.squares.iter_mut().zip(CLANG_RATIOS) {
            *square = Phase::new(clang.hz * ratio, rate).starting_at(0.31 * ratio % 1.0);
        }
        self.clang_filter.reset();
        self.clang_filter.tune(Band::High, clang.above, 0.7, rate);
        self.clang_level = Decay::new(clang.level * edge, clang.decay, rate);
        NoteStart {
            shape: Shape::gate(recipe.attack),
            gain: KIT * recipe.gain * loudness(velocity),
            pan: recipe.pan,
        }
    }

    fn fill(&mut self, out: &mut [f32]) {
        out.fill(0.0);
        if !self.tone_level.is_over() {
            out.iter_mut().for_each(|sample| *sample += self.tick_tone());
        }
        if !self.noise_level.is_over() || self.repeats_left > 0 {
            out.iter_mut().for_each(|sample| *sample += self.tick_noise());
        }
        if !self.clang_level.is_over() {
            out.iter_mut().for_each(|sample| *sample += self.tick_clang());
        }
    }

    fn is_spent(&self) -> bool {
        self.tone_level.is_over()
            && self.clang_level.is_over()
            && self.noise_level.is_over()
            && self.repeats_left == 0
    }

    #[cfg(test)]
    fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        self.tone.iter().chain(&self.squares).for_each(|phase| phase.show(see));
        for decay in [self.tone_above, self.tone_level, self.noise_level, self.clang_level] {
            see("drum decay", decay.level);
        }
        self.noise_filter.show(see);
        self.clang_filter.show(see);
        see("until repeat", self.until_repeat);
    }
}
