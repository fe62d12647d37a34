//! MIDI folders to shards.

use std::path::Path;

use descant::corpus::manifest::Split;
use descant::corpus::shard::{Record, Shard, ShardManifest};
use descant::corpus::{BuildOptions, CorpusError, build, build_grid_voices};
use descant::music::{Frame, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::smf::{self, WriteOptions};
use descant::token::encode::{Quantised, VelocityView};
use descant::token::{Grammar, SLOT_SIZES, Slot, Style, Symbol, Token};
use descant::training::example;
use descant::training::pose::{self, Task};
use proptest::prelude::*;

use crate::arbitrary::phrase_on_grid;

const OPTIONS: BuildOptions = BuildOptions { seed: 7, n_variants: 2 };

/// Twelve bars of a tune over a bass, a little different for each `idx`.
fn tune(idx: u32) -> Phrase {
    let frame = Frame::new(Meter::COMMON, 12, Key::C_MAJOR, 100.0);
    let note = |step: u32, n_steps: u32, pitch: u32| {
        let pitch = Pitch::clamped(i32::try_from(pitch).unwrap());
        Note::new(TickInstant::from_steps(step), TickDuration::from_steps(n_steps), pitch, 80)
    };
    let melody = (0..48).map(|beat| note(beat * 12, 12, 60 + (beat * (idx + 2)) % 12)).collect();
    let bass = (0..12).map(|bar| note(bar * 48, 48, 36 + (bar + idx) % 7)).collect();
    let parts = [vec![], bass, vec![], vec![], melody];
    Phrase::new(frame, Progression::default(), parts).unwrap()
}

fn write_corpus(dir: &Path) {
    for idx in 0..30 {
        let bytes = smf::write(&tune(idx), &WriteOptions::default()).unwrap();
        std::fs::write(dir.join(format!("{idx:02}.mid")), bytes).unwrap();
    }
    std::fs::write(dir.join("broken.mid"), b"MThd nothing").unwrap();
}

fn bytes_of(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|item| {
            let path = item.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

#[test]
fn a_build_splits_by_family_lists_errors_and_goes_on_where_it_stopped() {
    let (corpus, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write_corpus(corpus.path());
    let report = build(&[corpus.path().to_owned()], out.path(), OPTIONS, |_, _| {}).unwrap();
    assert_eq!(report.errors.len(), 1);
    assert!(report.errors[0].0.ends_with("broken.mid"), "{:?}", report.errors);

    let manifest = ShardManifest::read(out.path()).unwrap();
    let families = |split| -> std::collections::BTreeSet<u32> {
        let shards = manifest.shards(split).map(|entry| Shard::read(out.path(), &entry.stem).unwrap());
        shards
            .flat_map(|shard| shard.examples().map(|(record, ..)| record.family).collect::<Vec<_>>())
            .collect()
    };
    let (train, valid) = (families(Split::Train), families(Split::Valid));
    assert!(train.is_disjoint(&valid) && train.len() + valid.len() == 30, "{} {}", train.len(), valid.len());

    // Stopped before its chunk was reported: it is built again, to the same bytes.
    let whole = bytes_of(out.path());
    for file in ["chunk-0000.json", "train-0000.tokens", "manifest.json"] {
        std::fs::remove_file(out.path().join(file)).unwrap();
    }
    build(&[corpus.path().to_owned()], out.path(), OPTIONS, |_, _| {}).unwrap();
    assert_eq!(bytes_of(out.path()), whole);

    // A chunk that was reported, but whose shards are gone or cut since, is built again as well.
    std::fs::remove_file(out.path().join("train-0000.loss")).unwrap();
    build(&[corpus.path().to_owned()], out.path(), OPTIONS, |_, _| {}).unwrap();
    assert_eq!(bytes_of(out.path()), whole);
    for file in ["train-0000.tokens", "train-0000.loss", "valid-0000.index"] {
        let path = out.path().join(file);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[1..]).unwrap();
        build(&[corpus.path().to_owned()], out.path(), OPTIONS, |_, _| {}).unwrap();
        assert_eq!(bytes_of(out.path()), whole, "{file}");
    }

    let other = BuildOptions { seed: 8, ..OPTIONS };
    assert!(matches!(
        build(&[corpus.path().to_owned()], out.path(), other, |_, _| {}),
        Err(CorpusError::Other(..))
    ));

    let tokens = out.path().join("train-0000.tokens");
    let cut = std::fs::read(&tokens).unwrap();
    std::fs::write(&tokens, &cut[..cut.len() - 8]).unwrap();
    assert!(matches!(Shard::read(out.path(), "train-0000"), Err(CorpusError::DamagedShard(_))));
}

#[test]
fn another_corpus_of_as_many_files_is_refused() {
    let (corpus, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let path = |name: &str| corpus.path().join(name);
    let rebuild = || build(&[corpus.path().to_owned()], out.path(), OPTIONS, |_, _| {});
    std::fs::write(path("a.mid"), smf::write(&tune(0), &WriteOptions::default()).unwrap()).unwrap();
    rebuild().unwrap();
    rebuild().unwrap();

    std::fs::rename(path("a.mid"), path("b.mid")).unwrap();
    assert!(matches!(rebuild(), Err(CorpusError::Other(..))), "other name");
    std::fs::write(path("a.mid"), [std::fs::read(path("b.mid")).unwrap(), vec![0]].concat()).unwrap();
    std::fs::remove_file(path("b.mid")).unwrap();
    assert!(matches!(rebuild(), Err(CorpusError::Other(..))), "other size");
    std::fs::write(path("a.mid"), smf::write(&tune(0), &WriteOptions::default()).unwrap()).unwrap();
    rebuild().unwrap();
    let manifest = "path\tsource\tstyle\tkey\tfamily\na.mid\ts\tfolk\t\tanother\n";
    std::fs::write(path("MANIFEST.tsv"), manifest).unwrap();
    assert!(matches!(rebuild(), Err(CorpusError::Other(..))), "other family");
}

/// A bar each, with that many notes on every step.
fn clusters(n_voices_of_bars: &[u32]) -> Phrase {
    let n_bars = u32::try_from(n_voices_of_bars.len()).unwrap();
    let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0);
    let notes = (0..).zip(n_voices_of_bars).flat_map(|(bar, &n_voices)| {
        (0..48).flat_map(move |step| (0..n_voices).map(move |voice| (bar * 48 + step, voice)))
    });
    let notes = notes.map(|(step, voice)| {
        let pitch = Pitch::clamped(i32::try_from(40 + voice).unwrap());
        Note::new(TickInstant::from_steps(step), TickDuration::from_steps(1), pitch, 80)
    });
    let parts = [vec![], vec![], notes.collect(), vec![], vec![]];
    Phrase::new(frame, Progression::default(), parts).unwrap()
}

/// Builds one folk tune and returns how many windows were dropped, and of each example whether it is a headline one,
/// its notes and its style.
fn examples_of(phrase: &Phrase, n_variants: u8) -> (u64, Vec<(bool, u32, Option<Symbol>)>) {
    let (corpus, out) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bytes = smf::write(phrase, &WriteOptions::default()).unwrap();
    std::fs::write(corpus.path().join("a.mid"), bytes).unwrap();
    let manifest = "path\tsource\tstyle\tkey\tfamily\na.mid\ts\tfolk\t\ttune\n";
    std::fs::write(corpus.path().join("MANIFEST.tsv"), manifest).unwrap();
    let options = BuildOptions { n_variants, ..OPTIONS };
    let report = build(&[corpus.path().to_owned()], out.path(), options, |_, _| {}).unwrap();
    let shards = report.shards.iter().map(|entry| Shard::read(out.path(), &entry.stem).unwrap());
    let examples = shards.flat_map(|shard| {
        let of = |(record, tokens, _): (&Record, &[Token], &[u8])| {
            (record.is_headline, record.n_notes, Symbol::from_token(tokens[1]))
        };
        shard.examples().map(of).collect::<Vec<_>>()
    });
    (report.n_dropped_windows, examples.collect())
}

#[test]
fn dense_windows_are_halved_and_what_is_left_out_is_counted() {
    for (bars, expected, n_dropped) in [
        (&[15, 15, 15][..], &[720, 1440][..], 0),
        (&[8, 8, 8, 8, 8], &[768, 1152], 0),
        (&[40, 1], &[48], 1),
        (&[40, 40, 1], &[48], 2),
    ] {
        let (dropped, examples) = examples_of(&clusters(bars), 0);
        let n_notes: Vec<u32> = examples.iter().map(|&(_, n_notes, _)| n_notes).collect();
        assert_eq!((n_notes.as_slice(), dropped), (expected, n_dropped), "{bars:?}");
    }
}

#[test]
fn halves_carry_the_style_of_the_whole() {
    // Hardly a window of these is short enough as it is.
    let (_, examples) = examples_of(&clusters(&[15; 16]), 12);
    let random: Vec<_> = examples.into_iter().filter(|(is_headline, ..)| !is_headline).collect();
    let n_with_style =
        random.iter().filter(|(_, _, style)| *style == Some(Symbol::Style(Some(Style::Folk)))).count();
    assert!(random.len() > 50 && n_with_style * 3 > random.len(), "{n_with_style} of {}", random.len());
}

#[test]
fn a_folder_without_music_is_an_error_that_says_so() {
    let empty = tempfile::tempdir().unwrap();
    let error = build(&[empty.path().to_owned()], &empty.path().join("out"), OPTIONS, |_, _| {}).unwrap_err();
    assert!(matches!(error, CorpusError::Empty(_)), "{error}");
}

proptest! {
    /// Whatever task is posed on whatever music: the answer is one the grammar allows, the loss counts what is
    /// composed, and every id is in its vocabulary.
    #[test]
    fn examples_are_answers_that_can_be_given(phrase in phrase_on_grid(8), task_idx in 0usize..6, seed in any::<u64>()) {
        let task = Task::ALL[task_idx];
        prop_assume!(phrase.all_notes().count() > 3);
        prop_assume!(task != Task::Continue || phrase.frame().n_bars_total() > 1);
        let prompt = pose::pose(task, &phrase, None, 1.0, &mut fastrand_with(seed)).unwrap();
        let example = example::example(&prompt, &phrase);
        prop_assert_eq!(example.tokens.len(), example.loss.len());
        prop_assert!(example.tokens.iter().all(|token| token.0.iter().zip(SLOT_SIZES).all(|(&id, size)| id < size)));
        let body = Quantised::of(&phrase, VelocityView::ALL).body(&prompt.plan());
        let first = example.tokens.len() - body.len();
        prop_assert_eq!(Symbol::from_token(example.tokens[first - 1]), Some(Symbol::Compose));
        let mut grammar = Grammar::new(&prompt.plan());
        for symbol in body {
            let token = symbol.to_token();
            for slot in Slot::ALL {
                prop_assert!(grammar.mask(slot, &token.0[..slot.index()]).allows(token.0[slot.index()]));
            }
            grammar.advance(token);
        }
        prop_assert!(grammar.is_complete());
        // Every token of the body counts at least by its kind.
        prop_assert!(example.loss[first..].iter().all(|bits| bits & 1 == 1));
        prop_assert_eq!(example.loss[0] & 15, 0);
    }
}

fn fastrand_with(seed: u64) -> fastrand::Rng {
    fastrand::Rng::with_seed(seed)
}

/// Two pieces to learn from, which leave each other room of two semitones; one of each to measure on.
const GRID_VOICES: &str = r#"{
    "train": [[[72, 67, 60, 48], [72, 65, -1, 48]], [[74, 69, 62, 50]]],
    "valid": [[[71, 64, 60, 40]]],
    "test": [[[60, 60, 60, 41], [60, 60, 60, 41]]]
}"#;

#[test]
fn voices_on_a_grid_become_a_token_a_sixteenth_in_every_transposition_that_fits() {
    let dir = tempfile::tempdir().unwrap();
    let (source, out) = (dir.path().join("voices.json"), dir.path().join("shards"));
    std::fs::write(&source, GRID_VOICES).unwrap();
    let entries = build_grid_voices(&source, &out).unwrap();
    // The first alto may go from 65 to 69, so the piece moves by up to two; the second by as much down.
    let sizes: Vec<_> = entries
        .iter()
        .map(|entry| (entry.split.as_str(), entry.n_examples, entry.n_tokens, entry.n_notes))
        .collect();
    assert_eq!(sizes, [("train", 6, 15, 36), ("valid", 1, 2, 4), ("test", 1, 3, 8)]);

    let manifest = ShardManifest::read(&out).unwrap();
    // None, rest, and 40 to 74; none, start, and 48 places.
    assert_eq!(manifest.slots, [37, 37, 37, 37, 50]);
    let bytes = std::fs::read(out.join("train-0000.tokens")).unwrap();
    let ids: Vec<u16> = bytes.as_chunks().0.iter().map(|&pair| u16::from_le_bytes(pair)).collect();
    let id = |pitch: u16| pitch - 40 + 2;
    let expected = [
        [0, 0, 0, 0, 1],
        [id(72), id(67), id(60), id(48), 2],
        [id(72), id(65), 1, id(48), 3],
        [0, 0, 0, 0, 1],
        [id(73), id(68), id(61), id(49), 2],
    ];
    assert_eq!(ids[..25], *expected.as_flattened());
    assert_eq!(std::fs::read(out.join("valid-0000.loss")).unwrap(), [0, 0b1111]);
}

#[test]
fn what_is_no_grid_of_voices_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("voices.json");
    for (text, expected) in [
        ("{}", "train"),
        (r#"{"train": [[[1, 2, 3]]], "valid": [], "test": []}"#, "four voices"),
        (r#"{"train": [], "valid": [], "test": []}"#, "no notes"),
        (r#"{"train": [[[60, 60, 60, 128]]], "valid": [], "test": []}"#, "outside 0 to 127"),
        (r#"{"train": [[[60, 60, 60, -2]]], "valid": [], "test": []}"#, "outside 0 to 127"),
    ] {
        std::fs::write(&source, text).unwrap();
        let error = build_grid_voices(&source, &dir.path().join("shards")).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
