//! How well controls are followed, by everything that can be measured of it.

use std::fmt;

use serde::Serialize;

use super::EvalError;
use super::controls::{self, Calibration};
use super::knobs::{self, Knobs};
use super::methods::Method;
use super::moods::{self, Moods};
use crate::compose::Model;
use crate::compose::repertoire::Repertoire;
use crate::session::Task;

/// All that is measured of controls.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Following {
    /// Asked and got over the range of each control.
    pub calibration: Calibration,
    /// One control turned.
    pub knobs: Knobs,
    /// Mood turned.
    pub moods: Moods,
}

/// Phrases for one pair of each kind: calibrating takes the most.
const N_PER_PAIR: usize = 4;

/// Phrases that [`measure`] reports as done in the end, for `n` a control.
pub const fn n_in_all(n: usize) -> usize {
    7 * n + 9 * (n / N_PER_PAIR)
}

/// Composes `n` phrases a control over its range, and a quarter as many pairs for every knob.
///
/// `progress` — called with what is done of [`n_in_all`].
///
/// # Errors
///
/// A repertoire without styles, or a network that cannot compose.
pub fn measure(
    model: &Model,
    repertoire: &Repertoire,
    n: usize,
    seed: u64,
    mut progress: impl FnMut(usize),
) -> Result<Following, EvalError> {
    let composer = |task: &Task, seed: u64| Method::Steered.compose(model, task, seed);
    let n_pairs = n / N_PER_PAIR;
    let calibration = controls::calibrate(&composer, repertoire, n, seed, &mut progress)?;
    let knobs = knobs::turn(&composer, repertoire, n_pairs, seed + 1, |done| progress(7 * n + done))?;
    let done_before = 7 * (n + n_pairs);
    let moods = moods::turn(&composer, repertoire, n_pairs, seed + 2, |done| progress(done_before + done))?;
    Ok(Following { calibration, knobs, moods })
}

impl fmt::Display for Following {
    /// Markdown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.calibration, self.knobs, self.moods)
    }
}
