//! Descant as a plugin: an instrument with notes in, notes out and a preview synth.
//!
//! This module connects the framework with our own types: it converts parameters, transport and note events. Composing,
//! playing and drawing are done elsewhere, independent of hosts.
//!
//! # Threads
//!
//! The host creates [`Descant`] on its main thread and then lends it to its audio thread; while that runs, the main thread
//! has the editor only. The audio thread's half is `AudioProcessor`, which has all that [`Descant`]'s `process` and `reset`
//! touch. What both halves need is shared: parameters and [`Monitor`] as atomics, [`Triggers`] without waiting. [`Shared`]
//! has locks, and is no part of that half: `lock_free` holds it so by type.

mod audio_processor;

mod values;

mod call_meter;

mod lock_free;

mod passthrough;

mod task_builder;

mod midi_input;

mod edge;

mod events;

mod export;

mod grooves;

mod import;

mod models;

mod output_queue;

mod render_detector;

mod remote_controls;

mod programs;

mod settings;

pub mod standalone;

mod starter;

mod edge_detector;

mod user;

use std::sync::Arc;
use std::time::{Duration, Instant};

use nice_plug::prelude::{
    ActivateContext, AsyncExecutor, AudioIOLayout, AuxiliaryBuffers, Buffer, BufferConfig, ClapFeature,
    ClapPlugin, MidiConfig, NonZeroU32, Params, Plugin, PluginApi, PluginState, ProcessContext, ProcessMode,
    ProcessStatus, RemoteControlsContext, TaskExecutor, Vst3Plugin, Vst3SubCategory,
};

use crate::editor::{self, DescantEditor, Surroundings};
use crate::params::DescantParams;
use crate::player::{ClipSender, Monitor, Player, clip_channel};
use crate::worker::{Callbacks, Report, Request, Requests, Shared, Tone, Triggers, Worker};
use audio_processor::{AudioProcessor, EVENT_CAPACITY, Handles};
use edge::link::Link;
use grooves::Grooves;
use midi_input::RealTime;
use render_detector::{Pace, Rendered};
use values::Values;

pub use task_builder::TaskBuilder;

/// An instance of the plugin.
pub struct Descant {
    params: Arc<DescantParams>,
    shared: Arc<Shared>,
    monitor: Arc<Monitor>,
    /// `None` if the system gave no thread; the editor reports that.
    worker: Option<Worker>,
    rendered: Arc<Rendered>,
    link: Arc<Link>,
    repaint: editor::RepaintNotifier,
    /// The audio thread's half; all else is the main thread's.
    audio: AudioProcessor,
}

impl Default for Descant {
    fn default() -> Self {
        let shared = Arc::new(Shared::default());
        let params = Arc::new(DescantParams::new(Arc::clone(&shared)));
        let monitor = Arc::new(Monitor::new());
        let task_builder = Arc::new(TaskBuilder::new(Arc::clone(&params), Arc::clone(&monitor)));
        let repaint = editor::RepaintNotifier::new();
        shared.restore(starter::project());
        let is_standalone = standalone::open_session(&params, &shared, &repaint);
        let (clips, receiver) = clip_channel();
        let handles = Handles {
            values: Values::new(Arc::clone(&params)),
            triggers: Arc::default(),
            monitor: Arc::clone(&monitor),
            restores: shared.restores().clone(),
            call_meter: Arc::clone(task_builder.call_meter()),
            rendered: Arc::default(),
            repaint: repaint.clone(),
        };
        let rendered = Arc::clone(&handles.rendered);
        let link = Link::new(Arc::clone(&params));
        let callbacks = Callbacks {
            load: Box::new(models::load),
            judges: Box::new(|model, task, entries| {
                model.judges(task, entries.iter().map(|entry| (entry.number, &entry.take)))
            }),
            brief: Box::new(move |model, ask, phrase, seed| task_builder.job(model, ask, phrase, seed)),
            changed: {
                let repaint = repaint.clone();
                Box::new(move || repaint.request_repaint())
            },
            pace: {
                let (mut pace, link) = (Pace::new(Arc::clone(&rendered)), Arc::clone(&link));
                Box::new(move || {
                    // The render detector needs frequent calls.
                    link.look();
                    pace.look(Instant::now())
                })
            },
        };
        Self {
            worker: start_worker(&shared, Arc::clone(&handles.triggers), callbacks, clips),
            audio: AudioProcessor::new(
                handles,
                Player::new(receiver, Arc::clone(&monitor)),
                Grooves::shipped(),
                is_standalone,
            ),
            params,
            shared,
            monitor,
            rendered,
            link,
            repaint,
        }
    }
}

/// The worker; `None` if the system gives no thread, which is reported.
fn start_worker(
    shared: &Arc<Shared>,
    triggers: Arc<Triggers>,
    callbacks: Callbacks,
    clips: ClipSender,
) -> Option<Worker> {
    let error = match Worker::start(Arc::clone(shared), triggers, callbacks, clips) {
        Ok(worker) => return Some(worker),
        Err(error) => error,
    };
    shared.report(Report {
        text: format!(
            "cannot compose: the system gives no thread ({error}); close other programs and reload"
        ),
        tone: Tone::Problem,
        duration: None,
    });
    None
}

