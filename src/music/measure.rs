//! The controls as measured from notes.
//!
//! Every control is a value in `0.0..=1.0`. Time is read on the grid of [`STEPS_PER_BEAT`] steps. Velocity is not read,
//! since half of the written music has no meaningful velocities.
//!
//! # Calibration
//!
//! A control is first a plain quantity with a unit (see [`PartControl`]), then its place among real music of the
//! same part: straight lines through the quantiles in `KNOTS`, so that 0.5 is the median of eight-bar windows of
//! the training corpus and 0.25 and 0.75 are its quartiles, for a bass as for a melody.

mod mood;

pub use mood::{Mood, measure_mood};
#[cfg(feature = "model")]
pub(crate) use mood::{brightness, roughness};

use super::phrase::{Cell, Part, Phrase};
use super::time::{Meter, STEPS_PER_BEAT, TickDuration};

/// A control of one part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartControl {
    /// Onsets per felt beat; notes that begin together are one onset.
    Density,
    /// Mean over the onsets of the difference of metrical weights between the strongest empty place after the onset and
    /// the onset's own; each drum by itself.
    Syncopation,
    /// Mean notes sounding while any sounds; for drums, mean hits per onset.
    Polyphony,
    /// Mean pitch, weighted by duration; for drums, how high the instruments sound.
    Register,
    /// Semitones from the lowest to the highest note; for drums, instruments used.
    Range,
    /// Share of the moves of the top line that are wider than a whole tone; for drums, share of onsets with other
    /// instruments than the onset before.
    Leaps,
    /// Share of the time in which nothing sounds, gaps under a sixteenth left out; a hit lasts half a felt beat.
    Rests,
}

impl PartControl {
    /// Every control; the place is the control's index.
    pub const ALL: [Self; 7] = [
        Self::Density,
        Self::Syncopation,
        Self::Polyphony,
        Self::Register,
        Self::Range,
        Self::Leaps,
        Self::Rests,
    ];

    /// The place in [`Self::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case English name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Density => "density",
            Self::Syncopation => "syncopation",
            Self::Polyphony => "polyphony",
            Self::Register => "register",
            Self::Range => "range",
            Self::Leaps => "leaps",
            Self::Rests => "rests",
        }
    }

    /// What 0 and 1 ask for, for people to read.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Density => "Onsets per beat, 0 (few) to 1 (many)",
            Self::Syncopation => "Weight off the beat, 0 to 1",
            Self::Polyphony => "Notes at a time, 0 to 1",
            Self::Register => "Low (0) to high (1)",
            Self::Range => "Narrow (0) to wide (1)",
            Self::Leaps => "Steps (0) to leaps (1)",
            Self::Rests => "Silence, 0 (none) to 1 (much)",
        }
    }
}

/// The seven controls of one part as measured.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct PartMeasures([f32; 7]);

impl PartMeasures {
    /// The measured value of `control`, `0.0..=1.0`.
    pub const fn get(&self, control: PartControl) -> f32 {
        self.0[control.index()]
    }

    /// The values rounded to hundredths.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self(self.0.map(|value| (value * 100.0).round() / 100.0))
    }

    /// All values, each `0.0..=1.0`, indexed by `[control_idx]`.
    pub const fn as_array(&self) -> &[f32; 7] {
        &self.0
    }
}

/// Measures the cells of `part` in `bars`; `None` where there is no note in them.
///
/// `bars` — bar indices from 0, in any order. A note that sounds on into a bar outside `bars` is cut there, and
/// one that sounds in from a bar outside is ignored.
pub fn measure_part(phrase: &Phrase, part: Part, bars: &[u32]) -> Option<PartMeasures> {
    let excerpt = Excerpt::new(phrase, part, bars)?;
    Some(PartMeasures(
        PartControl::ALL.map(|control| to_control(calibrated(part, control, excerpt.raw(control)))),
    ))
}

/// The notes of one part in some bars, on the grid, with those bars joined.
struct Excerpt {
    meter: Meter,
    part: Part,
    n_steps: u32,
    /// Sorted by step then pitch; never empty.
    notes: Vec<GridNote>,
}

/// A note on the grid of an [`Excerpt`].
struct GridNote {
    step: u32,
    /// First step after the note.
    end: u32,
    pitch: u8,
}

