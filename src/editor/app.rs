//! The editor in its window: carries out the actions that its views return; `snapshot` gathers the state that they show.
//!
//! # Threads
//!
//! All of it runs on the main thread. Parameters are set through the host, which may apply a change only in the next block
//! it processes; so actions that depend on a change wait for it.

mod asking;

mod files;

mod gesture;

mod snapshot;

mod steps;

mod tempo;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use nice_plug::params::Param;
use nice_plug_egui::baseview::{HandlerError, WindowSize};
use nice_plug_egui::{Frame, NiceEguiApp};

use gesture::{Gesture, Rounded, Set};

use super::drag_out::DragOut;
use super::drop_in::DropIn;
use super::first_frame::FirstFrame;
use super::open_window::Usher;
use super::presets_to_params::Presets;
use super::routing::daw::Program;
use super::standalone;
use super::state::{Action, AppliedWords, Memory};
use super::strokes::Strokes;
use super::surroundings::Surroundings;
use super::theme::Appearance;
use super::words_to_params::Edits;
use super::{theme, view};
use crate::params::{MAX_REVISION, Outcome, ParamId};
use crate::player::TestStage;
use crate::session::{Choice, Command, EditError, Entry, Project};
use crate::worker::{Report, Request, Tone as ReportTone};

/// The state of an open editor.
pub struct App {
    surroundings: Arc<Surroundings>,
    usher: Arc<Usher>,
    gui: Option<nice_plug::context::gui::GuiContext>,
    choices: BTreeMap<ParamId, Vec<String>>,
    memory: Memory,
    words: AppliedWords,
    presets: Presets,
    /// The names of the models that can be chosen besides the built-in one.
    models: Vec<String>,
    /// The take that played in the last frame, and its measured values of the parameters.
    measured: Option<(Arc<Entry>, BTreeMap<ParamId, Outcome>)>,
    /// Whether it was reported that the player's own notes come back to it.
    has_reported_echoes: bool,
    program: Program,
    /// The number of blocks played so far, and when it last changed.
    pulse: (u32, Instant),
    /// Edits sent to the host, after whose arrival to compose, and when they were sent.
    awaited: Option<(Edits, Instant)>,
    first_frame: FirstFrame,
    drag_out: DragOut,
    drop_in: DropIn,
    /// The user's changes of parameters in progress, for undo.
    strokes: Strokes,
    /// The name of the last step of `strokes`.
    last_stroke: String,
    /// Places of parameters that were sent to the host and may not have arrived, and when they were sent.
    coming: BTreeMap<ParamId, (f32, Instant)>,
    /// The tempo that words or a preset asked for last, until the user accepts or declines it.
    tempo_asked: Option<TempoAsked>,
}

/// A tempo that words or a preset asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TempoAsked {
    /// In beats per minute.
    bpm: f32,
    /// Whether the same request also composes.
    composes: bool,
}

impl App {
    pub fn new(surroundings: Arc<Surroundings>, usher: Arc<Usher>) -> Self {
        let params = &surroundings.params;
        let choices =
            ParamId::all().map(|id| (id, params.choices(id))).filter(|(_, names)| !names.is_empty());
        let mut choices: BTreeMap<ParamId, Vec<String>> = choices.collect();
        if surroundings.is_standalone() {
            let names = choices.iter_mut().flat_map(|(id, names)| names.iter_mut().map(|name| (*id, name)));
            standalone::name_jack(names);
        }
        Self {
            choices,
            surroundings: Arc::clone(&surroundings),
            gui: None,
            memory: Memory::default(),
            words: AppliedWords::default(),
            presets: Presets::default(),
            models: Vec::new(),
            measured: None,
            has_reported_echoes: false,
            program: Program::current(),
            pulse: (0, Instant::now()),
            awaited: None,
            usher,
            first_frame: FirstFrame::default(),
            drag_out: DragOut::default(),
            drop_in: DropIn::default(),
            strokes: Strokes::default(),
            last_stroke: String::new(),
            coming: BTreeMap::new(),
            tempo_asked: None,
        }
    }

