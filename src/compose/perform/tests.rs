use super::*;
use crate::music::{Key, Meter, Phrase, Pitch, Progression, TickDuration};
use crate::session::{Performance, TaskSettings};
use crate::token::{Controls, Style};

const PART_IDX: usize = 0;

fn task(style: Style, n_bars: u32, tempo: f32, performance: Performance) -> Task {
    let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, tempo);
    let controls = Controls { style: Some(style), ..Controls::default() };
    let settings = TaskSettings { controls, performance, ..TaskSettings::default() };
    Task::generate(frame, &Part::ALL, settings).unwrap()
}

fn note(steps: u32, length: u32, key: i32, velocity: u8) -> Note {
    Note::new(TickInstant::from_steps(steps), TickDuration::from_steps(length), Pitch::clamped(key), velocity)
}

/// What the network prefers: everything at one velocity. Hats in eighths, kick and snare.
fn beat(n_bars: u32) -> Vec<Note> {
    let bar = |bar: u32| {
        let hats = (0..8).map(move |idx| note(bar * 48 + idx * 6, 3, 42, 88));
        let kicks = [0, 24, 30].map(|step| note(bar * 48 + step, 3, 36, 104));
        let snares = [12, 36].map(|step| note(bar * 48 + step, 3, 38, 104));
        hats.chain(kicks).chain(snares).chain([note(bar * 48 + 45, 3, 38, 40)])
    };
    let mut notes: Vec<Note> = (0..n_bars).flat_map(bar).collect();
    notes.sort_by_key(|note| (note.onset, note.pitch));
    notes
}

/// Three voices in quarters.
fn chords(n_bars: u32) -> Vec<Note> {
    let pitches = [60, 64, 67];
    (0..4 * n_bars).flat_map(|beat| pitches.map(|pitch| note(beat * 12, 12, pitch, 112))).collect()
}

fn performed(task: &Task, seed: u64, part: Part, mut notes: Vec<Note>) -> Vec<Note> {
    Performer::new(task, seed, 0).perform(task.base.frame(), part, &mut notes, &[]);
    notes
}

fn loudness(note: &Note) -> f64 {
    f64::from(note.velocity) + f64::from(note.nuance.louder())
}

fn mean_and_sd(values: &[f64]) -> (f64, f64) {
    let n = f64::from(u32::try_from(values.len()).unwrap());
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n).sqrt())
}

/// Mean over seeds of `figure` of a beat of eight bars.
fn over_seeds(style: Style, tempo: f32, figure: impl Fn(&[Note]) -> f64) -> f64 {
    let task = task(style, 8, tempo, Performance::PLAYED);
    let figures: Vec<f64> =
        (1..=16).map(|seed| figure(&performed(&task, seed, Part::Drums, beat(8)))).collect();
    mean_and_sd(&figures).0
}

fn n_levels(notes: &[Note]) -> f64 {
    let levels: std::collections::BTreeSet<i64> =
        notes.iter().map(|note| to_i16(loudness(note)).into()).collect();
    f64::from(u32::try_from(levels.len()).unwrap())
}

fn hat_sd(notes: &[Note]) -> f64 {
    let hats = notes.iter().filter(|note| note.pitch.number() == 42);
    mean_and_sd(&hats.map(loudness).collect::<Vec<_>>()).1
}

fn late_sd_ms(tempo: f64) -> impl Fn(&[Note]) -> f64 {
    move |notes| {
        let late = |note: &Note| f64::from(note.nuance.late()) / 960.0 * 60_000.0 / tempo;
        mean_and_sd(&notes.iter().map(late).collect::<Vec<_>>()).1
    }
}

fn repeats(notes: &[Note]) -> f64 {
    let mut same = Vec::new();
    for key in [36, 38, 42] {
        let of_key: Vec<f64> = notes.iter().filter(|note| note.pitch.number() == key).map(loudness).collect();
        same.extend(of_key.windows(2).map(|pair| if pair[0] == pair[1] { 1.0 } else { 0.0 }));
    }
    mean_and_sd(&same).0
}