impl Excerpt {
    fn new(phrase: &Phrase, part: Part, bars: &[u32]) -> Option<Self> {
        let frame = phrase.frame();
        let meter = frame.meter;
        let mut bars: Vec<u32> = bars.iter().copied().filter(|&bar| bar < frame.n_bars_total()).collect();
        bars.sort_unstable();
        bars.dedup();
        let bar_steps = meter.bar_steps();
        let n_steps = bar_steps * u32::try_from(bars.len()).ok()?;
        let mut notes = Vec::new();
        let mut base = 0;
        for run in bars.chunk_by(|earlier, later| earlier + 1 == *later) {
            let run_end = base + bar_steps * u32::try_from(run.len()).ok()?;
            for &bar in run {
                let start = TickDuration(frame.bar_start(bar).0);
                notes.extend(phrase.cell(Cell { bar, part }).iter().map(|note| {
                    let in_bar = (note.onset - start).to_nearest_step();
                    let step = (base + in_bar).min(run_end - 1);
                    let n_steps = if part.is_drums() {
                        (meter.felt_beat_steps() / 2).max(1)
                    } else {
                        note.duration.to_nearest_steps()
                    };
                    GridNote { step, end: (step + n_steps).min(run_end), pitch: note.pitch.number() }
                }));
                base += bar_steps;
            }
        }
        notes.sort_by_key(|note| (note.step, note.pitch));
        (!notes.is_empty()).then_some(Self { meter, part, n_steps, notes })
    }

    /// The notes of each onset, in order of time.
    fn groups(&self) -> impl Iterator<Item = &[GridNote]> {
        self.notes.chunk_by(|earlier, later| earlier.step == later.step)
    }

    /// `control` in its own unit, which [`PartControl`] documents.
    fn raw(&self, control: PartControl) -> f64 {
        match control {
            PartControl::Density => ratio(self.groups().count(), 1) / self.n_felt_beats(),
            PartControl::Syncopation => self.syncopation(),
            PartControl::Polyphony if self.part.is_drums() => ratio(self.notes.len(), self.groups().count()),
            PartControl::Polyphony => self.polyphony(),
            PartControl::Register => self.register(),
            PartControl::Range => self.range(),
            PartControl::Leaps if self.part.is_drums() => self.changes_of_instrument(),
            PartControl::Leaps => self.leaps(),
            PartControl::Rests => self.rests(),
        }
    }

    fn n_felt_beats(&self) -> f64 {
        f64::from(self.n_steps / self.meter.bar_steps() * self.meter.felt_beats())
    }

    /// Mean difference of metrical weights per onset, `0.0..=4.0`.
    ///
    /// # Source
    ///
    /// H. C. Longuet-Higgins and C. S. Lee, "The rhythmic interpretation of monophonic music", Music Perception
    /// 1(4), 1984: a note followed by a rest or tie on a stronger place syncopates by the difference of weights.
    /// Weights here are those of [`Meter::strength`], and the mean over onsets replaces the sum. Each drum is a line of
    /// its own, after M. A. G. Witek et al., "Syncopation, body-movement and pleasure in groove music", PLoS ONE
    /// 9(4), 2014.
    fn syncopation(&self) -> f64 {
        let places_of = |is_line: &dyn Fn(u8) -> bool| -> Vec<u32> {
            let line = self.notes.iter().filter(|note| is_line(note.pitch));
            let mut places: Vec<u32> = line.map(|note| straightened(note.step)).collect();
            places.dedup();
            places
        };
        if !self.part.is_drums() {
            let places = places_of(&|_| true);
            return ratio(self.weight_taken(&places), places.len());
        }
        let mut keys: Vec<u8> = self.notes.iter().map(|note| note.pitch).collect();
        keys.sort_unstable();
        keys.dedup();
        let lines: Vec<Vec<u32>> = keys.into_iter().map(|key| places_of(&|pitch| pitch == key)).collect();
        let taken = lines.iter().map(|places| self.weight_taken(places)).sum();
        ratio(taken, lines.iter().map(Vec::len).sum())
    }

    /// Sum of [`weight_taken`] over `places`, the ascending onsets of a line.
    fn weight_taken(&self, places: &[u32]) -> usize {
        let next = |idx: usize| places.get(idx + 1).copied().unwrap_or(self.n_steps);
        let taken = |(idx, &place): (usize, &u32)| usize::from(weight_taken(self.meter, place, next(idx)));
        places.iter().enumerate().map(taken).sum()
    }