    /// Carries out an action. Longer than other functions: one arm for each action.
    fn act(&mut self, action: Action) {
        let requests = &self.surroundings.requests;
        match action {
            Action::BeginEdit(id) => {
                self.strokes.begin(id, self.place(id));
                self.set(id, Gesture::Begin);
            }
            Action::Edit(id, normalized) => {
                self.strokes.move_to(id, self.surroundings.params.visit(id, Rounded(normalized)));
                self.set(id, Gesture::Move(normalized));
            }
            Action::EndEdit(id) => {
                self.strokes.end(id);
                self.set(id, Gesture::End);
            }
            Action::Reset(id) => {
                let default = self.surroundings.params.setting(id).default;
                [Action::BeginEdit(id), Action::Edit(id, default), Action::EndEdit(id)]
                    .into_iter()
                    .for_each(|action| self.act(action));
            }
            Action::Compose(ask) => requests.send(Request::Compose(ask)),
            Action::EditNotes(edit) => {
                let edited = match &self.measured {
                    Some((entry, _)) => self.surroundings.shared.edit_notes(entry.number, &edit),
                    None => Err(EditError::NoPhrase),
                };
                if let Err(error) = edited {
                    self.tell(Err(error.to_string()));
                }
            }
            Action::Audition(part, pitches, velocity) => {
                self.surroundings.monitor.audition(part, &pitches, velocity);
            }
            Action::Cancel => requests.send(Request::Cancel),
            Action::SelectTake(card_idx) => {
                let choice = self.surroundings.shared.with_project(|project| idx_of_card(project, card_idx));
                choice.into_iter().for_each(|idx| requests.send(Request::Select(Choice::At(idx))));
            }
            Action::PutInSlot(card_idx, slot) => self.surroundings.shared.edit(|project| {
                if let Some((idx, slot_idx)) = idx_of_card(project, card_idx).zip(slot.checked_sub(1)) {
                    project.takes.put_in_slot(idx, slot_idx);
                }
            }),
            Action::TakeOutOfSlot(card_idx) => self.surroundings.shared.edit(|project| {
                if let Some(idx) = idx_of_card(project, card_idx) {
                    project.takes.take_out_of_slot(idx);
                }
            }),
            Action::MarkTake(card_idx, mark) => self.surroundings.shared.edit(|project| {
                let idx = idx_of_card(project, card_idx);
                idx.into_iter().for_each(|idx| project.takes.mark(idx, mark));
            }),
            Action::PreviousTake => requests.send(Request::Select(Choice::Previous)),
            Action::NextTake => requests.send(Request::Select(Choice::Next)),
            Action::Undo => self.undo(),
            Action::Redo => self.redo(),
            Action::UndoSteps(n_steps) => (0..n_steps).for_each(|_| self.undo()),
            Action::RedoSteps(n_steps) => (0..n_steps).for_each(|_| self.redo()),
            Action::UseTempo => self.use_tempo(),
            Action::KeepTempo => self.tempo_asked = None,
            Action::Restart => self.surroundings.params.actions.presses().press(Command::Restart),
            Action::TogglePlay => {
                let is_on = self.surroundings.params.playing.play.value();
                self.set_at_once(ParamId::Play, if is_on { 0.0 } else { 1.0 });
            }
            Action::BeginSession => self.begin_session(),
            Action::Panic => {
                // The parameter that a controller would switch; a change either way releases all notes.
                let is_on = self.surroundings.params.actions.switch(Command::Panic).value();
                self.set_at_once(ParamId::Switch(Command::Panic), if is_on { 0.0 } else { 1.0 });
            }
            Action::Learn(command) => self.surroundings.params.bindings.0.learn(command),
            Action::StopLearning => self.surroundings.params.bindings.0.stop_learning(),
            Action::Forget(command) => self.surroundings.params.bindings.0.forget(command),
            Action::ListAllControllers(lists_all) => self.list_controllers(lists_all),
            Action::SendTest => {
                // The time without a block is measured from now on.
                self.pulse.1 = Instant::now();
                self.surroundings.monitor.send_test_notes();
            }
            Action::StopTest => self.surroundings.monitor.stop_test_notes(),
            Action::ApplyWords(text) => self.apply_words(text),
            Action::Export(excerpt) => self.export(excerpt),
            Action::DragOut(excerpt) => self.drag_out(excerpt),
            Action::ListPresets => self.presets.read_folder(),
            Action::ChooseModel(name) => self.choose_model(name),
            Action::ChooseAppearance(appearance) => self.keep_appearance(appearance),
            Action::ChoosePreset(name) => drop(self.choose_preset(name)),
            Action::SavePreset(name) => self.save_preset(&name),
        }
    }

    /// Gives a VST3 host all controllers as parameters, or only the usual ones.
    fn list_controllers(&self, lists_all: bool) {
        let Surroundings { params, keep_listing, .. } = &*self.surroundings;
        params.bindings.0.list_all(lists_all);
        let which = if lists_all { "all controllers" } else { "the usual controllers and those learnt" };
        let done = format!("your host is given {which}; if it does not notice, reopen the project");
        self.tell(keep_listing(lists_all).map(|()| done));
    }

