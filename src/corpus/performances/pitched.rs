//! Fits the linear model of the velocities of pitched parts by least squares over tracks, each relative to its own mean.

use std::collections::BTreeMap;

use super::numbers::{drift, hundredths, mean_and_sd, rounded};
use crate::music::performance::{Drift, Line, PitchedPart, Traits};
use crate::music::{Frame, Key, Note, Part};
use crate::smf::Score;

/// Fewest notes of a part, and fewest different velocities; with fewer they were not set by hand.
const FEWEST: (usize, usize) = (48, 8);

/// Least standard deviation of a part's velocities.
const LEAST_SD: f64 = 3.0;

/// Largest distance of a velocity from the mean; beyond is another instrument or an effect.
const MOST: f64 = 40.0;

/// Ridge regularisation, in notes: keeps coefficients without data at 0.
const RIDGE: f64 = 20.0;

const N: usize = Traits::N;

/// Sums for the least squares of a part.
#[derive(Default)]
pub struct Fit {
    n_tracks: usize,
    n_notes: usize,
    /// Every note, track by track: its traits and its velocity relative to the mean of its four bars.
    rows: Vec<Vec<([f64; N], f64)>>,
}

/// Adds the tracks of `score` whose velocities were set by hand; returns whether there are any.
pub fn measure(score: &Score, fits: &mut BTreeMap<Part, Fit>) -> bool {
    let Ok((phrase, _)) = score.to_phrase(|_| Key::C_MAJOR) else { return false };
    let mut is_any = false;
    for track in &score.tracks {
        let Some(part) = track.part.filter(|part| !part.is_drums()) else { continue };
        let mut notes: Vec<Note> =
            track.notes.iter().filter(|note| note.onset < phrase.frame().end()).copied().collect();
        notes.sort_by_key(|note| (note.onset, note.pitch));
        let velocities: Vec<f64> = notes.iter().map(|note| f64::from(note.velocity)).collect();
        let mut distinct: Vec<u8> = notes.iter().map(|note| note.velocity).collect();
        distinct.sort_unstable();
        distinct.dedup();
        let sd = mean_and_sd(&velocities).map_or(0.0, |(_, sd)| sd);
        if notes.len() < FEWEST.0 || distinct.len() < FEWEST.1 || sd < LEAST_SD {
            continue;
        }
        is_any = true;
        let fit = fits.entry(part).or_default();
        fit.n_tracks += 1;
        let rows = rows(phrase.frame(), &notes);
        fit.n_notes += rows.len();
        fit.rows.push(rows);
    }
    is_any
}

fn rows(frame: &Frame, notes: &[Note]) -> Vec<([f64; N], f64)> {
    // The mean of four bars is the dynamics of the piece; the model explains the deviation from it.
    let group = |note: &Note| frame.bar_of(note.onset) / 4;
    let mut sums = BTreeMap::<u32, (f64, f64)>::new();
    for note in notes {
        let (sum, n) = sums.entry(group(note)).or_default();
        *sum += f64::from(note.velocity);
        *n += 1.0;
    }
    let mut line = Line::default();
    let mut rows = Vec::new();
    for chord in notes.chunk_by(|one, other| one.onset == other.onset) {
        for note in chord {
            let (sum, n) = sums[&group(note)];
            let deviation = f64::from(note.velocity) - sum / n;
            if deviation.abs() <= MOST {
                rows.push((line.traits(frame, note, chord).row(), deviation));
            }
        }
        line.step(chord);
    }
    rows
}

