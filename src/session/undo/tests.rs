//! Undoing: any deeds in any order, names, bounds, and histories as they were stored.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::music::{Frame, Key, Meter, Note, Phrase, Progression, TickDuration};
use crate::session::{
    Alteration, Edit, EditError, Mark, NoteName, Occasion, Project, Receipt, Take, Takes, Task, TaskSettings,
};

fn read(text: &str) -> Project {
    let project = Project::from_text(text);
    assert_eq!(project.error(), None);
    project
}

/// One thing that a user does.
#[derive(Debug, Clone)]
enum Deed {
    Set(u8, u8),
    Words(u8),
    Preset(u8),
    Compose,
    Select(usize),
    PutInSlot(usize, usize),
    TakeOutOfSlot(usize),
    Lock(u8, bool),
    Move(u8, i32),
    Insert(u8),
    Remove(u8),
    Louder(u8, i32),
    Longer(u8, i32),
    Undo,
    Redo,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        3 => (0_u8..3, 0_u8..9).prop_map(|(id, place)| Deed::Set(id, place)),
        1 => (0_u8..9).prop_map(Deed::Words),
        1 => (0_u8..9).prop_map(Deed::Preset),
        2 => Just(Deed::Compose),
        2 => (0_usize..6).prop_map(Deed::Select),
        1 => (0_usize..6, 0_usize..3).prop_map(|(idx, slot)| Deed::PutInSlot(idx, slot)),
        1 => (0_usize..6).prop_map(Deed::TakeOutOfSlot),
        1 => (0_u8..2, any::<bool>()).prop_map(|(beat, is_locked)| Deed::Lock(beat, is_locked)),
        2 => (0_u8..2, -2..3_i32).prop_map(|(beat, beats)| Deed::Move(beat, beats)),
        1 => (0_u8..4).prop_map(Deed::Insert),
        1 => (0_u8..2).prop_map(Deed::Remove),
        1 => (0_u8..2, -20..20_i32).prop_map(|(beat, by)| Deed::Louder(beat, by)),
        1 => (0_u8..2, -900..900_i32).prop_map(|(beat, by)| Deed::Longer(beat, by)),
        3 => Just(Deed::Undo),
        2 => Just(Deed::Redo),
    ]
}

type Seen = (UndoState, Option<String>, BTreeMap<String, f32>, String, Option<(Vec<Note>, u32)>);

/// A project with what the editor holds in addition to it.
#[derive(Debug, Clone, PartialEq, Default)]
struct Workplace {
    project: Project,
    settings: BTreeMap<String, f32>,
    words: String,
}

impl Workplace {
    /// All that undo is to bring back.
    fn seen(&self) -> Seen {
        let settings = self.settings.clone();
        let notes = self.project.takes.current().map(|entry| {
            let notes = entry.take.phrase.notes(Part::Melody).to_vec();
            assert!(
                Phrase::new(*entry.take.phrase.frame(), Progression::default(), entry.take.phrase.to_parts())
                    .is_ok()
            );
            (notes, entry.n_edits)
        });
        (self.project.takes.undo_state(), self.project.preset.clone(), settings, self.words.clone(), notes)
    }

    fn change(&mut self, ids: &[u8], place: u8) -> BTreeMap<String, Change<f32>> {
        let to = f32::from(place) / 8.0;
        let mut changes = BTreeMap::new();
        for id in ids {
            let from = self.settings.insert(format!("id {id}"), to).unwrap_or(0.0);
            changes.insert(format!("id {id}"), Change { from, to });
        }
        changes
    }

