mod choosing;

mod loading;

mod renders;

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::*;
use crate::compose::{Judge, Judgement, Model, SongTask};
use crate::music::{Frame, Key, Meter, Note, Part, Phrase, Pitch, TickDuration, TickInstant};
use crate::player::{
    Action as PlayerAction, HostTime, InputEvent, Mode, Monitor, Player, PlayerEvent, Settings, clip_channel,
};
use crate::session::{
    Alteration, Ask, Choice, Edit, Job, Keep, NoteName, Occasion, Project, Selection, Task, TaskSettings,
    Variation, Verb,
};

/// A worker with a player at its other end, as in the plugin.
struct Rig {
    worker: Worker,
    triggers: Arc<Triggers>,
    player: Player,
    monitor: Arc<Monitor>,
    /// While it is locked, the worker stands still after each bar that it has finished.
    gate: Arc<Mutex<()>>,
    /// While it is locked, the worker stands still once it has finished some phrases to choose from.
    choice_gate: Arc<Mutex<()>>,
    /// How often the network was read.
    n_loads: Asked,
    /// How the host is found to take time.
    pace: Arc<Mutex<HostPace>>,
    /// Ids of the takes that the player was seen to have, each once.
    ids: Vec<u64>,
    /// What the worker was seen to do, one after the other.
    stages: Vec<Stage>,
}

/// The longest that the worker may show no sign of life, on however busy a machine: only one that hangs does.
const HANG: Duration = Duration::from_secs(600);

/// What was asked, in order.
type Asked = Arc<AtomicU32>;

fn rig(n_bars: u32) -> (Rig, Asked) {
    let asked = Asked::default();
    let count = Arc::clone(&asked);
    let brief = move |_: &Model, ask, phrase: Option<&Phrase>, seed| {
        count.fetch_add(1, Ordering::Relaxed);
        let frame = Frame::new(Meter::COMMON, n_bars, Key::C_MAJOR, 100.0);
        match (ask, phrase) {
            (Ask::Verb(Verb::Generate), _) => {
                Job::generate(frame, &[Part::Bass, Part::Melody], TaskSettings::default())
            }
            (Ask::Verb(Verb::Continue), Some(phrase)) => Job::continue_by(phrase, 2, TaskSettings::default()),
            (Ask::Answer, Some(call)) => Job::respond(call, 2, &[Part::Melody], TaskSettings::default()),
            (Ask::Verb(Verb::Vary) | Ask::Evolve, Some(phrase)) => {
                let variation = Variation::new(0.5, Keep::Nothing);
                Job::vary(phrase, variation, seed, TaskSettings::default())
            }
            _ => return Err("nothing there".to_owned()),
        }
        .map(Assignment::from)
        .map_err(|error| error.to_string())
    };
    (rig_with(Box::new(brief)), asked)
}

fn rig_with(brief: Box<Brief>) -> Rig {
    judged_rig(brief, Box::new(|_, _, _| Vec::new()))
}

fn judged_rig(brief: Box<Brief>, judges: Box<Judging>) -> Rig {
    let (clips, receiver) = clip_channel();
    let (triggers, monitor) = (Arc::new(Triggers::default()), Arc::new(Monitor::new()));
    let shared = Arc::new(Shared::default());
    let (gate, choice_gate) = (Arc::new(Mutex::new(())), Arc::new(Mutex::new(())));
    let changed = {
        let (shared, gate, choice_gate) = (Arc::clone(&shared), Arc::clone(&gate), Arc::clone(&choice_gate));
        move || {
            let status = shared.status();
            if status.draft.is_some() {
                drop(gate.lock());
            }
            if n_tried(&status.stage) > Some(1) {
                drop(choice_gate.lock());
            }
        }
    };
    let n_loads = Asked::default();
    let load = {
        let n_loads = Arc::clone(&n_loads);
        move || {
            n_loads.fetch_add(1, Ordering::Relaxed);
            Model::shipped().map(|model| Loaded { model, report: None })
        }
    };
    let pace = Arc::new(Mutex::new(HostPace::InTime));
    let (load, changed) = (Box::new(load), Box::new(changed));
    let look = {
        let pace = Arc::clone(&pace);
        Box::new(move || *pace.lock())
    };
    let callbacks = Callbacks { load, brief, changed, pace: look, judges };
    let worker = Worker::start(shared, Arc::clone(&triggers), callbacks, clips).unwrap();
    let player = Player::new(receiver, Arc::clone(&monitor));
    let (ids, stages) = (Vec::new(), Vec::new());
    Rig { worker, triggers, player, monitor, gate, choice_gate, n_loads, pace, ids, stages }
}

