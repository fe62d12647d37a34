//! Example states of the editor as the plugin would build them: every parameter, a phrase and a few takes.

use std::sync::Arc;

use descant::editor::{
    Activity, AppliedWords, CurrentPreset, Program, Routing, Status, TakeCard, Tone, Transport, ViewState,
};
use descant::music::time::{TICKS_PER_STEP, TickDuration, TickInstant};
use descant::music::{Frame, Key, Meter, Mode, Note, Part, Phrase, Pitch, PitchClass, Progression};
use descant::params::{Control, Learnable, Outcome, ParamId, PartParam, Setting};
use descant::player::{TestNotes, TestStage};
use descant::preset::{Library, Preset, Unreadable};
use descant::session::{Command, Verb};
use descant::token::Style;
use descant::words;

/// A phrase plays, and there are other takes.
pub fn full() -> ViewState {
    let mut state = empty();
    let text = "dark lo-fi in D minor, sparse, 82 bpm";
    let read = words::read(text);
    state.words = AppliedWords { text: text.to_owned(), understood: read.understood, unknown: read.unknown };
    state.takes = (1..=7)
        .rev()
        .map(|number| TakeCard {
            number,
            phrase: Arc::new(phrase(number)),
            is_current: number == 7,
            is_next: false,
            slot: match number {
                7 => Some(2),
                6 => Some(1),
                3 => Some(12),
                _ => None,
            },
            is_edited: false,
            is_favourite: number == 5,
            parent: (number == 7).then_some(6),
            origin: if number == 7 { "bars 3-4 of 6 anew".to_owned() } else { String::new() },
            remarks: Vec::new(),
            model: None,
        })
        .collect();
    state.phrase = Some(Arc::new(phrase(7)));
    (state.playhead_beats, state.frozen_beats) = (Some(5.25), 1.0);
    choose(&mut state, ParamId::Follow, 1);
    for (id, asked, got) in [
        (ParamId::Valence, Some(0.31), 0.34),
        (ParamId::Arousal, Some(0.33), 0.29),
        (ParamId::Density, Some(0.3), 0.28),
        (ParamId::Syncopation, None, 0.62),
        (ParamId::Register, None, 0.45),
        (ParamId::Leaps, None, 0.38),
        (ParamId::Rests, None, 0.7),
    ] {
        state.outcomes.insert(id, Outcome { asked, got });
    }
    state.undo = Some("Density 38 % → 22 %".to_owned());
    state.bindings = vec![
        (Learnable::Command(Command::Compose(Verb::Generate)), Control::Controller(20)),
        (Learnable::Command(Command::Panic), Control::Controller(21)),
        (Learnable::Slot(2), Control::Key(Pitch::MIDDLE_C)),
    ];
    state.preset = Some(CurrentPreset { name: "Late-night keys".to_owned(), is_changed: false });
    state.status = Status { text: "4 bars in 61 ms".to_owned(), tone: Tone::Good };
    for (id, step) in [(ParamId::Style, 15), (ParamId::Tonic, 3), (ParamId::Mode, 2)] {
        choose(&mut state, id, step);
    }
    for (id, place, text) in [
        (ParamId::Valence, 32.0 / 101.0, "31 %"),
        (ParamId::Arousal, 34.0 / 101.0, "33 %"),
        (ParamId::Tempo, 0.19, "82 BPM"),
        (ParamId::Density, 31.0 / 101.0, "30 %"),
        (ParamId::Complexity, 46.0 / 101.0, "45 %"),
        (ParamId::Surprise, 0.55, "55 %"),
        (ParamId::Swing, 0.32, "58 %"),
        (ParamId::Humanise, 0.4, "40 %"),
    ] {
        put(&mut state, id, place, text);
    }
    state
}

