//! Quantises drum takes to places of the bar, and measures kits from them.
//!
//! A take is quantised to straight sixteenths or, where it is clearly nearer to them, to thirds of the beat; its lead
//! or lag against the click is subtracted. Strokes far from any place (flams, rolls) have no timing.

use std::collections::{BTreeMap, BTreeSet};

use super::numbers::{drift, mean_and_sd, real, rounded};
use crate::music::performance::{BEAT_PLACES, Instrument, Kit, N_PLACES, Stroke, Tier};
use crate::music::time::PPQ;
use crate::smf::Score;
use crate::token::Style;

/// The kits that are measured, and the styles that they are played in; the last is of any style.
const KITS: [(&str, Option<Style>); 8] = [
    ("rock", Some(Style::Rock)),
    ("funk", Some(Style::Funk)),
    ("soul", Some(Style::Soul)),
    ("hip-hop", Some(Style::HipHop)),
    ("latin", Some(Style::Latin)),
    ("afro", Some(Style::Afro)),
    ("jazz", Some(Style::Jazz)),
    ("any", None),
];

/// Fewest strokes of a take.
const FEWEST_OF_TAKE: usize = 24;

/// Fewest strokes of an instrument in a kit, and at a place; a place with fewer has the mean of the instrument.
const FEWEST: (usize, usize) = (150, 24);

/// Strokes further than this from their place, in beats, have no timing.
const WINDOW: f64 = 0.0625;

/// A take is in thirds if its distance from them is less than this factor of that from sixteenths.
const CLEARLY: f64 = 0.8;

/// Places of a straight beat and of one in thirds, in beats, each with its index.
const GRIDS: [&[(f64, usize)]; 2] = [
    &[(0.0, 0), (0.25, 1), (0.5, 3), (0.75, 5), (1.0, 6)],
    &[(0.0, 0), (1.0 / 3.0, 2), (2.0 / 3.0, 4), (1.0, 6)],
];

const _: () = assert!(BEAT_PLACES == 6, "the places of `GRIDS`");

/// One take.
pub struct Drums {
    styles: BTreeSet<Style>,
    is_fill: bool,
    hits: Vec<Hit>,
}

#[derive(Clone, Copy)]
struct Hit {
    instrument: Instrument,
    tier: Tier,
    velocity: f64,
    /// Bar from the start of the take.
    bar: usize,
    place: usize,
    /// Milliseconds after the place; `None` for an ornament.
    late_ms: Option<f64>,
}

impl Drums {
    /// The drums of `score`, if it is in 4/4 and long enough.
    pub fn new(score: &Score, styles: &BTreeSet<Style>, is_fill: bool) -> Option<Self> {
        let is_four = score.meters.iter().all(|mark| (mark.numerator, mark.denominator()) == (4, 4));
        let notes: Vec<_> = score
            .tracks
            .iter()
            .filter(|track| is_four && track.is_drums())
            .flat_map(|track| track.notes.iter())
            .map(|note| (f64::from(note.onset.0) / f64::from(PPQ), Instrument::of(note.pitch), note.velocity))
            .collect();
        if notes.len() < FEWEST_OF_TAKE {
            return None;
        }
        let beat_ms = score.tempos.first().map_or(500.0, |mark| f64::from(mark.micros_per_beat) / 1000.0);
        let laid = GRIDS.map(|grid| {
            let mut lates: Vec<f64> = notes.iter().map(|(at, ..)| nearest(*at, grid).1).collect();
            lates.sort_unstable_by(f64::total_cmp);
            let lag = lates[lates.len() / 2];
            // The mean distance of uniformly distributed hits: a quarter of the distance of two places, weighted by it.
            let usual: f64 = grid.windows(2).map(|pair| (pair[1].0 - pair[0].0).powi(2) / 4.0).sum();
            let distance = notes.iter().map(|(at, ..)| nearest(at - lag, grid).1.abs()).sum::<f64>();
            (distance / real(notes.len()) / usual, lag, grid)
        });
        let [straight, thirds] = laid;
        let (_, lag, grid) = if thirds.0 < CLEARLY * straight.0 { thirds } else { straight };
        let hit = |&(at, instrument, velocity): &(f64, Instrument, u8)| {
            let (number, late) = nearest(at - lag, grid);
            let number = usize::try_from(number).ok()?;
            Some(Hit {
                instrument,
                tier: Tier::of(instrument, velocity),
                velocity: f64::from(velocity),
                bar: number / N_PLACES,
                place: number % N_PLACES,
                late_ms: (late.abs() <= WINDOW).then_some(late * beat_ms),
            })
        };
        Some(Self { styles: styles.clone(), is_fill, hits: notes.iter().filter_map(hit).collect() })
    }
}

