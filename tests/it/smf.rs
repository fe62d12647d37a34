//! MIDI files: odd and damaged ones are read or refused with a reason, ours come back as they were, and replacing
//! bars leaves the rest alone.

use descant::music::{
    Cell, Cells, Chord, ChordQuality, ChordSpan, Frame, Key, Meter, Mode, Note, Part, Phrase, Pitch,
    PitchClass, Progression, TickDuration, TickInstant,
};
use descant::smf::{MeterMark, Score, SmfError, Warning, WriteOptions, read, write};
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/smf/{name}.mid", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Onset and duration in our ticks, pitch.
fn outline(notes: &[Note]) -> Vec<(u32, u32, u8)> {
    notes.iter().map(|note| (note.onset.0, note.duration.0, note.pitch.number())).collect()
}

#[test]
fn odd_files_are_read() {
    let check = |name: &str, track_idx: usize, expected: &[(u32, u32, u8)]| {
        let score = read(&fixture(name)).unwrap();
        assert_eq!(outline(&score.sounding(track_idx)), expected, "{name}");
    };
    check("running_status", 0, &[(0, 960, 60), (960, 960, 62)]);
    check("riff", 0, &[(0, 960, 60), (960, 960, 62)]);
    check("impossible_events", 0, &[(0, 960, 60), (960, 960, 62)]);
    check("type0_channels", 0, &[(0, 960, 72)]);
    check("type0_channels", 1, &[(0, 960, 36)]);
    check("smpte", 0, &[(0, 960, 60)]);
    // The first C rings until it is retriggered, the E and the second C until the pedal rises.
    check("pedal", 0, &[(0, 2880, 60), (960, 2880, 64), (2880, 960, 60)]);
    // The note-on without a note-off ends at the next of its pitch, or the end; the others keep their releases.
    check("hung_and_cut_off", 0, &[(0, 960, 60), (960, 480, 60), (1920, 480, 60)]);
}

#[test]
fn sections_are_markers_that_come_back() {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let chords = Progression::parse("C | F | G | C", Meter::COMMON, 8).unwrap();
    let phrase = Phrase::empty(frame).unwrap().with_progression(chords);
    let sections = vec![(TickInstant::ZERO, "intro".to_owned()), (frame.bar_start(4), "A'".to_owned())];
    let options = WriteOptions { sections: sections.clone(), ..WriteOptions::default() };
    let score = read(&write(&phrase, &options).unwrap()).unwrap();
    assert_eq!(score.sections, sections);
    assert_eq!(score.chords, *phrase.progression());
}

#[test]
fn what_is_given_up_is_reported() {
    let check = |name: &str, expected: &[&str]| {
        let warnings: Vec<String> =
            read(&fixture(name)).unwrap().warnings.iter().map(Warning::to_string).collect();
        assert_eq!(warnings.len(), expected.len(), "{name}: {warnings:?}");
        for (warning, part) in warnings.iter().zip(expected) {
            assert!(warning.contains(part), "{name}: {warning:?} lacks {part:?}");
        }
    };
    check("running_status", &[]);
    check("pedal", &[]);
    check("smpte", &["SMPTE"]);
    check(
        "hung_and_cut_off",
        &["track 0 breaks off at tick 2400", "track 0: 1 note without an end", "promises 2 tracks"],
    );
    check("impossible_events", &["tempo", "meter", "meter", "key", "\"Hzz\""]);
    check("giant_deltas", &["too far from the start"]);
}

#[test]
fn useless_files_are_refused_with_a_reason() {
    assert_eq!(read(&fixture("type2")), Err(SmfError::Type2));
    assert_eq!(read(&fixture("zero_division")), Err(SmfError::NoDivision));
    let frames_128 = b"MThd\0\0\0\x06\0\x01\0\x01\x80\x28";
    for bytes in [&b""[..], frames_128, b"MThd", b"RIFF", b"not a midi file", &fixture("riff")[..30]] {
        let error = read(bytes).unwrap_err();
        assert!(matches!(error, SmfError::Header(_)), "{error}");
    }
}

