//! Runs of notes that a phrase shares with the training set.

use std::path::{Path, PathBuf};

use descant::compose::Judge;
use descant::compose::library::shipped;
use descant::compose::originality::line::{grams, line};
use descant::compose::originality::{FingerprintError, Fingerprints, RunCounts};
use descant::corpus::CorpusError;
use descant::corpus::fingerprint::{FingerprintOptions, fingerprint};
use descant::corpus::manifest::{self, Split};
use descant::music::{
    Cell, Cells, Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant,
};
use descant::session::{Task, TaskSettings};
use descant::smf::{self, WriteOptions};
use fastrand::Rng;

const N_NOTES: usize = 8;

const OPTIONS: FingerprintOptions = FingerprintOptions { n_notes: N_NOTES, max_families: 3 };

/// Eight bars of melody from chance: moves and times as music has them, without its order.
fn tune(rng: &mut Rng) -> Vec<Note> {
    let (mut step, mut pitch) = (0, 67);
    let mut notes = Vec::new();
    while step < 8 * 48 {
        let wait = [6, 6, 6, 12, 12, 3, 18, 24][rng.usize(0..8)];
        notes.push(Note::new(
            TickInstant::from_steps(step),
            TickDuration::from_steps(3),
            Pitch::clamped(pitch),
            80,
        ));
        step += wait;
        pitch = (pitch + [-4, -3, -2, -1, 0, 1, 2, 3, 5][rng.usize(0..9)]).clamp(55, 84);
    }
    notes
}

fn phrase(melody: Vec<Note>) -> Phrase {
    let frame = Frame::new(Meter::COMMON, 16, Key::C_MAJOR, 100.0);
    Phrase::new(frame, Progression::default(), [vec![], vec![], vec![], vec![], melody]).unwrap()
}

/// `notes` from `range`, moved to begin `steps` later and `semitones` higher.
fn moved(notes: &[Note], steps: u32, semitones: i32) -> Vec<Note> {
    let first = notes[0].onset;
    let moved = |note: &Note| Note {
        onset: TickInstant::from_steps(steps) + note.onset.since(first),
        pitch: Pitch::clamped(i32::from(note.pitch.number()) + semitones),
        ..*note
    };
    notes.iter().map(moved).collect()
}

/// Fingerprints of `tunes`, which a run of more than 12 notes is too much of.
fn fingerprints(tunes: &[Vec<Note>]) -> Fingerprints {
    let mut found: Vec<u64> =
        tunes.iter().flat_map(|tune| grams(&line(tune), N_NOTES).collect::<Vec<_>>()).collect();
    found.sort_unstable();
    found.dedup();
    let mut held_out = RunCounts::default();
    held_out.add(12);
    let unlimited = Fingerprints::new(N_NOTES, 3, "tunes".to_owned(), &found, 0).unwrap();
    unlimited.limited_by([(Part::Melody, held_out)].into())
}

fn tunes() -> Vec<Vec<Note>> {
    let mut rng = Rng::with_seed(1);
    (0..400).map(|_| tune(&mut rng)).collect()
}

fn cells(bars: std::ops::Range<u32>) -> Cells {
    bars.map(|bar| Cell { bar, part: Part::Melody }).collect()
}

#[test]
fn what_the_training_set_has_is_found_in_any_key_and_place() {
    let tunes = tunes();
    let fingerprints = fingerprints(&tunes);
    let mut rng = Rng::with_seed(2);
    for n_copied in [8, 12, 13, 20] {
        for _ in 0..50 {
            let source = &tunes[rng.usize(0..tunes.len())];
            let from = rng.usize(0..=source.len() - n_copied);
            let copy = moved(&source[from..from + n_copied], rng.u32(0..200), rng.i32(-7..=7));
            let found = fingerprints.check_all(&phrase(copy.clone()));
            let run = found.longest().unwrap();
            assert_eq!((run.part, usize::try_from(run.n_notes).unwrap()), (Part::Melody, n_copied));
            assert_eq!(found.n_shared, n_copied);
            assert_eq!(found.is_over_limit(), n_copied > 12);
            let bar = |note: &Note| 1 + note.onset.to_nearest_step() / 48;
            assert_eq!(run.bars, bar(&copy[0])..=bar(&copy[n_copied - 1]));
        }
    }
}

