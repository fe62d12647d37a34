//! The worker's own thread: requests in, takes and clips out.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::call::Call;
use super::desk::{Desk, Report, Stage, Tone};
use super::triggers::Triggers;
use super::{Ask, Assignment, Choice, Links, N_SONG_TAKES, N_TAKES, Request};
use crate::compose::{self, ComposeError, Hearing, Progress, SongProgress, SongTask};
use crate::model::Network;
use crate::music::{Frame, Key, Meter, Phrase};
use crate::player::{Cause, Clip, N_SLOTS};
use crate::session::{Commission, Occasion, Project, Take, Takes};

/// How often triggers are looked for, and clips collected that the player gave back.
const POLL: Duration = Duration::from_millis(10);

/// The same while nothing happens: idle instances are to cost nothing.
const IDLE_POLL: Duration = Duration::from_millis(50);

/// How often nothing has to happen for that.
const N_QUIET: u32 = 100;

/// The id of the clip that stands for no take.
const NO_TAKE: u64 = 0;

pub(super) struct Studio {
    desk: Arc<Desk>,
    triggers: Arc<Triggers>,
    links: Links,
    inbox: Receiver<Request>,
    /// What came in while something was composed.
    backlog: VecDeque<Request>,
    network: Option<Network>,
    /// The newest clip, if the player had no room for it.
    unsent: Option<Clip>,
    /// Clip ids of what lies in the player's slots.
    slot_ids: [Option<u64>; N_SLOTS],
    /// How often nothing was to be done, one time after the other.
    n_quiet: u32,
    /// Restorings of the project that were seen.
    n_restores: u64,
    /// Clip ids of takes, by their number in the project.
    clip_ids: BTreeMap<u64, u64>,
    n_clip_ids: u64,
    /// Clip id of the phrase under way, if it is shown and heard: that of its first take, once it is one.
    draft_id: Option<u64>,
    /// Whether bars of the phrase under way were sent to be heard.
    is_heard: bool,
    /// Why the phrase under way will be played.
    cause: Cause,
    /// What a musician is playing.
    call: Call,
    /// What a musician played, to be answered.
    to_answer: Option<Phrase>,
    /// Whether a take was chosen while a phrase was under way.
    is_overtaken: bool,
}

impl Studio {
    pub fn new(desk: Arc<Desk>, triggers: Arc<Triggers>, links: Links, inbox: Receiver<Request>) -> Self {
        Self {
            desk,
            triggers,
            links,
            inbox,
            backlog: VecDeque::new(),
            network: None,
            unsent: None,
            slot_ids: [None; N_SLOTS],
            n_quiet: 0,
            n_restores: 0,
            clip_ids: BTreeMap::new(),
            n_clip_ids: NO_TAKE,
            draft_id: None,
            is_heard: false,
            cause: Cause::Composed,
            call: Call::default(),
            to_answer: None,
            is_overtaken: false,
        }
    }

    /// Serves until asked to quit, or until nobody is left to ask.
    pub fn run(mut self) {
        loop {
            let request = match self.backlog.pop_front() {
                Some(request) => Some(request),
                None => match self.inbox.recv_timeout(self.patience()) {
                    Ok(request) => Some(request),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                },
            };
            if request == Some(Request::Quit) {
                return;
            }
            let work = AssertUnwindSafe(|| {
                self.tidy();
                request.into_iter().for_each(|request| self.serve(request));
            });
            if let Err(panic) = catch_unwind(work) {
                self.recover(&*panic);
            }
        }
    }

    /// How long to wait for a request.
    const fn patience(&self) -> Duration {
        if self.n_quiet < N_QUIET { POLL } else { IDLE_POLL }
    }

    /// After a panic: says so and goes on with the takes that there are. The network is read anew for the next request,
    /// since it may be in any state.
    fn recover(&mut self, panic: &(dyn Any + Send)) {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let why = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        self.network = None;
        self.desk.update(|outlook| (outlook.stage, outlook.draft) = (Stage::Idle, None));
        self.report_problem(format!(
            "composing failed inside ({why}); your takes are safe: try again, and report this if it comes back"
        ));
        self.play_current(Cause::Chosen);
        (self.links.changed)();
    }