/// Bytes like a header in texts, sysex and chunks of other programs are no header.
#[test]
fn a_name_of_a_chunk_inside_a_file_is_no_header() {
    let looks_odd = *b"MThd\0\0\0\x06\0\x01\0\x01\x80\x28";
    let phrase = tune(1, vec![note(0, 480, 60)]);
    let mut score = score_of(&phrase);
    let header = score.write().unwrap()[..14].to_vec();
    let tracks = score.write().unwrap()[14..].to_vec();
    let chunk = |name: &[u8], contents: &[u8]| {
        [name, &u32::try_from(contents.len()).unwrap().to_be_bytes(), contents].concat()
    };
    // A text event of 14 bytes that are a header by their looks, in a track of its own.
    let text = [&[0, 0xff, 0x01, 14][..], &looks_odd, &[0, 0xff, 0x2f, 0]].concat();
    let files = [
        [&header[..], &chunk(b"MTrk", &text), &tracks].concat(),
        [&header[..], &chunk(b"XFIH", &looks_odd), &tracks].concat(),
    ];
    for mut file in files {
        let n_tracks = file.windows(4).filter(|window| window == b"MTrk").count();
        file[10..12].copy_from_slice(&u16::try_from(n_tracks).unwrap().to_be_bytes());
        let riff_length = u32::try_from(file.len() + 12).unwrap().to_le_bytes();
        let data_length = u32::try_from(file.len()).unwrap().to_le_bytes();
        let wrapped = [b"RIFF", &riff_length[..], b"RMIDdata", &data_length, &file].concat();
        for bytes in [file, wrapped] {
            let (back, _) = read(&bytes).unwrap().to_phrase(|_| Key::C_MAJOR).unwrap();
            assert_eq!(back.notes(Part::Melody), phrase.notes(Part::Melody));
            exercise(&bytes);
        }
    }
    // Nor is it one in what Descant itself writes: the last letter ends with the byte 80.
    let odd = "MThd1234567À";
    score.add_text(odd);
    assert!(read(&score.write().unwrap()).unwrap().texts().any(|text| text == odd));
    let mut twice = [&header[..], &looks_odd, &tracks].concat();
    assert!(matches!(read(&twice), Err(SmfError::Header(_))), "a second header that cannot be read");
    twice[8] = 0;
    exercise(&twice);
}

#[test]
fn names_channels_and_programs_tell_the_part() {
    let score = read(&fixture("type0_channels")).unwrap();
    let parts: Vec<_> = score.tracks.iter().map(|track| track.part).collect();
    assert_eq!(parts, [Some(Part::Melody), Some(Part::Bass), Some(Part::Drums)]);
    assert_eq!(read(&fixture("pickup_meter")).unwrap().tracks[0].part, Some(Part::Melody));
}

#[test]
fn a_short_first_bar_is_a_pickup() {
    let score = read(&fixture("pickup_meter")).unwrap();
    let (phrase, warnings) = score.to_phrase(|_| Key::C_MAJOR).unwrap();
    assert_eq!(warnings, []);
    assert_eq!((phrase.frame().n_bars, phrase.frame().has_pickup), (2, true));
    assert_eq!(outline(phrase.notes(Part::Melody)), [(1920, 960, 67), (2880, 2880, 72), (5760, 2880, 76)]);
}

#[test]
fn a_pickup_does_not_cost_the_longest_phrase_its_last_bar() {
    let frame = Frame { has_pickup: true, ..Frame::new(Meter::COMMON, Frame::MAX_BARS, Key::C_MAJOR, 120.0) };
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Melody.index()] = vec![note(frame.bar_start(Frame::MAX_BARS).0, 960, 60)];
    let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
    let score = read(&write(&phrase, &WriteOptions::default()).unwrap()).unwrap();
    let (again, _) = score.to_phrase(|_| Key::C_MAJOR).unwrap();
    assert_eq!((again.frame().n_bars, again.frame().has_pickup), (Frame::MAX_BARS, true));
    assert_eq!(again.to_parts(), phrase.to_parts());
}

fn note(onset: u32, duration: u32, pitch: i32) -> Note {
    Note::new(TickInstant(onset), TickDuration(duration), Pitch::clamped(pitch), 70)
}

