//! Perceptual distance of two phrases, by rhythm, contour and intervals.
//!
//! Transposition, velocity and chord symbols do not count. Bars are compared with bars of the same number: the same
//! tune a beat later is another idea.

use super::super::phrase::{Note, Part, Phrase};
use super::super::quality::likeness;
use super::super::time::STEPS_PER_BEAT;

/// Widest move, in semitones; wider ones count as this one.
const WIDEST: i32 = 12;

/// Moves from [`WIDEST`] down to [`WIDEST`] up.
const N_MOVES: usize = 25;

/// The features of a phrase that distances to phrases of the same length are computed from.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Indexed by `[part_idx]`; `None` where nothing sounds.
    parts: [Option<PartShape>; 5],
}

#[derive(Debug, Clone)]
struct PartShape {
    /// Steps of onsets, with the key for drums (else 0); ascending.
    onsets: Vec<(u32, u8)>,
    /// The features of contour and intervals.
    line: Line,
}

#[derive(Debug, Clone)]
enum Line {
    /// The pitch of the top line at each sixteenth, less its mean, and the share of each move.
    Tones { contour: Vec<f64>, moves: Box<[f64; N_MOVES]> },
    /// Steps with a hit, and the share of each key.
    Drums { steps: Vec<u32>, keys: Box<[f64; 128]> },
}

impl Shape {
    /// The shape of `parts` of `phrase`.
    pub fn of(phrase: &Phrase, parts: &[Part]) -> Self {
        let shape = |part: Part| {
            (parts.contains(&part) && !phrase.notes(part).is_empty()).then(|| PartShape::of(phrase, part))
        };
        Self { parts: Part::ALL.map(shape) }
    }

    /// The distance, `0.0..=1.0`: the mean over the parts that either has. A part that only one has counts 1; of others
    /// the distance is the mean of three:
    ///
    /// - rhythm: one minus the Dice coefficient of the onset sets, of drums key by key;
    /// - contour: half of one minus the correlation of the top lines over time; of drums the same as rhythm, but with
    ///   all keys as one;
    /// - intervals: the total variation distance of the shares of the moves, of drums of the shares of the keys.
    pub fn distance(&self, other: &Self) -> f64 {
        let (mut sum, mut n) = (0.0, 0.0);
        for pair in self.parts.iter().zip(&other.parts) {
            sum += match pair {
                (None, None) => continue,
                (Some(one), Some(other)) => one.distance(other),
                _ => 1.0,
            };
            n += 1.0;
        }
        // Rounding errors may leave the range.
        if n > 0.0 { f64::clamp(sum / n, 0.0, 1.0) } else { 0.0 }
    }
}

impl PartShape {
    fn of(phrase: &Phrase, part: Part) -> Self {
        let notes = phrase.notes(part);
        let key = |note: &Note| if part.is_drums() { note.pitch.number() } else { 0 };
        let mut onsets: Vec<(u32, u8)> =
            notes.iter().map(|note| (note.onset.to_nearest_step(), key(note))).collect();
        onsets.sort_unstable();
        onsets.dedup();
        let line = if part.is_drums() { drums(notes, &onsets) } else { tones(phrase, notes) };
        Self { onsets, line }
    }

    fn distance(&self, other: &Self) -> f64 {
        let rhythm = 1.0 - likeness(&self.onsets, &other.onsets);
        let (contour, intervals) = match (&self.line, &other.line) {
            (Line::Tones { contour, moves }, Line::Tones { contour: other_contour, moves: other_moves }) => {
                (contour_distance(contour, other_contour), variation(&**moves, &**other_moves))
            }
            (Line::Drums { steps, keys }, Line::Drums { steps: other_steps, keys: other_keys }) => {
                (1.0 - likeness(steps, other_steps), variation(&**keys, &**other_keys))
            }
            _ => (1.0, 1.0),
        };
        (rhythm + contour + intervals) / 3.0
    }
}

fn tones(phrase: &Phrase, notes: &[Note]) -> Line {
    let tops: Vec<(u32, i32)> = notes
        .chunk_by(|one, other| one.onset.to_nearest_step() == other.onset.to_nearest_step())
        .filter_map(|group| {
            let top = group.iter().map(|note| note.pitch.number()).max()?;
            Some((group.first()?.onset.to_nearest_step(), i32::from(top)))
        })
        .collect();
    let n_steps = phrase.frame().n_bars_total() * phrase.frame().meter.bar_steps();
    let first = tops.first().map_or(0, |(_, pitch)| *pitch);
    let mut ahead = tops.iter().peekable();
    let mut pitch = first;
    let mut contour: Vec<f64> = (0..n_steps.div_ceil(STEPS_PER_BEAT / 4))
        .map(|idx| {
            while let Some((_, next)) = ahead.next_if(|(step, _)| *step <= idx * (STEPS_PER_BEAT / 4)) {
                pitch = *next;
            }
            f64::from(pitch)
        })
        .collect();
    let mean = contour.iter().sum::<f64>() / contour.iter().map(|_| 1.0).sum::<f64>().max(1.0);
    contour.iter_mut().for_each(|pitch| *pitch -= mean);
    let mut moves = Box::new([0.0; N_MOVES]);
    for pair in tops.windows(2) {
        let semitones = (pair[1].1 - pair[0].1).clamp(-WIDEST, WIDEST) + WIDEST;
        moves[usize::try_from(semitones).unwrap_or(0)] += 1.0;
    }
    to_shares(&mut *moves);
    Line::Tones { contour, moves }
}

