//! Parts composed anew: a take whose whole is good gets the best of several of each part.
//!
//! The score of a whole phrase is the sum over its parts, so a good melody comes with whatever bass was composed with it. So the
//! parts of a take that was chosen are composed anew, one after the other, each under the chords and with the other parts as they
//! stand by then, and the judges choose again. What was chosen stands in the receipt as [`Revision`]s, from which [`revised`] gives
//! the same notes.

use std::ops::ControlFlow;

use super::decode_loop::Progress;
use super::draft::{Draft, whole};
use super::error::ComposeError;
use super::library::Model;
use super::novelty::composed_parts;
use super::perform::Performer;
use crate::model::DrawKey;
use crate::music::{Part, Phrase};
use crate::session::{Revision, Task, TaskKind, VoicingRule};
use crate::token::Harmony;

/// In which order parts are revised: what carries the harmony, then what sounds above it.
const ORDER: [Part; 5] = [Part::Bass, Part::Chords, Part::Arpeggio, Part::Drums, Part::Melody];

/// The parts of `task` that can be revised, in order: those of a phrase from nothing, if there are several.
pub fn parts(task: &Task) -> impl Iterator<Item = Part> {
    let composed = composed_parts(task);
    let is_open = task.kind == TaskKind::Generate && composed.len() > 1;
    ORDER.into_iter().filter(move |part| is_open && composed.contains(part))
}

/// Candidates `takes` of `part` of `phrase`, which `draft` of `task` has composed, with their revisions. They are performed by who
/// performs the draft.
///
/// # Errors
///
/// As [`compose`](super::compose).
pub fn candidates(
    model: &Model,
    task: &Task,
    seed: u64,
    (draft, phrase): (&Draft, &Phrase),
    part: Part,
    takes: impl IntoIterator<Item = u32>,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<(Revision, Phrase)>, ComposeError> {
    // What sets the take apart was for the whole.
    let drafts: Vec<Draft> = takes.into_iter().map(Draft::from).collect();
    let performer = |_| Performer::new(task, seed, draft.take);
    let anew = part_of(task, phrase, part);
    let phrases = whole(model, &anew, stage_seed(seed, draft), &drafts, &performer, progress)?;
    let revision = |draft: &Draft| Revision { part, take: draft.take };
    Ok(drafts.iter().map(revision).zip(phrases).collect())
}

/// `phrase`, which `draft` of `task` has composed, with the revisions of the draft.
///
/// # Errors
///
/// As [`compose`](super::compose).
pub fn revised(
    model: &Model,
    task: &Task,
    seed: u64,
    draft: &Draft,
    phrase: Phrase,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Phrase, ComposeError> {
    let mut before = Draft { revisions: Vec::new(), ..draft.clone() };
    let mut phrase = phrase;
    for revision in &draft.revisions {
        let from = (&before, &phrase);
        let mut only = candidates(model, task, seed, from, revision.part, [revision.take], progress)?;
        if let Some((_, next)) = only.pop() {
            phrase = next;
        }
        before.revisions.push(*revision);
    }
    Ok(phrase)
}

/// The task that composes `part` of `phrase` anew, with its chords and its other parts given.
fn part_of(task: &Task, phrase: &Phrase, part: Part) -> Task {
    let mut anew = task.clone();
    anew.base = phrase.clone();
    anew.compose = task.compose.iter().filter(|cell| cell.part == part).copied().collect();
    if task.harmony == Harmony::Composed {
        anew.harmony = Harmony::Given(phrase.progression().clone());
        // Whole chords are for those that the user gave.
        anew.rules.voicing = VoicingRule::Free;
    }
    anew
}

/// Tells the seeds of stages from the draws of slots and plans.
const STAGE_SLOT: u32 = 0x5354_4147;

/// The seed of the next revision of `draft`: another for every stage of every take.
fn stage_seed(seed: u64, draft: &Draft) -> u64 {
    let step = u64::try_from(draft.revisions.len()).unwrap_or(u64::MAX);
    DrawKey { seed, take: draft.take, step, slot: STAGE_SLOT }.hash()
}