/// A phrase of common time with only these melody notes.
fn tune(n_bars: u32, notes: Vec<Note>) -> Phrase {
    let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 120.0);
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Melody.index()] = notes;
    Phrase::new(frame, Progression::default(), parts).unwrap()
}

fn score_of(phrase: &Phrase) -> Score {
    read(&write(phrase, &WriteOptions::default()).unwrap()).unwrap()
}

fn cells(bars: std::ops::Range<u32>, part: Part) -> Cells {
    bars.map(|bar| Cell { bar, part }).collect()
}

#[test]
fn new_notes_yield_to_what_is_kept() {
    // A C that rings into the second bar, where an E begins, and a D in the third.
    let tune_before = tune(4, vec![note(0, 4800, 60), note(4000, 960, 64), note(7680, 960, 62)]);
    let check = |new: Vec<Note>, n_yielded: usize, expected: &[(u32, u32, u8)]| {
        let mut score = score_of(&tune_before);
        let segment = score.segments()[0];
        let done = score.splice(&segment, &tune(4, new), &cells(1..2, Part::Melody)).unwrap();
        assert_eq!((done.n_removed, done.n_added, done.n_yielded), (1, expected.len(), n_yielded));
        let again = read(&score.write().unwrap()).unwrap();
        let kept = [&[(0, 4800, 60)], expected, &[(7680, 960, 62)]].concat();
        assert_eq!(outline(&again.tracks[0].notes), kept);
    };
    check(
        vec![note(4000, 2000, 62), note(4800, 960, 60), note(6500, 3000, 65)],
        0,
        &[(4000, 2000, 62), (4800, 960, 60), (6500, 3000, 65)],
    );
    // One that would begin inside the C is left out, one that runs into the D is cut.
    check(vec![note(4320, 960, 60), note(7000, 3000, 62)], 2, &[(7000, 680, 62)]);
}

#[test]
fn bars_are_added_only_where_nothing_follows() {
    const END: u32 = 4 * 3840;
    let longer = tune(6, vec![note(END, 960, 60)]);
    let check = |change: fn(&mut Score), expected: Result<usize, SmfError>| {
        let mut score = score_of(&tune(4, vec![note(0, 960, 60)]));
        change(&mut score);
        let before = score.clone();
        let done = score.splice(&before.segments()[0], &longer, &cells(4..6, Part::Melody));
        let is_refused = done.is_err();
        assert_eq!(done.map(|done| done.n_added), expected);
        assert_eq!(score == before, is_refused);
    };
    let refused = Err(SmfError::NotAtEnd(TickInstant(END)));
    check(|_| {}, Ok(1));
    // A meter no phrase can have, with notes; one without any; the same meter once more.
    check(
        |score| {
            score.meters.push(MeterMark::new(TickInstant(END), 9, 2));
            score.tracks[0].notes.push(note(END + 960, 960, 72));
            score.end = TickInstant(END + 9 * 960);
        },
        refused.clone(),
    );
    check(|score| score.meters.push(MeterMark::new(TickInstant(END), 3, 2)), refused);
    check(|score| score.meters.push(MeterMark::new(TickInstant(END), 4, 2)), Ok(1));
}

#[test]
fn locked_notes_stay_in_their_tracks() {
    let mut score = score_of(&tune(2, vec![note(0, 960, 72), note(960, 960, 74), note(1920, 960, 76)]));
    let mut second = score.tracks[0].clone();
    second.notes = vec![note(0, 960, 60), note(1000, 777, 64)];
    score.tracks.push(second);
    let segment = score.segments()[0];
    let (phrase, _) = score.phrase(&segment, Key::C_MAJOR).unwrap();
    // The locked note of the smaller track sounds to its end; a new one of its pitch before it is cut there.
    let mut notes = phrase.notes(Part::Melody).to_vec();
    notes.retain(|note| note.pitch.number() == 64);
    notes[0].locked = true;
    notes.extend([note(480, 520, 64), note(1440, 960, 79)]);
    let done = score.splice(&segment, &tune(2, notes), &cells(0..2, Part::Melody)).unwrap();
    assert_eq!((done.n_removed, done.n_added, done.n_yielded), (4, 2, 0));
    let again = read(&score.write().unwrap()).unwrap();
    assert_eq!(outline(&again.tracks[0].notes), [(480, 520, 64), (1440, 960, 79)]);
    assert_eq!(outline(&again.tracks[1].notes), [(1000, 777, 64)]);
}

