//! Tasks to takes: prompt, prefill, decode under constraints, phrase. Starts no thread.
//!
//! # Example
//!
//! ```
//! use std::ops::ControlFlow;
//!
//! use descant::compose;
//! use descant::music::{Frame, Meter, Part};
//! use descant::session::{Task, TaskSettings};
//!
//! let model = compose::Model::shipped()?;
//! let frame = Frame::new(Meter::COMMON, 4, "G major".parse()?, 96.0);
//! let task = Task::generate(frame, &[Part::Chords, Part::Melody], TaskSettings::default())?;
//! let (seed, takes) = (7, 0..1);
//! let takes = compose::compose(&model, &task, seed, takes, |_progress| ControlFlow::Continue(()))?;
//! assert!(!takes[0].phrase.notes(Part::Melody).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod assemble;

mod draft;

mod error;

pub mod judge;

pub mod best_of;

pub mod revise;

pub mod constraint;

pub mod critique;

pub mod discriminator;

pub mod steer;

pub mod decode_loop;

pub mod perform;

pub mod harmonist;

pub mod novelty;

pub mod plan;

pub mod originality;

pub mod repertoire;

pub mod library;

pub mod song;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::music::measure::{PartControl, measure_mood, measure_part};
use crate::music::{Part, Phrase};
use crate::session::{Receipt, Take, Task};

pub use best_of::{SelectionProgress, best_of, best_of_after_first};
pub use critique::Critic;
pub use decode_loop::Progress;
pub use draft::Draft;
pub use error::ComposeError;
pub use judge::{Judge, Judgement};
pub use library::{LibraryError, Model};
pub use song::{SongProgress, SongTask, compose_song, replay_song};

use decode_loop::Order;
use draft::{decode, whole};
use perform::Performer;
use plan::BarPlan;

/// Composes `drafts` of `task`. All of them are decoded together; those without ideas share the prompt.
///
/// `progress` — called once a step; breaking it off cancels.
///
/// The same model, task, seed and draft give the same notes, whatever other drafts are asked for with it.
///
/// # Errors
///
/// A task that cannot be posed, given bars that leave no room, damaged weights, or cancelled.
pub fn compose(
    model: &Model,
    task: &Task,
    seed: u64,
    drafts: impl IntoIterator<Item = impl Into<Draft>>,
    mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    let drafts: Vec<Draft> = drafts.into_iter().map(Into::into).collect();
    let phrases = whole(model, task, seed, &drafts, &|take| Performer::new(task, seed, take), &mut progress)?;
    let to_take = |(draft, phrase): (Draft, Phrase)| {
        let phrase = revise::revised(model, task, seed, &draft, phrase, &mut progress)?;
        let Draft { take, ideas, revisions } = draft;
        let receipt = Receipt { ideas, ..model.receipt(seed, take, task).revised(revisions) };
        Ok(Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() })
    };
    drafts.into_iter().zip(phrases).map(to_take).collect()
}

/// As [`compose`], but trusting the network to do what its prefix says: what steering is measured against.
///
/// # Errors
///
/// As [`compose`].
pub fn compose_unsteered(
    model: &Model,
    task: &Task,
    seed: u64,
    takes: std::ops::Range<u32>,
) -> Result<Vec<Phrase>, ComposeError> {
    let prompt = task.prompt()?;
    let unsteered = |take| Order {
        take,
        prompt: prompt.clone(),
        steering: None,
        plan: BarPlan::draw(model.plans(), task, seed, take),
        performer: Performer::new(task, seed, take),
    };
    let orders: Vec<Order> = takes.map(unsteered).collect();
    decode(model, &orders, task, seed, &mut |_| ControlFlow::Continue(()))
}

/// A control that was asked for and what the take has.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct AskedGot {
    /// Name, with the part where it belongs to one: `bass density`.
    pub control: String,
    /// What was asked, `0.0..=1.0`; `None` is auto.
    pub asked: Option<f32>,
    /// What was measured, `0.0..=1.0`.
    pub got: f32,
}

/// What `phrase` has of every control, with what `task` asked for, measured over the composed cells.
pub fn asked_and_got(task: &Task, phrase: &Phrase) -> Vec<AskedGot> {
    let mut rows = Vec::new();
    if let Some(mood) = measure_mood(phrase) {
        rows.push(AskedGot {
            control: "valence".to_owned(),
            asked: task.controls.valence,
            got: mood.valence,
        });
        rows.push(AskedGot {
            control: "arousal".to_owned(),
            asked: task.controls.arousal,
            got: mood.arousal,
        });
    }
    for part in Part::ALL {
        let bars: Vec<u32> =
            task.compose.iter().filter(|cell| cell.part == part).map(|cell| cell.bar).collect();
        let Some(measures) = measure_part(phrase, part, &bars) else { continue };
        rows.extend(PartControl::ALL.map(|control| AskedGot {
            control: format!("{part} {}", control.name()),
            asked: task.controls.part(part, control),
            got: measures.get(control),
        }));
    }
    rows
}
