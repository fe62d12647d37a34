//! Gathers everything that a frame shows, with the activity of the worker in a sentence.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nice_plug::prelude::PluginApi;

use super::super::standalone;
use super::super::state::{
    Activity, AppliedWords, CurrentPreset, Routing, Status, Steps, TakeCard, Tone, ViewState,
};
use super::super::surroundings::Surroundings;
use super::App;
use super::steps::{UNDER_WAY, is_under_way, step_name};
use crate::music::counted;
use crate::params::measured::outcomes;
use crate::params::{Learnable, Outcome, ParamId, Setting};
use crate::player::{Mode as PlayMode, Quantum};
use crate::session::Entry;
use crate::worker::{Report, Stage, Tone as ReportTone};

/// Time without a block after which the host counts as not playing: longer than the longest block.
const STALL: Duration = Duration::from_secs(1);

impl App {
    /// Everything that a frame shows. Longer than other functions: one expression for each field.
    pub(super) fn state(&mut self) -> ViewState {
        self.watch_player();
        let tempo = self.tempo();
        let worker = self.surroundings.shared.status();
        let (takes, current) = self.takes(worker.stage);
        let outcomes = self.outcomes(current.as_ref(), worker.draft.is_some());
        let Surroundings { params, shared, monitor, styles, .. } = &*self.surroundings;
        let is_standalone = self.surroundings.is_standalone();
        let mut settings: BTreeMap<ParamId, Setting> =
            ParamId::all().map(|id| (id, params.setting(id))).collect();
        if is_standalone {
            standalone::name_jack(settings.iter_mut().map(|(id, setting)| (*id, &mut setting.text)));
        }
        let words = shared.with_project(|project| project.words.clone());
        if self.words.text != words {
            self.words = AppliedWords::read(words);
        }
        let preset = shared.with_project(|project| project.preset.clone()).map(|name| {
            let is_changed = self.presets.is_changed(&name, params);
            CurrentPreset { name, is_changed }
        });
        ViewState {
            settings,
            outcomes,
            choices: self.choices.clone(),
            styles: worker.model.as_ref().map_or(styles, |model| &model.styles).clone(),
            models: self.models.clone(),
            model: worker.model.as_ref().and_then(|model| model.name.clone()),
            is_streaming: worker.draft.is_some(),
            phrase: worker.draft.clone().or(current.map(|entry| Arc::clone(&entry.take.phrase))),
            playhead_beats: monitor.is_playing().then(|| monitor.playhead()).flatten(),
            next_beats: monitor.next_launch(),
            frozen_beats: match params.playing.quantum.value() {
                Quantum::Off => 0.0,
                _ => f64::from(params.playing.commit_beats.value()),
            },
            takes,
            activity: activity(worker.stage),
            status: if worker.stage == Stage::Idle && monitor.is_listening() {
                Status { text: "listening: play, and the answer follows".to_owned(), tone: Tone::Good }
            } else {
                status(worker.stage, worker.report.as_ref(), self.next_step())
            },
            words: self.words.clone(),
            presets: self.presets.library(),
            preset,
            undo: if is_under_way(worker.stage) {
                Some(UNDER_WAY.to_owned())
            } else {
                shared.with_project(|project| project.next_undo().map(step_name))
            },
            redo: shared.with_project(|project| project.next_redo().map(step_name)),
            history: if self.memory.is_history_open {
                shared.with_project(|project| Steps {
                    done: project.done().map(step_name).collect(),
                    undone: project.undone().map(step_name).collect(),
                })
            } else {
                Steps::default()
            },
            tempo,
            bindings: Learnable::all()
                .filter_map(|command| Some((command, params.bindings.0.control_of(command)?)))
                .collect(),
            learning: params.bindings.0.learning(),
            lists_all_controllers: {
                let is_vst3 = self.gui.as_ref().is_some_and(|gui| gui.plugin_api() == PluginApi::Vst3);
                is_vst3.then(|| params.bindings.0.lists_all())
            },
            routing: Routing {
                program: self.program.clone(),
                is_stalled: self.pulse.1.elapsed() > STALL,
                notes: monitor.test_notes(),
            },
            is_standalone,
            transport: standalone::transport(params),
            is_drop_above: self.drop_in.is_above(),
        }
    }

    /// Notes when blocks are played, and reports once if the player's own notes come back to it.
    fn watch_player(&mut self) {
        let Surroundings { shared, monitor, .. } = &*self.surroundings;
        if monitor.n_echoes() > 0 && !self.has_reported_echoes {
            self.has_reported_echoes = true;
            shared.report(Report {
                text: "Descant's own notes come back to it; take its MIDI output off its input".to_owned(),
                tone: ReportTone::Problem,
                duration: None,
            });
        }
        if monitor.n_blocks() != self.pulse.0 {
            self.pulse = (monitor.n_blocks(), Instant::now());
        }
    }