    /// What is to be done now and then.
    fn tidy(&mut self) {
        let n_spent = self.links.clips.collect_spent();
        if let Some(clip) = self.unsent.take() {
            self.send(clip);
        }
        if self.is_restored() {
            self.take_over_restored();
        }
        self.supply_slots();
        let has_heard = self.listen();
        if !self.is_rendering() {
            let triggers = Arc::clone(&self.triggers);
            self.backlog.extend(triggers.take(self.desk.n_restores()).map(Request::from));
        }
        let is_quiet = n_spent == 0 && !has_heard && self.unsent.is_none() && self.backlog.is_empty();
        self.n_quiet = if is_quiet { self.n_quiet.saturating_add(1) } else { 0 };
    }

    /// Has the player's slots hold what the project's do.
    fn supply_slots(&mut self) {
        let numbers = self.desk.with_project(|project| *project.takes.slots());
        for (slot_idx, number) in numbers.into_iter().enumerate() {
            let id = number.map(|number| self.clip_id(number));
            if self.slot_ids[slot_idx] == id {
                continue;
            }
            let entry = self.desk.with_project(|project| project.takes.in_slot(slot_idx).cloned());
            let clip = id.zip(entry).map(|(id, entry)| Clip::new(id, Cause::Chosen, &entry.take.phrase));
            if !self.links.clips.send_to_slot(slot_idx, clip) {
                return;
            }
            self.slot_ids[slot_idx] = id;
        }
    }

    /// Takes in what is played; a call that is complete is to be answered. Whether there was anything.
    fn listen(&mut self) -> bool {
        let mut has_heard = false;
        while let Some(heard) = self.links.clips.take_heard() {
            has_heard = true;
            if let Some(call) = self.call.take(heard) {
                // The newest call counts.
                if self.to_answer.replace(call).is_none() {
                    self.backlog.push_back(Request::Compose(Ask::Answer));
                }
            }
        }
        has_heard
    }

    /// Whether the host renders faster than time. Then what is there is played, and nothing that the audio thread asked for
    /// is composed or chosen.
    fn is_rendering(&mut self) -> bool {
        let is_rendering = (self.links.is_rendering)();
        if is_rendering {
            self.triggers.take(self.desk.n_restores()).for_each(drop);
            self.to_answer = None;
            self.backlog.retain(|request| *request != Request::Compose(Ask::Answer));
        }
        is_rendering
    }

    fn serve(&mut self, request: Request) {
        match request {
            Request::Prepare => self.prepare(),
            // It belonged to the project before.
            Request::Compose(Ask::Answer) if self.to_answer.is_none() => {}
            // There is nothing that could evolve.
            Request::Compose(Ask::Evolve)
                if self.desk.with_project(|project| project.takes.current().is_none()) => {}
            Request::Compose(ask) => self.compose(ask),
            // What was under way was given up when it came in.
            Request::Cancel => self.desk.tell_cancelled(),
            Request::Quit => {}
            Request::Select(choice) => self.choose(choice),
            Request::Preset(number) => self.desk.ask_for_preset(number),
        }
        (self.links.changed)();
    }

    fn choose(&mut self, choice: Choice) {
        let select = |select: fn(&mut Takes)| {
            self.desk.edit(|project| select(&mut project.takes));
            true
        };
        let is_there = match choice {
            Choice::At(idx) => {
                self.desk.edit(|project| project.takes.select(idx));
                true
            }
            Choice::Previous => select(Takes::select_previous),
            Choice::Next => select(Takes::select_next),
            Choice::Slot(slot_idx) => {
                self.desk.edit(|project| project.takes.select_slot(usize::from(slot_idx)))
            }
            Choice::Undo => self.desk.travel(Project::undo),
            Choice::Redo => self.desk.travel(Project::redo),
        };
        match choice {
            Choice::Slot(slot_idx) if !is_there => self.report_problem(format!(
                "slot {} is empty; right-click a take to put it there",
                slot_idx + 1
            )),
            _ => self.play_current(Cause::Chosen),
        }
    }

