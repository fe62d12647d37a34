//! Composing with the shipped model: what is given stays, what is composed keeps to the rules.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::novelty::Novelty;
use descant::compose::{self, ComposeError, Draft, Judge, Judgement, Model, SelectionProgress};
use descant::music::analysis::Shape;
use descant::music::{Cell, Cells, ChordQuality, Frame, Key, Meter, Note, Part, Phrase, Pitch, Progression};
use descant::session::decoding::Spread;
use descant::session::{
    Decoding, Origin, PlanRule, Receipt, Revision, Rules, ScaleRule, Song, SongSection, Take, Task,
    TaskError, TaskSettings,
};
use descant::token::encode::to_tone;
use descant::token::{Controls, Harmony, Style};
use proptest::prelude::*;

use crate::arbitrary::{nearby_cells, phrase_off_grid};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

fn compose(task: &Task, seed: u64) -> Phrase {
    compose_takes(task, seed, 0..1).remove(0)
}

fn compose_takes(task: &Task, seed: u64, takes: std::ops::Range<u32>) -> Vec<Phrase> {
    let takes = compose::compose(&MODEL, task, seed, takes, |_| ControlFlow::Continue(())).unwrap();
    takes.into_iter().map(|take| std::sync::Arc::unwrap_or_clone(take.phrase)).collect()
}

fn d_minor(n_bars: u32) -> Frame {
    Frame::new(Meter::COMMON, n_bars, "D minor".parse().unwrap(), 96.0)
}

fn pitched(phrase: &Phrase) -> impl Iterator<Item = (Part, &Note)> {
    phrase.all_notes().filter(|(part, _)| !part.is_drums())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Notes outside the selection and locked notes come back unchanged, even off the grid, out of range or long.
    #[test]
    fn given_and_locked_notes_stay_as_they_are(
        (phrase, selected, locks) in phrase_off_grid(30).prop_flat_map(|phrase| {
            let cells = nearby_cells(&phrase);
            (Just(phrase), cells, prop::collection::vec(any::<bool>(), 64))
        }),
        seed in any::<u64>(),
    ) {
        let phrase = with_locks(&phrase, &locks);
        let task = Task::recompose(&phrase, &selected, TaskSettings::default()).unwrap();
        let take = compose(&task, seed);
        let merged = task.merge_into(&phrase, &take).unwrap();
        prop_assert_eq!(merged.frame(), phrase.frame());
        // The chord track outside the selected bars is as it was.
        let selected_bars: Vec<u32> = selected.iter().map(|cell| cell.bar).collect();
        for bar in (0..phrase.frame().n_bars_total()).filter(|bar| !selected_bars.contains(bar)) {
            let (start, end) = (phrase.frame().bar_start(bar), phrase.frame().bar_start(bar + 1));
            prop_assert_eq!(merged.progression().window(start, end), phrase.progression().window(start, end));
        }
        for (part, note) in phrase.all_notes() {
            let cell = Cell { bar: phrase.frame().bar_of(note.onset), part };
            if note.locked || !selected.contains(&cell) {
                prop_assert!(merged.notes(part).contains(note), "{part} {note:?} changed");
            }
        }
        // No composed note doubles a locked one, not even on the grid.
        for (part, locked) in phrase.all_notes().filter(|(_, note)| note.locked) {
            let image = |note: &Note| (note.onset.to_nearest_step(), to_tone(Key::C_MAJOR, part, note.pitch));
            let is_double = |note: &&Note| image(note) == image(locked) && !phrase.notes(part).contains(note);
            prop_assert_eq!(merged.notes(part).iter().find(is_double), None);
        }
        for (part, note) in merged.all_notes() {
            let cell = Cell { bar: phrase.frame().bar_of(note.onset), part };
            prop_assert!(selected.contains(&cell) || phrase.notes(part).contains(note), "{part} {note:?} is new");
        }
    }
}

fn with_locks(phrase: &Phrase, locks: &[bool]) -> Phrase {
    let mut locks = locks.iter().cycle();
    let parts = phrase
        .to_parts()
        .map(|notes| notes.into_iter().map(|note| Note { locked: *locks.next().unwrap(), ..note }).collect());
    Phrase::new(*phrase.frame(), phrase.progression().clone(), parts).unwrap()
}

