//! How people play: tables of loudness and timing for each place of the bar, counted from performances.
//!
//! # Format
//!
//! [`PerformanceTable`] is JSON: sources and licences, then the kits and the pitched parts, an instrument or part a
//! line. Timing is in milliseconds, loudness in MIDI velocity, both relative to the player's own mean. The places are
//! those of a 4/4 bar, six a beat: its start, its first quarter and third, its half, its second third and last quarter.

use serde::{Deserialize, Serialize};

use super::phrase::{Frame, Note};
use super::pitch::Pitch;
use super::time::{Meter, TICKS_PER_STEP};

/// Places of a beat.
pub const BEAT_PLACES: usize = 6;

/// Places of a bar.
pub const N_PLACES: usize = 4 * BEAT_PLACES;

/// Where the places of a beat lie, in twelfths of it.
pub const PLACE_TWELFTHS: [u32; BEAT_PLACES] = [0, 3, 4, 6, 8, 9];

/// The place nearest to `step_in_bar`, `0..N_PLACES`. Beats are felt beats; those beyond the fourth count as the second,
/// third … again, and the last of three as the fourth.
pub fn place_of(meter: Meter, step_in_bar: u32) -> usize {
    let beat_steps = meter.felt_beat_steps().max(1);
    let (beat, in_beat) = (step_in_bar / beat_steps, step_in_bar % beat_steps);
    let twelfths = in_beat * 12 / beat_steps;
    let nearest = (0..BEAT_PLACES).min_by_key(|idx| PLACE_TWELFTHS[*idx].abs_diff(twelfths)).unwrap_or(0);
    let beat = match (meter.felt_beats(), beat) {
        (3, 2) => 3,
        (_, 0..=3) => beat,
        _ => 1 + (beat - 1) % 3,
    };
    usize::try_from(beat).unwrap_or(0) * BEAT_PLACES + nearest
}

const _: () = assert!(TICKS_PER_STEP * 12 == 960, "twelfths of a beat are grid steps");

/// The kinds of drums and cymbals; those of a kind are played alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the instruments' own")]
pub enum Instrument {
    Kick,
    Snare,
    Rim,
    Hat,
    OpenHat,
    Ride,
    Crash,
    Tom,
    Other,
}

impl Instrument {
    /// Every instrument.
    pub const ALL: [Self; 9] = [
        Self::Kick,
        Self::Snare,
        Self::Rim,
        Self::Hat,
        Self::OpenHat,
        Self::Ride,
        Self::Crash,
        Self::Tom,
        Self::Other,
    ];

    /// The instrument of a percussion key: General MIDI's, and those that electronic kits add for rims and edges.
    pub const fn of(key: Pitch) -> Self {
        match key.number() {
            35 | 36 => Self::Kick,
            38 | 40 => Self::Snare,
            37 | 39 => Self::Rim,
            22 | 42 | 44 => Self::Hat,
            26 | 46 => Self::OpenHat,
            51 | 53 | 59 => Self::Ride,
            49 | 52 | 55 | 57 => Self::Crash,
            41 | 43 | 45 | 47 | 48 | 50 | 58 => Self::Tom,
            _ => Self::Other,
        }
    }

    /// Whether the instrument keeps time: its loudness follows the place in the bar. The strokes of the others are
    /// divided into ghost notes, normal strokes and accents.
    pub const fn keeps_time(self) -> bool {
        matches!(self, Self::Hat | Self::OpenHat | Self::Ride | Self::Crash | Self::Other)
    }
}

/// The kind of a stroke by its loudness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are drummers' own")]
pub enum Tier {
    Ghost,
    Normal,
    Accent,
}

impl Tier {
    /// The softest normal stroke and the softest accent, as MIDI velocities.
    const FROM: [u8; 2] = [48, 104];

    /// The tier of a stroke of `instrument`.
    pub const fn of(instrument: Instrument, velocity: u8) -> Self {
        match velocity {
            _ if instrument.keeps_time() => Self::Normal,
            low if low < Self::FROM[0] => Self::Ghost,
            high if high >= Self::FROM[1] => Self::Accent,
            _ => Self::Normal,
        }
    }
}

/// Measured performances, and where they come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerformanceTable {
    /// Who played or wrote what was measured, and under which licences.
    pub sources: Vec<String>,
    /// How it was measured.
    pub measured: String,
    /// Kits by the style that they are played in; the last is that of any style.
    pub kits: Vec<Kit>,
    /// Parts with pitches.
    pub parts: Vec<PitchedPart>,
}

/// How a drum kit is played in one style.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kit {
    /// The style, or the name of any style; never changes.
    pub name: String,
    /// Performances that were measured.
    pub n_takes: usize,
    /// Strokes that were measured.
    pub n_hits: usize,
    /// Deviation of the time that all limbs share, beat by beat, in milliseconds.
    pub clock_ms: Drift,
    /// Deviation of the loudness that all limbs share, bar by bar, in velocities.
    pub swell: Drift,
    /// The instruments with enough strokes to measure.
    pub instruments: Vec<Stroke>,
}