    /// Whether it was a step.
    fn act(&mut self, deed: &Deed) -> bool {
        let before = self.seen();
        let n_takes = self.project.takes.entries().len();
        match deed {
            Deed::Set(id, place) => {
                let settings = self.change(&[*id], *place);
                self.project.record(HistoryStep { settings, ..HistoryStep::default() });
                return true;
            }
            Deed::Words(place) => {
                let settings = self.change(&[0, 1, 2], *place);
                let to = format!("words {place}");
                let words = Change { from: std::mem::replace(&mut self.words, to.clone()), to };
                self.project.record(HistoryStep { settings, words: Some(words), ..HistoryStep::default() });
                return true;
            }
            Deed::Preset(place) => {
                let settings = self.change(&[1, 2], *place);
                let to = Some(format!("preset {place}"));
                let preset = Some(Change { from: self.project.preset.clone(), to: to.clone() });
                self.project.record(HistoryStep { settings, preset, ..HistoryStep::default() });
                self.project.preset = to;
                return true;
            }
            Deed::Compose => {
                self.project.edit(|project| project.takes.add(Occasion::Requested, None, [take(), take()]));
            }
            Deed::Select(idx) if n_takes > 0 => {
                self.project.edit(|project| project.takes.select(idx % n_takes));
            }
            Deed::PutInSlot(idx, slot) if n_takes > 0 => {
                self.project.edit(|project| project.takes.put_in_slot(idx % n_takes, *slot));
            }
            Deed::TakeOutOfSlot(idx) if n_takes > 0 => {
                self.project.edit(|project| project.takes.take_out_of_slot(idx % n_takes));
            }
            Deed::Lock(beat, is_locked) => {
                return self.edit(&Edit::Alter(vec![at(*beat)], Alteration::Lock(*is_locked)));
            }
            Deed::Move(beat, beats) => {
                return self.edit(&Edit::Alter(
                    vec![at(*beat)],
                    Alteration::Move { ticks: beats * 960, semitones: 0 },
                ));
            }
            Deed::Remove(beat) => return self.edit(&Edit::Alter(vec![at(*beat)], Alteration::Remove)),
            Deed::Louder(beat, louder) => {
                return self.edit(&Edit::Alter(vec![at(*beat)], Alteration::Louder(*louder)));
            }
            Deed::Longer(beat, ticks) => {
                return self.edit(&Edit::Alter(vec![at(*beat)], Alteration::Resize(*ticks)));
            }
            Deed::Insert(beat) => {
                let onset = TickInstant(u32::from(*beat) * 960 + 480);
                let note = Note::new(onset, TickDuration(480), Pitch::MIDDLE_C, 90);
                return self.edit(&Edit::Insert(Part::Melody, note));
            }
            _ => {}
        }
        self.seen() != before
    }

    /// Whether it was a step.
    fn edit(&mut self, edit: &Edit) -> bool {
        let before = self.seen();
        // What is refused changes nothing.
        let number = self.project.takes.current().map_or(0, |entry| entry.number);
        let is_done = self.project.edit_notes(number, edit).is_ok();
        assert!(is_done || self.seen() == before);
        self.seen() != before
    }

    fn undo(&mut self) -> bool {
        let Some(step) = self.project.undo() else { return false };
        self.settings.extend(step.settings.iter().map(|(id, change)| (id.clone(), change.from)));
        step.words.into_iter().for_each(|change| self.words = change.from);
        true
    }

    fn redo(&mut self) -> bool {
        let Some(step) = self.project.redo() else { return false };
        self.settings.extend(step.settings.iter().map(|(id, change)| (id.clone(), change.to)));
        step.words.into_iter().for_each(|change| self.words = change.to);
        true
    }
}

/// The note of the melody at `beat`.
fn at(beat: u8) -> NoteName {
    NoteName { part: Part::Melody, onset: TickInstant(u32::from(beat) * 960), pitch: Pitch::MIDDLE_C }
}

/// A bar with two notes.
fn take() -> Take {
    let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
    let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
    let note = |tick| Note::new(TickInstant(tick), TickDuration(240), Pitch::MIDDLE_C, 90);
    let parts = [vec![], vec![], vec![], vec![], vec![note(0), note(960)]];
    let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
    let receipt = Receipt::new("model", 1, 0, &task);
    Take { phrase: Arc::new(phrase), receipt, remarks: Vec::new() }
}

proptest! {
    /// Whatever is done, undone and done again: all of it can be taken back step by step, each step leads to what was
    /// there before it, and everything can be done again, also through a stored project.
    #[test]
    fn any_deeds_are_undone_in_order_and_done_again(deeds in prop::collection::vec(deed(), 1..60)) {
        let mut workplace = Workplace::default();
        workplace.settings.extend((0..3).map(|id| (format!("id {id}"), 0.0)));
        // What was seen before each step that can be undone, and the present last; what is undone stays behind `at`.
        let (mut seen, mut at) = (vec![workplace.seen()], 0_usize);
        for deed in &deeds {
            match deed {
                Deed::Undo => {
                    prop_assert_eq!(workplace.undo(), at > 0);
                    at = at.saturating_sub(1);
                }
                Deed::Redo => {
                    let is_possible = at + 1 < seen.len();
                    prop_assert_eq!(workplace.redo(), is_possible);
                    at += usize::from(is_possible);
                }
                deed => {
                    if workplace.act(deed) {
                        at += 1;
                        seen.truncate(at);
                        seen.push(workplace.seen());
                    }
                }
            }
            prop_assert_eq!(&workplace.seen(), &seen[at]);
        }
        workplace.project = read(&workplace.project.to_text());
        let last = seen.len() - 1;
        while at < last {
            prop_assert!(workplace.redo());
            at += 1;
            prop_assert_eq!(&workplace.seen(), &seen[at]);
        }
        prop_assert!(!workplace.redo());
        while at > 0 {
            prop_assert!(workplace.undo());
            at -= 1;
            prop_assert_eq!(&workplace.seen(), &seen[at]);
        }
        prop_assert!(!workplace.undo());
    }
}

