//! Grooves: how late and how loud each sixteenth of a bar is played.
//!
//! A groove has a place for each sixteenth of a 4/4 bar; between places lateness and velocity are interpolated
//! linearly. In other meters the places are counted in sixteenths from each bar line and begin again after 16. Lateness
//! is in ticks of [`PPQ`], velocity is a factor of the written one.
//!
//! # Format
//!
//! [`GrooveTable`] is JSON: where the grooves were measured and under which licence, then the numbers of each groove.
//!
//! # Invariants
//!
//! Nothing is early: the lateness of the earliest place of a measured groove is 0, and the other places are measured
//! from it. Order is kept: no place is late enough to meet the next.

use serde::{Deserialize, Serialize};

use super::time::{PPQ, TickInstant};

/// The number of places of a groove: the sixteenths of a 4/4 bar.
pub const N_PLACES: usize = 16;

/// From one place to the next, in ticks.
pub const PLACE_TICKS: u32 = PPQ / 4;

/// The latest that a place can be, in ticks: a tenth of a beat.
pub const MAX_LATE_TICKS: f64 = 96.0;

/// Least and largest factor of velocities.
const FACTORS: (f64, f64) = (0.25, 2.0);

const _: () = assert!(PPQ == 960, "MAX_LATE_TICKS is a tenth of a beat");

/// How a note at one place is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GroovePlace {
    /// How late, in ticks, `0.0..=MAX_LATE_TICKS`.
    pub late_ticks: f64,
    /// Factor of the velocity, `0.25..=2.0`.
    pub velocity: f64,
}

impl GroovePlace {
    /// In time and as loud as written.
    pub const STRAIGHT: Self = Self { late_ticks: 0.0, velocity: 1.0 };
}

/// How each sixteenth of a bar is played.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Groove {
    /// Indexed by `[place_idx]`.
    places: [GroovePlace; N_PLACES],
}

impl Groove {
    /// Everything as written.
    pub const STRAIGHT: Self = Self { places: [GroovePlace::STRAIGHT; N_PLACES] };

    /// The groove with these places; `None` if a number is out of its range.
    pub fn new(places: [GroovePlace; N_PLACES]) -> Option<Self> {
        let is_valid = |place: &GroovePlace| {
            (0.0..=MAX_LATE_TICKS).contains(&place.late_ticks)
                && (FACTORS.0..=FACTORS.1).contains(&place.velocity)
        };
        places.iter().all(is_valid).then_some(Self { places })
    }

    /// The places, counted from the bar line.
    pub const fn places(&self) -> &[GroovePlace; N_PLACES] {
        &self.places
    }

    /// The groove at strength `amount`: 0 is [`Self::STRAIGHT`], 1 the whole groove.
    ///
    /// `amount` — clamped to `0.0..=1.0`; 0 if it is not a number.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn scaled(&self, amount: f32) -> Self {
        let amount = if amount.is_nan() { 0.0 } else { f64::from(amount.clamp(0.0, 1.0)) };
        Self { places: self.places.map(|place| GroovePlace::STRAIGHT.towards(place, amount)) }
    }

    /// How a note at `at` is played, in a phrase with bars of `bar_ticks`.
    ///
    /// *Real-time:* wait-free, no allocation.
    pub fn at(&self, at: TickInstant, bar_ticks: u32) -> GroovePlace {
        let in_bar = at.0.checked_rem(bar_ticks).unwrap_or(0);
        let place_start = in_bar - in_bar % PLACE_TICKS;
        let next_start = (place_start + PLACE_TICKS).min(bar_ticks);
        let next = if next_start == bar_ticks { 0 } else { next_start };
        let way = f64::from(in_bar - place_start) / f64::from(next_start.saturating_sub(place_start).max(1));
        self.place(place_start).towards(self.place(next), way)
    }

    /// The place that begins `in_bar` ticks after the bar line.
    fn place(&self, in_bar: u32) -> GroovePlace {
        let place_idx = usize::try_from(in_bar / PLACE_TICKS).unwrap_or(0) % N_PLACES;
        self.places[place_idx]
    }
}

impl GroovePlace {
    /// Linear interpolation by `way`, `0.0..=1.0`, from this to `other`; exactly this where both are the same.
    fn towards(self, other: Self, way: f64) -> Self {
        let between = |from: f64, to: f64| from + (to - from) * way;
        Self {
            late_ticks: between(self.late_ticks, other.late_ticks),
            velocity: between(self.velocity, other.velocity),
        }
    }
}

/// Measured grooves and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GrooveTable {
    /// Who played and who published it.
    pub source: String,
    /// Under which licence.
    pub licence: String,
    /// What was done with it.
    pub measured: String,
    /// Each groove once.
    pub grooves: Vec<MeasuredGroove>,
}

