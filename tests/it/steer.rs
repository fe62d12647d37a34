//! Controls take effect: measures move to the values asked, and the others stay as they were.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::{self, Model};
use descant::music::measure::{PartControl, measure_mood, measure_part};
use descant::music::{Cell, Frame, Key, Meter, Note, Part, Phrase};
use descant::session::{Rules, ScaleRule, Task, TaskSettings};
use descant::token::{Harmony, Style};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

const N_BARS: u32 = 8;

fn compose_takes(task: &Task, seed: u64, takes: std::ops::Range<u32>) -> Vec<Phrase> {
    let takes = compose::compose(&MODEL, task, seed, takes, |_| ControlFlow::Continue(())).unwrap();
    takes.into_iter().map(|take| std::sync::Arc::unwrap_or_clone(take.phrase)).collect()
}

fn compose(task: &Task, seed: u64) -> Phrase {
    compose_takes(task, seed, 0..1).remove(0)
}

fn task(parts: &[Part], style: Style) -> Task {
    let mut settings = TaskSettings { harmony: Harmony::Off, ..TaskSettings::default() };
    settings.controls.style = Some(style);
    settings.controls.tells_frame = true;
    Task::generate(Frame::new(Meter::COMMON, N_BARS, Key::C_MAJOR, 110.0), parts, settings).unwrap()
}

fn asking(task: &Task, part: Part, control: PartControl, value: f32) -> Task {
    let mut task = task.clone();
    task.controls.set_part(part, control, Some(value));
    task
}

fn measured(phrase: &Phrase, part: Part, control: PartControl) -> f32 {
    let bars: Vec<u32> = (0..N_BARS).collect();
    measure_part(phrase, part, &bars).map_or(0.0, |measures| measures.get(control))
}

#[test]
fn more_asked_is_more_measured() {
    use Part::{Chords, Drums, Melody};
    use PartControl::*;
    for (part, style, control) in [
        (Melody, Style::Folk, Density),
        (Melody, Style::Classical, Syncopation),
        (Chords, Style::Classical, Polyphony),
        (Melody, Style::Folk, Register),
        (Melody, Style::Classical, Range),
        (Melody, Style::Folk, Leaps),
        (Melody, Style::Classical, Rests),
        (Drums, Style::Rock, Density),
        (Drums, Style::Rock, Range),
    ] {
        let task = task(&[part], style);
        let mean = |value: f32| {
            let asked = asking(&task, part, control, value);
            let phrases = compose_takes(&asked, 3, 0..4);
            phrases.iter().map(|phrase| measured(phrase, part, control)).sum::<f32>() / 4.0
        };
        let [less, some, more] = [0.2, 0.5, 0.8].map(mean);
        assert!(less + 0.1 < some && some + 0.1 < more, "{part} {control:?}: {less} {some} {more}");
    }
}

#[test]
fn mood_goes_where_it_is_asked_to_go() {
    let task = task(&[Part::Bass, Part::Chords, Part::Melody], Style::Classical);
    let mood = |valence: Option<f32>, arousal: Option<f32>| {
        let mut task = task.clone();
        (task.controls.valence, task.controls.arousal) = (valence, arousal);
        measure_mood(&compose(&task, 5)).unwrap()
    };
    assert!(mood(Some(0.2), None).valence < mood(Some(0.8), None).valence);
    assert!(mood(None, Some(0.2)).arousal + 0.05 < mood(None, Some(0.8)).arousal);
}

#[test]
fn a_mood_tears_no_line_apart() {
    let mut task = task(&[Part::Bass, Part::Chords, Part::Melody], Style::Folk);
    for (valence, arousal) in [(0.65, 0.15), (0.9, 0.7), (0.1, 0.3)] {
        (task.controls.valence, task.controls.arousal) = (Some(valence), Some(arousal));
        for phrase in compose_takes(&task, 3, 0..8) {
            let line: Vec<i32> =
                phrase.notes(Part::Melody).iter().map(|note| i32::from(note.pitch.number())).collect();
            let leap = line.windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap_or(0);
            assert!(leap <= 19, "{valence} {arousal}: a leap of {leap} semitones in {line:?}");
        }
    }
}

#[test]
fn nothing_asked_is_nothing_steered() {
    let task = task(&[Part::Bass, Part::Melody], Style::Classical);
    let unsteered = compose::compose_unsteered(&MODEL, &task, 9, 0..2).unwrap();
    assert_eq!(compose_takes(&task, 9, 0..2), unsteered);
}

#[test]
fn steered_takes_are_the_same_alone_or_in_a_batch() {
    let task = task(&[Part::Bass, Part::Melody], Style::Classical);
    let task = asking(&task, Part::Melody, PartControl::Density, 0.7);
    let together = compose_takes(&task, 5, 0..3);
    for (take, phrase) in (0..).zip(&together) {
        assert_eq!(compose_takes(&task, 5, take..take + 1)[0], *phrase, "take {take}");
    }
    assert_ne!(together[0], together[1]);
}

/// A knob of one part leaves the others as they are without it, to the note.
#[test]
fn a_knob_of_one_part_leaves_the_others_alone() {
    let mut task = task(&[Part::Bass, Part::Chords, Part::Melody], Style::Classical);
    task.harmony = Harmony::Composed;
    let free = compose(&task, 4);
    for value in [0.2, 0.8] {
        let phrase = compose(&asking(&task, Part::Melody, PartControl::Density, value), 4);
        for part in [Part::Bass, Part::Chords] {
            assert_eq!(phrase.notes(part), free.notes(part), "{part}, {value}");
        }
        assert_eq!(phrase.progression(), free.progression());
        assert_ne!(phrase.notes(Part::Melody), free.notes(Part::Melody));
    }
}

/// However far a knob is turned: in the scale, no overlaps, given notes as they are.
#[test]
fn knobs_break_no_rules_and_touch_nothing_given() {
    let rules = Rules { scale: ScaleRule::Strict, ..Rules::default() };
    let mut first = task(&[Part::Chords, Part::Melody], Style::Classical);
    first.rules = rules;
    let start = compose(&first, 1);
    let locked = |note: &Note| Note { locked: note.onset.0.is_multiple_of(1920), ..*note };
    let parts = start.to_parts().map(|notes| notes.iter().map(locked).collect());
    let start = Phrase::new(*start.frame(), start.progression().clone(), parts).unwrap();
    let cells = (2..6).map(|bar| Cell { bar, part: Part::Melody }).collect();
    let base = Task::recompose(&start, &cells, TaskSettings { rules, ..TaskSettings::default() }).unwrap();
    for control in PartControl::ALL {
        for value in [0.0, 1.0] {
            let task = asking(&base, Part::Melody, control, value);
            let merged = task.merge_into(&start, &compose(&task, 2)).unwrap();
            assert_eq!(merged.notes(Part::Chords), start.notes(Part::Chords));
            for note in start.notes(Part::Melody) {
                let is_given = note.locked || !(2..6).contains(&start.frame().bar_of(note.onset));
                assert!(
                    !is_given || merged.notes(Part::Melody).contains(note),
                    "{control:?} {value}: {note:?}"
                );
            }
            for (part, note) in merged.all_notes() {
                assert!(Key::C_MAJOR.contains(note.pitch.class()), "{part} {note:?}");
            }
        }
    }
}