fn n_tried(stage: &Stage) -> Option<u32> {
    match stage {
        Stage::Choosing { n_tried } => Some(*n_tried),
        _ => None,
    }
}

impl Rig {
    fn send(&self, request: Request) {
        self.worker.requests().send(request);
    }

    fn status(&self) -> WorkerStatus {
        self.worker.shared().status()
    }

    fn n_takes(&self) -> usize {
        self.worker.shared().with_project(|project| project.takes.entries().len())
    }

    /// The number of the chosen take.
    fn current(&self) -> Option<u64> {
        self.worker.shared().with_project(|project| project.takes.current().map(|entry| entry.number))
    }

    /// Whether at least `n_least` phrases to choose from are finished.
    fn has_chosen_from(&self, n_least: u32) -> bool {
        n_tried(&self.status().stage) >= Some(n_least)
    }

    /// Plays blocks for a while.
    fn play_on(&mut self) {
        let until = Instant::now() + Duration::from_millis(200);
        self.play_until("a while", |_| Instant::now() >= until);
    }

    /// Plays blocks until `is_done`, as long as the worker gets on.
    fn play_until(&mut self, what: &str, is_done: impl Fn(&Self) -> bool) {
        let mut life = ((self.status(), self.n_takes()), Instant::now());
        while !is_done(self) {
            let seen = (self.status(), self.n_takes());
            if seen != life.0 {
                self.stages.push(seen.0.stage);
                life = (seen, Instant::now());
            }
            assert!(life.1.elapsed() < HANG, "waited in vain for {what}: {:?}", self.status());
            self.player.process(&HostTime::default(), &Settings::default(), &[], 64);
            let id = self.monitor.playing_id();
            self.ids.extend(id.filter(|id| self.ids.last() != Some(id)));
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    /// Plays the phrase on its own until the melody has a wanted pitch.
    fn melody_until(&mut self, what: &str, is_wanted: impl Fn(Pitch) -> bool) {
        let (began, settings) = (Instant::now(), Settings { mode: Mode::Free, ..Settings::default() });
        loop {
            let events = self.player.process(&HostTime::default(), &settings, &[], 512);
            let is_on = |event: &&PlayerEvent| matches!(event.action, PlayerAction::On { .. });
            let mut onsets = events.iter().filter(is_on).filter(|event| event.part == Some(Part::Melody));
            if onsets.any(|event| is_wanted(event.pitch)) {
                return;
            }
            assert!(began.elapsed() < HANG, "waited in vain for {what}");
            std::thread::sleep(Duration::from_micros(200));
        }
    }

    fn report(&self) -> String {
        self.status().report.map(|report| report.text).unwrap_or_default()
    }
}

#[test]
fn edited_notes_play_at_once_and_so_does_their_undoing() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("takes", |rig| rig.n_takes() > 0 && rig.status().stage == Stage::Idle);
    let id = rig.monitor.playing_id();
    let shared = Arc::clone(rig.worker.shared());
    let current = || shared.with_project(|project| project.takes.current().cloned()).unwrap();
    let composed = Arc::clone(&current().take.phrase);
    shared.edit(|project| project.takes.put_in_slot(0, 5));
    let top = Pitch::new(127).unwrap();
    let melody = composed.notes(Part::Melody).iter().map(|note| NoteName::of(Part::Melody, note));
    let number = current().number;
    shared.edit_notes(number, &Edit::Alter(melody.collect(), Alteration::Remove)).unwrap();
    let whole = Note::new(TickInstant(0), TickDuration(480), top, 90);
    shared.edit_notes(number, &Edit::Insert(Part::Melody, whole)).unwrap();
    assert_eq!(current().n_edits, 2);
    // An edit that is refused changes nothing, nor does one of a take that is not chosen.
    assert!(shared.edit_notes(number + 1, &Edit::Insert(Part::Melody, whole)).is_err());
    let nowhere = Note { onset: composed.frame().end(), ..whole };
    assert!(shared.edit_notes(number, &Edit::Insert(Part::Melody, nowhere)).is_err());
    rig.melody_until("the edited note", |pitch| pitch == top);
    assert!(shared.undo().is_some() && shared.undo().is_some());
    assert_eq!((&current().take.phrase, current().n_edits), (&composed, 0));
    rig.melody_until("the composed notes", |pitch| pitch != top);
    assert_eq!(rig.monitor.playing_id(), id, "it is one phrase all along");
}

#[test]
fn a_preset_is_asked_for_once_and_at_once() {
    let (mut rig, asked) = rig(2);
    rig.triggers.raise(Trigger::Preset(7), 0);
    rig.triggers.raise(Trigger::Preset(2), 0);
    let taken = std::cell::Cell::new(None);
    rig.play_until("the preset", |rig| {
        taken.set(rig.worker.shared().take_preset_asked());
        taken.get().is_some()
    });
    assert_eq!((taken.get(), rig.worker.shared().take_preset_asked()), (Some(2), None));
    assert_eq!((asked.load(Ordering::Relaxed), rig.n_takes()), (0, 0), "who sets it has it composed by");
}

#[test]
fn an_idle_instance_reads_no_network_and_composes_nothing() {
    let (mut rig, asked) = rig(2);
    rig.worker.shared().restore(Project::default());
    rig.send(Request::Select(Choice::Next));
    let began = Instant::now();
    rig.play_until("nothing to happen", |_| began.elapsed() > Duration::from_millis(200));
    assert_eq!((rig.n_loads.load(Ordering::Relaxed), asked.load(Ordering::Relaxed)), (0, 0));
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("eight takes", |rig| rig.n_takes() == 8);
    assert_eq!((rig.n_loads.load(Ordering::Relaxed), asked.load(Ordering::Relaxed)), (1, 1));
}

#[test]
fn takes_are_kept_and_the_first_plays() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("eight takes", |rig| rig.n_takes() == 8 && rig.monitor.playing_id() == Some(1));
    rig.play_until("its report", |rig| rig.report() == "2 bars, 8 takes");
    rig.send(Request::Select(Choice::Next));
    rig.send(Request::Select(Choice::Next));
    rig.play_until("take 3", |rig| {
        rig.monitor.pending_id() == Some(3) || rig.monitor.playing_id() == Some(3)
    });
    rig.triggers.raise(Trigger::Compose(Verb::Continue), rig.worker.shared().n_restores());
    rig.play_until("a longer phrase", |rig| rig.n_takes() == 16);
    let project = rig.worker.shared().project();
    let current = project.takes.current().unwrap();
    assert_eq!((current.number, current.take.phrase.frame().n_bars), (9, 4));
    rig.triggers.raise(Trigger::Compose(Verb::Vary), rig.worker.shared().n_restores());
    // How many differ depends on what the seed gave to vary.
    rig.play_until("variations", |rig| rig.n_takes() > 16 && rig.status().stage == Stage::Idle);
}

