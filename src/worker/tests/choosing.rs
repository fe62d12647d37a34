//! The first phrase stays, others are added, and what is asked for meanwhile is served.

use super::*;
use crate::session::Entry;

/// Has something against the first phrase that it judges.
struct Grumbler(Arc<AtomicU32>);

impl Judge for Grumbler {
    fn judge(&self, _: &Task, _: &Phrase) -> Judgement {
        let is_first = self.0.fetch_add(1, Ordering::Relaxed) == 0;
        Judgement {
            score: 0.5,
            objections: if is_first { vec!["too early".to_owned()] } else { Vec::new() },
            ..Judgement::default()
        }
    }
}

#[test]
fn the_first_phrase_stays_and_the_others_are_added() {
    let brief = |_: &Model, _: Ask, _: Option<&Phrase>, _: u64| {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let job = Job::generate(frame, &[Part::Melody], TaskSettings::default());
        job.map(Assignment::from).map_err(|error| error.to_string())
    };
    let n_judged = Arc::new(AtomicU32::new(0));
    let judged = Arc::clone(&n_judged);
    let mut rig =
        judged_rig(Box::new(brief), Box::new(move |_, _, _| vec![Box::new(Grumbler(Arc::clone(&judged)))]));
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("the first take", |rig| rig.n_takes() == 1);
    let first = rig.worker.shared().project().takes.entries()[0].clone();
    // Even if there is something against it, which its card says.
    assert_eq!((first.take.receipt.take, first.take.remarks.as_slice()), (0, &["too early".to_owned()][..]));
    rig.play_until("all takes", |rig| rig.n_takes() == 8 && rig.status().stage == Stage::Idle);
    rig.play_on();
    assert_eq!(rig.ids, [1], "nothing else played");
    let takes = rig.worker.shared().project().takes;
    assert_eq!((&takes.entries()[0], rig.current()), (&first, Some(1)));
    let mut others = takes.entries()[1..].iter();
    assert!(others.all(|entry| entry.take.receipt.take != 0 && entry.take.remarks.is_empty()));
    assert!(n_judged.load(Ordering::Relaxed) >= 32);
    assert_eq!(rig.report(), "2 bars, 8 takes; take 2 fits better");
    let tried: Vec<u32> = rig.stages.iter().filter_map(n_tried).collect();
    assert!(tried.len() > 1 && tried.is_sorted(), "{tried:?}");
    // All of it is one step.
    assert!(rig.worker.shared().undo().is_some());
    rig.send(Request::Select(Choice::Chosen));
    rig.play_until("nothing", |rig| rig.current().is_none());
    assert!(rig.worker.shared().with_project(|project| project.next_undo().is_none()));
    assert!(rig.worker.shared().redo().is_some());
    rig.send(Request::Select(Choice::Chosen));
    rig.play_until("the first take", |rig| rig.current() == Some(1));
}

#[test]
fn what_is_asked_for_while_others_are_chosen_is_done_at_once_to_the_chosen_take() {
    for (request, n_more) in [
        (Request::Compose(Ask::Verb(Verb::Vary)), 1),
        (Request::Compose(Ask::Verb(Verb::Continue)), 1),
        (Request::Cancel, 0),
    ] {
        let (mut rig, _) = rig(2);
        let gate = Arc::clone(&rig.choice_gate);
        let held = gate.lock();
        rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
        rig.play_until("a choice", |rig| rig.has_chosen_from(9));
        let first = rig.worker.shared().project().takes.entries()[0].clone();
        assert_eq!((rig.n_takes(), rig.current()), (1, Some(1)));
        rig.send(request);
        drop(held);
        let is_served =
            |rig: &Rig| rig.current() > Some(1) || n_more == 0 && rig.status().stage == Stage::Idle;
        rig.play_until("its phrase", is_served);
        // What was found by then is added to the first.
        let entries = rig.worker.shared().project().takes.entries().to_vec();
        let is_of_first = |entry: &&Arc<Entry>| entry.take.receipt.seed == first.take.receipt.seed;
        let n_found = entries.iter().filter(is_of_first).count();
        assert!((2..=8).contains(&n_found), "{n_found} of {request:?}");
        assert_eq!(entries[0], first);
        let mut of_first = entries.iter().filter(is_of_first);
        assert!(of_first.all(|entry| entry.take.receipt.take < 9), "no more were drawn");
        if n_more == 1 {
            let number = u64::try_from(n_found).unwrap() + 1;
            assert_eq!(rig.current(), Some(number));
            let base = &entries[n_found].take.receipt.task.base;
            let is_of_first = |(part, note): (Part, &Note)| {
                first.take.phrase.notes(part).iter().any(|other| other.onset == note.onset)
            };
            assert!(base.all_notes().all(is_of_first), "it is made from the first");
        } else {
            assert_eq!((rig.current(), rig.report()), (Some(1), format!("2 bars, {n_found} takes")));
        }
    }
}

#[test]
fn a_take_that_is_chosen_while_others_are_stays_chosen() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("takes", |rig| rig.n_takes() == 8 && rig.status().stage == Stage::Idle);
    let gate = Arc::clone(&rig.choice_gate);
    let held = gate.lock();
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("a choice", |rig| rig.has_chosen_from(9));
    assert_eq!(rig.current(), Some(9));
    rig.send(Request::Select(Choice::At(3)));
    drop(held);
    rig.play_until("take 4", |rig| rig.current() == Some(4));
    rig.play_until("the others", |rig| rig.n_takes() == 16 && rig.status().stage == Stage::Idle);
    rig.play_until("its turn", |rig| rig.monitor.pending_id().is_none());
    assert_eq!(rig.current(), Some(4));
    // Two requests and a choice are three steps.
    for expected in [Some(9), Some(1), None] {
        assert!(rig.worker.shared().undo().is_some());
        rig.send(Request::Select(Choice::Chosen));
        rig.play_until("the step before", |rig| rig.current() == expected);
    }
    assert!(rig.worker.shared().with_project(|project| project.next_undo().is_none()));
}

#[test]
fn what_is_chosen_while_composing_plays_at_once_and_stays() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("eight takes", |rig| rig.n_takes() == 8 && rig.monitor.playing_id() == Some(1));
    rig.worker.shared().edit(|project| project.takes.put_in_slot(4, 11));
    let gate = Arc::clone(&rig.gate);
    // Clip 2 lies in the slot, clips 3 and 4 are what was under way.
    for (choice, number, clip_id) in [(Choice::Slot(11), 5, 2), (Choice::Previous, 4, 5)] {
        let held = gate.lock();
        let n_takes = rig.n_takes();
        rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
        rig.play_until("bars of another", |rig| rig.status().draft.is_some());
        rig.triggers.raise(Trigger::Choose(choice), rig.worker.shared().n_restores());
        drop(held);
        rig.play_until("what was chosen", |rig| rig.current() == Some(number));
        rig.play_until("the others", |rig| rig.n_takes() == n_takes + 8);
        assert_eq!(rig.current(), Some(number));
        assert!(rig.status().draft.is_none());
        rig.play_until("the chosen one", |rig| rig.monitor.pending_id().is_none());
        assert_eq!(rig.monitor.playing_id(), Some(clip_id));
    }
    rig.triggers.raise(Trigger::Choose(Choice::Slot(3)), rig.worker.shared().n_restores());
    rig.play_until("words", |rig| rig.report().contains("slot 4 is empty"));
}
