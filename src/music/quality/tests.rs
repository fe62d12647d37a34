use proptest::prelude::*;

use super::*;
use crate::music::{Frame, Key, Meter, Note, Pitch, TickDuration, TickInstant};

/// Step, length in steps, pitch.
type Given = (u32, u32, i32);

/// A phrase of `n_bars` bars of 4/4 in C major.
fn phrase(n_bars: u32, given: &[(Part, Vec<Given>)]) -> Phrase {
    let mut parts: [Vec<Note>; 5] = Default::default();
    for (part, notes) in given {
        parts[part.index()] = notes
            .iter()
            .map(|&(step, n_steps, pitch)| {
                let (onset, duration) = (TickInstant::from_steps(step), TickDuration::from_steps(n_steps));
                Note::new(onset, duration, Pitch::clamped(pitch), 80)
            })
            .collect();
    }
    let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0);
    Phrase::repaired(frame, Progression::default(), parts).unwrap().0
}

/// Quarter notes of `pitches`, over and over.
fn quarters(n_bars: u32, pitches: &[i32]) -> Vec<Given> {
    (0..4 * n_bars).zip(pitches.iter().cycle()).map(|(idx, &pitch)| (12 * idx, 12, pitch)).collect()
}

fn held(n_bars: u32, pitches: &[i32]) -> Vec<Given> {
    (0..n_bars).flat_map(|bar| pitches.iter().map(move |&pitch| (48 * bar, 48, pitch))).collect()
}

const TUNE: [i32; 8] = [60, 62, 64, 65, 67, 65, 64, 62];

/// A quality of a part, and two bands of which the second has more of it.
type Case = (Quality, Part, Vec<(Part, Vec<Given>)>, Vec<(Part, Vec<Given>)>);

#[test]
fn each_quality_rises_with_what_it_names() {
    use Part::{Bass, Chords, Drums, Melody};
    use Quality::*;
    let tune = || quarters(4, &TUNE);
    let triads = || (Chords, held(4, &[48, 52, 55]));
    let changing = || {
        let roots = [48, 53, 55, 48];
        let of_bar = |(bar, root): (u32, i32)| [0, 4, 7].map(|tone| (48 * bar, 48, root + tone));
        (Chords, (0..4).zip(roots).flat_map(of_bar).collect::<Vec<Given>>())
    };
    let wide: Vec<Given> = quarters(4, &[60, 72, 76, 79, 84, 60]);
    let cases: Vec<Case> = vec![
        (
            ChordTones,
            Melody,
            vec![triads(), (Melody, quarters(4, &[60, 61, 66, 67]))],
            vec![triads(), (Melody, quarters(4, &[60, 64, 67]))],
        ),
        (ScaleTones, Melody, vec![(Melody, quarters(4, &[60, 61, 62]))], vec![(Melody, tune())]),
        (
            Roughness,
            Melody,
            vec![triads(), (Melody, quarters(4, &[60, 64]))],
            vec![triads(), (Melody, quarters(4, &[61, 65]))],
        ),
        (
            OnGrid,
            Melody,
            vec![(Melody, vec![(0, 3, 60), (4, 3, 62), (9, 3, 64), (16, 3, 65)])],
            vec![(Melody, tune())],
        ),
        (
            Groove,
            Drums,
            vec![(Drums, (0..4).map(|bar| (48 * bar + 12 * bar, 1, 36)).collect())],
            vec![(Drums, (0..4).map(|bar| (48 * bar, 1, 36)).collect())],
        ),
        (
            Agreement,
            Bass,
            vec![(Melody, tune()), (Bass, (0..8).map(|idx| (24 * idx + 6, 6, 36)).collect())],
            vec![(Melody, tune()), (Bass, (0..8).map(|idx| (24 * idx, 6, 36)).collect())],
        ),
        (Density, Melody, vec![(Melody, held(4, &[60]))], vec![(Melody, tune())]),
        (Voices, Melody, vec![(Melody, tune())], vec![(Melody, held(4, &[60, 64]))]),
        (Repeats, Melody, vec![(Melody, tune())], vec![(Melody, quarters(4, &[60, 60, 62]))]),
        (Freeze, Chords, vec![triads()], vec![(Chords, held(4, &[48, 55]))]),
        (LeapsRecovered, Melody, vec![(Melody, wide)], vec![(Melody, quarters(4, &[60, 72, 71, 59]))]),
        (Stability, Melody, vec![(Melody, tune())], vec![(Melody, quarters(4, &[60, 64, 67]))]),
        (
            Figures,
            Melody,
            vec![(Melody, vec![(0, 3, 60), (3, 9, 67), (12, 7, 60), (19, 5, 62), (24, 6, 70), (30, 8, 71)])],
            vec![(Melody, tune())],
        ),
        (Span, Melody, vec![(Melody, tune())], vec![(Melody, quarters(4, &[60, 80]))]),
        (
            SelfSimilarity,
            Melody,
            vec![(Melody, quarters(4, &[60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75]))],
            vec![(Melody, tune())],
        ),
        (EmptyBars, Melody, vec![(Melody, tune())], vec![(Melody, quarters(2, &TUNE))]),
        (
            Ending,
            Melody,
            vec![(Melody, [quarters(3, &TUNE), vec![(144, 48, 60)]].concat())],
            vec![(Melody, tune())],
        ),
        (
            Parallels,
            Melody,
            vec![(Melody, tune()), (Bass, quarters(4, &[48, 47, 45, 43, 41, 43, 45, 47]))],
            vec![(Melody, tune()), (Bass, quarters(4, &TUNE.map(|pitch| pitch - 24)))],
        ),
        (
            Buried,
            Melody,
            vec![triads(), (Melody, tune())],
            vec![(Chords, held(4, &[72, 76, 79])), (Melody, tune())],
        ),
        (
            HeldOver,
            Bass,
            vec![changing(), (Bass, quarters(4, &[36]))],
            vec![
                changing(),
                (Bass, [quarters(1, &[36]), vec![(48, 12, 36), (60, 12, 36), (72, 120, 36)]].concat()),
            ],
        ),
        (Backbeat, Drums, vec![(Drums, quarters(4, &[36, 42]))], vec![(Drums, quarters(4, &[36, 38]))]),
        (FourFloor, Drums, vec![(Drums, quarters(4, &[36, 42]))], vec![(Drums, quarters(4, &[36]))]),
        (Quits, Melody, vec![(Melody, tune())], vec![(Melody, quarters(2, &TUNE))]),
    ];
    assert_eq!(cases.len(), Quality::ALL.len());
    for (quality, part, less, more) in cases {
        let of = |given: &[(Part, Vec<Given>)]| Qualities::of(&phrase(4, given)).get(part, quality).unwrap();
        let (less, more) = (of(&less), of(&more));
        assert!(less < more, "{quality:?}: {less} is not below {more}");
    }
}