#[test]
fn composing_is_undone_and_done_again() {
    let (mut rig, _) = rig(2);
    for n_takes in [8, 16] {
        rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
        rig.play_until("takes", |rig| rig.n_takes() == n_takes && rig.status().stage == Stage::Idle);
    }
    assert_eq!(rig.current(), Some(9));
    let playing = rig.monitor.playing_id();
    assert!(rig.worker.shared().undo().is_some());
    rig.send(Request::Select(Choice::Chosen));
    rig.play_until("the take before", |rig| rig.current() == Some(1) && rig.monitor.playing_id() == Some(1));
    assert!(rig.worker.shared().redo().is_some());
    rig.send(Request::Select(Choice::Chosen));
    rig.play_until("the take after", |rig| rig.current() == Some(9) && rig.monitor.playing_id() == playing);
    assert_eq!(rig.n_takes(), 16, "takes stay");
}

#[test]
fn what_evolves_follows_the_phrase_and_gives_way_to_what_is_asked() {
    let (mut rig, asked) = rig(1);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("eight takes", |rig| rig.n_takes() == 8);
    let number = rig.worker.shared().project().takes.next_number();
    rig.triggers.raise(Trigger::Evolve, rig.worker.shared().n_restores());
    rig.play_until("one more take", |rig| rig.n_takes() == 9);
    rig.play_until("its report", |rig| rig.report() == "1 bar, 1 take");
    let project = rig.worker.shared().project();
    let current = project.takes.current().map(|entry| (entry.number, entry.occasion));
    assert_eq!(current, Some((number, Occasion::Automatic)));
    assert_eq!(rig.monitor.playing_id(), Some(1), "the phrase plays to its end");
    rig.play_until("its turn", |rig| rig.monitor.playing_id().is_some_and(|id| id != 1));
    // Asked for together, what is asked comes first.
    let n_asked = asked.load(Ordering::Relaxed);
    rig.triggers.raise(Trigger::Evolve, rig.worker.shared().n_restores());
    rig.triggers.raise(Trigger::Compose(Verb::Generate), rig.worker.shared().n_restores());
    rig.play_until("both", |rig| rig.n_takes() == 18 && asked.load(Ordering::Relaxed) == n_asked + 2);
}