    /// Mean notes sounding while any sounds.
    fn polyphony(&self) -> f64 {
        let total: u32 = self.notes.iter().map(|note| note.end - note.step).sum();
        f64::from(total) / f64::from((self.n_steps - self.silent_steps(1)).max(1))
    }

    /// Steps in gaps of at least `shortest` steps in which nothing sounds.
    fn silent_steps(&self, shortest: u32) -> u32 {
        let mut sounding_until = 0;
        let mut silent = 0;
        for (step, end) in
            self.notes.iter().map(|note| (note.step, note.end)).chain([(self.n_steps, self.n_steps)])
        {
            let gap = step.saturating_sub(sounding_until);
            silent += if gap >= shortest { gap } else { 0 };
            sounding_until = sounding_until.max(end);
        }
        silent
    }

    fn rests(&self) -> f64 {
        f64::from(self.silent_steps(STEPS_PER_BEAT / 4)) / f64::from(self.n_steps)
    }

    fn register(&self) -> f64 {
        let (mut sum, mut weight) = (0.0, 0.0);
        for note in &self.notes {
            let height = if self.part.is_drums() { drum_height(note.pitch) } else { f64::from(note.pitch) };
            let n_steps = f64::from(note.end - note.step);
            sum += height * n_steps;
            weight += n_steps;
        }
        sum / weight
    }

    fn range(&self) -> f64 {
        let mut is_used = [false; 128];
        for note in &self.notes {
            is_used[usize::from(note.pitch)] = true;
        }
        if self.part.is_drums() {
            return ratio(is_used.iter().filter(|&&used| used).count(), 1);
        }
        let lowest = is_used.iter().position(|&used| used).unwrap_or(0);
        let highest = is_used.iter().rposition(|&used| used).unwrap_or(0);
        ratio(highest - lowest, 1)
    }

    fn leaps(&self) -> f64 {
        let tops: Vec<u8> = self.groups().filter_map(|group| Some(group.last()?.pitch)).collect();
        let moves =
            || tops.windows(2).map(|pair| pair[0].abs_diff(pair[1])).filter(|&semitones| semitones > 0);
        ratio(moves().filter(|&semitones| semitones > 2).count(), moves().count())
    }

    fn changes_of_instrument(&self) -> f64 {
        let groups: Vec<&[GridNote]> = self.groups().collect();
        let is_change = |pair: &&[&[GridNote]]| {
            !pair[0].iter().map(|hit| hit.pitch).eq(pair[1].iter().map(|hit| hit.pitch))
        };
        ratio(groups.windows(2).filter(is_change).count(), groups.len() - 1)
    }
}

/// How much the strongest place between `place`, an onset, and `next`, the next onset of its line, outweighs the
/// onset's own place, `0..=4`. Both are in [straightened] steps.
pub(crate) fn weight_taken(meter: Meter, place: u32, next: u32) -> u8 {
    let bar_steps = meter.bar_steps();
    // A triplet does not cross the half of its beat.
    let weakest = if place.is_multiple_of(STEPS_PER_BEAT / 4) { 1 } else { 2 };
    let strongest = (place + 1..next.min(place + bar_steps + 1))
        .map(|between| meter.strength(between % bar_steps))
        .filter(|&strength| strength >= weakest)
        .max();
    strongest.unwrap_or(0).saturating_sub(meter.strength(place % bar_steps))
}

/// Quantises a step so that a player's early or late hit does not count as syncopation: a step next to a beat moves
/// onto it, others to the nearest sixteenth; triplets stay.
pub(crate) fn straightened(step: u32) -> u32 {
    const NEAREST: [u32; STEPS_PER_BEAT as usize] = [0, 0, 3, 3, 4, 6, 6, 6, 8, 9, 9, 12];
    let in_beat = step % STEPS_PER_BEAT;
    step - in_beat + NEAREST.get(in_beat as usize).copied().unwrap_or(in_beat)
}

