//! Edits of notes, and what they leave alone.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::music::{ChordQuality, Frame, Key, Meter, Progression};

/// Onset and length of a note in beats, its pitch, and whether it is locked.
type Beats = (u32, u32, u8, bool);

/// What an edit makes of a line, or words of why it is refused.
type Expected<'a> = Result<&'a [Beats], &'a str>;

/// A phrase of two bars whose melody has these notes.
fn phrase(notes: &[Beats]) -> Phrase {
    let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Melody.index()] = notes.iter().map(|note| melody_note(*note)).collect();
    Phrase::new(frame, Progression::default(), parts).unwrap()
}

fn melody_note((onset, n_beats, pitch, locked): Beats) -> Note {
    let (onset, duration) = (TickInstant(onset * 960), TickDuration(n_beats * 960));
    Note { locked, ..Note::new(onset, duration, Pitch::new(pitch).unwrap(), 90) }
}

fn name((onset, pitch): (u32, u8)) -> NoteName {
    NoteName { part: Part::Melody, onset: TickInstant(onset * 960), pitch: Pitch::new(pitch).unwrap() }
}

/// What `edit` makes of two bars, as beats and pitches.
fn check(notes: &[Beats], edit: &Edit, expected: Expected<'_>) {
    let result = edit.apply(&phrase(notes));
    match expected {
        Ok(expected) => assert_eq!(result.unwrap().phrase, phrase(expected), "{edit:?}"),
        Err(words) => assert!(result.unwrap_err().to_string().contains(words), "{edit:?}"),
    }
}

