//! Drafts to phrases, all parts at once: the orders to decode, in one pass, or in two where something is asked that is steered.

use std::ops::ControlFlow;

use super::assemble;
use super::decode_loop::{self, Order, Progress};
use super::error::ComposeError;
use super::library::Model;
use super::perform::Performer;
use super::plan::BarPlan;
use super::steer::{self, Steering};
use crate::music::Phrase;
use crate::session::{Receipt, Revision, TakeTargets, Task};
use crate::token::{Prompt, Token};

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

/// The phrases of `drafts`, in order, before any part is revised. `performer` — who performs the take of an index.
///
/// # Errors
///
/// As [`compose`](super::compose).
pub fn whole(
    model: &Model,
    task: &Task,
    seed: u64,
    drafts: &[Draft],
    performer: &dyn Fn(u32) -> Performer,
    mut progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Phrase>, ComposeError> {
    let free = steer::free(task);
    let prompt = free.prompt()?;
    let plan = |task: &Task, draft: &Draft| BarPlan::draw(model.plans(), task, seed, draft.take);
    let planned = |draft: &Draft| {
        let order = drafted(&free, &prompt, draft, performer(draft.take));
        Order { plan: plan(&free, draft), ..order }
    };
    let orders: Vec<Order> = drafts.iter().map(planned).collect();
    if !steer::asks(task) {
        return decode(model, &orders, task, seed, &mut progress);
    }
    let mut quiet = |so_far: &Progress| progress(&so_far.unshown());
    let references = decode(model, &orders, &free, seed, &mut quiet)?;
    let steered = steered(model, task, &orders, &references)?;
    let planned = |(order, draft)| Order { plan: plan(task, draft), ..order };
    let orders: Vec<Order> = steered.into_iter().zip(drafts).map(planned).collect();
    decode(model, &orders, task, seed, &mut progress)
}

/// The first composing of a task of which nothing is asked that can be steered: after `draft`'s own ideas, if it has any.
fn drafted(free: &Task, prompt: &Prompt, draft: &Draft, performer: Performer) -> Order {
    let plan = steer::Plan::of_ideas(prompt, &draft.ideas);
    let steering = plan.as_ref().map(|plan| Steering::new(plan, free));
    let prompt = plan.map_or_else(|| prompt.clone(), |plan| plan.prompt);
    Order { take: draft.take, prompt, steering, plan: BarPlan::default(), performer }
}

/// The phrases of `orders`, in order, performed.
///
/// # Errors
///
/// As [`compose`](super::compose).
pub fn decode(
    model: &Model,
    orders: &[Order],
    task: &Task,
    seed: u64,
    progress: &mut impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Phrase>, ComposeError> {
    let skeleton = task.skeleton();
    let bodies = decode_loop::run(model, orders, &skeleton, task, seed, progress)?;
    let assembled = |(order, body): (&Order, &Vec<Token>)| {
        assemble::assemble(&order.prompt, &skeleton, &order.performer, body)
    };
    Ok(orders.iter().zip(&bodies).map(assembled).collect())
}

/// The second composing of `task`: each of `orders` again, after its own of `references`.
fn steered(
    model: &Model,
    task: &Task,
    orders: &[Order],
    references: &[Phrase],
) -> Result<Vec<Order>, ComposeError> {
    let order = |(order, reference): (&Order, &Phrase)| {
        let plan = steer::Plan::new(task, reference, |prompt| decode_loop::fits(model.network(), prompt))?;
        let steering = Some(Steering::new(&plan, task));
        let (take, performer) = (order.take, order.performer.clone());
        Ok(Order { take, prompt: plan.prompt, steering, plan: BarPlan::default(), performer })
    };
    orders.iter().zip(references).map(order).collect()
}
