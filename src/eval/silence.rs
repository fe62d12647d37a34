//! Measures how often a part that was asked for is silent for bars, by mood and by style.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::controls::Composer;
use super::{EvalError, USUAL_TEMPO, real};
use crate::compose::repertoire::Repertoire;
use crate::music::{Frame, Key, Meter, Mode, Part, Phrase};
use crate::session::{Task, TaskSettings};
use crate::token::{Controls, Style};

/// Bars of a phrase.
const N_BARS: u32 = 8;

/// Name, valence and arousal of the moods: calm ones, a neutral one, excited ones.
pub const MOODS: [(&str, f32, f32); 8] = [
    ("calm", 0.72, 0.1),
    ("relaxed", 0.7, 0.18),
    ("sleepy", 0.5, 0.06),
    ("sad", 0.15, 0.3),
    ("gloomy", 0.15, 0.25),
    ("neutral", 0.5, 0.5),
    ("joyful", 0.9, 0.75),
    ("tense", 0.3, 0.75),
];

/// Phrases of one mood or style.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SilenceRow {
    /// The mood or the style.
    pub name: String,
    /// Share of the phrases in which a part that was asked for is silent in a bar.
    pub with_empty_bar: f64,
    /// The same with two consecutive bars.
    pub with_two_in_a_row: f64,
    /// Phrases.
    pub n: usize,
}

/// How often parts fall silent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Silence {
    /// By mood.
    pub moods: Vec<SilenceRow>,
    /// By style.
    pub styles: Vec<SilenceRow>,
}

/// Composes `n` phrases of the usual parts of each of `styles` in each of [`MOODS`].
///
/// # Errors
///
/// A network that cannot compose.
pub fn measure(
    compose: &Composer,
    repertoire: &Repertoire,
    styles: &[Style],
    n: usize,
    mut progress: impl FnMut(usize),
) -> Result<Silence, EvalError> {
    let mut by_mood: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let mut by_style: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
    let mut n_done = 0;
    for (style_idx, &style) in styles.iter().enumerate() {
        let parts = repertoire.usual_parts(Some(style));
        for (mood_idx, (_, valence, arousal)) in MOODS.into_iter().enumerate() {
            let mode = Mode::suiting(Some(valence));
            let tempo = repertoire.tempo(style).unwrap_or(USUAL_TEMPO);
            let frame = Frame::new(Meter::COMMON, N_BARS, Key::without_accidentals(mode), tempo);
            let controls = Controls {
                style: Some(style),
                valence: Some(valence),
                arousal: Some(arousal),
                tells_frame: true,
                ..Controls::default()
            };
            let task = Task::generate(frame, &parts, TaskSettings { controls, ..TaskSettings::default() })?;
            for seed in (1..).take(n) {
                let phrase = compose(&task, seed)?;
                let longest = parts.iter().map(|&part| longest_silence(&phrase, part)).max().unwrap_or(0);
                by_mood.entry(mood_idx).or_default().push(longest);
                by_style.entry(style_idx).or_default().push(longest);
                n_done += 1;
                progress(n_done);
            }
        }
    }
    let rows = |by: &BTreeMap<usize, Vec<u32>>, name: &dyn Fn(usize) -> String| {
        by.iter().map(|(&idx, silences)| row(name(idx), silences)).collect()
    };
    Ok(Silence {
        moods: rows(&by_mood, &|idx| MOODS[idx].0.to_owned()),
        styles: rows(&by_style, &|idx| styles[idx].to_string()),
    })
}

fn row(name: String, silences: &[u32]) -> SilenceRow {
    let share = |least: u32| {
        real(silences.iter().filter(|&&longest| longest >= least).count()) / real(silences.len().max(1))
    };
    SilenceRow { name, with_empty_bar: share(1), with_two_in_a_row: share(2), n: silences.len() }
}

/// The longest run of bars in which `part` is silent: no note sounds, or of drums none begins.
fn longest_silence(phrase: &Phrase, part: Part) -> u32 {
    let frame = phrase.frame();
    let sounds_in = |bar: u32| {
        let (start, end) = (frame.bar_start(bar), frame.bar_start(bar + 1));
        phrase.notes(part).iter().any(|note| {
            note.onset < end && if part.is_drums() { note.onset >= start } else { note.end() > start }
        })
    };
    let (mut longest, mut silent) = (0, 0);
    for bar in 0..frame.n_bars_total() {
        silent = if sounds_in(bar) { 0 } else { silent + 1 };
        longest = longest.max(silent);
    }
    longest
}

impl fmt::Display for Silence {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Phrases in which a part falls silent\n")?;
        for (what, rows) in [("mood", &self.moods), ("style", &self.styles)] {
            writeln!(f, "| {what} | an empty bar | two in a row | phrases |\n| --- | --- | --- | --- |")?;
            for SilenceRow { name, with_empty_bar, with_two_in_a_row, n } in rows {
                let (one, two) = (100.0 * with_empty_bar, 100.0 * with_two_in_a_row);
                writeln!(f, "| {name} | {one:.0} % | {two:.0} % | {n} |")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Note, Pitch, Progression, TickDuration, TickInstant};

    #[test]
    fn a_note_that_sounds_on_fills_a_bar_and_a_hit_does_not() {
        let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
        let long = Note::new(TickInstant(0), TickDuration(960 * 6), Pitch::clamped(60), 80);
        let parts = Part::ALL.map(|_| vec![long]);
        let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
        assert_eq!(longest_silence(&phrase, Part::Melody), 2);
        assert_eq!(longest_silence(&phrase, Part::Drums), 3);
        assert_eq!(longest_silence(&Phrase::empty(frame).unwrap(), Part::Bass), 4);
        assert_eq!(row("calm".to_owned(), &[0, 1, 2, 0]).with_empty_bar, 0.5);
    }
}