#[test]
fn drummers_are_as_uneven_as_people_and_machines_are_not() {
    for style in [Style::Rock, Style::Pop, Style::Funk, Style::Jazz, Style::Soul, Style::HipHop] {
        let (levels, hats) = (over_seeds(style, 100.0, n_levels), over_seeds(style, 100.0, hat_sd));
        let (late, same) = (over_seeds(style, 100.0, late_sd_ms(100.0)), over_seeds(style, 100.0, repeats));
        assert!(levels >= 24.0, "{style}: {levels} levels");
        assert!((14.0..=30.0).contains(&hats), "{style}: hats {hats}");
        assert!((10.0..=25.0).contains(&late), "{style}: {late} ms");
        assert!(same <= 0.12, "{style}: {same} repeats");
    }
    let (chip, house) = (
        over_seeds(Style::Chiptune, 140.0, late_sd_ms(140.0)),
        over_seeds(Style::House, 124.0, late_sd_ms(124.0)),
    );
    assert!(chip == 0.0 && house < 3.0, "{chip} {house}");
    assert!(over_seeds(Style::House, 124.0, hat_sd) > 3.0);
}

#[test]
fn a_sound_chip_has_few_velocities() {
    // Of what is written each accent makes one; even a drum machine of the clubs strays.
    for (style, levels) in
        [(Style::Chiptune, 2.0..=12.0), (Style::Game, 2.0..=12.0), (Style::House, 13.0..=127.0)]
    {
        let n = over_seeds(style, 125.0, n_levels);
        assert!(levels.contains(&n), "{}: {n} levels", style.name());
    }
}

#[test]
fn what_was_composed_loud_stays_loud() {
    let task = task(Style::Rock, 8, 120.0, Performance::PLAYED);
    for seed in 1..=12 {
        let loud = performed(&task, seed, Part::Drums, beat(8));
        let soft: Vec<Note> =
            beat(8).into_iter().map(|note| Note { velocity: note.velocity - 24, ..note }).collect();
        let soft = performed(&task, seed, Part::Drums, soft);
        let mean = |notes: &[Note]| mean_and_sd(&notes.iter().map(loudness).collect::<Vec<_>>()).0;
        let written = mean_and_sd(&beat(8).iter().map(|note| f64::from(note.velocity)).collect::<Vec<_>>()).0;
        assert!((mean(&loud) - written).abs() < 14.0, "seed {seed}: {} of {written}", mean(&loud));
        assert!(mean(&loud) - mean(&soft) > 12.0, "seed {seed}: {} and {}", mean(&loud), mean(&soft));
        // Ghost notes stay ghosts.
        let ghost = |note: &&Note| note.velocity == 40;
        assert!(loud.iter().filter(ghost).all(|note| loudness(note) < 75.0), "seed {seed}");
        // The chords were all at velocity 112: now they have room, and are not all the same.
        let chords = performed(&task, seed, Part::Chords, chords(8));
        let (at, sd) = mean_and_sd(&chords.iter().map(loudness).collect::<Vec<_>>());
        assert!((95.0..110.0).contains(&at) && sd > 4.0, "seed {seed}: chords {at} ± {sd}");
    }
}

#[test]
fn nothing_is_early_on_a_bar_line_and_strokes_keep_their_order() {
    for (style, performance, tempo) in [
        (Style::Funk, Performance::LOOSE, 180.0),
        (Style::Jazz, Performance::PLAYED, 60.0),
        (Style::HipHop, Performance::LOOSE, 90.0),
    ] {
        let task = task(style, 4, tempo, performance);
        for seed in 0..8 {
            // A roll on every step of the grid.
            let roll: Vec<Note> = (0..192).map(|step| note(step, 1, 42, 88)).collect();
            for (part, notes) in [(Part::Drums, roll), (Part::Chords, chords(4)), (Part::Drums, beat(4))] {
                let played = performed(&task, seed, part, notes.clone());
                let mut parts: [Vec<Note>; 5] = Default::default();
                parts[if part.is_drums() { PART_IDX } else { part.index() }] = played.clone();
                let phrase = Phrase::new(*task.base.frame(), Progression::default(), parts).unwrap();
                let performed = phrase.performed();
                assert_eq!(performed.notes(part).len(), notes.len());
                for (written, played) in notes.iter().zip(&played) {
                    assert_eq!(written.with_nuance(played.nuance), *played, "nothing else changes");
                    let is_on_bar = written.onset.0 % 3840 == 0;
                    assert!(!is_on_bar || played.nuance.late() >= 0, "{style} {seed} {played:?}");
                    assert!((1.0..=127.0).contains(&loudness(played)), "{played:?}");
                }
                for key in [36, 38, 42] {
                    let of_key = |note: &&Note| note.pitch.number() == key;
                    let onsets: Vec<u32> =
                        performed.notes(part).iter().filter(of_key).map(|note| note.onset.0).collect();
                    assert!(
                        onsets.windows(2).all(|pair| pair[1] >= pair[0] + 40),
                        "{style} {seed}: {onsets:?}"
                    );
                }
                let step = |note: &Note| (note.onset.to_nearest_step(), note.pitch);
                let mut steps: Vec<_> = performed.notes(part).iter().map(step).collect();
                steps.sort_unstable();
                assert_eq!(steps, notes.iter().map(step).collect::<Vec<_>>(), "the grid is recognisable");
            }
        }
    }
}

