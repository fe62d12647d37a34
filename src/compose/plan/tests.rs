use super::*;
use crate::music::measure::PartControl;
use crate::music::{Frame, Key, Meter, Note, Pitch, Progression, TickDuration};
use crate::session::TaskSettings;

fn rows(plans: &[&str]) -> PlanTable {
    let row = |text: &&str| {
        let acts: Acts = text.parse().unwrap();
        Row::new(Some(acts.clone()), [(Part::Melody, acts)].into())
    };
    PlanTable {
        source: String::new(),
        licence: String::new(),
        counted: String::new(),
        groups: [(Group::All, plans.iter().map(row).collect())].into(),
    }
}

/// A melody of 8 bars in which bars 5 to 8 are bars 1 to 4.
fn strophe() -> Phrase {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let note = |bar: u32, beat: u32| {
        let onset = frame.bar_start(bar) + TickDuration::from_beats(beat);
        let pitch = 60 + i32::try_from((bar % 4) * 3 + beat * (1 + bar % 4) % 5).unwrap();
        Note::new(onset, TickDuration::from_beats(1), Pitch::clamped(pitch), 80)
    };
    let melody = (0..8).flat_map(|bar| (0..=(bar % 4).min(3)).map(move |beat| note(bar, beat))).collect();
    Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], melody]).unwrap()
}

#[test]
fn the_seed_draws_and_takes_differ() {
    let table = rows(&["- - - - =1 =2 =3 =4", "- =1 - =3 - =5 - =7", "- - - - - - - -"]);
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
    let plans: Vec<BarPlan> = (0..20).map(|take| BarPlan::draw(&table, &task, 1, take)).collect();
    assert_eq!(plans, (0..20).map(|take| BarPlan::draw(&table, &task, 1, take)).collect::<Vec<_>>());
    assert!(plans.iter().any(|plan| *plan != plans[0]));
    for plan in &plans {
        assert!(plan.acts().iter().all(|(cell, act)| act.source().unwrap() < cell.bar));
        // Chords that would only stay may be new.
        let may_stay = |(cell, act): &(&Cell, &Act)| cell.bar < 7 && act.source() != Some(cell.bar - 1);
        for (cell, act) in plan.acts().iter().filter(may_stay) {
            assert_eq!(plan.harmony.get(&cell.bar).copied(), act.source(), "chords come back with the notes");
        }
        assert_eq!(plan.harmony.get(&7), None, "the end is free");
    }
    let free = Task { plan: PlanRule::Free, ..task };
    assert_eq!(BarPlan::draw(&table, &free, 1, 0), BarPlan::default());
}

#[test]
fn tunes_come_back_as_planned_and_some_rhythms_of_themselves() {
    let frame = Frame::new(Meter::COMMON, 4, Key::C_MAJOR, 100.0);
    let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
    let n_taken_up = |row: &str| {
        let table = rows(&[row]);
        (0..200).filter(|take| !BarPlan::draw(&table, &task, 1, *take).acts().is_empty()).count()
    };
    assert_eq!(n_taken_up("- - =1 -"), 200);
    assert_eq!(n_taken_up("- - <1 -"), 200);
    assert!((30..70).contains(&n_taken_up("- - ~1 -")), "{} of 200", n_taken_up("- - ~1 -"));
}

#[test]
fn a_continuation_goes_on_as_it_began() {
    let going_on = "- - - - =1 =2 =3 =4 =5 =6 =7 =8";
    let table = rows(&["- =1 =1 =1 =1 =1 =1 =1 - - - -", going_on, "- - - - - - - - - - - -"]);
    let task = Task::continue_by(&strophe(), 4, &[Part::Melody], TaskSettings::default()).unwrap();
    let n_going_on = (0..100u32)
        .filter(|take| {
            let plan = BarPlan::draw(&table, &task, 1, *take);
            (8..12).all(|bar| plan.act(Cell { bar, part: Part::Melody }) == Act::Same(bar - 4))
        })
        .count();
    assert!(n_going_on > 80, "{n_going_on}");
}

#[test]
fn a_section_of_its_own_takes_up_nothing_given() {
    let table = rows(&["- - =1 =2 =1 =2 =3 =4 =5 =6 =7 =8"; 3]);
    let settings = TaskSettings { plan: PlanRule::Apart, ..TaskSettings::default() };
    let task = Task::continue_by(&strophe(), 4, &[Part::Melody], settings).unwrap();
    let plan = BarPlan::draw(&table, &task, 1, 0);
    let acts: Vec<Act> = (8..12).map(|bar| plan.act(Cell { bar, part: Part::Melody })).collect();
    assert_eq!(acts, [Act::New, Act::New, Act::Same(8), Act::Same(9)]);
}

#[test]
fn a_bar_in_the_midst_takes_up_what_echoes_it() {
    let table = rows(&["- - - - =1 =2 =3 =4"; 3]);
    let cells = [Cell { bar: 1, part: Part::Melody }, Cell { bar: 6, part: Part::Melody }].into();
    let task = Task::recompose(&strophe(), &cells, TaskSettings::default()).unwrap();
    let plan = BarPlan::draw(&table, &task, 1, 0);
    assert_eq!(plan.act(Cell { bar: 1, part: Part::Melody }), Act::Same(5));
    assert_eq!(plan.act(Cell { bar: 6, part: Part::Melody }), Act::Same(2));
    assert_eq!(plan.acts().len(), 2);
}

#[test]
fn cells_with_locked_notes_follow_no_plan() {
    let mut parts = strophe().to_parts();
    for note in &mut parts[Part::Melody.index()] {
        note.locked = note.onset >= strophe().frame().bar_start(6);
    }
    let phrase = Phrase::new(*strophe().frame(), Progression::default(), parts).unwrap();
    let cells = (4..8).map(|bar| Cell { bar, part: Part::Melody }).collect();
    let task = Task::recompose(&phrase, &cells, TaskSettings::default()).unwrap();
    let plan = BarPlan::draw(&rows(&["- - - - =1 =2 =3 =4"]), &task, 1, 0);
    let planned: Vec<u32> = plan.acts().keys().map(|cell| cell.bar).collect();
    assert_eq!(planned, [4, 5]);
}

#[test]
fn a_part_follows_its_knobs_and_an_answer_is_no_copy() {
    let table = rows(&["- - - - =1 =2 =3 =4"; 12]);
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let mut settings = TaskSettings::default();
    settings.controls.set_part(Part::Melody, PartControl::Density, Some(0.8));
    let task = Task::generate(frame, &[Part::Melody, Part::Bass], settings).unwrap();
    let plan = BarPlan::draw(&table, &task, 1, 0);
    assert!(plan.acts().keys().all(|cell| cell.part != Part::Melody), "{plan:?}");
    let call = strophe().window(0, 4).unwrap();
    let task = Task::respond(&call, 4, &[Part::Melody], TaskSettings::default()).unwrap();
    for take in 0..20 {
        let plan = BarPlan::draw(&table, &task, 1, take);
        assert!(plan.acts().values().all(|act| !matches!(act, Act::Same(_))), "{plan:?}");
    }
    assert_eq!(BarPlan::draw(&table, &task, 1, 0).act(Cell { bar: 4, part: Part::Melody }), Act::Head(0));
}

#[test]
fn lots_fall_by_weight() {
    assert_eq!(pick(&[], 0.5), None);
    assert_eq!(pick(&[1, 3], 0.0), Some(0));
    assert_eq!(pick(&[1, 3], 0.25), Some(1));
    assert_eq!(pick(&[1, 3, 0], 0.999_999), Some(1));
}
