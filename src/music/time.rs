//! Ticks, beats, bars and meters.
//!
//! A beat is a quarter note. Instants count ticks from the start of a phrase; durations are lengths in ticks.
//! The grid that the vocabulary can express has [`STEPS_PER_BEAT`] steps a beat, so that sixteenths and eighth
//! triplets are both exact.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Ticks per quarter note of our own time base: a multiple of every common file resolution up to 960.
pub const PPQ: u32 = 960;

/// Grid steps per beat: the least common multiple of sixteenths (4) and eighth triplets (3).
pub const STEPS_PER_BEAT: u32 = 12;

/// Ticks per grid step.
pub const TICKS_PER_STEP: u32 = PPQ / STEPS_PER_BEAT;

const _: () = assert!(TICKS_PER_STEP * STEPS_PER_BEAT == PPQ, "the grid must divide the time base");

/// A point in time of a phrase, in ticks from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct TickInstant(pub u32);

/// A length in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct TickDuration(pub u32);

impl TickInstant {
    /// The start of the phrase.
    pub const ZERO: Self = Self(0);

    /// The instant `steps` grid steps after the start.
    pub const fn from_steps(steps: u32) -> Self {
        Self(steps * TICKS_PER_STEP)
    }

    /// The nearest grid step, halves rounded up.
    pub const fn to_nearest_step(self) -> u32 {
        nearest_step(self.0)
    }

    /// Beats since the start of the phrase.
    pub fn to_beats(self) -> f64 {
        f64::from(self.0) / f64::from(PPQ)
    }

    /// The time since `earlier`, zero if `earlier` is later.
    pub const fn since(self, earlier: Self) -> TickDuration {
        TickDuration(self.0.saturating_sub(earlier.0))
    }
}

impl TickDuration {
    /// The length of `steps` grid steps.
    pub const fn from_steps(steps: u32) -> Self {
        Self(steps * TICKS_PER_STEP)
    }

    /// The length of `beats` quarter notes.
    pub const fn from_beats(beats: u32) -> Self {
        Self(beats * PPQ)
    }

    /// The nearest number of grid steps, halves rounded up, at least one.
    pub const fn to_nearest_steps(self) -> u32 {
        let steps = nearest_step(self.0);
        if steps == 0 { 1 } else { steps }
    }

    /// Length in beats.
    pub fn to_beats(self) -> f64 {
        f64::from(self.0) / f64::from(PPQ)
    }
}

/// `ticks` in grid steps, halves rounded up; exact up to the longest time, since `u32::MAX` lies nearer to the step
/// before it.
const fn nearest_step(ticks: u32) -> u32 {
    ticks.saturating_add(TICKS_PER_STEP / 2) / TICKS_PER_STEP
}

impl Add<TickDuration> for TickInstant {
    type Output = Self;

    fn add(self, duration: TickDuration) -> Self {
        Self(self.0.saturating_add(duration.0))
    }
}

impl AddAssign<TickDuration> for TickInstant {
    fn add_assign(&mut self, duration: TickDuration) {
        *self = *self + duration;
    }
}

impl Sub<TickDuration> for TickInstant {
    type Output = Self;

    fn sub(self, duration: TickDuration) -> Self {
        Self(self.0.saturating_sub(duration.0))
    }
}

impl Add for TickDuration {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// The time signature of a phrase: one of a closed set.
///
/// A phrase has one meter; a piece that changes meter is cut there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Meter {
    numerator: u8,
    denominator: u8,
}

/// The meters Descant knows, as numerator, denominator and felt beats in a bar; the place in the table is the
/// meter's index.
///
/// 5/4, 7/4, 5/8 and 7/8 are accepted but have little training data.
const METERS: [(u8, u8, u8); 18] = [
    (4, 4, 4),
    (3, 4, 3),
    (2, 4, 2),
    (2, 2, 2),
    (6, 8, 2),
    (3, 8, 1),
    (9, 8, 3),
    (12, 8, 4),
    (6, 4, 2),
    (3, 2, 3),
    (4, 2, 4),
    (4, 8, 2),
    (5, 4, 5),
    (7, 4, 7),
    (5, 8, 2),
    (7, 8, 3),
    (2, 8, 1),
    (8, 8, 4),
];

impl Meter {
    /// 4/4.
    pub const COMMON: Self = Self { numerator: 4, denominator: 4 };

    /// How many meters there are.
    pub const COUNT: usize = METERS.len();

    /// Longest bar of any meter, in grid steps (4/2).
    pub const MAX_BAR_STEPS: u32 = 96;

    /// The meter `numerator`/`denominator`, if it is in the table.
    pub fn new(numerator: u8, denominator: u8) -> Option<Self> {
        METERS
            .iter()
            .any(|&(n, d, _)| (n, d) == (numerator, denominator))
            .then_some(Self { numerator, denominator })
    }