    /// Makes the worker compose with another model, in this and all later projects.
    fn choose_model(&self, name: Option<String>) {
        let Surroundings { requests, keep_model, .. } = &*self.surroundings;
        match keep_model(name) {
            Ok(()) => requests.send(Request::ChangeModel),
            Err(why) => self.tell(Err(why)),
        }
    }

    /// Stores the colours that were chosen, which are shown already.
    fn keep_appearance(&self, appearance: Appearance) {
        if let Err(why) = (self.surroundings.keep_appearance)(appearance) {
            self.tell(Err(why));
        }
    }

    /// Shows in the status what was done, or why it failed.
    fn tell(&self, result: Result<String, String>) {
        let (text, tone) = match result {
            Ok(text) => (text, ReportTone::Done),
            Err(text) => (text, ReportTone::Problem),
        };
        self.surroundings.shared.report(Report { text, tone, duration: None });
    }

    /// Notifies the host of changes to save, through the parameter that counts revisions: hosts watch parameters only,
    /// not the project's other state.
    fn notify_host(&mut self) {
        if self.gui.is_none() || !self.surroundings.params.take_news() {
            return;
        }
        let before = self.surroundings.params.actions.revision.value();
        let next = if before >= MAX_REVISION { 0 } else { before + 1 };
        let normalized = self.surroundings.params.actions.revision.preview_normalized(next);
        self.set_at_once(ParamId::Revision, normalized);
    }

    fn set_at_once(&mut self, id: ParamId, normalized: f32) {
        for gesture in [Gesture::Begin, Gesture::Move(normalized), Gesture::End] {
            self.set(id, gesture);
        }
    }

    fn set(&mut self, id: ParamId, gesture: Gesture) {
        if let Gesture::Move(normalized) = gesture {
            let place = self.surroundings.params.visit(id, Rounded(normalized));
            self.coming.insert(id, (place, Instant::now()));
        }
        if let Some(gui) = &self.gui {
            self.surroundings.params.visit(id, Set { setter: gui.param_setter(), gesture });
        }
    }

    /// Ends the gestures that were in progress when the window last closed: the framework does not report the closing,
    /// and no pointer release follows.
    fn release_held(&mut self) {
        for id in self.strokes.drop_all() {
            self.set(id, Gesture::End);
        }
        self.memory.held.clear();
    }
}

impl NiceEguiApp for App {
    fn build(
        &mut self,
        egui: egui::Context,
        gui: nice_plug::context::gui::GuiContext,
        frame: &mut Frame,
    ) -> Result<(), HandlerError> {
        self.usher.enter();
        theme::install(&egui);
        theme::choose(&egui, (self.surroundings.appearance)());
        if let Some(program) = &self.surroundings.standalone {
            program.enlarge(&egui, frame);
        }
        self.first_frame = FirstFrame::watch(frame);
        self.drag_out = DragOut::of(frame);
        self.drop_in = DropIn::watch(frame, self.surroundings.repaint.clone());
        self.presets.read_folder();
        self.models = (self.surroundings.list_models)();
        self.gui = Some(gui);
        self.release_held();
        Ok(())
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut Frame) {
        self.first_frame.tell_drawn();
        if let Some(program) = &self.surroundings.standalone {
            program.close_if_ending(ui.ctx());
        }
        self.notify_host();
        self.set_program();
        self.look_after_drags();
        let state = self.state();
        for action in view(ui, &state, &mut self.memory) {
            self.act(action);
            ui.ctx().request_repaint();
        }
        self.record_strokes();
        self.compose_awaited(ui.ctx());
    }

    #[expect(clippy::cast_possible_truncation, reason = "a size needs no more than single precision")]
    fn resized(&mut self, size: WindowSize) {
        self.surroundings.shared.set_window((size.logical.width as f32, size.logical.height as f32));
    }

    fn editor_closed(&mut self) {
        self.memory = Memory::default();
        self.gui = None;
        let monitor = &self.surroundings.monitor;
        if monitor.test_notes().stage == TestStage::Awaited {
            monitor.stop_test_notes();
        }
    }
}

/// The index of a card's take among all takes: cards are in order from the newest, without those that were discarded.
fn idx_of_card(project: &Project, card_idx: usize) -> Option<usize> {
    let in_sight = (0..project.takes.entries().len()).rev().filter(|idx| project.takes.is_in_sight(*idx));
    in_sight.into_iter().nth(card_idx)
}
