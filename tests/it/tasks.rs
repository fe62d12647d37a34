//! The tasks that keep, answer and chain: what they promise holds to the last tick.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::{self, shipped};
use descant::model::Network;
use descant::music::{Note, Part, Phrase, Pitch, TickDuration, TickInstant};
use descant::session::{Commission, Keep, Task, Variation, Wishes};
use proptest::prelude::*;

use crate::arbitrary::{nearby_cells, phrase_off_grid, phrase_on_grid};

static NETWORK: LazyLock<Network> = LazyLock::new(|| shipped::network().unwrap());

fn compose(task: &Task, seed: u64) -> Phrase {
    let takes = compose::compose(&NETWORK, task, seed, 0..1, |_| ControlFlow::Continue(())).unwrap();
    Phrase::clone(&takes[0].phrase)
}

/// Onsets and lengths of `part`, in order.
fn rhythm(phrase: &Phrase, part: Part) -> Vec<(TickInstant, TickDuration)> {
    let mut rhythm: Vec<_> = phrase.notes(part).iter().map(|note| (note.onset, note.duration)).collect();
    rhythm.sort_unstable();
    rhythm
}

/// Pitches of `part`, in order of onset, then pitch.
fn pitches(phrase: &Phrase, part: Part) -> Vec<Pitch> {
    phrase.notes(part).iter().map(|note| note.pitch).collect()
}

fn check_kept(before: &Phrase, after: &Phrase, keep: Keep) -> Result<(), TestCaseError> {
    for part in Part::ALL {
        match keep {
            Keep::Rhythm => prop_assert_eq!(rhythm(before, part), rhythm(after, part), "{}", part),
            Keep::Pitches => prop_assert_eq!(pitches(before, part), pitches(after, part), "{}", part),
            Keep::Nothing => {}
        }
    }
    Ok(())
}

fn any_phrase() -> impl Strategy<Value = Phrase> {
    prop_oneof![phrase_on_grid(6), phrase_off_grid(6)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// On the grid or off it, with locked notes between: the rhythm or the order of pitches is that of before.
    #[test]
    fn what_is_kept_of_a_selection_is_kept_exactly(
        (phrase, selected) in any_phrase().prop_flat_map(|phrase| {
            let cells = nearby_cells(&phrase);
            (Just(phrase), cells)
        }),
        locks in prop::collection::vec(prop::bool::weighted(0.3), 64),
        keep in prop_oneof![Just(Keep::Rhythm), Just(Keep::Pitches)],
        seed in any::<u64>(),
    ) {
        let mut locks = locks.iter().cycle();
        let parts = phrase.to_parts().map(|notes| {
            notes.into_iter().map(|note| Note { locked: *locks.next().unwrap(), ..note }).collect::<Vec<_>>()
        });
        let phrase = Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).unwrap();
        let task = Task::recompose(&phrase, &selected, Wishes::default()).unwrap().keeping(keep);
        let merged = task.merge_into(&phrase, &compose(&task, seed)).unwrap();
        check_kept(&phrase, &merged, keep)?;
        for (part, note) in phrase.all_notes().filter(|(_, note)| note.locked) {
            prop_assert!(merged.notes(part).contains(note), "{part} {note:?} was locked");
        }
    }

    #[test]
    fn what_a_variation_keeps_is_kept_exactly(
        phrase in any_phrase(),
        share in 0.0f32..=1.0,
        keep in prop_oneof![Just(Keep::Rhythm), Just(Keep::Pitches)],
        seed in any::<u64>(),
    ) {
        prop_assume!(phrase.parts().next().is_some());
        let commission =
            Commission::vary(&phrase, Variation::new(share, keep), seed, Wishes::default()).unwrap();
        let varied = commission.finish(&compose(&commission.task, seed)).unwrap();
        check_kept(&phrase, &varied, keep)?;
        prop_assert!(!varied.all_notes().any(|(_, note)| note.locked), "locks are the user's");
    }
}
