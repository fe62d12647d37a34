//! The effect of turning valence or arousal on the measured mood, with the same seed and other settings.

use std::fmt;

use serde::Serialize;

use super::EvalError;
use super::controls::{Composer, Draw};
use super::knobs::TURN;
use super::silence::Silence;
use super::statistics::{median, share};
use crate::compose::repertoire::Repertoire;
use crate::music::Part;
use crate::music::measure::measure_mood;
use crate::session::Task;

/// The parts that are composed, enough for a mood.
const ENSEMBLE: [Part; 3] = [Part::Bass, Part::Chords, Part::Melody];

/// How valence or arousal follows its knob.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoodRow {
    /// `valence` or `arousal`.
    pub control: &'static str,
    /// Share of the pairs in which the measure moves in the direction of the knob.
    pub right: f64,
    /// Median move of the measure.
    pub moved: f64,
    /// Pairs of phrases.
    pub n: usize,
}

/// The measures of moods alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MoodReport {
    /// Effects of turning valence or arousal.
    pub turned: Moods,
    /// Parts that fall silent.
    pub silence: Silence,
}

impl fmt::Display for MoodReport {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.turned, self.silence)
    }
}

/// Effects of turning valence and arousal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moods {
    /// A row for valence and one for arousal.
    pub rows: Vec<MoodRow>,
}

/// Composes `n` pairs of phrases for valence and for arousal that differ in it alone: key, mode and tempo are the same.
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn turn(
    compose: &Composer,
    repertoire: &Repertoire,
    n: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Moods, EvalError> {
    type Set = fn(&mut Task, f32);
    type Get = fn(&crate::music::measure::Mood) -> f32;
    let halves: [(&'static str, Set, Get); 2] = [
        ("valence", |task, value| task.controls.valence = Some(value), |mood| mood.valence),
        ("arousal", |task, value| task.controls.arousal = Some(value), |mood| mood.arousal),
    ];
    let mut draw = Draw::new(repertoire, seed)?;
    let mut rows = Vec::new();
    let mut n_done = 0;
    for (control, set, get) in halves {
        let mut moves = Vec::new();
        for turn in 0..n {
            let (task, seed) = draw.task(turn, &ENSEMBLE)?;
            let at = |value: f32| {
                let mut task = task.clone();
                set(&mut task, value);
                compose(&task, seed).map(|phrase| measure_mood(&phrase))
            };
            if let Some((before, after)) = at(TURN.0)?.zip(at(TURN.1)?) {
                moves.push(f64::from(get(&after) - get(&before)));
            }
            n_done += 1;
            progress(n_done);
        }
        let right = share(&moves, |moved| *moved > 0.0);
        rows.push(MoodRow { control, right, n: moves.len(), moved: median(moves).unwrap_or(0.0) });
    }
    Ok(Moods { rows })
}

impl fmt::Display for Moods {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Mood turned from {} to {}, same seed, mode and tempo\n", TURN.0, TURN.1)?;
        writeln!(f, "| mood | right way | moves by | pairs |\n| --- | --- | --- | --- |")?;
        for MoodRow { control, right, moved, n } in &self.rows {
            writeln!(f, "| {control} | {:.0} % | {moved:.3} | {n} |", 100.0 * right)?;
        }
        writeln!(f)
    }
}
