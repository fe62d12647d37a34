//! The project of a fresh instance: a phrase composed by Descant, so that the first Play sounds.

use std::sync::{Arc, LazyLock};

use crate::music::{Key, Phrase};
use crate::session::{Occasion, Project, Receipt, Take};
use crate::smf;

/// The phrase as Descant wrote it, with its receipt: `descant-cli replay` composes it again.
const FILE: &[u8] = include_bytes!("../../assets/starter.mid");

/// A project with the phrase as its first and chosen take, and no undo history.
pub fn project() -> Project {
    let mut project = Project::default();
    project.takes.add(Occasion::Requested, None, TAKE.clone());
    project
}

/// Whether `phrase` is the unchanged phrase of a fresh instance.
pub fn is(phrase: &Phrase) -> bool {
    TAKE.as_ref().is_some_and(|take| *take.phrase == *phrase)
}

static TAKE: LazyLock<Option<Take>> = LazyLock::new(|| read(FILE));

/// Reads the take from a file that Descant wrote.
fn read(file: &[u8]) -> Option<Take> {
    let score = smf::read(file).ok()?;
    let receipt = score.texts().find_map(|text| Receipt::from_json(&text).ok())?;
    let (phrase, _) = score.to_phrase(|_| Key::C_MAJOR).ok()?;
    Some(Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::compose::library::shipped;
    use crate::params::DescantParams;

    #[test]
    fn a_fresh_instance_holds_a_phrase_that_undo_leaves_there() {
        let mut project = project();
        let takes = &project.takes;
        assert_eq!((takes.entries().len(), takes.current_idx()), (1, Some(0)));
        let take = &takes.entries()[0].take;
        let phrase = &take.phrase;
        assert!(phrase.parts().count() >= 4, "{:?}", phrase.parts().collect::<Vec<_>>());
        assert_eq!(phrase.frame().n_bars, 8);
        assert!(!phrase.progression().spans().is_empty());
        assert_eq!((project.undo(), project.redo()), (None, None));
        assert_eq!(project.takes.current_idx(), Some(0));
    }

    #[test]
    fn it_is_what_the_parameters_of_a_fresh_instance_ask_for() {
        let project = project();
        let take = &project.takes.entries()[0].take;
        let params = DescantParams::new(Arc::default());
        let asked = params.brief(params.playing.tempo.value());
        let frame = take.phrase.frame();
        assert_eq!(
            (frame.n_bars, frame.meter, frame.tempo),
            (asked.frame.n_bars, asked.frame.meter, asked.frame.tempo)
        );
        assert_eq!(take.phrase.parts().collect::<Vec<_>>(), asked.parts);
        assert_eq!(take.receipt.model_hash, shipped::network().unwrap().model_hash());
    }
}
