//! Plans of bars, which say which bars repeat or vary earlier ones, carried out by the shipped model.

use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use descant::compose::plan::BarPlan;
use descant::compose::{self, Model};
use descant::music::analysis::Act;
use descant::music::{Cell, Frame, Key, Meter, Part, Phrase, Pitch};
use descant::session::{PlanRule, Receipt, Task, TaskSettings};
use descant::token::{Controls, Harmony, Style};
use proptest::prelude::*;

use crate::arbitrary::{nearby_cells, phrase_off_grid};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

fn compose(task: &Task, seed: u64) -> Phrase {
    let takes = compose::compose(&MODEL, task, seed, 0..1, |_| ControlFlow::Continue(())).unwrap();
    Arc::unwrap_or_clone(takes.into_iter().next().unwrap().phrase)
}

fn in_style(style: Style, harmony: Harmony) -> TaskSettings {
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    TaskSettings { controls, harmony, ..TaskSettings::default() }
}

/// Steps of the bar and pitches of a cell.
fn notes(phrase: &Phrase, cell: Cell) -> Vec<(u32, Pitch)> {
    let start = phrase.frame().bar_start(cell.bar);
    phrase.cell(cell).iter().map(|note| (note.onset.since(start).to_nearest_steps(), note.pitch)).collect()
}

#[test]
fn bars_say_again_what_the_plan_says() {
    let (mut n_same, mut n_rhythm) = (0, 0);
    for seed in 0..12 {
        let frame = Frame::new(Meter::COMMON, 8, "G major".parse().unwrap(), 110.0);
        let task =
            Task::generate(frame, &[Part::Melody, Part::Drums], in_style(Style::Folk, Harmony::Off)).unwrap();
        let plan = BarPlan::draw(MODEL.plans(), &task, seed, 0);
        let phrase = compose(&task, seed);
        for (&cell, &act) in plan.acts() {
            let Some(source) = act.source() else { continue };
            let (here, there) = (notes(&phrase, cell), notes(&phrase, Cell { bar: source, ..cell }));
            let places = |notes: &[(u32, Pitch)]| {
                let mut places: Vec<u32> = notes.iter().map(|note| note.0).collect();
                places.dedup();
                places
            };
            match act {
                // Without chords nothing is moved; a note may only be left out where its pitch still sounds.
                Act::Same(_) => {
                    assert!(
                        here.iter().all(|note| there.contains(note)),
                        "{cell:?} {act:?}: {here:?} {there:?}"
                    );
                    assert!(here.len() + 1 >= there.len(), "{cell:?} {act:?}: {here:?} {there:?}");
                    n_same += 1;
                }
                Act::Rhythm(_) if here.len() == there.len() => {
                    assert_eq!(places(&here), places(&there), "{cell:?} {act:?}");
                    n_rhythm += 1;
                }
                _ => {}
            }
        }
    }
    assert!(n_same > 8 && n_rhythm > 0, "{n_same} bars the same, {n_rhythm} in the same rhythm");
}

#[test]
fn tasks_from_before_plan_nothing_and_new_ones_do() {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 120.0);
    let task = Task::generate(frame, &[Part::Melody, Part::Bass], in_style(Style::Celtic, Harmony::Composed));
    let task = task.unwrap();
    assert_eq!(task.plan, PlanRule::Counted);
    let json = MODEL.receipt(3, 0, &task).to_json();
    assert_eq!(Receipt::from_json(&json).unwrap().task, task);
    let before = json.replace(r#","plan":"counted""#, "");
    assert_ne!(before, json);
    let free = Receipt::from_json(&before).unwrap().task;
    assert_eq!(free.plan, PlanRule::Free);
    assert_eq!(MODEL.receipt(3, 0, &free).to_json(), before, "as it was written");
    assert_ne!(compose(&task, 3), compose(&free, 3));
}

#[test]
fn odd_meters_and_short_phrases_have_plans_too() {
    for (meter, n_bars) in [("5/4", 8), ("12/8", 8), ("7/8", 16), ("3/4", 1), ("4/4", 1), ("2/4", 3)] {
        let (numerator, denominator) = meter.split_once('/').unwrap();
        let meter = Meter::new(numerator.parse().unwrap(), denominator.parse().unwrap()).unwrap();
        let frame = Frame { has_pickup: n_bars == 3, ..Frame::new(meter, n_bars, Key::C_MAJOR, 120.0) };
        let task = Task::generate(frame, &Part::ALL, in_style(Style::Rock, Harmony::Composed)).unwrap();
        for seed in 0..2 {
            let plan = BarPlan::draw(MODEL.plans(), &task, seed, 0);
            assert!(plan.acts().iter().all(|(cell, act)| act.source().unwrap() < cell.bar));
            let phrase = compose(&task, seed);
            assert!(phrase.all_notes().next().is_some(), "{meter}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever is given and selected: what a bar takes up is given or composed before it, and nothing locked is planned.
    #[test]
    fn sources_lie_before_their_targets(
        (phrase, selected) in phrase_off_grid(30).prop_flat_map(|phrase| {
            let cells = nearby_cells(&phrase);
            (Just(phrase), cells)
        }),
        (seed, take) in (any::<u64>(), any::<u32>()),
    ) {
        let task = Task::recompose(&phrase, &selected, TaskSettings::default()).unwrap();
        let plan = BarPlan::draw(MODEL.plans(), &task, seed, take);
        prop_assert_eq!(&plan, &BarPlan::draw(MODEL.plans(), &task, seed, take));
        for (cell, act) in plan.acts() {
            prop_assert!(task.compose.contains(cell));
            prop_assert!(task.base.cell(*cell).iter().all(|note| !note.locked));
            let source = act.source().unwrap();
            prop_assert!(source != cell.bar && source < task.base.frame().n_bars_total());
            let is_given = !task.compose.contains(&Cell { bar: source, ..*cell });
            prop_assert!(source < cell.bar || is_given, "{cell:?} {act:?}");
        }
    }
}