#[test]
fn a_bar_does_not_depend_on_those_after_it() {
    let task = task(Style::Soul, 8, 96.0, Performance::PLAYED);
    for (part, notes) in [(Part::Drums, beat(8)), (Part::Melody, chords(8)), (Part::Bass, chords(8))] {
        let whole = performed(&task, 5, part, notes.clone());
        for n_bars in 1..8 {
            let so_far: Vec<Note> =
                notes.iter().filter(|note| note.onset.0 < n_bars * 3840).copied().collect();
            let n = so_far.len();
            assert_eq!(performed(&task, 5, part, so_far), whole[..n], "{part}, {n_bars} bars");
        }
        assert_ne!(performed(&task, 6, part, notes), whole, "{part}: the seed says how");
    }
}

#[test]
fn straight_changes_nothing_and_what_is_kept_is_not_touched() {
    let straight = task(Style::Rock, 2, 120.0, Performance::STRAIGHT);
    assert_eq!(performed(&straight, 1, Part::Drums, beat(2)), beat(2));
    // Notes that stay are context: composed ones keep their distance from them.
    let task = task(Style::Rock, 1, 120.0, Performance::LOOSE);
    let kept = [note(6, 1, 42, 90), note(8, 1, 42, 90)];
    for seed in 0..20 {
        let mut composed = [note(5, 1, 42, 90), note(7, 1, 42, 90)];
        Performer::new(&task, seed, 0).perform(task.base.frame(), Part::Drums, &mut composed, &kept);
        assert!(composed.iter().all(|note| note.nuance.late().abs() <= 40), "{composed:?}");
        let onset = composed[1].onset.0.saturating_add_signed(composed[1].nuance.late().into());
        assert!((520..=600).contains(&onset), "{onset}");
    }
}

#[test]
fn what_ships_was_measured_and_has_every_kit() {
    let table = performances();
    assert!(
        table
            .sources
            .iter()
            .any(|source| source.contains("Groove MIDI Dataset") && source.contains("CC BY 4.0"))
    );
    for style in Style::ALL.map(Some).into_iter().chain([None]) {
        let kit = Manner::of(style).kit;
        assert!(table.kits.iter().any(|known| known.name == kit), "{kit}");
    }
    for kit in &table.kits {
        assert!(kit.n_takes >= 10 && kit.n_hits > 2000, "{}: {} takes", kit.name, kit.n_takes);
        assert!(
            (2.0..15.0).contains(&kit.clock_ms.sd) && kit.clock_ms.hold < 1.0,
            "{}: {:?}",
            kit.name,
            kit.clock_ms
        );
        for instrument in [Instrument::Kick, Instrument::Snare] {
            assert!(kit.stroke(instrument).is_some(), "{}: {instrument:?}", kit.name);
        }
    }
    for part in [Part::Melody, Part::Chords, Part::Bass] {
        assert!(table.part(part.name()).is_some_and(|part| part.stray.sd > 2.0), "{part}");
    }
    let text = include_str!("../../../assets/performances.json");
    assert!(
        text.len() < 150_000 && table.to_json() == text,
        "written by another version of `corpus performances`"
    );
}
