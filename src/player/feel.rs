//! Swing, humanise, accent and length: how notes are played rather than written.
//!
//! Swing bends time inside each pair of units, piece by piece linear and rising, so that order and distances keep their
//! sense. Pairs are counted from the bar line; a unit without a partner at the end of a bar stays straight. Humanise
//! moves a whole note later, never earlier: so the first note after a start, a seek or a loop point is never lost. Both
//! follow from the note alone, so every pass and every bounce is the same.

use super::clip::{Clip, ClipNote};
use super::settings::{Settings, SwingUnit, to_velocity};
use crate::music::time::{PPQ, TickInstant};

/// The furthest humanise moves a note, in ticks: less than half a grid step even where swing makes steps short.
const MAX_JITTER_TICKS: f64 = 30.0;

/// The furthest humanise moves a note, in seconds at the phrase's own tempo.
const MAX_JITTER_SECONDS: f64 = 0.015;

/// The furthest humanise moves a velocity.
const MAX_VELOCITY_JITTER: f64 = 12.0;

/// What a full accent adds to velocities, by the strength of the place in the bar.
const ACCENTS: [f64; 5] = [-10.0, -5.0, 8.0, 12.0, 20.0];

/// No note is made shorter, in ticks.
const MIN_TICKS: f64 = 30.0;

/// The furthest any note is moved, always later, in beats: an off-beat eighth at the hardest swing, then humanise.
pub const MAX_SHIFT_BEATS: f64 = 0.25 + MAX_JITTER_TICKS / PPQ_F64;

const PPQ_F64: f64 = 960.0;
const _: () = assert!(PPQ == 960, "PPQ_F64 is PPQ");

/// One setting of all of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feel {
    /// Share of a pair that its first unit takes, `0.5..=0.75`.
    swing: f64,
    /// Length of a unit in ticks.
    unit_ticks: u32,
    /// Share of the largest jitter, `0.0..=1.0`.
    humanise: f64,
    /// Share of the full accent, `0.0..=1.0`.
    accent: f64,
    /// Factor of the length of notes, `0.1..=2.0`.
    length: f64,
}

/// A note as it is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeltNote {
    /// Beats from the start of the phrase.
    pub onset: f64,
    /// Beats from the start of the phrase, after `onset`.
    pub end: f64,
    /// MIDI velocity, `1..=127`.
    pub velocity: u8,
}

impl Feel {
    /// The feel that is set.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn new(settings: &Settings) -> Self {
        let held = |value: f32, low: f32, high: f32| {
            f64::from(if value.is_nan() { low } else { value.clamp(low, high) })
        };
        Self {
            swing: held(settings.swing, 0.5, 0.75),
            unit_ticks: match settings.swing_unit {
                SwingUnit::Eighth => PPQ / 2,
                SwingUnit::Sixteenth => PPQ / 4,
            },
            humanise: held(settings.humanise, 0.0, 1.0),
            accent: held(settings.accent, 0.0, 1.0),
            length: if settings.note_length.is_nan() { 1.0 } else { held(settings.note_length, 0.1, 2.0) },
        }
    }

    /// `note` of `clip` as it is played. Straight, at its own length and without humanise and accent it is exactly the note.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn play(&self, clip: &Clip, note: &ClipNote) -> FeltNote {
        let bar_ticks = clip.bar_duration().0;
        let most = (MAX_JITTER_SECONDS * f64::from(clip.tempo()) / 60.0 * PPQ_F64).min(MAX_JITTER_TICKS);
        let dice = hash(note);
        let shift = self.humanise * most * share(dice);
        let louder = self.humanise * MAX_VELOCITY_JITTER * (2.0 * share(dice.rotate_left(32)) - 1.0);
        let accent = self.accent * ACCENTS[usize::from(clip.strength(note.onset)).min(4)];
        let (onset, end) = (self.swung(note.onset, bar_ticks), self.swung(note.end, bar_ticks));
        let length = end - onset;
        let length =
            if note.part.is_drums() { length } else { (length * self.length).max(length.min(MIN_TICKS)) };
        FeltNote {
            onset: (onset + shift) / PPQ_F64,
            end: (onset + shift + length) / PPQ_F64,
            velocity: to_velocity(f64::from(note.velocity) + louder + accent),
        }
    }

    /// Where swing puts `at`, in ticks.
    fn swung(&self, at: TickInstant, bar_ticks: u32) -> f64 {
        let in_bar = at.0 % bar_ticks;
        let pair_ticks = 2 * self.unit_ticks;
        let in_pair = in_bar % pair_ticks;
        let pair_start = at.0 - in_pair;
        if in_bar - in_pair + pair_ticks > bar_ticks {
            return f64::from(at.0);
        }
        let bent = if in_pair <= self.unit_ticks {
            f64::from(in_pair) * 2.0 * self.swing
        } else {
            f64::from(pair_ticks) - f64::from(pair_ticks - in_pair) * (2.0 - 2.0 * self.swing)
        };
        f64::from(pair_start) + bent
    }
}

/// Which feel holds where, while one gives way to another.
///
/// A change takes hold at the next beat of the bar, which no swing moves: notes written before it are played by the old
/// feel, those after it by the new one. So no note is lost or struck twice by turning a knob.
#[derive(Debug, Clone, Copy)]
pub struct FeelTrack {
    before: Feel,
    after: Feel,
    /// Where `after` takes hold, in beats of the position.
    boundary: f64,
}

impl FeelTrack {
    /// `feel` everywhere.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub const fn new(feel: Feel) -> Self {
        Self { before: feel, after: feel, boundary: f64::NEG_INFINITY }
    }

    /// Asks for `feel`, `reached` being the position up to which notes have been played, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn follow(&mut self, feel: Feel, reached: f64, clip: &Clip) {
        // While the notes before the last change are still on their way, the next has to wait.
        if feel == self.after || reached < self.boundary + MAX_SHIFT_BEATS {
            return;
        }
        let bar = clip.bar_duration().to_beats();
        let in_bar = reached.rem_euclid(clip.duration().to_beats()).rem_euclid(bar);
        let boundary = reached + (in_bar.ceil().min(bar) - in_bar);
        *self = Self { before: self.after, after: feel, boundary };
    }

    /// The feel of notes written at `position`, in beats.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn at(&self, position: f64) -> &Feel {
        // Less than any tick, more than rounding.
        if position < self.boundary - 1e-5 { &self.before } else { &self.after }
    }
}

/// Random bits that follow from the place and pitch of a note.
///
/// # Source
///
/// The finaliser of `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
fn hash(note: &ClipNote) -> u64 {
    let place = u64::from(note.onset.0) << 16;
    let key = u64::from(note.pitch.number()) << 4 | [0, 1, 2, 3, 4][note.part.index()];
    let mut bits = (place ^ key).wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The low half of `bits` as a number in `0.0..1.0`.
fn share(bits: u64) -> f64 {
    let low = u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0);
    f64::from(low) / 4_294_967_296.0
}
