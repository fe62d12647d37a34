//! The effects: the chorus of the chords, a small room for all parts, and the limiter at the end.
//!
//! The room is a feedback delay network of our own. fundsp's is not used because it changes the processor's
//! floating-point mode on every sample and leaves it so, which would change the arithmetic of the host and of the
//! model. Here [`settled`] replaces levels close to denormal by 0, so that a tail costs no more than a note.

use super::dsp::{OnePole, Phase, settled, sine};

/// A chorus, which widens a sound: adds to each channel a copy with a slowly modulated delay.
pub struct Chorus {
    lines: [Box<[f32]>; 2],
    write: usize,
    swing: Phase,
    /// Mean delay and depth of its modulation, in samples.
    delay: f32,
    depth: f32,
    /// Number of consecutive silent samples; the lines are all zero once it reaches their length.
    n_silent: usize,
}

/// Mean delay and depth in seconds: at [`CHORUS_HZ`] the modulation bends the pitch by less than 3 cents.
const CHORUS_DELAY: f32 = 0.011;
const CHORUS_DEPTH: f32 = 0.0005;
const CHORUS_HZ: f32 = 0.45;

/// Share of the delayed sound.
const CHORUS_MIX: f32 = 0.45;

impl Chorus {
    /// A silent chorus. Allocates.
    pub fn new(sample_rate: f32) -> Self {
        let length = whole_samples((CHORUS_DELAY + CHORUS_DEPTH) * sample_rate) + 4;
        Self {
            lines: [0, 1].map(|_| vec![0.0; length].into()),
            write: 0,
            swing: Phase::new(CHORUS_HZ, sample_rate),
            delay: CHORUS_DELAY * sample_rate,
            depth: CHORUS_DEPTH * sample_rate,
            n_silent: length,
        }
    }

    /// Whether the delay lines are all zero.
    pub fn is_empty(&self) -> bool {
        self.n_silent >= self.lines[0].len()
    }

    /// Forgets the past.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn reset(&mut self) {
        self.lines.iter_mut().for_each(|line| line.fill(0.0));
        self.n_silent = self.lines[0].len();
        self.swing.restart();
    }

    /// Calls `see` with the name and value of each state variable; of its lines with the newest sample.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        let newest = self.write.checked_sub(1).unwrap_or(self.lines[0].len() - 1);
        self.lines.iter().for_each(|line| see("chorus line", line[newest]));
        self.swing.show(see);
    }

    /// The next sample of both channels.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[inline]
    pub fn tick(&mut self, input: [f32; 2]) -> [f32; 2] {
        self.n_silent = if input == [0.0; 2] { self.n_silent.saturating_add(1) } else { 0 };
        if self.is_empty() {
            // Silence restarts the modulation, so that the next sound does not depend on the length of the silence.
            self.swing.restart();
            return [0.0; 2];
        }
        let swing = self.depth * sine(self.swing.advance());
        let length = self.lines[0].len();
        // The index `back` samples before `at`; a branch is cheaper than a remainder.
        let before = |at: usize, back: usize| if at >= back { at - back } else { at + length - back };
        let write = self.write;
        self.write = if write + 1 < length { write + 1 } else { 0 };
        let mut output = input;
        for ((line, sample), delay) in
            self.lines.iter_mut().zip(&mut output).zip([self.delay + swing, self.delay - swing])
        {
            line[write] = *sample;
            let whole = whole_samples(delay);
            let fraction = delay - fraction_base(whole);
            let near = before(write, whole);
            let far = before(near, 1);
            *sample += CHORUS_MIX * (line[near] + (line[far] - line[near]) * fraction);
        }
        output
    }
}

/// `samples` rounded down.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "delays are short and not negative"
)]
fn whole_samples(samples: f32) -> usize {
    samples as usize
}

/// A whole number of samples as a float.
#[expect(clippy::cast_precision_loss, reason = "delays are far below 2^24 samples")]
fn fraction_base(samples: usize) -> f32 {
    samples as f32
}

/// Delay lines of the room, in seconds: no two in a simple ratio.
const ROOM_SECONDS: [f32; 8] = [0.0297, 0.0371, 0.0411, 0.0437, 0.0523, 0.0571, 0.0617, 0.0683];

/// Lengths of the two diffusers of each channel, in seconds.
const DIFFUSER_SECONDS: [[f32; 2]; 2] = [[0.0047, 0.0113], [0.0053, 0.0101]];

