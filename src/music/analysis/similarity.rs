//! Similarity of two phrases by rhythm and contour.
//!
//! Bars are compared with bars of the same number, parts with the same part. Key, register and velocity do not count: a
//! phrase moved up by a fifth is the same.

use super::super::phrase::{Cell, Part, Phrase};
use super::super::time::{TickDuration, TickInstant};

/// The similarity of `a` and `b`, from 0.0 (nothing in common) to 1.0 (the same onsets and moves): the mean over the
/// parts that either has; 1.0 for two phrases without notes.
///
/// Of each part the rhythm and, but for drums, the contour of its top line are compared bar by bar.
pub fn similarity(a: &Phrase, b: &Phrase) -> f32 {
    let n_bars = a.frame().n_bars_total().max(b.frame().n_bars_total());
    mean(Part::ALL.into_iter().map(|part| {
        let bars = (0..n_bars).map(|bar| (Line::of(a, Cell { bar, part }), Line::of(b, Cell { bar, part })));
        let bars: Vec<(Line, Line)> = bars.collect();
        let rhythm = mean(bars.iter().map(|(a, b)| a.rhythm_likeness(b)));
        let contour = mean(bars.iter().map(|(a, b)| a.contour_likeness(b)));
        match (rhythm, contour) {
            (Some(rhythm), Some(contour)) if !part.is_drums() => Some(f32::midpoint(rhythm, contour)),
            (rhythm, _) => rhythm,
        }
    }))
    .unwrap_or(1.0)
}

/// What one part plays in one bar.
struct Line {
    /// Grid steps with an onset; for drums, with the key. Ascending.
    onsets: Vec<(u32, u8)>,
    /// Semitones from each top note to the next.
    moves: Vec<i32>,
}

impl Line {
    fn of(phrase: &Phrase, cell: Cell) -> Self {
        let bar = phrase.frame().bar_start(cell.bar);
        let notes = if cell.bar < phrase.frame().n_bars_total() { phrase.cell(cell) } else { &[] };
        let step = |onset: TickInstant| (onset - TickDuration(bar.0)).to_nearest_step();
        let key = |pitch: u8| if cell.part.is_drums() { pitch } else { 0 };
        let mut onsets: Vec<(u32, u8)> =
            notes.iter().map(|note| (step(note.onset), key(note.pitch.number()))).collect();
        onsets.sort_unstable();
        onsets.dedup();
        let tops: Vec<i32> = notes
            .chunk_by(|a, b| step(a.onset) == step(b.onset))
            .filter_map(|chord| chord.iter().map(|note| i32::from(note.pitch.number())).max())
            .collect();
        Self { onsets, moves: tops.windows(2).map(|pair| pair[1] - pair[0]).collect() }
    }

    /// Jaccard index of the onset sets; `None` where both are silent.
    fn rhythm_likeness(&self, other: &Self) -> Option<f32> {
        let n_common = self.onsets.iter().filter(|onset| other.onsets.binary_search(onset).is_ok()).count();
        ratio(n_common, self.onsets.len() + other.onsets.len() - n_common)
    }

    /// Dice coefficient of the sequences of moves, by their longest common subsequence; `None` where neither moves.
    fn contour_likeness(&self, other: &Self) -> Option<f32> {
        ratio(2 * n_common_in_order(&self.moves, &other.moves), self.moves.len() + other.moves.len())
    }
}

/// Length of the longest common subsequence. Moves count as equal if they have the same direction and differ by at most
/// a semitone, so that a motif moved inside the scale keeps its contour.
fn n_common_in_order(a: &[i32], b: &[i32]) -> usize {
    let is_same = |a: i32, b: i32| a.signum() == b.signum() && a.abs_diff(b) <= 1;
    let mut row = vec![0; b.len() + 1];
    for &move_a in a {
        let mut diagonal = 0;
        for (idx, &move_b) in b.iter().enumerate() {
            let above = row[idx + 1];
            row[idx + 1] = if is_same(move_a, move_b) { diagonal + 1 } else { above.max(row[idx]) };
            diagonal = above;
        }
    }
    row[b.len()]
}

#[expect(clippy::cast_precision_loss, reason = "counts of notes are far below 2^24")]
fn ratio(numerator: usize, denominator: usize) -> Option<f32> {
    (denominator > 0).then(|| numerator as f32 / denominator as f32)
}

/// The mean of the values that there are.
fn mean(values: impl Iterator<Item = Option<f32>>) -> Option<f32> {
    let known: Vec<f32> = values.flatten().collect();
    ratio(1, known.len()).map(|share| known.iter().sum::<f32>() * share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Note, Pitch, Progression};

    /// One bar a line: beat and pitch of each melody note.
    fn melody(bars: &[&[(f64, i32)]]) -> Phrase {
        let frame = Frame::new(Meter::COMMON, u32::try_from(bars.len()).unwrap(), Key::C_MAJOR, 100.0);
        let mut notes = Vec::new();
        for (bar, line) in (0..).zip(bars) {
            for &(beat, pitch) in *line {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole steps")]
                let steps = (beat * 12.0) as u32;
                let onset = frame.bar_start(bar) + TickDuration::from_steps(steps);
                notes.push(Note::new(onset, TickDuration::from_steps(3), Pitch::clamped(pitch), 80));
            }
        }
        Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], notes]).unwrap()
    }

    #[test]
    fn likeness_falls_with_what_changes() {
        let a = melody(&[&[(0.0, 60), (1.0, 62), (2.0, 64), (3.0, 60)], &[(0.0, 67), (2.0, 65)]]);
        let moved = melody(&[&[(0.0, 65), (1.0, 67), (2.0, 69), (3.0, 65)], &[(0.0, 72), (2.0, 70)]]);
        let ending = melody(&[&[(0.0, 60), (1.0, 62), (2.0, 64), (3.0, 60)], &[(0.0, 60), (1.5, 72)]]);
        let other = melody(&[&[(0.5, 72), (1.5, 60)], &[(0.5, 60), (1.0, 67), (3.5, 72)]]);
        let silent = melody(&[&[], &[]]);
        let likeness: Vec<f32> = [&a, &moved, &ending, &other, &silent].map(|b| similarity(&a, b)).into();
        assert_eq!(likeness[..2], [1.0, 1.0]);
        assert!(likeness[2] < 0.95 && likeness[2] > likeness[3], "{likeness:?}");
        assert!(likeness[3] < 0.3 && likeness[4] == 0.0, "{likeness:?}");
        assert_eq!(similarity(&silent, &silent), 1.0);
    }

    #[test]
    fn likeness_is_mutual_and_bars_that_one_lacks_count() {
        let a = melody(&[&[(0.0, 60), (1.0, 62)], &[(0.0, 60), (3.0, 59)]]);
        let b = melody(&[&[(0.0, 60), (1.0, 62)]]);
        assert_eq!(similarity(&a, &b), similarity(&b, &a));
        assert_eq!(similarity(&a, &b), 0.5);
    }
}