/// How high a General MIDI percussion key sounds, from 0.0 for kicks to 1.0 for cymbals.
pub(crate) fn drum_height(key: u8) -> f64 {
    match key {
        35 | 36 => 0.0,
        41 | 43 | 45 | 47 | 58 | 64 | 66 => 0.25,
        37..=40 | 48 | 50 | 60..=63 | 65 | 75..=79 => 0.5,
        42 | 44 | 46 | 49 | 51..=57 | 59 | 69 | 70 | 80..=82 => 1.0,
        _ => 0.75,
    }
}

/// `numerator / denominator`, or 0 where the denominator is 0.
#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^53")]
fn ratio(numerator: usize, denominator: usize) -> f64 {
    if denominator == 0 { 0.0 } else { numerator as f64 / denominator as f64 }
}

/// The nearest control value.
#[expect(clippy::cast_possible_truncation, reason = "rounding to the nearest f32 is what is wanted")]
fn to_control(value: f64) -> f32 {
    value.clamp(0.0, 1.0) as f32
}

/// The raw value's place between the knots of `control` for `part`, `0.0..=1.0`.
pub(crate) fn calibrated(part: Part, control: PartControl, raw: f64) -> f64 {
    through(&KNOTS[control.index()][part.index()], raw)
}

/// Maps `raw` to `0.0..=1.0` by linear interpolation between ascending `knots`, whose values are 0, 0.25, 0.5, 0.75 and
/// 1.
fn through(knots: &[f64; 5], raw: f64) -> f64 {
    let mut place = 0.0;
    for pair in knots.windows(2) {
        place += 0.25 * ((raw - pair[0]) / (pair[1] - pair[0])).clamp(0.0, 1.0);
    }
    place
}

/// The quantity that `value` of `control` means for `part`, in the control's own unit, which [`PartControl`] documents:
/// the inverse of the calibration of [`measure_part`].
///
/// `value` — `0.0..=1.0`.
pub fn raw_quantity(part: Part, control: PartControl, value: f32) -> f64 {
    let knots = &KNOTS[control.index()][part.index()];
    let mut left = f64::from(value).clamp(0.0, 1.0);
    let mut raw = knots[0];
    for pair in knots.windows(2) {
        raw += (pair[1] - pair[0]) * (left / 0.25).clamp(0.0, 1.0);
        left -= 0.25;
    }
    raw
}

