//! Assembles a take as a phrase from its body: given notes unchanged, composed ones around them.

use super::perform::Performer;
use crate::music::{Cell, Key, Note, Part, Phrase};
use crate::session::{Keep, Skeleton};
use crate::token::{Harmony, Prompt, Token, decode, encode};

/// Joins the given notes with those that `body` composes, performed by `performer`; kept notes are restored from
/// `skeleton`.
pub(super) fn assemble(
    prompt: &Prompt,
    skeleton: &Skeleton,
    performer: &Performer,
    body: &[Token],
) -> Phrase {
    let given = prompt.given();
    let frame = *given.frame();
    let (composed, _) = decode(body, given);
    let mut parts = given.to_parts();
    for part in Part::ALL {
        let kept = &mut parts[part.index()];
        let mut added = Vec::new();
        for &cell in prompt.compose().iter().filter(|cell| cell.part == part) {
            let notes = composed.cell(cell).iter().filter(|note| !is_copy(frame.key, part, note, kept));
            let known = skeleton.cells().get(&cell);
            added.extend(match known {
                Some(known) => known
                    .iter()
                    .zip(notes)
                    .map(|(known, note)| restored(skeleton.keep(), &known.note, note))
                    .collect::<Vec<_>>(),
                None => notes.copied().collect(),
            });
        }
        added = added.into_iter().filter_map(|note| note.yielding_to(kept)).collect();
        added.sort_by_key(|note| (note.onset, note.pitch));
        performer.perform(&frame, part, &mut added, kept);
        // Notes of frozen cells are locked in the prompt only.
        for note in kept.iter_mut() {
            note.locked &= !skeleton.is_frozen(Cell { bar: frame.bar_of(note.onset), part });
        }
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

/// A composed note with what is kept of the note that it replaces.
fn restored(keep: Keep, known: &Note, note: &Note) -> Note {
    match keep {
        Keep::Nothing => *note,
        Keep::Rhythm => Note { onset: known.onset, duration: known.duration, ..*note },
        Keep::Pitches => Note { pitch: known.pitch, ..*note },
    }
}

/// Whether a composed note is a given one, rounded to the grid.
fn is_copy(key: Key, part: Part, note: &Note, given: &[Note]) -> bool {
    let image = |note: &Note| (note.onset.to_nearest_step(), encode::to_tone(key, part, note.pitch));
    given.iter().any(|other| image(other) == image(note))
}
