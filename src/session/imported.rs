//! Takes that come from a file of the user's, not from a model.

use std::sync::Arc;

use super::task::{Task, TaskError, TaskKind, TaskSettings};
use super::{Receipt, Take};
use crate::music::{Cell, Cells, Phrase};

/// The hash of the model of a take that none composed.
const NO_MODEL: &str = "";

/// The take of a phrase of a file. Its receipt reproduces nothing: it says so by [`TaskKind::Import`], and has the first
/// [`Task::MAX_BARS`] bars as what was given.
///
/// # Errors
///
/// A phrase without notes, or with chords outside of it.
pub fn imported(phrase: Phrase) -> Result<Take, TaskError> {
    let n_bars = phrase.frame().n_bars_total().min(Task::MAX_BARS);
    let cells = (0..n_bars).flat_map(|bar| phrase.parts().map(move |part| Cell { bar, part }));
    let task = Task::recompose(&phrase, &cells.collect::<Cells>(), TaskSettings::default())?;
    let task = Task { kind: TaskKind::Import, ..task };
    Ok(Take { phrase: Arc::new(phrase), receipt: Receipt::new(NO_MODEL, 0, 0, &task), remarks: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{Frame, Key, Meter, Note, PPQ, Part, Pitch, Progression, TickDuration, TickInstant};
    use crate::session::{Job, Occasion, Project, TaskSettings, Variation};

    fn phrase(n_bars: u32) -> Phrase {
        let mut parts: [Vec<Note>; 5] = Default::default();
        let note = |bar| Note::new(TickInstant(bar * 4 * PPQ), TickDuration(PPQ), Pitch::clamped(60), 80);
        parts[Part::Melody.index()] = (0..n_bars).map(note).collect();
        Phrase::new(Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0), Progression::default(), parts)
            .unwrap()
    }

    #[test]
    fn a_phrase_of_any_length_becomes_a_take_that_is_stored_and_undone() {
        for n_bars in [1, 16, 17, 256] {
            let mut project = Project::default();
            let take = imported(phrase(n_bars)).unwrap();
            project.edit(|project| project.takes.add(Occasion::Requested, None, [take]));
            let stored = Project::from_text(&project.to_text());
            assert_eq!(stored.error(), None);
            assert_eq!(*stored.takes.current().unwrap().take.phrase, phrase(n_bars));
            assert_eq!(project.undo().unwrap().name, "import of a file");
            assert_eq!(project.takes.current_idx(), None);
        }
    }

    #[test]
    fn the_verbs_work_on_it() {
        let take = imported(phrase(20)).unwrap();
        let settings = TaskSettings::default;
        Job::continue_by(&take.phrase, 4, settings()).unwrap();
        Job::vary(&take.phrase, Variation::new(0.3, super::super::Keep::Nothing), 1, settings()).unwrap();
        Job::respond(&take.phrase, 4, &[Part::Melody], settings()).unwrap();
        Job::accompany(&take.phrase, &Part::ALL, settings()).unwrap();
    }

    #[test]
    fn a_phrase_without_notes_is_refused() {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        assert!(imported(Phrase::empty(frame).unwrap()).is_err());
    }
}