/// The number of the place nearest to `at` beats, counted from the start, and the beats from it to `at`.
fn nearest(at: f64, grid: &[(f64, usize)]) -> (i64, f64) {
    let beat = at.floor();
    let in_beat = at - beat;
    let point =
        grid.iter().min_by(|one, other| (in_beat - one.0).abs().total_cmp(&(in_beat - other.0).abs()));
    let (position, idx) = point.copied().unwrap_or((0.0, 0));
    #[expect(clippy::cast_possible_truncation, reason = "beats of a file")]
    let beat = beat as i64;
    (beat * 6 + i64::try_from(idx).unwrap_or(0), in_beat - position)
}

/// All takes.
#[derive(Default)]
pub struct Kits(Vec<Drums>);

impl Kits {
    /// Adds a take, if there is one.
    pub fn extend(&mut self, take: Option<Drums>) {
        self.0.extend(take);
    }

    /// Measures the kits of all takes.
    pub fn measured(&self) -> Vec<Kit> {
        let kit = |(name, style): &(&str, Option<Style>)| {
            let is_of = |take: &&Drums| style.is_none_or(|style| take.styles.contains(&style));
            let takes: Vec<&Drums> = self.0.iter().filter(is_of).collect();
            measured(name, &takes)
        };
        KITS.iter().map(kit).collect()
    }
}

/// Means of a take: by instrument and tier, and by instrument and place.
struct Means {
    velocity: BTreeMap<(Instrument, Tier), f64>,
    residuals: BTreeMap<(Instrument, usize), (f64, f64)>,
}

fn measured(name: &str, takes: &[&Drums]) -> Kit {
    let beats: Vec<&&Drums> = takes.iter().filter(|take| !take.is_fill).collect();
    let means: Vec<Means> = beats.iter().map(|take| Means::of(&take.hits)).collect();
    let strokes: Vec<Stroke> = Instrument::ALL
        .into_iter()
        .filter_map(|instrument| stroke(instrument, &beats, &means, takes))
        .collect();
    let by_place = |hit: &Hit| strokes.iter().find(|stroke| stroke.instrument == hit.instrument);
    // The deviation that all limbs share: the mean residual of a beat, or bar.
    let mut clock = Vec::new();
    let mut swell = Vec::new();
    for (take, means) in beats.iter().zip(&means) {
        let (mut of_beat, mut of_bar) =
            (BTreeMap::<usize, Vec<f64>>::new(), BTreeMap::<usize, Vec<f64>>::new());
        for hit in &take.hits {
            let Some(stroke) = by_place(hit) else { continue };
            if let Some(late) = hit.late_ms {
                let beat = hit.bar * 4 + hit.place / BEAT_PLACES;
                of_beat.entry(beat).or_default().push(late - stroke.late_ms[hit.place]);
            }
            let own = means.velocity.get(&(hit.instrument, hit.tier)).copied().unwrap_or(hit.velocity);
            of_bar.entry(hit.bar).or_default().push(hit.velocity - own - stroke.velocity[hit.place]);
        }
        let means_of = |groups: BTreeMap<usize, Vec<f64>>| {
            let means: Vec<f64> =
                groups.values().filter_map(|values| mean_and_sd(values).map(|(mean, _)| mean)).collect();
            let whole = mean_and_sd(&means).map_or(0.0, |(mean, _)| mean);
            means.into_iter().map(|mean| mean - whole).collect::<Vec<f64>>()
        };
        clock.push(means_of(of_beat));
        swell.push(means_of(of_bar));
    }
    let n_hits = takes.iter().map(|take| take.hits.len()).sum();
    let clock_ms = drift(&clock);
    let mut instruments = strokes;
    for stroke in &mut instruments {
        // The variance of the clock is not part of the instrument's own.
        let apart = |sd: f64| rounded((sd * sd - clock_ms.sd * clock_ms.sd).max(4.0).sqrt());
        stroke.stray_ms = stroke.stray_ms.map(apart);
    }
    Kit { name: name.to_owned(), n_takes: takes.len(), n_hits, clock_ms, swell: drift(&swell), instruments }
}