#[test]
fn the_same_receipt_gives_the_same_notes_alone_or_in_a_batch() {
    let task = Task::generate(d_minor(4), &[Part::Bass, Part::Melody], TaskSettings::default()).unwrap();
    let together = compose_takes(&task, 5, 0..4);
    for (take, phrase) in (0..).zip(&together) {
        let receipt = MODEL.receipt(5, take, &task);
        let receipt = Receipt::from_json(&receipt.to_json()).unwrap();
        let alone = compose_takes(&receipt.task, receipt.seed, take..take + 1);
        assert_eq!(alone[0], *phrase, "take {take}");
    }
    assert!(together.windows(2).any(|pair| pair[0] != pair[1]), "takes differ");
}

#[test]
fn strict_scale_grid_and_ranges_are_kept() {
    let range = (Pitch::clamped(60), Pitch::clamped(72));
    let rules = Rules { scale: ScaleRule::Strict, ranges: [range; 5], ..Rules::default() };
    let settings = TaskSettings { rules, harmony: Harmony::Off, ..TaskSettings::default() };
    let frame = d_minor(8);
    let task = Task::generate(frame, &[Part::Bass, Part::Chords, Part::Melody], settings).unwrap();
    for seed in 0..3 {
        let phrase = compose(&task, seed);
        assert!(pitched(&phrase).count() > 8);
        for (part, note) in pitched(&phrase) {
            let step = note.onset.to_nearest_step();
            assert!(step.is_multiple_of(3) || step.is_multiple_of(4), "{part} {note:?}");
            assert!(frame.key.contains(note.pitch.class()), "{part} {note:?}");
            assert!((range.0..=range.1).contains(&note.pitch), "{part} {note:?}");
        }
    }
}

#[test]
fn my_chords_are_in_the_take_and_the_strict_scale_follows_them() {
    let chords = Progression::parse("Dm7 | Bbmaj7 E7 | F/A | N.C.", Meter::COMMON, 4).unwrap();
    let rules = Rules { scale: ScaleRule::Strict, ..Rules::default() };
    let settings = TaskSettings { harmony: Harmony::Given(chords.clone()), rules, ..TaskSettings::default() };
    let frame = d_minor(4);
    let task = Task::generate(frame, &[Part::Bass, Part::Chords], settings).unwrap();
    let phrase = compose(&task, 3);
    assert_eq!(*phrase.progression(), chords);
    for (part, note) in pitched(&phrase) {
        let chord = chords.at(note.onset).and_then(|span| span.chord);
        let class = note.pitch.class();
        assert!(
            frame.key.contains(class) || chord.is_some_and(|chord| chord.contains(class)),
            "{part} {note:?}"
        );
    }
}

/// More chords in a bar than a cell may have notes: they are all written, and notes still come after them.
#[test]
fn many_given_chords_leave_room_for_notes() {
    let chords = Progression::parse(&"C/E ".repeat(40), Meter::COMMON, 1).unwrap();
    let settings = TaskSettings { harmony: Harmony::Given(chords), ..TaskSettings::default() };
    let task = Task::generate(d_minor(1), &[Part::Melody], settings).unwrap();
    let n_notes: usize =
        compose_takes(&task, 1, 0..8).iter().map(|take| take.notes(Part::Melody).len()).sum();
    assert!(n_notes > 0);
}

/// A locked note that breaks every rule is kept, and does not fill the bar before it with others.
#[test]
fn a_locked_note_need_not_keep_to_the_rules() {
    let frame = d_minor(2);
    let odd = descant::music::TickInstant::from_steps(46);
    let length = descant::music::TickDuration::from_steps(1);
    let locked = Note { locked: true, ..Note::new(odd, length, Pitch::clamped(121), 80) };
    let parts = [vec![], vec![], vec![], vec![], vec![locked]];
    let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
    let task =
        Task::recompose(&phrase, &[Cell { bar: 0, part: Part::Melody }].into(), TaskSettings::default())
            .unwrap();
    let n_notes: Vec<usize> = (0..4)
        .map(|seed| {
            let take = compose(&task, seed);
            assert!(take.notes(Part::Melody).contains(&locked));
            take.notes(Part::Melody).len()
        })
        .collect();
    assert!(n_notes.iter().any(|&n| n < 16), "{n_notes:?}");
}

/// Settings for `style` with its own rule of pitches.
fn in_style(style: Style) -> TaskSettings {
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    TaskSettings { controls, ..TaskSettings::default() }
}