/// A take that came by itself is no step of its own; what was edited before it stays that of the edited take.
#[test]
fn an_edit_is_undone_in_its_own_take() {
    let mut project = Project::default();
    let evolve = |project: &mut Project| {
        project.edit(|project| project.takes.add(Occasion::Automatic, None, [take()]));
    };
    let n_notes = |project: &Project| -> Vec<usize> {
        let entries = project.takes.entries().iter();
        entries.map(|entry| entry.take.phrase.notes(Part::Melody).len()).collect()
    };
    evolve(&mut project);
    project.edit_notes(1, &Edit::Alter(vec![at(1)], Alteration::Remove)).unwrap();
    assert!(project.undo().is_some());
    evolve(&mut project);
    assert_eq!(n_notes(&project), [2, 2]);
    assert!(project.redo().is_some());
    assert_eq!(n_notes(&project), [1, 2]);
    assert!(project.undo().is_some());
    assert_eq!(n_notes(&project), [2, 2]);
    // An edit of a take that is not chosen any more is refused.
    assert_eq!(project.edit_notes(7, &Edit::Alter(vec![at(1)], Alteration::Remove)), Err(EditError::Gone));
}

#[test]
fn large_edits_are_remembered_as_far_as_there_is_room() {
    let mut project = Project::default();
    let frame = Frame::new(Meter::COMMON, 500, Key::C_MAJOR, 100.0);
    let note = |idx: u32| Note::new(TickInstant(idx * 480), TickDuration(240), Pitch::MIDDLE_C, 90);
    let parts = [vec![], vec![], vec![], vec![], (0..3000).map(note).collect()];
    let phrase = Arc::new(Phrase::new(frame, Progression::default(), parts).unwrap());
    project.edit(|project| project.takes.add(Occasion::Requested, None, [Take { phrase, ..take() }]));
    for idx in 0..10 {
        let phrase = Arc::clone(&project.takes.current().unwrap().take.phrase);
        let notes = phrase.all_notes().map(|(part, note)| NoteName::of(part, note)).collect();
        project.edit_notes(1, &Edit::Alter(notes, Alteration::Move { ticks: 0, semitones: 1 })).unwrap();
        assert!(project.next_undo().is_some(), "{idx}");
    }
    let text = project.to_json();
    assert_eq!(read(&text), project);
    let n_undone = std::iter::from_fn(|| project.undo()).count();
    assert_eq!(n_undone, History::MAX_NOTES / 6000);
}

#[test]
fn every_step_has_a_name() {
    let mut project = Project::default();
    let mut names = Vec::new();
    let mut edit = |change: &dyn Fn(&mut Takes)| {
        project.edit(|project| change(&mut project.takes));
        names.push(project.next_undo().unwrap().name.clone());
    };
    edit(&|takes| takes.add(Occasion::Requested, None, [take(), take(), take()]));
    edit(&|takes| takes.select(2));
    edit(&|takes| takes.put_in_slot(2, 1));
    edit(&|takes| takes.put_in_slot(2, 4));
    edit(&|takes| takes.take_out_of_slot(2));
    for edit in [
        Edit::Alter(vec![at(0)], Alteration::Lock(true)),
        Edit::Alter(vec![at(0)], Alteration::Lock(false)),
        Edit::Alter(vec![at(0), at(1)], Alteration::Remove),
    ] {
        project.edit_notes(3, &edit).unwrap();
        names.push(project.next_undo().unwrap().name.clone());
    }
    let expected = [
        "Generate",
        "choice of take 3",
        "take 3 in slot 2",
        "take 3 in slot 5",
        "slot 5 emptied",
        "lock of a note",
        "unlocking of a note",
        "removal of 2 notes",
    ];
    assert_eq!(names, expected);
    // Marks, and back again.
    for (idx, mark, name) in [
        (0, Mark::Favourite, "take 1 a favourite"),
        (0, Mark::None, "take 1 no favourite"),
        (2, Mark::Discarded, "take 3 discarded"),
    ] {
        project.edit(|project| project.takes.mark(idx, mark));
        assert_eq!(project.next_undo().unwrap().name, name);
    }
    assert_eq!(project.takes.current().unwrap().number, 2);
    project.undo();
    assert!(project.takes.is_in_sight(2) && project.takes.current().unwrap().number == 3);
    project.undo();
    assert_eq!(project.takes.entries()[0].mark, Mark::Favourite);
    project.undo();
    let step = project.undo().unwrap();
    assert_eq!((step.name.as_str(), project.next_redo().unwrap().name.as_str()), (expected[7], expected[7]));
}