impl Means {
    fn of(hits: &[Hit]) -> Self {
        let mut by_tier = BTreeMap::<_, Vec<f64>>::new();
        for hit in hits {
            by_tier.entry((hit.instrument, hit.tier)).or_default().push(hit.velocity);
        }
        let mean = |values: &Vec<f64>| mean_and_sd(values).map_or(0.0, |(mean, _)| mean);
        let velocity: BTreeMap<_, f64> = by_tier.iter().map(|(key, values)| (*key, mean(values))).collect();
        let mut by_place = BTreeMap::<_, (Vec<f64>, Vec<f64>)>::new();
        for hit in hits {
            let (velocities, lates) = by_place.entry((hit.instrument, hit.place)).or_default();
            velocities.push(hit.velocity - velocity[&(hit.instrument, hit.tier)]);
            lates.extend(hit.late_ms);
        }
        let residuals = by_place
            .iter()
            .filter(|(_, (velocities, _))| velocities.len() >= 3)
            .map(|(key, (velocities, lates))| (*key, (mean(velocities), mean(lates))));
        Self { velocity, residuals: residuals.collect() }
    }
}

/// Deviations of the hits of an instrument from means.
#[derive(Default)]
struct Deviations {
    /// Velocities relative to the player's mean of the tier, and milliseconds late, indexed by `[place]`.
    by_place: Vec<(Vec<f64>, Vec<f64>)>,
    /// Velocities relative to the player's mean at the place, indexed by `[tier]`.
    stray: [Vec<f64>; 3],
    /// Milliseconds relative to the player's mean at the place, indexed by `[tier]`.
    late_of_tier: [Vec<f64>; 3],
}

impl Deviations {
    fn of(instrument: Instrument, beats: &[&&Drums], means: &[Means]) -> Self {
        let mut all = Self { by_place: vec![(Vec::new(), Vec::new()); N_PLACES], ..Self::default() };
        for (take, means) in beats.iter().zip(means) {
            for hit in take.hits.iter().filter(|hit| hit.instrument == instrument) {
                let own = hit.velocity - means.velocity[&(instrument, hit.tier)];
                all.by_place[hit.place].0.push(own);
                all.by_place[hit.place].1.extend(hit.late_ms);
                if let Some((velocity, late)) = means.residuals.get(&(instrument, hit.place)) {
                    let tier = hit.tier as usize;
                    all.stray[tier].push(own - velocity);
                    all.late_of_tier[tier].extend(hit.late_ms.map(|of_hit| of_hit - late));
                }
            }
        }
        all
    }
}

fn stroke(instrument: Instrument, beats: &[&&Drums], means: &[Means], takes: &[&Drums]) -> Option<Stroke> {
    let is_of = |hit: &&Hit| hit.instrument == instrument;
    let n_hits = beats.iter().flat_map(|take| take.hits.iter()).filter(is_of).count();
    if n_hits < FEWEST.0 {
        return None;
    }
    let Deviations { by_place, stray, late_of_tier } = Deviations::of(instrument, beats, means);
    let of_place = |values: &Vec<f64>| if values.len() < FEWEST.1 { None } else { mean_and_sd(values) };
    let velocity: Vec<f64> =
        by_place.iter().map(|(values, _)| rounded(of_place(values).map_or(0.0, |(mean, _)| mean))).collect();
    let late_ms: Vec<f64> =
        by_place.iter().map(|(_, values)| rounded(of_place(values).map_or(0.0, |(mean, _)| mean))).collect();
    let own_means = |place: usize| {
        means.iter().filter_map(move |means| means.residuals.get(&(instrument, place)).copied())
    };
    let all_habits: Vec<f64> = (0..N_PLACES)
        .flat_map(|place| own_means(place).map(move |(own, _)| (own, place)))
        .map(|(own, place)| own - velocity[place])
        .collect();
    let usual_habit = mean_and_sd(&all_habits).map_or(0.0, |(_, sd)| sd);
    let habit = (0..N_PLACES).map(|place| {
        let own: Vec<f64> = own_means(place).map(|(own, _)| own).collect();
        let sd = if own.len() < 5 { Some(usual_habit) } else { mean_and_sd(&own).map(|(_, sd)| sd) };
        rounded(sd.unwrap_or(usual_habit))
    });
    let late_habits: Vec<f64> = (0..N_PLACES)
        .flat_map(|place| own_means(place).map(move |(_, own)| (own, place)))
        .map(|(own, place)| own - late_ms[place])
        .collect();
    let fewest_of_tier = |values: &Vec<f64>| values.len() >= FEWEST.1;
    let all_stray: Vec<f64> = stray.iter().flatten().copied().collect();
    let all_late: Vec<f64> = late_of_tier.iter().flatten().copied().collect();
    let sd_of = |values: &Vec<f64>, all: &Vec<f64>| {
        let chosen = if fewest_of_tier(values) { values } else { all };
        rounded(mean_and_sd(chosen).map_or(0.0, |(_, sd)| sd))
    };
    Some(Stroke {
        instrument,
        n_hits,
        habit: habit.collect(),
        stray: stray.each_ref().map(|values| sd_of(values, &all_stray)),
        late_habit_ms: rounded(mean_and_sd(&late_habits).map_or(0.0, |(_, sd)| sd)),
        tier_late_ms: late_of_tier.each_ref().map(|values| {
            let mean = if fewest_of_tier(values) { mean_and_sd(values) } else { None };
            rounded(mean.map_or(0.0, |(mean, _)| mean))
        }),
        stray_ms: late_of_tier.each_ref().map(|values| sd_of(values, &all_late)),
        fill: fill(instrument, takes),
        velocity,
        late_ms,
    })
}

