//! Measures grooves from human drum performances: how late and how loud each sixteenth of a 4/4 bar is played.
//!
//! Performances come from one source, whose timing is as it was played. Its fills are left out, as are performances in
//! other meters, very short ones, and those of held-out families.
//!
//! Each performance is quantised to the grid nearest to its hits: straight sixteenths, or swung eighths or sixteenths,
//! in thirds. So swing is not part of a groove, since it is written in the notes or set with a knob of its own; neither
//! is the lead or lag of the whole performance against its click. The lateness of a place is the remaining deviation.
//! Hits far from the grid (flams, rolls) have none. A swung off-beat counts at the last or first sixteenth of its beat,
//! whichever is nearer.
//!
//! The values of a place are medians over all hits; the velocity is that of the loudest hit at a place, divided by the
//! mean of these in its bar. A place with few hits has the value of its counterpart in the other half of the bar, else
//! one interpolated between its neighbours.

use std::collections::BTreeMap;
use std::path::Path;

use super::CorpusError;
use super::manifest::{self, Entry, Split};
use crate::music::groove::{GrooveTable, MAX_LATE_TICKS, MeasuredGroove, N_PLACES, PLACE_TICKS};
use crate::music::time::PPQ;
use crate::music::{Note, counted};
use crate::smf::{self, Score};
use crate::token::Style;

/// The source in the manifest whose timing is human.
const SOURCE: &str = "groove_midi";

/// The attribution that its licence requires.
const CREDIT: &str = "Groove MIDI Dataset v1.0.0 (Google Magenta): Jon Gillick, Adam Roberts, Jesse Engel, Douglas Eck and \
     David Bamman, \"Learning to Groove with Inverse Sequence Transformations\", ICML 2019";

/// Its licence.
const LICENCE: &str = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/";

/// The grooves that are measured: name, styles of which a performance must have one, and pulse of the performances.
const KINDS: [(&str, &[Style], Pulse); 8] = [
    ("rock", &[Style::Rock], Pulse::Straight),
    ("funk", &[Style::Funk], Pulse::Straight),
    ("soul", &[Style::Soul], Pulse::Straight),
    ("hip-hop", &[Style::HipHop], Pulse::Straight),
    ("latin", &[Style::Latin], Pulse::Straight),
    ("afro", &[Style::Afro], Pulse::Straight),
    ("jazz", &[Style::Jazz], Pulse::Swung),
    ("shuffle", &[Style::Rock, Style::Blues], Pulse::Swung),
];

/// The least material of a groove.
#[derive(Debug, Clone, Copy)]
pub struct Fewest {
    /// Performances of a groove.
    pub n_performances: usize,
    /// Bars of a groove, all performances together.
    pub n_bars: usize,
    /// Hits of a place; one with fewer is filled from others.
    pub n_hits: usize,
}

impl Fewest {
    /// The limits of the grooves that ship. Hits vary by some 20 ticks, so that a median of 64 is accurate to about 3.
    pub const SHIPPED: Self = Self { n_performances: 10, n_bars: 300, n_hits: 64 };
}

/// Fewest bars of a performance, and fewest hits.
const FEWEST_OF_ONE: (u32, usize) = (4, 32);

/// Hits further from the grid than this, a quarter of a place, are ornaments.
const WINDOW_TICKS: i32 = 60;

/// Fewest places of a bar that its mean velocity is taken from.
const FEWEST_OF_BAR: usize = 3;

/// A performance is swung if its distance from a swung grid is less than this factor of that from sixteenths.
const CLEARLY: f64 = 0.8;

/// Places of a beat.
const BEAT_PLACES: i32 = 4;

#[expect(clippy::cast_possible_wrap, reason = "960")]
const BEAT_TICKS: i32 = PPQ as i32;

/// The division of the beat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// In halves and quarters of a beat.
    Straight,
    /// In thirds.
    Swung,
}

/// The points of a grid: ticks in the beat and the place in the beat.
type Grid = &'static [(i32, i32)];

/// Every grid of performances; the straight one first.
const GRIDS: [(Pulse, Grid); 3] = [
    (Pulse::Straight, &[(0, 0), (240, 1), (480, 2), (720, 3), (960, 4)]),
    (Pulse::Swung, &[(0, 0), (320, 1), (640, 3), (960, 4)]),
    (Pulse::Swung, &[(0, 0), (320, 1), (480, 2), (800, 3), (960, 4)]),
];

