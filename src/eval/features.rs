//! Phrases as points in a feature space: the distance of a composed phrase from held-out real ones.
//!
//! A part is described by distributions: of pitch classes over the tonic, of moves of its top line, of times between
//! onsets, of places in the bar, of simultaneous notes, of durations. The critique measures none of them, so that its
//! choices can be judged by them. The distance of two parts is the mean Hellinger distance of their distributions,
//! `0.0..=1.0`.

use std::collections::BTreeMap;

use super::real;
use crate::music::{Note, Part, Phrase, TickInstant};

/// Number of nearest real phrases over which a distance is averaged.
const N_NEAREST: usize = 5;

/// Distributions of one part.
#[derive(Debug, Clone)]
struct Point {
    /// Each sums to 1, or is empty.
    distributions: [BTreeMap<i32, f64>; 6],
}

/// Real phrases of one style.
#[derive(Debug, Default)]
pub struct Crowd {
    /// Family and point, indexed by `[part_idx]`.
    points: [Vec<(u32, Point)>; 5],
}

impl Crowd {
    /// Adds a phrase of `family`.
    pub fn add(&mut self, family: u32, phrase: &Phrase) {
        for part in phrase.parts() {
            self.points[part.index()].push((family, Point::of(phrase, part)));
        }
    }

    /// Mean distance of the parts of `phrase` to the nearest real phrases that are not of `family`, `0.0..=1.0`;
    /// `None` without parts that enough real phrases have.
    pub fn distance(&self, phrase: &Phrase, family: Option<u32>) -> Option<f64> {
        let of_part = |part: Part| {
            let point = Point::of(phrase, part);
            let others = self.points[part.index()].iter().filter(|(other, _)| Some(*other) != family);
            let mut distances: Vec<f64> = others.map(|(_, other)| point.distance(other)).collect();
            distances.sort_by(f64::total_cmp);
            let nearest = distances.get(..N_NEAREST)?;
            Some(nearest.iter().sum::<f64>() / real(N_NEAREST))
        };
        let distances: Vec<f64> = phrase.parts().filter_map(of_part).collect();
        (!distances.is_empty()).then(|| distances.iter().sum::<f64>() / real(distances.len()))
    }
}

impl Point {
    fn of(phrase: &Phrase, part: Part) -> Self {
        let notes = phrase.notes(part);
        let frame = phrase.frame();
        let groups: Vec<&[Note]> = notes.chunk_by(|a, b| step(a.onset) == step(b.onset)).collect();
        let tops: Vec<(i32, i32)> = groups
            .iter()
            .filter_map(|group| {
                let top = group.iter().map(|note| note.pitch.number()).max()?;
                Some((step(group[0].onset), i32::from(top)))
            })
            .collect();
        let bar_steps = i32::try_from(frame.meter.bar_steps()).unwrap_or(i32::MAX);
        let pairs = || tops.windows(2);
        let class = |note: &Note| {
            if part.is_drums() {
                i32::from(note.pitch.number())
            } else {
                i32::from(note.pitch.class().above(frame.key.tonic))
            }
        };
        Self {
            distributions: [
                distribution(notes.iter().map(class)),
                distribution(pairs().map(|pair| (pair[1].1 - pair[0].1).clamp(-13, 13))),
                distribution(pairs().map(|pair| (pair[1].0 - pair[0].0).min(48))),
                distribution(tops.iter().map(|(step, _)| step % bar_steps)),
                distribution(groups.iter().map(|group| i32::try_from(group.len()).unwrap_or(i32::MAX))),
                distribution(
                    notes
                        .iter()
                        .map(|note| i32::try_from(note.duration.to_nearest_steps().min(96)).unwrap_or(96)),
                ),
            ],
        }
    }

    fn distance(&self, other: &Self) -> f64 {
        let pairs = self.distributions.iter().zip(&other.distributions);
        pairs.map(|(one, other)| hellinger(one, other)).sum::<f64>() / real(self.distributions.len())
    }
}

/// Hellinger's distance, `0.0..=1.0`.
///
/// # Source
///
/// E. Hellinger, "Neue Begründung der Theorie quadratischer Formen von unendlichvielen Veränderlichen", Journal für die
/// reine und angewandte Mathematik 136, 1909.
fn hellinger(one: &BTreeMap<i32, f64>, other: &BTreeMap<i32, f64>) -> f64 {
    if one.is_empty() && other.is_empty() {
        return 0.0;
    }
    let overlap: f64 = one.iter().filter_map(|(key, share)| Some((share * other.get(key)?).sqrt())).sum();
    (1.0 - overlap.min(1.0)).sqrt()
}

fn distribution(values: impl Iterator<Item = i32>) -> BTreeMap<i32, f64> {
    let mut shares: BTreeMap<i32, f64> = BTreeMap::new();
    for value in values {
        *shares.entry(value).or_default() += 1.0;
    }
    let total: f64 = shares.values().sum();
    shares.values_mut().for_each(|share| *share /= total);
    shares
}

fn step(onset: TickInstant) -> i32 {
    i32::try_from(onset.to_nearest_step()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::test_phrase::a_note_a_beat as phrase;

    #[test]
    fn the_likest_is_nearest_and_its_own_family_does_not_count() {
        let mut crowd = Crowd::default();
        let tune = [60, 62, 64, 65, 67, 65, 64, 62];
        for family in 0..6 {
            crowd.add(family, &phrase(&tune));
        }
        for family in 6..12 {
            crowd.add(family, &phrase(&[60, 64, 67, 72]));
        }
        let distance = |pitches: &[i32], family| crowd.distance(&phrase(pitches), family).unwrap();
        assert!(distance(&tune, None) < 1e-6 && distance(&tune, Some(1)) < 1e-6);
        let (near, far) =
            (distance(&[60, 62, 64, 65, 67, 65, 64, 60], None), distance(&[61, 73, 61, 73], None));
        assert!(0.0 < near && near < far && far <= 1.0, "{near} {far}");
        assert_eq!(Crowd::default().distance(&phrase(&tune), None), None);
    }
}
