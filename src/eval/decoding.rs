//! Calibrates temperature and nucleus of each slot and part, so that composed phrases vary as held-out music does.
//!
//! For one slot after another every point of a grid is tried in all parts at once, and each part keeps the point that
//! brings its phrases nearest to held-out ones. Distance is the two-sample statistic of Kolmogorov and Smirnov, the
//! mean over all qualities of the part: it rises with too little variety as well as with a wrong centre. The chord
//! track is judged by the qualities of harmony in all pitched parts. Phrases are composed in the styles of held-out
//! music, and compared with as many held-out ones of each. No quality reads velocity, so that slot is not calibrated.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::Serialize;

use super::{EvalError, real};
use crate::compose::repertoire::Repertoire;
use crate::compose::{Model, compose};
use crate::corpus::manifest::Split;
use crate::corpus::references::{RealPhrase, for_each_phrase};
use crate::music::quality::{Aspect, Qualities, Quality};
use crate::music::{Frame, Key, Meter, Mode, Part};
use crate::session::decoding::{DecodingTable, N_STREAMS, Spread};
use crate::session::{Decoding, Task, TaskSettings};
use crate::token::{Controls, Slot, Style};

/// The points of the grid: temperature and nucleus.
const GRID: [(f32, f32); 6] = [(0.92, 0.95), (0.92, 0.99), (1.0, 0.95), (1.0, 0.98), (1.0, 1.0), (1.1, 0.97)];

/// The description in a table.
const MEASURED: &str = "Temperature and nucleus by stream (chord track, drums, bass, chords, arpeggio, melody) and slot (kind, \
    pitch, duration, velocity): those of a grid with which composed phrases are nearest to held-out ones.";

/// The slots that are calibrated.
const SLOTS: [Slot; 3] = [Slot::Kind, Slot::Pitch, Slot::Duration];

/// Most held-out phrases of a style that are compared.
const MOST_PHRASES: usize = 80;

/// Fewest held-out phrases with a part for which a style is calibrated.
const FEWEST_PHRASES: usize = 24;

/// Fewest composed phrases for which a style is calibrated on its own.
const FEWEST_COMPOSED: usize = 16;

/// Phrases composed for one frame.
const N_TAKES: u32 = 4;

/// A style has a spread of its own only if its distance is smaller by this than with the spread of all styles.
const LEAST_GAIN: f64 = 0.02;

/// One point of the grid for one part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The slot that was varied.
    pub slot: &'static str,
    /// The part; `chord track` for the chords.
    pub stream: &'static str,
    /// Temperature.
    pub temperature: f32,
    /// Nucleus.
    pub top_p: f32,
    /// Mean distance from held-out music over all styles, `0.0..=1.0`.
    pub distance: f64,
}

/// The grid and its result.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DecodingReport {
    /// Every point.
    pub rows: Vec<Row>,
    /// The best points.
    pub table: DecodingTable,
}

impl fmt::Display for DecodingReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## How widely each slot is drawn: mean distance from held-out music\n")?;
        let points: Vec<String> =
            GRID.iter().map(|(temperature, top_p)| format!("{temperature} / {top_p}")).collect();
        writeln!(f, "| stream | slot | {} |", points.join(" | "))?;
        writeln!(f, "| --- | --- |{}", " --- |".repeat(GRID.len()))?;
        for rows in self.rows.chunks(GRID.len()) {
            let distances: Vec<String> = rows.iter().map(|row| format!("{:.3}", row.distance)).collect();
            writeln!(f, "| {} | {} | {} |", rows[0].stream, rows[0].slot, distances.join(" | "))?;
        }
        writeln!(f)
    }
}