#[test]
fn a_style_has_its_chords_outside_the_key_and_no_others() {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let parts = [Part::Drums, Part::Bass, Part::Chords, Part::Melody];
    let task = Task::generate(frame, &parts, in_style(Style::Blues)).unwrap();
    let (mut n_sevenths, mut n) = (0, 0);
    for seed in 0..6 {
        for chord in compose(&task, seed).progression().spans().iter().filter_map(|span| span.chord) {
            let mut tones = chord.quality.tones().iter().map(|&tone| chord.root.up(tone));
            let is_of_key = tones.all(|class| frame.key.contains(class));
            assert!(is_of_key || task.vocabulary.has_chord(chord.root.number(), chord.quality), "{chord}");
            if chord.root.number() == 0 {
                n += 1;
                n_sevenths += usize::from(chord.quality.tones().contains(&10));
            }
        }
    }
    assert!(3 * n_sevenths > n && n > 6, "{n_sevenths} of {n} tonics are sevenths");
}

/// Notes outside the key and the chord that are no blue notes lie off the beat and continue by step.
#[test]
fn notes_outside_the_key_are_the_styles_or_pass() {
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let mut n_passing = 0;
    for (style, seed) in [Style::Classical, Style::Folk, Style::Blues].into_iter().cycle().zip(0..9) {
        let task = Task::generate(frame, &[Part::Bass, Part::Chords, Part::Melody], in_style(style)).unwrap();
        let phrase = compose(&task, seed);
        for part in [Part::Bass, Part::Chords, Part::Melody] {
            let notes = phrase.notes(part);
            let fits = |note: &Note| {
                let chord = phrase.progression().at(note.onset).and_then(|span| span.chord);
                let class = note.pitch.class();
                frame.key.contains(class)
                    || chord.is_some_and(|chord| chord.contains(class))
                    || task.vocabulary.notes.contains(&class.number())
            };
            for (idx, note) in notes.iter().enumerate().filter(|(_, note)| !fits(note)) {
                n_passing += 1;
                assert_ne!(part, Part::Chords, "{note:?}");
                assert!(!note.onset.to_nearest_step().is_multiple_of(12), "{part} {note:?}");
                let next = notes[idx + 1..].iter().find(|next| next.onset > note.onset);
                assert!(
                    next.is_none_or(|next| next.pitch.number().abs_diff(note.pitch.number()) <= 2),
                    "{part} {note:?}"
                );
            }
        }
    }
    assert!(n_passing > 0);
}

#[test]
fn a_mode_is_recognised_by_its_own_degree_and_has_no_other_modes_dominant() {
    for (key, own, dominant) in
        [("F lydian", 11, None), ("E phrygian", 5, Some(11)), ("D dorian", 11, Some(9))]
    {
        let frame = Frame::new(Meter::COMMON, 8, key.parse().unwrap(), 100.0);
        let task =
            Task::generate(frame, &[Part::Bass, Part::Chords, Part::Melody], in_style(Style::Pop)).unwrap();
        let (mut n_own, mut n) = (0, 0);
        for seed in 0..3 {
            let phrase = compose(&task, seed);
            for chord in phrase.progression().spans().iter().filter_map(|span| span.chord) {
                let is_dominant = Some(chord.root.number()) == dominant && chord.quality.tones().contains(&4);
                assert!(!is_dominant, "{chord} in {key}");
            }
            n += pitched(&phrase).count();
            n_own += pitched(&phrase).filter(|(_, note)| note.pitch.class().number() == own).count();
        }
        assert!(25 * n_own > n, "{n_own} of {n} in {key}");
    }
}

#[test]
fn chords_that_were_given_sound_whole() {
    let chords = Progression::parse("Dm9 | G13 | Cmaj9 | A7b9", Meter::COMMON, 8).unwrap();
    let frame = Frame::new(Meter::COMMON, 8, Key::C_MAJOR, 100.0);
    let settings = TaskSettings { harmony: Harmony::Given(chords.clone()), ..in_style(Style::Jazz) };
    let task = Task::generate(frame, &[Part::Bass, Part::Chords], settings).unwrap();
    let (mut n_whole, mut n) = (0, 0);
    for seed in 0..4 {
        let phrase = compose(&task, seed);
        for span in chords.spans() {
            let chord = span.chord.unwrap();
            let sounds = |tone: u8| {
                let mut notes = phrase.notes(Part::Chords).iter();
                notes.any(|note| {
                    span.onset <= note.onset
                        && note.onset < span.end()
                        && note.pitch.class() == chord.root.up(tone)
                })
            };
            n += 1;
            n_whole += usize::from(chord.quality.tones()[1..].iter().all(|tone| sounds(*tone)));
        }
    }
    assert!(4 * n_whole >= 3 * n, "{n_whole} of {n}");
}