    /// Serves what was chosen while a phrase is under way, which then is neither shown nor heard: nobody on stage waits for
    /// the model.
    fn serve_choices(&mut self) {
        let triggers = Arc::clone(&self.triggers);
        let mut choices: Vec<Choice> = triggers.take_choices(self.desk.n_restores()).collect();
        self.backlog.retain(|request| match request {
            Request::Select(choice) => {
                choices.push(*choice);
                false
            }
            _ => true,
        });
        if choices.is_empty() {
            return;
        }
        (self.draft_id, self.is_overtaken) = (None, true);
        self.supply_slots();
        self.desk.update(|outlook| outlook.draft = None);
        choices.into_iter().for_each(|choice| self.choose(choice));
        (self.links.changed)();
    }

    fn prepare(&mut self) {
        if self.network.is_some() {
            return;
        }
        self.desk.update(|outlook| outlook.stage = Stage::Loading);
        (self.links.changed)();
        match (self.links.load)() {
            Ok(network) => self.network = Some(network),
            Err(error) => self.report_problem(error.to_string()),
        }
        self.desk.update(|outlook| outlook.stage = Stage::Idle);
    }

    fn compose(&mut self, ask: Ask) {
        let started = Instant::now();
        self.prepare();
        let Some(network) = self.network.take() else { return };
        let composed = self.compose_takes(&network, ask);
        self.network = Some(network);
        self.desk.update(|outlook| (outlook.stage, outlook.draft) = (Stage::Idle, None));
        let failure = match composed {
            // What it was to follow is no longer played.
            Ok(_) if ask == Ask::Evolve && self.is_overtaken => return,
            Ok(takes) => return self.keep(takes, started.elapsed()),
            Err(failure) => failure,
        };
        // Bars that were heard already give way to the take before: at once if the user wants them gone.
        let is_cancelled = self.backlog.contains(&Request::Cancel);
        if self.draft_id.is_some() && self.is_heard {
            self.play_current(if is_cancelled { Cause::Chosen } else { Cause::Composed });
        }
        match failure {
            Failure::Refused(why) => self.report_problem(why),
            Failure::Compose(ComposeError::Cancelled) => self.report_done("cancelled".to_owned(), None),
            Failure::Compose(error) => self.report_problem(error.to_string()),
        }
    }

    /// What `ask` asks for, as phrases of the user's.
    fn compose_takes(&mut self, network: &Network, ask: Ask) -> Result<Vec<Take>, Failure> {
        let seed = fresh_seed();
        let call = if ask == Ask::Answer { self.to_answer.take().map(Arc::new) } else { None };
        let current = || self.desk.with_project(|project| project.takes.current().cloned());
        let phrase = call.or_else(|| current().map(|entry| Arc::clone(&entry.take.phrase)));
        let assignment = (self.links.brief)(ask, phrase.as_deref(), seed).map_err(Failure::Refused)?;
        let id = self.fresh_clip_id();
        (self.is_overtaken, self.is_heard) = (false, false);
        self.cause = match ask {
            Ask::Evolve => Cause::Evolved,
            Ask::Answer => Cause::Answer,
            _ => Cause::Composed,
        };
        // What evolves is heard as a whole, in its turn.
        self.draft_id = (ask != Ask::Evolve).then_some(id);
        let n_takes = if matches!(ask, Ask::Evolve | Ask::Answer) { 1 } else { N_TAKES };
        match assignment {
            Assignment::Phrase(commission) => self.compose_phrases(network, &commission, seed, n_takes),
            Assignment::Song(song) => self.compose_songs(network, &song, seed),
        }
    }

    fn compose_phrases(
        &mut self,
        network: &Network,
        commission: &Commission,
        seed: u64,
        n_takes: u32,
    ) -> Result<Vec<Take>, Failure> {
        let mut n_begun = 0;
        let entries = self.desk.with_project(|project| project.takes.entries().to_vec());
        let judges = (self.links.judges)(&commission.task, &entries);
        let takes = compose::audition(network, &commission.task, seed, n_takes, &judges, |hearing| {
            if self.is_interrupted() {
                return ControlFlow::Break(());
            }
            match hearing {
                Hearing::First(progress) if progress.n_bars > n_begun || n_begun == 0 => {
                    n_begun = progress.n_bars.max(1);
                    self.show(progress, commission);
                }
                Hearing::First(_) => {}
                Hearing::FirstDone(take) => self.show_whole(take, commission),
                Hearing::Others { n_done, n } => self.show_choosing(n_done, n),
            }
            ControlFlow::Continue(())
        })
        .map_err(Failure::Compose)?;
        if takes.first().is_some_and(|take| take.receipt.take != 0) {
            // What was heard while it was composed is not what is chosen.
            self.draft_id = None;
        }
        let finish = |take: Take| match commission.finish(&take.phrase) {
            Ok(phrase) => Take { phrase: Arc::new(phrase), ..take },
            Err(_) => take,
        };
        Ok(takes.into_iter().map(finish).collect())
    }

