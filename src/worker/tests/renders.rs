//! Hosts that render faster than time, or seem to.

use super::*;

#[test]
fn what_a_render_asks_for_is_refused_in_words() {
    let (mut rig, asked) = rig(2);
    *rig.pace.lock() = HostPace::Rendering;
    rig.triggers.raise(Trigger::Compose(Verb::Generate), 0);
    rig.play_until("words", |rig| rig.report().contains("press Generate again"));
    assert_eq!(rig.status().report.map(|report| report.tone), Some(Tone::Problem));
    *rig.pace.lock() = HostPace::InTime;
    rig.play_on();
    assert_eq!((asked.load(Ordering::Relaxed), rig.n_takes()), (0, 0), "neither then nor later");
    // Where the host says that it renders, the audio thread refuses by itself.
    rig.worker.shared().update(|status| status.report = None);
    rig.triggers.refuse(Trigger::Compose(Verb::Vary));
    rig.play_until("words", |rig| rig.report().contains("press Generate again"));
}

#[test]
fn what_is_asked_for_while_the_host_is_ahead_is_composed_when_it_is_no_more() {
    for (pace, is_by_hand) in [(HostPace::Ahead, false), (HostPace::Ahead, true), (HostPace::Rendering, true)]
    {
        let (mut rig, asked) = rig(1);
        *rig.pace.lock() = pace;
        if is_by_hand {
            rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
        } else {
            rig.triggers.raise(Trigger::Compose(Verb::Generate), 0);
        }
        rig.play_until("a word", |rig| rig.status().stage == Stage::Waiting);
        rig.play_on();
        assert_eq!((asked.load(Ordering::Relaxed), rig.status().stage), (0, Stage::Waiting));
        // Takes are chosen meanwhile.
        rig.send(Request::Select(Choice::Slot(2)));
        rig.play_until("words", |rig| rig.report().contains("slot 3 is empty"));
        *rig.pace.lock() = HostPace::InTime;
        rig.play_until("takes", |rig| rig.n_takes() == 8 && rig.status().stage == Stage::Idle);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn what_was_under_way_when_a_render_began_is_composed_after_it() {
    let (mut rig, asked) = rig(2);
    let gate = Arc::clone(&rig.gate);
    let held = gate.lock();
    rig.triggers.raise(Trigger::Compose(Verb::Generate), 0);
    rig.play_until("the draft", |rig| rig.status().draft.is_some());
    // A host that is ahead for a moment disturbs nothing.
    *rig.pace.lock() = HostPace::Ahead;
    rig.play_on();
    *rig.pace.lock() = HostPace::Rendering;
    drop(held);
    rig.play_until("a word", |rig| rig.status().stage == Stage::Waiting);
    rig.play_on();
    assert_eq!((asked.load(Ordering::Relaxed), rig.n_takes()), (1, 0));
    *rig.pace.lock() = HostPace::InTime;
    rig.play_until("takes", |rig| rig.n_takes() == 8);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn what_waits_or_was_put_off_is_withdrawn_by_cancel_and_by_no_render() {
    for (last, n_expected) in [(Request::Cancel, 0), (Request::Suspend, 8)] {
        let (mut rig, _) = rig(1);
        *rig.pace.lock() = HostPace::Rendering;
        rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
        rig.play_until("a word", |rig| rig.status().stage == Stage::Waiting);
        rig.send(last);
        if last == Request::Cancel {
            rig.play_until("nothing to wait for", |rig| rig.status().stage == Stage::Idle);
        }
        rig.play_on();
        *rig.pace.lock() = HostPace::InTime;
        rig.play_on();
        rig.play_until("what is left", |rig| {
            rig.n_takes() == n_expected && rig.status().stage == Stage::Idle
        });
    }
}
