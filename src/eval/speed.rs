//! Measures how fast a model composes on this machine, on the calling thread.

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{EvalError, real};
use crate::compose::{Model, compose};
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Meter, Part};
use crate::session::{Task, TaskSettings};
use crate::token::{Harmony, Style};

/// Bars of the phrases.
const N_BARS: u32 = 8;

/// The density that is set for each part in the steered runs, about that of phrases without a setting.
const ASKED_DENSITY: f32 = 0.5;

/// Number of takes of the batch.
const N_TAKES: u32 = 8;

/// Steps until the first note of a part alone: bar line, cell header, note.
const STEPS_TO_FIRST_NOTE: usize = 3;

/// Times of composing, medians over a few runs with different seeds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Speed {
    /// Name of the model.
    pub model: String,
    /// Number of runs.
    pub n_runs: usize,
    /// From the call to the first note of a melody.
    pub first_note: Duration,
    /// Time of eight bars of melody.
    pub melody: Duration,
    /// Time of eight bars of all five parts.
    pub five_parts: Duration,
    /// The same with a density set for each part: composed twice, the second time steered.
    pub five_parts_steered: Duration,
    /// Tokens a second of one take of five parts.
    pub steps_per_second: f64,
    /// The same with a density set for each part, over both passes.
    pub steps_per_second_steered: f64,
    /// The same of each of eight takes at once, without a density.
    pub steps_per_second_of_eight: f64,
}

/// One phrase timed.
struct Timed {
    first_note: Duration,
    whole: Duration,
    steps_per_second: f64,
}

/// Composes each phrase `n_runs` times; at least once.
///
/// # Errors
///
/// A network that cannot compose.
pub fn measure(model: &Model, n_runs: usize) -> Result<Speed, EvalError> {
    let n_runs = n_runs.max(1);
    let run_all = |parts: &[Part], density: Option<f32>, n_takes: u32| -> Result<Vec<Timed>, EvalError> {
        (0..).take(n_runs).map(|seed| run(model, parts, density, seed, n_takes)).collect()
    };
    let melody = run_all(&[Part::Melody], None, 1)?;
    let five_parts = run_all(&Part::ALL, None, 1)?;
    let steered = run_all(&Part::ALL, Some(ASKED_DENSITY), 1)?;
    let eight = run_all(&Part::ALL, None, N_TAKES)?;
    let time = |of: fn(&Timed) -> Duration, timed: &[Timed]| median(timed.iter().map(of).collect());
    let rate = |timed: &[Timed]| {
        let mut rates: Vec<f64> = timed.iter().map(|timed| timed.steps_per_second).collect();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    Ok(Speed {
        model: model.network().config().name.clone(),
        n_runs,
        first_note: time(|timed| timed.first_note, &melody),
        melody: time(|timed| timed.whole, &melody),
        five_parts: time(|timed| timed.whole, &five_parts),
        five_parts_steered: time(|timed| timed.whole, &steered),
        steps_per_second: rate(&five_parts),
        steps_per_second_steered: rate(&steered),
        steps_per_second_of_eight: rate(&eight),
    })
}

fn run(
    model: &Model,
    parts: &[Part],
    density: Option<f32>,
    seed: u64,
    n_takes: u32,
) -> Result<Timed, EvalError> {
    let mut settings = TaskSettings { harmony: Harmony::Off, ..TaskSettings::default() };
    settings.controls.style = Some(Style::Pop);
    parts.iter().for_each(|&part| settings.controls.set_part(part, PartControl::Density, density));
    let frame = Frame::new(Meter::COMMON, N_BARS, Key::C_MAJOR, 120.0);
    let task = model.fitted(Task::generate(frame, parts, settings)?);
    let mut n_calls = 0;
    let mut first_note = Duration::ZERO;
    let mut first_step = Duration::ZERO;
    let start = Instant::now();
    // Called once before each step and once at the end.
    compose(model, &task, seed, 0..n_takes, |_| {
        match n_calls {
            0 => first_step = start.elapsed(),
            STEPS_TO_FIRST_NOTE => first_note = start.elapsed(),
            _ => {}
        }
        n_calls += 1;
        ControlFlow::Continue(())
    })?;
    let whole = start.elapsed();
    let n_steps = real(n_calls - 1);
    Ok(Timed { first_note, whole, steps_per_second: n_steps / (whole - first_step).as_secs_f64() })
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

impl fmt::Display for Speed {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        writeln!(f, "| {}, one thread, median of {} runs | |\n| --- | --- |", self.model, self.n_runs)?;
        writeln!(f, "| to the first note of a melody | {:.1} ms |", ms(self.first_note))?;
        writeln!(f, "| {N_BARS} bars of melody | {:.0} ms |", ms(self.melody))?;
        writeln!(f, "| {N_BARS} bars of five parts | {:.0} ms |", ms(self.five_parts))?;
        let steered = ms(self.five_parts_steered);
        writeln!(f, "| {N_BARS} bars of five parts, a density asked of each | {steered:.0} ms |")?;
        writeln!(f, "| steps a second, one take | {:.0} |", self.steps_per_second)?;
        writeln!(
            f,
            "| steps a second, one take, half of them steered | {:.0} |",
            self.steps_per_second_steered
        )?;
        writeln!(f, "| steps a second, {N_TAKES} takes at once | {:.0} |", self.steps_per_second_of_eight)
    }
}