#[test]
fn each_slot_is_drawn_as_widely_as_its_decoding_says() {
    let settings = TaskSettings { plan: PlanRule::Free, ..TaskSettings::default() };
    let mut task = Task::generate(d_minor(4), &[Part::Melody], settings).unwrap();
    let narrow = Spread { temperature: 0.0, top_p: 1.0 };
    task.decoding = Some(Decoding { streams: [[narrow; 4]; 6] });
    let takes = compose_takes(&task, 5, 0..3);
    assert!(takes.windows(2).all(|pair| pair[0] == pair[1]), "the likeliest is one and the same");
    let mut wide = Decoding { streams: [[narrow; 4]; 6] };
    wide.streams[1 + Part::Melody.index()][1] = Spread::default();
    task.decoding = Some(wide);
    let takes = compose_takes(&task, 5, 0..3);
    assert!(takes.windows(2).any(|pair| pair[0] != pair[1]), "pitches are drawn");
}

#[test]
fn composed_chords_of_a_strict_scale_are_those_of_the_key() {
    let frame = d_minor(8);
    let rules = Rules { scale: ScaleRule::Strict, ..Rules::default() };
    let task =
        Task::generate(frame, &[Part::Chords], TaskSettings { rules, ..TaskSettings::default() }).unwrap();
    let mut n_chords = 0;
    for seed in 0..4 {
        for chord in compose(&task, seed).progression().spans().iter().filter_map(|span| span.chord) {
            n_chords += 1;
            let is_dominant = chord.root.above(frame.key.tonic) == 7
                && matches!(chord.quality, ChordQuality::Major | ChordQuality::Seventh);
            let classes = chord.quality.tones().iter().map(|&tone| chord.root.up(tone));
            assert!(is_dominant || classes.into_iter().all(|class| frame.key.contains(class)), "{chord}");
        }
    }
    assert!(n_chords > 8);
}

#[test]
fn no_more_notes_sound_than_there_are_voices() {
    let rules = Rules { voices: [2, 1, 3, 1, 1], ..Rules::default() };
    let settings = TaskSettings { rules, ..TaskSettings::default() };
    let task = Task::generate(d_minor(8), &Part::ALL, settings).unwrap();
    for seed in 0..3 {
        let phrase = compose(&task, seed);
        for (part, note) in phrase.all_notes() {
            let sounds = |other: &&Note| match part {
                Part::Drums => other.onset == note.onset,
                _ => other.onset <= note.onset && note.onset < other.end(),
            };
            let n_sounding = phrase.notes(part).iter().filter(sounds).count();
            assert!(n_sounding <= usize::from(rules.voices[part.index()]), "{part} {note:?}: {n_sounding}");
        }
    }
}

#[test]
fn no_pitch_is_retriggered_while_it_sounds_and_none_outlasts_the_phrase() {
    let task = Task::generate(d_minor(8), &Part::ALL, TaskSettings::default()).unwrap();
    let phrase = compose(&task, 11);
    // Phrase::new refuses both.
    let again = Phrase::new(*phrase.frame(), phrase.progression().clone(), phrase.to_parts());
    assert_eq!(again.as_ref(), Ok(&phrase));
    assert!(phrase.parts().count() >= 4, "{:?}", phrase.parts().collect::<Vec<_>>());
}

#[test]
fn continuing_adds_bars_and_leaves_the_rest() {
    let start = compose(&Task::generate(d_minor(4), &[Part::Melody], TaskSettings::default()).unwrap(), 1);
    let task = Task::continue_by(&start, 4, &[Part::Melody], TaskSettings::default()).unwrap();
    let longer = task.merge_into(&start, &compose(&task, 2)).unwrap();
    assert_eq!(longer.frame().n_bars, 8);
    assert_eq!(longer.window(0, 4).unwrap().notes(Part::Melody), start.notes(Part::Melody));
    assert!(longer.notes(Part::Melody).len() > start.notes(Part::Melody).len());
}

#[test]
fn the_context_of_a_long_phrase_lies_around_the_selection() {
    let notes = (0..64)
        .map(|bar| Note::new(d_minor(64).bar_start(bar), Meter::COMMON.bar_duration(), Pitch::MIDDLE_C, 80));
    let parts = [vec![], vec![], vec![], vec![], notes.collect()];
    let phrase = Phrase::new(d_minor(64), Progression::default(), parts).unwrap();
    for bar in [0, 1, 30, 62, 63] {
        let selected: Cells = [Cell { bar, part: Part::Melody }].into();
        let task = Task::recompose(&phrase, &selected, TaskSettings::default()).unwrap();
        assert_eq!(task.base.frame().n_bars, Task::MAX_BARS);
        assert_eq!(task.cells_in_whole(), selected);
        let merged = task.merge_into(&phrase, &compose(&task, 1)).unwrap();
        assert_eq!(merged.frame().n_bars, 64);
    }
}