impl Plugin for Descant {
    const NAME: &'static str = "Descant";
    const VENDOR: &'static str = "Descant";
    const URL: &'static str = "";
    const EMAIL: &'static str = "";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    const AUDIO_IO_LAYOUTS: &'static [AudioIOLayout] =
        &[AudioIOLayout { main_output_channels: NonZeroU32::new(2), ..AudioIOLayout::const_default() }];

    // A VST3 gets controllers as two thousand hidden parameters, as the format requires.
    const MIDI_INPUT: MidiConfig = MidiConfig::MidiCCs;
    const MIDI_OUTPUT: MidiConfig = MidiConfig::MidiCCs;
    const INPUT_EVENT_CAPACITY: usize = EVENT_CAPACITY;

    type Editor = DescantEditor;
    type SysExMessage = RealTime;
    type BackgroundTask = ();

    fn params(&self) -> Arc<dyn Params> {
        Arc::clone(&self.params) as Arc<dyn Params>
    }

    fn filter_state(state: &mut PluginState) {
        DescantParams::new(Arc::default()).complete(state);
    }

    fn task_executor(&mut self) -> TaskExecutor<Self> {
        let link = Arc::clone(&self.link);
        Box::new(move |()| link.notify())
    }

    fn editor(&mut self, executor: AsyncExecutor<Self>) -> Option<DescantEditor> {
        self.link.open(Box::new(move || executor.execute_gui(())));
        DescantEditor::new(Surroundings {
            params: Arc::clone(&self.params),
            shared: Arc::clone(&self.shared),
            monitor: Arc::clone(&self.monitor),
            requests: self.worker.as_ref().map_or_else(Requests::to_nobody, Worker::requests),
            styles: models::first_styles(),
            repaint: self.repaint.clone(),
            export: export::as_played(&self.params, Grooves::shipped()),
            write_dragged: export::for_dragging(&self.params, Grooves::shipped()),
            import: import::read,
            keep_listing: user::keep_listing,
            list_models: models::names,
            keep_model: user::keep_model,
            appearance: user::appearance,
            keep_appearance: user::keep_appearance,
            standalone: standalone::for_editor(&self.shared),
        })
    }

    fn activate(
        &mut self,
        _layout: &AudioIOLayout,
        config: &BufferConfig,
        context: &mut impl ActivateContext<Self>,
    ) -> bool {
        let is_late = context.plugin_api() == PluginApi::Vst3;
        let is_offline = config.process_mode == ProcessMode::Offline && !is_late;
        if is_late {
            self.rendered.watch();
        } else {
            self.rendered.set(is_offline);
        }
        self.audio.activate(config.sample_rate, is_offline);
        // In a render faster than real time the stored phrase must be ready in the first block, whenever it was loaded.
        self.shared.set_restore_timeout(if is_offline { Shared::MAX_TAKE_OVER } else { Duration::ZERO });
        if let Some(worker) = &self.worker {
            if is_offline {
                // A render plays the stored phrase and composes nothing, so that no model has to be loaded.
                let n_cancelled = self.shared.n_cancelled();
                worker.requests().send(Request::Suspend);
                self.shared.wait_until_cancelled(n_cancelled, Shared::MAX_TAKE_OVER);
            } else {
                worker.requests().send(Request::Prepare);
            }
            // After the timeout the phrase begins as soon as it is ready.
            self.shared.wait_until_taken_over(Shared::MAX_TAKE_OVER);
        }
        if let Some(remark) = standalone::take_remark() {
            self.shared.report(remark);
        }
        true
    }

    /// *Real-time:* wait-free, no allocation.
    fn reset(&mut self) {
        self.audio.reset();
    }

    /// *Real-time:* wait-free, no allocation.
    fn process(
        &mut self,
        buffer: &mut Buffer,
        _aux: &mut AuxiliaryBuffers,
        context: &mut impl ProcessContext<Self>,
    ) -> ProcessStatus {
        self.audio.process(buffer, context)
    }
}

impl ClapPlugin for Descant {
    const CLAP_ID: &'static str = "free.descant.descant";
    const CLAP_DESCRIPTION: Option<&'static str> =
        Some("Composes phrases with a small transformer, offline, and plays them as MIDI");
    const CLAP_MANUAL_URL: Option<&'static str> = None;
    const CLAP_SUPPORT_URL: Option<&'static str> = None;
    const CLAP_FEATURES: &'static [ClapFeature] =
        &[ClapFeature::Instrument, ClapFeature::Synthesizer, ClapFeature::Stereo];

    fn remote_controls(&self, context: &mut impl RemoteControlsContext) {
        remote_controls::add(context, &self.params);
    }
}

impl Vst3Plugin for Descant {
    const VST3_CLASS_ID: [u8; 16] = *b"DescantComposer1";
    const VST3_SUBCATEGORIES: &'static [Vst3SubCategory] =
        &[Vst3SubCategory::Instrument, Vst3SubCategory::Synth, Vst3SubCategory::Generator];
}