/// A performance quantised to its grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Performance {
    /// The division of its beats.
    pub pulse: Pulse,
    hits: Vec<Hit>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Hit {
    bar: i32,
    /// `0..N_PLACES`.
    place: usize,
    /// Ticks after the grid, negative if early, without the lead or lag of the whole performance.
    late: i32,
    velocity: u8,
}

impl Performance {
    /// A performance of `notes`, drums in 4/4 with a bar line at 0; `None` if they are too few or too short.
    pub fn new(notes: &[Note]) -> Option<Self> {
        let hits: Vec<(i32, u8)> = notes
            .iter()
            .filter_map(|note| Some((i32::try_from(note.onset.0).ok()?, note.velocity)))
            .collect();
        let last = notes.iter().map(|note| note.onset.0).max()?;
        if hits.len() < FEWEST_OF_ONE.1 || last < FEWEST_OF_ONE.0 * 4 * PPQ - PLACE_TICKS * 4 {
            return None;
        }
        let laid = GRIDS.map(|(pulse, grid)| (pulse, Laid::new(&hits, grid)));
        let [(_, straight), ..] = &laid;
        let most = CLEARLY * straight.distance;
        let nearest = laid
            .iter()
            .filter(|(pulse, laid)| *pulse == Pulse::Straight || laid.distance < most)
            .min_by(|(_, one), (_, other)| one.distance.total_cmp(&other.distance))?;
        Some(Self { pulse: nearest.0, hits: nearest.1.hits.clone() })
    }
}

/// Hits quantised to a grid.
struct Laid {
    hits: Vec<Hit>,
    /// Their mean distance from the grid, divided by that of uniformly distributed hits.
    distance: f64,
}

impl Laid {
    /// Quantises `hits`, ticks and velocity, to `grid`.
    fn new(hits: &[(i32, u8)], grid: Grid) -> Self {
        let lateness = |shift: i32| hits.iter().map(move |(at, _)| f64::from(nearest(at - shift, grid).1));
        let lag = median(lateness(0).collect()).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, reason = "less than a beat")]
        let lag = lag.round() as i32;
        let distance = mean(lateness(lag).map(f64::abs)).unwrap_or(0.0) / usual_distance(grid);
        let hits = hits.iter().filter_map(|&(at, velocity)| {
            let (number, late) = nearest(at - lag, grid);
            let per_bar = i32::try_from(N_PLACES).ok()?;
            let place = usize::try_from(number.rem_euclid(per_bar)).ok()?;
            Some(Hit { bar: number.div_euclid(per_bar), place, late, velocity })
        });
        Self { hits: hits.filter(|hit| hit.late.abs() <= WINDOW_TICKS && hit.bar >= 0).collect(), distance }
    }
}

/// The place nearest to `at`, counted from the start, and the ticks from its point on `grid` to `at`.
fn nearest(at: i32, grid: Grid) -> (i32, i32) {
    let (beat, in_beat) = (at.div_euclid(BEAT_TICKS), at.rem_euclid(BEAT_TICKS));
    let point = grid.iter().min_by_key(|(ticks, _)| (in_beat - ticks).abs());
    let (ticks, place) = point.copied().unwrap_or((0, 0));
    (beat * BEAT_PLACES + place, in_beat - ticks)
}

/// The mean distance of uniformly distributed hits from `grid`, in ticks.
fn usual_distance(grid: Grid) -> f64 {
    // Between two points it is a quarter of their distance, weighted by that distance.
    let spans = grid.windows(2).map(|pair| f64::from(pair[1].0 - pair[0].0));
    spans.map(|span| span * span / 4.0).sum::<f64>() / f64::from(BEAT_TICKS)
}