#[test]
fn edits_change_what_they_name_and_what_they_fall_on() {
    let line = [(0, 1, 60, false), (1, 1, 62, false), (2, 2, 64, true)];
    let named = |notes: &[(u32, u8)]| notes.iter().map(|note| name(*note)).collect::<Vec<_>>();
    let moved = |notes: &[(u32, u8)], beats: i32, semitones| {
        Edit::Alter(named(notes), Alteration::Move { ticks: beats * 960, semitones })
    };
    let insert = |note| Edit::Insert(Part::Melody, melody_note(note));
    let cases: [(Edit, Expected<'_>); 12] = [
        (insert((5, 9, 60, false)), Ok(&[line[0], line[1], line[2], (5, 3, 60, false)])),
        (insert((0, 2, 62, false)), Ok(&[line[0], (0, 2, 62, false), line[2]])),
        (insert((8, 1, 60, false)), Err("begin after the phrase ends")),
        (insert((1, 2, 64, false)), Err("a locked melody note at E4 is in the way")),
        (Edit::Alter(named(&[(0, 60), (2, 64)]), Alteration::Remove), Ok(&line[1..2])),
        (Edit::Alter(named(&[(4, 60)]), Alteration::Remove), Err("no longer there")),
        // As far as the phrase goes, together.
        (moved(&[(0, 60), (1, 62)], -3, 0), Ok(&line)),
        (moved(&[(0, 60), (1, 62)], 99, 0), Ok(&[(6, 1, 60, false), (7, 1, 62, false), line[2]])),
        (moved(&[(0, 60), (1, 62)], 0, 99), Ok(&[(0, 1, 125, false), (1, 1, 127, false), line[2]])),
        (moved(&[(1, 62)], 1, 2), Err("in the way")),
        (moved(&[(2, 64)], -2, -4), Ok(&[(0, 2, 60, true), line[1]])),
        (
            Edit::Alter(named(&[(0, 60), (2, 64)]), Alteration::Resize(8 * 960)),
            Ok(&[(0, 8, 60, false), line[1], (2, 6, 64, true)]),
        ),
    ];
    for (edit, expected) in cases {
        check(&line, &edit, expected);
    }
    let shortest =
        Edit::Alter(named(&[(0, 60)]), Alteration::Resize(i32::MIN)).apply(&phrase(&line)).unwrap();
    assert_eq!(shortest.phrase.notes(Part::Melody)[0].duration, TickDuration::from_steps(1));
    for (louder, velocity) in [(10, 100), (i32::MAX, 127), (i32::MIN, 1)] {
        let edited =
            Edit::Alter(named(&[(0, 60)]), Alteration::Louder(louder)).apply(&phrase(&line)).unwrap().phrase;
        assert_eq!(edited.notes(Part::Melody)[0].velocity, velocity);
        assert_eq!(edited.notes(Part::Melody)[1..], phrase(&line).notes(Part::Melody)[1..]);
    }
}

#[test]
fn a_note_is_cut_where_another_is_put() {
    let edit = Edit::Insert(Part::Melody, melody_note((2, 1, 60, false)));
    check(&[(0, 8, 60, false)], &edit, Ok(&[(0, 2, 60, false), (2, 1, 60, false)]));
}

#[test]
fn an_edit_has_a_name() {
    let names = vec![name((0, 60)); 3];
    for (edit, expected) in [
        (Edit::Alter(names[..1].to_vec(), Alteration::Remove), "removal of a note"),
        (Edit::Alter(names.clone(), Alteration::Move { ticks: 1, semitones: 0 }), "move of 3 notes"),
        (Edit::Alter(names, Alteration::Lock(false)), "unlocking of 3 notes"),
    ] {
        assert_eq!(edit.name(), expected);
    }
}

#[test]
fn parts_follow_a_chord_and_locked_notes_and_the_melody_stay() {
    let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
    let note = |beat: u32, pitch: u8, locked| melody_note((beat, 1, pitch, locked));
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Melody.index()] = vec![note(4, 67, false)];
    parts[Part::Chords.index()] = [60, 64, 67].map(|pitch| note(4, pitch, false)).to_vec();
    parts[Part::Bass.index()] = vec![note(0, 36, false), note(4, 36, false), note(6, 48, true)];
    let progression = Progression::parse("C | C", Meter::COMMON, 2).unwrap();
    let before = Phrase::new(frame, progression, parts).unwrap();
    let of = |phrase: &Phrase, part: Part| {
        phrase.notes(part).iter().map(|note| note.pitch.number()).collect::<Vec<_>>()
    };
    let edit = Edit::Chord(TickInstant(5 * 960), Some("F".parse().unwrap()));
    let after = edit.apply(&before).unwrap().phrase;
    assert_eq!(of(&after, Part::Chords), [60, 65, 69]);
    assert_eq!(of(&after, Part::Bass), [36, 41, 48]);
    assert_eq!(of(&after, Part::Melody), [67]);
    let symbols = |phrase: &Phrase| {
        phrase
            .progression()
            .spans()
            .iter()
            .map(|span| span.chord.map(|chord| chord.to_string()))
            .collect::<Vec<_>>()
    };
    assert_eq!(symbols(&after), [Some("C".to_owned()), Some("F".to_owned())]);
    assert_eq!(edit.name(), "chord F");
    // Undone, redone, and stored in between.
    let change = NotesChange::between(7, &before, &after);
    let stored: NotesChange = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
    assert_eq!((stored.made(&before), stored.reversed().made(&after)), (Some(after), Some(before.clone())));
    // A bar without chords gets one, and nothing follows.
    let bare = before.with_progression(Progression::default());
    let given = edit.apply(&bare).unwrap().phrase;
    assert_eq!(symbols(&given), [Some("F".to_owned())]);
    assert_eq!(given.progression().spans()[0].onset, TickInstant(4 * 960));
    assert_eq!(of(&given, Part::Bass), [36, 36, 48]);
    assert_eq!(Edit::Chord(TickInstant(9000), None).apply(&bare), Err(EditError::Outside));
}

fn any_phrase() -> impl Strategy<Value = Phrase> {
    let note = (0u32..7680, 1u32..4000, 0u8..128, 1u8..128, any::<bool>());
    vec(vec(note, 0..12), 5).prop_map(|parts| {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let of = |(onset, duration, pitch, velocity, locked)| Note {
            locked,
            ..Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(pitch).unwrap(), velocity)
        };
        let mut all: [Vec<Note>; 5] = Default::default();
        for (notes, part) in all.iter_mut().zip(parts) {
            notes.extend(part.into_iter().map(of));
        }
        Phrase::repaired(frame, Progression::default(), all).unwrap().0
    })
}

