//! Performances of composed phrases change velocities and timing only.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::{self, Model, SelectionProgress};
use descant::music::measure::{PartControl, measure_part};
use descant::music::{Cell, Cells, Frame, Key, Meter, Note, Nuance, Part, Phrase};
use descant::session::{Performance, Receipt, Task, TaskSettings};
use descant::smf::{self, WriteOptions};
use descant::token::{Controls, Style};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

fn settings(style: Style, performance: Performance) -> TaskSettings {
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    TaskSettings { controls, performance, ..TaskSettings::default() }
}

fn task(style: Style, performance: Performance) -> Task {
    let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 96.0);
    Task::generate(frame, &Part::ALL, settings(style, performance)).unwrap()
}

fn compose(task: &Task, seed: u64) -> Phrase {
    let takes = compose::compose(&MODEL, task, seed, 0..1, |_| ControlFlow::Continue(())).unwrap();
    Phrase::clone(&takes[0].phrase)
}

/// The notes as written.
fn written(phrase: &Phrase) -> Vec<(Part, Note)> {
    phrase.all_notes().map(|(part, note)| (part, note.with_nuance(Nuance::NONE))).collect()
}

#[test]
fn a_performance_changes_nothing_that_is_written() {
    for style in [Style::Rock, Style::Jazz, Style::Hymn, Style::Chiptune] {
        let straight = compose(&task(style, Performance::STRAIGHT), 3);
        assert!(straight.all_notes().all(|(_, note)| note.nuance.is_none()), "{style}");
        assert_eq!(straight.performed(), straight);
        let played = [Performance::TIGHT, Performance::PLAYED, Performance::LOOSE].map(|performance| {
            let played = compose(&task(style, performance), 3);
            assert_eq!(written(&played), written(&straight), "{style} {performance}");
            played
        });
        let [tight, usual, loose] = &played;
        assert!(tight != usual && usual != loose, "{style}");
        let n_played = loose.all_notes().filter(|(_, note)| !note.nuance.is_none()).count();
        assert!(n_played * 10 > loose.all_notes().count() * 8, "{style}: {n_played}");
        // A note that the loose performance moves by at least 3 is also moved by the tight one, at a third of the amount.
        let is_moved = |nuance: Nuance| nuance.late().abs() >= 3 || nuance.louder().abs() >= 3;
        for ((part, tight), (_, loose)) in tight.all_notes().zip(loose.all_notes()) {
            assert!(!is_moved(loose.nuance) || !tight.nuance.is_none(), "{style} {part}: {loose:?}");
        }
        // The same receipt gives the same performance.
        let played = task(style, Performance::PLAYED);
        assert_eq!(compose(&played, 3), compose(&played, 3));
    }
}

#[test]
fn bars_that_are_complete_are_what_the_finished_take_has() {
    let task = task(Style::Funk, Performance::PLAYED);
    let mut drafts = Vec::new();
    let takes = compose::best_of(&MODEL, &task, 5, 1, &[], |stage| {
        if let SelectionProgress::First(progress) = stage {
            // The last bar begun is not complete.
            drafts.push((progress.n_bars.saturating_sub(1), progress.phrase()));
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    let finished = &takes[0].phrase;
    let mut n_compared = 0;
    for (n_complete, draft) in &drafts {
        for bar in 0..u32::try_from(*n_complete).unwrap() {
            for part in Part::ALL {
                let cell = Cell { bar, part };
                assert_eq!(draft.cell(cell), finished.cell(cell), "bar {bar} of {n_complete}, {part}");
                n_compared += 1;
            }
        }
    }
    assert!(n_compared > 100, "{n_compared}");
    assert!(drafts.iter().any(|(_, draft)| draft.all_notes().any(|(_, note)| !note.nuance.is_none())));
}

#[test]
fn what_is_given_and_locked_keeps_its_own_performance() {
    let phrase = compose(&task(Style::Soul, Performance::PLAYED), 2);
    let mut parts = phrase.to_parts();
    let locked: Vec<Note> = parts[Part::Melody.index()].iter().step_by(2).copied().collect();
    parts[Part::Melody.index()].iter_mut().step_by(2).for_each(|note| note.locked = true);
    let phrase = Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).unwrap();
    let cells: Cells = (1..4).map(|bar| Cell { bar, part: Part::Melody }).collect();
    let task = Task::recompose(&phrase, &cells, settings(Style::Soul, Performance::LOOSE)).unwrap();
    let merged = task.merge_into(&phrase, &compose(&task, 9)).unwrap();
    for part in [Part::Drums, Part::Bass, Part::Chords, Part::Arpeggio] {
        assert_eq!(merged.notes(part), phrase.notes(part), "{part}");
    }
    for note in locked {
        let kept = Note { locked: true, ..note };
        assert!(merged.notes(Part::Melody).contains(&kept), "{kept:?}");
    }
    let composed = merged.notes(Part::Melody).iter().filter(|note| !note.locked);
    assert!(composed.filter(|note| !note.nuance.is_none()).count() > 0);
}

/// Written to a file and read again, a performance disturbs nothing that is counted in steps.
#[test]
fn a_file_reads_back_as_what_was_written() {
    for style in [Style::Rock, Style::HipHop, Style::Classical] {
        let phrase = compose(&task(style, Performance::PLAYED), 4);
        let bytes = smf::write(&phrase.performed(), &WriteOptions::default()).unwrap();
        let (read, _) = smf::read(&bytes).unwrap().to_phrase(|_| phrase.frame().key).unwrap();
        let bars: Vec<u32> = (0..4).collect();
        for part in phrase.parts() {
            let steps = |phrase: &Phrase| {
                let step = |note: &Note| (note.onset.to_nearest_step(), note.pitch);
                let mut steps: Vec<_> = phrase.notes(part).iter().map(step).collect();
                steps.sort_unstable();
                steps
            };
            assert_eq!(steps(&read), steps(&phrase), "{style} {part}");
            for bar in &bars {
                let cell = Cell { bar: *bar, part };
                assert_eq!(read.cell(cell).len(), phrase.cell(cell).len(), "{style} {part} bar {bar}");
            }
            let measures = [&read, &phrase].map(|phrase| measure_part(phrase, part, &bars).unwrap());
            for control in PartControl::ALL {
                let [file, own] = [&measures[0], &measures[1]].map(|measures| measures.get(control));
                assert!((file - own).abs() < 0.03, "{style} {part} {}: {file} {own}", control.name());
            }
        }
    }
}

#[test]
fn a_receipt_without_a_performance_is_straight() {
    let mut receipt = MODEL.receipt(3, 0, &task(Style::Rock, Performance::PLAYED));
    let json = receipt.to_json();
    assert!(json.contains(r#""performance":100"#), "{json}");
    let known = Receipt::from_json(&json).unwrap();
    assert_eq!(known.task.performance, Performance::PLAYED);
    let before = Receipt::from_json(&json.replace(r#","performance":100"#, "")).unwrap();
    assert!(before.task.performance.is_straight());
    receipt.task.performance = Performance::STRAIGHT;
    assert!(!receipt.to_json().contains("performance"), "what was written before is written now");
}
