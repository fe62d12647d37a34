//! Slots, held chords, variations and answers, through CLAP.

use clack_host::events::Pckn;
use clack_host::events::event_types::{NoteOffEvent, NoteOnEvent};
use descant::music::Part;

use crate::clap_host::ClapHost;
use crate::host::Host;
use crate::recording::{Action, Recording};
use crate::stored::composed;

/// A key of a controller on the first channel.
fn key(key: u8) -> Pckn {
    Pckn::new(0_u16, 0_u16, u16::from(key), 0_u32)
}

/// The note-ons on the channel of `part`: sample and key.
fn note_ons(recording: &Recording, part: Part) -> Vec<(u64, u8)> {
    let is_note_on = |action: Action| matches!(action, Action::On(_));
    let events = recording.events.iter();
    let of_part = events.filter(|event| is_note_on(event.action) && event.channel == part.usual_channel());
    of_part.map(|event| (event.at, event.key)).collect()
}

#[test]
fn the_phrase_goes_over_to_the_chord_that_is_held() {
    let mut host = ClapHost::active();
    [("bars", "4 bars"), ("tonic", "C"), ("mode", "Major"), ("scale", "Locked to the scale")]
        .iter()
        .for_each(|(id, text)| host.set(id, text));
    host.generate();
    let written = host.play_pass(&[512]);
    host.set("follow", "On");
    // F sharp minor is far from anything in C.
    let held = [54, 57, 61];
    held.iter().for_each(|number| host.send(&NoteOnEvent::new(0, key(*number), 0.7)));
    host.run_block(64);
    let followed = host.play_pass(&[333, 64]);
    followed.check();
    let [written, followed] = [written, followed].map(|recording| note_ons(&recording, Part::Chords));
    assert!(!written.is_empty());
    // Per cent.
    let share = |note_ons: &[(u64, u8)]| {
        let is_held = |number: u8| held.iter().any(|other| other % 12 == number % 12);
        let n_held = note_ons.iter().filter(|(_, number)| is_held(*number)).count();
        100 * n_held / note_ons.len()
    };
    // Of a chord with a seventh and a ninth three tones in five are in the triad, and of one in C one is at most.
    assert!(share(&written) < 50 && share(&followed) >= 60, "{written:?}, {followed:?}");
    held.iter().for_each(|number| host.send(&NoteOffEvent::new(0, key(*number), 0.0)));
    host.run_block(64);
    let again = note_ons(&host.play_pass(&[512]), Part::Chords);
    assert_eq!(again, written, "as written once the keys are up");
}

#[test]
fn the_phrase_evolves_pass_by_pass_without_a_gap() {
    let mut host = ClapHost::restored(&composed());
    host.wait_until_sounding();
    let before = host.project().takes.entries().len();
    (host.transport.tempo, host.transport.is_playing) = (400.0, true);
    host.set("evolve", "On");
    host.run_until("three variations", |host| host.project().takes.entries().len() >= before + 3);
    host.set("evolve", "Off");
    host.settle();
    host.transport.is_playing = false;
    host.run_block(64);
    host.run_block(64);
    host.recording.check();
    let project = host.project();
    let takes = project.takes.entries();
    for (earlier, later) in takes.iter().zip(&takes[1..]).skip(before - 1) {
        assert_ne!(earlier.take.phrase, later.take.phrase);
        assert_eq!(earlier.take.phrase.frame().n_bars, later.take.phrase.frame().n_bars);
    }
    assert_eq!(project.takes.current().map(|entry| entry.number), takes.last().map(|entry| entry.number));
}

#[test]
fn keys_and_a_parameter_choose_takes_in_slots() {
    let mut slots = [None; 12];
    (slots[2], slots[11]) = (Some(3), Some(2));
    let mut host = ClapHost::restored(&composed().with_slots(&slots));
    let current = |host: &mut ClapHost| host.project().takes.current().map(|entry| entry.number);
    host.set("playmode", "Keys");
    host.run_block(64);
    host.send(&NoteOnEvent::new(0, key(26), 0.7));
    host.send(&NoteOffEvent::new(9, key(26), 0.0));
    host.run_until("the take in slot 3", |host| current(host) == Some(3));
    assert_eq!(host.recording.n_ons(), 0, "a key of a slot plays nothing");
    host.set("slot", "12");
    host.run_until("the take in slot 12", |host| current(host) == Some(2));
    // An empty slot changes nothing.
    host.set("slot", "1");
    host.settle();
    assert_eq!(current(&mut host), Some(2));
    host.set("playmode", "Host");
    host.run_block(64);
    let mut again = ClapHost::restored(&host.save());
    again.set("playmode", "Keys");
    again.run_block(64);
    again.send(&NoteOnEvent::new(0, key(26), 0.7));
    again.run_until("slots are stored", |host| current(host) == Some(3));
}

#[test]
fn what_is_played_is_answered() {
    let mut host = ClapHost::active();
    host.settle();
    host.set("answer", "1 bar");
    host.set("bass_on", "Off");
    host.take_recording();
    host.transport.is_playing = true;
    // 120 beats per minute: the first bar is listened to.
    for (number, at_block) in [(60_u8, 20_u32), (64, 50), (67, 80)] {
        host.run_until("its time", |host| host.recording.n_samples() >= u64::from(at_block) * 480);
        host.send(&NoteOnEvent::new(0, key(number), 0.7));
        host.run_until("a while", |host| host.recording.n_samples() >= u64::from(at_block + 20) * 480);
        host.send(&NoteOffEvent::new(0, key(number), 0.0));
    }
    // Half a beat before its end the call is over. On a busy machine the answer takes longer: time waits for it.
    host.run_until("the end of the call", |host| host.transport.beat >= 3.55);
    host.wait_until("an answer", |host| host.project().takes.current().is_some());
    host.run_until("the bar after", |host| host.recording.n_samples() >= 4 * 48_000 - 480);
    host.transport.is_playing = false;
    host.run_block(64);
    host.run_block(64);
    host.recording.check();
    let project = host.project();
    assert_eq!(project.takes.entries().len(), 1, "one answer");
    let answer = &project.takes.entries()[0].take;
    assert_eq!(answer.phrase.frame().n_bars, 1);
    for part in answer.phrase.parts().filter(|part| *part != Part::Melody) {
        let at: Vec<u64> = note_ons(&host.recording, part).iter().map(|(at, _)| *at).collect();
        assert!(at.iter().all(|at| (96_000..192_000).contains(at)), "{part:?}: {at:?}");
        assert_eq!(at.is_empty(), answer.phrase.notes(part).is_empty(), "{part:?}");
    }
    assert!(note_ons(&host.recording, Part::Melody).len() > 3, "the keys themselves, and an answer");
}
