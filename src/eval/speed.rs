//! How fast a model composes on this machine, on the one thread that calls.

use std::fmt;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::{EvalError, real};
use crate::compose::compose;
use crate::model::Network;
use crate::music::{Frame, Key, Meter, Part};
use crate::session::{Task, Wishes};
use crate::token::{Harmony, Style};

/// Bars of the phrases.
const N_BARS: u32 = 8;

/// Takes of the batch.
const N_TAKES: u32 = 8;

/// Steps until the first note of a part alone: bar line, cell header, note.
const STEPS_TO_FIRST_NOTE: usize = 3;

/// Medians over a few runs, each with another seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Speed {
    /// Name of the model.
    pub model: String,
    /// Runs.
    pub n_runs: usize,
    /// From the call to the first note of a melody.
    pub first_note: Duration,
    /// Eight bars of melody.
    pub melody: Duration,
    /// Eight bars of all five parts.
    pub five_parts: Duration,
    /// Tokens a second of one take of five parts.
    pub steps_per_second: f64,
    /// The same of each of eight takes at once.
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
pub fn measure(network: &Network, n_runs: usize) -> Result<Speed, EvalError> {
    let n_runs = n_runs.max(1);
    let run_all = |parts: &[Part], n_takes: u32| -> Result<Vec<Timed>, EvalError> {
        (0..).take(n_runs).map(|seed| run(network, parts, seed, n_takes)).collect()
    };
    let melody = run_all(&[Part::Melody], 1)?;
    let five_parts = run_all(&Part::ALL, 1)?;
    let eight = run_all(&Part::ALL, N_TAKES)?;
    let time = |of: fn(&Timed) -> Duration, timed: &[Timed]| median(timed.iter().map(of).collect());
    let rate = |timed: &[Timed]| {
        let mut rates: Vec<f64> = timed.iter().map(|timed| timed.steps_per_second).collect();
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    Ok(Speed {
        model: network.config().name.clone(),
        n_runs,
        first_note: time(|timed| timed.first_note, &melody),
        melody: time(|timed| timed.whole, &melody),
        five_parts: time(|timed| timed.whole, &five_parts),
        steps_per_second: rate(&five_parts),
        steps_per_second_of_eight: rate(&eight),
    })
}

fn run(network: &Network, parts: &[Part], seed: u64, n_takes: u32) -> Result<Timed, EvalError> {
    let mut wishes = Wishes { harmony: Harmony::Off, ..Wishes::default() };
    wishes.controls.style = Some(Style::Pop);
    let task = Task::generate(Frame::new(Meter::COMMON, N_BARS, Key::C_MAJOR, 120.0), parts, wishes)?;
    let mut n_calls = 0;
    let mut first_note = Duration::ZERO;
    let mut first_step = Duration::ZERO;
    let start = Instant::now();
    // Called once before each step and once at the end.
    compose(network, &task, seed, 0..n_takes, |_| {
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
        writeln!(f, "| steps a second, one take | {:.0} |", self.steps_per_second)?;
        writeln!(f, "| steps a second, {N_TAKES} takes at once | {:.0} |", self.steps_per_second_of_eight)
    }
}