/// Reverberation time to -60 dB.
const ROOM_DECAY: f32 = 1.2;

/// The room is taken to be silent below this level (-120 dB) …
const ROOM_SILENCE: f32 = 1e-6;

/// … for this many seconds, longer than any delay line.
const ROOM_SILENT_SECONDS: f32 = 0.12;

/// A small room: feedback delay network of eight lines.
pub struct Room {
    diffusers: [[Diffuser; 2]; 2],
    lines: [Line; 8],
    damping: [OnePole; 8],
    /// Low-pass filters of the bass that is kept out of the room, which would be muddy with it.
    rumble: [OnePole; 2],
    gains: [f32; 8],
    feedback: [f32; 8],
    /// Consecutive samples of silence, and the number after which the room sleeps.
    n_quiet: f32,
    patience: f32,
}

impl Room {
    /// A silent room. Allocates.
    pub fn new(sample_rate: f32) -> Self {
        Self {
            diffusers: DIFFUSER_SECONDS
                .map(|channel| channel.map(|seconds| Diffuser::new(seconds, sample_rate))),
            lines: ROOM_SECONDS.map(|seconds| Line::new(seconds, sample_rate)),
            damping: [OnePole::new(4800.0, sample_rate); 8],
            rumble: [OnePole::new(220.0, sample_rate); 2],
            gains: ROOM_SECONDS.map(|seconds| 0.001_f32.powf(seconds / ROOM_DECAY)),
            feedback: [0.0; 8],
            n_quiet: f32::INFINITY,
            patience: ROOM_SILENT_SECONDS * sample_rate,
        }
    }

    /// Whether nothing sounds.
    pub fn is_asleep(&self) -> bool {
        self.n_quiet > self.patience
    }

    /// The reverberation of the next sample of both channels, without the direct sound; exactly 0 once it has died
    /// away, before anything in the room becomes denormal.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[inline]
    pub fn tick(&mut self, input: [f32; 2]) -> [f32; 2] {
        let input_is_silent = input.iter().all(|x| x.abs() < ROOM_SILENCE);
        if input_is_silent && self.is_asleep() {
            return [0.0; 2];
        }
        let mut early = input;
        for ((sample, diffusers), rumble) in early.iter_mut().zip(&mut self.diffusers).zip(&mut self.rumble) {
            *sample -= rumble.tick(*sample);
            for diffuser in diffusers {
                *sample = diffuser.tick(*sample);
            }
        }
        let mut rest = self.feedback;
        for (idx, sample) in rest.iter_mut().enumerate() {
            let fed = *sample + early[idx % 2];
            *sample = self.damping[idx].tick(self.lines[idx].tick(fed)) * self.gains[idx];
        }
        let output = [rest[0] - rest[2] + rest[4] - rest[6], rest[1] - rest[3] + rest[5] - rest[7]];
        let is_quiet = input_is_silent && rest.iter().all(|x| x.abs() < ROOM_SILENCE);
        self.n_quiet = if is_quiet { self.n_quiet + 1.0 } else { 0.0 };
        self.feedback = hadamard(rest);
        if self.is_asleep() {
            self.reset();
        }
        output.map(|x| 0.5 * x)
    }

    /// Clears all state, as the room does when it falls asleep: later output does not depend on earlier input.
    ///
    /// *Real-time:* wait-free, no allocation.
    #[cold]
    pub fn reset(&mut self) {
        for diffuser in self.diffusers.iter_mut().flatten() {
            diffuser.line.samples.fill(0.0);
            diffuser.back = 0.0;
        }
        self.lines.iter_mut().for_each(|line| line.samples.fill(0.0));
        self.damping.iter_mut().chain(&mut self.rumble).for_each(OnePole::reset);
        self.feedback = [0.0; 8];
        self.n_quiet = f32::INFINITY;
    }

    /// Calls `see` with the name and value of each state variable; of its lines with the newest sample.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        for diffuser in self.diffusers.iter().flatten() {
            see("diffuser", diffuser.back);
            see("diffuser line", diffuser.line.newest());
        }
        self.lines.iter().for_each(|line| see("room line", line.newest()));
        self.damping.iter().for_each(|filter| filter.show(see));
        self.rumble.iter().for_each(|filter| filter.show(see));
        self.feedback.iter().for_each(|x| see("feedback", *x));
    }
}