#[test]
fn what_is_played_is_answered_in_the_next_window() {
    let (mut rig, _) = rig(2);
    // Two bars at 100 beats per minute are listened to.
    let settings = Settings { call_beats: Some(8.0), ..Settings::default() };
    let key = |offset, action| InputEvent::note(offset, 0, Pitch::MIDDLE_C, action);
    let mut first_note = None;
    for block in 0..8000_u32 {
        if 64 * (block + 1) > 8 * 24_000 - 6_000 {
            // The call is over. On a busy machine the answer takes longer than half a beat: time waits for it.
            await_answer(&rig);
        }
        let inputs: &[InputEvent] = match block {
            100 => &[key(0, PlayerAction::On { velocity: 90 })],
            300 => &[key(0, PlayerAction::Off)],
            _ => &[],
        };
        let events = rig.player.process(&HostTime::default(), &settings, inputs, 64);
        let is_note = |event: &PlayerEvent| event.part.is_some() && event.action != PlayerAction::Off;
        if let Some(event) = events.iter().find(|event| is_note(event)) {
            first_note = Some(64 * block + event.offset);
            break;
        }
        std::thread::sleep(Duration::from_micros(700));
    }
    let project = rig.worker.shared().project();
    assert_eq!(project.takes.entries().len(), 1, "{:?}", rig.status());
    let answer = &project.takes.entries()[0].take.phrase;
    let onset = answer.notes(Part::Melody)[0].onset.to_beats();
    // 120 beats per minute is what settings say.
    assert_eq!(first_note.map(|at| f64::from(at) / 24_000.0), Some(8.0 + onset));
}