/// References of a hundred tunes over chords, each a little different.
fn references() -> References {
    let mut counter = Counter::default();
    add_tunes(&mut counter, 0..100, Origin::Real);
    References::from_json(&counter.finish().to_json()).unwrap()
}

fn add_tunes(counter: &mut Counter, tunes: std::ops::Range<usize>, origin: Origin) {
    for idx in tunes {
        let tune = phrase(8, &well_made(idx));
        counter.add(u32::try_from(idx).unwrap(), origin, ["folk".to_owned()], &tune);
    }
}

#[test]
fn made_phrases_are_compared_only_where_there_are_too_few_real_ones() {
    let parts = [Part::Bass, Part::Chords, Part::Melody];
    let nearest = |real: std::ops::Range<usize>, made: std::ops::Range<usize>| {
        let mut counter = Counter::default();
        add_tunes(&mut counter, real, Origin::Real);
        add_tunes(&mut counter, made, Origin::Made);
        counter.finish().usual(Some("folk")).nearest(parts)
    };
    let of_real = nearest(0..70, 0..0).unwrap();
    assert_eq!(of_real.of, Origin::Real);
    assert_eq!(nearest(0..70, 70..100), Some(of_real));
    assert_eq!(nearest(0..5, 5..100).unwrap().of, Origin::Made);
    assert_eq!(nearest(0..5, 5..8), None);
}

fn well_made(idx: usize) -> Vec<(Part, Vec<Given>)> {
    let tune: Vec<i32> = (0..16).map(|at| TUNE[(at * (1 + idx % 3) + at / 8) % 8] + 12).collect();
    let shift = u32::try_from(idx % 4).unwrap();
    let mut melody = quarters(8, &tune);
    melody.retain(|(step, ..)| step % 48 != 12 * shift);
    let roots = [48, 53, 55, 48];
    let chords: Vec<Given> = (0..8)
        .zip(roots.iter().cycle())
        .flat_map(|(bar, &root)| [0, 4, 7].map(|tone| (48 * bar, 48, root + tone)))
        .collect();
    let bass: Vec<Given> = (0..8)
        .zip(roots.iter().cycle())
        .flat_map(|(bar, &root)| [(48 * bar, 24, root - 12), (48 * bar + 24, 24, root - 5)])
        .collect();
    vec![(Part::Melody, melody), (Part::Chords, chords), (Part::Bass, bass)]
}