#[test]
fn no_more_steps_are_kept_than_there_is_room_for() {
    let mut project = Project::default();
    for place in 0..200_u8 {
        let change = Change { from: f32::from(place) / 255.0, to: f32::from(place + 1) / 255.0 };
        project.record(HistoryStep {
            settings: [("density".to_owned(), change)].into(),
            ..HistoryStep::default()
        });
    }
    project.record(HistoryStep::default());
    assert_eq!(std::iter::from_fn(|| project.undo()).count(), History::MAX_STEPS);
}

#[test]
fn a_run_takes_the_place_of_the_step_that_it_goes_on_from() {
    let mut project = Project::default();
    let step = |name: &str, from: f32, to: f32| HistoryStep {
        name: name.to_owned(),
        settings: [("density".to_owned(), Change { from, to })].into(),
        ..HistoryStep::default()
    };
    project.record(step("a", 0.0, 0.1));
    assert!(project.record_instead("a", step("b", 0.0, 0.2)));
    assert!(!project.record_instead("another", step("c", 0.2, 0.3)));
    assert_eq!(project.next_undo(), Some(&step("b", 0.0, 0.2)));
    // Back where it began, it is nothing.
    assert!(project.record_instead("b", HistoryStep::default()));
    assert_eq!(project.next_undo(), None);
    project.record(step("a", 0.0, 0.1));
    project.record(step("b", 0.1, 0.2));
    project.undo();
    assert!(!project.record_instead("a", step("c", 0.0, 0.3)), "what was undone can be done again");
    assert!(project.next_redo().is_some());
    // Steps without names are old, and none of them goes on.
    let unnamed = step("", 0.1, 0.3);
    project.record(unnamed.clone());
    assert!(!project.record_instead("", step("c", 0.0, 0.3)));
    assert_eq!(project.next_undo(), Some(&unnamed));
}

/// A history as it was stored before steps had names, and one of which much is wrong.
#[test]
fn old_and_odd_histories_are_read() {
    let old = r#"{"format":1,"history":{"past":[{"current":null,"slots":[],"locks":[]}],"future":[]}}"#;
    let mut project = read(old);
    assert_eq!(
        project.undo(),
        Some(HistoryStep { takes: Some(UndoState::default()), ..HistoryStep::default() })
    );
    let odd = r#"{"format":1,"history":{"past":[{"name":"x","settings":{"density":{"from":0.2,"to":7.0}}},
        {"name":"y","settings":{"swing":{"from":0.0,"to":1e30},"bars":{"from":0.5,"to":0.25}}}]}}"#;
    let project = read(odd);
    assert_eq!(read(&project.to_text()), project);
    let step = project.next_undo().unwrap();
    assert_eq!((step.name.as_str(), step.settings.len()), ("y", 1));
}

/// What cannot be read of a history is stored again until something is done; a long one takes no more memory than another.
#[test]
fn a_history_that_cannot_be_read_is_kept_and_a_long_one_is_cut() {
    for history in
        [r#""yesterday""#, r#"{"past":[{"name":"y","settings":{"swing":{"from":0.0,"to":1e300}}}]}"#]
    {
        let mut project = read(&format!(r#"{{"format":1,"history":{history}}}"#));
        assert!(project.history().is_empty());
        assert!(project.to_text().contains(&format!(r#""history":{history}"#)));
        project.record(HistoryStep {
            name: "a".to_owned(),
            preset: Some(Change::default()),
            ..HistoryStep::default()
        });
        assert_eq!(read(&project.to_text()).next_undo(), project.next_undo());
    }
    let steps: Vec<String> =
        (0..200).map(|n| format!(r#"{{"name":"{n}","preset":{{"from":null,"to":"x"}}}}"#)).collect();
    let mut project = read(&format!(r#"{{"format":1,"history":{{"past":[{}]}}}}"#, steps.join(",")));
    let names: Vec<String> = std::iter::from_fn(|| Some(project.undo()?.name)).collect();
    let expected: Vec<String> = (200 - History::MAX_STEPS..200).rev().map(|n| n.to_string()).collect();
    assert_eq!(names, expected);
}
