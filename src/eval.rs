//! Evaluation of a model: its loss on held-out music compared with a counted floor, how well it follows controls, and
//! its speed.
//!
//! # Headline
//!
//! Nats of kind, pitch and duration of every token that counts (without velocity and chord symbols), divided by the
//! number of notes, on the held-out windows whose task is to compose everything from nothing with all controls on auto.
//! Drums are measured on one source only, [`DRUM_SOURCE`], which alone has drums that were played.

pub mod held_out;

pub mod context;

pub mod ngram;

pub mod loss;

pub mod report;

mod statistics;

pub mod controls;

pub mod knobs;

pub mod moods;

pub mod silence;

pub mod following;

pub mod methods;

pub mod originality;

pub mod styles;

pub mod speed;

pub mod muspy;

pub mod features;

pub mod critique;

pub mod takes;

pub mod decoding;

pub mod discriminator;

use fastrand::Rng;

use crate::compose::repertoire::Repertoire;
use crate::compose::{ComposeError, Model};
use crate::corpus::CorpusError;
use crate::model::ModelError;
use crate::music::ending::Ending;
use crate::music::frames::KeyRequest;
use crate::music::{Frame, Key, Meter, Mode};
use crate::session::{Performance, Task, TaskError, TaskSettings};
use crate::token::{Controls, Style};
use crate::training::window::HEADLINE_BARS;

pub use held_out::{HeldOut, Window};
pub use report::Report;

/// The source that drums are measured on.
pub const DRUM_SOURCE: &str = "groove_midi";

/// Fewest held-out families of a style whose loss is reported on its own.
pub const FEWEST_FAMILIES: usize = 20;

/// Why an evaluation failed.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// Shards that cannot be read.
    #[error(transparent)]
    Corpus(#[from] CorpusError),
    /// A model that cannot be run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A phrase that cannot be composed.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// A task that cannot be made.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// Shards in another vocabulary.
    #[error(
        "the shards are in another vocabulary ({found}, this version has {expected}): build them again with \
         `descant-cli corpus build`"
    )]
    Vocabulary {
        /// The hash of this version.
        expected: String,
        /// The hash that the shards name.
        found: String,
    },
    /// Shards without windows of this kind.
    #[error("the shards hold no {0} windows to measure on; build them from a larger corpus")]
    NoWindows(&'static str),
    /// Statistics without a known style.
    #[error(
        "the statistics name no style that this version knows; give those that were built with the shards"
    )]
    NoStyles,
}

/// The tempo of a style that has none, in beats per minute.
const USUAL_TEMPO: f32 = 120.0;

/// The task of a phrase of [`HEADLINE_BARS`] bars in common time for which users set nothing but `style`: `seed` draws its key
/// and tempo.
///
/// # Errors
///
/// A style without parts.
pub fn default_task(model: &Model, style: Style, seed: u64) -> Result<Task, TaskError> {
    let (frames, name) = (model.frames(), Some(style.name()));
    let key = frames.key(name, KeyRequest::default(), seed);
    let frame = Frame::new(Meter::COMMON, HEADLINE_BARS, key, frames.tempo(name, None, seed));
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    let settings = TaskSettings {
        controls,
        performance: Performance::PLAYED,
        ending: Ending::Loop,
        ..TaskSettings::default()
    };
    Task::generate(frame, &model.repertoire().usual_parts(Some(style)), settings)
}

/// The task of a phrase of [`HEADLINE_BARS`] bars in `key`, of which only `style` is set: its usual parts and tempo, in common
/// time, all other controls auto.
///
/// # Errors
///
/// A style without parts.
fn usual_task(repertoire: &Repertoire, style: Style, key: Key) -> Result<Task, TaskError> {
    let tempo = repertoire.tempo(style).unwrap_or(USUAL_TEMPO);
    let frame = Frame::new(Meter::COMMON, HEADLINE_BARS, key, tempo);
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    let settings = TaskSettings { controls, performance: Performance::PLAYED, ..TaskSettings::default() };
    Task::generate(frame, &repertoire.usual_parts(Some(style)), settings)
}

/// [`usual_task`] in C major or C minor, drawn at random.
fn drawn_task(repertoire: &Repertoire, style: Style, rng: &mut Rng) -> Result<Task, TaskError> {
    let modes = [Mode::Major, Mode::Minor];
    usual_task(repertoire, style, Key::without_accidentals(modes[rng.usize(0..modes.len())]))
}

/// A count as `f64`.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn real(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod test_phrase {
    use crate::music::{Frame, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant};

    /// Two bars of melody in common time, a note a beat.
    pub fn a_note_a_beat(pitches: &[i32]) -> Phrase {
        let melody = (0..).zip(pitches).map(|(beat, &pitch)| {
            let (onset, duration) = (TickInstant::from_steps(12 * beat), TickDuration::from_steps(12));
            Note::new(onset, duration, Pitch::clamped(pitch), 80)
        });
        let parts = [vec![], vec![], vec![], vec![], melody.collect()];
        Phrase::new(Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0), Progression::default(), parts).unwrap()
    }
}
