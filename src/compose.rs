//! Tasks to takes: prompt, prefill, decode under constraints, phrase. Starts no thread.

pub mod constraint;

pub mod decode_loop;

pub mod originality;

pub mod shipped;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::model::{ModelError, Network};
use crate::music::measure::{PartControl, measure_mood, measure_part};
use crate::music::{Cell, Key, Note, Part, Phrase};
use crate::session::{Receipt, Take, Task};
use crate::token::prompt::PromptError;
use crate::token::{Harmony, Prompt, Token, decode, encode};

pub use decode_loop::Progress;

/// Why nothing was composed.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// The task asks for nothing, or for too much.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// The network cannot do it.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// What is given leaves no room to compose.
    #[error(
        "what is given fills the network's memory ({n_tokens} of {context_len} tokens); select fewer bars"
    )]
    NoRoom {
        /// Tokens of the prompt and of the bars to compose.
        n_tokens: usize,
        /// Tokens the network can hold.
        context_len: usize,
    },
    /// The network gave no number to choose by.
    #[error("the model gives no usable answer; its weights may be damaged: install the model again")]
    NoChoice,
    /// Cancelled by the caller.
    #[error("cancelled")]
    Cancelled,
}

/// Composes takes `takes` of `task`. All of them are decoded together and share the prompt.
///
/// `progress` — called once a step; breaking it off cancels.
///
/// The same network, task, seed and take give the same notes, whatever other takes are asked for with it.
///
/// # Errors
///
/// A task that cannot be posed, given bars that leave no room, damaged weights, or cancelled.
pub fn compose(
    network: &Network,
    task: &Task,
    seed: u64,
    takes: std::ops::Range<u32>,
    mut progress: impl FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Vec<Take>, ComposeError> {
    let prompt = task.prompt()?;
    let bodies = decode_loop::run(network, &prompt, task, seed, takes.clone(), &mut progress)?;
    let to_take = |(take, body): (u32, Vec<Token>)| Take {
        phrase: Arc::new(assemble(&prompt, &body)),
        receipt: Receipt::new(network.model_hash(), seed, take, task),
    };
    Ok(takes.zip(bodies).map(to_take).collect())
}

/// The given notes as they are, with what `body` composes around them.
fn assemble(prompt: &Prompt, body: &[Token]) -> Phrase {
    let given = prompt.given();
    let frame = *given.frame();
    let (composed, _) = decode(body, given);
    let mut parts = given.to_parts();
    for part in Part::ALL {
        let kept = &mut parts[part.index()];
        let composes = |note: &Note| prompt.compose().contains(&Cell { bar: frame.bar_of(note.onset), part });
        let added: Vec<Note> = composed
            .notes(part)
            .iter()
            .filter(|note| composes(note) && !is_copy(frame.key, part, note, kept))
            .filter_map(|note| note.yielding_to(kept))
            .collect();
        kept.extend(added);
    }
    let progression = match &prompt.harmony {
        Harmony::Off => given.progression().clone(),
        Harmony::Given(progression) => progression.clone(),
        Harmony::Composed => {
            given.progression().spliced(composed.progression(), &frame.stretches(prompt.compose()))
        }
    };
    let repaired = Phrase::repaired(frame, progression, parts);
    repaired.map_or_else(|_| given.clone(), |(phrase, _)| phrase)
}

/// Whether a composed note is the image on the grid of a given one.
fn is_copy(key: Key, part: Part, note: &Note, given: &[Note]) -> bool {
    let image = |note: &Note| (note.onset.to_nearest_step(), encode::to_tone(key, part, note.pitch));
    given.iter().any(|other| image(other) == image(note))
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

/// What `phrase` has of every control, beside what `task` asked for, measured over the composed cells.
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
