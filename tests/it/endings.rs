//! Endings of phrases, parts that must not fall silent, and the rise of songs.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use descant::compose::{self, Model, SongTask, compose_song, replay_song};
use descant::music::ending::Ending;
use descant::music::{Frame, Key, Meter, Note, Part, Phrase};
use descant::session::{Rules, SilenceRule, Task, TaskSettings};
use descant::token::{Controls, Style};

static MODEL: LazyLock<Model> = LazyLock::new(|| Model::shipped().unwrap());

const PARTS: [Part; 4] = [Part::Drums, Part::Bass, Part::Chords, Part::Melody];

fn frame(n_bars: u32) -> Frame {
    Frame::new(Meter::COMMON, n_bars, "G major".parse().unwrap(), 104.0)
}

fn settings(style: Style, ending: Ending) -> TaskSettings {
    let controls = Controls { style: Some(style), tells_frame: true, ..Controls::default() };
    TaskSettings { controls, ending, ..TaskSettings::default() }
}

fn compose(task: &Task, takes: u32) -> Vec<Phrase> {
    let takes = compose::compose(&MODEL, task, 11, 0..takes, |_| ControlFlow::Continue(())).unwrap();
    takes.into_iter().map(|take| std::sync::Arc::unwrap_or_clone(take.phrase)).collect()
}

/// Semitones of the last chord's root and of the first one's above the tonic.
fn last_and_first_root(phrase: &Phrase) -> (u8, u8) {
    let roots: Vec<u8> = phrase
        .progression()
        .spans()
        .iter()
        .filter_map(|span| span.chord)
        .map(|chord| chord.root.above(phrase.frame().key.tonic))
        .collect();
    (*roots.last().unwrap(), roots[0])
}

fn last_note(phrase: &Phrase, part: Part) -> Note {
    *phrase.notes(part).last().unwrap()
}

#[test]
fn a_close_comes_to_rest_on_the_tonic() {
    for style in [Style::Pop, Style::Folk] {
        let task = Task::generate(frame(8), &PARTS, settings(style, Ending::Close)).unwrap();
        for phrase in compose(&task, 4) {
            let tonic = phrase.frame().key.tonic;
            let (last, _) = last_and_first_root(&phrase);
            assert_eq!(last, 0, "{style}: {:?}", phrase.progression());
            let melody = last_note(&phrase, Part::Melody);
            assert_eq!(melody.pitch.class(), tonic, "{style}");
            assert!(melody.duration.0 >= 960, "{style}: {melody:?}");
            let in_bar = melody.onset.since(phrase.frame().bar_start(7)).0;
            assert!(in_bar == 0 || in_bar == 1920, "{style}: {melody:?} is not on a strong beat");
            assert_eq!(last_note(&phrase, Part::Bass).pitch.class(), tonic, "{style}");
            let hits =
                phrase.notes(Part::Drums).iter().filter(|hit| hit.onset >= phrase.frame().bar_start(7));
            let keys: Vec<u8> = hits.map(|hit| hit.pitch.number()).collect();
            assert!(keys.iter().any(|key| [49, 57].contains(key)) && keys.len() <= 3, "{style}: {keys:?}");
        }
    }
}

#[test]
fn a_loop_leads_back_and_an_open_end_waits() {
    for style in [Style::Pop, Style::Jazz] {
        let task = Task::generate(frame(4), &PARTS, settings(style, Ending::Loop)).unwrap();
        for phrase in compose(&task, 4) {
            let (last, first) = last_and_first_root(&phrase);
            assert_ne!(last, first, "{style}: {:?}", phrase.progression());
        }
        let task = Task::generate(frame(4), &PARTS, settings(style, Ending::Open)).unwrap();
        for phrase in compose(&task, 4) {
            assert_eq!(last_and_first_root(&phrase).0, 7, "{style}: {:?}", phrase.progression());
            let waits_on = last_note(&phrase, Part::Melody).pitch.class().above(phrase.frame().key.tonic);
            assert!([2, 7, 10, 11].contains(&waits_on), "{style}: {waits_on}");
        }
    }
}