/// An edit of some of the notes of a phrase, chosen by `picks`.
fn edit_of(phrase: &Phrase, picks: &[prop::sample::Index], kind: u8, by: i32, note: Note) -> Edit {
    let all: Vec<NoteName> = phrase.all_notes().map(|(part, note)| NoteName::of(part, note)).collect();
    let notes: Vec<NoteName> =
        picks.iter().filter(|_| !all.is_empty()).map(|pick| all[pick.index(all.len())]).collect();
    let of_each = |value: i32| notes.iter().map(|name| (*name, value)).collect::<Vec<_>>();
    let alteration = match kind {
        0 => return Edit::Insert(Part::ALL[usize::from(note.pitch.number()) % 5], note),
        1 => return Edit::Paste { notes: vec![(Part::Bass, note), (Part::Drums, note)], ticks: by },
        15 => {
            return Edit::Chord(
                note.onset,
                Some(Chord::new(
                    note.pitch.class(),
                    ChordQuality::ALL[usize::from(note.pitch.number()) % 20],
                )),
            );
        }
        2 => {
            let velocities = of_each(by).into_iter().map(|(name, by)| (name, by.to_le_bytes()[0]));
            return Edit::Velocities(velocities.collect());
        }
        3 => {
            let late = of_each(by).into_iter().map(|(name, by)| (name, i16::try_from(by).unwrap()));
            return Edit::Timing(late.collect());
        }
        4 => Alteration::Remove,
        5 => Alteration::Move { ticks: by, semitones: by % 30 },
        6 => Alteration::Copy { ticks: by, semitones: by % 30 },
        7 => Alteration::Resize(by),
        8 => Alteration::Louder(by),
        9 => Alteration::Quantise(note.duration),
        10 => Alteration::Legato,
        11 => Alteration::Join,
        12 => Alteration::Split(note.onset),
        13 => Alteration::Humanise(u64::from(note.onset.0)),
        _ => Alteration::Lock(by % 2 == 0),
    };
    Edit::Alter(notes, alteration)
}

#[test]
fn notes_are_copied_pasted_quantised_joined_split_and_played_otherwise() {
    let line = [(0, 1, 60, false), (2, 1, 60, true), (3, 2, 62, false)];
    let all = || line.iter().map(|(onset, _, pitch, _)| name((*onset, *pitch))).collect::<Vec<_>>();
    let alter = |alteration| Edit::Alter(all(), alteration);
    let copy = |notes: &[(u32, u8)], beats: i32, semitones| {
        let notes = notes.iter().map(|note| name(*note)).collect();
        Edit::Alter(notes, Alteration::Copy { ticks: beats * 960, semitones })
    };
    for (edit, expected) in [
        // Copies are unlocked, and those after the end are left out.
        (
            copy(&[(0, 60), (2, 60)], 4, 1),
            Ok(&[line[0], line[1], line[2], (4, 1, 61, false), (6, 1, 61, false)][..]),
        ),
        (copy(&[(0, 60), (3, 62)], 6, 0), Ok(&[line[0], line[1], line[2], (6, 1, 60, false)])),
        (copy(&[(2, 60), (3, 62)], 6, 0), Err("after the phrase ends")),
        (alter(Alteration::Legato), Ok(&[(0, 2, 60, false), (2, 1, 60, true), line[2]])),
        (alter(Alteration::Join), Ok(&[(0, 3, 60, false), line[2]])),
        (
            alter(Alteration::Split(TickInstant(4 * 960))),
            Ok(&[line[0], line[1], (3, 1, 62, false), (4, 1, 62, false)]),
        ),
        (
            alter(Alteration::Quantise(TickDuration(4 * 960))),
            Ok(&[line[0], (4, 1, 60, true), (4, 2, 62, false)]),
        ),
    ] {
        check(&line, &edit, expected);
    }
    let names = all();
    let louder = Edit::Velocities(vec![(names[0], 31), (names[2], 0)]).apply(&phrase(&line)).unwrap().phrase;
    let played: Vec<u8> = louder.notes(Part::Melody).iter().map(Note::played_velocity).collect();
    assert_eq!(played, [31, 90, 1]);
    let late = Edit::Timing(vec![(names[0], -12)]).apply(&phrase(&line)).unwrap().phrase;
    assert_eq!(late.notes(Part::Melody)[0].nuance.late(), -12);
    let human = alter(Alteration::Humanise(3)).apply(&phrase(&line)).unwrap();
    assert_eq!(human.notes.len(), 3);
    assert_ne!(human.phrase, phrase(&line));
    assert_ne!(human.phrase, alter(Alteration::Humanise(4)).apply(&phrase(&line)).unwrap().phrase);
    // What was edited is called by its new name.
    let moved = Edit::Alter(vec![names[0]], Alteration::Move { ticks: 960, semitones: 2 });
    assert_eq!(moved.apply(&phrase(&line)).unwrap().notes, [name((1, 62))].into());
}

