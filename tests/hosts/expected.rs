//! A phrase as the note events that a host must receive.

use std::ops::Range;

use descant::music::{Note, Nuance, PPQ, Part, Phrase};

use crate::recording::{Action, NoteEvent, Recording};

/// How far an event may be from its place, in samples: rounding at the host's edge.
const TOLERANCE: u64 = 1;

/// Notes that begin up to this many samples before a start are played with it, since hosts round the start up by two
/// samples, and a half more belongs to the first one.
const LOOK_BACK: f64 = 2.5;

/// The events of one pass of `phrase` from beat 0 at `tempo` beats per minute and `rate` hertz, parts on their first
/// channels, as it was performed and without other feel.
pub fn events(phrase: &Phrase, tempo: f64, rate: f64) -> Vec<NoteEvent> {
    let sample = |beats: f64| to_sample(beats * 60.0 / tempo * rate);
    let of_note = |(part, note): (Part, &Note)| {
        let event = |at: f64, action| NoteEvent {
            at: sample(at),
            action,
            channel: channel(part),
            key: note.pitch.number(),
            note_id: 0,
        };
        [event(note.onset.to_beats(), Action::On(note.velocity)), event(note.end().to_beats(), Action::Off)]
    };
    phrase.performed().all_notes().flat_map(of_note).collect()
}

/// Checks that `recording`, which began at beat 0, begins with one pass of `phrase`. Later notes are ignored.
///
/// # Panics
///
/// They differ.
pub fn check_pass(recording: &Recording, phrase: &Phrase, tempo: f64, rate: f64) {
    let end = to_sample(phrase.frame().duration().to_beats() * 60.0 / tempo * rate);
    let mut expected = events(phrase, tempo, rate);
    assert!(!expected.is_empty(), "a phrase without notes shows nothing");
    assert!(recording.n_samples() > end, "the pass was not recorded to its end");
    let mut found = first_pass(recording, end);
    sort(&mut expected);
    sort(&mut found);
    let show = |events: &[NoteEvent]| {
        events
            .iter()
            .map(|e| (e.at, e.action, e.channel, e.key))
            .map(|e| format!("{e:?}\n"))
            .collect::<String>()
    };
    assert_eq!(found.len(), expected.len(), "found\n{}expected\n{}", show(&found), show(&expected));
    for (found, expected) in found.iter().zip(&expected) {
        let what = |event: &NoteEvent| (event.action, event.channel, event.key);
        assert_eq!(what(found), what(expected), "{found:?} for {expected:?}");
        assert!(found.at.abs_diff(expected.at) <= TOLERANCE, "{found:?} for {expected:?}");
    }
}

/// Compares the note-ons in the samples `played` of `recording`, of which the first was at beat `from` of the first pass, to what
/// `phrase` has from there on.
///
/// # Panics
///
/// They differ.
pub fn check_note_ons(
    recording: &Recording,
    played: Range<u64>,
    phrase: &Phrase,
    from: f64,
    tempo: f64,
    rate: f64,
) {
    let start = to_sample(from * 60.0 / tempo * rate);
    let is_note_on = |event: &&NoteEvent| matches!(event.action, Action::On(_));
    let mut written = events(&caught(phrase, from - LOOK_BACK * tempo / 60.0 / rate), tempo, rate);
    written.retain(|event| is_note_on(&event));
    // A tick is several samples: what is caught at `from` is played there, not at the tick before it.
    written.iter_mut().for_each(|event| event.at = event.at.max(start) - start + played.start);
    written.retain(|event| played.contains(&event.at));
    let found = recording.events.iter().filter(is_note_on).filter(|event| played.contains(&event.at));
    let mut found: Vec<NoteEvent> = found.copied().collect();
    sort(&mut written);
    sort(&mut found);
    assert!(!written.is_empty(), "a stretch without notes shows nothing");
    assert_eq!(found.len(), written.len(), "found {found:?}, expected {written:?}");
    for (found, written) in found.iter().zip(&written) {
        let what = |event: &NoteEvent| (event.action, event.channel, event.key);
        assert_eq!(what(found), what(written), "{found:?} for {written:?}");
        assert!(found.at.abs_diff(written.at) <= TOLERANCE, "{found:?} for {written:?}");
    }
}

/// What is left of `phrase` begun at beat `from`: notes played from there on, and those written from there on and played a
/// little before it, which are played in the tick of `from`.
fn caught(phrase: &Phrase, from: f64) -> Phrase {
    let from = from * f64::from(PPQ);
    let caught = |note: &Note| {
        let (onset, nuance) = (f64::from(note.onset.0), note.nuance);
        if onset + f64::from(nuance.late()) >= from {
            return Some(*note);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a few ticks")]
        let late = (from - onset).floor() as i16;
        (onset >= from).then(|| note.with_nuance(Nuance::new(late, nuance.louder())))
    };
    let parts = Part::ALL.map(|part| phrase.notes(part).iter().filter_map(caught).collect());
    Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).unwrap()
}

/// Notes that begin before `end`, each as its note-on and note-off.
fn first_pass(recording: &Recording, end: u64) -> Vec<NoteEvent> {
    let mut open = Vec::new();
    let mut found = Vec::new();
    for event in &recording.events {
        let key = (event.channel, event.key);
        match event.action {
            Action::On(_) if event.at + TOLERANCE < end => {
                open.push(key);
                found.push(*event);
            }
            Action::On(_) => {}
            Action::Off => {
                if let Some(idx) = open.iter().position(|other| *other == key) {
                    open.swap_remove(idx);
                    found.push(*event);
                }
            }
        }
    }
    found
}

fn sort(events: &mut [NoteEvent]) {
    events.sort_unstable_by_key(|event| (event.channel, event.key, event.at, event.action));
}

/// The channel on which `part` plays unless it is set otherwise, `0..=15`.
fn channel(part: Part) -> u8 {
    match part {
        Part::Melody => 0,
        Part::Chords => 1,
        Part::Bass => 2,
        Part::Arpeggio => 3,
        Part::Drums => 9,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places are not negative")]
fn to_sample(samples: f64) -> u64 {
    samples.round() as u64
}