/// Measures the grooves with enough material in the source with human timing of the corpus in `dir`.
///
/// `progress` — called with files done and files in all.
///
/// # Errors
///
/// A corpus whose manifest cannot be read, or one without that source.
pub fn measure(dir: &Path, mut progress: impl FnMut(usize, usize)) -> Result<GrooveTable, CorpusError> {
    let mut entries = manifest::read(dir)?;
    entries.retain(|entry| entry.source == SOURCE && entry.split() == Split::Train && !is_fill(entry));
    if entries.is_empty() {
        return Err(CorpusError::Empty(dir.to_owned()));
    }
    let mut performances = Vec::new();
    for (n_done, entry) in entries.iter().enumerate() {
        progress(n_done, entries.len());
        let Ok(bytes) = manifest::read_file(&dir.join(&entry.path)) else { continue };
        let Ok(score) = smf::read(&bytes) else { continue };
        performances.extend(Performance::new(&hits_in_four(&score)).map(|performance| (entry, performance)));
    }
    progress(entries.len(), entries.len());
    let fewest = Fewest::SHIPPED;
    let grooves = KINDS.iter().filter_map(|(name, styles, pulse)| {
        let suits = |entry: &Entry| styles.iter().any(|style| entry.styles.contains(style));
        let of_kind = performances.iter().filter(|(entry, one)| suits(entry) && one.pulse == *pulse);
        groove(name, &of_kind.map(|(_, performance)| performance).collect::<Vec<_>>(), fewest)
    });
    Ok(GrooveTable {
        source: CREDIT.to_owned(),
        licence: LICENCE.to_owned(),
        measured: format!(
            "descant-cli corpus grooves: medians of timing (ticks of 1/{PPQ} beat, the earliest place at 0) and of velocity \
             (by the bar's mean) at each sixteenth of 4/4, without fills; at least {}, {}, and {} a \
             place, or it is filled from others",
            counted(fewest.n_performances, "performance"),
            counted(fewest.n_bars, "bar"),
            counted(fewest.n_hits, "hit")
        ),
        grooves: grooves.collect(),
    })
}

/// Whether the name of a file says that it is a fill.
fn is_fill(entry: &Entry) -> bool {
    entry.path.file_stem().is_some_and(|name| name.to_string_lossy().split('_').any(|word| word == "fill"))
}

/// The drums of a file that is in 4/4 throughout; else empty.
fn hits_in_four(score: &Score) -> Vec<Note> {
    let is_four = score.meters.iter().all(|mark| (mark.numerator, mark.denominator()) == (4, 4));
    let drums = score.tracks.iter().filter(|track| is_four && track.is_drums());
    drums.flat_map(|track| track.notes.iter().copied()).collect()
}

/// The groove of `performances`; `None` if there is less material than `fewest`.
pub fn groove(name: &str, performances: &[&Performance], fewest: Fewest) -> Option<MeasuredGroove> {
    let mut late: [Vec<f64>; N_PLACES] = Default::default();
    let mut velocity: [Vec<f64>; N_PLACES] = Default::default();
    let mut n_bars = 0;
    for performance in performances {
        let mut bars: BTreeMap<i32, BTreeMap<usize, u8>> = BTreeMap::new();
        for hit in &performance.hits {
            late[hit.place].push(f64::from(hit.late));
            let loudest = bars.entry(hit.bar).or_default().entry(hit.place).or_default();
            *loudest = hit.velocity.max(*loudest);
        }
        n_bars += bars.len();
        for bar in bars.values().filter(|bar| bar.len() >= FEWEST_OF_BAR) {
            let Some(mean) = mean(bar.values().map(|loudest| f64::from(*loudest))) else { continue };
            for (place, loudest) in bar {
                velocity[*place].push(f64::from(*loudest) / mean);
            }
        }
    }
    if performances.len() < fewest.n_performances || n_bars < fewest.n_bars {
        return None;
    }
    let n_hits = late.each_ref().map(Vec::len);
    let enough = |values: Vec<f64>| if values.len() < fewest.n_hits { None } else { median(values) };
    let (late, velocity) = (filled(late.map(enough))?, filled(velocity.map(enough))?);
    let earliest = late.iter().copied().fold(f64::INFINITY, f64::min);
    Some(MeasuredGroove {
        name: name.to_owned(),
        n_performances: performances.len(),
        n_bars,
        n_hits,
        late_ticks: late.map(|late| (late - earliest).round().min(MAX_LATE_TICKS)),
        velocity: velocity.map(|velocity| (velocity * 100.0).round() / 100.0),
    })
}

/// `places` with gaps filled from the other half of the bar, else by interpolation between the neighbours. `None` if
/// all are missing.
fn filled(places: [Option<f64>; N_PLACES]) -> Option<[f64; N_PLACES]> {
    let at = |place_idx: usize| places[place_idx % N_PLACES];
    let mut whole = [0.0; N_PLACES];
    for (idx, value) in whole.iter_mut().enumerate() {
        // The distance of the nearest known place on either side.
        let after = (1..=N_PLACES).find(|way| at(idx + way).is_some())?;
        let before = (1..=N_PLACES).find(|way| at(idx + N_PLACES - way).is_some())?;
        let between = || {
            let (later, earlier) = (at(idx + after)?, at(idx + N_PLACES - before)?);
            let share = real(before) / real(before + after);
            Some(earlier + (later - earlier) * share)
        };
        *value = at(idx).or_else(|| at(idx + N_PLACES / 2)).or_else(between)?;
    }
    Some(whole)
}