#[test]
fn a_calm_part_does_not_fall_silent() {
    for style in [Style::Pop, Style::Jazz, Style::LoFi] {
        let mut settings = settings(style, Ending::Any);
        (settings.controls.valence, settings.controls.arousal) = (Some(0.6), Some(0.1));
        let task = Task::generate(frame(8), &PARTS, settings).unwrap();
        for phrase in compose(&task, 3) {
            for part in PARTS {
                let sounds_in = |bar: u32| {
                    let (start, end) = (phrase.frame().bar_start(bar), phrase.frame().bar_start(bar + 1));
                    phrase.notes(part).iter().any(|note| note.onset < end && note.end() > start)
                };
                let empty: Vec<u32> = (0..8).filter(|bar| !sounds_in(*bar)).collect();
                assert!(empty.is_empty(), "{style} {part}: nothing in bars {empty:?}");
            }
        }
    }
}

/// A new field of a task is not stored while it has its default, and may be missing in older tasks.
#[test]
fn tasks_of_before_are_read_as_they_were_meant() {
    let rules = Rules { silence: SilenceRule::Any, ..Rules::default() };
    let task =
        Task::generate(frame(2), &[Part::Melody], TaskSettings { rules, ..TaskSettings::default() }).unwrap();
    let text = serde_json::to_string(&task).unwrap();
    for new in ["ending", "silence", "fill"] {
        assert!(!text.contains(new), "{new} is in {text}");
    }
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), task);
    let of_now = Task::generate(frame(2), &[Part::Melody], settings(Style::Pop, Ending::Close)).unwrap();
    let text = serde_json::to_string(&of_now).unwrap();
    assert!(text.contains(r#""silence":"short""#) && text.contains(r#""ending":"close""#), "{text}");
    assert_eq!(serde_json::from_str::<Task>(&text).unwrap(), of_now);
}

#[test]
fn a_chorus_lifts_a_fill_leads_to_it_and_the_song_closes() {
    let section = Frame { key: Key::C_MAJOR, ..frame(4) };
    let form = "verse-chorus".parse().unwrap();
    let song =
        SongTask { form, section, parts: PARTS.to_vec(), settings: settings(Style::Pop, Ending::Close) };
    let take = compose_song(&MODEL, &song, 5, 0..1, |_| ControlFlow::Continue(())).unwrap().remove(0);
    let of_section = |idx: u32| take.phrase.window(idx * 4, 4).unwrap();
    let n_notes = |phrase: &Phrase, part: Part| phrase.notes(part).len();
    let (verse, chorus) = (of_section(0), of_section(1));
    for part in [Part::Bass, Part::Drums] {
        assert!(n_notes(&chorus, part) * 10 >= n_notes(&verse, part) * 8, "{part} of the chorus is thin");
    }
    let loudness = |phrase: &Phrase| {
        let velocities: Vec<f64> = phrase.all_notes().map(|(_, note)| f64::from(note.velocity)).collect();
        velocities.iter().sum::<f64>() / velocities.len() as f64
    };
    let louder = loudness(&chorus) - loudness(&verse);
    assert!((5.0..=10.0).contains(&louder), "{louder}");
    for section in 0..3 {
        let of_fill = of_section(section);
        let last_half = of_fill.frame().bar_start(3).0 + 1920;
        let hits: Vec<&Note> =
            of_fill.notes(Part::Drums).iter().filter(|hit| hit.onset.0 >= last_half).collect();
        let is_of_fill = |hit: &&Note| [38, 40, 41, 43, 45, 47, 48, 50].contains(&hit.pitch.number());
        assert!(hits.len() >= 4 && hits.iter().all(is_of_fill), "section {section}: {hits:?}");
    }
    assert_eq!(last_note(&take.phrase, Part::Melody).pitch.class(), section.key.tonic);
    let song = take.receipt.song.unwrap();
    assert!(song.sections[1].louder != 0 || louder >= 5.0);
    assert_eq!(replay_song(&MODEL, &song).unwrap(), *take.phrase);
}
