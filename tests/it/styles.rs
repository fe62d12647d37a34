//! Styles that the classifier distinguishes, and styles that it does not.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use descant::corpus::manifest::Split;
use descant::eval::EvalError;
use descant::eval::styles::{StyleReport, measure};
use descant::music::{Frame, Key, Meter, Note, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::smf::{self, WriteOptions};
use fastrand::Rng;

const STYLES: [&str; 8] = ["pop", "rock", "jazz", "folk", "latin", "house", "funk", "reggae"];

/// Pieces of a style, learned from and held out.
const N_PIECES: [usize; 2] = [8, 6];

/// Eight bars of random drums with onsets where the style `idx` has them.
fn beat(idx: usize, rng: &mut Rng) -> Phrase {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let mut notes = Vec::new();
    for bar in 0..8 {
        for (place, key) in [(0, 36), (12, 42), (24, 38), (3 * u32::try_from(idx).unwrap() + 9, 46)] {
            if rng.u32(0..10) > 0 {
                let onset = TickInstant::from_steps(48 * bar + place);
                notes.push(Note::new(onset, TickDuration::from_steps(3), Pitch::clamped(key), 80));
            }
        }
    }
    Phrase::new(frame, Progression::default(), [notes, vec![], vec![], vec![], vec![]]).unwrap()
}

/// A corpus of all styles; `label` says what the manifest calls a piece of style `idx`.
fn write_corpus(dir: &Path, mut label: impl FnMut(usize) -> String) {
    let mut manifest = String::from("path\tsource\tstyle\tkey\tfamily\n");
    let mut rng = Rng::with_seed(1);
    let mut families = 0..;
    for idx in 0..STYLES.len() {
        let mut n_left: BTreeMap<Split, usize> = Split::ALL.into_iter().zip(N_PIECES).collect();
        while n_left.values().any(|n| *n > 0) {
            let family = format!("family {}", families.next().unwrap());
            let n = n_left.get_mut(&Split::of(&family)).unwrap();
            if *n == 0 {
                continue;
            }
            *n -= 1;
            let bytes = smf::write(&beat(idx, &mut rng), &WriteOptions::default()).unwrap();
            std::fs::write(dir.join(format!("{family}.mid")), bytes).unwrap();
            writeln!(manifest, "{family}.mid\tchance\t{}\tC major\t{family}", label(idx)).unwrap();
        }
    }
    std::fs::write(dir.join("MANIFEST.tsv"), manifest).unwrap();
}

fn report(label: impl FnMut(usize) -> String) -> StyleReport {
    let dir = tempfile::tempdir().unwrap();
    write_corpus(dir.path(), label);
    measure(&[dir.path().to_owned()], 1, |_, _| {}).unwrap().1
}

#[test]
fn styles_that_differ_are_distinguished() {
    let report = report(|idx| STYLES[idx].to_owned());
    assert_eq!(report.n_held_out, STYLES.len() * N_PIECES[1]);
    assert_eq!(report.told_apart.len(), STYLES.len(), "{report}");
    assert!(report.right > 0.95, "{report}");
    for row in &report.styles {
        assert_eq!((row.n_families, row.taken_for.values().sum()), (N_PIECES[1], N_PIECES[1]));
        assert!((row.chance - 1.0 / 8.0).abs() < 1e-9 && row.recall_real == Some(row.recall));
        assert_eq!(row.recall_textures, None);
    }
    assert!(
        report.to_string().contains("| pop | 6 | 6 | 1.00 | 1.00 | – | 1.00 | 1.00 | 0.12 | yes |"),
        "{report}"
    );
}

#[test]
fn random_style_names_are_not_distinguished() {
    let mut rng = Rng::with_seed(2);
    let report = report(|_| STYLES[rng.usize(0..STYLES.len())].to_owned());
    assert!(report.right < 0.4 && report.told_apart.len() <= 1, "{report}");
}

#[test]
fn any_of_several_styles_is_right() {
    // Two styles in each piece: who says one of them is right, and chance is twice as good.
    let report = report(|idx| format!("{},{}", STYLES[idx / 2 * 2], STYLES[idx / 2 * 2 + 1]));
    assert!(report.right > 0.95, "{report}");
    assert!(report.styles.iter().all(|row| (row.chance - 0.25).abs() < 1e-9 && row.recall > 0.9), "{report}");
}

#[test]
fn one_style_is_none() {
    let dir = tempfile::tempdir().unwrap();
    write_corpus(dir.path(), |_| "pop".to_owned());
    assert!(matches!(measure(&[dir.path().to_owned()], 1, |_, _| {}), Err(EvalError::NoStyles)));
}
