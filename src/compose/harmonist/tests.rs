use super::*;
use crate::compose::library::shipped;
use crate::music::{Key, Meter, Note, Pitch};
use proptest::prelude::*;

/// A melody of quarter notes in C major.
fn melody(pitches: &[i32], key: Key) -> Phrase {
    let n_bars = u32::try_from(pitches.len().div_ceil(4)).unwrap();
    let frame = Frame::new(Meter::COMMON, n_bars, key, 100.0);
    let note = |(beat, pitch): (u32, &i32)| {
        Note::new(TickInstant(beat * 960), TickDuration(960), Pitch::clamped(*pitch), 90)
    };
    let line = (0..).zip(pitches).map(note).collect();
    Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], line]).unwrap()
}

#[test]
fn broken_chords_are_what_they_are() {
    let line = [60, 64, 67, 64, 65, 69, 72, 69, 67, 71, 74, 71, 72, 67, 64, 60];
    let chords = shipped::harmonist().harmony(&melody(&line, Key::C_MAJOR), Some(Style::Folk));
    let names: Vec<&str> = (0..4)
        .map(|bar| {
            chords
                .at(TickInstant(bar * 3840))
                .unwrap()
                .chord
                .unwrap()
                .root
                .name_in(crate::music::Spelling::Flats)
        })
        .collect();
    assert_eq!(names, ["C", "F", "G", "C"]);
    assert_eq!(chords.spans().last().unwrap().end(), TickInstant(4 * 3840));
}

#[test]
fn a_melody_moved_to_another_key_has_its_chords_moved() {
    let line = [67, 64, 60, 62, 64, 64, 64, 67, 65, 62, 71, 67, 60, 64, 67, 60];
    let chords = |up: i32, key: &str| {
        let moved: Vec<i32> = line.iter().map(|pitch| pitch + up).collect();
        shipped::harmonist().harmony(&melody(&moved, key.parse().unwrap()), Some(Style::Pop))
    };
    let (here, there) = (chords(0, "C"), chords(3, "Eb"));
    let up: Vec<ChordSpan> = here
        .spans()
        .iter()
        .map(|span| ChordSpan { chord: span.chord.map(|chord| chord.up(3)), ..*span })
        .collect();
    assert_eq!(up, there.spans());
}

#[test]
fn written_and_played_chords_stay() {
    let line = melody(&[60, 62, 64, 65], Key::C_MAJOR);
    let written = line.clone().with_progression(Progression::parse("Ab7", Meter::COMMON, 1).unwrap());
    assert_eq!(shipped::harmonist().harmony(&written, None), *written.progression());
    let mut parts = line.to_parts();
    parts[Part::Bass.index()] =
        vec![Note::new(TickInstant::ZERO, TickDuration(3840), Pitch::clamped(41), 80)];
    let played = Phrase::new(*line.frame(), Progression::default(), parts).unwrap();
    assert_eq!(shipped::harmonist().harmony(&played, None), harmony(&played));
    let silent = Phrase::empty(*line.frame()).unwrap();
    assert!(shipped::harmonist().harmony(&silent, None).is_empty());
}

#[test]
fn a_table_reads_what_it_writes() {
    let mut table = ProgressionTable::default();
    let chord = |text: &str| State::of(text.parse().unwrap(), Key::C_MAJOR);
    let counts = table.counts_mut(Group::Folk, false);
    counts.first.insert(chord("C"), 3);
    counts.on_bar.entry(chord("Bdim")).or_default().insert(chord("Am7"), 2);
    counts.qualities.entry(chord("G7")).or_default().insert("7".to_owned(), 9);
    assert_eq!(ProgressionTable::from_json(&table.to_json()).unwrap(), table);
    assert!(table.to_json().contains(r#""11o":{"9m":2}"#), "{}", table.to_json());
    assert!(table.without_rare(3).counts(Group::Folk, false).unwrap().on_bar.is_empty());
}

proptest! {
    /// Any melody, any meter: chords from the first bar to the last, without gaps.
    #[test]
    fn chords_cover_the_phrase(
        notes in prop::collection::vec((0u32..20_000, 1u32..6000, 40i32..90), 1..40),
        meter_idx in 0..Meter::COUNT,
        has_pickup: bool,
    ) {
        let meter = Meter::from_index(meter_idx).unwrap();
        let frame = Frame { has_pickup, ..Frame::new(meter, 5, Key::C_MAJOR, 100.0) };
        let line = notes.iter().map(|&(onset, ticks, pitch)| {
            Note::new(TickInstant(onset), TickDuration(ticks), Pitch::clamped(pitch), 80)
        });
        let parts = [vec![], vec![], vec![], vec![], line.collect()];
        let (phrase, _) = Phrase::repaired(frame, Progression::default(), parts).unwrap();
        prop_assume!(!phrase.notes(Part::Melody).is_empty());
        let mut at = TickInstant::ZERO;
        for span in shipped::harmonist().harmony(&phrase, None).spans() {
            prop_assert_eq!(span.onset, at);
            at = span.end();
        }
        prop_assert_eq!(at, frame.end());
    }
}
