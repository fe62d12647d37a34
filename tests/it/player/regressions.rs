//! Regression tests, each named after the fault.

use descant::music::{
    Chord, ChordQuality, ChordSpan, Part, PitchClass, Progression, TickDuration, TickInstant,
};
use descant::player::{Action, Cause, Clip, InputEvent, Message, Mode, PlayerEvent, TempoSource};

use super::rig::{BEAT, Host, Rig, off, on, phrase, sixteenths, stopped};

fn message(offset: u32, message: Message) -> InputEvent {
    InputEvent { offset, message }
}

/// A rig without a phrase, whose first two slots hold one each.
fn with_slots() -> Rig {
    let mut rig = Rig::new();
    for (slot_idx, id, first_key) in [(0, 21, 80), (1, 22, 100)] {
        let clip = Clip::new(id, Cause::Chosen, &sixteenths(1, first_key));
        assert!(rig.sender.send_to_slot(slot_idx, Some(clip)));
    }
    rig
}

#[test]
fn a_slot_chosen_where_nothing_played_waited_for_the_next_block() {
    // In step with the host, but from its start by a clock of our own.
    for (mode, expected) in [
        (Mode::Host, vec![(6000, 81), (12_000, 82)]),
        (Mode::Free, vec![(100, 80), (6100, 81), (12_100, 82)]),
    ] {
        let mut rig = with_slots();
        rig.settings.mode = mode;
        rig.block(&Host::at(0.0).time(), &[message(100, Message::Slot(0))], 15_000);
        assert_eq!(rig.note_ons(), expected, "{mode:?}");
    }
}

#[test]
fn a_loop_set_to_end_just_before_the_playhead_was_gone_round() {
    let play = |sizes: &[u32], is_looped: bool| {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        host.play(&mut rig, 30_001, sizes);
        // Less than half a sample: the nearest sample is the one that is played next.
        let end = host.beat - 0.3 / 24_000.0;
        host.loop_range = is_looped.then_some((end - 1.0, end));
        host.play(&mut rig, 2 * BEAT, sizes);
        rig.note_ons()
    };
    for sizes in [&[1][..], &[512], &[100_000]] {
        assert_eq!(play(sizes, true), play(&[512], false), "{sizes:?}");
    }
}

#[test]
fn a_slot_chosen_late_in_a_block_counted_as_chosen_when_that_began() {
    let mut rig = with_slots();
    let mut host = Host::at(0.0);
    rig.block(&host.time(), &[message(0, Message::Slot(1))], 1000);
    host.advance(1000);
    rig.block(&host.time(), &[message(19_000, Message::Slot(0))], 20_000);
    host.advance(20_000);
    // Who keeps the project learns only now of the choice before.
    rig.sender.send(Clip::new(22, Cause::Chosen, &sixteenths(1, 100))).unwrap();
    host.play(&mut rig, 4 * BEAT, &[1000]);
    assert_eq!(rig.monitor.playing_id(), Some(21));
}

#[test]
fn a_phrase_that_started_over_sounded_through_the_call() {
    for n_keys in [0, 1] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        rig.settings.mode = Mode::Free;
        (rig.settings.tempo_source, rig.settings.tempo) = (TempoSource::Knob, 120.0);
        rig.settings.call_beats = Some(2.0);
        let inputs = [message(7000, Message::Restart), on(7000, 64), off(8000, 64)];
        rig.block(&stopped(), &inputs[..1 + 2 * n_keys], 7000 + 4 * 24_000);
        // It is silent while it listens; a key of the very sample is part of the call.
        assert!(rig.note_ons().iter().all(|(at, _)| *at >= 7000 + 2 * BEAT), "{:?}", rig.note_ons());
        assert_eq!(rig.note_ons().len(), 8 * n_keys);
    }
}

#[test]
fn a_feel_that_was_put_off_took_hold_by_block() {
    let play = |size: u32| {
        let mut rig = Rig::with(&sixteenths(1, 60));
        let mut host = Host::at(0.0);
        for (swing, n_samples) in [(0.5, 6000), (0.6, 6000), (0.7, 200_000)] {
            rig.settings.swing = swing;
            host.play(&mut rig, n_samples, &[size]);
        }
        rig.note_ons()
    };
    let whole = play(200_000);
    for size in [64, 1000, 8192] {
        assert_eq!(play(size), whole, "{size}");
    }
    // The first at beat 1. The next at beat 2, asked again once the notes before it were on their way.
    let late = |beat: u64, half: u64| {
        whole[usize::try_from(4 * beat + 2 * half).unwrap()].0 - (2 * beat + half) * BEAT / 2
    };
    assert_eq!([late(0, 1), late(1, 1), late(2, 1)], [0, 2400, 4800]);
}