fn drums(notes: &[Note], onsets: &[(u32, u8)]) -> Line {
    let mut steps: Vec<u32> = onsets.iter().map(|(step, _)| *step).collect();
    steps.dedup();
    let mut keys = Box::new([0.0; 128]);
    for note in notes {
        keys[usize::from(note.pitch.number())] += 1.0;
    }
    to_shares(&mut *keys);
    Line::Drums { steps, keys }
}

/// Half of one minus the correlation; one half if only one line is constant, 0 if both are.
fn contour_distance(one: &[f64], other: &[f64]) -> f64 {
    let product = |one: &[f64], other: &[f64]| one.iter().zip(other).map(|(a, b)| a * b).sum::<f64>();
    let (power, other_power) = (product(one, one), product(other, other));
    let is_level = |power: f64| power < 1e-9;
    if is_level(power) && is_level(other_power) {
        0.0
    } else if is_level(power) || is_level(other_power) {
        0.5
    } else {
        (0.5 - 0.5 * product(one, other) / (power * other_power).sqrt()).clamp(0.0, 1.0)
    }
}

/// Total variation distance: half the sum of absolute differences of two distributions; 1 if only one is empty.
fn variation(one: &[f64], other: &[f64]) -> f64 {
    let is_empty = |shares: &[f64]| shares.iter().all(|share| *share <= 0.0);
    match (is_empty(one), is_empty(other)) {
        (true, true) => 0.0,
        (true, false) | (false, true) => 1.0,
        (false, false) => 0.5 * one.iter().zip(other).map(|(a, b)| (a - b).abs()).sum::<f64>(),
    }
}

fn to_shares(counts: &mut [f64]) {
    let total: f64 = counts.iter().sum();
    if total > 0.0 {
        counts.iter_mut().for_each(|count| *count /= total);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::music::{Frame, Key, Meter, Pitch, Progression, TickDuration, TickInstant};

    /// Step and pitch.
    type Given = (u32, i32);

    fn shape(part: Part, notes: &[Given]) -> Shape {
        let mut parts: [Vec<Note>; 5] = Default::default();
        parts[part.index()] = notes
            .iter()
            .map(|&(step, pitch)| {
                let (onset, duration) = (TickInstant::from_steps(step), TickDuration::from_steps(6));
                Note::new(onset, duration, Pitch::clamped(pitch), 80)
            })
            .collect();
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
        Shape::of(&phrase, &Part::ALL)
    }

    const TUNE: [Given; 6] = [(0, 60), (12, 62), (24, 64), (48, 67), (72, 65), (84, 62)];

    #[test]
    fn what_differs_more_to_a_listener_is_further_away() {
        let moved = |by: u32, up: i32| TUNE.map(|(step, pitch)| (step + by, pitch + up));
        let tune = shape(Part::Melody, &TUNE);
        let other_end = [&TUNE[..5], &[(84, 60)]].concat();
        let upside_down = TUNE.map(|(step, pitch)| (step, 124 - pitch));
        let ascending = [
            shape(Part::Melody, &moved(0, 5)),
            shape(Part::Melody, &other_end),
            shape(Part::Melody, &upside_down),
        ];
        let distances = ascending.map(|other| tune.distance(&other));
        assert_eq!(distances[0], 0.0, "transposed");
        assert!(distances[0] < distances[1] && distances[1] < distances[2], "{distances:?}");
        assert!(tune.distance(&shape(Part::Melody, &moved(3, 0))) > 0.3, "later");
        assert_eq!(tune.distance(&shape(Part::Bass, &TUNE)), 1.0, "another part");
        let beat = [(0, 36), (24, 38), (48, 36), (72, 38)];
        let drums = shape(Part::Drums, &beat);
        let other_drum = drums.distance(&shape(Part::Drums, &[(0, 36), (24, 40), (48, 36), (72, 40)]));
        let other_time = drums.distance(&shape(Part::Drums, &[(0, 36), (21, 40), (51, 36), (81, 40)]));
        assert!(0.0 < other_drum && other_drum < other_time, "{other_drum} {other_time}");
    }

    proptest! {
        #[test]
        fn a_distance_is_symmetric_in_range_and_nothing_from_itself(
            one in prop::collection::vec((0u32..96, 30i32..90), 0..30),
            other in prop::collection::vec((0u32..96, 30i32..90), 0..30),
            part_idx in 0usize..5,
        ) {
            let (one, other) = (shape(Part::ALL[part_idx], &one), shape(Part::ALL[part_idx], &other));
            let distance = one.distance(&other);
            prop_assert!((0.0..=1.0).contains(&distance));
            prop_assert!((distance - other.distance(&one)).abs() < 1e-12);
            prop_assert!(one.distance(&one) < 1e-9);
        }
    }
}
