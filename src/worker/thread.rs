//! The worker's own thread: requests in, takes and clips out.

mod clips;

mod composing;

use std::any::Any;
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};

use super::call::Call;
use super::callbacks::{Callbacks, HostPace, Loaded};
use super::request::Request;
use super::shared::{ModelCard, Report, Shared, Stage, Tone};
use super::triggers::Triggers;
use crate::compose::Model;
use crate::music::Phrase;
use crate::player::{Cause, ClipSender};
use crate::session::{Ask, Choice, Takes};

use clips::Clips;

/// How often triggers are looked for, and clips collected that the player gave back.
const POLL: Duration = Duration::from_millis(10);

/// The same while nothing happens: idle instances are to cost nothing.
const IDLE_POLL: Duration = Duration::from_millis(50);

/// How often nothing has to happen for that.
const N_QUIET: u32 = 100;

pub(super) struct WorkerThread {
    shared: Arc<Shared>,
    triggers: Arc<Triggers>,
    callbacks: Callbacks,
    clips: Clips,
    inbox: Receiver<Request>,
    /// What came in while something was composed.
    backlog: VecDeque<Request>,
    model: Option<Model>,
    /// How often nothing was to be done, one time after the other.
    n_quiet: u32,
    /// How the host took time when it was looked at last.
    pace: HostPace,
    /// Whether it is shown that something waits for the host.
    is_waiting: bool,
    /// Restorings of the project that were seen.
    n_restores: u64,
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

impl WorkerThread {
    pub fn new(
        shared: Arc<Shared>,
        triggers: Arc<Triggers>,
        callbacks: Callbacks,
        clips: ClipSender,
        inbox: Receiver<Request>,
    ) -> Self {
        Self {
            shared,
            triggers,
            callbacks,
            clips: Clips::new(clips),
            inbox,
            backlog: VecDeque::new(),
            model: None,
            n_quiet: 0,
            pace: HostPace::InTime,
            is_waiting: false,
            n_restores: 0,
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
            match catch_unwind(AssertUnwindSafe(|| self.turn())) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(panic) => self.recover(&*panic),
            }
        }
    }

    /// Waits for what is to be done next, and does it; breaks at the end.
    fn turn(&mut self) -> ControlFlow<()> {
        let request = match self.next_request() {
            Some(request) => Some(request),
            None => match self.inbox.recv_timeout(self.timeout()) {
                Ok(request) => {
                    self.backlog.push_back(request);
                    self.next_request()
                }
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return ControlFlow::Break(()),
            },
        };
        if request == Some(Request::Quit) {
            return ControlFlow::Break(());
        }
        self.poll();
        request.into_iter().for_each(|request| self.serve(request));
        ControlFlow::Continue(())
    }

    /// What is to be served next: what was asked for first, but nothing is composed unless the host plays in time.
    fn next_request(&mut self) -> Option<Request> {
        let may_compose = self.look() == HostPace::InTime;
        let idx = self.backlog.iter().position(|request| may_compose || !request.is_ask())?;
        let request = self.backlog.remove(idx)?;
        if request == Request::Cancel {
            let later = self.backlog.split_off(idx);
            self.backlog.retain(|request| !request.is_ask());
            self.backlog.extend(later);
        }
        Some(request)
    }

    /// How long to wait for a request.
    const fn timeout(&self) -> Duration {
        if self.n_quiet < N_QUIET { POLL } else { IDLE_POLL }
    }

    /// After a panic: says so and goes on with the takes that there are. The model is read anew for the next request,
    /// since it may be in any state.
    fn recover(&mut self, panic: &(dyn Any + Send)) {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let why = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no reason given");
        (self.model, self.is_waiting) = (None, false);
        self.shared.update(|status| (status.stage, status.draft) = (Stage::Idle, None));
        self.report_problem(format!(
            "composing failed inside ({why}); your takes are safe: try again, and report this if it comes back"
        ));
        self.clips.play_current(&self.shared, Cause::Chosen);
        (self.callbacks.changed)();
        // What panics at every turn is not to keep a core busy.
        std::thread::sleep(IDLE_POLL);
    }