/// A fixed delay.
struct Line {
    samples: Box<[f32]>,
    /// Index of the oldest sample.
    at: usize,
}

impl Line {
    /// A silent delay of `seconds`, rounded to samples, at least one. Allocates.
    fn new(seconds: f32, sample_rate: f32) -> Self {
        let length = whole_samples((seconds * sample_rate).round()).max(1);
        Self { samples: vec![0.0; length].into(), at: 0 }
    }

    /// Writes a sample and returns the one written a line's length before.
    #[inline]
    fn tick(&mut self, input: f32) -> f32 {
        let output = std::mem::replace(&mut self.samples[self.at], input);
        self.at += 1;
        if self.at == self.samples.len() {
            self.at = 0;
        }
        output
    }

    /// The sample that was written last.
    #[cfg(test)]
    fn newest(&self) -> f32 {
        self.samples[self.at.checked_sub(1).unwrap_or(self.samples.len() - 1)]
    }
}

/// An all-pass filter: smears a sound over time and changes its colour little.
struct Diffuser {
    line: Line,
    /// The last output of the line.
    back: f32,
}

/// Feedback factor of a diffuser.
const DIFFUSION: f32 = 0.55;

impl Diffuser {
    fn new(seconds: f32, sample_rate: f32) -> Self {
        Self { line: Line::new(seconds, sample_rate), back: 0.0 }
    }

    #[inline]
    fn tick(&mut self, input: f32) -> f32 {
        let fed = settled(input - DIFFUSION * self.back);
        let output = DIFFUSION * fed + self.back;
        self.back = self.line.tick(fed);
        output
    }
}

/// Mixes eight channels without loss.
#[inline]
fn hadamard(x: [f32; 8]) -> [f32; 8] {
    let [a, b, c, d, e, f, g, h] = x;
    let [a, b, c, d, e, f, g, h] = [a + b, a - b, c + d, c - d, e + f, e - f, g + h, g - h];
    let [a, b, c, d, e, f, g, h] = [a + c, b + d, a - c, b - d, e + g, f + h, e - g, f - h];
    let mixed = [a + e, b + f, c + g, d + h, a - e, b - f, c - g, d - h];
    mixed.map(|x| x * (0.5 * std::f32::consts::FRAC_1_SQRT_2))
}

/// The limiter does not change samples below this level.
const KNEE: f32 = 0.6;

/// No sample leaves the limiter above this.
const CEILING: f32 = 0.98;

/// Compresses levels above [`KNEE`] so that they never reach [`CEILING`]; slope 1 at the knee. Not-a-number becomes 0.
#[inline]
pub fn limit(x: f32) -> f32 {
    let over = x.abs() - KNEE;
    if over > 0.0 {
        let room = CEILING - KNEE;
        (KNEE + room * (over / (over + room))).min(CEILING).copysign(x)
    } else if x.is_nan() {
        0.0
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limiter_is_a_rising_curve_under_its_ceiling() {
        let mut last = 0.0;
        for step in 0..=20_000_u16 {
            let y = limit(f32::from(step) / 1000.0);
            assert!(y >= last && y <= CEILING);
            assert_eq!(limit(-f32::from(step) / 1000.0), -y);
            last = y;
        }
        assert_eq!(limit(0.5), 0.5);
        assert_eq!(limit(f32::NAN), 0.0);
        assert_eq!(limit(f32::INFINITY), CEILING);
    }

    #[test]
    fn mixing_keeps_the_energy() {
        let x = [0.3, -0.2, 0.7, 0.1, -0.9, 0.4, 0.0, 0.25];
        let energy = |x: [f32; 8]| x.iter().map(|x| x * x).sum::<f32>();
        assert!((energy(hadamard(x)) - energy(x)).abs() < 1e-5);
    }

    #[test]
    fn the_room_dies_away_to_nothing() {
        let mut room = Room::new(48_000.0);
        let _ = room.tick([1.0, -1.0]);
        let energy: f32 = (0..48_000).map(|_| room.tick([0.0; 2])[0].powi(2)).sum();
        assert!(energy > 0.0);
        for _ in 0..4 * 48_000 {
            let _ = room.tick([0.0; 2]);
        }
        assert!(room.is_asleep());
        assert_eq!(room.tick([0.0; 2]), [0.0; 2]);
    }
}
