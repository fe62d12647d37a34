//! Tasks that vary, answer and chain sections keep their promises to the tick.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::song::VARIATION_LIKENESS;
use descant::compose::{self, Model, SongTask, compose_song, replay_song};
use descant::music::analysis::similarity;
use descant::music::{Frame, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::session::{Job, Keep, Receipt, Task, TaskSettings, Variation};
use descant::token::{Controls, Harmony, Style};
use proptest::prelude::*;

use crate::arbitrary::{nearby_cells, phrase_off_grid, phrase_on_grid};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

fn compose(task: &Task, seed: u64) -> Phrase {
    let takes = compose::compose(&MODEL, task, seed, 0..1, |_| ControlFlow::Continue(())).unwrap();
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

    /// Varying keeps the rhythm or the order of pitches, on the grid or off it, with locked notes between.
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
        let task = Task::recompose(&phrase, &selected, TaskSettings::default()).unwrap().keeping(keep);
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
        let job =
            Job::vary(&phrase, Variation::new(share, keep), seed, TaskSettings::default()).unwrap();
        let varied = job.finish(&compose(&job.task, seed)).unwrap();
        check_kept(&phrase, &varied, keep)?;
        prop_assert!(!varied.all_notes().any(|(_, note)| note.locked), "locks are the user's");
    }
}

fn folk(n_bars: u32) -> Frame {
    Frame::new(Meter::COMMON, n_bars, "G major".parse().unwrap(), 108.0)
}

fn with_style(style: Style, harmony: Harmony) -> TaskSettings {
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    TaskSettings { controls, harmony, ..TaskSettings::default() }
}

#[test]
fn an_answer_is_related_to_its_call_but_not_equal_and_an_accompaniment_leaves_it() {
    let settings = with_style(Style::Folk, Harmony::Composed);
    let call = compose(&Task::generate(folk(4), &[Part::Melody], settings.clone()).unwrap(), 3);
    let job = Job::respond(&call, 4, &call.parts().collect::<Vec<_>>(), settings.clone()).unwrap();
    let answer = job.finish(&compose(&job.task, 4)).unwrap();
    assert_eq!(answer.frame().n_bars, 4);
    assert!(answer.notes(Part::Melody).len() > 3);
    assert!(similarity(&call, &answer) < 0.95, "{}", similarity(&call, &answer));
    let last = answer.progression().spans().last().and_then(|span| span.chord).unwrap();
    assert_eq!(last.root, call.frame().key.tonic, "the last bar closes");
    let half = answer.frame().bar_start(3) + TickDuration::from_steps(24);
    let closing = answer.notes(Part::Melody).iter().filter(|note| note.onset >= half);
    assert!(closing.map(|note| note.pitch.class()).all(|class| last.contains(class)));

    let job = Job::accompany(&call, &[Part::Bass, Part::Chords], settings).unwrap();
    let whole = job.finish(&compose(&job.task, 5)).unwrap();
    assert_eq!(whole.notes(Part::Melody), call.notes(Part::Melody));
    assert!(!whole.notes(Part::Bass).is_empty() && !whole.notes(Part::Chords).is_empty());
}

/// Sections are copies, variations or contrasts as the form says, and the receipt reproduces all of them.
#[test]
fn a_song_has_its_form_and_is_replayed() {
    let task = SongTask {
        form: "A A' B A".parse().unwrap(),
        section: folk(4),
        parts: vec![Part::Bass, Part::Chords, Part::Melody],
        settings: with_style(Style::Folk, Harmony::Composed),
    };
    for seed in 1..4 {
        let songs = compose_song(&MODEL, &task, seed, 0..1, |_| ControlFlow::Continue(())).unwrap();
        let take = &songs[0];
        assert_eq!(take.phrase.frame().n_bars, 16);
        let section = |idx: u32| take.phrase.window(4 * idx, 4).unwrap();
        assert_eq!(section(3).to_parts(), section(0).to_parts());
        let (varied, contrasting) =
            (similarity(&section(0), &section(1)), similarity(&section(0), &section(2)));
        assert!(VARIATION_LIKENESS.contains(&varied), "seed {seed}: A' is {varied} like A");
        assert!(contrasting < varied, "seed {seed}: B is {contrasting} like A, A' {varied}");

        let receipt = Receipt::from_json(&take.receipt.to_json()).unwrap();
        assert_eq!(replay_song(&MODEL, &receipt.song.unwrap()).unwrap(), *take.phrase);
    }
}

/// On strong beats most notes of chords and bass belong to the user's chord.
#[test]
fn given_chords_are_followed() {
    let rows = [
        (Style::Pop, "C major", "I V vi IV"),
        (Style::Folk, "D minor", "i | bVII | bVI | V7"),
        (Style::Pop, "A major", "ii7 | V7 | Imaj7 | V7/ii"),
        (Style::Classical, "F major", "I | IV | V7/V V7 | I"),
    ];
    let (mut n_strong, mut n_chord_tones) = (0, 0);
    for (style, key, chords) in rows {
        let frame = Frame::new(Meter::COMMON, 8, key.parse().unwrap(), 100.0);
        let chords = Progression::parse_in(chords, frame.key, frame.meter, 8).unwrap();
        let settings = with_style(style, Harmony::Given(chords.clone()));
        let phrase = compose(&Task::generate(frame, &[Part::Bass, Part::Chords], settings).unwrap(), 1);
        for note in phrase.notes(Part::Bass).iter().chain(phrase.notes(Part::Chords)) {
            let step = note.onset.to_nearest_step() % frame.meter.bar_steps();
            if step.is_multiple_of(frame.meter.bar_steps() / 2) {
                let chord = chords.at(note.onset).and_then(|span| span.chord).unwrap();
                n_strong += 1;
                n_chord_tones += usize::from(chord.contains(note.pitch.class()));
            }
        }
    }
    let share = n_chord_tones as f64 / n_strong as f64;
    assert!(n_strong > 100 && share >= 0.8, "{n_chord_tones} of {n_strong}");
}
