//! Edits of notes, and what they leave alone.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::music::{Frame, Key, Meter, Progression};

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
        Ok(expected) => assert_eq!(result.unwrap(), phrase(expected), "{edit:?}"),
        Err(words) => assert!(result.unwrap_err().to_string().contains(words), "{edit:?}"),
    }
}

#[test]
fn edits_change_what_they_name_and_what_they_fall_on() {
    let line = [(0, 1, 60, false), (1, 1, 62, false), (2, 2, 64, true)];
    let named = |notes: &[(u32, u8)]| notes.iter().map(|note| name(*note)).collect::<Vec<_>>();
    let moved = |notes: &[(u32, u8)], beats: i32, semitones| Edit::Move {
        notes: named(notes),
        ticks: beats * 960,
        semitones,
    };
    let insert = |note| Edit::Insert(Part::Melody, melody_note(note));
    let cases: [(Edit, Expected<'_>); 12] = [
        (insert((5, 9, 60, false)), Ok(&[line[0], line[1], line[2], (5, 3, 60, false)])),
        (insert((0, 2, 62, false)), Ok(&[line[0], (0, 2, 62, false), line[2]])),
        (insert((8, 1, 60, false)), Err("begin after the phrase ends")),
        (insert((1, 2, 64, false)), Err("a locked melody note at E4 is in the way")),
        (Edit::Remove(named(&[(0, 60), (2, 64)])), Ok(&line[1..2])),
        (Edit::Remove(named(&[(4, 60)])), Err("no longer there")),
        // As far as the phrase goes, together.
        (moved(&[(0, 60), (1, 62)], -3, 0), Ok(&line)),
        (moved(&[(0, 60), (1, 62)], 99, 0), Ok(&[(6, 1, 60, false), (7, 1, 62, false), line[2]])),
        (moved(&[(0, 60), (1, 62)], 0, 99), Ok(&[(0, 1, 125, false), (1, 1, 127, false), line[2]])),
        (moved(&[(1, 62)], 1, 2), Err("in the way")),
        (moved(&[(2, 64)], -2, -4), Ok(&[(0, 2, 60, true), line[1]])),
        (
            Edit::Resize { notes: named(&[(0, 60), (2, 64)]), ticks: 8 * 960 },
            Ok(&[(0, 8, 60, false), line[1], (2, 6, 64, true)]),
        ),
    ];
    for (edit, expected) in cases {
        check(&line, &edit, expected);
    }
    let shortest = Edit::Resize { notes: named(&[(0, 60)]), ticks: i32::MIN }.apply(&phrase(&line)).unwrap();
    assert_eq!(shortest.notes(Part::Melody)[0].duration, SHORTEST);
    for (louder, velocity) in [(10, 100), (i32::MAX, 127), (i32::MIN, 1)] {
        let edited = Edit::Velocity { notes: named(&[(0, 60)]), louder }.apply(&phrase(&line)).unwrap();
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
        (Edit::Remove(names[..1].to_vec()), "removal of a note"),
        (Edit::Move { notes: names.clone(), ticks: 1, semitones: 0 }, "move of 3 notes"),
        (Edit::Lock { notes: names, is_locked: false }, "unlocking of 3 notes"),
    ] {
        assert_eq!(edit.name(), expected);
    }
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
    match kind {
        0 => Edit::Insert(Part::ALL[usize::from(note.pitch.number()) % 5], note),
        1 => Edit::Remove(notes),
        2 => Edit::Move { notes, ticks: by, semitones: by % 30 },
        3 => Edit::Resize { notes, ticks: by },
        4 => Edit::Velocity { notes, louder: by },
        _ => Edit::Lock { notes, is_locked: by % 2 == 0 },
    }
}

proptest! {
    #[test]
    fn any_edit_leaves_locked_notes_and_what_it_does_not_touch_and_can_be_taken_back(
        phrase in any_phrase(),
        picks in vec(any::<prop::sample::Index>(), 1..5),
        kind in 0u8..6,
        by in -9000..9000i32,
        (onset, duration, pitch) in (0u32..9000, 0u32..9000, 0u8..128),
    ) {
        let note = Note::new(TickInstant(onset), TickDuration(duration), Pitch::new(pitch).unwrap(), 90);
        let edit = edit_of(&phrase, &picks, kind, by, note);
        let Ok(edited) = edit.apply(&phrase) else { return Ok(()) };
        let named: Vec<NoteName> = match &edit {
            Edit::Insert(..) => Vec::new(),
            Edit::Remove(notes) | Edit::Move { notes, .. } | Edit::Resize { notes, .. }
            | Edit::Velocity { notes, .. } | Edit::Lock { notes, .. } => notes.clone(),
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
        if let Edit::Move { .. } = &edit {
            prop_assert!(edited.all_notes().count() <= phrase.all_notes().count());
        }
        let change = NotesChange::between(7, &phrase, &edited);
        prop_assert_eq!(change.made(&phrase), Some(edited.clone()));
        prop_assert_eq!(change.clone().reversed().made(&edited), Some(phrase));
        let text = serde_json::to_string(&change).unwrap();
        prop_assert_eq!(serde_json::from_str::<NotesChange>(&text).unwrap(), change);
    }
}