/// Tries the grid with `n_frames` frames of each style, compared with the held-out phrases of the corpora in `dirs`.
///
/// `progress` — called with the phrases composed and phrases in all.
///
/// # Errors
///
/// A corpus that cannot be read, or a network that cannot compose.
pub fn calibrate(
    model: &Model,
    repertoire: &Repertoire,
    dirs: &[PathBuf],
    n_frames: usize,
    seed: u64,
    mut progress: impl FnMut(usize, usize),
) -> Result<DecodingReport, EvalError> {
    let held_out = HeldOut::read(dirs)?;
    let styles: Vec<Style> = repertoire.styles().filter(|style| held_out.has(*style)).collect();
    let n_takes = usize::try_from(N_TAKES).unwrap_or(1);
    let n_in_all = SLOTS.len() * GRID.len() * styles.len() * n_frames * n_takes;
    let mut all = Decoding::default();
    let mut of_styles: BTreeMap<Style, Decoding> = BTreeMap::new();
    let (mut rows, mut n_done) = (Vec::new(), 0);
    for slot in SLOTS {
        let composed = GRID
            .iter()
            .map(|point| {
                let decodings = styles.iter().map(|style| {
                    let before = of_styles.get(style).copied().unwrap_or(all);
                    (*style, with_slot(before, slot, *point))
                });
                compose_frames((model, repertoire), decodings, n_frames, seed, &mut || {
                    n_done += n_takes;
                    progress(n_done, n_in_all);
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        for stream_idx in 0..N_STREAMS {
            let distances = held_out.distances(&styles, stream_idx, &composed);
            rows.extend(rows_of(slot, stream_idx, &distances));
            let best = nearest(&distances);
            all.streams[stream_idx][slot.index()] = to_spread(GRID[best]);
            for style in &styles {
                let distances = held_out.distances(&[*style], stream_idx, &composed);
                let own = nearest(&distances);
                let is_enough =
                    n_frames * n_takes >= FEWEST_COMPOSED && held_out.has_enough(*style, stream_idx);
                let is_worth_it = is_enough && distances[own] + LEAST_GAIN < distances[best];
                let entry = of_styles.entry(*style).or_insert(all);
                entry.streams[stream_idx][slot.index()] =
                    to_spread(GRID[if is_worth_it { own } else { best }]);
            }
        }
    }
    for decoding in of_styles.values_mut().chain([&mut all]) {
        // There is no held-out music with arpeggios: they are broken chords.
        decoding.streams[1 + Part::Arpeggio.index()] = decoding.streams[1 + Part::Chords.index()];
    }
    of_styles.retain(|_, decoding| *decoding != all);
    let table = DecodingTable {
        model_hash: model.network().model_hash().to_owned(),
        measured: MEASURED.to_owned(),
        all,
        styles: of_styles,
    };
    Ok(DecodingReport { rows, table })
}

/// The `distances` of the points of the grid, as rows.
fn rows_of(slot: Slot, stream_idx: usize, distances: &[f64]) -> impl Iterator<Item = Row> {
    GRID.iter().zip(distances).map(move |((temperature, top_p), distance)| Row {
        slot: slot_name(slot),
        stream: stream_name(stream_idx),
        temperature: *temperature,
        top_p: *top_p,
        distance: *distance,
    })
}

/// `decoding` with `slot` drawn by the `point` of the grid in every stream.
fn with_slot(mut decoding: Decoding, slot: Slot, point: (f32, f32)) -> Decoding {
    for stream in &mut decoding.streams {
        stream[slot.index()] = to_spread(point);
    }
    decoding
}

/// Composes phrases in each style with its decoding, in `n_frames` frames, and returns their qualities. `done` is
/// called after each frame.
fn compose_frames(
    (model, repertoire): (&Model, &Repertoire),
    decodings: impl Iterator<Item = (Style, Decoding)>,
    n_frames: usize,
    seed: u64,
    done: &mut impl FnMut(),
) -> Result<BTreeMap<Style, Vec<Qualities>>, EvalError> {
    let mut composed: BTreeMap<Style, Vec<Qualities>> = BTreeMap::new();
    for (style, decoding) in decodings {
        for frame_idx in 0..n_frames {
            let task = task(repertoire, style, frame_idx, decoding)?;
            let seed = seed.wrapping_add(u64::try_from(frame_idx).unwrap_or(0));
            let takes = compose(model, &task, seed, 0..N_TAKES, |_| ControlFlow::Continue(()))?;
            done();
            composed.entry(style).or_default().extend(takes.iter().map(|take| Qualities::of(&take.phrase)));
        }
    }
    Ok(composed)
}

fn task(
    repertoire: &Repertoire,
    style: Style,
    frame_idx: usize,
    decoding: Decoding,
) -> Result<Task, EvalError> {
    let mode = if frame_idx % 3 == 2 { Mode::Minor } else { Mode::Major };
    let key = Key::without_accidentals(mode);
    let tempo = repertoire.tempo(style).unwrap_or(100.0);
    let frame = Frame::new(Meter::COMMON, 8, key, tempo);
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    let parts = repertoire.usual_parts(Some(style));
    let mut task = Task::generate(frame, &parts, TaskSettings { controls, ..TaskSettings::default() })?;
    task.decoding = Some(decoding);
    Ok(task)
}

/// Held-out phrases as their qualities.
struct HeldOut {
    phrases: Vec<(BTreeSet<Style>, Qualities)>,
}

impl HeldOut {
    fn read(dirs: &[PathBuf]) -> Result<Self, EvalError> {
        let mut phrases = Vec::new();
        let add = |real: RealPhrase| phrases.push((real.styles.clone(), Qualities::of(&real.phrase)));
        for_each_phrase(dirs, Split::Valid, add, |_, _| {})?;
        Ok(Self { phrases })
    }

    /// Whether there are enough phrases of `style` to compare with in some stream.
    fn has(&self, style: Style) -> bool {
        (1..N_STREAMS).any(|stream_idx| self.has_enough(style, stream_idx))
    }

    fn has_enough(&self, style: Style, stream_idx: usize) -> bool {
        self.of(style, stream_idx).count() >= FEWEST_PHRASES
    }

    /// Held-out phrases of `style` that have the stream.
    fn of(&self, style: Style, stream_idx: usize) -> impl Iterator<Item = &Qualities> {
        let of_style =
            self.phrases.iter().filter(move |(styles, _)| styles.contains(&style)).map(|(_, of)| of);
        of_style.filter(move |of| of.parts().any(|part| parts(stream_idx).contains(&part)))
    }

    /// [`Self::distance`] of the phrases composed by each point of the grid.
    fn distances(
        &self,
        styles: &[Style],
        stream_idx: usize,
        composed: &[BTreeMap<Style, Vec<Qualities>>],
    ) -> Vec<f64> {
        composed.iter().map(|by_point| self.distance(styles, stream_idx, by_point)).collect()
    }

    /// Mean distance over the qualities that apply to the stream, over those of `styles` with enough phrases; 0 if
    /// there are none.
    fn distance(
        &self,
        styles: &[Style],
        stream_idx: usize,
        composed: &BTreeMap<Style, Vec<Qualities>>,
    ) -> f64 {
        let styles = || styles.iter().filter(|style| self.has_enough(**style, stream_idx));
        let composed: Vec<&Qualities> = styles().filter_map(|style| composed.get(style)).flatten().collect();
        let held_out: Vec<&Qualities> =
            styles().flat_map(|style| self.of(*style, stream_idx).take(MOST_PHRASES)).collect();
        let mut distances = Vec::new();
        for &part in parts(stream_idx) {
            for quality in Quality::ALL {
                if stream_idx == 0 && quality.aspect() != Aspect::Harmonic && quality != Quality::Stability {
                    continue;
                }
                let one = composed.iter().filter_map(|of| of.get(part, quality)).collect();
                let other = held_out.iter().filter_map(|of| of.get(part, quality)).collect();
                distances.extend(two_sample(one, other));
            }
        }
        distances.iter().sum::<f64>() / real(distances.len().max(1))
    }
}

/// The parts by which a stream is judged.
fn parts(stream_idx: usize) -> &'static [Part] {
    match stream_idx.checked_sub(1) {
        Some(part_idx) => &Part::ALL[part_idx..=part_idx],
        None => &[Part::Bass, Part::Chords, Part::Melody],
    }
}

fn to_spread((temperature, top_p): (f32, f32)) -> Spread {
    Spread { temperature, top_p }
}

const fn slot_name(slot: Slot) -> &'static str {
    match slot {
        Slot::Kind => "kind",
        Slot::Pitch => "pitch",
        Slot::Duration => "duration",
        Slot::Velocity => "velocity",
    }
}

fn stream_name(stream_idx: usize) -> &'static str {
    stream_idx.checked_sub(1).map_or("chord track", |part_idx| Part::ALL[part_idx].name())
}

/// The index of the smallest number.
fn nearest(distances: &[f64]) -> usize {
    distances.iter().enumerate().min_by(|one, other| one.1.total_cmp(other.1)).map_or(0, |(idx, _)| idx)
}

/// Largest difference of the empirical distribution functions of two samples, `0.0..=1.0`; `None` of too few values.
///
/// # Source
///
/// N. V. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical
/// Statistics 19(2), 1948.
fn two_sample(mut one: Vec<f64>, mut other: Vec<f64>) -> Option<f64> {
    if one.len() < 8 || other.len() < 8 {
        return None;
    }
    one.sort_by(f64::total_cmp);
    other.sort_by(f64::total_cmp);
    let share = |of: &[f64], value: f64| real(of.partition_point(|&x| x <= value)) / real(of.len());
    let differences =
        one.iter().chain(&other).map(|&value| (share(&one, value) - share(&other, value)).abs());
    differences.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_apart_by_where_they_lie_and_by_how_they_spread() {
        let spread = |by: f64, from: f64| (0..40).map(|n| from + by * f64::from(n)).collect::<Vec<_>>();
        assert_eq!(two_sample(spread(1.0, 0.0), spread(1.0, 0.0)), Some(0.0));
        assert_eq!(two_sample(spread(1.0, 0.0), spread(1.0, 100.0)), Some(1.0));
        let narrow = two_sample(spread(0.5, 10.0), spread(1.0, 0.0)).unwrap();
        assert!((0.2..0.4).contains(&narrow), "{narrow}");
        assert_eq!(two_sample(vec![1.0], spread(1.0, 0.0)), None);
    }
}
