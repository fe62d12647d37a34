//! The worker's own thread: requests in, takes and clips out.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::hash::{BuildHasher, Hasher, RandomState};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::desk::{Desk, Report, Stage, Tone};
use super::triggers::{Trigger, Triggers};
use super::{Ask, Assignment, Links, N_SONG_TAKES, N_TAKES, Request};
use crate::compose::{self, ComposeError, Hearing, Progress, SongProgress, SongTask};
use crate::model::Network;
use crate::music::{Frame, Key, Meter, Phrase};
use crate::player::{Cause, Clip};
use crate::session::{Commission, Take};

/// How often triggers are looked for, and clips collected that the player gave back.
const POLL: Duration = Duration::from_millis(10);

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
    /// Restorings of the project that were seen.
    n_restores: u64,
    /// Clip ids of takes, by their number in the project.
    clip_ids: BTreeMap<u64, u64>,
    n_clip_ids: u64,
    /// Clip id of the phrase under way: that of its first take, once it is one.
    draft_id: Option<u64>,
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
            n_restores: 0,
            clip_ids: BTreeMap::new(),
            n_clip_ids: NO_TAKE,
            draft_id: None,
        }
    }

    /// Serves until asked to quit, or until nobody is left to ask.
    pub fn run(mut self) {
        loop {
            let request = match self.backlog.pop_front() {
                Some(request) => Some(request),
                None => match self.inbox.recv_timeout(POLL) {
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
        self.links.clips.collect_spent();
        if let Some(clip) = self.unsent.take() {
            self.send(clip);
        }
        if self.is_restored() {
            self.take_over_restored();
        }
        let triggers = Arc::clone(&self.triggers);
        self.backlog.extend(triggers.take(self.desk.n_restores()).map(|trigger| match trigger {
            Trigger::Generate => Request::Compose(Ask::Generate),
            Trigger::Continue => Request::Compose(Ask::Continue),
            Trigger::Vary => Request::Compose(Ask::Vary),
            Trigger::Respond => Request::Compose(Ask::Respond(None)),
            Trigger::Accompany => Request::Compose(Ask::Accompany),
            Trigger::PreviousTake => Request::SelectPrevious,
            Trigger::NextTake => Request::SelectNext,
        }));
    }

    fn serve(&mut self, request: Request) {
        match request {
            Request::Prepare => self.prepare(),
            Request::Compose(ask) => self.compose(ask),
            Request::Cancel | Request::Quit => {}
            Request::Select(idx) => {
                self.desk.edit(|project| project.takes.select(idx));
                self.play_current(Cause::Chosen);
            }
            Request::SelectPrevious => {
                self.desk.edit(|project| project.takes.select_previous());
                self.play_current(Cause::Chosen);
            }
            Request::SelectNext => {
                self.desk.edit(|project| project.takes.select_next());
                self.play_current(Cause::Chosen);
            }
        }
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
            Ok(takes) => return self.keep(takes, started.elapsed()),
            Err(failure) => failure,
        };
        // Bars that were heard already give way to the take before: at once if the user wants them gone.
        let is_cancelled = self.backlog.contains(&Request::Cancel);
        self.play_current(if is_cancelled { Cause::Chosen } else { Cause::Composed });
        match failure {
            Failure::Refused(why) => self.report_problem(why),
            Failure::Compose(ComposeError::Cancelled) => self.report_done("cancelled".to_owned(), None),
            Failure::Compose(error) => self.report_problem(error.to_string()),
        }
    }

    /// What `ask` asks for, as phrases of the user's.
    fn compose_takes(&mut self, network: &Network, ask: Ask) -> Result<Vec<Take>, Failure> {
        let seed = fresh_seed();
        let current = self.desk.with_project(|project| project.takes.current().cloned());
        let phrase = current.as_ref().map(|entry| &*entry.take.phrase);
        let assignment = (self.links.brief)(ask, phrase, seed).map_err(Failure::Refused)?;
        let id = self.fresh_clip_id();
        self.draft_id = Some(id);
        match assignment {
            Assignment::Phrase(commission) => self.compose_phrases(network, &commission, seed, id),
            Assignment::Song(song) => self.compose_songs(network, &song, seed, id),
        }
    }

    fn compose_phrases(
        &mut self,
        network: &Network,
        commission: &Commission,
        seed: u64,
        id: u64,
    ) -> Result<Vec<Take>, Failure> {
        let mut n_begun = 0;
        let judges =
            self.desk.with_project(|project| (self.links.judges)(&commission.task, project.takes.entries()));
        let takes = compose::audition(network, &commission.task, seed, N_TAKES, &judges, |hearing| {
            if self.is_interrupted() {
                return ControlFlow::Break(());
            }
            match hearing {
                Hearing::First(progress) if progress.n_bars > n_begun || n_begun == 0 => {
                    n_begun = progress.n_bars.max(1);
                    self.show(progress, commission, id);
                }
                Hearing::First(_) => {}
                Hearing::FirstDone(take) => self.show_whole(take, commission, id),
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
    fn compose_songs(
        &mut self,
        network: &Network,
        song: &SongTask,
        seed: u64,
        id: u64,
    ) -> Result<Vec<Take>, Failure> {
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
                    self.show_song(progress, id);
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
                self.send(Clip::new(id, Cause::Composed, &first.phrase));
            }
        }
        Ok(takes)
    }

    fn show_song(&mut self, progress: &SongProgress, id: u64) {
        let draft = progress.phrase().map(Arc::new);
        if let Some(draft) = &draft {
            self.send(Clip::new(id, Cause::Composed, draft));
        }
        self.desk.update(|outlook| {
            outlook.stage = Stage::Composing { n_bars: progress.n_bars, n_bars_total: progress.n_bars_total };
            outlook.draft = draft;
        });
        (self.links.changed)();
    }

    /// Shows and plays the bars that are finished.
    fn show(&mut self, progress: &Progress, commission: &Commission, id: u64) {
        let n_bars = progress.n_bars.saturating_sub(1);
        let draft = (n_bars > 0).then(|| commission.finish(&progress.phrase()).ok()).flatten().map(Arc::new);
        if let Some(draft) = &draft {
            self.send(Clip::new(id, Cause::Composed, draft));
        }
        self.desk.update(|outlook| {
            outlook.stage = Stage::Composing { n_bars, n_bars_total: progress.n_bars_total };
            outlook.draft = draft;
        });
        (self.links.changed)();
    }

    /// Shows and plays the phrase that was composed first, while others are composed.
    fn show_whole(&mut self, take: &Take, commission: &Commission, id: u64) {
        let Ok(phrase) = commission.finish(&take.phrase) else { return };
        self.send(Clip::new(id, Cause::Composed, &phrase));
        self.desk.update(|outlook| outlook.draft = Some(Arc::new(phrase)));
        (self.links.changed)();
    }

    /// Shows how many of the phrases to choose from are finished.
    fn show_choosing(&self, n_done: u32, n_total: u32) {
        let stage = Stage::Choosing { n_done, n_total };
        if self.desk.outlook().stage != stage {
            self.desk.update(|outlook| outlook.stage = stage);
            (self.links.changed)();
        }
    }

    /// Puts the takes on the desk and plays the first.
    fn keep(&mut self, takes: Vec<Take>, duration: Duration) {
        let Some(first) = takes.first() else { return };
        let n_bars = match first.receipt.song {
            Some(_) => usize::try_from(first.phrase.frame().n_bars).unwrap_or(0),
            None => first.receipt.task.n_composed_bars(),
        };
        let n_takes = takes.len();
        let is_empty = first.phrase.all_notes().next().is_none();
        let (draft_id, clip_ids) = (self.draft_id.take(), &mut self.clip_ids);
        let is_kept = self.desk.edit_unless_restored(self.n_restores, |project| {
            project.supersede();
            clip_ids.extend(draft_id.map(|id| (project.takes.next_number(), id)));
            project.takes.add(takes);
        });
        if !is_kept {
            // They belong to the project before.
            return;
        }
        self.play_current(Cause::Composed);
        if is_empty {
            return self.report_problem(
                "the phrase came out empty; turn density up or surprise to the middle, and generate again"
                    .to_owned(),
            );
        }
        let bars = if n_bars == 1 { "1 bar".to_owned() } else { format!("{n_bars} bars") };
        self.report_done(format!("{bars}, {n_takes} takes"), Some(duration));
    }

    /// Whether something came in that what is under way has to make room for.
    fn is_interrupted(&mut self) -> bool {
        self.backlog.extend(self.inbox.try_iter());
        let supersedes =
            |request: &Request| matches!(request, Request::Compose(_) | Request::Cancel | Request::Quit);
        self.backlog.iter().any(supersedes) || self.triggers.is_ask_raised() || self.is_restored()
    }

    fn is_restored(&self) -> bool {
        self.desk.n_restores() != self.n_restores
    }

    fn take_over_restored(&mut self) {
        self.n_restores = self.desk.n_restores();
        self.clip_ids.clear();
        let error = self.desk.with_project(|project| project.error().map(ToString::to_string));
        match error {
            Some(why) => self.report_problem(why),
            None => self.desk.update(|outlook| outlook.report = None),
        }
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