/// A groove as it was measured. Arrays are indexed by `[place_idx]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasuredGroove {
    /// The identifier, which never changes.
    pub name: String,
    /// Performances that were measured.
    pub n_performances: usize,
    /// Bars with hits in them.
    pub n_bars: usize,
    /// Hits that timing was measured at; places with few were filled from others.
    pub n_hits: [usize; N_PLACES],
    /// Lateness after the earliest place, in ticks.
    pub late_ticks: [f64; N_PLACES],
    /// Factor of the bar's mean velocity.
    pub velocity: [f64; N_PLACES],
}

impl MeasuredGroove {
    /// The groove to play by; `None` if a number is out of range.
    pub fn groove(&self) -> Option<Groove> {
        let mut places = [GroovePlace::STRAIGHT; N_PLACES];
        for ((place, late_ticks), velocity) in places.iter_mut().zip(self.late_ticks).zip(self.velocity) {
            *place = GroovePlace { late_ticks, velocity };
        }
        Groove::new(places)
    }
}

impl GrooveTable {
    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// Text that is not JSON of this form.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The table as JSON, a groove a line.
    pub fn to_json(&self) -> String {
        let line = |groove| serde_json::to_string(groove).expect("names and finite numbers are JSON");
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let lines: Vec<String> = self.grooves.iter().map(line).collect();
        let Self { source, licence, measured, .. } = self;
        format!(
            "{{\n\"source\": {},\n\"licence\": {},\n\"measured\": {},\n\"grooves\": [\n{}\n]\n}}\n",
            quoted(source),
            quoted(licence),
            quoted(measured),
            lines.join(",\n")
        )
    }

    /// The groove called `name`.
    pub fn groove(&self, name: &str) -> Option<Groove> {
        self.grooves.iter().find(|groove| groove.name == name)?.groove()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::Meter;

    /// Later and louder place by place: 0 to 90 ticks, a half to one and a quarter.
    fn rising() -> Groove {
        let mut places = [GroovePlace::STRAIGHT; N_PLACES];
        let mut number = 0.0;
        for place in &mut places {
            *place = GroovePlace { late_ticks: 6.0 * number, velocity: 0.5 + number / 20.0 };
            number += 1.0;
        }
        Groove::new(places).unwrap()
    }

    fn late(at: u32, meter: (u8, u8)) -> f64 {
        let meter = Meter::new(meter.0, meter.1).unwrap();
        rising().at(TickInstant(at), meter.bar_duration().0).late_ticks
    }

    #[test]
    fn places_are_counted_from_the_bar_line_and_joined_by_lines() {
        for (at, meter, expected) in [
            (0, (4, 4), 0.0),
            (240, (4, 4), 6.0),
            (360, (4, 4), 9.0),
            (3600, (4, 4), 90.0),
            // Half of the way from the last place to the bar line.
            (3720, (4, 4), 45.0),
            (3840, (4, 4), 0.0),
            // A bar of three beats ends after twelve places.
            (2640, (3, 4), 66.0),
            (2760, (3, 4), 33.0),
            (2880, (3, 4), 0.0),
            // One of nine eighths has two more than there are.
            (3840, (9, 8), 0.0),
            (4080, (9, 8), 6.0),
            (4200, (9, 8), 3.0),
        ] {
            assert!((late(at, meter) - expected).abs() < 1e-9, "{at} in {meter:?}: {}", late(at, meter));
        }
    }

    #[test]
    fn every_bar_is_a_whole_number_of_places() {
        for meter in Meter::all() {
            assert!(meter.bar_duration().0.is_multiple_of(PLACE_TICKS), "{meter}");
        }
    }

    #[test]
    fn a_share_of_a_groove_is_between_it_and_straight() {
        let groove = rising();
        assert_eq!(groove.scaled(0.0), Groove::STRAIGHT);
        assert_eq!(groove.scaled(f32::NAN), Groove::STRAIGHT);
        assert_eq!(Groove::STRAIGHT.scaled(0.3), Groove::STRAIGHT);
        for (amount, share) in [(1.0, 1.0), (7.0, 1.0), (0.5, 0.5)] {
            let last = groove.scaled(amount).places()[15];
            assert!((last.late_ticks - 90.0 * share).abs() < 1e-9, "{last:?}");
            assert!((last.velocity - 1.0 - 0.25 * share).abs() < 1e-9, "{last:?}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        for (late_ticks, velocity) in
            [(-1.0, 1.0), (97.0, 1.0), (f64::NAN, 1.0), (0.0, 0.0), (0.0, 3.0), (0.0, f64::NAN)]
        {
            let mut places = [GroovePlace::STRAIGHT; N_PLACES];
            places[3] = GroovePlace { late_ticks, velocity };
            assert_eq!(Groove::new(places), None, "{late_ticks} {velocity}");
        }
    }
}