#[test]
fn what_lies_before_a_short_pickup_is_left_out() {
    let mut score = read(&fixture("pickup_meter")).unwrap();
    let segment = score.segments()[0];
    assert_eq!(segment.lead, TickDuration(1920));
    let mut parts: [Vec<Note>; 5] = Default::default();
    parts[Part::Melody.index()] = vec![note(0, 960, 60), note(960, 1920, 62), note(1920, 960, 64)];
    let new = Phrase::new(segment.frame(Key::C_MAJOR), Progression::default(), parts).unwrap();
    let done = score.splice(&segment, &new, &cells(0..1, Part::Melody)).unwrap();
    assert_eq!((done.n_removed, done.n_added, done.n_outside), (1, 1, 2));
    assert_eq!(outline(&score.tracks[0].notes), [(0, 960, 64), (960, 2880, 72), (3840, 2880, 76)]);
}

#[test]
fn texts_come_back() {
    let phrase = Phrase::empty(Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0)).unwrap();
    let options = WriteOptions { texts: vec!["{\"seed\":7}".to_owned()], ..WriteOptions::default() };
    let score = read(&write(&phrase, &options).unwrap()).unwrap();
    assert_eq!(score.texts().collect::<Vec<_>>(), ["{\"seed\":7}"]);
}

fn any_key() -> impl Strategy<Value = Key> {
    (0_u8..12, 0..Mode::ALL.len()).prop_map(|(tonic, mode)| Key::new(PitchClass::new(tonic), Mode::ALL[mode]))
}

fn any_chord() -> impl Strategy<Value = Option<Chord>> {
    let chord = (0_u8..12, 0..ChordQuality::ALL.len(), 0_u8..12).prop_map(|(root, quality, bass)| Chord {
        bass: PitchClass::new(bass),
        ..Chord::new(PitchClass::new(root), ChordQuality::ALL[quality])
    });
    proptest::option::of(chord)
}

fn any_phrase() -> impl Strategy<Value = Phrase> {
    let frame = (0..Meter::COUNT, 1_u32..9, any::<bool>(), any_key(), 2_000_u16..=40_000);
    let frame = frame.prop_map(|(meter, n_bars, has_pickup, key, hundredths)| Frame {
        has_pickup,
        ..Frame::new(Meter::from_index(meter).unwrap(), n_bars, key, f32::from(hundredths) / 100.0)
    });
    let note = (0_u32..40_000, 1_u32..9_000, 0_i32..128, 1_u8..128).prop_map(
        |(onset, duration, pitch, velocity)| {
            Note::new(TickInstant(onset), TickDuration(duration), Pitch::clamped(pitch), velocity)
        },
    );
    let span = (0_u32..40_000, 1_u32..9_000, any_chord());
    let parts = proptest::array::uniform5(proptest::collection::vec(note, 0..40));
    (frame, parts, proptest::collection::vec(span, 0..9)).prop_map(|(frame, parts, spans)| {
        let spans = spans.into_iter().filter(|&(onset, ..)| onset < frame.end().0);
        let spans = spans.map(|(onset, duration, chord)| {
            let onset = TickInstant(onset);
            let duration = TickDuration(duration).min(frame.end().since(onset));
            ChordSpan { onset, duration, chord }
        });
        Phrase::repaired(frame, Progression::new(spans.collect()), parts).unwrap().0
    })
}

/// A valid file with pedals, names and several tracks, to be damaged or edited.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    (any_phrase(), 0..3_usize).prop_map(|(phrase, odd)| match odd {
        0 => fixture("pedal"),
        1 => fixture("type0_channels"),
        _ => write(&phrase, &WriteOptions::default()).unwrap(),
    })
}