/// Velocity of `instrument` in fills, by beat, relative to its mean in beats.
fn fill(instrument: Instrument, takes: &[&Drums]) -> [f64; 4] {
    let of = |is_fill: bool| {
        let hits = takes.iter().filter(move |take| take.is_fill == is_fill).flat_map(|take| take.hits.iter());
        hits.filter(|hit| hit.instrument == instrument)
    };
    let usual: Vec<f64> = of(false).map(|hit| hit.velocity).collect();
    let Some((usual, _)) = mean_and_sd(&usual) else { return [0.0; 4] };
    [0, 1, 2, 3].map(|beat| {
        let velocities: Vec<f64> =
            of(true).filter(|hit| hit.place / BEAT_PLACES == beat).map(|hit| hit.velocity - usual).collect();
        if velocities.len() < FEWEST.1 {
            0.0
        } else {
            rounded(mean_and_sd(&velocities).map_or(0.0, |(mean, _)| mean))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A take of `n_bars` bars of hats in eighths, louder on the beat, off the beat `late_ms` late.
    fn take(n_bars: usize, late_ms: f64, offset: f64) -> Drums {
        let hit = |idx: usize| Hit {
            instrument: Instrument::Hat,
            tier: Tier::Normal,
            velocity: 70.0 + offset + if idx.is_multiple_of(2) { 10.0 } else { -10.0 },
            bar: idx / 8,
            place: (idx % 8) * 3,
            late_ms: Some(if idx.is_multiple_of(2) { 0.0 } else { late_ms }),
        };
        Drums { styles: BTreeSet::new(), is_fill: false, hits: (0..8 * n_bars).map(hit).collect() }
    }

    #[test]
    fn places_are_distinguished_from_players() {
        let takes = [take(16, 8.0, 0.0), take(16, 8.0, 30.0)];
        let kit = measured("any", &takes.iter().collect::<Vec<_>>());
        let hat = kit.stroke(Instrument::Hat).unwrap();
        assert_eq!((kit.n_takes, kit.n_hits, hat.n_hits), (2, 256, 256));
        assert_eq!([0, 3, 6].map(|place| hat.velocity[place]), [10.0, -10.0, 10.0]);
        assert_eq!([0, 3].map(|place| hat.late_ms[place]), [0.0, 8.0]);
        // Both players do the same relative to their own mean, without variance.
        assert!(hat.habit[0] == 0.0 && hat.stray == [0.0; 3], "{hat:?}");
    }

    #[test]
    fn what_lies_between_belongs_to_the_nearer_place() {
        assert_eq!(nearest(1.26, GRIDS[0]).0, 7);
        assert_eq!(nearest(1.97, GRIDS[0]).0, 12);
        assert_eq!(nearest(0.66, GRIDS[1]).0, 4);
        assert!((nearest(1.97, GRIDS[0]).1 + 0.03).abs() < 1e-9);
    }
}