    /// The sections of a song are shown and played as they are finished.
    fn compose_songs(&mut self, network: &Network, song: &SongTask, seed: u64) -> Result<Vec<Take>, Failure> {
        let mut takes = Vec::new();
        for take in 0..N_SONG_TAKES {
            let mut n_shown = 0;
            let composed = compose::compose_song(network, song, seed, take..take + 1, |progress| {
                if self.is_interrupted() {
                    return ControlFlow::Break(());
                }
                if take > 0 {
                    self.show_choosing(take, N_SONG_TAKES);
                } else if progress.n_bars > n_shown {
                    n_shown = progress.n_bars;
                    self.show_song(progress);
                }
                ControlFlow::Continue(())
            });
            match composed {
                Ok(composed) => takes.extend(composed),
                // What is finished is kept, as it is of phrases.
                Err(ComposeError::Cancelled) if !takes.is_empty() => break,
                Err(error) => return Err(Failure::Compose(error)),
            }
            if let Some(first) = takes.first().filter(|_| take == 0) {
                self.play_draft(&first.phrase);
            }
        }
        Ok(takes)
    }

    fn show_song(&mut self, progress: &SongProgress) {
        let stage = Stage::Composing { n_bars: progress.n_bars, n_bars_total: progress.n_bars_total };
        self.desk.update(|outlook| outlook.stage = stage);
        self.show_draft(progress.phrase());
    }

    /// Shows and plays the bars that are finished.
    fn show(&mut self, progress: &Progress, commission: &Commission) {
        let n_bars = progress.n_bars.saturating_sub(1);
        let stage = Stage::Composing { n_bars, n_bars_total: progress.n_bars_total };
        self.desk.update(|outlook| outlook.stage = stage);
        self.show_draft((n_bars > 0).then(|| commission.finish(&progress.phrase()).ok()).flatten());
    }

    /// Shows and plays the phrase that was composed first, while others are composed.
    fn show_whole(&mut self, take: &Take, commission: &Commission) {
        self.show_draft(commission.finish(&take.phrase).ok());
    }

    /// Shows and plays as much as there is of the phrase under way, if it is for anybody's eyes and ears.
    fn show_draft(&mut self, draft: Option<Phrase>) {
        let draft = draft.filter(|_| self.draft_id.is_some()).map(Arc::new);
        if let Some(draft) = &draft {
            self.play_draft(draft);
        }
        self.desk.update(|outlook| outlook.draft = draft);
        (self.links.changed)();
    }

    fn play_draft(&mut self, draft: &Phrase) {
        if let Some(id) = self.draft_id {
            self.is_heard = true;
            self.send(Clip::new(id, self.cause, draft));
        }
    }

    /// Shows how many of the phrases to choose from are finished.
    fn show_choosing(&self, n_done: u32, n_total: u32) {
        let stage = Stage::Choosing { n_done, n_total };
        if self.desk.outlook().stage != stage {
            self.desk.update(|outlook| outlook.stage = stage);
            (self.links.changed)();
        }
    }