proptest! {
    #[test]
    fn any_edit_leaves_locked_notes_and_what_it_does_not_touch_and_can_be_taken_back(
        phrase in any_phrase(),
        picks in vec(any::<prop::sample::Index>(), 1..5),
        kind in 0u8..16,
        by in -9000..9000i32,
        (onset, duration, pitch) in (0u32..9000, 0u32..9000, 0u8..128),
    ) {
        let note = Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(pitch).unwrap(), 90);
        let edit = edit_of(&phrase, &picks, kind, by, note);
        let Ok(Edited { phrase: edited, notes: now }) = edit.apply(&phrase) else { return Ok(()) };
        let is_there = |name: &NoteName| edited.notes(name.part).iter().any(|note| NoteName::of(name.part, note) == *name);
        prop_assert!(now.iter().all(is_there));
        let named: Vec<NoteName> = match &edit {
            Edit::Insert(..) | Edit::Paste { .. } | Edit::Alter(_, Alteration::Copy { .. }) => Vec::new(),
            Edit::Alter(notes, _) => notes.clone(),
            Edit::Velocities(wanted) => wanted.iter().map(|(name, _)| *name).collect(),
            Edit::Timing(wanted) => wanted.iter().map(|(name, _)| *name).collect(),
            Edit::Chord(..) => phrase.all_notes().map(|(part, note)| NoteName::of(part, note)).collect(),
        };
        for (part, note) in phrase.all_notes().filter(|(_, note)| note.locked) {
            let is_left = named.contains(&NoteName::of(part, note)) || edited.notes(part).contains(note);
            prop_assert!(is_left, "{note:?} was locked");
        }
        // What is not named stays, unless an edited note came to lie on it.
        let is_new = |part: Part, note: &Note| !phrase.notes(part).contains(note);
        for (part, note) in phrase.all_notes().filter(|(part, note)| !named.contains(&NoteName::of(*part, note))) {
            let meets = |other: &&Note| {
                other.pitch == note.pitch && other.onset < note.end() && note.onset < other.end()
            };
            let is_met = edited.notes(part).iter().filter(|other| is_new(part, other)).any(|other| meets(&other));
            prop_assert!(edited.notes(part).contains(note) || is_met, "{note:?} was not named");
        }
        if let Edit::Alter(_, Alteration::Move { .. } | Alteration::Join) = &edit {
            prop_assert!(edited.all_notes().count() <= phrase.all_notes().count());
        }
        let change = NotesChange::between(7, &phrase, &edited);
        prop_assert_eq!(change.made(&phrase), Some(edited.clone()));
        prop_assert_eq!(change.clone().reversed().made(&edited), Some(phrase));
        let text = serde_json::to_string(&change).unwrap();
        prop_assert_eq!(serde_json::from_str::<NotesChange>(&text).unwrap(), change);
    }
}