/// Waits until something is answered, without playing.
fn await_answer(rig: &Rig) {
    let since = Instant::now();
    while rig.n_takes() == 0 {
        assert!(since.elapsed() < HANG, "no answer: {:?}", rig.status());
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_was_pressed_in_the_project_before_is_not_composed_into_a_restored_one() {
    let (mut rig, _) = rig(1);
    let shared = Arc::clone(rig.worker.shared());
    for _ in 0..5 {
        rig.triggers.raise(Trigger::Compose(Verb::Generate), shared.n_restores());
        shared.restore(Project::default());
        rig.send(Request::Prepare);
        assert!(shared.wait_until_taken_over(Duration::from_secs(30)));
        let until = Instant::now() + Duration::from_millis(100);
        rig.play_until("a while", |_| Instant::now() >= until);
        assert_eq!(rig.n_takes(), 0);
    }
    rig.triggers.raise(Trigger::Compose(Verb::Generate), shared.n_restores());
    rig.play_until("takes", |rig| rig.n_takes() == 8);
}

#[test]
fn restoring_waits_for_the_worker_where_there_is_no_later_block_to_play_in() {
    let (rig, _) = rig(1);
    let shared = rig.worker.shared();
    let restored_in_time = || {
        shared.restore(Project::default());
        shared.wait_until_taken_over(Duration::ZERO)
    };
    shared.set_restore_timeout(Duration::from_secs(30));
    assert!((0..5).all(|_| restored_in_time()));
    shared.set_restore_timeout(Duration::ZERO);
    let at_once = Instant::now();
    (0..5).for_each(|_| shared.restore(Project::default()));
    assert!(at_once.elapsed() < Duration::from_secs(1), "nobody waits on an audio thread");
    // Nobody is waited for in vain for longer than that.
    let nobody = Shared::default();
    nobody.set_restore_timeout(Duration::from_millis(1));
    nobody.restore(Project::default());
}

#[test]
fn bars_play_while_later_ones_are_composed() {
    let (mut rig, _) = rig(16);
    let gate = Arc::clone(&rig.gate);
    let held = gate.lock();
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("the first bar", |rig| rig.monitor.playing_id() == Some(1));
    assert_eq!(rig.n_takes(), 0, "the phrase was finished before any of it played");
    assert_eq!(rig.status().stage, Stage::Composing { n_bars: 1, n_bars_total: 16 });
    let draft = rig.status().draft.unwrap();
    drop(held);
    rig.play_until("all of it", |rig| rig.n_takes() == 8);
    let project = rig.worker.shared().project();
    let take = &project.takes.current().unwrap().take.phrase;
    // A note may turn out shorter, where a later bar retriggers it.
    for (part, note) in draft.all_notes() {
        let is_there = |other: &Note| (other.onset, other.pitch) == (note.onset, note.pitch);
        assert!(take.notes(part).iter().any(is_there), "{note:?} was played and is gone");
    }
}

#[test]
fn the_newest_request_wins() {
    let (mut rig, asked) = rig(16);
    let gate = Arc::clone(&rig.gate);
    let held = gate.lock();
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("composing", |rig| rig.status().draft.is_some());
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    drop(held);
    rig.play_until("takes", |rig| rig.n_takes() == 8);
    assert_eq!(asked.load(Ordering::Relaxed), 2);
}

#[test]
fn cancelling_goes_back_to_the_take_before() {
    let (mut rig, _) = rig(16);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("takes", |rig| rig.n_takes() == 8);
    let gate = Arc::clone(&rig.gate);
    let held = gate.lock();
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("new bars", |rig| rig.status().draft.is_some());
    rig.send(Request::Cancel);
    drop(held);
    rig.play_until("rest", |rig| rig.report() == "cancelled");
    rig.play_until("take 1", |rig| rig.monitor.playing_id() == Some(1) && rig.monitor.pending_id().is_none());
    assert_eq!(rig.n_takes(), 8);
}

#[test]
fn restoring_plays_and_composes_nothing() {
    let (mut rig, asked) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("takes", |rig| rig.n_takes() == 8);
    let stored = rig.worker.shared().project().to_text();
    let (mut other, never) = self::rig(2);
    other.worker.shared().restore(Project::from_text(&stored));
    other.play_until("the stored take", |rig| rig.monitor.playing_id() == Some(1));
    assert_eq!(
        (other.worker.shared().project(), never.load(Ordering::Relaxed)),
        (rig.worker.shared().project(), 0)
    );
    // A project that cannot be read says why and is still there, and what was there before plays on.
    let newer: Project = Project::from_text("{\"format\":99}");
    other.worker.shared().restore(newer);
    other.play_until("a word", |rig| rig.report().contains("newer Descant"));
    assert_eq!(other.worker.shared().project().to_text(), "{\"format\":99}");
    other.play_until("what was there", |rig| rig.monitor.is_playing() && rig.n_takes() == 8);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn what_cannot_be_done_is_said() {
    let (mut rig, _) = rig(2);
    rig.send(Request::Compose(Ask::Verb(Verb::Vary)));
    rig.play_until("a word", |rig| rig.report() == "nothing there");
    assert_eq!(rig.status().report.map(|report| report.tone), Some(Tone::Problem));
}

#[test]
fn a_panic_is_a_report_and_the_worker_lives() {
    let n_asked = Asked::default();
    let mut rig = rig_with(Box::new(move |_, _, _, _| {
        assert!(n_asked.fetch_add(1, Ordering::Relaxed) > 0, "the first request breaks");
        let frame = Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 100.0);
        let job = Job::generate(frame, &[Part::Melody], TaskSettings::default());
        job.map(Assignment::from).map_err(|error| error.to_string())
    }));
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("a word", |rig| rig.report().contains("the first request breaks"));
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("takes", |rig| rig.n_takes() == 8);
}

#[test]
fn a_song_plays_section_by_section_and_answers_and_selections_are_takes() {
    let mut rig = rig_with(Box::new(|_, ask, phrase, _| {
        let frame = Frame::new(Meter::COMMON, 2, Key::C_MAJOR, 100.0);
        let settings = TaskSettings::default();
        let job = match (ask, phrase) {
            (Ask::Verb(Verb::Respond), Some(phrase)) => Job::respond(phrase, 2, &[Part::Melody], settings),
            (Ask::Recompose(selection), Some(phrase)) => Job::recompose(phrase, &selection.cells(), settings),
            _ => {
                let (form, parts) = ("AAB".parse().unwrap(), vec![Part::Melody]);
                return Ok(Assignment::Song(SongTask { form, section: frame, parts, settings }));
            }
        };
        job.map(Assignment::from).map_err(|error| error.to_string())
    }));
    let current = |rig: &Rig| {
        let entry = rig.worker.shared().with_project(|project| project.takes.current().cloned());
        (*entry.unwrap().take.phrase).clone()
    };
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("songs", |rig| rig.n_takes() == 2 && rig.monitor.playing_id() == Some(1));
    rig.play_until("its report", |rig| rig.report() == "6 bars, 2 takes");
    let song = current(&rig);
    assert_eq!(song.window(0, 2).unwrap().to_parts(), song.window(2, 2).unwrap().to_parts());

    // A locked note of a selection stays.
    let note = song.notes(Part::Melody)[0];
    let notes = vec![NoteName::of(Part::Melody, &note)];
    let number = rig.current().unwrap();
    rig.worker.shared().edit_notes(number, &Edit::Alter(notes, Alteration::Lock(true))).unwrap();
    let parts = Part::ALL.map(|part| part == Part::Melody);
    rig.send(Request::Compose(Ask::Recompose(Selection { first_bar: 0, n_bars: 1, parts })));
    // As many takes as differ enough, 1 to 8.
    rig.play_until("selections", |rig| rig.n_takes() > 2 && rig.status().stage == Stage::Idle);
    let changed = current(&rig);
    assert!(changed.notes(Part::Melody).contains(&Note { locked: true, ..note }));
    assert_eq!(changed.window(1, 5).unwrap().to_parts(), song.window(1, 5).unwrap().to_parts());

    rig.send(Request::Compose(Ask::Verb(Verb::Respond)));
    let n_takes = rig.n_takes();
    rig.play_until("answers", |rig| rig.n_takes() > n_takes && rig.status().stage == Stage::Idle);
    assert_eq!(current(&rig).frame().n_bars, 2);
}

#[test]
fn the_worker_ends_in_the_midst_of_a_phrase() {
    let (mut rig, _) = rig(16);
    let gate = Arc::clone(&rig.gate);
    let held = gate.lock();
    rig.send(Request::Compose(Ask::Verb(Verb::Generate)));
    rig.play_until("composing", |rig| rig.status().draft.is_some());
    rig.send(Request::Quit);
    let shared = Arc::clone(rig.worker.shared());
    drop(held);
    drop(rig);
    assert!(shared.with_project(|project| project.takes.entries().is_empty()), "it was composed to the end");
}