/// A first-order autoregressive process around 0: each value is the one before times `hold`, plus noise.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Drift {
    /// Standard deviation.
    pub sd: f64,
    /// Correlation of a value with the one before, `0.0..1.0`.
    pub hold: f64,
}

/// How one instrument of a kit is played. Arrays by place have [`N_PLACES`] numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Stroke {
    /// The instrument.
    pub instrument: Instrument,
    /// Strokes that were measured.
    pub n_hits: usize,
    /// Velocity relative to the player's own mean for the instrument and tier, by place.
    pub velocity: Vec<f64>,
    /// Differences of players in velocity: the standard deviation of their own means at a place.
    pub habit: Vec<f64>,
    /// Standard deviation of the velocity around the player's mean at the place, by tier.
    pub stray: [f64; 3],
    /// Milliseconds after the player's own mean, by place.
    pub late_ms: Vec<f64>,
    /// Differences of players in timing: the standard deviation of their own means at a place, in milliseconds.
    pub late_habit_ms: f64,
    /// Milliseconds after the mean time of the place, by tier.
    pub tier_late_ms: [f64; 3],
    /// Standard deviation of the time around the player's mean at the place, without the shared clock, by tier, in
    /// milliseconds.
    pub stray_ms: [f64; 3],
    /// Velocity in fills relative to that in beats, by beat of the bar.
    pub fill: [f64; 4],
}

/// The velocities of a pitched part as a linear model of its notes: coefficients, without an intercept, around the
/// part's own mean, and the residual.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PitchedPart {
    /// The part's name.
    pub part: String,
    /// Tracks that were measured.
    pub n_tracks: usize,
    /// Notes that were measured.
    pub n_notes: usize,
    /// Share of the variance that the model explains, `0.0..=1.0`.
    pub explained: f64,
    /// Coefficients by the strength of the place in the bar, [`Meter::strength`].
    pub strength: [f64; 5],
    /// Coefficient of [`Traits::rise`].
    pub rise: f64,
    /// Coefficient of [`Traits::height`].
    pub height: f64,
    /// Coefficients of notes of up to a quarter of a beat, of up to one beat, and longer.
    pub length: [f64; 3],
    /// Coefficients of single notes, and of the top, the middle and the lowest note of several.
    pub voice: [f64; 4],
    /// Coefficients by the bar's place in four bars.
    pub arc: [f64; 4],
    /// The residual from onset to onset.
    pub stray: Drift,
}

/// The features of a note that the model of [`PitchedPart`] reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traits {
    /// [`Meter::strength`] of the onset, `0..=4`.
    pub strength: usize,
    /// Octaves upward from the note before, `-1.0..=1.0`.
    pub rise: f64,
    /// Octaves above the mean of the notes before, `-1.0..=1.0`.
    pub height: f64,
    /// Index of [`PitchedPart::length`].
    pub length: usize,
    /// Index of [`PitchedPart::voice`].
    pub voice: usize,
    /// Index of [`PitchedPart::arc`].
    pub arc: usize,
}

impl Traits {
    /// The length of [`Self::row`].
    pub const N: usize = 5 + 2 + 3 + 4 + 4;

    /// The traits as a row of the linear model, in the order of [`PitchedPart`]'s fields; categories are one-hot.
    pub fn row(&self) -> [f64; Self::N] {
        let mut row = [0.0; Self::N];
        row[self.strength.min(4)] = 1.0;
        row[5] = self.rise;
        row[6] = self.height;
        row[7 + self.length.min(2)] = 1.0;
        row[10 + self.voice.min(3)] = 1.0;
        row[14 + self.arc.min(3)] = 1.0;
        row
    }
}

/// The notes so far of a pitched part, reduced to what the traits of the next note depend on.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    /// Pitch of the last top note, and the exponentially weighted mean of the top notes so far.
    before: Option<(f64, f64)>,
}

impl Line {
    /// How much less a note weighs in the mean than the one after it.
    const FORGETTING: f64 = 0.9;

    /// The traits of `note`, one of the notes `chord` that share its onset.
    pub fn traits(&self, frame: &Frame, note: &Note, chord: &[Note]) -> Traits {
        let pitch = f64::from(note.pitch.number());
        let octaves_above = |other: f64| ((pitch - other) / 12.0).clamp(-1.0, 1.0);
        let step = note.onset.to_nearest_step() % frame.meter.bar_steps();
        let (lowest, highest) =
            (chord.iter().map(|note| note.pitch).min(), chord.iter().map(|note| note.pitch).max());
        let beats = note.duration.to_beats();
        Traits {
            strength: usize::from(frame.meter.strength(step)),
            rise: self.before.map_or(0.0, |(last, _)| octaves_above(last)),
            height: self.before.map_or(0.0, |(_, mean)| octaves_above(mean)),
            length: if beats < 0.26 { 0 } else { usize::from(beats > 1.01) + 1 },
            voice: match note.pitch {
                _ if chord.len() < 2 => 0,
                pitch if Some(pitch) == highest => 1,
                pitch if Some(pitch) == lowest => 3,
                _ => 2,
            },
            arc: usize::try_from(frame.bar_of(note.onset).saturating_sub(u32::from(frame.has_pickup)) % 4)
                .unwrap_or(0),
        }
    }

