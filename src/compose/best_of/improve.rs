//! Takes that are chosen, made better part by part.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::candidate::Candidate;
use super::pool::Pool;
use super::progress::SelectionProgress;
use crate::compose::{ComposeError, Draft, Model, Progress, revise};
use crate::music::Part;
use crate::session::Take;

/// Candidates for each part of a take that is the only one.
const ALONE: u32 = 8;

/// Candidates for the part that is composed anew in each of several takes.
const OF_SEVERAL: u32 = 4;

/// Composes parts of `chosen` anew and keeps what the judges find likelier, so far as it passes and stays apart from the other
/// takes: every part of a take that is alone, which doubles the work, and of each of several only the last, the melody where there
/// is one. What stands whatever the judges say is left as it is, and breaking off leaves what there is.
///
/// # Errors
///
/// As [`compose`](crate::compose::compose).
pub fn improve(
    model: &Model,
    seed: u64,
    pool: &Pool<'_>,
    chosen: &mut [Candidate],
    progress: &mut dyn FnMut(SelectionProgress) -> ControlFlow<()>,
) -> Result<(), ComposeError> {
    let parts: Vec<Part> = revise::parts(pool.task).collect();
    let (parts, n) = match chosen {
        [_] => (&parts[..], ALONE),
        _ => (&parts[parts.len().saturating_sub(1)..], OF_SEVERAL),
    };
    let mut n_done = pool.n();
    for idx in 0..chosen.len() {
        if pool.stands(&chosen[idx]) {
            continue;
        }
        for &part in parts {
            let composed = {
                let mut show = |_: &Progress<'_>| progress(SelectionProgress::Others { n_done });
                part_anew(model, seed, pool, &chosen[idx], part, n, &mut show)
            };
            n_done += n;
            let candidates = match composed {
                Ok(candidates) => candidates,
                // A prompt with all other parts in it may leave too little room.
                Err(ComposeError::NoRoom { .. }) => continue,
                Err(ComposeError::Cancelled) => return Ok(()),
                Err(error) => return Err(error),
            };
            for next in candidates {
                let others = chosen.iter().enumerate().filter(|(other, _)| *other != idx);
                let is_apart = next.distance_to(others.map(|(_, other)| other)) > pool.least_distance;
                let now = &chosen[idx];
                if is_apart && next.passes() && (!now.passes() || next.log_chance > now.log_chance) {
                    chosen[idx] = next;
                }
            }
        }
    }
    Ok(())
}

/// `now` with `n` candidates of `part`, judged.
fn part_anew(
    model: &Model,
    seed: u64,
    pool: &Pool<'_>,
    now: &Candidate,
    part: Part,
    n: u32,
    progress: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> Result<Vec<Candidate>, ComposeError> {
    let Take { receipt, phrase, .. } = &now.take;
    let draft = Draft::from(receipt);
    let composed = revise::candidates(model, pool.task, seed, (&draft, phrase), part, 0..n, progress)?;
    let judged = composed.into_iter().map(|(revision, phrase)| {
        let revisions = receipt.revisions.iter().copied().chain([revision]);
        let receipt = receipt.clone().revised(revisions.collect());
        let take = Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() };
        Candidate::judged(pool.task, pool.judges, take)
    });
    Ok(judged.collect())
}