/// The first, 25th, 50th, 75th and 99th percentile of each raw quantity over the eight-bar windows of the training
/// corpus, rounded, and indexed by `[control_idx][part_idx]`. Where many windows have the very least or most there is
/// (nothing, one voice, no rests), the outer knot is that value and the others are quantiles of the remaining windows.
const KNOTS: [[[f64; 5]; 5]; 7] = [
    // Density, in onsets per felt beat, from none.
    [
        [0.0, 2.25, 3.0, 4.0, 6.5],
        [0.0, 0.28, 0.5, 1.1, 4.0],
        [0.0, 0.6, 1.25, 2.0, 6.0],
        [0.0, 2.0, 2.75, 4.0, 7.25],
        [0.0, 0.95, 1.6, 2.7, 5.5],
    ],
    // Syncopation, in weight per onset.
    [
        [0.0, 0.45, 0.67, 0.9, 1.8],
        [0.0, 0.1, 0.27, 0.67, 2.2],
        [0.0, 0.065, 0.16, 0.47, 1.8],
        [0.0, 0.07, 0.18, 0.42, 2.1],
        [0.0, 0.055, 0.105, 0.21, 1.4],
    ],
    // Polyphony, in notes.
    [
        [1.0, 1.26, 1.4, 1.6, 2.5],
        [1.0, 1.33, 1.85, 2.0, 3.0],
        [1.0, 2.0, 3.0, 3.6, 6.2],
        [1.0, 1.15, 1.43, 1.85, 3.5],
        [1.0, 1.2, 1.7, 2.0, 3.5],
    ],
    // Register, in MIDI note numbers (drums: 0 to 1).
    [
        [0.2, 0.5, 0.62, 0.7, 1.0],
        [30.0, 37.0, 40.0, 49.0, 62.0],
        [43.0, 56.0, 60.0, 63.5, 73.0],
        [41.0, 53.0, 58.0, 65.0, 81.0],
        [52.0, 68.0, 71.0, 73.5, 84.0],
    ],
    // Range, in semitones (drums: instruments).
    [
        [1.0, 4.0, 5.0, 7.0, 13.0],
        [0.0, 7.0, 10.0, 15.0, 31.0],
        [5.0, 12.0, 24.0, 38.0, 63.0],
        [2.0, 16.0, 22.0, 28.0, 50.0],
        [2.0, 12.0, 14.0, 17.0, 42.0],
    ],
    // Leaps, as a share.
    [
        [0.0, 0.64, 0.81, 0.9, 1.0],
        [0.0, 0.36, 0.53, 0.7, 1.0],
        [0.0, 0.39, 0.57, 0.79, 1.0],
        [0.0, 0.43, 0.68, 0.89, 1.0],
        [0.0, 0.28, 0.4, 0.54, 1.0],
    ],
    // Rests, as a share.
    [
        [0.0, 0.03, 0.11, 0.25, 0.93],
        [0.0, 0.09, 0.13, 0.25, 0.85],
        [0.0, 0.055, 0.105, 0.2, 0.75],
        [0.0, 0.06, 0.155, 0.31, 0.83],
        [0.0, 0.06, 0.105, 0.23, 0.87],
    ],
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::phrase::{Frame, Note};
    use super::super::pitch::Pitch;
    use super::super::progression::Progression;
    use super::super::scale::Key;
    use super::super::time::TickInstant;
    use super::*;

    /// Step, length in steps, pitch.
    type Given = (u32, u32, i32);

    /// A phrase of two bars of 4/4 in C major with `notes` in `part`.
    fn phrase(part: Part, notes: &[Given]) -> Phrase {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 120.0);
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[part.index()] = notes
            .iter()
            .map(|&(step, n_steps, pitch)| {
                let (onset, duration) = (TickInstant::from_steps(step), TickDuration::from_steps(n_steps));
                Note::new(onset, duration, Pitch::clamped(pitch), 80)
            })
            .collect();
        Phrase::repaired(frame, Progression::default(), parts).unwrap().0
    }

    fn measured(part: Part, notes: &[Given], control: PartControl) -> f32 {
        measure_part(&phrase(part, notes), part, &[0, 1]).unwrap().get(control)
    }

    #[test]
    fn each_control_rises_with_what_it_names() {
        use Part::{Drums, Melody};
        use PartControl::*;
        let step_wise = [(0, 24, 60), (24, 24, 62), (48, 24, 64), (72, 24, 65)];
        let cases: [(PartControl, Part, &[Given], &[Given]); 13] = [
            (
                Density,
                Melody,
                &step_wise,
                &[(0, 12, 60), (12, 12, 62), (24, 24, 64), (48, 24, 65), (72, 24, 67)],
            ),
            (Density, Drums, &[(0, 1, 36)], &[(0, 1, 36), (24, 1, 36)]),
            (Syncopation, Melody, &step_wise, &[(0, 18, 60), (18, 24, 62), (42, 30, 64), (72, 24, 65)]),
            (
                Syncopation,
                Drums,
                &[(0, 1, 36), (24, 1, 38), (48, 1, 36)],
                &[(0, 1, 36), (18, 1, 38), (48, 1, 36)],
            ),
            (
                Polyphony,
                Melody,
                &step_wise,
                &[(0, 24, 60), (0, 24, 64), (24, 24, 62), (48, 24, 64), (72, 24, 65)],
            ),
            (Polyphony, Drums, &[(0, 1, 36)], &[(0, 1, 36), (0, 1, 42)]),
            (Register, Melody, &step_wise, &[(0, 24, 60), (24, 24, 62), (48, 24, 64), (72, 24, 67)]),
            (Register, Drums, &[(0, 1, 36), (24, 1, 38)], &[(0, 1, 42), (24, 1, 38)]),
            (Range, Melody, &step_wise, &[(0, 24, 60), (24, 24, 62), (48, 24, 64), (72, 24, 67)]),
            (Range, Drums, &[(0, 1, 36)], &[(0, 1, 36), (24, 1, 38)]),
            (Leaps, Melody, &step_wise, &[(0, 24, 60), (24, 24, 62), (48, 24, 67), (72, 24, 65)]),
            (Leaps, Drums, &[(0, 1, 36), (24, 1, 36)], &[(0, 1, 36), (24, 1, 38)]),
            (Rests, Melody, &step_wise, &[(0, 18, 60), (24, 24, 62), (48, 24, 64), (72, 24, 65)]),
        ];
        for (control, part, less, more) in cases {
            let (less, more) = (measured(part, less, control), measured(part, more, control));
            assert!(less < more, "{control:?} of {part}: {less} is not below {more}");
        }
    }

    #[test]
    fn a_triplet_is_not_syncopated_and_neither_is_a_late_hit() {
        let triplets = [(0, 4, 60), (4, 4, 62), (8, 4, 64), (12, 4, 65), (24, 24, 60), (48, 48, 60)];
        assert_eq!(measured(Part::Melody, &triplets, PartControl::Syncopation), 0.0);
        let late = [(0, 12, 60), (13, 11, 62), (24, 23, 64), (47, 49, 65)];
        assert_eq!(measured(Part::Melody, &late, PartControl::Syncopation), 0.0);
    }

    #[test]
    fn only_the_cells_of_the_bars_count() {
        let both = phrase(Part::Melody, &[(0, 12, 60), (60, 12, 72)]);
        assert_eq!(measure_part(&both, Part::Bass, &[0, 1]), None);
        assert_eq!(measure_part(&both, Part::Melody, &[2]), None);
        let first = phrase(Part::Melody, &[(0, 12, 60)]);
        assert_eq!(measure_part(&both, Part::Melody, &[0]), measure_part(&first, Part::Melody, &[0]));
        assert_eq!(measure_part(&first, Part::Melody, &[1]), None);
    }

    #[test]
    fn major_is_brighter_than_minor_and_busy_more_excited_than_calm() {
        let mood = |notes: &[Given]| measure_mood(&phrase(Part::Chords, notes)).unwrap();
        let major = mood(&[(0, 96, 60), (0, 96, 64), (0, 96, 67)]);
        let minor = mood(&[(0, 96, 60), (0, 96, 63), (0, 96, 67)]);
        assert!(major.valence > 0.6 && minor.valence < 0.4, "{major:?} {minor:?}");
        let quavers: Vec<_> = (0..16).map(|idx| (6 * idx, 6, 60)).collect();
        assert!(mood(&quavers).arousal > major.arousal);
        assert_eq!(measure_mood(&phrase(Part::Chords, &[])), None);
        let drums = measure_mood(&phrase(Part::Drums, &[(0, 1, 36)])).unwrap();
        assert!((0.45..0.55).contains(&drums.valence), "{drums:?}");
    }

    #[test]
    fn a_raw_quantity_stands_where_its_value_says() {
        for part in Part::ALL {
            for control in PartControl::ALL {
                for value in [0.0, 0.1, 0.25, 0.4, 0.5, 0.9, 1.0] {
                    let again = calibrated(part, control, raw_quantity(part, control, value));
                    assert!(
                        (again - f64::from(value)).abs() < 1e-6,
                        "{control:?} of {part}: {value} {again}"
                    );
                }
            }
        }
    }

    #[test]
    fn knots_ascend() {
        for knots in KNOTS.iter().flatten() {
            assert!(knots.windows(2).all(|pair| pair[0] < pair[1]), "{knots:?}");
        }
    }

    proptest! {
        #[test]
        fn measures_are_in_range_and_an_octave_moves_the_register_only(
            notes in prop::collection::vec((0u32..96, 1u32..200, 30i32..90), 1..40),
            part_idx in 0usize..5,
        ) {
            let part = Part::ALL[part_idx];
            let low = phrase(part, &notes);
            let measures = measure_part(&low, part, &[1, 0, 1, 7]).unwrap();
            prop_assert!(measures.as_array().iter().all(|value| (0.0..=1.0).contains(value)));
            let mood = measure_mood(&low).unwrap();
            prop_assert!((0.0..=1.0).contains(&mood.valence) && (0.0..=1.0).contains(&mood.arousal));
            if !part.is_drums() {
                let up: Vec<_> = notes.iter().map(|&(step, n_steps, pitch)| (step, n_steps, pitch + 12)).collect();
                let higher = measure_part(&phrase(part, &up), part, &[0, 1]).unwrap();
                for control in PartControl::ALL {
                    let (before, after) = (measures.get(control), higher.get(control));
                    if control == PartControl::Register {
                        prop_assert!(before <= after);
                    } else {
                        prop_assert_eq!(before, after, "{:?}", control);
                    }
                }
            }
        }
    }
}