impl Fit {
    /// The fitted model of `part`; `None` of fewer than 500 notes or without a solution.
    pub fn solved(self, part: Part) -> Option<PitchedPart> {
        let rows = || self.rows.iter().flatten();
        if self.n_notes < 500 {
            return None;
        }
        let mut matrix = [[0.0; N]; N];
        let mut right = [0.0; N];
        for (row, velocity) in rows() {
            for i in 0..N {
                right[i] += row[i] * velocity;
                for j in 0..N {
                    matrix[i][j] += row[i] * row[j];
                }
            }
        }
        for (i, line) in matrix.iter_mut().enumerate() {
            line[i] += RIDGE;
        }
        let weights = solve(matrix, right)?;
        let predicted = |row: &[f64; N]| row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>();
        let all: Vec<f64> = rows().map(|(_, velocity)| *velocity).collect();
        let left: Vec<f64> = rows().map(|(row, velocity)| velocity - predicted(row)).collect();
        let (_, sd_all) = mean_and_sd(&all)?;
        let (_, sd_left) = mean_and_sd(&left)?;
        let pieces: Vec<Vec<f64>> = self
            .rows
            .iter()
            .map(|rows| rows.iter().map(|(row, velocity)| velocity - predicted(row)).collect())
            .collect();
        let held = drift(&pieces);
        // The coefficients of a trait's classes are relative to their own mean, so that none of them shifts the whole.
        let counts: Vec<f64> = (0..N).map(|idx| rows().map(|(row, _)| row[idx].abs()).sum()).collect();
        let group = |from: usize, n: usize| {
            let n_all: f64 = counts[from..from + n].iter().sum();
            let mean = (from..from + n).map(|idx| weights[idx] * counts[idx]).sum::<f64>() / n_all.max(1.0);
            (from..from + n).map(move |idx| rounded(weights[idx] - mean)).collect::<Vec<f64>>()
        };
        Some(PitchedPart {
            part: part.name().to_owned(),
            n_tracks: self.n_tracks,
            n_notes: self.n_notes,
            explained: hundredths(1.0 - share(sd_left, sd_all)),
            strength: group(0, 5).try_into().ok()?,
            rise: rounded(weights[5]),
            height: rounded(weights[6]),
            length: group(7, 3).try_into().ok()?,
            voice: group(10, 4).try_into().ok()?,
            arc: group(14, 4).try_into().ok()?,
            stray: Drift { sd: rounded(sd_left), hold: hundredths(held.hold * share(held.sd, sd_left)) },
        })
    }
}

/// The share of a drift with standard deviation `sd` in a variance of standard deviation `sd_all`.
fn share(sd: f64, sd_all: f64) -> f64 {
    (sd * sd / (sd_all * sd_all)).min(1.0)
}

/// Solves a symmetric system by elimination; `None` if it has no solution.
fn solve(mut matrix: [[f64; N]; N], mut right: [f64; N]) -> Option<[f64; N]> {
    for pivot in 0..N {
        let best = (pivot..N).max_by(|a, b| matrix[*a][pivot].abs().total_cmp(&matrix[*b][pivot].abs()))?;
        matrix.swap(pivot, best);
        right.swap(pivot, best);
        if matrix[pivot][pivot].abs() < 1e-9 {
            return None;
        }
        for row in pivot + 1..N {
            let factor = matrix[row][pivot] / matrix[pivot][pivot];
            let of_pivot = matrix[pivot];
            for (value, of_pivot) in matrix[row][pivot..].iter_mut().zip(&of_pivot[pivot..]) {
                *value -= factor * of_pivot;
            }
            right[row] -= factor * right[pivot];
        }
    }
    let mut solution = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|column| matrix[row][column] * solution[column]).sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Meter, Phrase, Pitch, Progression, TickDuration, TickInstant};

    #[test]
    fn accents_are_found_and_the_mean_stays() {
        // Eighths, ten louder on the beat.
        let note = |idx: u32| {
            let velocity = if idx.is_multiple_of(2) { 90 } else { 80 } + u8::try_from(idx % 5).unwrap();
            let pitch = Pitch::clamped(60 + i32::try_from(idx % 3).unwrap());
            Note::new(TickInstant(idx * 480), TickDuration(480), pitch, velocity)
        };
        let frame = Frame::new(Meter::COMMON, 128, Key::C_MAJOR, 120.0);
        let parts = [Vec::new(), Vec::new(), Vec::new(), Vec::new(), (0..1024).map(note).collect()];
        let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
        let rows = rows(phrase.frame(), phrase.notes(Part::Melody));
        let fit = Fit { n_tracks: 1, n_notes: rows.len(), rows: vec![rows] };
        let solved = fit.solved(Part::Melody).unwrap();
        let on_beat = (solved.strength[4] + solved.strength[3] + 2.0 * solved.strength[2]) / 4.0;
        assert!((on_beat - solved.strength[1] - 10.0).abs() < 0.8, "{solved:?}");
        assert!(solved.explained > 0.85 && solved.stray.sd < 2.0, "{solved:?}");
    }
}