/// The median of `values`.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let lower = if values.len().is_multiple_of(2) { values[middle - 1] } else { upper };
    Some(f64::midpoint(lower, upper))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / real(n))
}

#[expect(clippy::cast_precision_loss, reason = "counts of hits are far below 2^53")]
fn real(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Pitch, TickDuration, TickInstant};

    const FEW: Fewest = Fewest { n_performances: 1, n_bars: 4, n_hits: 4 };

    /// Bars of hits, each ticks in the bar and velocity, begun `lag` ticks late.
    fn played(n_bars: u32, lag: u32, bar: &[(u32, u8)]) -> Performance {
        let notes = (0..n_bars).flat_map(|number| {
            bar.iter().map(move |(at, velocity)| {
                let onset = TickInstant(number * 3840 + at + lag);
                Note::new(onset, TickDuration(60), Pitch::MIDDLE_C, *velocity)
            })
        });
        Performance::new(&notes.collect::<Vec<_>>()).unwrap()
    }

    /// Eighths: on the beat loud, off the beat soft and 14 ticks late, the backbeats 6 ticks late and louder.
    const ROCK: [(u32, u8); 8] =
        [(0, 100), (494, 60), (966, 120), (1454, 60), (1920, 100), (2414, 60), (2886, 120), (3374, 60)];

    #[test]
    fn lateness_and_velocity_are_measured_and_the_lag_of_the_whole_is_not() {
        for lag in [0, 30] {
            let performance = played(8, lag, &ROCK);
            assert_eq!(performance.pulse, Pulse::Straight);
            let groove = groove("rock", &[&performance], FEW).unwrap();
            assert_eq!((groove.n_performances, groove.n_bars), (1, 8));
            assert_eq!([0, 2, 4, 6, 8].map(|place| groove.late_ticks[place]), [0.0, 14.0, 6.0, 14.0, 0.0]);
            assert_eq!([0, 2, 4, 6].map(|place| groove.velocity[place]), [1.18, 0.71, 1.41, 0.71]);
            assert_eq!([0, 1, 2].map(|place| groove.n_hits[place]), [8, 0, 8]);
            // Nobody plays sixteenths: they lie between their neighbours.
            assert_eq!([1, 3, 15].map(|place| groove.late_ticks[place]), [7.0, 10.0, 7.0]);
            assert!(groove.groove().is_some());
        }
    }

    #[test]
    fn swing_is_taken_out() {
        let swung = [0, 640, 960, 1600, 1920, 2560, 2880, 3520];
        let shuffle = swung.map(|at| (if at % 960 == 640 { at - 12 } else { at }, 80));
        let performance = played(8, 0, &shuffle);
        assert_eq!(performance.pulse, Pulse::Swung);
        let groove = groove("shuffle", &[&performance], FEW).unwrap();
        assert_eq!(
            [0, 3, 4, 7, 8, 11].map(|place| groove.late_ticks[place]),
            [12.0, 0.0, 12.0, 0.0, 12.0, 0.0]
        );
    }

    #[test]
    fn what_is_missing_comes_from_the_other_half_or_from_between() {
        let mut places = [Some(1.0); N_PLACES];
        (places[3], places[11], places[5], places[13]) = (None, Some(9.0), None, None);
        (places[4], places[6]) = (Some(2.0), Some(4.0));
        let whole = filled(places).unwrap();
        assert_eq!([whole[3], whole[5], whole[13]], [9.0, 3.0, 1.0]);
        assert_eq!(filled([None; N_PLACES]), None);
    }

    #[test]
    fn too_little_is_no_groove() {
        let performance = played(8, 0, &ROCK);
        assert_eq!(groove("rock", &[&performance], Fewest::SHIPPED), None);
        assert_eq!(groove("rock", &[&performance], Fewest { n_bars: 9, ..FEW }), None);
        assert_eq!(groove("rock", &[&performance], Fewest { n_hits: 9, ..FEW }), None);
        assert_eq!(Performance::new(&[]), None);
    }
}