    /// Advances beyond `chord`, the notes of one onset, sorted by pitch.
    pub fn step(&mut self, chord: &[Note]) {
        let Some(top) = chord.last().map(|note| f64::from(note.pitch.number())) else { return };
        let mean =
            self.before.map_or(top, |(_, mean)| mean * Self::FORGETTING + top * (1.0 - Self::FORGETTING));
        self.before = Some((top, mean));
    }
}

impl PitchedPart {
    /// The velocity that the model predicts for `traits`, relative to the part's mean.
    pub fn velocity(&self, traits: &Traits) -> f64 {
        self.strength[traits.strength.min(4)]
            + self.rise * traits.rise
            + self.height * traits.height
            + self.length[traits.length.min(2)]
            + self.voice[traits.voice.min(3)]
            + self.arc[traits.arc.min(3)]
    }
}

impl Kit {
    /// How `instrument` is played; `None` if too few of its strokes were measured.
    pub fn stroke(&self, instrument: Instrument) -> Option<&Stroke> {
        self.instruments.iter().find(|stroke| stroke.instrument == instrument)
    }
}

impl PerformanceTable {
    /// Reads what [`Self::to_json`] wrote.
    ///
    /// # Errors
    ///
    /// Text that is not JSON of this form, or arrays without a number for every place.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        let table: Self = serde_json::from_str(text)?;
        let strokes = table.kits.iter().flat_map(|kit| &kit.instruments);
        let is_whole = |array: &Vec<f64>| array.len() == N_PLACES;
        let is_odd =
            |stroke: &Stroke| ![&stroke.velocity, &stroke.habit, &stroke.late_ms].into_iter().all(is_whole);
        if strokes.into_iter().any(is_odd) || table.kits.is_empty() {
            return Err(serde::de::Error::custom("a kit does not have a number for every place of the bar"));
        }
        Ok(table)
    }

    /// The table as JSON, an instrument or part a line.
    pub fn to_json(&self) -> String {
        fn one<T: Serialize>(value: &T) -> String {
            serde_json::to_string(value).expect("names and finite numbers are JSON")
        }
        fn lines<T: Serialize>(values: &[T]) -> String {
            values.iter().map(one).collect::<Vec<_>>().join(",\n")
        }
        let kit = |kit: &Kit| {
            let Kit { name, n_takes, n_hits, clock_ms, swell, instruments } = kit;
            format!(
                "{{\"name\":{},\"n_takes\":{n_takes},\"n_hits\":{n_hits},\"clock_ms\":{},\"swell\":{},\"instruments\":[\n{}\n]}}",
                one(name),
                one(clock_ms),
                one(swell),
                lines(instruments)
            )
        };
        format!(
            "{{\n\"sources\": [\n{}\n],\n\"measured\": {},\n\"kits\": [\n{}\n],\n\"parts\": [\n{}\n]\n}}\n",
            lines(&self.sources),
            one(&self.measured),
            self.kits.iter().map(kit).collect::<Vec<_>>().join(",\n"),
            lines(&self.parts)
        )
    }

    /// The kit called `name`, else that of any style.
    pub fn kit(&self, name: &str) -> Option<&Kit> {
        self.kits.iter().find(|kit| kit.name == name).or(self.kits.last())
    }

    /// The part called `name`.
    pub fn part(&self, name: &str) -> Option<&PitchedPart> {
        self.parts.iter().find(|part| part.part == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_felt_beat() {
        for (meter, step, expected) in [
            ((4, 4), 0, 0),
            ((4, 4), 3, 1),
            ((4, 4), 4, 2),
            ((4, 4), 18, 9),
            ((4, 4), 45, 23),
            ((3, 4), 24, 18),
            ((6, 8), 6, 2),
            ((6, 8), 18, 6),
            ((6, 8), 24, 8),
            ((5, 4), 48, 6),
        ] {
            let got = place_of(Meter::new(meter.0, meter.1).unwrap(), step);
            assert_eq!(got, expected, "step {step} of {meter:?}");
        }
        for meter in Meter::all() {
            assert!((0..meter.bar_steps()).all(|step| place_of(meter, step) < N_PLACES), "{meter}");
        }
    }

    #[test]
    fn only_what_is_no_timekeeper_has_tiers() {
        assert_eq!(
            [20, 80, 110].map(|v| Tier::of(Instrument::Snare, v)),
            [Tier::Ghost, Tier::Normal, Tier::Accent]
        );
        assert_eq!([20, 80, 110].map(|v| Tier::of(Instrument::Hat, v)), [Tier::Normal; 3]);
    }
}