    /// The meter at `index` of the table.
    pub fn from_index(index: usize) -> Option<Self> {
        METERS.get(index).map(|&(numerator, denominator, _)| Self { numerator, denominator })
    }

    /// The meter's place in the table, `0..COUNT`.
    pub fn index(self) -> usize {
        METERS.iter().position(|&(n, d, _)| (n, d) == (self.numerator, self.denominator)).unwrap_or(0)
    }

    /// All meters in table order.
    pub fn all() -> impl Iterator<Item = Self> {
        METERS.iter().map(|&(numerator, denominator, _)| Self { numerator, denominator })
    }

    /// Upper figure.
    pub const fn numerator(self) -> u8 {
        self.numerator
    }

    /// Lower figure: 2, 4 or 8.
    pub const fn denominator(self) -> u8 {
        self.denominator
    }

    /// Beats that a listener taps in a bar: 6/8 has two.
    pub fn felt_beats(self) -> u32 {
        u32::from(METERS[self.index()].2)
    }

    /// Whether too little of the training data has this meter to expect much.
    pub fn has_little_data(self) -> bool {
        matches!((self.numerator, self.denominator), (5 | 7, _) | (8, 8) | (2, 8))
    }

    /// Length of a bar in grid steps, at most [`Self::MAX_BAR_STEPS`].
    pub const fn bar_steps(self) -> u32 {
        self.numerator as u32 * 4 * STEPS_PER_BEAT / self.denominator as u32
    }

    /// Length of a bar.
    pub const fn bar_duration(self) -> TickDuration {
        TickDuration::from_steps(self.bar_steps())
    }

    /// Length of a felt beat in grid steps, rounded down in additive meters.
    pub fn felt_beat_steps(self) -> u32 {
        self.bar_steps() / self.felt_beats()
    }

    /// How strong a place in the bar is: 4 the downbeat, 3 the middle of an even bar, 2 other felt beats,
    /// 1 halves (thirds in compound meters) of a felt beat, 0 everything else.
    pub fn strength(self, step_in_bar: u32) -> u8 {
        let beat = self.felt_beat_steps();
        let division = if beat.is_multiple_of(18) { beat / 3 } else { (beat / 2).max(1) };
        if step_in_bar == 0 {
            4
        } else if self.felt_beats().is_multiple_of(2) && step_in_bar * 2 == self.bar_steps() {
            3
        } else if step_in_bar.is_multiple_of(beat) {
            2
        } else {
            u8::from(step_in_bar.is_multiple_of(division))
        }
    }
}

impl fmt::Display for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// A meter outside the table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "meter {0:?} is not supported; the meters are {listed}",
    listed = Meter::all().map(|meter| meter.to_string()).collect::<Vec<_>>().join(", ")
)]
pub struct UnknownMeter(pub String);

impl FromStr for Meter {
    type Err = UnknownMeter;

    fn from_str(text: &str) -> Result<Self, UnknownMeter> {
        text.split_once('/')
            .and_then(|(n, d)| Self::new(n.trim().parse().ok()?, d.trim().parse().ok()?))
            .ok_or_else(|| UnknownMeter(text.to_owned()))
    }
}

impl TryFrom<String> for Meter {
    type Error = UnknownMeter;

    fn try_from(text: String) -> Result<Self, UnknownMeter> {
        text.parse()
    }
}

impl From<Meter> for String {
    fn from(meter: Meter) -> Self {
        meter.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meter_fits_the_position_range_and_prints_as_it_parses() {
        for meter in Meter::all() {
            assert!(meter.bar_steps() <= Meter::MAX_BAR_STEPS, "{meter}");
            assert_eq!(meter.to_string().parse(), Ok(meter));
            assert_eq!(Meter::from_index(meter.index()), Some(meter));
            assert_eq!(meter.strength(0), 4);
        }
    }

    #[test]
    fn six_eight_is_felt_in_two() {
        let meter = Meter::new(6, 8).unwrap();
        assert_eq!(meter.felt_beat_steps(), 18);
        assert_eq!([0, 6, 18, 24, 3].map(|step| meter.strength(step)), [4, 1, 3, 1, 0]);
    }

    #[test]
    fn ticks_round_to_the_nearest_step() {
        let last = u32::MAX / TICKS_PER_STEP;
        for (ticks, expected) in [
            (0, 0),
            (39, 0),
            (40, 1),
            (119, 1),
            (120, 2),
            (last * TICKS_PER_STEP - 41, last - 1),
            (last * TICKS_PER_STEP - 40, last),
            (u32::MAX, last),
        ] {
            assert_eq!(TickInstant(ticks).to_nearest_step(), expected, "{ticks}");
            assert_eq!(TickDuration(ticks).to_nearest_steps(), expected.max(1), "{ticks}");
        }
    }

    #[test]
    fn unknown_meters_are_refused() {
        for text in ["", "4", "4/0", "99/4", "a/b", "4/4/4"] {
            assert!(text.parse::<Meter>().is_err(), "{text}");
        }
    }
}