#[test]
fn a_cancelled_task_stops_at_once() {
    let task = Task::generate(d_minor(8), &Part::ALL, TaskSettings::default()).unwrap();
    let mut n_calls = 0;
    let stopped = compose::compose(&MODEL, &task, 1, 0..2, |_| {
        n_calls += 1;
        if n_calls == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert!(matches!(stopped, Err(ComposeError::Cancelled)));
    assert_eq!(n_calls, 3);
}

#[test]
fn impossible_tasks_say_what_to_do() {
    let phrase = Phrase::empty(d_minor(4)).unwrap();
    let refusals: [(Result<Task, TaskError>, &str); 5] = [
        (Task::generate(d_minor(17), &[Part::Melody], TaskSettings::default()), "ask for fewer"),
        (Task::generate(d_minor(4), &[], TaskSettings::default()), "choose at least one"),
        (Task::continue_by(&phrase, 13, &[Part::Melody], TaskSettings::default()), "1 to 12 bars"),
        (Task::recompose(&phrase, &Cells::new(), TaskSettings::default()), "select at least one"),
        (
            Task::recompose(&phrase, &[Cell { bar: 4, part: Part::Bass }].into(), TaskSettings::default()),
            "which the phrase does not have",
        ),
    ];
    for (task, hint) in refusals {
        let error = task.unwrap_err().to_string();
        assert!(error.contains(hint), "{error}");
    }
}

#[test]
fn a_full_context_is_refused_before_composing() {
    // Sixteen bars of dense given notes and the rest to compose cannot be held.
    let frame = d_minor(16);
    let dense = |part: Part| -> Vec<Note> {
        let steps = 0..frame.n_bars * frame.meter.bar_steps() / 3;
        let low = if part.is_drums() { 35 } else { 40 };
        steps
            .flat_map(|step| {
                (0..6).map(move |pitch| {
                    Note::new(
                        descant::music::TickInstant::from_steps(step * 3),
                        descant::music::TickDuration::from_steps(3),
                        Pitch::clamped(low + pitch),
                        80,
                    )
                })
            })
            .collect()
    };
    let parts = [dense(Part::Drums), dense(Part::Bass), dense(Part::Chords), vec![], vec![]];
    let phrase = Phrase::new(frame, Progression::default(), parts).unwrap();
    let every_bar: Cells = (0..16).map(|bar| Cell { bar, part: Part::Melody }).collect();
    let task = Task::recompose(&phrase, &every_bar, TaskSettings::default()).unwrap();
    let refused = compose::compose(&MODEL, &task, 1, 0..1, |_| ControlFlow::Continue(()));
    assert!(matches!(refused, Err(ComposeError::NoRoom { .. })), "{refused:?}");
    // A selection of one bar drops the oldest bars instead, and says so.
    let last: Cells = [Cell { bar: 15, part: Part::Melody }].into();
    let task = Task::recompose(&phrase, &last, TaskSettings::default()).unwrap();
    let mut n_dropped = 0;
    compose::compose(&MODEL, &task, 1, 0..1, |progress| {
        n_dropped = progress.n_dropped_bars;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert!(n_dropped > 0);
}

#[test]
fn receipts_of_the_future_and_rubbish_are_refused() {
    assert!(Receipt::from_json("{\"format\":99}").unwrap_err().to_string().contains("newer Descant"));
    assert!(Receipt::from_json("no").is_err());
}

/// Objects to the phrases for which the function returns `true`.
struct Against(fn(&Phrase) -> bool);

impl Judge for Against {
    fn judge(&self, _: &Task, phrase: &Phrase) -> Judgement {
        let objections = if (self.0)(phrase) { vec!["no".to_owned()] } else { Vec::new() };
        Judgement { score: 1.0, objections, ..Judgement::default() }
    }
}

fn best_of(task: &Task, n_takes: u32, judges: &[Box<dyn Judge>]) -> Vec<Take> {
    compose::best_of(&MODEL, task, 3, n_takes, judges, |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn takes_are_replayed_by_their_receipt_alone_and_differ() {
    let task = Task::generate(d_minor(4), &[Part::Bass, Part::Melody], TaskSettings::default()).unwrap();
    let takes = best_of(&task, 8, &MODEL.judges(&task, []));
    assert_eq!(takes.len(), 8);
    let shapes: Vec<Shape> = takes.iter().map(|take| Shape::of(&take.phrase, &Part::ALL)).collect();
    for (idx, take) in takes.iter().enumerate() {
        let receipt = Receipt::from_json(&take.receipt.to_json()).unwrap();
        let alone = compose::compose(&MODEL, &task, receipt.seed, [&receipt], |_| ControlFlow::Continue(()));
        assert_eq!(alone.unwrap()[0].phrase, take.phrase);
        assert!(receipt.take != 0 || receipt.ideas.is_empty());
        assert!(take.remarks.is_empty(), "{:?}", take.remarks);
        for other in &shapes[..idx] {
            assert!(shapes[idx].distance(other) > 0.05);
        }
    }
    assert!(takes.iter().any(|take| !take.receipt.ideas.is_empty()), "some have ideas");
    // The most different of many lie further apart than the first that come.
    let first = compose_takes(&task, 3, 0..8);
    let nearest = |phrases: &[&Phrase]| {
        let shapes: Vec<Shape> = phrases.iter().map(|phrase| Shape::of(phrase, &Part::ALL)).collect();
        let pairs = (0..shapes.len()).flat_map(|idx| (0..idx).map(move |other| (idx, other)));
        pairs.map(|(one, other)| shapes[one].distance(&shapes[other])).fold(1.0, f64::min)
    };
    let chosen: Vec<&Phrase> = takes.iter().map(|take| &*take.phrase).collect();
    assert!(nearest(&chosen) > nearest(&first.iter().collect::<Vec<_>>()));
}

#[test]
fn what_a_judge_objects_to_is_taken_last_or_not_at_all() {
    let task = Task::generate(d_minor(2), &[Part::Melody], TaskSettings::default()).unwrap();
    let is_odd = |phrase: &Phrase| !phrase.all_notes().count().is_multiple_of(2);
    let some = best_of(&task, 4, &[Box::new(Against(is_odd))]);
    assert!(some.iter().all(|take| take.remarks.is_empty() && !is_odd(&take.phrase)));
    let none = best_of(&task, 4, &[Box::new(Against(|_| true))]);
    assert_eq!(none.len(), 4, "the best there is, with what is against it said");
    assert!(none.iter().all(|take| take.remarks == ["no"]));
    let one = best_of(&task, 1, &[Box::new(Against(|_| false))]);
    assert_eq!(one[0].receipt.take, 0);
}

#[test]
fn the_take_that_already_plays_stands_whatever_the_judges_say() {
    let task = Task::generate(d_minor(2), &[Part::Melody], TaskSettings::default()).unwrap();
    let first = compose_takes(&task, 3, 0..1).remove(0);
    let is_odd = |phrase: &Phrase| !phrase.all_notes().count().is_multiple_of(2);
    // Whichever candidate 0 is, one of them objects to it, in strict words.
    for objects in [is_odd, |phrase: &Phrase| phrase.all_notes().count().is_multiple_of(2)] {
        let judges: [Box<dyn Judge>; 1] = [Box::new(Strictly(Against(objects)))];
        for n_takes in [1, 4] {
            let mut shown = None;
            let takes = compose::best_of_after_first(&MODEL, &task, 3, n_takes, &judges, |progress| {
                if let SelectionProgress::FirstDone(take) = progress {
                    shown = Some(take.clone());
                }
                ControlFlow::Continue(())
            })
            .unwrap();
            assert_eq!((*takes[0].phrase == first, takes[0].receipt.take), (true, 0));
            assert_eq!(Some(&takes[0]), shown.as_ref(), "judged when it is shown");
            assert_eq!(takes[0].remarks.is_empty(), !objects(&first));
            assert!(takes[1..].iter().all(|take| take.remarks.is_empty() && !objects(&take.phrase)));
            assert_eq!(takes.len() == 1, n_takes == 1);
        }
    }
}

/// A judge that prefers phrases of few notes.
struct LikesFew;

impl Judge for LikesFew {
    fn judge(&self, _: &Task, phrase: &Phrase) -> Judgement {
        Judgement { log_chance: -n_notes(phrase), ..Judgement::default() }
    }

    fn ranks(&self) -> bool {
        true
    }
}

fn n_notes(phrase: &Phrase) -> f64 {
    f64::from(u32::try_from(phrase.all_notes().count()).unwrap())
}

#[test]
fn of_those_that_pass_the_likeliest_comes_first() {
    let task = Task::generate(d_minor(4), &[Part::Melody], TaskSettings::default()).unwrap();
    let candidates = compose_takes(&task, 3, 0..8);
    let is_odd = |phrase: &Phrase| !phrase.all_notes().count().is_multiple_of(2);
    let fewest = |is_open: &dyn Fn(&Phrase) -> bool| {
        let open = candidates.iter().filter(|phrase| is_open(phrase));
        open.min_by(|one, other| n_notes(one).total_cmp(&n_notes(other))).unwrap()
    };
    assert_eq!(*best_of(&task, 1, &[Box::new(LikesFew)])[0].phrase, *fewest(&|_| true));
    let passing = best_of(&task, 1, &[Box::new(LikesFew), Box::new(Against(is_odd))]);
    assert_eq!(*passing[0].phrase, *fewest(&|phrase| !is_odd(phrase)));
    assert_ne!(n_notes(fewest(&|_| true)), n_notes(&candidates[0]), "the first drawn is another");
}

#[test]
fn parts_are_composed_anew_until_they_are_likely_and_replayed_by_their_receipt() {
    let parts = [Part::Bass, Part::Melody];
    let task = Task::generate(d_minor(4), &parts, TaskSettings::default()).unwrap();
    let fewest_at_once = compose_takes(&task, 3, 0..8).iter().map(n_notes).fold(f64::INFINITY, f64::min);
    for n_takes in [1, 3] {
        let takes = best_of(&task, n_takes, &[Box::new(LikesFew)]);
        for take in &takes {
            let receipt = Receipt::from_json(&take.receipt.to_json()).unwrap();
            let alone =
                compose::compose(&MODEL, &task, 3, [&receipt], |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(alone[0], *take, "the revised parts too");
            let first = Draft { revisions: Vec::new(), ..Draft::from(&receipt) };
            let first = compose::compose(&MODEL, &task, 3, [first], |_| ControlFlow::Continue(())).unwrap();
            assert_eq!(first[0].phrase.progression(), take.phrase.progression(), "the chords stay");
            assert!(n_notes(&take.phrase) <= n_notes(&first[0].phrase));
            let is_revised = |part: Part| receipt.revisions.iter().any(|revision| revision.part == part);
            for part in Part::ALL {
                assert!(is_revised(part) || first[0].phrase.notes(part) == take.phrase.notes(part));
            }
        }
        assert!(takes.iter().any(|take| !take.receipt.revisions.is_empty()));
        let is_alone = n_takes == 1;
        let revisions = || takes.iter().flat_map(|take| &take.receipt.revisions);
        assert!(is_alone || revisions().all(|revision| revision.part == Part::Melody));
        assert!(!is_alone || n_notes(&takes[0].phrase) < fewest_at_once, "each part is the best of its own");
    }
    // What a strict judge refuses does not come in as a revision.
    let is_odd = |phrase: &Phrase| !phrase.all_notes().count().is_multiple_of(2);
    let even = best_of(&task, 1, &[Box::new(LikesFew), Box::new(Strictly(Against(is_odd)))]);
    assert!(!is_odd(&even[0].phrase) && !even[0].receipt.revisions.is_empty());
    // A take without ranking judges is not revised, nor is one that already plays.
    let unranked = best_of(&task, 1, &[Box::new(Against(|_| false))]);
    assert_eq!(unranked[0].receipt.revisions, []);
    let judges: [Box<dyn Judge>; 1] = [Box::new(LikesFew)];
    let shown = compose::best_of_after_first(&MODEL, &task, 3, 2, &judges, |_| ControlFlow::Continue(()));
    assert_eq!(shown.unwrap()[0].receipt.revisions, []);
    // Breaking off keeps what is revised so far.
    let until = |n_most: u32| {
        compose::best_of(&MODEL, &task, 3, 1, &judges, |progress| match progress {
            SelectionProgress::Others { n_done } if n_done > n_most => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    };
    assert!(until(8).unwrap()[0].receipt.revisions.len() <= 1);
    // Without chords none are given to the parts.
    let off = TaskSettings { harmony: Harmony::Off, ..TaskSettings::default() };
    let task = Task::generate(d_minor(4), &parts, off).unwrap();
    let take = best_of(&task, 1, &judges).remove(0);
    let again = compose::compose(&MODEL, &task, 3, [&take.receipt], |_| ControlFlow::Continue(())).unwrap();
    assert!(again[0] == take && take.phrase.progression().is_empty());
}

#[test]
fn a_receipt_that_revises_a_part_twice_is_refused() {
    let task = Task::generate(d_minor(1), &[Part::Bass], TaskSettings::default()).unwrap();
    let mut receipt = MODEL.receipt(1, 0, &task);
    receipt.revisions = Part::ALL.map(|part| Revision { part, take: 0 }).to_vec();
    assert!(Receipt::from_json(&receipt.to_json()).is_ok(), "each part once");
    receipt.revisions.push(Revision { part: Part::Bass, take: 1 });
    let origin = Origin::Composed(Box::new(receipt.clone()));
    let section = SongSection { name: "A".to_owned(), origin, likeness: None, louder: 0 };
    let song = Song { section_bars: 1, sections: vec![section] };
    let song = Receipt { song: Some(song), ..MODEL.receipt(1, 0, &task) };
    for damaged in [receipt, song] {
        let error = Receipt::from_json(&damaged.to_json()).unwrap_err();
        assert!(error.to_string().contains("revises the bass twice"), "{error}");
    }
}

/// The same judge, whose objections are strict.
struct Strictly(Against);

impl Judge for Strictly {
    fn judge(&self, task: &Task, phrase: &Phrase) -> Judgement {
        self.0.judge(task, phrase)
    }

    fn is_strict(&self) -> bool {
        true
    }

    fn least_distance(&self) -> f64 {
        0.2
    }
}

#[test]
fn what_a_strict_judge_refuses_or_finds_alike_does_not_fill_up() {
    let task = Task::generate(d_minor(2), &[Part::Melody], TaskSettings::default()).unwrap();
    let none = best_of(&task, 4, &[Box::new(Strictly(Against(|_| true)))]);
    assert_eq!(none.len(), 1, "one is better than nothing");
    let apart = best_of(&task, 16, &[Box::new(Strictly(Against(|_| false)))]);
    let shapes: Vec<Shape> = apart.iter().map(|take| Shape::of(&take.phrase, &Part::ALL)).collect();
    for (idx, shape) in shapes.iter().enumerate() {
        assert!(shapes[..idx].iter().all(|other| shape.distance(other) > 0.2));
    }
}

#[test]
fn breaking_off_cancels_the_first_and_later_chooses_from_what_there_is() {
    let task = Task::generate(d_minor(4), &[Part::Melody], TaskSettings::default()).unwrap();
    let until = |stops: fn(&SelectionProgress) -> bool| {
        compose::best_of(&MODEL, &task, 3, 8, &[], |progress| {
            if stops(&progress) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    };
    assert!(matches!(
        until(|progress| matches!(progress, SelectionProgress::First(_))),
        Err(ComposeError::Cancelled)
    ));
    assert_eq!(until(|progress| matches!(progress, SelectionProgress::FirstDone(_))).unwrap().len(), 1);
    let later = until(|progress| matches!(progress, SelectionProgress::Others { n_done: 9 })).unwrap();
    assert!((2..=8).contains(&later.len()));
    assert!(later.iter().all(|take| take.receipt.take < 9));
}

#[test]
fn candidates_are_fewer_where_each_is_longer() {
    for (n_bars, parts, n_takes, n) in [
        (8, &Part::ALL[..], 8, 32),
        (16, &Part::ALL, 8, 16),
        (8, &Part::ALL[..1], 8, 32),
        (1, &Part::ALL[..1], 1, 8),
        (16, &Part::ALL, 16, 24),
    ] {
        let task = Task::generate(d_minor(n_bars), parts, TaskSettings::default()).unwrap();
        assert_eq!(compose::best_of::n_candidates(&task, n_takes), n, "{n_bars} bars, {n_takes} takes");
    }
}

#[test]
fn an_earlier_take_is_not_composed_again() {
    let task = Task::generate(d_minor(8), &[Part::Melody], TaskSettings::default()).unwrap();
    let first = best_of(&task, 1, &MODEL.judges(&task, []));
    let again = best_of(&task, 1, &MODEL.judges(&task, [(7, &first[0])]));
    assert_ne!(first[0].receipt.take, again[0].receipt.take, "the same seed, but another take");
    let novelty = Novelty::new(MODEL.references(), &task, [(7, &first[0])]);
    assert_eq!(novelty.judge(&task, &first[0].phrase).objections, ["much like take 7"]);
    // Bars that are added may be like those before.
    let more = Task::continue_by(&first[0].phrase, 8, &[Part::Melody], TaskSettings::default()).unwrap();
    let longer = compose_takes(&more, 1, 0..1).remove(0);
    assert_eq!(
        Novelty::new(MODEL.references(), &more, [(7, &first[0])]).judge(&more, &longer).objections,
        Vec::<String>::new()
    );
}