/// Calls all functions of a score to find panics; refusals must name a next step.
fn exercise(bytes: &[u8]) {
    let score = match read(bytes) {
        Ok(score) => score,
        Err(error) => return check_next_step(&error),
    };
    // A note takes at least a byte of a file.
    assert!(score.n_notes() <= bytes.len());
    assert_eq!(score.parts().iter().map(Vec::len).sum::<usize>(), score.n_notes());
    match score.to_phrase(|_| Key::C_MAJOR) {
        Ok((phrase, _)) => {
            let (frame, progression) = (*phrase.frame(), phrase.progression().clone());
            assert_eq!(Phrase::new(frame, progression, phrase.to_parts()).unwrap(), phrase);
        }
        Err(error) => check_next_step(&error),
    }
    let again = read(&score.write().unwrap()).unwrap();
    assert_eq!(notes_of(&again), notes_of(&score));
}

fn check_next_step(error: &SmfError) {
    let message = error.to_string();
    let steps = ["export", "save it as", "change its time signature", "leave out"];
    assert!(steps.iter().any(|step| message.contains(step)), "{message:?} names no next step");
}

/// As many cases as `PROPTEST_CASES` says, and `n_cases` where it says nothing.
fn config(n_cases: u32) -> ProptestConfig {
    let is_said = std::env::var_os("PROPTEST_CASES").is_some();
    if is_said { ProptestConfig::default() } else { ProptestConfig::with_cases(n_cases) }
}

/// Valid or nearly valid bytes of a track.
fn track_piece() -> impl Strategy<Value = Vec<u8>> {
    let delta =
        prop::sample::select(vec![&[0_u8][..], &[1], &[0x60], &[0x83, 0x60], &[0xff, 0xff, 0xff, 0x7f]]);
    let event = prop_oneof![
        (0x80_u8..=0xef, any::<u8>(), any::<u8>()).prop_map(|(status, a, b)| vec![status, a, b]),
        (0_u8..128, 0_u8..128).prop_map(|(a, b)| vec![a, b]),
        any::<[u8; 3]>().prop_map(|tempo| [&[0xff, 0x51, 3][..], &tempo].concat()),
        Just(vec![0xff, 0x51, 3, 0, 0, 0]),
        any::<[u8; 4]>().prop_map(|meter| [&[0xff, 0x58, 4][..], &meter].concat()),
        any::<[u8; 2]>().prop_map(|key| [&[0xff, 0x59, 2][..], &key].concat()),
        (any::<u8>(), any::<u8>(), prop::collection::vec(any::<u8>(), 0..9))
            .prop_map(|(kind, length, data)| [&[0xff, kind, length][..], &data].concat()),
        Just(b"\xff\x06\x08chord:Am".to_vec()),
        Just(b"\xff\x06\x06pickup".to_vec()),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(|data| [&[0xf0][..], &data].concat()),
        Just(vec![0xff, 0x2f, 0]),
    ];
    (delta, event).prop_map(|(delta, event)| [delta, &event].concat())
}

