//! All measures of how well controls are followed.

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

/// The measures of how controls are followed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Following {
    /// Set and measured values over the range of each control.
    pub calibration: Calibration,
    /// Effects of turning one control.
    pub knobs: Knobs,
    /// Effects of turning valence or arousal.
    pub moods: Moods,
}

/// Calibration phrases for each pair of turned phrases.
const N_PER_PAIR: usize = 4;

/// The total number of phrases that [`measure`] composes, for `n` per control.
pub const fn n_in_all(n: usize) -> usize {
    7 * n + 9 * (n / N_PER_PAIR)
}

/// Composes `n` phrases for each control over its range, and a quarter as many pairs for every knob.
///
/// `progress` — called with the phrases done, of [`n_in_all`].
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