#[test]
fn faults_are_found_and_named() {
    let references = references();
    let usual = references.usual(Some("folk"));
    let parts = [Part::Bass, Part::Chords, Part::Melody];
    let words = |given: &[(Part, Vec<Given>)]| {
        let phrase = phrase(8, given);
        let found = faults(&phrase, &Qualities::of(&phrase), &usual, &parts);
        found.iter().map(|fault| fault.words(|bar| bar + 1)).collect::<Vec<_>>()
    };
    let with = |part: Part, notes: Vec<Given>| {
        let mut given = well_made(3);
        given.retain(|(other, _)| *other != part);
        given.push((part, notes));
        words(&given)
    };
    assert_eq!(words(&well_made(3)), Vec::<String>::new());
    assert_eq!(with(Part::Bass, quarters(8, &[36, 36, 43])), ["frozen bass in bars 1-8"]);
    assert!(with(Part::Melody, quarters(4, &TUNE)).contains(&"no melody in bars 5-8".to_owned()));
    assert_eq!(with(Part::Melody, Vec::new()), ["no melody in bars 1-8"]);
    assert_eq!(with(Part::Melody, quarters(7, &TUNE)), ["melody silent from bar 8"]);
    let buried: Vec<i32> = TUNE.map(|pitch| pitch - 24).to_vec();
    assert!(with(Part::Melody, quarters(8, &buried)).contains(&"melody below the chords".to_owned()));
    let clashing = with(Part::Melody, held(8, &[73]));
    assert!(
        clashing.iter().any(|words| words.starts_with("chords and melody clash in bars")),
        "{clashing:?}"
    );
    assert!(clashing.contains(&"melody out of key".to_owned()), "{clashing:?}");
    let irregular: Vec<Given> = (0_u32..60)
        .map(|idx| {
            (
                idx * 6 + [0, 1, 3, 2, 5][usize::try_from(idx * idx % 5).unwrap()],
                2,
                60 + i32::try_from(idx * idx * 7 % 23).unwrap(),
            )
        })
        .collect();
    let wandering = with(Part::Melody, irregular);
    assert!(wandering.contains(&"melody wandering".to_owned()), "{wandering:?}");
    let mut hole = well_made(3);
    hole.iter_mut().for_each(|(_, notes)| notes.retain(|(step, ..)| !(48..96).contains(step)));
    assert!(words(&hole).contains(&"nothing in bar 2".to_owned()));
}

#[test]
fn both_tails_are_rare_and_what_many_share_is_not() {
    let references = references();
    let usual = references.usual(Some("folk"));
    let place = |value| usual.place(Part::Chords, Quality::ScaleTones, value).unwrap().two_sided();
    assert!(place(0.2) < 0.01);
    let usual_span = Qualities::of(&phrase(8, &well_made(0))).get(Part::Melody, Quality::Span).unwrap();
    let of_span = |value| usual.place(Part::Melody, Quality::Span, value).unwrap().two_sided();
    assert_eq!((of_span(usual_span), of_span(0.0), of_span(60.0)), (1.0, 0.0, 0.0));
    assert_eq!(
        references.usual(Some("jazz")).place(Part::Melody, Quality::Span, 0.0),
        references.usual(None).place(Part::Melody, Quality::Span, 0.0)
    );
    assert!(usual.place(Part::Drums, Quality::Groove, 0.5).is_none());
}

#[test]
fn real_phrases_spread_over_the_percentiles_and_bad_ones_do_not() {
    let references = references();
    let usual = references.usual(Some("folk"));
    let percentile = |given: &[(Part, Vec<Given>)], aspect| {
        let qualities = Qualities::of(&phrase(8, given));
        let typicality = usual.typicality(&qualities, aspect, |_, _| true).unwrap();
        usual.percentile(aspect, qualities.parts().count(), typicality).unwrap().at_most
    };
    for aspect in Aspect::ALL {
        let mean = (0..100).map(|idx| percentile(&well_made(idx), aspect)).sum::<f64>() / 100.0;
        assert!((0.4..=1.0).contains(&mean), "{aspect:?} {mean}");
    }
    let mut bad = well_made(3);
    bad[0].1 = quarters(8, &[61]);
    assert!(percentile(&bad, Aspect::Melodic) < 0.05);
    assert!(percentile(&bad, Aspect::Harmonic) < 0.05);
}

#[test]
fn references_of_the_future_and_rubbish_are_refused() {
    assert!(matches!(References::from_json("{\"format\":9,\"styles\":{}}"), Err(ReferencesError::Newer(9))));
    assert!(matches!(References::from_json("no"), Err(ReferencesError::Unreadable(_))));
}

proptest! {
    #[test]
    fn shares_are_shares_and_an_octave_changes_nothing(
        notes in prop::collection::vec((0u32..192, 1u32..100, 40i32..80), 1..60),
        part_idx in 1usize..5,
    ) {
        let part = Part::ALL[part_idx];
        let low = Qualities::of(&phrase(4, &[(part, notes.clone())]));
        let up = notes.iter().map(|&(step, n_steps, pitch)| (step, n_steps, pitch + 12)).collect();
        let high = Qualities::of(&phrase(4, &[(part, up)]));
        for quality in Quality::ALL {
            let value = low.get(part, quality);
            let most = match quality {
                Quality::Span => 127.0,
                Quality::Ending => 2.0,
                Quality::Density => 12.0,
                Quality::Voices => 60.0,
                _ => 1.0,
            };
            prop_assert!(value.is_none_or(|value| (0.0..=most).contains(&value)), "{:?} {:?}", quality, value);
            // The recognised chords depend a little on the register.
            if quality != Quality::ChordTones {
                prop_assert_eq!(value, high.get(part, quality), "{:?}", quality);
            }
        }
    }
}