#[test]
fn a_chord_played_right_before_the_start_was_followed_half_a_beat_late() {
    let span = ChordSpan {
        onset: TickInstant(0),
        duration: TickDuration(3840),
        chord: Some(Chord::new(PitchClass::C, ChordQuality::Major)),
    };
    let c = phrase(1, &[(0, 3840, 36, Part::Bass)]).with_progression(Progression::new(vec![span]));
    let mut rig = Rig::with(&c);
    rig.settings.follows = true;
    rig.block(&stopped(), &[on(0, 57), on(0, 60), on(0, 64)], 100);
    Host::at(0.0).play(&mut rig, 100, &[100]);
    assert_eq!(rig.note_ons(), [(100, 33)]);
    // Released right before it, too.
    let inputs = [57, 60, 64].map(|key| off(0, key));
    rig.block(&stopped(), &inputs, 100);
    Host::at(0.0).play(&mut rig, 100, &[100]);
    assert_eq!(rig.note_ons()[1..], [(300, 36)]);
}

#[test]
fn a_pedal_that_went_down_while_bypassed_held_if_no_block_began_since() {
    for sizes in [[1000, 1], [500, 501]] {
        let mut rig = Rig::with(&sixteenths(1, 60));
        (rig.settings.mode, rig.settings.is_bypassed) = (Mode::Keys, true);
        rig.block(&stopped(), &[message(10, Message::Hold { is_down: true })], sizes[0]);
        if sizes[1] > 1 {
            rig.block(&stopped(), &[], sizes[1]);
        }
        rig.settings.is_bypassed = false;
        rig.block(&stopped(), &[on(0, 60), off(100, 60)], 1000);
        assert!(rig.sounding.is_empty(), "{sizes:?}");
    }
}

#[test]
fn a_reset_counted_in_by_what_was_set_before() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    rig.settings.mode = Mode::Free;
    rig.settings.count_in_beats = 4.0;
    rig.block(&stopped(), &[], 1000);
    rig.settings.count_in_beats = 0.0;
    rig.player.reset();
    rig.events.clear();
    rig.block(&stopped(), &[], 1000);
    assert_eq!(rig.note_ons(), [(1000, 60)]);
}

#[test]
fn a_slot_played_on_after_a_reset_though_no_phrase_was_stored() {
    let mut rig = with_slots();
    rig.block(&Host::at(0.0).time(), &[message(0, Message::Slot(0))], 1000);
    assert_eq!(rig.note_ons().len(), 1);
    rig.player.reset();
    rig.block(&Host::at(0.0).time(), &[], 96_000);
    assert_eq!(rig.note_ons().len(), 1);
}

#[test]
fn a_reset_ignored_keys_by_what_had_come_back_before() {
    let mut rig = Rig::with(&sixteenths(1, 60));
    let mut host = Host::at(0.0);
    // All of it comes back a block later, often enough to be ignored.
    let mut back: Vec<InputEvent> = Vec::new();
    let come_back = |event: &PlayerEvent| InputEvent::note(event.offset, 5, event.pitch, event.action);
    for _ in 0..37 {
        let events = rig.block(&host.time(), &back, 1000);
        host.advance(1000);
        back = events.iter().map(come_back).collect();
    }
    assert!(rig.monitor.n_echoes() > 0);
    let n_echoes = rig.monitor.n_echoes();
    rig.player.reset();
    let last = back.iter().map(|input| InputEvent { offset: 0, ..*input });
    let first = rig.block(&stopped(), &last.collect::<Vec<_>>(), 1000);
    assert!(first.iter().any(|event| event.part.is_none() && event.action != Action::Off));
    assert_eq!(rig.monitor.n_echoes(), n_echoes);
}

#[test]
fn a_key_released_at_the_sample_where_the_phrase_played_it_hung() {
    for (inputs, is_down) in [
        (&[on(0, 60), off(0, 60)][..], false),
        (&[on(0, 60), off(0, 60), on(0, 60)], true),
        (&[on(0, 60)], true),
        (&[off(0, 60)], false),
    ] {
        for size in [1, 100] {
            let mut rig = Rig::with(&sixteenths(1, 60));
            rig.settings.parts[Part::Melody.index()].channel = 5;
            let mut host = Host::at(0.0);
            rig.block(&host.time(), inputs, size);
            host.advance(size);
            let sounding: Vec<_> = rig.sounding.values().map(|(_, part, _)| *part).collect();
            assert_eq!(sounding, [(!is_down).then_some(Part::Melody)], "{inputs:?}");
            // The phrase's note ends with time, the key's with its note-off.
            rig.block(&stopped(), &[], 100);
            assert_eq!(rig.sounding.len(), usize::from(is_down), "{inputs:?}");
            rig.block(&stopped(), &[off(0, 60)], 100);
            assert!(rig.sounding.is_empty(), "{inputs:?}");
        }
    }
}
