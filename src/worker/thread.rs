//! The body of the worker thread: requests in, takes and clips out.

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

/// Interval at which triggers are polled and spent clips are collected.
const POLL: Duration = Duration::from_millis(10);

/// The interval while nothing happens, so that idle instances cost little.
const IDLE_POLL: Duration = Duration::from_millis(50);

/// Polls without events before the longer interval is used.
const N_QUIET: u32 = 100;

pub(super) struct WorkerThread {
    shared: Arc<Shared>,
    triggers: Arc<Triggers>,
    callbacks: Callbacks,
    clips: Clips,
    inbox: Receiver<Request>,
    /// Requests that arrived while something was composed.
    backlog: VecDeque<Request>,
    model: Option<Model>,
    /// Consecutive polls without events.
    n_quiet: u32,
    /// How fast the host ran at the last poll.
    pace: HostPace,
    /// Whether the status shows that requests wait for the host.
    is_waiting: bool,
    /// Number of restores that were taken over.
    n_restores: u64,
    /// Clip id of the phrase under way, if it is shown and played; its first take keeps the id.
    draft_id: Option<u64>,
    /// Whether bars of the phrase under way were sent to the player.
    is_draft_sent: bool,
    /// Cause of the clips of the phrase under way.
    cause: Cause,
    /// The number of the take that it goes on from, or changes.
    parent: Option<u64>,
    /// The call that is being recorded.
    call: Call,
    /// A complete call, to be answered.
    to_answer: Option<Phrase>,
    /// Whether a take was chosen while a phrase was composed.
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
            is_draft_sent: false,
            cause: Cause::Composed,
            parent: None,
            call: Call::default(),
            to_answer: None,
            is_overtaken: false,
        }
    }

    /// Serves requests until asked to quit or until all senders are dropped.
    pub fn run(mut self) {
        loop {
            match catch_unwind(AssertUnwindSafe(|| self.turn())) {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => return,
                Err(panic) => self.recover(&*panic),
            }
        }
    }

    /// Waits for the next request and serves it; breaks at the end.
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

    /// The next request: the oldest, but composing waits until the host plays in real time.
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

    /// After a panic: reports it and keeps the takes. The model is read again for the next request, since its state is
    /// unknown.
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
        // Limits the load of a panic at every turn.
        std::thread::sleep(IDLE_POLL);
    }

    /// Periodic work between requests.
    fn poll(&mut self) {
        let has_collected = self.clips.collect();
        if self.is_restored() {
            self.take_over_restored();
        }
        self.clips.update(&self.shared);
        let has_call_events = self.listen();
        if self.look() == HostPace::InTime {
            let triggers = Arc::clone(&self.triggers);
            self.backlog.extend(triggers.take(self.shared.n_restores()).map(Request::from));
        }
        self.show_waiting();
        let is_quiet = !has_collected && !has_call_events && self.backlog.is_empty();
        self.n_quiet = if is_quiet { self.n_quiet.saturating_add(1) } else { 0 };
    }

    /// Collects call events and queues a complete call to be answered; returns whether there were events.
    fn listen(&mut self) -> bool {
        let mut has_call_events = false;
        while let Some(event) = self.clips.take_call_event() {
            has_call_events = true;
            if let Some(call) = self.call.take(event) {
                // The newest call is answered.
                if self.to_answer.replace(call).is_none() {
                    self.backlog.push_back(Request::Compose(Ask::Answer));
                }
            }
        }
        has_call_events
    }

    /// Updates the host's pace. In a render, what the audio thread asks for is refused, and calls and Evolve are
    /// dropped; what the user asks for waits.
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

    /// Shows in the status whether something waits for the host to play in real time.
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
            // The call was dropped with the project before.
            Request::Compose(Ask::Answer) if self.to_answer.is_none() => {}
            // There is no take to evolve.
            Request::Compose(Ask::Evolve)
                if self.shared.with_project(|project| project.takes.current().is_none()) => {}
            Request::Compose(ask) => self.compose(ask),
            // The running job was cancelled when the request came in.
            Request::Cancel | Request::Suspend => self.shared.mark_cancelled(),
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

    /// Serves choices of takes while a phrase is composed. The phrase is then no longer shown or played, since on stage
    /// a choice must not wait for the model.
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

    /// Whether a request came in that interrupts the running job.
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
            // Evolving waits its turn.
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
        self.shared.mark_taken_over(self.n_restores);
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