#[test]
fn a_figure_that_goes_on_is_one_figure() {
    let step = |idx: u32| 6 * idx;
    let figure = |from: u32, until: u32| -> Vec<Note> {
        let note = |idx: u32| {
            let pitch = [60, 67, 64, 72, 62][usize::try_from(idx % 5).unwrap()];
            Note::new(
                TickInstant::from_steps(step(idx)),
                TickDuration::from_steps(3),
                Pitch::clamped(pitch),
                80,
            )
        };
        (from..until).map(note).collect()
    };
    let fingerprints = fingerprints(&[figure(0, 40)]);
    for (until, n_notes) in [(8, 8), (12, 12), (13, 12), (80, 12)] {
        let found = fingerprints.check_all(&phrase(figure(0, until)));
        assert_eq!(found.longest().unwrap().n_notes, n_notes, "of {until}");
        assert_eq!(found.share(), 1.0);
    }
}

#[test]
fn chance_makes_no_long_runs() {
    let fingerprints = fingerprints(&tunes());
    let mut rng = Rng::with_seed(3);
    let mut runs = RunCounts::default();
    for _ in 0..1000 {
        let found = fingerprints.check_all(&phrase(tune(&mut rng)));
        runs.add(found.longest().map_or(0, |run| run.n_notes));
    }
    // One gram in 256 is a false one, and a tune has about 35; two in a row are one tune in 2,000.
    assert!(runs.quantile(0.8) == Some(0) && runs.quantile(0.99) <= Some(9), "{runs:?}");
    assert_eq!(format!("{:.1}", runs.share_over(12)), "0.0", "{runs:?}");
}

#[test]
fn chance_shares_less_with_what_ships_than_people_do() {
    let fingerprints = shipped::fingerprints();
    let mut rng = Rng::with_seed(4);
    let n_over = (0..500).filter(|_| fingerprints.check_all(&phrase(tune(&mut rng))).is_over_limit()).count();
    assert_eq!(n_over, 0);
    assert!(fingerprints.to_bytes().len() <= 3_000_000, "too large to ship");
}

#[test]
fn what_is_given_or_locked_does_not_count() {
    let tunes = tunes();
    let fingerprints = fingerprints(&tunes);
    let copy = moved(&tunes[7][..24], 0, 0);
    let longest = |notes: Vec<Note>, cells: &Cells| {
        fingerprints
            .check(&phrase(notes), cells)
            .longest()
            .map_or(0, |run| usize::try_from(run.n_notes).unwrap())
    };
    assert_eq!(longest(copy.clone(), &cells(0..16)), 24);
    assert_eq!(longest(copy.clone(), &cells(8..16)), 0);
    let in_first_bars = copy.iter().filter(|note| note.onset.to_nearest_step() < 2 * 48).count();
    assert_eq!(longest(copy.clone(), &cells(0..2)), in_first_bars);
    let locked = copy.iter().enumerate().map(|(idx, note)| Note { locked: idx % 2 == 0, ..*note }).collect();
    assert_eq!(longest(locked, &cells(0..16)), 12);
}

#[test]
fn the_judge_objects_to_copies() {
    let tunes = tunes();
    let fingerprints = fingerprints(&tunes);
    let frame = Frame::new(Meter::COMMON, 16, Key::C_MAJOR, 100.0);
    let task = Task::generate(frame, &[Part::Melody], TaskSettings::default()).unwrap();
    for (n_notes, objects) in [(24, true), (10, false)] {
        let judgement = fingerprints.judge(&task, &phrase(moved(&tunes[3][..n_notes], 48, 2)));
        assert_eq!(judgement.objections.len(), usize::from(objects), "{judgement:?}");
        assert!(
            judgement.objections.iter().all(|text| text.starts_with("24 notes of the melody in bars 2-"))
        );
    }
}