    /// What is to be done now and then.
    fn poll(&mut self) {
        let has_collected = self.clips.collect();
        if self.is_restored() {
            self.take_over_restored();
        }
        self.clips.update(&self.shared);
        let has_heard = self.listen();
        if self.look() == HostPace::InTime {
            let triggers = Arc::clone(&self.triggers);
            self.backlog.extend(triggers.take(self.shared.n_restores()).map(Request::from));
        }
        self.show_waiting();
        let is_quiet = !has_collected && !has_heard && self.backlog.is_empty();
        self.n_quiet = if is_quiet { self.n_quiet.saturating_add(1) } else { 0 };
    }

    /// Takes in what is played; a call that is complete is to be answered. Whether there was anything.
    fn listen(&mut self) -> bool {
        let mut has_heard = false;
        while let Some(heard) = self.clips.take_heard() {
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

    /// How the host takes time. In a render what is there is played: what the audio thread asks for is refused, and nobody is
    /// answered. What the user asks for waits.
    fn look(&mut self) -> HostPace {
        self.pace = (self.callbacks.pace)();
        let mut is_refused = self.triggers.take_refused();
        if self.pace == HostPace::Rendering {
            is_refused |= self.triggers.take(self.shared.n_restores()).any(|trigger| trigger.is_ask());
            self.to_answer = None;
            let follows = |ask: &Ask| matches!(ask, Ask::Answer | Ask::Evolve);
            self.backlog.retain(|request| !matches!(request, Request::Compose(ask) if follows(ask)));
        }
        if is_refused {
            self.report_refused();
        }
        self.pace
    }

    /// Shows whether something waits for the host to play in time.
    fn show_waiting(&mut self) {
        let is_raised = self.pace == HostPace::Ahead && self.triggers.is_ask_raised();
        let is_waiting =
            self.pace != HostPace::InTime && (is_raised || self.backlog.iter().any(Request::is_ask));
        if is_waiting != std::mem::replace(&mut self.is_waiting, is_waiting) {
            let stage = self.stage_at_rest();
            self.shared.update(|status| status.stage = stage);
            (self.callbacks.changed)();
        }
    }

    const fn stage_at_rest(&self) -> Stage {
        if self.is_waiting { Stage::Waiting } else { Stage::Idle }
    }

    fn serve(&mut self, request: Request) {
        match request {
            Request::Prepare => self.prepare(),
            Request::ChangeModel => {
                self.model = None;
                self.prepare();
            }
            // It belonged to the project before.
            Request::Compose(Ask::Answer) if self.to_answer.is_none() => {}
            // There is nothing that could evolve.
            Request::Compose(Ask::Evolve)
                if self.shared.with_project(|project| project.takes.current().is_none()) => {}
            Request::Compose(ask) => self.compose(ask),
            // What was under way was given up when it came in.
            Request::Cancel | Request::Suspend => self.shared.tell_cancelled(),
            Request::Quit => {}
            Request::Select(choice) => self.choose(choice),
            Request::Preset(number) => self.shared.ask_for_preset(number),
        }
        (self.callbacks.changed)();
    }

    fn choose(&mut self, choice: Choice) {
        let select = |select: fn(&mut Takes)| {
            self.shared.edit(|project| select(&mut project.takes));
            true
        };
        let is_there = match choice {
            Choice::At(idx) => {
                self.shared.edit(|project| project.takes.select(idx));
                true
            }
            Choice::Previous => select(Takes::select_previous),
            Choice::Next => select(Takes::select_next),
            Choice::Slot(slot_idx) => {
                self.shared.edit(|project| project.takes.select_slot(usize::from(slot_idx)))
            }
            Choice::Chosen => true,
        };
        match choice {
            Choice::Slot(slot_idx) if !is_there => self.report_problem(format!(
                "slot {} is empty; right-click a take to put it there",
                slot_idx + 1
            )),
            _ => self.clips.play_current(&self.shared, Cause::Chosen),
        }
    }

    /// Serves what was chosen while a phrase is under way, which then is neither shown nor heard: nobody on stage waits for
    /// the model.
    fn serve_choices(&mut self) {
        let mut choices: Vec<Choice> = match self.pace {
            HostPace::InTime => self.triggers.take_choices(self.shared.n_restores()).collect(),
            HostPace::Ahead | HostPace::Rendering => Vec::new(),
        };
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
        self.clips.update(&self.shared);
        self.shared.update(|status| status.draft = None);
        choices.into_iter().for_each(|choice| self.choose(choice));
        (self.callbacks.changed)();
    }

    fn prepare(&mut self) {
        if self.model.is_some() {
            return;
        }
        self.shared.update(|status| status.stage = Stage::Loading);
        (self.callbacks.changed)();
        match (self.callbacks.load)() {
            Ok(loaded) => self.take_over_model(loaded),
            Err(error) => self.report_problem(error.to_string()),
        }
        let stage = self.stage_at_rest();
        self.shared.update(|status| status.stage = stage);
    }

    fn take_over_model(&mut self, Loaded { model, report }: Loaded) {
        let styles = model.repertoire().styles().collect();
        let card = ModelCard { name: model.name().map(str::to_owned), styles };
        self.shared.update(|status| status.model = Some(Arc::new(card)));
        report.into_iter().for_each(|report| self.shared.report(report));
        self.model = Some(model);
    }

    /// Whether something came in that what is under way has to make room for.
    fn is_interrupted(&mut self) -> bool {
        self.backlog.extend(self.inbox.try_iter());
        self.listen();
        if self.look() == HostPace::Rendering || self.is_restored() {
            return true;
        }
        self.serve_choices();
        self.clips.update(&self.shared);
        let may_compose = self.pace == HostPace::InTime;
        let supersedes = |request: &Request| match request {
            // What evolves waits its turn.
            Request::Compose(Ask::Evolve) | Request::Prepare | Request::ChangeModel | Request::Select(_) => {
                false
            }
            Request::Compose(_) | Request::Preset(_) => may_compose,
            Request::Cancel | Request::Suspend | Request::Quit => true,
        };
        let is_ask_raised = may_compose && self.triggers.is_ask_raised();
        self.backlog.iter().any(supersedes) || is_ask_raised
    }

    fn is_restored(&self) -> bool {
        self.shared.n_restores() != self.n_restores
    }

    fn take_over_restored(&mut self) {
        self.n_restores = self.shared.n_restores();
        self.clips.forget_takes();
        (self.call, self.to_answer) = (Call::default(), None);
        if self.is_waiting {
            // What waits for the host was asked for in the project before.
            self.backlog.retain(|request| !request.is_ask());
        }
        let error = self.shared.with_project(|project| project.error().map(ToString::to_string));
        match error {
            Some(why) => self.report_problem(why),
            None => self.shared.update(|status| status.report = None),
        }
        self.clips.update(&self.shared);
        self.clips.play_current(&self.shared, Cause::Chosen);
        self.shared.tell_taken_over(self.n_restores);
        (self.callbacks.changed)();
    }

    fn report_done(&self, text: String, duration: Option<Duration>) {
        self.shared.report(Report { text, tone: Tone::Done, duration });
    }

    fn report_refused(&self) {
        self.report_problem(
            "your host asked for a phrase while it rendered, and a render plays what is there; press Generate again after it"
                .to_owned(),
        );
        (self.callbacks.changed)();
    }

    fn report_problem(&self, text: String) {
        self.shared.report(Report { text, tone: Tone::Problem, duration: None });
    }
}
