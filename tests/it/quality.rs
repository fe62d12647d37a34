//! The statistics of a corpus, and measures of critique and take board against them.

use std::path::Path;

use descant::compose::Model;
use descant::compose::critique::Critique;
use descant::compose::library::shipped;
use descant::corpus::references;
use descant::eval::{critique, takes};
use descant::music::measure::PartControl;
use descant::music::quality::{Aspect, Origin, References};
use descant::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression, TickDuration, TickInstant};
use descant::smf::{self, WriteOptions};
use descant::token::{Controls, Style};

/// Eight bars of a tune over a bass, a little different for each `idx`.
fn tune(idx: u32) -> Phrase {
    const SCALE: [i32; 7] = [60, 62, 64, 65, 67, 69, 71];
    let at = |place: u32| SCALE[usize::try_from(place % 7).unwrap()];
    let note = |step: u32, n_steps: u32, pitch: i32| {
        Note::new(TickInstant::from_steps(step), TickDuration::from_steps(n_steps), Pitch::clamped(pitch), 80)
    };
    let is_onset = |beat: &u32| beat % 16 != idx % 5 + 8;
    let melody =
        (0..32).filter(is_onset).map(|beat| note(beat * 12, 12, at(beat % 8 * (idx % 3 + 1)))).collect();
    let bass = (0..8).map(|bar| note(bar * 48, 48, at(bar % 4 * (idx % 4 + 1)) - 24)).collect();
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    Phrase::new(frame, Progression::default(), [vec![], bass, vec![], vec![], melody]).unwrap()
}

/// A hundred and twenty folk tunes, each a family of its own.
fn write_corpus(dir: &Path) {
    let mut manifest = "path\tsource\tstyle\tkey\tfamily\n".to_owned();
    for idx in 0..120 {
        let bytes = smf::write(&tune(idx), &WriteOptions::default()).unwrap();
        std::fs::write(dir.join(format!("{idx:03}.mid")), bytes).unwrap();
        manifest += &format!("{idx:03}.mid\ts\tfolk\tC major\ttune {idx}\n");
    }
    std::fs::write(dir.join("MANIFEST.tsv"), manifest).unwrap();
}

#[test]
fn a_kick_on_every_beat_is_missed_only_where_styles_have_it() {
    /// Hats on every beat, a snare on 2 and 4, and kicks on `beats` of every bar.
    fn drums(beats: &[u32]) -> Phrase {
        let note = |step: u32, pitch: i32| {
            let (onset, length) = (TickInstant::from_steps(step), TickDuration::from_steps(3));
            Note::new(onset, length, Pitch::clamped(pitch), 100)
        };
        let bar = |bar: u32| {
            let of = move |beats: &[u32], pitch| -> Vec<Note> {
                beats.iter().map(|beat| note(48 * bar + 12 * beat, pitch)).collect()
            };
            [of(beats, 36), of(&[1, 3], 38), of(&[0, 1, 2, 3], 42)].concat()
        };
        let mut notes: Vec<Note> = (0..8).flat_map(bar).collect();
        notes.sort_by_key(|note| (note.onset, note.pitch));
        let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 124.0);
        Phrase::new(frame, Progression::default(), [notes, vec![], vec![], vec![], vec![]]).unwrap()
    }
    let misses_it_asked = |style: Style, beats: &[u32], syncopation: Option<f32>| {
        let mut controls = Controls { style: Some(style), ..Controls::default() };
        controls.set_part(Part::Drums, PartControl::Syncopation, syncopation);
        let critique = Critique::of_stretch(shipped::references(), &drums(beats), &[Part::Drums], &controls);
        let objections = critique.objections(|bar| bar + 1);
        objections.iter().any(|objection| objection == "drums without a kick on every beat")
    };
    let misses_it = |style: Style, beats: &[u32]| misses_it_asked(style, beats, None);
    for style in [Style::House, Style::Techno] {
        assert!(misses_it(style, &[0, 2]) && !misses_it(style, &[0, 1, 2, 3]), "{style}");
        assert!(
            misses_it_asked(style, &[0, 2], Some(0.15)),
            "{style}: as \"four on the floor\" in words asks"
        );
        assert!(!misses_it_asked(style, &[0, 2], Some(0.9)), "{style}: off the beat, as asked");
    }
    for style in [Style::Rock, Style::Pop, Style::Electronic, Style::Jazz] {
        assert!(!misses_it(style, &[0, 2]), "{style}");
    }
}

#[test]
fn what_is_usual_is_counted_and_what_judges_are_worth_is_measured() {
    let corpus = tempfile::tempdir().unwrap();
    write_corpus(corpus.path());
    let dirs = [corpus.path().to_owned()];
    let counted = references::count(&dirs, |_, _| {}).unwrap();
    let counted = References::from_json(&counted.to_json()).unwrap();
    assert_eq!(counted.styles().map(|(style, _)| style).collect::<Vec<_>>(), ["all", "folk"]);
    let nearest = counted.usual(Some("folk")).nearest([Part::Bass, Part::Melody]).unwrap();
    assert!((0.0..0.5).contains(&nearest.distance), "{nearest:?}");
    assert_eq!(nearest.of, Origin::Real);
    assert_eq!(counted.usual(Some("folk")).nearest([Part::Drums]), None);
    for style in Style::ALL {
        let usual = shipped::references().usual(Some(style.name()));
        let parts = [Part::Drums, Part::Bass, Part::Chords, Part::Melody];
        assert!(usual.nearest(parts).is_some_and(|near| near.distance > 0.0), "{style}");
        let anywhere = shipped::references().usual(None);
        for part in Part::ALL {
            let own: Vec<_> = usual.measures(part).collect();
            assert!(own.len() >= 20 && own != anywhere.measures(part).collect::<Vec<_>>(), "{style} {part}");
        }
    }

    let controls = Controls { style: Some(Style::Folk), ..Controls::default() };
    let judged = Critique::of_stretch(&counted, &tune(1), &[Part::Bass, Part::Melody], &controls);
    assert!(judged.passes(), "{judged:?}");
    assert!(judged.percentiles.iter().all(|percentile| percentile.is_some_and(|share| share >= 0.05)));

    let model = Model::shipped().unwrap();
    let report = critique::measure(&model, &counted, &dirs, (4, 3), 1, |_| {}).unwrap();
    assert_eq!(report.n_prompts, 4);
    let [_, first, best] = &report.rows;
    let mean = |row: &critique::Row| row.percentiles.iter().sum::<f64>();
    assert!(mean(best) >= mean(first), "the best of three is not below the first of them");
    let shown = report.to_string();
    assert!(Aspect::ALL.iter().all(|aspect| shown.contains(aspect.name())), "{shown}");

    let styles = [Style::Folk];
    let repertoire = model.repertoire();
    let report = takes::measure(&model, model.references(), repertoire, &styles, 2, |_| {}).unwrap();
    let row = &report.rows[0];
    assert_eq!(row.n_pairs, 16 * 15 / 2);
    assert!(row.board > row.drawn && row.across <= row.board_least, "{row:?}");
    assert!(report.to_string().contains("| folk:"));
}