#[test]
fn only_what_is_whole_is_read() {
    let whole = fingerprints(&tunes()).to_bytes();
    assert!(Fingerprints::from_bytes(whole.clone()).is_ok());
    let with = |at: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[at] ^= byte;
        bytes
    };
    let text = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = whole.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
        [&whole[..at], to.as_bytes(), &whole[at + to.len()..]].concat()
    };
    let filter = whole.len() - 1000;
    for (what, bytes, is_expected) in [
        ("nothing", vec![], FingerprintError::NoFingerprints),
        ("another file", b"MThd and so on".to_vec(), FingerprintError::NoFingerprints),
        ("only the header", whole[..20].to_vec(), FingerprintError::NoFingerprints),
        ("a byte of the filter", with(filter, 1), FingerprintError::Damaged),
        ("cut short", whole[..filter].to_vec(), FingerprintError::Damaged),
        ("longer", [&whole[..], &[0]].concat(), FingerprintError::Damaged),
        ("another format", text("\"format\":1", "\"format\":9"), FingerprintError::Format(9)),
        (
            "tiny grams",
            text("\"n_notes\":8", "\"n_notes\":1"),
            FingerprintError::Header("that grams have 1 note".to_owned()),
        ),
    ] {
        assert_eq!(Fingerprints::from_bytes(bytes).unwrap_err(), is_expected, "{what}");
    }
    assert!(matches!(Fingerprints::from_bytes(with(9, 1)), Err(FingerprintError::Header(_))));
}

#[test]
fn a_corpus_has_the_fingerprints_of_its_training_families() {
    let dir = tempfile::tempdir().unwrap();
    let mut rng = Rng::with_seed(5);
    let common = tune(&mut rng);
    let tunes: Vec<Vec<Note>> = (0..40).map(|_| tune(&mut rng)).collect();
    for (idx, own) in tunes.iter().enumerate() {
        // Every piece ends with the same notes.
        let notes = [moved(own, 0, 0), moved(&common[..12], 9 * 48, 0)].concat();
        let bytes = smf::write(&phrase(notes), &WriteOptions::default()).unwrap();
        std::fs::write(dir.path().join(format!("{idx:02}.mid")), bytes).unwrap();
    }
    let dirs = [dir.path().to_owned()];
    let found = fingerprint(&dirs, OPTIONS, |_, _| {}).unwrap();
    let again = fingerprint(&dirs, OPTIONS, |_, _| {}).unwrap();
    assert_eq!(found.to_bytes(), again.to_bytes());
    assert_eq!(found.header().n_common, 12 + 1 - N_NOTES);

    let longest = |notes: &[Note]| {
        let found = found.check_all(&phrase(moved(notes, 5, 3)));
        found.longest().map_or(0, |run| usize::try_from(run.n_notes).unwrap())
    };
    for entry in manifest::read(dir.path()).unwrap() {
        let own = &tunes[number(&entry.path)];
        match entry.split() {
            Split::Train => assert_eq!(longest(own), own.len()),
            Split::Valid => assert!(longest(own) < 12, "held out, yet shared"),
        }
    }
    assert!(longest(&common[..12]) < 10, "common property, yet shared");

    let empty = tempfile::tempdir().unwrap();
    let silence = smf::write(&phrase(vec![]), &WriteOptions::default()).unwrap();
    std::fs::write(empty.path().join("silence.mid"), silence).unwrap();
    let refused = fingerprint(&[empty.path().to_owned()], OPTIONS, |_, _| {});
    assert!(matches!(refused, Err(CorpusError::Fingerprint(FingerprintError::Grams(0)))));
    assert!(matches!(
        fingerprint(&[PathBuf::from("no such folder")], OPTIONS, |_, _| {}),
        Err(CorpusError::Io(..))
    ));
}

fn number(path: &Path) -> usize {
    path.file_stem().unwrap().to_str().unwrap().parse().unwrap()
}
