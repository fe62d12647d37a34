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
use crate::session::{Receipt, Revision, Take, TakeTargets, Task};
use crate::token::{Prompt, Token};

pub use best_of::{SelectionProgress, best_of, best_of_after_first};
pub use critique::Critic;
pub use decode_loop::Progress;
pub use error::ComposeError;
pub use judge::{Judge, Judgement};
pub use library::{LibraryError, Model};
pub use song::{SongProgress, SongTask, compose_song, replay_song};

use decode_loop::Order;
use perform::Performer;
use plan::BarPlan;
use steer::Steering;

/// A take to compose: its index, and what it aims at of its own. An index alone is a take without ideas.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Index of the take.
    pub take: u32,
    /// What sets it apart.
    pub ideas: TakeTargets,
    /// The parts that are composed anew once it stands, in order.
    pub revisions: Vec<Revision>,
}

impl From<u32> for Draft {
    fn from(take: u32) -> Self {
        Self { take, ideas: TakeTargets::default(), revisions: Vec::new() }
    }
}

impl From<&Receipt> for Draft {
    fn from(receipt: &Receipt) -> Self {
        Self { take: receipt.take, ideas: receipt.ideas.clone(), revisions: receipt.revisions.clone() }
    }
}

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
    let phrases = whole(model, task, seed, &drafts, &mut progress)?;
    let to_take = |(draft, phrase): (Draft, Phrase)| {
        let phrase = revise::revised(model, task, seed, &draft, phrase, &mut progress)?;
        let Draft { take, ideas, revisions } = draft;
        let receipt = Receipt { ideas, revisions, ..model.receipt(seed, take, task) };
        Ok(Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() })
    };
    drafts.into_iter().zip(phrases).map(to_take).collect()
}

/// The phrases of `drafts`, in order, before any part is revised.
fn whole(
    model: &Model,
    task: &Task,
    seed: u64,
    drafts: &[Draft],
    mut progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Phrase>, ComposeError> {
    let free = steer::free(task);
    let prompt = free.prompt()?;
    let plan = |task: &Task, draft: &Draft| BarPlan::draw(model.plans(), task, seed, draft.take);
    let planned = |draft| Order { plan: plan(&free, draft), ..drafted(&free, &prompt, draft) };
    let orders: Vec<Order> = drafts.iter().map(planned).collect();
    if !steer::asks(task) {
        return decode(model, &orders, task, seed, &mut progress);
    }
    let mut quiet = |so_far: &Progress| progress(&so_far.unshown());
    let references = decode(model, &orders, &free, seed, &mut quiet)?;
    let steered = steered(model, task, drafts, &references)?;
    let planned = |(order, draft)| Order { plan: plan(task, draft), ..order };
    let orders: Vec<Order> = steered.into_iter().zip(drafts).map(planned).collect();
    decode(model, &orders, task, seed, &mut progress)
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
    };
    let orders: Vec<Order> = takes.map(unsteered).collect();
    decode(model, &orders, task, seed, &mut |_| ControlFlow::Continue(()))
}

/// The first composing of a task of which nothing is asked that can be steered: after `draft`'s own ideas, if it has any.
fn drafted(free: &Task, prompt: &Prompt, draft: &Draft) -> Order {
    let plan = steer::Plan::of_ideas(prompt, &draft.ideas);
    let steering = plan.as_ref().map(|plan| Steering::new(plan, free));
    let prompt = plan.map_or_else(|| prompt.clone(), |plan| plan.prompt);
    Order { take: draft.take, prompt, steering, plan: BarPlan::default() }
}

fn decode(
    model: &Model,
    orders: &[Order],
    task: &Task,
    seed: u64,
    progress: &mut impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Phrase>, ComposeError> {
    let skeleton = task.skeleton();
    let bodies = decode_loop::run(model, orders, &skeleton, task, seed, progress)?;
    let assembled = |(order, body): (&Order, &Vec<Token>)| {
        let performer = Performer::new(task, seed, order.take);
        assemble::assemble(&order.prompt, &skeleton, &performer, body)
    };
    Ok(orders.iter().zip(&bodies).map(assembled).collect())
}

/// The second composing of `task`: each take after its own of `references`.
fn steered(
    model: &Model,
    task: &Task,
    drafts: &[Draft],
    references: &[Phrase],
) -> Result<Vec<Order>, ComposeError> {
    let order = |(draft, reference): (&Draft, &Phrase)| {
        let plan = steer::Plan::new(task, reference, |prompt| decode_loop::fits(model.network(), prompt))?;
        let steering = Some(Steering::new(&plan, task));
        Ok(Order { take: draft.take, prompt: plan.prompt, steering, plan: BarPlan::default() })
    };
    drafts.iter().zip(references).map(order).collect()
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