/// The notes of each track that has some: a track without any may come back or not.
fn notes_of(score: &Score) -> Vec<&Vec<Note>> {
    score.tracks.iter().map(|track| &track.notes).filter(|notes| !notes.is_empty()).collect()
}
#[test]
fn a_million_events_in_one_track_are_read() {
    let mut track = Vec::new();
    for idx in 0..500_000_u32 {
        let pitch = u8::try_from(idx % 128).unwrap();
        track.extend([1, 0x90, pitch, 100, 1, 0x80, pitch, 0]);
    }
    track.extend([0, 0xff, 0x2f, 0]);
    let mut bytes = b"MThd\0\0\0\x06\0\0\0\x01\0\x60MTrk".to_vec();
    bytes.extend(u32::try_from(track.len()).unwrap().to_be_bytes());
    bytes.extend(track);
    exercise(&bytes);
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn phrases_come_back_as_they_were(phrase in any_phrase()) {
        let score = read(&write(&phrase, &WriteOptions::default()).unwrap()).unwrap();
        prop_assert_eq!(&score.warnings, &[]);
        let (back, warnings) = score.to_phrase(|_| Key::C_MAJOR).unwrap();
        prop_assert_eq!(warnings, []);
        prop_assert_eq!(back, phrase);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        exercise(&bytes);
        let mut tracks = b"MThd\0\0\0\x06\0\x01\0\x01\x01\xe0MTrk\0\0\x10\0".to_vec();
        tracks.extend(&bytes);
        exercise(&tracks);
    }

    #[test]
    fn no_damage_panics(
        file in any_file(),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        length in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let mut bytes = file;
        for (idx, byte) in flips {
            let idx = idx.index(bytes.len());
            bytes[idx] = byte;
        }
        if is_cut {
            bytes.truncate(length.index(bytes.len()));
        }
        exercise(&bytes);
    }

    #[test]
    fn no_events_panic(
        format in 0_u8..4,
        division in prop_oneof![any::<u16>(), Just(0), Just(1), Just(0x7fff), 0xe200_u16..=0xe900],
        tracks in prop::collection::vec((prop::collection::vec(track_piece(), 0..60), -3_i32..4), 0..4),
    ) {
        let mut bytes = b"MThd\0\0\0\x06\0".to_vec();
        bytes.extend([format, 0, u8::try_from(tracks.len()).unwrap()]);
        bytes.extend(division.to_be_bytes());
        for (pieces, off_by) in tracks {
            let track = pieces.concat();
            let length = i32::try_from(track.len()).unwrap().saturating_add(off_by).max(0);
            bytes.extend(b"MTrk");
            bytes.extend(length.to_be_bytes());
            bytes.extend(track);
        }
        exercise(&bytes);
    }

    #[test]
    fn splicing_leaves_the_rest_as_it_sounds(
        file in any_file(),
        new in any_phrase(),
        part_idx in 0..5_usize,
        bars in proptest::collection::btree_set(0_u32..4, 1..4),
    ) {
        let part = Part::ALL[part_idx];
        let mut score = read(&file).unwrap();
        let before = score.clone();
        let segment = score.segments()[0];
        let n_bars = segment.n_bars + u32::from(segment.has_pickup);
        let frame = segment.frame(Key::C_MAJOR);
        let (new, _) = Phrase::repaired(frame, Progression::default(), new.to_parts()).unwrap();
        let cells: Cells = bars.iter().filter(|&&bar| bar < n_bars).map(|&bar| Cell { bar, part }).collect();
        let done = score.splice(&segment, &new, &cells).unwrap();

        let again = read(&score.write().unwrap()).unwrap();
        prop_assert_eq!(&again.warnings, &[]);
        prop_assert_eq!((&again.chords, &again.keys, &again.end), (&before.chords, &before.keys, &before.end));
        let is_replaced = |note: &Note| bars.contains(&frame.bar_of(note.onset));
        let mut n_inside = 0;
        for idx in 0..again.tracks.len() {
            let (mut old, mut now) = (before.sounding(idx), again.sounding(idx));
            if before.tracks.get(idx).is_none_or(|track| track.part == Some(part)) {
                old.retain(|note| !is_replaced(note));
                n_inside += now.iter().filter(|note| is_replaced(note)).count();
                now.retain(|note| !is_replaced(note));
            }
            prop_assert_eq!(now, old, "track {}", idx);
        }
        let given = cells.iter().map(|&cell| new.cell(cell).len()).sum::<usize>();
        prop_assert!(done.n_added <= given && given <= done.n_added + done.n_yielded + done.n_outside);
        prop_assert_eq!(n_inside, done.n_added);
    }

    #[test]
    fn continuing_keeps_the_old_bars_and_adds_the_new(old in any_phrase(), n_more in 1_u32..5) {
        let mut score = read(&write(&old, &WriteOptions::default()).unwrap()).unwrap();
        let segment = score.segments()[0];
        let n_old = old.frame().n_bars_total();
        let frame = Frame { n_bars: old.frame().n_bars + n_more, ..*old.frame() };
        let mut parts = old.to_parts();
        let mut cells = Cells::new();
        let pitch = Pitch::MIDDLE_C;
        for bar in n_old..n_old + n_more {
            cells.insert(Cell { bar, part: Part::Melody });
            parts[Part::Melody.index()].push(Note::new(frame.bar_start(bar), TickDuration(960), pitch, 90));
        }
        let longer = Phrase::new(frame, old.progression().clone(), parts).unwrap();
        score.splice(&segment, &longer, &cells).unwrap();
        let (back, _) = read(&score.write().unwrap()).unwrap().to_phrase(|_| Key::C_MAJOR).unwrap();
        prop_assert_eq!(back, longer);
    }
}
