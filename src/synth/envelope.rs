//! The amplitude envelope of a voice: attack, decay to a sustained level, release; and a short fade for voices that are
//! stolen or choked.
//!
//! Levels are `0.0..=1.0`. The attack is linear. The fade is smooth at both of its ends, since a corner in the level of
//! a dull sound is an audible tick. Decay and release are exponential, and the release ends at -80 dB.

use super::dsp::decay_factor;

/// Seconds in which a stolen or choked voice falls silent: short enough to go unnoticed, long enough not to click.
const FADE_SECONDS: f32 = 0.006;

/// A release is over at this level: -80 dB.
const SILENT: f32 = 1e-4;

/// The times and levels of an envelope.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Seconds from silence to full level, above 0.
    pub attack: f32,
    /// Seconds in which the distance to the sustained level falls by 60 dB.
    pub decay: f32,
    /// Level while the key is held, `0.0..=1.0`.
    pub sustain: f32,
    /// Seconds in which the level falls by 60 dB after the release.
    pub release: f32,
}

impl Shape {
    /// For voices that die away by themselves: full level until faded.
    pub const fn gate(attack: f32) -> Self {
        Self { attack, decay: 1.0, sustain: 1.0, release: 1.0 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Idle,
    Attack,
    Hold,
    Release,
    Fade,
}

/// A running envelope.
#[derive(Debug, Clone, Copy)]
pub struct Envelope {
    stage: Stage,
    level: f32,
    attack_step: f32,
    decay: f32,
    sustain: f32,
    release: f32,
    /// The level at the start of the fade, and the share of its time that is left: 1 to 0.
    fade_from: f32,
    fade_left: f32,
    fade_step: f32,
}

impl Envelope {
    /// A silent envelope.
    pub const IDLE: Self = Self {
        stage: Stage::Idle,
        level: 0.0,
        attack_step: 0.0,
        decay: 0.0,
        sustain: 0.0,
        release: 0.0,
        fade_from: 0.0,
        fade_left: 0.0,
        fade_step: 0.0,
    };

    /// An envelope at the start of its attack.
    pub fn start(shape: Shape, sample_rate: f32) -> Self {
        Self {
            stage: Stage::Attack,
            level: 0.0,
            attack_step: 1.0 / (shape.attack * sample_rate).max(1.0),
            decay: decay_factor(shape.decay, sample_rate),
            sustain: shape.sustain,
            release: decay_factor(shape.release, sample_rate),
            ..Self::IDLE
        }
    }

    /// Starts the release. Does nothing if the voice is already released or fading.
    pub fn release(&mut self) {
        if self.is_held() {
            self.stage = Stage::Release;
        }
    }

    /// Starts the fade: silent within [`FADE_SECONDS`] from any level.
    pub fn fade(&mut self, sample_rate: f32) {
        if self.level == 0.0 {
            self.stop();
        } else if self.stage != Stage::Fade {
            self.stage = Stage::Fade;
            (self.fade_from, self.fade_left) = (self.level, 1.0);
            self.fade_step = 1.0 / (FADE_SECONDS * sample_rate).max(1.0);
        }
    }

    /// Silent at once.
    pub fn stop(&mut self) {
        *self = Self::IDLE;
    }

    /// Whether nothing sounds.
    pub fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    /// Whether the key is down.
    pub fn is_held(&self) -> bool {
        matches!(self.stage, Stage::Attack | Stage::Hold)
    }

    /// Whether the voice fades after it was stolen or choked.
    pub fn is_fading(&self) -> bool {
        self.stage == Stage::Fade
    }

    /// The level now.
    pub fn level(&self) -> f32 {
        self.level
    }

    /// Calls `see` with the name and value of each state variable.
    #[cfg(test)]
    pub fn show(&self, see: &mut dyn FnMut(&'static str, f32)) {
        see("envelope", self.level);
        see("fade", self.fade_left);
    }

    /// The level of the next sample.
    #[inline]
    pub fn tick(&mut self) -> f32 {
        match self.stage {
            Stage::Idle => return 0.0,
            Stage::Attack => {
                self.level += self.attack_step;
                if self.level >= 1.0 {
                    self.level = 1.0;
                    self.stage = Stage::Hold;
                }
            }
            Stage::Hold => {
                self.level = self.sustain + (self.level - self.sustain) * self.decay;
                if self.level < SILENT {
                    self.stop();
                }
            }
            Stage::Release => {
                self.level *= self.release;
                if self.level < SILENT {
                    self.stop();
                }
            }
            Stage::Fade => {
                self.fade_left -= self.fade_step;
                if self.fade_left <= 0.0 {
                    self.stop();
                } else {
                    let left = self.fade_left;
                    self.level = self.fade_from * left * left * (3.0 - 2.0 * left);
                }
            }
        }
        self.level
    }
}