    /// The takes as cards, the newest first, and the current take.
    fn takes(&self, stage: Stage) -> (Vec<TakeCard>, Option<Arc<Entry>>) {
        let Surroundings { shared, monitor, .. } = &*self.surroundings;
        let is_complete = matches!(stage, Stage::Idle | Stage::Choosing { .. });
        let waits = is_complete && monitor.is_playing() && monitor.pending_id().is_some();
        shared.with_project(|project| {
            let current = project.takes.current_idx();
            let cards = project.takes.entries().iter().enumerate().rev();
            let cards = cards.filter(|(idx, _)| project.takes.is_in_sight(*idx));
            let cards = cards.map(|(idx, entry)| {
                let is_current = Some(idx) == current;
                let slot = project.takes.slot_of(entry.number).map(|slot_idx| slot_idx + 1);
                TakeCard { is_current, is_next: is_current && waits, slot, ..TakeCard::of(entry) }
            });
            (cards.collect(), project.takes.current().cloned())
        })
    }

    /// The measured values of the controls in the `current` take, cached for each take; empty while a draft is shown,
    /// which is not a take yet.
    fn outcomes(&mut self, current: Option<&Arc<Entry>>, is_draft: bool) -> BTreeMap<ParamId, Outcome> {
        let outcomes = match (current.filter(|_| !is_draft), &self.measured) {
            (None, _) => BTreeMap::new(),
            (Some(entry), Some((measured, outcomes))) if Arc::ptr_eq(entry, measured) => outcomes.clone(),
            (Some(entry), _) => outcomes(&entry.take),
        };
        self.measured = current.filter(|_| !is_draft).map(|entry| (Arc::clone(entry), outcomes.clone()));
        outcomes
    }

    /// The step that the user has to take so that the phrase plays; `None` if it plays or waits for keys.
    pub(super) fn next_step(&self) -> Option<&'static str> {
        let Surroundings { params, monitor, .. } = &*self.surroundings;
        let answers = params.playing.answer.value().n_bars().is_some();
        match params.playing.mode.value() {
            _ if monitor.is_playing() => None,
            PlayMode::Host if self.surroundings.is_standalone() => Some("start JACK's transport"),
            PlayMode::Host => Some("press play in your host"),
            PlayMode::Keys if answers => Some("your first key begins the call"),
            PlayMode::Free if !params.playing.play.value() => Some("press Play"),
            PlayMode::Keys | PlayMode::Free => None,
        }
    }
}

/// The activity or last report of the worker as a sentence, with the user's `next_step` so that the phrase plays.
pub(super) fn status(stage: Stage, report: Option<&Report>, next_step: Option<&str>) -> Status {
    let working = |text: String| Status { text, tone: Tone::Working };
    let next = |step: Option<&str>| step.map(|step| format!(" · {step}")).unwrap_or_default();
    match (stage, report) {
        (Stage::Loading, _) => working("reading the model".to_owned()),
        (Stage::Composing { n_bars, n_bars_total }, _) => {
            working(format!("{n_bars} of {}", counted(n_bars_total, "bar")))
        }
        (Stage::Choosing { n_tried }, None) => {
            working(format!("choosing: {} tried{}", counted(n_tried, "phrase"), next(next_step)))
        }
        (Stage::Waiting, _) => working("waiting for the render; composed when it is done".to_owned()),
        (Stage::Idle, None) => Status { text: format!("ready{}", next(next_step)), tone: Tone::Good },
        // A report since choosing began is newer than the choosing.
        (Stage::Idle | Stage::Choosing { .. }, Some(report)) => {
            let tone = match report.tone {
                ReportTone::Done => Tone::Good,
                ReportTone::Problem => Tone::Problem,
            };
            let duration = report.duration.map(|duration| format!(" in {}", taken(duration)));
            let next = next(next_step.filter(|_| report.duration.is_some()));
            Status { text: format!("{}{}{next}", report.text, duration.unwrap_or_default()), tone }
        }
    }
}

/// The worker's stage as the editor shows it.
fn activity(stage: Stage) -> Activity {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    match stage {
        Stage::Idle => Activity::Idle,
        Stage::Waiting => Activity::Waiting,
        Stage::Loading => Activity::Loading,
        Stage::Composing { n_bars, n_bars_total } => {
            Activity::Composing { n_bars: count(n_bars), n_bars_total: count(n_bars_total) }
        }
        Stage::Choosing { n_tried } => Activity::Choosing { n_tried },
    }
}

/// A duration in words: "61 ms", "1.2 s".
fn taken(duration: Duration) -> String {
    match duration.as_millis() {
        millis if millis < 1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", duration.as_secs_f32()),
    }
}