    /// Puts the takes on the desk and plays the first, unless another was chosen meanwhile.
    fn keep(&mut self, takes: Vec<Take>, duration: Duration) {
        let Some(first) = takes.first() else { return };
        let n_bars = match first.receipt.song {
            Some(_) => usize::try_from(first.phrase.frame().n_bars).unwrap_or(0),
            None => first.receipt.task.n_composed_bars(),
        };
        let n_takes = takes.len();
        let is_empty = first.phrase.all_notes().next().is_none();
        let is_overtaken = self.is_overtaken;
        let occasion = match self.cause {
            Cause::Evolved | Cause::Answer => Occasion::Passing,
            Cause::Composed | Cause::Chosen => Occasion::Asked,
        };
        let (draft_id, clip_ids) = (self.draft_id.take(), &mut self.clip_ids);
        let is_kept = self.desk.edit_unless_restored(self.n_restores, |project| {
            project.supersede();
            clip_ids.extend(draft_id.map(|id| (project.takes.next_number(), id)));
            if is_overtaken {
                project.takes.append(occasion, takes);
            } else {
                project.takes.add(occasion, takes);
            }
        });
        if !is_kept {
            // They belong to the project before.
            return;
        }
        if self.cause == Cause::Evolved {
            // Asked for again before this was there: it is this that follows.
            self.triggers.lower_evolve();
        }
        if !is_overtaken {
            self.play_current(self.cause);
        }
        if is_empty {
            return self.report_problem(
                "the phrase came out empty; turn density up or surprise to the middle, and generate again"
                    .to_owned(),
            );
        }
        let counted = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
        self.report_done(format!("{}, {}", counted(n_bars, "bar"), counted(n_takes, "take")), Some(duration));
    }

    /// Whether something came in that what is under way has to make room for.
    fn is_interrupted(&mut self) -> bool {
        self.backlog.extend(self.inbox.try_iter());
        self.listen();
        if self.is_rendering() {
            return true;
        }
        self.serve_choices();
        let supersedes = |request: &Request| match request {
            // What evolves waits its turn.
            Request::Compose(ask) => *ask != Ask::Evolve,
            Request::Cancel | Request::Quit | Request::Preset(_) => true,
            Request::Prepare | Request::Select(_) => false,
        };
        self.backlog.iter().any(supersedes) || self.triggers.is_ask_raised() || self.is_restored()
    }

    fn is_restored(&self) -> bool {
        self.desk.n_restores() != self.n_restores
    }

    fn take_over_restored(&mut self) {
        self.n_restores = self.desk.n_restores();
        self.clip_ids.clear();
        (self.call, self.to_answer) = (Call::default(), None);
        let error = self.desk.with_project(|project| project.error().map(ToString::to_string));
        match error {
            Some(why) => self.report_problem(why),
            None => self.desk.update(|outlook| outlook.report = None),
        }
        self.supply_slots();
        self.play_current(Cause::Chosen);
        self.desk.tell_taken_over(self.n_restores);
        (self.links.changed)();
    }

    /// Has the current take played, or silence if there is none.
    fn play_current(&mut self, cause: Cause) {
        let current = self.desk.with_project(|project| project.takes.current().cloned());
        let clip = match current {
            Some(entry) => Some(Clip::new(self.clip_id(entry.number), cause, &entry.take.phrase)),
            None => Phrase::empty(Frame::new(Meter::COMMON, 1, Key::C_MAJOR, 120.0))
                .ok()
                .map(|silence| Clip::new(NO_TAKE, cause, &silence)),
        };
        if let Some(clip) = clip {
            self.send(clip);
        }
    }

    /// The clip id of a take of the project, the same each time, so that the player knows it again.
    fn clip_id(&mut self, number: u64) -> u64 {
        if let Some(id) = self.clip_ids.get(&number) {
            return *id;
        }
        let id = self.fresh_clip_id();
        self.clip_ids.insert(number, id);
        id
    }

    /// A clip id that no phrase has had, in this project or another.
    fn fresh_clip_id(&mut self) -> u64 {
        self.n_clip_ids += 1;
        self.n_clip_ids
    }

    /// Hands `clip` to the player, later if it has no room now; then the newest counts.
    fn send(&mut self, clip: Clip) {
        self.unsent = self.links.clips.send(clip).err();
    }

    fn report_done(&self, text: String, duration: Option<Duration>) {
        self.desk.report(Report { text, tone: Tone::Done, duration });
    }

    fn report_problem(&self, text: String) {
        self.desk.report(Report { text, tone: Tone::Problem, duration: None });
    }
}

/// Why there is nothing new.
enum Failure {
    /// There is no such task, or composing broke; in words for the user.
    Refused(String),
    /// The task could not be done.
    Compose(ComposeError),
}

/// A seed that nobody has had: the receipt keeps it.
fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}