/// Nothing composed yet, all parameters as they are at first.
pub fn empty() -> ViewState {
    let mut state =
        ViewState { status: Status { text: "Ready".to_owned(), tone: Tone::Good }, ..ViewState::default() };
    state.styles =
        Style::ALL.into_iter().take(11).chain([Style::House, Style::LoFi, Style::Ambient]).collect();
    let styles = Style::ALL.map(|style| title(style.name()));
    let styles: Vec<&str> = ["Auto"].into_iter().chain(styles.iter().map(String::as_str)).collect();
    let tonics = ["Auto", "C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
    let meters: Vec<String> = Meter::all().map(|meter| meter.to_string()).collect();
    let meters: Vec<&str> = meters.iter().map(String::as_str).collect();
    state.presets = Arc::new(shelf());
    for (id, labels, first) in [
        (ParamId::Style, styles.as_slice(), 0),
        (ParamId::Tonic, &tonics, 0),
        (
            ParamId::Mode,
            &["Auto", "Major", "Minor", "Dorian", "Phrygian", "Lydian", "Mixolydian", "Locrian"],
            0,
        ),
        (ParamId::Meter, &meters, 0),
        (ParamId::Scale, &["Locked to the scale", "Free", "By style"], 2),
        (ParamId::TempoSource, &["Host", "Own", "MIDI clock"], 0),
        (ParamId::SwingUnit, &["1/8", "1/16"], 0),
        (ParamId::Groove, &["Off", "Rock", "Funk", "Soul", "Hip-hop", "Latin", "Afro", "Jazz", "Shuffle"], 0),
        (ParamId::KeyTrigger, &["Gate", "Latch"], 0),
        (ParamId::Follow, &["Off", "On"], 0),
        (ParamId::Evolve, &["Off", "On"], 0),
        (ParamId::Hold, &["Off", "On"], 0),
        (ParamId::Answer, &["Off", "1 bar", "2 bars", "4 bars"], 0),
        (ParamId::KeySwitches, &["Off", "C0", "C1", "C2"], 2),
        (ParamId::Through, &["Off", "On"], 1),
        (ParamId::Programs, &["Off", "Slots", "Presets"], 1),
        (ParamId::CountIn, &["Off", "1 bar", "2 bars"], 0),
        (ParamId::Form, &["Phrase", "AABA", "AA'BA", "ABAB", "Verse-chorus", "12-bar blues"], 0),
        (ParamId::VaryKeep, &["Nothing", "Rhythm", "Pitches"], 0),
        (ParamId::Ending, &["Auto", "Loop", "Close", "Open", "Any"], 0),
        (ParamId::VelocityCurve, &["Softest", "Softer", "Straight", "Harder", "Hardest"], 2),
        (ParamId::Quantum, &["Off", "1/16", "1/8", "Beat", "Bar", "Phrase"], 4),
        (ParamId::PlayMode, &["Host", "Keys", "Free"], 0),
        (ParamId::Play, &["Off", "On"], 1),
    ] {
        offer(&mut state, id, labels, first);
    }
    for id in [
        ParamId::Valence,
        ParamId::Arousal,
        ParamId::Density,
        ParamId::Syncopation,
        ParamId::Complexity,
        ParamId::Register,
        ParamId::Leaps,
        ParamId::Rests,
    ] {
        insert(&mut state, id, 0.0, "Auto", Some(101));
    }
    for (id, place, text, n_steps) in [
        (ParamId::Tempo, 0.26, "100 BPM", None),
        (ParamId::Surprise, 0.5, "50 %", Some(100)),
        (ParamId::Bars, 3.0 / 15.0, "4 bars", Some(15)),
        (ParamId::VaryAmount, 0.263, "30 %", Some(95)),
        (ParamId::Swing, 0.0, "50 %", None),
        (ParamId::GrooveAmount, 1.0, "100 %", Some(100)),
        (ParamId::Humanise, 0.0, "0 %", Some(100)),
        (ParamId::Performance, 100.0 / 150.0, "100 %", Some(150)),
        (ParamId::OneChannel, 0.0, "Per part", Some(16)),
        (ParamId::Accent, 0.0, "0 %", Some(100)),
        (ParamId::NoteLength, 90.0 / 190.0, "100 %", Some(190)),
        (ParamId::Commit, 1.0 / 16.0, "1 beat", None),
        (ParamId::Slot, 0.0, "None", Some(12)),
        (ParamId::KeyDynamics, 0.5, "50 %", Some(100)),
        (ParamId::PreviewLevel, 0.8, "0.0 dB", None),
    ] {
        insert(&mut state, id, place, text, n_steps);
    }
    for part in Part::ALL {
        let channel = [9, 2, 1, 3, 0][part.index()];
        let channels: Vec<String> = (1..=16).map(|channel| channel.to_string()).collect();
        let channels: Vec<&str> = channels.iter().map(String::as_str).collect();
        offer(&mut state, ParamId::Part(part, PartParam::Channel), &channels, channel);
        offer(
            &mut state,
            ParamId::Part(part, PartParam::Sound),
            &["Auto", "Keys", "Pad", "Bass", "Pluck"],
            if part == Part::Arpeggio { 1 } else { 0 },
        );
        let is_on = part != Part::Arpeggio;
        for (id, place, text, n_steps) in [
            (PartParam::On, if is_on { 1.0 } else { 0.0 }, if is_on { "On" } else { "Off" }, Some(1)),
            (PartParam::Mute, 0.0, "Off", Some(1)),
            (PartParam::Solo, 0.0, "Off", Some(1)),
            (PartParam::Level, 0.8, "0.0 dB", None),
            (PartParam::Pan, 0.5, "C", Some(200)),
            (PartParam::Octave, 0.5, "0", Some(6)),
            (PartParam::Program, 0.0, "None", Some(128)),
            (PartParam::Bank, 0.0, "None", Some(128)),
            (PartParam::Density, 0.5, "0 %", Some(100)),
        ] {
            insert(&mut state, ParamId::Part(part, id), place, text, n_steps);
        }
    }
    state
}

/// A phrase plays in the program of our own.
pub fn standalone() -> ViewState {
    let mut state = full();
    for id in [ParamId::PlayMode, ParamId::TempoSource] {
        let labels = state.choices.get_mut(&id).unwrap();
        labels[0] = "JACK".to_owned();
    }
    choose(&mut state, ParamId::PlayMode, 2);
    choose(&mut state, ParamId::TempoSource, 0);
    let routing = Routing { program: Program::named("descant"), ..Routing::default() };
    ViewState { is_standalone: true, transport: Transport::Own, routing, ..state }
}

/// A phrase waits in the program of this file name, and the test notes are at `stage`.
pub fn testing(file_name: &str, stage: TestStage) -> ViewState {
    let notes = TestNotes { stage, n_sent: 8, n_back: 0 };
    let routing = Routing { program: Program::named(file_name), is_stalled: false, notes };
    ViewState { routing, playhead_beats: None, ..full() }
}

/// The factory's presets, two of the user's and a file that is none.
fn shelf() -> Library {
    let user = |name: &str, style: &str| Preset {
        name: name.to_owned(),
        values: [("style".to_owned(), style.to_owned())].into(),
        ..Preset::default()
    };
    let mut shelf = Library::read(None);
    shelf.user = vec![user("Bridge", "Pop"), user("Slow intro", "Ambient")];
    shelf.unreadable = vec![Unreadable {
        file_name: "half.toml".to_owned(),
        why: "is damaged (line 2: unexpected end); mend it in a text editor, or move it away".to_owned(),
    }];
    shelf.folder = Some("presets".into());
    shelf
}

/// A bar with a note.
pub fn one_note() -> Arc<Phrase> {
    let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
    let parts = [vec![], vec![], vec![], vec![], vec![note(0, 12, 60, 90)]];
    Arc::new(Phrase::new(frame, Progression::default(), parts).unwrap())
}

/// Half of a phrase is there, the rest on its way.
pub fn composing() -> ViewState {
    let mut state = full();
    let whole = phrase(8);
    let kept = whole.to_parts().map(|notes| {
        let end = whole.frame().bar_start(2);
        notes.into_iter().filter(|note| note.onset < end).collect()
    });
    state.phrase = Some(Arc::new(Phrase::new(*whole.frame(), whole.progression().clone(), kept).unwrap()));
    state.is_streaming = true;
    state.playhead_beats = None;
    state.activity = Activity::Composing { n_bars: 2, n_bars_total: 4 };
    state.status = Status { text: "Composing …".to_owned(), tone: Tone::Working };
    state
}

/// A phrase is there, and others to choose from are on their way.
pub fn choosing() -> ViewState {
    let mut state = full();
    state.activity = Activity::Choosing { n_tried: 9 };
    state.status = Status { text: "choosing: 9 phrases tried".to_owned(), tone: Tone::Working };
    state
}

/// A phrase was asked for and is composed when a render is done.
pub fn rendering() -> ViewState {
    let mut state = full();
    state.activity = Activity::Waiting;
    let text = "waiting for the render; composed when it is done";
    state.status = Status { text: text.to_owned(), tone: Tone::Working };
    state
}

/// Something went wrong, and some words were not understood.
pub fn problem() -> ViewState {
    let mut state = full();
    let text = "dark lofi in D minor, spicyy, 82 bpm";
    let read = words::read(text);
    state.words = AppliedWords { text: text.to_owned(), understood: read.understood, unknown: read.unknown };
    let text = "Nothing was written: the folder is read-only. Choose another one under Export.";
    state.status = Status { text: text.to_owned(), tone: Tone::Problem };
    choose(&mut state, ParamId::Part(Part::Bass, PartParam::Solo), 1);
    choose(&mut state, ParamId::Part(Part::Melody, PartParam::Mute), 1);
    state
}

/// Four bars in D minor; `number` moves the melody.
fn phrase(number: u32) -> Phrase {
    let frame = Frame::new(Meter::COMMON, 4, Key::new(PitchClass::new(2), Mode::Minor), 82.0);
    let progression = Progression::parse("Dm7 | Bbmaj7 | F | C7", Meter::COMMON, 4).unwrap();
    let shift = u8::try_from(number * 5 % 7).unwrap();
    let melody = [
        (0, 6, 69, 92),
        (9, 3, 76, 80),
        (12, 3, 77, 84),
        (15, 8, 78, 100),
        (42, 6, 77, 70),
        (48, 11, 74, 104),
        (60, 5, 72, 66),
        (66, 5, 71, 88),
        (72, 23, 72, 96),
        (96, 6, 76, 96),
        (105, 5, 78, 64),
        (120, 6, 76, 90),
        (126, 6, 74, 108),
        (132, 11, 72, 78),
        (144, 11, 71, 84),
        (156, 6, 69, 92),
        (162, 5, 67, 118),
        (168, 22, 69, 90),
    ]
    .map(|(onset, steps, pitch, velocity)| {
        let pitch = pitch + if onset % 12 == 0 { shift } else { 0 };
        Note { locked: number == 7 && [0, 48].contains(&onset), ..note(onset, steps, pitch, velocity) }
    });
    let voicings = [[57, 60, 65, 72], [58, 62, 65, 69], [57, 60, 65, 69], [55, 58, 64, 70]];
    let chords = (0..4).zip(voicings).flat_map(|(bar, pitches)| {
        pitches.into_iter().map(move |pitch| note(bar * 48, 47, pitch, 62 + 4 * u8::try_from(bar).unwrap()))
    });
    let bass = [
        (0, 18, 38, 92),
        (24, 6, 38, 80),
        (48, 18, 46, 88),
        (72, 11, 46, 84),
        (96, 18, 41, 92),
        (120, 11, 41, 78),
        (144, 18, 36, 96),
        (168, 11, 43, 82),
    ]
    .map(|(onset, steps, pitch, velocity)| note(onset, steps, pitch, velocity));
    let drums = (0..32).flat_map(|eighth| {
        let hat = note(eighth * 6, 3, 42, if eighth % 2 == 0 { 84 } else { 52 });
        let kick = (eighth % 8 == 0 || eighth % 8 == 5).then(|| note(eighth * 6, 3, 36, 104));
        let snare = (eighth % 4 == 2).then(|| note(eighth * 6, 3, 38, 96));
        [Some(hat), kick, snare].into_iter().flatten()
    });
    let parts = [drums.collect(), bass.to_vec(), chords.collect(), Vec::new(), melody.to_vec()];
    Phrase::new(frame, progression, parts).unwrap()
}

/// `onset` and `steps` in grid steps, twelve a beat.
fn note(onset: u32, steps: u32, pitch: u8, velocity: u8) -> Note {
    let onset = TickInstant(onset * TICKS_PER_STEP);
    Note::new(onset, TickDuration::from_steps(steps), Pitch::new(pitch).unwrap(), velocity)
}

fn insert(state: &mut ViewState, id: ParamId, place: f32, text: &str, n_steps: Option<usize>) {
    let setting = Setting { normalized: place, default: place, text: text.to_owned(), n_steps };
    state.settings.insert(id, setting);
}

fn offer(state: &mut ViewState, id: ParamId, labels: &[&str], first: u16) {
    state.choices.insert(id, labels.iter().map(|label| (*label).to_owned()).collect());
    insert(state, id, 0.0, labels[0], Some(labels.len() - 1));
    choose(state, id, first);
}

fn put(state: &mut ViewState, id: ParamId, place: f32, text: &str) {
    let setting = state.settings.get_mut(&id).unwrap();
    setting.normalized = place;
    setting.text = text.to_owned();
}

/// A take was chosen by its slot and has to wait for its bar.
pub fn waiting() -> ViewState {
    let mut state = full();
    for take in state.takes.iter_mut().filter(|take| take.is_current) {
        take.is_next = true;
    }
    put(&mut state, ParamId::Slot, 2.0 / 12.0, "2");
    state.next_beats = Some(8.0);
    state
}

/// Sets a parameter to a step of its range.
pub fn choose(state: &mut ViewState, id: ParamId, step: u16) {
    let setting = state.settings.get_mut(&id).unwrap();
    setting.normalized = f32::from(step) / f32::from(u16::try_from(setting.n_steps.unwrap()).unwrap());
    if let Some(labels) = state.choices.get(&id) {
        setting.text.clone_from(&labels[usize::from(step)]);
    }
}

fn title(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}
